//! Confirmation runs.

use super::{
    SqliteStore,
    columns::{self, micros},
    fault::Fault,
};
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

impl SqliteStore {
    async fn keep_whole(&self, run: &Run, parts: &[RunPart]) -> Result<Kept, Fault> {
        let mut tx = self.begin().await?;
        let asker = person(&run.asked_by);
        let kept = sqlx::query(sql!("runs/keep"))
            .bind(&run.run_id)
            .bind(&asker)
            .bind(around_rows::json(run))
            .bind(&run.asked)
            .bind(micros(run.created_at))
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
            .bind(columns::rows(&rows))
            .bind(micros(self.now()))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Kept::New)
    }

    async fn read_run(&self, run_id: &str) -> Result<Option<Run>, Fault> {
        let head: Option<String> = sqlx::query_scalar(sql!("runs/known"))
            .bind(run_id)
            .fetch_optional(&mut *self.read().await?)
            .await?;
        Ok(head.as_deref().map(around_rows::run).transpose()?)
    }

    async fn read_runs(
        &self,
        within: Option<&[String]>,
        after: Option<&AfterRun>,
        limit: usize,
    ) -> Result<Vec<String>, Fault> {
        let heads = sqlx::query_scalar(sql!("runs/list"))
            .bind(after.map_or(i64::MAX, |after| micros(after.created_at)))
            .bind(after.map(|after| after.run_id.clone()).unwrap_or_default())
            .bind(codec::count::<_, i64>(limit))
            .bind(within.map(columns::rows))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(heads)
    }

    async fn read_parts(
        &self,
        run_id: &str,
        states: &[PartState],
        after: Option<&TaxNo>,
        limit: usize,
    ) -> Result<Vec<String>, Fault> {
        let parts = sqlx::query_scalar(sql!("runs/parts"))
            .bind(run_id)
            .bind((!states.is_empty()).then(|| columns::rows(states)))
            .bind(after.map(ToString::to_string).unwrap_or_default())
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(parts)
    }

    async fn read_parts_of(
        &self,
        run_id: &str,
        tax_nos: &[TaxNo],
    ) -> Result<Vec<NumberedPart>, Fault> {
        let rows = sqlx::query_as(sql!("runs/parts_of"))
            .bind(run_id)
            .bind(columns::rows(tax_nos))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(rows)
    }

    async fn count_parts(&self, run_id: &str) -> Result<Vec<(String, i64)>, Fault> {
        let counts = sqlx::query_as(sql!("runs/counts"))
            .bind(run_id)
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(counts)
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
        let mut written = Vec::with_capacity(parts.len());
        for row in parts.iter().map(|part| PartRow::next(&run, part)) {
            let changed = sqlx::query(sql!("runs/change"))
                .bind(run_id)
                .bind(row.tax_no)
                .bind(row.version)
                .bind(row.state)
                .bind(row.task)
                .bind(row.part)
                .bind(row.approver)
                .bind(micros(self.now()))
                .execute(&mut *tx)
                .await?;
            written.push(changed.rows_affected() == 1);
        }
        tx.commit().await?;
        Ok(PartsChanged::Written(written))
    }

    async fn read_moving(
        &self,
        run_id: Option<&str>,
        limit: usize,
    ) -> Result<Vec<MovingRow>, Fault> {
        let rows = sqlx::query_as(sql!("runs/moving"))
            .bind(run_id)
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(rows)
    }
}

#[async_trait]
impl RunBook for SqliteStore {
    async fn keep_run(&self, run: &Run, parts: &[RunPart]) -> Result<Kept, StoreError> {
        Ok(self.keep_whole(run, parts).await?)
    }

    async fn run(&self, run_id: &str) -> Result<Option<Run>, StoreError> {
        Ok(self.read_run(run_id).await?)
    }

    async fn runs(
        &self,
        within: Option<&[String]>,
        after: Option<&AfterRun>,
        limit: usize,
    ) -> Result<Vec<Run>, StoreError> {
        let heads = self.read_runs(within, after, limit).await?;
        heads.iter().map(|head| around_rows::run(head)).collect()
    }

    async fn run_parts(
        &self,
        run_id: &str,
        states: &[PartState],
        after: Option<&TaxNo>,
        limit: usize,
    ) -> Result<Vec<RunPart>, StoreError> {
        let parts = self.read_parts(run_id, states, after, limit).await?;
        parts.iter().map(|part| around_rows::part(part)).collect()
    }

    async fn parts_of(
        &self,
        run_id: &str,
        tax_nos: &[TaxNo],
    ) -> Result<Vec<Option<RunPart>>, StoreError> {
        let rows = self.read_parts_of(run_id, tax_nos).await?;
        around_rows::parts_in_order(tax_nos.len(), rows)
    }

    async fn run_counts(&self, run_id: &str) -> Result<Vec<(PartState, u64)>, StoreError> {
        let counts = self.count_parts(run_id).await?.into_iter();
        let mut counts = counts
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
        let rows = self.read_moving(run_id, limit).await?;
        rows.into_iter().map(MovingRow::moving).collect()
    }
}
