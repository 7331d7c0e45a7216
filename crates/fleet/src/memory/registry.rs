//! Looking at who exists, and changing it.

use super::{
    MemoryStore,
    book::Book,
    rows::{LaneRow, TaxRow},
};
use crate::ports::{
    StoreError,
    desk::Note,
    log::{Fate, NewTask},
    registry::{
        AccountCard, AccountChange, AccountFilter, AccountRow, Changed, Edited, Registry, ServedBy,
        TaxpayerCard, TaxpayerChange, TaxpayerFilter, TaxpayerRow,
    },
};
use async_trait::async_trait;
use domain::{
    bureau::{Account, LaneKey},
    ids::{LaneId, TaxId},
    roster::{
        AccountEdit, AccountFacts, account_may_become, taxpayer_may_become, taxpayer_subject,
    },
    tax_no::TaxNo,
    taxpayer::ChannelKind,
    world::{Served, WorldAccount, WorldTaxpayer},
};

impl TaxRow {
    fn settings(&self) -> WorldTaxpayer {
        WorldTaxpayer {
            tax_no: self.payer.tax_no.clone(),
            name: self.payer.name.clone(),
            kind: self.payer.kind,
            channel: self.payer.channel.clone(),
            leqi_mode: self.payer.leqi_mode,
            bureau: self.payer.bureau,
            tax_org: self.payer.tax_org.clone(),
        }
    }

    fn told(&self) -> TaxpayerRow {
        let (period, paused) = (self.payer.period, self.paused.clone());
        TaxpayerRow { settings: self.settings(), period, paused }
    }

    /// Who serves it, those that may still do something.
    fn serving(&self) -> impl Iterator<Item = &(LaneId, Served)> {
        self.serves.iter().filter(|(_, served)| !served.may.is_empty())
    }
}

fn matches(filter: &TaxpayerFilter, row: &TaxRow) -> bool {
    let TaxpayerFilter { tax_no, name, kind, channel, bureau, tax_org, paused, within } = filter;
    let payer = &row.payer;
    tax_no.as_ref().is_none_or(|begins| payer.tax_no.as_str().starts_with(begins))
        && name.as_ref().is_none_or(|part| payer.name.contains(part))
        && kind.is_none_or(|kind| payer.kind == kind)
        && channel.as_ref().is_none_or(|channel| payer.channel == *channel)
        && bureau.is_none_or(|bureau| payer.bureau == bureau)
        && tax_org.as_ref().is_none_or(|org| payer.tax_org == *org)
        && within.as_ref().is_none_or(|orgs| orgs.contains(&payer.tax_org))
        && paused.is_none_or(|paused| row.paused.is_some() == paused)
}

impl Book {
    fn account_told(&self, lane: LaneId, row: &LaneRow) -> Option<AccountCard> {
        let session = row.session?;
        let payers = self.tax_ids.values().filter_map(|tax| self.taxpayers.get(tax));
        let serves = payers.flat_map(|payer| {
            payer.serving().filter(move |(by, _)| *by == lane).map(|(_, served)| served.clone())
        });
        let settings = WorldAccount {
            bureau: row.key.bureau,
            account: row.key.account.clone(),
            login: session.login,
            online: session.online,
            serves: serves.collect(),
        };
        Some(AccountCard { settings, needs_person: row.needs_person })
    }

    fn account_named(&self, key: &LaneKey) -> Option<AccountCard> {
        let lane = self.lane_ids.get(key)?;
        self.account_told(*lane, self.lanes.get(lane)?)
    }

    fn served_by(&self, row: &TaxRow) -> Vec<ServedBy> {
        let told = |(lane, served): &(LaneId, Served)| {
            let lane = self.lanes.get(lane)?;
            let session = lane.session?;
            Some(ServedBy {
                lane: lane.key.clone(),
                may: served.may.clone(),
                default_business: served.default_business,
                login: session.login,
                online: session.online,
                needs_person: lane.needs_person,
            })
        };
        let mut accounts: Vec<ServedBy> = row.serving().filter_map(told).collect();
        accounts.sort_by_key(|one| !one.default_business.receives());
        accounts
    }

    /// Its tasks that have not ended; of one lane alone when it is named.
    fn unfinished(&self, tax: TaxId, lane: Option<LaneId>) -> u64 {
        let of = self.tasks.values().filter(|row| {
            row.tax == Some(tax)
                && (lane.is_none() || row.lane == lane)
                && !row.state.name().is_final()
        });
        of.count() as u64
    }

    /// Some of these tasks would be logged in a lane that is none of their tax number's any more, or
    /// held although it has one by now.
    pub(super) fn misfits(&self, tasks: &[NewTask]) -> bool {
        tasks.iter().any(|task| match &task.fate {
            Fate::Queue { lane, tax, .. } => self.misplaced(*tax, *lane),
            Fate::Hold { tax } => self.misheld(*tax),
            Fate::Settle { .. } | Fate::Refuse { .. } => false,
        })
    }

    fn misplaced(&self, tax: TaxId, lane: LaneId) -> bool {
        let (Some(row), Some(lane_row)) = (self.taxpayers.get(&tax), self.lanes.get(&lane)) else {
            return false;
        };
        let stopped = row.serves.iter().any(|(by, served)| *by == lane && !served.receives());
        row.payer.bureau != lane_row.key.bureau
            || row.payer.channel != lane_row.channel.name()
            || (lane_row.channel == ChannelKind::Etax && stopped)
    }

    fn misheld(&self, tax: TaxId) -> bool {
        let Some(row) = self.taxpayers.get(&tax) else { return false };
        match row.payer.channel_kind() {
            Some(ChannelKind::Etax) => !row.payer.accounts.is_empty(),
            Some(ChannelKind::Leqi) => {
                let (bureau, account) = (row.payer.bureau, Account::leqi());
                self.lane_ids.contains_key(&LaneKey { bureau, account })
            }
            None => false,
        }
    }

    fn set_taxpayer(&mut self, change: &TaxpayerChange, note: &Note) -> Edited<WorldTaxpayer> {
        let TaxpayerChange { after, seen, leqi_width } = change;
        let id = self.tax_ids.get(&after.tax_no).copied();
        let known = id.and_then(|id| self.taxpayers.get(&id));
        let before = known.map(TaxRow::settings);
        let served_by = known.map_or(0, |row| row.serving().count());
        let unfinished = id.map_or(0, |id| self.unfinished(id, None));
        taxpayer_may_become(before.as_ref(), after, seen, unfinished, served_by)?;
        self.import_taxpayer(after, *leqi_width);
        self.write_audit("set_taxpayer", taxpayer_subject(&after.tax_no), note);
        Ok(Changed { before, after: after.clone() })
    }

    fn set_account(&mut self, change: &AccountChange, note: &Note) -> Edited<WorldAccount> {
        let AccountChange { lane, edit, seen } = change;
        let before = self.account_named(lane).map(|card| card.settings);
        let tax = edit.tax_no().and_then(|tax_no| self.tax_ids.get(tax_no).copied());
        let taxpayer = tax.and_then(|tax| self.taxpayers.get(&tax)).map(TaxRow::settings);
        let id = self.lane_ids.get(lane).copied();
        let unfinished = tax.zip(id).map_or(0, |(tax, lane)| self.unfinished(tax, Some(lane)));
        let facts =
            AccountFacts { before: before.as_ref(), taxpayer: taxpayer.as_ref(), unfinished };
        let after = account_may_become(lane, edit, seen, facts)?;
        match edit {
            AccountEdit::Unserve(tax_no) => {
                let stopped = Served { may: Vec::new(), ..served(before.as_ref(), tax_no) };
                if let Some((tax, lane)) = tax.zip(id) {
                    self.serve(tax, lane, &stopped);
                    self.bump(lane);
                }
            }
            AccountEdit::Login(_) => {
                self.import_account(&WorldAccount { serves: Vec::new(), ..after.clone() });
            }
            AccountEdit::Serve(one) => {
                self.import_account(&WorldAccount { serves: vec![one.clone()], ..after.clone() });
            }
        }
        self.write_audit(edit.action(), edit.subject(lane), note);
        Ok(Changed { before, after })
    }
}

/// How an account serves a tax number.
fn served(account: Option<&WorldAccount>, tax_no: &TaxNo) -> Served {
    let known = account.and_then(|one| one.serves.iter().find(|served| served.tax_no == *tax_no));
    known.cloned().expect("what stops is served: the decision said so")
}

#[async_trait]
impl Registry for MemoryStore {
    async fn taxpayer_rows(
        &self,
        filter: &TaxpayerFilter,
        after: Option<&TaxNo>,
        limit: usize,
    ) -> Result<Vec<TaxpayerRow>, StoreError> {
        let book = self.open();
        let later = book.tax_ids.iter().filter(|(tax_no, _)| after.is_none_or(|at| *tax_no > at));
        let rows = later.filter_map(|(_, id)| book.taxpayers.get(id));
        Ok(rows.filter(|row| matches(filter, row)).take(limit).map(TaxRow::told).collect())
    }

    async fn taxpayer_card(&self, tax_no: &TaxNo) -> Result<Option<TaxpayerCard>, StoreError> {
        let book = self.open();
        let row = book.tax_ids.get(tax_no).and_then(|id| book.taxpayers.get(id));
        Ok(row.map(|row| TaxpayerCard { row: row.told(), accounts: book.served_by(row) }))
    }

    async fn account_rows(
        &self,
        filter: &AccountFilter,
        after: Option<&LaneKey>,
        limit: usize,
    ) -> Result<Vec<AccountRow>, StoreError> {
        let book = self.open();
        let AccountFilter { bureau, account, login, online, needs_person } = filter;
        let later = book.lane_ids.iter().filter(|(key, _)| after.is_none_or(|at| *key > at));
        let cards = later.filter_map(|(_, lane)| book.account_told(*lane, book.lanes.get(lane)?));
        let told = cards.filter(|card| {
            let settings = &card.settings;
            bureau.is_none_or(|bureau| settings.bureau == bureau)
                && account.as_ref().is_none_or(|part| settings.account.as_str().starts_with(part))
                && login.is_none_or(|login| settings.login == login)
                && online.is_none_or(|online| settings.online == online)
                && needs_person.is_none_or(|needs| card.needs_person == needs)
        });
        let row = |card: AccountCard| AccountRow {
            lane: LaneKey { bureau: card.settings.bureau, account: card.settings.account },
            login: card.settings.login,
            online: card.settings.online,
            needs_person: card.needs_person,
            serves: card.settings.serves.len() as u64,
        };
        Ok(told.take(limit).map(row).collect())
    }

    async fn account_card(&self, lane: &LaneKey) -> Result<Option<AccountCard>, StoreError> {
        Ok(self.open().account_named(lane))
    }

    async fn set_taxpayer(
        &self,
        change: &TaxpayerChange,
        note: &Note,
    ) -> Result<Edited<WorldTaxpayer>, StoreError> {
        Ok(self.open().set_taxpayer(change, note))
    }

    async fn set_account(
        &self,
        change: &AccountChange,
        note: &Note,
    ) -> Result<Edited<WorldAccount>, StoreError> {
        Ok(self.open().set_account(change, note))
    }
}
