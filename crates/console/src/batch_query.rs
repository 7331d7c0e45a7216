//! Which batches, as query parameters, and where a page begins.

use crate::{
    filter::{MOST_ROWS, address, limit, one_of, packed, several, unpacked},
    problem::Problem,
};
use domain::batch::{Batch, BatchState};
use fleet::ports::batches::{AfterBatch, BatchFilter};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

/// Which batches; every parameter that is given must match.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct BatchQuery {
    /// `draft`, `submitting`, `submitted`, `cancelled`; several with commas between
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Who asked for it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_by: Option<String>,
    /// Rows at most, from 1 to 1000; 50 when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// The `next` of the page before
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl BatchQuery {
    /// The filter; the problem names the parameter.
    pub fn filter(&self) -> Result<BatchFilter, Problem> {
        let names = BatchState::ALL.map(BatchState::name);
        let state = |name: &str| {
            let found = BatchState::ALL.into_iter().find(|state| state.name() == name);
            found.ok_or_else(|| one_of(&names))
        };
        Ok(BatchFilter {
            states: several("state", self.state.as_deref(), state)?,
            submitted_by: self.submitted_by.clone(),
        })
    }

    pub(crate) fn page(&self) -> Result<(Option<AfterBatch>, usize), Problem> {
        let after = self.after.as_deref().map(unpacked).transpose()?;
        Ok((after, limit(self.limit)?))
    }

    pub(crate) fn to_query(&self) -> String {
        address(self)
    }
}

/// Where a page of a batch's invoices begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct BatchLinesQuery {
    /// From the so-manieth on, the first is 0; the `next` of the page before
    #[serde(default)]
    pub from: usize,
    /// Rows at most, from 1 to 1000; 50 when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

impl BatchLinesQuery {
    pub(crate) fn page(self) -> Result<(usize, usize), Problem> {
        if self.from > domain::batch::limits::INVOICES {
            let most = domain::batch::limits::INVOICES;
            return Err(Problem::malformed(format!("from: must be from 0 to {most}")));
        }
        Ok((self.from, limit(self.limit)?.min(MOST_ROWS)))
    }

    pub(crate) fn to_query(self) -> String {
        address(&self)
    }
}

/// Where the page after this one begins.
pub(crate) fn token(batch: &Batch) -> String {
    packed(&AfterBatch { created_at: batch.created_at, batch_id: batch.batch_id.clone() })
}

#[cfg(test)]
mod tests {
    use super::{BatchLinesQuery, BatchQuery};

    #[test]
    fn every_wrong_parameter_is_named() {
        let text = |text: &str| Some(text.to_owned());
        let query = BatchQuery { state: text("draft,lost"), ..BatchQuery::default() };
        let problem = query.filter().expect_err("no state");
        assert!(problem.sentence.starts_with("state: \"lost\": write one of draft"), "{problem}");
        for after in ["7", "x.b", "."] {
            let query = BatchQuery { after: text(after), ..BatchQuery::default() };
            assert!(query.page().expect_err(after).sentence.starts_with("after: "));
        }
        let query = BatchLinesQuery { from: 50_001, limit: None };
        assert!(query.page().expect_err("too far").sentence.starts_with("from: "));
    }
}
