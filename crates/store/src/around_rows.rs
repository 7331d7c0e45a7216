//! Checks, the matrix and confirmation runs as both databases take and return them.

use crate::codec;
use chrono::NaiveDate;
use domain::{
    Moment,
    calendar::FilingDay,
    check::Check,
    ids::TaskId,
    invoice::InvoiceKey,
    money::Fen,
    run::{Run, RunPart, person},
    statistic::Sum,
};
use fleet::ports::{
    StoreError,
    checks::LastResync,
    desk::Note,
    matrix::{MatrixRow, SetFilingDay},
    runs::MovingPart,
};
use serde::Serialize;
use uuid::Uuid;

/// Buyers of one statement of a check: what it reads is bounded by their invoices.
pub(crate) const BUYERS: usize = 500;

/// An invoice that a check lists.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct ListedRow {
    pub(crate) tax_id: i32,
    pub(crate) number: String,
    pub(crate) code: String,
    amount: i64,
    tax: i64,
}

impl ListedRow {
    pub(crate) fn sum(&self) -> Sum {
        Sum::of_one(Fen(self.amount), Fen(self.tax))
    }
}

/// Where a page begins, with the buyer's number.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) tax_id: i32,
    pub(crate) date: NaiveDate,
    pub(crate) key: InvoiceKey,
}

/// How far a resync is, for the n-th asked for. Moments are microseconds since 1970 in UTC.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct ResyncRow {
    n: i64,
    asked_at: i64,
    by: String,
    tasks: i64,
    ended: i64,
    failed: i64,
    last: Option<i64>,
}

/// In the order asked.
pub(crate) fn resyncs(
    asked: usize,
    rows: Vec<ResyncRow>,
) -> Result<Vec<Option<LastResync>>, StoreError> {
    let mut found = vec![None; asked];
    for row in rows {
        let asked_at = moment(row.asked_at)?;
        let last = row.last.map(moment).transpose()?.unwrap_or(asked_at);
        let place: usize = codec::count(row.n - 1);
        found[place] = Some(LastResync {
            asked_at,
            by: row.by,
            tasks: codec::count(row.tasks),
            ended: codec::count(row.ended),
            failed: codec::count(row.failed),
            ended_at: (row.ended == row.tasks).then_some(last),
        });
    }
    Ok(found)
}

pub(crate) fn moment(micros: i64) -> Result<Moment, StoreError> {
    let broken = || StoreError::Broken(format!("{micros} is not a moment"));
    Moment::from_timestamp_micros(micros).ok_or_else(broken)
}

#[derive(Debug, sqlx::FromRow)]
pub(crate) struct StandingTaxNo {
    tax_no: String,
    name: String,
    bureau: i32,
    tax_org: String,
    stage: String,
    state: Option<String>,
    seen_at: Option<i64>,
    filed: Option<Uuid>,
    open_tasks: i64,
}

impl StandingTaxNo {
    pub(crate) fn row(self) -> Result<MatrixRow, StoreError> {
        Ok(MatrixRow {
            tax_no: codec::read(&self.tax_no)?,
            name: self.name,
            bureau: codec::bureau(self.bureau)?,
            tax_org: self.tax_org,
            stage: codec::read(&self.stage)?,
            table: codec::read_optional(self.state.as_deref())?,
            seen_at: self.seen_at.map(moment).transpose()?,
            filed: self.filed.map(TaskId),
            open_tasks: codec::count(self.open_tasks),
        })
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(crate) struct DayRow {
    period: i32,
    /// 0: the whole country.
    bureau: i32,
    day: NaiveDate,
    by: String,
    reason: String,
    at: i64,
}

impl DayRow {
    pub(crate) fn set(self) -> Result<SetFilingDay, StoreError> {
        let bureau = match self.bureau {
            0 => None,
            number => Some(codec::bureau(number)?),
        };
        Ok(SetFilingDay {
            day: FilingDay { period: codec::period(self.period)?, bureau, day: self.day },
            note: Note { by: self.by, reason: self.reason },
            at: moment(self.at)?,
        })
    }
}

/// A part as it is kept.
#[derive(Debug, Serialize)]
pub(crate) struct PartRow {
    pub(crate) tax_no: String,
    pub(crate) state: &'static str,
    /// In hexadecimal; None: it waits for no task.
    pub(crate) task_id: Option<String>,
    #[serde(skip)]
    pub(crate) task: Option<Uuid>,
    /// With the version that it gets.
    pub(crate) part: String,
    /// The version that was read.
    pub(crate) version: i32,
    #[serde(skip)]
    pub(crate) approver: Option<String>,
}

impl PartRow {
    /// As it is kept first.
    pub(crate) fn first(run: &Run, part: &RunPart) -> PartRow {
        PartRow::of(run, part, part.version)
    }

    /// As it is written over the one that was read.
    pub(crate) fn next(run: &Run, part: &RunPart) -> PartRow {
        PartRow::of(run, part, part.version + 1)
    }

    fn of(run: &Run, part: &RunPart, version: u32) -> PartRow {
        let task = run.task_of(part).map(|task| task.0);
        let kept = RunPart { version, ..part.clone() };
        PartRow {
            tax_no: part.tax_no.to_string(),
            state: part.state.name(),
            task_id: task.map(|task| task.simple().to_string()),
            task,
            part: json(&kept),
            version: codec::count(part.version),
            approver: part.approved.as_ref().map(|approved| person(&approved.by)),
        }
    }
}

/// Whether nobody approves his own run.
pub(crate) fn by_another(run: &Run, parts: &[RunPart]) -> bool {
    parts
        .iter()
        .filter_map(|part| part.approved.as_ref())
        .all(|approved| run.may_be_approved_by(&approved.by))
}

pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("names, numbers and lists are always JSON")
}

pub(crate) fn run(head: &str) -> Result<Run, StoreError> {
    serde_json::from_str(head)
        .map_err(|error| StoreError::Broken(format!("a kept run cannot be read: {error}")))
}

pub(crate) fn part(text: &str) -> Result<RunPart, StoreError> {
    serde_json::from_str(text).map_err(|error| {
        StoreError::Broken(format!("a kept part of a run cannot be read: {error}"))
    })
}

#[derive(Debug, sqlx::FromRow)]
pub(crate) struct MovingRow {
    head: String,
    part: String,
    task_id: Uuid,
    state: Option<String>,
    reason: Option<String>,
}

impl MovingRow {
    pub(crate) fn moving(self) -> Result<MovingPart, StoreError> {
        let state = codec::read_optional(self.state.as_deref())?;
        Ok(MovingPart {
            run: run(&self.head)?,
            part: part(&self.part)?,
            task: TaskId(self.task_id),
            ended: state.map(|state| (state, self.reason.unwrap_or_default())),
        })
    }
}

/// The n-th asked for.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct NumberedPart {
    pub(crate) n: i64,
    pub(crate) part: String,
}

/// In the order asked.
pub(crate) fn parts_in_order(
    asked: usize,
    rows: Vec<NumberedPart>,
) -> Result<Vec<Option<RunPart>>, StoreError> {
    let mut found = vec![None; asked];
    for row in rows {
        let place: usize = codec::count(row.n - 1);
        found[place] = Some(part(&row.part)?);
    }
    Ok(found)
}

/// The statement of a check, among those of one database.
pub(crate) fn of_check(check: Check, statements: [&'static str; 4]) -> &'static str {
    let [abnormal, booked_not_selected, selected_not_booked, wrong_buyer] = statements;
    match check {
        Check::Abnormal => abnormal,
        Check::BookedNotSelected => booked_not_selected,
        Check::SelectedNotBooked => selected_not_booked,
        Check::WrongBuyer => wrong_buyer,
    }
}
