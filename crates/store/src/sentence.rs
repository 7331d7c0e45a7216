//! Sentences for people that only the store can come to say.

use domain::kind::Action;

/// List rules 4 and 5 (`domain/selection-rules.md` section 4): an unfinished task holds the
/// invoice, which therefore shows 勾选中.
pub(crate) const fn held_elsewhere(action: Action) -> &'static str {
    match action {
        Action::Deselect => "发票勾选状态不是已勾选，不能撤销勾选，请先从税局下载更新",
        Action::Select => "发票勾选状态不是未勾选或预勾选，不能勾选，请先从税局下载更新",
    }
}

/// The invoice itself was in order; another one of the same task was not.
pub(crate) const REFUSED_WITH_OTHERS: &str = "同一任务中有其他发票不能处理，本发票未提交。";

/// Taken from dead workers too often with nothing sent.
pub(crate) const RESCUED_TOO_OFTEN: &str = "处理进程多次中断，任务未完成，请重试。";

/// Taken from dead workers too often after something may have been sent.
pub(crate) const UNKNOWN_AFTER_RESCUES: &str =
    "处理进程多次中断，税局是否已受理无法确定，请人工到税局核对。";

/// Awaiting or Unclear beyond the deadline.
pub(crate) const UNKNOWN_AFTER_DEADLINE: &str =
    "税局长时间未返回结果，是否已受理无法确定，请人工到税局核对。";

/// Parked beyond the deadline with nothing sent.
pub(crate) const NO_LOGIN_IN_TIME: &str = "账号在期限内未登录，任务未提交。";

/// Cancelled by us before the bureau had acted.
pub(crate) fn cancelled(by: &str, reason: &str) -> String {
    format!("任务已被{by}取消，原因：{reason}。")
}

/// Taken back into the queue after its worker died.
pub(crate) const QUEUED_AFTER_RESCUE: &str = "处理进程中断，任务已重新排队。";

/// Its worker died after something may have been sent.
pub(crate) const UNCLEAR_AFTER_RESCUE: &str = "处理进程中断，正在向税局核对是否已受理。";

/// Its worker died while the bureau worked.
pub(crate) const AWAITING_AFTER_RESCUE: &str = "税局已受理，等待结果。";
