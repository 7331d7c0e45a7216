//! One task per tax number over all lanes, strict class between them, and a lane's slots.

use super::{
    claim::{note, scope_of},
    scene::{
        ALPHA, DIRECT, DIRECT_MORE, DIRECT_TOO, EAST, LEASE, LEQI, Logged, SHARED, Scene, WEST,
        lane_key, pick, seconds, well,
    },
    switches,
    verdicts::{done, let_go, receipt},
};
use crate::ports::log::{Claimed, SwitchNote, SwitchRequest, Turn};
use domain::{
    ids::{Slot, TaskId},
    kind::Kind,
    schedule::{Hindrance, SwitchLimits},
};

fn started(claimed: &[Claimed]) -> Vec<TaskId> {
    let works = claimed.iter().filter_map(|claimed| match claimed {
        Claimed::Started(work) => Some(work.message.task_id),
        Claimed::Hindered(_) => None,
    });
    works.collect()
}

async fn claim_both(scene: &Scene, one: Logged, other: Logged) -> Vec<Claimed> {
    let turn = Turn { picks: vec![pick(one, 0), pick(other, 0)], ..Turn::default() };
    scene.turn(turn).await.claimed
}

pub async fn a_tax_number_runs_once_across_its_lanes(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, SHARED, EAST).await;
    let elsewhere = scene.log(Kind::TaxFiling, SHARED, WEST).await;
    let hindrance = scene.hindrance(elsewhere).await;
    assert!(matches!(hindrance, Hindrance::TaxBusy { .. }), "{hindrance:?}");
    scene.settled(&work, done()).await;
    scene.start(elsewhere).await;
}

pub async fn of_two_picks_of_one_tax_number_one_starts(scene: &Scene) {
    let east = scene.log(Kind::PeriodQuery, SHARED, EAST).await;
    let west = scene.log(Kind::PeriodQuery, SHARED, WEST).await;
    let claimed = claim_both(scene, west, east).await;
    let winner = started(&claimed);
    assert_eq!(winner.len(), 1, "{claimed:?}");
    let busy = |claimed: &&Claimed| match claimed {
        Claimed::Hindered(Hindrance::TaxBusy { holder }) => holder.task == winner[0],
        _ => false,
    };
    assert_eq!(claimed.iter().filter(busy).count(), 1, "{claimed:?}");
}

pub async fn of_two_picks_of_one_tax_number_the_higher_class_starts(scene: &Scene) {
    let download = scene.log(Kind::InvoiceDownload, SHARED, WEST).await;
    let filing = scene.log(Kind::TaxFiling, SHARED, EAST).await;
    let claimed = claim_both(scene, download, filing).await;
    assert_eq!(started(&claimed), [filing.id], "{claimed:?}");
    let other = &claimed[0];
    assert!(matches!(other, Claimed::Hindered(Hindrance::TaxBusy { .. })), "{other:?}");
}

pub async fn of_two_picks_in_one_lane_the_earlier_place_starts(scene: &Scene) {
    let first = scene.log(Kind::PeriodQuery, DIRECT, LEQI).await;
    let second = scene.log(Kind::PeriodQuery, DIRECT, LEQI).await;
    let turn = Turn { picks: vec![pick(second, 0), pick(first, 1)], ..Turn::default() };
    let claimed = scene.turn(turn).await.claimed;
    assert_eq!(started(&claimed), [first.id], "{claimed:?}");
}

pub async fn two_workers_never_hold_one_tax_number(scene: &Scene) {
    let east = scene.log(Kind::PeriodQuery, SHARED, EAST).await;
    let west = scene.log(Kind::PeriodQuery, SHARED, WEST).await;
    well(scene.store.share(scene.worker, &[], &[west.lane]).await);
    well(scene.store.share(scene.colleague, &[west.lane], &[]).await);
    let (one, other) = tokio::join!(
        scene.claim_as(scene.worker, east, 0),
        scene.claim_as(scene.colleague, west, 0)
    );
    assert_eq!(started(&[one, other]).len(), 1);
}

pub async fn a_higher_class_in_another_open_lane_goes_first(scene: &Scene) {
    let download = scene.log(Kind::InvoiceDownload, SHARED, WEST).await;
    let filing = scene.log(Kind::TaxFiling, SHARED, EAST).await;
    let higher =
        Hindrance::HigherClass { task: filing.id, kind: Kind::TaxFiling, lane: lane_key(EAST) };
    assert_eq!(scene.hindrance(download).await, higher);
    // A busy lane is open: the higher class goes first there.
    let busy = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    assert_eq!(scene.hindrance(download).await, higher);
    scene.settled(&busy, done()).await;
    let work = scene.start(filing).await;
    scene.settled(&work, done()).await;
    scene.start(download).await;
}

pub async fn a_lower_or_equal_class_elsewhere_hinders_nobody(scene: &Scene) {
    scene.log(Kind::InvoiceDownload, SHARED, EAST).await;
    scene.log(Kind::LayoutDownload, SHARED, EAST).await;
    let download = scene.log(Kind::InvoiceDownload, SHARED, WEST).await;
    scene.start(download).await;
}

pub async fn a_higher_class_behind_a_paused_lane_hinders_nobody(scene: &Scene) {
    let download = scene.log(Kind::InvoiceDownload, SHARED, WEST).await;
    scene.log(Kind::TaxFiling, SHARED, EAST).await;
    well(scene.store.pause(&scope_of(EAST), &note()).await);
    scene.start(download).await;
}

pub async fn a_higher_class_in_a_lane_without_owner_hinders_nobody(scene: &Scene) {
    let download = scene.log(Kind::InvoiceDownload, SHARED, WEST).await;
    let filing = scene.log(Kind::TaxFiling, SHARED, EAST).await;
    well(scene.store.share(scene.worker, &[], &[filing.lane]).await);
    scene.start(download).await;
}

pub async fn a_higher_class_in_another_workers_lane_goes_first(scene: &Scene) {
    let download = scene.log(Kind::InvoiceDownload, SHARED, WEST).await;
    let filing = scene.log(Kind::TaxFiling, SHARED, EAST).await;
    well(scene.store.share(scene.worker, &[], &[filing.lane]).await);
    well(scene.store.share(scene.colleague, &[filing.lane], &[]).await);
    let hindrance = scene.hindrance(download).await;
    assert!(matches!(hindrance, Hindrance::HigherClass { .. }), "{hindrance:?}");
}

pub async fn a_higher_class_that_would_need_a_forbidden_switch_hinders_nobody(scene: &Scene) {
    let budget = Some(SwitchLimits { per_hour: 1, per_day: 1 });
    let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    let once = SwitchRequest { budget, ..switches::request(&work) };
    assert_eq!(switches::note(scene, once).await, SwitchNote::Noted);
    scene.settled(&work, done()).await;
    let download = scene.log(Kind::InvoiceDownload, SHARED, WEST).await;
    scene.log(Kind::TaxFiling, SHARED, EAST).await;
    scene.start(download).await;
}

pub async fn a_wide_lane_runs_as_many_tax_numbers_as_it_has_slots(scene: &Scene) {
    let first = scene.run(Kind::PeriodQuery, DIRECT, LEQI).await;
    let second = scene.log(Kind::PeriodQuery, DIRECT_TOO, LEQI).await;
    let busy = scene.claim_as(scene.worker, second, 0).await;
    assert!(
        matches!(&busy, Claimed::Hindered(Hindrance::LaneBusy { holder })
            if holder.task == first.message.task_id),
        "{busy:?}"
    );
    let second = scene.start_in(second, 1).await;
    assert_eq!(second.slot, Slot(1));
    let third = scene.log(Kind::PeriodQuery, DIRECT_MORE, LEQI).await;
    let hindrance = scene.hindrance(third).await;
    assert!(matches!(hindrance, Hindrance::LaneBusy { .. }), "{hindrance:?}");
    scene.settled(&first, done()).await;
    scene.start_in(third, 0).await;
}

pub async fn the_two_keys_are_given_back_apart(scene: &Scene) {
    let work = scene.run(Kind::StatisticCreate, DIRECT, LEQI).await;
    assert!(scene.prove(&work, receipt("r-1")).await);
    scene.settled(&work, let_go(30, false)).await;
    // The lane's slot is free, the tax number is not.
    scene.start_in(scene.log(Kind::PeriodQuery, DIRECT_TOO, LEQI).await, 0).await;
    scene.start_in(scene.log(Kind::PeriodQuery, DIRECT_MORE, LEQI).await, 1).await;
    let same = scene.log(Kind::TaxFiling, DIRECT, LEQI).await;
    let hindrance = scene.hindrance(same).await;
    let Hindrance::TaxBusy { holder } = hindrance else { panic!("{hindrance:?}") };
    assert_eq!((holder.task, holder.lane), (work.message.task_id, None));
}

pub async fn a_lease_holds_while_it_is_renewed(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    let key = (work.message.task_id, work.fence);
    for _ in 0..3 {
        scene.advance(LEASE - seconds(10)).await;
        assert_eq!(well(scene.store.renew(scene.worker, LEASE, &[key]).await), []);
        assert_eq!(scene.rescue().await, []);
    }
    // Over, but nobody has taken it: it may still be renewed.
    scene.advance(LEASE + seconds(1)).await;
    assert_eq!(well(scene.store.renew(scene.worker, LEASE, &[key]).await), []);
    assert_eq!(scene.rescue().await, []);
}

pub async fn a_key_that_has_passed_on_is_not_renewed(scene: &Scene) {
    let lost = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    let asked = scene.run(Kind::StatisticCreate, SHARED, WEST).await;
    let key = |work: &crate::ports::log::Work| (work.message.task_id, work.fence);
    let colleague = well(scene.store.renew(scene.colleague, LEASE, &[key(&lost)]).await);
    assert_eq!(colleague, [lost.message.task_id]);
    scene.die().await;
    let kept = scene.run(Kind::PeriodQuery, DIRECT, LEQI).await;
    let keys = [key(&kept), key(&lost), key(&asked)];
    let gone = well(scene.store.renew(scene.worker, LEASE, &keys).await);
    assert_eq!(gone, [lost.message.task_id, asked.message.task_id]);
}

/// By the log's own times, which people read and judge by. Either may come first.
pub async fn nothing_starts_after_a_higher_class_of_its_number_was_logged(scene: &Scene) {
    for _ in 0..20 {
        let low = scene.log(Kind::LayoutDownload, SHARED, EAST).await;
        let high = scene.draft(Kind::TaxFiling, SHARED, WEST).await;
        let (logged, claimed) =
            tokio::join!(scene.queue(&high), scene.claim_as(scene.worker, low, 0));
        if let Claimed::Started(work) = claimed {
            let started = scene.row(low.id).await.started_at;
            let enqueued = scene.row(logged.id).await.enqueued_at;
            assert!(started <= Some(enqueued), "{started:?} {enqueued}");
            scene.settled(&work, done()).await;
            let work = scene.start(logged).await;
            scene.settled(&work, done()).await;
        } else {
            for task in [logged, low] {
                let work = scene.start(task).await;
                scene.settled(&work, done()).await;
            }
        }
    }
}
