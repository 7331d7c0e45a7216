//! Reading the answers of 乐企: three layers of failure.

mod download;
mod table;
mod uses;

pub use download::package;
pub use table::read_back_period;
pub use uses::{NO_SUCH_INVOICE, invoice_use, read_back_uses, uses, with_unread};

use super::{
    Exchange, Nature, PROTECTION, codes, lines,
    lines::{Asked, Said},
    lost, never_arrived, pause_from, sentence_or, unreadable,
};
use crate::wire::leqi::{Business, Reply};
use domain::{
    Moment,
    answer::{Answer, Outcome, PeriodFacts, ReadBackAnswer, Receipt, ThrottleScope},
    kind::{Kind, ReadBack},
    ledger::LineOutcome,
    period::TaxPeriod,
    task::Act,
};

/// What 乐企 does not publish, as far as reading depends on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Codes {
    /// `returncode`s of a result service that mean "still at work".
    pub running: Vec<String>,
    /// `returncode`s and `Response.Error.Code`s that mean "too many calls".
    pub throttled: Vec<String>,
}

impl Default for Codes {
    fn default() -> Codes {
        Codes { running: vec!["02".to_owned()], throttled: vec!["TooManyRequests".to_owned()] }
    }
}

/// The current period and the state of its statistic table.
pub fn period(exchange: &Exchange, codes: &Codes, now: Moment) -> Result<PeriodFacts, Answer> {
    let business = opened(exchange, Nature::Reads, codes, now)?;
    let period = period_of(&business);
    let statistic = business.tjzt.as_deref().and_then(codes::statistic);
    period.zip(statistic).map(|(period, statistic)| PeriodFacts { period, statistic }).ok_or_else(
        || Answer::Faltered {
            sentence: "乐企返回的税款所属期或统计状态无法识别。".to_owned()
        },
    )
}

/// What a submission came to: a batch serial, or an outcome at once (period, statistic, change).
pub fn submission(exchange: &Exchange, nature: Nature, codes: &Codes, asked: &Asked<'_>) -> Answer {
    let business = match opened(exchange, nature, codes, asked.now) {
        Ok(business) => business,
        Err(answer) => return with_lines(answer, asked),
    };
    match &business.pclsh {
        Some(serial) if !serial.is_empty() => Answer::Accepted(Receipt(serial.clone())),
        _ => match &business.cljg {
            Some(_) => table::by_request(&business, asked),
            None => immediate(&business, nature, asked),
        },
    }
}

/// What asking with a batch serial came to.
pub fn result(exchange: &Exchange, codes: &Codes, asked: &Asked<'_>) -> Answer {
    let business = match opened(exchange, Nature::Reads, codes, asked.now) {
        Ok(business) => business,
        // The question was refused, not the submission: what became of that is still open.
        Err(Answer::Refused { sentence, .. }) => return Answer::Faltered { sentence },
        Err(answer) => return answer,
    };
    // An empty list says nothing beside a result of the request, nor of what has no invoices.
    let by_line = business.fpmx.as_ref().is_some_and(|results| {
        !results.is_empty() || (business.cljg.is_none() && !asked.invoices.is_empty())
    });
    match &business.cljg {
        _ if by_line => by_invoice(&business, asked),
        Some(_) => table::by_request(&business, asked),
        None if business.packages.is_some() => download::packages(business, asked),
        None => Answer::Faltered { sentence: "乐企的处理结果缺少内容。".to_owned() },
    }
}

/// 乐企 has no memory of our request ids.
pub fn cannot_tell() -> ReadBackAnswer {
    ReadBackAnswer::CannotTell {
        sentence: "乐企无法查询该任务是否办理成功，结果未知，请人工到税局核实。".to_owned(),
    }
}

/// How a step is read back here: what undoes something on the way is seen in the table.
pub fn how_read_back(kind: Kind, act: Act) -> ReadBack {
    match act {
        Act::Submit | Act::SubmitAgain => kind.traits().read_back,
        Act::WithdrawConfirmation | Act::WithdrawTable | Act::RecreateTable => {
            ReadBack::StatisticState
        }
    }
}

/// Layers one to three; what is left is a business answer with `returncode` 00.
fn opened(
    exchange: &Exchange,
    nature: Nature,
    codes: &Codes,
    now: Moment,
) -> Result<Business, Answer> {
    let (status, body) = match exchange {
        Exchange::Answered { status, body } => (*status, body),
        Exchange::Failed(transport) => return Err(never_arrived(*transport, nature)),
    };
    let reply: Reply = serde_json::from_slice(body).map_err(|_| unreadable(status, nature))?;
    if let Some(error) = reply.response.error {
        let sentence = sentence_or(&error.message, "乐企平台未受理该请求。");
        let named = |code: &String| *code == error.code;
        return Err(if sentence.contains(PROTECTION) || codes.throttled.iter().any(named) {
            throttled(sentence, now)
        } else {
            Answer::Faltered { sentence }
        });
    }
    let business = business_of(reply.response.data).ok_or_else(|| unreadable(status, nature))?;
    let sentence = || sentence_or(&business.returnmsg, "乐企拒绝了该请求。");
    let among = |list: &[String]| list.contains(&business.returncode);
    Err(match business.returncode.as_str() {
        "00" => return Ok(business),
        "" => unreadable(status, nature),
        _ if business.returnmsg.contains(PROTECTION) || among(&codes.throttled) => {
            throttled(sentence(), now)
        }
        _ if nature == Nature::Reads && among(&codes.running) => Answer::Running,
        code => {
            Answer::Refused { code: code.to_owned(), sentence: sentence(), outcome: Box::default() }
        }
    })
}

fn business_of(data: Option<serde_json::Value>) -> Option<Business> {
    match data? {
        serde_json::Value::String(text) => serde_json::from_str(&text).ok(),
        object @ serde_json::Value::Object(_) => serde_json::from_value(object).ok(),
        _ => None,
    }
}

fn throttled(sentence: String, now: Moment) -> Answer {
    Answer::Throttled { scope: ThrottleScope::TaxNumber, until: pause_from(now), sentence }
}

fn period_of(business: &Business) -> Option<TaxPeriod> {
    business.skssq.as_deref().and_then(|text| text.parse().ok())
}

fn by_invoice(business: &Business, asked: &Asked<'_>) -> Answer {
    let results = business.fpmx.as_deref().unwrap_or_default();
    let said = results.iter().map(|result| {
        let key = (result.fpdm.as_str(), result.fphm.as_str());
        (key, Said { code: &result.cljg, sentence: &result.cljgms })
    });
    let outcome = lines::outcome(asked, &said.collect());
    lines::verdict(outcome, results.first().map_or("none", |result| &result.cljg))
}

/// A refusal is one of every invoice.
fn with_lines(answer: Answer, asked: &Asked<'_>) -> Answer {
    let Answer::Refused { code, sentence, mut outcome } = answer else { return answer };
    outcome.lines = lines::all(asked, LineOutcome::Refused, &sentence).lines;
    Answer::Refused { code, sentence, outcome }
}

/// Services that answer at once: period, statistic state, change of period.
fn immediate(business: &Business, nature: Nature, asked: &Asked<'_>) -> Answer {
    let statistic = business.tjzt.as_deref().and_then(codes::statistic);
    match (period_of(business), statistic) {
        (None, None) => lost(nature, "乐企已受理，但没有返回批次流水号。".to_owned()),
        (period, statistic) => {
            let lines = lines::all(asked, LineOutcome::Succeeded, "").lines;
            let figures = table::figures_of(business);
            Answer::Succeeded(Outcome { lines, statistic, figures, period, ..Outcome::default() })
        }
    }
}
