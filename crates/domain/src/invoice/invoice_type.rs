//! Invoice types: one table of number, name and 乐企's code.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// A type of invoice that we know, by the number of the open platform.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct InvoiceType(u8);

/// The number is no invoice type.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("\"{0}\" is not the number of an invoice type (such as 27)")]
pub struct UnknownInvoiceType(pub String);

/// Whether invoices of a type may be selected (rule 2.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Selectable {
    Yes,
    /// An ordinary invoice: only when it is agricultural (`special_kind`).
    AgriculturalOnly,
    No,
}

struct Row {
    number: u8,
    name: &'static str,
    /// 乐企's `fplx`; None where none is published.
    fplx: Option<&'static str>,
    selectable: Selectable,
}

const fn row(
    number: u8,
    name: &'static str,
    fplx: Option<&'static str>,
    selectable: Selectable,
) -> Row {
    Row { number, name, fplx, selectable }
}

/// The name of types whose number the platform publishes without one.
const NO_NAME: &str = "其他发票";

/// A type that cannot be selected; the platform publishes its number without a name.
const fn unnamed(number: u8) -> Row {
    row(number, NO_NAME, None, Selectable::No)
}

/// The one table. The numbers 59 and 83 are ours: the platform publishes none for these types.
const TABLE: [Row; 29] = {
    use Selectable::{AgriculturalOnly, Yes};
    [
        row(1, "电子普通发票", Some("10"), AgriculturalOnly),
        row(2, "电子专用发票", Some("08"), Yes),
        row(3, "纸质普通发票", Some("04"), AgriculturalOnly),
        row(4, "纸质专用发票", Some("01"), Yes),
        row(12, "机动车销售发票", Some("03"), Yes),
        row(15, "通行费电子发票", Some("14"), Yes),
        row(19, "增值税代扣代缴完税凭证", None, Yes),
        row(21, "海关缴款书", Some("17"), Yes),
        row(26, "数电票(普通发票)", Some("82"), AgriculturalOnly),
        row(27, "数电票(增值税专用发票)", Some("81"), Yes),
        row(28, "数电票(航空运输电子客票行程单)", Some("61"), Yes),
        row(29, "数电票(铁路电子客票)", Some("51"), Yes),
        row(59, "数电发票(通行费发票)", Some("59"), Yes),
        row(83, "数电发票(机动车销售统一发票)", Some("83"), Yes),
        unnamed(5),
        unnamed(7),
        unnamed(8),
        unnamed(9),
        unnamed(10),
        unnamed(11),
        unnamed(13),
        unnamed(14),
        unnamed(16),
        unnamed(17),
        unnamed(20),
        unnamed(23),
        unnamed(24),
        unnamed(25),
        unnamed(30),
    ]
};

/// Codes that 乐企 sends but that we do not send: digital invoices on paper are of the paper
/// type, and 8208 is the other code of 59.
const READ_AS: [(&str, u8); 4] = [("85", 4), ("86", 3), ("87", 12), ("8208", 59)];

impl InvoiceType {
    /// 海关缴款书: known by its own number instead of code and number.
    pub const PAYMENT_BOOK: InvoiceType = InvoiceType(21);

    /// The type with this number; None: no such type.
    pub fn from_number(number: u8) -> Option<InvoiceType> {
        TABLE.iter().find(|row| row.number == number).map(|row| InvoiceType(row.number))
    }

    /// The type that 乐企 means with this `fplx`; None: not known to us.
    pub fn from_fplx(fplx: &str) -> Option<InvoiceType> {
        let alias = READ_AS.iter().find(|(code, _)| *code == fplx).map(|(_, number)| *number);
        let listed = || TABLE.iter().find(|row| row.fplx == Some(fplx)).map(|row| row.number);
        alias.or_else(listed).map(InvoiceType)
    }

    /// Every type that we know.
    pub fn all() -> impl Iterator<Item = InvoiceType> {
        TABLE.iter().map(|row| InvoiceType(row.number))
    }

    pub const fn number(self) -> u8 {
        self.0
    }

    /// The name that people read.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Whether the name is this type's alone.
    pub fn is_named(self) -> bool {
        self.name() != NO_NAME
    }

    /// Whether such invoices have a code beside their number: those that are neither fully digital
    /// nor a certificate of payment.
    pub const fn has_code(self) -> bool {
        matches!(self.0, 1 | 2 | 3 | 4 | 12 | 15)
    }

    /// 乐企's code; None: such invoices cannot be sent there.
    pub fn fplx(self) -> Option<&'static str> {
        self.row().fplx
    }

    pub fn selectable(self) -> Selectable {
        self.row().selectable
    }

    pub fn is_payment_book(self) -> bool {
        self == InvoiceType::PAYMENT_BOOK
    }

    fn row(self) -> &'static Row {
        let mut rows = TABLE.iter();
        rows.find(|row| row.number == self.0).expect("only numbers of the table are constructed")
    }
}

impl FromStr for InvoiceType {
    type Err = UnknownInvoiceType;

    fn from_str(text: &str) -> Result<InvoiceType, UnknownInvoiceType> {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let number = if digits { text.parse().ok() } else { None };
        let known = number.and_then(InvoiceType::from_number);
        known.ok_or_else(|| UnknownInvoiceType(text.to_owned()))
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

#[cfg(test)]
mod tests {
    use super::{InvoiceType, Selectable};

    #[test]
    fn number_name_and_code_belong_together() {
        use Selectable::{AgriculturalOnly, No, Yes};
        for (number, name, fplx, selectable) in [
            ("1", "电子普通发票", Some("10"), AgriculturalOnly),
            ("4", "纸质专用发票", Some("01"), Yes),
            ("19", "增值税代扣代缴完税凭证", None, Yes),
            ("21", "海关缴款书", Some("17"), Yes),
            ("27", "数电票(增值税专用发票)", Some("81"), Yes),
            ("59", "数电发票(通行费发票)", Some("59"), Yes),
            ("83", "数电发票(机动车销售统一发票)", Some("83"), Yes),
            ("30", "其他发票", None, No),
        ] {
            let read: InvoiceType = number.parse().expect(number);
            assert_eq!((read.name(), read.fplx(), read.selectable()), (name, fplx, selectable));
            if let Some(fplx) = fplx {
                assert_eq!(InvoiceType::from_fplx(fplx), Some(read));
            }
        }
    }

    #[test]
    fn every_number_and_every_code_stands_once() {
        let mut numbers: Vec<_> = InvoiceType::all().collect();
        let mut codes: Vec<_> = InvoiceType::all().filter_map(InvoiceType::fplx).collect();
        let (all, sent) = (numbers.len(), codes.len());
        numbers.sort_unstable();
        numbers.dedup();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!((numbers.len(), codes.len()), (all, sent));
    }

    #[test]
    fn old_types_have_a_code_and_named_types_a_name_of_their_own() {
        let coded: Vec<_> = InvoiceType::all().filter(|one| one.has_code()).collect();
        let names: Vec<_> = coded.iter().map(|one| one.name()).collect();
        let expected = [
            "电子普通发票",
            "电子专用发票",
            "纸质普通发票",
            "纸质专用发票",
            "机动车销售发票",
            "通行费电子发票",
        ];
        assert_eq!(names, expected);
        let mut named: Vec<_> =
            InvoiceType::all().filter(|one| one.is_named()).map(InvoiceType::name).collect();
        assert_eq!(named.len(), 14);
        named.sort_unstable();
        named.dedup();
        assert_eq!(named.len(), 14);
    }

    #[test]
    fn reads_codes_that_are_never_sent() {
        for (fplx, number) in [("85", 4), ("86", 3), ("87", 12), ("8208", 59)] {
            assert_eq!(InvoiceType::from_fplx(fplx).map(InvoiceType::number), Some(number));
        }
        assert_eq!(InvoiceType::from_fplx("99"), None);
    }

    #[test]
    fn unknown_numbers_are_errors() {
        for wrong in ["", "6", "22", "99", "027", "4,27", "２７", "-1"] {
            assert!(wrong.parse::<InvoiceType>().is_err(), "{wrong}");
        }
    }
}
