//! A filter of the task log as statement arguments.

use domain::{kind::Kind, task::ShownState};
use fleet::ports::archive::TaskFilter;
use sqlx::{Postgres, postgres::PgArguments, query::Query};

/// Binds $1 to $11: every field that is set must match, NULL lets everything pass.
pub(super) fn bind(
    query: Query<'static, Postgres, PgArguments>,
    filter: &TaskFilter,
) -> Query<'static, Postgres, PgArguments> {
    fn some<T>(names: Vec<T>) -> Option<Vec<T>> {
        (!names.is_empty()).then_some(names)
    }
    query
        .bind(some(filter.states.iter().map(|state| state.name()).collect()))
        .bind(some(filter.shown.iter().copied().map(ShownState::label).collect()))
        .bind(some(filter.kinds.iter().copied().map(Kind::name).collect()))
        .bind(filter.tax_no.as_ref().map(ToString::to_string))
        .bind(filter.bureau.map(|bureau| bureau.to_string()))
        .bind(filter.account.as_ref().map(ToString::to_string))
        .bind(filter.batch_id.clone())
        .bind(filter.enqueued_from)
        .bind(filter.enqueued_to)
        .bind(filter.within.as_ref().map(|within| within.organisations.clone()))
        .bind(filter.within.as_ref().map(|within| within.user.clone()))
}
