//! A batch as people look at it: what each tax number will use, and what came of each invoice.

use super::{BatchError, Batches, Progress};
use crate::ports::{StoreError, roster::Lane};
use domain::{
    batch::{Batch, BatchLine, BatchPart},
    bureau::{Account, BureauCode, LaneKey},
    ids::TaskId,
    ledger::LineOutcome,
    task::StateName,
    tax_no::TaxNo,
    taxpayer::{ChannelKind, Taxpayer},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A batch, the way of each of its tax numbers, and how far it is.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct BatchView {
    #[serde(flatten)]
    pub batch: Batch,
    /// How many tasks it becomes.
    pub tasks: usize,
    /// In the order of the batch's parts.
    pub ways: Vec<PartView>,
    pub progress: Progress,
}

/// Which channel, bureau and account a part will use, and whether that is on line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PartView {
    pub tax_no: TaxNo,
    /// As it is set; empty when the tax number is not known.
    pub channel: String,
    pub name: String,
    pub bureau: Option<BureauCode>,
    pub bureau_name: String,
    /// The account that will be used; None: 乐企, a mark in our own pool, or none is known.
    pub account: Option<Account>,
    /// The accounts that may receive for it, the default one first.
    pub accounts: Vec<Account>,
    /// None where there is no login.
    pub online: Option<bool>,
    /// It is off line, and only a person can log it in.
    pub needs_person: bool,
}

/// One invoice of a batch, and what came of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LineView {
    pub tax_no: TaxNo,
    #[serde(flatten)]
    pub line: BatchLine,
    /// None: its tax number was dropped, or no task was made yet.
    pub task_id: Option<TaskId>,
    pub state: Option<StateName>,
    /// None: not yet.
    pub outcome: Option<LineOutcome>,
    /// The sentence for people: the invoice's own, else its task's.
    pub sentence: String,
}

impl Batches {
    /// A batch as people look at it.
    pub async fn view(&self, id: &str) -> Result<BatchView, BatchError> {
        let batch = self.found(id).await?;
        let ways = self.ways(&batch).await?;
        let progress = self.progress(&batch).await?;
        Ok(BatchView { tasks: batch.tasks(), ways, progress, batch })
    }

    async fn ways(&self, batch: &Batch) -> Result<Vec<PartView>, StoreError> {
        let payers = self.payers(batch.parts.iter().map(|part| &part.tax_no)).await?;
        let keys: Vec<Option<LaneKey>> = batch
            .parts
            .iter()
            .map(|part| payers.get(&part.tax_no).and_then(|payer| lane(batch, part, payer)))
            .collect();
        let wanted: Vec<LaneKey> = keys.iter().flatten().cloned().collect();
        let lanes = self.lanes(&wanted).await?;
        let view = |(part, key): (&BatchPart, &Option<LaneKey>)| {
            let lane = key.as_ref().and_then(|key| lanes.get(key));
            way(part, payers.get(&part.tax_no), key.as_ref(), lane)
        };
        Ok(batch.parts.iter().zip(&keys).map(view).collect())
    }

    async fn lanes(&self, keys: &[LaneKey]) -> Result<BTreeMap<LaneKey, Lane>, StoreError> {
        let ids: Vec<_> = self.store.lanes_of(keys).await?.into_iter().flatten().collect();
        let lanes = self.store.lanes(Some(&ids)).await?;
        Ok(lanes.into_iter().map(|lane| (lane.key.clone(), lane)).collect())
    }

    /// The lane that a tax number's tasks will use.
    pub async fn lane_of(&self, id: &str, tax_no: &TaxNo) -> Result<Option<LaneKey>, BatchError> {
        let batch = self.found(id).await?;
        let part = batch.parts.iter().find(|part| part.tax_no == *tax_no);
        let missing = || domain::batch::BatchRefusal::NotInBatch(tax_no.clone());
        let part = part.ok_or_else(missing)?;
        let payers = self.payers(std::iter::once(tax_no)).await?;
        Ok(payers.get(tax_no).and_then(|payer| lane(&batch, part, payer)))
    }

    /// Its invoices with what came of each, from the `from`th on.
    pub async fn lines(
        &self,
        batch: &Batch,
        from: usize,
        limit: usize,
    ) -> Result<Vec<LineView>, BatchError> {
        let lines = self.store.batch_lines(&batch.batch_id, from, limit).await?;
        let tasks: Vec<Option<TaskId>> = lines.iter().map(|line| batch.task_of(line)).collect();
        let asked: Vec<_> = lines
            .iter()
            .zip(&tasks)
            .filter_map(|(line, task)| task.map(|task| (task, line.key.clone())))
            .collect();
        let mut ends = self.store.line_ends(&asked).await?.into_iter();
        let views = lines.into_iter().zip(tasks).map(|(line, task)| {
            let end = task.and_then(|_| ends.next().flatten());
            let written = end.as_ref().and_then(|end| end.line.clone());
            let sentence = match (&end, &written) {
                (_, Some(line)) => line.reason.clone(),
                (Some(end), None) => end.reason.clone(),
                (None, None) => String::new(),
            };
            LineView {
                tax_no: batch.parts[line.part].tax_no.clone(),
                line,
                task_id: end.as_ref().and(task),
                state: end.map(|end| end.state),
                outcome: written.map(|line| line.outcome),
                sentence,
            }
        });
        Ok(views.collect())
    }
}

fn lane(batch: &Batch, part: &BatchPart, payer: &Taxpayer) -> Option<LaneKey> {
    if !batch.kind(part).traits().needs_lane {
        return None;
    }
    let account = match payer.channel_kind()? {
        ChannelKind::Leqi => Account::leqi(),
        ChannelKind::Etax => part.account.as_ref().or(payer.accounts.first())?.clone(),
    };
    Some(LaneKey { bureau: payer.bureau, account })
}

fn way(
    part: &BatchPart,
    payer: Option<&Taxpayer>,
    key: Option<&LaneKey>,
    lane: Option<&Lane>,
) -> PartView {
    let account = key.map(|key| key.account.clone()).filter(|account| !account.is_leqi());
    PartView {
        tax_no: part.tax_no.clone(),
        channel: payer.map(|payer| payer.channel.clone()).unwrap_or_default(),
        name: payer.map(|payer| payer.name.clone()).unwrap_or_default(),
        bureau: payer.map(|payer| payer.bureau),
        bureau_name: payer.map(|payer| payer.bureau.name().to_owned()).unwrap_or_default(),
        account,
        accounts: payer.map(|payer| payer.accounts.clone()).unwrap_or_default(),
        online: lane.and_then(|lane| lane.session).map(|session| session.online),
        needs_person: lane.is_some_and(|lane| lane.needs_person),
    }
}
