//! RabbitMQ as tests get it.

use rig::{Error, RabbitMq};
use tokio::net::TcpStream;

fn address(url: &str) -> &str {
    let (_, rest) = url.split_once('@').expect("a password stands in the address");
    rest.split_once('/').expect("a vhost stands in the address").0
}

#[tokio::test]
async fn a_private_server_keeps_its_data_through_kill_and_restart_and_is_gone_after_drop()
-> Result<(), Error> {
    let mut rabbitmq = RabbitMq::private().await?;
    let url = rabbitmq.url().to_owned();
    let vhost = rabbitmq.vhost().await?;
    assert!(vhost.url().ends_with(vhost.name()), "{}", vhost.url());

    rabbitmq.kill().await?;
    assert!(TcpStream::connect(address(&url)).await.is_err(), "a killed server does not listen");
    rabbitmq.vhost().await.expect_err("a killed server makes no vhost");

    rabbitmq.restart().await?;
    assert_eq!(rabbitmq.url(), url);
    TcpStream::connect(address(&url)).await.expect("a restarted server listens");
    let vhosts = rabbitmq.rabbitmqctl(&["--quiet", "list_vhosts"]).await?;
    assert!(vhosts.contains(vhost.name()), "{vhosts}");

    drop(rabbitmq);
    assert!(TcpStream::connect(address(&url)).await.is_err(), "a dropped server does not listen");
    Ok(())
}

#[tokio::test]
async fn vhosts_of_a_shared_server_are_separate() -> Result<(), Error> {
    let rabbitmq = RabbitMq::shared().await?;
    let (one, other) = (rabbitmq.vhost().await?, rabbitmq.vhost().await?);
    assert_ne!(one.url(), other.url());
    assert_eq!(address(one.url()), address(rabbitmq.url()));
    drop((one, other));
    Ok(())
}
