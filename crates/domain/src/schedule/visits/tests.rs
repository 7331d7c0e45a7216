//! Single decisions. Whole days are played in `tests/switching`.

use super::{
    LaneView, NumberView, PlannerSettings, SwitchHistory, SwitchLimits, Visit, next_visit,
};
use crate::{
    Moment,
    ids::{Place, TaxId},
    kind::Class,
};
use chrono::TimeDelta;

const LIMITS: SwitchLimits = SwitchLimits { per_hour: 5, per_day: 50 };

fn at(minute: i64) -> Moment {
    Moment::UNIX_EPOCH + TimeDelta::minutes(minute)
}

/// `now 600 | on 1 | switched 590 595 | 1 layout 580 | 2 filing 599` in minutes: the tax
/// numbers with their head's class and arrival, and if given the newest task's arrival.
fn decide(scene: &str, limits: Option<SwitchLimits>) -> String {
    let mut now = at(0);
    let mut current = None;
    let mut history = SwitchHistory::default();
    let mut numbers = Vec::new();
    let minute = |word: &str| at(word.parse().expect("a minute"));
    for part in scene.split('|') {
        let words: Vec<&str> = part.split_whitespace().collect();
        match words.as_slice() {
            ["now", word] => now = minute(word),
            ["on", tax] => current = Some(TaxId(tax.parse().expect("a tax number"))),
            ["switched", moments @ ..] => {
                history = SwitchHistory::from_moments(moments.iter().map(|word| minute(word)));
            }
            [tax, class, since, newest @ ..] => numbers.push(NumberView {
                tax: TaxId(tax.parse().expect("a tax number")),
                head_class: class_of(class),
                head_place: Place(i64::try_from(numbers.len()).expect("few")),
                head_since: minute(since),
                newest: minute(newest.first().unwrap_or(since)),
            }),
            _ => panic!("cannot read {part:?}"),
        }
    }
    let view = LaneView { now, current, limits, history: &history, numbers: &numbers };
    match next_visit(&view, &PlannerSettings::default()) {
        Visit::Stay => "stay".into(),
        Visit::SwitchTo(tax) => format!("switch to {tax}"),
        Visit::WaitUntil(until) => {
            assert!(until > now);
            let seconds = (until - at(0)).num_seconds();
            format!("wait until {}:{:02}", seconds / 60, seconds % 60)
        }
        Visit::Idle => "idle".into(),
    }
}

fn class_of(word: &str) -> Class {
    let named = |class: &&Class| class.name().starts_with(word);
    *Class::ALL.iter().find(named).expect("a class")
}

fn check(table: &str, limits: Option<SwitchLimits>) {
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (scene, expected) = line.split_once("=>").expect("an expectation");
        assert_eq!(decide(scene, limits), expected.trim(), "{line}");
    }
}

#[test]
fn visits_under_the_limits() {
    check(
        "
        now 600                                                             => idle
        now 600 | on 1                                                      => idle
        now 600 | on 1 | switched 595 | 1 layout 580 | 2 filing 599         => stay
        now 600 | on 1 | switched 595 | 2 issuing 300 | 3 filing 599        => switch to 3
        now 600 | on 1 | switched 595 | 2 filing 599 | 3 filing 598         => switch to 3
        now 600 | 1 selection 500                                           => switch to 1
        now 600 | switched 560 570 580 590 599 | 2 filing 600               => wait until 620:10
        now 600 | on 1 | switched 560 570 580 590 599 | 1 data 600 | 2 filing 600 => stay
        ",
        Some(LIMITS),
    );
}

#[test]
fn what_is_not_urgent_waits_for_quiet_and_leaves_the_reserve() {
    check(
        "
        now 600 | switched 595 | 1 selection 550 590 | 2 data 599 | 3 data 598 => wait until 620:00
        now 600 | switched 595 | 1 selection 550 560 | 2 data 400 599 | 3 data 598 => switch to 1
        now 600 | switched 580 590 | 1 selection 550 560 | 2 data 599 => wait until 629:00
        now 610 | switched 560 590 | 1 selection 550 570 | 2 data 609 => wait until 620:10
        now 600 | switched 580 590 | 1 selection 550 560 | 2 data 565 => switch to 1
        now 600 | switched 580 590 | 1 data 300 | 2 issuing 500   => switch to 2
        now 600 | switched 580 590 | 1 selection 500 | 2 data 400 => switch to 2
        ",
        Some(LIMITS),
    );
}

#[test]
fn nobody_waits_for_quiet_while_switches_are_ample() {
    check(
        "
        now 600 | 1 layout 600                                              => switch to 1
        now 600 | 1 layout 600 | 2 layout 600 | 3 layout 600                => switch to 1
        now 600 | 1 layout 600 | 2 layout 600 | 3 layout 600 | 4 layout 600 => wait until 630:00
        now 600 | switched 590 595 | 1 layout 600                           => switch to 1
        now 600 | switched 590 592 595 | 1 layout 600                       => wait until 630:00
        ",
        Some(LIMITS),
    );
}

#[test]
fn long_visits_end() {
    check(
        "
        now 600 | on 1 | switched 571 | 1 layout 400 | 2 filing 599             => stay
        now 600 | on 1 | switched 570 | 1 layout 400 | 2 filing 599             => switch to 2
        now 600 | on 1 | switched 570 | 1 filing 400 | 2 filing 599             => stay
        now 600 | on 1 | switched 570 | 1 layout 400 | 2 issuing 500            => switch to 2
        now 600 | on 1 | switched 570 | 1 layout 400 | 2 selection 500          => stay
        now 600 | on 1 | switched 360 | 1 layout 400 | 2 selection 500          => switch to 2
        now 600 | on 1 | switched 360 | 1 filing 400 | 2 selection 500          => switch to 2
        now 9000 | on 1 | 1 layout 8900 | 2 selection 8000                      => switch to 2
        ",
        Some(LIMITS),
    );
}

#[test]
fn past_all_patience_everything_presses_like_a_filing() {
    check(
        "
        now 5000 | 1 layout 600 | 2 filing 4921   => switch to 1
        now 5000 | 1 layout 600 | 2 filing 4919   => switch to 2
        now 5000 | switched 4950 4960 4970 | 1 layout 600 4999  => switch to 1
        now 5000 | switched 4950 4960 4970 | 1 layout 700 4999 | 2 data 4999 | 3 data 4999 => wait until 5020:00
        ",
        Some(LIMITS),
    );
}

#[test]
fn without_limits_the_class_order_holds_over_the_whole_lane() {
    check(
        "
        now 600                                                => idle
        now 600 | on 1 | 1 layout 400 | 2 data 599             => switch to 2
        now 600 | on 1 | 1 filing 599 | 2 issuing 400          => stay
        now 600 | on 2 | 1 issuing 599 | 2 issuing 400         => switch to 1
        now 5000 | on 1 | 1 filing 4999 | 2 layout 600         => switch to 2
        ",
        None,
    );
}

#[test]
fn the_order_of_the_tax_numbers_does_not_matter() {
    let scenes = [
        "now 600 | 1 filing 590 | 2 filing 580 | 3 data 100",
        "now 600 | 3 data 100 | 2 filing 580 | 1 filing 590",
    ];
    assert_eq!(scenes.map(|scene| decide(scene, Some(LIMITS))), ["switch to 2", "switch to 2"]);
}
