//! What is answered around selection: checks, the matrix, the calendar, confirmation runs.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    check::Check,
    invoice::Invoice,
    run::{Accepted, Approved, Run, RunPart, Seen},
    statistic::{Figures, Sum},
};
use fleet::ports::{checks::LastResync, matrix::SetFilingDay};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What the checks of a period list in all.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChecksView {
    pub period: String,
    pub checks: Vec<CheckTotal>,
    /// Of the tax number asked for: when what it has selected was read anew last. None: never, or
    /// no tax number was named
    pub resync: Option<ResyncView>,
}

/// How many one check lists, and their money in yuan.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CheckTotal {
    #[schema(value_type = String)]
    pub check: Check,
    pub label: String,
    pub invoices: i64,
    #[schema(value_type = Object)]
    pub sum: Sum,
}

impl CheckTotal {
    pub(crate) fn of(check: Check, sum: Sum) -> CheckTotal {
        CheckTotal { check, label: check.label().to_owned(), invoices: sum.count, sum }
    }
}

/// How far the newest reading is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ResyncView {
    pub asked_at: DateTime<Utc>,
    pub by: String,
    pub tasks: usize,
    pub ended: usize,
    /// Of those that have ended, how many did not succeed
    pub failed: usize,
    /// None: not all have ended
    pub ended_at: Option<DateTime<Utc>>,
}

impl From<LastResync> for ResyncView {
    fn from(last: LastResync) -> ResyncView {
        let LastResync { asked_at, by, tasks, ended, failed, ended_at } = last;
        ResyncView { asked_at, by, tasks, ended, failed, ended_at }
    }
}

/// Invoices that a check lists.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CheckPage {
    #[schema(value_type = String)]
    pub check: Check,
    pub period: String,
    #[schema(value_type = Vec<Object>)]
    pub invoices: Vec<Invoice>,
    /// None: that was the last page
    pub next: Option<String>,
}

/// What became of reading tax numbers anew.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Resyncs {
    pub period: String,
    pub tax_nos: Vec<ResyncOf>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ResyncOf {
    pub tax_no: String,
    pub invoices: usize,
    pub tasks: usize,
}

/// A page of the matrix.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MatrixPage {
    pub period: String,
    pub rows: Vec<MatrixLine>,
    pub next: Option<String>,
}

/// Where one tax number stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MatrixLine {
    pub tax_no: String,
    pub name: String,
    pub bureau: String,
    pub bureau_name: String,
    pub tax_org: String,
    /// `selecting`, `statistics`, `confirmed`, `filed`
    pub stage: String,
    /// What our pool has selected for the period; money in yuan
    #[schema(value_type = Object)]
    pub deducted: Sum,
    #[schema(value_type = Object)]
    pub not_deducted: Sum,
    /// None: nothing is known of a table
    pub table: Option<String>,
    pub seen_at: Option<DateTime<Utc>>,
    /// Whether the bureau counts otherwise than our pool; None: it never told its figures
    pub differs: Option<bool>,
    /// The filing that succeeded
    pub filed: Option<Uuid>,
    /// Tasks of any kind and period that have not ended
    pub open_tasks: u64,
    pub deadline: NaiveDate,
    /// 0 on the last day, negative after it
    pub days_left: i64,
}

/// The filing calendar of a period.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CalendarView {
    pub period: String,
    pub bureaus: Vec<CalendarLine>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CalendarLine {
    pub bureau: String,
    pub name: String,
    pub day: NaiveDate,
    /// `bureau` or `country`: somebody set it; `rule`: the 15th, or the Monday after it
    pub from: String,
    pub days_left: i64,
}

/// Days that somebody has set.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FilingDays {
    pub days: Vec<FilingDayView>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FilingDayView {
    pub period: String,
    /// None: the whole country
    pub bureau: Option<String>,
    pub day: NaiveDate,
    pub by: String,
    pub reason: String,
    pub at: DateTime<Utc>,
}

impl From<SetFilingDay> for FilingDayView {
    fn from(set: SetFilingDay) -> FilingDayView {
        FilingDayView {
            period: set.day.period.to_string(),
            bureau: set.day.bureau.map(|bureau| bureau.to_string()),
            day: set.day.day,
            by: set.note.by,
            reason: set.note.reason,
            at: set.at,
        }
    }
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct FilingDayRemoved {
    /// False: none was set
    pub removed: bool,
}

/// A confirmation run, and how many tax numbers stand where.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RunView {
    pub run_id: String,
    pub period: String,
    pub asked_by: String,
    pub password_ref: Option<String>,
    pub created_at: DateTime<Utc>,
    pub states: Vec<RunCount>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RunCount {
    pub state: String,
    pub tax_nos: u64,
}

impl RunView {
    pub(crate) fn of(run: Run, states: Vec<RunCount>) -> RunView {
        RunView {
            run_id: run.run_id,
            period: run.period.to_string(),
            asked_by: run.asked_by,
            password_ref: run.password_ref,
            created_at: run.created_at,
            states,
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RunPage {
    pub runs: Vec<RunView>,
    pub next: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RunParts {
    pub parts: Vec<RunPartView>,
    pub next: Option<String>,
}

/// Where a tax number of a run stands, and why not further.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RunPartView {
    pub tax_no: String,
    pub state: String,
    /// Empty: nothing stands in its way
    pub sentence: String,
    /// The task that it waits for
    pub task_id: Option<Uuid>,
    /// What an acceptance or an approval of these figures names. None: none were told yet
    pub figures: Option<String>,
    pub asked_at: Option<DateTime<Utc>>,
    #[schema(value_type = Option<Vec<Object>>)]
    pub bureau: Option<Figures>,
    #[schema(value_type = Option<Vec<Object>>)]
    pub ours: Option<Figures>,
    #[schema(value_type = Option<Vec<Object>>)]
    pub differences: Option<Figures>,
    #[schema(value_type = Option<Object>)]
    pub accepted: Option<Accepted>,
    #[schema(value_type = Option<Object>)]
    pub approved: Option<Approved>,
}

impl RunPartView {
    pub(crate) fn of(run: &Run, part: RunPart) -> RunPartView {
        let task_id = run.task_of(&part).map(|task| task.0);
        let seen = part.seen.as_ref();
        RunPartView {
            tax_no: part.tax_no.to_string(),
            state: part.state.name().to_owned(),
            sentence: part.sentence,
            task_id,
            figures: seen.map(Seen::fingerprint),
            asked_at: seen.map(|seen| seen.asked_at),
            bureau: seen.map(|seen| seen.bureau.clone()),
            ours: seen.map(|seen| seen.ours.clone()),
            differences: seen.map(Seen::differences),
            accepted: part.accepted,
            approved: part.approved,
        }
    }
}
