//! `gouxuan statistic` and `gouxuan period`.

use super::{
    NotDone, Outcome, print,
    reach::{by, reach},
    table,
};
use crate::{
    cli::{OperationArgs, PeriodAction, StatisticAction},
    config::Config,
};
use console::{
    Client,
    answers::{Submission, TableView},
};
use domain::statistic::{Figures, Sum};

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
    };
    reach.end().await;
    outcome
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
    let asked = view.asked_at.map(|at| {
        at.with_timezone(&domain::period::shanghai()).format("%Y-%m-%d %H:%M:%S").to_string()
    });
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
    let nothing = Figures::default();
    let (bureau, differences) =
        (view.figures.as_ref(), view.differences.as_ref().unwrap_or(&nothing));
    let all =
        Figures::new(bureau.unwrap_or(&nothing).rows().iter().chain(view.ours.rows()).copied());
    let mut lines = Vec::new();
    for row in all.rows() {
        let of = row.invoice_type;
        let side = |figures: &Figures, deducted: bool| {
            let found = figures.rows().iter().find(|row| row.invoice_type == of);
            found.map_or(
                Sum::default(),
                |row| if deducted { row.deducted } else { row.not_deducted },
            )
        };
        for (deducted, label) in [(true, "抵扣"), (false, "不抵扣")] {
            let (theirs, own) =
                (bureau.map(|told| side(told, deducted)), side(&view.ours, deducted));
            if theirs.unwrap_or_default() == Sum::default() && own == Sum::default() {
                continue;
            }
            let differs = side(differences, deducted);
            lines.push([
                of.name().to_owned(),
                label.to_owned(),
                theirs.map(text).unwrap_or_default(),
                text(own),
                if differs == Sum::default() { String::new() } else { text(differs) },
            ]);
        }
    }
    lines
}

/// Count, amount, tax.
fn text(sum: Sum) -> String {
    format!("{}份 {} {}", sum.count, sum.amount, sum.tax)
}
