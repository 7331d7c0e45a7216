//! One account on virtual time: it asks a policy whenever it is free.

use crate::workload::Arrival;
use chrono::TimeDelta;
use domain::{
    Moment,
    ids::{Place, TaxId},
    kind::Class,
    schedule::{LaneView, NumberView, SwitchHistory, SwitchLimits, Visit},
};
use std::collections::VecDeque;

/// What waits for one tax number: per class the indices of its arrivals, and the newest.
#[derive(Clone, Default)]
struct Waiting {
    queues: [VecDeque<usize>; 5],
    newest: i64,
}

/// What happened on one day, in milliseconds where it is a time.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub done: usize,
    pub end: i64,
    pub switches: Vec<i64>,
    /// The start of each task, by arrival; None: not started before the horizon.
    pub starts: Vec<Option<i64>>,
}

impl Outcome {
    /// From arrival to start, of every started task of the class.
    pub(crate) fn waits(&self, arrivals: &[Arrival], class: Class) -> Vec<i64> {
        let started = arrivals.iter().zip(&self.starts);
        let of_class = started.filter(|(arrival, _)| arrival.class == class);
        of_class.filter_map(|(arrival, start)| start.map(|at| at - arrival.at)).collect()
    }

    /// The most switches in any window of this length, both its ends included.
    pub(crate) fn most_in(&self, window: i64) -> usize {
        let within = |(index, from): (usize, &i64)| {
            self.switches[index..].iter().take_while(|at| *at - from <= window).count()
        };
        self.switches.iter().enumerate().map(within).max().unwrap_or(0)
    }
}

/// Plays the arrivals, sorted by time, until all are done or the horizon is reached.
///
/// Switching itself takes no time. The policy is asked when the account is free, and when
/// something arrives while it has nothing to do.
pub(crate) fn play(
    arrivals: &[Arrival],
    limits: Option<SwitchLimits>,
    horizon: i64,
    mut policy: impl FnMut(&LaneView<'_>) -> Visit,
) -> Outcome {
    let numbers = arrivals.iter().map(|arrival| arrival.number + 1).max().unwrap_or(0);
    let mut lane = Lane {
        arrivals,
        waiting: vec![Waiting::default(); numbers],
        outcome: Outcome { starts: vec![None; arrivals.len()], ..Outcome::default() },
        now: 0,
    };
    let mut history = SwitchHistory::default();
    let mut current = None;
    let mut arrived = 0;
    while lane.outcome.done < arrivals.len() && lane.now <= horizon {
        while arrived < arrivals.len() && arrivals[arrived].at <= lane.now {
            lane.arrive(arrived);
            arrived += 1;
        }
        let numbers = lane.views();
        let now = moment(lane.now);
        let view = LaneView { now, current, limits, history: &history, numbers: &numbers };
        let next_arrival = arrivals.get(arrived).map(|arrival| arrival.at);
        match policy(&view) {
            Visit::Stay => lane.start(current.expect("a tax number to stay on")),
            Visit::SwitchTo(tax) => {
                assert_ne!(current, Some(tax), "a switch to where it is");
                history.record(now);
                lane.outcome.switches.push(lane.now);
                current = Some(tax);
                lane.start(tax);
            }
            Visit::WaitUntil(until) => {
                assert!(until > now && limits.is_some(), "waits for nothing");
                let until = until.timestamp_millis();
                lane.now = next_arrival.map_or(until, |arrival| arrival.min(until));
            }
            Visit::Idle => {
                assert!(numbers.is_empty(), "idle beside runnable work");
                lane.now = next_arrival.expect("unfinished tasks have still to arrive");
            }
        }
    }
    lane.outcome
}

pub(crate) fn moment(milliseconds: i64) -> Moment {
    Moment::UNIX_EPOCH + TimeDelta::milliseconds(milliseconds)
}

struct Lane<'a> {
    arrivals: &'a [Arrival],
    waiting: Vec<Waiting>,
    outcome: Outcome,
    now: i64,
}

impl Lane<'_> {
    fn arrive(&mut self, index: usize) {
        let arrival = self.arrivals[index];
        let waiting = &mut self.waiting[arrival.number];
        waiting.queues[arrival.class as usize].push_back(index);
        waiting.newest = arrival.at;
    }

    fn views(&self) -> Vec<NumberView> {
        let view = |(number, waiting): (usize, &Waiting)| {
            let head = waiting.queues.iter().find_map(|queue| queue.front())?;
            Some(NumberView {
                tax: TaxId(i32::try_from(number).expect("few tax numbers")),
                head_class: self.arrivals[*head].class,
                head_place: Place(i64::try_from(*head).expect("few tasks")),
                head_since: moment(self.arrivals[*head].at),
                newest: moment(waiting.newest),
            })
        };
        self.waiting.iter().enumerate().filter_map(view).collect()
    }

    fn start(&mut self, tax: TaxId) {
        let number = usize::try_from(tax.0).expect("one of ours");
        let queues = &mut self.waiting[number].queues;
        let head = queues.iter_mut().find_map(VecDeque::pop_front).expect("work to start");
        self.outcome.starts[head] = Some(self.now);
        self.now += self.arrivals[head].takes;
        self.outcome.done += 1;
        self.outcome.end = self.now;
    }
}
