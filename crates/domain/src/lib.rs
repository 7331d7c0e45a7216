//! What gouxuan's words mean and what is allowed: pure functions and types.
//!
//! No async, no input or output, no clock and no randomness: the time and every
//! chance are arguments. Each decision has one home here: transitions in
//! [`task::State::on`], admission to the bureau in [`rules`], what runs next in
//! [`schedule`], when again in [`retry`], who may in [`rights`].

pub mod answer;
pub mod automatic;
pub mod batch;
pub mod bureau;
pub mod calendar;
pub mod check;
pub mod ids;
pub mod invoice;
pub mod kind;
pub mod ledger;
pub mod list;
pub mod load;
mod located;
pub mod money;
pub mod period;
pub mod retry;
pub mod rights;
pub mod roster;
pub mod rules;
pub mod run;
pub mod schedule;
pub mod secret;
pub mod statistic;
pub mod task;
pub mod tax_no;
pub mod taxpayer;
pub mod world;
pub mod writeback;

#[cfg(test)]
mod written;

/// A moment. Stored and compared in UTC; shown in Asia/Shanghai.
pub type Moment = chrono::DateTime<chrono::Utc>;
