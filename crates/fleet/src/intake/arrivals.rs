//! How many tasks this worker has logged into each lane since somebody last looked.

use crate::ports::log::Head;
use domain::ids::LaneId;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Written by the intake, taken by whoever watches how full the lanes are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arrivals(Arc<Mutex<BTreeMap<LaneId, usize>>>);

impl Arrivals {
    pub(crate) fn note(&self, heads: &[Head]) {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for head in heads {
            *lanes.entry(head.lane).or_default() += 1;
        }
    }

    pub(crate) fn take(&self) -> BTreeMap<LaneId, usize> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
