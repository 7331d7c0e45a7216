//! The robot protocol, served.

use super::{Ask, Caller, Effect, FactsOf, Found, Purpose, Said, UseFact, Work};
use base64::{Engine, engine::general_purpose::STANDARD};
use bureau::wire::{
    etax::{
        Accepted, CurrentTaxNumberData, Envelope, Extent, FileData, FileLine, FileRequest,
        Found as WireFound, InvoiceFacts, InvoiceRef, InvoiceResult, InvoiceUse, LoginData,
        OutcomeData, PageData, PageRequest, PeriodData, ReadBackData, ReadBackRequest,
        ResultRequest, Scope, SubmitRequest, SwitchRequest, UseData, UseLine, UseRequest, code,
    },
    header::Op,
};
use domain::{
    invoice::{FileRef, InvoiceKey, Risk},
    task::Wanted,
    tax_no::TaxNo,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// What the body asks; the caller learns what the headers did not say.
pub(crate) fn ask(op: Op, body: &[u8], caller: &mut Caller) -> Result<Ask, String> {
    Ok(match op {
        Op::Login => Ask::Login,
        Op::CurrentTaxNumber => Ask::CurrentTaxNumber,
        Op::Period => Ask::Period { figures: false },
        Op::Switch => {
            caller.tax_no = Some(read::<SwitchRequest>(body)?.tax_no);
            Ask::Switch
        }
        Op::Submit => submission(read(body)?, caller),
        Op::Result => {
            let request: ResultRequest = read(body)?;
            caller.tax_no = Some(request.tax_no);
            Ask::Result(request.receipt)
        }
        Op::ReadBack => {
            let request: ReadBackRequest = read(body)?;
            caller.tax_no = Some(request.tax_no);
            Ask::ReadBack(request.kind)
        }
        Op::Use => {
            let request: UseRequest = read(body)?;
            caller.tax_no = Some(request.tax_no);
            Ask::Uses(request.invoices.into_iter().map(key_of).collect())
        }
        Op::Page => {
            let request: PageRequest = read(body)?;
            caller.tax_no = Some(request.tax_no);
            Ask::Page { receipt: request.receipt, page: request.page }
        }
        Op::File => {
            let request: FileRequest = read(body)?;
            caller.tax_no = Some(request.tax_no);
            let (invoice, format) = (key_of(request.invoice), request.format);
            Ask::File { receipt: request.receipt, file: FileRef { invoice, format } }
        }
    })
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| format!("the body cannot be read: {error}"))
}

fn key_of(invoice: InvoiceRef) -> InvoiceKey {
    InvoiceKey { code: invoice.invoice_code, number: invoice.invoice_no }
}

fn submission(request: SubmitRequest, caller: &mut Caller) -> Ask {
    let wanted = wanted(&request);
    let tax_no: TaxNo = request.tax_no;
    caller.tax_no = Some(tax_no);
    caller.kind = Some(request.kind);
    caller.signs = request.password.is_some();
    let named = request.parameters.get("tax_period").and_then(Value::as_str);
    let invoices = request.invoices.into_iter();
    Ask::Submit(Work {
        kind: request.kind,
        act: request.act,
        invoices: invoices
            .map(|i| InvoiceKey { code: i.invoice_code, number: i.invoice_no })
            .collect(),
        target: named.and_then(|text| text.parse().ok()).or(request.tax_period),
        wanted,
    })
}

/// Of a download: the invoices named, else the dates or the period.
fn wanted(request: &SubmitRequest) -> Wanted {
    if !request.invoices.is_empty() {
        return Wanted::Named;
    }
    match Wanted::asked(&[], &request.parameters) {
        Wanted::Period(period) => Wanted::Period(period.or(request.tax_period)),
        other => other,
    }
}

fn envelope<T: Serialize>(code: &str, message: &str, data: Option<T>) -> Value {
    let envelope = Envelope {
        code: code.to_owned(),
        message: message.to_owned(),
        reason_code: None,
        scope: None,
        until: None,
        data,
    };
    // Types of ours with text keys: writing them down cannot fail.
    serde_json::to_value(envelope).unwrap_or(Value::Null)
}

fn ok<T: Serialize>(data: T) -> Value {
    envelope(code::OK, "", Some(data))
}

fn bare(code: &str, message: &str) -> Value {
    envelope::<Value>(code, message, None)
}

/// The answer in the protocol's words.
pub(crate) fn answer(said: Said) -> Value {
    match said {
        Said::LoggedIn { until } => ok(LoginData { session_until: Some(until) }),
        Said::Current(tax_no) => ok(CurrentTaxNumberData { tax_no }),
        Said::Switched => bare(code::OK, ""),
        Said::Period(facts, _) => {
            ok(PeriodData { tax_period: facts.period, statistic: facts.statistic })
        }
        Said::Accepted(receipt) => envelope(code::ACCEPTED, "", Some(Accepted { receipt })),
        Said::Running => bare(code::RUNNING, ""),
        Said::Outcome(effect) => match effect.refused {
            Some(reason) => refused(reason, "", Some(outcome(*effect))),
            None => ok(outcome(*effect)),
        },
        Said::Page(facts) => ok(PageData {
            invoices: facts.into_iter().map(|facts| written(invoice_facts(facts))).collect(),
        }),
        Said::File(bytes) => ok(FileData { content: STANDARD.encode(bytes) }),
        Said::Uses(facts) => ok(UseData { uses: facts.into_iter().map(use_line).collect() }),
        Said::ReadBack(found) => ok(read_back(found)),
        Said::LoggedOut => bare(code::LOGGED_OUT, "登录已失效，请重新登录。"),
        Said::PersonNeeded => bare(code::PERSON_NEEDED, "需要短信验证码，请人工登录。"),
        Said::Throttled { whole_account, until, sentence } => {
            let scope = if whole_account { Scope::Account } else { Scope::TaxNumber };
            written(Envelope::<Value> {
                code: code::THROTTLED.to_owned(),
                message: sentence.to_owned(),
                reason_code: None,
                scope: Some(scope),
                until: Some(until),
                data: None,
            })
        }
        Said::NotDone(why) => bare(code::NOT_DONE, &why),
        Said::Stale => bare(code::STALE_FENCE, "a higher fence was seen for this tax number"),
        Said::Refused { code, sentence } => refused(code, sentence, None),
    }
}

fn refused(reason: &str, sentence: &str, data: Option<OutcomeData>) -> Value {
    written(Envelope {
        code: code::REFUSED.to_owned(),
        message: sentence.to_owned(),
        reason_code: Some(reason.to_owned()),
        scope: None,
        until: None,
        data,
    })
}

fn written<T: Serialize>(said: T) -> Value {
    serde_json::to_value(said).unwrap_or(Value::Null)
}

fn outcome(effect: Effect) -> OutcomeData {
    let done = |code: &str| matches!(code, "01" | super::NOT_SELECTED);
    let count = effect.lines.iter().filter(|(_, code)| done(code)).count();
    let accepted = match count {
        _ if effect.refused.is_some() => Extent::None,
        n if n == effect.lines.len() => Extent::All,
        0 => Extent::None,
        _ => Extent::Partly,
    };
    let pages = effect.pages().and_then(|pages| u32::try_from(pages).ok());
    let results = effect.lines.into_iter().map(|(key, code)| InvoiceResult {
        invoice_code: key.code,
        invoice_no: key.number,
        result: code.to_owned(),
        message: String::new(),
    });
    OutcomeData {
        accepted: Some(accepted),
        results: results.collect(),
        statistic: effect.statistic,
        figures: effect.figures.and_then(|figures| serde_json::to_value(figures).ok()),
        tax_period: effect.period,
        files: effect.files.iter().map(file_line).collect(),
        pages,
        uses: effect.uses.into_iter().map(use_line).collect(),
    }
}

fn file_line(file: &FileRef) -> FileLine {
    FileLine {
        invoice_code: file.invoice.code.clone(),
        invoice_no: file.invoice.number.clone(),
        format: file.format,
    }
}

fn invoice_facts(facts: FactsOf) -> InvoiceFacts {
    let FactsOf { used, certified, fact } = facts;
    InvoiceFacts {
        buyer_tax_no: fact.buyer_tax_no,
        invoice_type: fact.invoice_type.to_string(),
        invoice_code: used.key.code,
        invoice_no: used.key.number,
        invoice_date: fact.invoice_date,
        amount: fact.amount,
        tax: fact.tax,
        status: used.status,
        risk: used.risk,
        special_kind: fact.special_kind,
        seller_name: fact.seller_name,
        seller_tax_no: fact.seller_tax_no,
        used_for: Some(wire_use(used.purpose)),
        tax_period: used.period,
        certified,
    }
}

fn wire_use(purpose: Purpose) -> InvoiceUse {
    match purpose {
        Purpose::Unused => InvoiceUse::Unused,
        Purpose::Deduction => InvoiceUse::Deduction,
        Purpose::NonDeduction => InvoiceUse::NonDeduction,
        Purpose::Rebate => InvoiceUse::Rebate,
    }
}

fn use_line(fact: UseFact) -> UseLine {
    UseLine {
        invoice_code: fact.key.code,
        invoice_no: fact.key.number,
        used_for: wire_use(fact.purpose),
        tax_period: fact.period,
        status: Some(fact.status),
        risk: Some(fact.risk).filter(|risk| *risk != Risk::Unknown),
    }
}

fn read_back(found: Found) -> ReadBackData {
    let (state, receipt, outcome) = match found {
        Found::Absent => (WireFound::Absent, None, None),
        Found::InProgress(receipt) => (WireFound::InProgress, Some(receipt), None),
        Found::TookEffect(effect) => (WireFound::Found, None, Some(outcome(*effect))),
        Found::CannotTell => (WireFound::CannotTell, None, None),
    };
    ReadBackData { state, receipt, outcome }
}
