//! Who asks, what they may do, and the record of it.

mod asker;
mod gate;
mod narrow;
mod needs;
mod token;

pub(crate) use asker::Asker;
pub use gate::COMMAND_LINE;
pub(crate) use gate::{Entrance, gate};
pub(crate) use needs::of as need_of;
pub use needs::{NEEDS, Need};
pub(crate) use token::{fresh_token, hash_of};
