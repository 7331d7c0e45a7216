//! What the cells of a column show.

use crate::Value;
use domain::money::Fen;
use std::borrow::Cow;

/// What one cell shows.
#[derive(Clone, PartialEq, Debug)]
pub enum Cell<'a> {
    Text(Cow<'a, str>),
    Value(Value<'a>),
}

impl Cell<'_> {
    pub(crate) fn value(&self) -> Value<'_> {
        match self {
            Cell::Text(text) => Value::Text(text),
            Cell::Value(value) => *value,
        }
    }
}

pub fn text(text: &str) -> Cell<'_> {
    Cell::Text(Cow::Borrowed(text))
}

pub fn shown(value: &impl ToString) -> Cell<'static> {
    Cell::Text(Cow::Owned(value.to_string()))
}

/// Empty without a value.
pub fn optional(value: Option<&impl ToString>) -> Cell<'static> {
    value.map_or(Cell::Value(Value::Empty), shown)
}

pub fn money(amount: Fen) -> Cell<'static> {
    Cell::Value(Value::Money(amount))
}

/// Empty without a value.
pub fn value<V>(value: Option<V>, cell: fn(V) -> Value<'static>) -> Cell<'static> {
    Cell::Value(value.map_or(Value::Empty, cell))
}

pub fn yes(truth: bool) -> Cell<'static> {
    text(if truth { "是" } else { "否" })
}
