//! The interleavings that break simpler protocols (design: protocol.md). One session is held open
//! inside its transaction, the other runs into it, then the first commits.

use crate::stage::{LEASE, Stage, done, ended, fresh_id, new_task, settlement};
use domain::{bureau::LaneKey, schedule::Hindrance, task::StateName};
use fleet::ports::{
    crew::{Crew, Mark, News},
    desk::{Cancelled, DeskLog, Note, Scope},
    log::{Appended, Claimed, Fate, Pick, Settled, TaskLog, Turn, Verdict},
    roster::{Roster, SessionReport},
};
use sqlx::{PgPool, Postgres, Transaction};

fn only(picks: &[&Pick]) -> Turn {
    Turn { picks: picks.iter().map(|pick| (*pick).clone()).collect(), ..Turn::default() }
}

/// A session that has taken a tax number and has not committed: a claim of it waits.
async fn hold_number(pool: &PgPool, pick: &Pick) -> Transaction<'static, Postgres> {
    let mut held = pool.begin().await.expect("a session can be had");
    sqlx::query(
        "INSERT INTO running (task_id, tax_id, lane_id, n, class, place, fence, worker, lease_until) \
         VALUES (gen_random_uuid(), $1, $2, NULL, 0, 0, 0, 0, now() + interval '1 hour')",
    )
    .bind(pick.tax.0)
    .bind(pick.lane.0)
    .execute(&mut *held)
    .await
    .expect("the number is free");
    held
}

/// Claims in a task of its own; it gets stuck at a held number.
fn claim_beside(stage: &Stage, turn: Turn) -> tokio::task::JoinHandle<Vec<Claimed>> {
    let (store, worker) = (stage.store.clone(), stage.worker);
    tokio::spawn(async move {
        store.turn(worker, LEASE, &turn).await.expect("the turn is taken").claimed
    })
}

#[tokio::test]
async fn break_1_what_ran_while_a_claim_waited_is_not_claimed_again() {
    let stage = Stage::new().await;
    let stuck = stage.queue("period_query", stage.first, stage.a).await;
    let other = stage.queue("period_query", stage.second, stage.b).await;
    let held = hold_number(&stage.pool, &stuck).await;
    let batch = claim_beside(&stage, only(&[&stuck, &other]));
    stage.until_somebody_waits().await;
    // The batch holds the row of the other task already, or has not looked at it: either way
    // nobody else can run it beside the batch, and nobody runs it twice.
    let beside = stage.claim(std::slice::from_ref(&other)).await.remove(0);
    if let Claimed::Started(work) = &beside {
        stage.settle(work, done()).await;
    }
    held.rollback().await.expect("it is given back");
    let claimed = batch.await.expect("the batch ends");
    assert!(matches!(claimed[0], Claimed::Started(_)), "{claimed:?}");
    let started = [&beside, &claimed[1]].map(|one| matches!(one, Claimed::Started(_)));
    assert_eq!(started.iter().filter(|started| **started).count(), 1, "{beside:?} {claimed:?}");
}

#[tokio::test]
async fn break_2_a_cancelled_task_is_not_revived() {
    let stage = Stage::new().await;
    let pick = stage.queue("period_query", stage.first, stage.a).await;
    let held = hold_number(&stage.pool, &pick).await;
    let claim = claim_beside(&stage, only(&[&pick]));
    stage.until_somebody_waits().await;
    let note = Note { by: "ops".into(), reason: "错误".into() };
    let (store, task) = (stage.store.clone(), pick.task);
    let cancel = tokio::spawn(async move { store.cancel(&[task], &note).await });
    held.rollback().await.expect("it is given back");
    let claimed = claim.await.expect("the claim ends").remove(0);
    let cancelled = cancel.await.expect("it ends").expect("the store answers").remove(0);
    let state = stage.state(pick.task).await;
    match claimed {
        Claimed::Started(_) => {
            let too_late = Cancelled::TooLate { state: StateName::Running };
            assert_eq!((cancelled, state.as_str()), (too_late, "running"));
        }
        Claimed::Hindered(_) => {
            assert_eq!((cancelled, state.as_str()), (Cancelled::Done, "cancelled"));
            assert_eq!(stage.count("SELECT count(*) FROM running").await, 0);
        }
    }
}

#[tokio::test]
async fn break_3_a_filing_that_came_while_the_claim_waited_goes_first() {
    let stage = Stage::new().await;
    let download = stage.queue("layout_download", stage.first, stage.a).await;
    let held = hold_number(&stage.pool, &download).await;
    let claim = claim_beside(&stage, only(&[&download]));
    stage.until_somebody_waits().await;
    let filing = stage.queue("tax_filing", stage.second, stage.a).await;
    held.rollback().await.expect("it is given back");
    let claimed = claim.await.expect("the claim ends").remove(0);
    assert!(
        matches!(&claimed, Claimed::Hindered(Hindrance::HigherClass { task, .. }) if *task == filing.task),
        "{claimed:?}"
    );
    assert_eq!(stage.count("SELECT count(*) FROM running").await, 0, "its keys were given back");
    assert_eq!(stage.state(download.task).await, "queued");
    stage.start(&filing).await;
}

/// A look for news finds what came back to an old place, and what was under way for long, however
/// much was logged meanwhile.
#[tokio::test]
async fn break_8_nothing_that_began_to_wait_is_missed_by_a_look_for_news() {
    let stage = Stage::new().await;
    let old = stage.queue("period_query", stage.first, stage.a).await;
    let work = stage.start(&old).await;
    let mut slow = stage.pool.begin().await.expect("a session can be had");
    sqlx::query(
        "INSERT INTO waiting (task_id, lane_id, tax_id, class, place, since) \
         VALUES (gen_random_uuid(), $1, $2, 2, nextval('place'), now())",
    )
    .bind(stage.second.0)
    .bind(stage.b.0)
    .execute(&mut *slow)
    .await
    .expect("it waits");
    stage.count("SELECT setval('place', 1000000)").await;
    let look = async |mark| stage.store.news(stage.worker, mark).await.expect("the store answers");
    let mark = look(Mark::default()).await.mark;
    stage.settle(&work, Verdict::HandBack { reason: String::new() }).await;
    slow.commit().await.expect("it commits");
    let news = look(mark).await;
    let mut heads: Vec<_> = news.heads.iter().map(|head| (head.lane, head.tax)).collect();
    heads.sort_unstable();
    assert_eq!(heads, [(stage.first, stage.a), (stage.second, stage.b)]);
}

/// A change of a lane that was under way for long is news when it commits, however many were made and
/// seen meanwhile.
#[tokio::test]
async fn break_9_no_change_of_a_lane_is_missed_by_a_look_for_news() {
    let stage = Stage::new().await;
    let mut slow = stage.pool.begin().await.expect("a session can be had");
    sqlx::query(include_str!("../../sql/postgres/desk/pause_lane.sql"))
        .bind(440_300)
        .bind("13800000001")
        .bind("boris")
        .bind("password change")
        .execute(&mut *slow)
        .await
        .expect("the lane is free");
    let LaneKey { bureau, account } = second_lane();
    let note = Note { by: "ops".into(), reason: "错误".into() };
    stage.store.pause(&Scope::Lane { bureau, account }, &note).await.expect("the store answers");
    let look = async |mark| stage.store.news(stage.worker, mark).await.expect("the store answers");
    let told = |news: &News| -> Vec<_> {
        news.lanes.iter().filter(|lane| lane.paused.is_some()).map(|lane| lane.id).collect()
    };
    let before = look(Mark::default()).await;
    assert_eq!(told(&before), [stage.second]);
    let owners = stage.store.owners(0).await.expect("the store answers");
    slow.commit().await.expect("it commits");
    assert!(told(&look(before.mark).await).contains(&stage.first));
    let changed = stage.store.owners(owners.mark).await.expect("the store answers").lanes;
    assert!(changed.iter().any(|lane| lane.id == stage.first), "{changed:?}");
}

/// A replica that lagged behind has taken over: numbers of transactions begin anew below the mark.
#[tokio::test]
async fn a_mark_of_a_history_that_was_cut_off_is_none() {
    let stage = Stage::new().await;
    let pick = stage.queue("period_query", stage.first, stage.a).await;
    let ahead = Mark { place: i64::MAX, gates: i64::MAX };
    let news = stage.store.news(stage.worker, ahead).await.expect("the store answers");
    assert_eq!(news.heads.iter().map(|head| head.task).collect::<Vec<_>>(), [pick.task]);
    assert_eq!(news.lanes.len(), 3);
    let owners = stage.store.owners(i64::MAX).await.expect("the store answers");
    assert_eq!((owners.lanes.len(), owners.mark < i64::MAX), (3, true));
}

fn second_lane() -> LaneKey {
    LaneKey {
        bureau: "440300".parse().expect("a bureau"),
        account: "13800000002".parse().expect("an account"),
    }
}

#[tokio::test]
async fn break_4_a_park_that_a_login_overtook_queues_again() {
    for login_first in [true, false] {
        let stage = Stage::new().await;
        let pick = stage.queue("period_query", stage.second, stage.a).await;
        let work = stage.start(&pick).await;
        let epoch = work.session.expect("the account is known").epoch;
        let park = Verdict::Park {
            epoch,
            needs_person: true,
            sent: false,
            until: stage.now().await + chrono::Duration::days(1),
            reason: "登录失效".into(),
        };
        let login = SessionReport {
            lane: second_lane(),
            online: true,
            seen_at: stage.now().await,
            epoch: None,
            until: None,
            note: None,
        };
        // Both stop at the account's row; the one that came first goes on first.
        let mut held = stage.pool.begin().await.expect("a session can be had");
        sqlx::query("SELECT 1 FROM account FOR UPDATE")
            .execute(&mut *held)
            .await
            .expect("the rows are free");
        let (store, worker) = (stage.store.clone(), stage.worker);
        let turn = Turn { settlements: vec![settlement(&work, park)], ..Turn::default() };
        let parking = async move { store.turn(worker, LEASE, &turn).await.map(drop) };
        let store = stage.store.clone();
        let logging_in = async move { store.session_changed(&login).await.map(drop) };
        let (one, two) = if login_first {
            let one = tokio::spawn(logging_in);
            stage.until_waiting(1).await;
            (one, tokio::spawn(parking))
        } else {
            let one = tokio::spawn(parking);
            stage.until_waiting(1).await;
            (one, tokio::spawn(logging_in))
        };
        stage.until_waiting(2).await;
        held.rollback().await.expect("it is given back");
        for end in [one, two] {
            end.await.expect("it ends").expect("the store answers");
        }
        assert_eq!(stage.state(pick.task).await, "queued", "login first: {login_first}");
        assert_eq!(stage.count("SELECT count(*) FROM parked").await, 0);
        stage.start(&pick).await;
    }
}

fn retry_of(stage: &Stage, pick: &Pick) -> fleet::ports::log::NewTask {
    let id = fresh_id();
    let body = format!(
        r#"{{"task_id":"{id}","kind":"period_query","tax_no":"91440300MA5G9GK78Y","bureau":"440300","account":"13800000001","retry_of":"{}"}}"#,
        pick.task
    );
    new_task(&body, Fate::Queue { lane: stage.first, tax: stage.a, run_at: None })
}

#[tokio::test]
async fn break_5_two_retries_of_one_task_in_concurrent_appends() {
    let stage = Stage::new().await;
    let pick = stage.queue("period_query", stage.first, stage.a).await;
    let work = stage.start(&pick).await;
    stage.settle(&work, ended(StateName::Failed, false)).await;
    let (first, second) = (retry_of(&stage, &pick), retry_of(&stage, &pick));
    // The first retry's mark stands, uncommitted, when the second one looks.
    let mut held = stage.pool.begin().await.expect("a session can be had");
    sqlx::query("INSERT INTO retry (failed_task_id, retry_task_id) VALUES ($1, $2)")
        .bind(pick.task.0)
        .bind(first.message.task_id.0)
        .execute(&mut *held)
        .await
        .expect("there is no retry yet");
    let store = stage.store.clone();
    let appended = tokio::spawn(async move { store.append(&[second]).await });
    stage.until_somebody_waits().await;
    held.commit().await.expect("it commits");
    let appended = appended.await.expect("it ends").expect("the store answers").remove(0);
    let expected = fleet::ports::log::RetryRefusal::TriedAgain { retry: first.message.task_id };
    assert_eq!(appended, Appended::RetryRefused { reason: expected });
    assert_eq!(stage.count("SELECT count(*) FROM task_log").await, 1, "nothing was logged");
}

#[tokio::test]
async fn break_6_the_same_id_twice_in_one_batch_and_in_two() {
    let stage = Stage::new().await;
    let task = stage.task("period_query", stage.first, stage.a, &[]);
    let other = new_task(
        &task.body.replace("period_query", "statistic_query"),
        Fate::Queue { lane: stage.first, tax: stage.a, run_at: None },
    );
    let batch = [task.clone(), task.clone(), other.clone()];
    let stores = [stage.store.clone(), stage.store.clone()];
    let appends = stores.map(|store| {
        let batch = batch.clone();
        tokio::spawn(async move { store.append(&batch).await.expect("the store answers") })
    });
    let mut queued = 0;
    for append in appends {
        let appended = append.await.expect("it ends");
        queued += usize::from(matches!(appended[0], Appended::Queued { .. }));
        let waiting = Some((stage.first, stage.a));
        assert_eq!(appended[1], Appended::Duplicate { waiting });
        assert!(matches!(appended[2], Appended::OtherBody { .. }), "{appended:?}");
    }
    assert_eq!(queued, 1);
    assert_eq!(stage.count("SELECT count(*) FROM task_log").await, 1);
    assert_eq!(stage.count("SELECT count(*) FROM waiting").await, 1);
}

/// Higher classes of the same tax number that were logged before a lower one started, and did not.
const PASSED_OVER: &str = "
SELECT count(*)
  FROM task_log low
  JOIN task_log high ON high.tax_id = low.tax_id
  JOIN waiting w ON w.task_id = high.task_id
 WHERE low.class = 'layout_download' AND high.class = 'selection'
   AND high.enqueued_at < low.started_at";

#[tokio::test]
async fn break_7_nothing_starts_between_the_time_of_a_higher_class_and_its_commit() {
    let stage = Stage::new().await;
    let low = stage.queue("layout_download", stage.first, stage.a).await;
    let other = stage.queue("layout_download", stage.second, stage.b).await;
    // Somebody else has its invoice, so the append stops after it took its time.
    let mut held = stage.pool.begin().await.expect("a session can be had");
    sqlx::query(
        "INSERT INTO invoice_hold (tax_id, number, code, task_id) \
         VALUES ($1, '1001', '', gen_random_uuid())",
    )
    .bind(stage.a.0)
    .execute(&mut *held)
    .await
    .expect("the invoice is free");
    let high = stage.task("non_deduction_select", stage.second, stage.a, &["1001"]);
    let (store, task) = (stage.store.clone(), high.clone());
    let append = tokio::spawn(async move { store.append(&[task]).await });
    stage.until_somebody_waits().await;
    let claimed = stage.claim(&[low.clone(), other]).await;
    held.rollback().await.expect("it is given back");
    append.await.expect("it ends").expect("the store answers");
    assert_eq!(stage.count(PASSED_OVER).await, 0, "{claimed:?}");
    assert_eq!(claimed[0], Claimed::Hindered(Hindrance::BeingLogged));
    assert!(matches!(claimed[1], Claimed::Started(_)), "nobody else is hindered: {claimed:?}");
    let next = stage.claim(std::slice::from_ref(&low)).await.remove(0);
    assert!(
        matches!(&next, Claimed::Hindered(Hindrance::HigherClass { task, .. })
                 if *task == high.message.task_id),
        "{next:?}"
    );
}

#[tokio::test]
async fn a_claim_that_hangs_stops_no_append_and_an_append_that_was_broken_off_no_claim() {
    let stage = Stage::new().await;
    let low = stage.queue("layout_download", stage.first, stage.a).await;
    let held = hold_number(&stage.pool, &low).await;
    let claim = claim_beside(&stage, only(&[&low]));
    stage.until_somebody_waits().await;
    stage.queue("layout_download", stage.second, stage.a).await;
    held.rollback().await.expect("it is given back");
    let claimed = claim.await.expect("the claim ends").remove(0);
    let Claimed::Started(work) = claimed else { panic!("{claimed:?}") };
    stage.settle(&work, done()).await;

    // The id is being logged elsewhere: the append waits for it, and is broken off.
    let high = stage.task("tax_filing", stage.second, stage.a, &[]);
    let mut held = stage.pool.begin().await.expect("a session can be had");
    sqlx::query("INSERT INTO task_body (task_id, body) VALUES ($1, '')")
        .bind(high.message.task_id.0)
        .execute(&mut *held)
        .await
        .expect("the id is free");
    let store = stage.store.clone();
    let append = tokio::spawn(async move { store.append(&[high]).await });
    stage.until_somebody_waits().await;
    let low = stage.queue("layout_download", stage.first, stage.a).await;
    let claimed = stage.claim(std::slice::from_ref(&low)).await.remove(0);
    assert_eq!(claimed, Claimed::Hindered(Hindrance::BeingLogged));
    stage
        .count(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                 WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        .await;
    append.await.expect("it ends").expect_err("its session was ended");
    held.rollback().await.expect("it is given back");
    let head = stage.count("SELECT count(*) FROM waiting WHERE class < 4").await;
    assert_eq!(head, 0, "nothing of it was logged");
    stage.start(&low).await;
}

#[tokio::test]
async fn a_settlement_repeated_after_its_keys_have_passed_on_is_known() {
    let stage = Stage::new().await;
    let pick = stage.queue("period_query", stage.first, stage.a).await;
    let first = stage.start(&pick).await;
    let hand_back = Verdict::HandBack { reason: String::new() };
    stage.settle(&first, hand_back.clone()).await;
    let second = stage.start(&pick).await;
    assert!(second.fence > first.fence);
    let again = stage.settle(&first, hand_back).await;
    assert_eq!(again, Settled::Before { state: StateName::Running });
    assert!(matches!(stage.settle(&second, done()).await, Settled::Written { .. }));
}
