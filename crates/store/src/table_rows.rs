//! Statistic tables and our own sums as both databases return them.

use crate::codec;
use domain::{
    Moment,
    ids::Fence,
    invoice::InvoiceType,
    money::Fen,
    period::TaxPeriod,
    statistic::{Figures, KnownFigures, Sum, TableCard},
    tax_no::TaxNo,
};
use fleet::ports::StoreError;
use std::collections::BTreeMap;

/// A table of the n-th asked for, or, without a period, that its tax number is known. Moments are
/// microseconds since 1970 in UTC.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct TableRow {
    n: i64,
    period: Option<i32>,
    state: Option<String>,
    order: Option<i64>,
    figures: Option<String>,
    figures_at: Option<i64>,
    figures_order: Option<i64>,
}

/// What the pool has selected for one period, type and purpose, for the n-th asked for.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct SumRow {
    n: i64,
    period: i32,
    invoice_type: i16,
    purpose: Option<String>,
    count: i64,
    amount: i64,
    tax: i64,
}

/// By period.
type Cards = BTreeMap<TaxPeriod, TableCard>;

fn nothing(period: TaxPeriod) -> TableCard {
    let ours = Figures::default();
    TableCard { period, state: None, order: Fence(0), known: None, ours }
}

/// Figures as they are stored.
pub(crate) fn written(figures: &Figures) -> String {
    serde_json::to_string(figures).expect("numbers and texts are always JSON")
}

/// What [`written`] made of them.
pub(crate) fn figures(text: &str) -> Result<Figures, StoreError> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::Broken(format!("stored figures cannot be read: {error}")))
}

pub(crate) fn known(
    text: Option<&str>,
    at: Option<i64>,
    order: Option<i64>,
) -> Result<Option<KnownFigures>, StoreError> {
    let Some(text) = text else { return Ok(None) };
    let asked_at = at.and_then(Moment::from_timestamp_micros).unwrap_or_default();
    let order = Fence(order.unwrap_or_default());
    Ok(Some(KnownFigures { figures: figures(text)?, asked_at, order }))
}

/// The cards of each that was asked for.
pub(crate) fn cards(
    asked: &[(TaxNo, Option<TaxPeriod>)],
    tables: &[TableRow],
    sums: Vec<SumRow>,
) -> Result<Vec<Option<Vec<TableCard>>>, StoreError> {
    let mut all: BTreeMap<i64, Cards> = BTreeMap::new();
    for row in tables {
        let cards = all.entry(row.n).or_default();
        let (Some(period), Some(state)) = (row.period, &row.state) else { continue };
        let period = codec::period(period)?;
        let card = cards.entry(period).or_insert_with(|| nothing(period));
        card.state = Some(codec::read(state)?);
        card.order = Fence(row.order.unwrap_or_default());
        card.known = known(row.figures.as_deref(), row.figures_at, row.figures_order)?;
    }
    for ((n, period), ours) in ours(sums)? {
        let cards = all.entry(n).or_default();
        cards.entry(period).or_insert_with(|| nothing(period)).ours = ours;
    }
    let numbered = asked.iter().zip(1_i64..);
    Ok(numbered
        .map(|((_, period), n)| {
            let mut cards = all.remove(&n)?;
            if let Some(period) = period {
                cards.entry(*period).or_insert_with(|| nothing(*period));
            }
            Some(cards.into_values().collect())
        })
        .collect())
}

/// By which was asked for, and period.
pub(crate) fn ours(sums: Vec<SumRow>) -> Result<BTreeMap<(i64, TaxPeriod), Figures>, StoreError> {
    let mut by_period: BTreeMap<(i64, TaxPeriod), Vec<_>> = BTreeMap::new();
    for row in sums {
        let number = u8::try_from(row.invoice_type).ok().and_then(InvoiceType::from_number);
        let of = number.ok_or_else(|| {
            StoreError::Broken(format!("{} is not an invoice type", row.invoice_type))
        })?;
        let purpose = codec::read_optional(row.purpose.as_deref())?;
        let sum = Sum { count: row.count, amount: Fen(row.amount), tax: Fen(row.tax) };
        let rows = by_period.entry((row.n, codec::period(row.period)?)).or_default();
        rows.push((of, purpose, sum));
    }
    Ok(by_period.into_iter().map(|(key, rows)| (key, Figures::of_pool(rows))).collect())
}
