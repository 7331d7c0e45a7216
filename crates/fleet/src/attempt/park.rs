//! Waiting for a login, and until when.

use super::{Attempt, End, Step};
use crate::ports::{StoreError, log::Verdict};
use domain::{
    calendar::{FilingDay, deadline},
    period::TaxPeriod,
    taxpayer::Session,
};
use std::time::Duration;

/// Between questions to a store that is away.
const STORE_AWAY: Duration = Duration::from_secs(1);

impl Attempt<'_> {
    /// The session was lost: a login is waited for until the period is filed. Without a period it is
    /// that of the month.
    pub(super) async fn park(&self, session: Session, needs_person: bool, reason: String) -> End {
        let now = self.context.ports.clock.now();
        let period = self.order.period.unwrap_or_else(|| TaxPeriod::containing(now));
        let set = match self.filing_days(period).await {
            Ok(set) => set,
            Err(end) => return end,
        };
        let last_day = deadline(&set, self.work.lane_key.bureau, period).day;
        let until = self.context.settings.limits.parked_until(now, last_day);
        Verdict::Park { epoch: session.epoch, needs_person, sent: self.sent, until, reason }.into()
    }

    /// Asked for by those who park alone. While the store is away nothing is concluded: put off, the
    /// task would try the login again, and an account bears few of them.
    async fn filing_days(&self, period: TaxPeriod) -> Step<Vec<FilingDay>> {
        loop {
            match self.context.ports.store.filing_days(Some(&[period])).await {
                Err(StoreError::Away(_)) if self.pause(STORE_AWAY).await? => {}
                found => {
                    let set = self.store(found)?;
                    return Ok(set.into_iter().map(|set| set.day).collect());
                }
            }
        }
    }
}
