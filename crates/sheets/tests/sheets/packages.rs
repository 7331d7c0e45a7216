//! Files that are no workbooks, and workbooks made to do harm.

use domain::list::{Column, RawRow};
use flate2::{Compress, Compression, Crc, FlushCompress};
use proptest::prelude::*;
use sheets::{Heading, Holds, Limits, Refused, Table, Value, read_list};
use std::fs;

const MIB: usize = 1024 * 1024;

/// One part of a package, with what its directory says of it, true or not.
struct Part {
    name: &'static str,
    packed: Vec<u8>,
    /// Bytes unpacked, as the directory says.
    says: u32,
    /// The checksum, as the directory says.
    crc: u32,
    /// How it is packed, as the directory says: 0 not at all, 8 deflated.
    method: u16,
    flags: u16,
}

impl Part {
    /// The common fields of a part's own header and of its entry in the directory.
    fn fields(&self) -> Vec<u8> {
        let size = self.packed.len() as u32;
        let mut bytes = Vec::new();
        for short in [20, self.flags, self.method, 0, 0x21] {
            bytes.extend(u16::to_le_bytes(short));
        }
        for long in [self.crc, size, self.says] {
            bytes.extend(u32::to_le_bytes(long));
        }
        bytes.extend(u16::to_le_bytes(self.name.len() as u16));
        bytes.extend([0, 0]);
        bytes
    }
}

fn package(parts: &[Part]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for part in parts {
        let offset = file.len() as u32;
        file.extend([b"PK\x03\x04".as_slice(), &part.fields(), part.name.as_bytes()].concat());
        file.extend(&part.packed);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(part.fields());
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(part.name.as_bytes());
    }
    let (count, begin) = (parts.len() as u16, file.len() as u32);
    let size = directory.len() as u32;
    file.extend(directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    file.extend([size.to_le_bytes(), begin.to_le_bytes()].concat());
    file.extend([0, 0]);
    file
}

/// Deflated zeros: one mebibyte in a block that ends on a whole byte, repeated.
fn zeros(mebibytes: usize) -> Vec<u8> {
    let mut block = Vec::with_capacity(MIB);
    let mut deflate = Compress::new(Compression::best(), false);
    deflate.compress_vec(&vec![0; MIB], &mut block, FlushCompress::Full).expect("deflated");
    assert_eq!(deflate.total_in(), MIB as u64);
    let mut stream = block.repeat(mebibytes);
    // An empty last block.
    stream.extend([0x01, 0x00, 0x00, 0xff, 0xff]);
    stream
}

fn bomb(mebibytes: usize, says: u32, crc: u32) -> Vec<u8> {
    let name = "xl/worksheets/sheet1.xml";
    package(&[Part { name, packed: zeros(mebibytes), says, crc, method: 8, flags: 0 }])
}

/// The most memory that this process has ever had, in KiB.
fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

fn refused(file: &[u8]) -> Refused {
    read_list(file, &Limits::default()).expect_err("refused")
}

#[test]
fn a_bomb_is_refused_before_it_is_in_memory() {
    let limit = Limits::default().unpacked_bytes;
    let honest = bomb(1024, 1 << 30, 0);
    assert!(honest.len() < 2 * MIB);
    let before = peak_kib();
    assert_eq!(refused(&honest), Refused::UnpacksTooLarge { limit });
    // A quarter of what it unpacks to would be 262,144.
    assert!(peak_kib() - before < 131_072, "{} KiB", peak_kib() - before);
}

#[test]
fn a_directory_that_lies_is_not_believed() {
    for says in [0, 100, u32::MAX] {
        let limits = Limits { unpacked_bytes: 16 << 20, ..Limits::default() };
        let said = read_list(&bomb(1024, says, 0), &limits).expect_err("refused");
        let no_list = matches!(
            said,
            Refused::UnpacksTooLarge { .. }
                | Refused::PackedTooTightly { .. }
                | Refused::Damaged(_)
        );
        assert!(no_list, "{says}: {said}");
    }
}

#[test]
fn a_small_file_that_unpacks_far_is_refused() {
    let mut crc = Crc::new();
    crc.update(&vec![0; 8 * MIB]);
    let small = bomb(8, 8 << 20, crc.sum());
    assert_eq!(refused(&small), Refused::PackedTooTightly { limit: 200 });
    let patient = Limits { ratio: 5000, ..Limits::default() };
    // It is within the limits then, and no workbook.
    assert_eq!(read_list(&small, &patient), Err(Refused::NotXlsx));
}

#[test]
fn other_files_are_told_apart() {
    let compound = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
    let encrypted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let part =
        |name, method, flags| Part { name, packed: Vec::new(), says: 0, crc: 0, method, flags };
    for (file, expected) in [
        (Vec::new(), Refused::Empty),
        (compound.to_vec(), Refused::OldXls),
        ([&compound[..], &encrypted].concat(), Refused::Encrypted),
        ("勾选操作,发票代码\n勾选,1\n".into(), Refused::NotXlsx),
        ("<html><table><tr><td>勾选</td></tr></table></html>".into(), Refused::NotXlsx),
        (b"PK\x05\x06".to_vec(), Refused::NotXlsx),
        (package(&[part("word/document.xml", 0, 0)]), Refused::NotXlsx),
        (package(&[part("xl/workbook.xml", 0, 1)]), Refused::Encrypted),
    ] {
        assert_eq!(refused(&file), expected, "{:?}", String::from_utf8_lossy(&file));
    }
    let unknown = package(&[part("xl/workbook.xml", 12, 0)]);
    assert!(matches!(refused(&unknown), Refused::Damaged(_)));
}

/// A list of one row, as our own writer makes it.
fn fine() -> Vec<u8> {
    let text = |text| Heading { text, holds: Holds::Text, width: 10 };
    let headings = Column::ALL.map(|column| text(column.heading()));
    let made_at = "2025-11-22T00:00:00Z".parse().expect("a moment");
    let mut table = Table::new("清单", &headings, made_at).expect("a table");
    let row = ["勾选", "", "23442000000164214335", "", "", ""];
    table.row(&row.map(Value::Text)).expect("a row");
    let mut file = Vec::new();
    table.finish(&mut file).expect("a file");
    file
}

#[test]
fn our_own_list_is_read() {
    let row = RawRow::empty(2).with(Column::Action, "勾选");
    let row = row.with(Column::Number, "23442000000164214335");
    assert_eq!(read_list(&fine(), &Limits::default()), Ok(vec![row]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// A file that lacks its end has no directory, which stands there.
    #[test]
    fn truncated_files_are_refused(share in 0.0..1.0_f64) {
        let file = fine();
        let kept = (file.len() as f64 * share) as usize;
        prop_assert!(read_list(&file[..kept], &Limits::default()).is_err());
    }

    /// Whatever happens to a file, reading ends with rows or a sentence.
    #[test]
    fn changed_files_are_read_or_refused(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let mut file = fine();
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if let Ok(rows) = read_list(&file, &Limits::default()) {
            prop_assert!(rows.len() <= Limits::default().rows);
        }
    }

    #[test]
    fn random_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(read_list(&bytes, &Limits::default()).is_err());
        let package = [b"PK\x03\x04".as_slice(), &bytes].concat();
        prop_assert!(read_list(&package, &Limits::default()).is_err());
    }

    /// The sheet's own text is not ours to trust either.
    #[test]
    fn random_sheets_are_read_or_refused(
        sheet in "(<row r=\"[0-9]{0,3}\">|</row>|<c r=\"[A-Z]{0,4}[0-9]{0,8}\" t=\"[sbned]\">|</c>|<v>|</v>|<f>|[0-9-]{0,12}|&#x?[0-9a-f;]{0,4}){0,30}",
    ) {
        let xml = format!("<worksheet><sheetData>{sheet}</sheetData></worksheet>");
        if let Ok(rows) = read_list(&workbook(&xml), &Limits::default()) {
            prop_assert!(!rows.is_empty());
        }
    }
}

/// A workbook of this one sheet, not packed. The parts' checksums are left out of the question by
/// writing it with the library.
fn workbook(sheet: &str) -> Vec<u8> {
    use std::io::{Cursor, Write};
    use zip::{ZipWriter, write::SimpleFileOptions};
    let relationship = |kind: &str, target: &str| {
        let base = "http://schemas.openxmlformats.org";
        format!(
            "<Relationships xmlns=\"{base}/package/2006/relationships\"><Relationship Id=\"r1\" \
             Type=\"{base}/officeDocument/2006/relationships/{kind}\" Target=\"{target}\"/></Relationships>"
        )
    };
    let book = "<workbook xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">\
                <sheets><sheet name=\"s\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>";
    let mut package = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [
        ("_rels/.rels", relationship("officeDocument", "xl/workbook.xml").as_str()),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", relationship("worksheet", "worksheets/s.xml").as_str()),
        ("xl/worksheets/s.xml", sheet),
    ] {
        package.start_file(name, SimpleFileOptions::default()).expect("a part");
        package.write_all(text.as_bytes()).expect("written");
    }
    package.finish().expect("a package").into_inner()
}

#[test]
fn cells_out_of_order_are_refused() {
    let cell = |at: &str| format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>勾选操作</t></is></c>");
    let row = |cells: &str| {
        workbook(&format!(
            "<worksheet><sheetData><row r=\"1\">{cells}</row></sheetData></worksheet>"
        ))
    };
    assert_eq!(refused(&row(&cell("A1"))), Refused::HeadingMissing("发票代码"));
    let twice = [cell("A1"), cell("A1")].concat();
    assert!(matches!(refused(&row(&twice)), Refused::Damaged(_)));
}
