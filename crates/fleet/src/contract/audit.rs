//! Who did what, and why.

use super::{
    claim::{note, scope_of},
    scene::{ALPHA, EAST, PHONE, Scene, lane_key, seconds, well},
    verdicts::seen,
};
use crate::ports::{
    desk::{Note, Scope},
    roster::SessionReport,
};
use domain::kind::Kind;

/// Action and subject of the newest lines, oldest of them first; all are of this note.
async fn audited(scene: &Scene, lines: usize, note: &Note) -> Vec<(String, String)> {
    let mut newest = well(scene.store.audited(lines).await);
    newest.reverse();
    assert!(newest.iter().all(|line| line.note == *note), "{newest:?}");
    assert!(newest.is_sorted_by_key(|line| line.at));
    newest.into_iter().map(|line| (line.action, line.subject)).collect()
}

fn expected<const N: usize>(lines: [(&str, String); N]) -> Vec<(String, String)> {
    lines.into_iter().map(|(action, subject)| (action.to_owned(), subject)).collect()
}

pub async fn what_operators_do_is_written_down(scene: &Scene) {
    assert_eq!(well(scene.store.audited(10).await), []);
    let bureau = Scope::Bureau(lane_key(EAST).bureau);
    let task = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    well(scene.store.pause(&bureau, &note()).await);
    well(scene.store.resume(&scope_of(EAST), &note()).await);
    well(scene.store.cancel(&[task.id], &note()).await);
    let lane = format!("lane {}", lane_key(EAST));
    let all = expected([
        ("pause", format!("bureau {}", lane_key(EAST).bureau)),
        ("resume", lane),
        ("cancel", task.id.to_string()),
    ]);
    assert_eq!(audited(scene, 10, &note()).await, all);
    assert_eq!(audited(scene, 1, &note()).await, all[2..], "the newest");
}

pub async fn a_session_is_written_down_when_somebody_told_of_it_and_it_counted(scene: &Scene) {
    let told = |online, seen_at| SessionReport {
        note: Some(note()),
        ..seen(lane_key(PHONE), online, seen_at)
    };
    let first = scene.now().await;
    assert!(well(scene.store.session_changed(&told(false, first)).await).counted);
    scene.advance(seconds(10)).await;
    let second = scene.now().await;
    assert!(well(scene.store.session_changed(&told(true, second)).await).counted);
    let late = told(false, second - seconds(5));
    assert!(!well(scene.store.session_changed(&late).await).counted);
    // A worker's own report is no act of the desk's.
    scene.advance(seconds(10)).await;
    let own = seen(lane_key(PHONE), false, scene.now().await);
    assert!(well(scene.store.session_changed(&own).await).counted);
    let lane = || format!("lane {}", lane_key(PHONE));
    let lines = expected([("logout", lane()), ("login", lane())]);
    assert_eq!(audited(scene, 10, &note()).await, lines);
}
