//! The actions from elsewhere: over HTTP, or on a site of this process.

use crate::{
    answers::{
        Cancellations, Card, CountsView, ImportedWorld, InvoicePage, InvoiceView, Lanes,
        LanesTouched, Page, Records, Resync, Retries, SessionChanged, Submission, Why, Writebacks,
    },
    api::{
        MESSAGES, TASKS_BYTES,
        asked::{AbsentAsked, CancelAsked, GateAsked, ResyncAsked, RetryAsked, SessionAsked},
    },
    filter::{TaskQuery, percent_encoded},
    invoice_query::InvoiceQuery,
    problem::Problem,
    router::router,
    site::Site,
};
use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use hyper_util::rt::TokioIo;
use serde::{Serialize, de::DeserializeOwned};
use std::{net::SocketAddr, time::Duration};
use tokio::net::TcpStream;
use tower::ServiceExt;
use uuid::Uuid;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(3);
/// How long an answer may take: longer than the site's own limit.
const ANSWER: Duration = Duration::from_secs(40);
/// Bytes of an answer at most.
const ANSWER_BYTES: usize = 64 << 20;

/// The action was not done; the sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error(
        "no gouxuan is running at {0}; start one with `gouxuan serve`, or name its address with \
         --listen"
    )]
    NobodyThere(SocketAddr),
    #[error("gouxuan at {0} did not answer: {1}; look at its log, and try again")]
    Broken(String, String),
    #[error("what answers at {0} is not gouxuan ({1}); name the right address with --listen")]
    Stranger(String, String),
    /// It answered that it did not work.
    #[error("{0}")]
    Problem(Problem),
}

/// Where the actions are done.
#[derive(Debug, Clone)]
enum Place {
    At(SocketAddr),
    Here(Router),
}

/// Does what the API does.
#[derive(Debug, Clone)]
pub struct Client(Place);

/// Messages to publish: each with its line in the file that it came from.
pub type Tasks<'a> = &'a [(usize, Bytes)];

impl Client {
    /// Messages and bytes of one [`Client::publish`] at most.
    pub const MESSAGES: usize = MESSAGES;
    pub const BYTES: usize = TASKS_BYTES;

    /// The process that listens there.
    pub fn at(address: SocketAddr) -> Client {
        Client(Place::At(address))
    }

    /// This process's own.
    pub fn here(site: Site) -> Client {
        Client(Place::Here(router(site)))
    }

    /// Whether a gouxuan answers.
    pub async fn answers(&self) -> Result<bool, ClientError> {
        match self.exchange(request(Method::GET, "/healthz", "", Body::empty())).await {
            Ok((status, said)) => Ok(status.is_success() && said.starts_with(b"gouxuan ")),
            Err(ClientError::NobodyThere(_) | ClientError::Stranger(..)) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// Publishes messages; an outcome for each, with its line.
    pub async fn publish(
        &self,
        tasks: Tasks<'_>,
        traceparent: Option<&str>,
    ) -> Result<Submission, ClientError> {
        let body = Body::from(ndjson(tasks));
        let mut request = request(Method::POST, "/api/v1/tasks", NDJSON, body);
        if let Some(value) = traceparent.and_then(|text| text.parse().ok()) {
            request.headers_mut().insert("traceparent", value);
        }
        let (status, answer) = self.exchange(request).await?;
        // An answer that nothing was taken still says why for each.
        let mut submission: Submission = match serde_json::from_slice(&answer) {
            Ok(submission) => submission,
            Err(_) => return Err(self.refusal(status, &answer)),
        };
        for outcome in &mut submission.outcomes {
            if let Some((line, _)) = tasks.get(outcome.line.wrapping_sub(1)) {
                outcome.line = *line;
            }
        }
        Ok(submission)
    }

    /// Tells what business documents tell; an outcome for each, with its line.
    pub async fn write_back(&self, told: Tasks<'_>) -> Result<Writebacks, ClientError> {
        let body = Body::from(ndjson(told));
        let request = request(Method::POST, "/api/v1/writebacks", NDJSON, body);
        let (status, answer) = self.exchange(request).await?;
        let mut writebacks: Writebacks = match serde_json::from_slice(&answer) {
            Ok(writebacks) => writebacks,
            Err(_) => return Err(self.refusal(status, &answer)),
        };
        for outcome in &mut writebacks.outcomes {
            if let Some((line, _)) = told.get(outcome.line.wrapping_sub(1)) {
                outcome.line = *line;
            }
        }
        Ok(writebacks)
    }

    pub async fn resync(&self, asked: &ResyncAsked) -> Result<Resync, ClientError> {
        self.post("/api/v1/invoices/resync", asked).await
    }

    pub async fn list(&self, query: &TaskQuery) -> Result<Page, ClientError> {
        self.get(&with_query("/api/v1/tasks", query.to_query())).await
    }

    pub async fn counts(&self, query: &TaskQuery) -> Result<CountsView, ClientError> {
        self.get(&with_query("/api/v1/counts", query.to_query())).await
    }

    pub async fn card(&self, task: Uuid) -> Result<Card, ClientError> {
        self.get(&format!("/api/v1/tasks/{task}")).await
    }

    pub async fn why(&self, task: Uuid) -> Result<Why, ClientError> {
        self.get(&format!("/api/v1/tasks/{task}/why")).await
    }

    pub async fn invoices(&self, query: &InvoiceQuery) -> Result<InvoicePage, ClientError> {
        self.get(&with_query("/api/v1/invoices", query.to_query())).await
    }

    pub async fn invoice(
        &self,
        tax_no: &str,
        number: &str,
        code: &str,
    ) -> Result<InvoiceView, ClientError> {
        let [tax_no, number, code] = [tax_no, number, code].map(percent_encoded);
        self.get(&format!("/api/v1/invoices/{tax_no}/{number}?code={code}")).await
    }

    pub async fn retry(&self, asked: &RetryAsked) -> Result<Retries, ClientError> {
        self.post("/api/v1/tasks/retry", asked).await
    }

    pub async fn cancel(&self, asked: &CancelAsked) -> Result<Cancellations, ClientError> {
        self.post("/api/v1/tasks/cancel", asked).await
    }

    pub async fn record_absent(&self, asked: &AbsentAsked) -> Result<Records, ClientError> {
        self.post("/api/v1/tasks/absent", asked).await
    }

    pub async fn lanes(&self) -> Result<Lanes, ClientError> {
        self.get("/api/v1/lanes").await
    }

    pub async fn pause(&self, asked: &GateAsked) -> Result<LanesTouched, ClientError> {
        self.post("/api/v1/lanes/pause", asked).await
    }

    pub async fn resume(&self, asked: &GateAsked) -> Result<LanesTouched, ClientError> {
        self.post("/api/v1/lanes/resume", asked).await
    }

    pub async fn login(&self, asked: &SessionAsked) -> Result<SessionChanged, ClientError> {
        self.post("/api/v1/lanes/login", asked).await
    }

    pub async fn logout(&self, asked: &SessionAsked) -> Result<SessionChanged, ClientError> {
        self.post("/api/v1/lanes/logout", asked).await
    }

    /// A world file as it stands on disk.
    pub async fn import(&self, world: Vec<u8>) -> Result<ImportedWorld, ClientError> {
        let json = "application/json";
        let request = request(Method::POST, "/api/v1/world", json, Body::from(world));
        self.read(request).await
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.read(request(Method::GET, path, "", Body::empty())).await
    }

    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        asked: &impl Serialize,
    ) -> Result<T, ClientError> {
        let body = serde_json::to_vec(asked).map_err(|error| self.broken(error))?;
        self.read(request(Method::POST, path, "application/json", Body::from(body))).await
    }

    async fn read<T: DeserializeOwned>(&self, request: Request<Body>) -> Result<T, ClientError> {
        let (status, answer) = self.exchange(request).await?;
        if !status.is_success() {
            return Err(self.refusal(status, &answer));
        }
        serde_json::from_slice(&answer)
            .map_err(|error| ClientError::Stranger(self.place(), error.to_string()))
    }

    fn refusal(&self, status: StatusCode, answer: &[u8]) -> ClientError {
        match serde_json::from_slice(answer) {
            Ok(problem) => ClientError::Problem(problem),
            Err(_) => ClientError::Stranger(self.place(), format!("it says {status}")),
        }
    }

    async fn exchange(&self, request: Request<Body>) -> Result<(StatusCode, Bytes), ClientError> {
        let exchange = async {
            let response = match &self.0 {
                Place::At(address) => send(*address, request).await?,
                Place::Here(router) => {
                    router.clone().oneshot(request).await.unwrap_or_else(|never| match never {})
                }
            };
            let status = response.status();
            let body = to_bytes(response.into_body(), ANSWER_BYTES).await;
            Ok((status, body.map_err(|error| self.broken(error))?))
        };
        let late = |_| self.broken(format!("nothing within {} s", ANSWER.as_secs()));
        tokio::time::timeout(ANSWER, exchange).await.map_err(late)?
    }

    fn broken(&self, error: impl std::fmt::Display) -> ClientError {
        ClientError::Broken(self.place(), error.to_string())
    }

    fn place(&self) -> String {
        match self.0 {
            Place::At(address) => address.to_string(),
            Place::Here(_) => "this process".to_owned(),
        }
    }
}

const NDJSON: &str = "application/x-ndjson";

/// One message a line.
fn ndjson(messages: Tasks<'_>) -> Vec<u8> {
    let mut body = Vec::with_capacity(messages.iter().map(|(_, one)| one.len() + 1).sum());
    for (_, message) in messages {
        // In JSON a line's end is only a space between tokens; here it would end the message.
        body.extend(message.iter().map(|byte| if *byte == b'\n' { b' ' } else { *byte }));
        body.push(b'\n');
    }
    body
}

fn with_query(path: &str, query: String) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

fn request(method: Method, path: &str, content_type: &str, body: Body) -> Request<Body> {
    let builder = Request::builder().method(method).uri(path);
    let builder = match content_type {
        "" => builder,
        text => builder.header(header::CONTENT_TYPE, text),
    };
    builder.body(body).expect("paths and headers are ours and well formed")
}

/// One request on a connection of its own.
async fn send(
    address: SocketAddr,
    mut request: Request<Body>,
) -> Result<axum::response::Response, ClientError> {
    let broken =
        |error: &dyn std::fmt::Display| ClientError::Broken(address.to_string(), error.to_string());
    let socket = match tokio::time::timeout(CONNECT, TcpStream::connect(address)).await {
        Ok(Ok(socket)) => socket,
        Ok(Err(_)) | Err(_) => return Err(ClientError::NobodyThere(address)),
    };
    let host = address.to_string().parse().map_err(|error| broken(&error));
    request.headers_mut().insert(header::HOST, host?);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(socket))
        .await
        .map_err(|error| broken(&error))?;
    // Ends with the exchange: the sender is dropped when the answer has been read.
    let driving = tokio::spawn(connection);
    let response = sender.send_request(request).await;
    drop(driving);
    match response {
        Ok(response) => Ok(response.map(Body::new)),
        Err(error) if error.is_parse() => {
            Err(ClientError::Stranger(address.to_string(), error.to_string()))
        }
        Err(error) => Err(broken(&error)),
    }
}
