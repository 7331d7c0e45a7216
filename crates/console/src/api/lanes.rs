//! Lanes: who serves them, why they are closed, and opening or closing them.

use super::asked::{GateAsked, SessionAsked};
use crate::{
    access::Asker,
    answers::{LaneView, Lanes, LanesTouched, SessionChanged},
    problem::Problem,
    site::Site,
};
use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
};
use domain::{
    ids::{LaneId, WorkerId},
    rights::Right,
    schedule::{Hindrance, PauseNote},
};
use fleet::ports::{archive::Occupied, desk::Scope, roster::Lane};
use std::collections::BTreeMap;

/// Every lane
#[utoipa::path(get, path = "/api/v1/lanes", tag = "lanes",
    responses((status = 200, description = "Lanes", body = Lanes)))]
pub(crate) async fn list(State(site): State<Site>, asker: Asker) -> Result<Json<Lanes>, Problem> {
    let mut lanes = views(&site).await?;
    // Which tax number an account is on is for those to see who see all.
    if asker.organisations(Right::View)?.is_some() {
        for lane in &mut lanes {
            (lane.current_tax_no, lane.running) = (None, Vec::new());
        }
    }
    Ok(Json(Lanes { lanes }))
}

pub(crate) async fn views(site: &Site) -> Result<Vec<LaneView>, Problem> {
    let colleagues = site.store.colleagues().await?;
    let names: BTreeMap<WorkerId, String> =
        colleagues.into_iter().filter(|one| one.alive).map(|one| (one.id, one.name)).collect();
    let now = site.desk.clock.now();
    let occupied = site.store.occupied().await?;
    let mut occupied: BTreeMap<LaneId, Occupied> =
        occupied.into_iter().map(|one| (one.lane, one)).collect();
    let mut lanes = site.store.lanes(None).await?;
    lanes.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(lanes
        .iter()
        .map(|lane| {
            let owner = lane.owner.and_then(|owner| names.get(&owner).cloned());
            let busy = occupied.remove(&lane.id);
            let (current, running) =
                busy.map_or_else(Default::default, |busy| (busy.current, busy.running));
            LaneView {
                bureau: lane.key.bureau.to_string(),
                bureau_name: lane.key.bureau.name().to_owned(),
                account: lane.key.account.to_string(),
                channel: lane.channel.name().to_owned(),
                width: lane.width,
                online: lane.session.map(|session| session.online),
                needs_person: lane.needs_person,
                closed: closed(lane, owner.is_some(), now),
                owner,
                current_tax_no: current.map(|tax_no| tax_no.to_string()),
                running: running.into_iter().map(|task| task.0).collect(),
                full_since: lane.full_since,
            }
        })
        .collect())
}

/// Every gate that is closed, in the words of the scheduler.
fn closed(lane: &Lane, owned: bool, now: domain::Moment) -> Vec<String> {
    let key = || lane.key.clone();
    let gates = [
        lane.paused.clone().map(|note| Hindrance::LanePaused { lane: key(), note }),
        lane.needs_person.then(|| Hindrance::Offline { lane: key() }),
        lane.throttled_until
            .filter(|until| *until > now)
            .map(|until| Hindrance::LaneThrottled { lane: key(), until }),
        (!owned).then(|| Hindrance::NoOwner { lane: key() }),
    ];
    gates.into_iter().flatten().map(|gate| gate.sentence()).collect()
}

/// Let nothing more start for a bureau, an account or a tax number
#[utoipa::path(post, path = "/api/v1/lanes/pause", tag = "lanes", request_body = GateAsked,
    responses((status = 200, description = "Paused", body = LanesTouched),
        (status = 404, description = "Not known", body = Problem)))]
pub(crate) async fn pause(
    State(site): State<Site>,
    asker: Asker,
    asked: Result<Json<GateAsked>, JsonRejection>,
) -> Result<Json<LanesTouched>, Problem> {
    let Json(asked) = asked?;
    let (scope, note) = (asked.scope()?, asker.note(&asked.by, &asked.reason)?);
    gate_of(&site, &asker, &scope).await?;
    let lanes = site.desk.pause(&scope, &note).await?;
    touched(&asked, &scope, lanes.len())
}

/// Take a pause back
#[utoipa::path(post, path = "/api/v1/lanes/resume", tag = "lanes", request_body = GateAsked,
    responses((status = 200, description = "Resumed", body = LanesTouched),
        (status = 404, description = "Not known", body = Problem)))]
pub(crate) async fn resume(
    State(site): State<Site>,
    asker: Asker,
    asked: Result<Json<GateAsked>, JsonRejection>,
) -> Result<Json<LanesTouched>, Problem> {
    let Json(asked) = asked?;
    let (scope, note) = (asked.scope()?, asker.note(&asked.by, &asked.reason)?);
    gate_of(&site, &asker, &scope).await?;
    let lanes = site.desk.resume(&scope, &note).await?;
    touched(&asked, &scope, lanes.len())
}

/// A tax number's gate is its organisation's affair; a lane serves many.
async fn gate_of(site: &Site, asker: &Asker, scope: &Scope) -> Result<(), Problem> {
    match scope {
        Scope::TaxNumber(tax_no) => {
            asker.tax_nos(site, Right::Retry, std::slice::from_ref(tax_no)).await?;
        }
        Scope::Lane { .. } | Scope::Bureau(_) => asker.everywhere(Right::Retry)?,
    }
    let paused = |lane: &Lane| match scope {
        Scope::Bureau(bureau) => lane.key.bureau == *bureau,
        Scope::Lane { bureau, account } => {
            lane.key.bureau == *bureau && lane.key.account == *account
        }
        Scope::TaxNumber(_) => false,
    };
    let lanes = site.store.lanes(None).await?;
    let before: BTreeMap<String, Option<PauseNote>> =
        lanes.into_iter().filter(paused).map(|lane| (lane.key.to_string(), lane.paused)).collect();
    asker.before(&before);
    Ok(())
}

fn touched(asked: &GateAsked, scope: &Scope, lanes: usize) -> Result<Json<LanesTouched>, Problem> {
    // A bureau's pause also counts for accounts that come later.
    if lanes == 0 && !matches!(scope, Scope::Bureau(_)) {
        return Err(Problem::no_such_lane(asked.subject()));
    }
    Ok(Json(LanesTouched { lanes }))
}

/// Tell that an account is logged in: its tasks go on
#[utoipa::path(post, path = "/api/v1/lanes/login", tag = "lanes", request_body = SessionAsked,
    responses((status = 200, description = "Noted", body = SessionChanged),
        (status = 404, description = "Not known", body = Problem)))]
pub(crate) async fn login(
    State(site): State<Site>,
    asker: Asker,
    asked: Result<Json<SessionAsked>, JsonRejection>,
) -> Result<Json<SessionChanged>, Problem> {
    let Json(asked) = asked?;
    session(&site, &asker, &asked, true).await
}

/// Tell that an account is logged out: its tasks wait
#[utoipa::path(post, path = "/api/v1/lanes/logout", tag = "lanes", request_body = SessionAsked,
    responses((status = 200, description = "Noted", body = SessionChanged),
        (status = 404, description = "Not known", body = Problem)))]
pub(crate) async fn logout(
    State(site): State<Site>,
    asker: Asker,
    asked: Result<Json<SessionAsked>, JsonRejection>,
) -> Result<Json<SessionChanged>, Problem> {
    let Json(asked) = asked?;
    session(&site, &asker, &asked, false).await
}

async fn session(
    site: &Site,
    asker: &Asker,
    asked: &SessionAsked,
    online: bool,
) -> Result<Json<SessionChanged>, Problem> {
    let lane = asked.lane()?;
    let note = asker.note(&asked.by, &asked.reason)?;
    let known = site.store.lanes_of(std::slice::from_ref(&lane)).await?;
    if lane.account.is_leqi() || known.first().is_none_or(Option::is_none) {
        let what = format!("account {} at bureau {}", lane.account, lane.bureau);
        return Err(Problem::no_such_lane(what));
    }
    if let Some(Some(id)) = known.first() {
        let lanes = site.store.lanes(Some(&[*id])).await?;
        asker.before(&lanes.first().and_then(|lane| lane.session));
    }
    let now = site.desk.clock.now();
    let noted = site.desk.session(&lane, online, now, asked.until, &note).await?;
    tracing::info!(%lane, online, by = note.by, reason = note.reason, "a session was told of");
    Ok(Json(SessionChanged { counted: noted.counted, resumed: noted.resumed }))
}
