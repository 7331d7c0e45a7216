//! Batches.

use domain::batch::Batch;
use fleet::batches::{BatchView, LineView};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A batch: what each tax number uses, and how far it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BatchShown {
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub view: BatchView,
}

/// A page of batches, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BatchPage {
    #[schema(value_type = Vec<Object>)]
    pub batches: Vec<Batch>,
    /// The `after` of the next page; null on the last one.
    pub next: Option<String>,
}

/// A page of a batch's invoices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BatchLines {
    #[schema(value_type = Vec<Object>)]
    pub invoices: Vec<LineView>,
    /// The `from` of the next page; null on the last one.
    pub next: Option<usize>,
}

/// What became of calling a batch off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BatchCalledOff {
    /// `cancelled` when it was a draft, else `submitted`.
    pub state: String,
    /// Tasks that were called off.
    pub cancelled: usize,
    /// Tasks that had ended, or may have sent something to the bureau.
    pub too_late: usize,
}
