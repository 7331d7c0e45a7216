//! Statistic tables (统计表): once generated, they lock selection.

mod compared;
mod figures;
mod stage;
mod version;

pub use compared::{Compared, compared, use_label};
pub use figures::{Figures, KnownFigures, Sum, TableCard, TableNote, TypeFigures, differences};
pub use stage::Stage;
pub use version::{NewestVersion, NotAVersion, TableVersion, VersionFile, VersionId, VersionStep};

use crate::{Moment, ids::Fence};
use serde::{Deserialize, Serialize};

/// State of the table of one tax number and period.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatisticState {
    NotGenerated,
    Generating,
    Generated,
    Confirmed,
}

impl StatisticState {
    /// Whether selecting and deselecting are refused: 02, 03, 04, 05, 21, 24, 25.
    pub const fn locks_selection(self) -> bool {
        !matches!(self, StatisticState::NotGenerated)
    }

    pub const fn name(self) -> &'static str {
        match self {
            StatisticState::NotGenerated => "not_generated",
            StatisticState::Generating => "generating",
            StatisticState::Generated => "generated",
            StatisticState::Confirmed => "confirmed",
        }
    }

    /// The word that users read.
    pub const fn label(self) -> &'static str {
        match self {
            StatisticState::NotGenerated => "未生成",
            StatisticState::Generating => "生成中",
            StatisticState::Generated => "已生成",
            StatisticState::Confirmed => "已确认",
        }
    }
}

/// What the bureau said of a table, and when it was asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StatisticReading {
    pub state: StatisticState,
    pub asked_at: Moment,
    /// The fence of whoever asked; an older reading never replaces a newer one.
    #[serde(default = "never")]
    pub order: Fence,
}

fn never() -> Fence {
    Fence(0)
}
