//! The actions from elsewhere: over HTTP, or on a site of this process.

mod around;
mod automatic;
mod people;
mod registry;

use crate::{
    answers::{
        AskedTasks, BatchCalledOff, BatchLines, BatchPage, BatchShown, Cancellations, Card,
        CountsView, ImportedWorld, InvoiceFiles, InvoicePage, InvoiceView, Lanes, LanesTouched,
        LedgerPage, ListPage, ListRows, ListShown, LoadView, Page, Records, Resync, Retries,
        SecretKept, SecretNames, SecretRemoved, SessionChanged, StatisticsView, Submission, Why,
        Writebacks,
    },
    api::{
        MESSAGES, TASKS_BYTES,
        asked::{
            AbsentAsked, AgainAsked, AskNowAsked, BatchAccountAsked, BatchDropAsked,
            BatchLoginAsked, CancelAsked, ConfirmAsked, DownloadAsked, GateAsked, NoteAsked,
            OperationAsked, ResyncAsked, RetryAsked, RowAsked, SessionAsked,
        },
    },
    batch_query::{BatchLinesQuery, BatchQuery},
    filter::{TaskQuery, percent_encoded},
    invoice_query::InvoiceQuery,
    ledger_query::LedgerQuery,
    list_query::{ListQuery, RowsQuery, UploadQuery},
    problem::Problem,
    router::trusted,
    site::Site,
};
use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{HeaderValue, Method, Request, StatusCode, header},
};
use domain::{Moment, invoice::FileFormat, list::ListRow};
use fleet::ports::secrets::Password;
use hyper_util::rt::TokioIo;
use secrecy::{ExposeSecret, SecretString};
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

    /// A batch as `docs/batches.md` describes it.
    pub async fn ask_batch(&self, body: Vec<u8>) -> Result<BatchShown, ClientError> {
        let json = "application/json";
        self.read(request(Method::POST, "/api/v1/batches", json, Body::from(body))).await
    }

    pub async fn batches(&self, query: &BatchQuery) -> Result<BatchPage, ClientError> {
        self.get(&with_query("/api/v1/batches", query.to_query())).await
    }

    pub async fn batch(&self, id: &str) -> Result<BatchShown, ClientError> {
        self.get(&batch_path(id, "")).await
    }

    pub async fn batch_lines(
        &self,
        id: &str,
        query: BatchLinesQuery,
    ) -> Result<BatchLines, ClientError> {
        self.get(&with_query(&batch_path(id, "/invoices"), query.to_query())).await
    }

    pub async fn submit_batch(&self, id: &str) -> Result<BatchShown, ClientError> {
        self.post(&batch_path(id, "/submit"), &()).await
    }

    pub async fn batch_account(
        &self,
        id: &str,
        asked: &BatchAccountAsked,
    ) -> Result<BatchShown, ClientError> {
        self.post(&batch_path(id, "/account"), asked).await
    }

    pub async fn drop_from_batch(
        &self,
        id: &str,
        asked: &BatchDropAsked,
    ) -> Result<BatchShown, ClientError> {
        self.post(&batch_path(id, "/drop"), asked).await
    }

    pub async fn batch_login(
        &self,
        id: &str,
        asked: &BatchLoginAsked,
    ) -> Result<SessionChanged, ClientError> {
        self.post(&batch_path(id, "/login"), asked).await
    }

    pub async fn cancel_batch(
        &self,
        id: &str,
        asked: &NoteAsked,
    ) -> Result<BatchCalledOff, ClientError> {
        self.post(&batch_path(id, "/cancel"), asked).await
    }

    pub async fn batch_again(
        &self,
        id: &str,
        asked: &AgainAsked,
    ) -> Result<BatchShown, ClientError> {
        self.post(&batch_path(id, "/again"), asked).await
    }

    /// The empty list that people fill in, an .xlsx file.
    pub async fn list_template(&self) -> Result<Bytes, ClientError> {
        self.saved("/api/v1/lists/template.xlsx").await
    }

    /// An .xlsx file as it stands on disk.
    pub async fn upload_list(
        &self,
        query: &UploadQuery,
        file: Vec<u8>,
    ) -> Result<ListShown, ClientError> {
        let path = with_query("/api/v1/lists", query.to_query());
        let octets = "application/octet-stream";
        self.read(request(Method::POST, &path, octets, Body::from(file))).await
    }

    pub async fn lists(&self, query: &ListQuery) -> Result<ListPage, ClientError> {
        self.get(&with_query("/api/v1/lists", query.to_query())).await
    }

    pub async fn list_import(&self, id: &str) -> Result<ListShown, ClientError> {
        self.get(&list_path(id, "")).await
    }

    pub async fn list_rows(&self, id: &str, query: &RowsQuery) -> Result<ListRows, ClientError> {
        self.get(&with_query(&list_path(id, "/rows"), query.to_query())).await
    }

    pub async fn change_list_row(
        &self,
        id: &str,
        row: u32,
        asked: &RowAsked,
    ) -> Result<ListRow, ClientError> {
        self.post(&list_path(id, &format!("/rows/{row}")), asked).await
    }

    pub async fn confirm_list(
        &self,
        id: &str,
        asked: &ConfirmAsked,
    ) -> Result<BatchShown, ClientError> {
        self.post(&list_path(id, "/confirm"), asked).await
    }

    /// The uploaded rows with their results, an .xlsx file.
    pub async fn list_results(&self, id: &str) -> Result<Bytes, ClientError> {
        self.saved(&list_path(id, "/results.xlsx")).await
    }

    async fn saved(&self, path: &str) -> Result<Bytes, ClientError> {
        self.bytes(request(Method::GET, path, "", Body::empty())).await
    }

    pub async fn ledger(&self, query: &LedgerQuery) -> Result<LedgerPage, ClientError> {
        self.get(&with_query("/api/v1/ledger", query.to_query())).await
    }

    /// An .xlsx file of the invoices that match.
    pub async fn export_invoices(&self, query: &InvoiceQuery) -> Result<Bytes, ClientError> {
        self.saved(&with_query("/api/v1/exports/invoices.xlsx", query.to_query())).await
    }

    /// An .xlsx file of the tasks that match.
    pub async fn export_tasks(&self, query: &TaskQuery) -> Result<Bytes, ClientError> {
        self.saved(&with_query("/api/v1/exports/tasks.xlsx", query.to_query())).await
    }

    /// An .xlsx file of the lines of the ledger that match.
    pub async fn export_ledger(&self, query: &LedgerQuery) -> Result<Bytes, ClientError> {
        self.saved(&with_query("/api/v1/exports/ledger.xlsx", query.to_query())).await
    }

    pub async fn ask_now(&self, asked: &AskNowAsked) -> Result<AskedTasks, ClientError> {
        self.post("/api/v1/tasks/ask", asked).await
    }

    /// The layout files that are kept of an invoice.
    pub async fn files(
        &self,
        tax_no: &str,
        number: &str,
        code: &str,
    ) -> Result<InvoiceFiles, ClientError> {
        let [tax_no, number, code] = [tax_no, number, code].map(percent_encoded);
        self.get(&format!("/api/v1/invoices/{tax_no}/{number}/files?code={code}")).await
    }

    /// The bytes of one of them.
    pub async fn file(
        &self,
        tax_no: &str,
        number: &str,
        code: &str,
        format: FileFormat,
    ) -> Result<Bytes, ClientError> {
        let [tax_no, number, code] = [tax_no, number, code].map(percent_encoded);
        let format = format.name();
        let path = format!("/api/v1/invoices/{tax_no}/{number}/files/{format}?code={code}");
        self.bytes(request(Method::GET, &path, "", Body::empty())).await
    }

    /// The template of a bulk load, an .xlsx file.
    pub async fn load_template(&self) -> Result<Bytes, ClientError> {
        self.bytes(request(Method::GET, "/api/v1/invoices/template.xlsx", "", Body::empty())).await
    }

    /// Loads a table as it stands on disk.
    pub async fn load_invoices(&self, file: Vec<u8>) -> Result<LoadView, ClientError> {
        let bytes = "application/octet-stream";
        let request = request(Method::POST, "/api/v1/invoices/load", bytes, Body::from(file));
        self.read(request).await
    }

    /// The rejected rows as an .xlsx file, as the site itself writes it.
    pub fn rejected_as_xlsx(
        &self,
        loaded: &LoadView,
        made_at: Moment,
    ) -> Result<Vec<u8>, ClientError> {
        let mut file = Vec::new();
        sheets::write_rejected(&loaded.rejected, made_at, &mut file)
            .map_err(|error| self.broken(error))?;
        Ok(file)
    }

    /// Makes a task that downloads invoices.
    pub async fn download(&self, asked: &DownloadAsked) -> Result<Submission, ClientError> {
        let body = serde_json::to_vec(asked).map_err(|error| self.broken(error))?;
        let json = "application/json";
        let request = request(Method::POST, "/api/v1/invoices/download", json, Body::from(body));
        let (status, answer) = self.exchange(request).await?;
        // An answer that it was not taken still says why.
        serde_json::from_slice(&answer).map_err(|_| self.refusal(status, &answer))
    }

    /// The statistic tables of a tax number; of one period alone when it is named.
    pub async fn statistics(
        &self,
        tax_no: &str,
        period: Option<&str>,
    ) -> Result<StatisticsView, ClientError> {
        let query = period.map(|period| format!("period={}", percent_encoded(period)));
        let path = format!("/api/v1/statistics/{}", percent_encoded(tax_no));
        self.get(&with_query(&path, query.unwrap_or_default())).await
    }

    /// Makes the task of an operation: `of` is `statistics` or `periods`.
    pub async fn operate(
        &self,
        of: &str,
        tax_no: &str,
        operation: &str,
        asked: &OperationAsked,
    ) -> Result<Submission, ClientError> {
        let path = format!("/api/v1/{of}/{}/{operation}", percent_encoded(tax_no));
        self.post(&path, asked).await
    }

    /// Keeps a secret under this name.
    pub async fn keep_secret(
        &self,
        name: &str,
        value: &Password,
    ) -> Result<SecretKept, ClientError> {
        let body = serde_json::json!({"value": value.spoken()}).to_string();
        let path = format!("/api/v1/secrets/{}", percent_encoded(name));
        self.read(request(Method::PUT, &path, "application/json", Body::from(body))).await
    }

    pub async fn secret_names(&self) -> Result<SecretNames, ClientError> {
        self.get("/api/v1/secrets").await
    }

    pub async fn remove_secret(&self, name: &str) -> Result<SecretRemoved, ClientError> {
        let path = format!("/api/v1/secrets/{}", percent_encoded(name));
        self.read(request(Method::DELETE, &path, "", Body::empty())).await
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

fn batch_path(id: &str, rest: &str) -> String {
    format!("/api/v1/batches/{}{rest}", percent_encoded(id))
}

fn list_path(id: &str, rest: &str) -> String {
    format!("/api/v1/lists/{}{rest}", percent_encoded(id))
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
