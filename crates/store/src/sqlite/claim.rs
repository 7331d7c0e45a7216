//! Taking both keys, as [`domain::schedule::admit`] allows.

use super::{
    SqliteStore, Tx,
    case::{Case, Keys, Spot},
    columns::later,
    counter::Counter,
    docket::Docket,
    facts::Board,
    fault::Fault,
    work,
};
use crate::codec;
use domain::{
    Moment,
    ids::{Fence, TaskId, WorkerId},
    schedule::Hindrance,
    task::{Event, State, StateName},
};
use fleet::ports::log::{Claimed, Pick};
use std::time::Duration;

/// What a pick has come to before its work is read.
enum Decided {
    Start(TaskId),
    Hindered(Hindrance),
}

/// Who claims, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claimant {
    pub(super) worker: WorkerId,
    pub(super) lease: Duration,
    pub(super) now: Moment,
}

/// Claims one after the other, in tax number order: no other writer is under way, so what was
/// read stands until the commit.
pub(super) async fn claim(
    tx: &mut Tx,
    claimant: Claimant,
    picks: &[Pick],
) -> Result<Vec<Claimed>, Fault> {
    if picks.is_empty() {
        return Ok(Vec::new());
    }
    let now = claimant.now;
    let mut docket = Docket::read(tx, now, picks.iter().map(|pick| pick.task)).await?;
    let mut board = Board::read(tx, now, docket.cases.values()).await?;
    let mut fence = Counter::Fence.take(tx, picks.len()).await?;
    let mut order: Vec<usize> = (0..picks.len()).collect();
    // Inside a tax number as its tasks wait: of two picks the first one in order starts.
    let waits =
        |pick: &Pick| docket.cases.get(&pick.task).map(|case| (case.kind.class(), case.place));
    order.sort_by_key(|i| (picks[*i].tax, waits(&picks[*i])));
    let mut decided: Vec<Option<Decided>> = Vec::new();
    decided.resize_with(picks.len(), || None);
    let mut started = Vec::new();
    for i in order {
        let pick = &picks[i];
        let hindrance = match docket.cases.get(&pick.task) {
            Some(case) => board.hindrance(case, Some((claimant.worker, pick.slot)))?,
            None => Some(Hindrance::Gone),
        };
        decided[i] = Some(match (hindrance, docket.case(pick.task)) {
            (None, Some(case)) => {
                fence += 1;
                start(case, claimant, Fence(fence), pick)?;
                board.taken(case, pick.slot)?;
                started.push(pick.task);
                Decided::Start(pick.task)
            }
            (hindrance, _) => Decided::Hindered(hindrance.unwrap_or(Hindrance::Gone)),
        });
    }
    docket.write(tx).await?;
    let mut works = work::read(tx, &started).await?;
    let claimed = |decided| match decided {
        Decided::Hindered(hindrance) => Ok(Claimed::Hindered(hindrance)),
        Decided::Start(task) => match works.remove(&task) {
            Some(work) => Ok(Claimed::Started(Box::new(work))),
            None => Err(Fault::broken(format!("the work of task {task} is not whole"))),
        },
    };
    decided.into_iter().flatten().map(claimed).collect()
}

fn start(case: &mut Case, claimant: Claimant, fence: Fence, pick: &Pick) -> Result<(), Fault> {
    // Its time has come, though nobody has ripened it yet.
    let due = match case.state {
        State::Held => Some(Event::Released),
        State::Delayed { .. } => Some(Event::Due),
        _ => None,
    };
    for event in due.into_iter().chain([Event::Claimed { fence }]) {
        case.take(event).map_err(|illegal| {
            Fault::broken(format!("task {} waits in a wrong state: {illegal}", case.task))
        })?;
    }
    case.started_at.get_or_insert(claimant.now);
    case.reason.clear();
    case.move_to(Spot::Keys(Keys {
        slot: Some(pick.slot),
        fence,
        worker: Some(claimant.worker),
        lease_until: Some(later(claimant.now, claimant.lease)),
        since: claimant.now,
        ask_at: None,
        asked_since: None,
        quiet_until: None,
        may_have_sent: false,
        parked: None,
    }));
    Ok(())
}

impl SqliteStore {
    /// Why this task is not running now, by the decision that the claim makes.
    pub(super) async fn why_not(&self, task: TaskId) -> Result<Option<Hindrance>, Fault> {
        let mut tx = self.read().await?;
        let now = self.now();
        let docket = Docket::read(&mut tx, now, [task]).await?;
        let Some(case) = docket.cases.get(&task) else { return Ok(None) };
        use StateName::{Delayed, Parked};
        match &case.spot {
            Spot::Parked { .. } => Ok(Some(offline(case)?)),
            Spot::Waiting { .. } => {
                let board = Board::read(&mut tx, now, [case].into_iter()).await?;
                let hindrance = board.hindrance(case, None)?;
                Ok(Some(hindrance.unwrap_or(Hindrance::AboutToStart)))
            }
            Spot::Held { .. } => {
                Ok(Some(Hindrance::NoAccount { tax_no: codec::read(&case.subject.tax_no)? }))
            }
            Spot::Keys(keys) if matches!(case.state.name(), Delayed | Parked) => {
                let board = Board::read(&mut tx, now, [case].into_iter()).await?;
                Ok(case.lane.and_then(|lane| board.unasked(lane, keys.ask_at)))
            }
            Spot::Nowhere | Spot::Keys(_) => Ok(None),
        }
    }
}

fn offline(case: &Case) -> Result<Hindrance, Fault> {
    let lane = case.lane_key().cloned();
    lane.map(|lane| Hindrance::Offline { lane })
        .ok_or_else(|| Fault::broken(format!("task {} is parked without a lane", case.task)))
}
