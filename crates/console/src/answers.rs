//! The bodies of answers.

mod around;
mod automatic;
mod batches;
mod lanes;
mod lists;
mod people;
mod pool;
mod registry;
mod statistics;
mod tasks;
mod versions;

pub use around::*;
pub use automatic::{
    DryRun, RuleList, RuleRemoved, RuleRunPage, RuleRunShown, RuleShown, TriesReset, WouldChoose,
};
pub use batches::{BatchCalledOff, BatchLines, BatchPage, BatchShown};
pub use lanes::{ImportedWorld, LaneView, Lanes, LanesTouched, RejectedRow, SessionChanged};
pub use lists::{ListPage, ListRows, ListShown};
pub use people::{AuditPage, AuditView, Me, RightView, UserKept, UserRemoved, UserView, Users};
pub use pool::{
    InvoiceFiles, InvoicePage, InvoiceView, LedgerPage, LoadView, Resync, WritebackOutcome,
    WritebackView, Writebacks,
};
pub use registry::*;
pub use statistics::{SecretKept, SecretNames, SecretRemoved, StatisticsView, TableView};
pub(crate) use tasks::TaskRowSchema;
pub use tasks::{
    AskedTask, AskedTasks, Cancellations, CancelledTask, Card, CountsView, Fate, Page, ReasonCount,
    RecordedTask, Records, Retried, Retries, Submission, Submitted, Why,
};
pub use versions::*;
