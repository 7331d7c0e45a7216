//! Requests about automatic work.

use super::read;
use crate::problem::Problem;
use chrono::{DateTime, Utc};
use domain::{
    automatic::{AutoRule, MalformedRule},
    invoice::InvoiceKey,
};
use fleet::ports::automatic::Reset;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A rule to keep, by whom and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RulePut {
    /// As `docs/automatic.md` describes it; its `rule_id` is that of the path
    #[schema(value_type = Object)]
    pub rule: serde_json::Value,
    /// The version that was read and is written over; left out for a new rule
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Who does it; not needed with a token, which tells it
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    pub reason: String,
}

impl RulePut {
    pub(crate) fn rule(self, id: &str) -> Result<AutoRule, Problem> {
        let malformed = |error: MalformedRule| Problem::malformed(error.to_string());
        let rule = AutoRule::read(self.rule).map_err(malformed)?;
        if rule.rule_id != id {
            let said = rule.rule_id;
            let sentence = format!("rule_id: is \"{said}\", and \"{id}\" in the address");
            return Err(Problem::malformed(sentence));
        }
        Ok(rule)
    }
}

/// What a rule may choose again: all that it has tried, or of one run, or one invoice; by whom and
/// why.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetAsked {
    /// The time that the run was for, RFC 3339
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_no: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_no: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_code: Option<String>,
    /// Who does it; not needed with a token, which tells it
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    pub reason: String,
}

impl ResetAsked {
    pub(crate) fn which(&self) -> Result<Reset, Problem> {
        let code = self.invoice_code.clone().unwrap_or_default();
        match (self.run, self.tax_no.as_deref(), self.invoice_no.clone()) {
            (None, None, None) if code.is_empty() => Ok(Reset::All),
            (Some(at), None, None) if code.is_empty() => Ok(Reset::Run(at)),
            (None, Some(tax_no), Some(number)) => Ok(Reset::Invoice {
                tax_no: read("tax_no", tax_no)?,
                key: InvoiceKey { code, number },
            }),
            _ => Err(Problem::malformed(
                "body: say run, or tax_no and invoice_no of one invoice, or none of them for all",
            )),
        }
    }
}
