//! Reading what was asked about the statistic table, its confirmation or the period.

use super::{cannot_tell, period_of, with_lines};
use crate::{
    reading::{codes, lines::Asked, sentence_or},
    wire::leqi::{Business, StatisticLine},
};
use domain::{
    answer::{Answer, Outcome, PeriodFacts, ReadBackAnswer},
    invoice::InvoiceType,
    kind::Kind,
    period::TaxPeriod,
    statistic::{Figures, StatisticState, Sum, TypeFigures},
    task::Act,
};

/// The result of a request about the statistic table, its confirmation or the period.
pub(super) fn by_request(business: &Business, asked: &Asked<'_>) -> Answer {
    let code = business.cljg.as_deref().unwrap_or_default();
    if code == "01" {
        return Answer::Succeeded(Outcome {
            statistic: leaves_behind(asked),
            figures: figures_of(business),
            period: period_of(business).or(asked.period),
            ..Outcome::default()
        });
    }
    let own = business.cljgms.as_deref().unwrap_or_default();
    let sentence = sentence_or(own, codes::request(code).sentence);
    let meaning = codes::request(code);
    let sentence = match (code, meaning.too_early) {
        ("05", _) => meaning.sentence.to_owned(),
        (_, true) => codes::with_first_date(&sentence, asked.period),
        _ => sentence,
    };
    let outcome = Outcome { statistic: meaning.statistic, ..Outcome::default() };
    with_lines(
        Answer::Refused { code: code.to_owned(), sentence, outcome: Box::new(outcome) },
        asked,
    )
}

/// The table's state after the step succeeded.
fn leaves_behind(asked: &Asked<'_>) -> Option<StatisticState> {
    match (asked.act, asked.kind) {
        (Act::WithdrawConfirmation | Act::RecreateTable, _) => Some(StatisticState::Generated),
        (Act::WithdrawTable, _) => Some(StatisticState::NotGenerated),
        (_, Kind::StatisticCreate) => Some(StatisticState::Generated),
        (_, Kind::StatisticWithdraw) => Some(StatisticState::NotGenerated),
        (_, Kind::StatisticConfirm) => Some(StatisticState::Confirmed),
        _ => None,
    }
}

/// What the current period and its table say of a submission that changes them.
pub fn read_back_period(
    facts: &PeriodFacts,
    asked: &Asked<'_>,
    target: Option<TaxPeriod>,
) -> ReadBackAnswer {
    use StatisticState::{Confirmed, Generated, Generating, NotGenerated};
    let state = facts.statistic;
    let took = match (asked.act, asked.kind) {
        (Act::WithdrawConfirmation, _) => state != Confirmed,
        (Act::WithdrawTable, _) | (_, Kind::StatisticWithdraw) => state == NotGenerated,
        (Act::RecreateTable, _) | (_, Kind::StatisticCreate) => {
            if state == Generating {
                return ReadBackAnswer::InProgress(None);
            }
            matches!(state, Generated | Confirmed)
        }
        (_, Kind::StatisticConfirm) => state == Confirmed,
        (_, Kind::PeriodChange) => target == Some(facts.period),
        _ => return cannot_tell(),
    };
    if took {
        ReadBackAnswer::Found(Outcome {
            statistic: Some(state),
            period: Some(facts.period),
            ..Outcome::default()
        })
    } else {
        ReadBackAnswer::Absent
    }
}

/// What the table counts. Figures that cannot be read are none: the rest counts all the same.
pub(super) fn figures_of(business: &Business) -> Option<Figures> {
    let rows: Option<Vec<TypeFigures>> = business.tjmx.as_ref()?.iter().map(type_figures).collect();
    if rows.is_none() {
        tracing::warn!("the figures of 乐企 cannot be read");
    }
    rows.map(Figures::new)
}

fn type_figures(line: &StatisticLine) -> Option<TypeFigures> {
    let sum = |count, amount: &str, tax: &str| {
        Some(Sum { count, amount: amount.parse().ok()?, tax: tax.parse().ok()? })
    };
    Some(TypeFigures {
        invoice_type: InvoiceType::from_fplx(&line.fplx)?,
        deducted: sum(line.dkfs, &line.dkje, &line.dkse)?,
        not_deducted: sum(line.bdkfs, &line.bdkje, &line.bdkse)?,
    })
}
