//! The arguments of `statistic` and `period`.

use clap::{Args, Subcommand};
use console::asked::OperationAsked;
use std::path::PathBuf;
use uuid::Uuid;

#[derive(Debug, Subcommand)]
pub(crate) enum StatisticAction {
    /// Each period's table: state, the bureau's figures, ours, and where they differ
    Show {
        tax_no: String,
        /// One period alone, such as 202511
        #[arg(long, value_name = "PERIOD")]
        period: Option<String>,
    },
    /// Ask the bureau for the table and what it counts
    Query(OperationArgs),
    /// Make the table: selecting is locked from then on
    Create(OperationArgs),
    /// Withdraw the table; a confirmed one has its confirmation withdrawn first
    Withdraw(OperationArgs),
    /// Confirm the table (确认签名)
    Confirm {
        #[command(flatten)]
        of: OperationArgs,
        /// The stored secret that it is signed with
        #[arg(long, value_name = "NAME")]
        password_ref: Option<String>,
    },
    /// The versions that are kept of generated and confirmed tables, the newest first
    Files {
        tax_no: String,
        /// One period alone, such as 202511
        #[arg(long, value_name = "PERIOD")]
        period: Option<String>,
        /// Rows at most
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Write the .xlsx file of one version
    File {
        tax_no: String,
        /// Such as 202511-37, as `files` shows it
        #[arg(value_name = "VERSION")]
        named: String,
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PeriodAction {
    /// Ask the bureau for the current period
    Query(OperationArgs),
    /// Change the current period to --period
    Change(OperationArgs),
}

/// For whom an operation is.
#[derive(Debug, Clone, Args)]
pub(crate) struct OperationArgs {
    tax_no: String,
    /// Such as 202511; the bureau's current one when left out
    #[arg(long, value_name = "PERIOD")]
    period: Option<String>,
    /// The account to use; the tax number's own when left out
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Makes repeating it safe; a new one when left out
    #[arg(long, value_name = "ID")]
    task_id: Option<Uuid>,
}

impl OperationArgs {
    /// The tax number, and the request.
    pub(crate) fn asked(self, by: String) -> (String, OperationAsked) {
        let asked = OperationAsked {
            task_id: self.task_id,
            tax_period: self.period,
            account: self.account,
            password_ref: None,
            submitted_by: Some(by),
        };
        (self.tax_no, asked)
    }
}
