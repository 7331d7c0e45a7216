//! How often the bureau is in a mood.

/// How often the bureau is in a mood; once in so many requests, 0 never.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Habits {
    pub(crate) kick_out: u32,
    pub(crate) throttle: u32,
    pub(crate) refuse: u32,
    pub(crate) falter: u32,
    pub(crate) refuse_later: u32,
    /// The table no longer matches when it is to be confirmed (333).
    pub(crate) mismatch: u32,
    /// Never says what came of a submission.
    pub(crate) never_tell: u32,
    /// Cannot tell what came of a request that only its own memory could tell.
    pub(crate) forget: u32,
    /// Some invoices are in doubt (06) and their use must be read.
    pub(crate) doubt: u32,
    /// An invoice is refused while the others of its submission go on.
    pub(crate) partial: u32,
    /// Switches in a rolling hour; more throws the account out.
    pub(crate) switches_per_hour: usize,
    /// A raised fence keeps older calls out. A bureau that does not is a broken twin.
    pub(crate) fences: bool,
}

impl Habits {
    pub(crate) fn calm(self) -> Habits {
        let (kick_out, throttle, refuse, falter, refuse_later) = (0, 0, 0, 0, 0);
        let (mismatch, never_tell, forget, doubt, partial) = (0, 0, 0, 0, 0);
        Habits {
            kick_out,
            throttle,
            refuse,
            falter,
            refuse_later,
            mismatch,
            never_tell,
            forget,
            doubt,
            partial,
            ..self
        }
    }
}
