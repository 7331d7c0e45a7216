//! Workers, their heartbeats, and lanes shared out among them.

use super::scene::{ALPHA, BETA, EAST, Scene, WEST, seconds, well};
use crate::ports::{
    crew::Colleague,
    log::{Fate, NewTask},
};
use domain::{
    ids::{LaneId, WorkerId},
    kind::Kind,
};
use std::time::Duration;

const SHORT: Duration = Duration::from_secs(15);

async fn newcomer(scene: &Scene) -> WorkerId {
    well(scene.store.enlist("newcomer", "1.1", SHORT).await)
}

async fn seen(scene: &Scene, worker: WorkerId) -> Option<Colleague> {
    let all = well(scene.store.colleagues().await);
    all.into_iter().find(|colleague| colleague.id == worker)
}

async fn share(scene: &Scene, worker: WorkerId, wanted: &[LaneId]) -> Vec<LaneId> {
    let mut lanes = well(scene.store.share(worker, wanted, &[]).await);
    lanes.sort_unstable();
    lanes
}

/// Nobody owns these lanes.
async fn free_lanes(scene: &Scene) -> [LaneId; 2] {
    let lanes = [scene.lane(EAST), scene.lane(WEST)];
    well(scene.store.share(scene.worker, &[], &lanes).await);
    lanes
}

pub async fn a_worker_is_alive_while_its_heart_beats(scene: &Scene) {
    let worker = newcomer(scene).await;
    let colleague = seen(scene, worker).await.expect("it enlisted");
    assert_eq!((colleague.name.as_str(), colleague.version.as_str()), ("newcomer", "1.1"));
    assert!(colleague.alive && !colleague.leaving);
    scene.advance(SHORT - seconds(1)).await;
    assert!(well(scene.store.heartbeat(worker, SHORT, false).await));
    scene.advance(SHORT - seconds(1)).await;
    assert!(seen(scene, worker).await.is_some_and(|colleague| colleague.alive));
    assert!(well(scene.store.heartbeat(worker, SHORT, true).await));
    assert!(seen(scene, worker).await.is_some_and(|colleague| colleague.leaving));
    scene.advance(SHORT + seconds(1)).await;
    assert!(seen(scene, worker).await.is_none_or(|colleague| !colleague.alive));
    assert!(!well(scene.store.heartbeat(worker, SHORT, false).await));
    assert!(!well(scene.store.heartbeat(worker, SHORT, false).await), "the number is gone");
    scene.advance(seconds(86_400)).await;
    assert_eq!(seen(scene, worker).await, None);
}

pub async fn a_number_is_never_given_again(scene: &Scene) {
    let first = newcomer(scene).await;
    well(scene.store.leave(first).await);
    let second = newcomer(scene).await;
    assert!(second > first && second > scene.colleague);
}

pub async fn a_lane_has_one_living_owner(scene: &Scene) {
    let lanes = free_lanes(scene).await;
    let (one, other) = tokio::join!(
        scene.store.share(scene.worker, &lanes, &[]),
        scene.store.share(scene.colleague, &lanes, &[])
    );
    let of_both = [well(one), well(other)].concat();
    for lane in lanes {
        assert_eq!(of_both.iter().filter(|owned| **owned == lane).count(), 1, "{of_both:?}");
    }
}

pub async fn sharing_tells_what_is_owned_afterwards(scene: &Scene) {
    let [east, west] = free_lanes(scene).await;
    assert_eq!(share(scene, scene.colleague, &[east]).await, [east]);
    assert_eq!(share(scene, scene.colleague, &[east, west]).await.len(), 2);
    let newcomer = newcomer(scene).await;
    assert_eq!(share(scene, newcomer, &[east, west]).await, []);
    let rest = well(scene.store.share(scene.colleague, &[], &[east]).await);
    assert_eq!(rest, [west]);
    // Giving up what another one owns does nothing.
    well(scene.store.share(newcomer, &[], &[west]).await);
    assert_eq!(scene.lane_now(WEST).await.owner, Some(scene.colleague));
    assert_eq!(scene.lane_now(EAST).await.owner, None);
    assert_eq!(share(scene, newcomer, &[east]).await, [east]);
}

pub async fn the_lanes_of_the_dead_are_taken_over(scene: &Scene) {
    let [east, _] = free_lanes(scene).await;
    let newcomer = newcomer(scene).await;
    assert_eq!(share(scene, newcomer, &[east]).await, [east]);
    assert_eq!(share(scene, scene.colleague, &[east]).await, []);
    scene.advance(SHORT + seconds(1)).await;
    assert_eq!(share(scene, scene.colleague, &[east]).await, [east]);
    assert_eq!(share(scene, newcomer, &[east]).await, [], "the dead take nothing");
}

pub async fn who_leaves_releases_every_lane(scene: &Scene) {
    let [east, west] = free_lanes(scene).await;
    let newcomer = newcomer(scene).await;
    share(scene, newcomer, &[east, west]).await;
    well(scene.store.leave(newcomer).await);
    assert_eq!(scene.lane_now(EAST).await.owner, None);
    assert_eq!(share(scene, scene.colleague, &[east, west]).await.len(), 2);
    assert!(seen(scene, newcomer).await.is_none_or(|colleague| !colleague.alive));
    assert!(!well(scene.store.heartbeat(newcomer, SHORT, false).await));
}

pub async fn what_a_leaver_still_holds_is_rescued_when_its_lease_is_over(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    well(scene.store.leave(scene.worker).await);
    let rescue = || scene.store.rescue(scene.colleague, *super::scene::LIMITS);
    assert_eq!(well(rescue().await), []);
    scene.advance(super::scene::LEASE + seconds(1)).await;
    assert_eq!(well(rescue().await)[0].task, work.message.task_id);
}

pub async fn what_waits_in_a_lane_is_counted_up_to_a_limit(scene: &Scene) {
    for payer in [ALPHA, BETA, ALPHA] {
        scene.log(Kind::PeriodQuery, payer, EAST).await;
    }
    let dated = scene.draft(Kind::PeriodQuery, ALPHA, EAST).await;
    let fate = match dated.fate {
        Fate::Queue { lane, tax, .. } => {
            Fate::Queue { lane, tax, run_at: Some(scene.now().await + seconds(3600)) }
        }
        other => other,
    };
    scene.queue(&NewTask { fate, ..dated }).await;
    let lanes = [scene.lane(WEST), scene.lane(EAST)];
    assert_eq!(well(scene.store.waiting_in(&lanes, 10).await), [0, 3]);
    assert_eq!(well(scene.store.waiting_in(&lanes, 2).await), [0, 2]);
    assert_eq!(well(scene.store.waiting_in(&[], 2).await), [0; 0]);
    scene.run(Kind::TaxFiling, BETA, EAST).await;
    assert_eq!(well(scene.store.waiting_in(&lanes, 10).await), [0, 3], "what runs waits no more");
}

pub async fn a_full_lane_is_noted_by_its_owner_alone(scene: &Scene) {
    let (east, west) = (scene.lane(EAST), scene.lane(WEST));
    let version = scene.lane_now(EAST).await.version;
    well(scene.store.note_full(scene.colleague, &[east], &[]).await);
    assert_eq!(scene.lane_now(EAST).await.full_since, None);
    well(scene.store.note_full(scene.worker, &[east, west], &[]).await);
    let since = scene.lane_now(EAST).await.full_since;
    assert!(since.is_some());
    assert_eq!(well(scene.store.health(scene.now().await).await).full_lanes, 2);
    well(scene.store.note_full(scene.worker, &[east], &[west]).await);
    let told = (scene.lane_now(EAST).await.full_since, scene.lane_now(WEST).await.full_since);
    assert_eq!(told, (since, None), "it is full since the first time");
    assert_eq!(scene.lane_now(EAST).await.version, version, "no gate has changed");
    well(scene.store.note_full(scene.colleague, &[], &[east]).await);
    assert_eq!(scene.lane_now(EAST).await.full_since, since);
    // The next owner finds it so.
    well(scene.store.share(scene.worker, &[], &[east]).await);
    well(scene.store.share(scene.colleague, &[east], &[]).await);
    assert_eq!(scene.lane_now(EAST).await.full_since, since);
    well(scene.store.note_full(scene.colleague, &[], &[east]).await);
    assert_eq!(scene.lane_now(EAST).await.full_since, None);
    assert_eq!(well(scene.store.health(scene.now().await).await).full_lanes, 0);
}
