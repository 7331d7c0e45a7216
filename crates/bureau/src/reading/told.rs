//! Invoices as a page of a download tells them, in the words that both channels share.

use domain::invoice::InvoiceKey;

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
