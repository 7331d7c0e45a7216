//! Looking at tasks, trying them again, calling them off.

use super::asked::{AbsentAsked, AskNowAsked, CancelAsked, RetryAsked};
use crate::{
    access::Asker,
    answers::{
        AskedTask, AskedTasks, Cancellations, CancelledTask, Card, CountsView, Page, ReasonCount,
        RecordedTask, Records, Retried, Retries, Why,
    },
    filter::{TaskQuery, token},
    problem::Problem,
    site::Site,
    submit::{Item, submit},
};
use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
};
use domain::{
    ids::TaskId,
    rights::Right,
    rules,
    schedule::Hindrance,
    task::{StateName, TaskMessage},
    tax_no::TaxNo,
    taxpayer::TaxpayerKind,
};
use fleet::{
    desk::Desk,
    ports::{
        archive::{After, TaskCard, TaskFilter, TaskRow},
        desk::{AskedNow, Cancelled, Recorded, Retriable},
    },
};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Tasks of one retry when nothing is said, and at most.
const RETRIES: usize = 1000;
const MOST_RETRIES: usize = 10_000;
/// Ids in one request at most.
const IDS: usize = 1000;

fn id(text: &str) -> Result<TaskId, Problem> {
    let wrong = |_| Problem::malformed(format!("task id: \"{text}\" is not a UUID"));
    Uuid::try_parse(text).map(TaskId).map_err(wrong)
}

/// Tasks that are named one by one.
fn named(tasks: &[Uuid]) -> Result<Vec<TaskId>, Problem> {
    if !(1..=IDS).contains(&tasks.len()) {
        return Err(Problem::malformed(format!("tasks: name from 1 to {IDS} tasks")));
    }
    Ok(tasks.iter().copied().map(TaskId).collect())
}

/// Tasks, newest first
#[utoipa::path(get, path = "/api/v1/tasks", tag = "tasks", params(TaskQuery), responses(
    (status = 200, description = "A page", body = Page),
    (status = 400, description = "A parameter cannot be read", body = Problem)))]
pub(crate) async fn list(
    State(site): State<Site>,
    asker: Asker,
    query: Result<Query<TaskQuery>, QueryRejection>,
) -> Result<Json<Page>, Problem> {
    let Query(query) = query?;
    let (after, limit) = query.page()?;
    // One more than asked for tells whether there is another page.
    let filter = TaskFilter { within: asker.sees(Right::View)?, ..query.filter()? };
    let mut tasks = site.store.list(&filter, after, limit + 1).await?;
    let more = tasks.len() > limit;
    tasks.truncate(limit);
    let next = tasks.last().filter(|_| more).map(place).map(token);
    Ok(Json(Page { tasks, next }))
}

fn place(row: &TaskRow) -> After {
    After { enqueued_at: row.enqueued_at, task_id: row.task_id }
}

/// How many tasks stand in each state
#[utoipa::path(get, path = "/api/v1/counts", tag = "tasks", params(TaskQuery), responses(
    (status = 200, description = "Counts", body = CountsView),
    (status = 400, description = "A parameter cannot be read", body = Problem)))]
pub(crate) async fn counts(
    State(site): State<Site>,
    asker: Asker,
    query: Result<Query<TaskQuery>, QueryRejection>,
) -> Result<Json<CountsView>, Problem> {
    let Query(query) = query?;
    let filter = TaskFilter { within: asker.sees(Right::View)?, ..query.filter()? };
    Ok(Json(count(&site, &filter).await?))
}

pub(crate) async fn count(site: &Site, filter: &TaskFilter) -> Result<CountsView, Problem> {
    let counts = site.store.count(filter).await?.by_state;
    let ended = counts.iter().filter(|(state, _)| state.is_final()).map(|(_, n)| n).sum();
    Ok(CountsView {
        total: counts.iter().map(|(_, n)| n).sum(),
        ended,
        by_state: counts.into_iter().map(|(state, n)| (state.name().to_owned(), n)).collect(),
    })
}

/// One task with its ledger, its submissions, and why it is not running now
#[utoipa::path(get, path = "/api/v1/tasks/{id}", tag = "tasks",
    params(("id" = Uuid, Path, description = "task_id")), responses(
    (status = 200, description = "The task", body = Card),
    (status = 404, description = "No such task", body = Problem)))]
pub(crate) async fn card(
    State(site): State<Site>,
    asker: Asker,
    Path(text): Path<String>,
) -> Result<Json<Card>, Problem> {
    let task = id(&text)?;
    asker.tasks(&site, Right::View, &[task]).await?;
    let card = site.store.card(task).await?.ok_or_else(|| Problem::no_such_task(task))?;
    let why_sentence = card.why.as_ref().map(Hindrance::sentence).unwrap_or_default();
    Ok(Json(Card { card, why_sentence }))
}

/// Why a task is not running now, in one sentence
#[utoipa::path(get, path = "/api/v1/tasks/{id}/why", tag = "tasks",
    params(("id" = Uuid, Path, description = "task_id")), responses(
    (status = 200, description = "The sentence and its code", body = Why),
    (status = 404, description = "No such task", body = Problem)))]
pub(crate) async fn why(
    State(site): State<Site>,
    asker: Asker,
    Path(text): Path<String>,
) -> Result<Json<Why>, Problem> {
    let task = id(&text)?;
    asker.tasks(&site, Right::View, &[task]).await?;
    let card = site.store.card(task).await?.ok_or_else(|| Problem::no_such_task(task))?;
    Ok(Json(reason_of(&card)))
}

fn reason_of(card: &TaskCard) -> Why {
    let row = &card.row;
    let (code, sentence) = match &card.why {
        Some(hindrance) => (hindrance.code(), hindrance.sentence()),
        None if row.state.is_final() => {
            let stop = if row.reason.is_empty() { "。" } else { "：" };
            ("ended", format!("任务已结束，{}{stop}{}", row.shown_state.label(), row.reason))
        }
        None => ("running", format!("{}{}", in_words(row.state), row.reason)),
    };
    Why {
        task_id: row.task_id.0,
        state: row.state.name().to_owned(),
        code: code.to_owned(),
        sentence,
    }
}

fn in_words(state: StateName) -> &'static str {
    match state {
        StateName::Awaiting => "已提交税局，等待处理结果。",
        StateName::Unclear => "税局未明确答复，正在核实处理结果。",
        StateName::Held => "任务尚未进入账号队列，等待账号或开始时间。",
        StateName::Parked => "等待账号重新登录后继续。",
        StateName::Delayed => "稍后自动重试。",
        _ => "任务正在处理。",
    }
}

/// Try failed tasks again, by ids or by a filter
#[utoipa::path(post, path = "/api/v1/tasks/retry", tag = "tasks", request_body = RetryAsked,
    responses((status = 200, description = "What was, or would be, done", body = Retries),
        (status = 400, description = "A field cannot be read", body = Problem)))]
pub(crate) async fn retry(
    State(site): State<Site>,
    asker: Asker,
    asked: Result<Json<RetryAsked>, JsonRejection>,
) -> Result<Json<Retries>, Problem> {
    let Json(asked) = asked?;
    let (retriable, mut retried, more) = chosen(&site, &asker, &asked).await?;
    let by_reason = Desk::by_reason(&retriable);
    let by_reason = by_reason.into_iter().map(|(reason, count)| ReasonCount { reason, count });
    let by_reason = by_reason.collect();
    if !asked.dry_run {
        retried.extend(publish_anew(&site, &retriable).await?);
    }
    let (dry_run, tasks) = (asked.dry_run, retriable.len());
    Ok(Json(Retries { dry_run, tasks, more, by_reason, retried }))
}

type Chosen = (Vec<Retriable>, Vec<Retried>, bool);

/// What may be tried again, what may not with the reason, and whether there is more.
async fn chosen(site: &Site, asker: &Asker, asked: &RetryAsked) -> Result<Chosen, Problem> {
    let limit = asked.limit.unwrap_or(RETRIES);
    if !(1..=MOST_RETRIES).contains(&limit) {
        return Err(Problem::malformed(format!("limit: must be from 1 to {MOST_RETRIES}")));
    }
    match &asked.filter {
        Some(filter) if asked.tasks.is_empty() => {
            let filter = TaskFilter { within: asker.sees(Right::Retry)?, ..filter.filter()? };
            let mut found = site.desk.retriable(&filter, limit + 1).await?;
            let more = found.len() > limit;
            found.truncate(limit);
            let (may, may_not) = by_rule(site, found).await?;
            Ok((may, may_not, more))
        }
        None if (1..=IDS).contains(&asked.tasks.len()) => {
            let ids: Vec<TaskId> = asked.tasks.iter().copied().map(TaskId).collect();
            asker.tasks(site, Right::Retry, &ids).await?;
            by_ids(site, &asked.tasks).await
        }
        _ => Err(Problem::malformed(format!(
            "tasks, filter: name from 1 to {IDS} tasks, or give a filter ({{}} is every failed task)"
        ))),
    }
}

async fn by_ids(site: &Site, ids: &[Uuid]) -> Result<Chosen, Problem> {
    let (mut may, mut may_not) = (Vec::new(), Vec::new());
    for id in ids {
        match site.store.card(TaskId(*id)).await?.map(may_retry) {
            Some(Ok(retriable)) => may.push(retriable),
            Some(Err(reason)) => may_not.push(Retried { task_id: *id, retry: None, reason }),
            None => {
                let reason = Problem::no_such_task(id).sentence;
                may_not.push(Retried { task_id: *id, retry: None, reason });
            }
        }
    }
    let (may, refused) = by_rule(site, may).await?;
    may_not.extend(refused);
    Ok((may, may_not, false))
}

/// A retry makes no new task for a small-scale taxpayer; told before anything is published.
async fn by_rule(
    site: &Site,
    found: Vec<Retriable>,
) -> Result<(Vec<Retriable>, Vec<Retried>), Problem> {
    let message = |one: &Retriable| TaskMessage::parse(one.body.as_bytes()).ok();
    let asked: Vec<Option<TaskMessage>> = found.iter().map(message).collect();
    let mut tax_nos: Vec<TaxNo> = asked.iter().flatten().map(|of| of.tax_no.clone()).collect();
    tax_nos.sort();
    tax_nos.dedup();
    let payers = site.store.taxpayers(&tax_nos).await?;
    let kinds: HashMap<TaxNo, TaxpayerKind> =
        payers.into_iter().flatten().map(|payer| (payer.tax_no, payer.kind)).collect();
    let (mut may, mut may_not) = (Vec::with_capacity(found.len()), Vec::new());
    for (one, message) in found.into_iter().zip(asked) {
        let kind =
            message.as_ref().and_then(|of| kinds.get(&of.tax_no).map(|kind| (of.kind, *kind)));
        match kind.map(|(of, payer)| rules::not_small_scale(of, payer)) {
            Some(Err(refusal)) => {
                let (task_id, reason) = (one.task.0, refusal.sentence);
                may_not.push(Retried { task_id, retry: None, reason });
            }
            _ => may.push(one),
        }
    }
    Ok((may, may_not))
}

/// The log decides when the retry comes; this says beforehand what it will say.
fn may_retry(card: TaskCard) -> Result<Retriable, String> {
    let row = card.row;
    if !matches!(row.state, StateName::Failed | StateName::Refused) {
        return Err(format!("it is {}, it did not fail", row.state));
    }
    if row.unknown {
        return Err("nobody knows what came of it; a person must check at the bureau, and may \
                    record that nothing came of it (gouxuan task absent)"
            .to_owned());
    }
    if let Some(retry) = card.retry {
        return Err(format!("it was tried again already as {retry}; retry that one instead"));
    }
    Ok(Retriable { task: row.task_id, reason: row.reason, body: card.body.into() })
}

async fn publish_anew(site: &Site, retriable: &[Retriable]) -> Result<Vec<Retried>, Problem> {
    let renewed = site.desk.renewed(retriable);
    let mut retried = Vec::with_capacity(renewed.len());
    let mut waiting = HashMap::new();
    let mut items = Vec::new();
    for (at, one) in renewed.iter().enumerate() {
        match &one.message {
            Ok((retry, body)) => {
                waiting.insert(at, *retry);
                items.push(Item { line: at, body: body.as_bytes().into() });
            }
            Err(reason) => {
                let (task_id, reason) = (one.task.0, reason.clone());
                retried.push(Retried { task_id, retry: None, reason });
            }
        }
    }
    for outcome in submit(site, &items, None).await? {
        let task_id = renewed[outcome.line].task.0;
        let retry = waiting.remove(&outcome.line).filter(|_| outcome.outcome.taken());
        retried.push(Retried { task_id, retry: retry.map(|id| id.0), reason: outcome.reason });
    }
    Ok(retried)
}

/// How tasks stand, for the audit.
async fn standing(site: &Site, ids: &[TaskId]) -> Result<BTreeMap<String, String>, Problem> {
    let mut standing = BTreeMap::new();
    for id in ids {
        let state = site.store.card(*id).await?.map(|card| card.row.state.name().to_owned());
        standing.insert(id.to_string(), state.unwrap_or_default());
    }
    Ok(standing)
}

/// Call tasks off that have sent nothing
#[utoipa::path(post, path = "/api/v1/tasks/cancel", tag = "tasks", request_body = CancelAsked,
    responses((status = 200, description = "What became of each", body = Cancellations),
        (status = 400, description = "A field cannot be read", body = Problem)))]
pub(crate) async fn cancel(
    State(site): State<Site>,
    asker: Asker,
    asked: Result<Json<CancelAsked>, JsonRejection>,
) -> Result<Json<Cancellations>, Problem> {
    let Json(asked) = asked?;
    let note = asker.note(&asked.by, &asked.reason)?;
    let ids = named(&asked.tasks)?;
    asker.tasks(&site, Right::Retry, &ids).await?;
    asker.before(&standing(&site, &ids).await?);
    let done = site.desk.cancel(&ids, &note).await?;
    let tasks = ids.iter().zip(done).map(|(task, done)| {
        let (cancelled, reason) = match done {
            Cancelled::Done => (true, String::new()),
            Cancelled::NoSuchTask => (false, Problem::no_such_task(task).sentence),
            Cancelled::TooLate { state } if state.is_final() => {
                (false, format!("it has ended: it is {state}"))
            }
            Cancelled::TooLate { state } => {
                (false, format!("it is {state}: something may have been sent to the bureau"))
            }
        };
        CancelledTask { task_id: task.0, cancelled, reason }
    });
    let tasks: Vec<CancelledTask> = tasks.collect();
    let not_cancelled = tasks.iter().filter(|task| !task.cancelled).count();
    Ok(Json(Cancellations { tasks, not_cancelled }))
}

/// Record that a person looked and the bureau has nothing of tasks whose outcome was unknown
#[utoipa::path(post, path = "/api/v1/tasks/absent", tag = "tasks", request_body = AbsentAsked,
    responses((status = 200, description = "What became of each; what was recorded may be retried",
            body = Records),
        (status = 400, description = "A field cannot be read", body = Problem)))]
pub(crate) async fn record_absent(
    State(site): State<Site>,
    asker: Asker,
    asked: Result<Json<AbsentAsked>, JsonRejection>,
) -> Result<Json<Records>, Problem> {
    let Json(asked) = asked?;
    let note = asker.note(&asked.by, &asked.reason)?;
    let ids = named(&asked.tasks)?;
    asker.tasks(&site, Right::Retry, &ids).await?;
    asker.before(&standing(&site, &ids).await?);
    let done = site.desk.record_absent(&ids, &note).await?;
    let tasks = ids.iter().zip(done).map(|(task, done)| {
        let (recorded, reason) = match done {
            Recorded::Done => (true, String::new()),
            Recorded::NoSuchTask => (false, Problem::no_such_task(task).sentence),
            Recorded::NotUnknown { state } => {
                (false, format!("it is {state}, and what came of it is not unknown"))
            }
        };
        RecordedTask { task_id: task.0, recorded, reason }
    });
    let tasks: Vec<RecordedTask> = tasks.collect();
    let not_recorded = tasks.iter().filter(|task| !task.recorded).count();
    Ok(Json(Records { tasks, not_recorded }))
}

/// Ask for results now (获取异步请求结果) and not when their turn comes
#[utoipa::path(post, path = "/api/v1/tasks/ask", tag = "tasks", request_body = AskNowAsked,
    responses((status = 200, description = "What became of each", body = AskedTasks),
        (status = 400, description = "A field cannot be read", body = Problem)))]
pub(crate) async fn ask_now(
    State(site): State<Site>,
    asker: Asker,
    asked: Result<Json<AskNowAsked>, JsonRejection>,
) -> Result<Json<AskedTasks>, Problem> {
    let Json(asked) = asked?;
    let ids = named(&asked.tasks)?;
    asker.tasks(&site, Right::Retry, &ids).await?;
    let done = site.desk.ask_now(&ids).await?;
    let tasks = ids.iter().zip(done).map(|(task, done)| {
        let (asked, reason) = match done {
            AskedNow::Due => (true, String::new()),
            AskedNow::InHand => (true, "a worker has it in hand".to_owned()),
            AskedNow::NoSuchTask => (false, Problem::no_such_task(task).sentence),
            AskedNow::NeedsLogin => {
                (false, "its account must be logged in first (gouxuan lane login)".to_owned())
            }
            AskedNow::NothingSent { state } if state.is_final() => {
                (false, format!("it has ended: it is {state}"))
            }
            AskedNow::NothingSent { state } => {
                (false, format!("it is {state}: nothing was sent that could be asked about"))
            }
        };
        AskedTask { task_id: task.0, asked, reason }
    });
    let tasks: Vec<AskedTask> = tasks.collect();
    let not_asked = tasks.iter().filter(|task| !task.asked).count();
    Ok(Json(AskedTasks { tasks, not_asked }))
}
