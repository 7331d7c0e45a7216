//! `gouxuan run`: many tax numbers confirmed, approved by a second person.

use super::{
    NotDone, Outcome, print,
    reach::{by, reach},
    table,
};
use crate::{
    cli::{RunAction, RunPartsArgs},
    config::Config,
};
use console::{
    Client, RunPartQuery, RunQuery,
    answers::{RunPartView, RunView},
    asked::{AcceptAsked, ApproveAsked, ApprovedFigures, RunAsked, RunPartsAsked},
};
use domain::statistic::{Figures, Sum};

pub(super) async fn run(config: &Config, action: RunAction, json: bool) -> Outcome {
    let reach = reach(config).await?;
    let outcome = act(&reach.client, action, json).await;
    reach.end().await;
    outcome
}

async fn act(client: &Client, action: RunAction, json: bool) -> Outcome {
    match action {
        RunAction::Ask { id, period, tax_nos, password_ref, by: named } => {
            let asked_by = by(named.as_deref());
            let asked = RunAsked { run_id: id, period, asked_by, password_ref, tax_nos };
            shown(&client.ask_run(&asked).await?, json)
        }
        RunAction::List { limit } => list(client, limit, json).await,
        RunAction::Show { id } => shown(&client.run(&id).await?, json),
        RunAction::Parts { id, state } => say(&parts(client, &id, state).await?, json),
        RunAction::Accept { id, tax_no, reason, by: named } => {
            let found = parts(client, &id, Some("differs".to_owned())).await?;
            let part = found.into_iter().find(|part| part.tax_no == tax_no);
            let none =
                || NotDone(format!("{tax_no} does not differ; see `gouxuan run parts {id}`"));
            let part = part.ok_or_else(none)?;
            let figures = part.figures.clone().unwrap_or_default();
            say(&[part], json)?;
            let asked = AcceptAsked { tax_no, figures, by: by(named.as_deref()), reason };
            shown(&client.accept_difference(&id, &asked).await?, json)
        }
        RunAction::Approve { id, tax_nos, by: named } => {
            approve(client, &id, &tax_nos, by(named.as_deref()), json).await
        }
        RunAction::Again(of) => {
            let (id, asked) = asked(of);
            shown(&client.run_again(&id, &asked).await?, json)
        }
        RunAction::Drop(of) => {
            let (id, asked) = asked(of);
            shown(&client.drop_from_run(&id, &asked).await?, json)
        }
        RunAction::GoOn { id } => shown(&client.go_on_with_run(&id).await?, json),
    }
}

fn asked(of: RunPartsArgs) -> (String, RunPartsAsked) {
    let RunPartsArgs { id, tax_nos, reason, by: named } = of;
    (id, RunPartsAsked { tax_nos, by: by(named.as_deref()), reason })
}

/// Exactly the figures that were printed are approved.
async fn approve(client: &Client, id: &str, tax_nos: &[String], by: String, json: bool) -> Outcome {
    let ready = parts(client, id, Some("ready".to_owned())).await?;
    let missing = tax_nos.iter().find(|of| ready.iter().all(|part| part.tax_no != **of));
    if let Some(missing) = missing {
        return Err(NotDone(format!("{missing} is not ready; see `gouxuan run parts {id}`")).into());
    }
    let wanted = |part: &RunPartView| tax_nos.is_empty() || tax_nos.contains(&part.tax_no);
    let chosen: Vec<RunPartView> = ready.into_iter().filter(wanted).collect();
    if chosen.is_empty() {
        return Err(NotDone(format!("nothing is ready; see `gouxuan run parts {id}`")).into());
    }
    say(&chosen, json)?;
    let figures = chosen.into_iter().map(|part| ApprovedFigures {
        tax_no: part.tax_no,
        figures: part.figures.unwrap_or_default(),
    });
    let asked = ApproveAsked { by, parts: figures.collect() };
    shown(&client.approve_run(id, &asked).await?, json)
}

/// Every part in these states.
async fn parts(
    client: &Client,
    id: &str,
    state: Option<String>,
) -> Result<Vec<RunPartView>, console::ClientError> {
    let mut query = RunPartQuery { state, limit: Some(console::MOST_ROWS), after: None };
    let mut found = Vec::new();
    loop {
        let page = client.run_parts(id, &query).await?;
        found.extend(page.parts);
        query.after = page.next;
        if query.after.is_none() {
            return Ok(found);
        }
    }
}

async fn list(client: &Client, limit: usize, json: bool) -> Outcome {
    let mut left = limit;
    let mut query = RunQuery::default();
    while left > 0 {
        query.limit = Some(left.min(console::MOST_ROWS));
        let page = client.runs(&query).await?;
        left = left.saturating_sub(page.runs.len());
        for run in &page.runs {
            shown(run, json)?;
        }
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
    }
    Ok(())
}

fn shown(run: &RunView, json: bool) -> Outcome {
    if json {
        return print(&serde_json::to_string(run)?);
    }
    let states: Vec<String> =
        run.states.iter().map(|one| format!("{} {}", one.tax_nos, one.state)).collect();
    let (id, period, asked_by) = (&run.run_id, &run.period, &run.asked_by);
    print(&format!("{id}: {period}, asked for by {asked_by}; {}", states.join(", ")))
}

fn say(parts: &[RunPartView], json: bool) -> Outcome {
    let mut rows = table(&["税号", "状态", "税局", "本系统", "差异", "接受", "审批", "说明"]);
    for part in parts {
        if json {
            print(&serde_json::to_string(part)?)?;
            continue;
        }
        let sum = |figures: &Option<Figures>| figures.as_ref().map(told).unwrap_or_default();
        rows.add_row([
            part.tax_no.clone(),
            part.state.clone(),
            sum(&part.bureau),
            sum(&part.ours),
            part.differences
                .as_ref()
                .filter(|of| !of.rows().is_empty())
                .map(told)
                .unwrap_or_default(),
            part.accepted
                .as_ref()
                .map(|one| format!("{} {}", one.by, one.reason))
                .unwrap_or_default(),
            part.approved.as_ref().map(|one| one.by.clone()).unwrap_or_default(),
            part.sentence.clone(),
        ]);
    }
    if json { Ok(()) } else { print(&rows.to_string()) }
}

/// A line per type and use: number, amount, tax.
fn told(figures: &Figures) -> String {
    let line = |name: &str, of: &str, sum: Sum| {
        (sum != Sum::default())
            .then(|| format!("{name} {of} {}份 {} {}", sum.count, sum.amount, sum.tax))
    };
    let rows = figures.rows().iter().flat_map(|row| {
        let name = row.invoice_type.name();
        [line(name, "抵扣", row.deducted), line(name, "不抵扣", row.not_deducted)]
    });
    rows.flatten().collect::<Vec<_>>().join("\n")
}
