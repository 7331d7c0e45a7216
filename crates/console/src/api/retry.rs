//! Trying failed tasks again.

use super::{asked::RetryAsked, tasks::IDS};
use crate::{
    access::Asker,
    answers::{ReasonCount, Retried, Retries},
    problem::Problem,
    site::Site,
    submit::{Item, submit},
};
use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
};
use domain::{
    ids::TaskId,
    rights::Right,
    rules,
    task::{StateName, TaskMessage},
    tax_no::TaxNo,
    taxpayer::TaxpayerKind,
};
use fleet::{
    desk::Desk,
    ports::{
        archive::{TaskCard, TaskFilter},
        desk::Retriable,
    },
};
use std::collections::HashMap;
use uuid::Uuid;

/// Tasks of one retry when nothing is said, and at most.
const RETRIES: usize = 1000;
const MOST_RETRIES: usize = 10_000;

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
