//! Downloads: pages and layout files, on both channels.

use crate::town::{ETAX, LEQI, SAMPLE, Town, call, key, order, said, world};
use domain::{
    answer::{Answer, Outcome, Receipt},
    invoice::{FileFormat, FileRef, InvoiceStatus, InvoiceUse, ToldPage},
    kind::Kind,
    period::TaxPeriod,
};
use fleet::ports::channel::{Call, Channel, Order};
use serde_json::{Value, json};

/// The receipt of a download that is over, and what it came to.
async fn downloaded(town: &Town, call: &Call, order: &Order) -> (Receipt, Outcome) {
    let channel = town.channel(call);
    assert!(matches!(channel.switch(call).await, Answer::Succeeded(_)), "no switch");
    match channel.submit(call, order).await {
        Answer::Accepted(receipt) => match town.outcome(call, order, &receipt).await {
            Answer::Succeeded(outcome) => (receipt, outcome),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn numbers(page: &ToldPage) -> Vec<&str> {
    page.invoices.iter().map(|told| told.key.number.as_str()).collect()
}

/// A download with these parameters.
fn asking(parameters: Value) -> Order {
    let mut order = order(Kind::InvoiceDownload, &[]);
    order.parameters = parameters.as_object().expect("an object").clone();
    order
}

/// So many invoices of 电子税局's taxpayer and as many of 乐企's, on three days of 2025.
fn many(count: usize) -> Value {
    let mut world = world();
    let invoice = |buyer: &str, n: usize| {
        json!({"buyer_tax_no": buyer, "invoice_type": "27",
               "invoice_no": format!("{}{n:018}", if buyer == ETAX { 25 } else { 26 }),
               "invoice_date": format!("2025-10-{:02}", n % 3 + 1), "amount": "100.00",
               "tax": "13.00", "seller_name": "示例供货商"})
    };
    let all = (0..count).flat_map(|n| [invoice(ETAX, n), invoice(LEQI, n)]);
    world["invoices"].as_array_mut().expect("invoices").extend(all);
    world
}

#[tokio::test]
async fn a_download_is_read_page_by_page_as_often_as_wanted() {
    let town = Town::open(many(1201)).await;
    for (n, tax_no) in [(1, ETAX), (2, LEQI)] {
        let call = call(n, tax_no, 1);
        let order = asking(json!({"from": "2025-10-01", "to": "2025-10-03"}));
        let (receipt, outcome) = downloaded(&town, &call, &order).await;
        assert_eq!(outcome.pages().collect::<Vec<_>>(), ["1", "2", "3"], "{tax_no}");
        let channel = town.channel(&call);
        let mut all = Vec::new();
        for page in outcome.pages() {
            let told = channel.page(&call, &order, &receipt, page).await.expect("a page");
            let again = channel.page(&call, &order, &receipt, page).await.expect("a page");
            assert_eq!((&told, told.unreadable), (&again, 0));
            assert!(told.invoices.len() <= 500);
            assert!(told.invoices.iter().all(|one| one.buyer_tax_no == call.tax_no));
            all.extend(numbers(&told).into_iter().map(str::to_owned));
        }
        let mut sorted = all.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!((all.len(), &all), (1201, &sorted), "each once");
        let beyond = channel.page(&call, &order, &receipt, "4").await.expect_err("no page");
        assert_eq!(said(&beyond), "faltered");
        let unknown = Receipt("nobody's".into());
        let stranger = channel.page(&call, &order, &unknown, "1").await.expect_err("no receipt");
        assert_eq!(said(&stranger), "faltered");
    }
}

#[tokio::test]
async fn a_download_brings_what_it_asks_for_as_it_is_now() {
    let town = Town::open(many(6)).await;
    let select = order(Kind::NonDeductionSelect, &[SAMPLE]);
    assert_eq!(said(&town.run(&call(1, ETAX, 1), &select).await), "succeeded succeeded");
    let named = order(Kind::InvoiceDownload, &[SAMPLE, "24440000000000000003"]);
    let wanted = [
        (named, 1),
        (asking(json!({"from": "2025-10-02", "to": "2025-10-02"})), 2),
        (asking(json!({"period": "202510"})), 6),
        // The tax number's period is 202511: what counts for it.
        (asking(json!({})), 1),
    ];
    for (n, (order, count)) in (2..).zip(wanted) {
        let call = call(n, ETAX, 1);
        let (receipt, outcome) = downloaded(&town, &call, &order).await;
        assert_eq!(outcome.pages().collect::<Vec<_>>(), ["1"], "{:?}", order.parameters);
        let page = town.channel(&call).page(&call, &order, &receipt, "1").await.expect("a page");
        assert_eq!(page.invoices.len(), count, "{:?}", order.parameters);
        if let [told] = &*page.invoices {
            assert_eq!(told.key, key(SAMPLE));
            assert_eq!(told.status, InvoiceStatus::Normal);
            let used = told.used.expect("it is told");
            let period: Option<TaxPeriod> = "202511".parse().ok();
            assert_eq!((used.used_for, used.period), (InvoiceUse::NonDeduction, period));
            assert_ne!(used.certified, Some(true));
        }
    }
}

#[tokio::test]
async fn pages_get_lost_and_come_twice() {
    let town = Town::open(many(700)).await;
    let call = call(1, ETAX, 1);
    let order = asking(json!({"period": "202510"}));
    let (receipt, _) = downloaded(&town, &call, &order).await;
    let page = async |page| town.etax.page(&call, &order, &receipt, page).await;
    town.control(json!({"faults": {"lost_page": {"at": [1]}, "page_twice": {"at": [1, 2]}}}));
    assert_eq!(said(&page("1").await.expect_err("lost")), "faltered");
    let first = page("1").await.expect("a page");
    assert_eq!(first.invoices.len(), 500, "none stands before it");
    let second = page("2").await.expect("a page");
    assert_eq!(second.invoices.len(), 700, "with those of the first page");
    assert_eq!(numbers(&second)[..500], numbers(&first));
    let log = town.bureau.log();
    let pages = log.iter().filter(|entry| entry.op == "page").count();
    assert_eq!(pages, 3);
}

#[tokio::test]
async fn layout_files_are_what_they_say() {
    let town = Town::plain().await;
    let call = call(1, ETAX, 1);
    let order = order(Kind::LayoutDownload, &[SAMPLE, "24440000000000000003"]);
    let (receipt, outcome) = downloaded(&town, &call, &order).await;
    let file = |format: &FileFormat| FileRef { invoice: key(SAMPLE), format: *format };
    let offered: Vec<FileRef> = outcome.files().cloned().collect();
    assert_eq!(offered, FileFormat::ALL.iter().map(file).collect::<Vec<_>>(), "theirs alone");
    for file in &offered {
        let bytes = town.etax.file(&call, &order, &receipt, file).await.expect("a file");
        assert_eq!(file.format.check(&bytes), Ok(()));
        let again = town.etax.file(&call, &order, &receipt, file).await.expect("a file");
        assert_eq!(bytes, again);
    }
    let other = FileRef { invoice: key("24440000000000000003"), format: FileFormat::Pdf };
    let refused = town.etax.file(&call, &order, &receipt, &other).await.expect_err("not offered");
    assert_eq!(said(&refused), "faltered");
}
