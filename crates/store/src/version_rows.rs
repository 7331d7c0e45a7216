//! Versions of statistic tables as both databases take and return them.

use crate::{codec, table_rows};
use domain::{
    Moment,
    ids::{Fence, TaskId, TaxId},
    kind::Kind,
    period::TaxPeriod,
    statistic::{NewestVersion, TableNote, TableVersion, VersionFile, VersionId, VersionStep},
    task::StateName,
};
use fleet::ports::StoreError;
use uuid::Uuid;

/// What the end of a task says of a table.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) tax: TaxId,
    pub(crate) fence: Fence,
    pub(crate) task: TaskId,
    pub(crate) kind: Kind,
    pub(crate) state: StateName,
    pub(crate) note: TableNote,
}

impl Told {
    /// Its period, and what it means for the versions. None: it names no period.
    pub(crate) fn step(
        &self,
        newest: Option<&NewestRow>,
    ) -> Result<Option<(TaxPeriod, VersionStep)>, StoreError> {
        let Some(period) = self.note.period else { return Ok(None) };
        let newest = newest.map(NewestRow::newest).transpose()?;
        let succeeded = self.state == StateName::Done;
        let step = VersionStep::of(self.kind, succeeded, &self.note, newest.as_ref());
        Ok(Some((period, step)))
    }
}

/// The newest version of a table.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct NewestRow {
    state: String,
    figures: Option<String>,
    withdrawn: bool,
    pub(crate) order: i64,
}

impl NewestRow {
    fn newest(&self) -> Result<NewestVersion, StoreError> {
        Ok(NewestVersion {
            state: codec::read(&self.state)?,
            figures: self.figures.as_deref().map(table_rows::figures).transpose()?,
            withdrawn: self.withdrawn,
        })
    }
}

/// A version. Moments are microseconds since 1970 in UTC.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct VersionRow {
    tax_no: String,
    period: i32,
    order: i64,
    task_id: Uuid,
    kind: String,
    state: String,
    figures: Option<String>,
    figures_at: Option<i64>,
    figures_order: Option<i64>,
    ours: String,
    at: i64,
    withdrawn_at: Option<i64>,
    file: Option<String>,
}

impl VersionRow {
    pub(crate) fn version(self) -> Result<TableVersion, StoreError> {
        let file = self.file.as_deref().map(serde_json::from_str::<VersionFile>).transpose();
        let file = file
            .map_err(|error| StoreError::Broken(format!("a noted file cannot be read: {error}")))?;
        let figures = self.figures.as_deref();
        Ok(TableVersion {
            tax_no: codec::read(&self.tax_no)?,
            id: VersionId { period: codec::period(self.period)?, order: Fence(self.order) },
            task: TaskId(self.task_id),
            kind: codec::read(&self.kind)?,
            state: codec::read(&self.state)?,
            known: table_rows::known(figures, self.figures_at, self.figures_order)?,
            ours: table_rows::figures(&self.ours)?,
            at: moment(self.at)?,
            withdrawn_at: self.withdrawn_at.map(moment).transpose()?,
            file,
        })
    }
}

pub(crate) fn versions(rows: Vec<VersionRow>) -> Result<Vec<TableVersion>, StoreError> {
    rows.into_iter().map(VersionRow::version).collect()
}

fn moment(micros: i64) -> Result<Moment, StoreError> {
    let broken = || StoreError::Broken(format!("{micros} is not a moment"));
    Moment::from_timestamp_micros(micros).ok_or_else(broken)
}

/// The note of a file as it is stored.
pub(crate) fn written(file: &VersionFile) -> String {
    serde_json::to_string(file).expect("numbers and texts are always JSON")
}
