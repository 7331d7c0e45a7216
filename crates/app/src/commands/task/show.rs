//! Tasks for people's eyes.

use super::super::{Outcome, print, table};
use console::answers::{Card, Retries};
use domain::{Moment, period::shanghai};
use fleet::ports::archive::TaskRow;

pub(super) const HEAD: [&str; 8] =
    ["登记时间", "编号", "税号", "任务", "账号", "状态", "发票", "说明"];

pub(super) fn row(row: &TaskRow) -> [String; 8] {
    let invoices = match row.invoices_total {
        0 => String::new(),
        total => format!("{}/{total}", row.invoices_succeeded),
    };
    [
        clock(row.enqueued_at),
        row.task_id.to_string(),
        row.tax_no.to_string(),
        row.kind.label().to_owned(),
        lane(row),
        format!("{} ({})", row.shown_state.label(), row.state),
        invoices,
        row.reason.clone(),
    ]
}

fn lane(row: &TaskRow) -> String {
    let bureau = row.bureau.map(|bureau| bureau.name().to_owned()).unwrap_or_default();
    let account = row.account.as_ref().map(|account| format!(" {account}")).unwrap_or_default();
    bureau + &account
}

fn clock(at: Moment) -> String {
    at.with_timezone(&shanghai()).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// One task: what is known of it, its submissions, its ledger.
pub(super) fn card(card: &Card, json: bool) -> Outcome {
    if json {
        return print(&serde_json::to_string(card)?);
    }
    let of = &card.card.row;
    let optional = |at: Option<Moment>| at.map(clock).unwrap_or_default();
    let mut facts = table(&["", ""]);
    let lines = [
        ("编号", of.task_id.to_string()),
        ("任务", format!("{} ({})", of.kind.label(), of.kind)),
        ("税号", of.tax_no.to_string()),
        ("账号", lane(of)),
        ("税款所属期", of.tax_period.map(|period| period.to_string()).unwrap_or_default()),
        ("批次", of.batch_id.clone().unwrap_or_default()),
        ("提交方", of.submitted_by.clone().unwrap_or_default()),
        ("状态", format!("{} ({})", of.shown_state.label(), of.state)),
        ("说明", of.reason.clone()),
        ("为何未执行", card.why_sentence.clone()),
        ("提交次数", of.attempts.to_string()),
        ("登记时间", clock(of.enqueued_at)),
        ("开始时间", optional(of.started_at)),
        ("结束时间", optional(of.finished_at)),
        ("重试自", of.retry_of.map(|task| task.to_string()).unwrap_or_default()),
        ("重试为", card.card.retry.map(|task| task.to_string()).unwrap_or_default()),
    ];
    for (name, value) in lines.into_iter().filter(|(_, value)| !value.is_empty()) {
        facts.add_row([name.to_owned(), value]);
    }
    print(&facts.to_string())?;
    submissions(card)?;
    ledger(card)?;
    print(&card.card.body)
}

fn submissions(card: &Card) -> Outcome {
    if card.card.submissions.is_empty() {
        return Ok(());
    }
    let mut sent = table(&["步骤", "发送时间", "凭证号", "持有序号", "税局答复"]);
    for one in &card.card.submissions {
        sent.add_row([
            one.act.name().to_owned(),
            clock(one.sent_at),
            one.receipt.clone().unwrap_or_default(),
            one.fence.to_string(),
            one.answer.clone().unwrap_or_default(),
        ]);
    }
    print(&sent.to_string())
}

fn ledger(card: &Card) -> Outcome {
    if card.card.ledger.is_empty() {
        return Ok(());
    }
    let mut lines = table(&["发票", "结果", "说明"]);
    for line in &card.card.ledger {
        lines.add_row([
            line.invoice.to_string(),
            line.outcome.name().to_owned(),
            line.reason.clone(),
        ]);
    }
    print(&lines.to_string())
}

/// What may be tried again, by reason, and what may not.
pub(super) fn retries(counted: &Retries, json: bool) -> Outcome {
    if json {
        return print(&serde_json::to_string(counted)?);
    }
    let mut reasons = table(&["任务数", "失败原因"]);
    for one in &counted.by_reason {
        reasons.add_row([one.count.to_string(), one.reason.clone()]);
    }
    if counted.tasks > 0 {
        print(&reasons.to_string())?;
    }
    for one in counted.retried.iter().filter(|_| counted.dry_run) {
        print(&format!("{} cannot be tried again: {}", one.task_id, one.reason))?;
    }
    let more = if counted.more { ", and there are more: run it again afterwards" } else { "" };
    print(&format!("{} tasks may be tried again{more}", counted.tasks))
}

/// What was tried again.
pub(super) fn retried(done: &Retries) -> Outcome {
    for one in done.retried.iter().filter(|_| !done.dry_run) {
        match one.retry {
            Some(retry) => print(&format!("{} is tried again as {retry}", one.task_id))?,
            None => print(&format!("{} is not tried again: {}", one.task_id, one.reason))?,
        }
    }
    Ok(())
}
