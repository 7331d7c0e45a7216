//! Broken variants: each must be caught within the two hundred seeds.

use crate::{
    run::{Plan, run},
    seeds::SEEDS,
    twins::Twin,
};

/// The first seed that catches it, and by which checker.
fn caught(twin: Twin) -> Option<(u64, String)> {
    (0..SEEDS).find_map(|seed| {
        let report = run(Plan { seed, twin: Some(twin), ..Plan::default() });
        report
            .violation
            .map(|violation| (seed, format!("{}: {}", violation.checker, violation.what)))
    })
}

macro_rules! twins {
    ($($name:ident $twin:ident;)*) => {
        $(#[test]
        fn $name() {
            let caught = caught(Twin::$twin);
            let Some((seed, by)) = caught else {
                panic!("{:?} was not caught within {SEEDS} seeds", Twin::$twin)
            };
            eprintln!("{:?} is caught by seed {seed}, {by}", Twin::$twin);
        })*

        #[test]
        fn every_twin_is_tried() {
            let tried = [$(Twin::$twin),*];
            assert!(Twin::ALL.iter().all(|twin| tried.contains(twin)));
        }
    };
}

twins! {
    no_class_check_is_caught NoClassCheck;
    no_row_lock_is_caught NoRowLock;
    no_lane_key_is_caught NoLaneKey;
    no_fence_is_caught NoFence;
    absent_believed_is_caught AbsentBelieved;
    park_without_epoch_is_caught ParkWithoutEpoch;
    retry_without_mark_is_caught RetryWithoutMark;
    receipt_forgotten_is_caught ReceiptForgotten;
    intent_forgotten_is_caught IntentForgotten;
    key_freed_early_is_caught KeyFreedEarly;
    hints_relied_upon_is_caught HintsReliedUpon;
    place_lost_is_caught PlaceLost;
    lease_ignored_is_caught LeaseIgnored;
    acknowledged_before_logged_is_caught AcknowledgedBeforeLogged;
    not_recovered_is_caught NotRecovered;
    holds_forgotten_is_caught HoldsForgotten;
    another_reason_is_caught AnotherReason;
    use_forgotten_is_caught UseForgotten;
}
