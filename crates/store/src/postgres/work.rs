//! What an attempt needs, read when the keys were taken.

use super::{Tx, fault::Fault};
use crate::{
    codec,
    facts_row::{self, AskedRow},
};
use domain::{
    Moment,
    answer::Receipt,
    bureau::Account,
    ids::{Epoch, Fence, LaneId, Place, Slot, TaskId, TaxId},
    period::TaxPeriod,
    task::{Act, TaskMessage},
    taxpayer::{Session, Taxpayer},
};
use fleet::ports::log::{Submission, Work};
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;

#[derive(Debug, sqlx::FromRow)]
struct WorkRow {
    task_id: Uuid,
    fence: i64,
    lane_id: i32,
    n: Option<i16>,
    place: i64,
    may_have_sent: bool,
    quiet_until: Option<Moment>,
    asked_since: Option<Moment>,
    attempts: i32,
    rescues: i32,
    traceparent: Option<String>,
    submitted_at: Moment,
    body: String,
    lane_bureau: i32,
    account: String,
    channel: String,
    current_tax_id: Option<i32>,
    #[sqlx(flatten)]
    session: SessionColumns,
    #[sqlx(flatten)]
    taxpayer: TaxpayerColumns,
}

/// The columns of a lane's account; all NULL for 乐企.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct SessionColumns {
    pub(super) login: Option<String>,
    pub(super) online: Option<bool>,
    pub(super) epoch: Option<i64>,
}

impl SessionColumns {
    pub(super) fn session(&self) -> Result<Option<Session>, Fault> {
        let (Some(login), Some(online), Some(epoch)) = (&self.login, self.online, self.epoch)
        else {
            return Ok(None);
        };
        Ok(Some(Session { login: codec::read(login)?, online, epoch: Epoch(epoch) }))
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct TaxpayerColumns {
    pub(super) tax_id: i32,
    pub(super) tax_no: String,
    pub(super) name: String,
    pub(super) taxpayer_kind: String,
    pub(super) taxpayer_channel: String,
    pub(super) leqi_mode: String,
    pub(super) taxpayer_bureau: i32,
    pub(super) tax_org: String,
    pub(super) period: Option<i32>,
    pub(super) statistic_order: i64,
    pub(super) accounts: Vec<String>,
}

impl TaxpayerColumns {
    pub(super) fn taxpayer(self) -> Result<Taxpayer, Fault> {
        let accounts: Result<Vec<Account>, _> =
            self.accounts.iter().map(|account| codec::read(account)).collect();
        Ok(Taxpayer {
            id: TaxId(self.tax_id),
            tax_no: codec::read(&self.tax_no)?,
            name: self.name,
            kind: codec::read(&self.taxpayer_kind)?,
            channel: self.taxpayer_channel,
            leqi_mode: codec::read(&self.leqi_mode)?,
            bureau: codec::bureau(self.taxpayer_bureau)?,
            tax_org: self.tax_org,
            period: self.period.and_then(TaxPeriod::from_number),
            statistic_order: Fence(self.statistic_order),
            accounts: accounts?,
        })
    }
}

#[derive(Debug, sqlx::FromRow)]
struct SubmissionRow {
    task_id: Uuid,
    act: String,
    fence: i64,
    sent_at: Moment,
    receipt: Option<String>,
    answer: Option<String>,
}

/// A submission with the bureau's own words.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) act: Act,
    pub(super) fence: Fence,
    pub(super) sent_at: Moment,
    pub(super) receipt: Option<String>,
    pub(super) answer: Option<String>,
}

/// The body of a task, read again.
pub(super) fn message(body: &str) -> Result<TaskMessage, Fault> {
    TaskMessage::parse(body.as_bytes())
        .map_err(|wrong| Fault::broken(format!("a logged body cannot be read: {wrong}")))
}

/// The work of these tasks, whose keys are held.
pub(super) async fn read(tx: &mut Tx, tasks: &[Uuid]) -> Result<HashMap<TaskId, Work>, Fault> {
    if tasks.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<WorkRow> =
        sqlx::query_as(sql!("work/work")).bind(tasks).fetch_all(&mut **tx).await?;
    let mut sent = submissions(tx, tasks).await?;
    let mut works = Vec::with_capacity(rows.len());
    for row in rows {
        let submissions = sent.remove(&TaskId(row.task_id)).unwrap_or_default();
        works.push(work(row, submissions)?);
    }
    fill_pool(tx, &mut works).await?;
    Ok(works.into_iter().map(|work| (work.message.task_id, work)).collect())
}

/// What is known to have been sent for these tasks, oldest first.
pub(super) async fn submissions(
    tx: &mut Tx,
    tasks: &[Uuid],
) -> Result<HashMap<TaskId, Vec<Sent>>, Fault> {
    let rows: Vec<SubmissionRow> =
        sqlx::query_as(sql!("work/submissions")).bind(tasks).fetch_all(&mut **tx).await?;
    let mut sent: HashMap<TaskId, Vec<Sent>> = HashMap::new();
    for row in rows {
        let act = Act::from_name(&row.act)
            .ok_or_else(|| Fault::broken(format!("\"{}\" is not an act", row.act)))?;
        sent.entry(TaskId(row.task_id)).or_default().push(Sent {
            act,
            fence: Fence(row.fence),
            sent_at: row.sent_at,
            receipt: row.receipt,
            answer: row.answer,
        });
    }
    Ok(sent)
}

fn work(row: WorkRow, sent: Vec<Sent>) -> Result<Work, Fault> {
    let submission = |sent: Sent| Submission {
        act: sent.act,
        fence: sent.fence,
        sent_at: sent.sent_at,
        receipt: sent.receipt.map(Receipt),
        answer: sent.answer,
    };
    Ok(Work {
        fence: Fence(row.fence),
        lane: LaneId(row.lane_id),
        lane_key: codec::lane_key(row.lane_bureau, &row.account)?,
        slot: Slot(row.n.unwrap_or_default()),
        tax: TaxId(row.taxpayer.tax_id),
        place: Place(row.place),
        message: Arc::new(message(&row.body)?),
        channel: codec::read(&row.channel)?,
        session: row.session.session()?,
        taxpayer: Arc::new(row.taxpayer.taxpayer()?),
        current_tax: row.current_tax_id.map(TaxId),
        pool: Vec::new(),
        submitted_at: row.submitted_at,
        attempts: codec::count(row.attempts),
        rescues: codec::count(row.rescues),
        submissions: sent.into_iter().map(submission).collect(),
        may_have_sent: row.may_have_sent,
        quiet_until: row.quiet_until,
        asked_since: row.asked_since,
        traceparent: row.traceparent,
    })
}

/// What the pool knows of the works' invoices. A task's own hold does not make them `selecting`.
async fn fill_pool(tx: &mut Tx, works: &mut [Work]) -> Result<(), Fault> {
    let (mut taxes, mut numbers, mut codes) = (Vec::new(), Vec::new(), Vec::new());
    for work in works.iter() {
        for invoice in &work.message.invoices {
            taxes.push(work.tax.0);
            numbers.push(invoice.key.number.as_str());
            codes.push(invoice.key.code.as_str());
        }
    }
    if taxes.is_empty() {
        return Ok(());
    }
    let rows: Vec<AskedRow> = sqlx::query_as(sql!("roster/invoices"))
        .bind(&taxes)
        .bind(&numbers)
        .bind(&codes)
        .fetch_all(&mut **tx)
        .await?;
    let mut pool = facts_row::in_order(taxes.len(), rows)?.into_iter();
    for work in works {
        let own = Some(work.message.task_id);
        let mine = pool.by_ref().take(work.message.invoices.len());
        work.pool = mine.map(|known| known.map(|known| facts_row::seen_by(known, own))).collect();
    }
    Ok(())
}
