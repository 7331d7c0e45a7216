//! Uses that were read for a task before something stopped it: a throttle, a logout, a bad line.
//!
//! The tax number stays held meanwhile, so that nothing of ours changes them. Only in memory: whoever
//! takes the task over after a crash reads them again.

use domain::{answer::Outcome, ids::TaskId};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Tasks remembered at most; beyond it one is forgotten, and read again.
const MOST: usize = 256;

#[derive(Debug, Clone, Default)]
pub(crate) struct HalfRead(Arc<Mutex<HashMap<TaskId, Outcome>>>);

impl HalfRead {
    fn open(&self) -> MutexGuard<'_, HashMap<TaskId, Outcome>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn keep(&self, task: TaskId, read: Outcome) {
        let mut kept = self.open();
        if kept.len() >= MOST
            && let Some(other) = kept.keys().next().copied()
        {
            kept.remove(&other);
        }
        kept.insert(task, read);
    }

    pub(crate) fn take(&self, task: TaskId) -> Option<Outcome> {
        self.open().remove(&task)
    }
}

#[cfg(test)]
mod tests {
    use super::{HalfRead, MOST};
    use domain::{answer::Outcome, ids::TaskId};
    use uuid::Uuid;

    #[test]
    fn what_was_read_is_handed_out_once_and_there_is_an_end_of_it() {
        let half_read = HalfRead::default();
        let task = |n: usize| TaskId(Uuid::from_u128(n as u128));
        for n in 0..=MOST {
            half_read.keep(task(n), Outcome::default());
        }
        let kept = (0..=MOST).filter(|n| half_read.take(task(*n)).is_some()).count();
        assert_eq!(kept, MOST);
        assert_eq!(half_read.take(task(MOST)), None);
    }
}
