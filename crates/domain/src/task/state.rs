//! A task's states and the only function that changes them.

use crate::{
    Moment,
    answer::Receipt,
    ids::{Epoch, Fence},
    taxpayer::ChannelKind,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a task stands, with the data of exactly that state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum State {
    /// With us, not yet with its lane: a date, an account or a confirmation is missing.
    Held,
    /// Waits for its turn in its lane.
    Queued,
    /// A worker holds its keys.
    Running { fence: Fence },
    /// The bureau took it; asked for with the receipt. The tax number stays held.
    Awaiting { receipt: Receipt },
    /// Something may have been sent; nobody knows what came of it. The tax number stays held.
    Unclear { receipt: Option<Receipt>, quiet_until: Moment },
    /// Tried again at a clock time. Keeps the tax number only when something was sent.
    Delayed { sent: bool, until: Moment },
    /// Had begun; waits for a login newer than `epoch`.
    Parked { sent: bool, epoch: Epoch },
    /// Final: the bureau did it, at least in part; the ledger says which invoices.
    Done,
    /// Final: our rules or the bureau said no.
    Refused,
    /// Final: it did not work, or nobody can tell.
    Failed,
    /// Final: called off by us before the bureau had acted.
    Cancelled,
}

/// What happens to a task.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// What it was held for is there.
    Released,
    /// Both keys were taken.
    Claimed {
        fence: Fence,
    },
    /// The bureau took the submission.
    Accepted {
        receipt: Receipt,
    },
    /// The answer was lost, or the worker was, after something may have been sent.
    LostTrack {
        quiet_until: Moment,
    },
    /// Reading back found the submission at work.
    FoundRunning {
        receipt: Receipt,
    },
    /// Reading back proved that nothing was sent; the asker goes on under its own fence.
    ProvedAbsent {
        fence: Fence,
    },
    /// One act of several is over, and the next is due: from here on the tax number stays held.
    StepDone {
        at: Moment,
    },
    /// To be tried again at a clock time.
    PutOff {
        until: Moment,
    },
    /// The clock time has come.
    Due,
    /// The session was lost.
    LoggedOut {
        epoch: Epoch,
    },
    /// The account is on line with a newer epoch.
    LoggedIn {
        epoch: Epoch,
    },
    /// A worker took over what was sent earlier, to ask about it; only the asker changes.
    TakenUp {
        receipt: Option<Receipt>,
        quiet_until: Moment,
    },
    /// The worker ended, or died, with nothing sent.
    HandedBack,
    Succeeded,
    Refused,
    Failed,
    Cancelled,
}

/// The event cannot happen in this state.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a task that is {state} cannot take {event}")]
pub struct Illegal {
    pub state: StateName,
    pub event: &'static str,
}

impl State {
    /// The only place where a task changes state.
    pub fn on(self, event: Event) -> Result<State, Illegal> {
        use State::*;
        let illegal = Illegal { state: self.name(), event: event.name() };
        Ok(match (self, event) {
            (Held, Event::Released) => Queued,
            (Queued, Event::Claimed { fence }) => Running { fence },
            (Running { .. }, Event::Accepted { receipt }) => Awaiting { receipt },
            (Running { .. }, Event::LostTrack { quiet_until }) => {
                Unclear { receipt: None, quiet_until }
            }
            (Awaiting { receipt }, Event::LostTrack { quiet_until }) => {
                Unclear { receipt: Some(receipt), quiet_until }
            }
            // An earlier call may land later than the last one: the longer quiet time counts.
            (Unclear { receipt, quiet_until: known }, Event::LostTrack { quiet_until }) => {
                Unclear { receipt, quiet_until: quiet_until.max(known) }
            }
            (
                Unclear { .. } | Running { .. } | Awaiting { .. },
                Event::FoundRunning { receipt },
            ) => Awaiting { receipt },
            (Unclear { .. } | Running { .. }, Event::ProvedAbsent { fence }) => Running { fence },
            (Running { .. }, Event::StepDone { at }) => Unclear { receipt: None, quiet_until: at },
            (asked @ (Awaiting { .. } | Unclear { .. }), Event::StepDone { .. }) => asked,
            (Running { .. }, Event::PutOff { until }) => Delayed { sent: false, until },
            (Awaiting { .. } | Unclear { .. }, Event::PutOff { until }) => {
                Delayed { sent: true, until }
            }
            (Delayed { sent: false, .. }, Event::Due) => Queued,
            (Running { .. }, Event::LoggedOut { epoch }) => Parked { sent: false, epoch },
            (Awaiting { .. } | Unclear { .. }, Event::LoggedOut { epoch }) => {
                Parked { sent: true, epoch }
            }
            (Parked { sent: false, epoch: parked }, Event::LoggedIn { epoch })
                if epoch > parked =>
            {
                Queued
            }
            (
                Delayed { sent: true, .. } | Parked { sent: true, .. },
                Event::TakenUp { receipt: Some(receipt), .. },
            ) => Awaiting { receipt },
            (
                Delayed { sent: true, .. } | Parked { sent: true, .. },
                Event::TakenUp { receipt: None, quiet_until },
            ) => Unclear { receipt: None, quiet_until },
            (asked @ (Awaiting { .. } | Unclear { .. }), Event::TakenUp { .. }) => asked,
            (Running { .. }, Event::HandedBack) => Queued,
            (Running { .. } | Awaiting { .. } | Unclear { .. }, Event::Succeeded) => Done,
            (Held | Queued | Running { .. } | Awaiting { .. } | Unclear { .. }, Event::Refused) => {
                Refused
            }
            // Whatever waits has a deadline.
            (
                Held
                | Queued
                | Running { .. }
                | Awaiting { .. }
                | Unclear { .. }
                | Delayed { .. }
                | Parked { .. },
                Event::Failed,
            ) => Failed,
            (
                Held | Queued | Delayed { sent: false, .. } | Parked { sent: false, .. },
                Event::Cancelled,
            ) => Cancelled,
            _ => return Err(illegal),
        })
    }

    /// Whether the task keeps other tasks of its tax number from starting: from the claim to the
    /// outcome, and always while something may have been sent (I2).
    pub const fn keeps_tax_number(&self) -> bool {
        match self {
            State::Running { .. } | State::Awaiting { .. } | State::Unclear { .. } => true,
            State::Delayed { sent, .. } | State::Parked { sent, .. } => *sent,
            State::Held | State::Queued => false,
            State::Done | State::Refused | State::Failed | State::Cancelled => false,
        }
    }

    pub const fn name(&self) -> StateName {
        match self {
            State::Held => StateName::Held,
            State::Queued => StateName::Queued,
            State::Running { .. } => StateName::Running,
            State::Awaiting { .. } => StateName::Awaiting,
            State::Unclear { .. } => StateName::Unclear,
            State::Delayed { .. } => StateName::Delayed,
            State::Parked { .. } => StateName::Parked,
            State::Done => StateName::Done,
            State::Refused => StateName::Refused,
            State::Failed => StateName::Failed,
            State::Cancelled => StateName::Cancelled,
        }
    }
}

impl Event {
    pub const fn name(&self) -> &'static str {
        match self {
            Event::Released => "Released",
            Event::Claimed { .. } => "Claimed",
            Event::Accepted { .. } => "Accepted",
            Event::LostTrack { .. } => "LostTrack",
            Event::FoundRunning { .. } => "FoundRunning",
            Event::ProvedAbsent { .. } => "ProvedAbsent",
            Event::StepDone { .. } => "StepDone",
            Event::PutOff { .. } => "PutOff",
            Event::Due => "Due",
            Event::LoggedOut { .. } => "LoggedOut",
            Event::LoggedIn { .. } => "LoggedIn",
            Event::TakenUp { .. } => "TakenUp",
            Event::HandedBack => "HandedBack",
            Event::Succeeded => "Succeeded",
            Event::Refused => "Refused",
            Event::Failed => "Failed",
            Event::Cancelled => "Cancelled",
        }
    }
}

macro_rules! state_names {
    ($($variant:ident $name:literal;)*) => {
        /// A state without its data, as stored and filtered by.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum StateName { $($variant,)* }

        impl StateName {
            pub const ALL: &'static [StateName] = &[$(StateName::$variant,)*];

            pub const fn name(self) -> &'static str {
                match self { $(StateName::$variant => $name,)* }
            }

            pub fn from_name(name: &str) -> Option<StateName> {
                match name { $($name => Some(StateName::$variant),)* _ => None }
            }
        }
    };
}

state_names! {
    Held "held"; Queued "queued"; Running "running"; Awaiting "awaiting"; Unclear "unclear";
    Delayed "delayed"; Parked "parked"; Done "done"; Refused "refused"; Failed "failed";
    Cancelled "cancelled";
}

impl StateName {
    /// Nothing happens to the task any more.
    pub const fn is_final(self) -> bool {
        use StateName::*;
        matches!(self, Done | Refused | Failed | Cancelled)
    }

    /// What people see. For 乐企 a task is 未处理 until its first call was accepted.
    pub const fn shown(self, channel: ChannelKind, was_accepted: bool) -> ShownState {
        use StateName::*;
        match (self, channel) {
            (Done, _) => ShownState::Succeeded,
            (Refused | Failed | Cancelled, _) => ShownState::Failed,
            (Held, _) => ShownState::Untouched,
            (Queued | Running | Delayed | Parked, ChannelKind::Leqi) if !was_accepted => {
                ShownState::Untouched
            }
            (Queued | Running | Awaiting | Unclear | Delayed | Parked, _) => ShownState::Processing,
        }
    }
}

impl fmt::Display for StateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The four states that people see.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum ShownState {
    #[serde(rename = "未处理")]
    Untouched,
    #[serde(rename = "处理中")]
    Processing,
    #[serde(rename = "处理成功")]
    Succeeded,
    #[serde(rename = "处理失败")]
    Failed,
}

impl ShownState {
    pub const fn label(self) -> &'static str {
        match self {
            ShownState::Untouched => "未处理",
            ShownState::Processing => "处理中",
            ShownState::Succeeded => "处理成功",
            ShownState::Failed => "处理失败",
        }
    }
}

#[cfg(test)]
mod tests;
