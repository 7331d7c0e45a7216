//! Why a task is not running now, as one sentence.

use crate::{Moment, bureau::LaneKey, ids::TaskId, kind::Kind, period::shanghai, tax_no::TaxNo};
use serde::{Deserialize, Serialize};

/// Who holds a key, and since when.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Holder {
    pub task: TaskId,
    pub kind: Kind,
    pub tax_no: TaxNo,
    /// None: it holds the tax number only.
    pub lane: Option<LaneKey>,
    pub since: Moment,
}

/// Who paused something, and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PauseNote {
    pub by: String,
    pub reason: String,
    pub since: Moment,
}

/// Why a task does not start now. The first that applies, in the order of this list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "hindrance")]
pub enum Hindrance {
    /// It does not wait any more: cancelled, running, or ended.
    Gone,
    /// No account serves its tax number yet; the import of one queues it.
    NoAccount {
        tax_no: TaxNo,
    },
    /// Its time has not come.
    NotBefore {
        until: Moment,
    },
    LanePaused {
        lane: LaneKey,
        note: PauseNote,
    },
    TaxPaused {
        tax_no: TaxNo,
        note: PauseNote,
    },
    /// The account is off line. If a person must log in, nothing else helps.
    Offline {
        lane: LaneKey,
    },
    LaneThrottled {
        lane: LaneKey,
        until: Moment,
    },
    TaxThrottled {
        tax_no: TaxNo,
        until: Moment,
    },
    /// No worker serves the lane.
    NoOwner {
        lane: LaneKey,
    },
    /// The account may not be switched to this tax number before then.
    SwitchLimit {
        lane: LaneKey,
        until: Moment,
    },
    TaxBusy {
        holder: Holder,
    },
    /// A task of a higher class of the same tax number goes first.
    HigherClass {
        task: TaskId,
        kind: Kind,
        lane: LaneKey,
    },
    /// A task of the same tax number in the same lane was there earlier.
    EarlierPlace {
        task: TaskId,
        kind: Kind,
    },
    LaneBusy {
        holder: Holder,
    },
    /// The account works for another tax number first: switching is scarce.
    OtherVisit {
        lane: LaneKey,
        on: Option<TaxNo>,
    },
    /// A task of the same tax number is being logged, and may go first: looked at again at once.
    BeingLogged,
    /// Nothing hinders it: it is about to start.
    AboutToStart,
}

impl Hindrance {
    /// A bounded name, for metric labels and JSON.
    pub const fn code(&self) -> &'static str {
        match self {
            Hindrance::Gone => "gone",
            Hindrance::NoAccount { .. } => "no_account",
            Hindrance::NotBefore { .. } => "not_before",
            Hindrance::LanePaused { .. } => "lane_paused",
            Hindrance::TaxPaused { .. } => "tax_paused",
            Hindrance::Offline { .. } => "offline",
            Hindrance::LaneThrottled { .. } => "lane_throttled",
            Hindrance::TaxThrottled { .. } => "tax_throttled",
            Hindrance::NoOwner { .. } => "no_owner",
            Hindrance::SwitchLimit { .. } => "switch_limit",
            Hindrance::TaxBusy { .. } => "tax_busy",
            Hindrance::HigherClass { .. } => "higher_class",
            Hindrance::EarlierPlace { .. } => "earlier_place",
            Hindrance::LaneBusy { .. } => "lane_busy",
            Hindrance::OtherVisit { .. } => "other_visit",
            Hindrance::BeingLogged => "being_logged",
            Hindrance::AboutToStart => "about_to_start",
        }
    }

    /// The sentence that people read.
    pub fn sentence(&self) -> String {
        match self {
            Hindrance::Gone => "任务已不在等待。".into(),
            Hindrance::NoAccount { tax_no } => {
                format!("税号{tax_no}暂无可用的电子税局账号，导入账号后自动开始。")
            }
            Hindrance::NotBefore { until } => format!("未到开始时间，{}后开始。", clock(*until)),
            Hindrance::LanePaused { lane, note } => format!(
                "{}已被{}于{}暂停，原因：{}。",
                lane_words(lane),
                note.by,
                clock(note.since),
                note.reason
            ),
            Hindrance::TaxPaused { tax_no, note } => format!(
                "税号{tax_no}已被{}于{}暂停，原因：{}。",
                note.by,
                clock(note.since),
                note.reason
            ),
            Hindrance::Offline { lane } => format!("{}未登录，等待人工登录。", lane_words(lane)),
            Hindrance::LaneThrottled { lane, until } => {
                format!("{}被税局限流，{}后继续。", lane_words(lane), clock(*until))
            }
            Hindrance::TaxThrottled { tax_no, until } => {
                format!("税号{tax_no}被税局限流，{}后继续。", clock(*until))
            }
            Hindrance::NoOwner { lane } => format!("{}暂无工作进程处理。", lane_words(lane)),
            Hindrance::SwitchLimit { lane, until } => {
                format!("{}切换税号已达上限，{}后可切换。", lane_words(lane), clock(*until))
            }
            Hindrance::TaxBusy { holder } => format!(
                "税号{}的{}任务正在处理（{}，自{}起）。",
                holder.tax_no,
                holder.kind.label(),
                holder.task,
                clock(holder.since)
            ),
            Hindrance::HigherClass { task, kind, lane } => format!(
                "同税号有优先级更高的{}任务在{}等待（{task}）。",
                kind.label(),
                lane_words(lane)
            ),
            Hindrance::EarlierPlace { task, kind } => {
                format!("同税号有更早的{}任务在等待（{task}）。", kind.label())
            }
            Hindrance::LaneBusy { holder } => format!(
                "同账号在同税局有税号{}的{}任务正在处理（{}，自{}起）。",
                holder.tax_no,
                holder.kind.label(),
                holder.task,
                clock(holder.since)
            ),
            Hindrance::OtherVisit { lane, on: Some(tax_no) } => {
                format!("{}正在处理税号{tax_no}的任务，为节省切换次数稍后处理。", lane_words(lane))
            }
            Hindrance::OtherVisit { lane, on: None } => {
                format!("{}先处理其他税号的任务。", lane_words(lane))
            }
            Hindrance::BeingLogged => "同税号有新任务正在登记，随即开始处理。".into(),
            Hindrance::AboutToStart => "即将开始处理。".into(),
        }
    }
}

fn lane_words(lane: &LaneKey) -> String {
    if lane.account.is_leqi() {
        format!("{}乐企通道", lane.bureau.name())
    } else {
        format!("{}电子税局账号{}", lane.bureau.name(), lane.account)
    }
}

fn clock(at: Moment) -> String {
    at.with_timezone(&shanghai()).format("%Y-%m-%d %H:%M:%S").to_string()
}
