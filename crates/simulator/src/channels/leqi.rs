//! 乐企's services, served.

use super::{Ask, Caller, Effect, FactsOf, Purpose, Said, UseFact, Work};
use bureau::{
    reading::leqi::{Codes, NO_SUCH_INVOICE},
    wire::{
        header::Op,
        leqi::{
            Business, DownloadBody, Error, InvoiceResult, PackageBody, PackageInvoice, PeriodBody,
            Reply, Response, SerialBody, Service, StatisticLine, Upload, UseBody, purpose, request,
        },
    },
};
use chrono::NaiveDate;
use domain::{
    invoice::{EntryState, InvoiceKey, InvoiceStatus, Risk},
    kind::Kind,
    statistic::{Figures, StatisticState, TypeFigures},
    task::{Act, Wanted},
};
use serde::de::DeserializeOwned;

/// What a service is for, when the header does not say.
pub(crate) const fn op_of(service: Service) -> Op {
    match service {
        Service::CurrentPeriod => Op::Period,
        Service::InvoiceUse => Op::Use,
        Service::SelectResult
        | Service::StatisticsResult
        | Service::ConfirmationResult
        | Service::DownloadResult => Op::Result,
        Service::Select
        | Service::Statistics
        | Service::Confirmation
        | Service::ChangePeriod
        | Service::Download => Op::Submit,
    }
}

/// What the body asks; the caller's tax number is the body's.
pub(crate) fn ask(service: Service, body: &[u8], caller: &mut Caller) -> Result<Ask, String> {
    Ok(match service {
        Service::CurrentPeriod => {
            let body: PeriodBody = read(body)?;
            caller.tax_no = body.nsrsbh.parse().ok();
            Ask::Period { figures: body.sfmx.as_deref() == Some(request::WITH_FIGURES) }
        }
        Service::InvoiceUse => {
            let body: UseBody = read(body)?;
            caller.tax_no = body.gfsbh.parse().ok();
            Ask::Uses(vec![InvoiceKey { code: body.fpdm, number: body.fphm }])
        }
        Service::DownloadResult => {
            let body: PackageBody = read(body)?;
            caller.tax_no = body.nsrsbh.parse().ok();
            match body.bh {
                None => Ask::Result(body.pclsh),
                Some(package) => {
                    let page = package.parse().map_err(|_| format!("没有下载包 {package}"))?;
                    Ask::Page { receipt: body.pclsh, page }
                }
            }
        }
        Service::SelectResult | Service::StatisticsResult | Service::ConfirmationResult => {
            let body: SerialBody = read(body)?;
            caller.tax_no = body.nsrsbh.parse().ok();
            Ask::Result(body.pclsh)
        }
        Service::Select => upload(read(body)?, caller)?,
        Service::Statistics | Service::Confirmation | Service::ChangePeriod => {
            Ask::Submit(about_period(service, &read(body)?, caller))
        }
        Service::Download => {
            let body: DownloadBody = read(body)?;
            caller.tax_no = body.nsrsbh.parse().ok();
            let key = |number| InvoiceKey { code: String::new(), number };
            let wanted = wanted(&body)?;
            let invoices = body.fphm.into_iter().map(key).collect();
            let (kind, act) = (Kind::InvoiceDownload, Act::Submit);
            Ask::Submit(Work { kind, act, invoices, target: None, wanted })
        }
    })
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| format!("报文无法解析: {error}"))
}

fn upload(body: Upload, caller: &mut Caller) -> Result<Ask, String> {
    caller.tax_no = body.gfsbh.parse().ok();
    let kind = match body.gxlx_dm.as_str() {
        purpose::DEDUCT => Kind::DeductionSelect,
        purpose::WITHDRAW_DEDUCT => Kind::DeductionDeselect,
        purpose::NOT_DEDUCT => Kind::NonDeductionSelect,
        purpose::WITHDRAW_NOT_DEDUCT => Kind::NonDeductionDeselect,
        other => return Err(format!("gxlxDm {other} 不正确")),
    };
    let reasoned = |reason: &Option<String>| reason.as_deref().is_some_and(|r| !r.is_empty());
    if kind == Kind::NonDeductionSelect && !body.fpmx.iter().all(|line| reasoned(&line.bdklx)) {
        return Err("bdklx 不能为空".to_owned());
    }
    let invoices = body.fpmx.into_iter();
    let invoices = invoices.map(|line| InvoiceKey { code: line.fpdm, number: line.fphm }).collect();
    let wanted = Wanted::Named;
    Ok(Ask::Submit(Work { kind, act: Act::Submit, invoices, target: None, wanted }))
}

fn wanted(body: &DownloadBody) -> Result<Wanted, String> {
    let day = |text: &String| {
        let day = NaiveDate::parse_from_str(text, "%Y%m%d");
        day.map_err(|_| format!("{text} 不是日期"))
    };
    let period = body.skssq.as_deref().and_then(|text| text.parse().ok());
    Ok(match (&body.kprqq, &body.kprqz) {
        _ if !body.fphm.is_empty() => Wanted::Named,
        (Some(from), Some(to)) => Wanted::Dated { from: day(from)?, to: day(to)? },
        (None, None) => Wanted::Period(period),
        _ => return Err("kprqq、kprqz 须同时填写".to_owned()),
    })
}

fn about_period(service: Service, body: &PeriodBody, caller: &mut Caller) -> Work {
    caller.tax_no = body.nsrsbh.parse().ok();
    let withdraws = body.sqlx.as_deref() == Some(request::WITHDRAW);
    let (kind, act) = match (service, withdraws) {
        (Service::Confirmation, true) => (Kind::StatisticConfirm, Act::WithdrawConfirmation),
        (Service::Confirmation, false) => (Kind::StatisticConfirm, Act::Submit),
        (Service::ChangePeriod, _) => (Kind::PeriodChange, Act::Submit),
        (_, true) => (Kind::StatisticWithdraw, Act::Submit),
        (_, false) => (Kind::StatisticCreate, Act::Submit),
    };
    let target = body.skssq.as_deref().and_then(|text| text.parse().ok());
    Work { kind, act, invoices: Vec::new(), target, wanted: Wanted::Period(None) }
}

/// The answer in 乐企's words.
pub(crate) fn answer(said: Said) -> Reply {
    match said {
        Said::Period(facts, figures) => business(Business {
            tjmx: figures.as_ref().map(statistic_lines),
            skssq: Some(facts.period.to_string()),
            tjzt: Some(table_code(facts.statistic).to_owned()),
            ..taken()
        }),
        Said::Accepted(serial) => business(Business { pclsh: Some(serial), ..taken() }),
        Said::Running => {
            let running = Codes::default().running.into_iter().next().unwrap_or_default();
            no(&running, "处理中")
        }
        Said::Outcome(effect) => outcome(*effect),
        Said::Uses(facts) => match facts.into_iter().next() {
            Some(fact) => business(use_of(&fact)),
            None => no(NO_SUCH_INVOICE, "查无此票"),
        },
        Said::Page(facts) => {
            let package =
                facts.iter().filter_map(|facts| serde_json::to_value(package_invoice(facts)).ok());
            business(Business { fpxx: Some(package.collect()), ..taken() })
        }
        Said::Throttled { sentence, .. } => no("99", sentence),
        Said::NotDone(why) => error("InvalidRequest", &why),
        Said::Refused { code, sentence } => no(code, sentence),
        // 乐企 has no session and no fence.
        Said::LoggedIn { .. }
        | Said::Current(_)
        | Said::Switched
        | Said::ReadBack(_)
        | Said::File(_)
        | Said::LoggedOut
        | Said::PersonNeeded
        | Said::Stale => error("InvalidRequest", "没有该服务"),
    }
}

/// An error of the platform, before any business.
pub(crate) fn error(code: &str, message: &str) -> Reply {
    let error = Some(Error { code: code.to_owned(), message: message.to_owned() });
    Reply { response: Response { error, ..Response::default() } }
}

fn business(business: Business) -> Reply {
    Reply {
        response: Response { data: serde_json::to_value(business).ok(), ..Response::default() },
    }
}

fn taken() -> Business {
    Business { returncode: "00".to_owned(), returnmsg: "成功".to_owned(), ..Business::default() }
}

fn no(code: &str, sentence: &str) -> Reply {
    business(Business {
        returncode: code.to_owned(),
        returnmsg: sentence.to_owned(),
        ..Business::default()
    })
}

fn outcome(effect: Effect) -> Reply {
    let period = effect.period.map(|period| period.to_string());
    if let Some(code) = effect.refused {
        return business(Business { cljg: Some(code.to_owned()), skssq: period, ..taken() });
    }
    if let Some(pages) = effect.pages() {
        let packages = (1..=pages).map(|page| page.to_string()).collect();
        return business(Business { packages: Some(packages), ..taken() });
    }
    if effect.lines.is_empty() {
        let tjmx = effect.figures.as_ref().map(statistic_lines);
        return business(Business { cljg: Some("01".to_owned()), skssq: period, tjmx, ..taken() });
    }
    let lines = effect.lines.into_iter().map(|(key, code)| InvoiceResult {
        fpdm: key.code,
        fphm: key.number,
        // 乐企 has no word for "was not selected"; it is as wanted.
        cljg: if code == super::NOT_SELECTED { "01" } else { code }.to_owned(),
        cljgms: String::new(),
    });
    business(Business { fpmx: Some(lines.collect()), ..taken() })
}

/// Types that 乐企 has no code for are not told.
fn statistic_lines(figures: &Figures) -> Vec<StatisticLine> {
    let line = |row: &TypeFigures| {
        Some(StatisticLine {
            fplx: row.invoice_type.fplx()?.to_owned(),
            dkfs: row.deducted.count,
            dkje: row.deducted.amount.to_string(),
            dkse: row.deducted.tax.to_string(),
            bdkfs: row.not_deducted.count,
            bdkje: row.not_deducted.amount.to_string(),
            bdkse: row.not_deducted.tax.to_string(),
        })
    };
    figures.rows().iter().filter_map(line).collect()
}

fn table_code(state: StatisticState) -> &'static str {
    match state {
        StatisticState::NotGenerated => "01",
        StatisticState::Generating => "21",
        StatisticState::Generated => "02",
        StatisticState::Confirmed => "05",
    }
}

fn package_invoice(facts: &FactsOf) -> PackageInvoice {
    let FactsOf { used, fact, .. } = facts;
    let told = use_of(used);
    PackageInvoice {
        gfsbh: fact.buyer_tax_no.to_string(),
        fplx: fact.invoice_type.fplx().unwrap_or_default().to_owned(),
        fpdm: used.key.code.clone(),
        fphm: used.key.number.clone(),
        kprq: fact.invoice_date.map(|day| day.format("%Y%m%d").to_string()).unwrap_or_default(),
        je: fact.amount.to_string(),
        se: fact.tax.to_string(),
        xfmc: fact.seller_name.clone(),
        xfsbh: fact.seller_tax_no.clone(),
        tspz: fact.special_kind.clone(),
        fpzt: told.fpzt.unwrap_or_default(),
        ycpzzt: told.ycpzzt.unwrap_or_default(),
        fpyt: told.fpyt.unwrap_or_default(),
        skssq: told.skssq.unwrap_or_default(),
    }
}

fn use_of(fact: &UseFact) -> Business {
    let purpose = match fact.purpose {
        Purpose::Unused => "0",
        Purpose::Deduction => "1",
        Purpose::Rebate => "2",
        Purpose::NonDeduction => "6",
    };
    let risk = match fact.risk {
        Risk::Unknown | Risk::Normal => "01",
        Risk::Abnormal => "02",
        Risk::Suspect => "03",
    };
    let status = match fact.status {
        InvoiceStatus::Normal | InvoiceStatus::OutOfControl | InvoiceStatus::Abnormal => "0",
        InvoiceStatus::Void => "2",
        InvoiceStatus::Reversed => "3",
        InvoiceStatus::PartlyReversed => "7",
        InvoiceStatus::FullyReversed => "8",
    };
    let entry = match fact.entry {
        EntryState::NotEntered => "01",
        EntryState::Entered => "02",
        EntryState::Withdrawn => "03",
    };
    Business {
        fpzt: Some(status.to_owned()),
        ycpzzt: Some(risk.to_owned()),
        fpyt: Some(purpose.to_owned()),
        rzzt: Some(entry.to_owned()),
        skssq: fact.period.map(|period| period.to_string()),
        ..taken()
    }
}
