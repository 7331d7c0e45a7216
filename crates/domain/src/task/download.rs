//! Which invoices a download asks for: by name, by dates, or of a period.

use super::TaskMessage;
use crate::{invoice::TaskInvoice, located::Wrong, period::TaxPeriod};
use chrono::NaiveDate;
use serde_json::{Map, Value};

/// Days that one download may span, the first and the last included.
pub const MOST_DAYS: i64 = 366;

/// What an `invoice_download` is to bring.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// The invoices that the task names.
    Named,
    /// Those issued from the first to the last of these days.
    Dated { from: NaiveDate, to: NaiveDate },
    /// Those of a tax period; None: of the task's own.
    Period(Option<TaxPeriod>),
}

impl Wanted {
    /// Reads `invoices`, or else `parameters.from` and `parameters.to`, or else `parameters.period`.
    pub(super) fn read(
        invoices: &[TaskInvoice],
        parameters: &Map<String, Value>,
    ) -> Result<Wanted, Wrong> {
        let from = day(parameters, "from")?;
        let to = day(parameters, "to")?;
        let period = period(parameters)?;
        if !invoices.is_empty() && (from.is_some() || to.is_some() || period.is_some()) {
            let problem = "stand beside from, to or period: ask for the ones or the others";
            return Err(Wrong::new("invoices", problem));
        }
        match (from, to, period) {
            (None, None, None) if !invoices.is_empty() => Ok(Wanted::Named),
            (None, None, period) => Ok(Wanted::Period(period)),
            (Some(from), Some(to), None) => dated(from, to),
            (Some(_), None, None) => Err(wrong("to", "is missing: it is the last day after from")),
            (None, Some(_), None) => {
                Err(wrong("from", "is missing: it is the first day before to"))
            }
            (_, _, Some(_)) => {
                Err(wrong("period", "stands beside from or to: ask for the one or the other"))
            }
        }
    }

    /// What a message that was read asks for.
    pub fn of(message: &TaskMessage) -> Wanted {
        Wanted::asked(&message.invoices, &message.parameters)
    }

    /// As [`Wanted::of`], of the parts of an order.
    pub fn asked(invoices: &[TaskInvoice], parameters: &Map<String, Value>) -> Wanted {
        // Messages are refused before they become tasks; what an older gouxuan took asks for its
        // period.
        Wanted::read(invoices, parameters).unwrap_or(Wanted::Period(None))
    }
}

fn dated(from: NaiveDate, to: NaiveDate) -> Result<Wanted, Wrong> {
    let days = (to - from).num_days() + 1;
    if days < 1 {
        return Err(wrong("to", &format!("{to} is before from ({from})")));
    }
    if days > MOST_DAYS {
        let problem =
            format!("from {from} to {to} are {days} days; ask for at most {MOST_DAYS} at once");
        return Err(wrong("to", &problem));
    }
    Ok(Wanted::Dated { from, to })
}

fn wrong(name: &str, problem: &str) -> Wrong {
    Wrong::new(format!("parameters.{name}"), problem)
}

fn text<'a>(parameters: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Wrong> {
    match parameters.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong(name, "is not a string")),
    }
}

fn day(parameters: &Map<String, Value>, name: &str) -> Result<Option<NaiveDate>, Wrong> {
    let read = |text: &str| {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d");
        day.map_err(|_| wrong(name, &format!("\"{text}\" is not a date, such as 2025-11-01")))
    };
    text(parameters, name)?.map(read).transpose()
}

fn period(parameters: &Map<String, Value>) -> Result<Option<TaxPeriod>, Wrong> {
    let read = |text: &str| {
        let period: Result<TaxPeriod, _> = text.parse();
        period.map_err(|error| wrong("period", &error.to_string()))
    };
    text(parameters, "period")?.map(read).transpose()
}

#[cfg(test)]
mod tests {
    use super::Wanted;
    use crate::task::TaskMessage;
    use serde_json::{Value, json};

    fn read(invoices: Value, parameters: Value) -> String {
        let body = json!({
            "task_id": "0193f3a2-7c1e-7b7a-9d53-0c2f6f1f0a11",
            "kind": "invoice_download",
            "tax_no": "91440300MA5G9GK78Y",
            "invoices": invoices,
            "parameters": parameters,
        });
        match TaskMessage::parse(body.to_string().as_bytes()) {
            Ok(message) => format!("{:?}", Wanted::of(&message)),
            Err(malformed) => malformed.to_string(),
        }
    }

    #[test]
    fn a_download_asks_for_invoices_or_dates_or_a_period() {
        let named = json!([{"invoice_type": "27", "invoice_no": "23442000000164214335"}]);
        for (invoices, parameters, expected) in [
            (json!([]), json!({}), "Period(None)"),
            (named.clone(), json!({"from": null, "to": ""}), "Named"),
            (json!([]), json!({"period": "202511"}), "Period(Some(202511))"),
            (
                json!([]),
                json!({"from": "2024-01-01", "to": "2024-12-31"}),
                "Dated { from: 2024-01-01, to: 2024-12-31 }",
            ),
            (
                json!([]),
                json!({"from": "2024-01-01", "to": "2025-01-01"}),
                "parameters.to: from 2024-01-01 to 2025-01-01 are 367 days; ask for at most 366 at once",
            ),
            (
                json!([]),
                json!({"from": "2025-01-02", "to": "2025-01-01"}),
                "parameters.to: 2025-01-01 is before from (2025-01-02)",
            ),
            (
                json!([]),
                json!({"from": "2025-01-02"}),
                "parameters.to: is missing: it is the last day after from",
            ),
            (
                json!([]),
                json!({"to": "2025-01-02"}),
                "parameters.from: is missing: it is the first day before to",
            ),
            (
                json!([]),
                json!({"from": "2.1.2025", "to": "2025-01-02"}),
                "parameters.from: \"2.1.2025\" is not a date, such as 2025-11-01",
            ),
            (json!([]), json!({"from": 20250102}), "parameters.from: is not a string"),
            (
                json!([]),
                json!({"period": "2025-11"}),
                "parameters.period: \"2025-11\" is not a tax period: six digits, year and month, \
                 such as 202511",
            ),
            (
                json!([]),
                json!({"period": "202511", "to": "2025-01-02"}),
                "parameters.period: stands beside from or to: ask for the one or the other",
            ),
            (
                named,
                json!({"period": "202511"}),
                "invoices: stand beside from, to or period: ask for the ones or the others",
            ),
        ] {
            assert_eq!(read(invoices, parameters.clone()), expected, "{parameters}");
        }
    }
}
