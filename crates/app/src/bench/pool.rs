//! What a page of the invoice pool costs with very many invoices, for filters that match much,
//! little and nothing.

use super::{Progress, shelf, stage::Stage};
use crate::config::Config;
use domain::world::World;
use fleet::ports::{
    Store,
    pool::{Cursor, InvoiceFilter},
};
use serde::Serialize;
use tokio::time::Instant;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Invoices of a page, as the list shows when nothing is said.
const PAGE: usize = 50;
/// How often each question is asked; the first two rounds are not counted.
const ROUNDS: usize = 22;
const UNCOUNTED: usize = 2;
/// Rows of one import.
const ROWS: usize = 20_000;

/// What one filter's pages cost: its first, and the one after that.
#[derive(Debug, Clone, Serialize)]
pub(super) struct PageCost {
    pub(super) question: &'static str,
    /// Invoices on the first page.
    pub(super) rows: usize,
    /// Milliseconds of a page, the median and the slowest.
    pub(super) p50_ms: f64,
    pub(super) max_ms: f64,
}

pub(super) async fn run(
    config: &Config,
    invoices: usize,
    progress: &Progress,
) -> Result<Vec<PageCost>, Failure> {
    let stage = Stage::open(config, "pool").await?;
    let costs = on(&stage, invoices, progress).await;
    stage.strike().await?;
    costs
}

async fn on(stage: &Stage, invoices: usize, progress: &Progress) -> Result<Vec<PageCost>, Failure> {
    stage.import(shelf::buyers()).await?;
    for from in (0..invoices).step_by(ROWS) {
        progress.say(&format!("{from} invoices imported"));
        let some = (from..(from + ROWS).min(invoices)).map(shelf::invoice).collect();
        stage.import(World { invoices: some, ..World::default() }).await?;
    }
    stage.vacuum().await?;
    let mut costs = Vec::new();
    for (question, filter) in shelf::questions() {
        progress.say(question);
        costs.push(cost(&*stage.opened.store, question, &filter).await?);
    }
    Ok(costs)
}

async fn cost(
    store: &dyn Store,
    question: &'static str,
    filter: &InvoiceFilter,
) -> Result<PageCost, Failure> {
    let mut times = Vec::new();
    let mut rows = 0;
    for round in 0..ROUNDS {
        let mut after: Option<Cursor> = None;
        for page in 0..2 {
            let began = Instant::now();
            let found = store.search(filter, after.as_ref(), PAGE).await?;
            if round >= UNCOUNTED {
                times.push((began.elapsed().as_secs_f64() * 1e5).round() / 1e2);
            }
            if page == 0 {
                rows = found.len();
            }
            after = found.last().map(Cursor::after);
            if after.is_none() {
                break;
            }
        }
    }
    times.sort_by(f64::total_cmp);
    let max_ms = times.last().copied().unwrap_or_default();
    Ok(PageCost { question, rows, p50_ms: times[times.len() / 2], max_ms })
}
