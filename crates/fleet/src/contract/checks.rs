//! Checks of the pool, and when it was last read anew.

use super::{
    scene::{
        ALPHA, BETA, EAST, LEQI_WIDTH, NORTH, Scene, invoice_key, seconds, tax_no, well, world,
    },
    verdicts::{done, failed},
};
use crate::ports::{
    checks::{CheckScope, LastResync, NewResync},
    log::Verdict,
    pool::Cursor,
};
use domain::{
    check::Check,
    ids::TaskId,
    invoice::{Mark, PoolChange, Selection},
    kind::Kind,
    money::Fen,
    period::TaxPeriod,
    statistic::Sum,
    world::WorldInvoice,
};

fn period() -> TaxPeriod {
    "202511".parse().expect("a period")
}

/// An invoice of a buyer, with what else a file says of it.
fn invoice(buyer: &str, n: u8, said: serde_json::Value) -> WorldInvoice {
    let mut whole = serde_json::json!({
        "buyer_tax_no": buyer, "invoice_type": "27", "invoice_no": invoice_key(n).number,
        "invoice_date": "2025-11-03", "amount": "100.00", "tax": "6.00",
    });
    let fields = whole.as_object_mut().expect("an object");
    fields.extend(said.as_object().cloned().unwrap_or_default());
    serde_json::from_value(whole).expect("an invoice")
}

/// Taxpayers with organisations, these invoices, and those of them that are selected for a period.
async fn set(scene: &Scene, invoices: Vec<WorldInvoice>, selected: &[(u8, &str)]) {
    let mut file = world();
    for payer in &mut file.taxpayers {
        payer.tax_org = match payer.tax_no.as_str() {
            ALPHA => "01".into(),
            BETA => "02".into(),
            NORTH => "03".into(),
            _ => String::new(),
        };
    }
    file.invoices = invoices;
    well(scene.store.import(&file, LEQI_WIDTH).await);
    for payer in [ALPHA, BETA] {
        let of_it = selected.iter().filter(|(n, _)| {
            file.invoices
                .iter()
                .any(|one| one.buyer_tax_no == tax_no(payer) && one.key() == invoice_key(*n))
        });
        let pool: Vec<PoolChange> = of_it.map(|(n, of)| mark(*n, of)).collect();
        let work = scene.run(Kind::PeriodQuery, payer, EAST).await;
        let verdict = match done() {
            Verdict::Final { state, reason, lines, statistic, unknown, .. } => {
                Verdict::Final { state, reason, lines, pool, statistic, unknown }
            }
            other => other,
        };
        scene.settled(&work, verdict).await;
    }
}

fn mark(n: u8, of: &str) -> PoolChange {
    let (selection, period) = (Selection::Selected, of.parse().ok());
    PoolChange::marked(invoice_key(n), Mark { selection, period, ..Mark::default() })
}

async fn listed(scene: &Scene, check: Check, scope: &CheckScope) -> Vec<String> {
    let found = well(scene.store.check(check, scope, None, 100).await);
    found.iter().map(|one| one.facts.key.number.clone()).collect()
}

fn numbers(of: &[u8]) -> Vec<String> {
    of.iter().map(|n| invoice_key(*n).number).collect()
}

fn pool() -> Vec<WorldInvoice> {
    let booked = |period: &str| serde_json::json!({"details": {"entry_state": "entered", "entry_period": period}});
    let undated = serde_json::json!({"details": {"entry_state": "entered"}});
    let of_org = |org: &str| serde_json::json!({"accounting_org": org});
    let mut suspect = booked("202511");
    suspect["status"] = "reversed".into();
    let mut risky = booked("202511");
    risky["risk"] = "suspect".into();
    let mut partly = booked("202511");
    partly["status"] = "partly_reversed".into();
    vec![
        invoice(ALPHA, 1, suspect.clone()),
        invoice(ALPHA, 2, risky),
        invoice(ALPHA, 3, partly),
        invoice(ALPHA, 4, suspect),
        invoice(ALPHA, 5, booked("202511")),
        invoice(ALPHA, 6, undated),
        invoice(ALPHA, 7, booked("202510")),
        invoice(ALPHA, 8, serde_json::json!({})),
        invoice(BETA, 9, of_org("01")),
        invoice(BETA, 10, of_org("02")),
        invoice(BETA, 11, of_org("nobody's")),
        invoice(BETA, 12, of_org("03")),
        invoice(BETA, 13, booked("202511")),
    ]
}

/// 4 is selected for another period.
const SELECTED: [(u8, &str); 6] =
    [(1, "202511"), (2, "202511"), (3, "202511"), (4, "202510"), (8, "202511"), (12, "202510")];

pub async fn each_check_lists_what_it_is_for(scene: &Scene) {
    set(scene, pool(), &SELECTED).await;
    let all = CheckScope::of(period());
    for (check, expected) in [
        (Check::Abnormal, &[1, 2][..]),
        (Check::BookedNotSelected, &[5, 6, 13]),
        (Check::SelectedNotBooked, &[8]),
        (Check::WrongBuyer, &[9]),
    ] {
        assert_eq!(listed(scene, check, &all).await, numbers(expected), "{}", check.name());
        let count = i64::try_from(expected.len()).expect("few");
        let sum = Sum { count, amount: Fen(count * 10_000), tax: Fen(count * 600) };
        assert_eq!(well(scene.store.check_sum(check, &all).await), sum, "{}", check.name());
    }
    let earlier = CheckScope::of("202510".parse().expect("a period"));
    assert_eq!(listed(scene, Check::Abnormal, &earlier).await, numbers(&[4]));
    assert_eq!(listed(scene, Check::BookedNotSelected, &earlier).await, numbers(&[7]));
    assert_eq!(listed(scene, Check::WrongBuyer, &earlier).await, numbers(&[9, 12]));
}

pub async fn a_check_is_of_a_buyer_or_an_organisation(scene: &Scene) {
    set(scene, pool(), &SELECTED).await;
    let scope = || CheckScope::of(period());
    let booked = Check::BookedNotSelected;
    let of = CheckScope { buyer: Some(tax_no(BETA)), ..scope() };
    assert_eq!(listed(scene, booked, &of).await, numbers(&[13]));
    let of = CheckScope { tax_org: Some("01".into()), ..scope() };
    assert_eq!(listed(scene, booked, &of).await, numbers(&[5, 6]));
    let of = CheckScope { accounting_org: Some("01".into()), ..scope() };
    assert_eq!(listed(scene, Check::WrongBuyer, &of).await, numbers(&[9]));
    assert_eq!(listed(scene, booked, &of).await, [""; 0]);
    let nobody = "919999999999999ZZZ".parse().ok();
    let of = CheckScope { buyer: nobody, ..scope() };
    assert_eq!(listed(scene, booked, &of).await, [""; 0]);
    assert_eq!(well(scene.store.check_sum(booked, &of).await), Sum::default());
}

pub async fn a_check_is_held_to_organisations(scene: &Scene) {
    let mut all = pool();
    let booked = serde_json::json!({"accounting_org": "02",
        "details": {"entry_state": "entered", "entry_period": "202511"}});
    all.push(invoice(ALPHA, 14, booked.clone()));
    let mut nobodys = booked;
    nobodys["accounting_org"] = "".into();
    all.push(invoice(NORTH, 15, nobodys));
    set(scene, all, &SELECTED).await;
    for (organisations, check, expected) in [
        (&["01"][..], Check::Abnormal, &[1, 2][..]),
        (&["02"], Check::Abnormal, &[]),
        (&["01"], Check::BookedNotSelected, &[5, 6]),
        // 14 is alpha's, and of an accounting organisation of beta's.
        (&["02"], Check::BookedNotSelected, &[13, 14]),
        (&["01", "02", "03"], Check::BookedNotSelected, &[5, 6, 13, 14, 15]),
        (&[], Check::BookedNotSelected, &[]),
        (&[""], Check::BookedNotSelected, &[]),
        (&["01"], Check::SelectedNotBooked, &[8]),
        (&["02"], Check::SelectedNotBooked, &[]),
        // 9 is beta's, and of an accounting organisation of alpha's.
        (&["01"], Check::WrongBuyer, &[9]),
        (&["02"], Check::WrongBuyer, &[14]),
        (&["03"], Check::WrongBuyer, &[]),
    ] {
        let within = Some(organisations.iter().map(|org| (*org).to_owned()).collect());
        let scope = CheckScope { within, ..CheckScope::of(period()) };
        let told = format!("{organisations:?} {}", check.name());
        let mut found = listed(scene, check, &scope).await;
        let count = i64::try_from(expected.len()).expect("few");
        let sum = Sum { count, amount: Fen(count * 10_000), tax: Fen(count * 600) };
        assert_eq!(well(scene.store.check_sum(check, &scope).await), sum, "{told}");
        let mut seen = Vec::new();
        let mut after = None;
        while let Some(one) =
            well(scene.store.check(check, &scope, after.as_ref(), 1).await).into_iter().next()
        {
            after = Some(Cursor::after(&one));
            seen.push(one.facts.key.number);
        }
        assert_eq!(seen, found, "page by page: {told}");
        found.sort();
        assert_eq!(found, numbers(expected), "{told}");
    }
}

pub async fn a_check_is_read_page_by_page_and_every_invoice_is_shown_once(scene: &Scene) {
    set(scene, pool(), &SELECTED).await;
    let all = CheckScope::of(period());
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = well(scene.store.check(Check::BookedNotSelected, &all, after.as_ref(), 2).await);
        assert!(page.len() <= 2);
        let Some(last) = page.last() else { break };
        after = Some(Cursor::after(last));
        seen.extend(page.into_iter().map(|one| one.facts.key.number));
    }
    assert_eq!(seen, numbers(&[5, 6, 13]));
}

pub async fn what_a_task_holds_is_listed_as_the_pool_keeps_it(scene: &Scene) {
    set(scene, pool(), &SELECTED).await;
    let select = scene.selection(Kind::DeductionSelect, &[5]).await;
    scene.queue(&select).await;
    let found =
        well(scene.store.check(Check::BookedNotSelected, &CheckScope::of(period()), None, 1).await);
    assert_eq!(found[0].facts.key, invoice_key(5));
    assert_eq!(found[0].facts.selection, Selection::Selecting);
}

async fn last(scene: &Scene) -> Option<LastResync> {
    let of = [(tax_no(BETA), period()), (tax_no(ALPHA), period())];
    let mut found = well(scene.store.last_resyncs(&of).await);
    assert_eq!(found.remove(0), None, "beta was never read anew");
    found.remove(0)
}

async fn noted(scene: &Scene, tasks: Vec<TaskId>) {
    let tax = scene.tax(ALPHA).await;
    let resync = NewResync { tax, period: period(), by: "王".into(), tasks };
    well(scene.store.note_resync(&resync).await);
}

pub async fn a_resync_has_ended_when_its_last_task_has(scene: &Scene) {
    assert_eq!(last(scene).await, None);
    let first = scene.log(Kind::InvoiceUseQuery, ALPHA, EAST).await;
    let second = scene.log(Kind::InvoiceUseQuery, ALPHA, EAST).await;
    noted(scene, vec![first.id, second.id]).await;
    let told = last(scene).await.expect("it was noted");
    assert_eq!((told.tasks, told.ended, told.failed, told.ended_at), (2, 0, 0, None));
    assert_eq!(told.by, "王");
    let work = scene.start(first).await;
    scene.settled(&work, done()).await;
    let told = last(scene).await.expect("it was noted");
    assert_eq!((told.ended, told.ended_at), (1, None));
    scene.advance(seconds(60)).await;
    let work = scene.start(second).await;
    scene.settled(&work, failed()).await;
    let told = last(scene).await.expect("it was noted");
    assert_eq!((told.ended, told.failed), (2, 1));
    assert!(told.ended_at.expect("all have ended") > told.asked_at);
}

pub async fn the_newest_resync_takes_the_place_of_the_older(scene: &Scene) {
    noted(scene, vec![scene.fresh_id()]).await;
    let told = last(scene).await.expect("it was noted");
    assert_eq!((told.tasks, told.ended_at), (1, None), "the log does not have the task yet");
    noted(scene, Vec::new()).await;
    let told = last(scene).await.expect("it was noted");
    assert_eq!((told.tasks, told.ended_at), (0, Some(told.asked_at)), "nothing is selected");
}
