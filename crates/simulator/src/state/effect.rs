//! What a submission does at the bureau.

use super::{InvoiceState, Payer, State};
use crate::channels::{Effect, NOT_SELECTED, Purpose, UseFact, Work};
use domain::{
    Moment,
    invoice::{InvoiceKey, InvoiceStatus, Risk},
    kind::{Action, Kind},
    period::TaxPeriod,
    statistic::{Figures, StatisticState, Sum},
    task::Act,
    tax_no::TaxNo,
    taxpayer::{ChannelKind, TaxpayerKind},
};
use std::sync::Arc;

/// The `cljg` with this text.
pub(crate) fn known_code(text: &str) -> Option<&'static str> {
    const CODES: [&str; 15] =
        ["01", "02", "03", "04", "05", "06", "07", "11", "12", "13", "31", "32", "33", "34", "99"];
    CODES.into_iter().find(|code| *code == text)
}

impl State {
    /// The submission has its effect now.
    pub(crate) fn finish(&mut self, receipt: &str, channel: ChannelKind, now: Moment) {
        let date = self.calendar.date(now);
        let Some(submission) = self.submissions.get(receipt) else { return };
        let (tax_no, work) = (submission.tax_no.clone(), submission.work.clone());
        let (storm, request) = (submission.storm, submission.request.clone());
        let mark = submission.mark.clone();
        let effect = self.carry_out(&tax_no, &work, storm, channel, date);
        if work.acts()
            && let Some(effects) = self.submissions.effects_of(&request)
        {
            if *effects > 0 && effect.carried_out() {
                self.book.counts.duplicate_submissions += 1;
            }
            *effects += u32::from(effect.changed());
        }
        if let Some(submission) = self.submissions.get_mut(receipt) {
            submission.effect = Some(effect);
        }
        self.book.finished(&mark);
    }

    /// What the submission changed is undone, and nobody is told.
    pub(crate) fn undo(&mut self, receipt: &str) {
        let Some(submission) = self.submissions.get(receipt) else { return };
        let Some(effect) = submission.effect.clone().filter(Effect::changed) else { return };
        let selects = submission.work.kind.action() == Some(Action::Select);
        let (request, tax_no) = (submission.request.clone(), submission.tax_no.clone());
        let before = if selects { Purpose::Unused } else { Purpose::Deduction };
        for (key, _) in effect.lines.iter().filter(|(_, code)| *code == "01") {
            if let Some(invoice) = self.invoices.get_mut(key) {
                invoice.purpose = before;
                invoice.period = None;
            }
        }
        if let Some(payer) = self.payers.get_mut(&tax_no) {
            let table = payer.table();
            table.outdated |= table.state.locks_selection();
        }
        if let Some(effects) = self.submissions.effects_of(&request) {
            *effects = effects.saturating_sub(1);
        }
    }

    /// The selection of one invoice is undone, and nobody is told.
    pub(crate) fn undo_one(&mut self, key: &InvoiceKey) {
        let Some(invoice) = self.invoices.get_mut(key) else { return };
        invoice.purpose = Purpose::Unused;
        invoice.period = None;
        if let Some(payer) = self.payers.get_mut(&invoice.buyer) {
            let table = payer.table();
            table.outdated |= table.state.locks_selection();
        }
    }

    fn carry_out(
        &mut self,
        tax_no: &TaxNo,
        work: &Work,
        storm: bool,
        channel: ChannelKind,
        date: Moment,
    ) -> Effect {
        if work.act.is_the_tasks_own() && work.kind.action().is_some() {
            return self.select(tax_no, work, storm);
        }
        let red_locked = self.has_red_locked(tax_no, work);
        let uses = if work.acts() { Vec::new() } else { self.uses(tax_no, &work.invoices) };
        let brought = self.brought(tax_no, work);
        let files = self.layout_files(tax_no, work);
        let figures = tells_figures(work).then(|| self.figures(tax_no));
        let Some(payer) = self.payers.get_mut(tax_no) else {
            return Effect { refused: Some("04"), ..Effect::default() };
        };
        let mut effect = match (work.act, work.kind) {
            (Act::WithdrawConfirmation, _) => withdraw_confirmation(payer),
            (Act::WithdrawTable, _) | (_, Kind::StatisticWithdraw) => withdraw(payer),
            (Act::RecreateTable, _) | (_, Kind::StatisticCreate) => create(payer),
            (_, Kind::StatisticConfirm) => confirm(payer, channel, date, red_locked),
            (_, Kind::PeriodChange) => change_period(payer, work.target),
            (_, Kind::PeriodQuery | Kind::StatisticQuery) => Effect {
                statistic: Some(payer.table().state),
                period: Some(payer.period),
                ..Effect::default()
            },
            // Filing, issuing and the rest: done, as far as this bureau knows.
            _ => Effect::default(),
        };
        effect.uses = uses;
        effect.brought = brought;
        effect.files = files;
        effect.figures = figures.filter(|_| effect.refused.is_none());
        effect
    }

    /// None: it is no download.
    fn brought(&self, tax_no: &TaxNo, work: &Work) -> Option<Arc<[InvoiceKey]>> {
        let wanted = Some(work.wanted).filter(|_| work.kind == Kind::InvoiceDownload)?;
        let current = self.payers.get(tax_no)?.period;
        Some(self.wanted(tax_no, &work.invoices, wanted, current))
    }

    fn select(&mut self, tax_no: &TaxNo, work: &Work, storm: bool) -> Effect {
        let Some(payer) = self.payers.get_mut(tax_no) else {
            return Effect { refused: Some("04"), ..Effect::default() };
        };
        let (kind, period, table) = (payer.kind, payer.period, *payer.table());
        let mut lines = Vec::new();
        for key in &work.invoices {
            let code = match self.invoices.get_mut(key).filter(|i| i.buyer == *tax_no) {
                _ if table.state.locks_selection() => "05",
                None => "02",
                Some(_) if storm => "06",
                Some(invoice) => apply(invoice, work.kind, kind, period),
            };
            lines.push((key.clone(), code));
        }
        let statistic = table.state.locks_selection().then_some(table.state);
        Effect { lines, statistic, ..Effect::default() }
    }

    /// What a table of the current period counts, by the bureau's truth. Asked for rarely enough to
    /// look at every invoice.
    pub(super) fn figures(&self, tax_no: &TaxNo) -> Figures {
        let period = self.payers.get(tax_no).map(|payer| payer.period);
        let selected = self.invoices.values().filter(|invoice| {
            invoice.buyer == *tax_no && invoice.period.is_some() && invoice.period == period
        });
        Figures::of_pool(selected.filter_map(|invoice| {
            let purpose = match invoice.purpose {
                Purpose::Deduction => domain::invoice::Purpose::Deduction,
                Purpose::NonDeduction => domain::invoice::Purpose::NonDeduction,
                Purpose::Rebate | Purpose::Unused => return None,
            };
            let sum = Sum::of_one(invoice.fact.amount, invoice.fact.tax);
            Some((invoice.fact.invoice_type, Some(purpose), sum))
        }))
    }

    /// What the bureau tells of these invoices; all of the tax number's current period, when none
    /// is named. What it does not know is left out.
    pub(super) fn uses(&self, tax_no: &TaxNo, keys: &[InvoiceKey]) -> Vec<UseFact> {
        let fact = |key: &InvoiceKey| {
            let invoice = self.invoices.get(key).filter(|i| i.buyer == *tax_no)?;
            Some(UseFact {
                key: key.clone(),
                purpose: invoice.purpose,
                period: invoice.period,
                status: invoice.status(),
                risk: invoice.risk(),
                entry: invoice.entry,
            })
        };
        keys.iter().filter_map(fact).collect()
    }

    /// 444: only asked before a confirmation, which is rare enough to look at every invoice.
    fn has_red_locked(&self, tax_no: &TaxNo, work: &Work) -> bool {
        let confirms = work.act.is_the_tasks_own() && work.kind == Kind::StatisticConfirm;
        confirms
            && self.invoices.values().any(|invoice| {
                invoice.buyer == *tax_no
                    && invoice.period.is_some()
                    && invoice.status() == InvoiceStatus::Reversed
            })
    }
}

/// What people see of a table when they look at it, or make it.
fn tells_figures(work: &Work) -> bool {
    work.act == Act::RecreateTable
        || matches!(work.kind, Kind::StatisticQuery | Kind::StatisticCreate)
}

/// Selects or deselects one invoice; `cljg`.
fn apply(
    invoice: &mut InvoiceState,
    kind: Kind,
    payer: TaxpayerKind,
    period: TaxPeriod,
) -> &'static str {
    if let Some(code) = invoice.scripted.filter(|code| *code != "01") {
        return code;
    }
    let purpose = match kind {
        Kind::DeductionSelect => Purpose::Deduction,
        Kind::NonDeductionSelect => Purpose::NonDeduction,
        Kind::RebateSelect => Purpose::Rebate,
        _ => Purpose::Unused,
    };
    if purpose == Purpose::Unused {
        return match (invoice.certified, invoice.purpose) {
            (true, _) => "02",
            (false, Purpose::Unused) => NOT_SELECTED,
            (false, _) => set(invoice, purpose, None),
        };
    }
    match refusal(invoice, payer, period) {
        Some(code) => code,
        None if invoice.purpose != Purpose::Unused => "06",
        None => set(invoice, purpose, Some(period)),
    }
}

fn set(invoice: &mut InvoiceState, purpose: Purpose, period: Option<TaxPeriod>) -> &'static str {
    invoice.purpose = purpose;
    invoice.period = period;
    "01"
}

fn refusal(invoice: &InvoiceState, payer: TaxpayerKind, period: TaxPeriod) -> Option<&'static str> {
    let selectable = matches!(
        invoice.status(),
        InvoiceStatus::Normal | InvoiceStatus::PartlyReversed | InvoiceStatus::Reversed
    );
    let later = invoice.fact.invoice_date.is_some_and(|date| date > period.last_day());
    if payer == TaxpayerKind::SmallScale {
        Some("33")
    } else if !selectable || matches!(invoice.risk(), Risk::Abnormal | Risk::Suspect) {
        Some("03")
    } else if later {
        Some("07")
    } else {
        None
    }
}

fn no(code: &'static str, payer: &mut Payer) -> Effect {
    Effect { refused: Some(code), statistic: Some(payer.table().state), ..Effect::default() }
}

fn now_is(payer: &mut Payer, state: StatisticState) -> Effect {
    let table = payer.table();
    // Making a table again over an old one renews nothing: it must be withdrawn first.
    if table.state != state {
        table.outdated = false;
    }
    table.state = state;
    Effect { statistic: Some(state), period: Some(payer.period), ..Effect::default() }
}

fn create(payer: &mut Payer) -> Effect {
    match payer.table().state {
        StatisticState::Confirmed => no("10", payer),
        _ => now_is(payer, StatisticState::Generated),
    }
}

fn withdraw(payer: &mut Payer) -> Effect {
    match payer.table().state {
        StatisticState::Confirmed => no("10", payer),
        _ => now_is(payer, StatisticState::NotGenerated),
    }
}

fn withdraw_confirmation(payer: &mut Payer) -> Effect {
    match payer.table().state {
        StatisticState::Confirmed => now_is(payer, StatisticState::Generated),
        _ => Effect {
            statistic: Some(payer.table().state),
            period: Some(payer.period),
            ..Effect::default()
        },
    }
}

fn confirm(payer: &mut Payer, channel: ChannelKind, date: Moment, red_locked: bool) -> Effect {
    let table = *payer.table();
    let etax = channel == ChannelKind::Etax;
    match table.state {
        StatisticState::NotGenerated | StatisticState::Generating => no("07", payer),
        StatisticState::Confirmed => no("08", payer),
        StatisticState::Generated if payer.period >= TaxPeriod::containing(date) => {
            no(if etax { "222" } else { "09" }, payer)
        }
        StatisticState::Generated if red_locked => no(if etax { "444" } else { "12" }, payer),
        StatisticState::Generated if table.outdated => no(if etax { "333" } else { "12" }, payer),
        StatisticState::Generated => now_is(payer, StatisticState::Confirmed),
    }
}

fn change_period(payer: &mut Payer, target: Option<TaxPeriod>) -> Effect {
    if let Some(target) = target {
        payer.period = target;
    }
    Effect { statistic: Some(payer.table().state), period: Some(payer.period), ..Effect::default() }
}
