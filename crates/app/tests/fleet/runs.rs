//! Confirmation runs: two people, the figures between them, and the bureau at the end.

use crate::{
    process::{run, succeed},
    secrets,
    stage::{Stage, Task, look_until},
    tables::{done, table, this_period, turn_the_month},
    town::Town,
};
use domain::bureau::LaneKey;
use serde_json::{Value, json};

/// A tax number whose two invoices are to be selected.
struct Payer {
    tax_no: String,
    lane: LaneKey,
    invoices: [Value; 2],
}

impl Payer {
    fn of(town: &mut Town) -> Payer {
        let tax_no = town.taxpayer("etax");
        let lane = town.account(&[&tax_no]);
        let invoices = [town.invoice(&tax_no), town.invoice(&tax_no)];
        Payer { tax_no, lane, invoices }
    }

    async fn select(&self, stage: &Stage) {
        let [one, other] = &self.invoices;
        let select = Task::new("deduction_select", &self.tax_no, &[one, other]).to(&self.lane);
        assert_eq!(done(stage, &select).await, ("done".to_owned(), String::new()));
    }

    /// The bureau loses a selection, and nobody is told.
    fn lose_one(&self, stage: &Stage) {
        let undone = json!({"invoice": {"invoice_no": self.invoices[0]["invoice_no"],
            "undo": true}});
        stage.bureau.control(&undone).expect("the bureau follows");
    }
}

/// `gouxuan run …` against this process.
async fn of_run(address: &str, arguments: &[&str]) -> String {
    succeed(&[&["run"], arguments, &["--listen", address]].concat()).await
}

/// The same, which must be refused with this sentence.
async fn refused(address: &str, arguments: &[&str], sentence: &str) {
    let output = run(&[&["run"], arguments, &["--listen", address]].concat()).await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains(sentence), "{said}");
}

async fn part(address: &str, tax_no: &str) -> Value {
    let said = of_run(address, &["parts", "nov", "--json"]).await;
    let parts = said.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    parts.into_iter().find(|part| part["tax_no"] == tax_no).expect("it is a part of the run")
}

/// Goes on until the part stands there.
async fn until(address: &str, tax_no: &str, state: &str) {
    look_until(&format!("{tax_no} is {state}"), async || {
        of_run(address, &["go-on", "nov"]).await;
        part(address, tax_no).await["state"] == state
    })
    .await;
}

#[tokio::test]
async fn a_run_is_confirmed_at_the_bureau_once_a_second_person_has_approved() {
    let mut town = Town::new();
    let (even, odd) = (Payer::of(&mut town), Payer::of(&mut town));
    let stage = Stage::open(&town).await;
    let (_worker, address) = stage.console(&[secrets::KEY]).await;
    secrets::set(&address).await;
    even.select(&stage).await;
    odd.select(&stage).await;
    odd.lose_one(&stage);
    turn_the_month(&stage);

    let period = this_period();
    let ask = ["ask", "--id", "nov", "--period", &period, &even.tax_no, &odd.tax_no];
    let ask = [&ask[..], &["--password-ref", "confirm", "--by", "Wang"]].concat();
    for _ in 0..2 {
        of_run(&address, &ask).await;
    }
    until(&address, &even.tax_no, "ready").await;
    until(&address, &odd.tax_no, "differs").await;
    let less = &part(&address, &odd.tax_no).await["differences"][0]["deducted"];
    assert_eq!(*less, json!({"count": -1, "amount": "-100.00", "tax": "-13.00"}));

    refused(&address, &["approve", "nov", "--by", " wang"], "approving takes a second person")
        .await;
    refused(&address, &["approve", "nov", &odd.tax_no, "--by", "Li"], "is not ready").await;
    of_run(&address, &["approve", "nov", "--by", "Li"]).await;
    until(&address, &even.tax_no, "confirmed").await;
    assert_eq!(part(&address, &odd.tax_no).await["state"], "differs", "it waits for a person");

    let accept = ["accept", "nov", &odd.tax_no, "--by", "Wang", "--reason", "another site"];
    of_run(&address, &accept).await;
    of_run(&address, &["approve", "nov", &odd.tax_no, "--by", "Li"]).await;
    until(&address, &odd.tax_no, "confirmed").await;

    for payer in [&even, &odd] {
        let query = Task::new("statistic_query", &payer.tax_no, &[])
            .to(&payer.lane)
            .with("tax_period", period.clone());
        assert_eq!(done(&stage, &query).await, ("done".to_owned(), String::new()));
        assert_eq!(table(&stage, &payer.tax_no).await, "confirmed", "the bureau says so");
    }
    let kinds = "SELECT string_agg(kind || ' ' || n, ', ' ORDER BY kind) FROM \
                 (SELECT kind, count(*) AS n FROM task_log WHERE kind LIKE 'statistic_c%' \
                  GROUP BY kind) k";
    assert_eq!(stage.value(kinds).await, "statistic_confirm 2, statistic_create 2");
    let signed = "SELECT count(*) FROM task_body WHERE body LIKE '%\"password_ref\":\"confirm\"%'";
    assert_eq!(stage.value(signed).await, "2");
}

#[tokio::test]
async fn an_approval_is_void_when_the_figures_change_before_the_confirmation() {
    let mut town = Town::new();
    let payer = Payer::of(&mut town);
    let stage = Stage::open(&town).await;
    let (_worker, address) = stage.console(&[]).await;
    payer.select(&stage).await;
    turn_the_month(&stage);
    let period = this_period();
    let ask = ["ask", "--id", "nov", "--period", &period, &payer.tax_no, "--by", "Wang"];
    of_run(&address, &ask).await;
    until(&address, &payer.tax_no, "ready").await;

    let gate = ["--tax-no", &payer.tax_no, "--by", "ops", "--reason", "test", "--listen", &address];
    succeed(&[&["lane", "pause"], &gate[..]].concat()).await;
    of_run(&address, &["approve", "nov", "--by", "Li"]).await;
    payer.lose_one(&stage);
    succeed(&[&["lane", "resume"], &gate[..]].concat()).await;
    until(&address, &payer.tax_no, "differs").await;
    let void = part(&address, &payer.tax_no).await;
    assert_eq!(void["approved"], Value::Null);
    let sentence = void["sentence"].as_str().expect("a sentence");
    assert!(sentence.contains("审批已失效"), "{sentence}");
    let confirmed = "SELECT count(*) FROM task_log WHERE kind = 'statistic_confirm'";
    assert_eq!(stage.value(confirmed).await, "0");
}
