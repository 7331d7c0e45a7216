//! Evidence of what was sent: kept whoever holds the keys now.

use super::docket::Docket;
use domain::task::{Event, State};
use fleet::ports::log::{Evidence, Proof};

/// Takes one proof; whether its holder is current. A stale holder's is kept too, except that it
/// may not send and that its "absent" proves nothing.
pub(super) fn note(docket: &mut Docket, evidence: &Evidence) -> bool {
    let now = docket.now;
    let Some(case) = docket.cases.get_mut(&evidence.task) else { return false };
    let current = case.is_held_under(evidence.fence);
    if !current && evidence.what.is_a_holders_word() {
        return false;
    }
    docket.aftermath.evidence(evidence);
    if matches!(evidence.what, Proof::Receipt(_) | Proof::Answer(_)) && !case.accepted {
        case.accepted = true;
        case.changed = true;
    }
    if let (Proof::Lost { quiet_until }, Some(keys)) = (&evidence.what, case.keys_mut()) {
        keys.quiet_until = keys.quiet_until.max(Some(*quiet_until));
    }
    if !current {
        return false;
    }
    let event = match &evidence.what {
        Proof::Sending | Proof::NotBegun => return true,
        Proof::Answer(_) => Event::StepDone { at: now },
        Proof::Receipt(receipt) if matches!(case.state, State::Running { .. }) => {
            Event::Accepted { receipt: receipt.clone() }
        }
        Proof::Receipt(receipt) => Event::FoundRunning { receipt: receipt.clone() },
        Proof::Lost { quiet_until } => Event::LostTrack { quiet_until: *quiet_until },
        Proof::Absent => Event::ProvedAbsent { fence: evidence.fence },
    };
    if let Err(illegal) = case.take(event) {
        // Kept as evidence all the same: the next holder finds it.
        tracing::error!(task = %evidence.task, %illegal, "evidence does not fit the state");
        return true;
    }
    if let Some(keys) = case.keys_mut() {
        if evidence.what == Proof::Absent {
            keys.may_have_sent = false;
            keys.quiet_until = None;
            keys.asked_since = None;
        } else {
            keys.asked_since.get_or_insert(now);
        }
    }
    true
}
