//! `gouxuan taxpayer`: 企业信息.

use super::{
    Outcome, WrongUse, pages, print,
    reach::{by, reach},
    table,
};
use crate::{
    cli::{TaxpayerAction, TaxpayerSetArgs},
    config::Config,
};
use console::{
    Client, TaxpayerQuery,
    answers::{ServedByView, TaxpayerSettings, TaxpayerShown, TaxpayerView},
    asked::TaxpayerAsked,
};

pub(super) async fn run(config: &Config, action: TaxpayerAction, json: bool) -> Outcome {
    let reach = reach(config).await?;
    let client = &reach.client;
    let outcome = match action {
        TaxpayerAction::List { filter, limit } => list(client, filter.query(), limit, json).await,
        TaxpayerAction::Show { tax_no } => show(client, &tax_no, json).await,
        TaxpayerAction::Set(args) => set(client, args, json).await,
    };
    reach.end().await;
    outcome
}

async fn list(client: &Client, mut query: TaxpayerQuery, limit: usize, json: bool) -> Outcome {
    if let Err(problem) = query.filter() {
        return Err(WrongUse(format!("--{}", problem.sentence.replacen('_', "-", 1))).into());
    }
    let head = ["税号", "名称", "企业性质", "通道", "税局", "税务组织", "当前属期", "暂停"];
    pages::show(limit, json, head, row, async |rows| {
        query.limit = Some(rows);
        let page = client.taxpayers(&query).await?;
        query.after = page.next;
        Ok((page.taxpayers, query.after.is_some()))
    })
    .await
}

fn row(view: &TaxpayerView) -> [String; 8] {
    let settings = &view.settings;
    let paused = view.paused.as_ref();
    [
        settings.tax_no.clone(),
        settings.name.clone(),
        kind(settings).to_owned(),
        channel(settings),
        format!("{} {}", settings.bureau, settings.bureau_name),
        settings.tax_org.clone(),
        view.period.clone().unwrap_or_default(),
        paused.map(|note| format!("{}: {}", note.by, note.reason)).unwrap_or_default(),
    ]
}

fn kind(settings: &TaxpayerSettings) -> &'static str {
    if settings.kind == "small_scale" { "小规模纳税人" } else { "一般纳税人" }
}

fn channel(settings: &TaxpayerSettings) -> String {
    match settings.channel.as_str() {
        "" => "未设置".to_owned(),
        "etax" => "电子税局".to_owned(),
        "leqi" if settings.leqi_mode == "joint" => "乐企联用".to_owned(),
        "leqi" => "乐企自用".to_owned(),
        other => other.to_owned(),
    }
}

async fn show(client: &Client, tax_no: &str, json: bool) -> Outcome {
    let shown = client.taxpayer(tax_no).await?;
    if json {
        return print(&serde_json::to_string(&shown)?);
    }
    let heads = ["税号", "名称", "企业性质", "通道", "税局", "税务组织", "当前属期", "暂停"];
    let mut rows = table(&["", ""]);
    for (head, text) in heads.into_iter().zip(row(&shown.taxpayer)) {
        rows.add_row([head.to_owned(), text]);
    }
    rows.add_row(["收票账号".to_owned(), receiving(&shown)]);
    rows.add_row(["version".to_owned(), shown.taxpayer.settings.version.clone()]);
    print(&rows.to_string())?;
    let mut rows = table(&["税局", "账号", "权限", "默认业务", "登录方式", "登录"]);
    for one in &shown.accounts {
        rows.add_row([
            one.bureau.clone(),
            one.account.clone(),
            one.may.iter().map(|may| business(may)).collect::<Vec<_>>().join("、"),
            business(&one.default_business).to_owned(),
            one.login.clone(),
            online(one).to_owned(),
        ]);
    }
    print(&rows.to_string())
}

/// The account that is used for receiving, and whether it is on line.
fn receiving(shown: &TaxpayerShown) -> String {
    match shown.receiving() {
        Some(one) => format!("{} {}", one.account, online(one)),
        None if shown.is_leqi() => "乐企，无需账号".to_owned(),
        None => "无".to_owned(),
    }
}

fn online(one: &ServedByView) -> &'static str {
    match (one.online, one.needs_person) {
        (true, _) => "已登录",
        (false, true) => "未登录，需人工登录",
        (false, false) => "未登录",
    }
}

/// As people call it.
pub(super) fn business(name: &str) -> &str {
    match name {
        "receive" => "收票管理",
        "issue" => "开票管理",
        "both" => "开票管理+收票管理",
        other => other,
    }
}

async fn set(client: &Client, args: TaxpayerSetArgs, json: bool) -> Outcome {
    let TaxpayerSetArgs { tax_no, new, name, kind, channel, leqi_mode, bureau, tax_org, change } =
        args;
    let version = match (new, change.seen) {
        (true, _) => None,
        (false, Some(seen)) => Some(seen),
        (false, None) => Some(client.taxpayer(&tax_no).await?.taxpayer.settings.version),
    };
    let asked = TaxpayerAsked {
        name,
        kind,
        channel,
        leqi_mode,
        bureau,
        tax_org,
        version,
        by: by(change.note.by.as_deref()),
        reason: change.note.reason,
    };
    let done = client.set_taxpayer(&tax_no, &asked).await?;
    if json {
        return print(&serde_json::to_string(&done)?);
    }
    print_change(done.before.as_ref(), &done.after)
}

/// What differs, field by field.
pub(super) fn print_change<T: serde::Serialize>(before: Option<&T>, after: &T) -> Outcome {
    let after = serde_json::to_value(after)?;
    let before = before.map(serde_json::to_value).transpose()?.unwrap_or_default();
    let mut rows = table(&["", "before", "after"]);
    let mut differ = false;
    for (name, value) in after.as_object().into_iter().flatten() {
        let old = before.get(name).unwrap_or(&serde_json::Value::Null);
        if old != value {
            differ |= name != "version";
            rows.add_row([name.clone(), text(old), text(value)]);
        }
    }
    if differ { print(&rows.to_string()) } else { print("nothing differs") }
}

fn text(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
