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
use domain::{
    Moment,
    automatic::{AutoRule, Run},
    rights::Right,
};
use fleet::{automatic::AutoError, ports::automatic::KeptRule};

/// Runs that are read in one go.
const RUNS: usize = 100;

type Shown = Result<Json<RuleShown>, Problem>;

fn shown(site: &Site, kept: KeptRule) -> Json<RuleShown> {
    Json(RuleShown::of(kept, site.desk.clock.now()))
}

fn is_seen(asker: &Asker, rule: &AutoRule) -> bool {
    asker.rule(Right::View, rule).is_ok()
}

/// The rule, if the asker has the right for whatever it may choose. One that may not be looked at
/// is answered as one that is not there.
async fn found(site: &Site, asker: &Asker, right: Right, id: &str) -> Result<KeptRule, Problem> {
    let kept = site.automatic().found(id).await?;
    if !is_seen(asker, &kept.rule) {
        return Err(AutoError::NoSuchRule(id.to_owned()).into());
    }
    asker.rule(right, &kept.rule)?;
    Ok(kept)
}

/// The same before it is changed: how it stands is noted for the audit.
async fn to_change(site: &Site, asker: &Asker, id: &str) -> Result<(), Problem> {
    let kept = found(site, asker, Right::Select, id).await?;
    asker.before(&RuleShown::of(kept, site.desk.clock.now()));
    Ok(())
}

/// All rules that the asker may look at
#[utoipa::path(get, path = "/api/v1/automatic/rules", tag = "automatic", responses(
    (status = 200, description = "By their ids", body = RuleList)))]
pub(crate) async fn list(
    State(site): State<Site>,
    asker: Asker,
) -> Result<Json<RuleList>, Problem> {
    let now = site.desk.clock.now();
    let rules = site.automatic().rules().await?.into_iter();
    let seen = rules.filter(|kept| is_seen(&asker, &kept.rule));
    Ok(Json(RuleList { rules: seen.map(|kept| RuleShown::of(kept, now)).collect() }))
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
    let rule = asked.rule(&id)?;
    asker.rule(Right::Select, &rule)?;
    if let Some(known) = site.store.rule(&id).await? {
        if !is_seen(&asker, &known.rule) {
            return Err(Problem::conflict(format!(
                "rule_id: {id} is used already; choose another"
            )));
        }
        to_change(&site, &asker, &id).await?;
    }
    let kept = site.automatic().put(rule, version, &note).await?;
    Ok(shown(&site, kept))
}

/// One rule
#[utoipa::path(get, path = "/api/v1/automatic/rules/{id}", tag = "automatic",
    params(("id" = String, Path, description = "rule_id")), responses(
    (status = 200, description = "The rule", body = RuleShown),
    (status = 404, description = "No such rule", body = Problem)))]
pub(crate) async fn show(State(site): State<Site>, asker: Asker, Path(id): Path<String>) -> Shown {
    let kept = found(&site, &asker, Right::View, &id).await?;
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
    to_change(&site, &asker, &id).await?;
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
    to_change(&site, &asker, &id).await?;
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
    asker: Asker,
    Path(id): Path<String>,
) -> Result<Json<DryRun>, Problem> {
    let kept = found(&site, &asker, Right::View, &id).await?;
    Ok(Json(site.automatic().dry_run(&kept.rule).await?.into()))
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
    found(&site, &asker, Right::Select, &id).await?;
    let run = site.automatic().run_now(&id, &note).await?;
    // Somebody may have widened the rule meanwhile.
    asker.rule(Right::View, &run.rule)?;
    Ok(Json(RuleRunShown { run }))
}

/// A page of those runs whose rule, as it was then, the asker may look at.
async fn runs_seen(
    site: &Site,
    asker: &Asker,
    id: &str,
    mut before: Option<Moment>,
    limit: usize,
) -> Result<Vec<Run>, Problem> {
    let mut seen = Vec::new();
    loop {
        let page = site.store.rule_runs(id, before, RUNS).await?;
        let whole = page.len() == RUNS;
        before = page.last().map(|run| run.at);
        seen.extend(page.into_iter().filter(|run| is_seen(asker, &run.rule)));
        seen.truncate(limit);
        if !whole || seen.len() == limit {
            return Ok(seen);
        }
    }
}

/// The runs of a rule, newest first
#[utoipa::path(get, path = "/api/v1/automatic/rules/{id}/runs", tag = "automatic",
    params(("id" = String, Path, description = "rule_id"), RuleRunQuery), responses(
    (status = 200, description = "A page", body = RuleRunPage),
    (status = 400, description = "A parameter cannot be read", body = Problem),
    (status = 404, description = "No such rule", body = Problem)))]
pub(crate) async fn runs(
    State(site): State<Site>,
    asker: Asker,
    Path(id): Path<String>,
    query: Result<Query<RuleRunQuery>, QueryRejection>,
) -> Result<Json<RuleRunPage>, Problem> {
    let Query(query) = query?;
    let (before, limit) = query.page()?;
    let mut runs = runs_seen(&site, &asker, &id, before, limit + 1).await?;
    if runs.is_empty() && before.is_none() {
        // A rule that was removed keeps its history; one that never was has none.
        found(&site, &asker, Right::View, &id).await?;
    }
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
    found(&site, &asker, Right::Select, &id).await?;
    let reset = site.automatic().reset(&id, &asked.which()?, &note).await?;
    Ok(Json(TriesReset { reset }))
}
