//! Sentences for people that the fleet itself says; the rules have theirs in `domain::rules`.

use crate::ports::desk::Note;

pub const OUTCOME_UNKNOWN: &str = "税局处理结果未知，需人工到税局核实后再处理。";
pub const ABSENT: &str = "经人工到税局核实，该任务未产生任何结果，可重试。";
pub const PARKED_TOO_LONG: &str = "等待登录已超过截止时间，请登录电子税局账号后重试。";
pub const CANCELLED: &str = "任务已取消。";
pub const SWITCH_LIMIT: &str = "账号切换税号已达上限，稍后自动继续。";

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
