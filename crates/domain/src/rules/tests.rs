use super::{LaneChoice, Refusal, Request, Rule, Settings, check, held_elsewhere, lane, secret_of};
use crate::{
    bureau::Account,
    ids::{Fence, TaskId, TaxId},
    invoice::{
        InvoiceKey, InvoiceStatus, NonDeductionReason, PoolInvoice, Risk, Selection, TaskInvoice,
    },
    kind::Kind,
    ledger::LedgerLine,
    money::Fen,
    statistic::StatisticState,
    task::TaskMessage,
    taxpayer::{LeqiMode, Taxpayer, TaxpayerKind},
};
use uuid::Uuid;

fn taxpayer(kind: TaxpayerKind, channel: &str) -> Taxpayer {
    Taxpayer {
        id: TaxId(1),
        tax_no: "91440300MA5G9GK78Y".parse().expect("a tax number"),
        name: "示例有限公司".into(),
        kind,
        channel: channel.into(),
        leqi_mode: LeqiMode::SelfUse,
        bureau: "440300".parse().expect("a bureau"),
        tax_org: String::new(),
        period: None,
        statistic_order: Fence(0),
        accounts: vec!["13800000001".parse().expect("an account")],
    }
}

/// A scene in words, from an ordinary one: invoice `A` fits, invoice `B` has the words' property.
struct Scene {
    kind: Kind,
    taxpayer: Option<Taxpayer>,
    invoices: Vec<TaskInvoice>,
    pool: Vec<Option<PoolInvoice>>,
    statistic: Option<StatisticState>,
    period: Option<&'static str>,
    settings: Settings,
}

fn task_invoice(number: &str) -> TaskInvoice {
    let key = InvoiceKey { code: String::new(), number: number.into() };
    TaskInvoice {
        date: "2025-11-01".parse().ok(),
        amount: Some(Fen(100)),
        non_deduction_reason: Some(NonDeductionReason::Welfare),
        ..TaskInvoice::new(key, "27".parse().expect("a type"))
    }
}

fn pool_invoice(number: &str, selection: Selection) -> PoolInvoice {
    PoolInvoice {
        key: InvoiceKey { code: String::new(), number: number.into() },
        invoice_type: "27".parse().expect("a type"),
        date: "2025-11-01".parse().ok(),
        amount: Fen(100),
        tax: Fen(13),
        status: InvoiceStatus::Normal,
        risk: Risk::Normal,
        selection,
        period: None,
        special_kind: String::new(),
    }
}

impl Scene {
    fn of(kind: &str, channel: &str, words: &str) -> Scene {
        let kind: Kind = kind.parse().expect("a kind");
        let fitting = match held_elsewhere(kind) {
            Rule::NotSelected => Selection::Selected,
            Rule::NotPreSelected => Selection::PreSelected,
            _ => Selection::Unselected,
        };
        let mut scene = Scene {
            kind,
            taxpayer: Some(taxpayer(TaxpayerKind::General, channel)),
            invoices: vec![task_invoice("A"), task_invoice("B")],
            pool: ["A", "B"].map(|number| Some(pool_invoice(number, fitting))).into(),
            statistic: None,
            period: Some("202511"),
            settings: Settings::default(),
        };
        for word in words.split_whitespace() {
            scene.set(word);
        }
        scene
    }

    fn set(&mut self, word: &str) {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        let asked = &mut self.invoices[1];
        let mut nowhere = pool_invoice("B", Selection::Unselected);
        let pool = self.pool[1].as_mut().unwrap_or(&mut nowhere);
        match name {
            "stranger" => self.taxpayer = None,
            "small" => self.taxpayer = Some(taxpayer(TaxpayerKind::SmallScale, "etax")),
            "type" => pool.invoice_type = value.parse().expect("a type"),
            "says_type" => asked.invoice_type = value.parse().expect("a type"),
            "special" => pool.special_kind = value.into(),
            "amount" => pool.amount = value.parse().expect("money"),
            "says_amount" => asked.amount = Some(value.parse().expect("money")),
            "status" => pool.status = InvoiceStatus::from_name(value).expect("a status"),
            "risk" => pool.risk = Risk::from_name(value).expect("a risk"),
            "is" => pool.selection = Selection::from_name(value).expect("a selection state"),
            "date" => pool.date = value.parse().ok(),
            "says_date" => {
                asked.date = value.parse().ok();
                pool.date = None;
            }
            "no_reason" => asked.non_deduction_reason = None,
            "not_in_pool" => self.pool[1] = None,
            "statistic" => {
                let name = serde_json::Value::String(value.into());
                self.statistic = serde_json::from_value(name).expect("a state");
            }
            "no_period" => self.period = None,
            "any_ordinary" => self.settings.agricultural_ordinary_only = false,
            "allow_unknown" => self.settings.allow_unknown_invoices = true,
            "alone" => {
                self.invoices.remove(0);
                self.pool.remove(0);
            }
            "no_invoices" => self.invoices.clear(),
            other => panic!("{other}"),
        }
    }

    fn check(&self) -> Result<Vec<LedgerLine>, Refusal> {
        let tax_no = "91440300MA5G9GK78Y".parse().expect("a tax number");
        let request = Request {
            kind: self.kind,
            tax_no: &tax_no,
            taxpayer: self.taxpayer.as_ref(),
            invoices: &self.invoices,
            pool: &self.pool,
            statistic: self.statistic,
            period: self.period.map(|period| period.parse().expect("a period")),
        };
        check(&request, self.settings)
    }

    /// `ok`, `without B: …`, or `code[culprits]: sentence`.
    fn said(&self) -> String {
        match self.check() {
            Ok(lines) if lines.is_empty() => "ok".into(),
            Ok(lines) => {
                let names: Vec<_> = lines.iter().map(|line| line.invoice.to_string()).collect();
                format!("without {}: {}", names.join(" "), lines[0].reason)
            }
            Err(refusal) => {
                let names: Vec<_> = refusal.culprits.iter().map(ToString::to_string).collect();
                format!("{}[{}]: {}", refusal.rule.code(), names.join(" "), refusal.sentence)
            }
        }
    }
}

/// kind | channel | scene | what is said
const TABLE: &str = "
deduction_select | etax | | ok
deduction_select | leqi | | ok
# 1
deduction_select | paper | | channel[]: 税局收票通道类型为“paper”，只支持乐企和电子税局。
deduction_deselect | | | channel[]: 税局收票通道类型为“未设置”，只支持乐企和电子税局。
statistic_create | paper | no_invoices | channel[]: 税局收票通道类型为“paper”，只支持乐企和电子税局。
period_change | paper | no_invoices | period_change_channel[]: 非新电子平台或者乐企通道，不支持变更属期。
invoice_download | paper | no_invoices | channel[]: 税局收票通道类型为“paper”，只支持乐企和电子税局。
pre_select | paper | | ok
deduction_select | etax | stranger | unknown_tax_number[]: 税号91440300MA5G9GK78Y不存在，请先维护企业信息。
# 2.1
deduction_select | etax | small | small_scale[]: 小规模纳税人不支持抵扣类勾选，可根据企业在税局的信息，在星空发票服务企业基础资料修改。
deduction_deselect | etax | small | small_scale[]: 小规模纳税人不支持抵扣类勾选，可根据企业在税局的信息，在星空发票服务企业基础资料修改。
pre_select | etax | small | small_scale[]: 小规模纳税人不支持抵扣类勾选，可根据企业在税局的信息，在星空发票服务企业基础资料修改。
statistic_create | etax | small no_invoices | small_scale[]: 小规模纳税人不支持抵扣类勾选，可根据企业在税局的信息，在星空发票服务企业基础资料修改。
period_change | etax | small no_invoices | small_scale[]: 小规模纳税人不支持抵扣类勾选，可根据企业在税局的信息，在星空发票服务企业基础资料修改。
tax_filing | etax | small no_invoices | ok
invoice_issuing | etax | small no_invoices | ok
invoice_download | etax | small no_invoices | ok
layout_download | etax | small no_invoices | ok
# reason, pool, state
non_deduction_select | etax | | ok
non_deduction_select | etax | no_reason | reason_missing[B]: 不抵扣勾选必须填写不抵扣原因。
non_deduction_deselect | etax | no_reason | ok
deduction_select | etax | no_reason | ok
deduction_select | etax | not_in_pool | not_in_pool[B]: 发票不存在，请先从税局下载或是上传
deduction_deselect | etax | not_in_pool | not_in_pool[B]: 发票不存在，请先从税局下载或是上传
deduction_select | etax | not_in_pool allow_unknown | ok
deduction_select | etax | is=pre_selected | ok
deduction_select | etax | is=selected | not_unselected[B]: 发票勾选状态不是未勾选或预勾选，不能勾选，请先从税局下载更新
deduction_select | leqi | is=certified | not_unselected[B]: 发票勾选状态不是未勾选或预勾选，不能勾选，请先从税局下载更新
deduction_select | etax | is=scan_certified | not_unselected[B]: 发票勾选状态不是未勾选或预勾选，不能勾选，请先从税局下载更新
deduction_select | etax | is=selecting | not_unselected[B]: 发票勾选状态不是未勾选或预勾选，不能勾选，请先从税局下载更新
deduction_deselect | etax | | ok
deduction_deselect | etax | is=unselected | not_selected[B]: 发票勾选状态不是已勾选，不能撤销勾选，请先从税局下载更新
deduction_deselect | leqi | is=selecting | not_selected[B]: 发票勾选状态不是已勾选，不能撤销勾选，请先从税局下载更新
deduction_deselect | etax | is=certified | not_selected[B]: 发票勾选状态不是已勾选，不能撤销勾选，请先从税局下载更新
rebate_deselect | etax | is=pre_selected | not_selected[B]: 发票勾选状态不是已勾选，不能撤销勾选，请先从税局下载更新
pre_deselect | etax | | ok
pre_deselect | etax | is=selected | not_pre_selected[B]: 发票勾选状态不是预勾选，不能撤销预勾选，请先从税局下载更新
# 2.2
deduction_select | etax | type=5 | type[B]: 包含不可勾选的发票类型。
deduction_select | leqi | type=30 says_type=27 | type[B]: 包含不可勾选的发票类型。
deduction_select | etax | type=27 says_type=30 | ok
deduction_select | etax | type=59 | ok
deduction_select | etax | type=26 | type[B]: 包含不可勾选的发票类型。
deduction_select | etax | type=26 special=农产品收购 | ok
deduction_select | etax | type=3 special=自产农产品销售 | ok
deduction_select | etax | type=1 special=旅客运输 | type[B]: 包含不可勾选的发票类型。
deduction_select | etax | type=1 any_ordinary | ok
deduction_select | etax | says_type=26 not_in_pool allow_unknown | type[B]: 包含不可勾选的发票类型。
deduction_deselect | etax | type=5 | ok
# 2.3
deduction_select | etax | amount=0 | amount[B]: 开票金额必须大于0，请下载更新发票。
deduction_select | leqi | amount=-1 says_amount=5 | amount[B]: 开票金额必须大于0，请下载更新发票。
deduction_select | etax | says_amount=-5 | ok
deduction_select | etax | says_amount=-5 not_in_pool allow_unknown | amount[B]: 开票金额必须大于0，请下载更新发票。
deduction_select | etax | amount=0 type=21 | ok
deduction_deselect | etax | amount=-1 | ok
# 2.4
deduction_select | etax | status=partly_reversed | ok
deduction_select | etax | status=void | status[B]: 只允许勾选发票状态为“正常”和“部分红冲”的发票，请下载更新发票。
deduction_select | leqi | status=fully_reversed | status[B]: 只允许勾选发票状态为“正常”和“部分红冲”的发票，请下载更新发票。
deduction_select | etax | status=reversed | status[B]: 只允许勾选发票状态为“正常”和“部分红冲”的发票，请下载更新发票。
deduction_select | etax | status=abnormal | status[B]: 只允许勾选发票状态为“正常”和“部分红冲”的发票，请下载更新发票。
deduction_select | etax | status=out_of_control | status[B]: 只允许勾选发票状态为“正常”和“部分红冲”的发票，请下载更新发票。
deduction_select | etax | status=void type=21 | ok
deduction_deselect | etax | status=void | ok
# 2.5
deduction_select | etax | risk= | ok
deduction_select | etax | risk=abnormal | risk[B]: 只允许勾选发票状态为“正常”的发票，请下载更新发票。
deduction_select | leqi | risk=suspect | risk[B]: 只允许勾选发票状态为“正常”的发票，请下载更新发票。
deduction_select | etax | risk=suspect type=21 | risk[B]: 只允许勾选发票状态为“正常”的发票，请下载更新发票。
deduction_deselect | etax | risk=abnormal | ok
# 2.6 and 7
deduction_select | etax | statistic=not_generated | ok
deduction_select | etax | statistic=generated | statistic_generated[]: 当前税款所属期统计表已生成，请撤销统计再勾选，或使用【当期抵扣勾选统计】查询更新统计。
deduction_select | leqi | statistic=generating | statistic_generated[]: 当前税款所属期统计表已生成，请撤销统计再勾选，或使用【当期抵扣勾选统计】查询更新统计。
non_deduction_deselect | leqi | statistic=confirmed | statistic_generated[]: 当前税款所属期统计表已生成，请撤销统计再勾选，或使用【当期抵扣勾选统计】查询更新统计。
statistic_withdraw | etax | statistic=generated no_invoices | ok
statistic_confirm | etax | statistic=generated no_invoices | ok
period_change | leqi | statistic=confirmed no_invoices | ok
pre_select | etax | statistic=generated | ok
# future-dated: this invoice only
deduction_select | etax | date=2025-11-30 | ok
deduction_select | etax | date=2025-12-01 | without B: 未到期发票不能勾选。
deduction_select | leqi | says_date=2025-12-01 | without B: 未到期发票不能勾选。
deduction_select | etax | date=2025-12-01 alone | future_dated[B]: 未到期发票不能勾选。
deduction_select | etax | date=2025-12-01 no_period | ok
deduction_deselect | etax | date=2025-12-01 | ok
pre_select | etax | date=2025-12-01 | ok
# the earlier rule speaks
deduction_select | paper | type=5 statistic=generated | channel[]: 税局收票通道类型为“paper”，只支持乐企和电子税局。
deduction_select | etax | small type=5 | small_scale[]: 小规模纳税人不支持抵扣类勾选，可根据企业在税局的信息，在星空发票服务企业基础资料修改。
deduction_select | etax | type=5 amount=0 | type[B]: 包含不可勾选的发票类型。
deduction_select | etax | amount=0 status=void | amount[B]: 开票金额必须大于0，请下载更新发票。
deduction_select | etax | status=void risk=suspect | status[B]: 只允许勾选发票状态为“正常”和“部分红冲”的发票，请下载更新发票。
deduction_select | etax | risk=suspect statistic=generated | risk[B]: 只允许勾选发票状态为“正常”的发票，请下载更新发票。
deduction_select | etax | statistic=generated date=2025-12-01 | statistic_generated[]: 当前税款所属期统计表已生成，请撤销统计再勾选，或使用【当期抵扣勾选统计】查询更新统计。
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
fn the_table_has_every_rule_of_a_request() {
    let elsewhere = [
        Rule::BureauMismatch,
        Rule::UnknownAccount,
        Rule::AccountDoesNotServe,
        Rule::OthersRefused,
        // Of what a confirmation is signed with.
        Rule::SecretMissing,
        Rule::SecretUnreadable,
        // Of lists.
        Rule::CellUnreadable,
        Rule::FieldsMissing,
        Rule::RepeatedRow,
        Rule::SeveralBuyers,
        Rule::PoolIncomplete,
        Rule::ListType,
        Rule::ListStatus,
    ];
    for rule in Rule::ALL.iter().filter(|rule| !elsewhere.contains(rule)) {
        assert!(TABLE.contains(&format!("{}[", rule.code())), "{}", rule.code());
    }
}

#[test]
fn a_confirmation_alone_is_signed_with_the_secret_that_it_names() {
    let said = |kind, parameters: serde_json::Value| {
        let parameters = parameters.as_object().expect("an object").clone();
        match secret_of(kind, &parameters) {
            None => "its own".to_owned(),
            Some(Ok(name)) => name.to_string(),
            Some(Err(refusal)) => refusal.sentence,
        }
    };
    let named = serde_json::json!({"password_ref": "confirm-440300"});
    assert_eq!(said(Kind::StatisticConfirm, named.clone()), "confirm-440300");
    assert_eq!(said(Kind::StatisticCreate, named), "its own");
    assert_eq!(said(Kind::StatisticConfirm, serde_json::json!({})), "its own");
    for (wrong, shown) in [(serde_json::json!("a b"), "a b"), (serde_json::json!(5), "5")] {
        let sentence = format!("密钥“{shown}”不存在，请先保存该密钥。");
        assert_eq!(
            said(Kind::StatisticConfirm, serde_json::json!({"password_ref": wrong})),
            sentence
        );
    }
}

#[test]
fn codes_and_sentences_tell_rules_apart() {
    let all = Rule::ALL;
    for (n, rule) in all.iter().enumerate() {
        for other in &all[n + 1..] {
            assert_ne!(rule.code(), other.code());
            assert_ne!(rule.sentence(), other.sentence());
        }
    }
    assert_eq!(
        Rule::StatisticGenerated.sentence_on_open_platform(),
        "当前属期统计表已生成，请先撤销再勾选或查询更新统计表。"
    );
    assert_eq!(Rule::SmallScale.sentence_on_open_platform(), "小规模纳税人不支持抵扣类勾选。");
    assert_eq!(Rule::Type.sentence_on_open_platform(), Rule::Type.sentence());
}

#[test]
fn the_ledger_names_the_culprits() {
    let scene = Scene::of("deduction_select", "etax", "type=5");
    let refusal = scene.check().expect_err("refused");
    let lines = refusal.lines(&scene.invoices);
    let reasons: Vec<_> = lines.iter().map(|line| line.reason.as_str()).collect();
    assert_eq!(reasons, [Rule::OthersRefused.sentence(), Rule::Type.sentence()]);
    let scene = Scene::of("deduction_select", "etax", "statistic=generated");
    let refusal = scene.check().expect_err("refused");
    let lines = refusal.lines(&scene.invoices);
    assert!(lines.iter().all(|line| line.reason == refusal.sentence) && lines.len() == 2);
}

#[test]
fn a_task_finds_its_lane() {
    // kind | channel | bureau | account named | exists | lane or what is said
    let table = "
        deduction_select | etax | | | no | 440300.13800000001
        deduction_select | etax | 440300 | 13800000001 | yes | 440300.13800000001
        deduction_select | etax | 440000 | | no | 任务的税局与税号所属税局不一致：任务为广东（440000），税号为深圳（440300）。
        deduction_select | etax | | 13800000009 | no | 电子税局账号13800000009不存在，请先维护账号。
        deduction_select | etax | | leqi | yes | 电子税局账号leqi不存在，请先维护账号。
        deduction_select | etax | | 13800000009 | yes | 电子税局账号13800000009未关联该税号，请更换账号。
        deduction_select | leqi | | | no | 440300.leqi
        deduction_select | leqi | | 13800000001 | yes | 440300.leqi
        deduction_select | paper | | | no | 税局收票通道类型为“paper”，只支持乐企和电子税局。
        pre_select | paper | | | no | none needed
        deduction_select | nobody | | | no | 税号91440300MA5G9GK78Y不存在，请先维护企业信息。
        deduction_select | etax-without | | | no | no account yet
    ";
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let columns: Vec<_> = line.split('|').map(str::trim).collect();
        let [kind, channel, bureau, account, exists, expected] = columns[..] else {
            panic!("{line}")
        };
        let mut payer = taxpayer(TaxpayerKind::General, channel.trim_end_matches("-without"));
        if channel.ends_with("-without") {
            payer.accounts = Vec::<Account>::new();
        }
        let id = TaskId(Uuid::from_u128(1));
        let message = TaskMessage {
            bureau: bureau.parse().ok(),
            account: account.parse().ok(),
            ..TaskMessage::new(id, kind.parse().expect("a kind"), payer.tax_no.clone())
        };
        let known = (channel != "nobody").then_some(&payer);
        let said = match lane(&message, known, exists == "yes") {
            Ok(LaneChoice::Lane(lane)) => lane.to_string(),
            Ok(LaneChoice::NotNeeded) => "none needed".into(),
            Ok(LaneChoice::NoAccount) => "no account yet".into(),
            Err(refusal) => refusal.sentence,
        };
        assert_eq!(said, expected, "{line}");
    }
}
