//! PostgreSQL as tests get it.

use rig::{Error, Postgres};
use tokio::net::TcpStream;

fn address(url: &str) -> &str {
    let (_, rest) = url.split_once('@').expect("a password stands in the address");
    rest.split_once('/').expect("a database stands in the address").0
}

#[tokio::test]
async fn a_private_server_keeps_its_data_through_kill_and_restart_and_is_gone_after_drop()
-> Result<(), Error> {
    let mut postgres = Postgres::private().await?;
    let url = postgres.url().to_owned();
    let database = postgres.database().await?;
    database.rows("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)").await?;

    postgres.kill().await?;
    let refused = database.rows("SELECT 1").await.expect_err("a killed server does not answer");
    assert!(refused.to_string().contains("refused"), "{refused}");

    postgres.restart().await?;
    assert_eq!(postgres.url(), url);
    assert_eq!(database.rows("SELECT n, NULL FROM kept").await?, [["7", ""]]);

    postgres.restart().await?;
    assert_eq!(database.rows("SELECT n FROM kept").await?, [["7"]]);

    postgres.stop().await?;
    postgres.stop().await?;
    postgres.restart().await?;
    drop(database);
    drop(postgres);
    assert!(TcpStream::connect(address(&url)).await.is_err(), "a dropped server does not listen");
    Ok(())
}

#[tokio::test]
async fn databases_are_separate_and_dropped_with_their_guard() -> Result<(), Error> {
    let postgres = Postgres::shared().await?;
    let (one, other) = (postgres.database().await?, postgres.database().await?);
    one.rows("CREATE TABLE t ()").await?;
    other.rows("CREATE TABLE t ()").await?;

    let name = one.url().rsplit_once('/').expect("a database stands in the address").1.to_owned();
    let known = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
    assert_eq!(other.rows(&known).await?, [["1"]]);
    drop(one);
    assert_eq!(other.rows(&known).await?, [["0"]]);
    Ok(())
}

#[tokio::test]
async fn a_prepared_database_is_made_once_and_copied() -> Result<(), Error> {
    let postgres = Postgres::shared().await?;
    let first = postgres
        .database_like("rig_once", async |url| {
            assert!(url.starts_with("postgres://"), "{url}");
            Ok::<(), Error>(())
        })
        .await?;
    first.rows("CREATE TABLE mine ()").await?;

    let second =
        postgres.database_like("rig_once", async |_url| Err("it is prepared already")).await?;
    second.rows("CREATE TABLE mine ()").await?;
    Ok(())
}

#[tokio::test]
async fn a_statement_that_fails_says_why() -> Result<(), Error> {
    let database = Postgres::shared().await?.database().await?;
    let failed = database.rows("SELECT nonsense").await.expect_err("there is no such column");
    assert!(failed.to_string().contains("nonsense"), "{failed}");
    Ok(())
}
