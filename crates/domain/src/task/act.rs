//! The acts of a task: what it submits at the bureau, one after the other.

use crate::kind::Kind;

/// A step of a task that acts at the bureau. Each is submitted at most once with effect.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// What the task is for.
    Submit,
    /// Withdrawing the confirmation, before a confirmed table can be withdrawn.
    WithdrawConfirmation,
    /// Withdrawing a table that no longer matches (333), before it is made again.
    WithdrawTable,
    /// Making the table again after [`Act::WithdrawTable`].
    RecreateTable,
    /// What the task is for, once more, after what stood in its way.
    SubmitAgain,
}

impl Act {
    pub const ALL: [Act; 5] = [
        Act::Submit,
        Act::WithdrawConfirmation,
        Act::WithdrawTable,
        Act::RecreateTable,
        Act::SubmitAgain,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Act::Submit => "submit",
            Act::WithdrawConfirmation => "withdraw_confirmation",
            Act::WithdrawTable => "withdraw_table",
            Act::RecreateTable => "recreate_table",
            Act::SubmitAgain => "submit_again",
        }
    }

    /// The word that users read; None: what the task itself is called.
    pub const fn label(self) -> Option<&'static str> {
        match self {
            Act::Submit | Act::SubmitAgain => None,
            Act::WithdrawConfirmation => Some("撤销确认"),
            Act::WithdrawTable => Some("撤销统计表"),
            Act::RecreateTable => Some("重新生成统计表"),
        }
    }

    pub fn from_name(name: &str) -> Option<Act> {
        Act::ALL.into_iter().find(|act| act.name() == name)
    }

    /// Whether this is what the task is for, and no step on the way to it.
    pub const fn is_the_tasks_own(self) -> bool {
        matches!(self, Act::Submit | Act::SubmitAgain)
    }
}

/// What the bureau said of an act that is over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ActSaid {
    Done,
    /// In the bureau's code, such as `333`.
    Refused {
        code: String,
    },
}

/// In front of the code of a refusal, as evidence has it.
const REFUSED: &str = "refused ";

impl ActSaid {
    /// As evidence keeps it: `done`, or `refused`, the code and the bureau's sentence.
    pub fn written(&self, sentence: &str) -> String {
        match self {
            ActSaid::Done => "done".to_owned(),
            ActSaid::Refused { code } => format!("{REFUSED}{code} {sentence}").trim().to_owned(),
        }
    }

    /// From evidence; other words than those of a refusal say that it is done.
    pub fn read(written: &str) -> ActSaid {
        match written.strip_prefix(REFUSED).and_then(|rest| rest.split(' ').next()) {
            Some(code) => ActSaid::Refused { code: code.to_owned() },
            None => ActSaid::Done,
        }
    }
}

/// The act that is due, when these are over; None: the task is.
///
/// Every task begins with what it is for. Only when the bureau says that something stands in its
/// way, and we know how that is put right, do others follow, in their order, and then the task's
/// own once more. That one's answer is final, as is a refusal of any other. Nothing is put right
/// for a task that may confirm `as_approved` alone: a table that is made anew may count otherwise.
pub fn due(kind: Kind, as_approved: bool, over: &[(Act, ActSaid)]) -> Option<Act> {
    let said = |act: Act| over.iter().rev().find(|(other, _)| *other == act).map(|(_, said)| said);
    match said(Act::Submit) {
        None => return Some(Act::Submit),
        Some(ActSaid::Done) => return None,
        Some(ActSaid::Refused { .. }) if as_approved => return None,
        Some(ActSaid::Refused { code }) => {
            for act in put_right(kind, code) {
                match said(*act) {
                    None => return Some(*act),
                    Some(ActSaid::Done) => {}
                    Some(ActSaid::Refused { .. }) => return None,
                }
            }
        }
    }
    None
}

/// What puts right what the bureau refused for this code: 10, the table is confirmed; 333, it no
/// longer matches.
fn put_right(kind: Kind, code: &str) -> &'static [Act] {
    match (kind, code) {
        (Kind::StatisticWithdraw, "10") => &[Act::WithdrawConfirmation, Act::SubmitAgain],
        (Kind::StatisticConfirm, "333") => {
            &[Act::WithdrawTable, Act::RecreateTable, Act::SubmitAgain]
        }
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::{Act, ActSaid, due};
    use crate::kind::Kind;

    /// Kind | what is over | what is due.
    const ROUTES: &str = "
statistic_create | | submit
statistic_create | submit done | -
statistic_create | submit 10 | -
statistic_withdraw | | submit
statistic_withdraw | submit done | -
statistic_withdraw | submit 13 | -
statistic_withdraw | submit 333 | -
statistic_withdraw | submit 10 | withdraw_confirmation
statistic_withdraw | submit 10, withdraw_confirmation done | submit_again
statistic_withdraw | submit 10, withdraw_confirmation 13 | -
statistic_withdraw | submit 10, withdraw_confirmation done, submit_again done | -
statistic_withdraw | submit 10, withdraw_confirmation done, submit_again 10 | -
statistic_confirm | | submit
statistic_confirm | submit done | -
statistic_confirm | submit 222 | -
statistic_confirm | submit 444 | -
statistic_confirm | submit 10 | -
statistic_confirm | submit 333 | withdraw_table
statistic_confirm | submit 333, withdraw_table done | recreate_table
statistic_confirm | submit 333, withdraw_table 10 | -
statistic_confirm | submit 333, withdraw_table done, recreate_table done | submit_again
statistic_confirm | submit 333, withdraw_table done, recreate_table 99 | -
statistic_confirm | submit 333, withdraw_table done, recreate_table done, submit_again done | -
statistic_confirm | submit 333, withdraw_table done, recreate_table done, submit_again 333 | -
rebate_statistic_confirm | submit 333 | -
deduction_select | submit 10 | -
";

    fn over(text: &str) -> Vec<(Act, ActSaid)> {
        let one = |text: &str| {
            let (act, said) = text.trim().split_once(' ').expect("an act and what was said");
            let said = match said {
                "done" => ActSaid::Done,
                code => ActSaid::Refused { code: code.to_owned() },
            };
            (Act::from_name(act).expect("an act"), said)
        };
        text.split(',').filter(|one| !one.trim().is_empty()).map(one).collect()
    }

    #[test]
    fn every_route() {
        for line in ROUTES.lines().filter(|line| !line.is_empty()) {
            let columns: Vec<&str> = line.split('|').map(str::trim).collect();
            let [kind, said, expected] = columns[..] else { panic!("{line}") };
            let kind: Kind = kind.parse().expect("a kind");
            let found = due(kind, false, &over(said)).map_or("-", Act::name);
            assert_eq!(found, expected, "{line}");
            let as_approved = due(kind, true, &over(said)).map_or("-", Act::name);
            let expected = if said.is_empty() { "submit" } else { "-" };
            assert_eq!(as_approved, expected, "as approved: {line}");
        }
    }

    #[test]
    fn whatever_the_bureau_says_a_route_ends_and_no_act_is_due_twice() {
        for kind in Kind::ALL {
            for code in ["done", "10", "333", "99"] {
                let mut over = Vec::new();
                while let Some(act) = due(*kind, false, &over) {
                    assert!(over.iter().all(|(other, _)| *other != act), "{kind} {over:?}");
                    let said = match (act, code) {
                        (Act::Submit, code) if code != "done" => {
                            ActSaid::Refused { code: code.to_owned() }
                        }
                        _ => ActSaid::Done,
                    };
                    over.push((act, said));
                }
            }
        }
    }

    #[test]
    fn what_was_said_is_read_as_it_is_written() {
        let refused = ActSaid::Refused { code: "333".to_owned() };
        for (said, sentence) in [(ActSaid::Done, ""), (refused.clone(), "不一致。"), (refused, "")]
        {
            assert_eq!(ActSaid::read(&said.written(sentence)), said);
        }
        assert_eq!(ActSaid::read("已撤销"), ActSaid::Done, "the bureau's own words");
    }
}
