//! A worker's look for news: what it sees when every hint was lost.

use super::{
    asking::left_alone,
    claim::{note, scope_of},
    scene::{
        ALPHA, BETA, CAPITAL, EAST, GUARDED, LEASE, Logged, NORTH, PHONE, Scene, seconds, well,
    },
    verdicts::{hand_back, park, put_off, seen},
};
use crate::ports::crew::{Mark, News};
use domain::{ids::WorkerId, kind::Kind};

async fn news(scene: &Scene, worker: WorkerId, mark: Mark) -> News {
    well(scene.store.news(worker, mark).await)
}

/// Everything seen so far.
async fn up_to_date(scene: &Scene) -> Mark {
    news(scene, scene.worker, Mark::default()).await.mark
}

fn names(news: &News, task: Logged) -> bool {
    let here = (task.lane, task.tax);
    news.heads.iter().any(|head| (head.lane, head.tax) == here) || news.touched.contains(&here)
}

pub async fn a_new_task_is_news_in_its_own_lane(scene: &Scene) {
    let mark = up_to_date(scene).await;
    let task = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    let told = news(scene, scene.worker, mark).await;
    assert!(told.heads.iter().any(|head| head.task == task.id), "{told:?}");
    assert!(told.mark.place >= task.place.0);
    assert!(!names(&news(scene, scene.colleague, mark).await, task));
}

pub async fn a_higher_class_behind_a_waiting_task_is_the_head_that_is_told(scene: &Scene) {
    let download = scene.log(Kind::InvoiceDownload, ALPHA, EAST).await;
    let mark = up_to_date(scene).await;
    let filing = scene.log(Kind::TaxFiling, ALPHA, EAST).await;
    let told = news(scene, scene.worker, mark).await;
    let of_alpha: Vec<_> = told.heads.iter().filter(|head| head.tax == download.tax).collect();
    assert_eq!(of_alpha.iter().map(|head| head.task).collect::<Vec<_>>(), [filing.id]);
}

pub async fn changed_gates_are_news_for_everybody(scene: &Scene) {
    let mark = up_to_date(scene).await;
    assert_eq!(news(scene, scene.worker, mark).await.lanes, []);
    well(scene.store.pause(&scope_of(CAPITAL), &note()).await);
    for worker in [scene.worker, scene.colleague] {
        let told = news(scene, worker, mark).await;
        let lanes: Vec<_> = told.lanes.iter().map(|lane| lane.id).collect();
        assert_eq!(lanes, [scene.lane(CAPITAL)]);
        assert!(told.lanes[0].paused.is_some());
        assert_eq!(news(scene, worker, told.mark).await.lanes, []);
    }
}

pub async fn a_new_owner_is_news(scene: &Scene) {
    let mark = up_to_date(scene).await;
    let lane = scene.lane(CAPITAL);
    well(scene.store.share(scene.worker, &[], &[lane]).await);
    well(scene.store.share(scene.colleague, &[lane], &[]).await);
    let told = news(scene, scene.worker, mark).await;
    let owners: Vec<_> = told.lanes.iter().map(|lane| (lane.id, lane.owner)).collect();
    assert_eq!(owners, [(lane, Some(scene.colleague))]);
}

pub async fn what_is_due_to_be_asked_about_is_news_to_its_owner(scene: &Scene) {
    left_alone(scene, NORTH, CAPITAL, true, 30).await;
    let mark = up_to_date(scene).await;
    assert_eq!(news(scene, scene.worker, mark).await.asking, []);
    scene.advance(seconds(31)).await;
    assert_eq!(news(scene, scene.worker, mark).await.asking, [scene.lane(CAPITAL)]);
    assert_eq!(news(scene, scene.colleague, mark).await.asking, []);
    scene.take_up().await;
    assert_eq!(news(scene, scene.worker, mark).await.asking, []);
}

pub async fn what_queues_again_at_an_old_place_is_news(scene: &Scene) {
    let handed_back = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    let work = scene.start(handed_back).await;
    let mark = up_to_date(scene).await;
    scene.settled(&work, hand_back()).await;
    assert!(names(&news(scene, scene.worker, mark).await, handed_back));

    let work = scene.start(handed_back).await;
    let mark = up_to_date(scene).await;
    scene.advance(LEASE + seconds(1)).await;
    well(scene.store.rescue(scene.colleague, *super::scene::LIMITS).await);
    assert!(names(&news(scene, scene.worker, mark).await, handed_back), "{work:?}");

    let put_off_one = scene.log(Kind::PeriodQuery, BETA, EAST).await;
    let work = scene.start(put_off_one).await;
    scene.settled(&work, put_off(30)).await;
    let mark = up_to_date(scene).await;
    scene.advance(seconds(31)).await;
    scene.ripen().await;
    assert!(names(&news(scene, scene.worker, mark).await, put_off_one));

    let parked = scene.log(Kind::PeriodQuery, GUARDED, PHONE).await;
    let work = scene.start(parked).await;
    let epoch = work.session.expect("a session").epoch;
    let until = scene.now().await + seconds(3600);
    scene.settled(&work, park(epoch, false, until)).await;
    let mark = up_to_date(scene).await;
    let login = seen(work.lane_key.clone(), true, scene.now().await);
    well(scene.store.session_changed(&login).await);
    assert!(names(&news(scene, scene.worker, mark).await, parked));
}

pub async fn looking_again_costs_nothing_that_was_seen(scene: &Scene) {
    let task = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    let mark = up_to_date(scene).await;
    let again = news(scene, scene.worker, mark).await;
    assert_eq!(again.lanes, []);
    assert!(again.mark.place >= mark.place && again.mark.lane_version >= mark.lane_version);
    let later = scene.log(Kind::PeriodQuery, BETA, EAST).await;
    let told = news(scene, scene.worker, again.mark).await;
    assert!(names(&told, later), "{told:?} {task:?}");
}
