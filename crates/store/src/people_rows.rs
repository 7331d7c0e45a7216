//! Users and lines of the audit as both databases return them.

use crate::codec;
use domain::{
    Moment,
    rights::{Grant, User},
};
use fleet::ports::{
    StoreError,
    people::{Known, NewRecord, Record, RecordEnd, RecordOutcome},
};

/// A user.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct UserRow {
    name: String,
    grants: String,
}

impl UserRow {
    pub(crate) fn user(self) -> Result<User, StoreError> {
        let grants: Vec<Grant> = serde_json::from_str(&self.grants).map_err(|error| {
            StoreError::Broken(format!("the roles of user {} cannot be read: {error}", self.name))
        })?;
        Ok(User { name: codec::read(&self.name)?, grants })
    }
}

/// Roles as they are stored.
pub(crate) fn written(grants: &[Grant]) -> String {
    serde_json::to_string(grants).expect("roles are always JSON")
}

/// Whose a token is.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct WhoseRow {
    any: bool,
    name: Option<String>,
    grants: Option<String>,
}

impl WhoseRow {
    pub(crate) fn known(self) -> Result<Known, StoreError> {
        Ok(match (self.name, self.grants) {
            (Some(name), Some(grants)) => Known::User(UserRow { name, grants }.user()?),
            _ if self.any => Known::Stranger,
            _ => Known::Nobody,
        })
    }
}

/// A line of the audit. Its moment is microseconds since 1970 in UTC.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct RecordRow {
    id: i64,
    at: i64,
    by: String,
    reason: String,
    action: String,
    subject: String,
    source: String,
    asked: Option<String>,
    outcome: String,
    before: Option<String>,
    after: Option<String>,
}

impl RecordRow {
    pub(crate) fn record(self) -> Result<Record, StoreError> {
        let outcome = RecordOutcome::ALL.into_iter().find(|one| one.name() == self.outcome);
        let outcome = outcome.ok_or_else(|| {
            StoreError::Broken(format!("an action's outcome is stored as \"{}\"", self.outcome))
        })?;
        Ok(Record {
            id: self.id,
            at: Moment::from_timestamp_micros(self.at).unwrap_or_default(),
            new: NewRecord {
                by: self.by,
                reason: self.reason,
                action: self.action,
                subject: self.subject,
                source: self.source,
                asked: self.asked,
            },
            end: RecordEnd { outcome, before: self.before, after: self.after },
        })
    }
}
