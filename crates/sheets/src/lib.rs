//! Spreadsheets (.xlsx, and .csv for bulk loads): what people upload, and the files that they download.
//!
//! Reading is wary ([`read_list`], [`read_load`]): a file is refused with one sentence before it can cost more
//! memory than its limits say. Writing streams row by row ([`Table`]). What cells and rows mean is
//! decided in `domain::list` and `domain::rules::list`.

pub mod cells;
mod columns;
mod csv_file;
mod guard;
mod limits;
mod load;
mod read;
mod refused;
mod results;
mod rows;
mod table;
mod table_file;
mod template;

pub use columns::{ColumnOf, Columns, INVOICES};
pub use limits::Limits;
pub use load::{load_template, read_load, write_rejected};
pub use read::read_list;
pub use refused::Refused;
pub use results::Results;
pub use table::{Heading, Holds, SHEET_ROWS, Table, Value, WriteError};
pub use table_file::TableFile;
pub use template::template;
