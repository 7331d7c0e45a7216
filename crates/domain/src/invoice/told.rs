//! What a bureau tells of invoices in a download, and what the pool makes of it.
//!
//! The bureau's facts are taken, our own marks stay; what is selected, and for what, is decided by
//! [`Mark::after`]. Source: selection-rules section 5, `invoice_download`.

use super::{
    InvoiceKey, InvoiceStatus, InvoiceType, Mark, NonDeductionReason, PoolInvoice, Purpose, Risk,
    ToldUse,
};
use crate::{money::Fen, tax_no::TaxNo};
use chrono::NaiveDate;
use std::{collections::HashMap, iter::Sum, ops::Add};

/// 数据来源 of what a download brought into the pool.
pub const DOWNLOADED: &str = "税局下载";

/// An invoice as the bureau tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToldInvoice {
    pub buyer_tax_no: TaxNo,
    pub key: InvoiceKey,
    pub invoice_type: InvoiceType,
    pub date: Option<NaiveDate>,
    pub amount: Fen,
    pub tax: Fen,
    pub status: InvoiceStatus,
    pub risk: Risk,
    /// Empty: none, or nothing was said; what is known stays.
    pub special_kind: String,
    /// Empty: nothing was said; what is known stays, as with the next.
    pub seller_name: String,
    pub seller_tax_no: String,
    /// None: nothing was said; what is known stays.
    pub used: Option<ToldUse>,
}

/// One page of a download.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ToldPage {
    pub invoices: Vec<ToldInvoice>,
    /// Invoices that cannot be read: a type that we do not know, a number that is none, …
    pub unreadable: usize,
}

/// What a download may change of an invoice of the pool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Face {
    /// Its selection is never `Selecting`: that is derived from our tasks.
    pub facts: PoolInvoice,
    pub seller_name: String,
    pub seller_tax_no: String,
    pub purpose: Option<Purpose>,
    pub non_deduction_reason: Option<NonDeductionReason>,
    pub non_deduction_text: String,
}

/// What became of an invoice that the bureau told of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kept {
    New,
    Changed,
    Unchanged,
    /// Its buyer is another tax number: it was not written.
    NotTheirs,
}

/// How many invoices of a download became what.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    pub new: usize,
    pub changed: usize,
    pub unchanged: usize,
    pub not_theirs: usize,
    pub unreadable: usize,
}

impl ToldInvoice {
    /// The invoice in the pool afterwards.
    pub fn over(&self, known: Option<&Face>) -> Face {
        let ours = known.map(Face::mark).unwrap_or_default();
        let mark = match &self.used {
            Some(told) => ours.after(told),
            None => ours,
        };
        let said = |told: &String, known: Option<&String>| match known {
            Some(known) if told.is_empty() => known.clone(),
            _ => told.clone(),
        };
        Face {
            facts: PoolInvoice {
                key: self.key.clone(),
                invoice_type: self.invoice_type,
                date: self.date.or(known.and_then(|known| known.facts.date)),
                amount: self.amount,
                tax: self.tax,
                status: self.status,
                risk: self.risk,
                selection: mark.selection,
                period: mark.period,
                special_kind: said(
                    &self.special_kind,
                    known.map(|known| &known.facts.special_kind),
                ),
            },
            seller_name: said(&self.seller_name, known.map(|known| &known.seller_name)),
            seller_tax_no: said(&self.seller_tax_no, known.map(|known| &known.seller_tax_no)),
            purpose: mark.purpose,
            non_deduction_reason: mark.non_deduction_reason,
            non_deduction_text: mark.non_deduction_text,
        }
    }
}

impl Face {
    fn mark(&self) -> Mark {
        Mark {
            selection: self.facts.selection,
            period: self.facts.period,
            purpose: self.purpose,
            non_deduction_reason: self.non_deduction_reason,
            non_deduction_text: self.non_deduction_text.clone(),
        }
    }
}

/// What a store writes of one page, and what it answers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Takings {
    /// Each invoice once, in the order of their keys: new ones, and those that change.
    pub write: Vec<Face>,
    /// For each that was told, in that order.
    pub kept: Vec<Kept>,
}

/// What the pool makes of the invoices that were told for this buyer. `known`: what it has of them.
/// An invoice that an unfinished task of ours holds is no exception: nobody else of its tax number
/// works while the bureau tells, so what it tells is true, and the task's outcome is written later.
pub fn take_over(
    buyer: &TaxNo,
    told: &[ToldInvoice],
    mut known: HashMap<InvoiceKey, Face>,
) -> Takings {
    let mut touched = Vec::new();
    let mut one = |told: &ToldInvoice| {
        if told.buyer_tax_no != *buyer {
            return Kept::NotTheirs;
        }
        let before = known.get(&told.key);
        let after = told.over(before);
        let kept = match before {
            None => Kept::New,
            Some(before) if *before == after => return Kept::Unchanged,
            Some(_) => Kept::Changed,
        };
        known.insert(told.key.clone(), after);
        touched.push(told.key.clone());
        kept
    };
    let kept = told.iter().map(&mut one).collect();
    touched.sort_unstable_by(|a, b| (&a.number, &a.code).cmp(&(&b.number, &b.code)));
    touched.dedup();
    let write = touched.iter().filter_map(|key| known.remove(key)).collect();
    Takings { write, kept }
}

impl Tally {
    pub fn of(kept: &[Kept]) -> Tally {
        let count = |what| kept.iter().filter(|one| **one == what).count();
        Tally {
            new: count(Kept::New),
            changed: count(Kept::Changed),
            unchanged: count(Kept::Unchanged),
            not_theirs: count(Kept::NotTheirs),
            unreadable: 0,
        }
    }

    /// The sentence for people.
    pub fn sentence(&self) -> String {
        let Tally { new, changed, unchanged, not_theirs, unreadable } = self;
        let written = new + changed + unchanged;
        let mut text =
            format!("下载发票{written}张：新增{new}张，更新{changed}张，未变{unchanged}张。");
        if *not_theirs > 0 {
            text += &format!("另有{not_theirs}张的购买方不是本税号，未写入全票池。");
        }
        if *unreadable > 0 {
            text += &format!("另有{unreadable}张的税局数据无法识别，未写入全票池。");
        }
        text
    }
}

impl Add for Tally {
    type Output = Tally;

    fn add(self, other: Tally) -> Tally {
        Tally {
            new: self.new + other.new,
            changed: self.changed + other.changed,
            unchanged: self.unchanged + other.unchanged,
            not_theirs: self.not_theirs + other.not_theirs,
            unreadable: self.unreadable + other.unreadable,
        }
    }
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Tally>>(tallies: I) -> Tally {
        tallies.fold(Tally::default(), Tally::add)
    }
}

#[cfg(test)]
mod tests;
