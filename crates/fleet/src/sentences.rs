//! Sentences for people that the fleet itself says; the rules have theirs in `domain::rules`.

use crate::ports::desk::Note;

pub const OUTCOME_UNKNOWN: &str = "税局处理结果未知，需人工到税局核实后再处理。";
pub const ABSENT: &str = "经人工到税局核实，该任务未产生任何结果，可重试。";
pub const PARKED_TOO_LONG: &str = "等待登录已超过截止时间，请登录电子税局账号后重试。";
pub const CANCELLED: &str = "任务已取消。";
pub const SWITCH_LIMIT: &str = "账号切换税号已达上限，稍后自动继续。";

pub const NOT_BROUGHT: &str = "税局未返回该发票，请核对发票代码和号码。";
pub const NO_RECEIPT: &str = "税局没有返回下载的受理编号，稍后重试。";

pub const NO_FILE: &str = "税局没有该发票的版式文件。";

/// So many files, of so many of the invoices that were asked for.
pub fn archived(files: usize, done: usize, invoices: usize) -> String {
    format!("已保存{done}张发票的{files}个版式文件，{}张未保存。", invoices - done)
}

/// With who did it and why.
pub fn noted(sentence: &str, note: &Note) -> String {
    format!("{sentence}（{}：{}）", note.by, note.reason)
}

/// So many workers died while they ran it.
pub fn rescued_too_often(deaths: u32) -> String {
    format!(
        "执行该任务的处理进程已意外中断{deaths}次，任务已停止，可重试；再次发生请联系运维检查。"
    )
}
