//! The arguments of `ledger`.

use clap::{Args, Subcommand};
use console::LedgerQuery;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum LedgerAction {
    /// What became of invoices, the newest task first
    List {
        #[command(flatten)]
        filter: LedgerArgs,
        /// Rows at most
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// The same as an .xlsx file
    Export {
        file: PathBuf,
        #[command(flatten)]
        filter: LedgerArgs,
    },
}

/// Which lines; every flag that is given must match. Several values with commas between.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct LedgerArgs {
    #[arg(long, value_name = "NUMBER")]
    pub tax_no: Option<String>,
    #[arg(long = "task", value_name = "ID")]
    pub task_id: Option<String>,
    #[arg(long, value_name = "BATCH")]
    pub batch_id: Option<String>,
    /// Such as deduction_select
    #[arg(long, value_name = "KINDS")]
    pub kind: Option<String>,
    /// succeeded, refused, failed, unknown
    #[arg(long, value_name = "OUTCOMES")]
    pub outcome: Option<String>,
    /// The invoice's number, or the payment book's
    #[arg(long, value_name = "NUMBER")]
    pub number: Option<String>,
    /// Of tasks that were logged at this moment or later, such as 2025-12-01T00:00:00+08:00
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Of tasks that were logged before this moment
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
}

impl LedgerArgs {
    /// The same as query parameters.
    pub(crate) fn query(self) -> LedgerQuery {
        let LedgerArgs { tax_no, task_id, batch_id, kind, outcome, number, from, to } = self;
        LedgerQuery {
            tax_no,
            task_id,
            batch_id,
            kind,
            outcome,
            number,
            from,
            to,
            limit: None,
            after: None,
        }
    }
}
