//! Kinds that few accountants use: passenger transport, rebates, agricultural produce. They take the
//! same way as a selection.

use crate::{
    stage::{Stage, Task},
    town::Town,
};
use serde_json::json;

const KINDS: [&str; 10] = [
    "rebate_select",
    // The pool refuses it before the rebate is selected.
    "rebate_deselect",
    "passenger_transport",
    "passenger_transport_undo",
    "rebate_statistic_confirm",
    "agricultural_own",
    "agricultural_not_own",
    "agricultural_part_own",
    "agricultural_face_amount",
    "agricultural_face_tax",
];

#[tokio::test]
async fn they_are_checked_submitted_and_settled_as_a_selection_is() {
    let mut town = Town::new();
    let (general, small) = (town.taxpayer("etax"), town.taxpayer("etax"));
    town.shrink(&small);
    let lane = town.account(&[&general, &small]);
    let invoice = town.invoice(&general);
    let stage = Stage::open(&town).await;
    let _worker = stage.worker(&[]);
    let tasks = |tax_no: &str| -> Vec<Task> {
        let of = |kind: &&str| {
            let task = Task::new(kind, tax_no, &[&invoice]).to(&lane);
            // What nobody told us the shape of goes to the robots as it came.
            task.with("parameters", json!({"share": "0.5"}))
        };
        KINDS.iter().map(of).collect()
    };
    let (done, refused) = (tasks(&general), tasks(&small));
    stage.publish(&[&done[..1], &refused].concat()).await;
    stage.until_all_ended(1 + KINDS.len()).await;
    stage.publish(&done[1..]).await;
    stage.until_all_ended(2 * KINDS.len()).await;

    for (kind, task) in KINDS.iter().zip(&done) {
        let row = stage.row(task).await;
        assert_eq!(
            (row.state.as_str(), row.shown.as_str()),
            ("done", "处理成功"),
            "{kind}: {row:?}"
        );
    }
    for (kind, task) in KINDS.iter().zip(&refused) {
        let row = stage.row(task).await;
        assert_eq!(row.state, "refused", "{kind}: {row:?}");
        assert!(row.reason.starts_with("小规模纳税人不支持抵扣类勾选"), "{kind}: {row:?}");
    }
    let submits = stage.bureau.log().into_iter().filter(|entry| entry.op == "submit");
    assert_eq!(submits.count(), KINDS.len(), "once each, and nothing of the small-scale one");
    let referee = stage.bureau.referee();
    assert_eq!((referee.duplicate_submissions, referee.tax_number_overlaps), (0, 0), "{referee:?}");
    let pool = "SELECT selection || coalesce(purpose, '') FROM invoice";
    assert_eq!(stage.value(pool).await, "unselected", "the rebate was taken back");
}

/// Nothing of the bureau's tells whether one of these took effect.
#[tokio::test]
async fn one_whose_answer_is_lost_is_left_to_a_person() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("etax");
    let lane = town.account(&[&tax_no]);
    let invoice = town.invoice(&tax_no);
    town.faults(json!({"lost_answer": {"at": [1], "kind": "agricultural_own"}}));
    let stage = Stage::open(&town).await;
    let _worker = stage.worker(&[]);
    let lost = Task::new("agricultural_own", &tax_no, &[&invoice]).to(&lane);
    let next = Task::new("rebate_select", &tax_no, &[&invoice]).to(&lane);
    stage.publish(&[lost.clone(), next.clone()]).await;
    stage.until_all_ended(2).await;
    let row = stage.row(&lost).await;
    assert!(row.unknown && row.reason.contains("需人工"), "{row:?}");
    assert_eq!(stage.row(&next).await.state, "done", "the tax number goes on");
    let purpose = "SELECT selection || coalesce(purpose, '') FROM invoice";
    assert_eq!(stage.value(purpose).await, "selectedrebate");
}
