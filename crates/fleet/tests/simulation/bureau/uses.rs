//! What the bureau tells of invoices: their uses, and the pages of a download.

use super::{books::wanted, model::Bureau};
use domain::{
    answer::{Answer, Outcome, Receipt},
    invoice::{InvoiceKey, ToldPage, UseReading},
    kind::Kind,
    ledger::{LedgerLine, LineOutcome},
    tax_no::TaxNo,
};
use fleet::ports::channel::Call;

impl Bureau {
    pub(crate) fn read_use(&mut self, call: &Call, kind: Kind, invoices: &[InvoiceKey]) -> Answer {
        if let Some(answer) = self.session(call, false) {
            return answer;
        }
        Answer::Succeeded(self.by_uses(kind, &call.tax_no, invoices))
    }

    /// What the uses say of a task of this kind.
    pub(super) fn by_uses(&self, kind: Kind, tax_no: &TaxNo, invoices: &[InvoiceKey]) -> Outcome {
        let read = |key: &InvoiceKey| Some((key.clone(), self.books.reading(tax_no, key)?));
        let uses: Vec<(InvoiceKey, UseReading)> = invoices.iter().filter_map(read).collect();
        let line = |(key, read): &(InvoiceKey, UseReading)| LedgerLine {
            invoice: key.clone(),
            outcome: match wanted(kind).is_none_or(|wanted| wanted == read.used_for) {
                true => LineOutcome::Succeeded,
                false => LineOutcome::Refused,
            },
            reason: String::new(),
        };
        Outcome { lines: uses.iter().map(line).collect(), uses, ..Outcome::default() }
    }

    /// The first page brings everything that the tax number has.
    pub(crate) fn page(
        &mut self,
        call: &Call,
        receipt: &Receipt,
        page: &str,
    ) -> Result<ToldPage, Answer> {
        if let Some(answer) = self.session(call, false) {
            return Err(answer);
        }
        let number: Option<usize> = receipt.0.parse().ok();
        match number.and_then(|number| self.submissions.get(number)) {
            Some(submission) if submission.task == call.task && page == "1" => {
                Ok(ToldPage { invoices: self.books.page(&call.tax_no), unreadable: 0 })
            }
            Some(submission) if submission.task == call.task => Ok(ToldPage::default()),
            _ => Err(Answer::Faltered { sentence: "查无受理编号".into() }),
        }
    }
}

/// Every one of them is still to be read.
pub(super) fn unread(keys: &[InvoiceKey]) -> Outcome {
    let line = |key: &InvoiceKey| LedgerLine {
        invoice: key.clone(),
        outcome: LineOutcome::Unknown,
        reason: String::new(),
    };
    Outcome { lines: keys.iter().map(line).collect(), read_use: true, ..Outcome::default() }
}
