//! What becomes of a message that can be read: its lane, or the sentence that refuses it.

use crate::{
    cached_states,
    ports::{
        Store, StoreError,
        log::{Fate, NewTask},
        statistics::StatisticCache,
    },
};
use domain::{
    Moment,
    bureau::{Account, LaneKey},
    ids::{LaneId, TaxId},
    invoice::{InvoiceKey, Mark, PoolChange, PoolInvoice, TaskInvoice},
    ledger::{LedgerLine, LineOutcome},
    rules::{self, LaneChoice, Rule},
    secret::SecretName,
    statistic::StatisticState,
    task::TaskMessage,
    tax_no::TaxNo,
    taxpayer::{ChannelKind, Taxpayer},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Which request a message belongs to; those of one request stand beside each other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Of {
    pub request: usize,
    /// It was refused before it came here.
    pub refused: Option<Rule>,
}

/// A message that was read, with its body.
#[derive(Debug, Clone)]
pub(super) struct Read {
    pub of: Of,
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
    secrets: BTreeSet<SecretName>,
}

/// What is to be logged; or the sentence for which no task is made at all.
pub(super) type Judged = Result<NewTask, String>;

/// Judges a batch, in its order.
pub(super) async fn judge(
    store: &dyn Store,
    statistics: &dyn StatisticCache,
    settings: rules::Settings,
    now: Moment,
    batch: &[Read],
) -> Result<Vec<Judged>, StoreError> {
    let known = gather(store, statistics, batch).await?;
    let requests = batch.chunk_by(|one, next| one.of.request == next.of.request);
    Ok(requests.flat_map(|request| known.decide_all(request, settings, now)).collect())
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
    let secrets = secrets_of(store, batch).await?;
    Ok(Known { taxpayers, invoices, lanes, statistics, secrets })
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

/// Those that are stored of the secrets that the batch names.
async fn secrets_of(store: &dyn Store, batch: &[Read]) -> Result<BTreeSet<SecretName>, StoreError> {
    let named = batch
        .iter()
        .filter_map(|read| rules::secret_of(read.message.kind, &read.message.parameters)?.ok());
    let named: Vec<SecretName> = named.collect();
    if named.is_empty() {
        return Ok(BTreeSet::new());
    }
    let found = store.secrets(&named).await?;
    Ok(named.into_iter().zip(found).filter_map(|(name, found)| found.map(|_| name)).collect())
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
    cached_states::look_up(statistics, wanted.into_values()).await
}

impl Known {
    /// The rules look at the whole request: one bad invoice fails every message of it.
    fn decide_all(&self, request: &[Read], settings: rules::Settings, now: Moment) -> Vec<Judged> {
        let refused = match request {
            [Read { of: Of { refused: Some(rule), .. }, .. }, ..] => Some(rule.refuses("")),
            [_alone] => None,
            _ => self.refused_whole(request, settings),
        };
        let decide = |read: &Read| match self.no_task(&read.message) {
            Some(refusal) => Err(refusal.sentence),
            None => Ok(self.decide(read, refused.as_ref(), settings, now)),
        };
        request.iter().map(decide).collect()
    }

    /// A retry makes no new task for a small-scale taxpayer: it would be refused again.
    fn no_task(&self, message: &TaskMessage) -> Option<rules::Refusal> {
        let payer = self.taxpayers.get(&message.tax_no).filter(|_| message.retry_of.is_some())?;
        rules::not_small_scale(message.kind, payer.kind).err()
    }

    fn refused_whole(&self, request: &[Read], settings: rules::Settings) -> Option<rules::Refusal> {
        let first = &request.first()?.message;
        let payer = self.taxpayers.get(&first.tax_no);
        let messages = || request.iter().map(|read| &read.message);
        let invoices: Vec<TaskInvoice> =
            messages().flat_map(|message| message.invoices.iter().cloned()).collect();
        let pool: Vec<Option<PoolInvoice>> =
            messages().flat_map(|message| self.pool(message, payer)).collect();
        rules::check(&self.request(first, payer, &invoices, &pool), settings).err()
    }

    fn decide(
        &self,
        read: &Read,
        refused: Option<&rules::Refusal>,
        settings: rules::Settings,
        now: Moment,
    ) -> NewTask {
        let message = &read.message;
        let payer = self.taxpayers.get(&message.tax_no);
        let decided = match refused {
            Some(refusal) => Err(refusal.clone()),
            None => self.lane_and_fate(message, payer, settings, now),
        };
        let (lane, fate) = match decided {
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
        let request = self.request(message, payer, &message.invoices, &pool);
        rules::check(&request, settings)?;
        self.secret_is_stored(message)?;
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

    /// What the rules look at; `invoices` are the message's, or those of its whole request.
    fn request<'a>(
        &self,
        message: &'a TaskMessage,
        payer: Option<&'a Taxpayer>,
        invoices: &'a [TaskInvoice],
        pool: &'a [Option<PoolInvoice>],
    ) -> rules::Request<'a> {
        rules::Request {
            kind: message.kind,
            tax_no: &message.tax_no,
            taxpayer: payer,
            invoices,
            pool,
            statistic: self.statistics.get(&message.tax_no).copied(),
            period: message.period(payer.and_then(|payer| payer.period)),
        }
    }

    fn secret_is_stored(&self, message: &TaskMessage) -> Result<(), rules::Refusal> {
        match rules::secret_of(message.kind, &message.parameters).transpose()? {
            Some(name) if !self.secrets.contains(&name) => {
                Err(rules::Rule::SecretMissing.refuses(name.as_str()))
            }
            _ => Ok(()),
        }
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
