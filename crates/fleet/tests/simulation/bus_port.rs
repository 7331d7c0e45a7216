//! The bus and the statistic cache as one worker reaches them.

use crate::{
    life::{Life, Weight},
    sim::{Sim, Violation},
    twins::Twin,
};
use async_trait::async_trait;
use domain::{bureau::LaneKey, period::TaxPeriod, statistic::StatisticReading, tax_no::TaxNo};
use fleet::{
    memory::LocalBus,
    ports::{
        bus::{Bell, BusAway, Delivery, Inbox, Parcel, Post, Ring, Tag},
        statistics::{CacheAway, StatisticCache},
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

/// See the module.
#[derive(Debug)]
pub(crate) struct BusPort {
    sim: Arc<Sim>,
    life: Arc<Life>,
    /// Replaced when the channel breaks.
    end: Mutex<Arc<LocalBus>>,
    /// Delivered and not acknowledged.
    open: Mutex<BTreeMap<Tag, Arc<[u8]>>>,
    lanes: Mutex<BTreeSet<LaneKey>>,
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl BusPort {
    pub(crate) fn new(sim: Arc<Sim>, life: Arc<Life>) -> BusPort {
        let end = Mutex::new(Arc::new(sim.bus.another()));
        BusPort { sim, life, end, open: Mutex::default(), lanes: Mutex::default() }
    }

    fn end(&self) -> Arc<LocalBus> {
        lock(&self.end).clone()
    }

    /// The channel to the broker breaks: what is not acknowledged is delivered again.
    async fn break_channel(&self) {
        self.sim.strike("broken_channel", &self.life.name);
        self.life.trouble();
        let fresh = Arc::new(self.sim.bus.another());
        let lanes = lock(&self.lanes).clone();
        fresh.consume(&lanes).await;
        lock(&self.open).clear();
        *lock(&self.end) = fresh;
    }

    /// What is acknowledged stands in the log, or among the rejected.
    fn check_acknowledged(&self, up_to: Tag) {
        let mut open = lock(&self.open);
        let tags: Vec<Tag> = open.range(..=up_to).map(|(tag, _)| *tag).collect();
        for tag in tags.into_iter().filter(|tag| tag.channel == up_to.channel) {
            let Some(body) = open.remove(&tag) else { continue };
            if !crate::watch::is_logged(&self.sim, &body) {
                let text = String::from_utf8_lossy(&body).into_owned();
                let what = format!("acknowledged and not logged: {text}");
                self.sim.violated(Violation { checker: "I5", what });
            }
        }
    }
}

#[async_trait]
impl Inbox for BusPort {
    async fn consume(&self, lanes: &BTreeSet<LaneKey>) {
        self.life.gate().await;
        lock(&self.lanes).clone_from(lanes);
        self.end().consume(lanes).await;
    }

    async fn receive(&self, limit: usize) -> Vec<Delivery> {
        loop {
            self.life.gate().await;
            let end = self.end();
            // A channel that broke meanwhile wakes nobody: look again now and then.
            let wait = tokio::time::Duration::from_millis(500);
            let Ok(deliveries) = tokio::time::timeout(wait, end.receive(limit)).await else {
                continue;
            };
            lock(&self.open).extend(deliveries.iter().map(|one| (one.tag, one.body.clone())));
            let last = deliveries.last().map(|delivery| delivery.tag);
            self.sim.step(format_args!("{} received {}", self.life.name, deliveries.len()));
            if self.sim.twin == Some(Twin::AcknowledgedBeforeLogged)
                && let Some(last) = last
            {
                self.end().acknowledge(last).await;
                self.check_acknowledged(last);
            }
            return deliveries;
        }
    }

    async fn recover(&self) {
        self.life.gate().await;
        if self.sim.twin != Some(Twin::NotRecovered) {
            self.end().recover().await;
        }
    }

    async fn drained(&self) {
        self.end().drained().await;
    }

    async fn acknowledge(&self, up_to: Tag) {
        self.life.travel(&self.sim, Weight::Loud, "acknowledge").await;
        if self.sim.dice.once_in(self.sim.rates().broken_channel) {
            self.break_channel().await;
        }
        self.end().acknowledge(up_to).await;
        self.check_acknowledged(up_to);
        self.sim.step(format_args!("{} acknowledged {}", self.life.name, up_to.delivery));
    }

    async fn declare(&self, lanes: &[LaneKey]) -> Result<(), BusAway> {
        self.life.gate().await;
        self.end().declare(lanes).await
    }
}

#[async_trait]
impl Post for BusPort {
    async fn send(&self, parcels: Vec<Parcel>) -> Vec<Result<(), BusAway>> {
        let count = parcels.len();
        let away = || vec![Err(BusAway("no confirm".into())); count];
        let end = self.end();
        let effect = end.send(parcels);
        let said = |_: &_| Some(format!("{count} parcels"));
        let sent = self.life.pass(&self.sim, "send", Weight::Loud, effect, said).await;
        sent.unwrap_or_else(away)
    }
}

impl BusPort {
    fn carries_hint(&self) -> bool {
        let lost = self.sim.dice.once_in(self.sim.rates().lost_hint)
            || self.sim.twin == Some(Twin::HintsReliedUpon);
        if lost {
            self.sim.history().count("lost_hint");
        }
        !lost && !self.life.is_dead()
    }
}

#[async_trait]
impl Bell for BusPort {
    fn ring(&self, ring: Ring) {
        if self.carries_hint() {
            self.end().ring(ring);
        }
    }

    fn ring_others(&self, ring: Ring) {
        if self.carries_hint() {
            self.end().ring_others(ring);
        }
    }

    async fn heard(&self) -> Ring {
        self.life.gate().await;
        let end = self.end();
        let ring = end.heard().await;
        self.life.gate().await;
        ring
    }
}

/// The cache, which may be away.
#[derive(Debug)]
pub(crate) struct CachePort {
    pub(crate) sim: Arc<Sim>,
    pub(crate) life: Arc<Life>,
}

impl CachePort {
    async fn reach(&self) -> Result<(), CacheAway> {
        self.life.travel(&self.sim, Weight::Quiet, "cache").await;
        let away = self.sim.outage().cache;
        if away.is_some_and(|until| until > tokio::time::Instant::now()) {
            self.sim.history().count("cache_away");
            return Err(CacheAway("connection refused".into()));
        }
        Ok(())
    }
}

#[async_trait]
impl StatisticCache for CachePort {
    async fn get(
        &self,
        tax_no: &TaxNo,
        period: TaxPeriod,
    ) -> Result<Option<StatisticReading>, CacheAway> {
        self.reach().await?;
        self.sim.statistics.get(tax_no, period).await
    }

    async fn put(
        &self,
        tax_no: &TaxNo,
        period: TaxPeriod,
        reading: StatisticReading,
    ) -> Result<(), CacheAway> {
        self.reach().await?;
        self.sim.statistics.put(tax_no, period, reading).await
    }
}
