//! Who exists: taxpayers, accounts, lanes, invoices.

use super::{StoreError, desk::Note};
use async_trait::async_trait;
use domain::{
    Moment,
    bureau::LaneKey,
    ids::{Epoch, Fence, LaneId, TaxId, WorkerId},
    invoice::{InvoiceKey, PoolInvoice},
    schedule::{PauseNote, SwitchHistory},
    tax_no::TaxNo,
    taxpayer::{ChannelKind, Session, Taxpayer},
    world::World,
};
use std::fmt::Debug;

/// A lane with its gates, as the dispatcher needs it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lane {
    pub id: LaneId,
    pub key: LaneKey,
    pub channel: ChannelKind,
    /// Tasks at a time: 1, or `leqi.width`.
    pub width: u16,
    pub owner: Option<WorkerId>,
    pub paused: Option<PauseNote>,
    /// None for 乐企.
    pub session: Option<Session>,
    /// The account is off line and only a person can log it in.
    pub needs_person: bool,
    pub throttled_until: Option<Moment>,
    pub current_tax: Option<TaxId>,
    /// Too much waits: its queue is not consumed since then. No gate.
    pub full_since: Option<Moment>,
    /// Another one after every change of the gates. A switch that counts against no budget changes
    /// none.
    pub version: i64,
}

/// How many of each an import wrote.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Imported {
    pub taxpayers: usize,
    pub accounts: usize,
    pub invoices: usize,
    pub statistics: usize,
}

#[async_trait]
pub trait Roster: Send + Sync + Debug {
    /// Writes taxpayers, accounts, lanes, invoices and the statistic tables that name a period;
    /// existing ones are updated, nothing is removed, and whether a known account is on line is left as it is. All or nothing. Tasks that
    /// were held for want of an account are queued at their places when one comes that serves
    /// their tax number and may receive. Whether a taxpayer may move to another lane, or an account stop receiving for it, is asked before
    /// (`fleet::import`). A 乐企 taxpayer gets the lane `<bureau>.leqi` of `leqi_width`.
    async fn import(&self, world: &World, leqi_width: u16) -> Result<Imported, StoreError>;

    /// In the order asked; None: unknown.
    async fn taxpayers(&self, of: &[TaxNo]) -> Result<Vec<Option<Taxpayer>>, StoreError>;

    /// In the order asked; None: unknown. `Selecting` when a task holds the invoice.
    async fn invoices(
        &self,
        of: &[(TaxId, InvoiceKey)],
    ) -> Result<Vec<Option<PoolInvoice>>, StoreError>;

    /// The lanes with these keys; None: unknown.
    async fn lanes_of(&self, keys: &[LaneKey]) -> Result<Vec<Option<LaneId>>, StoreError>;

    /// These lanes, by their numbers; None: every lane.
    async fn lanes(&self, of: Option<&[LaneId]>) -> Result<Vec<Lane>, StoreError>;

    /// The switches of these lanes' accounts that may still count against a budget, in the order
    /// asked.
    async fn switches(&self, of: &[LaneId]) -> Result<Vec<SwitchHistory>, StoreError>;

    /// A switch that was written down did not work: nobody knows which tax number the account is
    /// on. It still counts against the budget. Only for the holder under `fence`.
    async fn forget_current(&self, lane: LaneId, fence: Fence) -> Result<(), StoreError>;

    /// The account of this lane came on line or went off line, as somebody saw it at `seen_at`.
    /// A report older than the newest one, or with another epoch than the current one when
    /// `epoch` is given, does nothing. One that counts raises the epoch and leaves the account on
    /// no tax number. Coming on line resumes every Parked task of the account with an older epoch,
    /// at its place, with an event for each; what had been sent is due to be asked about. Going
    /// off line closes the lane only if a person must log in; that an earlier verdict said so
    /// stays so.
    async fn session_changed(&self, report: &SessionReport) -> Result<SessionNoted, StoreError>;
}

/// What became of a session report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionNoted {
    /// False: it was late, and nothing changed.
    pub counted: bool,
    /// The account's epoch now.
    pub epoch: Epoch,
    /// How many Parked tasks it brought back.
    pub resumed: u64,
}

/// Somebody saw an account come on line or go off line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionReport {
    pub lane: LaneKey,
    pub online: bool,
    pub seen_at: Moment,
    /// The session that the reporter used; None for outside events.
    pub epoch: Option<Epoch>,
    /// When the session ends by itself, if known.
    pub until: Option<Moment>,
    /// Who told it to the desk, and why: written into the audit if the report counts. None: a
    /// worker saw it.
    pub note: Option<Note>,
}

impl SessionReport {
    /// How the audit calls it.
    pub fn action(&self) -> &'static str {
        if self.online { "login" } else { "logout" }
    }
}
