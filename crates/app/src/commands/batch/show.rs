//! Batches for people's eyes.

use super::{Outcome, print, table};
use console::answers::BatchShown;
use domain::{Moment, batch::Batch, kind::Action, period::shanghai};
use fleet::batches::{BatchView, LineView, PartView};

fn clock(at: Moment) -> String {
    at.with_timezone(&shanghai()).format("%Y-%m-%d %H:%M:%S").to_string()
}

pub(super) fn row(batch: &Batch) -> [String; 7] {
    let invoices: usize = batch.parts.iter().map(|part| part.invoices).sum();
    let mut tax_nos: Vec<&str> = batch.parts.iter().map(|part| part.tax_no.as_str()).collect();
    tax_nos.sort_unstable();
    tax_nos.dedup();
    [
        clock(batch.created_at),
        batch.batch_id.clone(),
        batch.purpose.name().to_owned(),
        tax_nos.len().to_string(),
        invoices.to_string(),
        batch.state.name().to_owned(),
        batch.submitted_by.clone().unwrap_or_default(),
    ]
}

pub(in super::super) fn batch(shown: &BatchShown, json: bool) -> Outcome {
    if json {
        return print(&serde_json::to_string(shown)?);
    }
    let view = &shown.view;
    let heading =
        ["税号", "操作", "发票", "通道", "税局", "账号", "在线", "任务", "完成", "成功发票"];
    let mut rows = table(&heading);
    for (part, way) in view.batch.parts.iter().zip(&view.ways) {
        let of = view.progress.tax_numbers.iter().find(|of| of.tax_no == part.tax_no);
        let figures = of.map_or([0; 3], |of| [of.tasks, of.ended, of.succeeded]);
        let action = match part.action {
            _ if part.dropped => "已移除",
            Action::Select => "勾选",
            Action::Deselect => "撤销勾选",
        };
        let [tasks, ended, succeeded] = figures.map(|figure| figure.to_string());
        rows.add_row([
            part.tax_no.to_string(),
            action.to_owned(),
            part.invoices.to_string(),
            way.channel.clone(),
            way.bureau_name.clone(),
            way.account.as_ref().map(ToString::to_string).unwrap_or_default(),
            online(way).to_owned(),
            tasks,
            ended,
            succeeded,
        ]);
    }
    print(&rows.to_string())?;
    print(&sentence(view))
}

fn online(way: &PartView) -> &'static str {
    match way.online {
        Some(true) => "在线",
        Some(false) if way.needs_person => "离线，需人工登录",
        Some(false) => "离线，自动登录",
        None => "",
    }
}

fn sentence(view: &BatchView) -> String {
    let (id, state) = (&view.batch.batch_id, view.batch.state.name());
    let progress = &view.progress;
    let end = progress.estimated_end.map(|at| format!("，预计{}完成", clock(at)));
    format!(
        "批次{id}（{state}）：任务{}个，已完成{}个；发票{}张，成功{}张{}",
        progress.tasks,
        progress.ended,
        progress.invoices,
        progress.succeeded,
        end.unwrap_or_default()
    )
}

pub(super) fn lines(lines: &[LineView], json: bool) -> Outcome {
    let mut rows = table(&["税号", "发票", "任务", "状态", "结果", "说明"]);
    for line in lines {
        if json {
            print(&serde_json::to_string(line)?)?;
            continue;
        }
        rows.add_row([
            line.tax_no.to_string(),
            line.line.key.to_string(),
            line.task_id.map(|task| task.to_string()).unwrap_or_default(),
            line.state.map(|state| state.to_string()).unwrap_or_default(),
            line.outcome.map(|outcome| outcome.name().to_owned()).unwrap_or_default(),
            line.sentence.clone(),
        ]);
    }
    if json { Ok(()) } else { print(&rows.to_string()) }
}
