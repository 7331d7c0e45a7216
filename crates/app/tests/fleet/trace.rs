//! The publisher's trace reaches the bureau and whoever hears of the result.

use crate::{
    stage::{Stage, Task},
    town::Town,
};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

#[tokio::test]
async fn every_call_to_a_channel_carries_the_trace_of_its_publisher() {
    let mut town = Town::new();
    let (etax, leqi) = (town.taxpayer("etax"), town.taxpayer("leqi"));
    let lane = town.account(&[&etax]);
    let invoices = [town.invoice(&etax), town.invoice(&leqi)];
    let stage = Stage::open(&town).await;
    stage.bind(bus::topology::EVENTS, "task.#", "upstream").await;
    // Spans of its own, though nobody takes them: the trace is the publisher's all the same.
    let _worker = stage.worker(&["telemetry.otlp_endpoint=http://127.0.0.1:1/v1/traces"]);
    let traceparent = format!("00-{TRACE}-b7ad6b7169203331-01");
    let tasks = [
        Task::new("deduction_select", &etax, &[&invoices[0]]).to(&lane).traced(&traceparent),
        Task::new("deduction_select", &leqi, &[&invoices[1]]).traced(&traceparent),
    ];
    stage.publish(&tasks).await;
    stage.until_all_ended(2).await;

    let calls = stage.bureau.log();
    for task in &tasks {
        assert_eq!(stage.row(task).await.state, "done");
        let own = calls.iter().filter(|call| call.task_id == task.id.to_string());
        let carried: Vec<_> = own.map(|call| (call.op, call.traceparent.as_deref())).collect();
        assert!(carried.iter().any(|(op, _)| *op == "submit"), "{carried:?}");
        let of_the_trace = |text: &str| text.starts_with(&format!("00-{TRACE}-"));
        let all = carried.iter().all(|(_, sent)| sent.is_some_and(of_the_trace));
        assert!(all, "{carried:?}");
    }
    // Of the use query too, which 乐企's selection has brought.
    for event in stage.take("upstream", 3).await {
        let carried = event.json()["traceparent"].as_str().unwrap_or_default().to_owned();
        assert!(carried.starts_with(&format!("00-{TRACE}-")), "{carried}");
        assert_eq!(event.properties["headers"]["traceparent"], carried);
    }
}
