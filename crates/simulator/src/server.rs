//! The HTTP server around the bureau.

use crate::{
    channels::{self, Caller},
    clock::{Clock, SystemClock},
    control::{self, ControlError},
    cut::{Cord, Cords},
    desk::Desk,
    limits,
    referee::{Entry, Referee},
    state::{Loss, State},
    truth::TrueInvoice,
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{ConnectInfo, DefaultBodyLimit, Path, State as Shared},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bureau::wire::{etax, header::Op, leqi::Service};
use domain::{taxpayer::ChannelKind, world::World};
use std::{future::IntoFuture, io, net::SocketAddr, sync::Arc};
use tokio::{net::TcpListener, task::JoinHandle};

/// How a simulation runs, beside its world.
#[derive(Clone, Debug)]
pub struct Options {
    /// Instead of the world's own.
    pub seed: Option<u64>,
    pub clock: Arc<dyn Clock>,
}

impl Default for Options {
    fn default() -> Options {
        Options { seed: None, clock: Arc::new(SystemClock) }
    }
}

/// A running bureau. It stops when this is dropped.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    desk: Desk,
    serving: JoinHandle<()>,
}

impl Simulator {
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Base address of both channels.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What `GET /referee` says.
    pub fn referee(&self) -> Referee {
        self.desk.state().counts()
    }

    /// What `GET /referee/log` says, oldest first.
    pub fn log(&self) -> Vec<Entry> {
        self.desk.state().book.log()
    }

    /// What `GET /invoices` says.
    pub fn invoices(&self) -> Vec<TrueInvoice> {
        self.desk.state().truth()
    }

    /// What `POST /control` does.
    pub fn control(&self, orders: &serde_json::Value) -> Result<(), ControlError> {
        control::follow(&self.desk, orders.to_string().as_bytes())
    }

    /// Serves until it is stopped: for a process that does nothing else.
    pub async fn stopped(&mut self) {
        // A serving task that was cancelled or panicked has stopped as well.
        if let Err(error) = (&mut self.serving).await {
            tracing::debug!(%error, "the simulator's server has ended");
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Opens the bureau on this listener.
pub fn serve(listener: TcpListener, world: World, options: Options) -> io::Result<Simulator> {
    let address = listener.local_addr()?;
    let state = State::new(world, options.seed, options.clock.now());
    let desk = Desk::new(state, options.clock);
    let service = router(desk.clone()).into_make_service_with_connect_info::<Cord>();
    let server = axum::serve(Cords(listener), service).into_future();
    let serving = tokio::spawn(async move {
        if let Err(error) = server.await {
            tracing::error!(%error, "the simulator's server has ended");
        }
    });
    Ok(Simulator { address, desk, serving })
}

fn router(desk: Desk) -> Router {
    let mut router = Router::new();
    for op in Op::ALL {
        let call = move |Shared(desk): Shared<Desk>,
                         ConnectInfo(cord): ConnectInfo<Cord>,
                         headers: HeaderMap,
                         body: Bytes| async move {
            robot_call(op, desk, cord, headers, body).await
        };
        router = router.route(etax::path_of(op), post(call));
    }
    router
        .route("/access/v2/invoke/{ability}/{service}", post(leqi_call))
        .route("/referee", get(referee))
        .route("/referee/log", get(referee_log))
        .route("/invoices", get(invoices))
        .route("/control", post(control_call))
        .layer(DefaultBodyLimit::max(limits::BODY_BYTES))
        .with_state(desk)
}

async fn robot_call(op: Op, desk: Desk, cord: Cord, headers: HeaderMap, body: Bytes) -> Response {
    let mut caller = Caller::from_headers(&headers, ChannelKind::Etax, op);
    caller.op = op;
    match channels::etax::ask(op, &body, &mut caller) {
        Ok(ask) => match desk.attend(caller, ask).await {
            Ok(said) => Json(channels::etax::answer(said)).into_response(),
            Err(loss) => lost(loss, &cord),
        },
        Err(problem) => {
            let answer = channels::etax::answer(channels::Said::NotDone(problem));
            (StatusCode::BAD_REQUEST, Json(answer)).into_response()
        }
    }
}

async fn leqi_call(
    Shared(desk): Shared<Desk>,
    ConnectInfo(cord): ConnectInfo<Cord>,
    Path((ability, service)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let known = Service::from_code(&service).filter(|service| service.ability() == ability);
    let Some(service) = known else {
        let error = channels::leqi::error("ServiceNotFound", "没有该服务");
        return (StatusCode::NOT_FOUND, Json(error)).into_response();
    };
    let op = channels::leqi::op_of(service);
    let mut caller = Caller::from_headers(&headers, ChannelKind::Leqi, op);
    match channels::leqi::ask(service, &body, &mut caller) {
        Ok(ask) => match desk.attend(caller, ask).await {
            Ok(said) => Json(channels::leqi::answer(said)).into_response(),
            Err(loss) => lost(loss, &cord),
        },
        Err(problem) => Json(channels::leqi::error("InvalidParameter", &problem)).into_response(),
    }
}

/// An answer that nobody gets.
fn lost(loss: Loss, cord: &Cord) -> Response {
    const GATEWAY: &str = "<html><body><h1>upstream did not answer</h1></body></html>";
    match loss {
        Loss::Cut => {
            cord.pull();
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Loss::GatewayTimeout => (StatusCode::GATEWAY_TIMEOUT, GATEWAY).into_response(),
        Loss::BadGateway => (StatusCode::BAD_GATEWAY, GATEWAY).into_response(),
        Loss::Empty => StatusCode::OK.into_response(),
    }
}

async fn referee(Shared(desk): Shared<Desk>) -> Json<Referee> {
    Json(desk.state().counts())
}

async fn referee_log(Shared(desk): Shared<Desk>) -> Response {
    let entries = desk.state().book.log();
    one_a_line(&entries)
}

async fn invoices(Shared(desk): Shared<Desk>) -> Response {
    let truth = desk.state().truth();
    one_a_line(&truth)
}

fn one_a_line<T: serde::Serialize>(rows: &[T]) -> Response {
    let mut lines = String::new();
    for row in rows {
        // Text and numbers only: writing a line down cannot fail.
        lines.push_str(&serde_json::to_string(row).unwrap_or_default());
        lines.push('\n');
    }
    ([(CONTENT_TYPE, "application/x-ndjson")], lines).into_response()
}

async fn control_call(Shared(desk): Shared<Desk>, body: Bytes) -> Response {
    match control::follow(&desk, &body) {
        Ok(()) => Json(serde_json::json!({ "done": true })).into_response(),
        Err(ControlError(problem)) => {
            (StatusCode::BAD_REQUEST, Json(serde_json::json!({ "error": problem }))).into_response()
        }
    }
}
