//! Looking at tasks, calling them off, recording what a person saw.

use super::asked::{AbsentAsked, AskNowAsked, CancelAsked};
use crate::{
    access::Asker,
    answers::{
        AskedTask, AskedTasks, Cancellations, CancelledTask, Card, CountsView, Page, RecordedTask,
        Records, Why,
    },
    filter::{TaskQuery, token},
    problem::Problem,
    site::Site,
};
use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
};
use domain::{ids::TaskId, rights::Right, schedule::Hindrance, task::StateName};
use fleet::ports::{
    archive::{After, TaskCard, TaskFilter, TaskRow},
    desk::{AskedNow, Cancelled, Recorded},
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Ids in one request at most.
pub(super) const IDS: usize = 1000;

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
