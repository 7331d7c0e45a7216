//! The invoices of a pool that is searched, and what it is asked for: the same at every run.

use super::town::{tax_no, taxpayer};
use chrono::{Days, NaiveDate};
use domain::{
    invoice::{EntryState, InvoiceStatus, Purpose, Selection},
    money::Fen,
    world::{World, WorldInvoice},
};
use fleet::ports::pool::InvoiceFilter;
use serde_json::json;

/// Buyers; one invoice in ten is the first one's.
const BUYERS: usize = 2_000;
/// Sellers, each with about as many invoices as the others.
const SELLERS: u64 = 20_000;
/// The days of three years.
const DAYS: u64 = 1_095;

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2023, 1, 1).expect("a date")
}

pub(super) fn buyers() -> World {
    let buyer = |n| {
        let mut buyer = taxpayer(n, "etax");
        buyer.tax_org = format!("org-{:03}", n / 4);
        buyer
    };
    World { taxpayers: (0..BUYERS).map(buyer).collect(), ..World::default() }
}

/// A number that looks like chance and is not (splitmix64, Steele et al. 2014).
fn mixed(n: usize, salt: u64) -> u64 {
    let mut z = (n as u64).wrapping_add(salt << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// One of these, so many in 10,000 each; the first has what is left.
fn one_of<T: Copy>(n: usize, salt: u64, usual: T, others: &[(u64, T)]) -> T {
    let mut chance = mixed(n, salt) % 10_000;
    for (share, value) in others {
        if chance < *share {
            return *value;
        }
        chance -= share;
    }
    usual
}

/// The nth invoice.
pub(super) fn invoice(n: usize) -> WorldInvoice {
    let tax = if n.is_multiple_of(10) { 0 } else { mixed(n, 1) as usize % BUYERS };
    let day = first_day() + Days::new(mixed(n, 2) % DAYS);
    let seller = mixed(n, 3) % SELLERS;
    let amount = Fen((mixed(n, 4) % 100_000_000) as i64);
    let status = [(200, "partly_reversed"), (100, "void"), (5, "out_of_control")];
    let selection = [(5_500, "selected"), (10, "pre_selected"), (1_000, "certified")];
    let entry = [(4_000, "entered"), (10, "withdrawn")];
    let purpose = [(5_500, Some("deduction")), (300, Some("non_deduction")), (5, Some("rebate"))];
    serde_json::from_value(json!({
        "buyer_tax_no": tax_no(tax),
        "invoice_type": one_of(n, 5, "27", &[(1_500, "26"), (300, "28"), (10, "12")]),
        "invoice_no": format!("{:04}4{n:015}", mixed(n, 6) % 10_000),
        "invoice_date": day, "amount": amount, "tax": Fen(amount.0 / 100 * 6),
        "status": one_of(n, 7, "normal", &status),
        "selection": one_of(n, 8, "unselected", &selection),
        "accounting_org": format!("acc-{:03}", mixed(n, 9) % 500),
        "seller_name": format!("示例供货商{seller:05}有限公司"),
        "details": {
            "purpose": one_of(n, 10, None, &purpose),
            "deductible": one_of(n, 11, true, &[(200, false)]),
            "entry_state": one_of(n, 12, "not_entered", &entry),
        },
    }))
    .expect("an invoice of the world file")
}

fn day(n: u64) -> Option<NaiveDate> {
    Some(first_day() + Days::new(n))
}

/// Every field of a filter, alone and with others.
pub(super) fn questions() -> Vec<(&'static str, InvoiceFilter)> {
    let any = InvoiceFilter::default;
    let text = |text: &str| Some(text.to_owned());
    let buyer = |n| tax_no(n).parse().ok();
    let types = |number: &str| number.parse().into_iter().collect();
    vec![
        ("all", any()),
        ("a large buyer", InvoiceFilter { buyer: buyer(0), ..any() }),
        ("a small buyer", InvoiceFilter { buyer: buyer(7), ..any() }),
        (
            "a large buyer's pre-selected",
            InvoiceFilter { buyer: buyer(0), selections: vec![Selection::PreSelected], ..any() },
        ),
        ("a tax organisation", InvoiceFilter { tax_org: text("org-100"), ..any() }),
        ("an accounting organisation", InvoiceFilter { accounting_org: text("acc-007"), ..any() }),
        ("a usual type", InvoiceFilter { types: types("27"), ..any() }),
        ("a rare type", InvoiceFilter { types: types("12"), ..any() }),
        ("a rare status", InvoiceFilter { statuses: vec![InvoiceStatus::OutOfControl], ..any() }),
        ("selected", InvoiceFilter { selections: vec![Selection::Selected], ..any() }),
        ("pre-selected", InvoiceFilter { selections: vec![Selection::PreSelected], ..any() }),
        ("held by tasks", InvoiceFilter { selections: vec![Selection::Selecting], ..any() }),
        ("a rare purpose", InvoiceFilter { purposes: vec![Some(Purpose::Rebate)], ..any() }),
        (
            "deductible, 不抵扣 or undecided",
            InvoiceFilter {
                deductible: Some(true),
                purposes: vec![Some(Purpose::NonDeduction), None],
                ..any()
            },
        ),
        (
            "withdrawn from the books",
            InvoiceFilter { entry_states: vec![EntryState::Withdrawn], ..any() },
        ),
        ("one old day", InvoiceFilter { date_from: day(30), date_to: day(30), ..any() }),
        (
            "amounts from 1,000 to 1,010",
            InvoiceFilter {
                amount_from: Some(Fen(100_000)),
                amount_to: Some(Fen(101_000)),
                ..any()
            },
        ),
        ("one seller", InvoiceFilter { seller: text("商01234"), ..any() }),
        ("a part of every seller", InvoiceFilter { seller: text("有限公司"), ..any() }),
        ("no seller", InvoiceFilter { seller: text("没有"), ..any() }),
        ("a number's beginning", InvoiceFilter { number: text("12344"), ..any() }),
        (
            "a month of a large buyer's selected, from 50,000",
            InvoiceFilter {
                buyer: buyer(0),
                date_from: day(300),
                date_to: day(330),
                selections: vec![Selection::Selected],
                amount_from: Some(Fen(5_000_000)),
                ..any()
            },
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::{BUYERS, buyers, invoice, questions};
    use domain::world::World;
    use std::collections::BTreeSet;

    #[test]
    fn the_invoices_are_a_sound_world_and_no_two_the_same() {
        let mut world = buyers();
        assert_eq!(world.taxpayers.len(), BUYERS);
        world.invoices = (0..500).map(invoice).collect();
        let file = serde_json::to_vec(&world).expect("a world is JSON");
        assert_eq!(World::parse(&file), Ok(world.clone()));
        let keys: BTreeSet<_> = world.invoices.iter().map(|one| one.key()).collect();
        assert_eq!(keys.len(), 500);
    }

    #[test]
    fn no_question_but_the_first_asks_for_all() {
        let all = questions().into_iter().filter(|(_, filter)| *filter == Default::default());
        assert_eq!(all.map(|(name, _)| name).collect::<Vec<_>>(), ["all"]);
    }
}
