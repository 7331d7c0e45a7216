//! When a rule runs: a cron expression of five fields, in Asia/Shanghai.
//!
//! The zone has no summer time, so that an expression is five sets of numbers and nothing more.

use crate::{Moment, period::shanghai};
use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, TimeZone, Timelike};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// Days that are looked through for the next time: past every 29th of February on a given weekday.
const DAYS: u64 = 41 * 366;

/// Minute, hour, day of the month, month and weekday (0 to 7, Sunday is 0 and 7).
#[derive(Clone, PartialEq, Eq)]
pub struct Schedule {
    text: String,
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Day and weekday are both limited: either will do, as cron has it.
    either: bool,
}

/// The text is no schedule.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotASchedule {
    #[error(
        "has {0} fields; write five (minute hour day month weekday), such as \"30 2 * * *\" for \
         every day at 02:30"
    )]
    Fields(usize),
    #[error("\"{part}\" is no {field}: write *, numbers from {least} to {most}, ranges or /steps")]
    Part { field: &'static str, part: String, least: u32, most: u32 },
    #[error("\"{0}\" names a day that never comes")]
    Never(String),
}

/// Characters of a part that a sentence repeats.
const PART_CHARS: usize = 40;

/// Name, least and greatest number of each field.
const FIELDS: [(&str, u32, u32); 5] =
    [("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7)];

fn has(set: u64, number: u32) -> bool {
    set & (1 << number) != 0
}

/// One field: parts with commas between, each `*`, `a`, `a-b`, with or without `/step`.
fn field(text: &str, (name, least, most): (&'static str, u32, u32)) -> Result<u64, NotASchedule> {
    let mut set = 0;
    for part in text.split(',') {
        let numbers = numbers(part, least, most).ok_or_else(|| NotASchedule::Part {
            field: name,
            part: part.chars().take(PART_CHARS).collect(),
            least,
            most,
        })?;
        set = numbers.fold(set, |set, number| set | 1 << number);
    }
    Ok(set)
}

fn numbers(part: &str, least: u32, most: u32) -> Option<impl Iterator<Item = u32>> {
    let number = |text: &str| {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|number| digits && (least..=most).contains(number))
    };
    let (range, step) = match part.split_once('/') {
        Some((range, step)) => {
            (range, Some(step.parse::<usize>().ok().filter(|step| (1..60).contains(step))?))
        }
        None => (part, None),
    };
    let (first, last) = match (range, range.split_once('-')) {
        ("*", _) => (least, most),
        (_, Some((first, last))) => (number(first)?, number(last)?),
        // `5/10` goes on to the end, as cron has it.
        (one, None) => (number(one)?, if step.is_some() { most } else { number(one)? }),
    };
    (first <= last).then(|| (first..=last).step_by(step.unwrap_or(1)))
}

impl FromStr for Schedule {
    type Err = NotASchedule;

    fn from_str(text: &str) -> Result<Schedule, NotASchedule> {
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let &[minutes, hours, days, months, weekdays] = &fields[..] else {
            return Err(NotASchedule::Fields(fields.len()));
        };
        let [of_minute, of_hour, of_day, of_month, of_weekday] = FIELDS;
        let sundays = field(weekdays, of_weekday)?;
        let schedule = Schedule {
            text: fields.join(" "),
            minutes: field(minutes, of_minute)?,
            hours: field(hours, of_hour)?,
            days: field(days, of_day)?,
            months: field(months, of_month)?,
            weekdays: sundays | u64::from(has(sundays, 7)),
            either: !days.starts_with('*') && !weekdays.starts_with('*'),
        };
        match schedule.next_after(Moment::UNIX_EPOCH) {
            Some(_) => Ok(schedule),
            None => Err(NotASchedule::Never(schedule.text)),
        }
    }
}

impl Schedule {
    /// The first time after this moment; None: beyond the end of the calendar.
    pub fn next_after(&self, at: Moment) -> Option<Moment> {
        let local = at.with_timezone(&shanghai()).naive_local();
        let mut day = local.date();
        let mut from = minute_of(local) + 1;
        for _ in 0..DAYS {
            if self.runs_on(day)
                && let Some(minute) = (from..24 * 60).find(|minute| self.runs_at(*minute))
            {
                return moment(day, minute);
            }
            day = day.succ_opt()?;
            from = 0;
        }
        None
    }

    /// The last time until this moment that is after the other: however many times were missed,
    /// it is one.
    pub fn last_between(&self, after: Moment, until: Moment) -> Option<Moment> {
        let local = until.with_timezone(&shanghai()).naive_local();
        let first = after.with_timezone(&shanghai()).date_naive();
        let mut day = local.date();
        let mut before = minute_of(local) + 1;
        while day >= first {
            if self.runs_on(day)
                && let Some(minute) = (0..before).rev().find(|minute| self.runs_at(*minute))
            {
                return moment(day, minute).filter(|at| *at > after);
            }
            day = day.checked_sub_days(Days::new(1))?;
            before = 24 * 60;
        }
        None
    }

    fn runs_on(&self, day: NaiveDate) -> bool {
        let of_month = has(self.days, day.day());
        let of_week = has(self.weekdays, day.weekday().num_days_from_sunday());
        let day_is_one = if self.either { of_month || of_week } else { of_month && of_week };
        day_is_one && has(self.months, day.month())
    }

    fn runs_at(&self, minute: u32) -> bool {
        has(self.hours, minute / 60) && has(self.minutes, minute % 60)
    }
}

fn minute_of(local: NaiveDateTime) -> u32 {
    local.hour() * 60 + local.minute()
}

fn moment(day: NaiveDate, minute: u32) -> Option<Moment> {
    let local = day.and_hms_opt(minute / 60, minute % 60, 0)?;
    Some(shanghai().from_local_datetime(&local).single()?.to_utc())
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Schedule({})", self.text)
    }
}

impl Serialize for Schedule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Schedule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Schedule, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Schedule;
    use crate::{Moment, period::shanghai};

    fn at(local: &str) -> Moment {
        format!("{}:00+08:00", local.replace(' ', "T")).parse().expect(local)
    }

    fn shown(moment: Option<Moment>) -> String {
        let shown = |at: Moment| at.with_timezone(&shanghai()).format("%F %R").to_string();
        moment.map(shown).unwrap_or_default()
    }

    #[test]
    fn the_next_time_is_found_in_shanghai() {
        for (text, after, next) in [
            ("30 2 * * *", "2025-11-20 02:29", "2025-11-20 02:30"),
            ("30 2 * * *", "2025-11-20 02:30", "2025-11-21 02:30"),
            ("0 0 * * *", "2025-12-31 23:59", "2026-01-01 00:00"),
            ("*/15 9-17 * * 1-5", "2025-11-21 17:45", "2025-11-24 09:00"),
            ("5/20 * * * *", "2025-11-21 17:46", "2025-11-21 18:05"),
            ("0 8 1,15 * *", "2025-11-15 08:00", "2025-12-01 08:00"),
            ("0 0 29 2 *", "2025-11-15 08:00", "2028-02-29 00:00"),
            // Day and weekday are both limited: either will do. Sunday is 0 and 7.
            ("0 0 13 * 5", "2025-11-13 00:00", "2025-11-14 00:00"),
            ("0 0 * * 7", "2025-11-17 00:00", "2025-11-23 00:00"),
            ("0 0 * * 0", "2025-11-17 00:00", "2025-11-23 00:00"),
        ] {
            let schedule: Schedule = text.parse().expect(text);
            assert_eq!(shown(schedule.next_after(at(after))), next, "{text} after {after}");
        }
    }

    #[test]
    fn of_times_that_were_missed_the_last_one_is_due() {
        for (text, after, until, due) in [
            ("30 2 * * *", "2025-11-20 02:30", "2025-11-21 02:29", ""),
            ("30 2 * * *", "2025-11-20 02:30", "2025-11-21 02:30", "2025-11-21 02:30"),
            ("30 2 * * *", "2025-11-01 00:00", "2025-11-21 01:00", "2025-11-20 02:30"),
            ("*/5 * * * *", "2025-11-21 10:05", "2025-11-21 10:09", ""),
            ("*/5 * * * *", "2025-11-21 09:00", "2025-11-21 10:09", "2025-11-21 10:05"),
            ("0 0 1 1 *", "2024-06-01 00:00", "2025-11-21 10:09", "2025-01-01 00:00"),
            ("0 0 1 1 *", "2025-11-21 10:10", "2025-11-21 10:09", ""),
        ] {
            let schedule: Schedule = text.parse().expect(text);
            let found = schedule.last_between(at(after), at(until));
            assert_eq!(shown(found), due, "{text} between {after} and {until}");
        }
    }

    #[test]
    fn what_is_no_schedule_is_said() {
        for (text, sentence) in [
            ("", "has 0 fields"),
            ("0 2 * *", "has 4 fields"),
            ("0 0 2 * * *", "has 6 fields"),
            ("60 2 * * *", "\"60\" is no minute"),
            ("0 24 * * *", "\"24\" is no hour"),
            ("0 2 0 * *", "\"0\" is no day"),
            ("0 2 * 1,13 *", "\"13\" is no month"),
            ("0 2 * * 8", "\"8\" is no weekday"),
            ("0 2 * * mon", "\"mon\" is no weekday"),
            ("5-1 2 * * *", "\"5-1\" is no minute"),
            ("*/0 2 * * *", "\"*/0\" is no minute"),
            ("+5 2 * * *", "\"+5\" is no minute"),
            ("0 2 30 2 *", "\"0 2 30 2 *\" names a day that never comes"),
        ] {
            let wrong = text.parse::<Schedule>().expect_err(text).to_string();
            assert!(wrong.starts_with(sentence), "{text}: {wrong}");
        }
    }
}
