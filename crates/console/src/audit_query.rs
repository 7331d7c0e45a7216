//! Which lines of the audit, as query parameters.

use crate::{
    filter::{address, limit, moment},
    problem::Problem,
};
use fleet::ports::people::RecordFilter;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

/// Which lines; every parameter that is given must match.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// Who did it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Such as `POST lanes/pause`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// A part of what it was done to
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// At this moment or later, RFC 3339
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Before this moment, RFC 3339
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Rows at most, from 1 to 1000; 50 when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// The `next` of the page before
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<i64>,
}

impl AuditQuery {
    pub(crate) fn filter(&self) -> Result<RecordFilter, Problem> {
        for (name, text) in [("by", &self.by), ("action", &self.action), ("subject", &self.subject)]
        {
            if text.as_ref().is_some_and(|text| text.contains('\0')) {
                return Err(Problem::malformed(format!(
                    "{name}: holds a character that no text has"
                )));
            }
        }
        Ok(RecordFilter {
            by: self.by.clone(),
            action: self.action.clone(),
            subject: self.subject.clone(),
            from: moment("from", self.from.as_deref())?,
            to: moment("to", self.to.as_deref())?,
        })
    }

    pub(crate) fn page(&self) -> Result<(Option<i64>, usize), Problem> {
        Ok((self.after, limit(self.limit)?))
    }

    pub(crate) fn to_query(&self) -> String {
        address(self)
    }
}
