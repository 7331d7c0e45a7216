//! Which tasks may be sent: the rules, in their order, with their exact sentences.
//!
//! The rules look at the whole request of one tax number and one action: one bad invoice fails
//! all of them, and the ledger names the culprits. They are made when a request is logged and
//! again when the task's turn comes. They need neither lane nor login.

mod lane;
pub mod list;
mod sentence;

pub use lane::{LaneChoice, lane};
pub use sentence::{Refusal, Rule};

use crate::{
    invoice::{InvoiceStatus, InvoiceType, PoolInvoice, Risk, Selectable, Selection, TaskInvoice},
    kind::{Action, Kind},
    ledger::LedgerLine,
    money::Fen,
    period::TaxPeriod,
    secret::SecretName,
    statistic::StatisticState,
    tax_no::TaxNo,
    taxpayer::{ChannelKind, Taxpayer, TaxpayerKind},
};
use chrono::NaiveDate;
use serde_json::{Map, Value};

/// What the seed leaves to those who run the product.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Ordinary invoices are selectable only when they are agricultural.
    pub agricultural_ordinary_only: bool,
    /// Invoices that are not in the pool are let through to the bureau.
    pub allow_unknown_invoices: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { agricultural_ordinary_only: true, allow_unknown_invoices: false }
    }
}

/// A request of one tax number and one kind, with what we know.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub kind: Kind,
    pub tax_no: &'a TaxNo,
    /// None: unknown to us.
    pub taxpayer: Option<&'a Taxpayer>,
    pub invoices: &'a [TaskInvoice],
    /// In the order of `invoices`; None: not in the pool. `Selecting` only when *another* task
    /// holds the invoice; of what the task itself holds, the state below the hold.
    pub pool: &'a [Option<PoolInvoice>],
    /// Of the current period: as cached (rule 2.6) or as the bureau has just told (rule 7).
    /// None: not known, which refuses nothing here.
    pub statistic: Option<StatisticState>,
    /// None: not known yet; dates are then not looked at.
    pub period: Option<TaxPeriod>,
}

/// May this request be sent? Returns the invoices to leave out, each with its sentence.
///
/// The order is that of the rules' table, with what only the list rules order (reason, pool,
/// state) in their order before the checks of an invoice's own data.
pub fn check(request: &Request<'_>, settings: Settings) -> Result<Vec<LedgerLine>, Refusal> {
    let taxpayer = known(request.taxpayer, request.tax_no)?;
    let reaches_bureau = request.kind.traits().needs_lane;
    if reaches_bureau {
        channel_of(request.kind, taxpayer)?;
    }
    not_small_scale(request.kind, taxpayer.kind)?;
    let Some(action) = request.kind.action() else { return Ok(Vec::new()) };
    every_invoice(request, action, settings)?;
    // A pre-selection is a mark of our own: no table locks it, no period dates it.
    if !reaches_bureau {
        return Ok(Vec::new());
    }
    if request.statistic.is_some_and(StatisticState::locks_selection) {
        return Err(Rule::StatisticGenerated.refuses(""));
    }
    match action {
        Action::Select => not_yet_due(request),
        Action::Deselect => Ok(Vec::new()),
    }
}

/// Rule 2.1, also for a retry from the task log: no new task for a small-scale taxpayer.
pub fn not_small_scale(kind: Kind, taxpayer: TaxpayerKind) -> Result<(), Refusal> {
    match taxpayer {
        TaxpayerKind::SmallScale if kind.traits().general_only => Err(Rule::SmallScale.refuses("")),
        _ => Ok(()),
    }
}

/// The stored secret that a task of this kind names in `parameters.password_ref`; None: it names
/// none, and the bureau's side signs with its own.
pub fn secret_of(
    kind: Kind,
    parameters: &Map<String, Value>,
) -> Option<Result<SecretName, Refusal>> {
    let named = parameters.get("password_ref").filter(|_| kind == Kind::StatisticConfirm)?;
    let missing = |text: &str| Rule::SecretMissing.refuses(text);
    Some(match named.as_str() {
        Some(text) => text.parse().map_err(|_| missing(text)),
        None => Err(missing(&named.to_string())),
    })
}

/// The rule that a hold by another task breaks: an invoice is in at most one unfinished task.
pub const fn held_elsewhere(kind: Kind) -> Rule {
    match kind {
        Kind::PreDeselect => Rule::NotPreSelected,
        _ => match kind.action() {
            Some(Action::Deselect) => Rule::NotSelected,
            _ => Rule::NotUnselected,
        },
    }
}

fn known<'a>(taxpayer: Option<&'a Taxpayer>, tax_no: &TaxNo) -> Result<&'a Taxpayer, Refusal> {
    taxpayer.ok_or_else(|| Rule::UnknownTaxNumber.refuses(tax_no.as_str()))
}

/// Rule 1; a change of the period has a sentence of its own.
fn channel_of(kind: Kind, taxpayer: &Taxpayer) -> Result<ChannelKind, Refusal> {
    let set = if taxpayer.channel.is_empty() { "未设置" } else { &taxpayer.channel };
    taxpayer.channel_kind().ok_or_else(|| match kind {
        Kind::PeriodChange => Rule::PeriodChangeChannel.refuses(""),
        _ => Rule::Channel.refuses(set),
    })
}

/// Rule by rule over all invoices: the first one that any invoice breaks names all that break it.
fn every_invoice(request: &Request<'_>, action: Action, settings: Settings) -> Result<(), Refusal> {
    let invoices: Vec<Facts<'_>> = facts(request).collect();
    let pool_and_state = [Rule::ReasonMissing, Rule::NotInPool, held_elsewhere(request.kind)];
    let own_data = [Rule::Type, Rule::Amount, Rule::Status, Rule::Risk];
    let own_data = match action {
        Action::Select => &own_data[..],
        // A reversed or abnormal invoice must be removable.
        Action::Deselect => &[],
    };
    for rule in pool_and_state.iter().chain(own_data) {
        let broken = invoices.iter().filter(|facts| facts.breaks(*rule, request.kind, settings));
        let culprits: Vec<_> = broken.map(|facts| facts.asked.key.clone()).collect();
        if !culprits.is_empty() {
            return Err(Refusal { culprits, ..rule.refuses("") });
        }
    }
    Ok(())
}

/// Future-dated invoices are left out; when nothing is left, the task is refused.
fn not_yet_due(request: &Request<'_>) -> Result<Vec<LedgerLine>, Refusal> {
    let Some(last_day) = request.period.map(TaxPeriod::last_day) else { return Ok(Vec::new()) };
    let later = |facts: &Facts<'_>| facts.date().is_some_and(|date| date > last_day);
    let early: Vec<_> = facts(request).filter(later).map(|facts| &facts.asked.key).collect();
    if !early.is_empty() && early.len() == request.invoices.len() {
        let culprits = early.into_iter().cloned().collect();
        return Err(Refusal { culprits, ..Rule::FutureDated.refuses("") });
    }
    Ok(early.into_iter().map(|key| Rule::FutureDated.line(key)).collect())
}

fn facts<'a>(request: &Request<'a>) -> impl Iterator<Item = Facts<'a>> {
    let pool = request.pool;
    request.invoices.iter().enumerate().map(move |(n, asked)| {
        let pool = pool.get(n).and_then(Option::as_ref);
        Facts { asked, pool }
    })
}

/// One invoice: what the pool knows wins over what the message says.
struct Facts<'a> {
    asked: &'a TaskInvoice,
    pool: Option<&'a PoolInvoice>,
}

impl Facts<'_> {
    fn invoice_type(&self) -> InvoiceType {
        self.pool.map_or(self.asked.invoice_type, |pool| pool.invoice_type)
    }

    fn date(&self) -> Option<NaiveDate> {
        self.pool.and_then(|pool| pool.date).or(self.asked.date)
    }

    fn amount(&self) -> Option<Fen> {
        self.pool.map(|pool| pool.amount).or(self.asked.amount)
    }

    fn breaks(&self, rule: Rule, kind: Kind, settings: Settings) -> bool {
        let book = self.invoice_type().is_payment_book();
        match rule {
            Rule::ReasonMissing => {
                kind == Kind::NonDeductionSelect && self.asked.non_deduction_reason.is_none()
            }
            Rule::NotInPool => self.pool.is_none() && !settings.allow_unknown_invoices,
            Rule::NotSelected => !self.is_one_of(&[Selection::Selected]),
            Rule::NotUnselected => {
                !self.is_one_of(&[Selection::Unselected, Selection::PreSelected])
            }
            Rule::NotPreSelected => !self.is_one_of(&[Selection::PreSelected]),
            Rule::Type => !self.selectable(settings),
            Rule::Amount => !book && self.amount().is_some_and(|amount| amount <= Fen(0)),
            Rule::Status => {
                let allowed = [InvoiceStatus::Normal, InvoiceStatus::PartlyReversed];
                !book && self.pool.is_some_and(|pool| !allowed.contains(&pool.status))
            }
            Rule::Risk => {
                self.pool.is_some_and(|pool| !matches!(pool.risk, Risk::Unknown | Risk::Normal))
            }
            // Not about one invoice.
            _ => false,
        }
    }

    /// What the pool does not know is left to the bureau, when it was let through at all.
    fn is_one_of(&self, allowed: &[Selection]) -> bool {
        self.pool.is_none_or(|pool| allowed.contains(&pool.selection))
    }

    fn selectable(&self, settings: Settings) -> bool {
        match self.invoice_type().selectable() {
            Selectable::Yes => true,
            Selectable::No => false,
            Selectable::AgriculturalOnly => {
                let special = self.pool.map_or("", |pool| pool.special_kind.as_str());
                !settings.agricultural_ordinary_only || AGRICULTURAL.contains(&special)
            }
        }
    }
}

/// `special_kind` of agricultural invoices.
const AGRICULTURAL: [&str; 2] = ["农产品收购", "自产农产品销售"];

#[cfg(test)]
mod tests;
