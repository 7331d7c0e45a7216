//! Uploaded lists.

use super::{MemoryStore, book::Book};
use crate::ports::{
    StoreError,
    batches::Kept,
    lists::{AfterList, Bought, ListBook},
};
use async_trait::async_trait;
use domain::{
    invoice::{InvoiceKey, Selection},
    list::{ListImport, ListRow, RowOutcome},
    taxpayer::TaxpayerKind,
};
use std::collections::BTreeMap;

/// A list as it is kept, with its rows by their number.
#[derive(Clone, Debug)]
pub(super) struct KeptList {
    list: ListImport,
    rows: BTreeMap<u32, ListRow>,
}

impl Book {
    fn keep_list(&mut self, list: &ListImport) -> Kept {
        match self.lists.get(&list.list_id) {
            Some(kept) if kept.list.asked == list.asked => Kept::Before,
            Some(kept) => Kept::Other { created_at: kept.list.created_at },
            None => {
                let kept = KeptList { list: list.clone(), rows: BTreeMap::new() };
                self.lists.insert(list.list_id.clone(), kept);
                Kept::New
            }
        }
    }

    fn change_list(&mut self, list: &ListImport, rows: &[ListRow]) -> bool {
        let kept = self.lists.get_mut(&list.list_id);
        let Some(kept) = kept.filter(|kept| kept.list.version == list.version) else {
            return false;
        };
        kept.list = ListImport { version: list.version + 1, ..list.clone() };
        kept.rows.extend(rows.iter().map(|row| (row.row, row.clone())));
        true
    }

    fn bought(&self, key: &InvoiceKey) -> Vec<Bought> {
        let found = self.pool.iter().filter(|((_, of), _)| of == key);
        let bought = found.filter_map(|(of, facts)| {
            let mut invoice = facts.clone();
            if self.holds.contains_key(of) {
                invoice.selection = Selection::Selecting;
            }
            let buyer = self.taxpayers.get(&of.0)?.payer.tax_no.clone();
            let rest = self.pool_rest.get(of).cloned().unwrap_or_default();
            Some(Bought { buyer, accounting_org: rest.accounting_org, invoice })
        });
        let mut bought: Vec<Bought> = bought.collect();
        bought.sort_by(|one, other| one.buyer.cmp(&other.buyer));
        bought
    }

    fn kind_of_org(&self, org: &str) -> Option<TaxpayerKind> {
        let of = self.taxpayers.values().filter(|row| row.payer.tax_org == org);
        let kinds: Vec<TaxpayerKind> = of.map(|row| row.payer.kind).collect();
        let small = kinds.contains(&TaxpayerKind::SmallScale);
        if small { Some(TaxpayerKind::SmallScale) } else { kinds.first().copied() }
    }
}

#[async_trait]
impl ListBook for MemoryStore {
    async fn keep_list(&self, list: &ListImport) -> Result<Kept, StoreError> {
        Ok(self.open().keep_list(list))
    }

    async fn list_import(&self, list_id: &str) -> Result<Option<ListImport>, StoreError> {
        Ok(self.open().lists.get(list_id).map(|kept| kept.list.clone()))
    }

    async fn list_imports(
        &self,
        after: Option<&AfterList>,
        limit: usize,
    ) -> Result<Vec<ListImport>, StoreError> {
        let book = self.open();
        let place = |list: &ListImport| (list.created_at, list.list_id.clone());
        let after = after.map(|after| (after.created_at, after.list_id.clone()));
        let lists = book.lists.values().map(|kept| &kept.list);
        let mut found: Vec<ListImport> = lists
            .filter(|list| after.as_ref().is_none_or(|after| place(list) < *after))
            .cloned()
            .collect();
        found.sort_by_key(|list| std::cmp::Reverse(place(list)));
        found.truncate(limit);
        Ok(found)
    }

    async fn change_list(&self, list: &ListImport, rows: &[ListRow]) -> Result<bool, StoreError> {
        Ok(self.open().change_list(list, rows))
    }

    async fn list_rows(
        &self,
        list_id: &str,
        results: &[RowOutcome],
        after: u32,
        limit: usize,
    ) -> Result<Vec<ListRow>, StoreError> {
        let book = self.open();
        let rows = book.lists.get(list_id).map(|kept| kept.rows.values());
        let wanted = |row: &&ListRow| {
            row.row > after && (results.is_empty() || results.contains(&row.result))
        };
        Ok(rows.into_iter().flatten().filter(wanted).take(limit).cloned().collect())
    }

    async fn bought(&self, keys: &[InvoiceKey]) -> Result<Vec<Vec<Bought>>, StoreError> {
        let book = self.open();
        Ok(keys.iter().map(|key| book.bought(key)).collect())
    }

    async fn kinds_of_orgs(
        &self,
        orgs: &[String],
    ) -> Result<Vec<Option<TaxpayerKind>>, StoreError> {
        let book = self.open();
        Ok(orgs.iter().map(|org| book.kind_of_org(org)).collect())
    }
}
