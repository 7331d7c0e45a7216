//! The filing calendar (申报期限).

use super::asked::FilingDayAsked;
use crate::{
    access::Asker,
    answers::{CalendarLine, CalendarView, FilingDayRemoved, FilingDayView, FilingDays},
    around_query::CalendarQuery,
    problem::Problem,
    site::Site,
};
use axum::{
    Json,
    extract::{
        Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
};
use domain::{
    bureau::{BUREAUS, BureauCode},
    calendar::{FilingDay, days_left, deadline},
};

/// Until when a period is filed at each bureau, and the days left in Asia/Shanghai
#[utoipa::path(get, path = "/api/v1/calendar", tag = "checks", params(CalendarQuery), responses(
    (status = 200, description = "By bureau", body = CalendarView),
    (status = 400, description = "A parameter cannot be read", body = Problem)))]
pub(crate) async fn calendar(
    State(site): State<Site>,
    query: Result<Query<CalendarQuery>, QueryRejection>,
) -> Result<Json<CalendarView>, Problem> {
    let Query(query) = query?;
    let now = site.desk.clock.now();
    let (period, of) = query.read(now)?;
    let set = site.store.filing_days(Some(&[period])).await?;
    let set: Vec<FilingDay> = set.into_iter().map(|set| set.day).collect();
    let bureaus = BUREAUS.iter().filter_map(|(code, _)| BureauCode::of_region(*code));
    let lines = bureaus.filter(|bureau| of.is_none_or(|of| of == *bureau)).map(|bureau| {
        let deadline = deadline(&set, bureau, period);
        CalendarLine {
            bureau: bureau.to_string(),
            name: bureau.name().to_owned(),
            day: deadline.day,
            from: deadline.from.name().to_owned(),
            days_left: days_left(deadline.day, now),
        }
    });
    Ok(Json(CalendarView { period: period.to_string(), bureaus: lines.collect() }))
}

/// The days that somebody has set, the newest periods first
#[utoipa::path(get, path = "/api/v1/calendar/days", tag = "checks", responses(
    (status = 200, description = "At most 2000", body = FilingDays)))]
pub(crate) async fn days(State(site): State<Site>) -> Result<Json<FilingDays>, Problem> {
    let days = site.store.filing_days(None).await?;
    Ok(Json(FilingDays { days: days.into_iter().map(FilingDayView::from).collect() }))
}

/// Set the last day of a period, for a bureau or the whole country
#[utoipa::path(post, path = "/api/v1/calendar/days", tag = "checks",
    request_body = FilingDayAsked, responses(
    (status = 200, description = "The day as it is set", body = FilingDays),
    (status = 400, description = "It cannot be that period's last day", body = Problem)))]
pub(crate) async fn set(
    State(site): State<Site>,
    asker: Asker,
    asked: Result<Json<FilingDayAsked>, JsonRejection>,
) -> Result<Json<FilingDays>, Problem> {
    let Json(asked) = asked?;
    let note = asker.note(&asked.by, &asked.reason)?;
    let wanted = CalendarQuery { period: Some(asked.period), bureau: asked.bureau };
    let (period, bureau) = wanted.read(site.desk.clock.now())?;
    let day = FilingDay::read(period, bureau, &asked.day);
    let day = day.map_err(|wrong| Problem::malformed(wrong.to_string()))?;
    site.store.set_filing_day(&day, &note).await?;
    tracing::info!(%period, ?bureau, day = %day.day, by = note.by, reason = note.reason,
        "a filing day was set");
    let set = site.store.filing_days(Some(&[period])).await?;
    let days = set.into_iter().filter(|set| set.day.bureau == bureau).map(FilingDayView::from);
    Ok(Json(FilingDays { days: days.collect() }))
}

/// Take a day back that was set
#[utoipa::path(delete, path = "/api/v1/calendar/days", tag = "checks", params(CalendarQuery),
    responses((status = 200, description = "Whether one was set", body = FilingDayRemoved),
    (status = 400, description = "A parameter cannot be read", body = Problem)))]
pub(crate) async fn remove(
    State(site): State<Site>,
    query: Result<Query<CalendarQuery>, QueryRejection>,
) -> Result<Json<FilingDayRemoved>, Problem> {
    let Query(query) = query?;
    if query.period.is_none() {
        return Err(Problem::malformed("period: is missing; name the one whose day is taken back"));
    }
    let (period, bureau) = query.read(site.desk.clock.now())?;
    let removed = site.store.remove_filing_day(period, bureau).await?;
    tracing::info!(%period, ?bureau, removed, "a filing day was taken back");
    Ok(Json(FilingDayRemoved { removed }))
}
