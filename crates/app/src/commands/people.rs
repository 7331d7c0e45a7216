//! `gouxuan user` and `gouxuan audit`: who may do what, and who did what.

use super::{Outcome, pages, print, reach::by, reach::reach, table};
use crate::{
    cli::{AuditArgs, UserAction},
    config::Config,
};
use console::{Client, answers::AuditView, asked::UserAsked};
use domain::period::shanghai;

pub(super) async fn run(config: &Config, action: UserAction, json: bool) -> Outcome {
    let reach = reach(config).await?;
    let outcome = act(&reach.client, action, json).await;
    reach.end().await;
    outcome
}

pub(super) async fn run_audit(config: &Config, args: AuditArgs, json: bool) -> Outcome {
    let reach = reach(config).await?;
    let outcome = audit(&reach.client, args, json).await;
    reach.end().await;
    outcome
}

async fn act(client: &Client, action: UserAction, json: bool) -> Outcome {
    match action {
        UserAction::List => list(client, json).await,
        UserAction::Me => me(client, json).await,
        UserAction::Set { name, role, new_token, reason } => {
            let reason = reason.unwrap_or_default();
            let asked = UserAsked { roles: role, new_token, by: by(None), reason };
            let kept = client.keep_user(&name, &asked).await?;
            if json {
                return print(&serde_json::to_string(&kept)?);
            }
            print(&format!("{} has {}", kept.user.name, in_words(&kept.user.roles)))?;
            match kept.token {
                Some(token) => print(&format!(
                    "the token, told only now: {token}\nset GOUXUAN_TOKEN to it for commands; in a \
                     browser it is the password"
                )),
                None => Ok(()),
            }
        }
        UserAction::Remove { name } => {
            let done = client.remove_user(&name).await?;
            if json {
                return print(&serde_json::to_string(&done)?);
            }
            print(&format!("{name} is removed"))
        }
    }
}

fn in_words(roles: &[String]) -> String {
    if roles.is_empty() { "no role".to_owned() } else { roles.join(", ") }
}

async fn list(client: &Client, json: bool) -> Outcome {
    let known = client.users().await?;
    if json {
        return print(&serde_json::to_string(&known)?);
    }
    if known.users.is_empty() {
        return print(
            "there are no users: everybody who reaches this address may do everything; begin with \
             `gouxuan user set NAME --role administrator`",
        );
    }
    let mut rows = table(&["用户", "角色"]);
    for user in &known.users {
        rows.add_row([user.name.clone(), user.roles.join("\n")]);
    }
    print(&rows.to_string())
}

async fn me(client: &Client, json: bool) -> Outcome {
    let me = client.me().await?;
    if json {
        return print(&serde_json::to_string(&me)?);
    }
    print(me.name.as_deref().unwrap_or("nobody has to say who they are here"))?;
    let mut rows = table(&["权限", "组织"]);
    for right in &me.rights {
        let of = right.organisations.as_ref().map_or("全部".to_owned(), |of| of.join(", "));
        rows.add_row([right.right.clone(), of]);
    }
    print(&rows.to_string())
}

async fn audit(client: &Client, args: AuditArgs, json: bool) -> Outcome {
    let (limit, mut query) = (args.limit, args.query());
    let head = ["时间", "谁", "来源", "操作", "对象", "结果", "原因"];
    pages::show(limit, json, head, row, async |rows| {
        query.limit = Some(rows);
        let page = client.audit(&query).await?;
        query.after = page.next;
        Ok((page.lines, page.next.is_some()))
    })
    .await
}

fn row(line: &AuditView) -> [String; 7] {
    [
        line.at.with_timezone(&shanghai()).format("%Y-%m-%d %H:%M:%S").to_string(),
        line.by.clone(),
        line.source.clone(),
        line.action.clone(),
        line.subject.clone(),
        line.outcome.name().to_owned(),
        line.reason.clone(),
    ]
}
