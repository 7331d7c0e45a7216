//! Invoices of the pool that match a rule of automatic work.

use super::{SqliteStore, Tx, columns, fault::Fault};
use crate::{automatic_rows::CandidateRow, codec};
use chrono::NaiveDate;
use domain::automatic::{Candidate, Look};
use fleet::ports::{automatic::AfterCandidate, pool::NO_DATE};
use serde::Serialize;

/// Later than every date.
const LAST: &str = "9999-12-31~";

/// A JSON array; NULL where anything will do.
fn some<T, C: Serialize>(list: &[T], of: impl Fn(&T) -> C) -> Option<String> {
    (!list.is_empty()).then(|| columns::rows(&list.iter().map(of).collect::<Vec<_>>()))
}

/// The first date that a page can have: the rule's, or that of the last invoice before it. The walk
/// along the index begins at this bound alone: by the rule's every page would walk past all pages
/// before it.
fn first_date(from: Option<NaiveDate>, before: Option<NaiveDate>) -> NaiveDate {
    from.max(before).unwrap_or(NO_DATE)
}

/// Whose invoices are asked for; None: everybody's.
async fn buyers(tx: &mut Tx, look: &Look) -> Result<Option<Vec<i32>>, Fault> {
    let tax_nos = some(&look.when.tax_nos, |tax_no| tax_no.to_string());
    let orgs = some(&look.when.tax_orgs, Clone::clone);
    let query = match (&tax_nos, &orgs) {
        (None, None) => return Ok(None),
        (Some(_), _) => {
            sqlx::query_scalar(sql!("automatic/buyers_by_tax_no")).bind(tax_nos).bind(orgs)
        }
        (None, Some(_)) => sqlx::query_scalar(sql!("automatic/buyers_by_org")).bind(orgs),
    };
    Ok(Some(query.fetch_all(&mut **tx).await?))
}

impl SqliteStore {
    pub(super) async fn read_candidates(
        &self,
        look: &Look,
        after: Option<&AfterCandidate>,
        limit: usize,
    ) -> Result<Vec<Candidate>, Fault> {
        let mut tx = self.read().await?;
        let buyers = buyers(&mut tx, look).await?;
        let one = buyers.as_ref().and_then(|buyers| match buyers[..] {
            [one] => Some(one),
            _ => None,
        });
        let statement = match one {
            Some(_) => sql!("automatic/candidates_of_buyer"),
            None => sql!("automatic/candidates"),
        };
        let last = match after {
            Some(after) => {
                let no = columns::rows(&[after.tax_no.as_str()]);
                let known = sqlx::query_scalar(sql!("automatic/buyers_by_tax_no")).bind(no);
                known.bind(None::<String>).fetch_optional(&mut *tx).await?
            }
            None => None,
        };
        let when = &look.when;
        let rows: Vec<CandidateRow> = sqlx::query_as(statement)
            .bind(&look.rule_id)
            .bind(one)
            .bind(buyers.filter(|_| one.is_none()).map(|buyers| columns::rows(&buyers)))
            .bind(some(&when.accounting_orgs, Clone::clone))
            .bind(some(&when.sources, Clone::clone))
            .bind(some(&when.document_types, Clone::clone))
            .bind(some(&when.types, |of| of.number()))
            .bind(some(&look.selections, |selection| selection.name()))
            .bind(look.entry.map(|entry| entry.name()))
            .bind(when.deductible)
            .bind(first_date(look.from, after.map(|after| after.date)).to_string())
            .bind(look.to.map_or_else(|| LAST.to_owned(), |to| to.to_string()))
            .bind(when.amount_from.map(|amount| amount.0))
            .bind(when.amount_to.map(|amount| amount.0))
            .bind(after.map(|after| after.date.to_string()).unwrap_or_default())
            .bind(after.map(|after| after.key.number.clone()).unwrap_or_default())
            .bind(after.map(|after| after.key.code.clone()).unwrap_or_default())
            .bind(last.unwrap_or(0_i32))
            .bind(codec::count::<_, i64>(limit))
            .bind(some(&when.organisations, Clone::clone))
            .fetch_all(&mut *tx)
            .await?;
        Ok(rows.into_iter().map(CandidateRow::candidate).collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::first_date;

    #[test]
    fn a_page_begins_where_the_one_before_it_ended() {
        // the rule's first date | the last one of the page before | the first one of this page
        for (from, before, first) in [
            ("", "", "0001-01-01"),
            ("2025-08-23", "", "2025-08-23"),
            ("", "2025-10-01", "2025-10-01"),
            ("2025-08-23", "2025-10-01", "2025-10-01"),
            // Of a rule that was changed meanwhile.
            ("2025-08-23", "2025-07-01", "2025-08-23"),
        ] {
            let found = first_date(from.parse().ok(), before.parse().ok());
            assert_eq!(found.to_string(), first, "{from} {before}");
        }
    }
}
