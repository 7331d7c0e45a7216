//! Tests that kill processes and servers; they run one at a time.

mod figures;
mod hints;
mod judge;
mod leaving;
mod month;
mod owners;
mod storm;
mod truth;
