//! The bodies of requests around selection.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whose selected invoices to read anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResyncsAsked {
    /// Such as 202511
    pub period: String,
    /// At most 100
    pub tax_nos: Vec<String>,
    /// Who does it; not needed with a token, which tells it
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
}

/// The last day of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FilingDayAsked {
    pub period: String,
    /// Left out: the whole country
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bureau: Option<String>,
    /// Such as 2025-12-15
    pub day: String,
    /// Who does it; not needed with a token, which tells it
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    pub reason: String,
}

/// A run as it is asked for: read by `domain::run`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunAsked {
    pub run_id: String,
    /// Such as 202511
    pub period: String,
    /// Who asks; not needed with a token, which tells it
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub asked_by: String,
    /// The stored secret that confirmations are signed with; `{tax_no}` stands for the tax number
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_ref: Option<String>,
    /// 1 to 10000
    pub tax_nos: Vec<String>,
}

/// A difference that a person accepts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptAsked {
    pub tax_no: String,
    /// The `figures` of the part as it was shown
    pub figures: String,
    /// Who does it; not needed with a token, which tells it
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    pub reason: String,
}

/// What a second person approves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveAsked {
    /// Who does it; not needed with a token, which tells it
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    pub parts: Vec<ApprovedFigures>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApprovedFigures {
    pub tax_no: String,
    /// The `figures` of the part as it was shown
    pub figures: String,
}

/// Tax numbers of a run that something is done with; by whom and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunPartsAsked {
    pub tax_nos: Vec<String>,
    /// Who does it; not needed with a token, which tells it
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    pub reason: String,
}
