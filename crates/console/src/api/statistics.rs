//! Statistic tables and periods: looking at them, and one task for each operation on them.

use super::{asked::OperationAsked, publish};
use crate::{
    access::Asker,
    answers::{StatisticsView, Submission, TableView},
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
    http::StatusCode,
};
use domain::{
    ids::TaskId, kind::Kind, period::TaxPeriod, rights::Right, rules, task::TaskMessage,
    tax_no::TaxNo,
};
use serde::Deserialize;
use serde_json::Value;
use utoipa::IntoParams;

/// Which period.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeriodQuery {
    /// Such as 202511; left out: every one that something is known of
    period: Option<String>,
}

/// The statistic tables of a tax number: state, the bureau's figures, ours, and where they differ
#[utoipa::path(get, path = "/api/v1/statistics/{tax_no}", tag = "statistics",
    params(("tax_no" = String, Path), PeriodQuery), responses(
    (status = 200, description = "By period", body = StatisticsView),
    (status = 400, description = "A parameter cannot be read", body = Problem),
    (status = 422, description = "No such tax number", body = Problem)))]
pub(crate) async fn tables(
    State(site): State<Site>,
    asker: Asker,
    Path(tax_no): Path<String>,
    query: Result<Query<PeriodQuery>, QueryRejection>,
) -> Result<Json<StatisticsView>, Problem> {
    let Query(PeriodQuery { period }) = query?;
    let tax_no = tax_no_of(&tax_no)?;
    let period = period.as_deref().map(|text| period_of("period", text)).transpose()?;
    asker.tax_nos(&site, Right::View, std::slice::from_ref(&tax_no)).await?;
    let found = site.store.tables(&[(tax_no.clone(), period)]).await?.pop().flatten();
    let unknown =
        || Problem::rejected(rules::Rule::UnknownTaxNumber.refuses(tax_no.as_str()).sentence);
    let tables = found.ok_or_else(unknown)?.iter().map(TableView::from).collect();
    Ok(Json(StatisticsView { tax_no: tax_no.to_string(), tables }))
}

/// One task about a statistic table: `query`, `create`, `withdraw` or `confirm`
///
/// A `task_id` makes repeating it safe. What the rules refuse at once gets its sentence and no task.
#[utoipa::path(post, path = "/api/v1/statistics/{tax_no}/{operation}", tag = "statistics",
    params(("tax_no" = String, Path),
        ("operation" = String, Path, description = "query, create, withdraw, confirm")),
    request_body = OperationAsked, responses(
    (status = 200, description = "The task", body = Submission),
    (status = 422, description = "Refused; no task was made", body = Problem)))]
pub(crate) async fn operate(
    State(site): State<Site>,
    asker: Asker,
    Path((tax_no, operation)): Path<(String, String)>,
    asked: Result<Json<OperationAsked>, JsonRejection>,
) -> Result<(StatusCode, Json<Submission>), Problem> {
    let kind = match operation.as_str() {
        "query" => Kind::StatisticQuery,
        "create" => Kind::StatisticCreate,
        "withdraw" => Kind::StatisticWithdraw,
        "confirm" => Kind::StatisticConfirm,
        _ => return Err(no_such("query, create, withdraw, confirm", &operation)),
    };
    one_task(&site, &asker, kind, &tax_no, asked?.0).await
}

/// One task about the current period: `query` or `change`
///
/// As operations on statistic tables; `change` needs `tax_period`, the period to change to.
#[utoipa::path(post, path = "/api/v1/periods/{tax_no}/{operation}", tag = "statistics",
    params(("tax_no" = String, Path),
        ("operation" = String, Path, description = "query, change")),
    request_body = OperationAsked, responses(
    (status = 200, description = "The task", body = Submission),
    (status = 422, description = "Refused; no task was made", body = Problem)))]
pub(crate) async fn period(
    State(site): State<Site>,
    asker: Asker,
    Path((tax_no, operation)): Path<(String, String)>,
    asked: Result<Json<OperationAsked>, JsonRejection>,
) -> Result<(StatusCode, Json<Submission>), Problem> {
    let Json(asked) = asked?;
    let kind = match operation.as_str() {
        "query" => Kind::PeriodQuery,
        "change" if asked.tax_period.is_none() => {
            let sentence = "tax_period: is missing; name the period to change to, such as 202511";
            return Err(Problem::malformed(sentence));
        }
        "change" => Kind::PeriodChange,
        _ => return Err(no_such("query, change", &operation)),
    };
    one_task(&site, &asker, kind, &tax_no, asked).await
}

fn no_such(known: &str, found: &str) -> Problem {
    Problem::malformed(format!("operation: \"{found}\" is none; write one of {known}"))
}

fn tax_no_of(text: &str) -> Result<TaxNo, Problem> {
    text.parse().map_err(|error| Problem::malformed(format!("tax_no: {error}")))
}

fn period_of(field: &str, text: &str) -> Result<TaxPeriod, Problem> {
    text.parse().map_err(|error| Problem::malformed(format!("{field}: {error}")))
}

/// Through the same door as published messages.
async fn one_task(
    site: &Site,
    asker: &Asker,
    kind: Kind,
    tax_no: &str,
    mut asked: OperationAsked,
) -> Result<(StatusCode, Json<Submission>), Problem> {
    let tax_no = tax_no_of(tax_no)?;
    asker.tax_nos(site, Right::of(kind), std::slice::from_ref(&tax_no)).await?;
    asked.submitted_by = asker.name(asked.submitted_by.as_deref());
    let of = [(tax_no.clone(), None)];
    let tables = site.store.tables(&of).await?.pop().flatten().unwrap_or_default();
    asker.before(&tables.iter().map(TableView::from).collect::<Vec<_>>());
    let message = message(site, kind, tax_no, asked)?;
    may_be_made(site, &message).await?;
    let body = message.to_json().into_bytes().into();
    let outcomes = submit(site, &[Item { line: 1, body }], None).await?;
    Ok(publish::answer(outcomes))
}

/// The same request makes the same bytes: with a `task_id` it is one task, however often it comes.
fn message(
    site: &Site,
    kind: Kind,
    tax_no: TaxNo,
    asked: OperationAsked,
) -> Result<TaskMessage, Problem> {
    let own = || site.desk.chance.id(site.desk.clock.now());
    let period =
        asked.tax_period.as_deref().map(|text| period_of("tax_period", text)).transpose()?;
    let account = asked.account.as_deref().map(str::parse).transpose();
    let account = account.map_err(|error| Problem::malformed(format!("account: {error}")))?;
    let mut message = TaskMessage::new(TaskId(asked.task_id.unwrap_or_else(own)), kind, tax_no);
    message.account = account;
    message.submitted_by = asked.submitted_by;
    match kind {
        Kind::PeriodChange => {
            let target = period.map(|period| Value::from(period.to_string()));
            message.parameters.extend(target.map(|target| ("tax_period".to_owned(), target)));
        }
        _ => message.tax_period = period,
    }
    if let Some(name) = asked.password_ref {
        message.parameters.insert("password_ref".to_owned(), name.into());
    }
    Ok(message)
}

/// The rules that need neither lane nor login, before there is a task.
async fn may_be_made(site: &Site, message: &TaskMessage) -> Result<(), Problem> {
    let payers = site.store.taxpayers(std::slice::from_ref(&message.tax_no)).await?;
    let request = rules::Request {
        kind: message.kind,
        tax_no: &message.tax_no,
        taxpayer: payers.first().and_then(Option::as_ref),
        invoices: &[],
        pool: &[],
        statistic: None,
        period: None,
    };
    let refused = |refusal: rules::Refusal| Problem::rejected(refusal.sentence);
    rules::check(&request, rules::Settings::default()).map_err(refused)?;
    let Some(name) = rules::secret_of(message.kind, &message.parameters) else { return Ok(()) };
    let name = name.map_err(refused)?;
    match site.store.secrets(std::slice::from_ref(&name)).await?.pop().flatten() {
        Some(_) => Ok(()),
        None => Err(refused(rules::Rule::SecretMissing.refuses(name.as_str()))),
    }
}
