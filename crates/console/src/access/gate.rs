//! Before every request: who asks, and may they? Around every action: the record of it.

use super::{
    Asker,
    asker::Who,
    needs::{self, Need},
    token,
};
use crate::{problem::Problem, site::Site};
use axum::{
    body::{Body, HttpBody, to_bytes},
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use fleet::ports::people::{Known, NewRecord, RecordEnd, RecordOutcome};
use serde_json::Value;
use std::{
    net::SocketAddr,
    sync::{Arc, PoisonError},
};

/// Bytes of a request's or an answer's JSON that the audit keeps; larger ones are told by their size.
const KEPT_BYTES: usize = 16 << 10;
/// Characters of who, why and what in the audit.
const CHARS: usize = 500;

/// What a request comes through.
#[derive(Clone, Debug)]
pub(crate) struct Entrance {
    pub site: Site,
    /// The machine's user at whose command line it is: whoever can open the store may do everything.
    /// None: it comes over HTTP.
    pub command_line: Option<Arc<str>>,
}

/// Where the audit says that a command came from that worked on the store itself.
pub const COMMAND_LINE: &str = "this machine's command line";

pub(crate) async fn gate(
    State(Entrance { site, command_line }): State<Entrance>,
    path: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    // A path that is not served says so.
    let Some(path) = path else { return next.run(request).await };
    let Some(need) = needs::of(request.method().as_str(), path.as_str()) else {
        let sentence = format!("nobody has said what {} needs", path.as_str());
        return Problem::broken(sentence).into_response();
    };
    if need == Need::Open {
        return next.run(request).await;
    }
    let who = match who(&site, command_line.is_some(), request.headers()).await {
        Ok(who) => who,
        Err(problem) => return refused(problem),
    };
    let asker = Asker::new(who);
    match through(&site, &asker, need, &path, request, next, command_line.as_deref()).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn who(site: &Site, trusted: bool, headers: &HeaderMap) -> Result<Who, Problem> {
    if trusted {
        return Ok(Who::Trusted);
    }
    let hash = token::shown(headers).map(|token| token::hash_of(&token));
    match site.store.whose(hash.as_ref()).await? {
        Known::Nobody => Ok(Who::Trusted),
        Known::User(user) => Ok(Who::User(user)),
        Known::Stranger => Err(Problem::unknown_user(hash.is_some())),
    }
}

/// A browser then asks for name and token.
fn refused(problem: Problem) -> Response {
    let asks = problem.code == "unknown_user";
    let mut response = problem.into_response();
    if asks {
        let value = HeaderValue::from_static("Basic realm=\"gouxuan\", charset=\"UTF-8\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    }
    response
}

fn may(asker: &Asker, need: Need) -> Result<(), Problem> {
    match need {
        Need::Open | Need::Known => Ok(()),
        Need::Here(right) => asker.somewhere(right).map(drop),
        Need::Everywhere(right) => asker.everywhere(right),
    }
}

/// Looking is not recorded, unless it is refused; every action is, before it is begun.
async fn through(
    site: &Site,
    asker: &Asker,
    need: Need,
    path: &MatchedPath,
    request: Request,
    next: Next,
    command_line: Option<&str>,
) -> Result<Response, Problem> {
    let acts = !matches!(*request.method(), Method::GET | Method::HEAD);
    let allowed = may(asker, need);
    if !acts && allowed.is_ok() {
        return Ok(next.run(with(request, asker)).await);
    }
    let secret = path.as_str().contains("/secrets/");
    let (record, request) = record(asker, path.as_str(), request, secret, command_line).await?;
    let id = site.store.begin_record(&record).await?;
    let response = match allowed {
        Ok(()) => next.run(with(request, asker)).await,
        Err(problem) => problem.into_response(),
    };
    let outcome = match response.status() {
        status if status.is_success() => RecordOutcome::Done,
        status if status.is_client_error() => RecordOutcome::Refused,
        _ => RecordOutcome::Failed,
    };
    let (after, response) = told(response, path.as_str().contains("/users/")).await?;
    let before = asker.before.lock().unwrap_or_else(PoisonError::into_inner).take();
    let end = RecordEnd { outcome, before, after };
    // It is done: that its end is not written must not make it look undone.
    if let Err(error) = site.store.end_record(id, &end).await {
        tracing::error!(%error, record = id, "how an action ended is not in the audit");
    }
    Ok(response)
}

fn with(mut request: Request, asker: &Asker) -> Request {
    request.extensions_mut().insert(asker.clone());
    request
}

/// The line of the audit, and the request as it came.
async fn record(
    asker: &Asker,
    path: &str,
    request: Request,
    secret: bool,
    command_line: Option<&str>,
) -> Result<(NewRecord, Request), Problem> {
    let from = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let source = match from {
        Some(ConnectInfo(from)) => from.ip().to_string(),
        None if command_line.is_some() => COMMAND_LINE.to_owned(),
        None => "unknown".to_owned(),
    };
    let what = path.strip_prefix("/api/v1/").unwrap_or(path);
    let action = format!("{} {what}", request.method());
    let subject = request.uri().to_string();
    let subject = cut(subject.strip_prefix("/api/v1/").unwrap_or(&subject));
    let (asked, request) = asked(request, secret).await?;
    let said = |name: &str| {
        let text = asked.as_ref().and_then(|asked| asked.get(name)).and_then(Value::as_str);
        text.map(cut)
    };
    let by = ["by", "submitted_by", "asked_by"].into_iter().find_map(said);
    let by = asker.name(by.as_deref().or(command_line));
    let (by, reason) = (by.unwrap_or_default(), said("reason").unwrap_or_default());
    let asked = asked.map(|asked| asked.to_string());
    Ok((NewRecord { by, reason, action, subject, source, asked }, request))
}

fn cut(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(CHARS).collect()
}

/// The body, when it is JSON and small.
async fn asked(request: Request, secret: bool) -> Result<(Option<Value>, Request), Problem> {
    let headers = request.headers();
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let is_json = text(header::CONTENT_TYPE).is_some_and(|of| of.starts_with("application/json"));
    let bytes: Option<usize> = text(header::CONTENT_LENGTH).and_then(|text| text.parse().ok());
    let bytes = bytes.or_else(|| request.body().size_hint().exact().map(|n| n as usize));
    let small = bytes.is_some_and(|bytes| bytes <= KEPT_BYTES);
    if secret || !is_json || !small {
        let size = bytes.filter(|bytes| *bytes > 0 && !secret);
        return Ok((size.map(|bytes| serde_json::json!({"bytes": bytes})), request));
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, KEPT_BYTES).await;
    let body = body.map_err(|error| Problem::malformed(format!("body: {error}")))?;
    // PostgreSQL's texts hold no NUL; JSON that says one is kept by its size.
    let json = serde_json::from_slice(&body).ok().filter(|_| !has_nul(&body));
    let json =
        json.or_else(|| (!body.is_empty()).then(|| serde_json::json!({"bytes": body.len()})));
    Ok((json, Request::from_parts(parts, Body::from(body))))
}

/// As it is, or as JSON writes it.
fn has_nul(body: &[u8]) -> bool {
    body.contains(&0) || body.windows(6).any(|six| six == br"\u0000")
}

/// What was answered, when it is JSON and small.
async fn told(response: Response, token: bool) -> Result<(Option<String>, Response), Problem> {
    let small = response.body().size_hint().exact().is_some_and(|n| n <= KEPT_BYTES as u64);
    let json = response.headers().get(header::CONTENT_TYPE);
    let json = json.is_some_and(|of| of.as_bytes().starts_with(b"application/json"));
    if !small || !json {
        return Ok((None, response));
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, KEPT_BYTES).await;
    let body = body.map_err(|error| Problem::broken(format!("an answer was not made: {error}")))?;
    let mut json: Option<Value> = serde_json::from_slice(&body).ok().filter(|_| !has_nul(&body));
    if let Some(Value::Object(fields)) = json.as_mut().filter(|_| token) {
        fields.remove("token");
    }
    let text = json.map(|json| json.to_string());
    Ok((text, Response::from_parts(parts, Body::from(body))))
}
