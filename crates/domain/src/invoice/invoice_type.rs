//! Invoice types: one table of number, name and 乐企's code.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// A type of invoice, by the number of the open platform.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct InvoiceType(u8);

/// The number is no invoice type.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("\"{0}\" is not the number of an invoice type (such as 27)")]
pub struct UnknownInvoiceType(pub String);

impl InvoiceType {
    /// 海关缴款书: known by its own number instead of code and number.
    pub const PAYMENT_BOOK: InvoiceType = InvoiceType(21);

    pub const fn number(self) -> u8 {
        self.0
    }

    pub fn is_payment_book(self) -> bool {
        self == InvoiceType::PAYMENT_BOOK
    }
}

impl FromStr for InvoiceType {
    type Err = UnknownInvoiceType;

    fn from_str(text: &str) -> Result<InvoiceType, UnknownInvoiceType> {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let number = if digits { text.parse().ok() } else { None };
        number.map(InvoiceType).ok_or_else(|| UnknownInvoiceType(text.to_owned()))
    }
}

impl fmt::Display for InvoiceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Serialize for InvoiceType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for InvoiceType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<InvoiceType, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
