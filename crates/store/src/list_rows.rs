//! Uploaded lists as both databases take and return them.

use crate::{
    codec,
    facts_row::{self, FactsRow},
};
use domain::{
    list::{ListImport, ListRow},
    taxpayer::TaxpayerKind,
};
use fleet::ports::{StoreError, lists::Bought};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::HashMap;

/// A value as it is kept whole.
pub(crate) fn kept<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("names, numbers and lists are always JSON")
}

pub(crate) fn read_kept<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::Broken(format!("a kept list cannot be read: {error}")))
}

/// As the list stands after this change.
pub(crate) fn next(list: &ListImport) -> String {
    kept(&ListImport { version: list.version + 1, ..list.clone() })
}

pub(crate) fn rows(bodies: &[String]) -> Result<Vec<ListRow>, StoreError> {
    bodies.iter().map(|body| read_kept(body)).collect()
}

/// An invoice under one of the numbers that were asked for.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct BoughtRow {
    /// Which, from 0.
    n: i64,
    buyer: String,
    accounting_org: String,
    #[sqlx(flatten)]
    facts: FactsRow,
}

/// In the order asked.
pub(crate) fn in_order(asked: usize, rows: Vec<BoughtRow>) -> Result<Vec<Vec<Bought>>, StoreError> {
    let mut found = vec![Vec::new(); asked];
    for row in rows {
        let place: usize = codec::count(row.n);
        found[place].push(Bought {
            buyer: codec::read(&row.buyer)?,
            accounting_org: row.accounting_org,
            invoice: facts_row::seen_by(row.facts.known()?, None),
        });
    }
    Ok(found)
}

/// In the order asked.
pub(crate) fn kinds(
    orgs: &[String],
    rows: Vec<(String, String)>,
) -> Result<Vec<Option<TaxpayerKind>>, StoreError> {
    let known: HashMap<String, String> = rows.into_iter().collect();
    let kind = |org: &String| known.get(org).map(|kind| codec::read(kind)).transpose();
    orgs.iter().map(kind).collect()
}
