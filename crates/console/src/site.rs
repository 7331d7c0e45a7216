//! What the pages and the API stand on.

use crate::problem::Problem;
use async_trait::async_trait;
use fleet::{
    automatic::Automatic,
    batches::Batches,
    desk::Desk,
    intake::Intake,
    lists::Lists,
    ports::{Store, files::FileStore, secrets::Vault},
    runs::Runs,
};
use serde::{Deserialize, Serialize};
use std::{fmt, sync::Arc};
use utoipa::ToSchema;

/// One thing that must be well, or that somebody should know of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    /// Such as `store` or `bus`.
    pub name: String,
    pub good: bool,
    /// How it is, and what to do when it is not good.
    pub text: String,
}

impl Line {
    pub fn good(name: &str, text: impl Into<String>) -> Line {
        Line { name: name.to_owned(), good: true, text: text.into() }
    }

    pub fn bad(name: &str, text: impl Into<String>) -> Line {
        Line { name: name.to_owned(), good: false, text: text.into() }
    }
}

/// Readiness of what the site itself does not see: the bus, the worker.
#[async_trait]
pub trait Health: Send + Sync + fmt::Debug {
    async fn lines(&self) -> Vec<Line>;
}

/// How a message that comes over HTTP gets into the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Logged before the answer: there is no broker.
    Log,
    /// Published, and confirmed by the broker before the answer.
    Broker,
}

/// The text of `/metrics`.
pub type Metrics = Arc<dyn Fn() -> String + Send + Sync>;

/// What the site needs. Cheap to clone.
#[derive(Clone)]
pub struct Site {
    pub desk: Desk,
    pub intake: Intake,
    pub store: Arc<dyn Store>,
    /// Where layout files are kept.
    pub files: Arc<dyn FileStore>,
    pub health: Arc<dyn Health>,
    pub metrics: Metrics,
    pub door: Door,
    /// None: no key is set, and no secret can be stored.
    pub vault: Option<Arc<dyn Vault>>,
    /// Width of the 乐企 lanes that an import makes (`leqi.width`).
    pub leqi_width: u16,
    /// Whether pages hide what somebody may not do (隐藏无权按钮); else they show it, and say why not.
    pub hide_forbidden: bool,
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("door", &self.door).finish_non_exhaustive()
    }
}

/// Skew between our clock and the store's that somebody should know of, in seconds.
const SKEW: f64 = 2.0;

impl Site {
    /// The batches' desk.
    pub(crate) fn batches(&self) -> Batches {
        let (store, intake) = (self.store.clone(), self.intake.clone());
        Batches { store, intake, desk: self.desk.clone() }
    }

    /// The desk of automatic work.
    pub(crate) fn automatic(&self) -> Automatic {
        Automatic { batches: self.batches() }
    }

    /// The lists' desk.
    pub(crate) fn lists(&self) -> Lists {
        Lists { store: self.store.clone(), batches: self.batches() }
    }

    /// The confirmation runs' desk.
    pub(crate) fn runs(&self) -> Runs {
        let (store, intake) = (self.store.clone(), self.intake.clone());
        Runs { store, intake, bell: self.desk.bell.clone(), clock: self.desk.clock.clone() }
    }

    /// The store's line and those of [`Health`].
    pub async fn readiness(&self) -> Vec<Line> {
        let mut lines = self.store_lines().await;
        lines.extend(self.health.lines().await);
        lines
    }

    async fn store_lines(&self) -> Vec<Line> {
        let now = self.desk.clock.now();
        match self.store.health(now).await {
            Ok(health) => {
                let skew = health.clock_skew_seconds;
                let text = format!("the store's is {skew:+.3} s from ours");
                let clock = if skew.abs() > SKEW {
                    let advice = "leases go by the store's, yet set both by NTP";
                    Line::bad("clock", format!("{text}; {advice}"))
                } else {
                    Line::good("clock", text)
                };
                let schema = format!("reachable, schema {}", health.schema_version);
                vec![Line::good("store", schema), clock]
            }
            Err(error) => vec![Line::bad("store", Problem::from(error).sentence)],
        }
    }
}
