//! The channels to the tax bureaus: 电子税局 through robots, 乐企 directly.
//!
//! [`wire`] holds the words of both protocols, as sent; it knows nothing of the fleet, so that
//! the simulator speaks the same words. [`reading`] says what an answer means: pure functions,
//! one set per channel, the only home of that decision. [`client`] carries requests.

pub mod client;
pub mod reading;
pub mod wire;
