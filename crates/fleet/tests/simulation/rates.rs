//! How often what strikes: once in so many port calls, 0 never.

/// Once in so many calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rates {
    /// The worker dies before the call has its effect.
    pub(crate) crash_before: u32,
    /// The worker dies after it.
    pub(crate) crash_after: u32,
    /// The call does not reach the port.
    pub(crate) lost_request: u32,
    /// The effect happened, its answer never comes.
    pub(crate) lost_answer: u32,
    /// The worker stands still for longer than a lease, in the middle of this call.
    pub(crate) stall: u32,
    /// The call takes long.
    pub(crate) slow: u32,
    /// The bureau gets the request long after we gave it up.
    pub(crate) late_arrival: u32,
    /// Accepted, but the answer is lost and the effect comes late.
    pub(crate) late_effect: u32,
    /// A hint between workers is lost.
    pub(crate) lost_hint: u32,
    /// The channel to the broker breaks before an acknowledgement gets through.
    pub(crate) broken_channel: u32,
    /// Looks that find nothing are struck this much less often.
    pub(crate) quiet_factor: u32,
}

impl Rates {
    pub(crate) const NONE: Rates = Rates {
        crash_before: 0,
        crash_after: 0,
        lost_request: 0,
        lost_answer: 0,
        stall: 0,
        slow: 0,
        late_arrival: 0,
        late_effect: 0,
        lost_hint: 0,
        broken_channel: 0,
        quiet_factor: 1,
    };

    pub(crate) const STORMY: Rates = Rates {
        crash_before: 700,
        crash_after: 700,
        lost_request: 150,
        lost_answer: 150,
        stall: 1500,
        slow: 40,
        late_arrival: 40,
        late_effect: 40,
        lost_hint: 8,
        broken_channel: 60,
        quiet_factor: 40,
    };
}
