//! What the bureau itself saw: counts, and a line per request.
//!
//! *At work*: a submission is at work from the moment the bureau takes it until it has both been
//! answered (or its answer was lost) and had its effect. Two different tasks of one account at
//! work at the same moment are a lane overlap; two of one tax number, over all accounts and both
//! channels, a tax-number overlap: each counted once, when the later one is taken. 乐企 has no
//! account and no lane overlaps. A request that the network holds back (`late_arrival`) is at
//! work for its tax number from when it was sent, if it takes effect when it lands.
//!
//! *Duplicate*: a submission of an acting step (one request id) that the bureau carried out
//! although an earlier one of the same step had taken effect and was not undone since. A second
//! one that found everything selected already counts too: it should not have been sent.

use crate::limits;
use domain::{Moment, bureau::LaneKey, tax_no::TaxNo};
use serde::Serialize;
use std::collections::{HashMap, VecDeque};

/// The counts of `GET /referee`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Referee {
    /// Submissions that the bureau took.
    pub submissions: u64,
    /// Two of one step took effect.
    pub duplicate_submissions: u64,
    pub lane_overlaps: u64,
    pub tax_number_overlaps: u64,
    pub stale_fences_refused: u64,
    /// Questions for the statistic table's state.
    pub statistic_queries: u64,
    /// Questions for the use of invoices.
    pub purpose_queries: u64,
    /// Submissions that came with a password.
    pub signed: u64,
    pub logins: u64,
    pub switches: u64,
    pub switch_limit_hits: u64,
    /// Requests of both channels, late arrivals included.
    pub requests: u64,
    /// Lines that the log no longer holds.
    pub log_dropped: u64,
}

/// One line of `GET /referee/log`.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    #[serde(serialize_with = "micros")]
    pub at: Moment,
    #[serde(serialize_with = "micros")]
    pub ended_at: Moment,
    pub op: &'static str,
    pub task_id: String,
    pub request_id: String,
    pub kind: Option<&'static str>,
    pub tax_no: Option<TaxNo>,
    pub bureau: Option<String>,
    pub account: Option<String>,
    pub fence: Option<i64>,
    /// What the bureau answered, or would have.
    pub answer: String,
    /// The fault that struck, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<&'static str>,
    /// How the answer was lost: `cut`, `504`, `502`, `empty`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost: Option<&'static str>,
    /// W3C trace context, as it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
}

fn micros<S: serde::Serializer>(at: &Moment, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true))
}

/// A submission while it is at work.
#[derive(Clone, Debug)]
struct AtWork {
    number: u64,
    task: String,
    answered: bool,
    finished: bool,
}

/// A request that the network holds back.
#[derive(Clone, Debug)]
struct HeldBack {
    number: u64,
    task: String,
    /// Another task of the tax number was taken meanwhile.
    passed: bool,
}

/// The book that counts and log are read from.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) counts: Referee,
    log: VecDeque<Entry>,
    lanes: HashMap<LaneKey, Vec<AtWork>>,
    tax_numbers: HashMap<TaxNo, Vec<AtWork>>,
    held_back: HashMap<TaxNo, Vec<HeldBack>>,
    next: u64,
}

/// Where a submission at work is noted.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    number: u64,
    lane: Option<LaneKey>,
    tax_no: TaxNo,
}

impl Book {
    /// A submission was taken: now it is at work.
    pub(crate) fn taken(&mut self, task: &str, lane: Option<LaneKey>, tax_no: TaxNo) -> Mark {
        self.counts.submissions += 1;
        self.next += 1;
        let number = self.next;
        let work = || AtWork { number, task: task.to_owned(), answered: false, finished: false };
        if let Some(lane) = &lane {
            let here = self.lanes.entry(lane.clone()).or_default();
            self.counts.lane_overlaps += u64::from(here.iter().any(|other| other.task != task));
            here.push(work());
        }
        let here = self.tax_numbers.entry(tax_no.clone()).or_default();
        self.counts.tax_number_overlaps += u64::from(here.iter().any(|other| other.task != task));
        here.push(work());
        for held in self.held_back.entry(tax_no.clone()).or_default() {
            held.passed |= held.task != task;
        }
        Mark { number, lane, tax_no }
    }

    /// Its answer has left, or is lost.
    pub(crate) fn answered(&mut self, mark: &Mark) {
        self.change(mark, |work| work.answered = true);
    }

    /// The bureau is through with it.
    pub(crate) fn finished(&mut self, mark: &Mark) {
        self.change(mark, |work| work.finished = true);
    }

    fn change(&mut self, mark: &Mark, change: impl Fn(&mut AtWork)) {
        let places = [
            mark.lane.as_ref().and_then(|lane| self.lanes.get_mut(lane)),
            self.tax_numbers.get_mut(&mark.tax_no),
        ];
        for place in places.into_iter().flatten() {
            place.iter_mut().filter(|work| work.number == mark.number).for_each(&change);
            place.retain(|work| !(work.answered && work.finished));
        }
    }

    /// The network holds a submission back.
    pub(crate) fn hold_back(&mut self, task: &str, tax_no: &TaxNo) -> u64 {
        self.next += 1;
        let held = HeldBack { number: self.next, task: task.to_owned(), passed: false };
        self.held_back.entry(tax_no.clone()).or_default().push(held);
        self.next
    }

    /// It has landed, and was taken or not.
    pub(crate) fn landed(&mut self, number: u64, tax_no: &TaxNo, taken: bool) {
        let held = self.held_back.entry(tax_no.clone()).or_default();
        let passed = held.iter().any(|one| one.number == number && one.passed);
        held.retain(|one| one.number != number);
        self.counts.tax_number_overlaps += u64::from(passed && taken);
    }

    pub(crate) fn note(&mut self, entry: Entry) {
        self.counts.requests += 1;
        if self.log.len() == limits::LOG_LINES {
            self.log.pop_front();
            self.counts.log_dropped += 1;
        }
        self.log.push_back(entry);
    }

    pub(crate) fn log(&self) -> Vec<Entry> {
        self.log.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Book;
    use domain::{bureau::LaneKey, tax_no::TaxNo};

    fn lane(account: &str) -> Option<LaneKey> {
        let bureau = "440300".parse().expect("a bureau");
        Some(LaneKey { bureau, account: account.parse().expect("an account") })
    }

    fn tax(n: u8) -> TaxNo {
        format!("91440300MA5G9GK7{n:02}").parse().expect("a tax number")
    }

    #[test]
    fn two_tasks_at_once_are_overlaps_where_they_meet() {
        let mut book = Book::default();
        book.taken("a", lane("1"), tax(1));
        book.taken("a", lane("1"), tax(1));
        assert_eq!((book.counts.lane_overlaps, book.counts.tax_number_overlaps), (0, 0));
        book.taken("b", lane("1"), tax(2));
        assert_eq!((book.counts.lane_overlaps, book.counts.tax_number_overlaps), (1, 0));
        book.taken("c", lane("2"), tax(1));
        assert_eq!((book.counts.lane_overlaps, book.counts.tax_number_overlaps), (1, 1));
    }

    #[test]
    fn work_is_over_when_answered_and_finished() {
        let mut book = Book::default();
        let first = book.taken("a", lane("1"), tax(1));
        book.finished(&first);
        let second = book.taken("b", lane("1"), tax(1));
        assert_eq!(book.counts.lane_overlaps, 1, "its answer was still on the way");
        for mark in [&first, &second] {
            book.answered(mark);
            book.finished(mark);
        }
        book.taken("c", lane("1"), tax(1));
        assert_eq!(book.counts.lane_overlaps, 1);
    }

    #[test]
    fn what_is_held_back_overlaps_only_if_it_takes_effect() {
        for (taken, overlaps) in [(true, 1), (false, 0)] {
            let mut book = Book::default();
            let held = book.hold_back("a", &tax(1));
            let mark = book.taken("b", None, tax(1));
            book.answered(&mark);
            book.finished(&mark);
            book.landed(held, &tax(1), taken);
            assert_eq!(book.counts.tax_number_overlaps, overlaps);
        }
    }
}
