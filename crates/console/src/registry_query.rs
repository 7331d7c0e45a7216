//! Which taxpayers and accounts, as query parameters, and where a page begins.

use crate::{
    filter::{address, from_str, limit, one, one_of, packed, unpacked},
    problem::Problem,
};
use domain::{
    bureau::LaneKey,
    tax_no::TaxNo,
    taxpayer::{LoginMode, TaxpayerKind},
};
use fleet::ports::registry::{AccountFilter, TaxpayerFilter};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

/// Which taxpayers; every parameter that is given must match.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TaxpayerQuery {
    /// The tax number begins with it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_no: Option<String>,
    /// The name contains it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `general` or `small_scale`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `etax`, `leqi`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Six digits, such as 440300
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bureau: Option<String>,
    /// 税务组织
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_org: Option<String>,
    /// Whether somebody paused it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
    /// Rows at most, from 1 to 1000; 50 when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// The `next` of the page before
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// Text that a store can compare.
fn text(name: &str, text: Option<&str>) -> Result<Option<String>, Problem> {
    match text {
        Some(text) if text.contains('\0') => {
            Err(Problem::malformed(format!("{name}: holds a character that no text holds")))
        }
        text => Ok(text.map(str::to_owned)),
    }
}

/// One of the words that stand for a value.
fn word<T: Copy>(
    name: &str,
    said: Option<&str>,
    known: &[(&str, T)],
) -> Result<Option<T>, Problem> {
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let read = |said: &str| {
        let found = known.iter().find(|(word, _)| *word == said).map(|(_, value)| *value);
        found.ok_or_else(|| Problem::malformed(format!("{name}: \"{said}\": {}", one_of(&names))))
    };
    said.map(read).transpose()
}

pub(crate) fn kind(said: Option<&str>) -> Result<Option<TaxpayerKind>, Problem> {
    let known = [("general", TaxpayerKind::General), ("small_scale", TaxpayerKind::SmallScale)];
    word("kind", said, &known)
}

pub(crate) fn login(said: Option<&str>) -> Result<Option<LoginMode>, Problem> {
    word("login", said, &[("auto", LoginMode::Auto), ("manual", LoginMode::Manual)])
}

impl TaxpayerQuery {
    /// The filter; the problem names the parameter.
    pub fn filter(&self) -> Result<TaxpayerFilter, Problem> {
        Ok(TaxpayerFilter {
            tax_no: text("tax_no", self.tax_no.as_deref())?,
            name: text("name", self.name.as_deref())?,
            kind: kind(self.kind.as_deref())?,
            channel: text("channel", self.channel.as_deref())?,
            bureau: one("bureau", self.bureau.as_deref())?,
            tax_org: text("tax_org", self.tax_org.as_deref())?,
            paused: self.paused,
            within: None,
        })
    }

    pub(crate) fn page(&self) -> Result<(Option<TaxNo>, usize), Problem> {
        let after = self.after.as_deref().map(unpacked).transpose()?;
        Ok((after, limit(self.limit)?))
    }

    /// As it stands after `?` in an address; empty when nothing is set.
    pub fn to_query(&self) -> String {
        address(self)
    }
}

/// Which accounts; every parameter that is given must match.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AccountQuery {
    /// Six digits, such as 440300
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bureau: Option<String>,
    /// The account begins with it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// `auto` or `manual`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online: Option<bool>,
    /// It is off line and only a person can log it in
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs_person: Option<bool>,
    /// Rows at most, from 1 to 1000; 50 when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// The `next` of the page before
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl AccountQuery {
    /// The filter; the problem names the parameter.
    pub fn filter(&self) -> Result<AccountFilter, Problem> {
        Ok(AccountFilter {
            bureau: one("bureau", self.bureau.as_deref())?,
            account: text("account", self.account.as_deref())?,
            login: login(self.login.as_deref())?,
            online: self.online,
            needs_person: self.needs_person,
        })
    }

    pub(crate) fn page(&self) -> Result<(Option<LaneKey>, usize), Problem> {
        let after = self.after.as_deref().map(unpacked).transpose()?;
        Ok((after, limit(self.limit)?))
    }

    /// As it stands after `?` in an address; empty when nothing is set.
    pub fn to_query(&self) -> String {
        address(self)
    }
}

/// The `next` of a page that ends with this, unless it is the last page.
pub(crate) fn next(last: Option<impl Serialize>, more: bool) -> Option<String> {
    last.filter(|_| more).map(|last| packed(&last))
}

/// A path's or a body's field.
pub(crate) fn field<T: std::str::FromStr<Err: std::fmt::Display>>(
    name: &str,
    said: &str,
) -> Result<T, Problem> {
    from_str(said).map_err(|problem| Problem::malformed(format!("{name}: {problem}")))
}
