//! Tax periods (税款所属期): calendar months in Asia/Shanghai.

use crate::Moment;
use chrono::{Datelike, FixedOffset, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// One month, written `202511`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaxPeriod {
    first: NaiveDate,
}

/// The text is no period.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("\"{0}\" is not a tax period: six digits, year and month, such as 202511")]
pub struct NotAPeriod(pub String);

/// Asia/Shanghai: UTC+8 all year.
pub fn shanghai() -> FixedOffset {
    FixedOffset::east_opt(8 * 3600).expect("eight hours is a valid offset")
}

/// The calendar date in Asia/Shanghai at this moment.
pub fn date_in_shanghai(at: Moment) -> NaiveDate {
    at.with_timezone(&shanghai()).date_naive()
}

impl TaxPeriod {
    /// The month that this moment falls in, in Asia/Shanghai.
    pub fn containing(at: Moment) -> TaxPeriod {
        TaxPeriod::of_date(date_in_shanghai(at))
    }

    pub fn of_date(date: NaiveDate) -> TaxPeriod {
        let first = date.with_day(1).expect("every month has a first day");
        TaxPeriod { first }
    }

    pub fn first_day(self) -> NaiveDate {
        self.first
    }

    pub fn last_day(self) -> NaiveDate {
        self.next().first.pred_opt().expect("a day precedes every first of a month")
    }

    pub fn next(self) -> TaxPeriod {
        TaxPeriod::of_date(self.first + chrono::Days::new(31))
    }

    pub fn previous(self) -> TaxPeriod {
        TaxPeriod::of_date(self.first - chrono::Days::new(1))
    }

    /// `202511` as a number, as stored.
    pub fn number(self) -> i32 {
        self.first.year() * 100 + self.first.month() as i32
    }

    pub fn from_number(number: i32) -> Option<TaxPeriod> {
        let month = u32::try_from(number % 100).ok()?;
        NaiveDate::from_ymd_opt(number / 100, month, 1).map(TaxPeriod::of_date)
    }
}

impl FromStr for TaxPeriod {
    type Err = NotAPeriod;

    fn from_str(text: &str) -> Result<TaxPeriod, NotAPeriod> {
        let wrong = || NotAPeriod(text.to_owned());
        if text.len() != 6 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        text.parse().ok().and_then(TaxPeriod::from_number).ok_or_else(wrong)
    }
}

impl fmt::Display for TaxPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.number())
    }
}

impl fmt::Debug for TaxPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for TaxPeriod {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TaxPeriod {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<TaxPeriod, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::TaxPeriod;
    use crate::Moment;

    #[test]
    fn a_month_begins_at_midnight_in_shanghai() {
        for (moment, period) in [
            ("2025-11-30T15:59:59Z", "202511"),
            ("2025-11-30T16:00:00Z", "202512"),
            ("2025-12-31T16:00:00Z", "202601"),
        ] {
            let at: Moment = moment.parse().expect(moment);
            assert_eq!(TaxPeriod::containing(at).to_string(), period);
        }
    }

    #[test]
    fn knows_its_neighbours_and_last_day() {
        let period: TaxPeriod = "202402".parse().expect("a period");
        assert_eq!(period.last_day().to_string(), "2024-02-29");
        assert_eq!(period.next().to_string(), "202403");
        assert_eq!(period.previous().to_string(), "202401");
        for wrong in ["202413", "2024-2", "20240", "0", "２０２４０２"] {
            assert!(wrong.parse::<TaxPeriod>().is_err(), "{wrong}");
        }
    }
}
