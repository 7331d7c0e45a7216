//! Confirmation runs.

use super::{MemoryStore, book::Book};
use crate::ports::{
    StoreError,
    batches::Kept,
    runs::{AfterRun, MovingPart, PartsChanged, RunBook},
};
use async_trait::async_trait;
use domain::{
    Moment,
    run::{PartState, Run, RunPart},
    tax_no::TaxNo,
};
use std::collections::BTreeMap;

/// A run as it is kept: each part with when it was changed last.
#[derive(Clone, Debug)]
pub(super) struct KeptRun {
    run: Run,
    parts: BTreeMap<TaxNo, (Moment, RunPart)>,
}

impl Book {
    fn keep_run(&mut self, run: &Run, parts: &[RunPart]) -> Kept {
        match self.around.runs.get(&run.run_id) {
            Some(kept) if kept.run.asked == run.asked => Kept::Before,
            Some(kept) => Kept::Other { created_at: kept.run.created_at },
            None => {
                let now = self.now;
                let parts = parts.iter().map(|part| (part.tax_no.clone(), (now, part.clone())));
                let kept = KeptRun { run: run.clone(), parts: parts.collect() };
                self.around.runs.insert(run.run_id.clone(), kept);
                Kept::New
            }
        }
    }

    fn change_parts(&mut self, run_id: &str, parts: &[RunPart]) -> PartsChanged {
        let now = self.now;
        let Some(kept) = self.around.runs.get_mut(run_id) else { return PartsChanged::NoSuchRun };
        let may = |part: &RunPart| {
            let approved = part.approved.as_ref();
            approved.is_none_or(|approved| kept.run.may_be_approved_by(&approved.by))
        };
        if !parts.iter().all(may) {
            return PartsChanged::SamePerson;
        }
        let mut change = |part: &RunPart| {
            let known = kept.parts.get_mut(&part.tax_no);
            let Some(known) = known.filter(|(_, known)| known.version == part.version) else {
                return false;
            };
            *known = (now, RunPart { version: part.version + 1, ..part.clone() });
            true
        };
        PartsChanged::Written(parts.iter().map(&mut change).collect())
    }

    /// Whether every tax number of it is of one of these 税务组织.
    fn is_run_within(&self, kept: &KeptRun, within: &[String]) -> bool {
        kept.parts.keys().all(|tax_no| {
            let payer = self.tax_ids.get(tax_no).and_then(|id| self.taxpayers.get(id));
            payer.is_some_and(|row| {
                !row.payer.tax_org.is_empty() && within.contains(&row.payer.tax_org)
            })
        })
    }

    fn moving(&self, run: &Run, part: &RunPart) -> Option<MovingPart> {
        let task = run.task_of(part)?;
        let ended = match self.tasks.get(&task) {
            None => None,
            Some(row) if row.finished_at.is_some() => Some((row.state.name(), row.reason.clone())),
            Some(_) => return None,
        };
        Some(MovingPart { run: run.clone(), part: part.clone(), task, ended })
    }
}

#[async_trait]
impl RunBook for MemoryStore {
    async fn keep_run(&self, run: &Run, parts: &[RunPart]) -> Result<Kept, StoreError> {
        Ok(self.open().keep_run(run, parts))
    }

    async fn run(&self, run_id: &str) -> Result<Option<Run>, StoreError> {
        Ok(self.open().around.runs.get(run_id).map(|kept| kept.run.clone()))
    }

    async fn runs(
        &self,
        within: Option<&[String]>,
        after: Option<&AfterRun>,
        limit: usize,
    ) -> Result<Vec<Run>, StoreError> {
        let book = self.open();
        let place = |run: &Run| (run.created_at, run.run_id.clone());
        let after = after.map(|after| (after.created_at, after.run_id.clone()));
        let runs = book.around.runs.values();
        let runs = runs.filter(|kept| within.is_none_or(|within| book.is_run_within(kept, within)));
        let runs = runs.map(|kept| &kept.run);
        let wanted = runs.filter(|run| after.as_ref().is_none_or(|after| place(run) < *after));
        let mut found: Vec<Run> = wanted.cloned().collect();
        found.sort_by_key(|run| std::cmp::Reverse(place(run)));
        found.truncate(limit);
        Ok(found)
    }

    async fn run_parts(
        &self,
        run_id: &str,
        states: &[PartState],
        after: Option<&TaxNo>,
        limit: usize,
    ) -> Result<Vec<RunPart>, StoreError> {
        let book = self.open();
        let parts = book.around.runs.get(run_id).map(|kept| kept.parts.values());
        let wanted = parts.into_iter().flatten().map(|(_, part)| part).filter(|part| {
            (states.is_empty() || states.contains(&part.state))
                && after.is_none_or(|after| part.tax_no > *after)
        });
        Ok(wanted.take(limit).cloned().collect())
    }

    async fn parts_of(
        &self,
        run_id: &str,
        tax_nos: &[TaxNo],
    ) -> Result<Vec<Option<RunPart>>, StoreError> {
        let book = self.open();
        let kept = book.around.runs.get(run_id);
        let part = |tax_no: &TaxNo| Some(kept?.parts.get(tax_no)?.1.clone());
        Ok(tax_nos.iter().map(part).collect())
    }

    async fn run_counts(&self, run_id: &str) -> Result<Vec<(PartState, u64)>, StoreError> {
        let book = self.open();
        let mut counts = BTreeMap::new();
        for (_, part) in book.around.runs.get(run_id).iter().flat_map(|kept| kept.parts.values()) {
            *counts.entry(part.state).or_insert(0) += 1;
        }
        Ok(counts.into_iter().collect())
    }

    async fn change_parts(
        &self,
        run_id: &str,
        parts: &[RunPart],
    ) -> Result<PartsChanged, StoreError> {
        Ok(self.open().change_parts(run_id, parts))
    }

    async fn moving_parts(
        &self,
        run_id: Option<&str>,
        limit: usize,
    ) -> Result<Vec<MovingPart>, StoreError> {
        let book = self.open();
        let runs = book.around.runs.values();
        let runs = runs.filter(|kept| run_id.is_none_or(|id| id == kept.run.run_id));
        let mut moving: Vec<(Moment, MovingPart)> = runs
            .flat_map(|kept| {
                kept.parts
                    .values()
                    .filter_map(|(at, part)| Some((*at, book.moving(&kept.run, part)?)))
            })
            .collect();
        moving.sort_by(|(at, one), (other_at, other)| {
            (at, &one.run.run_id, &one.part.tax_no).cmp(&(
                other_at,
                &other.run.run_id,
                &other.part.tax_no,
            ))
        });
        Ok(moving.into_iter().take(limit).map(|(_, moving)| moving).collect())
    }
}
