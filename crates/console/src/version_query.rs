//! Query parameters of the versions of statistic tables.

use crate::{
    filter::{address, limit, one, unpacked},
    problem::Problem,
};
use domain::{period::TaxPeriod, statistic::VersionId};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

/// Which versions.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct VersionQuery {
    /// Such as 202511; left out: every period
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// Rows at most, from 1 to 1000; 50 when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// The `next` of the page before
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl VersionQuery {
    pub(crate) fn of_period(&self) -> Result<Option<TaxPeriod>, Problem> {
        one("period", self.period.as_deref())
    }

    pub(crate) fn page(&self) -> Result<(Option<VersionId>, usize), Problem> {
        let after = self.after.as_deref().map(unpacked).transpose()?;
        Ok((after, limit(self.limit)?))
    }

    pub(crate) fn to_query(&self) -> String {
        address(self)
    }
}
