//! What is answered when something did not work: a code, a sentence that says what to do, and
//! who must do it.

use axum::{
    Json,
    extract::rejection::{BytesRejection, JsonRejection, QueryRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{rights::Denied, roster::NotChanged};
use fleet::{
    automatic::AutoError, batches::BatchError, lists::ListError, ports::StoreError, runs::RunError,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// Whoever asked: the same question gets the same answer.
    Caller,
    /// Whoever runs gouxuan: something it needs is away.
    Operator,
    /// We who wrote it.
    Us,
}

/// The body of every answer that is an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, thiserror::Error)]
#[error("{sentence}")]
pub struct Problem {
    /// Bounded and stable: programs may compare it.
    pub code: String,
    /// One sentence: what is wrong, where, and what to do.
    pub sentence: String,
    pub who: Who,
}

/// How a problem is described where there may be none: its members are all there, or none is.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used")]
pub(crate) struct ProblemIfAny {
    code: Option<String>,
    sentence: Option<String>,
    who: Option<Who>,
}

/// Code, status and addressee of every problem; `docs/openapi` and clients rely on the codes.
const KNOWN: [(&str, StatusCode, Who); 24] = [
    ("malformed", StatusCode::BAD_REQUEST, Who::Caller),
    ("rejected", StatusCode::UNPROCESSABLE_ENTITY, Who::Caller),
    ("no_such_task", StatusCode::NOT_FOUND, Who::Caller),
    ("no_such_invoice", StatusCode::NOT_FOUND, Who::Caller),
    ("no_such_file", StatusCode::NOT_FOUND, Who::Caller),
    ("lost_file", StatusCode::NOT_FOUND, Who::Operator),
    ("no_such_lane", StatusCode::NOT_FOUND, Who::Caller),
    ("no_such_taxpayer", StatusCode::NOT_FOUND, Who::Caller),
    ("no_such_account", StatusCode::NOT_FOUND, Who::Caller),
    ("no_such_batch", StatusCode::NOT_FOUND, Who::Caller),
    ("no_such_list", StatusCode::NOT_FOUND, Who::Caller),
    ("no_such_rule", StatusCode::NOT_FOUND, Who::Caller),
    ("no_such_user", StatusCode::NOT_FOUND, Who::Caller),
    ("unknown_user", StatusCode::UNAUTHORIZED, Who::Caller),
    ("forbidden", StatusCode::FORBIDDEN, Who::Caller),
    ("no_such_run", StatusCode::NOT_FOUND, Who::Caller),
    ("conflict", StatusCode::CONFLICT, Who::Caller),
    ("no_such_page", StatusCode::NOT_FOUND, Who::Caller),
    ("wrong_method", StatusCode::METHOD_NOT_ALLOWED, Who::Caller),
    ("too_large", StatusCode::PAYLOAD_TOO_LARGE, Who::Caller),
    ("wrong_content_type", StatusCode::UNSUPPORTED_MEDIA_TYPE, Who::Caller),
    ("too_slow", StatusCode::GATEWAY_TIMEOUT, Who::Operator),
    ("away", StatusCode::SERVICE_UNAVAILABLE, Who::Operator),
    ("broken", StatusCode::INTERNAL_SERVER_ERROR, Who::Us),
];

impl Problem {
    fn new(code: &'static str, sentence: impl Into<String>) -> Problem {
        let who = KNOWN.iter().find(|known| known.0 == code).map_or(Who::Us, |known| known.2);
        Problem { code: code.to_owned(), sentence: sentence.into(), who }
    }

    /// A field of the request cannot be read.
    pub(crate) fn malformed(sentence: impl Into<String>) -> Problem {
        Problem::new("malformed", sentence)
    }

    /// None of the messages was taken.
    pub(crate) fn rejected(sentence: impl Into<String>) -> Problem {
        Problem::new("rejected", sentence)
    }

    /// There are users, and the request does not show the token of any.
    pub(crate) fn unknown_user(shown: bool) -> Problem {
        let sentence = if shown {
            "the token that was shown is nobody's: it may have been replaced; ask an administrator \
             for a new one"
        } else {
            "say who you are: send `Authorization: Bearer TOKEN`, or set GOUXUAN_TOKEN for commands"
        };
        Problem::new("unknown_user", sentence)
    }

    /// Whoever asks has no right to it.
    pub(crate) fn forbidden(denied: Denied) -> Problem {
        Problem::new("forbidden", denied.to_string())
    }

    /// It stands in the way of something else.
    pub(crate) fn conflict(sentence: impl Into<String>) -> Problem {
        Problem::new("conflict", sentence)
    }

    pub(crate) fn no_such_user(name: impl std::fmt::Display) -> Problem {
        let sentence = format!("no user is named {name}; see the list of users");
        Problem::new("no_such_user", sentence)
    }

    pub(crate) fn no_such_task(task: impl std::fmt::Display) -> Problem {
        let sentence = format!("no task {task} is in the log; look for it with the list of tasks");
        Problem::new("no_such_task", sentence)
    }

    pub(crate) fn no_such_invoice(
        buyer: impl std::fmt::Display,
        invoice: impl std::fmt::Display,
    ) -> Problem {
        let sentence = format!(
            "no invoice {invoice} of {buyer} is in the pool; look for it with the list of \
             invoices, or download or import it"
        );
        Problem::new("no_such_invoice", sentence)
    }

    pub(crate) fn no_such_file(
        format: &str,
        buyer: impl std::fmt::Display,
        invoice: impl std::fmt::Display,
    ) -> Problem {
        let sentence = format!(
            "no {format} of the invoice {invoice} of {buyer} is kept; publish a layout_download \
             task for it"
        );
        Problem::new("no_such_file", sentence)
    }

    /// It was kept, and is there no longer.
    pub(crate) fn lost_file(
        format: &str,
        buyer: impl std::fmt::Display,
        invoice: impl std::fmt::Display,
    ) -> Problem {
        let sentence = format!(
            "the {format} of the invoice {invoice} of {buyer} is missing or damaged in the file \
             store; see whether files.dir is the same everywhere, or download it again with a \
             layout_download task"
        );
        Problem::new("lost_file", sentence)
    }

    pub(crate) fn no_such_version(
        tax_no: impl std::fmt::Display,
        version: impl std::fmt::Display,
    ) -> Problem {
        let sentence = format!(
            "no version {version} of the statistic tables of {tax_no} is kept; the list of its \
             files shows those that are"
        );
        Problem::new("no_such_file", sentence)
    }

    /// It was kept, and is there no longer.
    pub(crate) fn lost_version(
        tax_no: impl std::fmt::Display,
        version: impl std::fmt::Display,
    ) -> Problem {
        let sentence = format!(
            "the file of version {version} of {tax_no} is missing or damaged in the file store; see \
             whether files.dir is the same everywhere, or bring it back from a copy: its figures \
             stand in the list still"
        );
        Problem::new("lost_file", sentence)
    }

    pub(crate) fn no_such_lane(what: impl std::fmt::Display) -> Problem {
        let sentence = format!(
            "{what} is not known here; the list of lanes shows what is, a world import adds more"
        );
        Problem::new("no_such_lane", sentence)
    }

    pub(crate) fn no_such_taxpayer(tax_no: impl std::fmt::Display) -> Problem {
        let sentence = format!("tax number {tax_no} is not known here; the list shows what is");
        Problem::new("no_such_taxpayer", sentence)
    }

    pub(crate) fn no_such_account(lane: impl std::fmt::Display) -> Problem {
        let sentence = format!("account {lane} is not known here; the list shows what is");
        Problem::new("no_such_account", sentence)
    }

    pub(crate) fn no_such_page(path: &str) -> Problem {
        let sentence = format!("there is nothing at {path}; /openapi.json lists what there is");
        Problem::new("no_such_page", sentence)
    }

    pub(crate) fn wrong_method(method: &str, path: &str) -> Problem {
        let sentence = format!("{path} does not take {method}; /openapi.json says what it takes");
        Problem::new("wrong_method", sentence)
    }

    pub(crate) fn wrong_content_type(found: &str) -> Problem {
        let sentence = format!(
            "content-type \"{found}\" cannot be read; send application/json or, for tasks, \
             application/x-ndjson"
        );
        Problem::new("wrong_content_type", sentence)
    }

    pub(crate) fn too_slow(seconds: u64) -> Problem {
        let sentence = format!(
            "no answer within {seconds} s; what was asked may have been done, and asking again is \
             safe: see whether the store is overloaded"
        );
        Problem::new("too_slow", sentence)
    }

    /// A mistake of ours.
    pub(crate) fn broken(sentence: impl Into<String>) -> Problem {
        Problem::new("broken", sentence)
    }

    pub(crate) fn away(sentence: impl Into<String>) -> Problem {
        Problem::new("away", sentence)
    }

    /// The status that it is answered with.
    pub fn status(&self) -> StatusCode {
        let known = KNOWN.iter().find(|known| known.0 == self.code);
        known.map_or(StatusCode::INTERNAL_SERVER_ERROR, |known| known.1)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        if self.who != Who::Caller {
            tracing::warn!(code = self.code, sentence = self.sentence, "a request failed");
        }
        (self.status(), Json(self)).into_response()
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Problem {
        match error {
            StoreError::Away(why) => Problem::new(
                "away",
                format!("the store is away ({why}); try again, and see whether the database runs"),
            ),
            StoreError::Broken(why) => Problem::new(
                "broken",
                format!("the store refused ({why}); this is a mistake of ours: report it"),
            ),
        }
    }
}

impl From<NotChanged> for Problem {
    fn from(refusal: NotChanged) -> Problem {
        let code = match refusal {
            NotChanged::NoSuchTaxpayer { .. } => "no_such_taxpayer",
            NotChanged::Unknown { .. } | NotChanged::NotServed { .. } => "no_such_account",
            NotChanged::OtherBureau { .. } => "malformed",
            _ => "conflict",
        };
        Problem::new(code, refusal.to_string())
    }
}

impl From<BatchError> for Problem {
    fn from(error: BatchError) -> Problem {
        let sentence = error.to_string();
        match error {
            BatchError::Store(error) => error.into(),
            BatchError::Malformed(_) => Problem::malformed(sentence),
            BatchError::NoSuchBatch(_) => Problem::new("no_such_batch", sentence),
            BatchError::Contended(_) => Problem::away(sentence),
            BatchError::Refused(_)
            | BatchError::OtherBatch { .. }
            | BatchError::NoSuchAccount(_)
            | BatchError::NothingFailed(_) => Problem::new("conflict", sentence),
        }
    }
}

impl From<AutoError> for Problem {
    fn from(error: AutoError) -> Problem {
        let sentence = error.to_string();
        match error {
            AutoError::Store(error) => error.into(),
            AutoError::NoSuchRule(_) => Problem::new("no_such_rule", sentence),
            AutoError::Contended(_) => Problem::away(sentence),
            AutoError::Stale { .. } | AutoError::TooMany | AutoError::Busy(_) => {
                Problem::new("conflict", sentence)
            }
        }
    }
}

impl From<ListError> for Problem {
    fn from(error: ListError) -> Problem {
        let sentence = error.to_string();
        match error {
            ListError::Store(error) => error.into(),
            ListError::Batch(error) => error.into(),
            ListError::NoSuchList(_) | ListError::NoSuchRow(..) => {
                Problem::new("no_such_list", sentence)
            }
            ListError::Contended(_) => Problem::away(sentence),
            ListError::Refused(_) | ListError::OtherList { .. } => {
                Problem::new("conflict", sentence)
            }
        }
    }
}

impl From<RunError> for Problem {
    fn from(error: RunError) -> Problem {
        let sentence = error.to_string();
        match error {
            RunError::Store(error) => error.into(),
            RunError::Malformed(_) => Problem::malformed(sentence),
            RunError::NoSuchRun(_) | RunError::NotInRun(..) => {
                Problem::new("no_such_run", sentence)
            }
            RunError::NoSecret(_) => Problem::rejected(sentence),
            RunError::Contended(_) => Problem::away(sentence),
            RunError::Illegal(_) | RunError::OtherRun { .. } | RunError::SamePerson { .. } => {
                Problem::new("conflict", sentence)
            }
        }
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Problem {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Problem::new("too_large", "the body is too large; send it in several parts");
        }
        Problem::malformed(format!("the body cannot be read: {}", rejection.body_text()))
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Problem {
        match rejection {
            JsonRejection::MissingJsonContentType(_) => Problem::wrong_content_type(""),
            JsonRejection::BytesRejection(bytes) => bytes.into(),
            other => Problem::malformed(format!("body: {}", other.body_text())),
        }
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Problem {
        Problem::malformed(format!("query: {}", rejection.body_text()))
    }
}
