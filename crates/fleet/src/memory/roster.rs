//! Who exists, and what sessions and switches do to lanes.

use super::{
    MemoryStore,
    book::Book,
    rows::{LaneRow, Table, TaxRow},
};
use crate::ports::{
    StoreError,
    log::{SwitchNote, SwitchRequest},
    roster::{Imported, Lane, Roster, SessionNoted, SessionReport},
};
use async_trait::async_trait;
use domain::{
    Moment,
    bureau::{Account, LaneKey},
    ids::{Epoch, Fence, LaneId, TaskId, TaxId},
    invoice::{InvoiceKey, PoolInvoice, Selection},
    schedule::SwitchHistory,
    task::{Event, State},
    tax_no::TaxNo,
    taxpayer::{ChannelKind, LoginMode, Session, Taxpayer},
    world::{Served, World, WorldAccount, WorldTaxpayer},
};
use std::collections::BTreeSet;

impl Book {
    fn lane_named(&mut self, key: &LaneKey, channel: ChannelKind, width: u16) -> LaneId {
        if let Some(lane) = self.lane_ids.get(key).copied() {
            if let Some(row) = self.lanes.get_mut(&lane) {
                row.width = width;
            }
            return lane;
        }
        let id = LaneId(self.lane_ids.len() as i32 + 1);
        self.lane_ids.insert(key.clone(), id);
        let row = LaneRow {
            key: key.clone(),
            channel,
            width,
            owner: None,
            paused: None,
            session: None,
            needs_person: false,
            session_seen_at: None,
            throttled_until: None,
            current_tax: None,
            switches: SwitchHistory::default(),
            switch_free_at: None,
            full_since: None,
            version: 0,
        };
        self.lanes.insert(id, row);
        id
    }

    pub(super) fn import_taxpayer(&mut self, payer: &WorldTaxpayer, width: u16) {
        let next = TaxId(self.tax_ids.len() as i32 + 1);
        let id = *self.tax_ids.entry(payer.tax_no.clone()).or_insert(next);
        let known = self.taxpayers.remove(&id);
        let taxpayer = Taxpayer {
            id,
            tax_no: payer.tax_no.clone(),
            name: payer.name.clone(),
            kind: payer.kind,
            channel: payer.channel.clone(),
            leqi_mode: payer.leqi_mode,
            bureau: payer.bureau,
            tax_org: payer.tax_org.clone(),
            period: known.as_ref().and_then(|row| row.payer.period),
            statistic_order: known.as_ref().map_or(Fence(0), |row| row.payer.statistic_order),
            accounts: known.as_ref().map_or_else(Vec::new, |row| row.payer.accounts.clone()),
        };
        let mut lanes = known.as_ref().map_or_else(BTreeSet::new, |row| row.lanes.clone());
        if taxpayer.channel_kind() == Some(ChannelKind::Leqi) {
            let key = LaneKey { bureau: payer.bureau, account: Account::leqi() };
            let lane = self.lane_named(&key, ChannelKind::Leqi, width);
            self.bump(lane);
            lanes.insert(lane);
        }
        let paused = known.as_ref().and_then(|row| row.paused.clone());
        let throttled_until = known.as_ref().and_then(|row| row.throttled_until);
        let serves = known.map_or_else(Vec::new, |row| row.serves);
        let row = TaxRow { payer: taxpayer, paused, throttled_until, lanes, serves };
        self.taxpayers.insert(id, row);
    }

    pub(super) fn import_account(&mut self, account: &WorldAccount) {
        let key = LaneKey { bureau: account.bureau, account: account.account.clone() };
        let lane = self.lane_named(&key, ChannelKind::Etax, 1);
        if let Some(row) = self.lanes.get_mut(&lane) {
            let epoch = row.session.map_or(Epoch(1), |session| session.epoch);
            let online = row.session.map_or(account.online, |session| session.online);
            let same_login = row.session.is_some_and(|known| known.login == account.login);
            let needed = row.needs_person && same_login;
            row.session = Some(Session { login: account.login, online, epoch });
            row.needs_person = !online && (needed || account.login == LoginMode::Manual);
        }
        self.bump(lane);
        for served in &account.serves {
            let Some(tax) = self.tax_ids.get(&served.tax_no).copied() else { continue };
            self.serve(tax, lane, served);
            if served.receives() {
                self.release_held(tax, lane, &key);
            }
        }
    }

    /// The tax number is served so from now on.
    pub(super) fn serve(&mut self, tax: TaxId, lane: LaneId, served: &Served) {
        let Some(row) = self.taxpayers.get_mut(&tax) else { return };
        row.lanes.insert(lane);
        match row.serves.iter_mut().find(|(known, _)| *known == lane) {
            Some((_, known)) => *known = served.clone(),
            None => row.serves.push((lane, served.clone())),
        }
        let mut receiving: Vec<&(LaneId, Served)> =
            row.serves.iter().filter(|(_, served)| served.receives()).collect();
        receiving.sort_by_key(|(_, served)| !served.default_business.receives());
        let account = |lane: &LaneId| self.lanes[lane].key.account.clone();
        row.payer.accounts = receiving.into_iter().map(|(lane, _)| account(lane)).collect();
    }

    /// Tasks that were held for want of an account go to this one.
    fn release_held(&mut self, tax: TaxId, lane: LaneId, key: &LaneKey) {
        let held = self.tasks.iter().filter(|(_, row)| {
            row.tax == Some(tax) && row.lane.is_none() && matches!(row.state, State::Held)
        });
        let held: Vec<(TaskId, Option<Moment>)> =
            held.map(|(id, row)| (*id, row.message.not_before)).collect();
        for (id, not_before) in held {
            let later = not_before.filter(|at| *at > self.now());
            let row = self.row(id);
            row.lane = Some(lane);
            row.lane_key = Some(key.clone());
            row.channel = Some(ChannelKind::Etax);
            if later.is_none() {
                row.take(Event::Released).expect("it was held");
            }
            match later {
                Some(at) => self.enqueue_at(id, at),
                None => self.requeue(id),
            }
        }
    }

    pub(super) fn lanes(&self, which: impl Fn(&LaneId, &LaneRow) -> bool) -> Vec<Lane> {
        let lanes = self.lanes.iter().filter(|(id, row)| which(id, row));
        lanes.map(|(id, row)| self.lane_view(*id, row)).collect()
    }

    fn lane_view(&self, id: LaneId, row: &LaneRow) -> Lane {
        Lane {
            id,
            key: row.key.clone(),
            channel: row.channel,
            width: row.width,
            owner: row.owner,
            paused: row.paused.clone().or_else(|| self.bureau_pauses.get(&row.key.bureau).cloned()),
            session: row.session,
            needs_person: row.needs_person,
            throttled_until: row.throttled_until,
            current_tax: row.current_tax,
            full_since: row.full_since,
            version: row.version,
        }
    }

    pub(super) fn switch(&mut self, request: &SwitchRequest) -> SwitchNote {
        let SwitchRequest { task, lane, tax, fence, budget } = *request;
        let now = self.now();
        let holds = self.running.get(&task).is_some_and(|key| {
            key.held_under(fence)
                && key.tax == tax
                && key.slot.is_some_and(|(held, _)| held == lane)
        });
        let Some(row) = self.lanes.get_mut(&lane).filter(|_| holds) else {
            return SwitchNote::Stale;
        };
        if let Some(until) = budget.and_then(|limits| row.switches.free_at(now, limits)) {
            return SwitchNote::Limited { until };
        }
        row.switches.record(now);
        row.current_tax = Some(tax);
        row.switch_free_at = budget.and_then(|limits| row.switches.free_at(now, limits));
        if budget.is_some() {
            self.bump(lane);
        }
        SwitchNote::Noted
    }

    fn session(&mut self, report: &SessionReport) -> SessionNoted {
        let unknown = SessionNoted { counted: false, epoch: Epoch(0), resumed: 0 };
        let Some(lane) = self.lane_ids.get(&report.lane).copied() else { return unknown };
        let Some(row) = self.lanes.get_mut(&lane) else { return unknown };
        let Some(session) = &mut row.session else { return unknown };
        let late = row.session_seen_at.is_some_and(|seen| report.seen_at < seen)
            || report.epoch.is_some_and(|epoch| epoch != session.epoch);
        if late {
            return SessionNoted { counted: false, epoch: session.epoch, resumed: 0 };
        }
        row.session_seen_at = Some(report.seen_at);
        session.epoch.0 += 1;
        session.online = report.online;
        row.needs_person =
            !report.online && (row.needs_person || session.login == LoginMode::Manual);
        row.current_tax = None;
        let epoch = session.epoch;
        self.bump(lane);
        if let Some(note) = &report.note {
            self.write_audit(report.action(), format!("lane {}", report.lane), note);
        }
        let resumed = if report.online { self.resume_lane(lane, epoch) } else { 0 };
        SessionNoted { counted: true, epoch, resumed }
    }

    fn resume_lane(&mut self, lane: LaneId, epoch: Epoch) -> u64 {
        let older = |id: &&TaskId| {
            let row = &self.tasks[id];
            let State::Parked { epoch: used, .. } = row.state else { return false };
            row.lane == Some(lane) && used < epoch
        };
        let parked: Vec<TaskId> = self.parked.iter().filter(older).copied().collect();
        let unasked = self.running.iter().filter(|(_, key)| key.ask_at.is_none());
        let asked: Vec<TaskId> = unasked.map(|(id, _)| id).filter(older).copied().collect();
        for id in &parked {
            self.resume_parked(*id);
            self.emit(*id, crate::ports::outbox::EventKind::Resumed);
        }
        let now = self.now();
        for id in &asked {
            if let Some(key) = self.running.get_mut(id) {
                key.ask_at = Some(now);
            }
            self.emit(*id, crate::ports::outbox::EventKind::Resumed);
        }
        (parked.len() + asked.len()) as u64
    }
}

#[async_trait]
impl Roster for MemoryStore {
    async fn import(&self, world: &World, leqi_width: u16) -> Result<Imported, StoreError> {
        let mut book = self.open();
        for payer in &world.taxpayers {
            book.import_taxpayer(payer, leqi_width);
        }
        for account in &world.accounts {
            book.import_account(account);
        }
        for invoice in &world.invoices {
            if let Some(tax) = book.tax_ids.get(&invoice.buyer_tax_no).copied() {
                book.import_invoice(tax, invoice);
            }
        }
        let mut statistics = 0;
        for statistic in &world.statistics {
            let tax = book.tax_ids.get(&statistic.tax_no).copied();
            let Some(key) = tax.zip(statistic.tax_period) else { continue };
            let (state, changed_at) = (statistic.state, book.now);
            let fresh = Table { state, order: Fence(0), known: None, changed_at };
            let table = book.statistic_tables.entry(key).or_insert(fresh);
            (table.state, table.changed_at) = (state, changed_at);
            statistics += 1;
        }
        Ok(Imported {
            taxpayers: world.taxpayers.len(),
            accounts: world.accounts.len(),
            invoices: world.invoices.len(),
            statistics,
        })
    }

    async fn taxpayers(&self, of: &[TaxNo]) -> Result<Vec<Option<Taxpayer>>, StoreError> {
        let book = self.open();
        let find = |tax_no| book.tax_ids.get(tax_no).map(|id| book.taxpayers[id].payer.clone());
        Ok(of.iter().map(find).collect())
    }

    async fn invoices(
        &self,
        of: &[(TaxId, InvoiceKey)],
    ) -> Result<Vec<Option<PoolInvoice>>, StoreError> {
        let book = self.open();
        let find = |key: &(TaxId, InvoiceKey)| {
            book.pool.get(key).map(|facts| {
                let mut facts = facts.clone();
                if book.holds.contains_key(key) {
                    facts.selection = Selection::Selecting;
                }
                facts
            })
        };
        Ok(of.iter().map(find).collect())
    }

    async fn lanes_of(&self, keys: &[LaneKey]) -> Result<Vec<Option<LaneId>>, StoreError> {
        let book = self.open();
        Ok(keys.iter().map(|key| book.lane_ids.get(key).copied()).collect())
    }

    async fn lanes(&self, of: Option<&[LaneId]>) -> Result<Vec<Lane>, StoreError> {
        Ok(self.open().lanes(|id, _| of.is_none_or(|of| of.contains(id))))
    }

    async fn switches(&self, of: &[LaneId]) -> Result<Vec<SwitchHistory>, StoreError> {
        let book = self.open();
        let made = |lane| book.lanes.get(lane).map(|row| row.switches.clone()).unwrap_or_default();
        Ok(of.iter().map(made).collect())
    }

    async fn forget_current(&self, lane: LaneId, fence: Fence) -> Result<(), StoreError> {
        let mut book = self.open();
        let holds = |key: &super::rows::Key| {
            key.held_under(fence) && key.slot.is_some_and(|(held, _)| held == lane)
        };
        if book.running.values().any(holds)
            && let Some(row) = book.lanes.get_mut(&lane)
        {
            row.current_tax = None;
            book.bump(lane);
        }
        Ok(())
    }

    async fn session_changed(&self, report: &SessionReport) -> Result<SessionNoted, StoreError> {
        Ok(self.open().session(report))
    }
}
