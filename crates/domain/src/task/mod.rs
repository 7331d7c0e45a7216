//! Tasks: the message that asks for one, and the states it goes through.

mod child;
mod message;
mod state;
mod wire;

pub use child::{PARENT, use_query};
pub use message::{Malformed, TaskMessage};
pub use state::{Event, Illegal, ShownState, State, StateName};

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

/// A step of a task that acts at the bureau. Each is submitted at most once with effect.
#[derive(
    Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// What the task is for.
    Submit,
    /// Withdrawing the confirmation, before a confirmed table can be withdrawn.
    WithdrawConfirmation,
    /// Withdrawing a table that no longer matches (333), before it is made again.
    WithdrawTable,
    /// Making the table again after [`Act::WithdrawTable`].
    RecreateTable,
}

impl Act {
    pub const ALL: [Act; 4] =
        [Act::Submit, Act::WithdrawConfirmation, Act::WithdrawTable, Act::RecreateTable];

    pub const fn name(self) -> &'static str {
        match self {
            Act::Submit => "submit",
            Act::WithdrawConfirmation => "withdraw_confirmation",
            Act::WithdrawTable => "withdraw_table",
            Act::RecreateTable => "recreate_table",
        }
    }

    pub fn from_name(name: &str) -> Option<Act> {
        Act::ALL.into_iter().find(|act| act.name() == name)
    }
}

/// SHA-256 of a message's body: tells a repetition from another task under the same id.
pub fn body_hash(body: &[u8]) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    Sha256::digest(body).into()
}
