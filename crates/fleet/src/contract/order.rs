//! Class, then place: what waits first, and how a place is kept.

use super::{
    scene::{ALPHA, BETA, EAST, Logged, SHARED, Scene, WEST, seconds, well},
    verdicts::{hand_back, put_off},
};
use crate::ports::log::LaneQueue;
use domain::{
    ids::TaskId,
    kind::{Class, Kind},
    task::StateName,
};

pub async fn the_head_is_the_highest_class_then_the_earliest_place(scene: &Scene) {
    let layout = scene.log(Kind::LayoutDownload, ALPHA, EAST).await;
    assert_eq!(scene.head(layout).await, Some(layout.id));
    let query = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    let download = scene.log(Kind::InvoiceDownload, ALPHA, EAST).await;
    let create = scene.log(Kind::StatisticCreate, ALPHA, EAST).await;
    let filing = scene.log(Kind::TaxFiling, ALPHA, EAST).await;
    let issuing = scene.log(Kind::InvoiceIssuing, ALPHA, EAST).await;
    for expected in [filing, issuing, query, create, download, layout] {
        assert_eq!(scene.head(layout).await, Some(expected.id));
        let work = scene.start(expected).await;
        scene.settled(&work, super::verdicts::done()).await;
    }
    assert_eq!(scene.head(layout).await, None);
}

pub async fn heads_are_one_for_each_tax_number_of_the_lanes_asked_for(scene: &Scene) {
    let alpha = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    let beta = scene.log(Kind::LayoutDownload, BETA, EAST).await;
    let elsewhere = scene.log(Kind::PeriodQuery, SHARED, WEST).await;
    let mut heads = well(scene.store.heads(&[alpha.lane]).await);
    heads.sort_by_key(|head| head.place);
    let told: Vec<_> = heads.iter().map(|head| (head.task, head.tax, head.class)).collect();
    let layout = (beta.id, beta.tax, Class::LayoutDownload);
    assert_eq!(told, [(alpha.id, alpha.tax, Class::Selection), layout]);
    assert_eq!(heads[0].place, alpha.place);
    assert_eq!(heads[0].since, scene.row(alpha.id).await.enqueued_at);
    assert_eq!(well(scene.store.heads(&[]).await), []);
    assert_eq!(well(scene.store.heads(&[elsewhere.lane]).await).len(), 1);
}

pub async fn queues_tell_of_what_was_asked_for_in_that_order(scene: &Scene) {
    let alpha = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    let nothing = (scene.lane(WEST), scene.tax(SHARED).await);
    let queues = well(scene.store.queues(&[nothing, (alpha.lane, alpha.tax)]).await);
    assert_eq!(queues[0], LaneQueue { lane: nothing.0, tax: nothing.1, head: None });
    assert_eq!(queues[1].head.as_ref().map(|head| head.task), Some(alpha.id));
}

async fn three(scene: &Scene) -> [Logged; 3] {
    let first = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    let second = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    [first, second, scene.log(Kind::PeriodQuery, ALPHA, EAST).await]
}

/// Runs what waits, in order, and ends it.
async fn order_of(scene: &Scene, tasks: [Logged; 3]) -> Vec<TaskId> {
    let mut order = Vec::new();
    while let Some(head) = scene.head(tasks[0]).await {
        let task = tasks.iter().find(|task| task.id == head).expect("one of the three");
        let work = scene.start(*task).await;
        scene.settled(&work, super::verdicts::done()).await;
        order.push(head);
    }
    order
}

pub async fn what_is_handed_back_keeps_its_place(scene: &Scene) {
    let tasks = three(scene).await;
    let work = scene.start(tasks[0]).await;
    assert_eq!(scene.head(tasks[0]).await, Some(tasks[1].id));
    scene.settled(&work, hand_back()).await;
    assert_eq!(order_of(scene, tasks).await, tasks.map(|task| task.id));
}

pub async fn what_was_put_off_keeps_its_place(scene: &Scene) {
    let tasks = three(scene).await;
    let work = scene.start(tasks[0]).await;
    scene.settled(&work, put_off(30)).await;
    assert_eq!(scene.head(tasks[0]).await, Some(tasks[1].id));
    scene.advance(seconds(31)).await;
    assert_eq!(scene.ripen().await, [(tasks[0].lane, tasks[0].tax)]);
    assert_eq!(order_of(scene, tasks).await, tasks.map(|task| task.id));
}

pub async fn what_a_dead_worker_held_keeps_its_place(scene: &Scene) {
    let tasks = three(scene).await;
    scene.start(tasks[0]).await;
    scene.die().await;
    assert_eq!(scene.state(tasks[0].id).await, StateName::Queued);
    assert_eq!(order_of(scene, tasks).await, tasks.map(|task| task.id));
}

pub async fn ripening_takes_the_longest_due_first_and_no_more_than_asked(scene: &Scene) {
    let tasks = three(scene).await;
    for (task, after) in tasks.iter().zip([30, 10, 20]) {
        let work = scene.start(*task).await;
        scene.settled(&work, put_off(after)).await;
    }
    scene.advance(seconds(31)).await;
    assert_eq!(well(scene.store.ripen(1).await).len(), 1);
    assert_eq!(scene.state(tasks[1].id).await, StateName::Queued);
    assert_eq!(scene.state(tasks[2].id).await, StateName::Delayed);
    assert_eq!(well(scene.store.ripen(10).await), [(tasks[0].lane, tasks[0].tax)]);
}
