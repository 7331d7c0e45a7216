//! What can go wrong with a statement, and what to do about it.

use fleet::ports::StoreError;

/// Why a transaction did not commit.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Somebody else was in the way (deadlock, serialization, lock time-out, a lost race):
    /// the transaction is rolled back; a smaller one, or the same again, will do.
    Contended(String),
    Store(StoreError),
}

impl Fault {
    pub(crate) fn broken(what: impl Into<String>) -> Fault {
        Fault::Store(StoreError::Broken(what.into()))
    }

    pub(crate) fn contended(what: &str) -> Fault {
        Fault::Contended(what.to_owned())
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Fault {
        Fault::Store(error)
    }
}

impl From<Fault> for StoreError {
    /// Contention that even single items did not get through is a store that does not answer.
    fn from(fault: Fault) -> StoreError {
        match fault {
            Fault::Contended(what) => StoreError::Away(what),
            Fault::Store(error) => error,
        }
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Fault {
        let text = error.to_string();
        match &error {
            sqlx::Error::Database(inner) => of_code(inner.code().as_deref().unwrap_or(""), text),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Fault::Store(StoreError::Away(text)),
            _ => Fault::Store(StoreError::Broken(text)),
        }
    }
}

/// By SQLSTATE, see PostgreSQL's appendix A.
fn of_code(code: &str, text: String) -> Fault {
    match code {
        // deadlock, serialization, lock not available; a unique key taken by an UPDATE's rival
        "40P01" | "40001" | "55P03" | "23505" => Fault::Contended(text),
        // statement or idle-in-transaction time-out, read-only after a fail-over
        "57014" | "25P03" | "25006" => Fault::Store(StoreError::Away(text)),
        // connection trouble, too few resources, shutting down or starting up, I/O errors
        _ if ["08", "53", "57P", "58"].iter().any(|class| code.starts_with(class)) => {
            Fault::Store(StoreError::Away(text))
        }
        _ => Fault::Store(StoreError::Broken(text)),
    }
}
