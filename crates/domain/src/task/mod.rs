//! Tasks: the message that asks for one, and the states it goes through.

mod message;
mod state;

pub use message::TaskMessage;
pub use state::{Event, Illegal, ShownState, State, StateName};

/// Limits of one task message; more is rejected with a reason that names the field.
pub mod limits {
    /// Invoices in one message; splitting more is the batch's work.
    pub const INVOICES: usize = 500;
    /// Bytes of a message body.
    pub const BODY_BYTES: usize = 1 << 20;
    /// Characters of `batch_id` and `submitted_by`.
    pub const NAME_CHARS: usize = 128;
}
