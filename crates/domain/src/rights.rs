//! Who may do what, and for which organisations.
//!
//! 权限: by 核算组织 first, without one by 税务组织, without either refused (the seed's section 4).

use crate::{automatic::Conditions, kind::Kind};
use serde::{Deserialize, Deserializer, Serialize};
use std::{collections::BTreeSet, fmt, str::FromStr};

/// Characters of a user's name, and of an organisation, at most.
const CHARS: usize = 64;
/// Grants of one user at most.
pub const GRANTS: usize = 200;

/// What somebody may do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// 查看
    View,
    /// 勾选: select, pre-select, query, download
    Select,
    /// 撤销: deselect, withdraw a statistic table
    Withdraw,
    /// 确认: create and confirm statistic tables, file, issue, change the period
    Confirm,
    /// 重试: retry, cancel, record, open and close lanes
    Retry,
    /// 管理: users, secrets, taxpayers, accounts, imports
    Administer,
}

impl Right {
    pub const ALL: [Right; 6] = [
        Right::View,
        Right::Select,
        Right::Withdraw,
        Right::Confirm,
        Right::Retry,
        Right::Administer,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Right::View => "view",
            Right::Select => "select",
            Right::Withdraw => "withdraw",
            Right::Confirm => "confirm",
            Right::Retry => "retry",
            Right::Administer => "administer",
        }
    }

    /// What a task of this kind needs of whoever asks for it.
    pub const fn of(kind: Kind) -> Right {
        use Kind::*;
        match kind {
            DeductionSelect
            | NonDeductionSelect
            | PreSelect
            | PassengerTransport
            | RebateSelect
            | AgriculturalOwn
            | AgriculturalNotOwn
            | AgriculturalPartOwn
            | AgriculturalFaceAmount
            | AgriculturalFaceTax
            | PeriodQuery
            | StatisticQuery
            | InvoiceDownload
            | InvoiceUseQuery
            | LayoutDownload => Right::Select,
            DeductionDeselect
            | NonDeductionDeselect
            | PreDeselect
            | PassengerTransportUndo
            | RebateDeselect
            | StatisticWithdraw => Right::Withdraw,
            StatisticCreate
            | StatisticConfirm
            | RebateStatisticConfirm
            | BatchCertify
            | PeriodChange
            | TaxFiling
            | InvoiceIssuing => Right::Confirm,
        }
    }
}

/// Rights that go together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 查看员
    Viewer,
    /// 办税员: selects and takes back
    Clerk,
    /// 主管: what a clerk does, and confirms
    Supervisor,
    /// 值班员: retries and opens lanes
    Operator,
    /// 管理员: everything
    Administrator,
}

impl Role {
    pub const ALL: [Role; 5] =
        [Role::Viewer, Role::Clerk, Role::Supervisor, Role::Operator, Role::Administrator];

    pub const fn name(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Clerk => "clerk",
            Role::Supervisor => "supervisor",
            Role::Operator => "operator",
            Role::Administrator => "administrator",
        }
    }

    pub const fn rights(self) -> &'static [Right] {
        use Right::*;
        match self {
            Role::Viewer => &[View],
            Role::Clerk => &[View, Select, Withdraw],
            Role::Supervisor => &[View, Select, Withdraw, Confirm],
            Role::Operator => &[View, Retry],
            Role::Administrator => &Right::ALL,
        }
    }
}

/// The text is no role.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("\"{0}\" is no role; write viewer, clerk, supervisor, operator or administrator")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(name: &str) -> Result<Role, UnknownRole> {
        let found = Role::ALL.into_iter().find(|role| role.name() == name);
        found.ok_or_else(|| UnknownRole(name.to_owned()))
    }
}

/// The name of a user, as the log and the audit show it: trimmed, not empty, one line.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize)]
#[serde(transparent)]
pub struct UserName(String);

/// The text cannot name a user.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("is no name of a user: 1 to 64 characters, without a slash, a colon or a line's end")]
pub struct NotAUserName;

impl UserName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UserName {
    type Err = NotAUserName;

    fn from_str(text: &str) -> Result<UserName, NotAUserName> {
        let text = text.trim();
        // A colon would end the name in HTTP's own way of sending it.
        let allowed = |c: char| !c.is_control() && c != '/' && c != ':';
        let fits = (1..=CHARS).contains(&text.chars().count()) && text.chars().all(allowed);
        if fits { Ok(UserName(text.to_owned())) } else { Err(NotAUserName) }
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for UserName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<UserName, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A role in one organisation, or everywhere.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    pub role: Role,
    /// A 核算组织 or 税务组织; None: everywhere, also where no organisation is known.
    #[serde(default)]
    pub organisation: Option<String>,
}

/// The text is no grant.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotAGrant {
    #[error("{0}")]
    Role(#[from] UnknownRole),
    #[error("the organisation after @ must be 1 to 64 characters")]
    Organisation,
}

impl Grant {
    /// Checked.
    pub fn new(role: Role, organisation: Option<&str>) -> Result<Grant, NotAGrant> {
        let organisation = organisation.map(str::trim);
        let fits = |org: &str| (1..=CHARS).contains(&org.chars().count()) && !org.contains('\0');
        if organisation.is_some_and(|org| !fits(org)) {
            return Err(NotAGrant::Organisation);
        }
        Ok(Grant { role, organisation: organisation.map(str::to_owned) })
    }
}

/// As people write it: `clerk@0101`, or `clerk` for everywhere.
impl FromStr for Grant {
    type Err = NotAGrant;

    fn from_str(text: &str) -> Result<Grant, NotAGrant> {
        match text.split_once('@') {
            Some((role, organisation)) => Grant::new(role.trim().parse()?, Some(organisation)),
            None => Grant::new(text.trim().parse()?, None),
        }
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.organisation {
            Some(organisation) => write!(f, "{}@{organisation}", self.role.name()),
            None => f.write_str(self.role.name()),
        }
    }
}

/// Somebody who asks.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct User {
    pub name: UserName,
    /// In their order, each once.
    pub grants: Vec<Grant>,
}

/// Which organisations a right reaches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Extent {
    Everywhere,
    Organisations(BTreeSet<String>),
}

/// Whose something is. An empty text: nobody's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Place<'a> {
    /// 核算组织 of the invoice
    pub accounting_org: &'a str,
    /// 税务组织 of the tax number
    pub tax_org: &'a str,
}

impl<'a> Place<'a> {
    /// The organisation that decides; None: none is known.
    pub fn organisation(self) -> Option<&'a str> {
        [self.accounting_org, self.tax_org].into_iter().find(|org| !org.is_empty())
    }

    /// Whether one of these organisations decides.
    pub fn is_within(self, organisations: &[String]) -> bool {
        self.organisation().is_some_and(|of| organisations.iter().any(|org| org == of))
    }
}

/// Why somebody may not do it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Denied {
    #[error("{user} has no right to {right}; ask an administrator for a role that has it")]
    Nowhere { user: UserName, right: &'static str },
    #[error(
        "{user} has no right to {right} in organisation {organisation}; ask an administrator for \
         a role there"
    )]
    Elsewhere { user: UserName, right: &'static str, organisation: String },
    #[error(
        "{user} may {right} in some organisations only, and this belongs to none: give the tax \
         number a tax organisation, or ask somebody who may {right} everywhere"
    )]
    NoOrganisation { user: UserName, right: &'static str },
    #[error(
        "{user} may {right} in some organisations only, and the rule may choose invoices of \
         others: name some of these alone in when.organisations or when.accounting_orgs, or ask \
         somebody who may {right} everywhere"
    )]
    WiderRule { user: UserName, right: &'static str },
    #[error("this needs the right to {right} everywhere, and {user} has it in some organisations")]
    NotEverywhere { user: UserName, right: &'static str },
}

impl User {
    /// Where the user has this right; None: nowhere.
    pub fn extent(&self, right: Right) -> Option<Extent> {
        let grants = || self.grants.iter().filter(|grant| grant.role.rights().contains(&right));
        if grants().any(|grant| grant.organisation.is_none()) {
            return Some(Extent::Everywhere);
        }
        let organisations: BTreeSet<String> =
            grants().filter_map(|grant| grant.organisation.clone()).collect();
        (!organisations.is_empty()).then_some(Extent::Organisations(organisations))
    }

    /// Whether the user has this right anywhere at all.
    ///
    /// # Errors
    /// [`Denied::Nowhere`].
    pub fn may_somewhere(&self, right: Right) -> Result<Extent, Denied> {
        let (user, right_name) = (self.name.clone(), right.name());
        self.extent(right).ok_or(Denied::Nowhere { user, right: right_name })
    }

    /// Whether the user has this right where no organisation decides.
    ///
    /// # Errors
    /// Why not, with what to do.
    pub fn may_everywhere(&self, right: Right) -> Result<(), Denied> {
        match self.may_somewhere(right)? {
            Extent::Everywhere => Ok(()),
            Extent::Organisations(_) => {
                Err(Denied::NotEverywhere { user: self.name.clone(), right: right.name() })
            }
        }
    }

    /// Whether the user has this right for whatever a rule of automatic work may choose.
    ///
    /// # Errors
    /// Why not, with what to do.
    pub fn may_rule(&self, right: Right, when: &Conditions) -> Result<(), Denied> {
        match self.may_somewhere(right)? {
            Extent::Organisations(held) if !when.lie_within(&held) => {
                Err(Denied::WiderRule { user: self.name.clone(), right: right.name() })
            }
            _ => Ok(()),
        }
    }

    /// Whether the user has this right here.
    ///
    /// # Errors
    /// Why not, with what to do.
    pub fn may(&self, right: Right, place: Place<'_>) -> Result<(), Denied> {
        let organisations = match self.may_somewhere(right)? {
            Extent::Everywhere => return Ok(()),
            Extent::Organisations(organisations) => organisations,
        };
        let (user, right) = (self.name.clone(), right.name());
        match place.organisation() {
            None => Err(Denied::NoOrganisation { user, right }),
            Some(org) if organisations.contains(org) => Ok(()),
            Some(org) => Err(Denied::Elsewhere { user, right, organisation: org.to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests;
