//! Reading .csv: text of commas and lines, as RFC 4180 and spreadsheets write it.

use crate::{
    Limits, Refused,
    rows::{Form, Found, Rows, Sink},
};
use csv::{ErrorKind, ReaderBuilder, StringRecord};
use domain::list::Cell;
use encoding_rs::{GB18030, UTF_8};
use std::borrow::Cow;

/// Hands on the rows of a table that are not blank; how many there were. A row's number is that of the
/// line where it begins. All cells are text.
pub(crate) fn read_csv(
    bytes: &[u8],
    limits: &Limits,
    form: Form,
    sink: Sink<'_>,
) -> Result<usize, Refused> {
    if bytes.is_empty() {
        return Err(Refused::Empty);
    }
    if bytes.len() as u64 > limits.file_bytes {
        return Err(Refused::FileTooLarge { limit: limits.file_bytes });
    }
    let text = text_of(bytes)?;
    let mut file =
        ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = Rows::new(limits, form, sink);
    let mut record = StringRecord::new();
    let mut lines = Lines { text: text.as_bytes(), at: 0, passed: 0 };
    while file.read_record(&mut record).map_err(refused)? {
        let row = lines.before(record.position().map_or(0, csv::Position::byte));
        for (column, field) in (0..).zip(&record) {
            let cell = Cell::Text(field.to_owned());
            if !cell.is_blank() {
                rows.take(Found { row, column, cell })?;
            }
        }
    }
    rows.finish()
}

/// Lines of a text, counted while it is read. (A position of the reader's own may stand before the end of
/// the line before.)
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    passed: u32,
}

impl Lines<'_> {
    /// How many lines end before the record that begins here, or after the ends that stand here.
    fn before(&mut self, begins: u64) -> u32 {
        let mut begins = usize::try_from(begins).unwrap_or(usize::MAX).min(self.text.len());
        while matches!(self.text.get(begins), Some(b'\r' | b'\n')) {
            begins += 1;
        }
        let ends = |at: &usize| match self.text[*at] {
            b'\n' => true,
            b'\r' => self.text.get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        let passed = (self.at..begins).filter(ends).count();
        self.passed = self.passed.saturating_add(u32::try_from(passed).unwrap_or(u32::MAX));
        self.at = begins.max(self.at);
        self.passed
    }
}

/// UTF-8, with or without a byte-order mark, or else GB18030 (GBK is a part of it), which spreadsheets
/// on Chinese systems write.
fn text_of(bytes: &[u8]) -> Result<Cow<'_, str>, Refused> {
    let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let decoded = [UTF_8, GB18030]
        .into_iter()
        .find_map(|encoding| encoding.decode_without_bom_handling_and_without_replacement(plain));
    // No text has this character; a file of other bytes nearly always has.
    decoded.filter(|text| !text.contains('\0')).ok_or(Refused::NotText)
}

fn refused(error: csv::Error) -> Refused {
    let line = error.position().map_or(1, csv::Position::line);
    let problem = match error.kind() {
        ErrorKind::Io(error) => error.to_string(),
        _ => error.to_string(),
    };
    Refused::NotCsv { line, problem }
}
