//! The arguments of `taxpayer` and `account`.

use super::tasks::NoteArgs;
use clap::{Args, Subcommand};
use console::{AccountQuery, TaxpayerQuery};

#[derive(Debug, Subcommand)]
pub(crate) enum TaxpayerAction {
    /// Taxpayers, by tax number
    List {
        #[command(flatten)]
        filter: TaxpayerFilterArgs,
        /// Rows at most
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// One taxpayer: settings, period, who serves it, which account receives for it
    Show { tax_no: String },
    /// Change a taxpayer, or make one with --new; what is left out stays
    Set(TaxpayerSetArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccountAction {
    /// Accounts, by bureau and name
    List {
        #[command(flatten)]
        filter: AccountFilterArgs,
        /// Rows at most
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// One account, and whom it serves
    Show {
        #[command(flatten)]
        of: OneAccount,
    },
    /// Change how an account logs in, or make one with --new
    Set {
        #[command(flatten)]
        of: OneAccount,
        /// auto: it logs in by itself; manual: a person must
        #[arg(long, value_name = "MODE")]
        login: String,
        /// Make it
        #[arg(long, conflicts_with = "seen")]
        new: bool,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Let an account serve a tax number, or serve it otherwise
    Serve {
        #[command(flatten)]
        of: OneAccount,
        #[arg(long, value_name = "NUMBER")]
        tax_no: String,
        /// receive (收票管理), issue (开票管理), both; receive and issue when left out
        #[arg(long, value_name = "BUSINESS", value_delimiter = ',')]
        may: Vec<String>,
        /// What it is the default account for; receive when left out
        #[arg(long, value_name = "BUSINESS")]
        default_business: Option<String>,
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Let an account serve a tax number no longer
    Unserve {
        #[command(flatten)]
        of: OneAccount,
        #[arg(long, value_name = "NUMBER")]
        tax_no: String,
        #[command(flatten)]
        change: ChangeArgs,
    },
}

/// Which account.
#[derive(Debug, Clone, Args)]
pub(crate) struct OneAccount {
    /// Six digits, such as 440300
    #[arg(long, value_name = "CODE")]
    pub bureau: String,
    #[arg(long, value_name = "LOGIN")]
    pub account: String,
}

/// Who changes something, why, and of what.
#[derive(Debug, Args)]
pub(crate) struct ChangeArgs {
    /// The version that you saw; as it is now when left out
    #[arg(long, value_name = "VERSION")]
    pub seen: Option<String>,
    #[command(flatten)]
    pub note: NoteArgs,
}

#[derive(Debug, Args)]
pub(crate) struct TaxpayerSetArgs {
    pub tax_no: String,
    /// Make it; needs --bureau
    #[arg(long, conflicts_with = "seen")]
    pub new: bool,
    #[arg(long)]
    pub name: Option<String>,
    /// general or small_scale
    #[arg(long)]
    pub kind: Option<String>,
    /// etax, leqi, or an empty text for none
    #[arg(long)]
    pub channel: Option<String>,
    /// self or joint
    #[arg(long, value_name = "MODE")]
    pub leqi_mode: Option<String>,
    /// Six digits, such as 440300
    #[arg(long, value_name = "CODE")]
    pub bureau: Option<String>,
    /// 税务组织
    #[arg(long, value_name = "ORGANISATION")]
    pub tax_org: Option<String>,
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// Which taxpayers; every flag that is given must match.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct TaxpayerFilterArgs {
    /// The tax number begins with it
    #[arg(long, value_name = "NUMBER")]
    tax_no: Option<String>,
    /// The name contains it
    #[arg(long)]
    name: Option<String>,
    /// general or small_scale
    #[arg(long)]
    kind: Option<String>,
    /// etax or leqi
    #[arg(long)]
    channel: Option<String>,
    /// Six digits, such as 440300
    #[arg(long, value_name = "CODE")]
    bureau: Option<String>,
    #[arg(long, value_name = "ORGANISATION")]
    tax_org: Option<String>,
    /// Whether somebody paused it
    #[arg(long, value_name = "true|false")]
    paused: Option<bool>,
}

impl TaxpayerFilterArgs {
    /// The same as query parameters.
    pub(crate) fn query(self) -> TaxpayerQuery {
        let TaxpayerFilterArgs { tax_no, name, kind, channel, bureau, tax_org, paused } = self;
        let (limit, after) = (None, None);
        TaxpayerQuery { tax_no, name, kind, channel, bureau, tax_org, paused, limit, after }
    }
}

/// Which accounts; every flag that is given must match.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct AccountFilterArgs {
    /// Six digits, such as 440300
    #[arg(long, value_name = "CODE")]
    bureau: Option<String>,
    /// The account begins with it
    #[arg(long, value_name = "LOGIN")]
    account: Option<String>,
    /// auto or manual
    #[arg(long, value_name = "MODE")]
    login: Option<String>,
    #[arg(long, value_name = "true|false")]
    online: Option<bool>,
    /// It is off line and only a person can log it in
    #[arg(long, value_name = "true|false")]
    needs_person: Option<bool>,
}

impl AccountFilterArgs {
    /// The same as query parameters.
    pub(crate) fn query(self) -> AccountQuery {
        let AccountFilterArgs { bureau, account, login, online, needs_person } = self;
        AccountQuery { bureau, account, login, online, needs_person, limit: None, after: None }
    }
}
