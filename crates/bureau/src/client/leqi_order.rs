//! From an order to the body that 乐企 takes for it.

use crate::wire::leqi::{
    DownloadBody, PeriodBody, Service, Upload, UploadInvoice, purpose, request,
};
use chrono::NaiveDate;
use domain::{
    answer::Answer,
    invoice::{NonDeductionReason, TaskInvoice},
    kind::Kind,
    period::TaxPeriod,
    rules::Rule,
    task::{Act, Wanted},
};
use fleet::ports::channel::{Call, Order};
use serde_json::Value;

/// Characters of `bdkyy`.
const REASON_CHARS: usize = 300;

/// A request ready to be sent.
pub(super) struct Prepared {
    pub(super) service: Service,
    pub(super) body: Value,
}

/// The request of a step, or the sentence of why 乐企 cannot be asked for it.
pub(super) fn prepare(call: &Call, order: &Order) -> Result<Prepared, Answer> {
    let service = service_of(call.act, order.kind).ok_or_else(not_offered)?;
    let tax_no = || call.tax_no.as_str().to_owned();
    let period_body = |skssq: Option<TaxPeriod>, sqlx: Option<&str>| PeriodBody {
        nsrsbh: tax_no(),
        skssq: skssq.map(|period| period.to_string()),
        sqlx: sqlx.map(str::to_owned),
        sfmx: None,
    };
    let body = match service {
        Service::Select => written(&upload(tax_no(), order)?),
        Service::Statistics | Service::Confirmation => {
            written(&period_body(order.period, Some(applies(call.act, order.kind))))
        }
        Service::ChangePeriod => written(&period_body(target_period(order), None)),
        Service::Download => written(&download(tax_no(), order)),
        _ => written(&PeriodBody {
            sfmx: (order.kind == Kind::StatisticQuery).then(|| request::WITH_FIGURES.to_owned()),
            ..period_body(None, None)
        }),
    };
    Ok(Prepared { service, body: body.ok_or_else(not_offered)? })
}

/// The service that takes the step; None: 乐企 offers none that is known.
fn service_of(act: Act, kind: Kind) -> Option<Service> {
    match (act, kind) {
        (Act::WithdrawConfirmation, _) => Some(Service::Confirmation),
        (Act::WithdrawTable | Act::RecreateTable, _) => Some(Service::Statistics),
        (Act::Submit | Act::SubmitAgain, kind) => match kind {
            Kind::DeductionSelect
            | Kind::DeductionDeselect
            | Kind::NonDeductionSelect
            | Kind::NonDeductionDeselect => Some(Service::Select),
            Kind::StatisticCreate | Kind::StatisticWithdraw => Some(Service::Statistics),
            Kind::StatisticConfirm => Some(Service::Confirmation),
            Kind::PeriodChange => Some(Service::ChangePeriod),
            Kind::PeriodQuery | Kind::StatisticQuery => Some(Service::CurrentPeriod),
            Kind::InvoiceDownload => Some(Service::Download),
            _ => None,
        },
    }
}

/// The service that tells what came of a batch serial.
pub(super) fn result_service(act: Act, kind: Kind) -> Option<Service> {
    match service_of(act, kind)? {
        Service::Select => Some(Service::SelectResult),
        Service::Statistics => Some(Service::StatisticsResult),
        Service::Confirmation => Some(Service::ConfirmationResult),
        Service::Download => Some(Service::DownloadResult),
        _ => None,
    }
}

/// The period that a change of period asks for: `parameters.tax_period`, else the task's own.
pub(super) fn target_period(order: &Order) -> Option<TaxPeriod> {
    let named = order.parameters.get("tax_period").and_then(Value::as_str);
    named.and_then(|text| text.parse().ok()).or(order.period)
}

fn applies(act: Act, kind: Kind) -> &'static str {
    match (act, kind) {
        (Act::WithdrawConfirmation | Act::WithdrawTable, _) => request::WITHDRAW,
        (Act::Submit | Act::SubmitAgain, Kind::StatisticWithdraw) => request::WITHDRAW,
        _ => request::APPLY,
    }
}

fn download(nsrsbh: String, order: &Order) -> DownloadBody {
    let wanted = Wanted::asked(&order.invoices, &order.parameters);
    let day = |day: NaiveDate| day.format("%Y%m%d").to_string();
    let (from, to) = match wanted {
        Wanted::Dated { from, to } => (Some(day(from)), Some(day(to))),
        Wanted::Named | Wanted::Period(_) => (None, None),
    };
    let period = match wanted {
        Wanted::Period(period) => period.or(order.period),
        Wanted::Named | Wanted::Dated { .. } => None,
    };
    DownloadBody {
        nsrsbh,
        skssq: period.map(|period| period.to_string()),
        kprqq: from,
        kprqz: to,
        fphm: order.invoices.iter().map(|invoice| invoice.key.number.clone()).collect(),
    }
}

fn upload(gfsbh: String, order: &Order) -> Result<Upload, Answer> {
    let gxlx_dm = match order.kind {
        Kind::DeductionSelect => purpose::DEDUCT,
        Kind::DeductionDeselect => purpose::WITHDRAW_DEDUCT,
        Kind::NonDeductionSelect => purpose::NOT_DEDUCT,
        _ => purpose::WITHDRAW_NOT_DEDUCT,
    };
    let fpmx: Option<Vec<_>> = order.invoices.iter().map(|i| line_of(order.kind, i)).collect();
    Ok(Upload { gfsbh, gxlx_dm: gxlx_dm.to_owned(), fpmx: fpmx.ok_or_else(incomplete)? })
}

fn line_of(kind: Kind, invoice: &TaskInvoice) -> Option<UploadInvoice> {
    let reason = invoice.non_deduction_reason.filter(|_| kind == Kind::NonDeductionSelect);
    let text = reason.map(|reason| match (&invoice.non_deduction_text, reason) {
        (Some(text), _) if !text.trim().is_empty() => text.chars().take(REASON_CHARS).collect(),
        (_, reason) => reason.label().to_owned(),
    });
    Some(UploadInvoice {
        kprq: invoice.date?.format("%Y%m%d").to_string(),
        fpdm: invoice.key.code.clone(),
        fphm: invoice.key.number.clone(),
        fplx: invoice.invoice_type.fplx()?.to_owned(),
        bdklx: reason.map(|reason| reason.number().to_owned()),
        bdkyy: text.filter(|_| reason == Some(NonDeductionReason::Other)),
    })
}

fn written<B: serde::Serialize>(body: &B) -> Option<Value> {
    serde_json::to_value(body).ok()
}

pub(super) fn not_offered() -> Answer {
    refused("not_offered", "乐企通道不支持该操作。")
}

fn incomplete() -> Answer {
    refused("incomplete", Rule::PoolIncomplete.sentence())
}

/// Our own no: nothing is sent.
fn refused(code: &str, sentence: &str) -> Answer {
    Answer::Refused {
        code: code.to_owned(),
        sentence: sentence.to_owned(),
        outcome: Box::default(),
    }
}
