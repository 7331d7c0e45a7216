//! The arguments of `list`.

use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum ListAction {
    /// Save the empty list that people fill in
    Template { file: PathBuf },
    /// Upload a filled-in list: every row gets its result
    Import {
        file: PathBuf,
        /// What the whole list is for
        #[arg(long = "for", value_enum, value_name = "PURPOSE")]
        purpose: ListPurposeArg,
        /// The list's id: uploading again with it does nothing twice
        #[arg(long)]
        id: String,
        /// Who uploads it
        #[arg(long)]
        by: Option<String>,
    },
    /// Lists, newest first
    List {
        /// Rows at most
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// How far a list is, and how many rows have which result
    Show { id: String },
    /// Its rows with their results
    Rows {
        id: String,
        /// failed, task_fails, left_out, listed; several with commas between
        #[arg(long, value_name = "RESULTS")]
        result: Option<String>,
    },
    /// Take a row out of the edit list
    Drop {
        id: String,
        /// Its number in the sheet
        row: u32,
        /// Put it back
        #[arg(long)]
        back: bool,
    },
    /// Give a row of the edit list another reason: 1 to 5, or 其他：text
    Reason { id: String, row: u32, reason: String },
    /// Make a batch of what is left of the edit list
    Confirm {
        id: String,
        /// The batch's id; the list's own when left out
        #[arg(long, value_name = "ID")]
        batch: Option<String>,
        /// Keep the batch as a draft, to look at its accounts first
        #[arg(long)]
        draft: bool,
    },
    /// Save the uploaded rows with their results as an .xlsx file
    Results { id: String, file: PathBuf },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListPurposeArg {
    Deduction,
    NonDeduction,
}

impl ListPurposeArg {
    /// As the API writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            ListPurposeArg::Deduction => "deduct",
            ListPurposeArg::NonDeduction => "non_deduct",
        }
    }
}
