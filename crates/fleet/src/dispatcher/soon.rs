//! Heads that are looked at again within milliseconds: a task of their tax number was being
//! logged when they were to be claimed.
//!
//! Whoever logs it rings the bell of that task's lane only, so nobody else says when it is over.

use domain::ids::{LaneId, TaxId};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::time::Instant;

/// Before the first look: about as long as an append takes.
const LEAST: Duration = Duration::from_millis(4);
/// Between looks at the longest, for an append that hangs.
const MOST: Duration = Duration::from_millis(250);
/// For so long the account is not switched away from a tax number: its task will go on at once.
const STAY: Duration = Duration::from_millis(50);
/// No append takes so long; what is older is forgotten.
const FORGET: Duration = Duration::from_secs(60);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Soon {
    /// Since when a head has been refused.
    since: BTreeMap<(LaneId, TaxId), Instant>,
    looks: BTreeSet<(Instant, LaneId, TaxId)>,
}

impl Soon {
    /// A claim was refused. The longer it lasts, the later the next look. True: it is not worth
    /// a switch to another tax number yet.
    pub(super) fn refused(&mut self, lane: LaneId, tax: TaxId, now: Instant) -> bool {
        let since = *self.since.entry((lane, tax)).or_insert(now);
        let lasted = now.saturating_duration_since(since);
        self.looks.insert((now + (lasted / 2).clamp(LEAST, MOST), lane, tax));
        lasted < STAY
    }

    /// A claim said something else.
    pub(super) fn over(&mut self, lane: LaneId, tax: TaxId) {
        self.since.remove(&(lane, tax));
    }

    /// Completes when something is due; never when nothing is to be looked at.
    pub(super) fn until_due(&self) -> impl Future<Output = ()> + use<> {
        let next = self.looks.first().map(|(at, ..)| *at);
        async move {
            match next {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        }
    }

    /// What is to be looked at now.
    pub(super) fn due(&mut self, now: Instant) -> BTreeSet<(LaneId, TaxId)> {
        let mut due = BTreeSet::new();
        while let Some((_, lane, tax)) = self.looks.first().filter(|(at, ..)| *at <= now).copied() {
            self.looks.pop_first();
            due.insert((lane, tax));
        }
        self.since.retain(|_, since| now.saturating_duration_since(*since) < FORGET);
        due
    }
}

#[cfg(test)]
mod tests {
    use super::{FORGET, LEAST, MOST, STAY, Soon};
    use domain::ids::{LaneId, TaxId};
    use std::time::Duration;
    use tokio::time::Instant;

    const HEAD: (LaneId, TaxId) = (LaneId(1), TaxId(2));

    #[tokio::test(start_paused = true)]
    async fn what_is_being_logged_is_looked_at_again_less_and_less_often() {
        let mut soon = Soon::default();
        let began = Instant::now();
        let mut looks = Vec::new();
        while began.elapsed() < Duration::from_secs(5) {
            let stays = soon.refused(HEAD.0, HEAD.1, Instant::now());
            assert_eq!(stays, began.elapsed() < STAY);
            assert!(soon.due(Instant::now()).is_empty(), "it does not spin");
            let refused = Instant::now();
            soon.until_due().await;
            assert_eq!(soon.due(Instant::now()).into_iter().collect::<Vec<_>>(), [HEAD]);
            looks.push(refused.elapsed());
        }
        assert!(looks.is_sorted() && looks[0] >= LEAST, "{looks:?}");
        assert!(looks.last().is_some_and(|last| *last >= MOST) && looks.len() < 40, "{looks:?}");
        soon.over(HEAD.0, HEAD.1);
        assert!(soon.refused(HEAD.0, HEAD.1, Instant::now()), "another append, another count");
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_claims_any_more_is_forgotten() {
        let mut soon = Soon::default();
        soon.refused(HEAD.0, HEAD.1, Instant::now());
        tokio::time::advance(FORGET).await;
        assert_eq!(soon.due(Instant::now()).len(), 1);
        assert!(soon.since.is_empty() && soon.looks.is_empty());
    }
}
