//! The task message: what upstream systems publish.

use super::{Wanted, limits, wire};
use crate::{
    Moment,
    bureau::{Account, BureauCode},
    ids::TaskId,
    invoice::TaskInvoice,
    kind::Kind,
    located::{self, Wrong},
    period::TaxPeriod,
    tax_no::TaxNo,
};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// One task message, read and checked for form. Substance is for the rules.
#[derive(Clone, PartialEq, Debug)]
pub struct TaskMessage {
    pub task_id: TaskId,
    pub kind: Kind,
    pub tax_no: TaxNo,
    /// Defaults to the tax number's own.
    pub bureau: Option<BureauCode>,
    /// Defaults to the tax number's default account.
    pub account: Option<Account>,
    /// Defaults to the bureau's current period when the task runs; see
    /// [`TaskMessage::period`].
    pub tax_period: Option<TaxPeriod>,
    pub batch_id: Option<String>,
    pub submitted_by: Option<String>,
    /// Not to be started before this moment.
    pub not_before: Option<Moment>,
    pub invoices: Vec<TaskInvoice>,
    /// What the kind needs beside the invoices; a JSON object.
    pub parameters: Map<String, Value>,
    /// The failed task that this one tries again.
    pub retry_of: Option<TaskId>,
    /// Fields that we do not know: kept, handed on by a retry, and otherwise ignored. (Those
    /// inside an invoice stay in the stored body only.)
    pub unknown: Map<String, Value>,
}

/// The message cannot be read: which field, and what is wrong with it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct Malformed {
    /// Such as `invoices[3].amount`; `body` when it is the whole.
    pub field: String,
    /// One sentence in English, for whoever publishes; it holds no secret.
    pub problem: String,
}

impl From<Wrong> for Malformed {
    fn from(wrong: Wrong) -> Malformed {
        Malformed { field: wrong.field, problem: wrong.problem }
    }
}

/// How the whole body is called in [`Malformed::field`].
const BODY: &str = "body";

impl TaskMessage {
    /// A message with what every message has.
    pub fn new(task_id: TaskId, kind: Kind, tax_no: TaxNo) -> TaskMessage {
        TaskMessage {
            task_id,
            kind,
            tax_no,
            bureau: None,
            account: None,
            tax_period: None,
            batch_id: None,
            submitted_by: None,
            not_before: None,
            invoices: Vec::new(),
            parameters: Map::new(),
            retry_of: None,
            unknown: Map::new(),
        }
    }

    /// Reads a message's body. What cannot be read goes to the rejected queue with the reason.
    pub fn parse(body: &[u8]) -> Result<TaskMessage, Malformed> {
        if body.len() > limits::BODY_BYTES {
            let problem =
                format!("has {} bytes; at most {} are allowed", body.len(), limits::BODY_BYTES);
            return Err(Wrong::new(BODY, problem).into());
        }
        let value = located::json(body, BODY)?;
        if value.is_object() {
            forbid(&value, &mut String::new())?;
        }
        let Value::Object(fields) = value else {
            return Err(Wrong::new(BODY, "is not a JSON object").into());
        };
        let is_known = |name: &str| wire::FIELDS.contains(&name);
        let (known, unknown): (Map<_, _>, Map<_, _>) =
            fields.into_iter().partition(|(name, _)| is_known(name));
        let wire: wire::Message = located::from_value(Value::Object(known), BODY)?;
        TaskMessage::of_wire(wire::Message { unknown, ..wire }).map_err(Malformed::from)
    }

    fn of_wire(wire: wire::Message) -> Result<TaskMessage, Wrong> {
        let retry_of = wire.retry_of.map(|id| id.0);
        if retry_of == Some(wire.task_id.0) {
            return Err(Wrong::new("retry_of", "is the task_id itself: a retry needs a new one"));
        }
        check_password_ref(&wire.parameters)?;
        let invoices = read_invoices(wire.invoices)?;
        if invoices.is_empty() && wire.kind.action().is_some() {
            let problem = format!("is empty: {} needs at least one invoice", wire.kind);
            return Err(Wrong::new("invoices", problem));
        }
        if wire.kind == Kind::InvoiceDownload {
            Wanted::read(&invoices, &wire.parameters)?;
        }
        Ok(TaskMessage {
            task_id: wire.task_id.0,
            kind: wire.kind,
            tax_no: wire.tax_no,
            bureau: wire.bureau,
            account: wire.account,
            tax_period: wire.tax_period,
            batch_id: wire.batch_id.map(|name| name.0),
            submitted_by: wire.submitted_by.map(|name| name.0),
            not_before: wire.not_before.map(|at| at.0),
            invoices,
            parameters: wire.parameters,
            retry_of,
            unknown: wire.unknown,
        })
    }

    /// The same JSON that [`TaskMessage::parse`] reads; fields without a value are left out.
    pub fn to_json(&self) -> String {
        let wire = wire::Message {
            task_id: wire::Id(self.task_id),
            kind: self.kind,
            tax_no: self.tax_no.clone(),
            bureau: self.bureau,
            account: self.account.clone(),
            tax_period: self.tax_period,
            batch_id: self.batch_id.clone().map(wire::Name),
            submitted_by: self.submitted_by.clone().map(wire::Name),
            not_before: self.not_before.map(wire::At),
            invoices: self.invoices.iter().map(wire::Invoice::of).collect(),
            parameters: self.parameters.clone(),
            retry_of: self.retry_of.map(wire::Id),
            unknown: self.unknown.clone(),
        };
        serde_json::to_string(&wire).expect("a message has only string keys")
    }

    /// The period that the task is about, where the tax number's current one is `current`, as far as
    /// it is known. What selects or deselects counts for the bureau's current one when it runs, not
    /// for one that was named when it was made (selection-rules section 1).
    pub fn period(&self, current: Option<TaxPeriod>) -> Option<TaxPeriod> {
        match self.kind.action() {
            Some(_) => current,
            None => self.tax_period.or(current),
        }
    }

    /// The message that tries this failed task again under an id of its own.
    pub fn retry(&self, new_id: TaskId) -> TaskMessage {
        TaskMessage { task_id: new_id, retry_of: Some(self.task_id), ..self.clone() }
    }
}

fn read_invoices(wire: Vec<wire::Invoice>) -> Result<Vec<TaskInvoice>, Wrong> {
    if wire.len() > limits::INVOICES {
        let problem = format!(
            "has {} invoices; at most {} are allowed: split the task",
            wire.len(),
            limits::INVOICES
        );
        return Err(Wrong::new("invoices", problem));
    }
    let mut first_at = HashMap::with_capacity(wire.len());
    let mut invoices = Vec::with_capacity(wire.len());
    for (index, invoice) in wire.into_iter().enumerate() {
        let place = format!("invoices[{index}]");
        let invoice = invoice.read(&place)?;
        if let Some(first) = first_at.insert(invoice.key.clone(), index) {
            let problem = format!("repeats invoices[{first}] ({})", invoice.key);
            return Err(Wrong::new(place, problem));
        }
        invoices.push(invoice);
    }
    Ok(invoices)
}

/// Refuses what no field may hold, known or not: a password (the body is stored and shown), and
/// the character NUL (PostgreSQL has no place for it, one such body would stop a whole batch).
fn forbid(value: &Value, path: &mut String) -> Result<(), Wrong> {
    match value {
        Value::String(text) if text.contains('\0') => {
            Err(Wrong::new(path.clone(), "holds the character NUL (\\u0000)"))
        }
        Value::Array(items) => items.iter().enumerate().try_for_each(|(index, item)| {
            inside(path, &format!("[{index}]"), |path| forbid(item, path))
        }),
        Value::Object(fields) => fields.iter().try_for_each(|(name, value)| {
            let dot = if path.is_empty() { "" } else { "." };
            inside(path, &format!("{dot}{name}"), |path| {
                if name.contains('\0') {
                    let field = path.replace('\0', "\\u0000");
                    return Err(Wrong::new(field, "holds the character NUL (\\u0000)"));
                }
                if is_password(name) {
                    let problem = "must not be sent: a password never travels in a message; \
                                   store it and name it in parameters.password_ref";
                    return Err(Wrong::new(path.clone(), problem));
                }
                forbid(value, path)
            })
        }),
        _ => Ok(()),
    }
}

fn inside<T>(path: &mut String, step: &str, look: impl FnOnce(&mut String) -> T) -> T {
    let length = path.len();
    path.push_str(step);
    let seen = look(path);
    path.truncate(length);
    seen
}

fn is_password(name: &str) -> bool {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    let plain: String = letters.flat_map(char::to_lowercase).collect();
    ["password", "passwd", "pwd", "密码"].iter().any(|word| plain.ends_with(word))
}

fn check_password_ref(parameters: &Map<String, Value>) -> Result<(), Wrong> {
    let wrong = |problem| Err(Wrong::new("parameters.password_ref", problem));
    match parameters.get("password_ref") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(name)) if name.is_empty() => wrong("is empty: it names a stored secret"),
        Some(Value::String(name)) if name.chars().count() > limits::NAME_CHARS => {
            wrong("is too long: it names a stored secret")
        }
        Some(Value::String(_)) => Ok(()),
        Some(_) => wrong("is not a string: it names a stored secret"),
    }
}

#[cfg(test)]
mod tests;
