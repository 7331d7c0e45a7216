//! A world of some accounts and tax numbers, and tasks by number.

use domain::{
    bureau::LaneKey,
    ids::{LaneId, TaskId, TaxId},
    kind::Kind,
    task::{TaskMessage, body_hash},
    taxpayer::ChannelKind,
    world::World,
};
use fleet::ports::{
    log::{Fate, NewTask},
    roster::Roster,
};
use std::sync::Arc;
use store::sqlite::SqliteStore;
use uuid::Uuid;

/// How large the world is; every tax number is served by one account.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) accounts: usize,
    pub(crate) tax_numbers: usize,
}

pub(crate) const SMALL: Size = Size { accounts: 2, tax_numbers: 200 };

pub(crate) struct Stage {
    /// Each tax number with its lane.
    pub(crate) seats: Vec<(String, TaxId, LaneId, LaneKey)>,
}

fn tax_no(n: usize) -> String {
    format!("91440300MA5G{n:06}")
}

fn account(n: usize, size: Size) -> String {
    format!("a{}", n % size.accounts)
}

fn world(size: Size) -> World {
    let payers: Vec<_> = (0..size.tax_numbers)
        .map(|n| serde_json::json!({"tax_no": tax_no(n), "bureau": "440300"}))
        .collect();
    let accounts = (0..size.accounts).map(|one| {
        let mine = (one..size.tax_numbers).step_by(size.accounts);
        let serves: Vec<_> = mine.map(|n| serde_json::json!({"tax_no": tax_no(n)})).collect();
        serde_json::json!({
            "bureau": "440300", "account": account(one, size), "online": true, "serves": serves,
        })
    });
    let accounts: Vec<_> = accounts.collect();
    let file = serde_json::json!({"taxpayers": payers, "accounts": accounts});
    World::parse(file.to_string().as_bytes()).expect("a sound world")
}

/// Imports the world.
pub(crate) async fn set(store: &SqliteStore, size: Size) -> Stage {
    store.import(&world(size), 8).await.expect("imported");
    let numbers: Vec<_> =
        (0..size.tax_numbers).map(|n| tax_no(n).parse().expect("a tax number")).collect();
    let payers = store.taxpayers(&numbers).await.expect("taxpayers");
    let mut seats = Vec::new();
    for (n, payer) in payers.into_iter().enumerate() {
        let payer = payer.expect("imported");
        let key = LaneKey {
            bureau: payer.bureau,
            account: account(n, size).parse().expect("an account"),
        };
        let lane = store.lanes_of(std::slice::from_ref(&key)).await.expect("lanes")[0];
        seats.push((tax_no(n), payer.id, lane.expect("a lane"), key));
    }
    Stage { seats }
}

pub(crate) fn id(n: u64) -> TaskId {
    TaskId(Uuid::from_u64_pair(0x0193_f3a2_7c1e_7000, 0x8000_0000_0000_0000 | n))
}

impl Stage {
    /// The task with this number: its id, tax number and kind follow from it.
    pub(crate) fn task(&self, n: u64) -> NewTask {
        let seat = usize::try_from(n).expect("small") % self.seats.len();
        let (tax_no, tax, lane, key) = &self.seats[seat];
        let kind = match n % 10 {
            0 => Kind::TaxFiling,
            1 => Kind::InvoiceIssuing,
            2..8 => Kind::PeriodQuery,
            _ => Kind::InvoiceDownload,
        };
        let body = serde_json::json!({"task_id": id(n), "kind": kind, "tax_no": tax_no});
        let body = body.to_string();
        NewTask {
            message: Arc::new(TaskMessage::parse(body.as_bytes()).expect("a message")),
            body_hash: body_hash(body.as_bytes()),
            body: body.into(),
            traceparent: None,
            lane: Some(key.clone()),
            channel: Some(ChannelKind::Etax),
            fate: Fate::Queue { lane: *lane, tax: *tax, run_at: None },
        }
    }

    pub(crate) fn tasks(&self, numbers: std::ops::Range<u64>) -> Vec<NewTask> {
        numbers.map(|n| self.task(n)).collect()
    }
}
