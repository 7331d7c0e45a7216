//! What the types cannot say: every name exists, nothing stands twice. A row that is wrong goes out,
//! and so does what depends on it; each says why.

use super::{
    BureauBehaviour, Served, WorldAccount, WorldInvoice,
    read::{Draft, List, Rejections},
};
use crate::{bureau::BureauCode, located::Wrong, tax_no::TaxNo};
use std::collections::{BTreeSet, HashMap, HashSet};

/// The taxpayers that stand.
struct Known {
    bureaus: HashMap<TaxNo, BureauCode>,
    lost: BTreeSet<String>,
}

impl Known {
    /// The bureau of a taxpayer, or why there is none.
    fn bureau(&self, tax_no: &TaxNo) -> Result<BureauCode, String> {
        match self.bureaus.get(tax_no) {
            Some(bureau) => Ok(*bureau),
            None if self.lost.contains(tax_no.as_str()) => {
                Err(format!("{tax_no} is among the taxpayers, but its row is wrong: mend it first"))
            }
            None => Err(format!("{tax_no} is not among the taxpayers")),
        }
    }
}

pub(super) fn check(draft: &mut Draft) {
    let known = taxpayers(draft);
    accounts(draft, &known);
    invoices(draft, &known);
    statistics(draft, &known);
    if let Err(wrong) = behaviour(&draft.bureau) {
        draft.wrong.whole(List::Bureau, wrong);
    }
}

fn taxpayers(draft: &mut Draft) -> Known {
    let mut bureaus = HashMap::new();
    let wrong = &mut draft.wrong;
    draft.taxpayers.retain(|(n, taxpayer)| {
        if bureaus.contains_key(&taxpayer.tax_no) {
            let problem = format!("{} stands in the file twice", taxpayer.tax_no);
            wrong.row(List::Taxpayers, *n, "tax_no", problem);
            return false;
        }
        bureaus.insert(taxpayer.tax_no.clone(), taxpayer.bureau);
        true
    });
    Known { bureaus, lost: std::mem::take(&mut draft.lost) }
}

fn accounts(draft: &mut Draft, known: &Known) {
    let mut seen = HashSet::new();
    let wrong = &mut draft.wrong;
    draft.accounts.retain_mut(|(n, account)| {
        let name = &account.account;
        let problem = if name.is_leqi() {
            "is the name of 乐企's own lanes, which have no login: choose another".to_owned()
        } else if !seen.insert((account.bureau, name.clone())) {
            format!("{name} of bureau {} stands in the file twice", account.bureau)
        } else {
            serves(account, *n, known, wrong);
            return true;
        };
        wrong.row(List::Accounts, *n, "account", problem);
        false
    });
}

/// Of an account that stands, the servings that do not go out alone.
fn serves(account: &mut WorldAccount, n: usize, known: &Known, wrong: &mut Rejections) {
    let (mut seen, mut at, bureau) = (HashSet::new(), 0, account.bureau);
    account.serves.retain(|served| {
        let place = format!("serves[{at}]");
        at += 1;
        let told = serving(served, bureau, known).and_then(|()| {
            let twice = || ("tax_no", format!("{} is served by this account twice", served.tax_no));
            seen.insert(served.tax_no.clone()).then_some(()).ok_or_else(twice)
        });
        match told {
            Ok(()) => true,
            Err((field, problem)) => {
                wrong.row(List::Accounts, n, &format!("{place}.{field}"), problem);
                false
            }
        }
    });
}

fn serving(
    Served { tax_no, may, .. }: &Served,
    ours: BureauCode,
    known: &Known,
) -> Result<(), (&'static str, String)> {
    let bureau = known.bureau(tax_no).map_err(|problem| ("tax_no", problem))?;
    if bureau != ours {
        let problem = format!(
            "{tax_no} belongs to bureau {bureau}, the account to {ours}: they must be the same"
        );
        return Err(("tax_no", problem));
    }
    if may.is_empty() {
        let problem = "is empty: name receive, issue or both, or leave it out";
        return Err(("may", problem.to_owned()));
    }
    Ok(())
}

fn invoices(draft: &mut Draft, known: &Known) {
    let mut seen = HashMap::new();
    let wrong = &mut draft.wrong;
    draft.invoices.retain(|(n, invoice)| {
        let told = match known.bureau(&invoice.buyer_tax_no) {
            Err(problem) => Err(("buyer_tax_no", problem)),
            Ok(_) => identity(invoice).map_err(|(field, problem)| (field, problem.to_owned())),
        };
        let told = told.and_then(|()| match seen.get(&invoice.key()) {
            Some(first) => {
                Err(("", format!("is the same invoice as invoices[{first}] ({})", invoice.key())))
            }
            None => Ok(()),
        });
        match told {
            Ok(()) => {
                seen.insert(invoice.key(), *n);
                true
            }
            Err((field, problem)) => {
                wrong.row(List::Invoices, *n, field, problem);
                false
            }
        }
    });
}

fn identity(invoice: &WorldInvoice) -> Result<(), (&'static str, &'static str)> {
    let book = invoice.payment_book_no.as_deref().unwrap_or_default();
    match (invoice.invoice_type.is_payment_book(), book.is_empty()) {
        (true, true) => Err(("payment_book_no", "is missing: type 21 is known by it")),
        (true, false) if !(invoice.invoice_code.is_empty() && invoice.invoice_no.is_empty()) => {
            Err(("payment_book_no", "stands instead of invoice_code and invoice_no"))
        }
        (false, false) => Err(("payment_book_no", "is for invoice type 21 only")),
        (false, true) if invoice.invoice_no.is_empty() => Err(("invoice_no", "is missing")),
        _ => Ok(()),
    }
}

fn statistics(draft: &mut Draft, known: &Known) {
    let mut seen = HashSet::new();
    let wrong = &mut draft.wrong;
    draft.statistics.retain(|(n, statistic)| {
        let told = known.bureau(&statistic.tax_no).and_then(|_| {
            let twice = || format!("{} has two tables of one period", statistic.tax_no);
            let new = seen.insert((statistic.tax_no.clone(), statistic.tax_period));
            new.then_some(()).ok_or_else(twice)
        });
        match told {
            Ok(()) => true,
            Err(problem) => {
                wrong.row(List::Statistics, *n, "tax_no", problem);
                false
            }
        }
    });
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
