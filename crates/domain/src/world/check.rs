//! What the types cannot say: every name exists, nothing stands twice.

use super::{BureauBehaviour, Served, World, WorldAccount, WorldInvoice};
use crate::{bureau::BureauCode, located::Wrong, tax_no::TaxNo};
use std::collections::{HashMap, HashSet};

type Bureaus<'a> = HashMap<&'a TaxNo, BureauCode>;

pub(super) fn check(world: &World) -> Result<(), Wrong> {
    let bureaus = taxpayers(world)?;
    accounts(world, &bureaus)?;
    invoices(world, &bureaus)?;
    statistics(world, &bureaus)?;
    behaviour(&world.bureau)
}

fn taxpayers(world: &World) -> Result<Bureaus<'_>, Wrong> {
    let mut bureaus = HashMap::new();
    for (n, taxpayer) in world.taxpayers.iter().enumerate() {
        if bureaus.insert(&taxpayer.tax_no, taxpayer.bureau).is_some() {
            let problem = format!("{} stands in the file twice", taxpayer.tax_no);
            return Err(Wrong::new(format!("taxpayers[{n}].tax_no"), problem));
        }
    }
    Ok(bureaus)
}

fn known(bureaus: &Bureaus<'_>, tax_no: &TaxNo, place: String) -> Result<BureauCode, Wrong> {
    let unknown = || Wrong::new(place, format!("{tax_no} is not among the taxpayers"));
    bureaus.get(tax_no).copied().ok_or_else(unknown)
}

fn accounts(world: &World, bureaus: &Bureaus<'_>) -> Result<(), Wrong> {
    let mut seen = HashSet::new();
    for (n, account) in world.accounts.iter().enumerate() {
        let place = format!("accounts[{n}]");
        let name = &account.account;
        if name.is_leqi() {
            let problem = "is the name of 乐企's own lanes, which have no login: choose another";
            return Err(Wrong::new(format!("{place}.account"), problem));
        }
        if !seen.insert((account.bureau, name)) {
            let problem = format!("{name} of bureau {} stands in the file twice", account.bureau);
            return Err(Wrong::new(format!("{place}.account"), problem));
        }
        serves(account, &place, bureaus)?;
    }
    Ok(())
}

fn serves(account: &WorldAccount, place: &str, bureaus: &Bureaus<'_>) -> Result<(), Wrong> {
    let mut seen = HashSet::new();
    for (n, Served { tax_no, may, .. }) in account.serves.iter().enumerate() {
        let place = format!("{place}.serves[{n}]");
        let bureau = known(bureaus, tax_no, format!("{place}.tax_no"))?;
        if bureau != account.bureau {
            let problem = format!(
                "{tax_no} belongs to bureau {bureau}, the account to {}: they must be the same",
                account.bureau
            );
            return Err(Wrong::new(format!("{place}.tax_no"), problem));
        }
        if !seen.insert(tax_no) {
            let problem = format!("{tax_no} is served by this account twice");
            return Err(Wrong::new(format!("{place}.tax_no"), problem));
        }
        if may.is_empty() {
            let problem = "is empty: name receive, issue or both, or leave it out";
            return Err(Wrong::new(format!("{place}.may"), problem));
        }
    }
    Ok(())
}

fn invoices(world: &World, bureaus: &Bureaus<'_>) -> Result<(), Wrong> {
    let mut seen = HashMap::new();
    for (n, invoice) in world.invoices.iter().enumerate() {
        let place = format!("invoices[{n}]");
        known(bureaus, &invoice.buyer_tax_no, format!("{place}.buyer_tax_no"))?;
        identity(invoice, &place)?;
        if let Some(first) = seen.insert(invoice.key(), n) {
            let problem = format!("is the same invoice as invoices[{first}] ({})", invoice.key());
            return Err(Wrong::new(place, problem));
        }
    }
    Ok(())
}

fn identity(invoice: &WorldInvoice, place: &str) -> Result<(), Wrong> {
    let wrong = |field: &str, problem: &str| Err(Wrong::new(format!("{place}.{field}"), problem));
    let book = invoice.payment_book_no.as_deref().unwrap_or_default();
    match (invoice.invoice_type.is_payment_book(), book.is_empty()) {
        (true, true) => wrong("payment_book_no", "is missing: type 21 is known by it"),
        (true, false) if !(invoice.invoice_code.is_empty() && invoice.invoice_no.is_empty()) => {
            wrong("payment_book_no", "stands instead of invoice_code and invoice_no")
        }
        (false, false) => wrong("payment_book_no", "is for invoice type 21 only"),
        (false, true) if invoice.invoice_no.is_empty() => wrong("invoice_no", "is missing"),
        _ => Ok(()),
    }
}

fn statistics(world: &World, bureaus: &Bureaus<'_>) -> Result<(), Wrong> {
    let mut seen = HashSet::new();
    for (n, statistic) in world.statistics.iter().enumerate() {
        let place = format!("statistics[{n}].tax_no");
        known(bureaus, &statistic.tax_no, place.clone())?;
        if !seen.insert((&statistic.tax_no, statistic.tax_period)) {
            let problem = format!("{} has two tables of one period", statistic.tax_no);
            return Err(Wrong::new(place, problem));
        }
    }
    Ok(())
}

fn behaviour(bureau: &BureauBehaviour) -> Result<(), Wrong> {
    for (name, [least, most]) in
        [("latency_ms", bureau.latency_ms), ("outcome_ms", bureau.outcome_ms)]
    {
        if least > most {
            let problem = format!("[{least}, {most}] begins with the greater one");
            return Err(Wrong::new(format!("bureau.{name}"), problem));
        }
    }
    if !(bureau.session_hours > 0.0 && bureau.session_hours <= MOST_SESSION_HOURS) {
        let problem = format!("must be above 0 and at most {MOST_SESSION_HOURS}");
        return Err(Wrong::new("bureau.session_hours", problem));
    }
    Ok(())
}

/// A year: longer than any session, short enough for every clock.
const MOST_SESSION_HOURS: f64 = 8760.0;
