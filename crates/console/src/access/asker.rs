//! Who asks.

use crate::{api::asked::note, problem::Problem};
use axum::{extract::FromRequestParts, http::request::Parts};
use domain::rights::{Extent, Right, User};
use fleet::ports::{desk::Note, people::Within};
use serde::Serialize;
use std::sync::{Arc, Mutex, PoisonError};

/// Who it is.
#[derive(Debug, Clone)]
pub(super) enum Who {
    /// The command line on this store, or anybody as long as there are no users: nobody has to say
    /// who they are, and all is allowed.
    Trusted,
    User(User),
}

/// Who asks, and what is noted of the request. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Asker {
    pub(super) who: Who,
    /// How the subject stood before, as the handler tells it.
    pub(super) before: Arc<Mutex<Option<String>>>,
}

impl Asker {
    pub(super) fn new(who: Who) -> Asker {
        Asker { who, before: Arc::default() }
    }

    pub(crate) fn user(&self) -> Option<&User> {
        match &self.who {
            Who::Trusted => None,
            Who::User(user) => Some(user),
        }
    }

    /// The user's name, else who the request says it is.
    pub(crate) fn name(&self, said: Option<&str>) -> Option<String> {
        let known = self.user().map(|user| user.name.to_string());
        known.or_else(|| said.map(str::to_owned))
    }

    /// By whom and why, checked.
    pub(crate) fn note(&self, said: &str, reason: &str) -> Result<Note, Problem> {
        note(&self.name(Some(said)).unwrap_or_default(), reason)
    }

    /// The right, somewhere at least.
    pub(crate) fn somewhere(&self, right: Right) -> Result<Extent, Problem> {
        match self.user() {
            None => Ok(Extent::Everywhere),
            Some(user) => user.may_somewhere(right).map_err(Problem::forbidden),
        }
    }

    pub(crate) fn everywhere(&self, right: Right) -> Result<(), Problem> {
        let user = self.user();
        user.map_or(Ok(()), |user| user.may_everywhere(right)).map_err(Problem::forbidden)
    }

    /// The tasks and lines of the ledger that may be looked at; None: all.
    pub(crate) fn sees(&self, right: Right) -> Result<Option<Within>, Problem> {
        Ok(self.organisations(right)?.map(|organisations| {
            let user = self.name(None).unwrap_or_default();
            Within { organisations, user }
        }))
    }

    /// The organisations that it is narrowed to; None: all.
    pub(crate) fn organisations(&self, right: Right) -> Result<Option<Vec<String>>, Problem> {
        Ok(match self.somewhere(right)? {
            Extent::Everywhere => None,
            Extent::Organisations(organisations) => Some(organisations.into_iter().collect()),
        })
    }

    /// Notes for the audit how the subject stood before.
    pub(crate) fn before(&self, standing: &impl Serialize) {
        let json = serde_json::to_string(standing).ok();
        *self.before.lock().unwrap_or_else(PoisonError::into_inner) = json;
    }
}

impl<S: Sync> FromRequestParts<S> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Asker, Problem> {
        let asker = parts.extensions.get::<Asker>().cloned();
        asker.ok_or_else(|| Problem::broken("nobody has looked who asks"))
    }
}
