//! The robot protocol, served.

use super::{Ask, Caller, Effect, Found, Purpose, Said, UseFact, Work};
use bureau::wire::{
    etax::{
        Accepted, CurrentTaxNumberData, Envelope, Extent, Found as WireFound, InvoiceRef,
        InvoiceResult, InvoiceUse, LoginData, OutcomeData, PeriodData, ReadBackData,
        ReadBackRequest, ResultRequest, Scope, SubmitRequest, SwitchRequest, UseData, UseLine,
        UseRequest, code,
    },
    header::Op,
};
use domain::{
    invoice::{InvoiceKey, Risk},
    tax_no::TaxNo,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// What the body asks; the caller learns what the headers did not say.
pub(crate) fn ask(op: Op, body: &[u8], caller: &mut Caller) -> Result<Ask, String> {
    Ok(match op {
        Op::Login => Ask::Login,
        Op::CurrentTaxNumber => Ask::CurrentTaxNumber,
        Op::Period => Ask::Period,
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
    })
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| format!("the body cannot be read: {error}"))
}

fn key_of(invoice: InvoiceRef) -> InvoiceKey {
    InvoiceKey { code: invoice.invoice_code, number: invoice.invoice_no }
}

fn submission(request: SubmitRequest, caller: &mut Caller) -> Ask {
    let tax_no: TaxNo = request.tax_no;
    caller.tax_no = Some(tax_no);
    caller.kind = Some(request.kind);
    let named = request.parameters.get("tax_period").and_then(Value::as_str);
    let invoices = request.invoices.into_iter();
    Ask::Submit(Work {
        kind: request.kind,
        act: request.act,
        invoices: invoices
            .map(|i| InvoiceKey { code: i.invoice_code, number: i.invoice_no })
            .collect(),
        target: named.and_then(|text| text.parse().ok()).or(request.tax_period),
    })
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
        Said::Period(facts) => {
            ok(PeriodData { tax_period: facts.period, statistic: facts.statistic })
        }
        Said::Accepted(receipt) => envelope(code::ACCEPTED, "", Some(Accepted { receipt })),
        Said::Running => bare(code::RUNNING, ""),
        Said::Outcome(effect) => match effect.refused {
            Some(reason) => refused(reason, "", Some(outcome(effect))),
            None => ok(outcome(effect)),
        },
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

fn written<T: Serialize>(envelope: Envelope<T>) -> Value {
    serde_json::to_value(envelope).unwrap_or(Value::Null)
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
        tax_period: effect.period,
        uses: effect.uses.into_iter().map(use_line).collect(),
    }
}

fn use_line(fact: UseFact) -> UseLine {
    UseLine {
        invoice_code: fact.key.code,
        invoice_no: fact.key.number,
        used_for: match fact.purpose {
            Purpose::Unused => InvoiceUse::Unused,
            Purpose::Deduction => InvoiceUse::Deduction,
            Purpose::NonDeduction => InvoiceUse::NonDeduction,
            Purpose::Rebate => InvoiceUse::Rebate,
        },
        tax_period: fact.period,
        status: Some(fact.status),
        risk: Some(fact.risk).filter(|risk| *risk != Risk::Unknown),
    }
}

fn read_back(found: Found) -> ReadBackData {
    let (state, receipt, outcome) = match found {
        Found::Absent => (WireFound::Absent, None, None),
        Found::InProgress(receipt) => (WireFound::InProgress, Some(receipt), None),
        Found::TookEffect(effect) => (WireFound::Found, None, Some(outcome(effect))),
        Found::CannotTell => (WireFound::CannotTell, None, None),
    };
    ReadBackData { state, receipt, outcome }
}
