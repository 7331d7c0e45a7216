//! May this waiting task take its keys now? The specification of every store's claim.

use super::{Hindrance, Holder, PauseNote};
use crate::{
    Moment,
    bureau::LaneKey,
    ids::{LaneId, Place, TaskId, TaxId, WorkerId},
    kind::Kind,
    tax_no::TaxNo,
};

/// A waiting task that a worker wants to start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    pub task: TaskId,
    pub kind: Kind,
    pub place: Place,
    pub tax: TaxId,
    pub tax_no: TaxNo,
    pub lane: LaneId,
    /// None: now.
    pub run_at: Option<Moment>,
}

/// A lane's gates at this moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LaneFacts {
    pub id: LaneId,
    pub key: LaneKey,
    pub owner: Option<WorkerId>,
    pub paused: Option<PauseNote>,
    /// The account is off line and needs a person.
    pub needs_person: bool,
    pub throttled_until: Option<Moment>,
    pub current_tax: Option<TaxId>,
    /// Switching to another tax number is not allowed before then; None: it is.
    pub switch_free_at: Option<Moment>,
    /// Who holds the slot that the candidate wants.
    pub slot_holder: Option<Holder>,
}

/// A tax number's gates at this moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaxFacts {
    pub paused: Option<PauseNote>,
    pub throttled_until: Option<Moment>,
    pub holder: Option<Holder>,
}

/// Another waiting task of the same tax number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rival {
    pub task: TaskId,
    pub kind: Kind,
    pub place: Place,
    pub lane: LaneId,
    pub run_at: Option<Moment>,
}

/// Why this lane may start nothing for this tax number now; a busy lane is open.
pub fn lane_closed_for(lane: &LaneFacts, tax: TaxId, now: Moment) -> Option<Hindrance> {
    let key = || lane.key.clone();
    if let Some(note) = &lane.paused {
        return Some(Hindrance::LanePaused { lane: key(), note: note.clone() });
    }
    if lane.needs_person {
        return Some(Hindrance::Offline { lane: key() });
    }
    if let Some(until) = lane.throttled_until.filter(|until| *until > now) {
        return Some(Hindrance::LaneThrottled { lane: key(), until });
    }
    if lane.owner.is_none() {
        return Some(Hindrance::NoOwner { lane: key() });
    }
    let elsewhere = lane.current_tax != Some(tax);
    if let Some(until) = lane.switch_free_at.filter(|until| elsewhere && *until > now) {
        return Some(Hindrance::SwitchLimit { lane: key(), until });
    }
    None
}

/// Whether the candidate may start in its lane for this worker, and if not, why.
///
/// `rivals` are the tax number's other waiting tasks, each with its lane's facts.
/// Strict class inside a tax number over all its open lanes; inside a class and lane, place.
pub fn admit<'a>(
    candidate: &Candidate,
    worker: WorkerId,
    now: Moment,
    lane: &LaneFacts,
    tax: &TaxFacts,
    rivals: impl IntoIterator<Item = (&'a Rival, &'a LaneFacts)>,
) -> Result<(), Hindrance> {
    if let Some(until) = candidate.run_at.filter(|at| *at > now) {
        return Err(Hindrance::NotBefore { until });
    }
    if let Some(note) = &tax.paused {
        let tax_no = candidate.tax_no.clone();
        return Err(Hindrance::TaxPaused { tax_no, note: note.clone() });
    }
    if let Some(closed) = lane_closed_for(lane, candidate.tax, now) {
        return Err(closed);
    }
    if lane.owner != Some(worker) {
        return Err(Hindrance::NoOwner { lane: lane.key.clone() });
    }
    if let Some(until) = tax.throttled_until.filter(|until| *until > now) {
        return Err(Hindrance::TaxThrottled { tax_no: candidate.tax_no.clone(), until });
    }
    if let Some(holder) = &tax.holder {
        return Err(Hindrance::TaxBusy { holder: holder.clone() });
    }
    first_of_its_number(candidate, now, rivals)?;
    match &lane.slot_holder {
        Some(holder) => Err(Hindrance::LaneBusy { holder: holder.clone() }),
        None => Ok(()),
    }
}

fn first_of_its_number<'a>(
    candidate: &Candidate,
    now: Moment,
    rivals: impl IntoIterator<Item = (&'a Rival, &'a LaneFacts)>,
) -> Result<(), Hindrance> {
    let class = candidate.kind.class();
    let mut earlier = None;
    for (rival, lane) in rivals {
        let due = rival.run_at.is_none_or(|at| at <= now);
        if !due
            || rival.task == candidate.task
            || lane_closed_for(lane, candidate.tax, now).is_some()
        {
            continue;
        }
        if rival.kind.class() < class {
            let lane = lane.key.clone();
            return Err(Hindrance::HigherClass { task: rival.task, kind: rival.kind, lane });
        }
        let same_line = rival.lane == candidate.lane && rival.kind.class() == class;
        if same_line && rival.place < candidate.place {
            earlier = Some(Hindrance::EarlierPlace { task: rival.task, kind: rival.kind });
        }
    }
    earlier.map_or(Ok(()), Err)
}
