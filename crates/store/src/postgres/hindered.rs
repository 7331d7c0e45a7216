//! Why waiting tasks do not start: facts from the database, the decision from
//! [`domain::schedule::admit`], so that claim, scheduler and people hear the same reason.

use super::{Tx, fault::Fault};
use crate::codec;
use domain::{
    Moment,
    bureau::LaneKey,
    ids::{LaneId, Place, TaskId, TaxId, WorkerId},
    schedule::{Candidate, Hindrance, Holder, LaneFacts, Rival, TaxFacts, admit},
};
use fleet::ports::log::Pick;
use std::collections::HashMap;
use uuid::Uuid;

/// A task that does not wait.
pub(super) const GONE: Hindrance = Hindrance::Gone;

#[derive(Debug, sqlx::FromRow)]
struct FactRow {
    task_id: Uuid,
    place: i64,
    tax_id: i32,
    lane_id: i32,
    run_at: Option<Moment>,
    kind: String,
    tax_no: String,
    paused_by: Option<String>,
    paused_reason: Option<String>,
    paused_since: Option<Moment>,
    throttled_until: Option<Moment>,
    tax_task: Option<Uuid>,
    tax_kind: Option<String>,
    tax_tax_no: Option<String>,
    tax_since: Option<Moment>,
    tax_bureau: Option<i32>,
    tax_account: Option<String>,
    slot_task: Option<Uuid>,
    slot_kind: Option<String>,
    slot_tax_no: Option<String>,
    slot_since: Option<Moment>,
}

#[derive(Debug, sqlx::FromRow)]
struct RivalRow {
    candidate: Uuid,
    task_id: Uuid,
    kind: String,
    place: i64,
    lane_id: i32,
    run_at: Option<Moment>,
}

#[derive(Debug, sqlx::FromRow)]
struct GateRow {
    id: i32,
    bureau: i32,
    account: String,
    owner: Option<i32>,
    paused_by: Option<String>,
    paused_reason: Option<String>,
    paused_since: Option<Moment>,
    needs_person: bool,
    throttled_until: Option<Moment>,
    current_tax_id: Option<i32>,
    switch_free_at: Option<Moment>,
}

/// Why these picks of a worker do not start; a pick that does not wait is missing.
pub(super) async fn of_picks(
    tx: &mut Tx,
    worker: WorkerId,
    picks: &[&Pick],
) -> Result<HashMap<TaskId, Hindrance>, Fault> {
    let wanted: Vec<(TaskId, Option<i16>)> =
        picks.iter().map(|pick| (pick.task, Some(pick.slot.0))).collect();
    hindrances(tx, Some(worker), &wanted).await
}

/// Why this task does not start, whoever serves its lane; None: it does not wait.
pub(super) async fn of_waiting(tx: &mut Tx, task: TaskId) -> Result<Option<Hindrance>, Fault> {
    Ok(hindrances(tx, None, &[(task, None)]).await?.remove(&task))
}

/// `worker` None: the lane's own. A task without a slot wants any free one.
async fn hindrances(
    tx: &mut Tx,
    worker: Option<WorkerId>,
    wanted: &[(TaskId, Option<i16>)],
) -> Result<HashMap<TaskId, Hindrance>, Fault> {
    let ids: Vec<Uuid> = wanted.iter().map(|(task, _)| task.0).collect();
    let slots: Vec<Option<i16>> = wanted.iter().map(|(_, slot)| *slot).collect();
    let facts: Vec<FactRow> =
        sqlx::query_as(sql!("claim/facts")).bind(&ids).bind(&slots).fetch_all(&mut **tx).await?;
    let rivals: Vec<RivalRow> =
        sqlx::query_as(sql!("claim/rivals")).bind(&ids).fetch_all(&mut **tx).await?;
    let mut lanes: Vec<i32> = facts.iter().map(|row| row.lane_id).collect();
    lanes.extend(rivals.iter().map(|row| row.lane_id));
    lanes.sort_unstable();
    lanes.dedup();
    let gates = read_gates(tx, &lanes).await?;
    let mut of_candidate: HashMap<TaskId, Vec<Rival>> = HashMap::new();
    for row in rivals {
        let candidate = TaskId(row.candidate);
        of_candidate.entry(candidate).or_default().push(rival(row)?);
    }
    let now: Moment = sqlx::query_scalar(sql!("claim/now")).fetch_one(&mut **tx).await?;
    let mut hindrances = HashMap::new();
    for row in facts {
        let task = TaskId(row.task_id);
        let rivals = of_candidate.remove(&task).unwrap_or_default();
        hindrances.insert(task, decide(row, worker, now, &rivals, &gates)?);
    }
    Ok(hindrances)
}

fn decide(
    row: FactRow,
    worker: Option<WorkerId>,
    now: Moment,
    rivals: &[Rival],
    gates: &HashMap<LaneId, LaneFacts>,
) -> Result<Hindrance, Fault> {
    let Some(gate) = gates.get(&LaneId(row.lane_id)) else { return Ok(GONE) };
    let tax_key = match (row.tax_bureau, row.tax_account.as_deref()) {
        (Some(bureau), Some(account)) => Some(codec::lane_key(bureau, account)?),
        _ => None,
    };
    let mut lane = gate.clone();
    let here = Some(lane.key.clone());
    lane.slot_holder = holder(row.slot_task, row.slot_kind, row.slot_tax_no, here, row.slot_since)?;
    let tax = TaxFacts {
        paused: codec::pause_note(row.paused_by, row.paused_reason, row.paused_since),
        throttled_until: row.throttled_until,
        holder: holder(row.tax_task, row.tax_kind, row.tax_tax_no, tax_key, row.tax_since)?,
    };
    let candidate = Candidate {
        task: TaskId(row.task_id),
        kind: codec::read(&row.kind)?,
        place: Place(row.place),
        tax: TaxId(row.tax_id),
        tax_no: codec::read(&row.tax_no)?,
        lane: LaneId(row.lane_id),
        run_at: row.run_at,
    };
    let known = rivals.iter().filter_map(|rival| Some((rival, gates.get(&rival.lane)?)));
    let worker = worker.or(lane.owner).unwrap_or(WorkerId(0));
    // Nothing hinders it any more: whoever was in the way has gone meanwhile.
    Ok(admit(&candidate, worker, now, &lane, &tax, known).err().unwrap_or(Hindrance::AboutToStart))
}

fn holder(
    task: Option<Uuid>,
    kind: Option<String>,
    tax_no: Option<String>,
    lane: Option<LaneKey>,
    since: Option<Moment>,
) -> Result<Option<Holder>, Fault> {
    let (Some(task), Some(kind), Some(tax_no), Some(since)) = (task, kind, tax_no, since) else {
        return Ok(None);
    };
    let (kind, tax_no) = (codec::read(&kind)?, codec::read(&tax_no)?);
    Ok(Some(Holder { task: TaskId(task), kind, tax_no, lane, since }))
}

fn rival(row: RivalRow) -> Result<Rival, Fault> {
    Ok(Rival {
        task: TaskId(row.task_id),
        kind: codec::read(&row.kind)?,
        place: Place(row.place),
        lane: LaneId(row.lane_id),
        run_at: row.run_at,
    })
}

async fn read_gates(tx: &mut Tx, lanes: &[i32]) -> Result<HashMap<LaneId, LaneFacts>, Fault> {
    let rows: Vec<GateRow> =
        sqlx::query_as(sql!("claim/gates")).bind(lanes).fetch_all(&mut **tx).await?;
    rows.into_iter().map(|row| Ok((LaneId(row.id), lane_facts(row)?))).collect()
}

fn lane_facts(row: GateRow) -> Result<LaneFacts, Fault> {
    Ok(LaneFacts {
        id: LaneId(row.id),
        key: codec::lane_key(row.bureau, &row.account)?,
        owner: row.owner.map(WorkerId),
        paused: codec::pause_note(row.paused_by, row.paused_reason, row.paused_since),
        needs_person: row.needs_person,
        throttled_until: row.throttled_until,
        current_tax: row.current_tax_id.map(TaxId),
        switch_free_at: row.switch_free_at,
        slot_holder: None,
    })
}
