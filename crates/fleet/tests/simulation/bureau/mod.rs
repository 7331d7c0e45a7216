//! What a bureau would do, and a referee that counts what it saw.
//!
//! One synchronous model for both channels: each method is one request's effect, at the moment
//! at which it arrives. Loss, lateness and crashes belong to the wire, not to the bureau.
//! Nothing is deduplicated by request id: a second submission takes effect again, and the
//! referee counts it.

mod books;
mod habits;
mod model;
mod referee;
mod session;
mod uses;

pub(crate) use habits::Habits;
pub(crate) use model::Bureau;
