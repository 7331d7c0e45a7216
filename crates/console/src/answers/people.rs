//! Users, rights and the audit.

use domain::{Moment, rights::User};
use fleet::ports::people::{Record, RecordOutcome};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// None: there are no users yet, or this is the store's own command line
    pub name: Option<String>,
    pub rights: Vec<RightView>,
    /// Pages hide what is not among them (隐藏无权按钮)
    pub hide_forbidden: bool,
}

/// A right and where it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RightView {
    pub right: String,
    /// Organisations; null: everywhere
    pub organisations: Option<Vec<String>>,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserView {
    pub name: String,
    /// Such as `clerk@0101`; without an organisation it is everywhere
    pub roles: Vec<String>,
}

impl From<&User> for UserView {
    fn from(user: &User) -> UserView {
        let roles = user.grants.iter().map(ToString::to_string).collect();
        UserView { name: user.name.to_string(), roles }
    }
}

/// Every user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Users {
    pub users: Vec<UserView>,
}

/// A user as kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserKept {
    pub user: UserView,
    /// The new token; null: the earlier one stays. It is told only here
    pub token: Option<String>,
}

impl std::fmt::Debug for UserKept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserKept").field("user", &self.user).finish_non_exhaustive()
    }
}

/// What became of forgetting a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserRemoved {
    pub removed: Option<UserView>,
}

/// A page of the audit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditPage {
    pub lines: Vec<AuditView>,
    /// `after` of the next page; null on the last
    pub next: Option<i64>,
}

/// One line of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditView {
    pub id: i64,
    #[schema(value_type = String)]
    pub at: Moment,
    pub by: String,
    pub reason: String,
    pub action: String,
    pub subject: String,
    /// Where the request came from; empty for an effect that stands beside its request
    pub source: String,
    #[schema(value_type = String)]
    pub outcome: RecordOutcome,
    /// The request, without secrets; only its size when it is large
    #[schema(value_type = Value)]
    pub asked: Option<Value>,
    #[schema(value_type = Value)]
    pub before: Option<Value>,
    #[schema(value_type = Value)]
    pub after: Option<Value>,
}

impl From<Record> for AuditView {
    fn from(record: Record) -> AuditView {
        let json = |text: Option<String>| {
            text.map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text)))
        };
        AuditView {
            id: record.id,
            at: record.at,
            by: record.new.by,
            reason: record.new.reason,
            action: record.new.action,
            subject: record.new.subject,
            source: record.new.source,
            outcome: record.end.outcome,
            asked: json(record.new.asked),
            before: json(record.end.before),
            after: json(record.end.after),
        }
    }
}
