//! Reading a download: its packages, and the invoices of each.

use super::{Codes, opened, uses::use_of};
use crate::{
    reading::{
        Exchange, Nature,
        lines::{self, Asked},
        told,
    },
    wire::{
        etax::MOST_PAGES,
        leqi::{Business, PackageInvoice},
    },
};
use chrono::NaiveDate;
use domain::{
    Moment,
    answer::{Answer, Outcome, Part},
    invoice::{InvoiceStatus, InvoiceType, Risk, ToldInvoice, ToldPage, ToldUse},
    ledger::LineOutcome,
};

pub(super) fn packages(business: Business, asked: &Asked<'_>) -> Answer {
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
