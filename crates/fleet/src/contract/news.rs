//! A worker's look for news: what it sees when every hint was lost.

use super::{
    asking::left_alone,
    claim::{note, scope_of},
    scene::{
        ALPHA, BETA, CAPITAL, EAST, GUARDED, LEASE, LEQI, LEQI_WIDTH, Logged, NORTH, PHONE, SHARED,
        Scene, WEST, lane_key, seconds, tax_no, well, world,
    },
    switches,
    verdicts::{hand_back, park, put_off, put_off_with, seen},
};
use crate::ports::{
    crew::{Mark, News, Owners},
    desk::Scope,
    log::{SwitchNote, SwitchRequest, Throttle},
    roster::Lane,
};
use domain::{
    ids::{LaneId, WorkerId},
    kind::Kind,
    schedule::SwitchLimits,
};

async fn news(scene: &Scene, worker: WorkerId, mark: Mark) -> News {
    well(scene.store.news(worker, mark).await)
}

/// Everything seen so far.
async fn up_to_date(scene: &Scene) -> Mark {
    news(scene, scene.worker, Mark::default()).await.mark
}

/// Lanes that are told of with something that was not known.
fn changed(known: &[Lane], news: &News) -> Vec<LaneId> {
    news.lanes.iter().filter(|lane| !known.contains(lane)).map(|lane| lane.id).collect()
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

pub async fn changed_gates_are_news_to_their_owner(scene: &Scene) {
    let mark = up_to_date(scene).await;
    let known = well(scene.store.lanes(None).await);
    assert_eq!(changed(&known, &news(scene, scene.worker, mark).await), []);
    well(scene.store.pause(&scope_of(CAPITAL), &note()).await);
    let told = news(scene, scene.worker, mark).await;
    assert_eq!(changed(&known, &told), [scene.lane(CAPITAL)]);
    assert!(told.lanes.iter().any(|lane| lane.paused.is_some()));
    assert_eq!(news(scene, scene.colleague, mark).await.lanes, []);
    let known = well(scene.store.lanes(None).await);
    assert_eq!(changed(&known, &news(scene, scene.worker, told.mark).await), []);
}

/// What the owner of all lanes knows of them, and how far it has looked.
struct Onlooker<'a> {
    scene: &'a Scene,
    known: Vec<Lane>,
    mark: Mark,
}

impl Onlooker<'_> {
    async fn sees(&mut self, account: &str, what: &str) {
        let told = news(self.scene, self.scene.worker, self.mark).await;
        let lane = self.scene.lane(account);
        assert!(changed(&self.known, &told).contains(&lane), "{what} of {account}");
        self.known = well(self.scene.store.lanes(None).await);
        self.mark = told.mark;
    }
}

pub async fn whatever_closes_or_opens_a_lane_is_news(scene: &Scene) {
    let mark = up_to_date(scene).await;
    let known = well(scene.store.lanes(None).await);
    let mut owner = Onlooker { scene, known, mark };
    let bureau = Scope::Bureau(lane_key(EAST).bureau);
    let number = Scope::TaxNumber(tax_no(SHARED));
    for (scope, account) in [(&scope_of(EAST), EAST), (&bureau, WEST), (&number, EAST)] {
        well(scene.store.pause(scope, &note()).await);
        owner.sees(account, "a pause").await;
        well(scene.store.resume(scope, &note()).await);
        owner.sees(account, "its end").await;
    }
    let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    let budget = SwitchLimits { per_hour: 5, per_day: 50 };
    let switch = SwitchRequest { budget: Some(budget), ..switches::request(&work) };
    assert_eq!(switches::note(scene, switch).await, SwitchNote::Noted);
    owner.sees(EAST, "a switch").await;
    well(scene.store.forget_current(work.lane, work.fence).await);
    owner.sees(EAST, "a switch that failed").await;
    scene.settled(&work, put_off_with(300, false, Some(Throttle::Lane))).await;
    owner.sees(EAST, "a throttle").await;

    let parked = scene.run(Kind::PeriodQuery, GUARDED, PHONE).await;
    let epoch = parked.session.expect("a session").epoch;
    let until = scene.now().await + seconds(3600);
    scene.settled(&parked, park(epoch, true, until)).await;
    owner.sees(PHONE, "a lost session").await;
    let login = seen(lane_key(PHONE), true, scene.now().await);
    well(scene.store.session_changed(&login).await);
    owner.sees(PHONE, "a login").await;

    well(scene.store.share(scene.worker, &[], &[work.lane]).await);
    well(scene.store.share(scene.worker, &[work.lane], &[]).await);
    owner.sees(EAST, "a new owner").await;
    well(scene.store.import(&world(), LEQI_WIDTH + 1).await);
    owner.sees(LEQI, "another width").await;
}

/// Nobody plans by it, and with such accounts it happens with nearly every task.
pub async fn a_switch_that_counts_against_no_budget_is_no_news(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    let before = scene.lane_now(EAST).await;
    let switch = SwitchRequest { budget: None, ..switches::request(&work) };
    assert_eq!(switches::note(scene, switch).await, SwitchNote::Noted);
    let after = scene.lane_now(EAST).await;
    assert_eq!((after.current_tax, after.version), (Some(work.tax), before.version));
}

pub async fn owners_are_told_to_everybody(scene: &Scene) {
    let all = well(scene.store.owners(0).await);
    let told = |owners: &Owners, account: &str| {
        let key = lane_key(account);
        owners.lanes.iter().find(|lane| lane.key == key).map(|lane| lane.owner)
    };
    for account in [EAST, CAPITAL, LEQI] {
        assert_eq!(told(&all, account), Some(Some(scene.worker)));
    }
    let lane = scene.lane(CAPITAL);
    well(scene.store.share(scene.worker, &[], &[lane]).await);
    let given_up = well(scene.store.owners(all.mark).await);
    assert_eq!(told(&given_up, CAPITAL), Some(None));
    well(scene.store.share(scene.colleague, &[lane], &[]).await);
    let taken = well(scene.store.owners(given_up.mark).await);
    assert_eq!(told(&taken, CAPITAL), Some(Some(scene.colleague)));
    well(scene.store.leave(scene.colleague).await);
    let left = well(scene.store.owners(taken.mark).await);
    assert_eq!(told(&left, CAPITAL), Some(None));
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
    let known = well(scene.store.lanes(None).await);
    let again = news(scene, scene.worker, mark).await;
    assert_eq!(changed(&known, &again), []);
    assert!(again.mark.place >= mark.place && again.mark.gates >= mark.gates);
    let later = scene.log(Kind::PeriodQuery, BETA, EAST).await;
    let told = news(scene, scene.worker, again.mark).await;
    assert!(names(&told, later), "{told:?} {task:?}");
}
