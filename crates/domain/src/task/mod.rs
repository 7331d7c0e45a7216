//! Tasks: the message that asks for one, and the states it goes through.

mod act;
mod child;
mod download;
mod message;
mod state;
mod wire;

pub use act::{Act, ActSaid, due};
pub use child::{PARENT, use_query};
pub use download::{MOST_DAYS, Wanted};
pub use message::{Malformed, TaskMessage};
pub use state::{Event, Illegal, ShownState, State, StateName};
pub(crate) use wire::code_or_number;

/// Limits of one task message; more is rejected with a reason that names the field.
pub mod limits {
    /// Invoices in one message; splitting more is the batch's work.
    pub const INVOICES: usize = 500;
    /// Bytes of a message body.
    pub const BODY_BYTES: usize = 1 << 20;
    /// Characters of `batch_id` and `submitted_by`.
    pub const NAME_CHARS: usize = 128;
    /// Characters of an invoice's code or number (乐企's `fphm` has room for as many).
    pub const CODE_CHARS: usize = 20;
    /// Characters of a customs payment book's number.
    pub const BOOK_NUMBER_CHARS: usize = 32;
    /// Characters of `non_deduction_text` (乐企's `bdkyy` has room for as many).
    pub const REASON_CHARS: usize = 300;
}

/// SHA-256 of a message's body: tells a repetition from another task under the same id.
pub fn body_hash(body: &[u8]) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    Sha256::digest(body).into()
}
