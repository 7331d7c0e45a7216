//! What people do with lists (引入清单勾选): upload, look, edit, confirm.

use crate::{
    batches::{BatchError, Batches},
    cached_states,
    ports::{Store, StoreError, batches::Kept, lists::Bought},
};
use domain::{
    Moment,
    batch::Batch,
    invoice::InvoiceKey,
    list::{ListImport, ListRefusal, ListRow, ListState, RawRow, ReadRow, Reason, RowOutcome},
    rights::Place,
    rules::list::{Found, List, check},
    tax_no::TaxNo,
    taxpayer::{Taxpayer, TaxpayerKind},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

/// Rows written, and numbers looked up, in one go.
const AT_ONCE: usize = 5_000;
/// How often a change is tried again that somebody else's came before.
const TRIES: usize = 5;

/// The lists' desk.
#[derive(Debug, Clone)]
pub struct Lists {
    pub store: Arc<dyn Store>,
    pub batches: Batches,
}

/// Why something was not done with a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Refused(#[from] ListRefusal),
    #[error(transparent)]
    Batch(#[from] BatchError),
    #[error("there is no list {0}; the list of lists shows those that there are")]
    NoSuchList(String),
    #[error("list {0} has no row {1} below its headings")]
    NoSuchRow(String, u32),
    #[error(
        "list_id: was used for another list on {created_at}; give this one an id of its own, or \
         upload the same file for the same purpose again"
    )]
    OtherList { created_at: Moment },
    #[error("somebody else is working at list {0}; try again")]
    Contended(String),
}

/// How a row of the edit list is changed; what is None stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowChange {
    pub dropped: Option<bool>,
    pub reason: Option<Reason>,
}

impl Lists {
    /// Takes an uploaded list: its rows, or why the file is none. Uploading the same again is
    /// answered with how it stands; one that was left in the middle is read anew.
    ///
    /// `within`: it is judged as if the pool had the invoices of these organisations alone, so that
    /// no result tells of another's, and is not shared with who else uploads the same; None: all.
    pub async fn import(
        &self,
        list: ListImport,
        rows: Result<Vec<RawRow>, String>,
        within: Option<&[String]>,
    ) -> Result<ListImport, ListError> {
        let (id, by) = (list.list_id.clone(), list.submitted_by.clone());
        if let Kept::Other { created_at } = self.store.keep_list(&list).await? {
            return Err(ListError::OtherList { created_at });
        }
        let mut list = self.found(&id).await?;
        if within.is_some() && (by.is_none() || list.submitted_by != by) {
            return Err(ListError::OtherList { created_at: list.created_at });
        }
        if list.state != ListState::Reading {
            return Ok(list);
        }
        match rows {
            Err(sentence) => {
                list.refuse(sentence);
                self.write(&mut list, &[]).await?;
            }
            Ok(rows) => self.judge(&mut list, &rows, within).await?,
        }
        tracing::info!(list = id, rows = list.rows, state = list.state.name(), "a list was read");
        Ok(list)
    }

    async fn judge(
        &self,
        list: &mut ListImport,
        raw: &[RawRow],
        within: Option<&[String]>,
    ) -> Result<(), ListError> {
        list.begin(raw.len());
        self.write(list, &[]).await?;
        let rows: Vec<ReadRow> = raw.iter().map(|row| ReadRow::of(row, list.purpose)).collect();
        let pool = self.pool(&rows, within).await?;
        let asked = List { purpose: list.purpose, rows: &rows, pool: &pool };
        let results = check(&asked, self.batches.intake.settings.rules);
        let judged: Vec<ListRow> =
            raw.iter().zip(&results).map(|(row, result)| ListRow::of(row, result)).collect();
        for piece in judged.chunks(AT_ONCE) {
            list.judged(piece);
            self.write(list, piece).await?;
        }
        Ok(())
    }

    async fn write(&self, list: &mut ListImport, rows: &[ListRow]) -> Result<(), ListError> {
        if !self.store.change_list(list, rows).await? {
            return Err(ListError::Contended(list.list_id.clone()));
        }
        list.version += 1;
        Ok(())
    }

    /// What the pool knows of the invoices that rows name, with what the rules need around them.
    async fn pool(
        &self,
        rows: &[ReadRow],
        within: Option<&[String]>,
    ) -> Result<HashMap<InvoiceKey, Found>, StoreError> {
        let keys: BTreeSet<&InvoiceKey> = rows.iter().filter_map(|row| row.key.as_ref()).collect();
        let keys: Vec<InvoiceKey> = keys.into_iter().cloned().collect();
        let mut bought: Vec<Vec<Bought>> = Vec::with_capacity(keys.len());
        for piece in keys.chunks(AT_ONCE) {
            bought.extend(self.store.bought(piece).await?);
        }
        let payers = self.batches.payers(bought.iter().flatten().map(|one| &one.buyer)).await?;
        if let Some(within) = within {
            let seen = |one: &Bought| {
                let tax_org = payers.get(&one.buyer).map_or("", |payer| &*payer.tax_org);
                Place { accounting_org: &one.accounting_org, tax_org }.is_within(within)
            };
            bought.iter_mut().for_each(|of| of.retain(seen));
        }
        let around = self.around(&bought, payers).await?;
        let found = keys.into_iter().zip(bought).filter_map(|(key, bought)| {
            let buyers = bought.len();
            let first = bought.into_iter().next()?;
            Some((key, around.found(first, buyers)))
        });
        Ok(found.collect())
    }

    async fn around(
        &self,
        bought: &[Vec<Bought>],
        payers: BTreeMap<TaxNo, Taxpayer>,
    ) -> Result<Around, StoreError> {
        let orgs = bought.iter().flatten().map(|one| &one.accounting_org);
        let orgs: BTreeSet<&String> = orgs.collect();
        let orgs: Vec<String> = orgs.into_iter().filter(|org| !org.is_empty()).cloned().collect();
        let kinds = self.store.kinds_of_orgs(&orgs).await?;
        let wanted = payers.values().filter_map(|payer| payer.period.map(|period| (payer, period)));
        let statistics = &*self.batches.intake.statistics;
        let states = cached_states::look_up(statistics, wanted).await;
        let kinds = orgs.into_iter().zip(kinds);
        let kinds = kinds.filter_map(|(org, kind)| kind.map(|kind| (org, kind))).collect();
        Ok(Around { payers, kinds, states })
    }

    /// The list with this id.
    pub async fn found(&self, id: &str) -> Result<ListImport, ListError> {
        let found = self.store.list_import(id).await?;
        found.ok_or_else(|| ListError::NoSuchList(id.to_owned()))
    }

    /// Changes a row of the edit list.
    pub async fn change(
        &self,
        id: &str,
        row: u32,
        change: &RowChange,
    ) -> Result<ListRow, ListError> {
        for _ in 0..TRIES {
            let list = self.found(id).await?;
            list.must_be_ready()?;
            let before = row.saturating_sub(1);
            let found = self.store.list_rows(id, &[], before, 1).await?;
            let found = found.into_iter().find(|found| found.row == row);
            let mut found = found.ok_or_else(|| ListError::NoSuchRow(id.to_owned(), row))?;
            if let Some(dropped) = change.dropped {
                found.drop_it(dropped)?;
            }
            if let Some(reason) = &change.reason {
                found.change_reason(reason)?;
            }
            if self.store.change_list(&list, std::slice::from_ref(&found)).await? {
                return Ok(found);
            }
        }
        Err(ListError::Contended(id.to_owned()))
    }

    /// What is left of the edit list becomes a batch. Confirming again is answered with it.
    pub async fn confirm(&self, id: &str, batch_id: &str, draft: bool) -> Result<Batch, ListError> {
        let mut list = self.found(id).await?;
        if list.state == ListState::Confirmed && list.batch_id.as_deref() == Some(batch_id) {
            return Ok(self.batches.found(batch_id).await?);
        }
        list.must_be_ready()?;
        let rows = self.passed(id).await?;
        let asked = list.batch(batch_id.to_owned(), &rows, draft)?;
        asked.check().map_err(BatchError::from)?;
        let batch = self.batches.ask(asked).await?;
        list.confirm(batch_id)?;
        self.write(&mut list, &[]).await?;
        Ok(batch)
    }

    async fn passed(&self, id: &str) -> Result<Vec<ListRow>, StoreError> {
        let passed = [RowOutcome::TaskFails, RowOutcome::LeftOut, RowOutcome::Listed];
        let mut rows: Vec<ListRow> = Vec::new();
        loop {
            let after = rows.last().map_or(0, |row| row.row);
            let page = self.store.list_rows(id, &passed, after, AT_ONCE).await?;
            let whole = page.len() == AT_ONCE;
            rows.extend(page);
            if !whole {
                return Ok(rows);
            }
        }
    }
}

/// What the rules need to know around the invoices of a list.
struct Around {
    payers: BTreeMap<TaxNo, Taxpayer>,
    kinds: HashMap<String, TaxpayerKind>,
    states: BTreeMap<TaxNo, domain::statistic::StatisticState>,
}

impl Around {
    fn found(&self, bought: Bought, buyers: usize) -> Found {
        let payer = self.payers.get(&bought.buyer);
        let own = payer.map(|payer| payer.kind).unwrap_or_default();
        Found {
            channel: payer.and_then(Taxpayer::channel_kind),
            taxpayer: self.kinds.get(&bought.accounting_org).copied().unwrap_or(own),
            statistic: self.states.get(&bought.buyer).copied(),
            period: payer.and_then(|payer| payer.period),
            tax_no: bought.buyer,
            invoice: bought.invoice,
            buyers,
        }
    }
}
