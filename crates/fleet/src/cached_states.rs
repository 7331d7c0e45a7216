//! Statistic states as the cache has them, for rule 2.6 and list rule 12.

use crate::ports::statistics::{CacheAway, StatisticCache};
use domain::{period::TaxPeriod, statistic::StatisticState, tax_no::TaxNo, taxpayer::Taxpayer};
use std::collections::BTreeMap;

/// What counts of the cached states of these taxpayers' periods. A cache that is away tells
/// nothing, which refuses nothing: the bureau is asked later.
pub(crate) async fn look_up<'a>(
    statistics: &dyn StatisticCache,
    wanted: impl Iterator<Item = (&'a Taxpayer, TaxPeriod)>,
) -> BTreeMap<TaxNo, StatisticState> {
    let looks = wanted.map(async |(payer, period)| {
        let reading = statistics.get(&payer.tax_no, period).await?;
        let counts = reading.filter(|reading| reading.order >= payer.statistic_order);
        Ok::<_, CacheAway>(counts.map(|reading| (payer.tax_no.clone(), reading.state)))
    });
    // At once: a cache on another machine answers all of them in one round trip's time.
    let mut states = BTreeMap::new();
    for looked in futures::future::join_all(looks).await {
        match looked {
            Ok(known) => states.extend(known),
            Err(error) => {
                tracing::warn!(%error, "judged without the statistic cache");
                return states;
            }
        }
    }
    states
}
