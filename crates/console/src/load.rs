//! Bulk load: from an uploaded file to the pool, a batch at a time.
//!
//! The file is read twice: once to see whether it is a table at all, so that nothing of a refused one is
//! taken, and once to take its rows. Neither needs the memory of all rows; what is kept are the rejected
//! ones, and which invoices came already.

use crate::{problem::Problem, site::Site};
use axum::body::Bytes;
use domain::{
    ids::TaxId,
    invoice::{InvoiceKey, PoolInvoice},
    load::{Column, Loaded, Rejected, read},
    tax_no::TaxNo,
    world::{World, WorldInvoice},
};
use sheets::{Limits, Refused, read_load};
use std::collections::HashMap;
use tokio::{sync::mpsc, task::spawn_blocking};

/// Rows that are written in one go.
const AT_ONCE: usize = 1000;
/// Batches that wait to be written.
const AHEAD: usize = 2;

/// What became of a table.
#[derive(Debug, Default)]
pub(crate) struct LoadOutcome {
    pub(crate) rows: usize,
    pub(crate) loaded: usize,
    /// In the order of their rows.
    pub(crate) rejected: Vec<Rejected>,
}

type RowRead = Result<Loaded, Rejected>;

/// Loads every row that can be loaded; good rows are written also when others are rejected.
pub(crate) async fn load(site: &Site, file: Bytes) -> Result<LoadOutcome, Problem> {
    let looked_at = file.clone();
    let rows = blocking(move || read_load(&looked_at, &Limits::LOAD, &mut |_, _| Ok(()))).await?;
    let (sender, mut batches) = mpsc::channel(AHEAD);
    let reading = spawn_blocking(move || hand_on(&file, &sender));
    let mut loading = Loading { site, seen: HashMap::new(), outcome: LoadOutcome::default() };
    while let Some(batch) = batches.recv().await {
        loading.take(batch).await?;
    }
    reading.await.map_err(|error| Problem::broken(error.to_string()))?;
    loading.outcome.rows = rows;
    loading.outcome.rejected.sort_by_key(|rejected| rejected.row);
    Ok(loading.outcome)
}

async fn blocking(
    work: impl FnOnce() -> Result<usize, Refused> + Send + 'static,
) -> Result<usize, Problem> {
    let done = spawn_blocking(work).await.map_err(|error| Problem::broken(error.to_string()))?;
    done.map_err(|refused| Problem::malformed(format!("{refused}。")))
}

/// Reads the rows and hands them on in batches, until nobody takes them any more.
fn hand_on(file: &[u8], batches: &mpsc::Sender<Vec<RowRead>>) {
    let mut batch = Vec::with_capacity(AT_ONCE);
    let told = read_load(file, &Limits::LOAD, &mut |number, cells| {
        batch.push(read(number, &cells));
        if batch.len() == AT_ONCE && batches.blocking_send(std::mem::take(&mut batch)).is_err() {
            return Err(Refused::NoRows);
        }
        Ok(())
    });
    // The same bytes were read before: only a loader that has gone ends it early.
    if told.is_ok() && !batch.is_empty() {
        let _gone = batches.blocking_send(batch);
    }
}

/// A load under way.
struct Loading<'a> {
    site: &'a Site,
    /// In which row each invoice stood first.
    seen: HashMap<(TaxNo, InvoiceKey), u32>,
    outcome: LoadOutcome,
}

impl Loading<'_> {
    async fn take(&mut self, batch: Vec<RowRead>) -> Result<(), Problem> {
        let read = batch.into_iter().filter_map(|row| self.once(row));
        let rows: Vec<Loaded> = read.collect();
        let rows = self.of_known_buyers(rows).await?;
        let invoices = self.over_known(rows).await?;
        if invoices.is_empty() {
            return Ok(());
        }
        self.outcome.loaded += invoices.len();
        let world = World { invoices, ..World::default() };
        self.site.store.import(&world, self.site.leqi_width).await?;
        Ok(())
    }

    /// None: it is rejected, or the invoice stood in an earlier row.
    fn once(&mut self, row: RowRead) -> Option<Loaded> {
        let loaded = match row {
            Ok(loaded) => loaded,
            Err(rejected) => {
                self.outcome.rejected.push(rejected);
                return None;
            }
        };
        let place = (loaded.invoice.buyer_tax_no.clone(), loaded.invoice.key());
        match self.seen.get(&place) {
            None => {
                self.seen.insert(place, loaded.row);
                Some(loaded)
            }
            Some(first) => {
                let book = loaded.invoice.invoice_type.is_payment_book();
                let column = if book { Column::PaymentBook } else { Column::Number };
                let problem = format!("与第{first}行是同一张发票，请删除重复行");
                self.outcome.rejected.push(Rejected::at(loaded.row, column, problem));
                None
            }
        }
    }

    /// Those whose buyer is a taxpayer of ours, with its number.
    async fn of_known_buyers(
        &mut self,
        rows: Vec<Loaded>,
    ) -> Result<Vec<(TaxId, Loaded)>, Problem> {
        let mut buyers: Vec<TaxNo> =
            rows.iter().map(|row| row.invoice.buyer_tax_no.clone()).collect();
        buyers.sort_unstable();
        buyers.dedup();
        let known = self.site.store.taxpayers(&buyers).await?;
        let ids: HashMap<TaxNo, TaxId> = buyers
            .into_iter()
            .zip(known)
            .filter_map(|(buyer, known)| Some((buyer, known?.id)))
            .collect();
        let mut theirs = Vec::with_capacity(rows.len());
        for row in rows {
            match ids.get(&row.invoice.buyer_tax_no) {
                Some(id) => theirs.push((*id, row)),
                None => {
                    let buyer = &row.invoice.buyer_tax_no;
                    let problem = format!("“{buyer}”不在企业信息中，请先维护该企业，或改正税号");
                    self.outcome.rejected.push(Rejected::at(row.row, Column::Buyer, problem));
                }
            }
        }
        Ok(theirs)
    }

    /// What a row leaves open stays as the pool has it.
    async fn over_known(&self, rows: Vec<(TaxId, Loaded)>) -> Result<Vec<WorldInvoice>, Problem> {
        let keys: Vec<(TaxId, InvoiceKey)> =
            rows.iter().map(|(tax, row)| (*tax, row.invoice.key())).collect();
        let known: Vec<Option<PoolInvoice>> = self.site.store.invoices(&keys).await?;
        let over = |((_, row), known): ((TaxId, Loaded), Option<PoolInvoice>)| {
            let facts = known.as_ref();
            row.over(facts.map(|facts| (facts.status, facts.risk, facts.special_kind.as_str())))
        };
        Ok(rows.into_iter().zip(known).map(over).collect())
    }
}
