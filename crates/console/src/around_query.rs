//! Query parameters around selection: checks, the matrix, the calendar, confirmation runs.

use crate::{
    filter::{address, limit, one, one_of, several, unpacked},
    invoice_query::text,
    problem::Problem,
};
use domain::{
    Moment, bureau::BureauCode, period::TaxPeriod, run::PartState, statistic::Stage, tax_no::TaxNo,
};
use fleet::ports::{checks::CheckScope, matrix::MatrixFilter, pool::Cursor, runs::AfterRun};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

/// The period that accountants work at: the one before this month's, unless they name another.
fn period(text: Option<&str>, now: Moment) -> Result<TaxPeriod, Problem> {
    let named = one("period", text)?;
    Ok(named.unwrap_or_else(|| TaxPeriod::containing(now).previous()))
}

/// Whose invoices to check, and for which period.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CheckQuery {
    /// Such as 202511; left out: the month before this one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// The buyer's
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_no: Option<String>,
    /// 税务组织 of the buyer
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_org: Option<String>,
    /// 核算组织 of the invoice
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accounting_org: Option<String>,
    /// Rows at most, from 1 to 1000; 50 when left out. Not for totals and exports
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// The `next` of the page before
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl CheckQuery {
    /// Of whom, and within which organisations; the problem names the parameter.
    pub(crate) fn scope(
        &self,
        within: Option<Vec<String>>,
        now: Moment,
    ) -> Result<CheckScope, Problem> {
        Ok(CheckScope {
            period: period(self.period.as_deref(), now)?,
            buyer: one("tax_no", self.tax_no.as_deref())?,
            tax_org: text("tax_org", self.tax_org.as_deref())?,
            accounting_org: text("accounting_org", self.accounting_org.as_deref())?,
            within,
        })
    }

    pub(crate) fn page(&self) -> Result<(Option<Cursor>, usize), Problem> {
        let after = self.after.as_deref().map(unpacked).transpose()?;
        Ok((after, limit(self.limit)?))
    }

    pub(crate) fn to_query(&self) -> String {
        address(self)
    }
}

/// Which tax numbers of the matrix; every parameter that is given must match.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct MatrixQuery {
    /// Such as 202511; left out: the month before this one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_no: Option<String>,
    /// Six digits, such as 440300
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bureau: Option<String>,
    /// 税务组织
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_org: Option<String>,
    /// `selecting`, `statistics`, `confirmed` or `filed`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// Rows at most, from 1 to 1000; 50 when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// The `next` of the page before
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl MatrixQuery {
    pub(crate) fn filter(&self, now: Moment) -> Result<MatrixFilter, Problem> {
        let stage = self.stage.as_deref().map(|name| {
            let known = || one_of(&Stage::ALL.map(Stage::name));
            Stage::from_name(name)
                .ok_or_else(|| Problem::malformed(format!("stage: \"{name}\": {}", known())))
        });
        Ok(MatrixFilter {
            period: period(self.period.as_deref(), now)?,
            tax_no: one("tax_no", self.tax_no.as_deref())?,
            bureau: one("bureau", self.bureau.as_deref())?,
            tax_org: text("tax_org", self.tax_org.as_deref())?,
            stage: stage.transpose()?,
        })
    }

    pub(crate) fn page(&self) -> Result<(Option<TaxNo>, usize), Problem> {
        Ok((one("after", self.after.as_deref())?, limit(self.limit)?))
    }

    pub(crate) fn to_query(&self) -> String {
        address(self)
    }
}

/// Which period's calendar, or whose day.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CalendarQuery {
    /// Such as 202511; left out: the month before this one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// Six digits; left out: all of them, or the country's day
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bureau: Option<String>,
}

impl CalendarQuery {
    pub(crate) fn read(&self, now: Moment) -> Result<(TaxPeriod, Option<BureauCode>), Problem> {
        let bureau = one("bureau", self.bureau.as_deref())?;
        Ok((period(self.period.as_deref(), now)?, bureau))
    }

    pub(crate) fn to_query(&self) -> String {
        address(self)
    }
}

/// Where a page of runs begins.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RunQuery {
    /// Rows at most, from 1 to 1000; 50 when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// The `next` of the page before
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl RunQuery {
    pub(crate) fn page(&self) -> Result<(Option<AfterRun>, usize), Problem> {
        let after = self.after.as_deref().map(unpacked).transpose()?;
        Ok((after, limit(self.limit)?))
    }

    pub(crate) fn to_query(&self) -> String {
        address(self)
    }
}

/// Which tax numbers of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RunPartQuery {
    /// Such as `differs,ready,stopped`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Rows at most, from 1 to 1000; 50 when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// The `next` of the page before
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl RunPartQuery {
    pub(crate) fn states(&self) -> Result<Vec<PartState>, Problem> {
        let known = |name: &str| {
            PartState::from_name(name).ok_or_else(|| one_of(&PartState::ALL.map(PartState::name)))
        };
        several("state", self.state.as_deref(), known)
    }

    pub(crate) fn page(&self) -> Result<(Option<TaxNo>, usize), Problem> {
        Ok((one("after", self.after.as_deref())?, limit(self.limit)?))
    }

    pub(crate) fn to_query(&self) -> String {
        address(self)
    }
}

#[cfg(test)]
mod tests {
    use super::{CheckQuery, MatrixQuery, RunPartQuery};
    use domain::Moment;

    fn now() -> Moment {
        "2025-12-01T01:00:00Z".parse().expect("a moment")
    }

    #[test]
    fn the_period_is_the_month_before_when_none_is_named() {
        let scope = CheckQuery::default().scope(None, now()).expect("a scope");
        assert_eq!(scope.period.to_string(), "202511");
    }

    #[test]
    fn every_wrong_parameter_is_named() {
        let text = |text: &str| Some(text.to_owned());
        let check = CheckQuery { period: text("2025"), ..CheckQuery::default() };
        assert!(check.scope(None, now()).expect_err("no period").sentence.starts_with("period: "));
        let stage = MatrixQuery { stage: text("lost"), ..MatrixQuery::default() };
        let said = stage.filter(now()).expect_err("no stage").sentence;
        assert!(said.starts_with("stage: \"lost\": write one of selecting"), "{said}");
        let state = RunPartQuery { state: text("ready,lost"), ..RunPartQuery::default() };
        assert!(state.states().expect_err("no state").sentence.starts_with("state: \"lost\""));
        let after = MatrixQuery { after: text("7"), ..MatrixQuery::default() };
        assert!(after.page().expect_err("no tax number").sentence.starts_with("after: "));
    }
}
