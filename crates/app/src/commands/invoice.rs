//! `gouxuan invoice`: looking at the pool, filling it, and what is told to it.

mod files;
mod load;
mod writeback;

use super::{
    NotDone, Outcome, WrongUse, lines, pages, print,
    reach::{by, reach},
    save, table,
};
use crate::{
    cli::{InvoiceAction, InvoiceFilterArgs, OneInvoice, ResyncArgs},
    config::Config,
};
use console::{
    Client, InvoiceQuery,
    answers::{InvoiceView, Submission},
    asked::{InvoiceNamed, ResyncAsked},
};
use domain::{Moment, invoice::Invoice, money::Fen, period::shanghai};

pub(super) async fn run(config: &Config, action: InvoiceAction, json: bool) -> Outcome {
    if let InvoiceAction::Writeback { file } = &action {
        lines::readable(file)?;
    }
    let reach = reach(config).await?;
    let outcome = act(&reach.client, action, json).await;
    reach.end().await;
    outcome
}

async fn act(client: &Client, action: InvoiceAction, json: bool) -> Outcome {
    match action {
        InvoiceAction::List { filter, limit } => list(client, query(*filter)?, limit, json).await,
        InvoiceAction::Export { file, filter } => {
            save(&file, &client.export_invoices(&query(*filter)?).await?)
        }
        InvoiceAction::Show(OneInvoice { number, tax_no, code }) => {
            let view = client.invoice(&tax_no, &number, &code).await?;
            if json { print(&serde_json::to_string(&view)?) } else { show(&view) }
        }
        InvoiceAction::Download(args) => {
            let submission = client.download(&args.asked(by(None))).await?;
            made(&submission, json)
        }
        InvoiceAction::Template { file } => load::template(client, &file).await,
        InvoiceAction::Load { file, rejected } => {
            load::load(client, &file, rejected.as_deref(), json).await
        }
        InvoiceAction::Files(invoice) => files::list(client, &invoice, json).await,
        InvoiceAction::Save { invoice, format, to } => {
            files::save(client, &invoice, format.as_deref(), &to, json).await
        }
        InvoiceAction::Resync(args) => resync(client, args, json).await,
        InvoiceAction::Writeback { file } => writeback::run(client, &file, json).await,
    }
}

async fn resync(client: &Client, args: ResyncArgs, json: bool) -> Outcome {
    let invoices = args.invoices.iter().map(|text| named(text)).collect();
    let ResyncArgs { tax_no, period, by, .. } = args;
    let resync = client.resync(&ResyncAsked { tax_no, invoices, period, by }).await?;
    if json {
        return print(&serde_json::to_string(&resync)?);
    }
    for task in &resync.tasks {
        let id = task.task_id.map_or_else(|| "-".to_owned(), |id| id.to_string());
        let colon = if task.reason.is_empty() { "" } else { ": " };
        print(&format!("{id} {}{colon}{}", task.outcome.name(), task.reason))?;
    }
    print(&format!("{} invoices in {} tasks", resync.invoices, resync.tasks.len()))
}

/// `code-number`, or the number alone; a payment book's may hold a "-" itself, after letters.
fn named(text: &str) -> InvoiceNamed {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    match text.split_once('-').filter(|(code, number)| digits(code) && digits(number)) {
        Some((code, number)) => {
            InvoiceNamed { invoice_code: code.to_owned(), invoice_no: number.to_owned() }
        }
        None => InvoiceNamed { invoice_code: String::new(), invoice_no: text.to_owned() },
    }
}

/// The task that was made, or why none was.
fn made(submission: &Submission, json: bool) -> Outcome {
    let [task] = &*submission.outcomes else {
        return Err(NotDone("the answer names no task".to_owned()).into());
    };
    let id = task.task_id.map_or_else(|| "-".to_owned(), |id| id.to_string());
    if json {
        print(&serde_json::to_string(task)?)?;
    }
    if !task.outcome.taken() {
        return Err(NotDone(task.reason.clone()).into());
    }
    if json {
        return Ok(());
    }
    let (fate, reason) = (task.outcome.name(), &task.reason);
    let colon = if reason.is_empty() { "" } else { ": " };
    print(&format!("task {id} {fate}{colon}{reason}; see it with `gouxuan task show {id}`"))
}

/// The filter, or what is wrong with the flag.
fn query(filter: InvoiceFilterArgs) -> Result<InvoiceQuery, WrongUse> {
    let query = filter.query();
    match query.filter() {
        Ok(_) => Ok(query),
        Err(problem) => Err(WrongUse(format!("--{}", problem.sentence.replacen('_', "-", 1)))),
    }
}

async fn list(client: &Client, mut query: InvoiceQuery, limit: usize, json: bool) -> Outcome {
    let head = [
        "日期",
        "发票",
        "类型",
        "购买方税号",
        "销售方",
        "金额",
        "税额",
        "状态",
        "勾选",
        "用途",
        "入账",
    ];
    pages::show(limit, json, head, row, async |rows| {
        query.limit = Some(rows);
        let page = client.invoices(&query).await?;
        query.after = page.next;
        Ok((page.invoices, query.after.is_some()))
    })
    .await
}

fn row(invoice: &Invoice) -> [String; 11] {
    let (facts, details) = (&invoice.facts, &invoice.details);
    [
        text(facts.date),
        facts.key.to_string(),
        facts.invoice_type.name().to_owned(),
        invoice.buyer_tax_no.to_string(),
        invoice.seller_name.clone(),
        facts.amount.to_string(),
        facts.tax.to_string(),
        facts.status.label().to_owned(),
        facts.selection.label().to_owned(),
        details.purpose.map_or("", |purpose| purpose.label()).to_owned(),
        details.entry_state.label().to_owned(),
    ]
}

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn clock(at: Moment) -> String {
    at.with_timezone(&shanghai()).format("%Y-%m-%d %H:%M:%S").to_string()
}

fn show(view: &InvoiceView) -> Outcome {
    let mut facts = table(&["", ""]);
    let lines = face(&view.card.invoice).into_iter().chain(books(&view.card.invoice));
    for (name, value) in lines.filter(|(_, value)| !value.is_empty()) {
        facts.add_row([name.to_owned(), value]);
    }
    print(&facts.to_string())?;
    let Some(newest) = &view.card.newest else { return print(&view.sentence) };
    let mut task = table(&["最新任务", "任务", "状态", "本票结果", "说明"]);
    let line = newest.line.as_ref();
    task.add_row([
        newest.row.task_id.to_string(),
        newest.row.kind.label().to_owned(),
        newest.row.shown_state.label().to_owned(),
        line.map_or("", |line| line.outcome.name()).to_owned(),
        line.map_or_else(|| newest.row.reason.clone(), |line| line.reason.clone()),
    ]);
    print(&task.to_string())
}

/// What stands on the invoice, and what the bureau says of it.
fn face(invoice: &Invoice) -> Vec<(&'static str, String)> {
    let facts = &invoice.facts;
    let book = facts.invoice_type.is_payment_book();
    vec![
        (if book { "缴款书号码" } else { "发票" }, facts.key.to_string()),
        (if book { "填发日期" } else { "开票日期" }, text(facts.date)),
        ("类型", facts.invoice_type.name().to_owned()),
        ("特殊票种", facts.special_kind.clone()),
        ("购买方税号", invoice.buyer_tax_no.to_string()),
        ("销售方", invoice.seller_name.clone()),
        ("销售方税号", invoice.seller_tax_no.clone()),
        ("金额", facts.amount.to_string()),
        ("票面税额", facts.tax.to_string()),
        ("发票状态", facts.status.label().to_owned()),
        ("风险等级", facts.risk.label().to_owned()),
        ("勾选状态", facts.selection.label().to_owned()),
        ("抵扣税期", text(facts.period)),
    ]
}

/// What it is used for, and how it stands in the books.
fn books(invoice: &Invoice) -> Vec<(&'static str, String)> {
    let details = &invoice.details;
    let fen = |amount: Option<Fen>| text(amount);
    vec![
        ("是否可抵扣", if details.deductible { "可抵扣" } else { "不可抵扣" }.to_owned()),
        ("抵扣用途", details.purpose.map_or("", |purpose| purpose.label()).to_owned()),
        ("不抵扣原因", details.non_deduction_reason.map_or("", |why| why.label()).to_owned()),
        ("不抵扣说明", details.non_deduction_text.clone()),
        ("入账状态", details.entry_state.label().to_owned()),
        ("入账属期", text(details.entry_period)),
        ("入账时间", details.entered_at.map(clock).unwrap_or_default()),
        ("入账税额", fen(details.entry_tax)),
        ("转出金额", fen(details.transferred_out)),
        ("转出原因", details.transfer_reason.clone()),
        ("凭证号", details.voucher_no.clone()),
        ("凭证链接", details.voucher_link.clone()),
        ("核算组织", invoice.accounting_org.clone()),
        ("税务组织", invoice.tax_org.clone()),
        ("查验状态", details.verification.label().to_owned()),
        ("数据来源", details.source.clone()),
        ("单据类型", details.document_type.clone()),
        ("采集时间", details.collected_at.map(clock).unwrap_or_default()),
    ]
}
