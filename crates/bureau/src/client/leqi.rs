//! 乐企: no login, no fences, one service per purpose.

use super::{
    ClientError, Limits,
    carrier::{Carrier, Letter},
    etax::nature_of,
    leqi_order::{not_offered, prepare, result_service, target_period},
};
use crate::{
    reading::{
        self, Asked, Exchange,
        leqi::{Codes, cannot_tell, how_read_back, read_back_period, read_back_uses},
    },
    wire::{
        header::Op,
        leqi::{PackageBody, PeriodBody, SerialBody, Service, UseBody},
    },
};
use async_trait::async_trait;
use domain::{
    answer::{Answer, Outcome, PeriodFacts, ReadBackAnswer, Receipt},
    invoice::{FileRef, InvoiceKey, ToldPage, UseReading},
    kind::{Kind, ReadBack},
    tax_no::TaxNo,
};
use fleet::ports::{
    channel::{Call, Channel, Order},
    clock::Clock,
};
use futures::{StreamExt, stream};
use reqwest::header::HeaderMap;
use serde::Serialize;
use std::{collections::HashMap, sync::Arc};
use tokio::time::{Instant, timeout_at};

/// How 乐企 is reached, and what it does not publish.
#[derive(Clone, Debug)]
pub struct LeqiSettings {
    /// Base address; the path of the services begins below it.
    pub address: String,
    pub limits: Limits,
    pub codes: Codes,
    /// Uses read at once for one task: the service takes one invoice per call.
    pub uses_at_once: usize,
}

impl LeqiSettings {
    /// With default limits and codes.
    pub fn at(address: impl Into<String>) -> LeqiSettings {
        LeqiSettings {
            address: address.into(),
            limits: Limits::default(),
            codes: Codes::default(),
            uses_at_once: 8,
        }
    }
}

/// 乐企's client.
#[derive(Debug)]
pub struct LeqiClient {
    carrier: Carrier,
    codes: Codes,
    uses_at_once: usize,
    clock: Arc<dyn Clock>,
}

impl LeqiClient {
    /// Needs a crypto provider for TLS installed before.
    pub fn new(settings: LeqiSettings, clock: Arc<dyn Clock>) -> Result<LeqiClient, ClientError> {
        let carrier = Carrier::new(&settings.address, settings.limits, HeaderMap::new())?;
        let uses_at_once = settings.uses_at_once.max(1);
        Ok(LeqiClient { carrier, codes: settings.codes, uses_at_once, clock })
    }

    async fn ask<B: Serialize + Sync>(
        &self,
        letter: Letter<'_>,
        service: Service,
        body: &B,
    ) -> Exchange {
        self.carrier.post(letter, &service.path(), body).await
    }

    async fn current(&self, letter: Letter<'_>) -> Result<PeriodFacts, Answer> {
        let nsrsbh = letter.call.tax_no.as_str().to_owned();
        let body = PeriodBody { nsrsbh, ..PeriodBody::default() };
        let exchange = self.ask(letter, Service::CurrentPeriod, &body).await;
        reading::leqi::period(&exchange, &self.codes, self.clock.now())
    }

    /// The uses of these invoices as far as they can be read in the call's time: one request each,
    /// a few at once. A throttle ends it, and so does a whole round that cannot be read.
    async fn uses(&self, letter: Letter<'_>, invoices: &[InvoiceKey]) -> Uses {
        let mut uses = self.uses_as_they_come(letter, invoices).await;
        let places: HashMap<&InvoiceKey, usize> = invoices.iter().zip(0..).collect();
        uses.found.sort_by_key(|(key, _)| places.get(key).copied());
        uses
    }

    async fn uses_as_they_come(&self, letter: Letter<'_>, invoices: &[InvoiceKey]) -> Uses {
        let limit = self.carrier.limits.for_call(letter.kind, letter.call.time_limit);
        let deadline = Instant::now() + limit;
        let calls: Vec<_> =
            invoices.iter().map(|key| self.invoice_use(letter, key.clone())).collect();
        let mut calls = stream::iter(calls).buffer_unordered(self.uses_at_once);
        let mut uses = Uses { found: Vec::with_capacity(invoices.len()), hindered: None };
        let mut failed = 0;
        loop {
            match timeout_at(deadline, calls.next()).await {
                Ok(None) => return uses,
                Ok(Some(Ok(found))) => uses.found.push(found),
                Ok(Some(Err(answer))) => {
                    failed += 1;
                    let over = matches!(answer, Answer::Throttled { .. });
                    uses.hindered = Some(answer);
                    if over || failed >= self.uses_at_once {
                        return uses;
                    }
                }
                Err(_) => {
                    let sentence = "读取发票用途超时，稍后重试。".to_owned();
                    uses.hindered = Some(Answer::Faltered { sentence });
                    return uses;
                }
            }
        }
    }

    async fn invoice_use(
        &self,
        letter: Letter<'_>,
        key: InvoiceKey,
    ) -> Result<(InvoiceKey, Option<UseReading>), Answer> {
        let body = UseBody {
            gfsbh: letter.call.tax_no.as_str().to_owned(),
            fpdm: key.code.clone(),
            fphm: key.number.clone(),
        };
        let exchange = self.ask(letter, Service::InvoiceUse, &body).await;
        let read = reading::leqi::invoice_use(&exchange, &self.codes, self.clock.now())?;
        Ok((key, read))
    }

    /// What the uses say of a submission, when not all of them could be read.
    fn read_back_of(uses: Uses, order: &Order) -> ReadBackAnswer {
        let found = reading::leqi::uses(order.kind, uses.found);
        match (uses.hindered, read_back_uses(found)) {
            (None, answer) => answer,
            (Some(_), ReadBackAnswer::Found(found)) => {
                ReadBackAnswer::Found(reading::leqi::with_unread(found, &keys_of(order)))
            }
            (Some(answer), _) => ReadBackAnswer::NotRead(Box::new(answer)),
        }
    }

    fn asked<'a>(&self, call: &Call, order: &'a Order) -> Asked<'a> {
        Asked {
            kind: order.kind,
            act: call.act,
            period: order.period,
            invoices: &order.invoices,
            now: self.clock.now(),
        }
    }
}

/// What was read of some invoices, and why not of the others.
struct Uses {
    found: Vec<(InvoiceKey, Option<UseReading>)>,
    hindered: Option<Answer>,
}

fn keys_of(order: &Order) -> Vec<InvoiceKey> {
    order.invoices.iter().map(|invoice| invoice.key.clone()).collect()
}

#[async_trait]
impl Channel for LeqiClient {
    /// There is no login: nothing is sent.
    async fn log_in(&self, _call: &Call) -> Answer {
        Answer::Succeeded(Outcome::default())
    }

    /// Every call names its tax number: nothing is sent.
    async fn current_tax_number(&self, call: &Call) -> Result<Option<TaxNo>, Answer> {
        Ok(Some(call.tax_no.clone()))
    }

    /// Every call names its tax number: nothing is sent.
    async fn switch(&self, _call: &Call) -> Answer {
        Answer::Succeeded(Outcome::default())
    }

    async fn period(&self, call: &Call) -> Result<PeriodFacts, Answer> {
        self.current(Letter { call, op: Op::Period, kind: None }).await
    }

    async fn submit(&self, call: &Call, order: &Order) -> Answer {
        if order.kind == Kind::InvoiceUseQuery {
            // Nothing is submitted: the uses are what it is for, and are read in portions.
            return Answer::Succeeded(reading::leqi::with_unread(
                Outcome::default(),
                &keys_of(order),
            ));
        }
        let prepared = match prepare(call, order) {
            Ok(prepared) => prepared,
            Err(answer) => return answer,
        };
        let letter = Letter { call, op: Op::Submit, kind: Some(order.kind) };
        let exchange = self.ask(letter, prepared.service, &prepared.body).await;
        let asked = self.asked(call, order);
        reading::leqi::submission(&exchange, nature_of(call, order), &self.codes, &asked)
    }

    async fn result(&self, call: &Call, order: &Order, receipt: &Receipt) -> Answer {
        let Some(service) = result_service(call.act, order.kind) else {
            let sentence = "乐企没有查询该任务结果的服务。".to_owned();
            return Answer::Faltered { sentence };
        };
        let letter = Letter { call, op: Op::Result, kind: Some(order.kind) };
        let nsrsbh = call.tax_no.as_str().to_owned();
        let body = SerialBody { nsrsbh, pclsh: receipt.0.clone() };
        let exchange = self.ask(letter, service, &body).await;
        reading::leqi::result(&exchange, &self.codes, &self.asked(call, order))
    }

    /// Reads what the step would have changed. "Absent" is not conclusive here before the quiet
    /// time is over: 乐企 knows no fences.
    async fn read_back(&self, call: &Call, order: &Order) -> ReadBackAnswer {
        let letter = Letter { call, op: Op::ReadBack, kind: Some(order.kind) };
        let not_read = |answer| ReadBackAnswer::NotRead(Box::new(answer));
        match how_read_back(order.kind, call.act) {
            ReadBack::InvoiceUse if order.invoices.is_empty() => cannot_tell(),
            ReadBack::InvoiceUse => {
                let uses = self.uses(letter, &keys_of(order)).await;
                LeqiClient::read_back_of(uses, order)
            }
            ReadBack::StatisticState | ReadBack::Period => match self.current(letter).await {
                Ok(facts) => {
                    read_back_period(&facts, &self.asked(call, order), target_period(order))
                }
                Err(answer) => not_read(answer),
            },
            ReadBack::Repeat => ReadBackAnswer::Absent,
            ReadBack::ByRequest => cannot_tell(),
        }
    }

    async fn read_use(&self, call: &Call, order: &Order, invoices: &[InvoiceKey]) -> Answer {
        let letter = Letter { call, op: Op::Use, kind: Some(order.kind) };
        let uses = self.uses(letter, invoices).await;
        match uses.hindered {
            Some(answer) if uses.found.is_empty() => answer,
            _ => Answer::Succeeded(reading::leqi::uses(order.kind, uses.found)),
        }
    }

    async fn page(
        &self,
        call: &Call,
        order: &Order,
        receipt: &Receipt,
        page: &str,
    ) -> Result<ToldPage, Answer> {
        let letter = Letter { call, op: Op::Page, kind: Some(order.kind) };
        let body = PackageBody {
            nsrsbh: call.tax_no.as_str().to_owned(),
            pclsh: receipt.0.clone(),
            bh: Some(page.to_owned()),
        };
        let exchange = self.ask(letter, Service::DownloadResult, &body).await;
        reading::leqi::package(&exchange, &self.codes, self.clock.now())
    }

    async fn file(&self, _: &Call, _: &Order, _: &Receipt, _: &FileRef) -> Result<Vec<u8>, Answer> {
        // No service is known that brings one.
        Err(not_offered())
    }
}
