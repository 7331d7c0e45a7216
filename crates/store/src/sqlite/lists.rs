//! Uploaded lists.

use super::{
    SqliteStore,
    columns::{self, micros, moment},
    fault::Fault,
};
use crate::{
    codec,
    list_rows::{self, BoughtRow},
};
use async_trait::async_trait;
use domain::{
    invoice::InvoiceKey,
    list::{ListImport, ListRow, RowOutcome},
    taxpayer::TaxpayerKind,
};
use fleet::ports::{
    StoreError,
    batches::Kept,
    lists::{AfterList, Bought, ListBook},
};
use serde::Serialize;

/// A row of a list, as the statement takes it.
#[derive(Serialize)]
struct KeptRow {
    n: u32,
    result: &'static str,
    body: String,
}

impl SqliteStore {
    async fn keep_new_list(&self, list: &ListImport) -> Result<Kept, Fault> {
        let mut tx = self.begin().await?;
        let kept = sqlx::query(sql!("lists/keep"))
            .bind(&list.list_id)
            .bind(list_rows::kept(list))
            .bind(list.version)
            .bind(&list.asked)
            .bind(micros(list.created_at))
            .execute(&mut *tx)
            .await?;
        if kept.rows_affected() == 1 {
            tx.commit().await?;
            return Ok(Kept::New);
        }
        let (asked, created_at): (String, i64) =
            sqlx::query_as(sql!("lists/known")).bind(&list.list_id).fetch_one(&mut *tx).await?;
        let created_at = moment(created_at);
        Ok(if asked == list.asked { Kept::Before } else { Kept::Other { created_at } })
    }

    async fn read_list(&self, list_id: &str) -> Result<Option<ListImport>, Fault> {
        let head: Option<String> = sqlx::query_scalar(sql!("lists/head"))
            .bind(list_id)
            .fetch_optional(&mut *self.read().await?)
            .await?;
        Ok(head.as_deref().map(list_rows::read_kept).transpose()?)
    }

    async fn read_lists(
        &self,
        after: Option<&AfterList>,
        limit: usize,
    ) -> Result<Vec<ListImport>, Fault> {
        let heads: Vec<String> = sqlx::query_scalar(sql!("lists/list"))
            .bind(after.map_or(i64::MAX, |after| micros(after.created_at)))
            .bind(after.map(|after| after.list_id.clone()).unwrap_or_default())
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(heads.iter().map(|head| list_rows::read_kept(head)).collect::<Result<_, _>>()?)
    }

    async fn write_list(&self, list: &ListImport, rows: &[ListRow]) -> Result<bool, Fault> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query(sql!("lists/change"))
            .bind(&list.list_id)
            .bind(list.version)
            .bind(list_rows::next(list))
            .execute(&mut *tx)
            .await?;
        if changed.rows_affected() == 0 {
            return Ok(false);
        }
        let kept = |row: &ListRow| KeptRow {
            n: row.row,
            result: row.result.name(),
            body: list_rows::kept(row),
        };
        sqlx::query(sql!("lists/rows_write"))
            .bind(&list.list_id)
            .bind(columns::rows(&rows.iter().map(kept).collect::<Vec<_>>()))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn read_list_rows(
        &self,
        list_id: &str,
        results: &[RowOutcome],
        after: u32,
        limit: usize,
    ) -> Result<Vec<ListRow>, Fault> {
        let bodies: Vec<String> = sqlx::query_scalar(sql!("lists/rows"))
            .bind(list_id)
            .bind(after)
            .bind((!results.is_empty()).then(|| columns::rows(results)))
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(list_rows::rows(&bodies)?)
    }

    async fn read_bought(&self, keys: &[InvoiceKey]) -> Result<Vec<Vec<Bought>>, Fault> {
        let rows: Vec<BoughtRow> = sqlx::query_as(sql!("lists/bought"))
            .bind(columns::rows(keys))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(list_rows::in_order(keys.len(), rows)?)
    }

    async fn read_kinds(&self, orgs: &[String]) -> Result<Vec<Option<TaxpayerKind>>, Fault> {
        let rows = sqlx::query_as(sql!("lists/kinds"))
            .bind(columns::rows(orgs))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(list_rows::kinds(orgs, rows)?)
    }
}

#[async_trait]
impl ListBook for SqliteStore {
    async fn keep_list(&self, list: &ListImport) -> Result<Kept, StoreError> {
        Ok(self.keep_new_list(list).await?)
    }

    async fn list_import(&self, list_id: &str) -> Result<Option<ListImport>, StoreError> {
        Ok(self.read_list(list_id).await?)
    }

    async fn list_imports(
        &self,
        after: Option<&AfterList>,
        limit: usize,
    ) -> Result<Vec<ListImport>, StoreError> {
        Ok(self.read_lists(after, limit).await?)
    }

    async fn change_list(&self, list: &ListImport, rows: &[ListRow]) -> Result<bool, StoreError> {
        Ok(self.write_list(list, rows).await?)
    }

    async fn list_rows(
        &self,
        list_id: &str,
        results: &[RowOutcome],
        after: u32,
        limit: usize,
    ) -> Result<Vec<ListRow>, StoreError> {
        Ok(self.read_list_rows(list_id, results, after, limit).await?)
    }

    async fn bought(&self, keys: &[InvoiceKey]) -> Result<Vec<Vec<Bought>>, StoreError> {
        Ok(self.read_bought(keys).await?)
    }

    async fn kinds_of_orgs(
        &self,
        orgs: &[String],
    ) -> Result<Vec<Option<TaxpayerKind>>, StoreError> {
        Ok(self.read_kinds(orgs).await?)
    }
}
