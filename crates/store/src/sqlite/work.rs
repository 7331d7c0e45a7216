//! What an attempt needs, read when the keys were taken.

use super::{
    Tx,
    columns::{self, moment},
    fault::Fault,
};
use crate::{
    codec,
    facts_row::{self, AskedRow, Known},
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
use serde::Serialize;
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
    quiet_until: Option<i64>,
    asked_since: Option<i64>,
    attempts: i32,
    rescues: i32,
    traceparent: Option<String>,
    submitted_at: i64,
    body: String,
    lane_bureau: i32,
    lane_account: String,
    lane_channel: String,
    current_tax_id: Option<i32>,
    #[sqlx(flatten)]
    session: SessionColumns,
    #[sqlx(flatten)]
    taxpayer: TaxpayerColumns,
}

/// The columns of a lane's account; all NULL for 乐企.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct SessionColumns {
    login: Option<String>,
    online: Option<bool>,
    epoch: Option<i64>,
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
    id: i32,
    tax_no: String,
    name: String,
    kind: String,
    channel: String,
    leqi_mode: String,
    bureau: i32,
    tax_org: String,
    period: Option<i32>,
    statistic_order: i64,
    /// A JSON array, the default one first.
    accounts: String,
}

impl TaxpayerColumns {
    pub(super) fn taxpayer(self) -> Result<Taxpayer, Fault> {
        let accounts: Vec<Account> = serde_json::from_str(&self.accounts)
            .map_err(|error| Fault::broken(format!("stored accounts cannot be read: {error}")))?;
        Ok(Taxpayer {
            id: TaxId(self.id),
            tax_no: codec::read(&self.tax_no)?,
            name: self.name,
            kind: codec::read(&self.kind)?,
            channel: self.channel,
            leqi_mode: codec::read(&self.leqi_mode)?,
            bureau: codec::bureau(self.bureau)?,
            tax_org: self.tax_org,
            period: self.period.and_then(TaxPeriod::from_number),
            statistic_order: Fence(self.statistic_order),
            accounts,
        })
    }
}

/// One line of evidence.
#[derive(Debug, sqlx::FromRow)]
struct EvidenceRow {
    task_id: Uuid,
    act: String,
    fence: i64,
    proof: String,
    value: Option<String>,
    at: i64,
}

/// A submission with the bureau's own words.
#[derive(Clone, Debug)]
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
pub(super) async fn read(tx: &mut Tx, tasks: &[TaskId]) -> Result<HashMap<TaskId, Work>, Fault> {
    if tasks.is_empty() {
        return Ok(HashMap::new());
    }
    let ids = columns::hexes(tasks.iter().copied());
    let rows: Vec<WorkRow> =
        sqlx::query_as(sql!("work/work")).bind(&ids).fetch_all(&mut **tx).await?;
    let mut sent = submissions(tx, tasks).await?;
    let mut works = Vec::with_capacity(rows.len());
    for row in rows {
        let submissions = sent.remove(&TaskId(row.task_id)).unwrap_or_default();
        works.push(work(row, submissions)?);
    }
    fill_pool(tx, &mut works).await?;
    Ok(works.into_iter().map(|work| (work.message.task_id, work)).collect())
}

/// What is known to have been sent for these tasks, in the order of the holders. What a reading
/// proved absent counts no more unless it was answered: what was learned before that reading, and
/// whatever is heard of earlier holders, also afterwards. Those after it have sent again.
pub(super) async fn submissions(
    tx: &mut Tx,
    tasks: &[TaskId],
) -> Result<HashMap<TaskId, Vec<Sent>>, Fault> {
    let rows: Vec<EvidenceRow> = sqlx::query_as(sql!("work/submissions"))
        .bind(columns::hexes(tasks.iter().copied()))
        .fetch_all(&mut **tx)
        .await?;
    let mut sent: HashMap<TaskId, Vec<Sent>> = HashMap::new();
    let mut absent: HashMap<(TaskId, Act), Fence> = HashMap::new();
    for row in rows {
        let act = Act::from_name(&row.act)
            .ok_or_else(|| Fault::broken(format!("\"{}\" is not an act", row.act)))?;
        let (task, fence) = (TaskId(row.task_id), Fence(row.fence));
        let known = sent.entry(task).or_default();
        if row.proof == "absent" {
            known.retain(|sent| sent.act != act || sent.answer.is_some());
            absent.insert((task, act), fence);
            continue;
        }
        let is_void = absent.get(&(task, act)).is_some_and(|proved| fence < *proved);
        if is_void && row.proof != "answer" {
            continue;
        }
        let found = known.iter().position(|sent| sent.act == act && sent.fence == fence);
        let index = found.unwrap_or_else(|| {
            let sent_at = moment(row.at);
            known.push(Sent { act, fence, sent_at, receipt: None, answer: None });
            known.len() - 1
        });
        match row.proof.as_str() {
            "receipt" => known[index].receipt = row.value,
            "answer" => known[index].answer = row.value,
            _ => {}
        }
    }
    for known in sent.values_mut() {
        known.sort_by_key(|sent| sent.fence);
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
        lane_key: codec::lane_key(row.lane_bureau, &row.lane_account)?,
        slot: Slot(row.n.unwrap_or_default()),
        tax: TaxId(row.taxpayer.id),
        place: Place(row.place),
        message: Arc::new(message(&row.body)?),
        channel: codec::read(&row.lane_channel)?,
        session: row.session.session()?,
        taxpayer: Arc::new(row.taxpayer.taxpayer()?),
        current_tax: row.current_tax_id.map(TaxId),
        pool: Vec::new(),
        submitted_at: moment(row.submitted_at),
        attempts: codec::count(row.attempts),
        rescues: codec::count(row.rescues),
        submissions: sent.into_iter().map(submission).collect(),
        may_have_sent: row.may_have_sent,
        quiet_until: row.quiet_until.map(moment),
        asked_since: row.asked_since.map(moment),
        traceparent: row.traceparent,
    })
}

/// Invoices asked for, as `roster/invoices` reads them.
#[derive(Debug, Serialize)]
pub(super) struct Asked<'a> {
    pub(super) tax_id: i32,
    pub(super) number: &'a str,
    pub(super) code: &'a str,
}

/// What the pool knows of these invoices, in their order, holds aside.
pub(super) async fn pool(tx: &mut Tx, asked: &[Asked<'_>]) -> Result<Vec<Option<Known>>, Fault> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<AskedRow> = sqlx::query_as(sql!("roster/invoices"))
        .bind(columns::rows(asked))
        .fetch_all(&mut **tx)
        .await?;
    Ok(facts_row::in_order(asked.len(), rows)?)
}

async fn fill_pool(tx: &mut Tx, works: &mut [Work]) -> Result<(), Fault> {
    let messages: Vec<(TaxId, Arc<TaskMessage>)> =
        works.iter().map(|work| (work.tax, work.message.clone())).collect();
    let asked: Vec<Asked<'_>> = messages
        .iter()
        .flat_map(|(tax, message)| message.invoices.iter().map(move |invoice| (tax, invoice)))
        .map(|(tax, invoice)| Asked {
            tax_id: tax.0,
            number: &invoice.key.number,
            code: &invoice.key.code,
        })
        .collect();
    let mut known = pool(tx, &asked).await?.into_iter();
    for work in works {
        let own = Some(work.message.task_id);
        let mine = known.by_ref().take(work.message.invoices.len());
        work.pool = mine.map(|known| known.map(|known| facts_row::seen_by(known, own))).collect();
    }
    Ok(())
}
