//! What SQLite's errors mean.

use fleet::ports::StoreError;

/// An error on its way to the port.
#[derive(Debug)]
pub(super) struct Fault(pub(super) StoreError);

impl Fault {
    pub(super) fn broken(problem: impl Into<String>) -> Fault {
        Fault(StoreError::Broken(problem.into()))
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Fault {
        Fault(error)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> StoreError {
        fault.0
    }
}

/// Primary result codes after which the same statement may work: busy, locked, an I/O error, a
/// full disk, a file that cannot be opened now.
const PASSING: [i32; 5] = [5, 6, 10, 13, 14];

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Fault {
        let passing = match &error {
            sqlx::Error::Database(error) => {
                let code = error.code().and_then(|code| code.parse::<i32>().ok());
                code.is_some_and(|code| PASSING.contains(&(code & 0xff)))
            }
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
            sqlx::Error::WorkerCrashed => true,
            _ => false,
        };
        Fault(if passing {
            StoreError::Away(error.to_string())
        } else {
            StoreError::Broken(error.to_string())
        })
    }
}
