//! Confirmation runs.

use super::{PostgresStore, fault::Fault};
use crate::{
    around_rows::{self, MovingRow, NumberedPart, PartRow},
    codec,
};
use async_trait::async_trait;
use domain::{
    run::{PartState, Run, RunPart, person},
    tax_no::TaxNo,
};
use fleet::ports::{
    StoreError,
    batches::Kept,
    runs::{AfterRun, MovingPart, PartsChanged, RunBook},
};
use std::collections::BTreeSet;

fn column<T>(rows: &[PartRow], of: impl Fn(&PartRow) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}

impl PostgresStore {
    async fn keep_whole(&self, run: &Run, parts: &[RunPart]) -> Result<Kept, Fault> {
        let mut tx = self.begin().await?;
        let asker = person(&run.asked_by);
        let kept = sqlx::query(sql!("runs/keep"))
            .bind(&run.run_id)
            .bind(&asker)
            .bind(around_rows::json(run))
            .bind(&run.asked)
            .bind(run.created_at)
            .execute(&mut *tx)
            .await?;
        if kept.rows_affected() == 0 {
            let head: String = sqlx::query_scalar(sql!("runs/known"))
                .bind(&run.run_id)
                .fetch_one(&mut *tx)
                .await?;
            let known = around_rows::run(&head)?;
            let other = Kept::Other { created_at: known.created_at };
            return Ok(if known.asked == run.asked { Kept::Before } else { other });
        }
        let rows: Vec<PartRow> = parts.iter().map(|part| PartRow::first(run, part)).collect();
        sqlx::query(sql!("runs/keep_parts"))
            .bind(&run.run_id)
            .bind(&asker)
            .bind(column(&rows, |row| row.tax_no.clone()))
            .bind(column(&rows, |row| row.state))
            .bind(column(&rows, |row| row.task))
            .bind(column(&rows, |row| row.part.clone()))
            .bind(column(&rows, |row| row.version))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Kept::New)
    }

    async fn write_parts(&self, run_id: &str, parts: &[RunPart]) -> Result<PartsChanged, Fault> {
        let mut tx = self.begin().await?;
        let head: Option<String> =
            sqlx::query_scalar(sql!("runs/known")).bind(run_id).fetch_optional(&mut *tx).await?;
        let Some(head) = head else { return Ok(PartsChanged::NoSuchRun) };
        let run = around_rows::run(&head)?;
        if !around_rows::by_another(&run, parts) {
            return Ok(PartsChanged::SamePerson);
        }
        let rows: Vec<PartRow> = parts.iter().map(|part| PartRow::next(&run, part)).collect();
        let written: Vec<String> = sqlx::query_scalar(sql!("runs/change"))
            .bind(run_id)
            .bind(column(&rows, |row| row.tax_no.clone()))
            .bind(column(&rows, |row| row.version))
            .bind(column(&rows, |row| row.state))
            .bind(column(&rows, |row| row.task))
            .bind(column(&rows, |row| row.part.clone()))
            .bind(column(&rows, |row| row.approver.clone()))
            .fetch_all(&mut *tx)
            .await?;
        tx.commit().await?;
        let written: BTreeSet<String> = written.into_iter().collect();
        let whether = parts.iter().map(|part| written.contains(part.tax_no.as_str()));
        Ok(PartsChanged::Written(whether.collect()))
    }
}

#[async_trait]
impl RunBook for PostgresStore {
    async fn keep_run(&self, run: &Run, parts: &[RunPart]) -> Result<Kept, StoreError> {
        Ok(self.keep_whole(run, parts).await?)
    }

    async fn run(&self, run_id: &str) -> Result<Option<Run>, StoreError> {
        let head: Option<String> = sqlx::query_scalar(sql!("runs/known"))
            .bind(run_id)
            .fetch_optional(&self.pool)
            .await
            .map_err(Fault::from)?;
        head.as_deref().map(around_rows::run).transpose()
    }

    async fn runs(
        &self,
        within: Option<&[String]>,
        after: Option<&AfterRun>,
        limit: usize,
    ) -> Result<Vec<Run>, StoreError> {
        let heads: Vec<String> = sqlx::query_scalar(sql!("runs/list"))
            .bind(after.map(|after| after.created_at))
            .bind(after.map(|after| after.run_id.as_str()))
            .bind(codec::count::<_, i64>(limit))
            .bind(within)
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        heads.iter().map(|head| around_rows::run(head)).collect()
    }

    async fn run_parts(
        &self,
        run_id: &str,
        states: &[PartState],
        after: Option<&TaxNo>,
        limit: usize,
    ) -> Result<Vec<RunPart>, StoreError> {
        let names: Vec<&str> = states.iter().map(|state| state.name()).collect();
        let parts: Vec<String> = sqlx::query_scalar(sql!("runs/parts"))
            .bind(run_id)
            .bind((!names.is_empty()).then_some(names))
            .bind(after.map(TaxNo::as_str))
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        parts.iter().map(|part| around_rows::part(part)).collect()
    }

    async fn parts_of(
        &self,
        run_id: &str,
        tax_nos: &[TaxNo],
    ) -> Result<Vec<Option<RunPart>>, StoreError> {
        let rows: Vec<NumberedPart> = sqlx::query_as(sql!("runs/parts_of"))
            .bind(run_id)
            .bind(tax_nos.iter().map(TaxNo::as_str).collect::<Vec<_>>())
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        around_rows::parts_in_order(tax_nos.len(), rows)
    }

    async fn run_counts(&self, run_id: &str) -> Result<Vec<(PartState, u64)>, StoreError> {
        let counts: Vec<(String, i64)> = sqlx::query_as(sql!("runs/counts"))
            .bind(run_id)
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        let mut counts = counts
            .into_iter()
            .map(|(state, count)| Ok((codec::read(&state)?, codec::count(count))))
            .collect::<Result<Vec<_>, StoreError>>()?;
        counts.sort_unstable();
        Ok(counts)
    }

    async fn change_parts(
        &self,
        run_id: &str,
        parts: &[RunPart],
    ) -> Result<PartsChanged, StoreError> {
        Ok(self.write_parts(run_id, parts).await?)
    }

    async fn moving_parts(
        &self,
        run_id: Option<&str>,
        limit: usize,
    ) -> Result<Vec<MovingPart>, StoreError> {
        let rows: Vec<MovingRow> = sqlx::query_as(sql!("runs/moving"))
            .bind(run_id)
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        rows.into_iter().map(MovingRow::moving).collect()
    }
}
