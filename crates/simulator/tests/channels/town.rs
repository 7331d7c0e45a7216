//! A small town: who exists, and how to call.

use bureau::client::{EtaxClient, EtaxSettings, LeqiClient, LeqiSettings};
use domain::{
    Moment,
    answer::{Answer, ReadBackAnswer, Receipt},
    bureau::LaneKey,
    ids::{Fence, TaskId},
    invoice::{InvoiceKey, NonDeductionReason, TaskInvoice},
    kind::Kind,
    task::Act,
    taxpayer::LeqiMode,
    world::World,
};
use fleet::ports::{
    channel::{Call, Channel, Order},
    clock::Clock,
};
use serde_json::{Value, json};
use simulator::{Options, Simulator, serve};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use uuid::Uuid;

pub(crate) const ETAX: &str = "91440300MA5G9GK78Y";
pub(crate) const OTHER: &str = "91440300MA5EXAMP11";
pub(crate) const LEQI: &str = "91440300MA5LEQ0011";
/// The invoice of the open platform's sample.
pub(crate) const SAMPLE: &str = "23442000000164214335";

/// Stands still, for the bureau and for us; `/control` moves the bureau's date.
#[derive(Debug)]
struct StillClock;

/// 2025-11-20 09:00 in Shanghai.
pub(crate) fn now() -> Moment {
    "2025-11-20T01:00:00Z".parse().expect("a moment")
}

impl Clock for StillClock {
    fn now(&self) -> Moment {
        now()
    }
}

impl simulator::Clock for StillClock {
    fn now(&self) -> Moment {
        now()
    }
}

/// The world, quick and without faults.
pub(crate) fn world() -> Value {
    let invoice = |buyer: &str, number: &str| {
        json!({"buyer_tax_no": buyer, "invoice_type": "27", "invoice_no": number,
               "invoice_date": "2023-08-16", "amount": "235.64", "tax": "2.36"})
    };
    let taxpayer = |tax_no: &str, channel: &str| json!({"tax_no": tax_no, "channel": channel, "bureau": "440300"});
    json!({
        "taxpayers": [taxpayer(ETAX, "etax"), taxpayer(OTHER, "etax"), taxpayer(LEQI, "leqi")],
        "accounts": [
            {"bureau": "440300", "account": "13800000001", "online": true,
             "serves": [{"tax_no": ETAX}, {"tax_no": OTHER}]},
            {"bureau": "440300", "account": "13800000002", "login": "manual",
             "serves": [{"tax_no": ETAX}]},
        ],
        "invoices": [
            invoice(ETAX, SAMPLE), invoice(ETAX, "24440000000000000002"),
            invoice(OTHER, "24440000000000000003"),
            invoice(LEQI, "24440000000000000011"), invoice(LEQI, "24440000000000000012"),
        ],
        "statistics": [
            {"tax_no": ETAX, "tax_period": "202511"}, {"tax_no": OTHER, "tax_period": "202511"},
            {"tax_no": LEQI, "tax_period": "202511"},
        ],
        "bureau": {"latency_ms": [0, 0], "outcome_ms": [0, 0], "seed": 7},
    })
}

/// The town with its bureau open, and both clients.
pub(crate) struct Town {
    pub(crate) bureau: Simulator,
    pub(crate) etax: EtaxClient,
    pub(crate) leqi: LeqiClient,
}

impl Town {
    pub(crate) async fn open(world: Value) -> Town {
        // Another test of this process may have installed it.
        drop(rustls::crypto::ring::default_provider().install_default());
        let world = World::parse(world.to_string().as_bytes()).expect("a readable world");
        let options = Options { seed: None, clock: Arc::new(StillClock) };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
        let bureau = serve(listener, world, options).expect("an open bureau");
        let etax = EtaxClient::new(EtaxSettings::at(bureau.url()), Arc::new(StillClock));
        let leqi = LeqiClient::new(LeqiSettings::at(bureau.url()), Arc::new(StillClock));
        let (etax, leqi) = (etax.expect("a client"), leqi.expect("a client"));
        Town { bureau, etax, leqi }
    }

    pub(crate) async fn plain() -> Town {
        Town::open(world()).await
    }

    pub(crate) async fn with_faults(faults: Value) -> Town {
        let town = Town::plain().await;
        town.control(json!({ "faults": faults }));
        town
    }

    pub(crate) fn control(&self, orders: Value) {
        self.bureau.control(&orders).expect("orders that can be followed");
    }

    /// Switches to the call's tax number, submits, and asks until there is an outcome.
    pub(crate) async fn run(&self, call: &Call, order: &Order) -> Answer {
        let channel = self.channel(call);
        assert!(matches!(channel.switch(call).await, Answer::Succeeded(_)), "no switch");
        match channel.submit(call, order).await {
            Answer::Accepted(receipt) => self.outcome(call, order, &receipt).await,
            other => other,
        }
    }

    pub(crate) async fn outcome(&self, call: &Call, order: &Order, receipt: &Receipt) -> Answer {
        let channel = self.channel(call);
        soon(|| async {
            let answer = channel.result(call, order, receipt).await;
            (answer != Answer::Running).then_some(answer)
        })
        .await
    }

    pub(crate) async fn read_back_until(
        &self,
        call: &Call,
        order: &Order,
        enough: impl Fn(&ReadBackAnswer) -> bool,
    ) -> ReadBackAnswer {
        let channel = self.channel(call);
        soon(|| async {
            let answer = channel.read_back(call, order).await;
            enough(&answer).then_some(answer)
        })
        .await
    }

    pub(crate) fn channel(&self, call: &Call) -> &dyn Channel {
        if call.lane.account.is_leqi() { &self.leqi } else { &self.etax }
    }
}

/// Asks again until there is an answer; gives up after ten seconds.
pub(crate) async fn soon<T, F: Future<Output = Option<T>>>(ask: impl Fn() -> F) -> T {
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), asking).await.expect("an answer in time")
}

/// A call of task `n` for a tax number; 乐企's for 乐企's.
pub(crate) fn call(n: u128, tax_no: &str, fence: i64) -> Call {
    let account = if tax_no == LEQI { "leqi" } else { "13800000001" };
    Call {
        task: TaskId(Uuid::from_u128(n)),
        act: Act::Submit,
        fence: Fence(fence),
        tax_no: tax_no.parse().expect("a tax number"),
        lane: LaneKey {
            bureau: "440300".parse().expect("a bureau"),
            account: account.parse().expect("an account"),
        },
        traceparent: None,
        time_limit: Duration::from_secs(20),
    }
}

pub(crate) fn key(number: &str) -> InvoiceKey {
    InvoiceKey { code: String::new(), number: number.to_owned() }
}

pub(crate) fn order(kind: Kind, invoices: &[&str]) -> Order {
    let invoice = |number: &&str| TaskInvoice {
        date: chrono::NaiveDate::from_ymd_opt(2023, 8, 16),
        non_deduction_reason: Some(NonDeductionReason::Welfare),
        ..TaskInvoice::new(key(number), "27".parse().expect("a type"))
    };
    Order {
        kind,
        leqi_mode: LeqiMode::SelfUse,
        period: Some("202511".parse().expect("a period")),
        invoices: invoices.iter().map(invoice).collect(),
        parameters: serde_json::Map::new(),
        password: None,
    }
}

/// An answer in a word, with its code and the outcomes of its lines.
pub(crate) fn said(answer: &Answer) -> String {
    let lines = |outcome: &domain::answer::Outcome| {
        let words = outcome.lines.iter().map(|line| format!(" {}", line.outcome.name()));
        let read_use = if outcome.read_use { " read_use" } else { "" };
        words.collect::<String>() + read_use
    };
    match answer {
        Answer::Accepted(_) => "accepted".into(),
        Answer::Succeeded(outcome) => format!("succeeded{}", lines(outcome)),
        Answer::Refused { code, outcome, .. } => format!("refused {code}{}", lines(outcome)),
        Answer::Faltered { .. } => "faltered".into(),
        Answer::LoggedOut { needs_person: true, .. } => "needs a person".into(),
        Answer::LoggedOut { needs_person: false, .. } => "logged out".into(),
        Answer::Throttled { scope, .. } => format!("throttled {scope:?}"),
        Answer::Unclear { .. } => "unclear".into(),
        Answer::Running => "running".into(),
        Answer::Stale => "stale".into(),
    }
}

/// One plain HTTP request, as an operator's script makes it; status line and body.
pub(crate) async fn http(town: &Town, method: &str, path: &str, body: &str) -> (String, String) {
    let mut stream = TcpStream::connect(town.bureau.address()).await.expect("a connection");
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: bureau\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    (head.lines().next().unwrap_or_default().to_owned(), body.to_owned())
}
