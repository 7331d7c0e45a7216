//! What becomes of tasks that are to be logged: one pure decision for every database.
//!
//! A store reads [`Facts`] in the same transaction, asks [`plan`], writes it, and when a write
//! finds that somebody else was faster (fewer rows than planned) rolls back and starts again.

use domain::{
    Moment,
    ids::{LaneId, TaskId, TaxId},
    invoice::{InvoiceKey, PoolChange},
    ledger::{LedgerLine, LineOutcome},
    rules::held_elsewhere,
    task::StateName,
};
use fleet::ports::log::{Appended, Fate, NewTask, RetryRefusal};
use std::collections::{HashMap, HashSet};

/// A task that the log knows already.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) body_hash: Vec<u8>,
    pub(crate) first_logged_at: Moment,
    pub(crate) state: StateName,
    pub(crate) unknown: bool,
    /// Where it waits.
    pub(crate) waiting: Option<(LaneId, TaxId)>,
    /// The retry that it has got.
    pub(crate) retry: Option<TaskId>,
}

/// What the store knows of the tasks' ids, of the tasks that they try again, and of their invoices.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) known: HashMap<TaskId, Known>,
    pub(crate) held: HashSet<(TaxId, InvoiceKey)>,
    /// The store's clock; None when no task names a date.
    pub(crate) now: Option<Moment>,
}

/// What to do with one task.
#[derive(Clone, Debug)]
pub(crate) enum Planned {
    /// Nothing is written.
    Answer(Appended),
    /// The same id stands earlier in this batch, at this index; `same`: with the same body.
    Repeats { index: usize, same: bool },
    /// Logged and waiting, its invoices held.
    Queue { lane: LaneId, tax: TaxId, run_at: Option<Moment> },
    /// Logged, waiting for an account, its invoices held.
    Hold { tax: TaxId },
    /// Logged in a final state.
    End(Ended),
}

#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) state: StateName,
    pub(crate) reason: String,
    pub(crate) tax: Option<TaxId>,
    pub(crate) lines: Vec<LedgerLine>,
    pub(crate) pool: Vec<PoolChange>,
}

impl Planned {
    /// The task gets a row.
    pub(crate) fn is_logged(&self) -> bool {
        matches!(self, Planned::Queue { .. } | Planned::Hold { .. } | Planned::End(_))
    }
}

/// The tax number whose invoices the task would hold or mark.
pub(crate) fn holder(task: &NewTask) -> Option<TaxId> {
    task.message.kind.action()?;
    match &task.fate {
        Fate::Queue { tax, .. } | Fate::Hold { tax } | Fate::Settle { tax, .. } => Some(*tax),
        Fate::Refuse { .. } => None,
    }
}

/// Decides the batch in its order, as if each task were logged before the next one is looked at.
pub(crate) fn plan(tasks: &[NewTask], facts: Facts) -> Vec<Planned> {
    let mut desk = Desk { facts, logged: HashMap::new(), tried_again: HashMap::new() };
    tasks.iter().enumerate().map(|(index, task)| desk.decide(index, task)).collect()
}

struct Desk {
    facts: Facts,
    /// Tasks of this batch: index, body hash, state.
    logged: HashMap<TaskId, (usize, [u8; 32], StateName)>,
    tried_again: HashMap<TaskId, TaskId>,
}

impl Desk {
    fn decide(&mut self, index: usize, task: &NewTask) -> Planned {
        let id = task.message.task_id;
        if let Some(known) = self.facts.known.get(&id) {
            return Planned::Answer(if known.body_hash == task.body_hash {
                Appended::Duplicate { waiting: known.waiting }
            } else {
                Appended::OtherBody { first_logged_at: known.first_logged_at }
            });
        }
        if let Some((first, hash, _)) = self.logged.get(&id) {
            return Planned::Repeats { index: *first, same: *hash == task.body_hash };
        }
        if let Some(original) = task.message.retry_of {
            if let Some(reason) = self.retry_refused(original) {
                return Planned::Answer(Appended::RetryRefused { reason });
            }
            self.tried_again.insert(original, id);
        }
        let planned = self.fate(task);
        let state = match &planned {
            Planned::End(ended) => ended.state,
            Planned::Hold { .. } => StateName::Held,
            _ => StateName::Queued,
        };
        self.logged.insert(id, (index, task.body_hash, state));
        planned
    }

    fn retry_refused(&self, original: TaskId) -> Option<RetryRefusal> {
        let (state, unknown, retry) =
            match (self.facts.known.get(&original), self.logged.get(&original)) {
                (Some(known), _) => (known.state, known.unknown, known.retry),
                (None, Some((_, _, state))) => (*state, false, None),
                (None, None) => return Some(RetryRefusal::NoSuchTask),
            };
        let retry = retry.or_else(|| self.tried_again.get(&original).copied());
        if !matches!(state, StateName::Failed | StateName::Refused) {
            return Some(RetryRefusal::NotFailed { state });
        }
        if unknown {
            return Some(RetryRefusal::OutcomeUnknown);
        }
        retry.map(|retry| RetryRefusal::TriedAgain { retry })
    }

    fn fate(&mut self, task: &NewTask) -> Planned {
        if let Some(refused) = self.refused_for_holds(task) {
            return Planned::End(refused);
        }
        match &task.fate {
            Fate::Queue { lane, tax, run_at } => {
                self.hold(*tax, task);
                let later = run_at.filter(|at| self.facts.now.is_none_or(|now| *at > now));
                Planned::Queue { lane: *lane, tax: *tax, run_at: later }
            }
            Fate::Hold { tax } => {
                self.hold(*tax, task);
                Planned::Hold { tax: *tax }
            }
            Fate::Settle { tax, lines, pool } => Planned::End(Ended {
                state: StateName::Done,
                reason: String::new(),
                tax: Some(*tax),
                lines: lines.clone(),
                pool: pool.clone(),
            }),
            Fate::Refuse { tax, reason, lines } => Planned::End(Ended {
                state: StateName::Refused,
                reason: reason.clone(),
                tax: *tax,
                lines: lines.clone(),
                pool: Vec::new(),
            }),
        }
    }

    fn hold(&mut self, tax: TaxId, task: &NewTask) {
        if task.message.kind.action().is_some() {
            let keys = task.message.invoices.iter().map(|invoice| (tax, invoice.key.clone()));
            self.facts.held.extend(keys);
        }
    }

    /// An invoice is in at most one unfinished task; one that is held fails the whole request.
    /// The ledger names the culprits.
    fn refused_for_holds(&self, task: &NewTask) -> Option<Ended> {
        let tax = holder(task)?;
        let invoices = &task.message.invoices;
        let held = |key: &InvoiceKey| self.facts.held.contains(&(tax, key.clone()));
        let culprits: Vec<_> = invoices.iter().filter(|invoice| held(&invoice.key)).collect();
        if culprits.is_empty() {
            return None;
        }
        let sentence = held_elsewhere(task.message.kind).sentence();
        let line = |key: &InvoiceKey| LedgerLine {
            invoice: key.clone(),
            outcome: LineOutcome::Refused,
            reason: sentence.to_owned(),
        };
        Some(Ended {
            state: StateName::Refused,
            reason: sentence.to_owned(),
            tax: Some(tax),
            lines: culprits.iter().map(|invoice| line(&invoice.key)).collect(),
            pool: Vec::new(),
        })
    }
}
