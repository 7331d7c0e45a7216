//! Looking at the invoice pool.

use super::{PostgresStore, fault::Fault};
use crate::invoice_rows::{InvoiceRow, NewestLine, past_prefix};
use async_trait::async_trait;
use domain::{
    ids::{Fence, TaskId, TaxId},
    invoice::{Invoice, InvoiceFile, InvoiceKey, Kept, Purpose, Selection, ToldInvoice},
    ledger::LedgerLine,
    tax_no::TaxNo,
};
use fleet::ports::{
    StoreError,
    pool::{Cursor, InvoiceCard, InvoiceFilter, InvoicePool, NO_DATE, NewFile, NewestTask},
};
use sqlx::{Postgres, postgres::PgArguments, query::QueryAs};

/// Sellers whose names are looked up before the invoices: so many at most, or there are so many
/// that a page of theirs is found along the newest.
const SELLERS: usize = 200;

type Query = QueryAs<'static, Postgres, InvoiceRow, PgArguments>;

/// A filter with what must be known of others before.
#[derive(Debug, Default)]
struct Lookup {
    /// Who has the tax number or the organisation; None: not asked for.
    buyers: Option<Vec<i32>>,
    /// Who has the text in the name; None: not asked for, or too many.
    sellers: Option<Vec<String>>,
    /// The cursor's buyer.
    after: i32,
}

/// None when nothing is asked for.
fn some<T, C>(list: &[T], of: impl Fn(&T) -> C) -> Option<Vec<C>> {
    (!list.is_empty()).then(|| list.iter().map(of).collect())
}

impl Lookup {
    /// Binds $1 to $18: every field that is set must match, NULL lets everything pass.
    fn bind(&self, query: Query, filter: &InvoiceFilter) -> Query {
        let one = self.buyers.as_ref().and_then(|buyers| match buyers[..] {
            [one] => Some(one),
            _ => None,
        });
        let several = self.buyers.clone().filter(|_| one.is_none());
        let part = filter.seller.clone().filter(|_| self.sellers.is_none());
        let purpose = |purpose: &Option<Purpose>| purpose.map_or("", Purpose::name);
        query
            .bind(one)
            .bind(several)
            .bind(filter.accounting_org.clone())
            .bind(some(&filter.types, |of| i16::from(of.number())))
            .bind(some(&filter.statuses, |status| status.name()))
            .bind(some(&filter.selections, |selection| selection.name()))
            .bind(some(&filter.purposes, purpose))
            .bind(filter.deductible)
            .bind(filter.date_from)
            .bind(filter.date_to)
            .bind(filter.amount_from.map(|amount| amount.0))
            .bind(filter.amount_to.map(|amount| amount.0))
            .bind(self.sellers.clone())
            .bind(part)
            .bind(filter.number.clone())
            .bind(filter.number.as_deref().map(past_prefix))
            .bind(some(&filter.entry_states, |state| state.name()))
            .bind(filter.within.clone())
    }
}

impl PostgresStore {
    /// Those with this tax number, or else all, that are of this organisation.
    async fn buyers(&self, tax_no: Option<&TaxNo>, org: Option<&str>) -> Result<Vec<i32>, Fault> {
        let query = match tax_no {
            Some(tax_no) => sqlx::query_scalar(sql!("pool/buyer")).bind(tax_no.as_str()).bind(org),
            None => sqlx::query_scalar(sql!("pool/buyers_of_org")).bind(org),
        };
        Ok(query.fetch_all(&self.pool).await?)
    }

    async fn look_up(
        &self,
        filter: &InvoiceFilter,
        after: Option<&Cursor>,
    ) -> Result<Lookup, Fault> {
        let mut lookup = Lookup::default();
        if filter.buyer.is_some() || filter.tax_org.is_some() {
            let org = filter.tax_org.as_deref();
            lookup.buyers = Some(self.buyers(filter.buyer.as_ref(), org).await?);
        }
        if let Some(part) = &filter.seller {
            let sellers: Vec<String> = sqlx::query_scalar(sql!("pool/sellers"))
                .bind(part)
                .bind(SELLERS as i64 + 1)
                .fetch_all(&self.pool)
                .await?;
            lookup.sellers = Some(sellers).filter(|sellers| sellers.len() <= SELLERS);
        }
        if let Some(after) = after {
            let known = self.buyers(Some(&after.buyer), None).await?;
            lookup.after = known.first().copied().unwrap_or_default();
        }
        Ok(lookup)
    }

    async fn page(
        &self,
        filter: &InvoiceFilter,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Vec<InvoiceRow>, Fault> {
        let lookup = self.look_up(filter, after).await?;
        let held_alone = filter.selections == [Selection::Selecting];
        let statement = if held_alone { sql!("pool/search_held") } else { sql!("pool/search") };
        let query = lookup
            .bind(sqlx::query_as(statement), filter)
            .bind(after.map(|after| after.date.unwrap_or(NO_DATE)))
            .bind(after.map(|after| after.key.number.clone()))
            .bind(after.map(|after| after.key.code.clone()))
            .bind(after.map(|_| lookup.after))
            .bind(i64::try_from(limit).unwrap_or(i64::MAX));
        // Not kept: a plan for one filter is wrong for the next.
        Ok(query.persistent(false).fetch_all(&self.pool).await?)
    }

    /// The task that wrote of it last, and its line.
    async fn newest_line(
        &self,
        buyer: &TaxNo,
        key: &InvoiceKey,
    ) -> Result<Option<(TaskId, LedgerLine)>, StoreError> {
        let newest: Option<NewestLine> = sqlx::query_as(sql!("pool/newest_line"))
            .bind(buyer.as_str())
            .bind(&key.number)
            .bind(&key.code)
            .fetch_optional(&self.pool)
            .await
            .map_err(Fault::from)?;
        newest.map(|newest| newest.line(key)).transpose()
    }
}

#[async_trait]
impl InvoicePool for PostgresStore {
    async fn search(
        &self,
        filter: &InvoiceFilter,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Vec<Invoice>, StoreError> {
        self.page(filter, after, limit).await?.into_iter().map(InvoiceRow::invoice).collect()
    }

    async fn invoice(
        &self,
        buyer: &TaxNo,
        key: &InvoiceKey,
    ) -> Result<Option<InvoiceCard>, StoreError> {
        let row: Option<InvoiceRow> = sqlx::query_as(sql!("pool/invoice"))
            .bind(buyer.as_str())
            .bind(&key.number)
            .bind(&key.code)
            .fetch_optional(&self.pool)
            .await
            .map_err(Fault::from)?;
        let Some(row) = row else { return Ok(None) };
        let (task, line) = match row.held_by() {
            Some(holder) => (Some(holder), None),
            None => self.newest_line(buyer, key).await?.unzip(),
        };
        let newest = match task {
            Some(task) => self.log_row(task).await?.map(|row| NewestTask { row, line }),
            None => None,
        };
        Ok(Some(InvoiceCard { invoice: row.invoice()?, newest }))
    }

    async fn keep_told(
        &self,
        task: TaskId,
        fence: Fence,
        told: &[ToldInvoice],
    ) -> Result<Option<Vec<Kept>>, StoreError> {
        self.write_told(task, fence, told).await
    }

    async fn note_files(&self, tax: TaxId, files: &[NewFile]) -> Result<Vec<Kept>, StoreError> {
        self.write_files(tax, files).await
    }

    async fn files_of(
        &self,
        buyer: &TaxNo,
        key: &InvoiceKey,
    ) -> Result<Vec<InvoiceFile>, StoreError> {
        Ok(self.read_files(buyer, key).await?)
    }
}
