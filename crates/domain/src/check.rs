//! Checks (核对): invoices that an accountant looks at before a period is confirmed.

use crate::{
    invoice::{EntryState, Invoice, InvoiceStatus, Risk},
    period::TaxPeriod,
};
use chrono::Datelike;
use serde::{Deserialize, Serialize};

/// What an invoice is listed for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Selected for the period, and since then reversed, void, out of control, or of a risk.
    Abnormal,
    /// 已入账 in the period, and not selected.
    BookedNotSelected,
    /// Selected for the period, and not 已入账.
    SelectedNotBooked,
    /// Its document's accounting organisation belongs to another taxpayer than its buyer.
    WrongBuyer,
}

impl Check {
    pub const ALL: [Check; 4] =
        [Check::Abnormal, Check::BookedNotSelected, Check::SelectedNotBooked, Check::WrongBuyer];

    pub const fn name(self) -> &'static str {
        match self {
            Check::Abnormal => "abnormal",
            Check::BookedNotSelected => "booked_not_selected",
            Check::SelectedNotBooked => "selected_not_booked",
            Check::WrongBuyer => "wrong_buyer",
        }
    }

    /// The word that users read.
    pub const fn label(self) -> &'static str {
        match self {
            Check::Abnormal => "勾选后异常",
            Check::BookedNotSelected => "已入账未勾选",
            Check::SelectedNotBooked => "已勾选未入账",
            Check::WrongBuyer => "购买方不符",
        }
    }

    pub fn from_name(name: &str) -> Option<Check> {
        Check::ALL.into_iter().find(|check| check.name() == name)
    }

    /// Whether an invoice is listed for a period. `org_of_others`: its accounting organisation is
    /// the tax organisation of some taxpayer, and not of its buyer.
    pub fn lists(self, invoice: &Invoice, period: TaxPeriod, org_of_others: bool) -> bool {
        let facts = &invoice.facts;
        let selected = facts.selection.has_period();
        let selected_for_it = selected && facts.period == Some(period);
        match self {
            Check::Abnormal => selected_for_it && is_suspect(facts.status, facts.risk),
            Check::BookedNotSelected => booked_in(invoice) == Some(period) && !selected,
            Check::SelectedNotBooked => selected_for_it && !is_booked(invoice),
            Check::WrongBuyer => (selected_for_it || !selected) && org_of_others,
        }
    }
}

/// Whether rule 2.4 or 2.5 would refuse to select it now.
pub const fn is_suspect(status: InvoiceStatus, risk: Risk) -> bool {
    !matches!(status, InvoiceStatus::Normal | InvoiceStatus::PartlyReversed)
        || !matches!(risk, Risk::Normal | Risk::Unknown)
}

fn is_booked(invoice: &Invoice) -> bool {
    invoice.details.entry_state == EntryState::Entered
}

/// The period in whose books it stands: 入账属期, else the month of its date (乐企 tells that an
/// invoice is booked, and not when). None: it is not booked, or has neither.
pub fn booked_in(invoice: &Invoice) -> Option<TaxPeriod> {
    let dated = || invoice.facts.date.filter(|date| date.year() > 0).map(TaxPeriod::of_date);
    invoice.details.entry_period.or_else(dated).filter(|_| is_booked(invoice))
}

#[cfg(test)]
mod tests {
    use super::Check;
    use crate::{
        invoice::{
            EntryState, Invoice, InvoiceDetails, InvoiceStatus, PoolInvoice, Risk, Selection,
        },
        money::Fen,
    };

    /// `selected 202511 normal normal entered 202511`: selection, its period, status, risk, entry
    /// state and entry period; `-` for none.
    fn invoice(text: &str) -> Invoice {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [selection, period, status, risk, entry, entered] = words[..] else { panic!("{text}") };
        let facts = PoolInvoice {
            key: crate::invoice::InvoiceKey { code: String::new(), number: "1".into() },
            invoice_type: "27".parse().expect("a type"),
            date: "2025-11-03".parse().ok(),
            amount: Fen(100),
            tax: Fen(13),
            status: InvoiceStatus::from_name(status).expect("a status"),
            risk: if risk == "-" { Risk::Unknown } else { Risk::from_name(risk).expect("a risk") },
            selection: Selection::from_name(selection).expect("a selection"),
            period: period.parse().ok(),
            special_kind: String::new(),
        };
        let details = InvoiceDetails {
            entry_state: EntryState::from_name(entry).expect("an entry state"),
            entry_period: entered.parse().ok(),
            ..InvoiceDetails::default()
        };
        Invoice {
            buyer_tax_no: "91440300MA5G9GK78Y".parse().expect("a tax number"),
            facts,
            details,
            tax_org: String::new(),
            accounting_org: String::new(),
            seller_name: String::new(),
            seller_tax_no: String::new(),
        }
    }

    #[test]
    fn what_is_listed_for_a_period() {
        let period = "202511".parse().expect("a period");
        // invoice | organisation of others | listed for, of 202511
        for line in [
            "selected 202511 normal normal entered 202511 | no | -",
            "selected 202511 partly_reversed - entered 202511 | no | -",
            "selected 202511 reversed normal entered 202511 | no | abnormal",
            "certified 202511 normal suspect entered 202511 | no | abnormal",
            "selected 202510 reversed normal entered 202511 | no | -",
            "unselected - reversed normal not_entered - | no | -",
            "unselected - normal normal entered 202511 | no | booked_not_selected",
            "pre_selected - normal normal entered - | no | booked_not_selected",
            "unselected - normal normal entered 202510 | no | -",
            "unselected - normal normal withdrawn 202511 | no | -",
            "selected 202511 normal normal withdrawn - | no | selected_not_booked",
            "selected 202510 normal normal not_entered - | no | -",
            "selected 202511 normal normal entered 202511 | yes | wrong_buyer",
            "unselected - normal normal not_entered - | yes | wrong_buyer",
            "selected 202510 normal normal entered 202511 | yes | -",
            "selected 202511 void normal not_entered - | yes | \
             abnormal selected_not_booked wrong_buyer",
        ] {
            let columns: Vec<&str> = line.split('|').map(str::trim).collect();
            let [of, org, expected] = columns[..] else { panic!("{line}") };
            let invoice = invoice(of);
            let found = Check::ALL.into_iter().filter(|c| c.lists(&invoice, period, org == "yes"));
            let found: Vec<&str> = found.map(Check::name).collect();
            let expected: Vec<&str> =
                expected.split_whitespace().filter(|name| *name != "-").collect();
            assert_eq!(found, expected, "{line}");
        }
    }
}
