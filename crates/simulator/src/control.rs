//! `POST /control`: what people and other systems do at the bureau while it runs.

use crate::{
    desk::Desk,
    state::{State, Table, known_code},
};
use domain::{
    Moment,
    bureau::{Account, BureauCode, LaneKey},
    invoice::{EntryState, InvoiceKey, InvoiceStatus},
    period::TaxPeriod,
    statistic::StatisticState,
    tax_no::TaxNo,
    world::Faults,
};
use serde::Deserialize;

/// Any of these at once; all or nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Orders {
    logout: Option<Who>,
    login: Option<Who>,
    statistic: Option<TableOrder>,
    faults: Option<Faults>,
    now: Option<chrono::DateTime<chrono::FixedOffset>>,
    invoice: Option<Script>,
    entry: Option<EntryOrder>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Who {
    bureau: BureauCode,
    account: Account,
}

impl Who {
    fn key(&self) -> LaneKey {
        LaneKey { bureau: self.bureau, account: self.account.clone() }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TableOrder {
    tax_no: TaxNo,
    tax_period: TaxPeriod,
    state: StatisticState,
    /// Somebody changed the selection after it was made: confirming it is answered with 333.
    #[serde(default)]
    outdated: bool,
}

/// What every selection of an invoice gets from now on; null: what its state says. Beside it what
/// becomes of the invoice: another status, or that its selection is undone and nobody is told.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    #[serde(default)]
    invoice_code: String,
    invoice_no: String,
    cljg: Option<String>,
    status: Option<InvoiceStatus>,
    #[serde(default)]
    undo: bool,
}

/// How an invoice stands in the books from now on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryOrder {
    #[serde(default)]
    invoice_code: String,
    invoice_no: String,
    state: EntryState,
}

impl EntryOrder {
    fn key(&self) -> InvoiceKey {
        InvoiceKey { code: self.invoice_code.clone(), number: self.invoice_no.clone() }
    }
}

/// The orders cannot be followed; none of them was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ControlError(pub String);

/// Follows the orders of a control body.
pub(crate) fn follow(desk: &Desk, body: &[u8]) -> Result<(), ControlError> {
    let orders: Orders = serde_json::from_slice(body)
        .map_err(|error| ControlError(format!("the control body cannot be read: {error}")))?;
    let now: Moment = desk.clock.now();
    let mut state = desk.state();
    let script = check(&orders, &state).map_err(ControlError)?;
    if let Some(date) = orders.now {
        state.calendar.set(date.to_utc(), now);
    }
    if let Some(who) = &orders.logout {
        state.set_online(&who.key(), false, now);
    }
    if let Some(who) = &orders.login {
        state.set_online(&who.key(), true, now);
    }
    if let Some(table) = orders.statistic {
        let made = Table { state: table.state, outdated: table.outdated };
        state.set_table(&table.tax_no, table.tax_period, made);
    }
    if let (Some((key, code)), Some(script)) = (script, &orders.invoice) {
        state.script(&key, code);
        if let Some(status) = script.status {
            state.set_status(&key, status);
        }
        if script.undo {
            state.undo_one(&key);
        }
    }
    if let Some(entry) = &orders.entry {
        state.enter(&entry.key(), entry.state);
    }
    if let Some(faults) = orders.faults {
        state.set_faults(faults);
    }
    Ok(())
}

type Scripted = (InvoiceKey, Option<&'static str>);

/// Whether all of it can be done; the script of an invoice, read.
fn check(orders: &Orders, state: &State) -> Result<Option<Scripted>, String> {
    for who in orders.logout.iter().chain(&orders.login) {
        if !state.has_account(&who.key()) {
            return Err(format!("bureau {} has no account {}", who.bureau, who.account));
        }
    }
    if let Some(table) = orders.statistic.as_ref().filter(|t| !state.has_payer(&t.tax_no)) {
        return Err(format!("{} is no taxpayer here", table.tax_no));
    }
    if let Some(entry) = orders.entry.as_ref().filter(|entry| !state.has_invoice(&entry.key())) {
        return Err(format!("there is no invoice {}", entry.key()));
    }
    let Some(script) = &orders.invoice else { return Ok(None) };
    let key = InvoiceKey { code: script.invoice_code.clone(), number: script.invoice_no.clone() };
    if !state.has_invoice(&key) {
        return Err(format!("there is no invoice {key}"));
    }
    let known = |text: &str| known_code(text).ok_or_else(|| format!("\"{text}\" is not a cljg"));
    let code = script.cljg.as_deref().map(known).transpose()?;
    Ok(Some((key, code)))
}
