//! `gouxuan ledger`: what became of each invoice of each task.

use super::{Outcome, WrongUse, print, reach::reach, save, table};
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

/// Page after page, so that any number of rows needs the memory of one page.
async fn list(client: &Client, mut query: LedgerQuery, limit: usize, json: bool) -> Outcome {
    let mut left = limit;
    let mut rows = table(&["处理时间", "税号", "发票", "任务", "结果", "说明", "任务编号"]);
    while left > 0 {
        query.limit = Some(left.min(console::MOST_ROWS));
        let page = client.ledger(&query).await?;
        left = left.saturating_sub(page.lines.len());
        for entry in &page.lines {
            if json {
                print(&serde_json::to_string(entry)?)?;
            } else {
                rows.add_row(row(entry));
            }
        }
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
    }
    if json {
        return Ok(());
    }
    print(&rows.to_string())?;
    if query.after.is_some() {
        print("there are more; see them with a higher --limit, or narrow the filter")?;
    }
    Ok(())
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
