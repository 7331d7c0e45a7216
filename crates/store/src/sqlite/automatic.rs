//! Rules of automatic work, their runs and tries.

use super::{
    SqliteStore, Tx,
    columns::{self, later, micros},
    fault::Fault,
};
use crate::{
    automatic_rows::{self, ChosenRow, EnterRow, RuleRow},
    codec,
};
use async_trait::async_trait;
use domain::{
    Moment,
    automatic::{Candidate, Cause, Chosen, Look, Run, RunState, limits},
    ids::Fence,
    invoice::Entry,
    money::Fen,
    period::TaxPeriod,
};
use fleet::ports::{
    StoreError,
    automatic::{AfterCandidate, AutomaticBook, Begun, HeldRun, KeptRule, Reset, subject},
    desk::Note,
};
use std::time::Duration;

/// States that a run has not ended in.
const OPEN: [RunState; 2] = [RunState::Choosing, RunState::Chosen];

/// Writes the run as it is now, if it still stands in one of these states under this fence.
async fn step(
    tx: &mut Tx,
    run: &Run,
    fence: Fence,
    from: &[RunState],
    to: RunState,
) -> Result<bool, Fault> {
    let run = Run { state: to, ..run.clone() };
    let done = sqlx::query(sql!("automatic/run_step"))
        .bind(&run.rule.rule_id)
        .bind(micros(run.at))
        .bind(fence.0)
        .bind(columns::rows(from))
        .bind(to.name())
        .bind(automatic_rows::kept(&run))
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

async fn note_tries(tx: &mut Tx, run: &Run, chosen: &[Chosen]) -> Result<(), Fault> {
    sqlx::query(sql!("automatic/tries_note"))
        .bind(&run.rule.rule_id)
        .bind(micros(run.at))
        .bind(automatic_rows::period(run))
        .bind(columns::rows(&automatic_rows::tries(chosen)))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

impl SqliteStore {
    async fn write_rule(&self, rule: &KeptRule, note: &Note) -> Result<Option<u32>, Fault> {
        let mut tx = self.begin().await?;
        let id = &rule.rule.rule_id;
        let (body, ran_until) = (automatic_rows::kept(&rule.rule), micros(rule.ran_until));
        let query = if rule.version == 0 {
            let most: i64 = codec::count(limits::RULES);
            sqlx::query(sql!("automatic/rule_new")).bind(id).bind(body).bind(ran_until).bind(most)
        } else {
            let change = sqlx::query(sql!("automatic/rule_change"));
            change.bind(id).bind(rule.version).bind(body).bind(ran_until)
        };
        if query.execute(&mut *tx).await?.rows_affected() == 0 {
            return Ok(None);
        }
        self.audit(&mut tx, "automatic_put", &subject(id), note).await?;
        tx.commit().await?;
        Ok(Some(rule.version + 1))
    }

    async fn drop_rule(&self, id: &str, version: u32, note: &Note) -> Result<bool, Fault> {
        let mut tx = self.begin().await?;
        let remove = sqlx::query(sql!("automatic/rule_remove")).bind(id).bind(version);
        if remove.execute(&mut *tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        self.audit(&mut tx, "automatic_remove", &subject(id), note).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn read_rule(&self, id: &str) -> Result<Option<KeptRule>, Fault> {
        let row: Option<RuleRow> = sqlx::query_as(sql!("automatic/rule"))
            .bind(id)
            .fetch_optional(&mut *self.read().await?)
            .await?;
        Ok(row.map(automatic_rows::rule).transpose()?)
    }

    async fn read_rules(&self) -> Result<Vec<KeptRule>, Fault> {
        let rows: Vec<RuleRow> =
            sqlx::query_as(sql!("automatic/rules")).fetch_all(&mut *self.read().await?).await?;
        Ok(rows.into_iter().map(automatic_rows::rule).collect::<Result<_, _>>()?)
    }

    async fn begin_one(&self, run: &Run, version: u32, lease: Duration) -> Result<Begun, Fault> {
        let (id, at) = (&run.rule.rule_id, micros(run.at));
        let mut tx = self.begin().await?;
        let ran_until: Option<i64> = sqlx::query_scalar(sql!("automatic/rule_at_version"))
            .bind(id)
            .bind(version)
            .fetch_optional(&mut *tx)
            .await?;
        let Some(ran_until) = ran_until else { return Ok(Begun::Changed) };
        let scheduled = run.cause == Cause::Schedule;
        if scheduled && ran_until >= at {
            return Ok(Begun::Before);
        }
        sqlx::query(sql!("automatic/run_trim"))
            .bind(id)
            .bind(codec::count::<_, i64>(limits::HISTORY - 1))
            .execute(&mut *tx)
            .await?;
        let begun = sqlx::query(sql!("automatic/run_begin"))
            .bind(id)
            .bind(at)
            .bind(micros(later(self.now(), lease)))
            .bind(automatic_rows::kept(run))
            .execute(&mut *tx)
            .await?
            .rows_affected();
        if begun == 0 {
            let known = sqlx::query_scalar(sql!("automatic/run_known")).bind(id).bind(at);
            let known: bool = known.fetch_one(&mut *tx).await?;
            if !known {
                return Ok(Begun::Busy);
            }
        }
        if scheduled {
            sqlx::query(sql!("automatic/rule_ran")).bind(id).bind(at).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        let held = HeldRun { run: run.clone(), fence: Fence(1) };
        Ok(if begun == 1 { Begun::Held(Box::new(held)) } else { Begun::Before })
    }

    async fn take_over(&self, lease: Duration, limit: usize) -> Result<Vec<HeldRun>, Fault> {
        let mut tx = self.begin().await?;
        let now = self.now();
        let rows: Vec<(String, i64)> = sqlx::query_as(sql!("automatic/run_take_over"))
            .bind(micros(now))
            .bind(micros(later(now, lease)))
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(rows.into_iter().map(automatic_rows::taken_over).collect::<Result<_, _>>()?)
    }

    async fn renew_one(&self, held: &HeldRun, lease: Duration) -> Result<bool, Fault> {
        let mut tx = self.begin().await?;
        let renewed = sqlx::query(sql!("automatic/run_renew"))
            .bind(&held.run.rule.rule_id)
            .bind(micros(held.run.at))
            .bind(held.fence.0)
            .bind(micros(later(self.now(), lease)))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(renewed.rows_affected() == 1)
    }

    async fn note_one(&self, held: &HeldRun, chosen: &[Chosen]) -> Result<bool, Fault> {
        let mut tx = self.begin().await?;
        let from = [RunState::Choosing];
        if !step(&mut tx, &held.run, held.fence, &from, RunState::Chosen).await? {
            return Ok(false);
        }
        note_tries(&mut tx, &held.run, chosen).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn enter_all(
        &self,
        held: &HeldRun,
        chosen: &[Chosen],
        entry: Entry,
    ) -> Result<Option<Run>, Fault> {
        let mut tx = self.begin().await?;
        let fit: Vec<EnterRow> = sqlx::query_as(sql!("automatic/enter_of"))
            .bind(columns::rows(&automatic_rows::tries(chosen)))
            .fetch_all(&mut *tx)
            .await?;
        let now = entry.at.unwrap_or(held.run.started_at);
        let run = held.run.clone().entered(fit.len(), now);
        let from = [RunState::Choosing];
        if !step(&mut tx, &run, held.fence, &from, RunState::Ended).await? {
            return Ok(None);
        }
        sqlx::query(sql!("automatic/enter"))
            .bind(columns::rows(&fit))
            .bind(entry.state.name())
            .bind(entry.period.map(TaxPeriod::number))
            .bind(entry.at.map(micros))
            .execute(&mut *tx)
            .await?;
        note_tries(&mut tx, &held.run, chosen).await?;
        tx.commit().await?;
        Ok(Some(run))
    }

    async fn end_one(&self, held: &HeldRun) -> Result<bool, Fault> {
        let mut tx = self.begin().await?;
        let ended = step(&mut tx, &held.run, held.fence, &OPEN, RunState::Ended).await?;
        tx.commit().await?;
        Ok(ended)
    }

    async fn read_tax(&self, id: &str, period: TaxPeriod) -> Result<Fen, Fault> {
        let tax = sqlx::query_scalar(sql!("automatic/tries_tax")).bind(id).bind(period.number());
        Ok(Fen(tax.fetch_one(&mut *self.read().await?).await?))
    }

    async fn read_chosen(&self, id: &str, at: Moment) -> Result<Vec<Chosen>, Fault> {
        let rows: Vec<ChosenRow> = sqlx::query_as(sql!("automatic/tries_of_run"))
            .bind(id)
            .bind(micros(at))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(rows.into_iter().map(ChosenRow::chosen).collect::<Result<_, _>>()?)
    }

    async fn read_rule_runs(
        &self,
        id: &str,
        before: Option<Moment>,
        limit: usize,
    ) -> Result<Vec<Run>, Fault> {
        let bodies: Vec<String> = sqlx::query_scalar(sql!("automatic/runs"))
            .bind(id)
            .bind(before.map_or(i64::MAX, micros))
            .bind(codec::count::<_, i64>(limit))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(bodies.iter().map(|body| automatic_rows::run(body)).collect::<Result<_, _>>()?)
    }

    async fn forget_tries(&self, id: &str, which: &Reset, note: &Note) -> Result<u64, Fault> {
        let (at, invoice) = match which {
            Reset::All => (None, None),
            Reset::Run(at) => (Some(micros(*at)), None),
            Reset::Invoice { tax_no, key } => (None, Some((tax_no, key))),
        };
        let mut tx = self.begin().await?;
        let gone = sqlx::query(sql!("automatic/tries_reset"))
            .bind(id)
            .bind(at)
            .bind(invoice.map(|(tax_no, _)| tax_no.as_str()))
            .bind(invoice.map(|(_, key)| key.number.as_str()))
            .bind(invoice.map(|(_, key)| key.code.as_str()))
            .execute(&mut *tx)
            .await?;
        self.audit(&mut tx, "automatic_reset", &subject(id), note).await?;
        tx.commit().await?;
        Ok(gone.rows_affected())
    }
}

#[async_trait]
impl AutomaticBook for SqliteStore {
    async fn put_rule(&self, rule: &KeptRule, note: &Note) -> Result<Option<u32>, StoreError> {
        Ok(self.write_rule(rule, note).await?)
    }

    async fn rule(&self, rule_id: &str) -> Result<Option<KeptRule>, StoreError> {
        Ok(self.read_rule(rule_id).await?)
    }

    async fn rules(&self) -> Result<Vec<KeptRule>, StoreError> {
        Ok(self.read_rules().await?)
    }

    async fn remove_rule(
        &self,
        rule_id: &str,
        version: u32,
        note: &Note,
    ) -> Result<bool, StoreError> {
        Ok(self.drop_rule(rule_id, version, note).await?)
    }

    async fn begin_run(
        &self,
        run: &Run,
        version: u32,
        lease: Duration,
    ) -> Result<Begun, StoreError> {
        Ok(self.begin_one(run, version, lease).await?)
    }

    async fn take_over_runs(
        &self,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<HeldRun>, StoreError> {
        Ok(self.take_over(lease, limit).await?)
    }

    async fn renew_run(&self, held: &HeldRun, lease: Duration) -> Result<bool, StoreError> {
        Ok(self.renew_one(held, lease).await?)
    }

    async fn candidates(
        &self,
        look: &Look,
        after: Option<&AfterCandidate>,
        limit: usize,
    ) -> Result<Vec<Candidate>, StoreError> {
        Ok(self.read_candidates(look, after, limit).await?)
    }

    async fn tax_tried(&self, rule_id: &str, period: TaxPeriod) -> Result<Fen, StoreError> {
        Ok(self.read_tax(rule_id, period).await?)
    }

    async fn note_choice(&self, held: &HeldRun, chosen: &[Chosen]) -> Result<bool, StoreError> {
        Ok(self.note_one(held, chosen).await?)
    }

    async fn chosen(&self, rule_id: &str, at: Moment) -> Result<Vec<Chosen>, StoreError> {
        Ok(self.read_chosen(rule_id, at).await?)
    }

    async fn enter(
        &self,
        held: &HeldRun,
        chosen: &[Chosen],
        entry: Entry,
    ) -> Result<Option<Run>, StoreError> {
        Ok(self.enter_all(held, chosen, entry).await?)
    }

    async fn end_run(&self, held: &HeldRun) -> Result<bool, StoreError> {
        Ok(self.end_one(held).await?)
    }

    async fn rule_runs(
        &self,
        rule_id: &str,
        before: Option<Moment>,
        limit: usize,
    ) -> Result<Vec<Run>, StoreError> {
        Ok(self.read_rule_runs(rule_id, before, limit).await?)
    }

    async fn reset_tries(
        &self,
        rule_id: &str,
        which: &Reset,
        note: &Note,
    ) -> Result<u64, StoreError> {
        Ok(self.forget_tries(rule_id, which, note).await?)
    }
}
