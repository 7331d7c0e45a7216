//! What the proxy does to connections.

use std::io::ErrorKind;
use std::time::Duration;

use rig::{Error, Proxy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// A server that answers every byte with the same byte, and reports how each of its connections ended.
async fn echo() -> (String, mpsc::UnboundedReceiver<Result<(), ErrorKind>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("a bound port has an address").to_string();
    let (report, ends) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let report = report.clone();
            tokio::spawn(async move {
                let (mut read, mut write) = stream.split();
                let ended = tokio::io::copy(&mut read, &mut write).await;
                report.send(ended.map(drop).map_err(|e| e.kind())).ok();
            });
        }
    });
    (address, ends)
}

async fn exchange(stream: &mut TcpStream, text: &[u8]) -> std::io::Result<Vec<u8>> {
    stream.write_all(text).await?;
    let mut answer = vec![0; text.len()];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

async fn connect(proxy: &Proxy) -> std::io::Result<TcpStream> {
    TcpStream::connect(proxy.address()).await
}

fn kind<T: std::fmt::Debug>(outcome: std::io::Result<T>) -> ErrorKind {
    outcome.expect_err("the connection is broken").kind()
}

#[tokio::test]
async fn passing_carries_both_ways_to_the_end_and_counts() -> Result<(), Error> {
    let (target, mut ends) = echo().await;
    let proxy = Proxy::in_front_of(&format!("amqp://u:p@{target}/vhost")).await?;
    assert_eq!(
        proxy.url("amqp://u:p@somewhere:1/vhost"),
        format!("amqp://u:p@{}/vhost", proxy.address())
    );

    let mut stream = connect(&proxy).await.expect("the proxy listens");
    assert_eq!(exchange(&mut stream, b"hello").await.expect("it passes"), b"hello");
    stream.shutdown().await.expect("one side may end first");
    assert_eq!(stream.read(&mut [0]).await.expect("the end comes back"), 0);
    assert_eq!(ends.recv().await, Some(Ok(())));
    assert_eq!((proxy.connections(), proxy.bytes_to_server(), proxy.bytes_to_client()), (1, 5, 5));
    Ok(())
}

#[tokio::test]
async fn large_transfers_arrive_whole() -> Result<(), Error> {
    let (target, _ends) = echo().await;
    let proxy = Proxy::in_front_of(&target).await?;
    let (mut read, mut write) = connect(&proxy).await.expect("the proxy listens").into_split();
    let sent: Vec<u8> = (0..3_000_000u32).map(|n| (n % 251) as u8).collect();
    let writing = sent.clone();
    tokio::spawn(async move {
        write.write_all(&writing).await.expect("it passes");
        write.shutdown().await.expect("one side may end first");
    });
    let mut received = Vec::new();
    read.read_to_end(&mut received).await.expect("it passes");
    assert!(received == sent, "{} bytes of {} arrived", received.len(), sent.len());
    Ok(())
}

#[tokio::test]
async fn a_cut_resets_both_sides_and_lets_new_connections_pass() -> Result<(), Error> {
    let (target, mut ends) = echo().await;
    let proxy = Proxy::in_front_of(&target).await?;
    let mut stream = connect(&proxy).await.expect("the proxy listens");
    exchange(&mut stream, b"one").await.expect("it passes");

    proxy.cut().await;
    assert_eq!(kind(stream.read(&mut [0]).await), ErrorKind::ConnectionReset);
    assert_eq!(ends.recv().await, Some(Err(ErrorKind::ConnectionReset)));

    let mut stream = connect(&proxy).await.expect("the proxy listens");
    assert_eq!(exchange(&mut stream, b"two").await.expect("it passes"), b"two");
    Ok(())
}

#[tokio::test]
async fn a_half_open_connection_swallows_both_ways_and_is_reset_when_the_network_returns()
-> Result<(), Error> {
    let (target, mut ends) = echo().await;
    let proxy = Proxy::in_front_of(&target).await?;
    let mut before = connect(&proxy).await.expect("the proxy listens");
    let mut untouched = connect(&proxy).await.expect("the proxy listens");
    exchange(&mut before, b"one").await.expect("it passes");
    exchange(&mut untouched, b"one").await.expect("it passes");

    proxy.half_open().await?;
    before.write_all(b"lost").await.expect("the proxy takes it");
    let mut after = connect(&proxy).await.expect("the proxy accepts");
    after.write_all(b"lost too").await.expect("the proxy takes it");
    while proxy.bytes_to_server() < 6 + 4 + 8 {
        tokio::task::yield_now().await;
    }
    assert_eq!(proxy.bytes_to_client(), 6, "nothing came back");
    assert_eq!(kind(before.try_read(&mut [0])), ErrorKind::WouldBlock, "and nobody was told");

    proxy.pass().await?;
    assert_eq!(kind(before.read(&mut [0]).await), ErrorKind::ConnectionReset);
    assert_eq!(kind(after.read(&mut [0]).await), ErrorKind::ConnectionReset);
    assert_eq!(ends.recv().await, Some(Err(ErrorKind::ConnectionReset)));
    assert_eq!(exchange(&mut untouched, b"two").await.expect("it lost nothing"), b"two");
    Ok(())
}

#[tokio::test]
async fn refusing_resets_what_is_there_and_refuses_what_comes_until_it_passes_again()
-> Result<(), Error> {
    let (target, _ends) = echo().await;
    let proxy = Proxy::in_front_of(&target).await?;
    let mut stream = connect(&proxy).await.expect("the proxy listens");
    exchange(&mut stream, b"one").await.expect("it passes");

    for _ in 0..3 {
        proxy.refuse().await?;
        assert_eq!(kind(stream.read(&mut [0]).await), ErrorKind::ConnectionReset);
        assert_eq!(kind(connect(&proxy).await), ErrorKind::ConnectionRefused);
        proxy.pass().await?;
        stream = connect(&proxy).await.expect("the proxy listens again, at the same port");
        assert_eq!(exchange(&mut stream, b"two").await.expect("it passes"), b"two");
    }
    Ok(())
}

#[tokio::test]
async fn a_delay_holds_every_piece_back_in_each_direction() -> Result<(), Error> {
    let (target, _ends) = echo().await;
    let proxy = Proxy::in_front_of(&target).await?;
    let mut stream = connect(&proxy).await.expect("the proxy listens");
    exchange(&mut stream, b"one").await.expect("it passes");

    tokio::time::pause();
    let start = tokio::time::Instant::now();
    proxy.delay(Duration::from_secs(5)).await?;
    assert_eq!(exchange(&mut stream, b"two").await.expect("it passes, late"), b"two");
    assert!(start.elapsed() >= Duration::from_secs(10), "{:?}", start.elapsed());
    Ok(())
}

#[tokio::test]
async fn a_target_that_is_not_there_resets_the_client_and_a_dropped_proxy_frees_its_port()
-> Result<(), Error> {
    let unused = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let target = unused.local_addr().expect("a bound port has an address").to_string();
    drop(unused);
    let proxy = Proxy::in_front_of(&target).await?;
    let mut stream = connect(&proxy).await.expect("the proxy listens");
    let ended = stream.read(&mut [0]).await;
    assert_eq!(kind(ended), ErrorKind::ConnectionReset);

    let address = proxy.address();
    drop(proxy);
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    Ok(())
}
