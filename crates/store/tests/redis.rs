//! The statistic-state cache on a real Redis.

use domain::{
    Moment,
    ids::Fence,
    period::TaxPeriod,
    statistic::{StatisticReading, StatisticState},
    tax_no::TaxNo,
};
use fleet::ports::statistics::StatisticCache;
use rig::Redis;
use store::redis_cache::RedisStatistics;

/// By the server's own clock, in milliseconds as it keeps them.
async fn now(url: &str) -> Moment {
    let client = redis::Client::open(url).expect("the address is well formed");
    let mut raw = client.get_multiplexed_async_connection().await.expect("Redis answers");
    let (seconds, micros): (i64, i64) =
        redis::cmd("TIME").query_async(&mut raw).await.expect("Redis answers");
    let ms = seconds * 1000 + micros / 1000;
    Moment::from_timestamp_millis(ms).expect("a moment of our time")
}

fn reading(asked_at: Moment, state: StatisticState, order: i64) -> StatisticReading {
    StatisticReading { state, asked_at, order: Fence(order) }
}

fn subject() -> (TaxNo, TaxPeriod) {
    let tax_no = "91440300MA5G9GK78Y".parse().expect("a tax number");
    (tax_no, "202511".parse().expect("a period"))
}

#[tokio::test]
async fn an_older_reading_never_replaces_a_newer_one() {
    let server = Redis::shared().await.expect("Redis can be started");
    let database = server.database().await.expect("a database can be had");
    let cache = RedisStatistics::new(database.url()).expect("the address is well formed");
    let (tax_no, period) = subject();
    let at = now(database.url()).await;
    assert_eq!(cache.get(&tax_no, period).await, Ok(None));
    let newer = reading(at, StatisticState::Generated, 7);
    cache.put(&tax_no, period, newer).await.expect("Redis answers");
    let older = reading(at, StatisticState::NotGenerated, 6);
    cache.put(&tax_no, period, older).await.expect("Redis answers");
    assert_eq!(cache.get(&tax_no, period).await, Ok(Some(newer)));
    let same = reading(at, StatisticState::Confirmed, 7);
    cache.put(&tax_no, period, same).await.expect("Redis answers");
    assert_eq!(cache.get(&tax_no, period).await, Ok(Some(same)));
}

#[tokio::test]
async fn a_reading_is_kept_for_thirty_minutes_from_asking() {
    let server = Redis::shared().await.expect("Redis can be started");
    let database = server.database().await.expect("a database can be had");
    let cache = RedisStatistics::new(database.url()).expect("the address is well formed");
    let client = redis::Client::open(database.url()).expect("the address is well formed");
    let mut raw = client.get_multiplexed_async_connection().await.expect("Redis answers");
    let (tax_no, period) = subject();
    let asked_at = now(database.url()).await - chrono::Duration::seconds(600);
    let kept = reading(asked_at, StatisticState::Generating, 1);
    cache.put(&tax_no, period, kept).await.expect("Redis answers");
    let key = "gouxuan:statistics:91440300MA5G9GK78Y:202511";
    let over: i64 =
        redis::cmd("PEXPIRETIME").arg(key).query_async(&mut raw).await.expect("Redis answers");
    assert_eq!(over, asked_at.timestamp_millis() + 1_800_000);
    let foreign = r#"{"state":"confirmed","asked_at":"2025-11-30T08:00:00Z"}"#;
    let _: () =
        redis::cmd("SET").arg(key).arg(foreign).query_async(&mut raw).await.expect("Redis answers");
    let read = cache.get(&tax_no, period).await.expect("Redis answers").expect("it is there");
    assert_eq!((read.state, read.order), (StatisticState::Confirmed, Fence(0)));
}

#[tokio::test]
async fn a_lost_connection_is_found_out_and_made_again() {
    let mut server = Redis::private().await.expect("Redis can be started");
    let cache = RedisStatistics::new(server.url()).expect("the address is well formed");
    let (tax_no, period) = subject();
    let kept = reading(now(server.url()).await, StatisticState::Generated, 1);
    cache.put(&tax_no, period, kept).await.expect("Redis answers");
    server.kill().await.expect("it can be killed");
    cache.get(&tax_no, period).await.expect_err("Redis is away");
    server.restart().await.expect("it starts again");
    while cache.get(&tax_no, period).await.is_err() {
        tokio::task::yield_now().await;
    }
    cache.put(&tax_no, period, kept).await.expect("Redis answers again");
}
