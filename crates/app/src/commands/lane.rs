//! `gouxuan lane`: who serves an account, and opening or closing it.

use super::{
    Outcome, print,
    reach::{Reach, by, reach},
    table,
};
use crate::{
    cli::{GateArgs, LaneAction, SessionArgs},
    config::Config,
};
use chrono::{DateTime, Utc};
use console::{
    Client,
    answers::LaneView,
    asked::{GateAsked, SessionAsked},
};
use domain::period::shanghai;

pub(super) async fn run(config: &Config, action: LaneAction, json: bool) -> Outcome {
    let reach = reach(config).await?;
    let outcome = act(&reach, action, json).await;
    reach.end().await;
    outcome
}

async fn act(reach: &Reach, action: LaneAction, json: bool) -> Outcome {
    let client = &reach.client;
    match action {
        LaneAction::List => list(client, json).await,
        LaneAction::Pause(args) => {
            let done = client.pause(&gate(args)).await?;
            say(&done, json, &format!("paused; {} accounts are touched", done.lanes))
        }
        LaneAction::Resume(args) => {
            let done = client.resume(&gate(args)).await?;
            say(&done, json, &format!("resumed; {} accounts are touched", done.lanes))
        }
        LaneAction::Login(args) => {
            let done = client.login(&session(args)).await?;
            let sentence = if done.counted {
                format!("logged in; {} parked tasks go on", done.resumed)
            } else {
                "something newer is known of this account; nothing changed".to_owned()
            };
            say(&done, json, &sentence)
        }
        LaneAction::Logout(args) => {
            let done = client.logout(&session(args)).await?;
            let sentence = if done.counted {
                "logged out; its tasks wait for a login"
            } else {
                "something newer is known of this account; nothing changed"
            };
            say(&done, json, sentence)
        }
    }
}

fn say(done: &impl serde::Serialize, json: bool, sentence: &str) -> Outcome {
    if json { print(&serde_json::to_string(done)?) } else { print(sentence) }
}

fn gate(args: GateArgs) -> GateAsked {
    let GateArgs { bureau, account, tax_no, note } = args;
    GateAsked { bureau, account, tax_no, by: by(note.by.as_deref()), reason: note.reason }
}

fn session(args: SessionArgs) -> SessionAsked {
    let SessionArgs { bureau, account, note, until } = args;
    SessionAsked { bureau, account, by: by(note.by.as_deref()), reason: note.reason, until }
}

async fn list(client: &Client, json: bool) -> Outcome {
    let lanes = client.lanes().await?.lanes;
    if json {
        for lane in &lanes {
            print(&serde_json::to_string(lane)?)?;
        }
        return Ok(());
    }
    let mut rows = table(&[
        "税局",
        "账号",
        "通道",
        "并行",
        "登录",
        "当前税号",
        "运行中的任务",
        "工作进程",
        "不能开始的原因",
        "队列",
    ]);
    for lane in &lanes {
        rows.add_row(row(lane));
    }
    print(&rows.to_string())
}

fn row(lane: &LaneView) -> [String; 10] {
    let online = match lane.online {
        None => "无需登录",
        Some(true) => "已登录",
        Some(false) => "未登录",
    };
    [
        format!("{} {}", lane.bureau, lane.bureau_name),
        lane.account.clone(),
        lane.channel.clone(),
        lane.width.to_string(),
        online.to_owned(),
        lane.current_tax_no.clone().unwrap_or_default(),
        lane.running.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        lane.owner.clone().unwrap_or_default(),
        lane.closed.join(" "),
        queue(lane),
    ]
}

/// Too much waits: what comes stays in the broker's queue.
fn queue(lane: &LaneView) -> String {
    let since = |at: DateTime<Utc>| at.with_timezone(&shanghai()).format("%m-%d %H:%M");
    lane.full_since
        .map_or_else(String::new, |at| format!("等待的任务过多，自 {} 起暂不接收新任务", since(at)))
}
