//! Who pays: 企业信息 and the accounts that serve a tax number.

use crate::{
    bureau::{Account, BureauCode},
    ids::{Epoch, Fence, TaxId},
    period::TaxPeriod,
    tax_no::TaxNo,
};
use serde::{Deserialize, Serialize};

/// 企业性质
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxpayerKind {
    /// 一般纳税人
    #[default]
    General,
    /// 小规模纳税人
    SmallScale,
}

/// 税局收票通道类型
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// 电子税局, through robots that log in
    Etax,
    /// 乐企, a direct interface without a login
    Leqi,
}

impl ChannelKind {
    pub const fn name(self) -> &'static str {
        match self {
            ChannelKind::Etax => "etax",
            ChannelKind::Leqi => "leqi",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            ChannelKind::Etax => "电子税局",
            ChannelKind::Leqi => "乐企",
        }
    }
}

/// Whose 乐企 connection it is: only 自用 tells the book-entry state.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeqiMode {
    #[default]
    #[serde(rename = "self")]
    SelfUse,
    Joint,
}

/// How an account gets on line.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginMode {
    /// We log in by ourselves.
    #[default]
    Auto,
    /// A person must (an SMS code).
    Manual,
}

/// What an account may do for a tax number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Business {
    /// 收票管理
    Receive,
    /// 开票管理
    Issue,
    /// 开票管理+收票管理
    Both,
}

/// A taxpayer as intake and rules need it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Taxpayer {
    pub id: TaxId,
    pub tax_no: TaxNo,
    pub name: String,
    pub kind: TaxpayerKind,
    /// The channel that is set, as text, so that rule 1 can name one that we do not know.
    pub channel: String,
    pub leqi_mode: LeqiMode,
    pub bureau: BureauCode,
    pub tax_org: String,
    /// The current period as the bureau last told it.
    pub period: Option<TaxPeriod>,
    /// A cached statistic reading with a lower order counts as none: a statistic operation of
    /// this fence has changed the table since.
    pub statistic_order: Fence,
    /// The accounts that serve it, the default one for receiving first.
    pub accounts: Vec<Account>,
}

impl Taxpayer {
    /// The channel, when it is one that we serve.
    pub fn channel_kind(&self) -> Option<ChannelKind> {
        match self.channel.as_str() {
            "etax" => Some(ChannelKind::Etax),
            "leqi" => Some(ChannelKind::Leqi),
            _ => None,
        }
    }
}

/// An account's session as the store knows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Session {
    pub login: LoginMode,
    pub online: bool,
    /// Rises with every beginning and end of a session that somebody reports, and counts.
    pub epoch: Epoch,
}
