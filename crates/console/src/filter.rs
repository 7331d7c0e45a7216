//! Which tasks, as query parameters, and where a page begins.

use crate::problem::Problem;
use domain::{
    Moment,
    ids::TaskId,
    task::{ShownState, StateName},
};
use fleet::ports::archive::{After, TaskFilter};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::str::FromStr;
use utoipa::IntoParams;
use uuid::Uuid;

/// Rows of one page when nothing is said.
const PAGE: usize = 50;
/// Rows of one page at most.
pub const MOST_ROWS: usize = 1000;
const SHOWN: [ShownState; 4] =
    [ShownState::Untouched, ShownState::Processing, ShownState::Succeeded, ShownState::Failed];

/// Which tasks; every parameter that is given must match. Several values with commas between.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TaskQuery {
    /// Inner states, such as `queued,parked`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// What people see, such as `处理失败`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_state: Option<String>,
    /// Such as `deduction_select,statistic_create`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_no: Option<String>,
    /// Six digits, such as 440300
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bureau: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_id: Option<String>,
    /// Logged at this moment or later, RFC 3339
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Logged before this moment, RFC 3339
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Rows at most, from 1 to 1000; 50 when left out. Not for counts
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// The `next` of the page before
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl TaskQuery {
    /// The filter; the problem names the parameter.
    pub fn filter(&self) -> Result<TaskFilter, Problem> {
        let state = |text: &str| StateName::from_name(text).ok_or_else(|| one_of(&states()));
        let shown = |text: &str| {
            let found = SHOWN.into_iter().find(|shown| shown.label() == text);
            found.ok_or_else(|| one_of(&SHOWN.map(ShownState::label)))
        };
        Ok(TaskFilter {
            states: several("state", self.state.as_deref(), state)?,
            shown: several("shown_state", self.shown_state.as_deref(), shown)?,
            kinds: several("kind", self.kind.as_deref(), from_str)?,
            tax_no: one("tax_no", self.tax_no.as_deref())?,
            bureau: one("bureau", self.bureau.as_deref())?,
            account: one("account", self.account.as_deref())?,
            batch_id: self.batch_id.clone(),
            enqueued_from: moment("from", self.from.as_deref())?,
            enqueued_to: moment("to", self.to.as_deref())?,
            within: None,
        })
    }

    pub(crate) fn page(&self) -> Result<(Option<After>, usize), Problem> {
        let limit = limit(self.limit)?;
        let after = self.after.as_deref().map(read_token).transpose()?;
        Ok((after, limit))
    }

    /// As it stands after `?` in an address; empty when nothing is set.
    pub fn to_query(&self) -> String {
        address(self)
    }
}

/// Rows of one page.
pub(crate) fn limit(asked: Option<usize>) -> Result<usize, Problem> {
    let limit = asked.unwrap_or(PAGE);
    if !(1..=MOST_ROWS).contains(&limit) {
        return Err(Problem::malformed(format!("limit: must be from 1 to {MOST_ROWS}")));
    }
    Ok(limit)
}

/// Parameters as they stand after `?` in an address.
pub(crate) fn address(query: &impl Serialize) -> String {
    let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(query) else {
        return String::new();
    };
    let pairs = fields.iter().map(|(name, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{name}={}", percent_encoded(&text))
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// What a part of a path, or a value of a query, keeps as it is.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

pub(crate) fn percent_encoded(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}

/// Where the page after this row begins.
pub(crate) fn token(after: After) -> String {
    let nanos = after.enqueued_at.timestamp_nanos_opt().unwrap_or_default();
    format!("{nanos}.{}", after.task_id.0.simple())
}

fn read_token(text: &str) -> Result<After, Problem> {
    let read = || {
        let (nanos, id) = text.split_once('.')?;
        let enqueued_at = Moment::from_timestamp_nanos(nanos.parse().ok()?);
        Some(After { enqueued_at, task_id: TaskId(Uuid::try_parse(id).ok()?) })
    };
    read().ok_or_else(not_a_place)
}

/// A place in a list, in characters that an address carries as they are.
pub(crate) fn packed(place: &impl Serialize) -> String {
    let json = serde_json::to_vec(place).expect("texts, numbers and times are always JSON");
    json.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The place that [`packed`] made of an earlier page.
pub(crate) fn unpacked<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let byte = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    let read = || {
        let bytes: Option<Vec<u8>> = (0..text.len()).step_by(2).map(byte).collect();
        serde_json::from_slice(&bytes?).ok()
    };
    read().ok_or_else(not_a_place)
}

fn not_a_place() -> Problem {
    Problem::malformed("after: is not the `next` of an earlier page; begin without it")
}

fn states() -> Vec<&'static str> {
    StateName::ALL.iter().map(|state| state.name()).collect()
}

pub(crate) fn one_of(names: &[&str]) -> String {
    format!("write one of {}", names.join(", "))
}

pub(crate) fn from_str<T: FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

pub(crate) fn several<T>(
    name: &str,
    text: Option<&str>,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, Problem> {
    let parts = text.into_iter().flat_map(|text| text.split(',')).map(str::trim);
    let read = |part| {
        read(part).map_err(|problem| Problem::malformed(format!("{name}: \"{part}\": {problem}")))
    };
    parts.filter(|part| !part.is_empty()).map(read).collect()
}

pub(crate) fn one<T: FromStr<Err: std::fmt::Display>>(
    name: &str,
    text: Option<&str>,
) -> Result<Option<T>, Problem> {
    let read = |text: &str| {
        text.parse().map_err(|error: T::Err| Problem::malformed(format!("{name}: {error}")))
    };
    text.map(read).transpose()
}

pub(crate) fn moment(name: &str, text: Option<&str>) -> Result<Option<Moment>, Problem> {
    let read = |text: &str| {
        chrono::DateTime::parse_from_rfc3339(text).map(Moment::from).map_err(|error| {
            let sentence = format!(
                "{name}: \"{text}\": {error}; write RFC 3339, such as 2025-12-01T00:00:00+08:00"
            );
            Problem::malformed(sentence)
        })
    };
    text.map(read).transpose()
}

#[cfg(test)]
mod tests {
    use super::{TaskQuery, read_token, token};
    use domain::{ids::TaskId, task::StateName};
    use fleet::ports::archive::After;
    use uuid::Uuid;

    #[test]
    fn every_wrong_parameter_is_named() {
        let text = |text: &str| Some(text.to_owned());
        for (query, name) in [
            (
                TaskQuery { state: text("queued,flying"), ..TaskQuery::default() },
                "state: \"flying\"",
            ),
            (TaskQuery { shown_state: text("完成"), ..TaskQuery::default() }, "shown_state: "),
            (TaskQuery { kind: text("nap"), ..TaskQuery::default() }, "kind: \"nap\""),
            (TaskQuery { tax_no: text("1"), ..TaskQuery::default() }, "tax_no: "),
            (TaskQuery { bureau: text("999999"), ..TaskQuery::default() }, "bureau: "),
            (TaskQuery { account: text("a b"), ..TaskQuery::default() }, "account: "),
            (TaskQuery { from: text("yesterday"), ..TaskQuery::default() }, "from: "),
            (TaskQuery { to: text("2025-12-01"), ..TaskQuery::default() }, "to: "),
        ] {
            let problem = query.filter().expect_err(name);
            assert!(problem.sentence.starts_with(name), "{problem}");
        }
        let query = TaskQuery { limit: Some(0), ..TaskQuery::default() };
        assert!(query.page().expect_err("no rows").sentence.starts_with("limit: "));
        let query = TaskQuery { after: text("7"), ..TaskQuery::default() };
        assert!(query.page().expect_err("no token").sentence.starts_with("after: "));
    }

    #[test]
    fn several_states_are_read() {
        let query = TaskQuery { state: Some("queued, parked".into()), ..TaskQuery::default() };
        let filter = query.filter().expect("a filter");
        assert_eq!(filter.states, [StateName::Queued, StateName::Parked]);
    }

    #[test]
    fn an_address_carries_any_text() {
        let query =
            TaskQuery { batch_id: Some("a&b=勾".into()), limit: Some(3), ..TaskQuery::default() };
        assert_eq!(query.to_query(), "batch_id=a%26b%3D%E5%8B%BE&limit=3");
    }

    #[test]
    fn a_token_leads_back() {
        let after = After {
            enqueued_at: "2025-12-01T01:02:03.123456789Z".parse().expect("a time"),
            task_id: TaskId(Uuid::from_u128(5)),
        };
        assert_eq!(read_token(&token(after)).ok(), Some(after));
    }
}
