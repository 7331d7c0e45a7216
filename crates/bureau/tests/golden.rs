//! Exchanges with a bureau and what they mean to us, as files: `golden/*.txt`.
//!
//! The first line is the channel, the call and the task's kind, as in `etax submit deduction_select`
//! (behind it, other acting steps: `act=withdraw_table`). Then the exchange: `HTTP <status>` and
//! the body up to the line `----`, or `failed <how>`. Then the expected reading as text.

use bureau::reading::{Asked, Exchange, Nature, Transport, etax, leqi};
use domain::{
    Moment,
    answer::{Answer, Outcome, PeriodFacts, ReadBackAnswer},
    invoice::{InvoiceKey, Mark, TaskInvoice, ToldInvoice, ToldPage},
    kind::Kind,
    ledger::LedgerLine,
    statistic::Sum,
    task::Act,
};
use std::{fs, path::Path};

fn now() -> Moment {
    "2025-11-20T01:00:00Z".parse().expect("a moment")
}

/// The two invoices of every task here.
fn invoices() -> Vec<TaskInvoice> {
    let invoice = |number: &str| {
        let key = InvoiceKey { code: String::new(), number: number.to_owned() };
        TaskInvoice {
            date: chrono::NaiveDate::from_ymd_opt(2023, 8, 16),
            ..TaskInvoice::new(key, "27".parse().expect("a type"))
        }
    };
    vec![invoice("A1"), invoice("A2")]
}

struct Case<'a> {
    channel: &'a str,
    call: &'a str,
    kind: Kind,
    act: Act,
    exchange: Exchange,
    expected: &'a str,
}

fn parse(text: &str) -> Case<'_> {
    let (request, rest) = text.split_once('\n').expect("a request line");
    let (given, expected) = rest.split_once("----\n").expect("a line ---- before the reading");
    let mut words = request.split_whitespace();
    let mut word = || words.next().expect("channel, call and kind");
    let (channel, call, kind) = (word(), word(), word());
    let act = words.next().and_then(|word| word.strip_prefix("act=")).unwrap_or("submit");
    let (first, body) = given.split_once('\n').expect("a status line");
    let exchange = match first.split_once(' ').expect("HTTP or failed") {
        ("HTTP", status) => Exchange::Answered {
            status: status.parse().expect("a status"),
            body: body.trim_end().as_bytes().to_vec(),
        },
        (_, how) => Exchange::Failed(match how {
            "never sent" => Transport::NeverSent,
            "timed out" => Transport::TimedOut,
            "cut" => Transport::Cut,
            "too long" => Transport::TooLong,
            other => panic!("{other} is no way to fail"),
        }),
    };
    let kind = kind.parse().expect("a kind");
    let act = Act::from_name(act).expect("an act");
    Case { channel, call, kind, act, exchange, expected }
}

fn reading_of(case: &Case<'_>) -> String {
    let invoices = if case.kind.action().is_some() { invoices() } else { Vec::new() };
    let keys: Vec<_> = invoices.iter().map(|invoice| invoice.key.clone()).collect();
    let asked = Asked {
        kind: case.kind,
        act: case.act,
        period: Some("202511".parse().expect("a period")),
        invoices: &invoices,
        now: now(),
    };
    let acts = !case.act.is_the_tasks_own() || case.kind.acts_at_bureau();
    let nature = if acts { Nature::Acts } else { Nature::Reads };
    let (exchange, codes) = (&case.exchange, leqi::Codes::default());
    match (case.channel, case.call) {
        ("etax", "log_in" | "switch") => answer(&etax::session(exchange, now())),
        ("etax", "current") => match etax::current_tax_number(exchange, now()) {
            Ok(on) => format!("on {}\n", on.map_or("none".to_owned(), |tax_no| tax_no.to_string())),
            Err(other) => answer(&other),
        },
        ("etax", "period") => period(etax::period(exchange, now())),
        ("etax", "submit") => answer(&etax::outcome(exchange, nature, &asked)),
        ("etax", "result") => answer(&etax::outcome(exchange, Nature::Reads, &asked)),
        ("etax", "read_back") => read_back(&etax::read_back(exchange, &asked)),
        ("etax", "use") => answer(&etax::uses(exchange, case.kind, &keys, now())),
        ("etax", "file") => match etax::file(exchange, now()) {
            Ok(bytes) => format!("file of {} bytes\n", bytes.len()),
            Err(other) => answer(&other),
        },
        ("etax", "page") => page(etax::page(exchange, now())),
        ("leqi", "page") => page(leqi::package(exchange, &codes, now())),
        ("leqi", "period") => period(leqi::period(exchange, &codes, now())),
        ("leqi", "submit") => answer(&leqi::submission(exchange, nature, &codes, &asked)),
        ("leqi", "result") => answer(&leqi::result(exchange, &codes, &asked)),
        ("leqi", "use") => match leqi::invoice_use(exchange, &codes, now()) {
            Ok(found) => outcome(&leqi::uses(case.kind, vec![(keys[0].clone(), found)])),
            Err(other) => answer(&other),
        },
        ("leqi", "read_back") => match leqi::period(exchange, &codes, now()) {
            Ok(facts) => read_back(&leqi::read_back_period(&facts, &asked, asked.period)),
            Err(other) => answer(&other),
        },
        other => panic!("{other:?} is no call"),
    }
}

fn period(facts: Result<PeriodFacts, Answer>) -> String {
    match facts {
        Ok(facts) => format!("period {} {}\n", facts.period, facts.statistic.name()),
        Err(other) => answer(&other),
    }
}

fn answer(answer: &Answer) -> String {
    match answer {
        Answer::Accepted(receipt) => format!("accepted {}\n", receipt.0),
        Answer::Succeeded(found) => format!("succeeded\n{}", outcome(found)),
        Answer::Refused { code, sentence, outcome: found } => {
            format!("refused {code} {sentence}\n{}", outcome(found))
        }
        Answer::Faltered { sentence } => format!("faltered {sentence}\n"),
        Answer::LoggedOut { needs_person, sentence } => {
            format!("logged_out needs_person={needs_person} {sentence}\n")
        }
        Answer::Throttled { scope, until, sentence } => {
            format!("throttled {scope:?} {} {sentence}\n", until.format("%FT%TZ"))
        }
        Answer::Unclear { sentence } => format!("unclear {sentence}\n"),
        Answer::Running => "running\n".to_owned(),
        Answer::Stale => "stale\n".to_owned(),
    }
}

fn outcome(outcome: &Outcome) -> String {
    let mut text: String = outcome.lines.iter().map(line).collect();
    if let Some(state) = outcome.statistic {
        text += &format!("  statistic {}\n", state.name());
    }
    for row in outcome.figures.iter().flat_map(|figures| figures.rows()) {
        let sum = |sum: &Sum| format!("{} {} {}", sum.count, sum.amount, sum.tax);
        let (deducted, not) = (sum(&row.deducted), sum(&row.not_deducted));
        text += &format!("  type {} deducted {deducted} not {not}\n", row.invoice_type);
    }
    if let Some(period) = outcome.period {
        text += &format!("  period {period}\n");
    }
    if outcome.read_use {
        text += "  read_use\n";
    }
    let pages: Vec<&str> = outcome.pages().collect();
    if !pages.is_empty() {
        text += &format!("  pages {}\n", pages.join(" "));
    }
    for file in outcome.files() {
        text += &format!("  file {} {}\n", file.invoice, file.format.name());
    }
    for (key, read) in &outcome.uses {
        text += &format!("  {key} is used for {}", read.used_for.name());
        let period = read.period.map(|period| format!(", period {period}"));
        let status = read.status.map(|status| format!(", status {}", status.name()));
        let risk = read.risk.map(|risk| format!(", risk {}", risk.name()));
        let entry = read.entry.map(|entry| format!(", entry {}", entry.name()));
        text.extend([period, status, risk, entry].into_iter().flatten());
        text += "\n";
    }
    text
}

fn page(page: Result<ToldPage, Answer>) -> String {
    match page {
        Ok(ToldPage { invoices, unreadable }) => {
            let text: String = invoices.iter().map(told).collect();
            format!("page of {}, unreadable {unreadable}\n{text}", invoices.len())
        }
        Err(other) => answer(&other),
    }
}

fn told(told: &ToldInvoice) -> String {
    let ToldInvoice { key, invoice_type, amount, tax, .. } = told;
    let date = told.date.map_or("-".to_owned(), |date| date.to_string());
    let selection = told.used.map_or("-".to_owned(), |used| {
        let Mark { selection, period, purpose, .. } = Mark::default().after(&used);
        let period = period.map_or("-".to_owned(), |period| period.to_string());
        let purpose = purpose.map_or("-", |purpose| purpose.name());
        format!("{} {period} {purpose}", selection.name())
    });
    format!(
        "  {} {key} {invoice_type} {date} {amount} {tax} {} {:?} {:?} {:?} {:?} {selection}\n",
        told.buyer_tax_no,
        told.status.name(),
        told.risk,
        told.special_kind,
        told.seller_name,
        told.seller_tax_no,
    )
}

fn line(line: &LedgerLine) -> String {
    format!("  {} {} {}", line.invoice, line.outcome.name(), line.reason).trim_end().to_owned()
        + "\n"
}

fn read_back(answer_: &ReadBackAnswer) -> String {
    match answer_ {
        ReadBackAnswer::Found(found) => format!("found\n{}", outcome(found)),
        ReadBackAnswer::InProgress(receipt) => {
            let receipt = receipt.as_ref().map_or("without receipt", |receipt| &receipt.0);
            format!("in_progress {receipt}\n")
        }
        ReadBackAnswer::Absent => "absent\n".to_owned(),
        ReadBackAnswer::CannotTell { sentence } => format!("cannot_tell {sentence}\n"),
        ReadBackAnswer::NotRead(why) => format!("not_read {}", answer(why)),
    }
}

#[test]
fn every_golden_exchange_is_read_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut count = 0;
    let mut wrong = String::new();
    for file in fs::read_dir(folder).expect("the golden folder") {
        let path = file.expect("a file").path();
        let text = fs::read_to_string(&path).expect("text");
        let case = parse(&text);
        let found = reading_of(&case);
        if found != case.expected {
            wrong += &format!("{}\nfound:\n{found}\n", path.display());
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(count >= 60, "only {count} files were found");
}
