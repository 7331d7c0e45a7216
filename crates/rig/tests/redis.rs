//! Redis as tests get it.

use std::env;
use std::process::Stdio;

use rig::{Error, Redis};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;

/// Set for the copy of this test program that is there to be killed.
const TO_BE_KILLED: &str = "RIG_TEST_TO_BE_KILLED";

fn address(url: &str) -> &str {
    let (_, rest) = url.split_once('@').expect("a password stands in the address");
    rest.split_once('/').expect("a number stands in the address").0
}

async fn cli(url: &str, arguments: &[&str]) -> String {
    let output = Command::new("redis-cli")
        .args(["--no-auth-warning", "-u", url])
        .args(arguments)
        .output()
        .await
        .expect("redis-cli is installed beside the server");
    String::from_utf8(output.stdout).expect("redis-cli prints text").trim().to_owned()
}

#[tokio::test]
async fn a_private_server_keeps_its_data_through_kill_and_restart_and_is_gone_after_drop()
-> Result<(), Error> {
    let mut redis = Redis::private().await?;
    let url = redis.url().to_owned();
    assert_eq!(cli(&url, &["SET", "kept", "7"]).await, "OK");

    redis.kill().await?;
    assert!(TcpStream::connect(address(&url)).await.is_err(), "a killed server does not listen");

    redis.restart().await?;
    assert_eq!(redis.url(), url);
    assert_eq!(cli(&url, &["GET", "kept"]).await, "7");

    redis.stop().await?;
    redis.restart().await?;
    assert_eq!(cli(&url, &["GET", "kept"]).await, "7");
    drop(redis);
    assert!(TcpStream::connect(address(&url)).await.is_err(), "a dropped server does not listen");
    Ok(())
}

#[tokio::test]
async fn databases_are_separate_and_emptied_with_their_guard() -> Result<(), Error> {
    let redis = Redis::private().await?;
    let (one, other) = (redis.database().await?, redis.database().await?);
    let url = one.url().to_owned();
    assert_eq!(cli(one.url(), &["SET", "mine", "1"]).await, "OK");
    assert_eq!(cli(other.url(), &["GET", "mine"]).await, "");
    drop(one);
    assert_eq!(cli(&url, &["DBSIZE"]).await, "0");
    assert_eq!(cli(redis.url(), &["KEYS", "rig:database:*"]).await.lines().count(), 1);
    Ok(())
}

#[tokio::test]
async fn a_shared_server_is_there() -> Result<(), Error> {
    let redis = Redis::shared().await?;
    let database = redis.database().await?;
    assert_eq!(cli(database.url(), &["PING"]).await, "PONG");
    Ok(())
}

#[tokio::test]
async fn a_server_dies_with_a_test_process_that_is_killed() -> Result<(), Error> {
    if env::var_os(TO_BE_KILLED).is_some() {
        let redis = Redis::private().await?;
        TcpStream::connect(
            env::var(TO_BE_KILLED).expect("the address of the test that will kill this"),
        )
        .await
        .expect("the test that will kill this listens")
        .try_write(format!("{}\n", redis.url()).as_bytes())
        .expect("a short line fits into an empty connection");
        return std::future::pending().await;
    }
    let ear = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let mut owner = Command::new(env::current_exe().expect("a running program has a file"))
        .args(["--exact", "a_server_dies_with_a_test_process_that_is_killed"])
        .env(TO_BE_KILLED, ear.local_addr().expect("a bound port has an address").to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("this program can be run again");
    let (said, _) = ear.accept().await.expect("the other process tells its address");
    let url = BufReader::new(said).lines().next_line().await.expect("it tells").expect("one line");
    let mut connection = TcpStream::connect(address(&url)).await.expect("its server listens");

    owner.kill().await.expect("it can be killed");
    // The end of the connection is the end of the server: nothing else closes it.
    let ended = connection.read(&mut [0]).await;
    assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
    Ok(())
}
