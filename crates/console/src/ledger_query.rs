//! Which lines of the ledger, as query parameters, and where a page of them begins.

use crate::{
    filter::{address, from_str, limit, moment, one, one_of, several, unpacked},
    problem::Problem,
};
use domain::{ids::TaskId, ledger::LineOutcome};
use fleet::ports::ledger::{AfterLine, LedgerFilter};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;
use uuid::Uuid;

/// Which lines; every parameter that is given must match. Several values with commas between.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct LedgerQuery {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_no: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_id: Option<String>,
    /// Such as `deduction_select`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `succeeded`, `refused`, `failed`, `unknown`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// The invoice's number, or the payment book's
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Of tasks that were logged at this moment or later, RFC 3339
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Of tasks that were logged before this moment, RFC 3339
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Rows at most, from 1 to 1000; 50 when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// The `next` of the page before
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl LedgerQuery {
    /// The filter; the problem names the parameter.
    pub fn filter(&self) -> Result<LedgerFilter, Problem> {
        let names = LineOutcome::ALL.map(LineOutcome::name);
        let outcome = |name: &str| {
            let found = LineOutcome::ALL.into_iter().find(|outcome| outcome.name() == name);
            found.ok_or_else(|| one_of(&names))
        };
        let task: Option<Uuid> = one("task_id", self.task_id.as_deref())?;
        Ok(LedgerFilter {
            tax_no: one("tax_no", self.tax_no.as_deref())?,
            task: task.map(TaskId),
            batch_id: self.batch_id.clone(),
            kinds: several("kind", self.kind.as_deref(), from_str)?,
            outcomes: several("outcome", self.outcome.as_deref(), outcome)?,
            number: self.number.clone().filter(|number| !number.contains('\0')),
            enqueued_from: moment("from", self.from.as_deref())?,
            enqueued_to: moment("to", self.to.as_deref())?,
            within: None,
        })
    }

    pub(crate) fn page(&self) -> Result<(Option<AfterLine>, usize), Problem> {
        let after = self.after.as_deref().map(unpacked).transpose()?;
        Ok((after, limit(self.limit)?))
    }

    /// As it stands after `?` in an address; empty when nothing is set.
    pub fn to_query(&self) -> String {
        address(self)
    }
}
