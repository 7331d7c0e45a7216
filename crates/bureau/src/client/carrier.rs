//! One request there, one answer back; never repeated.

use super::{ClientError, Limits};
use crate::{
    reading::{Exchange, Transport},
    wire::header::{self, Op},
};
use domain::kind::Kind;
use fleet::ports::channel::Call;
use reqwest::{
    Client, RequestBuilder, Response, Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue},
};
use serde::Serialize;
use std::time::Duration;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout_at},
};

/// Limits of one exchange.
pub mod limits {
    /// Bytes of an answer; a longer one is not read further.
    pub const ANSWER_BYTES: usize = 8 << 20;
    /// Seconds that an idle connection is kept. A connection that the other side closes while we
    /// write makes the outcome unclear, so old ones are not kept.
    pub const IDLE_SECONDS: u64 = 30;
}

/// Where requests of one channel go, and how many at once.
#[derive(Debug)]
pub(super) struct Carrier {
    http: Client,
    base: Url,
    permits: Semaphore,
    pub(super) limits: Limits,
}

impl Carrier {
    /// `defaults` go with every request.
    pub(super) fn new(
        address: &str,
        limits: Limits,
        defaults: HeaderMap,
    ) -> Result<Carrier, ClientError> {
        let wrong = || ClientError::Address { address: address.to_owned() };
        let base = Url::parse(address).map_err(|_| wrong())?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(wrong());
        }
        let http = Client::builder()
            .connect_timeout(limits.connect)
            .pool_idle_timeout(Duration::from_secs(limits::IDLE_SECONDS))
            .pool_max_idle_per_host(limits.concurrency)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .tcp_nodelay(true)
            .default_headers(defaults)
            .build()?;
        let permits = Semaphore::new(limits.concurrency.clamp(1, Semaphore::MAX_PERMITS));
        Ok(Carrier { http, base, permits, limits })
    }

    /// Makes one request. A body that cannot be written down was never sent.
    pub(super) async fn post<B: Serialize + Sync>(
        &self,
        letter: Letter<'_>,
        path: &str,
        body: &B,
    ) -> Exchange {
        let deadline = Instant::now() + self.limits.for_call(letter.kind, letter.call.time_limit);
        let Ok(body) = serde_json::to_vec(body) else {
            return Exchange::Failed(Transport::NeverSent);
        };
        let Some(_permit) = self.permit(deadline).await else {
            return Exchange::Failed(Transport::NeverSent);
        };
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        let request = self.http.post(url).header(CONTENT_TYPE, "application/json").body(body);
        let exchange = answer(letter.identify(request));
        match timeout_at(deadline, exchange).await {
            Ok(exchange) => exchange,
            Err(_) => Exchange::Failed(Transport::TimedOut),
        }
    }

    async fn permit(&self, deadline: Instant) -> Option<SemaphorePermit<'_>> {
        timeout_at(deadline, self.permits.acquire()).await.ok()?.ok()
    }
}

/// Whose request it is, and what for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Letter<'a> {
    pub(super) call: &'a Call,
    pub(super) op: Op,
    pub(super) kind: Option<Kind>,
}

impl Letter<'_> {
    fn identify(&self, request: RequestBuilder) -> RequestBuilder {
        let call = self.call;
        let request = request
            .header(header::TASK, call.task.to_string())
            .header(header::REQUEST, call.request_id())
            .header(header::FENCE, call.fence.to_string())
            .header(header::BUREAU, call.lane.bureau.to_string())
            .header(header::ACCOUNT, call.lane.account.as_str())
            .header(header::TAX_NO, call.tax_no.as_str())
            .header(header::OP, self.op.name());
        let request = match self.kind {
            Some(kind) => request.header(header::KIND, kind.name()),
            None => request,
        };
        // A trace context that cannot stand in a header is not worth losing the call for.
        match call.traceparent.as_deref().and_then(|text| HeaderValue::from_str(text).ok()) {
            Some(context) => request.header(header::TRACEPARENT, context),
            None => request,
        }
    }
}

async fn answer(request: RequestBuilder) -> Exchange {
    let response = match request.send().await {
        Ok(response) => response,
        Err(error) => return Exchange::Failed(why(&error)),
    };
    let status = response.status().as_u16();
    match body_of(response).await {
        Ok(body) => Exchange::Answered { status, body },
        Err(transport) => Exchange::Failed(transport),
    }
}

async fn body_of(mut response: Response) -> Result<Vec<u8>, Transport> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| why(&error))? {
        if body.len() + chunk.len() > limits::ANSWER_BYTES {
            return Err(Transport::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// A connection that was never made has sent nothing; after that nobody knows.
fn why(error: &reqwest::Error) -> Transport {
    if error.is_connect() || error.is_builder() {
        Transport::NeverSent
    } else if error.is_timeout() {
        Transport::TimedOut
    } else {
        Transport::Cut
    }
}
