//! Invoices of the pool that match a rule of automatic work.

use super::{PostgresStore, fault::Fault};
use crate::{automatic_rows::CandidateRow, codec};
use domain::automatic::Look;
use fleet::ports::automatic::AfterCandidate;

/// None when nothing is asked for.
fn some<T, C>(list: &[T], of: impl Fn(&T) -> C) -> Option<Vec<C>> {
    (!list.is_empty()).then(|| list.iter().map(of).collect())
}

impl PostgresStore {
    pub(super) async fn page_of(
        &self,
        look: &Look,
        after: Option<&AfterCandidate>,
        limit: usize,
    ) -> Result<Vec<CandidateRow>, Fault> {
        let when = &look.when;
        let asked = some(&when.tax_nos, |tax_no| tax_no.to_string());
        let orgs = some(&when.tax_orgs, Clone::clone);
        let mut buyers: Option<Vec<i32>> = None;
        if asked.is_some() || orgs.is_some() {
            let query = sqlx::query_scalar(sql!("automatic/buyers")).bind(asked).bind(orgs);
            buyers = Some(query.persistent(false).fetch_all(&self.pool).await?);
        }
        let one = buyers.as_ref().and_then(|buyers| match buyers[..] {
            [one] => Some(one),
            _ => None,
        });
        let query = sqlx::query_as(sql!("automatic/candidates"))
            .bind(&look.rule_id)
            .bind(one)
            .bind(buyers.filter(|_| one.is_none()))
            .bind(some(&when.accounting_orgs, Clone::clone))
            .bind(some(&when.sources, Clone::clone))
            .bind(some(&when.document_types, Clone::clone))
            .bind(some(&when.types, |of| i16::from(of.number())))
            .bind(some(&look.selections, |selection| selection.name()))
            .bind(look.entry.map(|entry| entry.name()))
            .bind(when.deductible)
            .bind(look.from)
            .bind(look.to)
            .bind(when.amount_from.map(|amount| amount.0))
            .bind(when.amount_to.map(|amount| amount.0))
            .bind(after.map(|after| after.date))
            .bind(after.map(|after| after.key.number.clone()))
            .bind(after.map(|after| after.key.code.clone()))
            .bind(after.map(|after| after.tax_no.to_string()))
            .bind(codec::count::<_, i64>(limit))
            .bind(some(&when.organisations, Clone::clone));
        // Not kept: a plan for one rule is wrong for the next.
        Ok(query.persistent(false).fetch_all(&self.pool).await?)
    }
}
