//! The arguments of `check`, `matrix`, `calendar` and `run`.

use clap::{Args, Subcommand};
use console::{CheckQuery, MatrixQuery};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum CheckAction {
    /// How many invoices every check of a period lists, and when it was read anew last
    Totals(CheckArgs),
    /// The invoices that one check lists: abnormal, `booked_not_selected`, `selected_not_booked`,
    /// `wrong_buyer`
    List {
        check: String,
        #[command(flatten)]
        of: CheckArgs,
        /// Rows at most
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// The same as an .xlsx file
    Export {
        check: String,
        file: PathBuf,
        #[command(flatten)]
        of: CheckArgs,
    },
    /// Read anew what tax numbers have selected for a period
    Resync {
        #[arg(required = true)]
        tax_nos: Vec<String>,
        #[arg(long, value_name = "PERIOD")]
        period: String,
        /// Who asks; the user of this machine when left out
        #[arg(long)]
        by: Option<String>,
    },
}

/// Whose invoices; every flag that is given must match.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct CheckArgs {
    /// Such as 202511; the month before this one when left out
    #[arg(long, value_name = "PERIOD")]
    pub period: Option<String>,
    #[arg(long, value_name = "NUMBER")]
    pub tax_no: Option<String>,
    /// 税务组织 of the buyer
    #[arg(long, value_name = "CODE")]
    pub tax_org: Option<String>,
    /// 核算组织 of the invoice
    #[arg(long, value_name = "CODE")]
    pub accounting_org: Option<String>,
}

impl CheckArgs {
    /// The same as query parameters.
    pub(crate) fn query(self) -> CheckQuery {
        let CheckArgs { period, tax_no, tax_org, accounting_org } = self;
        CheckQuery { period, tax_no, tax_org, accounting_org, limit: None, after: None }
    }
}

/// Which tax numbers; every flag that is given must match.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct MatrixArgs {
    /// Such as 202511; the month before this one when left out
    #[arg(long, value_name = "PERIOD")]
    pub period: Option<String>,
    #[arg(long, value_name = "NUMBER")]
    pub tax_no: Option<String>,
    #[arg(long, value_name = "CODE")]
    pub bureau: Option<String>,
    #[arg(long, value_name = "CODE")]
    pub tax_org: Option<String>,
    /// selecting, statistics, confirmed, filed
    #[arg(long)]
    pub stage: Option<String>,
    /// Rows at most
    #[arg(long, default_value_t = 50)]
    pub limit: usize,
}

impl MatrixArgs {
    /// The same as query parameters.
    pub(crate) fn query(self) -> MatrixQuery {
        let MatrixArgs { period, tax_no, bureau, tax_org, stage, .. } = self;
        MatrixQuery { period, tax_no, bureau, tax_org, stage, limit: None, after: None }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum CalendarAction {
    /// Until when a period is filed at each bureau, and the days left
    Show {
        /// Such as 202511; the month before this one when left out
        #[arg(long, value_name = "PERIOD")]
        period: Option<String>,
        /// One bureau alone
        #[arg(long, value_name = "CODE")]
        bureau: Option<String>,
    },
    /// The days that somebody has set
    Days,
    /// Set the last day of a period, for a bureau or the whole country
    Set {
        period: String,
        /// Such as 2025-12-15
        day: String,
        #[arg(long, value_name = "CODE")]
        bureau: Option<String>,
        /// Where it is written, such as the notice's number
        #[arg(long)]
        reason: String,
        #[arg(long)]
        by: Option<String>,
    },
    /// Take it back
    Remove {
        period: String,
        #[arg(long, value_name = "CODE")]
        bureau: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RunAction {
    /// Make the statistic tables of these tax numbers, and compare their figures
    Ask {
        /// The run's id: asking again with it does nothing twice
        #[arg(long)]
        id: String,
        #[arg(long, value_name = "PERIOD")]
        period: String,
        #[arg(required = true)]
        tax_nos: Vec<String>,
        /// The stored secret that confirmations are signed with; {tax_no} stands for the tax number
        #[arg(long, value_name = "NAME")]
        password_ref: Option<String>,
        /// Who asks; somebody else approves
        #[arg(long)]
        by: Option<String>,
    },
    /// Runs, newest first
    List {
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// How many tax numbers of a run stand where
    Show { id: String },
    /// Where each tax number of a run stands, and why not further
    Parts {
        id: String,
        /// Such as differs,ready,stopped
        #[arg(long, value_name = "STATES")]
        state: Option<String>,
    },
    /// Accept that the figures of a tax number differ, as they are now
    Accept {
        id: String,
        tax_no: String,
        #[arg(long)]
        reason: String,
        #[arg(long)]
        by: Option<String>,
    },
    /// Approve what is ready, as the second person: what is printed is confirmed from then on
    Approve {
        id: String,
        /// These alone; all that are ready when none is named
        tax_nos: Vec<String>,
        #[arg(long)]
        by: Option<String>,
    },
    /// Read again what differs or is ready, or try again what has stopped
    Again(RunPartsArgs),
    /// Take tax numbers out of a run before they are approved
    Drop(RunPartsArgs),
    /// Go on with a run now; a worker does so by itself
    GoOn { id: String },
}

#[derive(Debug, Clone, Args)]
pub(crate) struct RunPartsArgs {
    pub id: String,
    #[arg(required = true)]
    pub tax_nos: Vec<String>,
    #[arg(long)]
    pub reason: String,
    #[arg(long)]
    pub by: Option<String>,
}
