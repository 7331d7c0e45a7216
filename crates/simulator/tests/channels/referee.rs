use crate::town::{ETAX, LEQI, OTHER, SAMPLE, Town, call, http, order, said, world};
use domain::kind::Kind;
use fleet::ports::channel::Channel;
use serde_json::{Value, json};

#[tokio::test]
async fn counts_a_second_effect_of_one_step() {
    let town = Town::plain().await;
    let filing = order(Kind::TaxFiling, &[]);
    town.run(&call(1, ETAX, 1), &filing).await;
    town.run(&call(2, ETAX, 1), &filing).await;
    assert_eq!(town.bureau.referee().duplicate_submissions, 0);
    town.run(&call(1, ETAX, 1), &filing).await;
    assert_eq!(town.bureau.referee().duplicate_submissions, 1);
    let download = order(Kind::InvoiceDownload, &[]);
    town.run(&call(3, ETAX, 1), &download).await;
    town.run(&call(3, ETAX, 1), &download).await;
    assert_eq!(town.bureau.referee().duplicate_submissions, 1, "reading again is no effect");
}

#[tokio::test]
async fn counts_two_tasks_at_once_in_a_lane_and_on_a_tax_number() {
    let mut slow = world();
    slow["bureau"]["outcome_ms"] = json!([60_000, 60_000]);
    let town = Town::open(slow).await;
    let filing = order(Kind::TaxFiling, &[]);
    for (task, tax_no, lanes, tax_numbers) in
        [(1, ETAX, 0, 0), (1, ETAX, 0, 0), (2, OTHER, 1, 0), (3, OTHER, 2, 1)]
    {
        let call = call(task, tax_no, 1);
        assert_eq!(said(&town.etax.switch(&call).await), "succeeded");
        assert_eq!(said(&town.etax.submit(&call, &filing).await), "accepted");
        let counts = town.bureau.referee();
        assert_eq!((counts.lane_overlaps, counts.tax_number_overlaps), (lanes, tax_numbers));
    }
}

#[tokio::test]
async fn leqi_has_tax_number_overlaps_only() {
    let mut slow = world();
    slow["bureau"]["outcome_ms"] = json!([60_000, 60_000]);
    let town = Town::open(slow).await;
    let create = order(Kind::StatisticCreate, &[]);
    for task in [1, 2] {
        assert_eq!(said(&town.leqi.submit(&call(task, LEQI, 1), &create).await), "accepted");
    }
    let counts = town.bureau.referee();
    assert_eq!((counts.lane_overlaps, counts.tax_number_overlaps), (0, 1));
}

#[tokio::test]
async fn tells_over_http_what_it_saw() {
    let town = Town::plain().await;
    town.run(&call(1, ETAX, 3), &order(Kind::DeductionSelect, &[SAMPLE])).await;
    drop(town.etax.period(&call(1, ETAX, 3)).await);
    let (status, body) = http(&town, "GET", "/referee", "").await;
    assert_eq!(status, "HTTP/1.1 200 OK");
    let counts: Value = serde_json::from_str(&body).expect("JSON");
    for (name, count) in [("submissions", 1), ("statistic_queries", 1), ("switches", 1)] {
        assert_eq!(counts[name], json!(count), "{name}");
    }
    let (_, log) = http(&town, "GET", "/referee/log", "").await;
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect();
    let ops: Vec<_> = lines.iter().map(|line| line["op"].as_str().unwrap_or("")).collect();
    assert_eq!(ops, ["switch", "submit", "result", "statistic"]);
    let submit = &lines[1];
    for (name, value) in [
        ("task_id", "00000000-0000-0000-0000-000000000001"),
        ("request_id", "00000000-0000-0000-0000-000000000001.submit"),
        ("kind", "deduction_select"),
        ("tax_no", ETAX),
        ("bureau", "440300"),
        ("account", "13800000001"),
        ("answer", "accepted"),
    ] {
        assert_eq!(submit[name], json!(value), "{name}");
    }
    assert_eq!(submit["fence"], json!(3));
    let micros = |name: &str| submit[name].as_str().is_some_and(|at| at.len() == 27);
    assert!(micros("at") && micros("ended_at"), "{submit}");
}

#[tokio::test]
async fn tells_over_http_what_it_has_each_invoice_down_for() {
    let town = Town::plain().await;
    town.run(&call(1, ETAX, 3), &order(Kind::DeductionSelect, &[SAMPLE])).await;
    let (status, body) = http(&town, "GET", "/invoices", "").await;
    assert_eq!(status, "HTTP/1.1 200 OK");
    let lines: Vec<Value> =
        body.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect();
    assert_eq!(lines.len(), 5);
    let of = |number: &str| lines.iter().find(|line| line["number"] == number).expect("a line");
    let selected = json!({"tax_no": ETAX, "code": "", "number": SAMPLE, "used_for": "deduction",
                          "period": "202511"});
    assert_eq!(of(SAMPLE), &selected);
    let other = json!({"tax_no": LEQI, "code": "", "number": "24440000000000000011",
                       "used_for": "unused", "period": null});
    assert_eq!(of("24440000000000000011"), &other);
    let undone = json!({"invoice": {"invoice_no": SAMPLE, "undo": true}});
    town.bureau.control(&undone).expect("it follows");
    assert_eq!(town.bureau.invoices().len(), 5);
    assert!(town.bureau.invoices().iter().all(|one| one.period.is_none()));
}

#[tokio::test]
async fn control_does_all_or_nothing() {
    let town = Town::plain().await;
    let mixed = json!({
        "logout": {"bureau": "440300", "account": "13800000001"},
        "statistic": {"tax_no": "91440300MA5N0B0DY1", "tax_period": "202511", "state": "generated"},
    });
    let (status, body) = http(&town, "POST", "/control", &mixed.to_string()).await;
    assert_eq!(status, "HTTP/1.1 400 Bad Request");
    assert!(body.contains("91440300MA5N0B0DY1 is no taxpayer here"), "{body}");
    assert_eq!(said(&town.etax.switch(&call(1, ETAX, 1)).await), "succeeded", "still on line");
    let logout = json!({"logout": {"bureau": "440300", "account": "13800000001"}});
    let (status, _) = http(&town, "POST", "/control", &logout.to_string()).await;
    assert_eq!(status, "HTTP/1.1 200 OK");
    assert_eq!(said(&town.etax.switch(&call(1, ETAX, 1)).await), "logged out");
    let (status, body) = http(&town, "POST", "/control", r#"{"colour": 1}"#).await;
    assert_eq!(status, "HTTP/1.1 400 Bad Request");
    assert!(body.contains("colour"), "{body}");
}
