//! What a tax bureau would do: a real HTTP server with state, slowness and faults, and a referee.
//!
//! Both channels are served on one address: the robot protocol of `docs/bureau/robot-protocol.md`
//! and 乐企's services. The world file is its truth at the start; the same seed and the same
//! requests give the same answers. Beside them: `GET /referee`, `GET /referee/log`,
//! `GET /invoices`, `POST /control`.

mod channels;
mod clock;
mod control;
mod cut;
mod desk;
mod dice;
mod layout;
mod referee;
mod server;
mod state;
mod truth;

pub use clock::{Clock, SystemClock};
pub use control::ControlError;
pub use referee::{Entry, Referee};
pub use server::{Options, Simulator, serve};
pub use truth::TrueInvoice;

/// What the simulator keeps at most.
pub mod limits {
    /// Lines of the referee's log; the oldest are dropped and counted.
    pub const LOG_LINES: usize = 250_000;
    /// Submissions that are remembered; the oldest finished ones are forgotten.
    pub const SUBMISSIONS: usize = 500_000;
    /// Requests whose repetitions are told apart; beyond it counting begins anew.
    pub const REPETITIONS: usize = 1_000_000;
    /// Bytes of a request's body.
    pub const BODY_BYTES: usize = 4 << 20;
}
