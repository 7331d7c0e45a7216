//! Users with their roles, and the record of what each of them did.

use super::StoreError;
use async_trait::async_trait;
use domain::{
    Moment,
    rights::{User, UserName},
};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Debug};

/// Users at most.
pub const USERS: usize = 10_000;

/// SHA-256 of a token: tokens themselves are not kept.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenHash(pub [u8; 32]);

impl Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(***)")
    }
}

/// Whose tasks somebody may see: those of tax numbers with these 税务组织, and the user's own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Within {
    pub organisations: Vec<String>,
    pub user: String,
}

/// Whose a token is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Known {
    /// There are no users: nobody has to say who they are.
    Nobody,
    /// There are users, and the token is none of theirs.
    Stranger,
    User(User),
}

/// What became of keeping or removing a user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum UserChanged {
    /// As the user was before; None: new.
    Done { before: Option<User> },
    /// Removing, or keeping without a token: nobody has this name.
    NoSuchUser,
    /// Nobody would be left who may administer everywhere. Nothing was changed.
    NoAdministrator,
    /// There are [`USERS`] already.
    TooMany,
}

/// How an action ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordOutcome {
    /// Under way, or cut off: whether it was done must be looked up.
    Begun,
    Done,
    /// It was not done, and the asker was told why.
    Refused,
    /// It could not be done, or not wholly.
    Failed,
}

impl RecordOutcome {
    pub const ALL: [RecordOutcome; 4] =
        [RecordOutcome::Begun, RecordOutcome::Done, RecordOutcome::Refused, RecordOutcome::Failed];

    pub const fn name(self) -> &'static str {
        match self {
            RecordOutcome::Begun => "begun",
            RecordOutcome::Done => "done",
            RecordOutcome::Refused => "refused",
            RecordOutcome::Failed => "failed",
        }
    }
}

/// An action that is about to be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRecord {
    pub by: String,
    /// As far as it was said.
    pub reason: String,
    /// What is done, of a bounded set, such as `POST lanes/pause`.
    pub action: String,
    /// What it is done to.
    pub subject: String,
    /// Where the request came from: an address, or this machine's own command line.
    pub source: String,
    /// The request as JSON, without secrets; None: it has none, or a large one.
    pub asked: Option<String>,
}

/// How it came out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordEnd {
    pub outcome: RecordOutcome,
    /// How the subject stood before and stands now, as JSON, as far as the action tells.
    pub before: Option<String>,
    pub after: Option<String>,
}

/// One line of the audit, whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// Ever rising.
    pub id: i64,
    pub at: Moment,
    pub new: NewRecord,
    pub end: RecordEnd,
}

/// Which lines of the audit; every field that is set must match.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RecordFilter {
    pub by: Option<String>,
    pub action: Option<String>,
    /// The subject contains it.
    pub subject: Option<String>,
    pub from: Option<Moment>,
    /// Does not count.
    pub to: Option<Moment>,
}

#[async_trait]
pub trait People: Send + Sync + Debug {
    /// Whose token this is; None: none was shown.
    async fn whose(&self, token: Option<&TokenHash>) -> Result<Known, StoreError>;

    /// Every user, by name.
    async fn users(&self) -> Result<Vec<User>, StoreError>;

    /// Keeps a user with these grants in place of earlier ones; without a token the earlier one stays.
    /// As long as there are users, one of them may administer everywhere.
    async fn keep_user(
        &self,
        user: &User,
        token: Option<&TokenHash>,
    ) -> Result<UserChanged, StoreError>;

    /// Forgets a user; the token is worth nothing from now on.
    async fn remove_user(&self, name: &UserName) -> Result<UserChanged, StoreError>;

    /// Writes that an action begins, before it is done; its number.
    async fn begin_record(&self, record: &NewRecord) -> Result<i64, StoreError>;

    /// Writes how it came out.
    async fn end_record(&self, id: i64, end: &RecordEnd) -> Result<(), StoreError>;

    /// A page of the audit, newest first: what was asked, and the effects that [`DeskLog`] writes
    /// with its changes.
    ///
    /// [`DeskLog`]: super::desk::DeskLog
    async fn records(
        &self,
        filter: &RecordFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError>;
}

/// What keeping (`new`) or removing a user would come to, decided with all users of now.
pub fn user_change(users: &[User], name: &UserName, new: Option<&User>) -> UserChanged {
    let before = users.iter().find(|user| user.name == *name).cloned();
    if new.is_none() && before.is_none() {
        return UserChanged::NoSuchUser;
    }
    if before.is_none() && users.len() >= USERS {
        return UserChanged::TooMany;
    }
    let others = users.iter().filter(|user| user.name != *name);
    let administers = |user: &User| user.may_everywhere(domain::rights::Right::Administer).is_ok();
    if others.chain(new).any(administers) {
        UserChanged::Done { before }
    } else {
        UserChanged::NoAdministrator
    }
}
