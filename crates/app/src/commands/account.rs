//! `gouxuan account`: 数电账号.

use super::{
    Outcome, WrongUse, pages, print,
    reach::{by, reach},
    table,
    taxpayer::{business, print_change},
};
use crate::{
    cli::{AccountAction, ChangeArgs, OneAccount},
    config::Config,
};
use console::{
    AccountQuery, Client,
    answers::{AccountChanged, AccountView},
    asked::{AccountAsked, ServeAsked, UnserveAsked},
};

pub(super) async fn run(config: &Config, action: AccountAction, json: bool) -> Outcome {
    let reach = reach(config).await?;
    let outcome = act(&reach.client, action, json).await;
    reach.end().await;
    outcome
}

async fn act(client: &Client, action: AccountAction, json: bool) -> Outcome {
    match action {
        AccountAction::List { filter, limit } => list(client, filter.query(), limit, json).await,
        AccountAction::Show { of } => show(client, &of, json).await,
        AccountAction::Set { of, login, new, change } => {
            let version = if new { None } else { Some(seen(client, &of, &change).await?) };
            let (by, reason) = note(change);
            let asked = AccountAsked { login, version, by, reason };
            say(&client.set_account(&of.bureau, &of.account, &asked).await?, json)
        }
        AccountAction::Serve { of, tax_no, may, default_business, change } => {
            let version = seen(client, &of, &change).await?;
            let may = Some(may).filter(|may| !may.is_empty());
            let (by, reason) = note(change);
            let asked = ServeAsked { tax_no, may, default_business, version, by, reason };
            say(&client.serve(&of.bureau, &of.account, &asked).await?, json)
        }
        AccountAction::Unserve { of, tax_no, change } => {
            let version = seen(client, &of, &change).await?;
            let (by, reason) = note(change);
            let asked = UnserveAsked { tax_no, version, by, reason };
            say(&client.unserve(&of.bureau, &of.account, &asked).await?, json)
        }
    }
}

fn note(change: ChangeArgs) -> (String, String) {
    (by(change.note.by.as_deref()), change.note.reason)
}

/// The version that was named, or the present one.
async fn seen(
    client: &Client,
    of: &OneAccount,
    change: &ChangeArgs,
) -> Result<String, console::ClientError> {
    match &change.seen {
        Some(version) => Ok(version.clone()),
        None => Ok(client.account(&of.bureau, &of.account).await?.settings.version),
    }
}

fn say(done: &AccountChanged, json: bool) -> Outcome {
    if json {
        return print(&serde_json::to_string(done)?);
    }
    print_change(done.before.as_ref(), &done.after)
}

async fn list(client: &Client, mut query: AccountQuery, limit: usize, json: bool) -> Outcome {
    if let Err(problem) = query.filter() {
        return Err(WrongUse(format!("--{}", problem.sentence.replacen('_', "-", 1))).into());
    }
    let head = ["税局", "账号", "登录方式", "登录", "税号数"];
    pages::show(limit, json, head, row, async |rows| {
        query.limit = Some(rows);
        let page = client.accounts(&query).await?;
        query.after = page.next;
        Ok((page.accounts, query.after.is_some()))
    })
    .await
}

fn row(view: &AccountView) -> [String; 5] {
    [
        format!("{} {}", view.bureau, view.bureau_name),
        view.account.clone(),
        view.login.clone(),
        online(view.online, view.needs_person).to_owned(),
        view.tax_numbers.to_string(),
    ]
}

const fn online(online: bool, needs_person: bool) -> &'static str {
    match (online, needs_person) {
        (true, _) => "已登录",
        (false, true) => "未登录，需人工登录",
        (false, false) => "未登录",
    }
}

async fn show(client: &Client, of: &OneAccount, json: bool) -> Outcome {
    let shown = client.account(&of.bureau, &of.account).await?;
    if json {
        return print(&serde_json::to_string(&shown)?);
    }
    let settings = &shown.settings;
    let mut rows = table(&["", ""]);
    rows.add_row(["税局".to_owned(), format!("{} {}", settings.bureau, settings.bureau_name)]);
    rows.add_row(["账号", &settings.account]);
    rows.add_row(["登录方式", &settings.login]);
    rows.add_row(["登录", online(settings.online, shown.needs_person)]);
    rows.add_row(["税号数".to_owned(), settings.tax_numbers.to_string()]);
    rows.add_row(["version", &settings.version]);
    print(&rows.to_string())?;
    let mut rows = table(&["税号", "权限", "默认业务"]);
    for one in &settings.serves {
        let may = one.may.iter().map(|may| business(may)).collect::<Vec<_>>().join("、");
        rows.add_row([one.tax_no.clone(), may, business(&one.default_business).to_owned()]);
    }
    print(&rows.to_string())
}
