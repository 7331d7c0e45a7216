//! `gouxuan batch`: many invoices at once.

mod act;
mod show;

pub(super) use show::batch as show;

use super::{NotDone, Outcome, pages, print, reach::reach, table};
use crate::{cli::BatchAction, config::Config};
use console::{
    BatchLinesQuery, BatchQuery, Client,
    asked::{AgainAsked, BatchAccountAsked, BatchDropAsked, BatchLoginAsked, NoteAsked},
};

pub(super) async fn run(config: &Config, action: BatchAction, json: bool) -> Outcome {
    let reach = reach(config).await?;
    let outcome = dispatch(&reach.client, action, json).await;
    reach.end().await;
    outcome
}

async fn dispatch(client: &Client, action: BatchAction, json: bool) -> Outcome {
    match action {
        BatchAction::Create { file } => {
            let body = act::read(&file)?;
            show::batch(&client.ask_batch(body).await?, json)
        }
        BatchAction::Select { asked } => act::run(client, "select", *asked, json).await,
        BatchAction::Deselect { asked } => act::run(client, "deselect", *asked, json).await,
        BatchAction::List { state, by, limit } => {
            let query = BatchQuery { state, submitted_by: by, ..BatchQuery::default() };
            list(client, query, limit, json).await
        }
        BatchAction::Show { id } => show::batch(&client.batch(&id).await?, json),
        BatchAction::Invoices { id } => invoices(client, &id, json).await,
        BatchAction::Submit { id } => show::batch(&client.submit_batch(&id).await?, json),
        BatchAction::Account { id, tax_no, account } => {
            let asked = BatchAccountAsked { tax_no, account };
            show::batch(&client.batch_account(&id, &asked).await?, json)
        }
        BatchAction::Drop { id, tax_no, back } => {
            let asked = BatchDropAsked { tax_no, dropped: !back };
            show::batch(&client.drop_from_batch(&id, &asked).await?, json)
        }
        BatchAction::Login { id, tax_no, by, reason } => {
            let asked = BatchLoginAsked { tax_no, by, reason, until: None };
            let noted = client.batch_login(&id, &asked).await?;
            let resumed = noted.resumed;
            if json {
                return print(&serde_json::to_string(&noted)?);
            }
            print(&format!("noted; {resumed} tasks go on"))
        }
        BatchAction::Cancel { id, by, reason } => {
            cancel(client, &id, NoteAsked { by, reason }, json).await
        }
        BatchAction::Again { id, as_id, by, draft } => {
            let asked = AgainAsked { batch_id: as_id, submitted_by: by, draft };
            show::batch(&client.batch_again(&id, &asked).await?, json)
        }
    }
}

async fn list(client: &Client, mut query: BatchQuery, limit: usize, json: bool) -> Outcome {
    let head = ["时间", "批次", "用途", "税号", "发票", "状态", "提交方"];
    pages::show(limit, json, head, show::row, async |rows| {
        query.limit = Some(rows);
        let page = client.batches(&query).await?;
        query.after = page.next;
        Ok((page.batches, query.after.is_some()))
    })
    .await
}

/// Page after page, so that any number of invoices needs the memory of one page.
async fn invoices(client: &Client, id: &str, json: bool) -> Outcome {
    let mut from = 0;
    loop {
        let query = BatchLinesQuery { from, limit: Some(console::MOST_ROWS) };
        let page = client.batch_lines(id, query).await?;
        show::lines(&page.invoices, json)?;
        match page.next {
            Some(next) => from = next,
            None => return Ok(()),
        }
    }
}

async fn cancel(client: &Client, id: &str, note: NoteAsked, json: bool) -> Outcome {
    let done = client.cancel_batch(id, &note).await?;
    if json {
        print(&serde_json::to_string(&done)?)?;
    } else if done.state == "cancelled" {
        print("the draft was called off")?;
    } else {
        print(&format!("{} tasks were called off", done.cancelled))?;
    }
    if done.too_late > 0 {
        let late = done.too_late;
        let sentence = format!("{late} tasks have ended or may have sent something to the bureau");
        return Err(NotDone(sentence).into());
    }
    Ok(())
}
