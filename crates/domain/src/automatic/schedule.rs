//! When a rule runs: a cron expression of five fields, in Asia/Shanghai.

use crate::{Moment, period::shanghai};
use chrono::{DateTime, FixedOffset, SubsecRound};
use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// Characters of an expression; a longer one is refused.
const CHARS: usize = 200;

/// Minute, hour, day of the month, month and weekday (0 to 7, Sunday is 0 and 7).
#[derive(Clone)]
pub struct Schedule {
    text: String,
    cron: Cron,
}

/// The text is no schedule.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotASchedule {
    #[error(
        "has {0} fields; write five (minute hour day month weekday), such as \"30 2 * * *\" for \
         every day at 02:30"
    )]
    Fields(usize),
    #[error("is longer than {CHARS} characters")]
    Long,
    #[error("\"{text}\" is no cron expression ({why}); write minute hour day month weekday")]
    Expression { text: String, why: String },
    #[error("\"{0}\" names a day that never comes")]
    Never(String),
}

impl FromStr for Schedule {
    type Err = NotASchedule;

    fn from_str(text: &str) -> Result<Schedule, NotASchedule> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        if fields.len() != 5 {
            return Err(NotASchedule::Fields(fields.len()));
        }
        let text = fields.join(" ");
        if text.chars().count() > CHARS {
            return Err(NotASchedule::Long);
        }
        // `5/20` goes on to the end, as cron has it.
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .sloppy_ranges(true)
            .build();
        let cron = match parser.parse(&text) {
            Ok(cron) => cron,
            Err(wrong) => {
                return Err(NotASchedule::Expression { text, why: wrong.to_string() });
            }
        };
        let schedule = Schedule { text, cron };
        match schedule.next_after(Moment::UNIX_EPOCH) {
            Some(_) => Ok(schedule),
            None => Err(NotASchedule::Never(schedule.text)),
        }
    }
}

impl Schedule {
    /// The first time after this moment; None: beyond the end of the calendar.
    pub fn next_after(&self, at: Moment) -> Option<Moment> {
        let next = self.cron.find_next_occurrence(&second_of(at), false);
        next.ok().map(|next| next.to_utc())
    }

    /// The last time until this moment that is after the other: however many times were missed,
    /// it is one.
    pub fn last_between(&self, after: Moment, until: Moment) -> Option<Moment> {
        let last = self.cron.find_previous_occurrence(&second_of(until), true);
        last.ok().map(|last| last.to_utc()).filter(|last| *last > after)
    }
}

/// Times of a schedule are whole seconds.
fn second_of(at: Moment) -> DateTime<FixedOffset> {
    at.with_timezone(&shanghai()).trunc_subsecs(0)
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Schedule) -> bool {
        self.text == other.text
    }
}

impl Eq for Schedule {}

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
    use proptest::{prop_assert, prop_assert_eq, proptest};

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
            // The last day of a month, and names of days.
            ("0 2 L * *", "2025-11-17 00:00", "2025-11-30 02:00"),
            ("0 2 * * mon-fri", "2025-11-22 00:00", "2025-11-24 02:00"),
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
            ("@daily", "has 1 fields"),
            ("60 2 * * *", "\"60 2 * * *\" is no cron expression"),
            ("0 24 * * *", "\"0 24 * * *\" is no cron expression"),
            ("0 2 0 * *", "\"0 2 0 * *\" is no cron expression"),
            ("0 2 * 1,13 *", "\"0 2 * 1,13 *\" is no cron expression"),
            ("0 2 * * 8", "\"0 2 * * 8\" is no cron expression"),
            ("0 2 * * 一", "\"0 2 * * 一\" is no cron expression"),
            ("5-1 2 * * *", "\"5-1 2 * * *\" is no cron expression"),
            ("*/0 2 * * *", "\"*/0 2 * * *\" is no cron expression"),
            ("+5 2 * * *", "\"+5 2 * * *\" is no cron expression"),
            ("* * * * @daily", "\"* * * * @daily\" is no cron expression"),
            ("0 2 30 2 *", "\"0 2 30 2 *\" names a day that never comes"),
        ] {
            let wrong = text.parse::<Schedule>().expect_err(text).to_string();
            assert!(wrong.starts_with(sentence), "{text}: {wrong}");
        }
        let long = format!("{} * * * *", "1,".repeat(200));
        assert_eq!(long.parse::<Schedule>(), Err(super::NotASchedule::Long));
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_refused_or_comes(text in "[0-9*,/LW#?+a-z-]{1,6}( [0-9*,/LW#?-]{1,5}){4}") {
            if let Ok(schedule) = text.parse::<Schedule>() {
                let first = schedule.next_after(at("2025-11-21 10:09")).expect("it comes");
                prop_assert!(first > at("2025-11-21 10:09"));
                let again = schedule.last_between(at("2025-11-21 10:09"), first);
                prop_assert_eq!(again, Some(first));
            }
        }
    }
}
