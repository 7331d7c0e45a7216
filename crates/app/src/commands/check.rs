//! `gouxuan check`, `gouxuan matrix` and `gouxuan calendar`.

use super::{
    Outcome, pages, print,
    reach::{by, reach},
    save, table,
};
use crate::{
    cli::{CalendarAction, CheckAction, MatrixArgs},
    config::Config,
};
use console::{
    CalendarQuery, CheckQuery, Client, MatrixQuery,
    answers::{ChecksView, FilingDayView, MatrixLine},
    asked::{FilingDayAsked, ResyncsAsked},
};
use domain::{Moment, invoice::Invoice, period::shanghai, statistic::Sum};

pub(super) async fn run(config: &Config, action: CheckAction, json: bool) -> Outcome {
    let reach = reach(config).await?;
    let outcome = check(&reach.client, action, json).await;
    reach.end().await;
    outcome
}

async fn check(client: &Client, action: CheckAction, json: bool) -> Outcome {
    match action {
        CheckAction::Totals(of) => totals(&client.check_totals(&of.query()).await?, json),
        CheckAction::List { check, of, limit } => {
            list(client, &check, of.query(), limit, json).await
        }
        CheckAction::Export { check, file, of } => {
            save(&file, &client.export_check(&check, &of.query()).await?)
        }
        CheckAction::Resync { tax_nos, period, by: named } => {
            let asked = ResyncsAsked { period, tax_nos, by: by(named.as_deref()) };
            let done = client.resync_checked(&asked).await?;
            for one in &done.tax_nos {
                if json {
                    print(&serde_json::to_string(one)?)?;
                } else {
                    let (tax_no, invoices, tasks) = (&one.tax_no, one.invoices, one.tasks);
                    print(&format!("{tax_no}: {invoices} invoices are read by {tasks} tasks"))?;
                }
            }
            Ok(())
        }
    }
}

fn totals(view: &ChecksView, json: bool) -> Outcome {
    if json {
        return print(&serde_json::to_string(view)?);
    }
    let mut rows = table(&["核对", "", "份数", "金额", "税额"]);
    for one in &view.checks {
        let (count, sum) = (one.invoices.to_string(), one.sum);
        let name = one.check.name().to_owned();
        rows.add_row([one.label.clone(), name, count, sum.amount.to_string(), sum.tax.to_string()]);
    }
    print(&rows.to_string())?;
    match &view.resync {
        None => Ok(()),
        Some(last) => {
            let ended = last.ended_at.map_or_else(
                || format!("{} of {} tasks have ended", last.ended, last.tasks),
                |at| format!("ended {}, {} tasks failed", clock(at), last.failed),
            );
            print(&format!("read anew: asked {} by {}, {ended}", clock(last.asked_at), last.by))
        }
    }
}

/// Page after page, so that any number of rows needs the memory of one page.
async fn list(
    client: &Client,
    check: &str,
    mut query: CheckQuery,
    limit: usize,
    json: bool,
) -> Outcome {
    let head = ["税号", "发票", "日期", "金额", "税额", "发票状态", "勾选", "入账"];
    pages::show(limit, json, head, listed, async |rows| {
        query.limit = Some(rows);
        let page = client.check(check, &query).await?;
        query.after = page.next;
        Ok((page.invoices, query.after.is_some()))
    })
    .await
}

fn listed(invoice: &Invoice) -> [String; 8] {
    let facts = &invoice.facts;
    [
        invoice.buyer_tax_no.to_string(),
        facts.key.to_string(),
        facts.date.map(|date| date.to_string()).unwrap_or_default(),
        facts.amount.to_string(),
        facts.tax.to_string(),
        format!("{} {}", facts.status.label(), facts.risk.label()).trim().to_owned(),
        facts.selection.label().to_owned(),
        invoice.details.entry_state.label().to_owned(),
    ]
}

pub(super) async fn run_matrix(config: &Config, args: MatrixArgs, json: bool) -> Outcome {
    let reach = reach(config).await?;
    let limit = args.limit;
    let outcome = matrix(&reach.client, args.query(), limit, json).await;
    reach.end().await;
    outcome
}

async fn matrix(client: &Client, mut query: MatrixQuery, limit: usize, json: bool) -> Outcome {
    let head =
        ["税号", "税局", "抵扣", "不抵扣", "进度", "统计表", "差异", "任务", "期限", "剩余天数"];
    pages::show(limit, json, head, standing, async |rows| {
        query.limit = Some(rows);
        let page = client.matrix(&query).await?;
        query.after = page.next;
        Ok((page.rows, query.after.is_some()))
    })
    .await
}

fn standing(line: &MatrixLine) -> [String; 10] {
    let sum = |sum: Sum| format!("{}份 {}", sum.count, sum.tax);
    let differs = match line.differs {
        Some(true) => "有",
        Some(false) => "无",
        None => "",
    };
    [
        line.tax_no.clone(),
        line.bureau_name.clone(),
        sum(line.deducted),
        sum(line.not_deducted),
        line.stage.clone(),
        line.seen_at.map(clock).unwrap_or_default(),
        differs.to_owned(),
        line.open_tasks.to_string(),
        line.deadline.to_string(),
        line.days_left.to_string(),
    ]
}

pub(super) async fn run_calendar(config: &Config, action: CalendarAction, json: bool) -> Outcome {
    let reach = reach(config).await?;
    let outcome = calendar(&reach.client, action, json).await;
    reach.end().await;
    outcome
}

async fn calendar(client: &Client, action: CalendarAction, json: bool) -> Outcome {
    match action {
        CalendarAction::Show { period, bureau } => {
            let view = client.calendar(&CalendarQuery { period, bureau }).await?;
            if json {
                return print(&serde_json::to_string(&view)?);
            }
            let mut rows = table(&["税局", "", "申报期限", "来源", "剩余天数"]);
            for line in view.bureaus {
                let left = line.days_left.to_string();
                rows.add_row([line.bureau, line.name, line.day.to_string(), line.from, left]);
            }
            print(&rows.to_string())
        }
        CalendarAction::Days => days(&client.filing_days().await?.days, json),
        CalendarAction::Set { period, day, bureau, reason, by: named } => {
            let by = by(named.as_deref());
            let asked = FilingDayAsked { period, bureau, day, by, reason };
            days(&client.set_filing_day(&asked).await?.days, json)
        }
        CalendarAction::Remove { period, bureau } => {
            let of = CalendarQuery { period: Some(period), bureau };
            let removed = client.remove_filing_day(&of).await?.removed;
            print(if removed { "taken back" } else { "none was set" })
        }
    }
}

fn days(days: &[FilingDayView], json: bool) -> Outcome {
    let mut rows = table(&["税款所属期", "税局", "申报期限", "设置人", "依据", "设置时间"]);
    for one in days {
        if json {
            print(&serde_json::to_string(one)?)?;
            continue;
        }
        rows.add_row([
            one.period.clone(),
            one.bureau.clone().unwrap_or_else(|| "全国".to_owned()),
            one.day.to_string(),
            one.by.clone(),
            one.reason.clone(),
            clock(one.at),
        ]);
    }
    if json { Ok(()) } else { print(&rows.to_string()) }
}

fn clock(at: Moment) -> String {
    at.with_timezone(&shanghai()).format("%Y-%m-%d %H:%M:%S").to_string()
}
