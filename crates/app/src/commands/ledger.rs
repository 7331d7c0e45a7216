//! `gouxuan ledger`: what became of each invoice of each task.

use super::{Outcome, WrongUse, pages, reach::reach, save};
use crate::{
    cli::{LedgerAction, LedgerArgs},
    config::Config,
};
use console::{Client, LedgerQuery};
use domain::period::shanghai;
use fleet::ports::ledger::LedgerEntry;

pub(super) async fn run(config: &Config, action: LedgerAction, json: bool) -> Outcome {
    let reach = reach(config).await?;
    let outcome = act(&reach.client, action, json).await;
    reach.end().await;
    outcome
}

async fn act(client: &Client, action: LedgerAction, json: bool) -> Outcome {
    match action {
        LedgerAction::List { filter, limit } => list(client, query(filter)?, limit, json).await,
        LedgerAction::Export { file, filter } => {
            save(&file, &client.export_ledger(&query(filter)?).await?)
        }
    }
}

/// The filter, or what is wrong with the flag.
fn query(filter: LedgerArgs) -> Result<LedgerQuery, WrongUse> {
    let query = filter.query();
    match query.filter() {
        Ok(_) => Ok(query),
        Err(problem) => Err(WrongUse(format!("--{}", problem.sentence.replacen('_', "-", 1)))),
    }
}

async fn list(client: &Client, mut query: LedgerQuery, limit: usize, json: bool) -> Outcome {
    let head = ["处理时间", "税号", "发票", "任务", "结果", "说明", "任务编号"];
    pages::show(limit, json, head, row, async |rows| {
        query.limit = Some(rows);
        let page = client.ledger(&query).await?;
        query.after = page.next;
        Ok((page.lines, query.after.is_some()))
    })
    .await
}

fn row(entry: &LedgerEntry) -> [String; 7] {
    [
        entry.at.with_timezone(&shanghai()).format("%Y-%m-%d %H:%M:%S").to_string(),
        entry.tax_no.to_string(),
        entry.line.invoice.to_string(),
        entry.kind.label().to_owned(),
        entry.line.outcome.label().to_owned(),
        entry.line.reason.clone(),
        entry.task_id.to_string(),
    ]
}
