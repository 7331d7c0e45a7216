//! Stored text ↔ domain types.

use domain::{
    Moment,
    bureau::{Account, BureauCode, LaneKey},
    ids::{LaneId, TaskId},
    kind::{Action, Kind},
    period::TaxPeriod,
    schedule::PauseNote,
};
use fleet::ports::{StoreError, archive::Occupied};
use serde::{
    Serialize,
    de::{
        DeserializeOwned, IntoDeserializer,
        value::{Error, StrDeserializer},
    },
};
use uuid::Uuid;

/// Reads a name or number that a table holds as text, by the type's own serde form.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    let deserializer: StrDeserializer<'_, Error> = text.into_deserializer();
    T::deserialize(deserializer)
        .map_err(|error| StoreError::Broken(format!("a stored text cannot be read: {error}")))
}

pub(crate) fn read_optional<T: DeserializeOwned>(
    text: Option<&str>,
) -> Result<Option<T>, StoreError> {
    text.map(read).transpose()
}

/// The name under which a value without data is stored.
pub(crate) fn name<T: Serialize>(value: T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        other => unreachable!("only values that are one word are stored by name: {other:?}"),
    }
}

pub(crate) fn bureau(number: i32) -> Result<BureauCode, StoreError> {
    let code = u32::try_from(number).ok().and_then(BureauCode::of_region);
    code.ok_or_else(|| StoreError::Broken(format!("{number} is not a bureau")))
}

pub(crate) fn bureau_number(code: BureauCode) -> i32 {
    i32::try_from(code.number()).expect("a bureau has six digits")
}

pub(crate) fn lane_key(bureau_number: i32, account: &str) -> Result<LaneKey, StoreError> {
    let account: Account = read(account)?;
    Ok(LaneKey { bureau: bureau(bureau_number)?, account })
}

/// A pause stands when its three columns do.
pub(crate) fn pause_note(
    by: Option<String>,
    reason: Option<String>,
    since: Option<Moment>,
) -> Option<PauseNote> {
    Some(PauseNote { by: by?, reason: reason?, since: since? })
}

pub(crate) fn period(number: i32) -> Result<TaxPeriod, StoreError> {
    let broken = || StoreError::Broken(format!("{number} is not a tax period"));
    TaxPeriod::from_number(number).ok_or_else(broken)
}

/// Rows of one lane stand beside each other.
pub(crate) fn occupied(
    rows: Vec<(i32, Option<String>, Option<Uuid>)>,
) -> Result<Vec<Occupied>, StoreError> {
    let mut lanes: Vec<Occupied> = Vec::new();
    for (lane, tax_no, task) in rows {
        if lanes.last().is_none_or(|last| last.lane.0 != lane) {
            let current = read_optional(tax_no.as_deref())?;
            lanes.push(Occupied { lane: LaneId(lane), current, running: Vec::new() });
        }
        if let Some(last) = lanes.last_mut() {
            last.running.extend(task.map(TaskId));
        }
    }
    Ok(lanes)
}

/// `action` of a ledger line: what was done to the invoice.
pub(crate) fn action_name(kind: Kind) -> &'static str {
    match kind.action() {
        Some(Action::Select) => "select",
        Some(Action::Deselect) => "deselect",
        None => kind.name(),
    }
}

/// Counts come from the database as `bigint` or `int`, never negative.
pub(crate) fn count<N: TryInto<T>, T: Default>(number: N) -> T {
    number.try_into().unwrap_or_default()
}
