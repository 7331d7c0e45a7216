//! Every rule with its sentence. Each sentence stands here once.

use crate::{
    invoice::{InvoiceKey, TaskInvoice},
    ledger::{LedgerLine, LineOutcome},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident $code:literal $sentence:literal;)*) => {
        /// Why a task, or one of its invoices, is not sent. In the order in which they are checked.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        pub enum Rule { $($(#[$doc])* $variant,)* }

        impl Rule {
            pub const ALL: &'static [Rule] = &[$(Rule::$variant,)*];

            /// A bounded name, for metric labels and JSON.
            pub const fn code(self) -> &'static str {
                match self { $(Rule::$variant => $code,)* }
            }

            /// The sentence that people read; `{}` stands for what the refusal fills in.
            pub const fn sentence(self) -> &'static str {
                match self { $(Rule::$variant => $sentence,)* }
            }
        }
    };
}

rules! {
    /// Ours.
    UnknownTaxNumber "unknown_tax_number" "税号{}不存在，请先维护企业信息。";
    /// Rule 1; the wording is ours.
    Channel "channel" "税局收票通道类型为“{}”，只支持乐企和电子税局。";
    /// The open platform's 0201.
    PeriodChangeChannel "period_change_channel" "非新电子平台或者乐企通道，不支持变更属期。";
    /// Ours: a tax number belongs to one bureau.
    BureauMismatch "bureau_mismatch" "任务的税局与税号所属税局不一致：{}。";
    /// Ours.
    UnknownAccount "unknown_account" "电子税局账号{}不存在，请先维护账号。";
    /// Ours.
    AccountDoesNotServe "account_does_not_serve" "电子税局账号{}未关联该税号，请更换账号。";
    /// Rule 2.1.
    SmallScale "small_scale"
        "小规模纳税人不支持抵扣类勾选，可根据企业在税局的信息，在星空发票服务企业基础资料修改。";
    /// Ours: what a confirmation is signed with.
    SecretMissing "secret_missing" "密钥“{}”不存在，请先保存该密钥。";
    /// Ours: it was stored with another key.
    SecretUnreadable "secret_unreadable" "密钥“{}”无法读取，请重新保存该密钥。";
    /// Ours: a cell of an uploaded list says nothing that we know.
    CellUnreadable "cell_unreadable" "单元格内容无法识别：{}";
    /// List rule 1.
    FieldsMissing "fields_missing" "必填字段缺失：{}";
    /// List rule 2.
    RepeatedRow "repeated_row" "存在重复行，请检查并删除重复行";
    /// Ours: the list's "required field is missing", for the reason of a non-deduction.
    ReasonMissing "reason_missing" "不抵扣勾选必须填写不抵扣原因。";
    /// List rule 3.
    NotInPool "not_in_pool" "发票不存在，请先从税局下载或是上传";
    /// Ours: a row of a list names no buyer, and the pool has this number of several.
    SeveralBuyers "several_buyers" "全票池中有多个购买方的同号发票，请通过勾选批次按税号提交";
    /// List rule 4.
    NotSelected "not_selected" "发票勾选状态不是已勾选，不能撤销勾选，请先从税局下载更新";
    /// List rule 5.
    NotUnselected "not_unselected" "发票勾选状态不是未勾选或预勾选，不能勾选，请先从税局下载更新";
    /// Ours, after list rule 4: what is withdrawn here is the pre-selection.
    NotPreSelected "not_pre_selected" "发票勾选状态不是预勾选，不能撤销预勾选，请先从税局下载更新";
    /// List rule 6.
    PoolIncomplete "pool_incomplete" "发票数据不完整，不能勾选，请先从税局下载更新";
    /// Rule 2.2.
    Type "type" "包含不可勾选的发票类型。";
    /// List rule 7: of one invoice.
    ListType "list_type" "不可勾选的发票类型。";
    /// Rule 2.3.
    Amount "amount" "开票金额必须大于0，请下载更新发票。";
    /// Rule 2.4.
    Status "status" "只允许勾选发票状态为“正常”和“部分红冲”的发票，请下载更新发票。";
    /// List rule 9; rule 2.4's sentence stands behind it.
    ListStatus "list_status" "发票状态异常：{}";
    /// Rule 2.5.
    Risk "risk" "只允许勾选发票状态为“正常”的发票，请下载更新发票。";
    /// Rules 2.6 (the cached state) and 7 (the state as the bureau tells it).
    StatisticGenerated "statistic_generated"
        "当前税款所属期统计表已生成，请撤销统计再勾选，或使用【当期抵扣勾选统计】查询更新统计。";
    /// List rule 13. For one invoice: the others go on.
    FutureDated "future_dated" "未到期发票不能勾选。";
    /// Ours, in the ledger only: the invoice itself is fine, another one of the task is not.
    OthersRefused "others_refused" "同一任务中有其他发票未通过校验，本发票未提交。";
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Rule, D::Error> {
        let code = String::deserialize(deserializer)?;
        let known = Rule::ALL.iter().copied().find(|rule| rule.code() == code);
        known.ok_or_else(|| serde::de::Error::custom(format!("\"{code}\" is not a rule")))
    }
}

impl Rule {
    /// The sentence on the open platform, which has its own for two of the rules.
    pub const fn sentence_on_open_platform(self) -> &'static str {
        match self {
            Rule::SmallScale => "小规模纳税人不支持抵扣类勾选。",
            Rule::StatisticGenerated => "当前属期统计表已生成，请先撤销再勾选或查询更新统计表。",
            other => other.sentence(),
        }
    }

    /// A refusal of the whole task; `detail` goes where the sentence has `{}`.
    pub fn refuses(self, detail: &str) -> Refusal {
        let sentence = self.sentence().replace("{}", detail);
        Refusal { rule: self, sentence, culprits: Vec::new() }
    }

    /// One invoice's line in the ledger.
    pub(super) fn line(self, invoice: &InvoiceKey) -> LedgerLine {
        let reason = self.sentence().to_owned();
        LedgerLine { invoice: invoice.clone(), outcome: LineOutcome::Refused, reason }
    }
}

/// The task may not be sent: 处理失败, with this sentence.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{sentence}")]
pub struct Refusal {
    pub rule: Rule,
    pub sentence: String,
    /// The invoices that are the reason; empty when it is none of them.
    pub culprits: Vec<InvoiceKey>,
}

impl Refusal {
    /// The ledger's lines for the task's invoices: one bad invoice fails all of them, and the
    /// ledger names the culprits.
    pub fn lines(&self, invoices: &[TaskInvoice]) -> Vec<LedgerLine> {
        let line = |invoice: &TaskInvoice| {
            let innocent = !self.culprits.is_empty() && !self.culprits.contains(&invoice.key);
            let sentence = if innocent { Rule::OthersRefused.sentence() } else { &self.sentence };
            LedgerLine {
                invoice: invoice.key.clone(),
                outcome: LineOutcome::Refused,
                reason: sentence.to_owned(),
            }
        };
        invoices.iter().map(line).collect()
    }
}
