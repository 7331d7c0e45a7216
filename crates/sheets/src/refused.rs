//! Why a whole file is refused, in one sentence that says what to do.

/// The file is no list that we read. Nothing of it was taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    #[error("文件是空的，请重新选择填写好的.xlsx清单")]
    Empty,
    #[error("文件超过{limit}字节，请拆分成多个清单")]
    FileTooLarge { limit: u64 },
    #[error("文件不是.xlsx格式，请下载引入模板，填写后以“Excel工作簿（.xlsx）”保存")]
    NotXlsx,
    #[error(
        "文件既不是.xlsx，也不是UTF-8或GB18030编码的.csv文本，请下载导入模板，填写后保存为.xlsx或.csv"
    )]
    NotText,
    #[error("第{line}行不是.csv的一行（{problem}），请用导入模板另存为.csv后重新上传")]
    NotCsv { line: u64, problem: String },
    #[error("文件是旧的.xls格式，请另存为“Excel工作簿（.xlsx）”后重新上传")]
    OldXls,
    #[error("文件已加密，请取消密码后重新上传")]
    Encrypted,
    #[error("文件解压后超过{limit}字节，已拒绝读取，请将数据复制到新下载的模板中再上传")]
    UnpacksTooLarge { limit: u64 },
    #[error("文件的压缩比超过{limit}倍，已拒绝读取，请将数据复制到新下载的模板中再上传")]
    PackedTooTightly { limit: u64 },
    #[error("文件含有超过{limit}个部分，已拒绝读取，请将数据复制到新下载的模板中再上传")]
    TooManyParts { limit: usize },
    /// With what the reader said, for whoever looks into it.
    #[error("文件已损坏，无法读取，请重新保存为.xlsx后再上传（{0}）")]
    Damaged(String),
    #[error("文件中没有可见的工作表，请使用引入模板")]
    NoSheet,
    #[error("清单中没有数据，请从标题的下一行开始填写")]
    NoRows,
    #[error("清单缺少标题“{0}”，请使用引入模板的标题")]
    HeadingMissing(&'static str),
    #[error("标题“{heading}”重复出现在{first}和{second}，请只保留一列")]
    HeadingTwice { heading: &'static str, first: String, second: String },
    #[error("{address}的标题“{text}”不在引入模板中，请删除该列或改为模板的标题")]
    HeadingUnknown { address: String, text: String },
    #[error("{address}有内容，但该列没有标题，请删除该列的内容")]
    NoHeading { address: String },
    #[error("清单超过{limit}行，请拆分成多个清单")]
    TooManyRows { limit: usize },
    #[error("{address}有内容，清单最多{limit}列，请删除多余的列")]
    TooManyColumns { address: String, limit: u32 },
    #[error("单元格{address}的内容超过{limit}字，请改短")]
    CellTooLong { address: String, limit: usize },
    #[error("清单含有合并单元格{range}，请取消合并，每行填写一张发票")]
    Merged { range: String },
    #[error("单元格{address}含有公式，请将公式“粘贴为数值”后重新上传")]
    Formula { address: String },
    #[error("单元格{address}是错误值，请改正后重新上传")]
    ErrorValue { address: String },
}

/// As people name a cell: `B7`. Both counted from 0.
pub(crate) fn address(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    format!("{letters}{}", u64::from(row) + 1)
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn names_cells_as_spreadsheets_do() {
        for (row, column, name) in [
            (0, 0, "A1"),
            (6, 1, "B7"),
            (1, 25, "Z2"),
            (1, 26, "AA2"),
            (0, 701, "ZZ1"),
            (1_048_575, 16_383, "XFD1048576"),
        ] {
            assert_eq!(address(row, column), name);
        }
        assert_eq!(address(u32::MAX, 0), "A4294967296");
    }
}
