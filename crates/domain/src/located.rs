//! Reading JSON into types, with the place of what is wrong.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned, de::Error as _};
use std::{fmt::Display, str::FromStr};

/// What is wrong, and where: `invoices[3].amount`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Wrong {
    pub(crate) field: String,
    pub(crate) problem: String,
}

/// Characters of a sentence about a wrong field: what was sent may be very long.
const SENTENCE_CHARS: usize = 240;

impl Wrong {
    pub(crate) fn new(field: impl Into<String>, problem: impl Into<String>) -> Wrong {
        Wrong { field: field.into(), problem: clipped(problem.into()) }
    }

    /// serde names a missing or unknown field in its message only; the place is where it belongs.
    fn of(path: &serde_path_to_error::Path, message: &str) -> Wrong {
        let parent = match path.to_string() {
            root if root == "." => String::new(),
            path => path,
        };
        let inside = |name: &str| match parent.as_str() {
            "" => name.to_owned(),
            parent => format!("{parent}.{name}"),
        };
        let quoted = |prefix| {
            let rest: &str = message.strip_prefix(prefix)?;
            rest.split_once('`')
        };
        if let Some((name, _)) = quoted("missing field `") {
            return Wrong::new(inside(name), "is missing");
        }
        if let Some((name, expected)) = quoted("unknown field `") {
            // The path ends with the field itself already.
            let known = expected.trim_start_matches(", ").replace('`', "");
            let field = if parent.ends_with(name) { parent } else { inside(name) };
            return Wrong::new(field, format!("is not a known key; {known}"));
        }
        Wrong::new(parent, message)
    }
}

fn clipped(text: String) -> String {
    match text.char_indices().nth(SENTENCE_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Reads a value that was parsed already. `root` names the whole when the whole is wrong.
pub(crate) fn from_value<T: DeserializeOwned>(
    value: serde_json::Value,
    root: &str,
) -> Result<T, Wrong> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let wrong = Wrong::of(error.path(), &error.inner().to_string());
        if wrong.field.is_empty() { Wrong { field: root.to_owned(), ..wrong } } else { wrong }
    })
}

/// Parses JSON text; the problem names line and column.
pub(crate) fn json(text: &[u8], root: &str) -> Result<serde_json::Value, Wrong> {
    serde_json::from_slice(text).map_err(|error| Wrong::new(root, format!("is not JSON: {error}")))
}

/// For `deserialize_with`: text that may be absent, null or empty, which all mean the same.
pub(crate) fn optional<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    match Option::<String>::deserialize(deserializer)? {
        None => Ok(None),
        Some(text) if text.is_empty() => Ok(None),
        Some(text) => text.parse().map(Some).map_err(D::Error::custom),
    }
}

/// For `deserialize_with`: text that must be there.
pub(crate) fn required<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

/// A calendar date: `2023-08-16`.
#[derive(Clone, Copy, Serialize, Debug)]
#[serde(transparent)]
pub(crate) struct Day(pub(crate) NaiveDate);

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Day, String> {
        match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            Ok(day) if text.len() == 10 => Ok(Day(day)),
            _ => Err(format!("\"{text}\" is not a date, such as 2023-08-16")),
        }
    }
}
