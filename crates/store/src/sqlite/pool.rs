//! Looking at the invoice pool.

use super::{SqliteStore, Tx, archive, columns, fault::Fault};
use crate::invoice_rows::{InvoiceRow, NewestLine, past_prefix};
use async_trait::async_trait;
use domain::{
    ids::{Fence, TaskId, TaxId},
    invoice::{Invoice, InvoiceFile, InvoiceKey, Kept, Purpose, ToldInvoice},
    tax_no::TaxNo,
};
use fleet::ports::{
    StoreError,
    pool::{Cursor, InvoiceCard, InvoiceFilter, InvoicePool, NO_DATE, NewFile, NewestTask},
};
use sqlx::{Sqlite, query::QueryAs, sqlite::SqliteArguments};

type Query = QueryAs<'static, Sqlite, InvoiceRow, SqliteArguments>;

/// A JSON array; NULL where anything will do.
fn some<T, C: serde::Serialize>(list: &[T], of: impl Fn(&T) -> C) -> Option<String> {
    (!list.is_empty()).then(|| columns::rows(&list.iter().map(of).collect::<Vec<_>>()))
}

/// Binds `?1` to `?17`.
fn bind(query: Query, filter: &InvoiceFilter, buyers: Option<Vec<i32>>) -> Query {
    let one = buyers.as_ref().and_then(|buyers| match buyers[..] {
        [one] => Some(one),
        _ => None,
    });
    let several = buyers.filter(|_| one.is_none()).map(|buyers| columns::rows(&buyers));
    let purpose = |purpose: &Option<Purpose>| purpose.map_or("", Purpose::name);
    query
        .bind(one)
        .bind(several)
        .bind(filter.accounting_org.clone())
        .bind(some(&filter.types, |of| of.number()))
        .bind(some(&filter.statuses, |status| status.name()))
        .bind(some(&filter.selections, |selection| selection.name()))
        .bind(some(&filter.purposes, purpose))
        .bind(filter.deductible)
        .bind(filter.date_from.map(|date| date.to_string()))
        .bind(filter.date_to.map(|date| date.to_string()))
        .bind(filter.amount_from.map(|amount| amount.0))
        .bind(filter.amount_to.map(|amount| amount.0))
        .bind(filter.seller.clone())
        .bind(filter.number.clone())
        .bind(filter.number.as_deref().map(past_prefix))
        .bind(some(&filter.entry_states, |state| state.name()))
        .bind(filter.within.as_ref().map(|within| columns::rows(within)))
}

/// Those with this tax number, or else all, that are of this organisation.
async fn buyers(tx: &mut Tx, tax_no: Option<&TaxNo>, org: Option<&str>) -> Result<Vec<i32>, Fault> {
    let query = match tax_no {
        Some(tax_no) => sqlx::query_scalar(sql!("pool/buyer")).bind(tax_no.as_str()).bind(org),
        None => sqlx::query_scalar(sql!("pool/buyers_of_org")).bind(org),
    };
    Ok(query.fetch_all(&mut **tx).await?)
}

/// Later than every date.
const LAST: &str = "9999-12-31~";

impl SqliteStore {
    async fn read_invoices(
        &self,
        filter: &InvoiceFilter,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Vec<Invoice>, Fault> {
        let mut tx = self.read().await?;
        let of = match (&filter.buyer, &filter.tax_org) {
            (None, None) => None,
            (buyer, org) => Some(buyers(&mut tx, buyer.as_ref(), org.as_deref()).await?),
        };
        if of.as_ref().is_some_and(Vec::is_empty) {
            return Ok(Vec::new());
        }
        let one = of.as_ref().is_some_and(|buyers| buyers.len() == 1);
        let statement = if one { sql!("pool/search_of_buyer") } else { sql!("pool/search") };
        let tax = match after {
            Some(after) => buyers(&mut tx, Some(&after.buyer), None).await?.first().copied(),
            None => None,
        };
        let date = after.map(|after| after.date.unwrap_or(NO_DATE).to_string());
        let rows: Vec<InvoiceRow> = bind(sqlx::query_as(statement), filter, of)
            .bind(date.unwrap_or_else(|| LAST.to_owned()))
            .bind(after.map(|after| after.key.number.clone()).unwrap_or_default())
            .bind(after.map(|after| after.key.code.clone()).unwrap_or_default())
            .bind(tax.unwrap_or_default())
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&mut *tx)
            .await?;
        rows.into_iter().map(|row| Ok(row.invoice()?)).collect()
    }

    async fn read_invoice(
        &self,
        buyer: &TaxNo,
        key: &InvoiceKey,
    ) -> Result<Option<InvoiceCard>, Fault> {
        let mut tx = self.read().await?;
        let row: Option<InvoiceRow> = sqlx::query_as(sql!("pool/invoice"))
            .bind(buyer.as_str())
            .bind(&key.number)
            .bind(&key.code)
            .fetch_optional(&mut *tx)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let (task, line) = match row.held_by() {
            Some(holder) => (Some(holder), None),
            None => {
                let newest: Option<NewestLine> = sqlx::query_as(sql!("pool/newest_line"))
                    .bind(buyer.as_str())
                    .bind(&key.number)
                    .bind(&key.code)
                    .fetch_optional(&mut *tx)
                    .await?;
                newest.map(|newest| newest.line(key)).transpose()?.unzip()
            }
        };
        let newest = match task {
            Some(task) => {
                archive::log_row(&mut tx, task).await?.map(|row| NewestTask { row, line })
            }
            None => None,
        };
        Ok(Some(InvoiceCard { invoice: row.invoice()?, newest }))
    }
}

#[async_trait]
impl InvoicePool for SqliteStore {
    async fn search(
        &self,
        filter: &InvoiceFilter,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Vec<Invoice>, StoreError> {
        Ok(self.read_invoices(filter, after, limit).await?)
    }

    async fn invoice(
        &self,
        buyer: &TaxNo,
        key: &InvoiceKey,
    ) -> Result<Option<InvoiceCard>, StoreError> {
        Ok(self.read_invoice(buyer, key).await?)
    }

    async fn keep_told(
        &self,
        task: TaskId,
        fence: Fence,
        told: &[ToldInvoice],
    ) -> Result<Option<Vec<Kept>>, StoreError> {
        Ok(self.write_told(task, fence, told).await?)
    }

    async fn note_files(&self, tax: TaxId, files: &[NewFile]) -> Result<Vec<Kept>, StoreError> {
        Ok(self.write_files(tax, files).await?)
    }

    async fn files_of(
        &self,
        buyer: &TaxNo,
        key: &InvoiceKey,
    ) -> Result<Vec<InvoiceFile>, StoreError> {
        Ok(self.read_files(buyer, key).await?)
    }
}
