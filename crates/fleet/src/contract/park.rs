//! Waiting for a login, and logins that come before, after and twice.

use super::{
    scene::{ALPHA, EAST, GUARDED, GUARDED_TOO, Logged, PHONE, Scene, lane_key, seconds, well},
    verdicts::{done, park, receipt, seen},
};
use crate::ports::{
    log::{Settled, Verdict, Work},
    outbox::EventKind,
    roster::{SessionNoted, SessionReport},
};
use domain::{Moment, ids::Epoch, kind::Kind, schedule::Hindrance, task::StateName};

async fn a_day_from_now(scene: &Scene) -> Moment {
    scene.now().await + seconds(86_400)
}

fn epoch_of(work: &Work) -> Epoch {
    work.session.expect("the account has a session").epoch
}

async fn parked(scene: &Scene, work: &Work, sent: bool) -> StateName {
    let verdict = park(epoch_of(work), sent, a_day_from_now(scene).await);
    scene.settled(work, verdict).await.0
}

async fn logs_in(scene: &Scene, account: &str) -> SessionNoted {
    let report = seen(lane_key(account), true, scene.now().await);
    well(scene.store.session_changed(&report).await)
}

fn logged(work: &Work) -> Logged {
    Logged { id: work.message.task_id, lane: work.lane, tax: work.tax, place: work.place }
}

pub async fn a_lost_session_parks_the_task_and_closes_the_lane(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, GUARDED, PHONE).await;
    let verdict = park(epoch_of(&work), false, a_day_from_now(scene).await);
    let (state, events) = scene.settled(&work, verdict).await;
    assert_eq!(state, StateName::Parked);
    let events = well(scene.store.events(&events).await);
    assert_eq!(events.iter().map(|event| event.kind).collect::<Vec<_>>(), [EventKind::Parked]);
    let lane = scene.lane_now(PHONE).await;
    let session = lane.session.expect("a session");
    assert!(!session.online && lane.needs_person);
    assert!(session.epoch > epoch_of(&work));
    assert_eq!(lane.current_tax, None);
    let why = well(scene.store.why(work.message.task_id).await);
    assert_eq!(why, Some(Hindrance::Offline { lane: lane_key(PHONE) }));
    assert_eq!(scene.row(work.message.task_id).await.reason, "账号未登录。");
    let other = scene.log(Kind::PeriodQuery, GUARDED_TOO, PHONE).await;
    assert_eq!(scene.hindrance(other).await, Hindrance::Offline { lane: lane_key(PHONE) });
}

pub async fn a_login_brings_everything_back_at_its_place(scene: &Scene) {
    let first = scene.log(Kind::PeriodQuery, GUARDED, PHONE).await;
    let second = scene.log(Kind::PeriodQuery, GUARDED, PHONE).await;
    let work = scene.start(first).await;
    parked(scene, &work, false).await;
    assert_eq!(scene.head(first).await, Some(second.id));
    let noted = logs_in(scene, PHONE).await;
    assert!(noted.counted && noted.epoch > epoch_of(&work));
    assert_eq!(noted.resumed, 1);
    let kinds: Vec<_> = scene.events_of(first.id).await.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Parked, EventKind::Resumed]);
    assert_eq!(scene.head(first).await, Some(first.id));
    let again = scene.start(first).await;
    assert_eq!(
        again.session.map(|session| (session.online, session.epoch)),
        Some((true, noted.epoch))
    );
}

pub async fn a_login_that_came_before_the_park_counts(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, GUARDED, PHONE).await;
    logs_in(scene, PHONE).await;
    assert_eq!(parked(scene, &work, false).await, StateName::Queued);
    let lane = scene.lane_now(PHONE).await;
    assert!(lane.session.is_some_and(|session| session.online) && !lane.needs_person);
    let kinds: Vec<_> =
        scene.events_of(work.message.task_id).await.iter().map(|event| event.kind).collect();
    assert!(!kinds.contains(&EventKind::Parked), "{kinds:?}");
    scene.start(logged(&work)).await;
}

pub async fn a_second_login_changes_nothing_but_the_epoch(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, GUARDED, PHONE).await;
    parked(scene, &work, false).await;
    let first = logs_in(scene, PHONE).await;
    let again = scene.start(logged(&work)).await;
    scene.advance(seconds(1)).await;
    let second = logs_in(scene, PHONE).await;
    assert!(second.counted && second.epoch > first.epoch);
    assert_eq!(second.resumed, 0);
    assert_eq!(scene.state(work.message.task_id).await, StateName::Running);
    // Who used the first session and saw it lost finds the second one there.
    assert_eq!(parked(scene, &again, false).await, StateName::Queued);
}

pub async fn a_login_brings_nothing_of_other_accounts_back(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, GUARDED, PHONE).await;
    parked(scene, &work, false).await;
    assert_eq!(logs_in(scene, EAST).await.resumed, 0);
    assert_eq!(scene.state(work.message.task_id).await, StateName::Parked);
}

pub async fn an_account_that_logs_in_by_itself_parks_nothing(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    let verdict = park(epoch_of(&work), false, a_day_from_now(scene).await);
    let (state, events) = scene.settled(&work, verdict).await;
    assert_eq!((state, events), (StateName::Queued, Vec::new()));
    let lane = scene.lane_now(EAST).await;
    assert!(lane.session.is_some_and(|session| !session.online) && !lane.needs_person);
    let again = scene.start(logged(&work)).await;
    assert!(again.session.is_some_and(|session| !session.online));
    assert!(epoch_of(&again) > epoch_of(&work));
}

pub async fn even_such_an_account_may_need_a_person(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    let until = a_day_from_now(scene).await;
    let verdict = Verdict::Park {
        epoch: epoch_of(&work),
        needs_person: true,
        sent: false,
        until,
        reason: "需要短信验证码。".into(),
    };
    assert_eq!(scene.settled(&work, verdict).await.0, StateName::Parked);
    // That it is off line is no news; it still needs a person.
    let offline = seen(lane_key(EAST), false, scene.now().await);
    well(scene.store.session_changed(&offline).await);
    let other = scene.log(Kind::TaxFiling, ALPHA, EAST).await;
    assert_eq!(scene.hindrance(other).await, Hindrance::Offline { lane: lane_key(EAST) });
    assert_eq!(logs_in(scene, EAST).await.resumed, 1);
    assert!(!scene.lane_now(EAST).await.needs_person);
    scene.start(other).await;
}

pub async fn what_was_sent_keeps_its_tax_number_until_the_login(scene: &Scene) {
    let work = scene.run(Kind::StatisticCreate, GUARDED, PHONE).await;
    assert!(scene.prove(&work, receipt("r-1")).await);
    assert_eq!(parked(scene, &work, true).await, StateName::Parked);
    assert_eq!(scene.take_up().await, []);
    let why = well(scene.store.why(work.message.task_id).await);
    assert_eq!(why, Some(Hindrance::Offline { lane: lane_key(PHONE) }));
    assert_eq!(logs_in(scene, PHONE).await.resumed, 1);
    let same = scene.log(Kind::TaxFiling, GUARDED, PHONE).await;
    let hindrance = scene.hindrance(same).await;
    assert!(matches!(hindrance, Hindrance::TaxBusy { .. }), "{hindrance:?}");
    let kinds: Vec<_> =
        scene.events_of(work.message.task_id).await.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Parked, EventKind::Resumed]);
    let asker = scene.take_up().await.remove(0);
    assert_eq!(scene.settled(&asker, done()).await.0, StateName::Done);
}

pub async fn what_was_sent_is_asked_about_at_once_when_a_login_came_before(scene: &Scene) {
    let work = scene.run(Kind::StatisticCreate, GUARDED, PHONE).await;
    assert!(scene.prove(&work, receipt("r-1")).await);
    logs_in(scene, PHONE).await;
    parked(scene, &work, true).await;
    assert_eq!(scene.take_up().await.len(), 1);
}

pub async fn a_late_logged_out_report_does_nothing(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, GUARDED, PHONE).await;
    let used = epoch_of(&work);
    let now = logs_in(scene, PHONE).await;
    scene.advance(seconds(1)).await;
    let late =
        SessionReport { epoch: Some(used), ..seen(lane_key(PHONE), false, scene.now().await) };
    let noted = well(scene.store.session_changed(&late).await);
    assert_eq!(noted, SessionNoted { counted: false, epoch: now.epoch, resumed: 0 });
    assert!(scene.lane_now(PHONE).await.session.is_some_and(|session| session.online));
    let current = SessionReport { epoch: Some(now.epoch), ..late };
    assert!(well(scene.store.session_changed(&current).await).counted);
    assert!(scene.lane_now(PHONE).await.session.is_some_and(|session| !session.online));
}

pub async fn reports_count_by_their_own_time(scene: &Scene) {
    let now = scene.now().await;
    let online = seen(lane_key(PHONE), true, now);
    assert!(well(scene.store.session_changed(&online).await).counted);
    let older = seen(lane_key(PHONE), false, now - seconds(5));
    let noted = well(scene.store.session_changed(&older).await);
    assert!(!noted.counted);
    let lane = scene.lane_now(PHONE).await;
    assert_eq!(
        lane.session.map(|session| (session.online, session.epoch)),
        Some((true, noted.epoch))
    );
}

pub async fn a_login_told_late_still_brings_a_task_back(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, GUARDED, PHONE).await;
    let logged_in_at = scene.now().await - seconds(2);
    parked(scene, &work, false).await;
    let told_late = seen(lane_key(PHONE), true, logged_in_at);
    let noted = well(scene.store.session_changed(&told_late).await);
    assert!(noted.counted && noted.resumed == 1, "{noted:?}");
    assert_eq!(scene.state(work.message.task_id).await, StateName::Queued);
}

pub async fn going_off_line_closes_a_lane_that_needs_a_person(scene: &Scene) {
    let before = scene.lane_now(PHONE).await;
    let report = seen(lane_key(PHONE), false, scene.now().await);
    let noted = well(scene.store.session_changed(&report).await);
    assert!(noted.counted && noted.resumed == 0);
    let after = scene.lane_now(PHONE).await;
    assert!(after.needs_person && after.version != before.version);
    let task = scene.log(Kind::PeriodQuery, GUARDED, PHONE).await;
    assert_eq!(scene.hindrance(task).await, Hindrance::Offline { lane: lane_key(PHONE) });
    scene.advance(seconds(1)).await;
    logs_in(scene, PHONE).await;
    scene.start(task).await;
}

pub async fn a_report_about_nobody_does_nothing(scene: &Scene) {
    for account in ["nobody", "leqi"] {
        let report = seen(lane_key(account), true, scene.now().await);
        let noted = well(scene.store.session_changed(&report).await);
        assert!(!noted.counted && noted.resumed == 0);
    }
}

pub async fn a_repeated_park_was_written_before(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, GUARDED, PHONE).await;
    let verdict = park(epoch_of(&work), false, a_day_from_now(scene).await);
    scene.settled(&work, verdict.clone()).await;
    let again = scene.settle(&work, verdict.clone()).await;
    assert_eq!(again, Settled::Before { state: StateName::Parked });
    logs_in(scene, PHONE).await;
    let after = scene.settle(&work, verdict).await;
    assert_eq!(after, Settled::Before { state: StateName::Queued });
    assert!(scene.lane_now(PHONE).await.session.is_some_and(|session| session.online));
}
