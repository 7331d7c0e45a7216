//! The arguments of `automatic`.

use super::NoteArgs;
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum AutomaticAction {
    /// All rules, and when they run next
    List,
    /// Keep a rule from a JSON file (docs/automatic.md): new, or over the version that it names
    Set {
        file: PathBuf,
        #[command(flatten)]
        note: NoteArgs,
    },
    /// One rule; with --json in the form that `set` takes
    Show { id: String },
    /// Let a rule run by its schedule
    Enable {
        id: String,
        #[command(flatten)]
        note: NoteArgs,
    },
    /// Let a rule run by its schedule no more
    Disable {
        id: String,
        #[command(flatten)]
        note: NoteArgs,
    },
    /// Remove a rule; its history stays
    Remove {
        id: String,
        #[command(flatten)]
        note: NoteArgs,
    },
    /// What a run would choose now, with sums and reasons; nothing is done
    DryRun { id: String },
    /// Run a rule now
    Run {
        id: String,
        #[command(flatten)]
        note: NoteArgs,
    },
    /// The runs of a rule, newest first
    History {
        id: String,
        /// Rows at most
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// Let a rule choose again what it has tried: all, of one run, or one invoice
    Reset {
        id: String,
        /// The time that the run was for, such as 2025-11-20T02:00:00+08:00
        #[arg(long, value_name = "TIME", conflicts_with_all = ["tax_no", "number", "code"])]
        run: Option<String>,
        /// The buyer's, of one invoice
        #[arg(long, requires = "number")]
        tax_no: Option<String>,
        #[arg(long, requires = "tax_no")]
        number: Option<String>,
        #[arg(long, requires = "number")]
        code: Option<String>,
        #[command(flatten)]
        note: NoteArgs,
    },
}
