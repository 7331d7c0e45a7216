//! The JSON of a request.

use crate::{located, period::TaxPeriod, tax_no::TaxNo};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AskedRun {
    pub(super) run_id: String,
    #[serde(deserialize_with = "located::required")]
    pub(super) period: TaxPeriod,
    #[serde(default)]
    pub(super) asked_by: String,
    #[serde(default)]
    pub(super) password_ref: Option<String>,
    pub(super) tax_nos: Vec<TaxNo>,
}
