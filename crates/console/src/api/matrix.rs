//! The matrix of tax numbers: selected → statistics → confirmed → filed.

use crate::{
    access::Asker,
    answers::{MatrixLine, MatrixPage},
    around_query::MatrixQuery,
    problem::Problem,
    site::Site,
};
use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use domain::{
    Moment,
    calendar::{FilingDay, days_left, deadline},
    period::TaxPeriod,
    rights::Right,
    statistic::{Figures, Sum, TableCard},
};
use fleet::ports::matrix::{MatrixFilter, MatrixRow};

/// Where every tax number stands with a period, by tax number
#[utoipa::path(get, path = "/api/v1/matrix", tag = "checks", params(MatrixQuery), responses(
    (status = 200, description = "A page", body = MatrixPage),
    (status = 400, description = "A parameter cannot be read", body = Problem)))]
pub(crate) async fn matrix(
    State(site): State<Site>,
    asker: Asker,
    query: Result<Query<MatrixQuery>, QueryRejection>,
) -> Result<Json<MatrixPage>, Problem> {
    let Query(query) = query?;
    let now = site.desk.clock.now();
    let (filter, (after, limit)) = (query.filter(now)?, query.page()?);
    may_look(&site, &asker, &filter).await?;
    let period = filter.period;
    // One more than asked for tells whether there is another page.
    let mut rows = site.store.matrix(&filter, after.as_ref(), limit + 1).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| last.tax_no.to_string());
    let of: Vec<_> = rows.iter().map(|row| (row.tax_no.clone(), Some(period))).collect();
    let cards = if of.is_empty() { Vec::new() } else { site.store.tables(&of).await? };
    let set = site.store.filing_days(Some(&[period])).await?;
    let set: Vec<FilingDay> = set.into_iter().map(|set| set.day).collect();
    let lines = rows.into_iter().zip(cards).map(|(row, cards)| {
        let card = cards.into_iter().flatten().next();
        line(row, card.as_ref(), &set, period, now)
    });
    Ok(Json(MatrixPage { period: period.to_string(), rows: lines.collect(), next }))
}

/// Who is held to organisations names one of them, or a tax number of theirs.
async fn may_look(site: &Site, asker: &Asker, filter: &MatrixFilter) -> Result<(), Problem> {
    if let Some(tax_no) = &filter.tax_no {
        return asker.tax_nos(site, Right::View, std::slice::from_ref(tax_no)).await;
    }
    match (asker.organisations(Right::View)?, &filter.tax_org) {
        (None, _) => Ok(()),
        (Some(held), Some(org)) if held.contains(org) => Ok(()),
        (Some(_), _) => asker.everywhere(Right::View),
    }
}

fn line(
    row: MatrixRow,
    card: Option<&TableCard>,
    set: &[FilingDay],
    period: TaxPeriod,
    now: Moment,
) -> MatrixLine {
    let (deducted, not_deducted) = card.map(|card| totals(&card.ours)).unwrap_or_default();
    let deadline = deadline(set, row.bureau, period).day;
    MatrixLine {
        tax_no: row.tax_no.to_string(),
        name: row.name,
        bureau: row.bureau.to_string(),
        bureau_name: row.bureau.name().to_owned(),
        tax_org: row.tax_org,
        stage: row.stage.name().to_owned(),
        deducted,
        not_deducted,
        table: row.table.map(|state| state.name().to_owned()),
        seen_at: row.seen_at,
        differs: card.and_then(TableCard::differences).map(|found| !found.rows().is_empty()),
        filed: row.filed.map(|task| task.0),
        open_tasks: row.open_tasks,
        deadline,
        days_left: days_left(deadline, now),
    }
}

/// Of all types together: deducted, and not.
fn totals(figures: &Figures) -> (Sum, Sum) {
    figures.rows().iter().fold((Sum::default(), Sum::default()), |(deducted, not), row| {
        (deducted.plus(row.deducted), not.plus(row.not_deducted))
    })
}
