//! What runs next, and why not.
//!
//! [`admit`] says whether a waiting task may take its keys now; every store's claim agrees
//! with it. [`next_visit`] says which tax number an account works for next, and [`forecast`] how
//! long that takes. [`Hindrance`] is the one vocabulary of reasons, for claim, scheduler and people.

mod admit;
mod hindrance;
mod visits;

pub use admit::{Candidate, LaneFacts, Rival, TaxFacts, admit, lane_closed_for};
pub use hindrance::{Hindrance, Holder, PauseNote};
pub use visits::{
    Backlog, Forecast, LaneView, NumberView, PlannerSettings, SwitchHistory, SwitchLimits, Visit,
    forecast, next_visit,
};
