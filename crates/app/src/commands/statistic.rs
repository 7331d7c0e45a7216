//! `gouxuan statistic` and `gouxuan period`.

use super::{
    NotDone, Outcome, pages, print,
    reach::{by, reach},
    save, table,
};
use crate::{
    cli::{OperationArgs, PeriodAction, StatisticAction},
    config::Config,
};
use console::{
    Client, VersionQuery,
    answers::{Submission, TableView, VersionView},
};
use domain::{
    Moment,
    period::shanghai,
    statistic::{Compared, Figures, Sum, compared, use_label},
};

pub(super) async fn run(config: &Config, action: StatisticAction, json: bool) -> Outcome {
    let reach = reach(config).await?;
    let client = &reach.client;
    let outcome = match action {
        StatisticAction::Show { tax_no, period } => {
            show(client, &tax_no, period.as_deref(), json).await
        }
        StatisticAction::Query(of) => Operation::on_table("query", of).run(client, json).await,
        StatisticAction::Create(of) => Operation::on_table("create", of).run(client, json).await,
        StatisticAction::Withdraw(of) => {
            Operation::on_table("withdraw", of).run(client, json).await
        }
        StatisticAction::Confirm { of, password_ref } => {
            let operation = Operation { password_ref, ..Operation::on_table("confirm", of) };
            operation.run(client, json).await
        }
        StatisticAction::Files { tax_no, period, limit } => {
            files(client, &tax_no, period, limit, json).await
        }
        StatisticAction::File { tax_no, named, file } => {
            save(&file, &client.version_file(&tax_no, &named).await?)
        }
    };
    reach.end().await;
    outcome
}

async fn files(
    client: &Client,
    tax_no: &str,
    period: Option<String>,
    limit: usize,
    json: bool,
) -> Outcome {
    let head = ["版本", "状态", "税局返回时间", "撤回", "税局", "本系统", "发票", "文件"];
    let mut query = VersionQuery { period, ..VersionQuery::default() };
    pages::show(limit, json, head, kept, async |rows| {
        query.limit = Some(rows);
        let page = client.versions(tax_no, &query).await?;
        query.after = page.next;
        Ok((page.versions, query.after.is_some()))
    })
    .await
}

fn kept(version: &VersionView) -> [String; 8] {
    let total = |figures: &Figures| {
        let rows = figures.rows().iter();
        text(rows.fold(Sum::default(), |sum, row| sum.plus(row.deducted).plus(row.not_deducted)))
    };
    let file = version.file.as_ref();
    [
        version.version.clone(),
        version.state.clone(),
        clock(version.told_at),
        version.withdrawn_at.map(clock).unwrap_or_default(),
        version.figures.as_ref().map(total).unwrap_or_default(),
        total(&version.ours),
        file.map(|file| file.invoices.to_string()).unwrap_or_default(),
        match file {
            Some(file) if version.remark.is_empty() => file.name.clone(),
            Some(file) => format!("{} {}", file.name, version.remark),
            None => version.remark.clone(),
        },
    ]
}

fn clock(at: Moment) -> String {
    at.with_timezone(&shanghai()).format("%Y-%m-%d %H:%M:%S").to_string()
}

pub(super) async fn run_period(config: &Config, action: PeriodAction, json: bool) -> Outcome {
    let reach = reach(config).await?;
    let (name, args) = match action {
        PeriodAction::Query(of) => ("query", of),
        PeriodAction::Change(of) => ("change", of),
    };
    let operation = Operation { of: "periods", name, args, password_ref: None };
    let outcome = operation.run(&reach.client, json).await;
    reach.end().await;
    outcome
}

/// One task to be made.
struct Operation {
    of: &'static str,
    name: &'static str,
    args: OperationArgs,
    password_ref: Option<String>,
}

impl Operation {
    fn on_table(name: &'static str, args: OperationArgs) -> Operation {
        Operation { of: "statistics", name, args, password_ref: None }
    }

    async fn run(self, client: &Client, json: bool) -> Outcome {
        let (tax_no, mut asked) = self.args.asked(by(None));
        asked.password_ref = self.password_ref;
        let made = client.operate(self.of, &tax_no, self.name, &asked).await?;
        say(&made, json)
    }
}

fn say(made: &Submission, json: bool) -> Outcome {
    for one in &made.outcomes {
        if json {
            print(&serde_json::to_string(one)?)?;
        } else {
            let task = one.task_id.map(|task| task.to_string()).unwrap_or_default();
            print(format!("{task} {} {}", one.outcome.name(), one.reason).trim())?;
        }
    }
    match &made.problem {
        Some(problem) => Err(NotDone(problem.sentence.clone()).into()),
        None => Ok(()),
    }
}

async fn show(client: &Client, tax_no: &str, period: Option<&str>, json: bool) -> Outcome {
    let view = client.statistics(tax_no, period).await?;
    let mut rows =
        table(&["税款所属期", "状态", "查询时间", "发票类型", "用途", "税局", "本系统", "差异"]);
    for one in &view.tables {
        if json {
            print(&serde_json::to_string(one)?)?;
        } else {
            add_rows(&mut rows, one);
        }
    }
    if json { Ok(()) } else { print(&rows.to_string()) }
}

/// A row per type and use; one without figures when nothing is counted.
fn add_rows(rows: &mut comfy_table::Table, view: &TableView) {
    let asked = view.asked_at.map(clock);
    let head =
        [view.period.clone(), view.state.clone().unwrap_or_default(), asked.unwrap_or_default()];
    let lines = lines(view);
    if lines.is_empty() {
        rows.add_row(head.iter().cloned().chain(std::iter::repeat_n(String::new(), 5)));
    }
    for line in lines {
        rows.add_row(head.iter().cloned().chain(line));
    }
}

fn lines(view: &TableView) -> Vec<[String; 5]> {
    let line = |line: Compared| {
        let differs = line.difference().filter(|differs| *differs != Sum::default());
        [
            line.invoice_type.name().to_owned(),
            use_label(line.deducted).to_owned(),
            line.bureau.map(text).unwrap_or_default(),
            text(line.ours),
            differs.map(text).unwrap_or_default(),
        ]
    };
    compared(view.figures.as_ref(), &view.ours).into_iter().map(line).collect()
}

/// Count, amount, tax.
fn text(sum: Sum) -> String {
    format!("{}份 {} {}", sum.count, sum.amount, sum.tax)
}
