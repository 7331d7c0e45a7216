//! Statistic tables, and the secrets of their confirmation.

use chrono::{DateTime, Utc};
use domain::statistic::{Figures, TableCard};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A secret was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SecretKept {
    pub name: String,
}

/// The names of the stored secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SecretNames {
    pub names: Vec<String>,
}

/// A secret is not there any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SecretRemoved {
    /// False: it was not there before
    pub removed: bool,
}

/// The statistic tables of a tax number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatisticsView {
    pub tax_no: String,
    /// By period
    pub tables: Vec<TableView>,
}

/// One statistic table. Figures are rows of `invoice_type`, `deducted` and `not_deducted`, each with
/// `count`, `amount` and `tax` in yuan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TableView {
    /// Such as 202511
    pub period: String,
    /// As it was last known; null: nothing is known of a table
    pub state: Option<String>,
    /// When the bureau told its figures
    pub asked_at: Option<DateTime<Utc>>,
    /// The bureau's; null: it never told them
    #[schema(value_type = Option<Vec<Object>>)]
    pub figures: Option<Figures>,
    /// What our pool has selected for the period
    #[schema(value_type = Vec<Object>)]
    pub ours: Figures,
    /// By how much more the bureau counts; empty: nothing differs
    #[schema(value_type = Option<Vec<Object>>)]
    pub differences: Option<Figures>,
}

impl From<&TableCard> for TableView {
    fn from(card: &TableCard) -> TableView {
        let known = card.known.as_ref();
        TableView {
            period: card.period.to_string(),
            state: card.state.map(|state| state.name().to_owned()),
            asked_at: known.map(|known| known.asked_at),
            figures: known.map(|known| known.figures.clone()),
            ours: card.ours.clone(),
            differences: card.differences(),
        }
    }
}
