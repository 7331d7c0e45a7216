//! Bodies that change taxpayers and accounts.

use crate::{
    problem::Problem,
    registry_query::{field, kind, login},
};
use domain::{
    bureau::LaneKey,
    roster::{AccountEdit, Seen, TEXT_CHARS},
    tax_no::TaxNo,
    taxpayer::{Business, ChannelKind, LeqiMode},
    world::{Served, WorldTaxpayer},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a taxpayer is to be; what is left out stays. Without a `version` it is made.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxpayerAsked {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `general` or `small_scale`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `etax`, `leqi`, or empty: none is set
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// `self` or `joint`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leqi_mode: Option<String>,
    /// Six digits, such as 440300
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bureau: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_org: Option<String>,
    /// As it was told when you looked
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Who does it; not needed with a token, which tells it
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    pub reason: String,
}

/// What the writer saw; nothing: it is to be made.
fn seen(version: Option<&String>) -> Seen {
    version.map_or(Seen::Nothing, |version| Seen::Version(version.clone()))
}

fn short(name: &str, text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if text.chars().count() > TEXT_CHARS || text.chars().any(char::is_control) {
        let sentence = format!("{name}: write at most {TEXT_CHARS} characters on one line");
        return Err(Problem::malformed(sentence));
    }
    Ok(text.to_owned())
}

fn channel(text: &str) -> Result<String, Problem> {
    let known = [ChannelKind::Etax.name(), ChannelKind::Leqi.name(), ""];
    match known.contains(&text) {
        true => Ok(text.to_owned()),
        false => Err(Problem::malformed(format!(
            "channel: \"{text}\" is none; write etax, leqi, or an empty text for none"
        ))),
    }
}

fn leqi_mode(text: &str) -> Result<LeqiMode, Problem> {
    match text {
        "self" => Ok(LeqiMode::SelfUse),
        "joint" => Ok(LeqiMode::Joint),
        _ => Err(Problem::malformed(format!("leqi_mode: \"{text}\" is none; write self or joint"))),
    }
}

impl TaxpayerAsked {
    pub(crate) fn seen(&self) -> Seen {
        seen(self.version.as_ref())
    }

    /// The taxpayer as it is to be, from what it is.
    pub(crate) fn over(
        &self,
        tax_no: TaxNo,
        before: Option<WorldTaxpayer>,
    ) -> Result<WorldTaxpayer, Problem> {
        let bureau = self.bureau.as_deref().map(|text| field("bureau", text)).transpose()?;
        let mut after = match (before, bureau) {
            (Some(before), _) => before,
            (None, Some(bureau)) => WorldTaxpayer {
                tax_no,
                name: String::new(),
                kind: kind(None)?.unwrap_or_default(),
                channel: ChannelKind::Etax.name().to_owned(),
                leqi_mode: LeqiMode::default(),
                bureau,
                tax_org: String::new(),
            },
            (None, None) => {
                let sentence = "bureau: is missing; name the taxpayer's, such as 440300";
                return Err(Problem::malformed(sentence));
            }
        };
        let set = |to: &mut String, name, said: Option<&String>| {
            said.map(|said| short(name, said).map(|text| *to = text)).transpose().map(drop)
        };
        set(&mut after.name, "name", self.name.as_ref())?;
        set(&mut after.tax_org, "tax_org", self.tax_org.as_ref())?;
        after.bureau = bureau.unwrap_or(after.bureau);
        after.kind = kind(self.kind.as_deref())?.unwrap_or(after.kind);
        if let Some(text) = &self.channel {
            after.channel = channel(text)?;
        }
        if let Some(text) = &self.leqi_mode {
            after.leqi_mode = leqi_mode(text)?;
        }
        Ok(after)
    }
}

/// How an account is to log in. Without a `version` it is made.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountAsked {
    /// `auto`: by itself; `manual`: a person must
    pub login: String,
    /// As it was told when you looked
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Who does it; not needed with a token, which tells it
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    pub reason: String,
}

impl AccountAsked {
    pub(crate) fn edit(&self) -> Result<(AccountEdit, Seen), Problem> {
        let login = login(Some(&self.login))?.unwrap_or_default();
        Ok((AccountEdit::Login(login), seen(self.version.as_ref())))
    }
}

/// A tax number that an account serves from now on, or serves otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServeAsked {
    pub tax_no: String,
    /// `receive` (收票管理), `issue` (开票管理), `both`; `receive` and `issue` when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may: Option<Vec<String>>,
    /// What it is the default account for; `receive` when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_business: Option<String>,
    /// The account's, as it was told when you looked
    pub version: String,
    /// Who does it; not needed with a token, which tells it
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    pub reason: String,
}

fn business(name: &str, text: &str) -> Result<Business, Problem> {
    match text {
        "receive" => Ok(Business::Receive),
        "issue" => Ok(Business::Issue),
        "both" => Ok(Business::Both),
        _ => {
            let sentence = format!("{name}: \"{text}\" is none; write receive, issue or both");
            Err(Problem::malformed(sentence))
        }
    }
}

impl ServeAsked {
    pub(crate) fn edit(&self) -> Result<(AccountEdit, Seen), Problem> {
        let mut may = match &self.may {
            None => vec![Business::Receive, Business::Issue],
            Some(said) => said.iter().map(|one| business("may", one)).collect::<Result<_, _>>()?,
        };
        may.dedup();
        if may.is_empty() || may.len() > MOST_BUSINESSES {
            let sentence = "may: name receive, issue or both, or leave it out";
            return Err(Problem::malformed(sentence));
        }
        let default_business = self.default_business.as_deref().unwrap_or("receive");
        let served = Served {
            tax_no: field("tax_no", &self.tax_no)?,
            may,
            default_business: business("default_business", default_business)?,
        };
        Ok((AccountEdit::Serve(served), Seen::Version(self.version.clone())))
    }
}

/// There are no more.
const MOST_BUSINESSES: usize = 3;

/// A tax number that an account serves no longer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnserveAsked {
    pub tax_no: String,
    /// The account's, as it was told when you looked
    pub version: String,
    /// Who does it; not needed with a token, which tells it
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    pub reason: String,
}

impl UnserveAsked {
    pub(crate) fn edit(&self) -> Result<(AccountEdit, Seen), Problem> {
        let tax_no = field("tax_no", &self.tax_no)?;
        Ok((AccountEdit::Unserve(tax_no), Seen::Version(self.version.clone())))
    }
}

/// Which account an address names.
pub(crate) fn lane_of(bureau: &str, account: &str) -> Result<LaneKey, Problem> {
    let lane = LaneKey { bureau: field("bureau", bureau)?, account: field("account", account)? };
    if lane.account.is_leqi() {
        let sentence = "account: is the name of 乐企's own lanes, which have no login";
        return Err(Problem::malformed(sentence));
    }
    Ok(lane)
}
