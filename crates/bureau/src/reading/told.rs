//! Invoices as a page of a download tells them, in the words that both channels share.

use super::lines::Use;
use domain::invoice::{InvoiceKey, Purpose, Selection, ToldSelection};
use domain::period::TaxPeriod;

/// Characters of a code, and of a number or a payment book's number.
const CODE_CHARS: usize = 20;
const NUMBER_CHARS: usize = 32;
/// Characters of a name that are kept.
const NAME_CHARS: usize = 200;

/// None: it is no invoice's code and number.
pub(super) fn key(code: &str, number: &str) -> Option<InvoiceKey> {
    let (code, number) = (code.trim(), number.trim());
    let letters = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let fits = letters(code)
        && letters(number)
        && code.len() <= CODE_CHARS
        && (1..=NUMBER_CHARS).contains(&number.len());
    fits.then(|| InvoiceKey { code: code.to_owned(), number: number.to_owned() })
}

/// As it can be kept: on one line, and no longer than a name is.
pub(super) fn name(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(NAME_CHARS).collect()
}

/// What the bureau has it down for.
pub(super) fn selection(used: Use, certified: bool, period: Option<TaxPeriod>) -> ToldSelection {
    let purpose = match used {
        Use::Deduction => Some(Purpose::Deduction),
        Use::NonDeduction => Some(Purpose::NonDeduction),
        Use::Rebate => Some(Purpose::Rebate),
        Use::Unused | Use::Other => None,
    };
    let selection = match (used, certified) {
        (Use::Unused, _) => Selection::Unselected,
        (_, true) => Selection::Certified,
        (_, false) => Selection::Selected,
    };
    ToldSelection { selection, period: period.filter(|_| used != Use::Unused), purpose }
}
