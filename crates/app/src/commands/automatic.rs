//! `gouxuan automatic`: rules that select and enter by themselves.

use super::{
    NotDone, Outcome, WrongUse, print,
    reach::{by, reach},
    table,
};
use crate::{
    cli::{AutomaticAction, NoteArgs},
    config::Config,
};
use console::{
    Client, RuleRunQuery,
    answers::{DryRun, RuleShown},
    asked::{NoteAsked, ResetAsked, RulePut},
};
use domain::{
    Moment,
    automatic::{Run, RunOutcome, SkippedInvoice},
    period::shanghai,
};
use serde::Serialize;
use serde_json::Value;
use std::{collections::BTreeMap, path::Path};

pub(super) async fn run(config: &Config, action: AutomaticAction, json: bool) -> Outcome {
    let reach = reach(config).await?;
    let outcome = act(&reach.client, action, json).await;
    reach.end().await;
    outcome
}

fn note(args: NoteArgs) -> NoteAsked {
    NoteAsked { by: by(args.by.as_deref()), reason: args.reason }
}

async fn act(client: &Client, action: AutomaticAction, json: bool) -> Outcome {
    match action {
        AutomaticAction::List => {
            let rules = client.rules().await?.rules;
            show(&rules, json)
        }
        AutomaticAction::Set { file, note: args } => set(client, &file, note(args), json).await,
        AutomaticAction::Show { id } => show(&[client.rule(&id).await?], json),
        AutomaticAction::Enable { id, note: args } => {
            show(&[client.enable_rule(&id, true, &note(args)).await?], json)
        }
        AutomaticAction::Disable { id, note: args } => {
            show(&[client.enable_rule(&id, false, &note(args)).await?], json)
        }
        AutomaticAction::Remove { id, note: args } => {
            let removed = client.remove_rule(&id, &note(args)).await?;
            say(&removed, json, &format!("rule {id} is removed; its history stays"))
        }
        AutomaticAction::DryRun { id } => dry_run(&client.dry_run(&id).await?, json),
        AutomaticAction::Run { id, note: args } => {
            one_run(&client.run_rule(&id, &note(args)).await?.run, json)
        }
        AutomaticAction::History { id, limit } => history(client, &id, limit, json).await,
        AutomaticAction::Reset { id, run, tax_no, number, code, note: args } => {
            let run = run.as_deref().map(moment).transpose()?;
            let NoteAsked { by, reason } = note(args);
            let asked =
                ResetAsked { run, tax_no, invoice_no: number, invoice_code: code, by, reason };
            let done = client.reset_rule(&id, &asked).await?;
            say(&done, json, &format!("{} invoices may be chosen again", done.reset))
        }
    }
}

fn moment(text: &str) -> Result<Moment, WrongUse> {
    text.parse().map_err(|_| {
        WrongUse(format!("--run: \"{text}\" is not a time, such as 2025-11-20T02:00:00+08:00"))
    })
}

fn say(done: &impl Serialize, json: bool, sentence: &str) -> Outcome {
    if json { print(&serde_json::to_string(done)?) } else { print(sentence) }
}

/// A file holds a rule, with or without `version` in it, or what `show --json` printed.
async fn set(client: &Client, file: &Path, note: NoteAsked, json: bool) -> Outcome {
    let unreadable = |error: String| WrongUse(format!("{}: {error}", file.display()));
    let text = std::fs::read(file).map_err(|error| unreadable(error.to_string()))?;
    let value: Value =
        serde_json::from_slice(&text).map_err(|error| unreadable(format!("rule: {error}")))?;
    let (rule, version) = read(value).map_err(unreadable)?;
    let id = rule["rule_id"].as_str().unwrap_or_default().to_owned();
    if id.is_empty() {
        return Err(unreadable("rule_id: is missing".to_owned()).into());
    }
    let asked = RulePut { rule, version, by: note.by, reason: note.reason };
    show(&[client.put_rule(&id, &asked).await?], json)
}

fn read(mut value: Value) -> Result<(Value, Option<u32>), String> {
    let version = value.as_object_mut().and_then(|fields| fields.remove("version"));
    let version = version.map(serde_json::from_value).transpose();
    let version = version.map_err(|error| format!("version: {error}"))?;
    let whole = value.as_object_mut().and_then(|fields| fields.remove("rule"));
    Ok((whole.unwrap_or(value), version))
}

fn time(at: Moment) -> String {
    at.with_timezone(&shanghai()).format("%Y-%m-%d %H:%M:%S").to_string()
}

fn show(rules: &[RuleShown], json: bool) -> Outcome {
    let mut found = table(&["规则", "名称", "处理", "启用", "计划", "下次运行", "版本"]);
    for shown in rules {
        if json {
            print(&serde_json::to_string(shown)?)?;
            continue;
        }
        let rule = &shown.rule;
        found.add_row([
            rule.rule_id.clone(),
            rule.name.clone(),
            rule.work.label().to_owned(),
            if rule.enabled { "是" } else { "否" }.to_owned(),
            rule.schedule.as_ref().map(ToString::to_string).unwrap_or_default(),
            shown.next_run.map(time).unwrap_or_default(),
            shown.version.to_string(),
        ]);
    }
    if json { Ok(()) } else { print(&found.to_string()) }
}

fn counted(skipped: &BTreeMap<String, usize>) -> String {
    skipped.iter().map(|(code, count)| format!("{code} {count}")).collect::<Vec<_>>().join("，")
}

fn skips(skips: &[SkippedInvoice]) -> String {
    let mut found = table(&["税号", "发票", "未处理原因"]);
    for skip in skips {
        found.add_row([skip.tax_no.to_string(), skip.key.to_string(), skip.sentence.clone()]);
    }
    found.to_string()
}

fn dry_run(would: &DryRun, json: bool) -> Outcome {
    if json {
        return print(&serde_json::to_string(would)?);
    }
    let mut found = table(&["税号", "发票", "金额", "税额"]);
    for one in &would.invoices {
        let (amount, tax) = (one.amount.to_string(), one.tax.to_string());
        found.add_row([one.tax_no.to_string(), one.key.to_string(), amount, tax]);
    }
    if !would.invoices.is_empty() {
        print(&found.to_string())?;
    }
    if !would.skips.is_empty() {
        print(&skips(&would.skips))?;
    }
    let left = would.left.map(|left| format!("，距目标税额还差{left}")).unwrap_or_default();
    print(&format!(
        "符合条件{}张，将处理{}张，金额{}，税额{}{left}；不处理：{}",
        would.looked_at,
        would.chosen,
        would.amount,
        would.tax,
        if would.skipped.is_empty() { "无".to_owned() } else { counted(&would.skipped) }
    ))?;
    if would.more {
        print("more could be chosen than are compared; narrow the rule, such as by last_days")?;
    }
    Ok(())
}

fn one_run(run: &Run, json: bool) -> Outcome {
    if json {
        print(&serde_json::to_string(run)?)?;
    } else {
        if !run.skips.is_empty() {
            print(&skips(&run.skips))?;
        }
        print(&runs_table(std::slice::from_ref(run)))?;
    }
    if run.outcome == Some(RunOutcome::Failed) {
        return Err(NotDone(run.sentence.clone()).into());
    }
    Ok(())
}

fn runs_table(runs: &[Run]) -> String {
    let mut found = table(&["时间", "结果", "发票", "税额", "剩余", "批次", "未处理", "说明"]);
    for run in runs {
        found.add_row([
            time(run.at),
            run.outcome.map_or(run.state.name(), |outcome| outcome.name()).to_owned(),
            run.chosen.to_string(),
            run.tax.to_string(),
            run.left.map(|left| left.to_string()).unwrap_or_default(),
            run.batch_id.clone().unwrap_or_default(),
            counted(&run.skipped),
            run.sentence.clone(),
        ]);
    }
    found.to_string()
}

async fn history(client: &Client, id: &str, limit: usize, json: bool) -> Outcome {
    let mut query = RuleRunQuery::default();
    let mut left = limit;
    let mut runs = Vec::new();
    while left > 0 {
        query.limit = Some(left.min(console::MOST_ROWS));
        let page = client.rule_runs(id, &query).await?;
        left = left.saturating_sub(page.runs.len());
        for run in page.runs {
            if json { print(&serde_json::to_string(&run)?)? } else { runs.push(run) }
        }
        let Some(next) = page.next else { break };
        query.before = Some(next.to_rfc3339());
    }
    if json { Ok(()) } else { print(&runs_table(&runs)) }
}
