//! Automatic work: rules, dry runs, runs, and what may be chosen again.

use super::asked::{NoteAsked, ResetAsked, RulePut};
use crate::{
    access::Asker,
    answers::{DryRun, RuleList, RuleRemoved, RuleRunPage, RuleRunShown, RuleShown, TriesReset},
    automatic_query::RuleRunQuery,
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
use fleet::ports::automatic::KeptRule;

type Shown = Result<Json<RuleShown>, Problem>;

fn shown(site: &Site, kept: KeptRule) -> Json<RuleShown> {
    Json(RuleShown::of(kept, site.desk.clock.now()))
}

/// How the rule stands before it is changed, for the audit.
async fn before(site: &Site, asker: &Asker, id: &str) -> Result<(), Problem> {
    if let Some(kept) = site.store.rule(id).await? {
        asker.before(&RuleShown::of(kept, site.desk.clock.now()));
    }
    Ok(())
}

/// All rules
#[utoipa::path(get, path = "/api/v1/automatic/rules", tag = "automatic", responses(
    (status = 200, description = "By their ids", body = RuleList)))]
pub(crate) async fn list(State(site): State<Site>) -> Result<Json<RuleList>, Problem> {
    let now = site.desk.clock.now();
    let rules = site.automatic().rules().await?;
    let rules = rules.into_iter().map(|kept| RuleShown::of(kept, now)).collect();
    Ok(Json(RuleList { rules }))
}

/// Keep a rule, new or over the version that was read
///
/// The same as stands there already changes nothing. `docs/automatic.md` describes a rule.
#[utoipa::path(put, path = "/api/v1/automatic/rules/{id}", tag = "automatic",
    params(("id" = String, Path, description = "rule_id")), request_body = RulePut, responses(
    (status = 200, description = "The rule", body = RuleShown),
    (status = 400, description = "Which field cannot be read", body = Problem),
    (status = 409, description = "It stands at another version", body = Problem)))]
pub(crate) async fn put(
    State(site): State<Site>,
    asker: Asker,
    Path(id): Path<String>,
    asked: Result<Json<RulePut>, JsonRejection>,
) -> Shown {
    let Json(asked) = asked?;
    let (note, version) = (asker.note(&asked.by, &asked.reason)?, asked.version);
    before(&site, &asker, &id).await?;
    let kept = site.automatic().put(asked.rule(&id)?, version, &note).await?;
    Ok(shown(&site, kept))
}

/// One rule
#[utoipa::path(get, path = "/api/v1/automatic/rules/{id}", tag = "automatic",
    params(("id" = String, Path, description = "rule_id")), responses(
    (status = 200, description = "The rule", body = RuleShown),
    (status = 404, description = "No such rule", body = Problem)))]
pub(crate) async fn show(State(site): State<Site>, Path(id): Path<String>) -> Shown {
    let kept = site.automatic().found(&id).await?;
    Ok(shown(&site, kept))
}

async fn switch(
    site: Site,
    asker: Asker,
    id: String,
    asked: Result<Json<NoteAsked>, JsonRejection>,
    enabled: bool,
) -> Shown {
    let Json(asked) = asked?;
    let note = asker.note(&asked.by, &asked.reason)?;
    before(&site, &asker, &id).await?;
    let kept = site.automatic().enable(&id, enabled, &note).await?;
    Ok(shown(&site, kept))
}

/// Let a rule run by its schedule
#[utoipa::path(post, path = "/api/v1/automatic/rules/{id}/enable", tag = "automatic",
    params(("id" = String, Path, description = "rule_id")), request_body = NoteAsked, responses(
    (status = 200, description = "The rule", body = RuleShown),
    (status = 404, description = "No such rule", body = Problem)))]
pub(crate) async fn enable(
    State(site): State<Site>,
    asker: Asker,
    Path(id): Path<String>,
    asked: Result<Json<NoteAsked>, JsonRejection>,
) -> Shown {
    switch(site, asker, id, asked, true).await
}

/// Let a rule run by its schedule no more; a person may still run it
#[utoipa::path(post, path = "/api/v1/automatic/rules/{id}/disable", tag = "automatic",
    params(("id" = String, Path, description = "rule_id")), request_body = NoteAsked, responses(
    (status = 200, description = "The rule", body = RuleShown),
    (status = 404, description = "No such rule", body = Problem)))]
pub(crate) async fn disable(
    State(site): State<Site>,
    asker: Asker,
    Path(id): Path<String>,
    asked: Result<Json<NoteAsked>, JsonRejection>,
) -> Shown {
    switch(site, asker, id, asked, false).await
}

/// Remove a rule; its history stays, and what it has tried
#[utoipa::path(post, path = "/api/v1/automatic/rules/{id}/remove", tag = "automatic",
    params(("id" = String, Path, description = "rule_id")), request_body = NoteAsked, responses(
    (status = 200, description = "It is removed", body = RuleRemoved),
    (status = 404, description = "No such rule", body = Problem)))]
pub(crate) async fn remove(
    State(site): State<Site>,
    asker: Asker,
    Path(id): Path<String>,
    asked: Result<Json<NoteAsked>, JsonRejection>,
) -> Result<Json<RuleRemoved>, Problem> {
    let Json(asked) = asked?;
    let note = asker.note(&asked.by, &asked.reason)?;
    before(&site, &asker, &id).await?;
    site.automatic().remove(&id, &note).await?;
    Ok(Json(RuleRemoved { rule_id: id }))
}

/// What a run would choose now, and what it would pass over and why; nothing is done
#[utoipa::path(get, path = "/api/v1/automatic/rules/{id}/dry-run", tag = "automatic",
    params(("id" = String, Path, description = "rule_id")), responses(
    (status = 200, description = "With sums", body = DryRun),
    (status = 404, description = "No such rule", body = Problem)))]
pub(crate) async fn dry_run(
    State(site): State<Site>,
    Path(id): Path<String>,
) -> Result<Json<DryRun>, Problem> {
    Ok(Json(site.automatic().dry_run(&id).await?.into()))
}

/// Run a rule now
///
/// Asked for twice within one second it is one run. A run that takes longer than an answer may is
/// gone on with by a worker.
#[utoipa::path(post, path = "/api/v1/automatic/rules/{id}/run", tag = "automatic",
    params(("id" = String, Path, description = "rule_id")), request_body = NoteAsked, responses(
    (status = 200, description = "What it chose, and the batch that it made", body = RuleRunShown),
    (status = 404, description = "No such rule", body = Problem),
    (status = 409, description = "Another run of it has not ended", body = Problem)))]
pub(crate) async fn run(
    State(site): State<Site>,
    asker: Asker,
    Path(id): Path<String>,
    asked: Result<Json<NoteAsked>, JsonRejection>,
) -> Result<Json<RuleRunShown>, Problem> {
    let Json(asked) = asked?;
    let note = asker.note(&asked.by, &asked.reason)?;
    Ok(Json(RuleRunShown { run: site.automatic().run_now(&id, &note).await? }))
}

/// The runs of a rule, newest first
#[utoipa::path(get, path = "/api/v1/automatic/rules/{id}/runs", tag = "automatic",
    params(("id" = String, Path, description = "rule_id"), RuleRunQuery), responses(
    (status = 200, description = "A page", body = RuleRunPage),
    (status = 400, description = "A parameter cannot be read", body = Problem),
    (status = 404, description = "No such rule", body = Problem)))]
pub(crate) async fn runs(
    State(site): State<Site>,
    Path(id): Path<String>,
    query: Result<Query<RuleRunQuery>, QueryRejection>,
) -> Result<Json<RuleRunPage>, Problem> {
    let Query(query) = query?;
    let (before, limit) = query.page()?;
    let mut runs = site.automatic().runs(&id, before, limit + 1).await?;
    let more = runs.len() > limit;
    runs.truncate(limit);
    let next = runs.last().filter(|_| more).map(|run| run.at);
    Ok(Json(RuleRunPage { runs, next }))
}

/// Let a rule choose again what it has tried
#[utoipa::path(post, path = "/api/v1/automatic/rules/{id}/reset", tag = "automatic",
    params(("id" = String, Path, description = "rule_id")), request_body = ResetAsked, responses(
    (status = 200, description = "How many invoices", body = TriesReset),
    (status = 400, description = "Which field cannot be read", body = Problem),
    (status = 404, description = "No such rule", body = Problem)))]
pub(crate) async fn reset(
    State(site): State<Site>,
    asker: Asker,
    Path(id): Path<String>,
    asked: Result<Json<ResetAsked>, JsonRejection>,
) -> Result<Json<TriesReset>, Problem> {
    let Json(asked) = asked?;
    let note = asker.note(&asked.by, &asked.reason)?;
    let reset = site.automatic().reset(&id, &asked.which()?, &note).await?;
    Ok(Json(TriesReset { reset }))
}
