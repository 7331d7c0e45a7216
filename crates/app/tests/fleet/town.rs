//! Who exists in a test: taxpayers, accounts and invoices, and how their bureau behaves.

use domain::{bureau::LaneKey, world::World};
use serde_json::{Value, json};

/// Any day before today: invoices may not be from the future.
const DAY: &str = "2025-10-02";

/// A world that grows.
#[derive(Debug)]
pub(crate) struct Town {
    taxpayers: Vec<Value>,
    accounts: Vec<Value>,
    invoices: Vec<Value>,
    statistics: Vec<Value>,
    bureau: Value,
}

impl Town {
    /// Nobody yet; a bureau that is quick and counts no switches.
    pub(crate) fn new() -> Town {
        Town {
            taxpayers: Vec::new(),
            accounts: Vec::new(),
            invoices: Vec::new(),
            statistics: Vec::new(),
            bureau: json!({
                "latency_ms": [0, 4],
                "outcome_ms": [5, 40],
                "switch": {"per_hour": null, "per_day": null},
            }),
        }
    }

    /// How long an outcome takes, in milliseconds.
    pub(crate) fn outcomes_take(&mut self, least: u64, most: u64) {
        self.bureau["outcome_ms"] = json!([least, most]);
    }

    pub(crate) fn faults(&mut self, faults: Value) {
        self.bureau["faults"] = faults;
    }

    /// A general taxpayer of 深圳 on this channel; its tax number.
    pub(crate) fn taxpayer(&mut self, channel: &str) -> String {
        let tax_no = format!("91440300MA{:08}", self.taxpayers.len());
        self.taxpayers.push(json!({"tax_no": tax_no, "channel": channel, "bureau": "440300"}));
        tax_no
    }

    /// An account that is on line and logs in by itself.
    pub(crate) fn account(&mut self, serves: &[&str]) -> LaneKey {
        self.account_that(json!({"login": "auto", "online": true}), serves)
    }

    /// An account that is off line, and that only a person can log in.
    pub(crate) fn manual_account(&mut self, serves: &[&str]) -> LaneKey {
        self.account_that(json!({"login": "manual", "online": false}), serves)
    }

    fn account_that(&mut self, mut account: Value, serves: &[&str]) -> LaneKey {
        let name = format!("1380{:07}", self.accounts.len());
        let served = |tax_no: &&str| json!({"tax_no": tax_no});
        account["bureau"] = "440300".into();
        account["account"] = name.clone().into();
        account["serves"] = serves.iter().map(served).collect();
        self.accounts.push(account);
        lane(&name)
    }

    /// An invoice of this buyer that may be selected, as messages name it.
    pub(crate) fn invoice(&mut self, buyer: &str) -> Value {
        let mut invoice = json!({
            "invoice_type": "27",
            "invoice_no": format!("2444{:016}", self.invoices.len()),
            "invoice_date": DAY,
            "amount": "100.00",
            "tax": "13.00",
        });
        let named = invoice.clone();
        invoice["buyer_tax_no"] = buyer.into();
        self.invoices.push(invoice);
        named
    }

    /// The invoice with this number was reversed.
    pub(crate) fn spoil(&mut self, number: &Value) {
        let of = self.invoices.iter_mut().find(|invoice| invoice["invoice_no"] == *number);
        of.expect("the town has it")["status"] = "reversed".into();
    }

    /// The taxpayer is small-scale.
    pub(crate) fn shrink(&mut self, tax_no: &str) {
        let of = self.taxpayers.iter_mut().find(|payer| payer["tax_no"] == tax_no);
        of.expect("the town has it")["kind"] = "small_scale".into();
    }

    /// An invoice of this buyer of which more is said.
    pub(crate) fn invoice_with(&mut self, buyer: &str, facts: Value) {
        self.invoice(buyer);
        let invoice = self.invoices.last_mut().and_then(Value::as_object_mut);
        let facts = facts.as_object().cloned().unwrap_or_default();
        invoice.expect("it was made").extend(facts);
    }

    /// How long an answer takes, in milliseconds.
    pub(crate) fn latency(&mut self, least: u64, most: u64) {
        self.bureau["latency_ms"] = json!([least, most]);
    }

    /// The state of a statistic table; without a period, of this month's.
    pub(crate) fn statistic(&mut self, tax_no: &str, state: &str) {
        self.statistics.push(json!({"tax_no": tax_no, "state": state}));
    }

    /// The world file.
    pub(crate) fn file(&self) -> String {
        json!({
            "taxpayers": self.taxpayers,
            "accounts": self.accounts,
            "invoices": self.invoices,
            "statistics": self.statistics,
            "bureau": self.bureau,
        })
        .to_string()
    }

    /// The same, read.
    pub(crate) fn world(&self) -> World {
        World::parse(self.file().as_bytes()).expect("the town is a world")
    }
}

/// The lane of an account of 深圳.
pub(crate) fn lane(account: &str) -> LaneKey {
    LaneKey {
        bureau: "440300".parse().expect("a bureau"),
        account: account.parse().expect("an account"),
    }
}
