//! Sessions that need each other's rows of `running` never wait for each other in a circle.

use crate::stage::{LEASE, Stage};
use domain::bureau::LaneKey;
use fleet::ports::{
    log::TaskLog,
    roster::{Roster, SessionReport},
};
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

async fn session(stage: &Stage) -> Transaction<'static, Postgres> {
    stage.pool.begin().await.expect("a session can be had")
}

/// As a turn locks what it settles.
async fn lock(session: &mut Transaction<'static, Postgres>, task: Uuid) {
    sqlx::query("SELECT 1 FROM running WHERE task_id = $1 FOR NO KEY UPDATE")
        .bind(task)
        .execute(&mut **session)
        .await
        .expect("the row is locked");
}

/// A turn settles, then claims a tax number whose key is being renewed, while the renewal comes to
/// what is being settled.
#[tokio::test]
async fn a_renewal_and_a_turn_that_claims_after_settling_get_past_each_other() {
    let stage = Stage::new().await;
    let claimed = stage.start(&stage.queue("period_query", stage.first, stage.a).await).await;
    let settled = stage.start(&stage.queue("period_query", stage.second, stage.b).await).await;
    assert!(stage.a.0 < stage.b.0, "the renewal comes to the claimed number first");
    let mut turn = session(&stage).await;
    lock(&mut turn, settled.message.task_id.0).await;

    let held = [&claimed, &settled].map(|work| (work.message.task_id, work.fence));
    let (store, worker) = (stage.store.clone(), stage.worker);
    let renewal = tokio::spawn(async move { store.renew(worker, LEASE, &held).await });
    stage.until_somebody_waits().await;
    let taken = sqlx::query(
        "INSERT INTO running (task_id, tax_id, lane_id, n, class, place, fence, worker, lease_until) \
         VALUES (gen_random_uuid(), $1, $2, NULL, 0, 0, 0, 0, now()) ON CONFLICT DO NOTHING",
    )
    .bind(stage.a.0)
    .bind(stage.second.0)
    .execute(&mut *turn)
    .await
    .expect("no deadlock");
    assert_eq!(taken.rows_affected(), 0, "the number is held");
    turn.commit().await.expect("committed");
    let lost = renewal.await.expect("it ends").expect("no deadlock");
    assert_eq!(lost, [], "both keys are renewed");
}

/// Something sent waits for a login under two tax numbers of a lane, the later number written first.
#[tokio::test]
async fn a_login_and_a_turn_lock_the_same_tasks_in_one_order() {
    let stage = Stage::new().await;
    let first = stage.queue("period_query", stage.second, stage.a).await;
    let second = stage.queue("period_query", stage.second, stage.b).await;
    for pick in [&second, &first] {
        sqlx::query(
            "INSERT INTO running (task_id, tax_id, lane_id, class, place, fence, parked_epoch) \
             VALUES ($1, $2, $3, 0, 0, 0, 0)",
        )
        .bind(pick.task.0)
        .bind(pick.tax.0)
        .bind(pick.lane.0)
        .execute(&stage.pool)
        .await
        .expect("it is parked");
    }
    let mut turn = session(&stage).await;
    lock(&mut turn, first.task.0).await;

    let lane = LaneKey {
        bureau: "440300".parse().expect("a bureau"),
        account: "13800000002".parse().expect("an account"),
    };
    let report = SessionReport {
        lane,
        online: true,
        seen_at: stage.now().await,
        epoch: None,
        until: None,
        note: None,
    };
    let store = stage.store.clone();
    let login = tokio::spawn(async move { store.session_changed(&report).await });
    stage.until_somebody_waits().await;
    lock(&mut turn, second.task.0).await;
    turn.commit().await.expect("committed");
    login.await.expect("it ends").expect("no deadlock");
    let due = "SELECT count(*) FROM running WHERE ask_at IS NOT NULL";
    assert_eq!(stage.count(due).await, 2, "both are asked about");
}
