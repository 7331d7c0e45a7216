//! What happened, step by step: hashed, with its tail kept for whoever must understand it.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

/// Lines kept for the report of a failure.
const TAIL: usize = 80;
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

/// See the module.
#[derive(Debug)]
pub(crate) struct History {
    pub(crate) steps: u64,
    pub(crate) hash: u64,
    tail: VecDeque<String>,
    kept: usize,
    /// How often each fault, and each thing of note, happened.
    pub(crate) tally: BTreeMap<String, u64>,
}

impl History {
    pub(crate) fn new(everything: bool) -> History {
        History {
            steps: 0,
            hash: FNV_OFFSET,
            tail: VecDeque::new(),
            kept: if everything { usize::MAX } else { TAIL },
            tally: BTreeMap::new(),
        }
    }

    pub(crate) fn step(&mut self, at: Duration, what: &str) {
        self.steps += 1;
        self.write(at, what);
    }

    /// A line that is no step: a fault, a note.
    pub(crate) fn write(&mut self, at: Duration, what: &str) {
        let line = format!("{:>9.3} {what}", at.as_secs_f64());
        for byte in line.bytes().chain([b'\n']) {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
        }
        if self.tail.len() == self.kept {
            self.tail.pop_front();
        }
        self.tail.push_back(line);
    }

    pub(crate) fn count(&mut self, what: &str) {
        match self.tally.get_mut(what) {
            Some(count) => *count += 1,
            None => {
                self.tally.insert(what.to_owned(), 1);
            }
        }
    }

    pub(crate) fn lines(&self) -> impl Iterator<Item = &String> {
        self.tail.iter()
    }
}
