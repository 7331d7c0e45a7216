//! What an answer of a bureau means: pure functions, one set per channel.
//!
//! The specification is the table "What to do with an answer"; each of its rows is a file in
//! `tests/golden`. Nothing here panics, whatever the bytes.

mod codes;
pub mod etax;
pub mod leqi;
mod lines;
mod told;

pub use lines::Asked;

use chrono::TimeDelta;
use domain::{Moment, answer::Answer};

/// What came of one HTTP request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Exchange {
    /// An answer arrived whole.
    Answered { status: u16, body: Vec<u8> },
    /// None did.
    Failed(Transport),
}

/// Why no answer arrived.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Transport {
    /// No byte of the request can have been sent.
    NeverSent,
    /// The time limit ran out after bytes may have been sent.
    TimedOut,
    /// The connection ended after bytes may have been sent.
    Cut,
    /// The answer was longer than our limit.
    TooLong,
}

/// What a repetition of the call would mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nature {
    /// It changes something at the bureau: a lost answer leaves the outcome unclear.
    Acts,
    /// It only reads, or repeating it changes nothing more (log in, switch to the number that
    /// the account is on already).
    Reads,
}

/// How long to leave a tax number alone when the bureau does not say (15 to 30 min are usual).
pub const THROTTLE_PAUSE: TimeDelta = TimeDelta::minutes(20);

/// The bureau's protection speaks in this sentence, whatever the code around it.
pub const PROTECTION: &str = "云安全平台检测到";

/// Layer one: no answer, or one that nobody can read.
fn lost(nature: Nature, sentence: String) -> Answer {
    match nature {
        Nature::Acts => Answer::Unclear { sentence },
        Nature::Reads => Answer::Faltered { sentence },
    }
}

fn never_arrived(transport: Transport, nature: Nature) -> Answer {
    match transport {
        Transport::NeverSent => Answer::Faltered {
            sentence: "未能连接税局通道，任务未发送。".to_owned(),
        },
        Transport::TimedOut => lost(nature, "税局通道应答超时。".to_owned()),
        Transport::Cut => lost(nature, "与税局通道的连接中断，未收到应答。".to_owned()),
        Transport::TooLong => lost(nature, "税局通道的应答超过长度限制，无法读取。".to_owned()),
    }
}

fn unreadable(status: u16, nature: Nature) -> Answer {
    lost(nature, format!("税局通道的应答无法识别（HTTP {status}）。"))
}

/// When a pause of the default length that begins now is over.
fn pause_from(now: Moment) -> Moment {
    now.checked_add_signed(THROTTLE_PAUSE).unwrap_or(now)
}

/// The bureau's own words, or ours where it has none; cut at a length that a row can hold.
fn sentence_or(own: &str, ours: &str) -> String {
    let text = if own.trim().is_empty() { ours } else { own.trim() };
    text.chars().take(SENTENCE_CHARS).collect()
}

/// Characters of a bureau's sentence that are kept.
pub const SENTENCE_CHARS: usize = 500;
