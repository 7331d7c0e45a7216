//! What holds on every day, not only on the study's.

use crate::{
    HOUR,
    simulation::{Outcome, play},
    workload::Arrival,
};
use domain::{
    kind::Class,
    schedule::{LaneView, PlannerSettings, SwitchLimits, Visit, next_visit},
};
use proptest::{
    collection::vec,
    prelude::{Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof},
    proptest,
    sample::select,
};

/// Far more than any of these days needs; reaching it means that somebody starves.
const FOR_EVER: i64 = 10_000 * HOUR;

fn planner(view: &LaneView<'_>) -> Visit {
    next_visit(view, &PlannerSettings::default())
}

/// Tasks at any time of two days, or packed into minutes; short, or of an hour.
fn arrivals() -> impl Strategy<Value = Vec<Arrival>> {
    let at = prop_oneof![0..48 * HOUR, 0..HOUR / 6, Just(0)];
    let takes = prop_oneof![1..30_000_i64, Just(HOUR)];
    let task = (at, 0..12_usize, select(&Class::ALL[..]), takes)
        .prop_map(|(at, number, class, takes)| Arrival { at, number, class, takes });
    vec(task, 1..120).prop_map(|mut tasks| {
        tasks.sort_by_key(|task| task.at);
        tasks
    })
}

fn limits() -> impl Strategy<Value = SwitchLimits> {
    (1..8_u32, 1..60_u32).prop_map(|(per_hour, per_day)| SwitchLimits { per_hour, per_day })
}

fn in_order_inside_each_number(arrivals: &[Arrival], outcome: &Outcome) -> bool {
    let start = |index: usize| outcome.starts[index].expect("all are done");
    (0..arrivals.len()).all(|first| {
        let of_first = arrivals[first];
        arrivals[first + 1..].iter().enumerate().all(|(offset, of_second)| {
            let second = first + 1 + offset;
            let same = of_first.number == of_second.number && of_first.class == of_second.class;
            !same || start(first) < start(second)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_task_runs_and_no_window_is_ever_over_its_limit(
        arrivals in arrivals(),
        limits in limits(),
    ) {
        let outcome = play(&arrivals, Some(limits), FOR_EVER, planner);
        prop_assert_eq!(outcome.done, arrivals.len());
        prop_assert!(outcome.most_in(HOUR) <= limits.per_hour as usize);
        prop_assert!(outcome.most_in(24 * HOUR) <= limits.per_day as usize);
        prop_assert!(in_order_inside_each_number(&arrivals, &outcome));
    }

    /// `play` refuses to wait without limits, and to be idle beside runnable work.
    #[test]
    fn without_limits_it_never_waits(arrivals in arrivals()) {
        let outcome = play(&arrivals, None, FOR_EVER, planner);
        let work: i64 = arrivals.iter().map(|arrival| arrival.takes).sum();
        let last = arrivals.iter().map(|arrival| arrival.at).max().unwrap_or(0);
        prop_assert_eq!(outcome.done, arrivals.len());
        prop_assert!(outcome.end <= last + work);
    }

    /// A stream that never ends, of any class, on one or many other tax numbers, more than
    /// the account can do: a download that waits beside it still has its visit.
    #[test]
    fn nobody_starves_beside_an_endless_stream(
        class in select(&Class::ALL[..]),
        others in 1..30_usize,
        limited in any::<bool>(),
    ) {
        const EVERY: i64 = 600_000;
        let stream = (0..2_000_i64).map(|index| Arrival {
            at: index * EVERY,
            number: 1 + usize::try_from(index).expect("small") % others,
            class,
            takes: EVERY + 1_000,
        });
        let waiter = Arrival { at: 1, number: 0, class: Class::LayoutDownload, takes: 1_000 };
        let mut arrivals: Vec<Arrival> = stream.collect();
        arrivals.insert(1, waiter);
        let limits = limited.then_some(crate::LIMITS);
        let outcome = play(&arrivals, limits, 330 * HOUR, planner);
        // The stream itself lasts 333 hours.
        prop_assert!(outcome.starts[1].is_some_and(|at| at < 300 * HOUR));
    }
}

#[test]
fn a_filing_does_not_wait_for_a_long_backlog_elsewhere() {
    let layout = Arrival { at: 0, number: 0, class: Class::LayoutDownload, takes: 20_000 };
    let mut arrivals = vec![layout; 5_000];
    let filing = Arrival { at: 600_000, number: 1, class: Class::Filing, takes: 20_000 };
    arrivals.push(filing);
    let outcome = play(&arrivals, Some(crate::LIMITS), FOR_EVER, planner);
    let waits = outcome.waits(&arrivals, Class::Filing);
    assert!(waits.iter().all(|wait| *wait <= HOUR), "{waits:?}");
    assert_eq!((outcome.done, outcome.switches.len()), (5_001, 3));
}
