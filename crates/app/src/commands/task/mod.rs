//! `gouxuan task`: publish, look, retry, cancel, record what a person saw, watch.

mod publish;
mod show;
mod watch;

use super::{
    NotDone, Outcome, WrongUse, pages, print,
    reach::{Reach, by, reach},
    save,
};
use crate::{
    cli::{FilterArgs, TaskAction},
    config::Config,
};
use console::{
    Client, TaskQuery,
    answers::Retries,
    asked::{AbsentAsked, AskNowAsked, CancelAsked, RetryAsked},
};
use std::io::{BufRead, IsTerminal, Write};
use uuid::Uuid;

pub(super) async fn run(config: &Config, action: TaskAction, json: bool) -> Outcome {
    if let TaskAction::Publish { file } = &action {
        super::lines::readable(file)?;
    }
    let reach = reach(config).await?;
    let outcome = act(&reach, action, json).await;
    reach.end().await;
    outcome
}

async fn act(reach: &Reach, action: TaskAction, json: bool) -> Outcome {
    let client = &reach.client;
    match action {
        TaskAction::Publish { file } => publish::run(client, &file, json).await,
        TaskAction::List { filter, limit } => list(client, &query(&filter)?, limit, json).await,
        TaskAction::Export { file, filter } => {
            save(&file, &client.export_tasks(&query(&filter)?).await?)
        }
        TaskAction::Ask { ids } => ask(client, AskNowAsked { tasks: ids }, json).await,
        TaskAction::Show { id } => show::card(&client.card(id).await?, json),
        TaskAction::Why { id } => {
            let why = client.why(id).await?;
            print(&if json { serde_json::to_string(&why)? } else { why.sentence })
        }
        TaskAction::Retry { ids, filter, all, yes, dry_run, limit } => {
            let asked = retry_asked(ids, &filter, all, limit)?;
            retry(client, asked, Consent { yes, dry_run, json }).await
        }
        TaskAction::Cancel { ids, note } => {
            let by = by(note.by.as_deref());
            cancel(client, CancelAsked { tasks: ids, by, reason: note.reason }, json).await
        }
        TaskAction::Absent { ids, note } => {
            let by = by(note.by.as_deref());
            record_absent(client, AbsentAsked { tasks: ids, by, reason: note.reason }, json).await
        }
        TaskAction::Watch { filter } => watch::run(client, &query(&filter)?, json).await,
    }
}

/// The filter, or what is wrong with the flag.
fn query(filter: &FilterArgs) -> Result<TaskQuery, WrongUse> {
    let query = filter.query();
    match query.filter() {
        Ok(_) => Ok(query),
        Err(problem) => Err(WrongUse(format!("--{}", problem.sentence.replacen('_', "-", 1)))),
    }
}

async fn list(client: &Client, query: &TaskQuery, limit: usize, json: bool) -> Outcome {
    let mut query = query.clone();
    pages::show(limit, json, show::HEAD, show::row, async |rows| {
        query.limit = Some(rows);
        let page = client.list(&query).await?;
        query.after = page.next;
        Ok((page.tasks, query.after.is_some()))
    })
    .await
}

async fn ask(client: &Client, asked: AskNowAsked, json: bool) -> Outcome {
    let done = client.ask_now(&asked).await?;
    for task in &done.tasks {
        let (id, reason) = (task.task_id, &task.reason);
        match (json, task.asked) {
            (true, _) => print(&serde_json::to_string(task)?)?,
            (false, true) if reason.is_empty() => print(&format!("{id} is asked about now"))?,
            (false, _) => print(&format!("{id}: {reason}"))?,
        }
    }
    match done.not_asked {
        0 => Ok(()),
        some => {
            Err(NotDone(format!("{some} of {} were not asked about", asked.tasks.len())).into())
        }
    }
}

fn retry_asked(
    ids: Vec<Uuid>,
    filter: &FilterArgs,
    all: bool,
    limit: usize,
) -> Result<RetryAsked, WrongUse> {
    let query = query(filter)?;
    if ids.is_empty() && query == TaskQuery::default() && !all {
        return Err(WrongUse(
            "name the tasks to try again by their ids or by a filter; --all is every failed task"
                .to_owned(),
        ));
    }
    let filter = ids.is_empty().then_some(query);
    Ok(RetryAsked { tasks: ids, filter, dry_run: true, limit: Some(limit) })
}

struct Consent {
    yes: bool,
    dry_run: bool,
    json: bool,
}

/// Counts first, asks, and then does it.
async fn retry(client: &Client, mut asked: RetryAsked, consent: Consent) -> Outcome {
    let counted = client.retry(&asked).await?;
    if consent.dry_run {
        return show::retries(&counted, consent.json);
    }
    if !consent.json {
        show::retries(&counted, false)?;
    }
    if counted.tasks == 0 {
        return finish_retry(&counted, consent.json);
    }
    if !consent.yes && !agreed(counted.tasks)? {
        return Err(NotDone("nothing was tried again".to_owned()).into());
    }
    asked.dry_run = false;
    let done = client.retry(&asked).await?;
    finish_retry(&done, consent.json)
}

fn finish_retry(done: &Retries, json: bool) -> Outcome {
    if json {
        print(&serde_json::to_string(done)?)?;
    } else {
        show::retried(done)?;
    }
    let failed = done.retried.iter().filter(|one| one.retry.is_none()).count();
    if failed > 0 {
        let sentence = format!("{failed} tasks were not tried again; their reasons say why");
        return Err(NotDone(sentence).into());
    }
    Ok(())
}

fn agreed(tasks: usize) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(WrongUse("nobody can be asked here: add --yes, or --dry-run".into()).into());
    }
    write!(std::io::stderr(), "try {tasks} tasks again? [y/N] ")?;
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

async fn cancel(client: &Client, asked: CancelAsked, json: bool) -> Outcome {
    let done = client.cancel(&asked).await?;
    for task in &done.tasks {
        if json {
            print(&serde_json::to_string(task)?)?;
        } else if task.cancelled {
            print(&format!("{} cancelled", task.task_id))?;
        } else {
            print(&format!("{} not cancelled: {}", task.task_id, task.reason))?;
        }
    }
    if done.not_cancelled > 0 {
        let (not, all) = (done.not_cancelled, done.tasks.len());
        let sentence = format!("{not} of {all} tasks were not cancelled; their reasons say why");
        return Err(NotDone(sentence).into());
    }
    Ok(())
}

async fn record_absent(client: &Client, asked: AbsentAsked, json: bool) -> Outcome {
    let done = client.record_absent(&asked).await?;
    for task in &done.tasks {
        if json {
            print(&serde_json::to_string(task)?)?;
        } else if task.recorded {
            print(&format!("{} recorded; it may be retried now", task.task_id))?;
        } else {
            print(&format!("{} not recorded: {}", task.task_id, task.reason))?;
        }
    }
    if done.not_recorded > 0 {
        let (not, all) = (done.not_recorded, done.tasks.len());
        let sentence = format!("{not} of {all} tasks were not recorded; their reasons say why");
        return Err(NotDone(sentence).into());
    }
    Ok(())
}
