//! What ended tasks say of statistic tables: the tables themselves, and their versions.

use super::{
    SqliteStore, Tx,
    columns::{later, micros},
    fault::Fault,
};
use crate::{
    codec,
    invoice_rows::InvoiceRow,
    table_rows::{self, SumRow},
    version_rows::{self, NewestRow, Told, VersionRow},
};
use async_trait::async_trait;
use domain::{
    Moment,
    invoice::{Invoice, InvoiceKey},
    period::TaxPeriod,
    statistic::{TableVersion, VersionFile, VersionId, VersionStep},
    tax_no::TaxNo,
};
use fleet::ports::{StoreError, versions::TableVersions};
use std::time::Duration;

/// How the table stands now, and what is kept of it for good. The pool is written.
pub(super) async fn write(tx: &mut Tx, told: &Told, now: Moment) -> Result<(), Fault> {
    let Told { tax, fence, note, .. } = told;
    sqlx::query(sql!("settle/statistic")).bind(tax.0).bind(fence.0).execute(&mut **tx).await?;
    let Some(period) = note.period else { return Ok(()) };
    sqlx::query(sql!("settle/statistic_table"))
        .bind(tax.0)
        .bind(period.number())
        .bind(note.state.name())
        .bind(fence.0)
        .bind(micros(now))
        .bind(note.figures.as_ref().map(table_rows::written))
        .bind(micros(note.at))
        .execute(&mut **tx)
        .await?;
    let newest: Option<NewestRow> = sqlx::query_as(sql!("versions/newest"))
        .bind(tax.0)
        .bind(period.number())
        .fetch_optional(&mut **tx)
        .await?;
    match told.step(newest.as_ref())? {
        Some((period, VersionStep::Keep)) => keep(tx, told, period, now).await,
        Some((period, VersionStep::Withdraw)) => {
            sqlx::query(sql!("versions/withdraw"))
                .bind(tax.0)
                .bind(period.number())
                .bind(newest.map(|newest| newest.order))
                .bind(micros(note.at))
                .execute(&mut **tx)
                .await?;
            Ok(())
        }
        Some((_, VersionStep::Nothing)) | None => Ok(()),
    }
}

async fn keep(tx: &mut Tx, told: &Told, period: TaxPeriod, now: Moment) -> Result<(), Fault> {
    let sums: Vec<SumRow> = sqlx::query_as(sql!("versions/ours"))
        .bind(told.tax.0)
        .bind(period.number())
        .fetch_all(&mut **tx)
        .await?;
    let ours = table_rows::ours(sums)?.into_values().next().unwrap_or_default();
    sqlx::query(sql!("versions/keep"))
        .bind(told.tax.0)
        .bind(period.number())
        .bind(told.fence.0)
        .bind(told.task.0)
        .bind(told.kind.name())
        .bind(told.note.state.name())
        .bind(table_rows::written(&ours))
        .bind(micros(told.note.at))
        .bind(micros(now))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

impl SqliteStore {
    async fn read_versions(
        &self,
        of: &TaxNo,
        period: Option<TaxPeriod>,
        after: Option<VersionId>,
        limit: usize,
    ) -> Result<Vec<VersionRow>, Fault> {
        let rows = sqlx::query_as(sql!("versions/list"))
            .bind(of.as_str())
            .bind(period.map(TaxPeriod::number))
            .bind(after.map_or(i32::MAX, |after| after.period.number()))
            .bind(after.map_or(i64::MAX, |after| after.order.0))
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(rows)
    }

    async fn read_version(&self, of: &TaxNo, id: VersionId) -> Result<Option<VersionRow>, Fault> {
        let row = sqlx::query_as(sql!("versions/one"))
            .bind(of.as_str())
            .bind(id.period.number())
            .bind(id.order.0)
            .fetch_optional(&mut *self.read().await?)
            .await?;
        Ok(row)
    }

    async fn take_version(&self, lease: Duration) -> Result<Option<TableVersion>, Fault> {
        let now = self.now();
        let due = async |tx: &mut Tx| -> Result<Option<VersionRow>, Fault> {
            let due = sqlx::query_as(sql!("versions/due")).bind(micros(now));
            Ok(due.fetch_optional(&mut **tx).await?)
        };
        // Nothing is written while nothing is due.
        if due(&mut self.read().await?).await?.is_none() {
            return Ok(None);
        }
        let mut tx = self.begin().await?;
        let Some(row) = due(&mut tx).await? else { return Ok(None) };
        let version = row.version()?;
        sqlx::query(sql!("versions/take"))
            .bind(version.tax_no.as_str())
            .bind(version.id.period.number())
            .bind(version.id.order.0)
            .bind(micros(later(now, lease)))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Some(version))
    }

    async fn write_file(
        &self,
        of: &TaxNo,
        id: VersionId,
        file: &VersionFile,
    ) -> Result<bool, Fault> {
        let mut tx = self.begin().await?;
        let noted = sqlx::query(sql!("versions/note_file"))
            .bind(of.as_str())
            .bind(id.period.number())
            .bind(id.order.0)
            .bind(version_rows::written(file))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(noted.rows_affected() == 1)
    }

    async fn read_selected(
        &self,
        of: &TaxNo,
        period: TaxPeriod,
        after: Option<&InvoiceKey>,
        limit: usize,
    ) -> Result<Vec<InvoiceRow>, Fault> {
        let rows = sqlx::query_as(sql!("versions/selected"))
            .bind(of.as_str())
            .bind(period.number())
            .bind(after.map(|after| after.number.clone()).unwrap_or_default())
            .bind(after.map(|after| after.code.clone()).unwrap_or_default())
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(rows)
    }
}

#[async_trait]
impl TableVersions for SqliteStore {
    async fn versions(
        &self,
        of: &TaxNo,
        period: Option<TaxPeriod>,
        after: Option<VersionId>,
        limit: usize,
    ) -> Result<Vec<TableVersion>, StoreError> {
        version_rows::versions(self.read_versions(of, period, after, limit).await?)
    }

    async fn version(&self, of: &TaxNo, id: VersionId) -> Result<Option<TableVersion>, StoreError> {
        self.read_version(of, id).await?.map(VersionRow::version).transpose()
    }

    async fn take_fileless(&self, lease: Duration) -> Result<Option<TableVersion>, StoreError> {
        Ok(self.take_version(lease).await?)
    }

    async fn note_version_file(
        &self,
        of: &TaxNo,
        id: VersionId,
        file: &VersionFile,
    ) -> Result<bool, StoreError> {
        Ok(self.write_file(of, id, file).await?)
    }

    async fn selected(
        &self,
        of: &TaxNo,
        period: TaxPeriod,
        after: Option<&InvoiceKey>,
        limit: usize,
    ) -> Result<Vec<Invoice>, StoreError> {
        let rows = self.read_selected(of, period, after, limit).await?;
        rows.into_iter().map(InvoiceRow::invoice).collect()
    }
}
