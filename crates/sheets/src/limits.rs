//! How large an uploaded file may be.

/// What a list may cost to read. Above any of these it is refused, with a sentence that names the limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of the file as it is uploaded.
    pub file_bytes: u64,
    /// Bytes of all its parts unpacked, and of the text of all cells that are kept. A shared text is
    /// stored once in a file and may be used by every cell.
    pub unpacked_bytes: u64,
    /// Unpacked bytes per packed byte of the file; looked at above [`Limits::RATIO_FROM_BYTES`] only.
    pub ratio: u64,
    /// Parts of the package; a workbook of one sheet has about ten.
    pub parts: usize,
    /// Rows that are not blank, without the headings.
    pub rows: usize,
    /// The last column that may hold something, counted from 1.
    pub columns: u32,
    /// Characters of one cell.
    pub cell_chars: usize,
}

impl Limits {
    /// Bytes unpacked up to which any ratio is harmless.
    pub const RATIO_FROM_BYTES: u64 = 1024 * 1024;
}

impl Limits {
    /// Of a bulk load: 100,000 rows of all columns take about 12 MiB, and 100 MiB unpacked.
    pub const LOAD: Limits = Limits {
        file_bytes: 32 * 1024 * 1024,
        unpacked_bytes: 300 * 1024 * 1024,
        ratio: 200,
        parts: 1000,
        rows: 100_000,
        columns: 50,
        cell_chars: 1000,
    };
}

impl Default for Limits {
    /// 50,000 rows take about 3 MiB, and 25 MiB unpacked.
    fn default() -> Limits {
        Limits {
            file_bytes: 10 * 1024 * 1024,
            unpacked_bytes: 100 * 1024 * 1024,
            ratio: 200,
            parts: 1000,
            rows: 50_000,
            columns: 50,
            cell_chars: 1000,
        }
    }
}
