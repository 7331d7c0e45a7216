//! The arguments of `invoice`.

use clap::{Args, Subcommand};
use console::{
    InvoiceQuery,
    asked::{DownloadAsked, NamedInvoice},
};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum InvoiceAction {
    /// Invoices of the pool, newest first
    List {
        #[command(flatten)]
        filter: Box<InvoiceFilterArgs>,
        /// Rows at most
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// The same as an .xlsx file
    Export {
        file: PathBuf,
        #[command(flatten)]
        filter: Box<InvoiceFilterArgs>,
    },
    /// One invoice: every field, and its newest task
    Show(OneInvoice),
    /// Make a task that fills the pool from the bureau
    Download(Box<DownloadArgs>),
    /// Write the template of a bulk load
    Template {
        /// Where to
        #[arg(default_value = "invoices.xlsx")]
        file: PathBuf,
    },
    /// Load invoices from a table (.xlsx or .csv) with the template's headings
    Load {
        file: PathBuf,
        /// Write the rows that were not loaded, with the reasons, to this .xlsx file
        #[arg(long, value_name = "FILE")]
        rejected: Option<PathBuf>,
    },
    /// Which layout files (PDF, OFD, XML) are kept of an invoice
    Files(OneInvoice),
    /// Write the layout files of an invoice into a folder
    Save {
        #[command(flatten)]
        invoice: OneInvoice,
        /// pdf, ofd or xml; all that are kept when left out
        #[arg(long, value_name = "FORMAT")]
        format: Option<String>,
        /// Where to
        #[arg(long, value_name = "FOLDER", default_value = ".")]
        to: PathBuf,
    },
    /// Read anew how the bureau uses invoices: named ones, or those of a tax period
    Resync(ResyncArgs),
    /// Write back what business documents tell: one a line (docs/writeback.schema.json)
    Writeback {
        /// A file, or - for the standard input
        #[arg(default_value = "-")]
        file: String,
    },
}

/// One invoice of a buyer.
#[derive(Debug, Clone, Args)]
pub(crate) struct OneInvoice {
    /// The invoice's number, or the payment book's
    pub number: String,
    /// The buyer's
    #[arg(long, value_name = "NUMBER")]
    pub tax_no: String,
    /// The invoice code; none for digital invoices and payment books
    #[arg(long, value_name = "CODE", default_value = "")]
    pub code: String,
}

/// Which invoices to download.
#[derive(Debug, Clone, Args)]
pub(crate) struct DownloadArgs {
    /// Invoices by number, or code-number; none: those of the dates or the period
    pub numbers: Vec<String>,
    /// Whose
    #[arg(long, value_name = "NUMBER")]
    pub tax_no: String,
    /// The first day of issue, such as 2025-11-01
    #[arg(long, value_name = "DATE", requires = "to", conflicts_with_all = ["numbers", "period"])]
    pub from: Option<String>,
    /// The last day, at most 366 days in all
    #[arg(long, value_name = "DATE", requires = "from")]
    pub to: Option<String>,
    /// A tax period, such as 202511; the current one when nothing is said
    #[arg(long, value_name = "PERIOD", conflicts_with = "numbers")]
    pub period: Option<String>,
    /// The type of the invoices named, as the open platform numbers it; 21 for payment books
    #[arg(long = "type", value_name = "TYPE", default_value = NamedInvoice::ANY_TYPE)]
    pub invoice_type: String,
}

impl DownloadArgs {
    pub(crate) fn asked(self, submitted_by: String) -> DownloadAsked {
        let named = |number: &String| NamedInvoice::written(number, &self.invoice_type);
        DownloadAsked {
            invoices: self.numbers.iter().map(named).collect(),
            tax_no: self.tax_no,
            from: self.from,
            to: self.to,
            period: self.period,
            task_id: None,
            submitted_by: Some(submitted_by),
        }
    }
}

/// Which invoices to read anew.
#[derive(Debug, Clone, Args)]
pub(crate) struct ResyncArgs {
    /// The buyer's
    #[arg(long, value_name = "NUMBER")]
    pub tax_no: String,
    /// Those that the pool has as selected for this tax period, such as 202511
    #[arg(
        long,
        value_name = "PERIOD",
        conflicts_with = "invoices",
        required_unless_present = "invoices"
    )]
    pub period: Option<String>,
    /// Numbers, or code-number for invoices that have a code
    #[arg(value_name = "INVOICE")]
    pub invoices: Vec<String>,
    /// Who asks, for the log
    #[arg(long, value_name = "NAME", default_value = "")]
    pub by: String,
}

/// Which invoices; every flag that is given must match. Several values with commas between.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct InvoiceFilterArgs {
    /// The buyer's
    #[arg(long, value_name = "NUMBER")]
    pub tax_no: Option<String>,
    /// 核算组织 of the invoice
    #[arg(long, value_name = "ORG")]
    pub accounting_org: Option<String>,
    /// 税务组织 of the buyer
    #[arg(long, value_name = "ORG")]
    pub tax_org: Option<String>,
    /// Numbers of the open platform, such as 27,28
    #[arg(long = "type", value_name = "TYPES")]
    pub invoice_type: Option<String>,
    /// Such as normal,partly_reversed
    #[arg(long, value_name = "STATUSES")]
    pub status: Option<String>,
    /// Such as unselected,pre_selected; selecting is what a task holds
    #[arg(long, value_name = "STATES")]
    pub selection: Option<String>,
    /// deduction, non_deduction, rebate; none is not decided
    #[arg(long, value_name = "PURPOSES")]
    pub purpose: Option<String>,
    /// true or false
    #[arg(long, value_name = "BOOL")]
    pub deductible: Option<String>,
    /// The first day, such as 2025-11-01
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// The last day
    #[arg(long, value_name = "DATE")]
    pub to: Option<String>,
    /// The least amount without tax, in yuan
    #[arg(long, value_name = "YUAN", allow_hyphen_values = true)]
    pub amount_from: Option<String>,
    /// The greatest amount without tax, in yuan
    #[arg(long, value_name = "YUAN", allow_hyphen_values = true)]
    pub amount_to: Option<String>,
    /// A part of the seller's name
    #[arg(long, value_name = "TEXT")]
    pub seller: Option<String>,
    /// How the number begins
    #[arg(long, value_name = "DIGITS")]
    pub number: Option<String>,
    /// not_entered, entered, withdrawn
    #[arg(long, value_name = "STATES")]
    pub entry_state: Option<String>,
}

impl InvoiceFilterArgs {
    /// The same as query parameters.
    pub(crate) fn query(self) -> InvoiceQuery {
        InvoiceQuery {
            tax_no: self.tax_no,
            accounting_org: self.accounting_org,
            tax_org: self.tax_org,
            invoice_type: self.invoice_type,
            status: self.status,
            selection: self.selection,
            purpose: self.purpose,
            deductible: self.deductible,
            from: self.from,
            to: self.to,
            amount_from: self.amount_from,
            amount_to: self.amount_to,
            seller: self.seller,
            number: self.number,
            entry_state: self.entry_state,
            limit: None,
            after: None,
        }
    }
}
