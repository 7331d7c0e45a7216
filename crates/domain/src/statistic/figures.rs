//! What a statistic table counts (统计数据), and where it differs from our own pool.

use super::StatisticState;
use crate::{
    Moment,
    ids::Fence,
    invoice::{InvoiceType, Purpose},
    money::Fen,
    period::TaxPeriod,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How many invoices, their amounts without tax and their taxes together. Of a difference: how
/// much more (or less, negative) the bureau counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Sum {
    /// 份数
    pub count: i64,
    /// 金额
    pub amount: Fen,
    /// 税额
    pub tax: Fen,
}

impl Sum {
    pub const fn of_one(amount: Fen, tax: Fen) -> Sum {
        Sum { count: 1, amount, tax }
    }

    pub const fn plus(self, other: Sum) -> Sum {
        Sum {
            count: self.count + other.count,
            amount: Fen(self.amount.0 + other.amount.0),
            tax: Fen(self.tax.0 + other.tax.0),
        }
    }

    pub const fn minus(self, other: Sum) -> Sum {
        Sum {
            count: self.count - other.count,
            amount: Fen(self.amount.0 - other.amount.0),
            tax: Fen(self.tax.0 - other.tax.0),
        }
    }

    fn is_nothing(&self) -> bool {
        *self == Sum::default()
    }
}

/// What a table counts of one invoice type.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TypeFigures {
    pub invoice_type: InvoiceType,
    /// 抵扣
    #[serde(default)]
    pub deducted: Sum,
    /// 不抵扣
    #[serde(default)]
    pub not_deducted: Sum,
}

/// What a table counts: one row per invoice type, by its number; a type without invoices has none.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Figures(Vec<TypeFigures>);

impl Figures {
    /// Rows of one type are added up.
    pub fn new(rows: impl IntoIterator<Item = TypeFigures>) -> Figures {
        let mut by_type: BTreeMap<InvoiceType, TypeFigures> = BTreeMap::new();
        for row in rows {
            let invoice_type = row.invoice_type;
            let (deducted, not_deducted) = (Sum::default(), Sum::default());
            let all = by_type.entry(invoice_type).or_insert(TypeFigures {
                invoice_type,
                deducted,
                not_deducted,
            });
            all.deducted = all.deducted.plus(row.deducted);
            all.not_deducted = all.not_deducted.plus(row.not_deducted);
        }
        let counts =
            |row: &TypeFigures| !row.deducted.is_nothing() || !row.not_deducted.is_nothing();
        Figures(by_type.into_values().filter(counts).collect())
    }

    /// Sums of selected invoices by type and purpose. One whose purpose is not known counts as
    /// deducted; what is selected for a rebate stands in another table.
    pub fn of_pool(sums: impl IntoIterator<Item = (InvoiceType, Option<Purpose>, Sum)>) -> Figures {
        let nothing = Sum::default();
        Figures::new(sums.into_iter().filter_map(|(invoice_type, purpose, sum)| match purpose {
            Some(Purpose::Deduction) | None => {
                Some(TypeFigures { invoice_type, deducted: sum, not_deducted: nothing })
            }
            Some(Purpose::NonDeduction) => {
                Some(TypeFigures { invoice_type, deducted: nothing, not_deducted: sum })
            }
            Some(Purpose::Rebate) => None,
        }))
    }

    pub fn rows(&self) -> &[TypeFigures] {
        &self.0
    }

    pub(super) fn row(&self, invoice_type: InvoiceType) -> TypeFigures {
        let (deducted, not_deducted) = (Sum::default(), Sum::default());
        let known = self.0.iter().find(|row| row.invoice_type == invoice_type);
        known.copied().unwrap_or(TypeFigures { invoice_type, deducted, not_deducted })
    }
}

/// Where the bureau counts otherwise than our pool: by how much more, per invoice type. A
/// selection that the bureau undid silently shows here as less.
pub fn differences(bureau: &Figures, ours: &Figures) -> Figures {
    let types = bureau.0.iter().chain(&ours.0).map(|row| row.invoice_type);
    Figures::new(types.collect::<BTreeSet<_>>().into_iter().map(|of| {
        let (theirs, own) = (bureau.row(of), ours.row(of));
        TypeFigures {
            invoice_type: of,
            deducted: theirs.deducted.minus(own.deducted),
            not_deducted: theirs.not_deducted.minus(own.not_deducted),
        }
    }))
}

/// What the bureau said of a table, to be kept with the task's end.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TableNote {
    /// None: nobody knows which; then only older cached readings are outdated.
    pub period: Option<TaxPeriod>,
    pub state: StatisticState,
    /// None: it did not tell them.
    pub figures: Option<Figures>,
    /// When it was heard.
    pub at: Moment,
}

/// The bureau's newest figures of a table.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KnownFigures {
    pub figures: Figures,
    pub asked_at: Moment,
    /// The fence of whoever asked.
    pub order: Fence,
}

/// A statistic table as it is known, and what our pool has selected for its period.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TableCard {
    pub period: TaxPeriod,
    /// From a world file or an operation of ours; None: nothing is known of a table.
    pub state: Option<StatisticState>,
    /// The fence of the newest operation on it; 0: only an import told of it, if anybody did.
    pub order: Fence,
    /// None: the bureau never told them.
    pub known: Option<KnownFigures>,
    pub ours: Figures,
}

impl TableCard {
    /// Where the bureau counts otherwise than our pool; None: it never told its figures.
    pub fn differences(&self) -> Option<Figures> {
        self.known.as_ref().map(|known| differences(&known.figures, &self.ours))
    }
}

#[cfg(test)]
mod tests {
    use super::{Figures, Sum, TypeFigures, differences};
    use crate::{invoice::Purpose, money::Fen};

    /// `27 d 2 200.00 26.00, 4 n 1 5.00 0.50`: type, deducted or not, count, amount, tax.
    fn figures(text: &str) -> Figures {
        let row = |text: &str| {
            let words: Vec<&str> = text.split_whitespace().collect();
            let [of, side, count, amount, tax] = words[..] else { panic!("{text}") };
            let sum = Sum {
                count: count.parse().expect("a count"),
                amount: amount.parse().expect("an amount"),
                tax: tax.parse().expect("a tax"),
            };
            let (deducted, not_deducted) = match side {
                "d" => (sum, Sum::default()),
                _ => (Sum::default(), sum),
            };
            TypeFigures { invoice_type: of.parse().expect("a type"), deducted, not_deducted }
        };
        Figures::new(text.split(',').filter(|one| !one.trim().is_empty()).map(row))
    }

    #[test]
    fn what_differs_and_by_how_much() {
        // the bureau | ours | by how much more the bureau counts
        for (bureau, ours, expected) in [
            ("", "", ""),
            ("27 d 2 200.00 26.00", "27 d 2 200.00 26.00", ""),
            ("27 d 1 100.00 13.00", "27 d 2 200.00 26.00", "27 d -1 -100.00 -13.00"),
            (
                "27 d 1 100.00 13.00",
                "27 n 1 100.00 13.00",
                "27 d 1 100.00 13.00, 27 n -1 -100.00 -13.00",
            ),
            ("4 d 1 5.00 0.50", "27 d 1 5.00 0.50", "4 d 1 5.00 0.50, 27 d -1 -5.00 -0.50"),
            ("27 d 1 100.00 13.01", "27 d 1 100.00 13.00", "27 d 0 0.00 0.01"),
            ("", "21 n 3 0.00 9.00", "21 n -3 0.00 -9.00"),
        ] {
            let found = differences(&figures(bureau), &figures(ours));
            assert_eq!(found, figures(expected), "{bureau} | {ours}");
        }
    }

    #[test]
    fn a_purpose_that_is_not_known_counts_as_deducted_and_a_rebate_not_at_all() {
        let sum = Sum::of_one(Fen(10_000), Fen(1_300));
        let of = "27".parse().expect("a type");
        let sums = [
            (of, None, sum),
            (of, Some(Purpose::Deduction), sum),
            (of, Some(Purpose::NonDeduction), sum),
            (of, Some(Purpose::Rebate), sum),
        ];
        let expected = figures("27 d 2 200.00 26.00, 27 n 1 100.00 13.00");
        assert_eq!(Figures::of_pool(sums), expected);
    }

    #[test]
    fn figures_read_as_they_are_written() {
        let found = figures("27 d 2 200.00 26.00, 4 n 1 5.00 0.50");
        let json = serde_json::to_string(&found).expect("JSON");
        assert!(json.starts_with("[{\"invoice_type\":\"4\",\"deducted\":{\"count\":0,"), "{json}");
        assert_eq!(serde_json::from_str::<Figures>(&json).expect("figures"), found);
    }
}
