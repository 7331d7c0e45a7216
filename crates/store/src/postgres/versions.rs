//! What ended tasks say of statistic tables: the tables themselves, and their versions.

use super::{PostgresStore, Tx, fault::Fault};
use crate::{
    codec,
    invoice_rows::InvoiceRow,
    table_rows::{self, SumRow},
    version_rows::{self, NewestRow, Told, VersionRow},
};
use async_trait::async_trait;
use domain::{
    invoice::{Invoice, InvoiceKey},
    period::TaxPeriod,
    statistic::{Figures, TableVersion, VersionFile, VersionId, VersionStep},
    tax_no::TaxNo,
};
use fleet::ports::{StoreError, versions::TableVersions};
use std::{collections::HashMap, time::Duration};

/// The newest version of the n-th table.
#[derive(sqlx::FromRow)]
struct NumberedNewest {
    n: i64,
    #[sqlx(flatten)]
    newest: NewestRow,
}

/// One that names its period.
type Dated<'a> = (&'a Told, TaxPeriod);

fn column<'a, T>(all: &'a [Dated<'_>], of: impl Fn(&'a Dated<'_>) -> T) -> Vec<T> {
    all.iter().map(of).collect()
}

/// How the tables stand now; cached readings of earlier holders count as none.
pub(super) async fn write_tables(tx: &mut Tx, told: &[Told]) -> Result<(), Fault> {
    if told.is_empty() {
        return Ok(());
    }
    sqlx::query(sql!("settle/statistic"))
        .bind(told.iter().map(|one| one.tax.0).collect::<Vec<_>>())
        .bind(told.iter().map(|one| one.fence.0).collect::<Vec<_>>())
        .execute(&mut **tx)
        .await?;
    let known = dated(told);
    if known.is_empty() {
        return Ok(());
    }
    let figures = |(one, _): &Dated<'_>| -> Option<String> {
        one.note.figures.as_ref().map(table_rows::written)
    };
    sqlx::query(sql!("settle/statistic_table"))
        .bind(column(&known, |(one, _)| one.tax.0))
        .bind(column(&known, |(_, period)| period.number()))
        .bind(column(&known, |(one, _)| one.note.state.name()))
        .bind(column(&known, |(one, _)| one.fence.0))
        .bind(column(&known, figures))
        .bind(column(&known, |(one, _)| one.note.at))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

fn dated(told: &[Told]) -> Vec<Dated<'_>> {
    told.iter().filter_map(|one| Some((one, one.note.period?))).collect()
}

/// What is kept of them for good. Tables and pool are written. A tax number is held by one task at a
/// time: of each table there is one at most.
pub(super) async fn keep(tx: &mut Tx, told: &[Told]) -> Result<(), Fault> {
    let all = dated(told);
    if all.is_empty() {
        return Ok(());
    }
    let rows: Vec<NumberedNewest> = sqlx::query_as(sql!("versions/newest"))
        .bind(column(&all, |(one, _)| one.tax.0))
        .bind(column(&all, |(_, period)| period.number()))
        .fetch_all(&mut **tx)
        .await?;
    let newest: HashMap<i64, NewestRow> = rows.into_iter().map(|row| (row.n, row.newest)).collect();
    let (mut kept, mut withdrawn) = (Vec::new(), Vec::new());
    for (n, (one, period)) in (1..).zip(all) {
        let newest = newest.get(&n);
        match one.step(newest)? {
            Some((_, VersionStep::Keep)) => kept.push((one, period)),
            Some((_, VersionStep::Withdraw)) => {
                withdrawn.extend(newest.map(|newest| (one, period, newest.order)));
            }
            Some((_, VersionStep::Nothing)) | None => {}
        }
    }
    withdraw(tx, &withdrawn).await?;
    insert(tx, &kept).await
}

async fn withdraw(tx: &mut Tx, withdrawn: &[(&Told, TaxPeriod, i64)]) -> Result<(), Fault> {
    if withdrawn.is_empty() {
        return Ok(());
    }
    sqlx::query(sql!("versions/withdraw"))
        .bind(withdrawn.iter().map(|(one, ..)| one.tax.0).collect::<Vec<_>>())
        .bind(withdrawn.iter().map(|(_, period, _)| period.number()).collect::<Vec<_>>())
        .bind(withdrawn.iter().map(|(.., order)| *order).collect::<Vec<_>>())
        .bind(withdrawn.iter().map(|(one, ..)| one.note.at).collect::<Vec<_>>())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn insert(tx: &mut Tx, kept: &[Dated<'_>]) -> Result<(), Fault> {
    if kept.is_empty() {
        return Ok(());
    }
    let (taxes, periods) =
        (column(kept, |(one, _)| one.tax.0), column(kept, |(_, period)| period.number()));
    let sums: Vec<SumRow> = sqlx::query_as(sql!("versions/ours"))
        .bind(&taxes)
        .bind(&periods)
        .fetch_all(&mut **tx)
        .await?;
    let ours = table_rows::ours(sums)?;
    let nothing = Figures::default();
    let ours_of = |n, period| table_rows::written(ours.get(&(n, period)).unwrap_or(&nothing));
    let numbered = (1..).zip(kept);
    sqlx::query(sql!("versions/keep"))
        .bind(&taxes)
        .bind(&periods)
        .bind(column(kept, |(one, _)| one.fence.0))
        .bind(column(kept, |(one, _)| one.task.0))
        .bind(column(kept, |(one, _)| one.kind.name()))
        .bind(column(kept, |(one, _)| one.note.state.name()))
        .bind(numbered.map(|(n, (_, period))| ours_of(n, *period)).collect::<Vec<_>>())
        .bind(column(kept, |(one, _)| one.note.at))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

#[async_trait]
impl TableVersions for PostgresStore {
    async fn versions(
        &self,
        of: &TaxNo,
        period: Option<TaxPeriod>,
        after: Option<VersionId>,
        limit: usize,
    ) -> Result<Vec<TableVersion>, StoreError> {
        let rows: Vec<VersionRow> = sqlx::query_as(sql!("versions/list"))
            .bind(of.as_str())
            .bind(period.map(TaxPeriod::number))
            .bind(after.map(|after| after.period.number()))
            .bind(after.map(|after| after.order.0))
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        version_rows::versions(rows)
    }

    async fn version(&self, of: &TaxNo, id: VersionId) -> Result<Option<TableVersion>, StoreError> {
        let row: Option<VersionRow> = sqlx::query_as(sql!("versions/one"))
            .bind(of.as_str())
            .bind(id.period.number())
            .bind(id.order.0)
            .fetch_optional(&self.pool)
            .await
            .map_err(Fault::from)?;
        row.map(VersionRow::version).transpose()
    }

    async fn take_fileless(&self, lease: Duration) -> Result<Option<TableVersion>, StoreError> {
        let row: Option<VersionRow> = sqlx::query_as(sql!("versions/take"))
            .bind(lease)
            .fetch_optional(&self.pool)
            .await
            .map_err(Fault::from)?;
        row.map(VersionRow::version).transpose()
    }

    async fn note_version_file(
        &self,
        of: &TaxNo,
        id: VersionId,
        file: &VersionFile,
    ) -> Result<bool, StoreError> {
        let noted = sqlx::query(sql!("versions/note_file"))
            .bind(of.as_str())
            .bind(id.period.number())
            .bind(id.order.0)
            .bind(version_rows::written(file))
            .execute(&self.pool)
            .await
            .map_err(Fault::from)?;
        Ok(noted.rows_affected() == 1)
    }

    async fn selected(
        &self,
        of: &TaxNo,
        period: TaxPeriod,
        after: Option<&InvoiceKey>,
        limit: usize,
    ) -> Result<Vec<Invoice>, StoreError> {
        let rows: Vec<InvoiceRow> = sqlx::query_as(sql!("versions/selected"))
            .bind(of.as_str())
            .bind(period.number())
            .bind(after.map_or("", |after| after.number.as_str()))
            .bind(after.map_or("", |after| after.code.as_str()))
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        rows.into_iter().map(InvoiceRow::invoice).collect()
    }
}
