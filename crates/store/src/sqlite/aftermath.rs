//! What follows from new states, written with them: ledger lines, the pool, freed invoices, marks
//! of failure, counted batches, evidence, events.

use super::{
    Tx,
    case::Case,
    columns::{self, micros},
    docket::{Numbers, send, send_at},
    fault::Fault,
};
use crate::{
    codec,
    event_data::{self, NewEvent, News, Subject},
    standing_row::{Heard, StandingRow},
};
use domain::{
    Moment,
    ids::{TaskId, TaxId},
    invoice::PoolChange,
    kind::Kind,
    ledger::{LedgerLine, LineOutcome},
    task::{ShownState, StateName},
};
use fleet::ports::{
    log::{Evidence, Proof},
    outbox::EventKind,
};
use serde::Serialize;
use std::collections::BTreeMap;
use uuid::Uuid;

/// How a task ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ending<'a> {
    pub(super) kind: Kind,
    pub(super) tax: Option<TaxId>,
    pub(super) state: StateName,
    pub(super) shown: ShownState,
    pub(super) reason: &'a str,
    pub(super) lines: &'a [LedgerLine],
    pub(super) pool: &'a [PoolChange],
    pub(super) unknown: bool,
}

/// Rows to write, gathered over a batch.
#[derive(Debug, Default)]
pub(super) struct Aftermath {
    submissions: Vec<SubmissionRow>,
    lines: Vec<LineRow>,
    pool: Heard,
    failures: Vec<FailureRow>,
    freed: Vec<String>,
    batches: BTreeMap<String, (i64, Subject)>,
    events: Vec<NewEvent>,
}

#[derive(Debug, Serialize)]
struct SubmissionRow {
    task_id: String,
    act: &'static str,
    fence: i64,
    proof: &'static str,
    value: Option<String>,
    quiet_until: Option<i64>,
}

#[derive(Debug, Serialize)]
struct LineRow {
    task_id: String,
    number: String,
    code: String,
    action: &'static str,
    outcome: &'static str,
    reason: String,
}

#[derive(Debug, Serialize)]
struct FailureRow {
    task_id: String,
    unknown: bool,
}

#[derive(Serialize)]
struct EventRow<'a> {
    task_id: String,
    sequence: i32,
    kind: &'static str,
    bureau: Option<&'a str>,
    data: &'a str,
    retriable: bool,
    reason: &'a str,
    traceparent: Option<&'a str>,
}

/// How many of the lines succeeded.
pub(super) fn succeeded(lines: &[LedgerLine]) -> i32 {
    codec::count(lines.iter().filter(|line| line.outcome == LineOutcome::Succeeded).count())
}

fn columns_of(proof: &Proof) -> (&'static str, Option<String>, Option<Moment>) {
    match proof {
        Proof::Sending => ("sending", None, None),
        Proof::Receipt(receipt) => ("receipt", Some(receipt.0.clone()), None),
        Proof::Answer(words) => ("answer", Some(words.clone()), None),
        Proof::Lost { quiet_until } => ("lost", None, Some(*quiet_until)),
        Proof::Absent | Proof::NotBegun => ("absent", None, None),
    }
}

impl Aftermath {
    pub(super) fn evidence(&mut self, evidence: &Evidence) {
        let (proof, value, quiet_until) = columns_of(&evidence.what);
        self.submissions.push(SubmissionRow {
            task_id: columns::hex(evidence.task),
            act: evidence.act.name(),
            fence: evidence.fence.0,
            proof,
            value,
            quiet_until: quiet_until.map(micros),
        });
    }

    /// A task has ended; its event gets the next number of the task's own sequence.
    pub(super) fn end(&mut self, subject: &mut Subject, ending: &Ending<'_>) {
        let task_id = || columns::hex(subject.task);
        self.lines.extend(ending.lines.iter().map(|line| LineRow {
            task_id: task_id(),
            number: line.invoice.number.clone(),
            code: line.invoice.code.clone(),
            action: codec::action_name(ending.kind),
            outcome: line.outcome.name(),
            reason: line.reason.clone(),
        }));
        if let Some(tax) = ending.tax {
            self.pool.hear(tax, ending.pool);
        }
        if matches!(ending.state, StateName::Failed | StateName::Refused) {
            self.failures.push(FailureRow { task_id: task_id(), unknown: ending.unknown });
        }
        if ending.kind.action().is_some() {
            self.freed.push(task_id());
        }
        if let Some(kind) = event_data::kind_of(ending.state) {
            self.event(
                subject,
                &News {
                    kind,
                    state: ending.state,
                    shown: ending.shown,
                    reason: ending.reason,
                    lines: ending.lines,
                    unknown: ending.unknown,
                },
            );
        }
        if let Some(batch) = subject.batch_id.clone() {
            let entry = self.batches.entry(batch).or_insert_with(|| (0, subject.clone()));
            *entry = (entry.0 + 1, subject.clone());
        }
    }

    fn event(&mut self, subject: &mut Subject, news: &News<'_>) {
        self.events.push(event_data::task_event(subject, news));
        subject.events += 1;
    }

    /// Tells what a task that goes on has come to.
    pub(super) fn tell(&mut self, case: &mut Case, kind: EventKind) {
        let news = News {
            kind,
            state: case.state.name(),
            shown: case.shown(),
            reason: &case.reason,
            lines: &[],
            unknown: case.unknown,
        };
        self.events.push(event_data::task_event(&case.subject, &news));
        case.subject.events += 1;
    }

    pub(super) async fn write(mut self, tx: &mut Tx, now: Moment) -> Result<Numbers, Fault> {
        send_at(tx, sql!("ending/submission"), &self.submissions, now).await?;
        send(tx, sql!("ending/pool"), &self.pool.marked).await?;
        self.write_read(tx).await?;
        send(tx, sql!("ending/holds"), &self.freed).await?;
        send_at(tx, sql!("ending/ledger"), &self.lines, now).await?;
        send_at(tx, sql!("ending/failure"), &self.failures, now).await?;
        self.count_batches(tx).await?;
        write_events(tx, &self.events, now).await
    }

    /// What the bureau told decides with what is known now.
    async fn write_read(&self, tx: &mut Tx) -> Result<(), Fault> {
        if self.pool.read.is_empty() {
            return Ok(());
        }
        let known: Vec<StandingRow> = sqlx::query_as(sql!("ending/standing"))
            .bind(columns::rows(&self.pool.asked()))
            .fetch_all(&mut **tx)
            .await?;
        send(tx, sql!("ending/read"), &self.pool.standings(known)?).await
    }

    /// A batch that is complete is told with the last of its tasks, as one more of its events.
    async fn count_batches(&mut self, tx: &mut Tx) -> Result<(), Fault> {
        for (batch, (ended, last)) in &self.batches {
            let counted: Option<(i32, bool)> = sqlx::query_as(sql!("ending/batch"))
                .bind(batch)
                .bind(ended)
                .fetch_optional(&mut **tx)
                .await?;
            if let Some((tasks, true)) = counted {
                let sequence = last.events + 1;
                self.events.push(event_data::batch_event(last, sequence, batch, tasks));
                sqlx::query(sql!("ending/count_event"))
                    .bind(last.task.0)
                    .execute(&mut **tx)
                    .await?;
            }
        }
        Ok(())
    }
}

async fn write_events(tx: &mut Tx, events: &[NewEvent], now: Moment) -> Result<Numbers, Fault> {
    let mut numbers = Numbers::new();
    if events.is_empty() {
        return Ok(numbers);
    }
    let rows: Vec<EventRow<'_>> = events
        .iter()
        .map(|event| EventRow {
            task_id: columns::hex(event.task),
            sequence: event.sequence,
            kind: event.kind.name(),
            bureau: event.bureau.as_deref(),
            data: &event.data,
            retriable: event.retriable,
            reason: &event.reason,
            traceparent: event.traceparent.as_deref(),
        })
        .collect();
    let mut written: Vec<(i64, Uuid)> = sqlx::query_as(sql!("ending/outbox"))
        .bind(columns::rows(&rows))
        .bind(micros(now))
        .fetch_all(&mut **tx)
        .await?;
    // SQLite does not promise an order of RETURNING.
    written.sort_unstable();
    for (number, task) in written {
        numbers.entry(TaskId(task)).or_default().push(number);
    }
    Ok(numbers)
}
