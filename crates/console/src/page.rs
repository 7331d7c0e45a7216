//! `/`: how it stands, on one page that needs nothing but a browser.

use crate::{
    answers::{CountsView, LaneView},
    api::{count, views},
    problem::Problem,
    site::{Line, Site},
};
use axum::{
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use domain::{
    Moment,
    period::shanghai,
    schedule::Hindrance,
    task::{ShownState, StateName},
};
use fleet::ports::archive::{TaskFilter, TaskRow};
use std::fmt::Write;
use uuid::Uuid;

/// Rows of the newest tasks.
const NEWEST: usize = 30;
const STYLE: &str = "body{font:14px/1.5 system-ui,sans-serif;margin:2rem;color:#222}\
    h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}\
    table{border-collapse:collapse}td,th{padding:.2rem .8rem .2rem 0;text-align:left;\
    border-bottom:1px solid #ddd;vertical-align:top}.bad{color:#b00}.dim{color:#777}";

/// What the page shows.
struct Overview {
    now: Moment,
    lines: Vec<Line>,
    counts: CountsView,
    lanes: Vec<LaneView>,
    /// With the sentence why it does not run, when it waits.
    newest: Vec<(TaskRow, String)>,
}

pub(crate) async fn overview(State(site): State<Site>) -> Response {
    match look(&site).await {
        Ok(overview) => Html(overview.html()).into_response(),
        Err(problem) => {
            let text = format!("<p class=bad>{}</p>", escaped(&problem.sentence));
            let status = StatusCode::SERVICE_UNAVAILABLE;
            (status, Html(document(&text))).into_response()
        }
    }
}

async fn look(site: &Site) -> Result<Overview, Problem> {
    let rows = site.store.list(&TaskFilter::default(), None, NEWEST).await?;
    let mut newest = Vec::with_capacity(rows.len());
    for row in rows {
        let sentence = sentence(site, &row).await?;
        newest.push((row, sentence));
    }
    Ok(Overview {
        now: site.desk.clock.now(),
        lines: site.readiness().await,
        counts: count(site, &TaskFilter::default()).await?,
        lanes: views(site).await?,
        newest,
    })
}

async fn sentence(site: &Site, row: &TaskRow) -> Result<String, Problem> {
    let waits = matches!(
        row.state,
        StateName::Queued | StateName::Delayed | StateName::Held | StateName::Parked
    );
    let why = if waits { site.store.why(row.task_id).await? } else { None };
    Ok(why.map_or_else(|| row.reason.clone(), |why: Hindrance| why.sentence()))
}

impl Overview {
    fn html(&self) -> String {
        let mut body = format!("<p class=dim>{}，刷新页面以更新。</p>", clock(self.now));
        body += "<h2>运行情况</h2><table>";
        for line in &self.lines {
            let class = if line.good { "" } else { " class=bad" };
            let (name, text) = (escaped(&line.name), escaped(&line.text));
            push(&mut body, format_args!("<tr{class}><td>{name}<td>{text}</tr>"));
        }
        body += "</table>";
        self.count_table(&mut body);
        self.lane_table(&mut body);
        self.task_table(&mut body);
        document(&body)
    }

    fn count_table(&self, body: &mut String) {
        let (total, ended) = (self.counts.total, self.counts.ended);
        push(body, format_args!("<h2>任务（共 {total}，已结束 {ended}）</h2><table>"));
        for (state, count) in &self.counts.by_state {
            push(body, format_args!("<tr><td>{state}<td>{count}</tr>"));
        }
        *body += "</table>";
    }

    fn lane_table(&self, body: &mut String) {
        push(body, format_args!("<h2>账号（{}）</h2>", self.lanes.len()));
        *body += "<table><tr><th>税局<th>账号<th>登录<th>当前税号<th>运行中的任务<th>工作进程<th>不能开始的原因</tr>";
        for lane in &self.lanes {
            let online = match lane.online {
                None => "无需登录",
                Some(true) => "已登录",
                Some(false) => "未登录",
            };
            let running: String = lane.running.iter().map(link).collect();
            let row = format_args!(
                "<tr><td>{}<td>{}<td>{online}<td>{}<td>{running}<td>{}<td class=bad>{}</tr>",
                escaped(&lane.bureau_name),
                escaped(&lane.account),
                escaped(lane.current_tax_no.as_deref().unwrap_or_default()),
                escaped(lane.owner.as_deref().unwrap_or("无")),
                escaped(&lane.closed.join(" ")),
            );
            push(body, row);
        }
        *body += "</table>";
    }

    fn task_table(&self, body: &mut String) {
        *body += "<h2>最新任务</h2><table>";
        *body += "<tr><th>登记时间<th>任务<th>税号<th>状态<th>发票<th>说明</tr>";
        for (row, sentence) in &self.newest {
            let class = if row.shown_state == ShownState::Failed { " class=bad" } else { "" };
            let row = format_args!(
                "<tr><td>{}<td><a href=\"/api/v1/tasks/{}\">{}</a><td>{}<td{class}>{} \
                 <span class=dim>{}</span><td>{}/{}<td>{}</tr>",
                clock(row.enqueued_at),
                row.task_id,
                row.kind.label(),
                row.tax_no,
                row.shown_state.label(),
                row.state,
                row.invoices_succeeded,
                row.invoices_total,
                escaped(sentence),
            );
            push(body, row);
        }
        *body += "</table>";
    }
}

/// A task's card.
fn link(task: &Uuid) -> String {
    format!("<a href=\"/api/v1/tasks/{task}\">{task}</a> ")
}

fn push(body: &mut String, text: std::fmt::Arguments<'_>) {
    body.write_fmt(text).expect("a string grows");
}

fn document(body: &str) -> String {
    format!(
        "<!doctype html><html lang=zh><meta charset=utf-8><title>勾选</title>\
         <meta name=viewport content=\"width=device-width\"><style>{STYLE}</style>\
         <h1>勾选 gouxuan</h1>{body}<p class=dim><a href=/openapi.json>openapi.json</a> \
         <a href=/metrics>metrics</a> <a href=/readyz>readyz</a></p></html>"
    )
}

fn clock(at: Moment) -> String {
    at.with_timezone(&shanghai()).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// Nothing that somebody else wrote may act as markup.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
