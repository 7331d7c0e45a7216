//! What operators do.

use super::{
    SqliteStore, Tx,
    archive::{self, Filter},
    columns::{self, micros, moment},
    docket::Docket,
    fault::Fault,
    roster,
    settle::{self, Outcome},
};
use crate::codec;
use async_trait::async_trait;
use domain::{
    bureau::LaneKey,
    ids::{LaneId, TaskId, TaxId},
    task::Event,
};
use fleet::{
    ports::{
        StoreError,
        archive::TaskFilter,
        desk::{AskedNow, AuditLine, Cancelled, DeskLog, Note, Recorded, Retriable, Scope},
    },
    sentences,
};
use uuid::Uuid;

/// A pause, or its end.
#[derive(Clone, Copy, Debug)]
enum Gate {
    Close,
    Open,
}

impl SqliteStore {
    async fn cancel_all(&self, tasks: &[TaskId], note: &Note) -> Result<Vec<Cancelled>, Fault> {
        let mut tx = self.begin().await?;
        let now = self.now();
        let mut docket = Docket::read(&mut tx, now, tasks.iter().copied()).await?;
        let reason = sentences::noted(sentences::CANCELLED, note);
        let mut outcomes = Vec::with_capacity(tasks.len());
        for task in tasks {
            let Some(case) = docket.case(*task) else {
                outcomes.push(Cancelled::NoSuchTask);
                continue;
            };
            if case.take(Event::Cancelled).is_err() {
                outcomes.push(Cancelled::TooLate { state: case.state.name() });
                continue;
            }
            let outcome = Outcome { reason: &reason, lines: &[], pool: &[], unknown: false };
            settle::end(&mut docket, *task, &outcome, now);
            self.audit(&mut tx, "cancel", &task.to_string(), note).await?;
            outcomes.push(Cancelled::Done);
        }
        docket.write(&mut tx).await?;
        tx.commit().await?;
        Ok(outcomes)
    }

    async fn record_all(&self, tasks: &[TaskId], note: &Note) -> Result<Vec<Recorded>, Fault> {
        let mut tx = self.begin().await?;
        let mut outcomes = Vec::with_capacity(tasks.len());
        for task in tasks {
            outcomes.push(self.record(&mut tx, *task, note).await?);
        }
        tx.commit().await?;
        Ok(outcomes)
    }

    async fn record(&self, tx: &mut Tx, task: TaskId, note: &Note) -> Result<Recorded, Fault> {
        let known = sqlx::query(sql!("desk/known_outcome")).bind(task.0).execute(&mut **tx).await?;
        if known.rows_affected() == 0 {
            let state: Option<String> = sqlx::query_scalar(sql!("desk/state"))
                .bind(task.0)
                .fetch_optional(&mut **tx)
                .await?;
            return Ok(match state {
                Some(state) => Recorded::NotUnknown { state: codec::read(&state)? },
                None => Recorded::NoSuchTask,
            });
        }
        let reason = sentences::noted(sentences::ABSENT, note);
        for statement in [sql!("desk/known_lines"), sql!("desk/known_log")] {
            sqlx::query(statement).bind(task.0).bind(&reason).execute(&mut **tx).await?;
        }
        self.audit(tx, "record_absent", &task.to_string(), note).await?;
        Ok(Recorded::Done)
    }

    async fn ask_all(&self, tasks: &[TaskId]) -> Result<Vec<AskedNow>, Fault> {
        let mut tx = self.begin().await?;
        let ids = columns::hexes(tasks.iter().copied());
        let due: Vec<(Uuid,)> = sqlx::query_as(sql!("desk/ask_now"))
            .bind(&ids)
            .bind(micros(self.now()))
            .fetch_all(&mut *tx)
            .await?;
        let held: Vec<(Uuid, bool)> =
            sqlx::query_as(sql!("desk/in_hand")).bind(&ids).fetch_all(&mut *tx).await?;
        let mut asked = Vec::with_capacity(tasks.len());
        for task in tasks {
            let held = held.iter().find(|(id, _)| *id == task.0).map(|(_, in_hand)| *in_hand);
            asked.push(match (held, archive::log_row(&mut tx, *task).await?) {
                (_, None) => AskedNow::NoSuchTask,
                (Some(true), _) => AskedNow::InHand,
                (Some(false), _) if due.contains(&(task.0,)) => AskedNow::Due,
                (Some(false), _) => AskedNow::NeedsLogin,
                (None, Some(row)) => AskedNow::NothingSent { state: row.state },
            });
        }
        tx.commit().await?;
        Ok(asked)
    }

    pub(super) async fn audit(
        &self,
        tx: &mut Tx,
        action: &'static str,
        subject: &str,
        note: &Note,
    ) -> Result<(), Fault> {
        sqlx::query(sql!("desk/audit"))
            .bind(micros(self.now()))
            .bind(&note.by)
            .bind(&note.reason)
            .bind(action)
            .bind(subject)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    async fn set_gate(&self, scope: &Scope, note: &Note, gate: Gate) -> Result<Vec<LaneId>, Fault> {
        let mut tx = self.begin().await?;
        let action = match gate {
            Gate::Close => "pause",
            Gate::Open => "resume",
        };
        self.audit(&mut tx, action, &scope.subject(), note).await?;
        let lanes = match scope {
            Scope::Bureau(bureau) => {
                let bureau = codec::bureau_number(*bureau);
                self.pause_row(&mut tx, BUREAU, gate, bureau, note).await?;
                let query = sqlx::query_scalar(sql!("desk/lanes_of_bureau")).bind(bureau);
                query.fetch_all(&mut *tx).await?
            }
            Scope::Lane { bureau, account } => {
                let key = LaneKey { bureau: *bureau, account: account.clone() };
                let lane = roster::lane_named(&mut tx, &key).await?.map(|lane| lane.0);
                if let Some(lane) = lane {
                    self.pause_row(&mut tx, LANE, gate, lane, note).await?;
                }
                lane.into_iter().collect::<Vec<i32>>()
            }
            Scope::TaxNumber(tax_no) => {
                let query = sqlx::query_scalar(sql!("desk/tax_named")).bind(tax_no.as_str());
                match query.fetch_optional(&mut *tx).await? {
                    Some(tax) => {
                        self.pause_row(&mut tx, TAX, gate, tax, note).await?;
                        lanes_of(&mut tx, tax).await?
                    }
                    None => Vec::new(),
                }
            }
        };
        let lanes: Vec<LaneId> = lanes.into_iter().map(LaneId).collect();
        roster::bump(&mut tx, lanes.iter().copied()).await?;
        tx.commit().await?;
        Ok(lanes)
    }

    async fn pause_row(
        &self,
        tx: &mut Tx,
        (close, open): (&'static str, &'static str),
        gate: Gate,
        id: i32,
        note: &Note,
    ) -> Result<(), Fault> {
        let query = match gate {
            Gate::Close => sqlx::query(close)
                .bind(id)
                .bind(&note.by)
                .bind(&note.reason)
                .bind(micros(self.now())),
            Gate::Open => sqlx::query(open).bind(id),
        };
        query.execute(&mut **tx).await?;
        Ok(())
    }

    async fn find_retriable(
        &self,
        filter: &TaskFilter,
        limit: usize,
    ) -> Result<Vec<Retriable>, Fault> {
        let query = sqlx::query_as(sql!("desk/retriable"));
        let query = Filter::of(filter).bind(query);
        let rows: Vec<(Uuid, String, String)> = query
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&mut *self.read().await?)
            .await?;
        let retriable = |(task, reason, body): (Uuid, String, String)| Retriable {
            task: TaskId(task),
            reason,
            body: body.into(),
        };
        Ok(rows.into_iter().map(retriable).collect())
    }

    async fn read_audit(&self, limit: usize) -> Result<Vec<AuditLine>, Fault> {
        let rows: Vec<(i64, String, String, String, String)> = sqlx::query_as(sql!("desk/audited"))
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&mut *self.read().await?)
            .await?;
        let line = |(at, by, reason, action, subject)| {
            let note = Note { by, reason };
            AuditLine { at: moment(at), action, subject, note }
        };
        Ok(rows.into_iter().map(line).collect())
    }

    async fn serving(&self, tax: TaxId) -> Result<Vec<LaneId>, Fault> {
        let lanes = lanes_of(&mut self.read().await?, tax.0).await?;
        Ok(lanes.into_iter().map(LaneId).collect())
    }
}

/// Statements that close and open each sort of gate.
const BUREAU: (&str, &str) = (sql!("desk/pause_bureau"), sql!("desk/resume_bureau"));
const LANE: (&str, &str) = (sql!("desk/pause_lane"), sql!("desk/resume_lane"));
const TAX: (&str, &str) = (sql!("desk/pause_tax"), sql!("desk/resume_tax"));

async fn lanes_of(tx: &mut Tx, tax: i32) -> Result<Vec<i32>, Fault> {
    Ok(sqlx::query_scalar(sql!("desk/lanes_for")).bind(tax).fetch_all(&mut **tx).await?)
}

#[async_trait]
impl DeskLog for SqliteStore {
    async fn cancel(&self, tasks: &[TaskId], note: &Note) -> Result<Vec<Cancelled>, StoreError> {
        Ok(self.cancel_all(tasks, note).await?)
    }

    async fn ask_now(&self, tasks: &[TaskId]) -> Result<Vec<AskedNow>, StoreError> {
        Ok(self.ask_all(tasks).await?)
    }

    async fn record_absent(
        &self,
        tasks: &[TaskId],
        note: &Note,
    ) -> Result<Vec<Recorded>, StoreError> {
        Ok(self.record_all(tasks, note).await?)
    }

    async fn pause(&self, scope: &Scope, note: &Note) -> Result<Vec<LaneId>, StoreError> {
        Ok(self.set_gate(scope, note, Gate::Close).await?)
    }

    async fn resume(&self, scope: &Scope, note: &Note) -> Result<Vec<LaneId>, StoreError> {
        Ok(self.set_gate(scope, note, Gate::Open).await?)
    }

    async fn retriable(
        &self,
        filter: &TaskFilter,
        limit: usize,
    ) -> Result<Vec<Retriable>, StoreError> {
        Ok(self.find_retriable(filter, limit).await?)
    }

    async fn audited(&self, limit: usize) -> Result<Vec<AuditLine>, StoreError> {
        Ok(self.read_audit(limit).await?)
    }

    async fn lanes_for(&self, tax: TaxId) -> Result<Vec<LaneId>, StoreError> {
        Ok(self.serving(tax).await?)
    }
}
