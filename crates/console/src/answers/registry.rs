//! What is told of taxpayers and accounts.

use chrono::{DateTime, Utc};
use domain::{
    bureau::BureauCode,
    roster::Version,
    taxpayer::{Business, ChannelKind, LeqiMode, LoginMode, TaxpayerKind},
    world::{Served, WorldAccount, WorldTaxpayer},
};
use fleet::ports::registry::{
    AccountCard, AccountRow, Changed, ServedBy, TaxpayerCard, TaxpayerRow,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Tax numbers of one account that are told at most.
pub const SERVED_SHOWN: usize = 1000;

/// A taxpayer's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaxpayerSettings {
    pub tax_no: String,
    pub name: String,
    /// `general` or `small_scale`
    pub kind: String,
    /// `etax` or `leqi`; any other text is refused by rule 1, empty is none
    pub channel: String,
    /// `self` or `joint`
    pub leqi_mode: String,
    pub bureau: String,
    pub bureau_name: String,
    pub tax_org: String,
    /// Sent with a change: it is made of this version only
    pub version: String,
}

/// A taxpayer in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaxpayerView {
    #[serde(flatten)]
    pub settings: TaxpayerSettings,
    /// The current period as the bureau last told it
    pub period: Option<String>,
    /// Null: nobody paused it
    pub paused: Option<PauseView>,
}

/// Who paused it, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PauseView {
    pub by: String,
    pub reason: String,
    pub since: DateTime<Utc>,
}

/// A page of taxpayers, by tax number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaxpayerPage {
    pub taxpayers: Vec<TaxpayerView>,
    /// The `after` of the next page; null on the last one.
    pub next: Option<String>,
}

/// An account that serves a tax number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServedByView {
    pub bureau: String,
    pub account: String,
    /// `receive` (收票管理), `issue` (开票管理), `both`
    pub may: Vec<String>,
    pub default_business: String,
    pub login: String,
    pub online: bool,
    pub needs_person: bool,
    /// It is used when a task names no account
    pub receives: bool,
}

/// A taxpayer with the accounts that serve it, the one that is used for receiving first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaxpayerShown {
    #[serde(flatten)]
    pub taxpayer: TaxpayerView,
    pub accounts: Vec<ServedByView>,
}

/// How a taxpayer stood before a change, and how it stands after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaxpayerChanged {
    /// Null: it was made
    pub before: Option<TaxpayerSettings>,
    pub after: TaxpayerSettings,
}

/// An account in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountView {
    pub bureau: String,
    pub bureau_name: String,
    pub account: String,
    /// `auto`: it logs in by itself; `manual`: a person must
    pub login: String,
    pub online: bool,
    /// It is off line and only a person can log it in
    pub needs_person: bool,
    /// How many tax numbers it serves
    pub tax_numbers: u64,
}

/// A page of accounts, by bureau and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountPage {
    pub accounts: Vec<AccountView>,
    /// The `after` of the next page; null on the last one.
    pub next: Option<String>,
}

/// A tax number that an account serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServedView {
    pub tax_no: String,
    pub may: Vec<String>,
    pub default_business: String,
}

/// An account's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountSettings {
    pub bureau: String,
    pub bureau_name: String,
    pub account: String,
    pub login: String,
    pub online: bool,
    /// How many tax numbers it serves
    pub tax_numbers: u64,
    /// The first 1000 of them
    pub serves: Vec<ServedView>,
    /// Sent with a change: it is made of this version only
    pub version: String,
}

/// An account with whom it serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountShown {
    #[serde(flatten)]
    pub settings: AccountSettings,
    pub needs_person: bool,
}

/// How an account stood before a change, and how it stands after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountChanged {
    /// Null: it was made
    pub before: Option<AccountSettings>,
    pub after: AccountSettings,
}

fn business(of: Business) -> String {
    match of {
        Business::Receive => "receive",
        Business::Issue => "issue",
        Business::Both => "both",
    }
    .to_owned()
}

fn login(of: LoginMode) -> String {
    match of {
        LoginMode::Auto => "auto",
        LoginMode::Manual => "manual",
    }
    .to_owned()
}

fn bureau(of: BureauCode) -> (String, String) {
    (of.to_string(), of.name().to_owned())
}

impl From<&WorldTaxpayer> for TaxpayerSettings {
    fn from(payer: &WorldTaxpayer) -> TaxpayerSettings {
        let (bureau, bureau_name) = bureau(payer.bureau);
        let kind = match payer.kind {
            TaxpayerKind::General => "general",
            TaxpayerKind::SmallScale => "small_scale",
        };
        let leqi_mode = match payer.leqi_mode {
            LeqiMode::SelfUse => "self",
            LeqiMode::Joint => "joint",
        };
        TaxpayerSettings {
            tax_no: payer.tax_no.to_string(),
            name: payer.name.clone(),
            kind: kind.to_owned(),
            channel: payer.channel.clone(),
            leqi_mode: leqi_mode.to_owned(),
            bureau,
            bureau_name,
            tax_org: payer.tax_org.clone(),
            version: Version::of_taxpayer(payer).to_string(),
        }
    }
}

impl From<&TaxpayerRow> for TaxpayerView {
    fn from(row: &TaxpayerRow) -> TaxpayerView {
        let paused = row.paused.clone();
        TaxpayerView {
            settings: (&row.settings).into(),
            period: row.period.map(|period| period.to_string()),
            paused: paused.map(|note| PauseView {
                by: note.by,
                reason: note.reason,
                since: note.since,
            }),
        }
    }
}

impl From<&TaxpayerCard> for TaxpayerShown {
    fn from(card: &TaxpayerCard) -> TaxpayerShown {
        let receiving = card.receiving().map(|one| &one.lane);
        let view = |one: &ServedBy| ServedByView {
            bureau: one.lane.bureau.to_string(),
            account: one.lane.account.to_string(),
            may: one.may.iter().copied().map(business).collect(),
            default_business: business(one.default_business),
            login: login(one.login),
            online: one.online,
            needs_person: one.needs_person,
            receives: receiving == Some(&one.lane),
        };
        let accounts = card.accounts.iter().map(view).collect();
        TaxpayerShown { taxpayer: (&card.row).into(), accounts }
    }
}

impl From<Changed<WorldTaxpayer>> for TaxpayerChanged {
    fn from(changed: Changed<WorldTaxpayer>) -> TaxpayerChanged {
        let before = changed.before.as_ref().map(TaxpayerSettings::from);
        TaxpayerChanged { before, after: (&changed.after).into() }
    }
}

impl From<&AccountRow> for AccountView {
    fn from(row: &AccountRow) -> AccountView {
        let (bureau, bureau_name) = bureau(row.lane.bureau);
        AccountView {
            bureau,
            bureau_name,
            account: row.lane.account.to_string(),
            login: login(row.login),
            online: row.online,
            needs_person: row.needs_person,
            tax_numbers: row.serves,
        }
    }
}

impl From<&WorldAccount> for AccountSettings {
    fn from(account: &WorldAccount) -> AccountSettings {
        let (bureau, bureau_name) = bureau(account.bureau);
        let view = |served: &Served| ServedView {
            tax_no: served.tax_no.to_string(),
            may: served.may.iter().copied().map(business).collect(),
            default_business: business(served.default_business),
        };
        AccountSettings {
            bureau,
            bureau_name,
            account: account.account.to_string(),
            login: login(account.login),
            online: account.online,
            tax_numbers: account.serves.len() as u64,
            serves: account.serves.iter().take(SERVED_SHOWN).map(view).collect(),
            version: Version::of_account(account).to_string(),
        }
    }
}

impl From<&AccountCard> for AccountShown {
    fn from(card: &AccountCard) -> AccountShown {
        AccountShown { settings: (&card.settings).into(), needs_person: card.needs_person }
    }
}

impl From<Changed<WorldAccount>> for AccountChanged {
    fn from(changed: Changed<WorldAccount>) -> AccountChanged {
        let before = changed.before.as_ref().map(AccountSettings::from);
        AccountChanged { before, after: (&changed.after).into() }
    }
}

impl TaxpayerShown {
    /// The account that is used when a task names none.
    pub fn receiving(&self) -> Option<&ServedByView> {
        self.accounts.iter().find(|one| one.receives)
    }

    /// It goes through 乐企, which has no accounts.
    pub fn is_leqi(&self) -> bool {
        self.taxpayer.settings.channel == ChannelKind::Leqi.name()
    }
}
