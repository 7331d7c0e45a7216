//! One cell: what a spreadsheet stored, and what a person meant by it.

use super::{Column, ReasonProblem};

/// What stands in a cell.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Cell {
    #[default]
    Empty,
    Text(String),
    /// Spreadsheets keep 15 significant digits of a number and none of its leading zeros.
    Number(f64),
    /// A date or a time, as text. No column of a list holds one.
    Date(String),
}

/// What is wrong with a cell, without its place.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CellProblem {
    #[error("“{0}”不是“勾选”或“撤销勾选”")]
    NotAnAction(String),
    #[error(
        "“{0}”以数值存储，可能已丢失开头的0或末尾的数字，请将该列设为文本格式后重新填写完整号码"
    )]
    StoredAsNumber(String),
    #[error("“{0}”是日期，请将该列设为文本格式后重新填写")]
    StoredAsDate(String),
    #[error("“{0}”不是号码，只能含数字、字母和“-”，最多{max}位", max = NUMBER_CHARS)]
    NotANumber(String),
    #[error(transparent)]
    Reason(#[from] ReasonProblem),
    #[error("抵扣清单的勾选行不填写不抵扣原因，请清空，或按“不抵扣”用途上传清单")]
    ReasonUnwanted,
    #[error("“{0}”不是发票类型，请填写模板中的类型名称或编号，也可留空")]
    UnknownType(String),
    #[error("发票号码和海关缴款书号码只能填写一个")]
    TwoNumbers,
    #[error("发票类型“{0}”与海关缴款书号码不符，请改正其中之一")]
    NotAPaymentBook(&'static str),
}

/// Characters of a code or number; the longest that is in use has 22.
const NUMBER_CHARS: usize = 30;
/// Characters of a cell that a sentence repeats: what was uploaded may be very long.
const SHOWN_CHARS: usize = 40;
/// Below this a spreadsheet's number has all its digits.
const EXACT_BELOW: f64 = 1e15;

impl Cell {
    pub fn is_blank(&self) -> bool {
        match self {
            Cell::Empty => true,
            Cell::Text(text) => squeezed(text).is_empty(),
            Cell::Number(_) | Cell::Date(_) => false,
        }
    }

    /// As a person sees it, for results and sentences.
    pub fn shown(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) | Cell::Date(text) => text.clone(),
            Cell::Number(number) => number.to_string(),
        }
    }

    /// The text of a word or a reason: half-width, without surrounding space.
    pub(super) fn words(&self) -> Result<String, CellProblem> {
        match self {
            Cell::Date(text) => Err(CellProblem::StoredAsDate(clipped(text))),
            other => Ok(half_width(&other.shown()).trim().to_owned()),
        }
    }

    /// A code or number: half-width, without any space. What was stored as a number counts only
    /// when it has as many digits as such a code or number has, so that no zero was lost.
    pub(crate) fn identifier(&self, column: Column) -> Result<String, CellProblem> {
        let text = match self {
            Cell::Empty => return Ok(String::new()),
            Cell::Text(text) => squeezed(text),
            Cell::Date(text) => return Err(CellProblem::StoredAsDate(clipped(text))),
            Cell::Number(number) => {
                let lost = || CellProblem::StoredAsNumber(clipped(&number.to_string()));
                exact(*number, column).ok_or_else(lost)?
            }
        };
        let fits = text.len() <= NUMBER_CHARS
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if fits { Ok(text) } else { Err(CellProblem::NotANumber(clipped(&text))) }
    }
}

/// The digits of a number that has lost none.
fn exact(number: f64, column: Column) -> Option<String> {
    let lengths: &[usize] = match column {
        Column::Code => &[10, 12],
        Column::Number => &[8],
        _ => &[],
    };
    let whole = number.fract() == 0.0 && (0.0..EXACT_BELOW).contains(&number);
    let digits = format!("{number:.0}");
    (whole && lengths.contains(&digits.len())).then_some(digits)
}

/// Half-width and without any space, also inside.
pub(crate) fn squeezed(text: &str) -> String {
    half_width(text).chars().filter(|c| !c.is_whitespace()).collect()
}

/// Full-width letters, digits, signs and spaces as half-width ones; invisible characters dropped.
fn half_width(text: &str) -> String {
    let narrow = |c| match c {
        '\u{3000}' => Some(' '),
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0),
        // Zero-width characters and byte-order marks come along when people copy from pages.
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' => None,
        other => Some(other),
    };
    text.chars().filter_map(narrow).collect()
}

/// The beginning of what was uploaded.
pub(crate) fn clipped(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
