//! The statistic-state cache in process.

use crate::ports::{
    clock::Clock,
    statistics::{CacheAway, KEPT_SECONDS, StatisticCache},
};
use async_trait::async_trait;
use domain::{period::TaxPeriod, statistic::StatisticReading, tax_no::TaxNo};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Readings of one process, each for 30 minutes from asking.
#[derive(Debug)]
pub struct MemoryStatistics {
    clock: Arc<dyn Clock>,
    readings: Mutex<BTreeMap<(TaxNo, TaxPeriod), StatisticReading>>,
}

impl MemoryStatistics {
    pub fn new(clock: Arc<dyn Clock>) -> MemoryStatistics {
        MemoryStatistics { clock, readings: Mutex::default() }
    }

    fn over(&self, reading: &StatisticReading) -> bool {
        reading.asked_at + Duration::from_secs(KEPT_SECONDS) <= self.clock.now()
    }
}

#[async_trait]
impl StatisticCache for MemoryStatistics {
    async fn get(
        &self,
        tax_no: &TaxNo,
        period: TaxPeriod,
    ) -> Result<Option<StatisticReading>, CacheAway> {
        let readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        let reading = readings.get(&(tax_no.clone(), period)).copied();
        Ok(reading.filter(|reading| !self.over(reading)))
    }

    async fn put(
        &self,
        tax_no: &TaxNo,
        period: TaxPeriod,
        reading: StatisticReading,
    ) -> Result<(), CacheAway> {
        let mut readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (tax_no.clone(), period);
        let newer = readings.get(&key).filter(|kept| !self.over(kept));
        if newer.is_none_or(|kept| kept.order <= reading.order) {
            readings.insert(key, reading);
        }
        readings.retain(|_, kept| !self.over(kept));
        Ok(())
    }
}
