//! Lanes, sessions of accounts, and the world.

use chrono::{DateTime, Utc};
use domain::world::WorldError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A lane as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LaneView {
    pub bureau: String,
    pub bureau_name: String,
    pub account: String,
    /// `etax` or `leqi`.
    pub channel: String,
    /// Tasks at a time.
    pub width: u16,
    /// The worker that serves it; null: none.
    pub owner: Option<String>,
    /// Null for 乐企, which has no login.
    pub online: Option<bool>,
    /// It is off line and only a person can log it in.
    pub needs_person: bool,
    /// Why nothing may start there now, one sentence each; empty: it is open.
    pub closed: Vec<String>,
    /// The tax number that the account was last switched to, if known.
    #[serde(default)]
    pub current_tax_no: Option<String>,
    /// The tasks that hold its slots, by slot.
    #[serde(default)]
    pub running: Vec<Uuid>,
    /// Too much waits: its queue is not consumed since then.
    #[serde(default)]
    pub full_since: Option<DateTime<Utc>>,
}

/// Every lane.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Lanes {
    pub lanes: Vec<LaneView>,
}

/// How many lanes an action touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LanesTouched {
    pub lanes: usize,
}

/// What a login or logout changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionChanged {
    /// False: something newer was known, and nothing changed.
    pub counted: bool,
    /// Parked tasks that go on.
    pub resumed: u64,
}

/// What an import wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportedWorld {
    pub taxpayers: usize,
    pub accounts: usize,
    pub invoices: usize,
    pub statistics: usize,
    /// Rows that were not written; empty: all were.
    #[serde(default)]
    pub rejected: Vec<RejectedRow>,
}

/// A row of a world file that was not written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RejectedRow {
    /// Such as `invoices[17].amount`, counted from 0.
    pub place: String,
    /// What is wrong there.
    pub problem: String,
}

impl From<WorldError> for RejectedRow {
    fn from(wrong: WorldError) -> RejectedRow {
        RejectedRow { place: wrong.place, problem: wrong.problem }
    }
}
