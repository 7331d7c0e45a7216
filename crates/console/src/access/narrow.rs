//! Whether whoever asks has the right where the subject belongs: 核算组织 first, without one 税务组织,
//! without either refused.

use super::Asker;
use crate::{problem::Problem, site::Site};
use domain::{
    automatic::AutoRule,
    batch::Batch,
    ids::TaskId,
    invoice::InvoiceKey,
    rights::{Extent, Place, Right},
    tax_no::TaxNo,
};
use std::collections::{BTreeSet, HashMap};

/// Invoices that are looked up together.
const PAGE: usize = 1_000;

impl Asker {
    fn at(&self, right: Right, place: Place<'_>) -> Result<(), Problem> {
        self.user().map_or(Ok(()), |user| user.may(right, place)).map_err(Problem::forbidden)
    }

    fn is_unbounded(&self, right: Right) -> Result<bool, Problem> {
        Ok(self.somewhere(right)? == Extent::Everywhere)
    }

    /// Of these tax numbers. One that nobody knows belongs to no organisation.
    pub(crate) async fn tax_nos(
        &self,
        site: &Site,
        right: Right,
        of: &[TaxNo],
    ) -> Result<(), Problem> {
        if self.is_unbounded(right)? {
            return Ok(());
        }
        for payer in site.store.taxpayers(of).await? {
            let tax_org = payer.map(|payer| payer.tax_org).unwrap_or_default();
            self.at(right, Place { accounting_org: "", tax_org: &tax_org })?;
        }
        Ok(())
    }

    /// Of each of these 核算组织.
    pub(crate) fn accounting_orgs(&self, right: Right, of: &[String]) -> Result<(), Problem> {
        let mut of = of.iter();
        of.try_for_each(|org| self.at(right, Place { accounting_org: org, tax_org: "" }))
    }

    /// Whether the tax number may be looked at, for what is left out without it.
    pub(crate) async fn sees_tax_no(&self, site: &Site, tax_no: &TaxNo) -> Result<bool, Problem> {
        if self.is_unbounded(Right::View)? {
            return Ok(true);
        }
        let payer = site.store.taxpayers(std::slice::from_ref(tax_no)).await?.pop().flatten();
        let tax_org = payer.map(|payer| payer.tax_org).unwrap_or_default();
        Ok(self.at(Right::View, Place { accounting_org: "", tax_org: &tax_org }).is_ok())
    }

    /// Of these invoices of the pool; what the pool does not know belongs to its buyer's.
    pub(crate) async fn invoices(
        &self,
        site: &Site,
        right: Right,
        of: &[(TaxNo, InvoiceKey)],
    ) -> Result<(), Problem> {
        if self.is_unbounded(right)? {
            return Ok(());
        }
        let buyers: BTreeSet<&TaxNo> = of.iter().map(|(buyer, _)| buyer).collect();
        let buyers: Vec<TaxNo> = buyers.into_iter().cloned().collect();
        let payers = site.store.taxpayers(&buyers).await?.into_iter();
        let orgs = payers.map(|payer| payer.map(|payer| payer.tax_org).unwrap_or_default());
        let orgs: HashMap<TaxNo, String> = buyers.into_iter().zip(orgs).collect();
        for some in of.chunks(PAGE) {
            let keys: Vec<InvoiceKey> = some.iter().map(|(_, key)| key.clone()).collect();
            let bought = site.store.bought(&keys).await?;
            for ((buyer, _), bought) in some.iter().zip(bought) {
                let own = bought.into_iter().find(|one| one.buyer == *buyer);
                let accounting_org = own.map(|one| one.accounting_org).unwrap_or_default();
                let tax_org = orgs.get(buyer).map(String::as_str).unwrap_or_default();
                self.at(right, Place { accounting_org: &accounting_org, tax_org })?;
            }
        }
        Ok(())
    }

    /// Of whatever a rule of automatic work may choose.
    pub(crate) fn rule(&self, right: Right, rule: &AutoRule) -> Result<(), Problem> {
        let user = self.user();
        user.map_or(Ok(()), |user| user.may_rule(right, &rule.when)).map_err(Problem::forbidden)
    }

    /// Of these tasks: by their tax numbers, or because the asker has sent them. What the log does
    /// not know is for whoever looks it up.
    pub(crate) async fn tasks(
        &self,
        site: &Site,
        right: Right,
        of: &[TaskId],
    ) -> Result<(), Problem> {
        if self.is_unbounded(right)? {
            return Ok(());
        }
        let own = self.name(None);
        let mut tax_nos = BTreeSet::new();
        for task in of {
            let row = site.store.card(*task).await?.map(|card| card.row);
            let row = row.filter(|row| row.submitted_by.is_none() || row.submitted_by != own);
            tax_nos.extend(row.map(|row| row.tax_no));
        }
        let tax_nos: Vec<TaxNo> = tax_nos.into_iter().collect();
        self.tax_nos(site, right, &tax_nos).await
    }

    /// Of a batch: what it asks for, by its tax numbers; looking at one's own is always allowed.
    pub(crate) async fn batch(
        &self,
        site: &Site,
        right: Option<Right>,
        batch: &Batch,
    ) -> Result<(), Problem> {
        let own = batch.submitted_by.is_some() && batch.submitted_by == self.name(None);
        if own && right == Some(Right::View) {
            return Ok(());
        }
        for part in &batch.parts {
            let right = right.unwrap_or_else(|| Right::of(batch.purpose.kind(part.action)));
            // What the asker asked for was looked at invoice by invoice.
            if own {
                self.somewhere(right)?;
            } else {
                self.tax_nos(site, right, std::slice::from_ref(&part.tax_no)).await?;
            }
        }
        Ok(())
    }
}
