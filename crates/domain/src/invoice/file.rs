//! Layout files (版式文件) of invoices: what people print and archive.

use super::{InvoiceKey, names};
use crate::Moment;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Bytes of a layout file at most.
pub const FILE_BYTES: usize = 5 << 20;

/// 版式
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    Pdf,
    Ofd,
    Xml,
}

names!(FileFormat { Pdf "pdf" "PDF", Ofd "ofd" "OFD", Xml "xml" "XML" });

/// Why bytes are no layout file of a format.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoFile {
    #[error("文件为空，未保存。")]
    Empty,
    #[error("文件超过{most}字节，未保存。", most = FILE_BYTES)]
    TooLarge,
    #[error("文件内容不是{}，未保存。", .0.label())]
    Other(FileFormat),
}

impl FileFormat {
    /// What it is called in HTTP.
    pub const fn media_type(self) -> &'static str {
        match self {
            FileFormat::Pdf => "application/pdf",
            FileFormat::Ofd => "application/ofd",
            FileFormat::Xml => "application/xml",
        }
    }

    /// Looks at the first bytes only: whether the rest is well formed is for whoever opens it.
    pub fn check(self, bytes: &[u8]) -> Result<(), NoFile> {
        let begins = match self {
            FileFormat::Pdf => bytes.starts_with(b"%PDF-"),
            // A package, as all of OFD are.
            FileFormat::Ofd => bytes.starts_with(b"PK\x03\x04"),
            FileFormat::Xml => {
                let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
                text.trim_ascii_start().starts_with(b"<")
            }
        };
        match bytes.len() {
            0 => Err(NoFile::Empty),
            length if length > FILE_BYTES => Err(NoFile::TooLarge),
            _ if !begins => Err(NoFile::Other(self)),
            _ => Ok(()),
        }
    }
}

/// What a file's content is told by: SHA-256. Written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileHash(pub [u8; 32]);

impl FileHash {
    pub fn of(bytes: &[u8]) -> FileHash {
        use sha2::Digest;
        FileHash(sha2::Sha256::digest(bytes).into())
    }

    /// None: the text is none.
    pub fn from_hex(text: &str) -> Option<FileHash> {
        let digits = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let byte = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
        let bytes: Vec<u8> = (0..64).step_by(2).filter_map(byte).collect();
        bytes.try_into().ok().filter(|_| digits).map(FileHash)
    }
}

impl fmt::Display for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for FileHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for FileHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FileHash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<FileHash, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || serde::de::Error::custom(format!("\"{text}\" is no SHA-256"));
        FileHash::from_hex(&text).ok_or_else(wrong)
    }
}

/// Which layout file the bureau has.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct FileRef {
    pub invoice: InvoiceKey,
    pub format: FileFormat,
}

/// A layout file that we keep.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InvoiceFile {
    pub format: FileFormat,
    pub bytes: u64,
    pub sha256: FileHash,
    /// When it was kept, by the store's clock.
    pub at: Moment,
}

#[cfg(test)]
mod tests {
    use super::{FILE_BYTES, FileFormat, FileHash, NoFile};

    #[test]
    fn a_file_is_told_by_its_first_bytes() {
        use FileFormat::{Ofd, Pdf, Xml};
        let long = [b"%PDF-".to_vec(), vec![b' '; FILE_BYTES]].concat();
        let rows: [(FileFormat, &[u8], Result<(), NoFile>); 11] = [
            (Pdf, b"%PDF-1.7\n", Ok(())),
            (Pdf, b"<html>", Err(NoFile::Other(Pdf))),
            (Pdf, b"%PD", Err(NoFile::Other(Pdf))),
            (Pdf, b"", Err(NoFile::Empty)),
            (Pdf, &long, Err(NoFile::TooLarge)),
            (Pdf, &long[..FILE_BYTES], Ok(())),
            (Ofd, b"PK\x03\x04rest", Ok(())),
            (Ofd, b"%PDF-1.7\n", Err(NoFile::Other(Ofd))),
            (Xml, b"\xef\xbb\xbf \n<?xml version=\"1.0\"?>", Ok(())),
            (Xml, b"<Invoice/>", Ok(())),
            (Xml, b"{}", Err(NoFile::Other(Xml))),
        ];
        for (format, bytes, expected) in rows {
            assert_eq!(format.check(bytes), expected, "{format:?}");
        }
        assert_eq!(NoFile::Other(Ofd).to_string(), "文件内容不是OFD，未保存。");
    }

    #[test]
    fn a_hash_reads_as_it_is_written() {
        let hash = FileHash::of(b"abc");
        let text = hash.to_string();
        assert!(text.starts_with("ba7816bf") && text.len() == 64);
        assert_eq!(FileHash::from_hex(&text), Some(hash));
        for wrong in ["", "ba78", "../../etc/passwd", &"g".repeat(64), &"é".repeat(32)] {
            assert_eq!(FileHash::from_hex(wrong), None, "{wrong}");
        }
    }
}
