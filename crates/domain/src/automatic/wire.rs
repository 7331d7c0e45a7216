//! A rule in JSON, read and written.

use super::{AutoRule, Conditions, Dates, MalformedRule, Order, Schedule, Target, Work, limits};
use crate::{
    invoice::{InvoiceType, NonDeductionReason},
    list::Reason,
    located::{self, Day, Wrong, optional},
    money::Fen,
    period::TaxPeriod,
    tax_no::TaxNo,
};
use serde::{Deserialize, Serialize};

const WHOLE: &str = "rule";
const WORKS: &str = "write one of deduct, non_deduct, pre_select, enter";

/// As `docs/automatic.md` describes it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    rule_id: String,
    #[serde(default)]
    name: String,
    #[serde(default = "yes")]
    enabled: bool,
    work: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    reason: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    reason_text: String,
    #[serde(default)]
    when: When,
    #[serde(default)]
    order: Order,
    #[serde(default = "usually")]
    most: usize,
    #[serde(default, deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    schedule: Option<Schedule>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<TargetForm>,
}

fn yes() -> bool {
    true
}

fn usually() -> usize {
    limits::MOST_USUALLY
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct When {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tax_nos: Vec<TaxNo>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    organisations: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    accounting_orgs: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tax_orgs: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sources: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    document_types: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    types: Vec<InvoiceType>,
    #[serde(deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    date_from: Option<Day>,
    #[serde(deserialize_with = "optional", skip_serializing_if = "Option::is_none")]
    date_to: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_days: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount_from: Option<Fen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount_to: Option<Fen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deductible: Option<bool>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetForm {
    payable: Fen,
    target: Fen,
    period: TaxPeriod,
}

impl AutoRule {
    /// Reads a rule; its JSON is described in `docs/automatic.md`.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn parse(body: &[u8]) -> Result<AutoRule, MalformedRule> {
        AutoRule::read(located::json(body, WHOLE)?)
    }

    /// The same of JSON that was parsed already.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn read(value: serde_json::Value) -> Result<AutoRule, MalformedRule> {
        let form: Form = located::from_value(value, WHOLE)?;
        AutoRule::try_from(form)
    }
}

fn wrong<T>(field: &str, problem: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong::new(field, problem))
}

impl TryFrom<Form> for AutoRule {
    type Error = MalformedRule;

    fn try_from(form: Form) -> Result<AutoRule, MalformedRule> {
        id(&form.rule_id)?;
        text("name", &form.name)?;
        let when = form.when.clone().read()?;
        let work = form.work(&when)?;
        if !(1..=limits::MOST).contains(&form.most) {
            return Err(Wrong::new("most", format!("must be from 1 to {}", limits::MOST)).into());
        }
        Ok(AutoRule {
            rule_id: form.rule_id,
            name: form.name,
            enabled: form.enabled,
            work,
            when,
            order: form.order,
            most: form.most,
            schedule: form.schedule,
        })
    }
}

fn id(id: &str) -> Result<(), Wrong> {
    let good = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if id.is_empty() || id.len() > limits::ID_CHARS || !id.chars().all(good) {
        let most = limits::ID_CHARS;
        return wrong("rule_id", format!("write from 1 to {most} letters, digits, - or _"));
    }
    Ok(())
}

fn text(field: &str, text: &str) -> Result<(), Wrong> {
    if text.chars().count() > limits::TEXT_CHARS || text.chars().any(char::is_control) {
        let most = limits::TEXT_CHARS;
        return wrong(field, format!("write at most {most} characters on one line"));
    }
    Ok(())
}

fn few(field: &str, count: usize) -> Result<(), Wrong> {
    if count > limits::VALUES {
        return wrong(field, format!("has {count} values; name at most {}", limits::VALUES));
    }
    Ok(())
}

impl Form {
    fn work(&self, when: &Conditions) -> Result<Work, Wrong> {
        if self.work != "non_deduct" && !(self.reason.is_empty() && self.reason_text.is_empty()) {
            return wrong("reason", "belongs to non_deduct alone: leave it out");
        }
        if self.work != "deduct" && self.target.is_some() {
            return wrong("target", "belongs to deduct alone: leave it out");
        }
        match &*self.work {
            "deduct" => {
                deductible(when)?;
                let target = self.target.map(|target| target.read(when)).transpose()?;
                Ok(Work::Deduct { target })
            }
            "non_deduct" => Ok(Work::NonDeduct { reason: self.reason()? }),
            "pre_select" => {
                deductible(when)?;
                Ok(Work::PreSelect)
            }
            "enter" => Ok(Work::Enter),
            other => wrong("work", format!("\"{other}\": {WORKS}")),
        }
    }

    fn reason(&self) -> Result<Reason, Wrong> {
        let number: NonDeductionReason =
            self.reason.parse().map_err(|error| Wrong::new("reason", format!("{error}")))?;
        Reason::new(number, &self.reason_text)
            .map_err(|error| Wrong::new("reason_text", error.to_string()))
    }
}

fn deductible(when: &Conditions) -> Result<(), Wrong> {
    if when.deductible == Some(false) {
        let problem = "is false: what is not deductible is neither deducted nor pre-selected";
        return wrong("when.deductible", problem);
    }
    Ok(())
}

impl TargetForm {
    fn read(self, when: &Conditions) -> Result<Target, Wrong> {
        if when.tax_nos.len() != 1 {
            let problem = "what is payable is one tax number's: name exactly one in when.tax_nos";
            return wrong("target", problem);
        }
        if self.target < Fen(0) {
            return wrong("target.target", "is below 0");
        }
        if self.target >= self.payable {
            return wrong("target.target", "is not below payable: there is nothing to deduct");
        }
        Ok(Target { payable: self.payable, target: self.target, period: self.period })
    }
}

impl When {
    fn read(self) -> Result<Conditions, Wrong> {
        let texts = [
            ("when.organisations", &self.organisations),
            ("when.accounting_orgs", &self.accounting_orgs),
            ("when.tax_orgs", &self.tax_orgs),
            ("when.sources", &self.sources),
            ("when.document_types", &self.document_types),
        ];
        for (field, values) in texts {
            few(field, values.len())?;
            for (n, value) in values.iter().enumerate() {
                text(&format!("{field}[{n}]"), value)?;
            }
        }
        if let Some(n) = self.organisations.iter().position(String::is_empty) {
            let problem = "is empty: what belongs to no organisation has no name";
            return wrong(&format!("when.organisations[{n}]"), problem);
        }
        few("when.tax_nos", self.tax_nos.len())?;
        few("when.types", self.types.len())?;
        if let (Some(from), Some(to)) = (self.amount_from, self.amount_to)
            && from > to
        {
            return wrong("when.amount_to", "is below amount_from: no invoice can match");
        }
        let dates = self.dates()?;
        Ok(Conditions {
            tax_nos: self.tax_nos,
            organisations: self.organisations,
            accounting_orgs: self.accounting_orgs,
            tax_orgs: self.tax_orgs,
            sources: self.sources,
            document_types: self.document_types,
            types: self.types,
            dates,
            amount_from: self.amount_from,
            amount_to: self.amount_to,
            deductible: self.deductible,
        })
    }

    fn dates(&self) -> Result<Dates, Wrong> {
        let (from, to) = (self.date_from.map(|day| day.0), self.date_to.map(|day| day.0));
        match self.last_days {
            Some(_) if from.is_some() || to.is_some() => {
                wrong("when.last_days", "stands instead of date_from and date_to: leave those out")
            }
            Some(days) if !(1..=limits::LAST_DAYS).contains(&days) => {
                wrong("when.last_days", format!("must be from 1 to {}", limits::LAST_DAYS))
            }
            Some(days) => Ok(Dates::Last(days)),
            None if from.zip(to).is_some_and(|(from, to)| from > to) => {
                wrong("when.date_to", "is before date_from: no invoice can match")
            }
            None if from.is_none() && to.is_none() => Ok(Dates::All),
            None => Ok(Dates::Between { from, to }),
        }
    }
}

impl From<AutoRule> for Form {
    fn from(rule: AutoRule) -> Form {
        let (reason, reason_text) = match &rule.work {
            Work::NonDeduct { reason } => {
                (reason.reason().number().to_owned(), reason.text().unwrap_or_default().to_owned())
            }
            _ => (String::new(), String::new()),
        };
        let target = rule.work.target().map(|target| TargetForm {
            payable: target.payable,
            target: target.target,
            period: target.period,
        });
        Form {
            work: rule.work.name().to_owned(),
            rule_id: rule.rule_id,
            name: rule.name,
            enabled: rule.enabled,
            reason,
            reason_text,
            when: When::from(rule.when),
            order: rule.order,
            most: rule.most,
            schedule: rule.schedule,
            target,
        }
    }
}

impl From<Conditions> for When {
    fn from(when: Conditions) -> When {
        let (from, to, last_days) = match when.dates {
            Dates::All => (None, None, None),
            Dates::Between { from, to } => (from, to, None),
            Dates::Last(days) => (None, None, Some(days)),
        };
        When {
            tax_nos: when.tax_nos,
            organisations: when.organisations,
            accounting_orgs: when.accounting_orgs,
            tax_orgs: when.tax_orgs,
            sources: when.sources,
            document_types: when.document_types,
            types: when.types,
            date_from: from.map(Day),
            date_to: to.map(Day),
            last_days,
            amount_from: when.amount_from,
            amount_to: when.amount_to,
            deductible: when.deductible,
        }
    }
}
