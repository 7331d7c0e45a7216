//! How far a tax number is with a period: selected → statistics → confirmed → filed.

use super::StatisticState;
use serde::{Deserialize, Serialize};

/// The column of the matrix that a tax number stands in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// No table stands in the way of selecting, or none is known.
    Selecting,
    /// 统计表 is being generated, or generated.
    Statistics,
    Confirmed,
    /// A 税务申报 task of the period succeeded.
    Filed,
}

impl Stage {
    pub const ALL: [Stage; 4] =
        [Stage::Selecting, Stage::Statistics, Stage::Confirmed, Stage::Filed];

    pub const fn name(self) -> &'static str {
        match self {
            Stage::Selecting => "selecting",
            Stage::Statistics => "statistics",
            Stage::Confirmed => "confirmed",
            Stage::Filed => "filed",
        }
    }

    /// The word that users read.
    pub const fn label(self) -> &'static str {
        match self {
            Stage::Selecting => "未统计",
            Stage::Statistics => "已统计",
            Stage::Confirmed => "已确认",
            Stage::Filed => "已申报",
        }
    }

    pub fn from_name(name: &str) -> Option<Stage> {
        Stage::ALL.into_iter().find(|stage| stage.name() == name)
    }

    /// From the table as it is known, and whether the period was filed.
    pub const fn of(table: Option<StatisticState>, filed: bool) -> Stage {
        match table {
            _ if filed => Stage::Filed,
            Some(StatisticState::Confirmed) => Stage::Confirmed,
            Some(StatisticState::Generating | StatisticState::Generated) => Stage::Statistics,
            Some(StatisticState::NotGenerated) | None => Stage::Selecting,
        }
    }
}
