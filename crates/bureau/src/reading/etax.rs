//! Reading the answers of a 电子税局 robot.

use super::{
    Exchange, Nature, PROTECTION, codes, lines,
    lines::{Asked, Said},
    lost, never_arrived, pause_from, sentence_or, told, unreadable,
};
use crate::wire::etax::{
    Accepted, CurrentTaxNumberData, Envelope, Extent, FileData, FileLine, Found, InvoiceFacts,
    MOST_PAGES, OutcomeData, PageData, PeriodData, ReadBackData, Scope, UseData, UseLine, code,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    Moment,
    answer::{Answer, Outcome, Part, PeriodFacts, ReadBackAnswer, Receipt, ThrottleScope},
    invoice::{FileRef, InvoiceKey, ToldInvoice, ToldPage, ToldUse, UseReading},
    kind::Kind,
    ledger::LineOutcome,
    statistic::{Figures, TypeFigures},
    tax_no::TaxNo,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// What a call that is about the session itself came to: log in, switch.
pub fn session(exchange: &Exchange, now: Moment) -> Answer {
    match opened::<Value>(exchange, Nature::Reads, now) {
        Ok(envelope) if envelope.code == code::OK => Answer::Succeeded(Outcome::default()),
        Ok(_) => Answer::Faltered {
            sentence: "税局通道尚未完成登录或切换，稍后重试。".to_owned()
        },
        Err(answer) => answer,
    }
}

/// The tax number that the account is on.
pub fn current_tax_number(exchange: &Exchange, now: Moment) -> Result<Option<TaxNo>, Answer> {
    done::<CurrentTaxNumberData>(exchange, now).map(|data| data.tax_no)
}

/// The bureau's current period and the state of its statistic table.
pub fn period(exchange: &Exchange, now: Moment) -> Result<PeriodFacts, Answer> {
    let data = done::<PeriodData>(exchange, now)?;
    Ok(PeriodFacts { period: data.tax_period, statistic: data.statistic })
}

/// What a submission, or asking with its receipt, came to.
pub fn outcome(exchange: &Exchange, nature: Nature, asked: &Asked<'_>) -> Answer {
    let envelope = match opened::<Value>(exchange, nature, asked.now) {
        Ok(envelope) => envelope,
        Err(Answer::Refused { code, sentence, .. }) => {
            return refused(exchange, &code, &sentence, asked);
        }
        Err(answer) => return answer,
    };
    match envelope.code.as_str() {
        code::RUNNING => Answer::Running,
        code::ACCEPTED => match data_of::<Accepted>(envelope) {
            Some(accepted) if !accepted.receipt.is_empty() => {
                Answer::Accepted(Receipt(accepted.receipt))
            }
            _ => lost(nature, "税局通道已受理，但没有返回受理编号。".to_owned()),
        },
        _ => match data_of::<OutcomeData>(envelope) {
            Some(data) if data.pages.is_some_and(|pages| pages > MOST_PAGES) => {
                let sentence = format!("税局通道返回的下载页数超过{MOST_PAGES}，请缩小下载范围。");
                let code = "too_many_pages".to_owned();
                Answer::Refused { code, sentence, outcome: Box::default() }
            }
            Some(data) => {
                let outcome = outcome_of(&data, asked);
                lines::verdict(outcome, first_code(&data))
            }
            None => lost(nature, "税局通道的处理结果无法识别。".to_owned()),
        },
    }
}

/// What reading back found.
pub fn read_back(exchange: &Exchange, asked: &Asked<'_>) -> ReadBackAnswer {
    let data = match done::<ReadBackData>(exchange, asked.now) {
        Ok(data) => data,
        Err(answer) => return ReadBackAnswer::NotRead(Box::new(answer)),
    };
    match data.state {
        Found::Absent => ReadBackAnswer::Absent,
        Found::InProgress => ReadBackAnswer::InProgress(data.receipt.map(Receipt)),
        Found::Found => ReadBackAnswer::Found(outcome_of(&data.outcome.unwrap_or_default(), asked)),
        Found::CannotTell => ReadBackAnswer::CannotTell {
            sentence: "税局无法查询该任务是否办理成功，结果未知，请人工到税局核实。".to_owned(),
        },
    }
}

/// The use of the invoices asked about, as lines.
pub fn uses(exchange: &Exchange, kind: Kind, invoices: &[InvoiceKey], now: Moment) -> Answer {
    let data = match done::<UseData>(exchange, now) {
        Ok(data) => data,
        Err(answer) => return answer,
    };
    Answer::Succeeded(by_uses(kind, &data.uses, invoices))
}

/// One page of a download.
pub fn page(exchange: &Exchange, now: Moment) -> Result<ToldPage, Answer> {
    let data = done::<PageData>(exchange, now)?;
    let all = data.invoices.len();
    let read = |value| told_invoice(serde_json::from_value(value).ok()?);
    let invoices: Vec<ToldInvoice> = data.invoices.into_iter().filter_map(read).collect();
    Ok(ToldPage { unreadable: all - invoices.len(), invoices })
}

/// One layout file; whether it is one is for whoever keeps it.
pub fn file(exchange: &Exchange, now: Moment) -> Result<Vec<u8>, Answer> {
    let data = done::<FileData>(exchange, now)?;
    let sentence = || "税局通道返回的文件无法识别。".to_owned();
    STANDARD.decode(data.content).map_err(|_| Answer::Faltered { sentence: sentence() })
}

fn told_invoice(facts: InvoiceFacts) -> Option<ToldInvoice> {
    let used =
        |used_for| ToldUse { used_for, period: facts.tax_period, certified: Some(facts.certified) };
    Some(ToldInvoice {
        key: told::key(&facts.invoice_code, &facts.invoice_no)?,
        invoice_type: facts.invoice_type.parse().ok()?,
        date: facts.invoice_date,
        amount: facts.amount,
        tax: facts.tax,
        status: facts.status,
        risk: facts.risk,
        special_kind: told::name(&facts.special_kind),
        seller_name: told::name(&facts.seller_name),
        seller_tax_no: told::name(&facts.seller_tax_no),
        used: facts.used_for.map(used),
        buyer_tax_no: facts.buyer_tax_no,
    })
}

/// The envelope of an answer that is good news; every other code is an [`Answer`] by itself.
fn opened<T: DeserializeOwned>(
    exchange: &Exchange,
    nature: Nature,
    now: Moment,
) -> Result<Envelope<T>, Answer> {
    let (status, body) = match exchange {
        Exchange::Answered { status, body } => (*status, body),
        Exchange::Failed(transport) => return Err(never_arrived(*transport, nature)),
    };
    let envelope: Envelope<Value> =
        serde_json::from_slice(body).map_err(|_| unreadable(status, nature))?;
    if envelope.message.contains(PROTECTION) {
        return Err(throttled(&envelope, now));
    }
    let told = |ours: &str| sentence_or(&envelope.message, ours);
    Err(match envelope.code.as_str() {
        code::OK | code::ACCEPTED | code::RUNNING => {
            return retyped(envelope).ok_or_else(|| unreadable(status, nature));
        }
        code::REFUSED => {
            let reason = envelope.reason_code.clone().unwrap_or_default();
            let sentence = told(codes::request(&reason).sentence);
            Answer::Refused { code: reason, sentence, outcome: Box::default() }
        }
        code::LOGGED_OUT => Answer::LoggedOut {
            needs_person: false,
            sentence: told("电子税局账号登录已失效。"),
        },
        code::PERSON_NEEDED => Answer::LoggedOut {
            needs_person: true,
            sentence: told("电子税局账号需要人工登录。"),
        },
        code::THROTTLED => throttled(&envelope, now),
        code::NOT_DONE => {
            Answer::Faltered { sentence: told("税局通道未办理该请求，稍后重试。") }
        }
        code::STALE_FENCE => Answer::Stale,
        code::UNCLEAR => lost(nature, told("税局通道不能确定是否办理成功。")),
        _ => unreadable(status, nature),
    })
}

fn retyped<T: DeserializeOwned>(envelope: Envelope<Value>) -> Option<Envelope<T>> {
    let data = match envelope.data {
        None | Some(Value::Null) => None,
        Some(value) => Some(serde_json::from_value(value).ok()?),
    };
    Some(Envelope {
        code: envelope.code,
        message: envelope.message,
        reason_code: envelope.reason_code,
        scope: envelope.scope,
        until: envelope.until,
        data,
    })
}

fn data_of<T: DeserializeOwned>(envelope: Envelope<Value>) -> Option<T> {
    serde_json::from_value(envelope.data?).ok()
}

/// The data of a reading call that answered `ok`.
fn done<T: DeserializeOwned>(exchange: &Exchange, now: Moment) -> Result<T, Answer> {
    let missing =
        || Answer::Faltered { sentence: "税局通道的应答缺少内容。".to_owned() };
    let envelope = opened::<T>(exchange, Nature::Reads, now)?;
    match envelope.code.as_str() {
        code::OK => envelope.data.ok_or_else(missing),
        code::RUNNING => Err(Answer::Running),
        _ => Err(missing()),
    }
}

fn throttled<T>(envelope: &Envelope<T>, now: Moment) -> Answer {
    let scope = match envelope.scope {
        Some(Scope::Account) => ThrottleScope::Lane,
        Some(Scope::TaxNumber) | None => ThrottleScope::TaxNumber,
    };
    Answer::Throttled {
        scope,
        until: envelope.until.unwrap_or_else(|| pause_from(now)),
        sentence: sentence_or(&envelope.message, "税局限制访问，稍后重试。"),
    }
}

/// A refusal with what it implies: the statistic state, the first date, lines per invoice.
fn refused(exchange: &Exchange, code: &str, sentence: &str, asked: &Asked<'_>) -> Answer {
    let meaning = codes::request(code);
    let told = match exchange {
        Exchange::Answered { body, .. } => serde_json::from_slice(body).ok(),
        Exchange::Failed(_) => None,
    };
    let data = told.and_then(data_of::<OutcomeData>);
    let sentence = match (code, meaning.too_early) {
        ("05", _) => meaning.sentence.to_owned(),
        (_, true) => codes::with_first_date(sentence, asked.period),
        _ => sentence.to_owned(),
    };
    let mut outcome = match &data {
        Some(data) if !data.results.is_empty() => outcome_of(data, asked),
        _ => lines::all(asked, LineOutcome::Refused, &sentence),
    };
    let told = data.as_ref().and_then(|data| data.statistic);
    outcome.statistic = told.or(outcome.statistic).or(meaning.statistic);
    Answer::Refused { code: code.to_owned(), sentence, outcome: Box::new(outcome) }
}

fn outcome_of(data: &OutcomeData, asked: &Asked<'_>) -> Outcome {
    let said = data.results.iter().map(|result| {
        let key = (result.invoice_code.as_str(), result.invoice_no.as_str());
        (key, Said { code: &result.result, sentence: &result.message })
    });
    if asked.kind == Kind::InvoiceUseQuery && data.results.is_empty() {
        let keys: Vec<InvoiceKey> = asked.invoices.iter().map(|one| one.key.clone()).collect();
        return by_uses(asked.kind, &data.uses, &keys);
    }
    let mut outcome = match (data.results.is_empty(), data.accepted) {
        (false, _) => lines::outcome(asked, &said.collect()),
        (true, Some(Extent::Partly)) => {
            lines::all(asked, LineOutcome::Unknown, "税局部分受理且未返回明细，正在读取发票用途。")
        }
        (true, Some(Extent::None)) => {
            lines::all(asked, LineOutcome::Refused, "税局未受理，且未返回原因。")
        }
        (true, Some(Extent::All) | None) => lines::all(asked, LineOutcome::Succeeded, ""),
    };
    outcome.statistic = data.statistic.or(outcome.statistic);
    outcome.period = data.tax_period;
    let pages = (1..=data.pages.unwrap_or_default()).map(|page| Part::Page(page.to_string()));
    outcome.parts = pages.chain(data.files.iter().filter_map(file_part)).collect();
    outcome.figures = data.figures.as_ref().and_then(figures);
    outcome.uses = readings(&data.uses, asked.invoices.iter().map(|invoice| &invoice.key));
    outcome
}

fn file_part(line: &FileLine) -> Option<Part> {
    let invoice = told::key(&line.invoice_code, &line.invoice_no)?;
    Some(Part::File(FileRef { invoice, format: line.format }))
}

/// Figures that cannot be read are none: the rest of the outcome counts all the same.
fn figures(told: &Value) -> Option<Figures> {
    Vec::<TypeFigures>::deserialize(told)
        .inspect_err(|error| tracing::warn!(%error, "the robot's figures cannot be read"))
        .ok()
        .map(Figures::new)
}

fn first_code(data: &OutcomeData) -> &str {
    data.results.first().map_or("none", |result| result.result.as_str())
}

fn by_uses(kind: Kind, told: &[UseLine], invoices: &[InvoiceKey]) -> Outcome {
    let uses = readings(told, invoices.iter());
    let line = |key: &InvoiceKey| {
        let found = uses.iter().find(|(of, _)| of == key);
        lines::by_use(kind, key, found.map(|(_, reading)| reading))
    };
    let lines = invoices.iter().map(line).collect();
    Outcome { lines, uses, ..Outcome::default() }
}

/// Of the invoices asked about; what is told of others is not ours.
fn readings<'a>(
    told: &[UseLine],
    invoices: impl Iterator<Item = &'a InvoiceKey>,
) -> Vec<(InvoiceKey, UseReading)> {
    let of = |key: &InvoiceKey| {
        let is = |line: &&UseLine| line.invoice_code == key.code && line.invoice_no == key.number;
        told.iter().find(is).map(|line| (key.clone(), line.reading()))
    };
    invoices.filter_map(of).collect()
}
