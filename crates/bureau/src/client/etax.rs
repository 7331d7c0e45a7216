//! 电子税局, through robots.

use super::{
    ClientError, Limits,
    carrier::{Carrier, Letter},
};
use crate::{
    reading::{self, Asked, Exchange, Nature},
    wire::{
        etax::{
            FileRequest, Invoice, InvoiceRef, LoginRequest, PageRequest, PeriodRequest,
            ReadBackRequest, ResultRequest, SubmitRequest, SwitchRequest, UseRequest, path_of,
        },
        header::Op,
    },
};
use async_trait::async_trait;
use domain::{
    answer::{Answer, PeriodFacts, ReadBackAnswer, Receipt},
    invoice::{FileRef, InvoiceKey, ToldPage},
    kind::Kind,
    tax_no::TaxNo,
};
use fleet::ports::{
    channel::{Call, Channel, Order},
    clock::Clock,
};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use std::sync::Arc;

/// How the robots are reached.
#[derive(Clone, Debug)]
pub struct EtaxSettings {
    /// Base address, such as `https://robots.example:8443`.
    pub address: String,
    /// Sent as `Authorization: Bearer …` when set.
    pub token: Option<SecretString>,
    pub limits: Limits,
}

impl EtaxSettings {
    /// With default limits and no token.
    pub fn at(address: impl Into<String>) -> EtaxSettings {
        EtaxSettings { address: address.into(), token: None, limits: Limits::default() }
    }
}

/// The robot protocol's client.
#[derive(Debug)]
pub struct EtaxClient {
    carrier: Carrier,
    clock: Arc<dyn Clock>,
}

impl EtaxClient {
    /// Needs a crypto provider for TLS installed before.
    pub fn new(settings: EtaxSettings, clock: Arc<dyn Clock>) -> Result<EtaxClient, ClientError> {
        let mut defaults = HeaderMap::new();
        if let Some(token) = &settings.token {
            let text = format!("Bearer {}", token.expose_secret());
            let mut value = HeaderValue::from_str(&text).map_err(|_| ClientError::Token)?;
            value.set_sensitive(true);
            defaults.insert(AUTHORIZATION, value);
        }
        let carrier = Carrier::new(&settings.address, settings.limits, defaults)?;
        Ok(EtaxClient { carrier, clock })
    }

    async fn ask<B: Serialize + Sync>(
        &self,
        call: &Call,
        op: Op,
        kind: Option<Kind>,
        body: &B,
    ) -> Exchange {
        self.carrier.post(Letter { call, op, kind }, path_of(op), body).await
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

/// A task's own step acts when its kind does; the steps on the way always act.
pub(super) fn nature_of(call: &Call, order: &Order) -> Nature {
    let reads = call.act.is_the_tasks_own() && !order.kind.acts_at_bureau();
    if reads { Nature::Reads } else { Nature::Acts }
}

#[async_trait]
impl Channel for EtaxClient {
    async fn log_in(&self, call: &Call) -> Answer {
        let lane = &call.lane;
        let body = LoginRequest { bureau: lane.bureau, account: lane.account.clone() };
        let exchange = self.ask(call, Op::Login, None, &body).await;
        reading::etax::session(&exchange, self.clock.now())
    }

    async fn current_tax_number(&self, call: &Call) -> Result<Option<TaxNo>, Answer> {
        let nothing = serde_json::Map::new();
        let exchange = self.ask(call, Op::CurrentTaxNumber, None, &nothing).await;
        reading::etax::current_tax_number(&exchange, self.clock.now())
    }

    async fn switch(&self, call: &Call) -> Answer {
        let body = SwitchRequest { tax_no: call.tax_no.clone() };
        let exchange = self.ask(call, Op::Switch, None, &body).await;
        reading::etax::session(&exchange, self.clock.now())
    }

    async fn period(&self, call: &Call) -> Result<PeriodFacts, Answer> {
        let body = PeriodRequest { tax_no: call.tax_no.clone() };
        let exchange = self.ask(call, Op::Period, None, &body).await;
        reading::etax::period(&exchange, self.clock.now())
    }

    async fn submit(&self, call: &Call, order: &Order) -> Answer {
        let body = SubmitRequest {
            tax_no: call.tax_no.clone(),
            kind: order.kind,
            act: call.act,
            tax_period: order.period,
            invoices: order.invoices.iter().map(Invoice::from).collect(),
            parameters: order.parameters.clone(),
            password: order.password.clone(),
        };
        let exchange = self.ask(call, Op::Submit, Some(order.kind), &body).await;
        reading::etax::outcome(&exchange, nature_of(call, order), &self.asked(call, order))
    }

    async fn result(&self, call: &Call, order: &Order, receipt: &Receipt) -> Answer {
        let body = ResultRequest {
            tax_no: call.tax_no.clone(),
            kind: order.kind,
            receipt: receipt.0.clone(),
        };
        let exchange = self.ask(call, Op::Result, Some(order.kind), &body).await;
        reading::etax::outcome(&exchange, Nature::Reads, &self.asked(call, order))
    }

    async fn read_back(&self, call: &Call, order: &Order) -> ReadBackAnswer {
        let body = ReadBackRequest {
            tax_no: call.tax_no.clone(),
            kind: order.kind,
            invoices: order.invoices.iter().map(|i| InvoiceRef::from(&i.key)).collect(),
        };
        let exchange = self.ask(call, Op::ReadBack, Some(order.kind), &body).await;
        reading::etax::read_back(&exchange, &self.asked(call, order))
    }

    async fn read_use(&self, call: &Call, order: &Order, invoices: &[InvoiceKey]) -> Answer {
        let body = UseRequest {
            tax_no: call.tax_no.clone(),
            invoices: invoices.iter().map(InvoiceRef::from).collect(),
        };
        let exchange = self.ask(call, Op::Use, Some(order.kind), &body).await;
        reading::etax::uses(&exchange, order.kind, invoices, self.clock.now())
    }

    async fn page(
        &self,
        call: &Call,
        order: &Order,
        receipt: &Receipt,
        page: &str,
    ) -> Result<ToldPage, Answer> {
        let Ok(page) = page.parse() else {
            let sentence = format!("下载没有第{page}页。");
            return Err(Answer::Faltered { sentence });
        };
        let (tax_no, receipt) = (call.tax_no.clone(), receipt.0.clone());
        let body = PageRequest { tax_no, receipt, page };
        let exchange = self.ask(call, Op::Page, Some(order.kind), &body).await;
        reading::etax::page(&exchange, self.clock.now())
    }

    async fn file(
        &self,
        call: &Call,
        order: &Order,
        receipt: &Receipt,
        file: &FileRef,
    ) -> Result<Vec<u8>, Answer> {
        let body = FileRequest {
            tax_no: call.tax_no.clone(),
            receipt: receipt.0.clone(),
            invoice: InvoiceRef::from(&file.invoice),
            format: file.format,
        };
        let exchange = self.ask(call, Op::File, Some(order.kind), &body).await;
        reading::etax::file(&exchange, self.clock.now())
    }
}
