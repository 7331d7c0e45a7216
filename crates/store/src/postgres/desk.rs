//! What operators do.

use super::{PostgresStore, Tx, fault::Fault, filter, logged, split, state_change::StateChanges};
use crate::codec;
use async_trait::async_trait;
use domain::{
    Moment,
    ids::{LaneId, TaskId, TaxId},
    task::StateName,
};
use fleet::{
    ports::{
        StoreError,
        archive::TaskFilter,
        desk::{AskedNow, AuditLine, Cancelled, DeskLog, Note, Recorded, Retriable, Scope},
    },
    sentences,
};
use sqlx::FromRow;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

#[derive(Debug, FromRow)]
struct RetriableRow {
    task_id: Uuid,
    reason: String,
    body: String,
}

pub(super) async fn audit(
    tx: &mut Tx,
    note: &Note,
    action: &str,
    subjects: &[String],
) -> Result<(), Fault> {
    sqlx::query(sql!("desk/audit"))
        .bind(&note.by)
        .bind(&note.reason)
        .bind(action)
        .bind(subjects)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

impl PostgresStore {
    async fn cancel_piece(&self, tasks: &[TaskId], note: &Note) -> Result<Vec<Cancelled>, Fault> {
        let ids: Vec<Uuid> = tasks.iter().map(|task| task.0).collect();
        let mut tx = self.begin().await?;
        let withdrawn: Vec<Uuid> =
            sqlx::query_scalar(sql!("desk/withdraw")).bind(&ids).fetch_all(&mut *tx).await?;
        let mut withdrawn: HashSet<TaskId> = withdrawn.into_iter().map(TaskId).collect();
        let known = logged::read(&mut tx, &ids).await?;
        let reason = sentences::noted(sentences::CANCELLED, note);
        let mut changes = StateChanges::default();
        let mut subjects = Vec::new();
        let mut outcomes = Vec::with_capacity(tasks.len());
        for task in tasks {
            outcomes.push(match known.get(task) {
                None => Cancelled::NoSuchTask,
                Some(row) if withdrawn.remove(task) => {
                    row.end(&mut changes, StateName::Cancelled, &reason, &[]);
                    subjects.push(task.to_string());
                    Cancelled::Done
                }
                Some(_) if subjects.contains(&task.to_string()) => {
                    Cancelled::TooLate { state: StateName::Cancelled }
                }
                Some(row) => Cancelled::TooLate { state: row.state },
            });
        }
        changes.write(&mut tx).await?;
        audit(&mut tx, note, "cancel", &subjects).await?;
        tx.commit().await?;
        Ok(outcomes)
    }

    async fn record_piece(&self, tasks: &[TaskId], note: &Note) -> Result<Vec<Recorded>, Fault> {
        let ids: Vec<Uuid> = tasks.iter().map(|task| task.0).collect();
        let mut tx = self.begin().await?;
        let recorded: Vec<Uuid> = sqlx::query_scalar(sql!("desk/record_absent"))
            .bind(&ids)
            .bind(sentences::noted(sentences::ABSENT, note))
            .fetch_all(&mut *tx)
            .await?;
        let subjects: Vec<String> = recorded.iter().map(Uuid::to_string).collect();
        audit(&mut tx, note, "record_absent", &subjects).await?;
        let states: Vec<(Uuid, String)> =
            sqlx::query_as(sql!("desk/states")).bind(&ids).fetch_all(&mut *tx).await?;
        tx.commit().await?;
        let states: HashMap<Uuid, String> = states.into_iter().collect();
        let outcome = |id: &Uuid| match states.get(id) {
            _ if recorded.contains(id) => Ok(Recorded::Done),
            None => Ok(Recorded::NoSuchTask),
            Some(state) => Ok(Recorded::NotUnknown { state: codec::read(state)? }),
        };
        ids.iter().map(outcome).collect()
    }

    /// `by` None opens.
    async fn gate(
        &self,
        scope: &Scope,
        note: &Note,
        closes: bool,
    ) -> Result<Vec<LaneId>, StoreError> {
        split::again(|| async move {
            let mut tx = self.begin().await?;
            let by = closes.then_some(note.by.as_str());
            let reason = closes.then_some(note.reason.as_str());
            let lanes: Vec<i32> = match scope {
                Scope::Bureau(bureau) => {
                    let bureau = codec::bureau_number(*bureau);
                    let gate = if closes {
                        sqlx::query(sql!("desk/pause_bureau"))
                            .bind(bureau)
                            .bind(&note.by)
                            .bind(&note.reason)
                    } else {
                        sqlx::query(sql!("desk/resume_bureau")).bind(bureau)
                    };
                    gate.execute(&mut *tx).await?;
                    sqlx::query_scalar(sql!("desk/bump_bureau")).bind(bureau).fetch_all(&mut *tx)
                }
                Scope::Lane { bureau, account } => sqlx::query_scalar(sql!("desk/pause_lane"))
                    .bind(codec::bureau_number(*bureau))
                    .bind(account.as_str())
                    .bind(by)
                    .bind(reason)
                    .fetch_all(&mut *tx),
                Scope::TaxNumber(tax_no) => sqlx::query_scalar(sql!("desk/pause_tax"))
                    .bind(tax_no.as_str())
                    .bind(by)
                    .bind(reason)
                    .fetch_all(&mut *tx),
            }
            .await?;
            let action = if closes { "pause" } else { "resume" };
            audit(&mut tx, note, action, &[scope.subject()]).await?;
            tx.commit().await?;
            Ok(lanes.into_iter().map(LaneId).collect())
        })
        .await
    }
}

#[async_trait]
impl DeskLog for PostgresStore {
    async fn cancel(&self, tasks: &[TaskId], note: &Note) -> Result<Vec<Cancelled>, StoreError> {
        split::in_pieces(tasks, |piece| self.cancel_piece(piece, note)).await
    }

    async fn ask_now(&self, tasks: &[TaskId]) -> Result<Vec<AskedNow>, StoreError> {
        let ids: Vec<Uuid> = tasks.iter().map(|task| task.0).collect();
        let mut tx = self.begin().await?;
        let held: Vec<(Uuid, bool, bool)> = sqlx::query_as(sql!("desk/ask_now"))
            .bind(&ids)
            .fetch_all(&mut *tx)
            .await
            .map_err(Fault::from)?;
        let known = logged::read(&mut tx, &ids).await?;
        tx.commit().await.map_err(Fault::from)?;
        let held: HashMap<TaskId, (bool, bool)> =
            held.into_iter().map(|(task, in_hand, due)| (TaskId(task), (in_hand, due))).collect();
        Ok(tasks
            .iter()
            .map(|task| match (held.get(task), known.get(task)) {
                (_, None) => AskedNow::NoSuchTask,
                (Some((true, _)), _) => AskedNow::InHand,
                (Some((_, true)), _) => AskedNow::Due,
                (Some(_), _) => AskedNow::NeedsLogin,
                (None, Some(row)) => AskedNow::NothingSent { state: row.state },
            })
            .collect())
    }

    async fn record_absent(
        &self,
        tasks: &[TaskId],
        note: &Note,
    ) -> Result<Vec<Recorded>, StoreError> {
        split::in_pieces(tasks, |piece| self.record_piece(piece, note)).await
    }

    async fn pause(&self, scope: &Scope, note: &Note) -> Result<Vec<LaneId>, StoreError> {
        self.gate(scope, note, true).await
    }

    async fn resume(&self, scope: &Scope, note: &Note) -> Result<Vec<LaneId>, StoreError> {
        self.gate(scope, note, false).await
    }

    async fn retriable(
        &self,
        filter: &TaskFilter,
        limit: usize,
    ) -> Result<Vec<Retriable>, StoreError> {
        let rows = filter::bind(sqlx::query(sql!("desk/retriable")), filter)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        let retriable = |row| {
            let row = RetriableRow::from_row(row).map_err(Fault::from)?;
            let task = TaskId(row.task_id);
            Ok(Retriable { task, reason: row.reason, body: row.body.into() })
        };
        rows.iter().map(retriable).collect()
    }

    async fn audited(&self, limit: usize) -> Result<Vec<AuditLine>, StoreError> {
        let rows: Vec<(Moment, String, String, String, String)> =
            sqlx::query_as(sql!("desk/audited"))
                .bind(i64::try_from(limit).unwrap_or(i64::MAX))
                .fetch_all(&self.pool)
                .await
                .map_err(Fault::from)?;
        let line = |(at, by, reason, action, subject)| {
            let note = Note { by, reason };
            AuditLine { at, action, subject, note }
        };
        Ok(rows.into_iter().map(line).collect())
    }

    async fn lanes_for(&self, tax: TaxId) -> Result<Vec<LaneId>, StoreError> {
        let lanes: Vec<i32> = sqlx::query_scalar(sql!("desk/lanes_for"))
            .bind(tax.0)
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        Ok(lanes.into_iter().map(LaneId).collect())
    }
}
