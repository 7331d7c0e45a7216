//! The filing calendar (申报期限): until which day a period is filed, and how many days are left.
//!
//! Neither channel tells a deadline. The rule is the 15th of the next month, moved past Saturday and
//! Sunday; what holidays and bureaus change of it is data that an operator sets. The matrix counts
//! its days to it, and a task that is parked waits for its login until then.

use crate::{
    Moment,
    bureau::BureauCode,
    located::Day,
    period::{TaxPeriod, date_in_shanghai},
};
use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

/// Limits of a day that is set; another is refused with a sentence.
pub mod limits {
    /// Months after the period's own in which its last day may lie.
    pub const MONTHS: u32 = 3;
}

/// A last day that somebody has set, for one bureau or the whole country.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FilingDay {
    pub period: TaxPeriod,
    /// None: every bureau that has none of its own.
    pub bureau: Option<BureauCode>,
    pub day: NaiveDate,
}

/// Where a deadline comes from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineFrom {
    /// Set for this bureau.
    Bureau,
    /// Set for the whole country.
    Country,
    /// The 15th of the next month, or the Monday after it.
    Rule,
}

impl DeadlineFrom {
    pub const fn name(self) -> &'static str {
        match self {
            DeadlineFrom::Bureau => "bureau",
            DeadlineFrom::Country => "country",
            DeadlineFrom::Rule => "rule",
        }
    }
}

/// The last day on which a period is filed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Deadline {
    pub day: NaiveDate,
    pub from: DeadlineFrom,
}

/// The day cannot be a period's last.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WrongFilingDay {
    #[error("day: \"{0}\" is not a date, such as 2025-12-15")]
    NotADate(String),
    #[error(
        "day: {day} cannot be the last day of {period}: it must lie after {after} and not after \
         {last}"
    )]
    OutOfReach { day: NaiveDate, period: TaxPeriod, after: NaiveDate, last: NaiveDate },
}

impl FilingDay {
    /// A day that can be set.
    ///
    /// # Errors
    /// It is no date, or lies before the period's end or more than [`limits::MONTHS`] months after.
    pub fn read(
        period: TaxPeriod,
        bureau: Option<BureauCode>,
        day: &str,
    ) -> Result<FilingDay, WrongFilingDay> {
        let read: Result<Day, _> = day.parse();
        let Ok(Day(day)) = read else { return Err(WrongFilingDay::NotADate(day.to_owned())) };
        let months = (0..limits::MONTHS).fold(period, |period, _| period.next());
        let (after, last) = (period.last_day(), months.last_day());
        if day <= after || day > last {
            return Err(WrongFilingDay::OutOfReach { day, period, after, last });
        }
        Ok(FilingDay { period, bureau, day })
    }
}

/// The deadline of a period at a bureau, by the days that are set.
pub fn deadline(set: &[FilingDay], bureau: BureauCode, period: TaxPeriod) -> Deadline {
    let of = |bureau: Option<BureauCode>| {
        let found = set.iter().find(|day| day.period == period && day.bureau == bureau);
        found.map(|found| found.day)
    };
    if let Some(day) = of(Some(bureau)) {
        return Deadline { day, from: DeadlineFrom::Bureau };
    }
    if let Some(day) = of(None) {
        return Deadline { day, from: DeadlineFrom::Country };
    }
    Deadline { day: past_weekend(fifteenth_after(period)), from: DeadlineFrom::Rule }
}

fn fifteenth_after(period: TaxPeriod) -> NaiveDate {
    period.next().first_day() + Days::new(14)
}

fn past_weekend(day: NaiveDate) -> NaiveDate {
    match day.weekday() {
        Weekday::Sat => day + Days::new(2),
        Weekday::Sun => day + Days::new(1),
        _ => day,
    }
}

/// Days from today, in Asia/Shanghai, to the last day: 0 on that day, negative after it.
pub fn days_left(last: NaiveDate, now: Moment) -> i64 {
    (last - date_in_shanghai(now)).num_days()
}

#[cfg(test)]
mod tests {
    use super::{FilingDay, days_left, deadline};
    use crate::{Moment, bureau::BureauCode, period::TaxPeriod};

    fn period(text: &str) -> TaxPeriod {
        text.parse().expect("a period")
    }

    /// `202509 - 2025-10-27`: period, bureau or `-` for the country, day.
    fn set(text: &str) -> Vec<FilingDay> {
        let one = |text: &str| {
            let words: Vec<&str> = text.split_whitespace().collect();
            let [of, bureau, day] = words[..] else { panic!("{text}") };
            let bureau: Option<BureauCode> = bureau.parse().ok();
            FilingDay::read(period(of), bureau, day).expect("a day")
        };
        text.split(',').filter(|one| !one.trim().is_empty()).map(one).collect()
    }

    #[test]
    fn deadlines_by_period_and_bureau() {
        let days = "202509 - 2025-10-27, 202509 440300 2025-10-24, 202601 110000 2026-02-24";
        // days set | bureau | period | last day | from where
        for (days, bureau, of, day, from) in [
            ("", "440300", "202511", "2025-12-15", "rule"),
            ("", "440300", "202510", "2025-11-17", "rule"), // the 15th is a Saturday
            ("", "440300", "202502", "2025-03-17", "rule"), // again
            ("", "440300", "202505", "2025-06-16", "rule"), // a Sunday
            ("", "440300", "202512", "2026-01-15", "rule"),
            (days, "110000", "202509", "2025-10-27", "country"),
            (days, "440300", "202509", "2025-10-24", "bureau"),
            (days, "440300", "202510", "2025-11-17", "rule"),
            (days, "440300", "202601", "2026-02-16", "rule"), // another bureau's
            (days, "110000", "202601", "2026-02-24", "bureau"),
        ] {
            let bureau = bureau.parse().expect("a bureau");
            let found = deadline(&set(days), bureau, period(of));
            let told = (found.day.to_string(), found.from.name());
            assert_eq!(told, (day.to_owned(), from), "{days} {bureau} {of}");
        }
    }

    #[test]
    fn days_are_counted_in_shanghai() {
        let last = "2025-12-15".parse().expect("a date");
        // now | days left
        for (now, left) in [
            ("2025-11-30T15:59:59Z", 15),
            ("2025-11-30T16:00:00Z", 14),
            ("2025-12-14T16:00:00Z", 0),
            ("2025-12-15T15:59:59Z", 0),
            ("2025-12-15T16:00:00Z", -1),
        ] {
            let now: Moment = now.parse().expect("a moment");
            assert_eq!(days_left(last, now), left, "{now}");
        }
    }

    #[test]
    fn a_day_out_of_reach_is_refused() {
        // period | day | the sentence begins with
        for (of, day, sentence) in [
            ("202511", "2025-11-30", "day: 2025-11-30 cannot be the last day of 202511"),
            ("202511", "2026-03-01", "day: 2026-03-01 cannot be"),
            ("202511", "2025-12-32", "day: \"2025-12-32\" is not a date"),
            ("202511", "20251215", "day: \"20251215\" is not a date"),
            ("202511", "2025-12-01", ""),
            ("202511", "2026-02-28", ""),
        ] {
            let found = FilingDay::read(period(of), None, day);
            let said = found.map_or_else(|wrong| wrong.to_string(), |_| String::new());
            assert!(said.starts_with(sentence) && said.is_empty() == sentence.is_empty(), "{said}");
        }
    }
}
