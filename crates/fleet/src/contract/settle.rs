//! Every verdict, and settlements that come late or twice.

use super::{
    claim::note,
    scene::{
        ALPHA, EAST, LEQI, SHARED, Scene, WEST, invoice_key, lane_key, seconds, settlement, well,
    },
    verdicts::{
        done, failed, hand_back, let_go, line, marked, park, put_off, put_off_with, receipt,
        unknown,
    },
};
use crate::ports::{
    log::{Settled, Turn, Verdict},
    outbox::EventKind,
};
use domain::{
    ids::{Epoch, Fence},
    invoice::Selection,
    kind::Kind,
    ledger::LineOutcome,
    schedule::Hindrance,
    statistic::{StatisticState, TableNote},
    task::{ShownState, StateName},
};

pub async fn a_success_writes_ledger_pool_and_event_and_frees_both_keys(scene: &Scene) {
    let task = scene.queue(&scene.selection(Kind::DeductionSelect, &[1, 2]).await).await;
    let next = scene.log(Kind::InvoiceDownload, ALPHA, EAST).await;
    let work = scene.start(task).await;
    let verdict = Verdict::Final {
        state: StateName::Done,
        reason: "部分成功。".into(),
        lines: vec![line(1, LineOutcome::Succeeded), line(2, LineOutcome::Refused)],
        pool: vec![marked(invoice_key(1), Selection::Selected, None)],
        statistic: None,
        unknown: false,
    };
    let turn = Turn { settlements: vec![settlement(&work, verdict)], ..Turn::default() };
    let outcome = scene.turn(turn).await;
    let Settled::Written { state: StateName::Done, events } = &outcome.settled[0] else {
        panic!("{outcome:?}");
    };
    let head = outcome.queues[0].head.as_ref().map(|head| head.task);
    assert_eq!((outcome.queues.len(), head), (1, Some(next.id)));
    let card = well(scene.store.card(task.id).await).expect("a row");
    assert_eq!((card.row.invoices_total, card.row.invoices_succeeded), (2, 1));
    assert_eq!((card.row.reason.as_str(), card.why), ("部分成功。", None));
    assert_eq!(card.row.shown_state, ShownState::Succeeded);
    assert!(card.row.finished_at >= card.row.started_at);
    assert_eq!(card.ledger, [line(1, LineOutcome::Succeeded), line(2, LineOutcome::Refused)]);
    let events = well(scene.store.events(events).await);
    assert_eq!(events.iter().map(|event| event.kind).collect::<Vec<_>>(), [EventKind::Succeeded]);
    let keys = [(work.tax, invoice_key(1)), (work.tax, invoice_key(2))];
    let pool = well(scene.store.invoices(&keys).await);
    let selections = pool.iter().flatten().map(|invoice| invoice.selection);
    assert!(selections.eq([Selection::Selected, Selection::Unselected]));
    scene.start(next).await;
}

pub async fn a_failure_says_why(scene: &Scene) {
    for (state, unknown) in
        [(StateName::Refused, false), (StateName::Failed, false), (StateName::Failed, true)]
    {
        let work = scene.run(Kind::TaxFiling, ALPHA, EAST).await;
        let verdict = super::verdicts::ended(state, "税局说不。", unknown);
        let (written, events) = scene.settled(&work, verdict).await;
        let row = scene.row(work.message.task_id).await;
        assert_eq!((written, row.state, row.unknown), (state, state, unknown));
        assert_eq!((row.reason.as_str(), row.shown_state), ("税局说不。", ShownState::Failed));
        let events = well(scene.store.events(&events).await);
        assert_eq!(events[0].kind, EventKind::Failed);
        // What may have happened never stands among what may be tried again.
        assert_eq!(events[0].failed_body.is_none(), unknown);
    }
}

pub async fn an_outcome_that_changes_the_statistic_table_outdates_older_readings(scene: &Scene) {
    let create = scene.run(Kind::StatisticCreate, ALPHA, EAST).await;
    assert!(create.taxpayer.statistic_order < create.fence);
    let verdict = Verdict::Final {
        state: StateName::Done,
        reason: String::new(),
        lines: Vec::new(),
        pool: Vec::new(),
        statistic: Some(TableNote {
            period: None,
            state: StatisticState::Generating,
            figures: None,
            at: scene.now().await,
        }),
        unknown: false,
    };
    scene.settled(&create, verdict).await;
    let plain = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    assert_eq!(plain.taxpayer.statistic_order, create.fence);
    scene.settled(&plain, done()).await;
    let again = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    assert_eq!(again.taxpayer.statistic_order, create.fence);
}

pub async fn what_is_put_off_with_nothing_sent_holds_nothing(scene: &Scene) {
    let task = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    let work = scene.start(task).await;
    let verdict = Verdict::PutOff {
        after: seconds(30),
        reason: "系统繁忙。".into(),
        sent: false,
        counts_as_attempt: true,
        gate: None,
    };
    assert_eq!(scene.settled(&work, verdict).await, (StateName::Delayed, Vec::new()));
    let row = scene.row(task.id).await;
    assert_eq!((row.attempts, row.reason.as_str()), (1, "系统繁忙。"));
    let why = well(scene.store.why(task.id).await);
    assert!(matches!(why, Some(Hindrance::NotBefore { .. })), "{why:?}");
    let other = scene.run(Kind::InvoiceDownload, ALPHA, EAST).await;
    scene.settled(&other, done()).await;
    assert_eq!(scene.take_up().await.len(), 0);
    scene.advance(seconds(31)).await;
    scene.ripen().await;
    let work = scene.start(task).await;
    assert_eq!(work.attempts, 1);
    scene.settled(&work, put_off(1)).await;
    assert_eq!(scene.row(task.id).await.attempts, 1);
}

pub async fn what_is_put_off_with_something_sent_keeps_its_tax_number(scene: &Scene) {
    let work = scene.run(Kind::StatisticCreate, SHARED, EAST).await;
    assert!(scene.prove(&work, receipt("r-1")).await);
    let (state, _) = scene.settled(&work, put_off_with(30, true, None)).await;
    assert_eq!(state, StateName::Delayed);
    let why = well(scene.store.why(work.message.task_id).await);
    assert!(matches!(why, Some(Hindrance::NotBefore { .. })), "{why:?}");
    let elsewhere = scene.log(Kind::TaxFiling, SHARED, WEST).await;
    let hindrance = scene.hindrance(elsewhere).await;
    assert!(matches!(hindrance, Hindrance::TaxBusy { .. }), "{hindrance:?}");
    scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    scene.advance(seconds(31)).await;
    assert_eq!(scene.ripen().await, [], "what was sent is asked about, not queued");
}

pub async fn what_is_handed_back_is_queued_and_free(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    let (state, events) = scene.settled(&work, hand_back()).await;
    assert_eq!((state, events), (StateName::Queued, Vec::new()));
    scene.run(Kind::TaxFiling, ALPHA, EAST).await;
}

pub async fn what_is_let_go_keeps_the_lane_only_when_asked_to(scene: &Scene) {
    for keep_lane in [true, false] {
        let work = scene.run(Kind::StatisticCreate, ALPHA, EAST).await;
        assert!(scene.prove(&work, receipt("r-1")).await);
        let (state, _) = scene.settled(&work, let_go(600, keep_lane)).await;
        assert_eq!(state, StateName::Awaiting);
        let other = scene.log(Kind::PeriodQuery, SHARED, EAST).await;
        if keep_lane {
            let hindrance = scene.hindrance(other).await;
            assert!(matches!(hindrance, Hindrance::LaneBusy { .. }), "{hindrance:?}");
            well(scene.store.cancel(&[other.id], &note()).await);
        } else {
            scene.start(other).await;
        }
        scene.advance(seconds(601)).await;
        for work in scene.take_up().await {
            scene.settled(&work, done()).await;
        }
    }
}

pub async fn letting_go_unclear_says_so(scene: &Scene) {
    let work = scene.run(Kind::StatisticCreate, ALPHA, EAST).await;
    let quiet_until = scene.now().await + seconds(120);
    let verdict = Verdict::LetGo {
        ask_after: seconds(0),
        unclear: true,
        quiet_until: Some(quiet_until),
        keep_lane: true,
        reason: "应答丢失。".into(),
    };
    assert_eq!(scene.settled(&work, verdict).await.0, StateName::Unclear);
    assert_eq!(scene.row(work.message.task_id).await.reason, "应答丢失。");
    let asked = scene.take_up().await;
    assert_eq!(asked[0].quiet_until, Some(quiet_until));
}

/// A receipt of a stale holder may come after the task was started anew: it is asked about, not sent.
pub async fn what_is_let_go_before_it_was_accepted_is_asked_about(scene: &Scene) {
    let work = scene.run(Kind::InvoiceDownload, ALPHA, EAST).await;
    let (state, _) = scene.settled(&work, let_go(0, true)).await;
    assert!(matches!(state, StateName::Awaiting | StateName::Unclear), "{state}");
    let taken = scene.take_up().await;
    assert_eq!(taken.len(), 1);
    assert_eq!(scene.settled(&taken[0], done()).await.0, StateName::Done);
}

pub async fn a_stale_settlement_writes_nothing(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    scene.die().await;
    for verdict in [done(), hand_back(), put_off(30), unknown()] {
        assert_eq!(scene.settle(&work, verdict).await, Settled::Stale);
    }
    let row = scene.row(work.message.task_id).await;
    assert_eq!((row.state, row.finished_at), (StateName::Queued, None));
    assert_eq!(scene.events_of(work.message.task_id).await, []);
    let invented = crate::ports::log::Work { fence: Fence(work.fence.0 + 1000), ..work };
    assert_eq!(scene.settle(&invented, done()).await, Settled::Stale);
}

pub async fn a_rescued_holder_is_stale_though_nobody_asks_yet(scene: &Scene) {
    let work = scene.run(Kind::StatisticCreate, ALPHA, EAST).await;
    scene.die().await;
    assert_eq!(scene.state(work.message.task_id).await, StateName::Unclear);
    assert_eq!(scene.settle(&work, done()).await, Settled::Stale);
    let asker = scene.take_up().await.remove(0);
    assert_eq!(scene.settle(&work, done()).await, Settled::Stale);
    assert_eq!(scene.settled(&asker, done()).await.0, StateName::Done);
}

pub async fn a_repeated_settlement_was_written_before(scene: &Scene) {
    let epoch = Epoch(0);
    let until = scene.now().await + seconds(3600);
    let nothing_sent =
        [done(), failed(), put_off(0), put_off(600), hand_back(), park(epoch, false, until)];
    for verdict in nothing_sent {
        let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
        let (state, _) = scene.settled(&work, verdict.clone()).await;
        let events = scene.events_of(work.message.task_id).await;
        let again = scene.settle(&work, verdict.clone()).await;
        assert_eq!(again, Settled::Before { state }, "{verdict:?}");
        assert_eq!(scene.state(work.message.task_id).await, state);
        assert_eq!(scene.events_of(work.message.task_id).await, events);
        well(scene.store.cancel(&[work.message.task_id], &note()).await);
    }
}

pub async fn a_repeated_settlement_of_what_was_sent_was_written_before(scene: &Scene) {
    let until = scene.now().await + seconds(3600);
    for verdict in [put_off_with(600, true, None), park(Epoch(0), true, until), let_go(600, false)]
    {
        let work = scene.run(Kind::StatisticCreate, "91310000MA5GDIREC8", LEQI).await;
        assert!(scene.prove(&work, receipt("r-1")).await);
        let (state, _) = scene.settled(&work, verdict.clone()).await;
        let again = scene.settle(&work, verdict.clone()).await;
        assert_eq!(again, Settled::Before { state }, "{verdict:?}");
        scene.advance(seconds(601)).await;
        let asker = scene.take_up().await.remove(0);
        scene.settled(&asker, done()).await;
        let late = scene.settle(&work, verdict).await;
        assert!(!matches!(late, Settled::Written { .. }), "{late:?}");
    }
}

pub async fn a_settlement_twice_in_one_turn_is_written_once(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    let twice = vec![settlement(&work, done()), settlement(&work, done())];
    let settled = scene.turn(Turn { settlements: twice, ..Turn::default() }).await.settled;
    assert!(matches!(settled[0], Settled::Written { state: StateName::Done, .. }), "{settled:?}");
    assert_eq!(settled[1], Settled::Before { state: StateName::Done });
    assert_eq!(scene.events_of(work.message.task_id).await.len(), 1);
}

pub async fn a_throttle_closes_its_gate_with_the_settlement(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    let before = scene.lane_now(EAST).await;
    assert_eq!((before.key, before.throttled_until), (lane_key(EAST), None));
    let gate = Some(crate::ports::log::Throttle::Lane);
    scene.settled(&work, put_off_with(300, false, gate)).await;
    let after = scene.lane_now(EAST).await;
    assert!(after.throttled_until.is_some());
    assert_ne!(after.version, before.version);
}
