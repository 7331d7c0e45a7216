//! Every rule of section 1 with its sentence, from the message to the row, over the store: what a
//! person reads in the task log, and what a retry gets.

use super::scene::{LEQI_WIDTH, Scene, well};
use crate::{
    intake::{Incoming, Intake, Taken},
    memory::{LocalBus, MemoryStatistics},
    meter::Meter,
    ports::{clock::Clock, log::Appended, statistics::StatisticCache},
    settings::Settings,
};
use domain::{
    Moment,
    ids::{Fence, TaskId},
    statistic::{StatisticReading, StatisticState},
    tax_no::TaxNo,
    world::World,
};
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// kind | channel | what is not ordinary about invoice B or its taxpayer | state: sentence
///
/// Invoice A of the same request is fit. What is fit waits.
const TABLE: &str = "
deduction_select | etax | | queued
non_deduction_select | leqi | | queued
deduction_deselect | etax | | queued
pre_select | etax | | done
pre_deselect | leqi | | done
deduction_select | fax | | refused: 税局收票通道类型为“fax”，只支持乐企和电子税局。
non_deduction_deselect | fax | | refused: 税局收票通道类型为“fax”，只支持乐企和电子税局。
deduction_select | etax | small | refused: 小规模纳税人不支持抵扣类勾选，可根据企业在税局的信息，在星空发票服务企业基础资料修改。
deduction_deselect | leqi | small | refused: 小规模纳税人不支持抵扣类勾选，可根据企业在税局的信息，在星空发票服务企业基础资料修改。
pre_select | etax | small | refused: 小规模纳税人不支持抵扣类勾选，可根据企业在税局的信息，在星空发票服务企业基础资料修改。
statistic_create | leqi | small | refused: 小规模纳税人不支持抵扣类勾选，可根据企业在税局的信息，在星空发票服务企业基础资料修改。
statistic_withdraw | etax | | queued
non_deduction_select | etax | no_reason | refused: 不抵扣勾选必须填写不抵扣原因。
deduction_select | etax | not_in_pool | refused: 发票不存在，请先从税局下载或是上传
deduction_deselect | leqi | not_in_pool | refused: 发票不存在，请先从税局下载或是上传
deduction_select | etax | is=selected | refused: 发票勾选状态不是未勾选或预勾选，不能勾选，请先从税局下载更新
deduction_select | leqi | is=pre_selected | queued
deduction_deselect | etax | is=unselected | refused: 发票勾选状态不是已勾选，不能撤销勾选，请先从税局下载更新
pre_deselect | etax | is=unselected | refused: 发票勾选状态不是预勾选，不能撤销预勾选，请先从税局下载更新
deduction_select | etax | type=9 | refused: 包含不可勾选的发票类型。
non_deduction_select | leqi | type=26 | refused: 包含不可勾选的发票类型。
non_deduction_select | leqi | type=26 special=农产品收购 | queued
deduction_select | etax | amount=0.00 | refused: 开票金额必须大于0，请下载更新发票。
deduction_select | leqi | status=reversed | refused: 只允许勾选发票状态为“正常”和“部分红冲”的发票，请下载更新发票。
deduction_select | leqi | status=partly_reversed | queued
deduction_select | etax | risk=abnormal | refused: 只允许勾选发票状态为“正常”的发票，请下载更新发票。
deduction_deselect | etax | type=9 amount=0.00 status=void risk=suspect | queued
deduction_select | etax | generated | refused: 当前税款所属期统计表已生成，请撤销统计再勾选，或使用【当期抵扣勾选统计】查询更新统计。
non_deduction_deselect | leqi | generated | refused: 当前税款所属期统计表已生成，请撤销统计再勾选，或使用【当期抵扣勾选统计】查询更新统计。
pre_select | etax | generated | done
statistic_withdraw | etax | generated | queued
deduction_select | etax | date=2025-12-01 | queued
";

#[derive(Debug)]
struct Still(Moment);

impl Clock for Still {
    fn now(&self) -> Moment {
        self.0
    }
}

/// One line of the table, as a world and a message of its own.
struct Line {
    kind: String,
    words: Vec<String>,
    expected: String,
    tax_no: TaxNo,
    channel: String,
}

impl Line {
    fn all() -> Vec<Line> {
        let lines = TABLE.lines().filter(|line| !line.trim().is_empty());
        let line = |(n, line): (usize, &str)| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [kind, channel, words, expected] = cells[..] else { panic!("{line}") };
            Line {
                kind: kind.into(),
                words: words.split_whitespace().map(str::to_owned).collect(),
                expected: expected.into(),
                tax_no: format!("91440300MA5G9{n:05}").parse().expect("a tax number"),
                channel: channel.into(),
            }
        };
        lines.enumerate().map(line).collect()
    }

    fn has(&self, word: &str) -> bool {
        self.words.iter().any(|one| one == word)
    }

    fn said(&self, name: &str) -> Option<&str> {
        self.words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
    }

    fn number(&self, n: usize) -> String {
        format!("{:0>18}{n:02}", &self.tax_no.as_str()[13..])
    }

    /// In which state the action finds an invoice that fits.
    fn fit(&self) -> &'static str {
        match self.kind.as_str() {
            "pre_deselect" => "pre_selected",
            kind if kind.ends_with("deselect") => "selected",
            _ => "unselected",
        }
    }

    fn taxpayer(&self) -> Value {
        let kind = if self.has("small") { "small_scale" } else { "general" };
        json!({"tax_no": self.tax_no, "bureau": "440300", "channel": self.channel, "kind": kind})
    }

    fn invoices(&self) -> Vec<Value> {
        let fit = json!({
            "buyer_tax_no": self.tax_no, "invoice_type": "27", "invoice_no": self.number(1),
            "invoice_date": "2025-11-03", "amount": "100.00", "tax": "6.00",
            "selection": self.fit(),
        });
        let mut other = fit.clone();
        other["invoice_no"] = self.number(2).into();
        for (word, field) in [
            ("is", "selection"),
            ("type", "invoice_type"),
            ("special", "special_kind"),
            ("amount", "amount"),
            ("status", "status"),
            ("risk", "risk"),
            ("date", "invoice_date"),
        ] {
            if let Some(value) = self.said(word) {
                other[field] = value.into();
            }
        }
        let kept = if self.has("not_in_pool") { 1 } else { 2 };
        [fit, other].into_iter().take(kept).collect()
    }

    fn message(&self, id: Uuid, retry_of: Option<TaskId>) -> Incoming {
        let invoice = |n: usize| {
            let reason = if self.has("no_reason") && n == 2 { Value::Null } else { json!("3") };
            json!({"invoice_type": "27", "invoice_no": self.number(n), "non_deduction_reason": reason})
        };
        let selects = self.kind.ends_with("select");
        let invoices: Vec<Value> = if selects { vec![invoice(1), invoice(2)] } else { Vec::new() };
        let body = json!({"task_id": id, "kind": self.kind, "tax_no": self.tax_no,
            "tax_period": "202511", "invoices": invoices, "retry_of": retry_of});
        Incoming {
            body: body.to_string().into_bytes().into(),
            traceparent: None,
            routing_key: String::new(),
        }
    }
}

async fn town(scene: &Scene, lines: &[Line]) {
    let served: Vec<Value> = lines.iter().map(|line| json!({"tax_no": line.tax_no})).collect();
    let file = json!({
        "taxpayers": lines.iter().map(Line::taxpayer).collect::<Vec<_>>(),
        "accounts": [{"bureau": "440300", "account": "13800000001", "online": true, "serves": served}],
        "invoices": lines.iter().flat_map(Line::invoices).collect::<Vec<_>>(),
    });
    let world = World::parse(file.to_string().as_bytes()).expect("a world");
    well(scene.store.import(&world, LEQI_WIDTH).await);
}

async fn intake(scene: &Scene, lines: &[Line]) -> Intake {
    let now = scene.now().await;
    let clock = Arc::new(Still(now));
    let statistics = Arc::new(MemoryStatistics::new(clock.clone()));
    let period = "202511".parse().expect("a period");
    let generated =
        StatisticReading { state: StatisticState::Generated, asked_at: now, order: Fence(1) };
    for line in lines.iter().filter(|line| line.has("generated")) {
        statistics.put(&line.tax_no, period, generated).await.expect("kept");
    }
    let bus = Arc::new(LocalBus::new());
    Intake {
        store: scene.store.clone(),
        statistics,
        post: bus.clone(),
        bell: bus,
        clock,
        settings: Arc::new(Settings::default()),
        meter: Arc::new(Meter::new()),
    }
}

async fn told(scene: &Scene, task: TaskId) -> String {
    let row = scene.row(task).await;
    let reason = if row.reason.is_empty() { String::new() } else { format!(": {}", row.reason) };
    format!("{}{reason}", row.state)
}

pub async fn every_rule_refuses_with_its_sentence_and_so_does_a_retry(scene: &Scene) {
    let lines = Line::all();
    town(scene, &lines).await;
    let intake = intake(scene, &lines).await;
    let ids: Vec<TaskId> = lines.iter().map(|_| scene.fresh_id()).collect();
    let messages: Vec<Incoming> =
        lines.iter().zip(&ids).map(|(line, id)| line.message(id.0, None)).collect();
    well(intake.take(&messages).await);
    for (line, id) in lines.iter().zip(&ids) {
        let (kind, words) = (&line.kind, &line.words);
        assert_eq!(told(scene, *id).await, line.expected, "{kind} {words:?}");
    }
    for (line, failed) in lines.iter().zip(&ids) {
        if !line.expected.starts_with("refused") {
            continue;
        }
        let retry = scene.fresh_id();
        let message = line.message(retry.0, Some(*failed));
        let taken = well(intake.take(std::slice::from_ref(&message)).await).remove(0);
        let sentence = line.expected.trim_start_matches("refused: ");
        match taken {
            // A small-scale taxpayer gets no new task.
            Taken::Rejected { reason, .. } => {
                assert!(line.has("small"), "{} {:?}: {reason}", line.kind, line.words);
                assert_eq!(reason, format!("retry_of: {sentence}"));
                assert_eq!(well(scene.store.card(retry).await), None, "no new task");
            }
            Taken::Logged(Appended::Final { reason, .. }) => {
                assert!(!line.has("small"), "{}: it got a new task", line.kind);
                assert_eq!(reason, sentence, "the same rules look at a retry");
            }
            other => panic!("{} {:?}: {other:?}", line.kind, line.words),
        }
    }
}
