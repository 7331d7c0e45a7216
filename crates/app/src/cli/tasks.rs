//! The arguments of `task` and `lane`.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use console::TaskQuery;
use std::path::PathBuf;
use uuid::Uuid;

#[derive(Debug, Subcommand)]
pub(crate) enum TaskAction {
    /// Publish task messages: NDJSON, or one JSON object
    Publish {
        /// The file; - is stdin
        #[arg(default_value = "-")]
        file: String,
    },
    /// Tasks, newest first
    List {
        #[command(flatten)]
        filter: FilterArgs,
        /// Rows at most
        #[arg(long, default_value_t = 50)]
        limit: usize,
    },
    /// The same as an .xlsx file
    Export {
        file: PathBuf,
        #[command(flatten)]
        filter: FilterArgs,
    },
    /// Ask for results now and not when their turn comes
    Ask {
        #[arg(required = true)]
        ids: Vec<Uuid>,
    },
    /// One task: row, body, ledger, submissions
    Show { id: Uuid },
    /// Why a task is not running now
    Why { id: Uuid },
    /// Try failed tasks again: by ids, or by filters
    Retry {
        #[arg(conflicts_with_all = ["state", "shown_state", "kind", "tax_no", "bureau", "account",
            "batch_id", "from", "to", "all"])]
        ids: Vec<Uuid>,
        #[command(flatten)]
        filter: FilterArgs,
        /// Every failed task, when there is no filter
        #[arg(long)]
        all: bool,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// Count only
        #[arg(long)]
        dry_run: bool,
        /// Tasks at most
        #[arg(long, default_value_t = 1000)]
        limit: usize,
    },
    /// Call tasks off that have sent nothing
    Cancel {
        #[arg(required = true)]
        ids: Vec<Uuid>,
        #[command(flatten)]
        note: NoteArgs,
    },
    /// Record that you looked and the bureau has nothing of tasks whose outcome is unknown: they
    /// may be retried then
    Absent {
        #[arg(required = true)]
        ids: Vec<Uuid>,
        #[command(flatten)]
        note: NoteArgs,
    },
    /// Progress until every matching task has ended
    Watch {
        #[command(flatten)]
        filter: FilterArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum LaneAction {
    /// Every account: login, worker, why it is closed
    List,
    /// Let nothing more start for a bureau, an account or a tax number
    Pause(GateArgs),
    /// Take a pause back
    Resume(GateArgs),
    /// Tell that an account is logged in: its tasks go on
    Login(SessionArgs),
    /// Tell that an account is logged out: its tasks wait
    Logout(SessionArgs),
}

/// Which tasks; every flag that is given must match. Several values with commas between.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct FilterArgs {
    /// Inner states, such as queued,parked
    #[arg(long, value_name = "STATES")]
    pub state: Option<String>,
    /// What people see, such as 处理失败
    #[arg(long, value_name = "STATES")]
    pub shown_state: Option<String>,
    /// Such as deduction_select,statistic_create
    #[arg(long, value_name = "KINDS")]
    pub kind: Option<String>,
    #[arg(long, value_name = "NUMBER")]
    pub tax_no: Option<String>,
    /// Six digits, such as 440300
    #[arg(long, value_name = "CODE")]
    pub bureau: Option<String>,
    #[arg(long, value_name = "LOGIN")]
    pub account: Option<String>,
    #[arg(long, value_name = "BATCH")]
    pub batch_id: Option<String>,
    /// Logged at this moment or later, such as 2025-12-01T00:00:00+08:00
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Logged before this moment
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
}

impl FilterArgs {
    /// The same as query parameters.
    pub(crate) fn query(&self) -> TaskQuery {
        let FilterArgs { state, shown_state, kind, tax_no, bureau, account, batch_id, from, to } =
            self.clone();
        TaskQuery {
            state,
            shown_state,
            kind,
            tax_no,
            bureau,
            account,
            batch_id,
            from,
            to,
            limit: None,
            after: None,
        }
    }
}

/// By whom and why; both are kept.
#[derive(Debug, Args)]
pub(crate) struct NoteArgs {
    /// Why
    #[arg(long)]
    pub reason: String,
    /// Who does it; default the user of this machine
    #[arg(long)]
    pub by: Option<String>,
}

/// A bureau, an account at it, or a tax number.
#[derive(Debug, Args)]
#[group(id = "scope", required = true, multiple = true, args = ["bureau", "tax_no"])]
pub(crate) struct GateArgs {
    /// Every account of this bureau, or with --account one
    #[arg(long, value_name = "CODE", conflicts_with = "tax_no")]
    pub bureau: Option<String>,
    #[arg(long, value_name = "LOGIN", requires = "bureau", conflicts_with = "tax_no")]
    pub account: Option<String>,
    #[arg(long, value_name = "NUMBER")]
    pub tax_no: Option<String>,
    #[command(flatten)]
    pub note: NoteArgs,
}

/// An account whose session changed.
#[derive(Debug, Args)]
pub(crate) struct SessionArgs {
    #[arg(long, value_name = "CODE")]
    pub bureau: String,
    #[arg(long, value_name = "LOGIN")]
    pub account: String,
    #[command(flatten)]
    pub note: NoteArgs,
    /// When the session ends by itself, if known
    #[arg(long, value_name = "TIME")]
    pub until: Option<DateTime<Utc>>,
}
