//! Looking at who exists, and changing it: 企业信息 and 数电账号, one at a time. The port
//! [`roster`](super::roster) has what workers need of them, and writes whole files.

use super::{StoreError, desk::Note};
use async_trait::async_trait;
use domain::{
    bureau::{BureauCode, LaneKey},
    period::TaxPeriod,
    roster::{AccountEdit, NotChanged, Seen},
    schedule::PauseNote,
    tax_no::TaxNo,
    taxpayer::{Business, ChannelKind, LoginMode, TaxpayerKind},
    world::{WorldAccount, WorldTaxpayer},
};
use std::fmt::Debug;

/// What an append says of tasks that were judged before a change, and would be logged in a lane
/// that is none of their tax number's any more.
pub const MISFIT: &str = "the taxpayer or its account was changed meanwhile";

/// A taxpayer, and what else is known of it.
#[derive(Clone, PartialEq, Debug)]
pub struct TaxpayerRow {
    pub settings: WorldTaxpayer,
    /// The current period as the bureau last told it.
    pub period: Option<TaxPeriod>,
    pub paused: Option<PauseNote>,
}

/// An account that serves a tax number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServedBy {
    pub lane: LaneKey,
    pub may: Vec<Business>,
    pub default_business: Business,
    pub login: LoginMode,
    pub online: bool,
    pub needs_person: bool,
}

/// A taxpayer with the accounts that serve it, the one that is used for receiving first.
#[derive(Clone, PartialEq, Debug)]
pub struct TaxpayerCard {
    pub row: TaxpayerRow,
    pub accounts: Vec<ServedBy>,
}

impl TaxpayerCard {
    /// The account that is used when a task names none; None: there is none, or it needs none.
    pub fn receiving(&self) -> Option<&ServedBy> {
        let etax = self.row.settings.channel == ChannelKind::Etax.name();
        let receives = |one: &&ServedBy| {
            one.may.iter().any(|may| may.receives()) && one.lane.bureau == self.row.settings.bureau
        };
        self.accounts.iter().filter(|_| etax).find(receives)
    }
}

/// An account, and what else is known of it.
#[derive(Clone, PartialEq, Debug)]
pub struct AccountRow {
    pub lane: LaneKey,
    pub login: LoginMode,
    pub online: bool,
    /// It is off line and only a person can log it in.
    pub needs_person: bool,
    /// How many tax numbers it serves.
    pub serves: u64,
}

/// An account with whom it serves.
#[derive(Clone, PartialEq, Debug)]
pub struct AccountCard {
    /// `serves` by tax number.
    pub settings: WorldAccount,
    pub needs_person: bool,
}

/// Which taxpayers; every field that is set must match.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TaxpayerFilter {
    /// The tax number begins with it.
    pub tax_no: Option<String>,
    /// The name contains it.
    pub name: Option<String>,
    pub kind: Option<TaxpayerKind>,
    pub channel: Option<String>,
    pub bureau: Option<BureauCode>,
    pub tax_org: Option<String>,
    pub paused: Option<bool>,
    /// 税务组织 that may be seen; None: all.
    pub within: Option<Vec<String>>,
}

/// Which accounts; every field that is set must match.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AccountFilter {
    pub bureau: Option<BureauCode>,
    /// The account's name begins with it.
    pub account: Option<String>,
    pub login: Option<LoginMode>,
    pub online: Option<bool>,
    pub needs_person: Option<bool>,
}

/// A taxpayer as it is to be.
#[derive(Clone, PartialEq, Debug)]
pub struct TaxpayerChange {
    pub after: WorldTaxpayer,
    pub seen: Seen,
    /// Width of the 乐企 lane that it may need (`leqi.width`).
    pub leqi_width: u16,
}

/// An account as it is to be.
#[derive(Clone, PartialEq, Debug)]
pub struct AccountChange {
    pub lane: LaneKey,
    pub edit: AccountEdit,
    pub seen: Seen,
}

/// How something stood before a change, and how it stands after it.
#[derive(Clone, PartialEq, Debug)]
pub struct Changed<T> {
    /// None: it was made.
    pub before: Option<T>,
    pub after: T,
}

/// What became of a change; when it was not made, nothing was written.
pub type Edited<T> = Result<Changed<T>, NotChanged>;

#[async_trait]
pub trait Registry: Send + Sync + Debug {
    /// A page by tax number.
    async fn taxpayer_rows(
        &self,
        filter: &TaxpayerFilter,
        after: Option<&TaxNo>,
        limit: usize,
    ) -> Result<Vec<TaxpayerRow>, StoreError>;

    async fn taxpayer_card(&self, tax_no: &TaxNo) -> Result<Option<TaxpayerCard>, StoreError>;

    /// A page by bureau and name. 乐企 has no accounts.
    async fn account_rows(
        &self,
        filter: &AccountFilter,
        after: Option<&LaneKey>,
        limit: usize,
    ) -> Result<Vec<AccountRow>, StoreError>;

    async fn account_card(&self, lane: &LaneKey) -> Result<Option<AccountCard>, StoreError>;

    /// Makes or changes a taxpayer as [`domain::roster`] allows; audited. One that is on 乐企 from
    /// now on is served by its bureau's lane. A task that was judged before the change and
    /// comes to be logged after it is not logged in a lane that is none of its any more: the append
    /// answers `Away`, and asking again judges it anew.
    async fn set_taxpayer(
        &self,
        change: &TaxpayerChange,
        note: &Note,
    ) -> Result<Edited<WorldTaxpayer>, StoreError>;

    /// Makes or changes an account as [`domain::roster`] allows; audited. Tasks that were held for
    /// want of an account are queued at their places when it receives for their tax number. As to
    /// what is logged beside it, as [`Registry::set_taxpayer`].
    async fn set_account(
        &self,
        change: &AccountChange,
        note: &Note,
    ) -> Result<Edited<WorldAccount>, StoreError>;
}
