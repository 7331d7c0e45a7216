//! What settlements change of an invoice, as both databases return and take it.

use crate::codec;
use domain::{
    Moment,
    ids::TaxId,
    invoice::{Entry, InvoiceKey, Mark, PoolChange, PoolNews, Standing, UseReading},
};
use fleet::ports::StoreError;
use serde::Serialize;
use std::collections::BTreeMap;

/// What outcomes tell the pool, gathered over a batch.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// By tasks of ours; written first.
    pub(crate) marked: Vec<MarkRow>,
    /// By the bureau; what is known is looked at before it is written.
    pub(crate) read: Vec<ReadUse>,
}

/// The use of one invoice as the bureau told it.
#[derive(Debug)]
pub(crate) struct ReadUse {
    tax: TaxId,
    key: InvoiceKey,
    reading: UseReading,
}

impl ReadUse {
    fn key_row(&self) -> KeyRow<'_> {
        let InvoiceKey { code, number } = &self.key;
        KeyRow { tax_id: self.tax.0, number, code }
    }
}

impl Heard {
    pub(crate) fn hear(&mut self, tax: TaxId, changes: &[PoolChange]) {
        for PoolChange { key, news } in changes {
            let key = key.clone();
            match news {
                PoolNews::Marked(mark) => self.marked.push(MarkRow::of(tax, key, mark.clone())),
                PoolNews::Read(reading) => {
                    self.read.push(ReadUse { tax, key, reading: *reading });
                }
            }
        }
    }

    /// The invoices that were read, for the statement that locks and returns them.
    pub(crate) fn asked(&self) -> Vec<KeyRow<'_>> {
        self.read.iter().map(ReadUse::key_row).collect()
    }

    /// How these stand after what was read of them; what the pool does not know is left out.
    pub(crate) fn standings(
        &self,
        known: Vec<StandingRow>,
    ) -> Result<Vec<NewStanding>, StoreError> {
        let known = known.into_iter().map(StandingRow::standing);
        let mut standings: BTreeMap<(TaxId, InvoiceKey), Standing> =
            known.collect::<Result<_, StoreError>>()?;
        for ReadUse { tax, key, reading } in &self.read {
            let of = (*tax, key.clone());
            if let Some(standing) = standings.remove(&of) {
                standings.insert(of, standing.after(reading));
            }
        }
        Ok(standings.into_iter().map(|((tax, key), now)| NewStanding::of(tax, key, now)).collect())
    }
}

/// An invoice that is asked for.
#[derive(Debug, Serialize)]
pub(crate) struct KeyRow<'a> {
    tax_id: i32,
    number: &'a str,
    code: &'a str,
}

/// 勾选状态 and what goes with it.
#[derive(Debug, Serialize)]
pub(crate) struct MarkRow {
    pub(crate) tax_id: i32,
    pub(crate) number: String,
    pub(crate) code: String,
    pub(crate) selection: &'static str,
    pub(crate) period: Option<i32>,
    pub(crate) purpose: Option<&'static str>,
    pub(crate) non_deduction_reason: Option<&'static str>,
    pub(crate) non_deduction_text: String,
}

impl MarkRow {
    fn of(tax: TaxId, key: InvoiceKey, mark: Mark) -> MarkRow {
        MarkRow {
            tax_id: tax.0,
            number: key.number,
            code: key.code,
            selection: mark.selection.name(),
            period: mark.period.map(|period| period.number()),
            purpose: mark.purpose.map(|purpose| purpose.name()),
            non_deduction_reason: mark.non_deduction_reason.map(|reason| reason.number()),
            non_deduction_text: mark.non_deduction_text,
        }
    }
}

/// How an invoice stands, locked. Moments are microseconds since 1970 in UTC.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct StandingRow {
    tax_id: i32,
    number: String,
    code: String,
    selection: String,
    period: Option<i32>,
    purpose: Option<String>,
    non_deduction_reason: Option<String>,
    non_deduction_text: String,
    status: String,
    risk: String,
    entry_state: String,
    entry_period: Option<i32>,
    entered_at: Option<i64>,
}

impl StandingRow {
    fn standing(self) -> Result<((TaxId, InvoiceKey), Standing), StoreError> {
        let mark = Mark {
            selection: codec::read(&self.selection)?,
            period: self.period.map(codec::period).transpose()?,
            purpose: codec::read_optional(self.purpose.as_deref())?,
            non_deduction_reason: codec::read_optional(self.non_deduction_reason.as_deref())?,
            non_deduction_text: self.non_deduction_text,
        };
        let entry = Entry {
            state: codec::read(&self.entry_state)?,
            period: self.entry_period.map(codec::period).transpose()?,
            at: self.entered_at.and_then(Moment::from_timestamp_micros),
        };
        let status = codec::read(&self.status)?;
        let standing = Standing { mark, status, risk: codec::read(&self.risk)?, entry };
        let key = InvoiceKey { code: self.code, number: self.number };
        Ok(((TaxId(self.tax_id), key), standing))
    }
}

/// How an invoice stands from now on.
#[derive(Debug, Serialize)]
pub(crate) struct NewStanding {
    #[serde(flatten)]
    mark: MarkRow,
    status: &'static str,
    risk: &'static str,
    entry_state: &'static str,
    entry_period: Option<i32>,
    entered_at: Option<i64>,
}

impl NewStanding {
    fn of(tax: TaxId, key: InvoiceKey, standing: Standing) -> NewStanding {
        let Standing { mark, status, risk, entry } = standing;
        NewStanding {
            mark: MarkRow::of(tax, key, mark),
            status: status.name(),
            risk: risk.name(),
            entry_state: entry.state.name(),
            entry_period: entry.period.map(|period| period.number()),
            entered_at: entry.at.map(|at| at.timestamp_micros()),
        }
    }
}
