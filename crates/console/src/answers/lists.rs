//! List imports.

use domain::list::{ListImport, ListRow};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An uploaded list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ListShown {
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub list: ListImport,
}

/// A page of lists, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ListPage {
    #[schema(value_type = Vec<Object>)]
    pub lists: Vec<ListImport>,
    /// The `after` of the next page; null on the last one.
    pub next: Option<String>,
}

/// A page of a list's rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ListRows {
    #[schema(value_type = Vec<Object>)]
    pub rows: Vec<ListRow>,
    /// The `after` of the next page; null on the last one.
    pub next: Option<u32>,
}
