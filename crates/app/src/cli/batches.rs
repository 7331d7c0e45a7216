//! The arguments of `batch`.

use super::InvoiceFilterArgs;
use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum BatchAction {
    /// Ask for a batch that a JSON file describes (docs/batches.md)
    Create {
        /// The file; - is stdin
        #[arg(default_value = "-")]
        file: String,
    },
    /// Select every invoice that the flags match
    Select {
        #[command(flatten)]
        asked: Box<ActArgs>,
    },
    /// Deselect every invoice that the flags match
    Deselect {
        #[command(flatten)]
        asked: Box<ActArgs>,
    },
    /// Batches, newest first
    List {
        /// draft, submitting, submitted, cancelled
        #[arg(long, value_name = "STATES")]
        state: Option<String>,
        /// Who asked for it
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
        /// Rows at most
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// What each tax number uses, and how far it is
    Show { id: String },
    /// Its invoices, with what came of each
    Invoices { id: String },
    /// Make a draft's tasks
    Submit { id: String },
    /// Use another account for a tax number of a draft
    Account {
        id: String,
        tax_no: String,
        /// None: the tax number's default
        account: Option<String>,
    },
    /// Drop a tax number's invoices from a draft
    Drop {
        id: String,
        tax_no: String,
        /// Take that back
        #[arg(long)]
        back: bool,
    },
    /// Tell that the account of a tax number is logged in
    Login {
        id: String,
        tax_no: String,
        #[arg(long)]
        by: String,
        #[arg(long)]
        reason: String,
    },
    /// Call off a draft, or those tasks that have sent nothing
    Cancel {
        id: String,
        #[arg(long)]
        by: String,
        #[arg(long)]
        reason: String,
    },
    /// Select again what failed, as a new batch
    Again {
        id: String,
        /// The new batch's id
        #[arg(long = "as", value_name = "ID")]
        as_id: String,
        /// Who asks; left out: who asked for the first one
        #[arg(long)]
        by: Option<String>,
        /// Keep it as a draft
        #[arg(long)]
        draft: bool,
    },
}

/// What to do, with which invoices.
#[derive(Debug, Clone, Args)]
pub(crate) struct ActArgs {
    /// What it is for
    #[arg(long = "for", value_enum, value_name = "PURPOSE")]
    pub wanted: PurposeArg,
    /// The batch's id: asking again with it does nothing twice
    #[arg(long)]
    pub id: String,
    /// 不抵扣原因, 1 to 5: used for what is not taxed, exempt, welfare, abnormal loss, other
    #[arg(long, value_name = "NUMBER")]
    pub reason: Option<String>,
    /// The text that goes with reason 5
    #[arg(long, value_name = "TEXT")]
    pub reason_text: Option<String>,
    /// Who asks
    #[arg(long)]
    pub by: Option<String>,
    /// Keep it as a draft, without asking: look at its accounts, then submit it
    #[arg(long)]
    pub draft: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    pub filter: InvoiceFilterArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PurposeArg {
    Deduction,
    NonDeduction,
    Rebate,
    PreSelection,
}

impl PurposeArg {
    /// As the API writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            PurposeArg::Deduction => "deduction",
            PurposeArg::NonDeduction => "non_deduction",
            PurposeArg::Rebate => "rebate",
            PurposeArg::PreSelection => "pre_selection",
        }
    }
}
