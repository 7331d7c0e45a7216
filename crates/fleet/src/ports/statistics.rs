//! The statistic-state cache: 30 minutes from asking, shared by all workers.

use async_trait::async_trait;
use domain::{period::TaxPeriod, statistic::StatisticReading, tax_no::TaxNo};
use std::fmt::Debug;

/// How long a reading is kept, from asking.
pub const KEPT_SECONDS: u64 = 1800;

/// The cache is away. The bureau is asked instead; a state is never assumed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the statistic cache is away: {0}")]
pub struct CacheAway(pub String);

/// Redis, or in process when embedded.
#[async_trait]
pub trait StatisticCache: Send + Sync + Debug {
    async fn get(
        &self,
        tax_no: &TaxNo,
        period: TaxPeriod,
    ) -> Result<Option<StatisticReading>, CacheAway>;

    /// Keeps the reading for [`KEPT_SECONDS`] unless one with a higher `order` stands there.
    async fn put(
        &self,
        tax_no: &TaxNo,
        period: TaxPeriod,
        reading: StatisticReading,
    ) -> Result<(), CacheAway>;
}
