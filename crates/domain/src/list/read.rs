//! From the cells of a row to what it asks for (list rule 1).

use super::{ACTIONS, Cell, CellProblem, Column, Purpose, RawRow, Reason, cell};
use crate::{
    invoice::{InvoiceKey, InvoiceType},
    kind::{Action, Kind},
    rules::{Rule, list::Objection},
};

/// A row whose cells were read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadRow {
    /// As in [`RawRow::number`].
    pub number: u32,
    /// Which invoice it names, also when another field is missing: what stands twice in a list is
    /// told by it, and it is looked up in the pool. None: a cell cannot be read, or a part of it is
    /// missing.
    pub key: Option<InvoiceKey>,
    /// What it asks for; else a cell that cannot be read, or the fields that are missing.
    pub asked: Result<Asked, Objection>,
}

/// What a row asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    pub action: Action,
    /// Some when invoices are selected for non-deduction, and only then.
    pub reason: Option<Reason>,
}

/// The values of a row's cells, each of which may be missing.
struct Values {
    action: Option<Action>,
    code: String,
    number: String,
    book: String,
    reason: Option<Reason>,
    invoice_type: Option<InvoiceType>,
}

/// What is wrong with the cell of this column.
type Wrong = (Column, CellProblem);

impl ReadRow {
    /// Never fails as a whole: what cannot be read is the row's own answer.
    pub fn of(row: &RawRow, purpose: Purpose) -> ReadRow {
        let number = row.number;
        match values(row, purpose) {
            Err((column, problem)) => {
                let place = format!("第{number}行“{}”列：{problem}", column.heading());
                let asked = Err(Objection::of(Rule::CellUnreadable, &place));
                ReadRow { number, key: None, asked }
            }
            Ok(values) => ReadRow { number, key: values.key(), asked: values.asked(purpose) },
        }
    }
}

fn values(row: &RawRow, purpose: Purpose) -> Result<Values, Wrong> {
    let at = |column: Column| move |problem: CellProblem| (column, problem);
    let identifier = |column: Column| row.cell(column).identifier(column).map_err(at(column));
    let action = action(row.cell(Column::Action)).map_err(at(Column::Action))?;
    let values = Values {
        action,
        code: identifier(Column::Code)?,
        number: identifier(Column::Number)?,
        book: identifier(Column::PaymentBook)?,
        reason: reason(row, purpose, action).map_err(at(Column::Reason))?,
        invoice_type: invoice_type(row.cell(Column::Type)).map_err(at(Column::Type))?,
    };
    values.agree()?;
    Ok(values)
}

fn action(cell: &Cell) -> Result<Option<Action>, CellProblem> {
    let written = cell::squeezed(&cell.words()?);
    if written.is_empty() {
        return Ok(None);
    }
    let known = ACTIONS.into_iter().find(|(_, word)| *word == written);
    let unknown = || CellProblem::NotAnAction(cell::clipped(&written));
    known.map(|(action, _)| Some(action)).ok_or_else(unknown)
}

/// Read where it is needed. Where a deduction is asked for it contradicts the list's purpose
/// (ours: such a list was probably uploaded for the wrong one); a withdrawal needs none.
fn reason(
    row: &RawRow,
    purpose: Purpose,
    action: Option<Action>,
) -> Result<Option<Reason>, CellProblem> {
    let cell = row.cell(Column::Reason);
    if cell.is_blank() || action == Some(Action::Deselect) {
        return Ok(None);
    }
    match purpose {
        Purpose::Deduct => Err(CellProblem::ReasonUnwanted),
        Purpose::NonDeduct => Ok(Some(cell.words()?.parse()?)),
    }
}

/// By name or number; brackets may be full-width.
fn invoice_type(cell: &Cell) -> Result<Option<InvoiceType>, CellProblem> {
    let written = cell::squeezed(&cell.words()?);
    if written.is_empty() {
        return Ok(None);
    }
    let named = InvoiceType::all().find(|known| known.is_named() && known.name() == written);
    let known = named.or_else(|| written.parse().ok());
    known.map(Some).ok_or_else(|| CellProblem::UnknownType(cell::clipped(&written)))
}

impl Values {
    fn agree(&self) -> Result<(), Wrong> {
        if self.book.is_empty() {
            return Ok(());
        }
        if !self.number.is_empty() {
            return Err((Column::PaymentBook, CellProblem::TwoNumbers));
        }
        match self.invoice_type {
            Some(other) if !other.is_payment_book() => {
                Err((Column::Type, CellProblem::NotAPaymentBook(other.name())))
            }
            _ => Ok(()),
        }
    }

    /// None while a part of it is missing.
    fn key(&self) -> Option<InvoiceKey> {
        if !self.book.is_empty() {
            return Some(InvoiceKey { code: String::new(), number: self.book.clone() });
        }
        let key = InvoiceKey { code: self.code.clone(), number: self.number.clone() };
        let whole = self.identity_missing().is_empty();
        whole.then_some(key)
    }

    fn identity_missing(&self) -> Vec<&'static str> {
        if !self.book.is_empty() {
            return Vec::new();
        }
        if self.invoice_type.is_some_and(InvoiceType::is_payment_book) {
            return vec![Column::PaymentBook.heading()];
        }
        let code_needed = !InvoiceKey::is_digital_number(&self.number)
            && self.invoice_type.is_none_or(InvoiceType::has_code);
        match (self.code.is_empty() && code_needed, self.number.is_empty()) {
            // Nothing is said of the invoice: it may be a payment book as well.
            (true, true) => vec!["发票号码或海关缴款书号码"],
            (_, true) => vec![Column::Number.heading()],
            (true, false) => vec![Column::Code.heading()],
            (false, false) => Vec::new(),
        }
    }

    fn asked(self, purpose: Purpose) -> Result<Asked, Objection> {
        let mut missing = self.identity_missing();
        if self.action.is_none() {
            missing.insert(0, Column::Action.heading());
        }
        let kind = self.action.map(|action| purpose.kind(action));
        if kind == Some(Kind::NonDeductionSelect) && self.reason.is_none() {
            missing.push(Column::Reason.heading());
        }
        match self.action {
            Some(action) if missing.is_empty() => Ok(Asked { action, reason: self.reason }),
            _ => Err(Objection::of(Rule::FieldsMissing, &missing.join("、"))),
        }
    }
}
