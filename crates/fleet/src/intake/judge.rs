//! What becomes of a message that can be read: its lane, or the sentence that refuses it.

use crate::ports::{
    Store, StoreError,
    log::{Fate, NewTask},
    statistics::{CacheAway, StatisticCache},
};
use domain::{
    Moment,
    bureau::{Account, LaneKey},
    ids::{LaneId, TaxId},
    invoice::{InvoiceKey, Mark, PoolChange, PoolInvoice, TaskInvoice},
    ledger::{LedgerLine, LineOutcome},
    rules::{self, LaneChoice},
    statistic::StatisticState,
    task::TaskMessage,
    tax_no::TaxNo,
    taxpayer::{ChannelKind, Taxpayer},
};
use std::{collections::BTreeMap, sync::Arc};

/// A message that was read, with its body.
#[derive(Debug, Clone)]
pub(super) struct Read {
    pub message: Arc<TaskMessage>,
    pub body: Arc<str>,
    pub body_hash: [u8; 32],
    pub traceparent: Option<String>,
}

/// What must be known to judge a batch, asked for in a few round trips for all of it.
struct Known {
    taxpayers: BTreeMap<TaxNo, Taxpayer>,
    invoices: BTreeMap<(TaxId, InvoiceKey), PoolInvoice>,
    lanes: BTreeMap<LaneKey, LaneId>,
    statistics: BTreeMap<TaxNo, StatisticState>,
}

/// Judges a batch, in its order.
pub(super) async fn judge(
    store: &dyn Store,
    statistics: &dyn StatisticCache,
    settings: rules::Settings,
    now: Moment,
    batch: &[Read],
) -> Result<Vec<NewTask>, StoreError> {
    let known = gather(store, statistics, batch).await?;
    Ok(batch.iter().map(|read| known.decide(read, settings, now)).collect())
}

async fn gather(
    store: &dyn Store,
    statistics: &dyn StatisticCache,
    batch: &[Read],
) -> Result<Known, StoreError> {
    let mut tax_nos: Vec<TaxNo> = batch.iter().map(|read| read.message.tax_no.clone()).collect();
    tax_nos.sort();
    tax_nos.dedup();
    let found = store.taxpayers(&tax_nos).await?;
    let taxpayers: BTreeMap<TaxNo, Taxpayer> =
        tax_nos.into_iter().zip(found).filter_map(|(no, payer)| payer.map(|p| (no, p))).collect();
    let invoices = pool_of(store, batch, &taxpayers).await?;
    let lanes = lanes_of(store, batch, &taxpayers).await?;
    let statistics = cached_states(statistics, batch, &taxpayers).await;
    Ok(Known { taxpayers, invoices, lanes, statistics })
}

async fn pool_of(
    store: &dyn Store,
    batch: &[Read],
    taxpayers: &BTreeMap<TaxNo, Taxpayer>,
) -> Result<BTreeMap<(TaxId, InvoiceKey), PoolInvoice>, StoreError> {
    let keys = batch.iter().filter(|read| read.message.kind.action().is_some()).flat_map(|read| {
        let tax = taxpayers.get(&read.message.tax_no).map(|payer| payer.id);
        let invoices = read.message.invoices.iter();
        invoices.filter_map(move |invoice| tax.map(|tax| (tax, invoice.key.clone())))
    });
    let keys: Vec<_> = keys.collect();
    if keys.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = store.invoices(&keys).await?;
    Ok(keys.into_iter().zip(found).filter_map(|(key, facts)| facts.map(|f| (key, f))).collect())
}

async fn lanes_of(
    store: &dyn Store,
    batch: &[Read],
    taxpayers: &BTreeMap<TaxNo, Taxpayer>,
) -> Result<BTreeMap<LaneKey, LaneId>, StoreError> {
    let mut keys: Vec<LaneKey> = batch
        .iter()
        .filter_map(|read| taxpayers.get(&read.message.tax_no).map(|payer| (read, payer)))
        .flat_map(|(read, payer)| {
            let named = read.message.account.iter();
            let accounts = named.chain(payer.accounts.first()).cloned().chain([Account::leqi()]);
            accounts.map(|account| LaneKey { bureau: payer.bureau, account })
        })
        .collect();
    keys.sort();
    keys.dedup();
    let found = store.lanes_of(&keys).await?;
    Ok(keys.into_iter().zip(found).filter_map(|(key, lane)| lane.map(|l| (key, l))).collect())
}

/// Only selections look at it; a cache that is away refuses nothing: the bureau is asked later.
async fn cached_states(
    statistics: &dyn StatisticCache,
    batch: &[Read],
    taxpayers: &BTreeMap<TaxNo, Taxpayer>,
) -> BTreeMap<TaxNo, StatisticState> {
    let mut wanted = BTreeMap::new();
    for read in batch {
        let message = &read.message;
        let Some(payer) = taxpayers.get(&message.tax_no) else { continue };
        let locked = message.kind.action().is_some() && message.kind.traits().needs_lane;
        if let Some(period) = payer.period.or(message.tax_period).filter(|_| locked) {
            wanted.entry(&message.tax_no).or_insert((payer, period));
        }
    }
    let looks = wanted.into_iter().map(async |(tax_no, (payer, period))| {
        let reading = statistics.get(tax_no, period).await?;
        let counts = reading.filter(|reading| reading.order >= payer.statistic_order);
        Ok::<_, CacheAway>(counts.map(|reading| (tax_no.clone(), reading.state)))
    });
    // At once: a cache on another machine answers all of them in one round trip's time.
    let mut states = BTreeMap::new();
    for looked in futures::future::join_all(looks).await {
        match looked {
            Ok(known) => states.extend(known),
            Err(error) => {
                tracing::warn!(%error, "judged without the statistic cache");
                return states;
            }
        }
    }
    states
}

impl Known {
    fn decide(&self, read: &Read, settings: rules::Settings, now: Moment) -> NewTask {
        let message = &read.message;
        let payer = self.taxpayers.get(&message.tax_no);
        let (lane, fate) = match self.lane_and_fate(message, payer, settings, now) {
            Ok(decided) => decided,
            Err(refusal) => {
                let lines = refusal.lines(&message.invoices);
                let tax = payer.map(|payer| payer.id);
                (
                    self.likely_lane(message, payer),
                    Fate::Refuse { tax, reason: refusal.sentence, lines },
                )
            }
        };
        NewTask {
            message: read.message.clone(),
            body: read.body.clone(),
            body_hash: read.body_hash,
            traceparent: read.traceparent.clone(),
            channel: payer.and_then(Taxpayer::channel_kind),
            lane,
            fate,
        }
    }

    fn lane_and_fate(
        &self,
        message: &TaskMessage,
        payer: Option<&Taxpayer>,
        settings: rules::Settings,
        now: Moment,
    ) -> Result<(Option<LaneKey>, Fate), rules::Refusal> {
        let account_known = self.account_known(message, payer);
        let choice = rules::lane(message, payer, account_known)?;
        let pool: Vec<Option<PoolInvoice>> = self.pool(message, payer);
        let request = rules::Request {
            kind: message.kind,
            tax_no: &message.tax_no,
            taxpayer: payer,
            invoices: &message.invoices,
            pool: &pool,
            statistic: self.statistics.get(&message.tax_no).copied(),
            period: message.tax_period.or(payer.and_then(|payer| payer.period)),
        };
        rules::check(&request, settings)?;
        let Some(payer) = payer else { return Ok((None, refused_without_taxpayer())) };
        let tax = payer.id;
        Ok(match choice {
            LaneChoice::NotNeeded => (None, pool_mark(message, tax)),
            LaneChoice::NoAccount => (None, Fate::Hold { tax }),
            LaneChoice::Lane(key) => match self.lanes.get(&key) {
                None => (Some(key), Fate::Hold { tax }),
                Some(lane) => {
                    let run_at = message.not_before.filter(|at| *at > now);
                    (Some(key), Fate::Queue { lane: *lane, tax, run_at })
                }
            },
        })
    }

    fn account_known(&self, message: &TaskMessage, payer: Option<&Taxpayer>) -> bool {
        let (Some(payer), Some(account)) = (payer, &message.account) else { return false };
        let key = LaneKey { bureau: payer.bureau, account: account.clone() };
        self.lanes.contains_key(&key)
    }

    fn pool(&self, message: &TaskMessage, payer: Option<&Taxpayer>) -> Vec<Option<PoolInvoice>> {
        let facts = |key: &InvoiceKey| {
            payer.and_then(|payer| self.invoices.get(&(payer.id, key.clone())).cloned())
        };
        message.invoices.iter().map(|invoice| facts(&invoice.key)).collect()
    }

    /// For people who look for a refused task by bureau or account.
    fn likely_lane(&self, message: &TaskMessage, payer: Option<&Taxpayer>) -> Option<LaneKey> {
        let bureau = message.bureau.or(payer.map(|payer| payer.bureau))?;
        let leqi = payer.and_then(Taxpayer::channel_kind) == Some(ChannelKind::Leqi);
        let own = payer.and_then(|payer| payer.accounts.first());
        let account =
            if leqi { Some(Account::leqi()) } else { message.account.as_ref().or(own).cloned() };
        account.map(|account| LaneKey { bureau, account })
    }
}

/// `rules::check` refuses an unknown taxpayer before this; kept total without a panic.
fn refused_without_taxpayer() -> Fate {
    Fate::Refuse { tax: None, reason: String::new(), lines: Vec::new() }
}

/// 预勾选 and its undo: a mark in our own pool, done at once.
fn pool_mark(message: &TaskMessage, tax: TaxId) -> Fate {
    let line = |invoice: &TaskInvoice| LedgerLine {
        invoice: invoice.key.clone(),
        outcome: LineOutcome::Succeeded,
        reason: String::new(),
    };
    let marked = message.invoices.iter().filter_map(|invoice| {
        let mark = Mark::left_by(message.kind, invoice, None)?;
        Some(PoolChange::marked(invoice.key.clone(), mark))
    });
    let pool = marked.collect();
    Fate::Settle { tax, lines: message.invoices.iter().map(line).collect(), pool }
}
