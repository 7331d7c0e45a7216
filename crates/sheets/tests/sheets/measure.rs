//! How long a large list takes, and how much memory. Run by hand:
//!
//! ```sh
//! cargo test --release -p gouxuan-sheets --test sheets -- --ignored --nocapture fifty_thousand
//! ```

use domain::{
    invoice::{InvoiceKey, InvoiceStatus, PoolInvoice, Risk, Selection},
    list::{Column, ListRow, Purpose, ReadRow},
    money::Fen,
    rules::{
        Settings,
        list::{Found, List, check},
    },
    taxpayer::{ChannelKind, TaxpayerKind},
};
use sheets::{Heading, Holds, Limits, Results, Table, Value, read_list};
use std::{collections::HashMap, fs, time::Instant};

const ROWS: u32 = 50_000;

fn number(n: u32) -> String {
    format!("23442000000{n:09}")
}

fn list() -> Vec<u8> {
    let text = |text| Heading { text, holds: Holds::Text, width: 10 };
    let headings = Column::ALL.map(|column| text(column.heading()));
    let made_at = "2025-11-22T00:00:00Z".parse().expect("a moment");
    let mut table = Table::new("清单", &headings, made_at).expect("a table");
    for n in 0..ROWS {
        let number = number(n);
        let row = ["勾选", "", &number, "", "其他：用于集体福利", "数电票(增值税专用发票)"];
        table.row(&row.map(Value::Text)).expect("a row");
    }
    let mut file = Vec::new();
    table.finish(&mut file).expect("a file");
    file
}

/// Every invoice but each tenth.
fn pool() -> HashMap<InvoiceKey, Found> {
    let key = |n| InvoiceKey { code: String::new(), number: number(n) };
    let found = |n| Found {
        invoice: PoolInvoice {
            key: key(n),
            invoice_type: "27".parse().expect("a type"),
            date: "2025-11-01".parse().ok(),
            amount: Fen(100),
            tax: Fen(13),
            status: InvoiceStatus::Normal,
            risk: Risk::Normal,
            selection: Selection::Unselected,
            period: None,
            special_kind: String::new(),
        },
        buyers: 1,
        tax_no: "91440300MA5G9GK78Y".parse().expect("a tax number"),
        channel: Some(ChannelKind::Etax),
        taxpayer: TaxpayerKind::General,
        statistic: None,
        period: "202511".parse().ok(),
    };
    (0..ROWS).filter(|n| n % 10 != 0).map(|n| (key(n), found(n))).collect()
}

/// MiB: at most so far, since the last call of [`forget_peak`].
fn peak_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kib / 1024
}

fn forget_peak() {
    fs::write("/proc/self/clear_refs", "5").expect("Linux");
}

#[test]
#[ignore = "a measurement, to be read by a person"]
#[expect(clippy::disallowed_methods, reason = "it measures")]
fn fifty_thousand() {
    let (file, pool) = (list(), pool());
    forget_peak();
    let held = peak_mib();
    let began = Instant::now();
    let rows = read_list(&file, &Limits::default()).expect("a list");
    let read_s = began.elapsed().as_secs_f64();
    let meant: Vec<_> = rows.iter().map(|row| ReadRow::of(row, Purpose::NonDeduct)).collect();
    let list = List { purpose: Purpose::NonDeduct, rows: &meant, pool: &pool };
    let results = check(&list, Settings::default());
    let judged_s = began.elapsed().as_secs_f64() - read_s;
    let made_at = "2025-11-22T00:00:00Z".parse().expect("a moment");
    let mut written = Vec::new();
    let mut results_file = Results::new(made_at).expect("a file");
    for (row, result) in rows.iter().zip(&results) {
        results_file.row(&ListRow::of(row, result)).expect("a row");
    }
    results_file.finish(&mut written).expect("a file");
    let all_s = began.elapsed().as_secs_f64();
    let listed = results.iter().filter(|result| result.sentence().is_empty()).count();
    assert_eq!((rows.len(), listed), (ROWS as usize, ROWS as usize / 10 * 9));
    eprintln!(
        "{ROWS} rows, {} KiB: read {read_s:.2} s, rules {judged_s:.2} s, all with results of {} KiB {all_s:.2} s; \
         memory {held} MiB before, at most {} MiB",
        file.len() / 1024,
        written.len() / 1024,
        peak_mib(),
    );
}
