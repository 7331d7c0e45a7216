//! The actions from elsewhere: over HTTP, or on a site of this process.

mod around;
mod automatic;
mod batches;
mod lanes;
mod lists;
mod people;
mod pool;
mod registry;
mod statistics;
mod tasks;
mod versions;

use crate::{
    api::{MESSAGES, TASKS_BYTES},
    problem::Problem,
    router::trusted,
    site::Site,
};
use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{HeaderValue, Method, Request, StatusCode, header},
};
use hyper_util::rt::TokioIo;
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use std::{net::SocketAddr, time::Duration};
use tokio::net::TcpStream;
use tower::ServiceExt;

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
pub struct Client {
    place: Place,
    /// Whose requests they are; None: nobody says.
    token: Option<SecretString>,
}

/// Messages to publish: each with its line in the file that it came from.
pub type Tasks<'a> = &'a [(usize, Bytes)];

impl Client {
    /// Messages and bytes of one [`Client::publish`] at most.
    pub const MESSAGES: usize = MESSAGES;
    pub const BYTES: usize = TASKS_BYTES;

    /// The process that listens there.
    pub fn at(address: SocketAddr) -> Client {
        Client { place: Place::At(address), token: None }
    }

    /// As the user with this token.
    #[must_use]
    pub fn with_token(self, token: Option<SecretString>) -> Client {
        Client { token, ..self }
    }

    /// This process's own; `by`: the machine's user, as the audit tells who it was.
    pub fn here(site: Site, by: &str) -> Client {
        Client { place: Place::Here(trusted(site, by)), token: None }
    }

    /// Whether a gouxuan answers.
    pub async fn answers(&self) -> Result<bool, ClientError> {
        match self.exchange(request(Method::GET, "/healthz", "", Body::empty())).await {
            Ok((status, said)) => Ok(status.is_success() && said.starts_with(b"gouxuan ")),
            Err(ClientError::NobodyThere(_) | ClientError::Stranger(..)) => Ok(false),
            Err(other) => Err(other),
        }
    }

    async fn saved(&self, path: &str) -> Result<Bytes, ClientError> {
        self.bytes(request(Method::GET, path, "", Body::empty())).await
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

    async fn bytes(&self, request: Request<Body>) -> Result<Bytes, ClientError> {
        let (status, answer) = self.exchange(request).await?;
        if status.is_success() { Ok(answer) } else { Err(self.refusal(status, &answer)) }
    }

    fn refusal(&self, status: StatusCode, answer: &[u8]) -> ClientError {
        match serde_json::from_slice(answer) {
            Ok(problem) => ClientError::Problem(problem),
            Err(_) => ClientError::Stranger(self.place(), format!("it says {status}")),
        }
    }

    async fn exchange(&self, request: Request<Body>) -> Result<(StatusCode, Bytes), ClientError> {
        let exchange = async {
            let mut request = request;
            if let Some(token) = &self.token {
                let value = format!("Bearer {}", token.expose_secret().trim());
                let mut value = HeaderValue::from_str(&value).map_err(|_| {
                    ClientError::Problem(Problem::malformed(
                        "token: is none; write it as it was told",
                    ))
                })?;
                value.set_sensitive(true);
                request.headers_mut().insert(header::AUTHORIZATION, value);
            }
            let response = match &self.place {
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
        match self.place {
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
