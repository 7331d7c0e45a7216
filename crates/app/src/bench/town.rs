//! Who exists in a benchmark, and what is to be done for them: the same at every run.

use domain::{
    bureau::{BureauCode, LaneKey},
    world::{Served, World, WorldAccount, WorldInvoice, WorldTaxpayer},
};
use serde_json::json;
use uuid::Uuid;

/// Kinds of ten tasks in a row of one tax number: 60 % selections, 20 % downloads, 10 % issuing,
/// 10 % filing.
const KINDS: [&str; 10] = [
    "deduction_select",
    "deduction_select",
    "invoice_download",
    "deduction_select",
    "invoice_issuing",
    "deduction_select",
    "invoice_download",
    "deduction_select",
    "tax_filing",
    "deduction_select",
];
/// Invoices of one selection.
const INVOICES: usize = 2;
/// Any day before today.
const DAY: &str = "2025-10-02";
/// 深圳, where all of them are.
const BUREAU: &str = "440300";

/// How the tasks of different tax numbers stand in the order of publishing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Arrangement {
    /// One task of each tax number, then the next of each.
    RoundRobin,
    /// All tasks of a tax number, then all of the next.
    InARow,
}

/// The size of a benchmark.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) tasks: usize,
    pub(super) lanes: usize,
    pub(super) tax_numbers: usize,
}

/// A task as it is published.
#[derive(Debug, Clone)]
pub(super) struct BenchTask {
    pub(super) id: Uuid,
    pub(super) lane: LaneKey,
    pub(super) body: String,
    pub(super) invoices: usize,
}

pub(super) fn tax_no(n: usize) -> String {
    format!("91440300MB{n:08}")
}

pub(super) fn lane(n: usize) -> LaneKey {
    let account = format!("139{n:08}");
    LaneKey { bureau: bureau(), account: account.parse().expect("digits are an account") }
}

pub(super) fn bureau() -> BureauCode {
    BUREAU.parse().expect("深圳 is a bureau")
}

/// A general taxpayer of this channel.
pub(super) fn taxpayer(n: usize, channel: &str) -> WorldTaxpayer {
    WorldTaxpayer {
        tax_no: tax_no(n).parse().expect("letters and digits are a tax number"),
        name: String::new(),
        kind: Default::default(),
        channel: channel.to_owned(),
        leqi_mode: Default::default(),
        bureau: bureau(),
        tax_org: String::new(),
    }
}

/// An account that is on line and serves these tax numbers.
pub(super) fn account(n: usize, serves: impl Iterator<Item = usize>) -> WorldAccount {
    let LaneKey { bureau, account } = lane(n);
    let served = |n| {
        serde_json::from_value::<Served>(json!({"tax_no": tax_no(n)}))
            .expect("a tax number is enough to be served")
    };
    let serves = serves.map(served).collect();
    WorldAccount { bureau, account, login: Default::default(), online: true, serves }
}

impl Size {
    /// The lanes of a tax number: one, or for one in ten two.
    fn lanes_of(&self, tax: usize) -> [usize; 2] {
        let first = tax % self.lanes;
        if tax.is_multiple_of(10) { [first, (first + 1) % self.lanes] } else { [first, first] }
    }

    fn tasks_of_each(&self) -> usize {
        self.tasks.div_ceil(self.tax_numbers)
    }

    /// Taxpayers and accounts, without invoices.
    pub(super) fn people(&self) -> World {
        let mut served = vec![Vec::new(); self.lanes];
        for tax in 0..self.tax_numbers {
            let [first, second] = self.lanes_of(tax);
            served[first].push(tax);
            if second != first {
                served[second].push(tax);
            }
        }
        World {
            taxpayers: (0..self.tax_numbers).map(|n| taxpayer(n, "etax")).collect(),
            accounts: served
                .into_iter()
                .enumerate()
                .map(|(n, served)| account(n, served.into_iter()))
                .collect(),
            ..World::default()
        }
    }

    /// The tasks in the order of publishing. `id` gives their ids.
    pub(super) fn work(&self, order: Arrangement, mut id: impl FnMut() -> Uuid) -> Vec<BenchTask> {
        let each = self.tasks_of_each();
        let all = each * self.tax_numbers;
        let place = |n: usize| match order {
            Arrangement::RoundRobin => (n % self.tax_numbers, n / self.tax_numbers),
            Arrangement::InARow => (n / each, n % each),
        };
        let places = (0..all).map(place);
        places.take(self.tasks).map(|(tax, k)| self.task(tax, k, id())).collect()
    }

    fn task(&self, tax: usize, k: usize, id: Uuid) -> BenchTask {
        let kind = KINDS[k % KINDS.len()];
        let lane = lane(self.lanes_of(tax)[k % 2]);
        let invoices = if kind == "deduction_select" { INVOICES } else { 0 };
        let named: Vec<_> = (0..invoices)
            .map(|n| {
                json!({
                    "invoice_type": "27", "invoice_code": "", "invoice_no": invoice_no(tax, k, n),
                    "invoice_date": DAY, "amount": "235.64", "tax": "2.36",
                    "effective_tax": "2.36",
                })
            })
            .collect();
        let body = json!({
            "task_id": id, "kind": kind, "tax_no": tax_no(tax), "bureau": BUREAU,
            "account": lane.account.as_str(), "submitted_by": "bench", "invoices": named,
            "parameters": {},
        });
        BenchTask { id, lane, body: body.to_string(), invoices }
    }

    /// The invoices that the tasks select, as the pool has them.
    pub(super) fn invoices(&self) -> impl Iterator<Item = WorldInvoice> + '_ {
        let each = self.tasks_of_each();
        let selections = (0..self.tax_numbers).flat_map(move |tax| {
            let ks = (0..each).filter(|k| KINDS[k % KINDS.len()] == "deduction_select");
            ks.flat_map(move |k| (0..INVOICES).map(move |n| (tax, k, n)))
        });
        selections.map(|(tax, k, n)| {
            serde_json::from_value(json!({
                "buyer_tax_no": tax_no(tax), "invoice_type": "27",
                "invoice_no": invoice_no(tax, k, n), "invoice_date": DAY,
                "amount": "235.64", "tax": "2.36",
            }))
            .expect("an invoice of the world file")
        })
    }
}

fn invoice_no(tax: usize, k: usize, n: usize) -> String {
    format!("2444{tax:08}{k:06}{n:02}")
}

#[cfg(test)]
mod tests {
    use super::{Arrangement, Size};
    use domain::task::TaskMessage;
    use std::collections::BTreeMap;
    use uuid::Uuid;

    fn one_id() -> Uuid {
        Uuid::from_u128(1)
    }

    const SIZE: Size = Size { tasks: 1_000, lanes: 10, tax_numbers: 50 };

    #[test]
    fn the_work_is_mixed_as_said_and_every_message_is_well_formed() {
        let mut kinds = BTreeMap::new();
        for task in SIZE.work(Arrangement::RoundRobin, one_id) {
            let message = TaskMessage::parse(task.body.as_bytes()).expect("well formed");
            assert_eq!(message.invoices.len(), task.invoices);
            *kinds.entry(message.kind.name()).or_insert(0) += 1;
        }
        let expected = [
            ("deduction_select", 600),
            ("invoice_download", 200),
            ("invoice_issuing", 100),
            ("tax_filing", 100),
        ];
        assert_eq!(kinds, BTreeMap::from(expected));
    }

    #[test]
    fn both_arrangements_are_the_same_work_in_another_order() {
        let bodies = |order| {
            let mut bodies: Vec<String> =
                SIZE.work(order, one_id).into_iter().map(|task| task.body).collect();
            let first = bodies[..2].to_vec();
            bodies.sort();
            (first, bodies)
        };
        let (round, all_round) = bodies(Arrangement::RoundRobin);
        let (row, all_row) = bodies(Arrangement::InARow);
        assert_eq!(all_round, all_row);
        assert_ne!(round, row);
    }

    #[test]
    fn every_selected_invoice_is_in_the_pool_once() {
        let pool: Vec<String> = SIZE.invoices().map(|invoice| invoice.invoice_no).collect();
        let mut selected = Vec::new();
        for task in SIZE.work(Arrangement::InARow, one_id) {
            let message = TaskMessage::parse(task.body.as_bytes()).expect("well formed");
            selected.extend(message.invoices.into_iter().map(|invoice| invoice.key.number));
        }
        selected.sort();
        let mut sorted = pool.clone();
        sorted.sort();
        assert_eq!(sorted, selected);
        sorted.dedup();
        assert_eq!(sorted.len(), pool.len());
    }
}
