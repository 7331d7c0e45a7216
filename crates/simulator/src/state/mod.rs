//! The bureau: taxpayers, accounts, invoices, statistic tables, submissions.

mod account;
mod attend;
mod download;
mod effect;
mod faults;
mod submission;
mod submit;
mod truth;

pub(crate) use attend::{Attended, Delivery, Later, Loss};

use crate::{
    channels::Purpose,
    clock::Calendar,
    dice::Dice,
    limits,
    referee::{Book, Referee},
};
use account::AccountState;
use domain::{
    Moment,
    bureau::LaneKey,
    invoice::{EntryState, InvoiceKey, InvoiceStatus, Risk, Selection},
    period::{TaxPeriod, date_in_shanghai},
    statistic::StatisticState,
    tax_no::TaxNo,
    taxpayer::TaxpayerKind,
    world::{FaultName, Faults, SwitchLimits, World, WorldInvoice},
};
use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};
use submission::Submissions;

/// A taxpayer, as the bureau knows it.
#[derive(Debug)]
struct Payer {
    kind: TaxpayerKind,
    /// The current period.
    period: TaxPeriod,
    tables: HashMap<TaxPeriod, Table>,
    /// The highest fence seen; robots refuse lower ones.
    fence: i64,
    throttled_until: Option<Moment>,
}

/// A statistic table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table {
    pub(crate) state: StatisticState,
    /// The selection changed after it was generated (333).
    pub(crate) outdated: bool,
}

impl Payer {
    fn table(&mut self) -> &mut Table {
        let fresh = Table { state: StatisticState::NotGenerated, outdated: false };
        self.tables.entry(self.period).or_insert(fresh)
    }
}

/// An invoice, as the bureau knows it.
#[derive(Debug)]
struct InvoiceState {
    buyer: TaxNo,
    fact: WorldInvoice,
    purpose: Purpose,
    period: Option<TaxPeriod>,
    /// Confirmed: shows up as missing when it is to be deselected.
    certified: bool,
    /// How it stands in the books, as the bureau was told.
    entry: EntryState,
    /// The result that every selection of it gets, when the world or `/control` says so.
    scripted: Option<&'static str>,
}

/// The whole bureau. Locked for moments only: nothing waits inside.
#[derive(Debug)]
pub(crate) struct State {
    seed: u64,
    pub(crate) latency_ms: [u64; 2],
    outcome_ms: [u64; 2],
    switch: SwitchLimits,
    session: chrono::TimeDelta,
    pub(crate) faults: Faults,
    struck: HashMap<FaultName, u64>,
    pub(crate) calendar: Calendar,
    payers: HashMap<TaxNo, Payer>,
    accounts: HashMap<LaneKey, AccountState>,
    invoices: HashMap<InvoiceKey, InvoiceState>,
    submissions: Submissions,
    repetitions: HashMap<u64, u32>,
    pub(crate) book: Book,
}

impl State {
    /// The world at its start. Dates that it leaves out are today's.
    pub(crate) fn new(mut world: World, seed: Option<u64>, now: Moment) -> State {
        let today = date_in_shanghai(now);
        world.fill_defaults(today);
        let behaviour = &world.bureau;
        let session_ms = (behaviour.session_hours * 3_600_000.0) as i64;
        let session = chrono::TimeDelta::milliseconds(session_ms);
        let accounts = world.accounts.iter().map(|account| {
            let key = LaneKey { bureau: account.bureau, account: account.account.clone() };
            (key, AccountState::new(account, now + session))
        });
        State {
            seed: seed.unwrap_or(behaviour.seed),
            latency_ms: behaviour.latency_ms,
            outcome_ms: behaviour.outcome_ms,
            switch: behaviour.switch,
            session,
            faults: behaviour.faults.clone(),
            struck: HashMap::new(),
            calendar: Calendar::default(),
            accounts: accounts.collect(),
            payers: payers(&world, TaxPeriod::of_date(today)),
            invoices: world.invoices.into_iter().map(invoice).collect(),
            submissions: Submissions::default(),
            repetitions: HashMap::new(),
            book: Book::default(),
        }
    }

    /// The dice of a request: its repetitions are told apart.
    pub(crate) fn dice(&mut self, request: &str, op: &'static str) -> Dice {
        let mut hasher = DefaultHasher::new();
        (request, op).hash(&mut hasher);
        if self.repetitions.len() >= limits::REPETITIONS {
            self.repetitions.clear();
        }
        let times = self.repetitions.entry(hasher.finish()).or_default();
        *times += 1;
        Dice::new(self.seed, request, op, *times)
    }

    pub(crate) fn counts(&self) -> Referee {
        self.book.counts
    }

    pub(crate) fn has_payer(&self, tax_no: &TaxNo) -> bool {
        self.payers.contains_key(tax_no)
    }

    pub(crate) fn has_account(&self, lane: &LaneKey) -> bool {
        self.accounts.contains_key(lane)
    }

    pub(crate) fn has_invoice(&self, key: &InvoiceKey) -> bool {
        self.invoices.contains_key(key)
    }

    /// Sets a table, as someone at the bureau would.
    pub(crate) fn set_table(&mut self, tax_no: &TaxNo, period: TaxPeriod, table: Table) {
        if let Some(payer) = self.payers.get_mut(tax_no) {
            payer.tables.insert(period, table);
        }
    }

    /// The seller reverses an invoice, or it turns abnormal.
    pub(crate) fn set_status(&mut self, key: &InvoiceKey, status: InvoiceStatus) {
        if let Some(invoice) = self.invoices.get_mut(key) {
            invoice.fact.status = status;
        }
    }

    /// Scripts what every selection of an invoice gets.
    pub(crate) fn script(&mut self, key: &InvoiceKey, code: Option<&'static str>) {
        if let Some(invoice) = self.invoices.get_mut(key) {
            invoice.scripted = code;
        }
    }

    /// Writes down how an invoice stands in the books.
    pub(crate) fn enter(&mut self, key: &InvoiceKey, entry: EntryState) {
        if let Some(invoice) = self.invoices.get_mut(key) {
            invoice.entry = entry;
        }
    }

    /// Logs an account out or in, as a person or another robot would.
    pub(crate) fn set_online(&mut self, lane: &LaneKey, online: bool, now: Moment) {
        let until = self.calendar.date(now) + self.session;
        if let Some(account) = self.accounts.get_mut(lane) {
            account.session_until = online.then_some(until);
        }
    }
}

fn payers(world: &World, this_month: TaxPeriod) -> HashMap<TaxNo, Payer> {
    let mut payers: HashMap<_, _> = world
        .taxpayers
        .iter()
        .map(|taxpayer| {
            let payer = Payer {
                kind: taxpayer.kind,
                period: this_month,
                tables: HashMap::new(),
                fence: 0,
                throttled_until: None,
            };
            (taxpayer.tax_no.clone(), payer)
        })
        .collect();
    let mut named = HashSet::new();
    for table in &world.statistics {
        let Some(payer) = payers.get_mut(&table.tax_no) else { continue };
        let period = table.tax_period.unwrap_or(this_month);
        payer.tables.insert(period, Table { state: table.state, outdated: false });
        // The newest table in the file is the current period's.
        let first = named.insert(table.tax_no.clone());
        payer.period = if first { period } else { payer.period.max(period) };
    }
    payers
}

fn invoice(fact: WorldInvoice) -> (InvoiceKey, InvoiceState) {
    let selection = fact.selection.unwrap_or_default();
    let certified = matches!(selection, Selection::Certified | Selection::ScanCertified);
    let selected = certified || selection == Selection::Selected;
    let state = InvoiceState {
        buyer: fact.buyer_tax_no.clone(),
        purpose: if selected { Purpose::Deduction } else { Purpose::Unused },
        period: None,
        certified,
        entry: fact.details.entry_state.unwrap_or_default(),
        scripted: fact.seller_name.strip_prefix(SCRIPT).and_then(effect::known_code),
        fact,
    };
    (state.fact.key(), state)
}

/// An invoice whose seller's name is this and a `cljg` gets that result: `cljg=31`.
pub(crate) const SCRIPT: &str = "cljg=";

impl InvoiceState {
    fn status(&self) -> InvoiceStatus {
        self.fact.status
    }

    fn risk(&self) -> Risk {
        self.fact.risk
    }
}

pub(crate) use effect::known_code;
