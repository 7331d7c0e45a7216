//! What a worker remembers of one of its lanes: heads, never tasks.

use crate::ports::{
    log::{Head, LaneQueue},
    roster::Lane,
};
use domain::{
    Moment,
    ids::{Place, Slot, TaskId, TaxId},
    schedule::{Hindrance, SwitchHistory},
    taxpayer::ChannelKind,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// A hindered head is tried again after this long at the latest, for hints that were lost.
pub(super) const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// One of the worker's lanes.
#[derive(Debug)]
pub(super) struct LaneBook {
    pub lane: Lane,
    /// The account's past switches. None: not known yet, or nobody counts them.
    pub switches: Option<SwitchHistory>,
    heads: BTreeMap<TaxId, Head>,
    /// Heads that nothing is known to hinder, in the order of their places.
    ready: BTreeSet<(Place, TaxId)>,
    /// Heads that a claim was refused for: not before then, unless there is news.
    hindered: BTreeMap<TaxId, (Moment, Hindrance)>,
    /// Heads whose tax number another writer's round trip is about.
    aside: BTreeSet<TaxId>,
    /// When the latest task of a tax number was logged, as far as this worker has heard.
    newest: BTreeMap<TaxId, Moment>,
    slots: Vec<Option<TaskId>>,
    /// Slots that somebody else holds: not tried before then.
    foreign: BTreeMap<usize, Moment>,
    /// The whole lane is closed until then, or until its gates change.
    closed_until: Option<Moment>,
    /// The bureau throttles its account until then. Nobody tells when that is over.
    throttled_until: Option<Moment>,
    /// Something sent earlier is due to be asked about.
    pub asking: bool,
}

/// What a lane would start next.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub head: Head,
    pub slot: Slot,
}

impl LaneBook {
    pub(super) fn new(lane: Lane) -> LaneBook {
        let slots = vec![None; usize::from(lane.width)];
        LaneBook {
            throttled_until: lane.throttled_until,
            lane,
            switches: None,
            heads: BTreeMap::new(),
            ready: BTreeSet::new(),
            hindered: BTreeMap::new(),
            aside: BTreeSet::new(),
            newest: BTreeMap::new(),
            slots,
            foreign: BTreeMap::new(),
            closed_until: None,
            asking: false,
        }
    }

    /// The gates changed: everything may be different.
    pub(super) fn gates_changed(&mut self, lane: Lane) {
        if self.slots.len() < usize::from(lane.width) {
            self.slots.resize(usize::from(lane.width), None);
        }
        self.throttled_until = lane.throttled_until;
        self.lane = lane;
        self.closed_until = None;
        self.unhinder_all();
    }

    fn unhinder_all(&mut self) {
        for tax in std::mem::take(&mut self.hindered).into_keys() {
            if let Some(head) = self.heads.get(&tax) {
                self.ready.insert((head.place, tax));
            }
        }
    }

    /// The keys of this tax number were freed, or its other tasks changed.
    pub(super) fn unhinder(&mut self, tax: TaxId) -> bool {
        if self.hindered.remove(&tax).is_none() {
            return false;
        }
        if let Some(head) = self.heads.get(&tax) {
            self.ready.insert((head.place, tax));
            // A planned wait was planned without it.
            self.closed_until = None;
        }
        true
    }

    /// Heads of these tax numbers are not looked at until they are brought back.
    pub(super) fn set_aside(&mut self, elsewhere: &BTreeSet<TaxId>) {
        // The shorter way: a lane of 乐企 can have a million heads.
        let aside: Vec<TaxId> = if self.ready.len() < elsewhere.len() {
            let ready = self.ready.iter().map(|(_, tax)| *tax);
            ready.filter(|tax| elsewhere.contains(tax)).collect()
        } else {
            elsewhere.iter().filter(|tax| self.head(**tax).is_some()).copied().collect()
        };
        for tax in aside {
            let place = self.heads[&tax].place;
            self.ready.remove(&(place, tax));
            self.aside.insert(tax);
        }
    }

    /// True: the tax number's head was set aside, and is looked at again.
    pub(super) fn bring_back(&mut self, tax: TaxId) -> bool {
        if !self.aside.remove(&tax) {
            return false;
        }
        let place = self.heads[&tax].place;
        self.ready.insert((place, tax));
        // A planned wait was planned without it.
        self.closed_until = None;
        true
    }

    /// What hindered the tax number, or the whole lane on its account, may be over.
    pub(super) fn look_now(&mut self, tax: TaxId) {
        self.closed_until = None;
        self.unhinder(tax);
    }

    /// What waits for the tax number now, as the store says.
    pub(super) fn set_queue(&mut self, queue: &LaneQueue) {
        self.forget_head(queue.tax);
        if queue.head.is_none() {
            self.newest.remove(&queue.tax);
        }
        if let Some(head) = &queue.head {
            self.closed_until = None;
            self.ready.insert((head.place, head.tax));
            self.heads.insert(head.tax, head.clone());
        }
    }

    /// A task was logged: it is the head if it goes before the one that is. A planned wait is
    /// thought over.
    pub(super) fn offer(&mut self, head: Head) {
        let newest = self.newest.entry(head.tax).or_insert(head.since);
        *newest = (*newest).max(head.since);
        self.closed_until = None;
        let order = |head: &Head| (head.class, head.place);
        let known = self.heads.get(&head.tax);
        if known.is_some_and(|known| order(known) <= order(&head)) {
            return;
        }
        self.set_queue(&LaneQueue { lane: head.lane, tax: head.tax, head: Some(head) });
    }

    fn forget_head(&mut self, tax: TaxId) {
        if let Some(old) = self.heads.remove(&tax) {
            self.ready.remove(&(old.place, tax));
        }
        self.hindered.remove(&tax);
        self.aside.remove(&tax);
    }

    /// When the latest task of the head's tax number was logged.
    pub(super) fn newest(&self, head: &Head) -> Moment {
        self.newest.get(&head.tax).copied().unwrap_or(head.since)
    }

    /// The heads that nothing is known to hinder.
    pub(super) fn heads(&self) -> impl Iterator<Item = &Head> + '_ {
        self.ready.iter().filter_map(|(_, tax)| self.heads.get(tax))
    }

    pub(super) fn head(&self, tax: TaxId) -> Option<&Head> {
        self.heads.get(&tax).filter(|head| self.ready.contains(&(head.place, tax)))
    }

    /// The free slot, when something may start in this lane at all.
    pub(super) fn free_slot(&self, now: Moment) -> Option<Slot> {
        // Asking takes the key of an account, so nothing new starts there before. On 乐企 it takes
        // nothing, and something is due all the time.
        let asked_first = self.asking && self.lane.channel == ChannelKind::Etax;
        let closed = self.closed_until.is_some_and(|until| until > now)
            || asked_first
            || self.lane.paused.is_some()
            || self.lane.needs_person
            || self.throttled_until.is_some_and(|until| until > now);
        if closed || self.ready.is_empty() {
            return None;
        }
        let free = self.slots.iter().enumerate().filter(|(_, task)| task.is_none());
        let tried = |n: &usize| self.foreign.get(n).is_none_or(|until| *until <= now);
        let free = free.map(|(n, _)| n).find(tried)?;
        i16::try_from(free).ok().map(Slot)
    }

    /// The earliest ready head: the order of lanes in which switching costs nothing.
    pub(super) fn earliest(&self) -> Option<&Head> {
        self.ready.first().and_then(|(_, tax)| self.heads.get(tax))
    }

    /// It is being claimed: its slot is taken and it is no head any more.
    pub(super) fn take(&mut self, head: &Head, slot: Slot) {
        self.forget_head(head.tax);
        self.occupy(slot, head.task);
    }

    pub(super) fn occupy(&mut self, slot: Slot, task: TaskId) {
        if let Ok(n) = usize::try_from(slot.0)
            && let Some(place) = self.slots.get_mut(n)
        {
            *place = Some(task);
        }
    }

    /// The task's slot is free (or was never taken).
    pub(super) fn release(&mut self, task: TaskId) {
        for slot in &mut self.slots {
            if *slot == Some(task) {
                *slot = None;
            }
        }
    }

    /// A claim was refused: what it says decides when to look again.
    pub(super) fn hinder(&mut self, tax: TaxId, slot: Slot, hindrance: Hindrance, now: Moment) {
        let again = now + LOOK_AGAIN;
        match &hindrance {
            // One slot of many is held by somebody else: the others may be free.
            Hindrance::LaneBusy { .. } if self.slots.len() > 1 => {
                if let Ok(n) = usize::try_from(slot.0) {
                    self.foreign.insert(n, again);
                }
                return;
            }
            Hindrance::Gone | Hindrance::AboutToStart => return,
            Hindrance::LanePaused { .. }
            | Hindrance::Offline { .. }
            | Hindrance::NoOwner { .. }
            | Hindrance::LaneThrottled { .. }
            | Hindrance::LaneBusy { .. } => {
                self.closed_until = Some(again);
                return;
            }
            _ => {}
        }
        let until = match &hindrance {
            Hindrance::NotBefore { until }
            | Hindrance::TaxThrottled { until, .. }
            | Hindrance::SwitchLimit { until, .. } => (*until).max(again),
            _ => again,
        };
        if let Some(head) = self.heads.get(&tax) {
            self.ready.remove(&(head.place, tax));
            self.hindered.insert(tax, (until, hindrance));
        }
    }

    /// The lane is not looked at before then.
    pub(super) fn close_until(&mut self, until: Moment) {
        self.closed_until = Some(until);
    }

    /// Whether a time has come at which something may start. Hindered heads are bounded, the rest
    /// comes next time.
    pub(super) fn look_again(&mut self, now: Moment, limit: usize) -> bool {
        let due = self.hindered.iter().filter(|(_, (until, _))| *until <= now);
        let due: Vec<TaxId> = due.map(|(tax, _)| *tax).take(limit).collect();
        for tax in &due {
            self.unhinder(*tax);
        }
        let reopened = self.closed_until.is_some_and(|until| until <= now);
        if reopened {
            self.closed_until = None;
        }
        let calm = self.throttled_until.take_if(|until| *until <= now).is_some();
        let held = self.foreign.len();
        self.foreign.retain(|_, until| *until > now);
        reopened || calm || self.foreign.len() < held || !due.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{LOOK_AGAIN, LaneBook};
    use crate::ports::{
        log::{Head, LaneQueue},
        roster::Lane,
    };
    use domain::{
        Moment,
        bureau::LaneKey,
        ids::{LaneId, Place, Slot, TaskId, TaxId},
        kind::Class,
        taxpayer::ChannelKind,
    };
    use std::collections::BTreeSet;

    fn book(channel: ChannelKind) -> LaneBook {
        let account = if channel == ChannelKind::Leqi { "leqi" } else { "13800000001" };
        let key = LaneKey {
            bureau: "440300".parse().expect("a bureau"),
            account: account.parse().expect("an account"),
        };
        let mut book = LaneBook::new(Lane {
            id: LaneId(1),
            key,
            channel,
            width: 1,
            owner: None,
            paused: None,
            session: None,
            needs_person: false,
            throttled_until: None,
            current_tax: None,
            full_since: None,
            version: 1,
        });
        book.offer(Head {
            task: TaskId(uuid::Uuid::from_u128(1)),
            lane: LaneId(1),
            tax: TaxId(1),
            class: Class::Selection,
            place: Place(1),
            since: Moment::UNIX_EPOCH,
        });
        book
    }

    #[test]
    fn a_head_that_is_elsewhere_is_set_aside_until_it_is_brought_back() {
        let tax = TaxId(1);
        let mut book = book(ChannelKind::Etax);
        let start = |book: &LaneBook| book.free_slot(Moment::UNIX_EPOCH).is_some();
        // Fewer heads than numbers elsewhere, and the other way round: both ways to look.
        for elsewhere in [[tax].into(), (0..9).map(TaxId).collect::<BTreeSet<_>>()] {
            book.set_aside(&elsewhere);
            assert!(!start(&book) && book.head(tax).is_none() && book.earliest().is_none());
            book.close_until(Moment::UNIX_EPOCH + LOOK_AGAIN);
            assert!(!book.bring_back(TaxId(2)) && book.bring_back(tax));
            assert!(start(&book), "a wait that was planned without it is over");
            assert!(!book.bring_back(tax), "it is there already");
        }
        book.set_aside(&[tax].into());
        book.set_queue(&LaneQueue { lane: LaneId(1), tax, head: None });
        assert!(!book.bring_back(tax), "what is gone does not come back");
    }

    #[test]
    fn a_lane_is_looked_at_again_when_its_throttle_is_over() {
        let (now, limit) = (Moment::UNIX_EPOCH, 9);
        let mut book = book(ChannelKind::Etax);
        let until = now + LOOK_AGAIN * 7;
        let lane = Lane { throttled_until: Some(until), ..book.lane.clone() };
        book.gates_changed(lane);
        assert_eq!(book.free_slot(now), None);
        assert!(!book.look_again(now, limit));
        assert!(book.look_again(until, limit), "nothing else says that it is over");
        assert_eq!(book.free_slot(until), Some(Slot(0)));
        assert!(!book.look_again(until, limit), "once is enough");
    }

    #[test]
    fn what_is_due_to_be_asked_about_goes_first_where_it_takes_the_lane() {
        for (channel, free) in [(ChannelKind::Etax, None), (ChannelKind::Leqi, Some(Slot(0)))] {
            let mut book = book(channel);
            assert_eq!(book.free_slot(Moment::UNIX_EPOCH), Some(Slot(0)));
            book.asking = true;
            assert_eq!(book.free_slot(Moment::UNIX_EPOCH), free, "{channel:?}");
        }
    }
}
