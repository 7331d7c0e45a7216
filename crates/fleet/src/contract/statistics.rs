//! The statistic-state cache: half an hour from asking, and never an older reading over a newer.

use super::scene::{ALPHA, BETA, seconds, tax_no, well};
use crate::ports::statistics::{KEPT_SECONDS, StatisticCache};
use async_trait::async_trait;
use domain::{
    Moment,
    ids::Fence,
    period::TaxPeriod,
    statistic::{StatisticReading, StatisticState},
};
use std::sync::Arc;

/// An empty cache under test, and the clock that readings are asked by. Time need not pass: a
/// reading that was asked for long ago is as good.
#[async_trait]
pub trait StatisticBench: Send + Sync {
    fn cache(&self) -> Arc<dyn StatisticCache>;

    async fn now(&self) -> Moment;
}

fn period(text: &str) -> TaxPeriod {
    text.parse().expect("a period")
}

async fn put(bench: &dyn StatisticBench, state: StatisticState, age: u64, order: i64) {
    let asked_at = bench.now().await - seconds(age);
    let reading = StatisticReading { state, asked_at, order: Fence(order) };
    well(bench.cache().put(&tax_no(ALPHA), period("202511"), reading).await);
}

async fn state(bench: &dyn StatisticBench) -> Option<StatisticState> {
    let found = well(bench.cache().get(&tax_no(ALPHA), period("202511")).await);
    found.map(|reading| reading.state)
}

pub async fn a_reading_is_kept_as_it_was_put(bench: &dyn StatisticBench) {
    assert_eq!(state(bench).await, None);
    let asked_at = chrono::SubsecRound::trunc_subsecs(bench.now().await, 0);
    let reading = StatisticReading { state: StatisticState::Generated, asked_at, order: Fence(7) };
    let cache = bench.cache();
    well(cache.put(&tax_no(ALPHA), period("202511"), reading).await);
    assert_eq!(well(cache.get(&tax_no(ALPHA), period("202511")).await), Some(reading));
}

pub async fn every_tax_number_and_period_has_its_own(bench: &dyn StatisticBench) {
    put(bench, StatisticState::Generated, 0, 7).await;
    let cache = bench.cache();
    assert_eq!(well(cache.get(&tax_no(BETA), period("202511")).await), None);
    assert_eq!(well(cache.get(&tax_no(ALPHA), period("202512")).await), None);
}

pub async fn a_reading_is_kept_half_an_hour_from_asking(bench: &dyn StatisticBench) {
    put(bench, StatisticState::NotGenerated, KEPT_SECONDS - 60, 7).await;
    assert_eq!(state(bench).await, Some(StatisticState::NotGenerated));
    put(bench, StatisticState::NotGenerated, KEPT_SECONDS + 1, 8).await;
    assert_eq!(state(bench).await, None);
}

pub async fn an_older_reading_never_replaces_a_newer_one(bench: &dyn StatisticBench) {
    put(bench, StatisticState::Generated, 60, 7).await;
    put(bench, StatisticState::NotGenerated, 0, 6).await;
    assert_eq!(state(bench).await, Some(StatisticState::Generated));
    put(bench, StatisticState::Confirmed, 0, 7).await;
    assert_eq!(state(bench).await, Some(StatisticState::Confirmed));
    put(bench, StatisticState::NotGenerated, 0, 8).await;
    assert_eq!(state(bench).await, Some(StatisticState::NotGenerated));
}
