//! What people do with confirmation runs (批量统计确认): ask, look, accept a difference, approve, try
//! again, drop; and how a run goes on by itself.

mod going_on;

use crate::{
    intake::Intake,
    ports::{
        Store, StoreError, batches::Kept, bus::Bell, clock::Clock, desk::Note, runs::PartsChanged,
    },
};
use domain::{
    Moment,
    rules::Rule,
    run::{
        Accepted, Approved, AskedRun, IllegalPart, MalformedRun, PartEvent, PartState, Run, RunPart,
    },
    secret::SecretName,
    tax_no::TaxNo,
};
use std::sync::Arc;

/// Parts that are decided about, or gone on with, in one go.
pub const AT_ONCE: usize = 500;

/// The runs' desk.
#[derive(Debug, Clone)]
pub struct Runs {
    pub store: Arc<dyn Store>,
    pub intake: Intake,
    pub bell: Arc<dyn Bell>,
    pub clock: Arc<dyn Clock>,
}

/// Why something was not done with a run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Malformed(#[from] MalformedRun),
    #[error(transparent)]
    Illegal(#[from] IllegalPart),
    #[error("there is no run {0}; the list of runs shows those that there are")]
    NoSuchRun(String),
    #[error("run {0} has nothing of tax number {1}")]
    NotInRun(String, TaxNo),
    #[error(
        "run_id: was used for another run on {created_at}; give this one an id of its own, or ask \
         for the same again"
    )]
    OtherRun { created_at: Moment },
    #[error(
        "by: {by} cannot approve the run, for {asked_by} asked for it; approving takes a second \
         person"
    )]
    SamePerson { by: String, asked_by: String },
    #[error("{0}")]
    NoSecret(String),
    #[error("somebody else is changing run {0}; look at it, and try again")]
    Contended(String),
}

/// Figures of a tax number that a person decided about, by their fingerprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub tax_no: TaxNo,
    pub figures: String,
}

impl Runs {
    /// Keeps a run and begins with it. Asking for the same again goes on with what was left.
    pub async fn ask(&self, asked: AskedRun) -> Result<Run, RunError> {
        let id = asked.run_id.clone();
        match self.store.run(&id).await? {
            Some(known) if known.asked == asked.hash() => {}
            Some(known) => return Err(RunError::OtherRun { created_at: known.created_at }),
            None => {
                let (run, parts) = asked.into_run(self.clock.now());
                self.secrets_are_there(&run, &parts).await?;
                match self.store.keep_run(&run, &parts).await? {
                    Kept::New => {
                        let (run, by) = (&run.run_id, &run.asked_by);
                        tracing::info!(run, parts = parts.len(), by, "a run was kept");
                    }
                    Kept::Before => {}
                    Kept::Other { created_at } => return Err(RunError::OtherRun { created_at }),
                }
            }
        }
        self.go_on(Some(&id), AT_ONCE).await?;
        self.found(&id).await
    }

    async fn secrets_are_there(&self, run: &Run, parts: &[RunPart]) -> Result<(), RunError> {
        let missing = |name: &str| RunError::NoSecret(Rule::SecretMissing.refuses(name).sentence);
        let names = parts.iter().filter_map(|part| run.secret_of(part));
        let mut names: Vec<SecretName> =
            names.map(|name| name.parse().map_err(|_| missing(&name))).collect::<Result<_, _>>()?;
        names.sort();
        names.dedup();
        let found = self.store.secrets(&names).await?;
        match names.iter().zip(found).find(|(_, sealed)| sealed.is_none()) {
            Some((name, _)) => Err(missing(name.as_str())),
            None => Ok(()),
        }
    }

    /// The run with this id.
    pub async fn found(&self, id: &str) -> Result<Run, RunError> {
        let found = self.store.run(id).await?;
        found.ok_or_else(|| RunError::NoSuchRun(id.to_owned()))
    }

    /// A person accepts that these figures differ, with a reason.
    pub async fn accept(&self, id: &str, of: &Decided, note: &Note) -> Result<(), RunError> {
        let (at, Note { by, reason }) = (self.clock.now(), note.clone());
        let figures = of.figures.clone();
        let accepted = PartEvent::Accepted(Accepted { by, reason, at, figures });
        self.decide(id, &[(of.tax_no.clone(), accepted)]).await?;
        tracing::info!(run = id, tax_no = %of.tax_no, by = note.by, reason = note.reason,
            "a difference was accepted");
        Ok(())
    }

    /// A second person approves these figures: of each [`AT_ONCE`] all, or none.
    pub async fn approve(&self, id: &str, of: &[Decided], by: &str) -> Result<(), RunError> {
        let run = self.found(id).await?;
        let same = || RunError::SamePerson { by: by.to_owned(), asked_by: run.asked_by.clone() };
        if !run.may_be_approved_by(by) {
            return Err(same());
        }
        let at = self.clock.now();
        let approved = |one: &Decided| {
            let approved = Approved { by: by.to_owned(), at, figures: one.figures.clone() };
            (one.tax_no.clone(), PartEvent::Approved(approved))
        };
        let events: Vec<_> = of.iter().map(approved).collect();
        for some in events.chunks(AT_ONCE) {
            self.decide(id, some).await?;
        }
        tracing::info!(run = id, parts = of.len(), by, "parts of a run were approved");
        self.go_on(Some(id), AT_ONCE).await?;
        Ok(())
    }

    /// A person has these tax numbers read again, or tried again from the beginning.
    pub async fn again(&self, id: &str, tax_nos: &[TaxNo], note: &Note) -> Result<(), RunError> {
        self.each(id, tax_nos, &PartEvent::Again, note).await?;
        self.go_on(Some(id), AT_ONCE).await?;
        Ok(())
    }

    /// A person takes these tax numbers out of the run.
    pub async fn drop_parts(
        &self,
        id: &str,
        tax_nos: &[TaxNo],
        note: &Note,
    ) -> Result<(), RunError> {
        self.each(id, tax_nos, &PartEvent::Dropped, note).await
    }

    async fn each(
        &self,
        id: &str,
        tax_nos: &[TaxNo],
        event: &PartEvent,
        note: &Note,
    ) -> Result<(), RunError> {
        let events: Vec<_> = tax_nos.iter().map(|of| (of.clone(), event.clone())).collect();
        for some in events.chunks(AT_ONCE) {
            self.decide(id, some).await?;
        }
        let (by, reason) = (&note.by, &note.reason);
        tracing::info!(run = id, parts = tax_nos.len(), ?event, by, reason, "parts were changed");
        Ok(())
    }

    /// What a person decides happens to all of these parts, or to none.
    async fn decide(&self, id: &str, events: &[(TaxNo, PartEvent)]) -> Result<(), RunError> {
        let run = self.found(id).await?;
        let tax_nos: Vec<TaxNo> = events.iter().map(|(tax_no, _)| tax_no.clone()).collect();
        let parts = self.store.parts_of(id, &tax_nos).await?;
        let changed = events.iter().zip(parts).map(|((tax_no, event), part)| {
            let part = part.ok_or_else(|| RunError::NotInRun(id.to_owned(), tax_no.clone()))?;
            Ok(part.on(event.clone())?)
        });
        let changed: Vec<RunPart> = changed.collect::<Result<_, RunError>>()?;
        match self.store.change_parts(id, &changed).await? {
            PartsChanged::Written(written) if written.iter().all(|written| *written) => Ok(()),
            PartsChanged::Written(_) => Err(RunError::Contended(id.to_owned())),
            PartsChanged::NoSuchRun => Err(RunError::NoSuchRun(id.to_owned())),
            PartsChanged::SamePerson => {
                let by = changed.into_iter().find_map(|part| part.approved);
                let by = by.map(|approved| approved.by).unwrap_or_default();
                Err(RunError::SamePerson { by, asked_by: run.asked_by })
            }
        }
    }

    /// What waits for an approval now, with the figures that it would be for.
    pub async fn ready(&self, id: &str, limit: usize) -> Result<Vec<Decided>, RunError> {
        let parts = self.store.run_parts(id, &[PartState::Ready], None, limit).await?;
        let decided = parts.into_iter().filter_map(|part| {
            Some(Decided { figures: part.seen?.fingerprint(), tax_no: part.tax_no })
        });
        Ok(decided.collect())
    }
}

#[cfg(test)]
mod tests;
