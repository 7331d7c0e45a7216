//! Answers about automatic work.

use chrono::{DateTime, Utc};
use domain::{
    automatic::{AutoRule, Choice, Run, SkippedInvoice},
    invoice::InvoiceKey,
    money::Fen,
    tax_no::TaxNo,
};
use fleet::ports::automatic::KeptRule;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Invoices of a dry run that are named.
const NAMED: usize = 1000;

/// A rule as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RuleShown {
    /// As `docs/automatic.md` describes it
    #[schema(value_type = Object)]
    pub rule: AutoRule,
    /// To be said with the next change
    pub version: u32,
    /// When it runs next; null: only when a person says so, or not at all.
    pub next_run: Option<DateTime<Utc>>,
}

impl RuleShown {
    pub(crate) fn of(kept: KeptRule, now: DateTime<Utc>) -> RuleShown {
        let next_run = kept.rule.next_after(now);
        RuleShown { rule: kept.rule, version: kept.version, next_run }
    }
}

/// All rules, by their ids.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RuleList {
    pub rules: Vec<RuleShown>,
}

/// A rule was removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleRemoved {
    pub rule_id: String,
}

/// An invoice that would be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WouldChoose {
    #[schema(value_type = String)]
    pub tax_no: TaxNo,
    #[schema(value_type = Object)]
    pub key: InvoiceKey,
    /// In yuan, without tax
    #[schema(value_type = String)]
    pub amount: Fen,
    #[schema(value_type = String)]
    pub tax: Fen,
}

/// What a run would do now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DryRun {
    /// Invoices
    pub chosen: usize,
    /// Of these, in yuan without tax
    #[schema(value_type = String)]
    pub amount: Fen,
    #[schema(value_type = String)]
    pub tax: Fen,
    /// What would be left until the target; null: there is no target.
    #[schema(value_type = Option<String>)]
    pub left: Option<Fen>,
    /// Invoices that match the rule
    pub looked_at: usize,
    /// More could be chosen than are compared.
    pub more: bool,
    /// The first 1000 of what would be chosen
    pub invoices: Vec<WouldChoose>,
    /// How many are passed over, by the code of the reason
    pub skipped: BTreeMap<String, usize>,
    /// The first 200 of them
    #[schema(value_type = Vec<Object>)]
    pub skips: Vec<SkippedInvoice>,
}

impl From<Choice> for DryRun {
    fn from(choice: Choice) -> DryRun {
        let named = choice.chosen.iter().take(NAMED).map(|one| WouldChoose {
            tax_no: one.tax_no.clone(),
            key: one.invoice.key.clone(),
            amount: one.invoice.amount,
            tax: one.invoice.tax,
        });
        DryRun {
            chosen: choice.chosen.len(),
            amount: choice.amount(),
            tax: choice.tax(),
            left: choice.left,
            looked_at: choice.looked_at,
            more: choice.more,
            invoices: named.collect(),
            skipped: choice.skipped,
            skips: choice.skips,
        }
    }
}

/// One run of a rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RuleRunShown {
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub run: Run,
}

/// A page of a rule's runs, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RuleRunPage {
    #[schema(value_type = Vec<Object>)]
    pub runs: Vec<Run>,
    /// The `before` of the next page; null on the last one.
    pub next: Option<DateTime<Utc>>,
}

/// How many invoices a rule may choose again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TriesReset {
    pub reset: u64,
}
