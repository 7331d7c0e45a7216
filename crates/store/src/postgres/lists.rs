//! Uploaded lists.

use super::{PostgresStore, fault::Fault};
use crate::{
    codec,
    list_rows::{self, BoughtRow},
};
use async_trait::async_trait;
use domain::{
    Moment,
    invoice::InvoiceKey,
    list::{ListImport, ListRow, RowOutcome},
    taxpayer::TaxpayerKind,
};
use fleet::ports::{
    StoreError,
    batches::Kept,
    lists::{AfterList, Bought, ListBook},
};

impl PostgresStore {
    async fn keep_new_list(&self, list: &ListImport) -> Result<Kept, Fault> {
        let kept = sqlx::query(sql!("lists/keep"))
            .bind(&list.list_id)
            .bind(list_rows::kept(list))
            .bind(codec::count::<_, i32>(list.version))
            .bind(&list.asked)
            .bind(list.created_at)
            .execute(&self.pool)
            .await?;
        if kept.rows_affected() == 1 {
            return Ok(Kept::New);
        }
        let (asked, created_at): (String, Moment) =
            sqlx::query_as(sql!("lists/known")).bind(&list.list_id).fetch_one(&self.pool).await?;
        Ok(if asked == list.asked { Kept::Before } else { Kept::Other { created_at } })
    }

    async fn write_list(&self, list: &ListImport, rows: &[ListRow]) -> Result<bool, Fault> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query(sql!("lists/change"))
            .bind(&list.list_id)
            .bind(codec::count::<_, i32>(list.version))
            .bind(list_rows::next(list))
            .execute(&mut *tx)
            .await?;
        if changed.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(sql!("lists/rows_write"))
            .bind(&list.list_id)
            .bind(rows.iter().map(|row| codec::count::<_, i32>(row.row)).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.result.name()).collect::<Vec<_>>())
            .bind(rows.iter().map(list_rows::kept).collect::<Vec<_>>())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(true)
    }
}

#[async_trait]
impl ListBook for PostgresStore {
    async fn keep_list(&self, list: &ListImport) -> Result<Kept, StoreError> {
        Ok(self.keep_new_list(list).await?)
    }

    async fn list_import(&self, list_id: &str) -> Result<Option<ListImport>, StoreError> {
        let head: Option<String> = sqlx::query_scalar(sql!("lists/head"))
            .bind(list_id)
            .fetch_optional(&self.pool)
            .await
            .map_err(Fault::from)?;
        head.as_deref().map(list_rows::read_kept).transpose()
    }

    async fn list_imports(
        &self,
        after: Option<&AfterList>,
        limit: usize,
    ) -> Result<Vec<ListImport>, StoreError> {
        let heads: Vec<String> = sqlx::query_scalar(sql!("lists/list"))
            .bind(after.map(|after| after.created_at))
            .bind(after.map(|after| after.list_id.as_str()))
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        heads.iter().map(|head| list_rows::read_kept(head)).collect()
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
        let results: Vec<&str> = results.iter().map(|result| result.name()).collect();
        let bodies: Vec<String> = sqlx::query_scalar(sql!("lists/rows"))
            .bind(list_id)
            .bind(codec::count::<_, i32>(after))
            .bind((!results.is_empty()).then_some(results))
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        list_rows::rows(&bodies)
    }

    async fn bought(&self, keys: &[InvoiceKey]) -> Result<Vec<Vec<Bought>>, StoreError> {
        let rows: Vec<BoughtRow> = sqlx::query_as(sql!("lists/bought"))
            .bind(keys.iter().map(|key| key.number.as_str()).collect::<Vec<_>>())
            .bind(keys.iter().map(|key| key.code.as_str()).collect::<Vec<_>>())
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        list_rows::in_order(keys.len(), rows)
    }

    async fn kinds_of_orgs(
        &self,
        orgs: &[String],
    ) -> Result<Vec<Option<TaxpayerKind>>, StoreError> {
        let rows = sqlx::query_as(sql!("lists/kinds"))
            .bind(orgs)
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        list_rows::kinds(orgs, rows)
    }
}
