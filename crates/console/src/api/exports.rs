//! Exports (导出): pool, task log and ledger as .xlsx, by the same filters as their lists.

mod columns;

use crate::{
    access::Asker, filter::TaskQuery, invoice_query::InvoiceQuery, ledger_query::LedgerQuery,
    problem::Problem, site::Site, xlsx,
};
use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::IntoResponse,
};
use columns::{LEDGER, TASKS};
use domain::{check::Check, rights::Right};
use fleet::ports::{
    archive::{After, TaskFilter},
    checks::CheckScope,
    ledger::{AfterLine, LedgerFilter},
    pool::{Cursor, InvoiceFilter},
};
use sheets::{Columns, INVOICES, Table, WriteError};

/// Rows of one file at most: what can be read and packed within the time of a request.
pub(crate) const ROWS: usize = 100_000;
/// Rows read in one go.
const PAGE: usize = 5_000;

fn not_written(error: WriteError) -> Problem {
    Problem::broken(format!("a file was not written: {error}"))
}

/// A file that grows page by page.
struct Export<T: 'static> {
    columns: &'static Columns<T>,
    table: Table,
    rows: usize,
}

impl<T> Export<T> {
    fn new(site: &Site, columns: &'static Columns<T>) -> Result<Export<T>, Problem> {
        let now = site.desk.clock.now();
        let table = Table::new(columns.title, &columns.headings(), now).map_err(not_written)?;
        Ok(Export { columns, table, rows: 0 })
    }

    /// Whether there is another page.
    fn add(&mut self, page: &[T]) -> Result<bool, Problem> {
        self.rows += page.len();
        if self.rows > ROWS {
            return Err(Problem::malformed(format!(
                "filter: more than {ROWS} rows match; narrow it, and export several files"
            )));
        }
        for row in page {
            self.columns.write(&mut self.table, row).map_err(not_written)?;
        }
        Ok(page.len() == PAGE)
    }

    async fn file(self, name: &str) -> Result<impl IntoResponse + use<T>, Problem> {
        let table = self.table;
        xlsx::file(name, xlsx::packed(move |bytes| table.finish(bytes)).await?)
    }
}

/// The invoices that match, as a file
#[utoipa::path(get, path = "/api/v1/exports/invoices.xlsx", tag = "invoices",
    params(InvoiceQuery), responses((status = 200, description = "An .xlsx file"),
    (status = 400, description = "A parameter cannot be read, or too much matches",
        body = Problem)))]
pub(crate) async fn invoices(
    State(site): State<Site>,
    asker: Asker,
    query: Result<Query<InvoiceQuery>, QueryRejection>,
) -> Result<impl IntoResponse, Problem> {
    let Query(query) = query?;
    let filter = InvoiceFilter { within: asker.organisations(Right::View)?, ..query.filter()? };
    let mut export = Export::new(&site, &INVOICES)?;
    let mut after = None;
    loop {
        let page = site.store.search(&filter, after.as_ref(), PAGE).await?;
        after = page.last().map(Cursor::after);
        if !export.add(&page)? {
            return export.file("invoices.xlsx").await;
        }
    }
}

/// The invoices that a check lists.
pub(super) async fn check(
    site: &Site,
    check: Check,
    scope: &CheckScope,
) -> Result<impl IntoResponse + use<>, Problem> {
    let mut export = Export::new(site, &INVOICES)?;
    let mut after = None;
    loop {
        let page = site.store.check(check, scope, after.as_ref(), PAGE).await?;
        after = page.last().map(Cursor::after);
        if !export.add(&page)? {
            return export.file(&format!("{}-{}.xlsx", check.name(), scope.period)).await;
        }
    }
}

/// The tasks that match, as a file
#[utoipa::path(get, path = "/api/v1/exports/tasks.xlsx", tag = "tasks",
    params(TaskQuery), responses((status = 200, description = "An .xlsx file"),
    (status = 400, description = "A parameter cannot be read, or too much matches",
        body = Problem)))]
pub(crate) async fn tasks(
    State(site): State<Site>,
    asker: Asker,
    query: Result<Query<TaskQuery>, QueryRejection>,
) -> Result<impl IntoResponse, Problem> {
    let Query(query) = query?;
    let filter = TaskFilter { within: asker.sees(Right::View)?, ..query.filter()? };
    let mut export = Export::new(&site, &TASKS)?;
    let mut after = None;
    loop {
        let page = site.store.list(&filter, after, PAGE).await?;
        after = page.last().map(|row| After { enqueued_at: row.enqueued_at, task_id: row.task_id });
        if !export.add(&page)? {
            return export.file("tasks.xlsx").await;
        }
    }
}

/// The lines of the ledger that match, as a file
#[utoipa::path(get, path = "/api/v1/exports/ledger.xlsx", tag = "invoices",
    params(LedgerQuery), responses((status = 200, description = "An .xlsx file"),
    (status = 400, description = "A parameter cannot be read, or too much matches",
        body = Problem)))]
pub(crate) async fn ledger(
    State(site): State<Site>,
    asker: Asker,
    query: Result<Query<LedgerQuery>, QueryRejection>,
) -> Result<impl IntoResponse, Problem> {
    let Query(query) = query?;
    let filter = LedgerFilter { within: asker.sees(Right::View)?, ..query.filter()? };
    let mut export = Export::new(&site, &LEDGER)?;
    let mut after = None;
    loop {
        let page = site.store.ledger(&filter, after.as_ref(), PAGE).await?;
        after = page.last().map(AfterLine::of);
        if !export.add(&page)? {
            return export.file("ledger.xlsx").await;
        }
    }
}
