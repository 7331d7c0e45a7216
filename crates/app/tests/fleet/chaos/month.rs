//! An accountant's month over 10,000 invoices of ten tax numbers, on both channels, with faults.
//!
//! What is set, and why: tasks of 500 invoices, the most that there may be, so that the month is some
//! hundred tasks; answers in 0 to 2 ms, because 乐企 is asked for the use of one invoice a call; three
//! tax numbers of ten are on 乐企, for the same reason; switches are not counted.

use super::truth;
use crate::{
    process::{Worker, succeed},
    secrets,
    stage::Stage,
    tables::{this_period, turn_the_month},
    town::Town,
};
use serde_json::{Value, json};
use std::io::Write;
use tokio::time::Instant;

/// Tax numbers on 电子税局, then those on 乐企.
const ETAX: usize = 7;
const LEQI: usize = 3;
/// Invoices of each tax number: so many to be deducted, and so many not.
const DEDUCTED: usize = 800;
const NOT_DEDUCTED: usize = 200;
/// Each so-many-th of those to be deducted is refused by the bureau (03).
const ONE_REFUSED_OF: usize = 50;
const REFUSED: usize = (ETAX + LEQI) * DEDUCTED / ONE_REFUSED_OF;
/// Selections that are undone at the bureau, of one tax number on each channel.
const UNDONE: usize = 5;
const SETTINGS: [&str; 4] = ["batch.size=500", "lease_s=4", "leqi.quiet_s=3", secrets::KEY];
const GENERATED: &str =
    "当前税款所属期统计表已生成，请撤销统计再勾选，或使用【当期抵扣勾选统计】查询更新统计。";

struct Payer {
    tax_no: String,
    deducted: Vec<Value>,
    not_deducted: Vec<Value>,
}

struct Month {
    stage: Stage,
    payers: Vec<Payer>,
    /// The one that is killed; the console's works beside it.
    worker: Worker,
    console: Worker,
    address: String,
    began: Instant,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_month_of_ten_thousand_invoices_ends_with_pool_and_ledger_as_the_bureau_has_them() {
    let mut month = Month::open().await;
    month.select_in_a_storm().await;
    month.select_what_failed().await;
    month.find_what_was_undone().await;
    month.be_refused_by_a_table_behind_the_cache().await;
    month.create_the_tables().await;
    month.be_refused_by_the_cache().await;
    month.confirm_next_month().await;
    month.withdraw_and_deselect().await;
    month.select_again().await;
    truth::ledger_is_true(&month.stage).await;
    truth::nothing_overlapped(&month.stage).await;
    month.console.signal("TERM").await;
    assert!(month.console.ended().await.success(), "it drains: {}", month.console.log());
}

impl Month {
    async fn open() -> Month {
        let mut town = Town::new();
        town.latency(0, 2);
        let payers: Vec<Payer> = (0..ETAX + LEQI)
            .map(|n| payer(&mut town, if n < ETAX { "etax" } else { "leqi" }))
            .collect();
        let tax_numbers: Vec<&str> = payers.iter().map(|payer| payer.tax_no.as_str()).collect();
        for served in tax_numbers[..ETAX].chunks(2) {
            town.account(served);
        }
        let stage = Stage::open(&town).await;
        let worker = stage.worker(&SETTINGS);
        let (console, address) = stage.console(&SETTINGS).await;
        let began = Instant::now();
        Month { stage, payers, worker, console, address, began }
    }

    /// A batch for each purpose, while the bureau answers 06 for what nobody has selected, loses
    /// answers, refuses some invoices, and a worker is killed.
    async fn select_in_a_storm(&mut self) {
        let refused: Vec<Value> = self.refused().cloned().collect();
        for invoice in &refused {
            self.control(&json!({"invoice": {"invoice_no": invoice["invoice_no"], "cljg": "03"}}));
        }
        self.control(&json!({"faults": {
            "already_selected_storm": {"at": [2, 5, 9], "kind": "deduction_select"},
            "lost_answer": {"probability": 0.1},
            "reset": {"probability": 0.01},
        }}));
        let (deducted, not_deducted) = self.both("select");
        tokio::join!(
            self.create("deducted", &deducted),
            self.create("not deducted", &not_deducted)
        );
        self.kill_after(6).await;
        self.until_over(&["deducted", "not deducted"]).await;
        self.control(&json!({"faults": {}}));
        let used = truth::pool_is_true(&self.stage, "after the storm").await;
        let stormed = 10_000 - used["deduction"] - used["non_deduction"];
        assert!(stormed > REFUSED, "the storm took some: {used:?}");
        let succeeded =
            "SELECT count(*) FROM ledger WHERE outcome = 'succeeded' AND action = 'select'";
        let selected = (used["deduction"] + used["non_deduction"]).to_string();
        assert_eq!(self.stage.value(succeeded).await, selected, "{used:?}");
        self.tell(&format!("selected in a storm: {used:?}"));
    }

    /// Partial success stays: what the bureau refuses, it refuses again.
    async fn select_what_failed(&mut self) {
        self.asked(&["batch", "again", "deducted", "--as", "deducted again"]).await;
        self.until_over(&["deducted again"]).await;
        let used = truth::pool_is_true(&self.stage, "after the second try").await;
        assert_eq!(used["unused"], REFUSED, "{used:?}");
        for payer in &self.payers {
            assert_eq!(self.figured(&payer.tax_no).await, json!([]), "{}", payer.tax_no);
        }
        self.tell("selected what failed");
    }

    /// Undone at the bureau without a word: the figures differ, and a resync finds the invoices.
    async fn find_what_was_undone(&mut self) {
        let undone = [&self.payers[2], &self.payers[ETAX]];
        let mut lost = Vec::new();
        for payer in undone {
            for invoice in &payer.deducted[..UNDONE] {
                self.control(
                    &json!({"invoice": {"invoice_no": invoice["invoice_no"], "undo": true}}),
                );
                lost.push(invoice.clone());
            }
        }
        for payer in &self.payers {
            let differences = self.figured(&payer.tax_no).await;
            let less = differences[0]["deducted"]["count"].as_i64().unwrap_or(0);
            let mine = undone.iter().any(|one| one.tax_no == payer.tax_no);
            let expected = if mine { -(UNDONE as i64) } else { 0 };
            assert_eq!(less, expected, "{differences}");
        }
        for payer in undone {
            let of = ["invoice", "resync", "--tax-no", &payer.tax_no, "--period", &this_period()];
            self.asked(&of).await;
        }
        let read = "count(*) = 20 FROM task_log
                     WHERE kind = 'invoice_use_query' AND batch_id IS NULL AND invoices_total <= 100
                       AND finished_at IS NOT NULL";
        self.stage.until("all of two tax numbers is read anew", read).await;
        let used = truth::pool_is_true(&self.stage, "after the resync").await;
        assert_eq!(used["unused"], REFUSED + lost.len(), "{used:?}");
        self.create("found", &batch("deduction", "select", &lost)).await;
        self.until_over(&["found"]).await;
        for payer in undone {
            assert_eq!(self.figured(&payer.tax_no).await, json!([]), "{}", payer.tax_no);
        }
        self.tell("found what was undone");
    }

    /// Somebody makes the table at the bureau: our cache says otherwise, the bureau is asked.
    async fn be_refused_by_a_table_behind_the_cache(&mut self) {
        let payers = [&self.payers[0], &self.payers[ETAX + 1]];
        let some: Vec<Value> =
            payers.iter().flat_map(|payer| payer.deducted[..3].to_vec()).collect();
        for payer in payers {
            self.set_table(&payer.tax_no, "generated");
        }
        self.create("behind", &batch("deduction", "deselect", &some)).await;
        self.until_over(&["behind"]).await;
        assert_eq!(self.reasons("behind").await, [GENERATED]);
        for payer in payers {
            self.set_table(&payer.tax_no, "not_generated");
        }
        for payer in payers {
            self.operated("query", &[&payer.tax_no], &[]).await;
        }
        truth::pool_is_true(&self.stage, "after a table behind the cache").await;
        self.tell("refused by a table behind the cache");
    }

    async fn create_the_tables(&mut self) {
        let said = self.operated("create", &self.tax_numbers(), &[]).await;
        assert!(said.iter().all(|one| one == "done "), "{said:?}");
        assert_eq!(self.tables().await, "generated 10");
        self.tell("created the tables");
    }

    /// Somebody withdraws the table at the bureau: the cache refuses until it is renewed.
    async fn be_refused_by_the_cache(&mut self) {
        let payer = &self.payers[1];
        let some = payer.deducted[..3].to_vec();
        self.set_table(&payer.tax_no, "not_generated");
        let before = self.stage.bureau.referee().requests;
        self.create("refused", &batch("deduction", "deselect", &some)).await;
        self.until_over(&["refused"]).await;
        assert_eq!(self.reasons("refused").await, [GENERATED]);
        assert_eq!(self.stage.bureau.referee().requests, before, "the bureau was not asked");
        self.operated("query", &[&payer.tax_no], &[]).await;
        self.asked(&["batch", "again", "refused", "--as", "renewed"]).await;
        self.until_over(&["renewed"]).await;
        let used = truth::pool_is_true(&self.stage, "after the cache was renewed").await;
        assert_eq!(used["unused"], REFUSED + some.len(), "{used:?}");
        self.create("back", &batch("deduction", "select", &some)).await;
        self.until_over(&["back"]).await;
        self.operated("create", &[&payer.tax_no], &[]).await;
        assert_eq!(self.tables().await, "generated 10");
        self.tell("refused by the cache");
    }

    /// Signed with the stored secret on 电子税局; 乐企 takes none.
    async fn confirm_next_month(&mut self) {
        turn_the_month(&self.stage);
        secrets::set(&self.address).await;
        let tax_numbers = self.tax_numbers();
        let (etax, leqi) = tax_numbers.split_at(ETAX);
        let signed = ["--password-ref", "confirm"];
        let mut said = self.operated("confirm", etax, &signed).await;
        said.extend(self.operated("confirm", leqi, &[]).await);
        assert!(said.iter().all(|one| one == "done "), "{said:?}");
        assert_eq!(self.tables().await, "confirmed 10");
        assert_eq!(self.stage.bureau.referee().signed, ETAX as u64);
        truth::pool_is_true(&self.stage, "after the confirmation").await;
        self.tell("confirmed");
    }

    /// Each withdrawal takes the confirmation back first.
    async fn withdraw_and_deselect(&mut self) {
        let said = self.operated("withdraw", &self.tax_numbers(), &[]).await;
        assert!(said.iter().all(|one| one == "done "), "{said:?}");
        assert_eq!(self.tables().await, "not_generated 10");
        let withdrawn = "SELECT count(*) FROM submission
                          WHERE act = 'withdraw_confirmation' AND proof = 'receipt'";
        assert_eq!(self.stage.value(withdrawn).await, "10");
        // From the pool, as a person does: the refused ones are not selected.
        for (purpose, word) in [("deduction", "deduction"), ("non-deduction", "non_deduction")] {
            let id = format!("off {word}");
            let of = ["--purpose", word, "--selection", "selected", "--yes"];
            self.asked(&[&["batch", "deselect", "--for", purpose, "--id", &id], &of[..]].concat())
                .await;
        }
        self.kill_after(6).await;
        self.until_over(&["off deduction", "off non_deduction"]).await;
        let used = truth::pool_is_true(&self.stage, "after deselecting").await;
        assert_eq!(used["unused"], 10_000, "{used:?}");
        self.tell("withdrew and deselected");
    }

    async fn select_again(&mut self) {
        let (deducted, not_deducted) = self.both("select");
        tokio::join!(self.create("last", &deducted), self.create("last not", &not_deducted));
        self.until_over(&["last", "last not"]).await;
        let used = truth::pool_is_true(&self.stage, "at the end").await;
        let not_deducted = (ETAX + LEQI) * NOT_DEDUCTED;
        assert_eq!((used["unused"], used["non_deduction"]), (REFUSED, not_deducted), "{used:?}");
        self.tell("selected again");
    }

    /// The invoices that the bureau refuses.
    fn refused(&self) -> impl Iterator<Item = &Value> {
        self.payers.iter().flat_map(|payer| payer.deducted.iter().skip(7).step_by(ONE_REFUSED_OF))
    }

    /// What is asked for all invoices, by purpose.
    fn both(&self, action: &str) -> (Value, Value) {
        let all = |of: fn(&Payer) -> &Vec<Value>| -> Vec<Value> {
            self.payers.iter().flat_map(|payer| of(payer).clone()).collect()
        };
        let deducted = all(|payer| &payer.deducted);
        let not_deducted = all(|payer| &payer.not_deducted);
        (batch("deduction", action, &deducted), batch("non_deduction", action, &not_deducted))
    }

    fn tax_numbers(&self) -> Vec<&str> {
        self.payers.iter().map(|payer| payer.tax_no.as_str()).collect()
    }

    fn control(&self, orders: &Value) {
        self.stage.bureau.control(orders).expect("the bureau follows");
    }

    fn set_table(&self, tax_no: &str, state: &str) {
        let table = json!({"tax_no": tax_no, "tax_period": this_period(), "state": state});
        self.control(&json!({"statistic": table}));
    }

    async fn create(&self, id: &str, batch: &Value) {
        let mut batch = batch.clone();
        batch["batch_id"] = id.into();
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(batch.to_string().as_bytes()).expect("written");
        let path = file.path().to_str().expect("a path").to_owned();
        self.asked(&["batch", "create", &path]).await;
    }

    /// What a command prints, one object a line.
    async fn asked(&self, arguments: &[&str]) -> Vec<Value> {
        let said = succeed(&[arguments, &["--json", "--listen", &self.address]].concat()).await;
        said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// `state reason` of this operation's task for each of these tax numbers.
    async fn operated(&self, operation: &str, of: &[&str], more: &[&str]) -> Vec<String> {
        let mut ids = Vec::new();
        for tax_no in of {
            let said = self.asked(&[&["statistic", operation, tax_no], more].concat()).await;
            ids.push(format!("'{}'", said[0]["task_id"].as_str().expect("a task")));
        }
        let tasks = format!("FROM task_log WHERE task_id IN ({})", ids.join(", "));
        let over = format!("count(finished_at) = {} {tasks}", ids.len());
        self.stage.until(&format!("every {operation} ends"), &over).await;
        let said = format!("SELECT state || ' ' || reason {tasks}");
        self.stage.database.rows(&said).await.expect("the log can be read").concat()
    }

    /// The differences after the bureau was asked for its figures.
    async fn figured(&self, tax_no: &str) -> Value {
        self.operated("query", &[tax_no], &[]).await;
        let shown = self.asked(&["statistic", "show", tax_no]).await;
        let period = json!(this_period());
        let of = shown.into_iter().find(|one| one["period"] == period);
        of.expect("this month's")["differences"].clone()
    }

    /// Each state of the statistic tables with how many are in it.
    async fn tables(&self) -> String {
        let counts = "SELECT string_agg(state || ' ' || count, ', ' ORDER BY state)
                        FROM (SELECT state, count(*) FROM statistic_table GROUP BY state) t";
        self.stage.value(counts).await
    }

    async fn reasons(&self, batch: &str) -> Vec<String> {
        let said = format!("SELECT DISTINCT reason FROM task_log WHERE batch_id = '{batch}'");
        self.stage.database.rows(&said).await.expect("the log can be read").concat()
    }

    /// SIGKILL in the middle, after so many more tasks have ended; another worker comes.
    async fn kill_after(&mut self, tasks: usize) {
        let running =
            "count(*) > 0 FROM task_log WHERE finished_at IS NULL AND started_at IS NOT NULL";
        self.stage.until("a task runs", running).await;
        let ended = self.stage.value("SELECT count(finished_at) FROM task_log").await;
        let ended: usize = ended.parse().expect("a count");
        let more = format!("count(finished_at) >= {} FROM task_log", ended + tasks);
        self.stage.until("some tasks have ended", &more).await;
        self.worker.kill().await;
        let left =
            self.stage.value("SELECT count(*) FROM task_log WHERE finished_at IS NULL").await;
        assert_ne!(left, "0", "it was killed in the middle");
        self.worker = self.stage.worker(&SETTINGS);
    }

    /// These batches are over, and what followed from them.
    async fn until_over(&self, batches: &[&str]) {
        for id in batches {
            let over = format!(
                "count(*) = 1 FROM batch WHERE batch_id = '{id}' AND tasks > 0 AND ended = tasks"
            );
            self.stage.until(&format!("the batch \"{id}\" is over"), &over).await;
        }
        let over = "count(*) = 0 FROM task_log WHERE finished_at IS NULL";
        self.stage.until("what followed is over", over).await;
    }

    fn tell(&self, what: &str) {
        eprintln!("{:.1?}: {what}", self.began.elapsed());
    }
}

fn payer(town: &mut Town, channel: &str) -> Payer {
    let tax_no = town.taxpayer(channel);
    let mut invoices = |count| -> Vec<Value> {
        let one = |_| {
            let of = town.invoice(&tax_no);
            json!({"tax_no": tax_no, "invoice_no": of["invoice_no"]})
        };
        (0..count).map(one).collect()
    };
    let (deducted, not_deducted) = (invoices(DEDUCTED), invoices(NOT_DEDUCTED));
    Payer { tax_no, deducted, not_deducted }
}

fn batch(purpose: &str, action: &str, invoices: &[Value]) -> Value {
    let mut batch = json!({"purpose": purpose, "action": action, "invoices": invoices});
    if purpose == "non_deduction" && action == "select" {
        batch["reason"] = "3".into();
    }
    batch
}
