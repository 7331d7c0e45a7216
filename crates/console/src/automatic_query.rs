//! Where a page of a rule's runs begins, as query parameters.

use crate::{
    filter::{address, limit, moment},
    problem::Problem,
};
use domain::Moment;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

/// Which runs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RuleRunQuery {
    /// For times before this one, RFC 3339; the `next` of the page before
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Rows at most, from 1 to 1000; 50 when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

impl RuleRunQuery {
    pub(crate) fn page(&self) -> Result<(Option<Moment>, usize), Problem> {
        Ok((moment("before", self.before.as_deref())?, limit(self.limit)?))
    }

    pub(crate) fn to_query(&self) -> String {
        address(self)
    }
}
