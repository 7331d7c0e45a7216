//! A statistic table beside our own pool, line by line.

use super::{Figures, Sum};
use crate::invoice::InvoiceType;

/// What is counted of one invoice type and one use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Compared {
    pub invoice_type: InvoiceType,
    /// 抵扣; else 不抵扣.
    pub deducted: bool,
    /// None: the bureau never told its figures.
    pub bureau: Option<Sum>,
    pub ours: Sum,
}

impl Compared {
    /// How much more (or less) the bureau counts; None: it never told its figures.
    pub fn difference(&self) -> Option<Sum> {
        self.bureau.map(|bureau| bureau.minus(self.ours))
    }
}

/// The word for a use.
pub const fn use_label(deducted: bool) -> &'static str {
    if deducted { "抵扣" } else { "不抵扣" }
}

/// A line for each type and use that either counts, by type, what is deducted first.
pub fn compared(bureau: Option<&Figures>, ours: &Figures) -> Vec<Compared> {
    let nothing = Figures::default();
    let told = bureau.unwrap_or(&nothing);
    let mut types: Vec<InvoiceType> =
        told.rows().iter().chain(ours.rows()).map(|row| row.invoice_type).collect();
    types.sort_unstable();
    types.dedup();
    let lines = types.into_iter().flat_map(|invoice_type| {
        [true, false].map(|deducted| {
            let side = |figures: &Figures| {
                let row = figures.row(invoice_type);
                if deducted { row.deducted } else { row.not_deducted }
            };
            let (bureau, ours) = (bureau.map(side), side(ours));
            Compared { invoice_type, deducted, bureau, ours }
        })
    });
    let counts = |line: &Compared| {
        line.bureau.unwrap_or_default() != Sum::default() || line.ours != Sum::default()
    };
    lines.filter(counts).collect()
}

#[cfg(test)]
mod tests {
    use super::{compared, use_label};
    use crate::{
        invoice::Purpose,
        money::Fen,
        statistic::{Figures, Sum},
    };

    fn figures(rows: &[(&str, Purpose, i64)]) -> Figures {
        Figures::of_pool(rows.iter().map(|(of, purpose, fen)| {
            let sum = Sum::of_one(Fen(*fen), Fen(0));
            (of.parse().expect("a type"), Some(*purpose), sum)
        }))
    }

    #[test]
    fn every_line_that_either_counts_stands_once() {
        let bureau = figures(&[
            ("27", Purpose::Deduction, 500),
            ("27", Purpose::NonDeduction, 10),
            ("4", Purpose::Deduction, 7),
        ]);
        let ours = figures(&[("27", Purpose::Deduction, 300), ("21", Purpose::Deduction, 9)]);
        let shown = |told: Option<&Figures>| -> Vec<String> {
            let lines = compared(told, &ours).into_iter();
            lines
                .map(|line| {
                    let yuan = |sum: Option<Sum>| sum.map(|sum| sum.amount.0);
                    let (bureau, differs) = (yuan(line.bureau), yuan(line.difference()));
                    let (of, side) = (line.invoice_type, use_label(line.deducted));
                    format!("{of} {side} {bureau:?} {} {differs:?}", line.ours.amount.0)
                })
                .collect()
        };
        let told = [
            "4 抵扣 Some(7) 0 Some(7)",
            "21 抵扣 Some(0) 9 Some(-9)",
            "27 抵扣 Some(500) 300 Some(200)",
            "27 不抵扣 Some(10) 0 Some(10)",
        ];
        assert_eq!(shown(Some(&bureau)), told);
        assert_eq!(shown(None), ["21 抵扣 None 9 None", "27 抵扣 None 300 None"]);
    }
}
