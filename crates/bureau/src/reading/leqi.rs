//! Reading the answers of 乐企: three layers of failure.

use super::{
    Exchange, Nature, PROTECTION, codes, lines,
    lines::{Asked, Said},
    lost, never_arrived, pause_from, sentence_or, told, unreadable,
};
use crate::wire::{
    etax::MOST_PAGES,
    leqi::{Business, PackageInvoice, Reply, StatisticLine},
};
use chrono::NaiveDate;
use domain::{
    Moment,
    answer::{Answer, Outcome, Part, PeriodFacts, ReadBackAnswer, Receipt, ThrottleScope},
    invoice::{
        EntryState, InvoiceKey, InvoiceStatus, InvoiceType, InvoiceUse, Risk, ToldInvoice,
        ToldPage, ToldUse, UseReading,
    },
    kind::{Kind, ReadBack},
    ledger::LineOutcome,
    period::TaxPeriod,
    statistic::{Figures, StatisticState, Sum, TypeFigures},
    task::Act,
};
use std::collections::HashSet;

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
            Some(_) => by_request(&business, asked),
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
    match (&business.fpmx, &business.cljg) {
        (Some(_), _) => by_invoice(&business, asked),
        (None, Some(_)) => by_request(&business, asked),
        (None, None) if business.packages.is_some() => packages(business, asked),
        (None, None) => {
            Answer::Faltered { sentence: "乐企的处理结果缺少内容。".to_owned() }
        }
    }
}

fn packages(business: Business, asked: &Asked<'_>) -> Answer {
    let pages = business.packages.unwrap_or_default();
    if pages.len() > MOST_PAGES as usize {
        let sentence = format!("乐企返回的下载包超过{MOST_PAGES}个，请缩小下载范围。");
        let code = "too_many_packages".to_owned();
        return Answer::Refused { code, sentence, outcome: Box::default() };
    }
    let parts = pages.into_iter().map(Part::Page).collect();
    Answer::Succeeded(Outcome { parts, ..lines::all(asked, LineOutcome::Succeeded, "") })
}

/// One package of a download.
pub fn package(exchange: &Exchange, codes: &Codes, now: Moment) -> Result<ToldPage, Answer> {
    let business = match opened(exchange, Nature::Reads, codes, now) {
        // The question was refused, not the download.
        Err(Answer::Refused { sentence, .. }) => return Err(Answer::Faltered { sentence }),
        other => other?,
    };
    let Some(package) = business.fpxx else {
        let sentence = "乐企的下载包缺少内容。".to_owned();
        return Err(Answer::Faltered { sentence });
    };
    let all = package.len();
    let read = |value| told_invoice(&serde_json::from_value(value).ok()?);
    let invoices: Vec<ToldInvoice> = package.into_iter().filter_map(read).collect();
    Ok(ToldPage { unreadable: all - invoices.len(), invoices })
}

fn told_invoice(told: &PackageInvoice) -> Option<ToldInvoice> {
    let period = told.skssq.parse().ok();
    let used = match told.fpyt.as_str() {
        "" => None,
        code => Some(use_of(code)),
    };
    Some(ToldInvoice {
        buyer_tax_no: told.gfsbh.parse().ok()?,
        key: told::key(&told.fpdm, &told.fphm)?,
        invoice_type: InvoiceType::from_fplx(&told.fplx)?,
        date: match told.kprq.as_str() {
            "" => None,
            text => Some(NaiveDate::parse_from_str(text, "%Y%m%d").ok()?),
        },
        amount: told.je.parse().ok()?,
        tax: told.se.parse().ok()?,
        status: status_of(&told.fpzt)?,
        risk: risk_of(&told.ycpzzt)?,
        special_kind: told::name(&told.tspz),
        seller_name: told::name(&told.xfmc),
        seller_tax_no: told::name(&told.xfsbh),
        used: used.map(|used_for| ToldUse { used_for, period, certified: None }),
    })
}

fn status_of(code: &str) -> Option<InvoiceStatus> {
    Some(match code {
        "" | "0" => InvoiceStatus::Normal,
        "2" => InvoiceStatus::Void,
        "3" => InvoiceStatus::Reversed,
        "7" => InvoiceStatus::PartlyReversed,
        "8" => InvoiceStatus::FullyReversed,
        _ => return None,
    })
}

fn risk_of(code: &str) -> Option<Risk> {
    Some(match code {
        "" => Risk::Unknown,
        "01" => Risk::Normal,
        "02" => Risk::Abnormal,
        "03" => Risk::Suspect,
        _ => return None,
    })
}

fn use_of(code: &str) -> InvoiceUse {
    match code {
        "0" => InvoiceUse::Unused,
        "1" => InvoiceUse::Deduction,
        "2" | "3" => InvoiceUse::Rebate,
        "6" => InvoiceUse::NonDeduction,
        _ => InvoiceUse::Other,
    }
}

/// The use of one invoice; None: the bureau does not know it.
pub fn invoice_use(
    exchange: &Exchange,
    codes: &Codes,
    now: Moment,
) -> Result<Option<UseReading>, Answer> {
    let business = match opened(exchange, Nature::Reads, codes, now) {
        Ok(business) => business,
        Err(Answer::Refused { code, .. }) if code == NO_SUCH_INVOICE => {
            return Ok(None);
        }
        Err(answer) => return Err(answer),
    };
    let used_for = match business.fpyt.as_deref() {
        Some(code) => use_of(code),
        None => {
            let sentence = "乐企返回的发票用途无法识别。".to_owned();
            return Err(Answer::Faltered { sentence });
        }
    };
    Ok(Some(UseReading {
        used_for,
        period: period_of(&business),
        status: business.fpzt.as_deref().and_then(status),
        risk: business.ycpzzt.as_deref().and_then(risk),
        entry: business.rzzt.as_deref().and_then(entry),
    }))
}

/// `fpzt`; a code that we do not know says nothing, here and below.
fn status(code: &str) -> Option<InvoiceStatus> {
    match code {
        "0" => Some(InvoiceStatus::Normal),
        "2" => Some(InvoiceStatus::Void),
        "3" => Some(InvoiceStatus::Reversed),
        "7" => Some(InvoiceStatus::PartlyReversed),
        "8" => Some(InvoiceStatus::FullyReversed),
        _ => None,
    }
}

/// `ycpzzt`
fn risk(code: &str) -> Option<Risk> {
    match code {
        "01" => Some(Risk::Normal),
        "02" => Some(Risk::Abnormal),
        "03" => Some(Risk::Suspect),
        _ => None,
    }
}

/// `rzzt`
fn entry(code: &str) -> Option<EntryState> {
    match code {
        "01" => Some(EntryState::NotEntered),
        "02" => Some(EntryState::Entered),
        "03" => Some(EntryState::Withdrawn),
        _ => None,
    }
}

/// What was read of these invoices, as an outcome for a task of this kind.
pub fn uses(kind: Kind, found: Vec<(InvoiceKey, Option<UseReading>)>) -> Outcome {
    let line =
        |(key, read): &(InvoiceKey, Option<UseReading>)| lines::by_use(kind, key, read.as_ref());
    let lines = found.iter().map(line).collect();
    let uses = found.into_iter().filter_map(|(key, read)| read.map(|read| (key, read)));
    Outcome { lines, uses: uses.collect(), ..Outcome::default() }
}

/// The outcome with the invoices whose use is still to be read.
pub fn with_unread(outcome: Outcome, invoices: &[InvoiceKey]) -> Outcome {
    let read: HashSet<InvoiceKey> = outcome.lines.iter().map(|l| l.invoice.clone()).collect();
    let unread = invoices.iter().filter(|key| !read.contains(key));
    let unread: Vec<_> = unread.map(lines::unread).collect();
    let read_use = outcome.read_use || !unread.is_empty();
    let lines = outcome.lines.into_iter().chain(unread).collect();
    Outcome { lines, read_use, ..outcome }
}

/// What the uses of a task's invoices say of its submission: one invoice as wanted is proof that
/// it took effect, none is absence (for now).
pub fn read_back_uses(found: Outcome) -> ReadBackAnswer {
    let took = found.lines.iter().any(|line| line.outcome == LineOutcome::Succeeded);
    if took { ReadBackAnswer::Found(found) } else { ReadBackAnswer::Absent }
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

/// `returncode` of the use service for an invoice that the bureau does not know (ours: not
/// published).
pub const NO_SUCH_INVOICE: &str = "404";

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

/// The result of a request about the statistic table, its confirmation or the period.
fn by_request(business: &Business, asked: &Asked<'_>) -> Answer {
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

/// A refusal is one of every invoice.
fn with_lines(answer: Answer, asked: &Asked<'_>) -> Answer {
    let Answer::Refused { code, sentence, mut outcome } = answer else { return answer };
    outcome.lines = lines::all(asked, LineOutcome::Refused, &sentence).lines;
    Answer::Refused { code, sentence, outcome }
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

/// Services that answer at once: period, statistic state, change of period.
fn immediate(business: &Business, nature: Nature, asked: &Asked<'_>) -> Answer {
    let statistic = business.tjzt.as_deref().and_then(codes::statistic);
    match (period_of(business), statistic) {
        (None, None) => lost(nature, "乐企已受理，但没有返回批次流水号。".to_owned()),
        (period, statistic) => {
            let lines = lines::all(asked, LineOutcome::Succeeded, "").lines;
            let figures = figures_of(business);
            Answer::Succeeded(Outcome { lines, statistic, figures, period, ..Outcome::default() })
        }
    }
}

/// What the table counts. Figures that cannot be read are none: the rest counts all the same.
fn figures_of(business: &Business) -> Option<Figures> {
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
