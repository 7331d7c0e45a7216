//! Pauses stand per scope.

use super::{
    claim::{note, scope_of},
    scene::{
        ALPHA, BETA, CAPITAL, EAST, GUARDED, NORTH, PHONE, SHARED, Scene, WEST, lane_key, tax_no,
        well,
    },
};
use crate::ports::desk::{Note, Scope};
use domain::{ids::LaneId, kind::Kind, schedule::Hindrance};

fn sorted(mut lanes: Vec<LaneId>) -> Vec<LaneId> {
    lanes.sort_unstable();
    lanes
}

async fn is_open(scene: &Scene, account: &str) -> bool {
    scene.lane_now(account).await.paused.is_none()
}

fn bureau() -> Scope {
    Scope::Bureau(lane_key(EAST).bureau)
}

pub async fn a_bureau_is_paused_with_all_its_lanes_and_no_others(scene: &Scene) {
    let touched = well(scene.store.pause(&bureau(), &note()).await);
    let expected = [EAST, WEST, PHONE].map(|account| scene.lane(account));
    assert_eq!(sorted(touched), sorted(expected.to_vec()));
    let task = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    let hindrance = scene.hindrance(task).await;
    assert!(matches!(hindrance, Hindrance::LanePaused { .. }), "{hindrance:?}");
    scene.run(Kind::PeriodQuery, NORTH, CAPITAL).await;
    let opened = well(scene.store.resume(&bureau(), &note()).await);
    assert_eq!(sorted(opened), sorted(expected.to_vec()));
    scene.start(task).await;
}

pub async fn resuming_a_lane_does_not_resume_its_bureau(scene: &Scene) {
    well(scene.store.pause(&bureau(), &note()).await);
    well(scene.store.pause(&scope_of(EAST), &note()).await);
    well(scene.store.resume(&scope_of(EAST), &note()).await);
    assert!(!is_open(scene, EAST).await);
    well(scene.store.resume(&bureau(), &note()).await);
    assert!(is_open(scene, EAST).await);
}

pub async fn resuming_a_bureau_does_not_resume_its_lanes(scene: &Scene) {
    well(scene.store.pause(&scope_of(EAST), &note()).await);
    well(scene.store.pause(&bureau(), &note()).await);
    well(scene.store.resume(&bureau(), &note()).await);
    assert!(!is_open(scene, EAST).await);
    assert!(is_open(scene, WEST).await);
    well(scene.store.resume(&scope_of(EAST), &note()).await);
    assert!(is_open(scene, EAST).await);
}

pub async fn a_paused_tax_number_is_paused_in_all_its_lanes(scene: &Scene) {
    let east = scene.log(Kind::PeriodQuery, SHARED, EAST).await;
    let west = scene.log(Kind::PeriodQuery, SHARED, WEST).await;
    let scope = Scope::TaxNumber(tax_no(SHARED));
    let touched = well(scene.store.pause(&scope, &note()).await);
    assert_eq!(sorted(touched), sorted(vec![east.lane, west.lane]));
    for task in [east, west] {
        let hindrance = scene.hindrance(task).await;
        assert!(matches!(hindrance, Hindrance::TaxPaused { .. }), "{hindrance:?}");
    }
    scene.run(Kind::PeriodQuery, BETA, EAST).await;
    well(scene.store.resume(&scope, &note()).await);
    scene.start(west).await;
}

pub async fn a_pause_says_who_and_why(scene: &Scene) {
    let before = scene.lane_now(PHONE).await;
    let by = Note { by: "boris".into(), reason: "password change".into() };
    well(scene.store.pause(&scope_of(PHONE), &by).await);
    let lane = scene.lane_now(PHONE).await;
    assert_ne!(lane.version, before.version);
    let told = lane.paused.as_ref().expect("a note");
    assert_eq!((told.by.as_str(), told.reason.as_str()), ("boris", "password change"));
    let running = scene.log(Kind::PeriodQuery, GUARDED, PHONE).await;
    let hindrance = scene.hindrance(running).await;
    let Hindrance::LanePaused { note: told, .. } = hindrance else { panic!("{hindrance:?}") };
    assert_eq!(told.by, "boris");
}

pub async fn a_pause_lets_what_runs_end(scene: &Scene) {
    let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    well(scene.store.pause(&bureau(), &note()).await);
    scene.settled(&work, super::verdicts::done()).await;
}

pub async fn what_does_not_exist_is_not_paused(scene: &Scene) {
    let unknown = [
        scope_of("nobody"),
        Scope::TaxNumber(tax_no("91440300MA5GNOBODY")),
        Scope::Bureau("650000".parse().expect("a bureau")),
    ];
    for scope in unknown {
        assert_eq!(well(scene.store.pause(&scope, &note()).await), []);
        assert_eq!(well(scene.store.resume(&scope, &note()).await), []);
    }
}

pub async fn the_lanes_of_a_tax_number_are_known(scene: &Scene) {
    let shared = scene.tax(SHARED).await;
    let lanes = well(scene.store.lanes_for(shared).await);
    assert_eq!(sorted(lanes), sorted(vec![scene.lane(EAST), scene.lane(WEST)]));
    let direct = scene.tax(super::scene::DIRECT).await;
    let lanes = well(scene.store.lanes_for(direct).await);
    assert_eq!(lanes, [scene.lane(super::scene::LEQI)]);
}
