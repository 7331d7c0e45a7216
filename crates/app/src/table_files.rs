//! Files of statistic tables as spreadsheets.

use async_trait::async_trait;
use domain::{Moment, invoice::Invoice, statistic::TableVersion};
use fleet::ports::table_files::{NotWritten, OpenTable, TableFiles};
use sheets::{TableFile, WriteError};

/// .xlsx files.
#[derive(Debug)]
pub(crate) struct Spreadsheets;

struct Open(TableFile);

fn not_written(error: WriteError) -> NotWritten {
    NotWritten(error.to_string())
}

impl TableFiles for Spreadsheets {
    fn begin(
        &self,
        version: &TableVersion,
        read_at: Moment,
        left_out: &str,
    ) -> Result<Box<dyn OpenTable>, NotWritten> {
        let file = TableFile::new(version, read_at, left_out).map_err(not_written)?;
        Ok(Box::new(Open(file)))
    }
}

#[async_trait]
impl OpenTable for Open {
    fn add(&mut self, invoices: &[Invoice]) -> Result<(), NotWritten> {
        let mut rows = invoices.iter();
        rows.try_for_each(|invoice| self.0.invoice(invoice)).map_err(not_written)
    }

    /// Packing costs seconds of one core: not on a thread that others wait for.
    async fn finish(self: Box<Self>) -> Result<Vec<u8>, NotWritten> {
        let packing = tokio::task::spawn_blocking(move || {
            let mut bytes = Vec::new();
            self.0.finish(&mut bytes).map(|()| bytes)
        });
        let packed = packing.await.map_err(|error| NotWritten(format!("packing: {error}")))?;
        packed.map_err(not_written)
    }
}
