//! `gouxuan list`: selecting by uploaded lists.

use super::{NotDone, Outcome, WrongUse, batch, pages, print, reach::reach, save, table};
use crate::{cli::ListAction, config::Config};
use console::{
    Client, ListQuery, RowsQuery, UploadQuery,
    asked::{ConfirmAsked, RowAsked},
};
use domain::{
    list::{ListImport, ListRow, ListState, RowOutcome},
    period::shanghai,
};
use std::path::Path;

pub(super) async fn run(config: &Config, action: ListAction, json: bool) -> Outcome {
    let reach = reach(config).await?;
    let outcome = act(&reach.client, action, json).await;
    reach.end().await;
    outcome
}

async fn act(client: &Client, action: ListAction, json: bool) -> Outcome {
    match action {
        ListAction::Template { file } => save(&file, &client.list_template().await?),
        ListAction::Import { file, purpose, id, by } => {
            let query = UploadQuery {
                list_id: id,
                purpose: purpose.name().to_owned(),
                file_name: name_of(&file),
                submitted_by: by,
            };
            import(client, &query, &file, json).await
        }
        ListAction::List { limit } => all(client, limit, json).await,
        ListAction::Show { id } => show(&client.list_import(&id).await?.list, json),
        ListAction::Rows { id, result } => rows(client, &id, result, json).await,
        ListAction::Drop { id, row, back } => {
            let asked = RowAsked { dropped: Some(!back), reason: None };
            one(&client.change_list_row(&id, row, &asked).await?, json)
        }
        ListAction::Reason { id, row, reason } => {
            let asked = RowAsked { dropped: None, reason: Some(reason) };
            one(&client.change_list_row(&id, row, &asked).await?, json)
        }
        ListAction::Confirm { id, batch, draft } => {
            let asked = ConfirmAsked { batch_id: batch, draft };
            batch::show(&client.confirm_list(&id, &asked).await?, json)
        }
        ListAction::Results { id, file } => save(&file, &client.list_results(&id).await?),
    }
}

fn name_of(file: &Path) -> String {
    file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

async fn import(client: &Client, query: &UploadQuery, file: &Path, json: bool) -> Outcome {
    let unreadable = |error| WrongUse(format!("{}: {error}", file.display()));
    let bytes = std::fs::read(file).map_err(unreadable)?;
    let list = client.upload_list(query, bytes).await?.list;
    if list.state == ListState::Refused {
        if json {
            print(&serde_json::to_string(&list)?)?;
        }
        return Err(NotDone(format!("{}: {}", file.display(), list.refusal)).into());
    }
    show(&list, json)
}

async fn all(client: &Client, limit: usize, json: bool) -> Outcome {
    let head = ["时间", "清单", "文件", "状态", "行数", "通过", "失败", "批次"];
    let mut query = ListQuery::default();
    pages::show(limit, json, head, line, async |rows| {
        query.limit = Some(rows);
        let page = client.lists(&query).await?;
        query.after = page.next;
        Ok((page.lists, query.after.is_some()))
    })
    .await
}

fn count(list: &ListImport, result: RowOutcome) -> usize {
    list.results.get(&result).copied().unwrap_or_default()
}

fn line(list: &ListImport) -> [String; 8] {
    [
        list.created_at.with_timezone(&shanghai()).format("%Y-%m-%d %H:%M:%S").to_string(),
        list.list_id.clone(),
        list.file_name.clone(),
        list.state.name().to_owned(),
        list.rows.to_string(),
        count(list, RowOutcome::Listed).to_string(),
        count(list, RowOutcome::Failed).to_string(),
        list.batch_id.clone().unwrap_or_default(),
    ]
}

fn show(list: &ListImport, json: bool) -> Outcome {
    if json {
        return print(&serde_json::to_string(list)?);
    }
    let results = RowOutcome::ALL.map(|one| format!("{}{}行", one.label(), count(list, one)));
    let (id, state) = (&list.list_id, list.state.name());
    let refusal = if list.refusal.is_empty() { "" } else { "。" };
    print(&format!(
        "清单{id}（{state}）：共{}行，已处理{}行；{}{refusal}{}",
        list.rows,
        list.done,
        results.join("，"),
        list.refusal
    ))
}

/// Page after page, so that any number of rows needs the memory of one page.
async fn rows(client: &Client, id: &str, result: Option<String>, json: bool) -> Outcome {
    let mut query = RowsQuery { result, after: 0, limit: Some(console::MOST_ROWS) };
    loop {
        let page = client.list_rows(id, &query).await?;
        let mut found = rows_table();
        for row in &page.rows {
            if json {
                print(&serde_json::to_string(row)?)?;
            } else {
                found.add_row(cells(row));
            }
        }
        if !json {
            print(&found.to_string())?;
        }
        match page.next {
            Some(next) => query.after = next,
            None => return Ok(()),
        }
    }
}

fn rows_table() -> comfy_table::Table {
    table(&["行", "操作", "发票", "税号", "结果", "原因", "编辑"])
}

fn cells(row: &ListRow) -> [String; 7] {
    let [action, code, number, book, ..] = &row.cells;
    let invoice = [code, number, book].map(String::as_str).concat();
    let edited = row.entry.as_ref().map(|entry| if entry.dropped { "已移除" } else { "" });
    [
        row.row.to_string(),
        action.clone(),
        invoice,
        row.entry.as_ref().map(|entry| entry.tax_no.to_string()).unwrap_or_default(),
        row.result.label().to_owned(),
        row.sentence.clone(),
        edited.unwrap_or_default().to_owned(),
    ]
}

fn one(row: &ListRow, json: bool) -> Outcome {
    if json {
        return print(&serde_json::to_string(row)?);
    }
    let mut found = rows_table();
    found.add_row(cells(row));
    print(&found.to_string())
}
