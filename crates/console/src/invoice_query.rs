//! Which invoices, as query parameters, and where a page of them begins.

use crate::{
    filter::{address, from_str, limit, one, one_of, several, unpacked},
    problem::Problem,
};
use chrono::NaiveDate;
use domain::invoice::{EntryState, InvoiceStatus, Purpose, Selection};
use fleet::ports::pool::{Cursor, InvoiceFilter};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

/// Characters of an organisation, a seller or a number at most.
const TEXT_CHARS: usize = 100;
/// Stands for a purpose that is not decided.
const UNDECIDED: &str = "none";

/// Which invoices; every parameter that is given must match. Several values with commas between.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct InvoiceQuery {
    /// The buyer's
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_no: Option<String>,
    /// 核算组织 of the invoice
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accounting_org: Option<String>,
    /// 税务组织 of the buyer
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_org: Option<String>,
    /// Numbers of the open platform, such as `27,28`
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub invoice_type: Option<String>,
    /// Such as `normal,partly_reversed`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Such as `unselected,pre_selected`; `selecting` is what a task holds
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<String>,
    /// `deduction`, `non_deduction`, `rebate`; `none` is not decided
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// `true` or `false`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deductible: Option<String>,
    /// The first day, such as 2025-11-01
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last day
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The least amount without tax, in yuan
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_from: Option<String>,
    /// The greatest amount without tax, in yuan
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_to: Option<String>,
    /// A part of the seller's name
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seller: Option<String>,
    /// How the invoice's number, or the payment book's, begins
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// `not_entered`, `entered`, `withdrawn`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_state: Option<String>,
    /// Rows at most, from 1 to 1000; 50 when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// The `next` of the page before
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl InvoiceQuery {
    /// The filter; the problem names the parameter.
    pub fn filter(&self) -> Result<InvoiceFilter, Problem> {
        let status = |name: &str| named(name, InvoiceStatus::ALL, InvoiceStatus::name);
        let selection = |name: &str| named(name, Selection::ALL, Selection::name);
        let entry = |name: &str| named(name, EntryState::ALL, EntryState::name);
        Ok(InvoiceFilter {
            buyer: one("tax_no", self.tax_no.as_deref())?,
            accounting_org: text("accounting_org", self.accounting_org.as_deref())?,
            tax_org: text("tax_org", self.tax_org.as_deref())?,
            types: several("type", self.invoice_type.as_deref(), from_str)?,
            statuses: several("status", self.status.as_deref(), status)?,
            selections: several("selection", self.selection.as_deref(), selection)?,
            purposes: several("purpose", self.purpose.as_deref(), purpose)?,
            deductible: one("deductible", self.deductible.as_deref())?,
            date_from: day("from", self.from.as_deref())?,
            date_to: day("to", self.to.as_deref())?,
            amount_from: one("amount_from", self.amount_from.as_deref())?,
            amount_to: one("amount_to", self.amount_to.as_deref())?,
            seller: text("seller", self.seller.as_deref())?,
            number: text("number", self.number.as_deref())?,
            entry_states: several("entry_state", self.entry_state.as_deref(), entry)?,
            within: None,
        })
    }

    pub(crate) fn page(&self) -> Result<(Option<Cursor>, usize), Problem> {
        let after = self.after.as_deref().map(unpacked).transpose()?;
        Ok((after, limit(self.limit)?))
    }

    /// As it stands after `?` in an address; empty when nothing is set.
    pub fn to_query(&self) -> String {
        address(self)
    }
}

/// The one of all that has this name.
fn named<T: Copy>(text: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T, String> {
    let names = || all.iter().map(|one| name(*one)).collect::<Vec<_>>();
    let found = all.iter().copied().find(|one| name(*one) == text);
    found.ok_or_else(|| one_of(&names()))
}

fn purpose(name: &str) -> Result<Option<Purpose>, String> {
    let names = || Purpose::ALL.iter().map(|one| one.name()).chain([UNDECIDED]).collect::<Vec<_>>();
    match Purpose::from_name(name) {
        None if name != UNDECIDED => Err(one_of(&names())),
        found => Ok(found),
    }
}

pub(crate) fn text(name: &str, text: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.chars().count() > TEXT_CHARS || text.chars().any(char::is_control) {
        return Err(Problem::malformed(format!(
            "{name}: write at most {TEXT_CHARS} characters on one line"
        )));
    }
    Ok(Some(text.to_owned()))
}

fn day(name: &str, text: Option<&str>) -> Result<Option<NaiveDate>, Problem> {
    let read = |text: &str| {
        NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| {
            Problem::malformed(format!("{name}: \"{text}\" is not a date, such as 2025-11-01"))
        })
    };
    text.map(read).transpose()
}

#[cfg(test)]
mod tests {
    use super::InvoiceQuery;
    use crate::filter::{packed, unpacked};
    use domain::invoice::{InvoiceKey, Purpose};
    use fleet::ports::pool::Cursor;

    #[test]
    fn every_wrong_parameter_is_named() {
        let any = InvoiceQuery::default;
        let text = |text: &str| Some(text.to_owned());
        for (query, name) in [
            (InvoiceQuery { tax_no: text("1"), ..any() }, "tax_no: "),
            (InvoiceQuery { invoice_type: text("27,99"), ..any() }, "type: \"99\""),
            (InvoiceQuery { status: text("fine"), ..any() }, "status: \"fine\": write one of"),
            (InvoiceQuery { selection: text("x"), ..any() }, "selection: \"x\": write one of"),
            (InvoiceQuery { purpose: text("x"), ..any() }, "purpose: \"x\": write one of"),
            (InvoiceQuery { entry_state: text("x"), ..any() }, "entry_state: \"x\""),
            (InvoiceQuery { deductible: text("perhaps"), ..any() }, "deductible: "),
            (InvoiceQuery { from: text("today"), ..any() }, "from: \"today\""),
            (InvoiceQuery { to: text("2025-11-31"), ..any() }, "to: \"2025-11-31\""),
            (InvoiceQuery { amount_from: text("1.234"), ..any() }, "amount_from: "),
            (InvoiceQuery { amount_to: text("a lot"), ..any() }, "amount_to: "),
            (InvoiceQuery { seller: text("a\0b"), ..any() }, "seller: "),
            (InvoiceQuery { number: text(&"1".repeat(101)), ..any() }, "number: "),
        ] {
            let problem = query.filter().expect_err(name);
            assert!(problem.sentence.starts_with(name), "{problem}");
        }
        for after in ["7", "zz", "7b7d", "勾选"] {
            let query = InvoiceQuery { after: text(after), ..any() };
            assert!(query.page().expect_err(after).sentence.starts_with("after: "));
        }
    }

    #[test]
    fn no_purpose_can_be_asked_for() {
        let query =
            InvoiceQuery { purpose: Some("non_deduction,none".into()), ..Default::default() };
        let filter = query.filter().expect("a filter");
        assert_eq!(filter.purposes, [Some(Purpose::NonDeduction), None]);
    }

    #[test]
    fn a_token_leads_back() {
        for date in ["2025-11-03".parse().ok(), None] {
            let key = InvoiceKey { code: "4403".into(), number: "53-L.01".into() };
            let buyer = "91440300MA5G9GK78Y".parse().expect("a tax number");
            let after = Cursor { date, key, buyer };
            assert_eq!(unpacked(&packed(&after)).ok(), Some(after));
        }
    }
}
