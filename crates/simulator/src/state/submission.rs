//! What was submitted, by receipt and by request.

use crate::{
    channels::{Effect, Work},
    limits,
    referee::Mark,
};
use domain::tax_no::TaxNo;
use std::collections::{HashMap, VecDeque};

/// One submission that the bureau took.
#[derive(Clone, Debug)]
pub(super) struct Submission {
    pub(super) request: String,
    pub(super) tax_no: TaxNo,
    pub(super) work: Work,
    /// Every invoice is answered with 06.
    pub(super) storm: bool,
    pub(super) mark: Mark,
    /// None: still at work.
    pub(super) effect: Option<Effect>,
}

/// The submissions of one step.
#[derive(Debug, Default)]
struct Step {
    receipts: Vec<String>,
    /// Of these, how many took effect and were not undone.
    effects: u32,
}

/// All of them, the oldest forgotten beyond the limit.
#[derive(Debug, Default)]
pub(super) struct Submissions {
    by_receipt: HashMap<String, Submission>,
    by_request: HashMap<String, Step>,
    order: VecDeque<String>,
}

impl Submissions {
    pub(super) fn add(&mut self, receipt: String, submission: Submission) {
        if self.order.len() == limits::SUBMISSIONS {
            self.forget_oldest();
        }
        let step = self.by_request.entry(submission.request.clone()).or_default();
        step.receipts.push(receipt.clone());
        self.order.push_back(receipt.clone());
        self.by_receipt.insert(receipt, submission);
    }

    fn forget_oldest(&mut self) {
        let Some(oldest) = self.order.pop_front() else { return };
        let Some(submission) = self.by_receipt.remove(&oldest) else { return };
        let Some(step) = self.by_request.get_mut(&submission.request) else { return };
        step.receipts.retain(|receipt| *receipt != oldest);
        if step.receipts.is_empty() {
            self.by_request.remove(&submission.request);
        }
    }

    pub(super) fn get(&self, receipt: &str) -> Option<&Submission> {
        self.by_receipt.get(receipt)
    }

    pub(super) fn get_mut(&mut self, receipt: &str) -> Option<&mut Submission> {
        self.by_receipt.get_mut(receipt)
    }

    /// The newest submission of a step, with its receipt.
    pub(super) fn newest_of(&self, request: &str) -> Option<(&String, &Submission)> {
        let receipt = self.by_request.get(request)?.receipts.last()?;
        Some((receipt, self.by_receipt.get(receipt)?))
    }

    /// How many submissions of the step were taken so far.
    pub(super) fn times(&self, request: &str) -> usize {
        self.by_request.get(request).map_or(0, |step| step.receipts.len())
    }

    pub(super) fn effects_of(&mut self, request: &str) -> Option<&mut u32> {
        self.by_request.get_mut(request).map(|step| &mut step.effects)
    }
}
