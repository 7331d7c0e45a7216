//! Versions of a statistic table (统计表版本): what was generated and confirmed for a period, for good.

use super::{Figures, KnownFigures, StatisticState, TableNote, differences};
use crate::{
    Moment,
    ids::{Fence, TaskId},
    invoice::FileHash,
    kind::Kind,
    period::TaxPeriod,
    tax_no::TaxNo,
};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Which version of a tax number's tables. Written `202511-37`; later ones of a period are greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct VersionId {
    pub period: TaxPeriod,
    /// The fence of the task that told of it.
    pub order: Fence,
}

/// The text names no version.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("\"{0}\" is not a version: a period, a dash and a number, such as 202511-37")]
pub struct NotAVersion(pub String);

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.period, self.order)
    }
}

impl FromStr for VersionId {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<VersionId, NotAVersion> {
        let read = || {
            let (period, order) = text.split_once('-')?;
            let digits = order.bytes().all(|b| b.is_ascii_digit());
            let order = order.parse().ok().filter(|_| digits)?;
            Some(VersionId { period: period.parse().ok()?, order: Fence(order) })
        };
        read().ok_or_else(|| NotAVersion(text.to_owned()))
    }
}

/// The file that a version is kept as.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct VersionFile {
    pub sha256: FileHash,
    pub bytes: u64,
    /// When its invoices were read from the pool.
    pub read_at: Moment,
    /// How many invoices stand in it.
    pub invoices: u64,
    /// 核算组织 of these invoices, each once.
    pub accounting_orgs: Vec<String>,
    /// Why they are left out; empty when they are not.
    #[serde(default)]
    pub left_out: String,
}

/// A statistic table as it once was: never changed, but for its file and its withdrawal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TableVersion {
    pub tax_no: TaxNo,
    pub id: VersionId,
    pub task: TaskId,
    pub kind: Kind,
    /// Generated or confirmed.
    pub state: StatisticState,
    /// The bureau's newest ones then; None: it had never told them.
    pub known: Option<KnownFigures>,
    /// What our pool had selected for the period, in the transaction that kept the version.
    pub ours: Figures,
    /// When the bureau told of it.
    pub at: Moment,
    /// When it was found to be no more, unless a newer version had taken its place.
    pub withdrawn_at: Option<Moment>,
    /// None: not made yet.
    pub file: Option<VersionFile>,
}

impl TableVersion {
    /// Where the bureau counted otherwise than our pool; None: it never told its figures.
    pub fn differences(&self) -> Option<Figures> {
        self.known.as_ref().map(|known| differences(&known.figures, &self.ours))
    }

    /// Such as `统计表_91440300MA5G9GK78Y_202511_confirmed_37.xlsx`.
    pub fn file_name(&self) -> String {
        let VersionId { period, order } = self.id;
        format!("统计表_{}_{period}_{}_{order}.xlsx", self.tax_no, self.state.name())
    }
}

/// What stands kept of a table already: its newest version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewestVersion {
    pub state: StatisticState,
    pub figures: Option<Figures>,
    pub withdrawn: bool,
}

impl NewestVersion {
    pub fn of(version: &TableVersion) -> NewestVersion {
        NewestVersion {
            state: version.state,
            figures: version.known.as_ref().map(|known| known.figures.clone()),
            withdrawn: version.withdrawn_at.is_some(),
        }
    }

    /// Whether the note says nothing else.
    fn says(&self, note: &TableNote) -> bool {
        let same = note.figures.is_none() || note.figures == self.figures;
        !self.withdrawn && self.state == note.state && same
    }
}

/// What a note means for the versions of its table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VersionStep {
    Nothing,
    /// A version of its own.
    Keep,
    /// The newest version is withdrawn.
    Withdraw,
}

impl VersionStep {
    /// Of a task's end. Making and confirming a table is kept each time it succeeds; whatever else
    /// an operation hears of a generated or confirmed table, only where it is news.
    pub fn of(
        kind: Kind,
        succeeded: bool,
        note: &TableNote,
        newest: Option<&NewestVersion>,
    ) -> VersionStep {
        use Kind::{StatisticConfirm, StatisticCreate, StatisticQuery, StatisticWithdraw};
        let about_table =
            [StatisticQuery, StatisticCreate, StatisticWithdraw, StatisticConfirm].contains(&kind);
        if !about_table || note.period.is_none() {
            return VersionStep::Nothing;
        }
        let made = succeeded && matches!(kind, StatisticCreate | StatisticConfirm);
        match note.state {
            StatisticState::NotGenerated => match newest {
                Some(newest) if !newest.withdrawn => VersionStep::Withdraw,
                _ => VersionStep::Nothing,
            },
            StatisticState::Generating => VersionStep::Nothing,
            StatisticState::Generated | StatisticState::Confirmed => {
                let news = made || !newest.is_some_and(|newest| newest.says(note));
                if news { VersionStep::Keep } else { VersionStep::Nothing }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{NewestVersion, VersionId, VersionStep};
    use crate::{
        Moment,
        ids::Fence,
        kind::Kind,
        money::Fen,
        statistic::{Figures, StatisticState, Sum, TableNote, TypeFigures},
    };

    /// `generated 2`: a state, and how many invoices the figures count; `-` for no figures.
    fn told(text: &str) -> (StatisticState, Option<Figures>) {
        let (state, count) = text.split_once(' ').expect("a state and a count");
        let state = serde_json::from_value(state.into()).expect("a state");
        let figures = count.parse().ok().map(|count| {
            let deducted = Sum { count, amount: Fen(0), tax: Fen(0) };
            let invoice_type = "27".parse().expect("a type");
            Figures::new([TypeFigures { invoice_type, deducted, not_deducted: Sum::default() }])
        });
        (state, figures)
    }

    /// `confirmed 2 withdrawn`; empty: there is none.
    fn newest(text: &str) -> Option<NewestVersion> {
        let withdrawn = text.ends_with(" withdrawn");
        let kept = text.trim_end_matches(" withdrawn");
        (!kept.is_empty()).then(|| {
            let (state, figures) = told(kept);
            NewestVersion { state, figures, withdrawn }
        })
    }

    #[test]
    fn what_is_kept_of_a_table() {
        let table = "
            statistic_create   | done    | generated 2     |                       | Keep
            statistic_create   | done    | generated 2     | generated 2           | Keep
            statistic_create   | done    | generated -     | generated 2           | Keep
            statistic_create   | done    | generating -    |                       | Nothing
            statistic_create   | refused | confirmed -     | confirmed 2           | Nothing
            statistic_create   | refused | confirmed -     | generated 2           | Keep
            statistic_create   | refused | confirmed -     |                       | Keep
            statistic_confirm  | done    | confirmed -     | generated 2           | Keep
            statistic_confirm  | done    | confirmed -     | confirmed 2           | Keep
            statistic_confirm  | refused | generated 3     | generated 2           | Keep
            statistic_confirm  | refused | not_generated - | generated 2           | Withdraw
            statistic_query    | done    | generated 2     |                       | Keep
            statistic_query    | done    | generated 2     | generated 2           | Nothing
            statistic_query    | done    | generated -     | generated 2           | Nothing
            statistic_query    | done    | generated 2     | generated -           | Keep
            statistic_query    | done    | generated 3     | generated 2           | Keep
            statistic_query    | done    | generated 0     | generated 2           | Keep
            statistic_query    | done    | confirmed 2     | generated 2           | Keep
            statistic_query    | done    | generated 2     | generated 2 withdrawn | Keep
            statistic_query    | done    | not_generated 0 |                       | Nothing
            statistic_query    | done    | not_generated 0 | generated 2           | Withdraw
            statistic_query    | done    | not_generated 0 | generated 2 withdrawn | Nothing
            statistic_query    | done    | generating -    | generated 2           | Nothing
            statistic_withdraw | done    | not_generated - | confirmed 2           | Withdraw
            statistic_withdraw | done    | not_generated - | confirmed 2 withdrawn | Nothing
            statistic_withdraw | refused | confirmed -     | confirmed 2           | Nothing
            deduction_select   | refused | generated -     |                       | Nothing
            rebate_statistic_confirm | done | confirmed -  |                       | Nothing
        ";
        for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let [kind, ended, note, kept, expected] = cells[..] else { panic!("{line}") };
            let kind: Kind = serde_json::from_value(kind.into()).expect("a kind");
            let (state, figures) = told(note);
            let period = Some("202511".parse().expect("a period"));
            let note = TableNote { period, state, figures, at: Moment::UNIX_EPOCH };
            let step = VersionStep::of(kind, ended == "done", &note, newest(kept).as_ref());
            assert_eq!(format!("{step:?}"), expected, "{line}");
            let nowhere = TableNote { period: None, ..note };
            let step = VersionStep::of(kind, ended == "done", &nowhere, None);
            assert_eq!(step, VersionStep::Nothing, "without a period there is no table: {line}");
        }
    }

    #[test]
    fn a_version_is_named_by_its_period_and_order() {
        let id = VersionId { period: "202511".parse().expect("a period"), order: Fence(37) };
        assert_eq!((id.to_string().as_str(), "202511-37".parse()), ("202511-37", Ok(id)));
        for text in ["", "202511", "202511-", "202513-1", "202511--1", "202511-+1", "202511-x"] {
            let refused = text.parse::<VersionId>().expect_err(text).to_string();
            assert!(refused.starts_with(&format!("\"{text}\" is not a version: ")), "{refused}");
        }
    }
}
