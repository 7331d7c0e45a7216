//! Which lanes have too much waiting. Counting is rare: what was counted and what has been logged
//! since say whether there can be too much.

use domain::ids::LaneId;
use std::collections::{BTreeMap, BTreeSet};

/// After so many ticks a count no longer says much: others log into the lane, too.
const FRESH: u64 = 60;
/// A full lane is counted again after one tick for every so many tasks that waited: counting a
/// million costs more than counting a hundred, and working them off takes longer.
const COUNTED_PER_TICK: usize = 100_000;
/// A full lane is open again below so many of ten parts of the limit.
const OPEN_BELOW_TENTHS: usize = 9;

/// What is known of one lane.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// At the last count; None: never counted.
    counted: Option<(u64, usize)>,
    /// Logged by this worker since.
    logged: usize,
}

/// How full the lanes of a worker are.
#[derive(Debug)]
pub(super) struct Room {
    limit: usize,
    tick: u64,
    known: BTreeMap<LaneId, Known>,
    full: BTreeSet<LaneId>,
}

/// What counts have changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub full: Vec<LaneId>,
    pub open: Vec<LaneId>,
}

impl Changes {
    pub(super) fn is_empty(&self) -> bool {
        self.full.is_empty() && self.open.is_empty()
    }
}

impl Room {
    pub(super) fn new(limit: usize) -> Room {
        Room { limit, tick: 0, known: BTreeMap::new(), full: BTreeSet::new() }
    }

    /// Counting may stop there.
    pub(super) fn most(&self) -> usize {
        self.limit.saturating_add(1)
    }

    pub(super) fn is_full(&self, lane: LaneId) -> bool {
        self.full.contains(&lane)
    }

    /// A lane that another owner left full: it is so until it was counted.
    pub(super) fn take_over_full(&mut self, lane: LaneId) {
        self.full.insert(lane);
        self.known.remove(&lane);
    }

    /// Forgets lanes that are not among these.
    pub(super) fn keep(&mut self, mine: &BTreeSet<LaneId>) {
        self.known.retain(|lane, _| mine.contains(lane));
        self.full.retain(|lane| mine.contains(lane));
    }

    /// One tick: what was logged meanwhile. Returns the lanes of these that are to be counted.
    pub(super) fn tick(
        &mut self,
        logged: BTreeMap<LaneId, usize>,
        mine: &BTreeSet<LaneId>,
    ) -> Vec<LaneId> {
        self.tick += 1;
        for (lane, tasks) in logged {
            if mine.contains(&lane) {
                self.known.entry(lane).or_default().logged += tasks;
            }
        }
        let filled = self.known.iter().filter(|(lane, known)| {
            !self.is_full(**lane) && known.logged > 0 && self.may_be_full(known)
        });
        let filled = filled.map(|(lane, _)| *lane);
        let emptied = self.full.iter().filter(|lane| self.may_be_open(**lane)).copied();
        filled.chain(emptied).collect()
    }

    fn may_be_full(&self, known: &Known) -> bool {
        known.counted.is_none_or(|(at, waiting)| {
            waiting + known.logged > self.limit || self.tick - at >= FRESH
        })
    }

    fn may_be_open(&self, lane: LaneId) -> bool {
        let counted = self.known.get(&lane).and_then(|known| known.counted);
        counted.is_none_or(|(at, waiting)| self.tick - at >= (waiting / COUNTED_PER_TICK) as u64)
    }

    /// What these counts would change.
    pub(super) fn changes(&self, counts: &[(LaneId, usize)]) -> Changes {
        let mut changes = Changes::default();
        for (lane, waiting) in counts {
            if self.is_full(*lane) {
                let open =
                    waiting.saturating_mul(10) < self.limit.saturating_mul(OPEN_BELOW_TENTHS);
                // A limit so small that nine tenths of it are nothing.
                if open || *waiting == 0 {
                    changes.open.push(*lane);
                }
            } else if *waiting > self.limit {
                changes.full.push(*lane);
            }
        }
        changes
    }

    /// The changes were written down.
    pub(super) fn counted(&mut self, counts: &[(LaneId, usize)], changes: &Changes) {
        for (lane, waiting) in counts {
            let counted = Some((self.tick, *waiting));
            self.known.insert(*lane, Known { counted, logged: 0 });
        }
        self.full.extend(&changes.full);
        self.full.retain(|lane| !changes.open.contains(lane));
    }
}

#[cfg(test)]
mod tests {
    use super::{COUNTED_PER_TICK, FRESH, Room};
    use domain::ids::LaneId;
    use std::collections::{BTreeMap, BTreeSet};

    const A: LaneId = LaneId(1);
    const B: LaneId = LaneId(2);

    fn mine() -> BTreeSet<LaneId> {
        [A, B].into()
    }

    fn logged(lane: LaneId, tasks: usize) -> BTreeMap<LaneId, usize> {
        [(lane, tasks)].into()
    }

    fn quiet() -> BTreeMap<LaneId, usize> {
        BTreeMap::new()
    }

    /// Counts, and takes what that changes as written down.
    fn count(room: &mut Room, lane: LaneId, waiting: usize) -> (bool, bool) {
        let changes = room.changes(&[(lane, waiting)]);
        room.counted(&[(lane, waiting)], &changes);
        (!changes.full.is_empty(), !changes.open.is_empty())
    }

    #[test]
    fn a_lane_is_counted_when_it_may_be_full_and_not_before() {
        let mut room = Room::new(100);
        assert_eq!(room.tick(quiet(), &mine()), []);
        assert_eq!(room.tick(logged(A, 1), &mine()), [A], "nothing is known of it");
        assert_eq!(count(&mut room, A, 40), (false, false));
        assert_eq!(room.tick(logged(A, 60), &mine()), [], "100 at most");
        assert_eq!(room.tick(logged(A, 1), &mine()), [A], "it may be 101");
        assert_eq!(count(&mut room, A, 30), (false, false), "most have gone meanwhile");
        assert_eq!(room.tick(logged(A, 70), &mine()), []);
        assert_eq!(room.tick(logged(LaneId(9), 500), &mine()), [], "somebody else's");
    }

    #[test]
    fn an_old_count_is_not_believed_when_something_comes() {
        let mut room = Room::new(100);
        room.tick(logged(A, 1), &mine());
        count(&mut room, A, 1);
        for _ in 0..FRESH {
            assert_eq!(room.tick(quiet(), &mine()), [], "nothing came");
        }
        assert_eq!(room.tick(logged(A, 1), &mine()), [A]);
    }

    #[test]
    fn a_full_lane_is_open_again_below_nine_tenths() {
        let mut room = Room::new(100);
        room.tick(logged(A, 101), &mine());
        assert_eq!(count(&mut room, A, 100), (false, false), "as much as may wait");
        room.tick(logged(A, 1), &mine());
        assert_eq!(count(&mut room, A, 101), (true, false));
        assert!(room.is_full(A) && !room.is_full(B));
        for (waiting, open) in [(101, false), (95, false), (90, false), (89, true)] {
            assert_eq!(room.tick(quiet(), &mine()), [A], "looked at without news");
            assert_eq!(count(&mut room, A, waiting), (false, open), "{waiting}");
        }
        assert!(!room.is_full(A));
        assert_eq!(room.tick(quiet(), &mine()), []);
    }

    #[test]
    fn the_more_waits_the_less_often_a_full_lane_is_counted() {
        let limit = 3 * COUNTED_PER_TICK;
        let mut room = Room::new(limit);
        room.tick(logged(A, 1), &mine());
        assert_eq!(count(&mut room, A, limit + 1), (true, false));
        assert_eq!(room.tick(quiet(), &mine()), []);
        assert_eq!(room.tick(quiet(), &mine()), []);
        assert_eq!(room.tick(quiet(), &mine()), [A]);
    }

    #[test]
    fn a_lane_with_the_smallest_limit_opens_when_it_is_empty() {
        let mut room = Room::new(0);
        room.tick(logged(A, 1), &mine());
        assert_eq!(count(&mut room, A, 1), (true, false));
        assert_eq!(count(&mut room, A, 0), (false, true));
    }

    #[test]
    fn a_lane_that_was_left_full_is_full_until_it_was_counted() {
        let mut room = Room::new(100);
        room.take_over_full(B);
        assert!(room.is_full(B));
        assert_eq!(room.tick(quiet(), &mine()), [B]);
        assert_eq!(count(&mut room, B, 3), (false, true));
        room.take_over_full(B);
        room.keep(&[A].into());
        assert!(!room.is_full(B), "no longer mine");
    }
}
