//! How a run goes on by itself: tasks are logged that are not in the log, and what their end means is
//! written. Whoever does it, and however often, it comes to the same.

use super::{RunError, Runs};
use crate::{
    intake::{Incoming, Taken},
    ports::{StoreError, bus::Ring, log::Appended, runs::MovingPart},
};
use domain::{
    period::TaxPeriod,
    run::{PartEvent, PartState, RunPart, Seen},
    statistic::TableCard,
    task::StateName,
    tax_no::TaxNo,
};
use std::collections::BTreeMap;

/// Rounds of one call at most: of each part its task's end is written, and the next one is logged.
const ROUNDS: usize = 4;
/// Of a task that ended without a sentence.
const NO_SENTENCE: &str = "任务未成功，请查看任务日志。";

impl Runs {
    /// Goes on with one run, or with all; how many parts were gone on with.
    pub async fn go_on(&self, id: Option<&str>, limit: usize) -> Result<usize, RunError> {
        let mut moved = 0;
        for _ in 0..ROUNDS {
            let moving = self.store.moving_parts(id, limit).await?;
            if moving.is_empty() {
                break;
            }
            moved += moving.len();
            let (ended, missing): (Vec<_>, Vec<_>) =
                moving.into_iter().partition(|moving| moving.ended.is_some());
            self.log_tasks(&missing).await?;
            self.take_in(ended).await?;
        }
        Ok(moved)
    }

    /// Logs the tasks that parts wait for.
    async fn log_tasks(&self, missing: &[MovingPart]) -> Result<(), RunError> {
        let messages = missing.iter().filter_map(|moving| moving.run.message(&moving.part));
        let incoming: Vec<Incoming> = messages
            .map(|message| Incoming {
                body: message.to_json().into_bytes().into(),
                traceparent: None,
                routing_key: String::new(),
            })
            .collect();
        if incoming.is_empty() {
            return Ok(());
        }
        let mut ring = Ring::default();
        for taken in &self.intake.take(&incoming).await? {
            match taken {
                Taken::Waiting(head) => {
                    ring.lanes.insert(head.lane);
                }
                Taken::Logged(Appended::Duplicate { waiting: Some((lane, _)) }) => {
                    ring.lanes.insert(*lane);
                }
                Taken::Logged(_) => {}
                Taken::Rejected { reason, .. } => {
                    let broken = format!("a task of the run was rejected: {reason}");
                    return Err(StoreError::Broken(broken).into());
                }
            }
        }
        if !ring.is_empty() {
            self.bell.ring(ring);
        }
        Ok(())
    }

    /// Writes what the end of their tasks means for parts.
    async fn take_in(&self, ended: Vec<MovingPart>) -> Result<(), RunError> {
        let cards = self.cards(&ended).await?;
        let mut by_run: BTreeMap<String, Vec<RunPart>> = BTreeMap::new();
        for MovingPart { run, part, ended, .. } in ended {
            let Some((state, reason)) = ended else { continue };
            let card = cards.get(&(part.tax_no.clone(), run.period));
            let event = match state {
                StateName::Done => PartEvent::Done(card.and_then(Seen::of)),
                _ if reason.is_empty() => PartEvent::Failed(NO_SENTENCE.to_owned()),
                _ => PartEvent::Failed(reason),
            };
            let (tax_no, before) = (part.tax_no.clone(), part.state);
            let changed = part.on(event)?;
            tracing::info!(run = run.run_id, %tax_no, from = before.name(),
                to = changed.state.name(), "a part of a run went on");
            by_run.entry(run.run_id).or_default().push(changed);
        }
        for (id, parts) in by_run {
            // What somebody else has written meanwhile stays; the next round looks at it again.
            self.store.change_parts(&id, &parts).await?;
        }
        Ok(())
    }

    /// The tables of parts whose task told figures.
    async fn cards(
        &self,
        ended: &[MovingPart],
    ) -> Result<BTreeMap<(TaxNo, TaxPeriod), TableCard>, RunError> {
        let told = |moving: &&MovingPart| moving.part.state != PartState::Confirming;
        let of: Vec<(TaxNo, Option<TaxPeriod>)> = ended
            .iter()
            .filter(told)
            .map(|moving| (moving.part.tax_no.clone(), Some(moving.run.period)))
            .collect();
        if of.is_empty() {
            return Ok(BTreeMap::new());
        }
        let found = self.store.tables(&of).await?;
        let cards = of.into_iter().zip(found).filter_map(|((tax_no, period), cards)| {
            let card = cards?.into_iter().next()?;
            Some(((tax_no, period?), card))
        });
        Ok(cards.collect())
    }
}
