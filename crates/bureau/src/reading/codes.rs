//! The bureau's codes: one table for invoices, one for requests about the statistic table.

use domain::{ledger::LineOutcome, period::TaxPeriod, statistic::StatisticState};

/// What a code says of one invoice.
pub(super) struct LineCode {
    pub(super) outcome: LineOutcome,
    /// Ours, where the bureau gives none.
    pub(super) sentence: &'static str,
}

/// `cljg` of an invoice, and the robot's words beside it.
pub(super) fn line(code: &str) -> LineCode {
    use LineOutcome::{Failed, Refused, Succeeded, Unknown};
    let (outcome, sentence) = match code {
        "01" | "not_selected" => (Succeeded, ""),
        "02" => (Refused, "税局查无此票。"),
        "03" => (Refused, "发票异常，税局不允许勾选。"),
        "04" => (Refused, "发票已超过勾选期限。"),
        "05" => (
            Refused,
            "当前税款所属期统计表已生成，请撤销统计再勾选，或使用【当期抵扣勾选统计】查询更新统计。",
        ),
        "06" => (Unknown, "税局提示发票已勾选，正在读取发票用途。"),
        "07" => (Refused, "未到期发票不能勾选。"),
        "11" => (Refused, "低版本发票，税局不允许勾选。"),
        "12" => (Refused, "机动车发票异常，税局不允许勾选。"),
        "13" => (Refused, "发票号码重复。"),
        "31" => (Refused, "农产品发票尚未确认用途。"),
        "32" => (Refused, "退税及不可抵扣发票，税局不允许勾选。"),
        "33" => (Refused, "小规模纳税人期间取得的发票，税局不允许勾选。"),
        "34" => (Refused, "海关缴款书不允许用于该用途。"),
        "99" => (Failed, "税局返回其他错误。"),
        // A code that we do not know decides nothing: the use does.
        _ => (Unknown, "税局返回了未知的处理结果，正在读取发票用途。"),
    };
    LineCode { outcome, sentence }
}

/// What a code says of a request about the statistic table or its confirmation.
pub(super) struct RequestCode {
    pub(super) sentence: &'static str,
    /// The state that the refusal implies.
    pub(super) statistic: Option<StatisticState>,
    /// Refused for being too early: works from the first day after the period.
    pub(super) too_early: bool,
}

const fn refusal(sentence: &'static str) -> RequestCode {
    RequestCode { sentence, statistic: None, too_early: false }
}

const fn implies(sentence: &'static str, statistic: StatisticState) -> RequestCode {
    RequestCode { sentence, statistic: Some(statistic), too_early: false }
}

const fn early(sentence: &'static str) -> RequestCode {
    RequestCode { sentence, statistic: None, too_early: true }
}

/// `cljg` of a statistic or confirmation request, and the robot's `reason_code`.
pub(super) fn request(code: &str) -> RequestCode {
    use StatisticState::{Confirmed, Generated, NotGenerated};
    match code {
        "04" => refusal("税局查无此税号。"),
        "05" => implies(line("05").sentence, Generated),
        "07" => implies("尚未生成统计表，不能确认。", NotGenerated),
        "08" => implies("统计表已确认，不能重复确认。", Confirmed),
        "09" | "11" => early("税款所属期为当月，不能确认统计表。"),
        "10" => implies("统计表已确认，请先撤销确认再撤销统计。", Confirmed),
        "12" => refusal("统计数据异常。"),
        "13" => refusal("没有办理该业务的权限。"),
        "222" => early("未到统计表确认日期。"),
        "333" => refusal("当前数据与统计表不一致，请撤销统计后重新生成并确认。"),
        "444" => refusal("存在被红字锁定的已勾选发票，请先撤销勾选该发票。"),
        "99" => refusal("税局返回其他错误。"),
        _ => refusal("税局拒绝了该请求。"),
    }
}

/// Adds the first date on which it can work.
pub(super) fn with_first_date(sentence: &str, period: Option<TaxPeriod>) -> String {
    let Some(period) = period else { return sentence.to_owned() };
    let first = period.next().first_day();
    format!("{}，{} 起可以办理。", sentence.trim_end_matches('。'), first.format("%Y-%m-%d"))
}

/// The open platform's codes of a statistic table, which 乐企 is taken to share.
pub(super) fn statistic(code: &str) -> Option<StatisticState> {
    match code {
        "01" | "22" | "23" => Some(StatisticState::NotGenerated),
        "02" | "03" | "04" | "24" | "25" => Some(StatisticState::Generated),
        "05" => Some(StatisticState::Confirmed),
        "21" => Some(StatisticState::Generating),
        _ => None,
    }
}
