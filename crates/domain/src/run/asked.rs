//! What is asked for, read and checked for form.

use super::{Run, RunPart, limits, person, wire};
use crate::{
    Moment,
    located::{self, Wrong},
    period::TaxPeriod,
    secret::SecretName,
    tax_no::TaxNo,
};
use chrono::SubsecRound;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// A run as somebody asks for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AskedRun {
    pub run_id: String,
    pub period: TaxPeriod,
    pub asked_by: String,
    pub password_ref: Option<String>,
    pub tax_nos: Vec<TaxNo>,
}

/// The run cannot be read: where, and what is wrong there.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct MalformedRun {
    /// Such as `tax_nos[3]`; `run` when it is the whole.
    pub place: String,
    pub problem: String,
}

impl MalformedRun {
    fn new(place: impl Into<String>, problem: impl Into<String>) -> MalformedRun {
        MalformedRun { place: place.into(), problem: problem.into() }
    }
}

impl From<Wrong> for MalformedRun {
    fn from(wrong: Wrong) -> MalformedRun {
        MalformedRun { place: wrong.field, problem: wrong.problem }
    }
}

impl AskedRun {
    /// Reads and checks a request. `user`: who asks, whatever the request says; None: nobody had to
    /// say who they are, so the request must.
    ///
    /// # Errors
    /// The place that cannot be read, and what to write there.
    pub fn parse(body: &[u8], user: Option<&str>) -> Result<AskedRun, MalformedRun> {
        let value = located::json(body, "run")?;
        let wire: wire::AskedRun = located::from_value(value, "run")?;
        let asked_by = user.map_or(wire.asked_by, str::to_owned);
        if person(&asked_by).is_empty() {
            let problem = "is empty: write who asks, for no token tells it";
            return Err(MalformedRun::new("asked_by", problem));
        }
        let asked = AskedRun {
            run_id: named("run_id", wire.run_id)?,
            period: wire.period,
            asked_by: named("asked_by", asked_by)?,
            password_ref: wire.password_ref.filter(|name| !name.is_empty()),
            tax_nos: wire.tax_nos,
        };
        asked.check()?;
        Ok(asked)
    }

    fn check(&self) -> Result<(), MalformedRun> {
        let count = self.tax_nos.len();
        if !(1..=limits::TAX_NUMBERS).contains(&count) {
            let most = limits::TAX_NUMBERS;
            let problem = format!("has {count} entries: name 1 to {most}");
            return Err(MalformedRun::new("tax_nos", problem));
        }
        let mut named = BTreeSet::new();
        for (n, tax_no) in self.tax_nos.iter().enumerate() {
            if !named.insert(tax_no) {
                let problem = format!("{tax_no} stands there twice: name it once");
                return Err(MalformedRun::new(format!("tax_nos[{n}]"), problem));
            }
        }
        if let Some(name) = &self.password_ref {
            let plain = name.replace("{tax_no}", self.tax_nos[0].as_str());
            let read: Result<SecretName, _> = plain.parse();
            read.map_err(|wrong| MalformedRun::new("password_ref", format!("\"{name}\" {wrong}")))?;
        }
        Ok(())
    }

    /// The run and its parts; `now` is when it was asked for first.
    pub fn into_run(self, now: Moment) -> (Run, Vec<RunPart>) {
        let asked = self.hash();
        let parts = self.tax_nos.into_iter().map(RunPart::new).collect();
        let run = Run {
            run_id: self.run_id,
            period: self.period,
            asked_by: self.asked_by,
            password_ref: self.password_ref,
            created_at: now.trunc_subsecs(3),
            asked,
        };
        (run, parts)
    }

    /// Tells a repetition from another run under the same id. Who repeats it does not matter: the
    /// first one asked.
    pub fn hash(&self) -> String {
        let what = (&self.period, &self.password_ref, &self.tax_nos);
        let bytes = serde_json::to_vec(&what).expect("names and numbers are always JSON");
        let hash: [u8; 32] = Sha256::digest(bytes).into();
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn named(place: &str, text: String) -> Result<String, MalformedRun> {
    let text = text.trim();
    let fits = (1..=limits::NAME_CHARS).contains(&text.chars().count());
    if fits && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    let most = limits::NAME_CHARS;
    Err(MalformedRun::new(place, format!("must have 1 to {most} characters on one line")))
}
