//! The statistic-state cache in Redis, shared by all workers.
//!
//! Key `gouxuan:statistics:<tax_no>:<period>`, value `{"state", "asked_at", "order"}`, gone 30
//! minutes after asking.

use async_trait::async_trait;
use domain::{period::TaxPeriod, statistic::StatisticReading, tax_no::TaxNo};
use fleet::ports::statistics::{CacheAway, KEPT_SECONDS, StatisticCache};
use redis::{
    Client, Cmd, FromRedisValue, RedisError, Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use std::{fmt, time::Duration};

/// How long a command may take: beyond that the bureau is asked instead.
const ANSWER: Duration = Duration::from_millis(500);

/// Readings in Redis 6.2 or newer.
#[derive(Clone)]
pub struct RedisStatistics {
    connection: ConnectionManager,
    put: Script,
}

impl fmt::Debug for RedisStatistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStatistics").finish_non_exhaustive()
    }
}

fn away(error: RedisError) -> CacheAway {
    CacheAway(error.to_string())
}

fn key(tax_no: &TaxNo, period: TaxPeriod) -> String {
    format!("gouxuan:statistics:{tax_no}:{period}")
}

impl RedisStatistics {
    /// Connects when it is first used: Redis may be away while a worker starts. `url` is
    /// `redis://:password@host:port/number`, or `rediss://` with TLS.
    ///
    /// # Errors
    /// The URL cannot be read.
    pub fn new(url: &str) -> Result<RedisStatistics, CacheAway> {
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(ANSWER))
            .set_connection_timeout(Some(ANSWER))
            .set_number_of_retries(1);
        let client = Client::open(url).map_err(away)?;
        let connection = ConnectionManager::new_lazy_with_config(client, config).map_err(away)?;
        Ok(RedisStatistics { connection, put: Script::new(include_str!("../sql/redis/put.lua")) })
    }

    /// Asks once more when the connection turns out to be lost: the first command after that
    /// only finds it out.
    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, CacheAway> {
        let mut connection = self.connection.clone();
        match command.query_async(&mut connection).await {
            Err(error) if lost(&error) => command.query_async(&mut connection).await.map_err(away),
            answer => answer.map_err(away),
        }
    }
}

fn lost(error: &RedisError) -> bool {
    error.is_connection_dropped() || (error.is_io_error() && !error.is_timeout())
}

#[async_trait]
impl StatisticCache for RedisStatistics {
    async fn get(
        &self,
        tax_no: &TaxNo,
        period: TaxPeriod,
    ) -> Result<Option<StatisticReading>, CacheAway> {
        let kept: Option<String> = self.ask(&Cmd::get(key(tax_no, period))).await?;
        let Some(kept) = kept else { return Ok(None) };
        match serde_json::from_str(&kept) {
            Ok(reading) => Ok(Some(reading)),
            Err(error) => {
                // A state is never assumed: the bureau is asked.
                tracing::warn!(%error, "a cached statistic state cannot be read");
                Ok(None)
            }
        }
    }

    async fn put(
        &self,
        tax_no: &TaxNo,
        period: TaxPeriod,
        reading: StatisticReading,
    ) -> Result<(), CacheAway> {
        let value =
            serde_json::to_string(&reading).map_err(|error| CacheAway(error.to_string()))?;
        let over = reading.asked_at + Duration::from_secs(KEPT_SECONDS);
        let mut call = self.put.key(key(tax_no, period));
        call.arg(value).arg(reading.order.0).arg(over.timestamp_millis());
        let mut connection = self.connection.clone();
        let kept: Result<i64, RedisError> = match call.invoke_async(&mut connection).await {
            Err(error) if lost(&error) => call.invoke_async(&mut connection).await,
            answer => answer,
        };
        kept.map(|_| ()).map_err(away)
    }
}
