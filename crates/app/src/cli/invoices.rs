//! The arguments of `invoice`.

use clap::{Args, Subcommand};
use console::InvoiceQuery;

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
    /// One invoice: every field, and its newest task
    Show {
        /// The invoice's number, or the payment book's
        number: String,
        /// The buyer's
        #[arg(long, value_name = "NUMBER")]
        tax_no: String,
        /// The invoice code; none for digital invoices and payment books
        #[arg(long, value_name = "CODE", default_value = "")]
        code: String,
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
