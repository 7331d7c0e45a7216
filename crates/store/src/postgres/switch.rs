//! Switches of accounts to another tax number, written down before they are made.

use super::{Tx, fault::Fault, holding::Holding};
use domain::{
    Moment,
    ids::{LaneId, TaskId},
    schedule::SwitchHistory,
};
use fleet::ports::log::{SwitchNote, SwitchRequest};
use sqlx::PgExecutor;
use std::collections::HashMap;

/// Switches of one turn that may be made.
#[derive(Debug, Default)]
struct Columns {
    lanes: Vec<i32>,
    taxes: Vec<i32>,
    fences: Vec<i64>,
    free_at: Vec<Option<Moment>>,
    /// Whether it counts against a budget.
    scarce: Vec<bool>,
}

/// Writes the switches of current holders that their budgets allow; a note for each.
pub(super) async fn write(
    tx: &mut Tx,
    requests: &[&SwitchRequest],
    holdings: &HashMap<TaskId, Holding>,
) -> Result<Vec<SwitchNote>, Fault> {
    if requests.is_empty() {
        return Ok(Vec::new());
    }
    let now: Moment = sqlx::query_scalar(sql!("claim/now")).fetch_one(&mut **tx).await?;
    let scarce = requests.iter().filter(|request| request.budget.is_some());
    let scarce: Vec<i32> = scarce.map(|request| request.lane.0).collect();
    let mut histories = histories(&mut **tx, &scarce).await?;
    let mut columns = Columns::default();
    let mut notes = Vec::with_capacity(requests.len());
    for request in requests {
        let history = histories.entry(request.lane).or_default();
        notes.push(note(request, holdings.get(&request.task), history, now, &mut columns));
    }
    if !columns.lanes.is_empty() {
        sqlx::query(sql!("switch/record"))
            .bind(&columns.lanes)
            .bind(&columns.taxes)
            .bind(&columns.fences)
            .bind(now)
            .execute(&mut **tx)
            .await?;
        sqlx::query(sql!("switch/current"))
            .bind(&columns.lanes)
            .bind(&columns.taxes)
            .bind(&columns.free_at)
            .bind(&columns.scarce)
            .execute(&mut **tx)
            .await?;
    }
    Ok(notes)
}

fn note(
    request: &SwitchRequest,
    holding: Option<&Holding>,
    history: &mut SwitchHistory,
    now: Moment,
    columns: &mut Columns,
) -> SwitchNote {
    let holds = holding.is_some_and(|holding| {
        holding.asked
            && holding.in_lane
            && holding.fence == request.fence
            && (holding.lane, holding.tax) == (request.lane, request.tax)
    });
    // A lane of 电子税局 has one holder: a second request of one turn is one that was repeated.
    if !holds || columns.lanes.contains(&request.lane.0) {
        return SwitchNote::Stale;
    }
    if let Some(until) = request.budget.and_then(|limits| history.free_at(now, limits)) {
        return SwitchNote::Limited { until };
    }
    history.record(now);
    columns.lanes.push(request.lane.0);
    columns.taxes.push(request.tax.0);
    columns.fences.push(request.fence.0);
    columns.free_at.push(request.budget.and_then(|limits| history.free_at(now, limits)));
    columns.scarce.push(request.budget.is_some());
    SwitchNote::Noted
}

/// What counts against the budgets of these lanes' accounts.
pub(super) async fn histories(
    connection: impl PgExecutor<'_>,
    lanes: &[i32],
) -> Result<HashMap<LaneId, SwitchHistory>, Fault> {
    if lanes.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(i32, Moment)> =
        sqlx::query_as(sql!("switch/history")).bind(lanes).fetch_all(connection).await?;
    let mut made: HashMap<LaneId, Vec<Moment>> = HashMap::new();
    for (lane, at) in rows {
        made.entry(LaneId(lane)).or_default().push(at);
    }
    Ok(made.into_iter().map(|(lane, at)| (lane, SwitchHistory::from_moments(at))).collect())
}
