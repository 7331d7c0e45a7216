//! What follows from the end of a task: another task, logged with it.

use super::Attempt;
use crate::ports::log::{Fate, NewTask};
use domain::{
    answer::Outcome,
    ledger::LedgerLine,
    task::{body_hash, use_query},
};
use std::sync::Arc;

impl Attempt<'_> {
    /// It waits in the lane of its parent.
    pub(super) fn follow_up(
        &self,
        outcome: &Outcome,
        lines: &[LedgerLine],
    ) -> Option<Box<NewTask>> {
        let work = self.work;
        let message = use_query(&work.message, work.channel, outcome, lines)?;
        let body: Arc<str> = message.to_json().into();
        Some(Box::new(NewTask {
            body_hash: body_hash(body.as_bytes()),
            body,
            message: Arc::new(message),
            traceparent: work.traceparent.clone(),
            lane: Some(work.lane_key.clone()),
            channel: Some(work.channel),
            fate: Fate::Queue { lane: work.lane, tax: work.tax, run_at: None },
        }))
    }
}
