//! Every rule of lists with its sentence, and their order.

use super::{Found, List, RowResult, check};
use crate::{
    invoice::{InvoiceKey, InvoiceStatus, PoolInvoice, Risk, Selection},
    kind::Action,
    list::{Column, Purpose, RawRow, ReadRow},
    money::Fen,
    rules::{Rule, Settings},
    taxpayer::{ChannelKind, TaxpayerKind},
};
use proptest::{prelude::*, sample::select};
use std::collections::HashMap;

/// A scene in words, from an ordinary one: a list of one row (or the same invoice twice), and what
/// the pool knows of its invoice.
struct Scene {
    purpose: Purpose,
    rows: Vec<RawRow>,
    found: Option<Found>,
    settings: Settings,
}

const NUMBER: &str = "23442000000164214335";

fn found(action: Action, channel: ChannelKind) -> Found {
    let selection = match action {
        Action::Select => Selection::Unselected,
        Action::Deselect => Selection::Selected,
    };
    let invoice = PoolInvoice {
        key: InvoiceKey { code: String::new(), number: NUMBER.into() },
        invoice_type: "27".parse().expect("a type"),
        date: "2025-11-01".parse().ok(),
        amount: Fen(100),
        tax: Fen(13),
        status: InvoiceStatus::Normal,
        risk: Risk::Normal,
        selection,
        period: None,
        special_kind: String::new(),
    };
    Found {
        invoice,
        buyers: 1,
        tax_no: "91440300MA5G9GK78Y".parse().expect("a tax number"),
        channel: Some(channel),
        taxpayer: TaxpayerKind::General,
        statistic: None,
        period: "202511".parse().ok(),
    }
}

impl Scene {
    fn of(kind: &str, channel: &str, words: &str) -> Scene {
        let (purpose, action, word) = match kind {
            "deduct" => (Purpose::Deduct, Action::Select, "勾选"),
            "deduct-undo" => (Purpose::Deduct, Action::Deselect, "撤销勾选"),
            "not" => (Purpose::NonDeduct, Action::Select, "勾选"),
            "not-undo" => (Purpose::NonDeduct, Action::Deselect, "撤销勾选"),
            other => panic!("{other}"),
        };
        let channel = if channel == "leqi" { ChannelKind::Leqi } else { ChannelKind::Etax };
        let mut row = RawRow::empty(2).with(Column::Action, word).with(Column::Number, NUMBER);
        if (purpose, action) == (Purpose::NonDeduct, Action::Select) {
            row = row.with(Column::Reason, "3");
        }
        let found = Some(found(action, channel));
        let mut scene = Scene { purpose, rows: vec![row], found, settings: Settings::default() };
        for word in words.split_whitespace() {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            scene.set_list(name, value);
        }
        scene
    }

    fn set_list(&mut self, name: &str, value: &str) {
        let row = self.rows[0].clone();
        match name {
            "no_reason" => self.rows[0] = row.with(Column::Reason, ""),
            "no_action" => self.rows[0] = row.with(Column::Action, ""),
            "says_action" => self.rows[0] = row.with(Column::Action, value),
            "says_type" => self.rows[0] = row.with(Column::Type, value),
            "twice" => self.rows.push(RawRow { number: 3, ..row }),
            "book" => {
                self.rows[0] = row.with(Column::Number, "").with(Column::PaymentBook, value);
                let invoice = &mut self.known().invoice;
                invoice.key.number = value.into();
                invoice.invoice_type = "21".parse().expect("a type");
            }
            "not_in_pool" => self.found = None,
            "two_buyers" => self.known().buyers = 2,
            "allow_unknown" => self.settings.allow_unknown_invoices = true,
            "any_ordinary" => self.settings.agricultural_ordinary_only = false,
            _ => self.known().set(name, value),
        }
    }

    fn known(&mut self) -> &mut Found {
        self.found.as_mut().expect("words about the pool come before not_in_pool")
    }

    fn results(&self) -> Vec<RowResult> {
        let rows: Vec<_> = self.rows.iter().map(|row| ReadRow::of(row, self.purpose)).collect();
        let known = self.found.iter().map(|one| (one.invoice.key.clone(), one.clone()));
        let pool: HashMap<_, _> = known.collect();
        check(&List { purpose: self.purpose, rows: &rows, pool: &pool }, self.settings)
    }

    /// `label: sentence`, of all rows when they differ.
    fn said(&self) -> String {
        let each = |result: &RowResult| match result.sentence() {
            "" => result.outcome().label().to_owned(),
            sentence => format!("{}: {sentence}", result.outcome().label()),
        };
        let mut said: Vec<_> = self.results().iter().map(each).collect();
        said.dedup();
        said.join(" / ")
    }
}

impl Found {
    fn set(&mut self, name: &str, value: &str) {
        let invoice = &mut self.invoice;
        match name {
            "type" => invoice.invoice_type = value.parse().expect("a type"),
            "special" => invoice.special_kind = value.into(),
            "amount" => invoice.amount = value.parse().expect("money"),
            "status" => invoice.status = InvoiceStatus::from_name(value).expect("a status"),
            "risk" => invoice.risk = Risk::from_name(value).expect("a risk"),
            "is" => invoice.selection = Selection::from_name(value).expect("a selection"),
            "date" => invoice.date = value.parse().ok(),
            "small" => self.taxpayer = TaxpayerKind::SmallScale,
            "no_period" => self.period = None,
            "no_channel" => self.channel = None,
            "statistic" => {
                let name = serde_json::Value::String(value.into());
                self.statistic = serde_json::from_value(name).expect("a state");
            }
            other => panic!("{other}"),
        }
    }
}

/// kind | channel | scene | what is said
const TABLE: &str = "
deduct | etax | | 通过
deduct | leqi | | 通过
deduct-undo | etax | | 通过
deduct-undo | leqi | | 通过
not | etax | | 通过
not | leqi | | 通过
not-undo | etax | | 通过
deduct | etax | book=530120201012345678-L01 | 通过
# cells
deduct | etax | says_action=认证 | 引入失败: 单元格内容无法识别：第2行“勾选操作”列：“认证”不是“勾选”或“撤销勾选”
# 1
not | etax | no_reason | 引入失败: 必填字段缺失：不抵扣原因
not | leqi | no_reason no_action | 引入失败: 必填字段缺失：勾选操作
not-undo | etax | no_reason | 通过
# 2: every one of the repeating rows
deduct | etax | twice | 引入失败: 存在重复行，请检查并删除重复行
deduct-undo | leqi | twice | 引入失败: 存在重复行，请检查并删除重复行
deduct | etax | book=530120201012345678-L01 twice | 引入失败: 存在重复行，请检查并删除重复行
deduct | etax | twice no_action | 引入失败: 必填字段缺失：勾选操作 / 引入失败: 存在重复行，请检查并删除重复行
# 3
deduct | etax | not_in_pool | 引入失败: 发票不存在，请先从税局下载或是上传
deduct-undo | leqi | not_in_pool | 引入失败: 发票不存在，请先从税局下载或是上传
deduct | etax | two_buyers | 引入失败: 全票池中有多个购买方的同号发票，请通过勾选批次按税号提交
deduct | etax | not_in_pool allow_unknown | 引入失败: 发票不存在，请先从税局下载或是上传
# 4
deduct-undo | etax | is=unselected | 引入失败: 发票勾选状态不是已勾选，不能撤销勾选，请先从税局下载更新
deduct-undo | leqi | is=certified | 引入失败: 发票勾选状态不是已勾选，不能撤销勾选，请先从税局下载更新
not-undo | leqi | is=selecting | 引入失败: 发票勾选状态不是已勾选，不能撤销勾选，请先从税局下载更新
not-undo | etax | is=pre_selected | 引入失败: 发票勾选状态不是已勾选，不能撤销勾选，请先从税局下载更新
# 5
deduct | etax | is=pre_selected | 通过
deduct | etax | is=selected | 引入失败: 发票勾选状态不是未勾选或预勾选，不能勾选，请先从税局下载更新
deduct | leqi | is=selecting | 引入失败: 发票勾选状态不是未勾选或预勾选，不能勾选，请先从税局下载更新
not | leqi | is=scan_certified | 引入失败: 发票勾选状态不是未勾选或预勾选，不能勾选，请先从税局下载更新
# 6
deduct | etax | date= | 引入失败: 发票数据不完整，不能勾选，请先从税局下载更新
deduct-undo | leqi | date= | 引入失败: 发票数据不完整，不能勾选，请先从税局下载更新
deduct | leqi | type=19 | 引入失败: 发票数据不完整，不能勾选，请先从税局下载更新
deduct-undo | leqi | type=19 | 引入失败: 发票数据不完整，不能勾选，请先从税局下载更新
deduct | etax | type=19 | 通过
deduct | etax | no_channel type=19 | 通过
# 7: what the pool knows wins
deduct | etax | type=5 | 引入失败: 不可勾选的发票类型。
not | etax | type=30 says_type=27 | 引入失败: 不可勾选的发票类型。
deduct | leqi | type=26 | 引入失败: 不可勾选的发票类型。
deduct | leqi | type=26 special=农产品收购 | 通过
deduct | etax | type=26 any_ordinary | 通过
deduct | leqi | type=59 | 通过
deduct | leqi | type=83 | 通过
deduct-undo | etax | type=5 | 通过
# 8
deduct | etax | amount=0 | 引入失败: 开票金额必须大于0，请下载更新发票。
not | leqi | amount=-1 | 引入失败: 开票金额必须大于0，请下载更新发票。
deduct | etax | book=530120201012345678-L01 amount=0 | 通过
deduct-undo | etax | amount=0 | 通过
# 9
deduct | etax | status=partly_reversed | 通过
deduct | etax | status=void | 引入失败: 发票状态异常：只允许勾选发票状态为“正常”和“部分红冲”的发票，请下载更新发票。
not | leqi | status=fully_reversed | 引入失败: 发票状态异常：只允许勾选发票状态为“正常”和“部分红冲”的发票，请下载更新发票。
deduct | leqi | book=530120201012345678-L01 status=void | 通过
deduct-undo | etax | status=void | 通过
# 10
deduct | etax | risk= | 通过
deduct | etax | risk=abnormal | 引入失败: 只允许勾选发票状态为“正常”的发票，请下载更新发票。
deduct | leqi | risk=suspect | 引入失败: 只允许勾选发票状态为“正常”的发票，请下载更新发票。
deduct | etax | book=530120201012345678-L01 risk=suspect | 引入失败: 只允许勾选发票状态为“正常”的发票，请下载更新发票。
deduct-undo | etax | risk=abnormal | 通过
# 11
deduct | etax | small | 处理失败: 小规模纳税人不支持抵扣类勾选，可根据企业在税局的信息，在星空发票服务企业基础资料修改。
not-undo | leqi | small | 处理失败: 小规模纳税人不支持抵扣类勾选，可根据企业在税局的信息，在星空发票服务企业基础资料修改。
# 12
deduct | etax | statistic=not_generated | 通过
deduct | etax | statistic=generated | 处理失败: 当前税款所属期统计表已生成，请撤销统计再勾选，或使用【当期抵扣勾选统计】查询更新统计。
not | leqi | statistic=confirmed | 处理失败: 当前税款所属期统计表已生成，请撤销统计再勾选，或使用【当期抵扣勾选统计】查询更新统计。
deduct-undo | leqi | statistic=generating | 处理失败: 当前税款所属期统计表已生成，请撤销统计再勾选，或使用【当期抵扣勾选统计】查询更新统计。
# 13
deduct | etax | date=2025-11-30 | 通过
deduct | etax | date=2025-12-01 | 不提交: 未到期发票不能勾选。
not | leqi | date=2025-12-01 | 不提交: 未到期发票不能勾选。
deduct | etax | date=2025-12-01 no_period | 通过
deduct-undo | etax | date=2025-12-01 | 通过
# the earlier rule speaks
deduct | etax | twice not_in_pool | 引入失败: 存在重复行，请检查并删除重复行
deduct | etax | is=selected date= | 引入失败: 发票勾选状态不是未勾选或预勾选，不能勾选，请先从税局下载更新
deduct | etax | date= type=5 | 引入失败: 发票数据不完整，不能勾选，请先从税局下载更新
deduct | etax | type=5 amount=0 | 引入失败: 不可勾选的发票类型。
deduct | etax | amount=0 status=void | 引入失败: 开票金额必须大于0，请下载更新发票。
deduct | etax | status=void risk=suspect | 引入失败: 发票状态异常：只允许勾选发票状态为“正常”和“部分红冲”的发票，请下载更新发票。
deduct | etax | risk=suspect small | 引入失败: 只允许勾选发票状态为“正常”的发票，请下载更新发票。
deduct | etax | small statistic=generated | 处理失败: 小规模纳税人不支持抵扣类勾选，可根据企业在税局的信息，在星空发票服务企业基础资料修改。
deduct | etax | statistic=generated date=2025-12-01 | 处理失败: 当前税款所属期统计表已生成，请撤销统计再勾选，或使用【当期抵扣勾选统计】查询更新统计。
";

#[test]
fn rules_in_their_order_with_their_sentences() {
    for line in TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let columns: Vec<_> = line.splitn(4, '|').map(str::trim).collect();
        let [kind, channel, words, expected] = columns[..] else { panic!("{line}") };
        assert_eq!(Scene::of(kind, channel, words).said(), expected, "{line}");
    }
}

#[test]
fn the_table_has_every_rule_of_a_list() {
    use Rule::*;
    for rule in [
        CellUnreadable,
        FieldsMissing,
        RepeatedRow,
        NotInPool,
        NotSelected,
        NotUnselected,
        PoolIncomplete,
        ListType,
        Amount,
        ListStatus,
        Risk,
        SmallScale,
        StatisticGenerated,
        FutureDated,
    ] {
        let sentence = rule.sentence().trim_end_matches("{}");
        assert!(TABLE.contains(&format!(": {sentence}")), "{}", rule.code());
    }
    assert!(TABLE.contains(&Rule::ListStatus.sentence().replace("{}", Rule::Status.sentence())));
}

#[test]
fn an_invoice_that_lacks_its_code_is_incomplete() {
    let mut scene = Scene::of("deduct", "etax", "");
    scene.rows[0] = scene.rows[0].clone().with(Column::Number, "12345678").with(Column::Type, "19");
    let invoice = &mut scene.known().invoice;
    invoice.key.number = "12345678".into();
    invoice.invoice_type = "4".parse().expect("a type");
    assert_eq!(scene.said(), format!("引入失败: {}", Rule::PoolIncomplete.sentence()));
}

#[test]
fn an_entry_carries_what_the_pool_knows_and_the_row_asks() {
    let results = Scene::of("not", "leqi", "says_type=4").results();
    let [RowResult::Listed(entry)] = &results[..] else { panic!("{results:?}") };
    let invoice = &entry.invoice;
    assert_eq!((entry.row, entry.kind.name()), (2, "non_deduction_select"));
    assert_eq!(entry.tax_no.as_str(), "91440300MA5G9GK78Y");
    assert_eq!(invoice.invoice_type.to_string(), "27");
    assert_eq!(invoice.date, "2025-11-01".parse().ok());
    assert_eq!((invoice.amount, invoice.tax), (Some(Fen(100)), Some(Fen(13))));
    assert_eq!(invoice.non_deduction_reason.map(|reason| reason.number()), Some("3"));
    let early = Scene::of("deduct", "etax", "date=2025-12-01").results();
    let [RowResult::LeftOut { line, .. }] = &early[..] else { panic!("{early:?}") };
    assert_eq!(
        (line.invoice.number.as_str(), line.reason.as_str()),
        (NUMBER, "未到期发票不能勾选。")
    );
}

/// One of few numbers, so that some repeat and some are in the pool.
fn any_row() -> impl Strategy<Value = (String, u8, String)> {
    ("(勾选|撤销勾选||x)", 0..6_u8, "(3|其他：y||x)")
}

fn any_found() -> impl Strategy<Value = Found> {
    let words = (
        select(vec!["is=unselected", "is=selected", "is=selecting", "is=pre_selected"]),
        select(vec!["type=27", "type=21", "type=19", "type=5", "type=1"]),
        select(vec!["amount=1", "amount=0", "status=void", "risk=suspect"]),
        select(vec!["small", "statistic=generated", "no_period", "date=2025-12-01", "date="]),
        any::<bool>(),
    );
    words.prop_map(|(selection, kind, own, around, leqi)| {
        let channel = if leqi { ChannelKind::Leqi } else { ChannelKind::Etax };
        let mut found = found(Action::Select, channel);
        for word in [selection, kind, own, around] {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            found.set(name, value);
        }
        found
    })
}

proptest! {
    /// Every row has one result, in its place; a result without a sentence is an entry of the edit
    /// list, names the row's invoice, and stands nowhere else in the list.
    #[test]
    fn every_row_has_exactly_one_result(
        rows in proptest::collection::vec(any_row(), 0..12),
        known in proptest::collection::vec((0..6_u8, any_found()), 0..6),
        deduct in any::<bool>(),
    ) {
        let purpose = if deduct { Purpose::Deduct } else { Purpose::NonDeduct };
        let number = |n: u8| format!("2344200000016421433{n}");
        let raw = rows.iter().zip(2..).map(|((action, n, reason), row)| {
            let row = RawRow::empty(row).with(Column::Action, action);
            row.with(Column::Number, &number(*n)).with(Column::Reason, reason)
        });
        let read: Vec<_> = raw.map(|row| ReadRow::of(&row, purpose)).collect();
        let pool: HashMap<_, _> = known
            .into_iter()
            .map(|(n, mut found)| {
                found.invoice.key.number = number(n);
                (found.invoice.key.clone(), found)
            })
            .collect();
        let list = List { purpose, rows: &read, pool: &pool };
        let results = check(&list, Settings::default());
        prop_assert_eq!(results.len(), read.len());
        for (row, result) in read.iter().zip(&results) {
            let RowResult::Listed(entry) = result else {
                let filled = !result.sentence().is_empty() && !result.sentence().contains("{}");
                prop_assert!(filled);
                continue;
            };
            prop_assert!(result.sentence().is_empty());
            prop_assert_eq!((entry.row, Some(&entry.invoice.key)), (row.number, row.key.as_ref()));
            let same = read.iter().filter(|other| other.key == row.key).count();
            prop_assert_eq!(same, 1);
        }
    }
}
