//! Looks whether the broker is as we need it; for `gouxuan doctor`.

use crate::{
    link::{Fault, connect, disconnect, within},
    settings::Settings,
    topology::{QUEUES, exchanges, lane_queue},
};
use domain::bureau::LaneKey;
use lapin::{
    Channel, Connection,
    options::{ExchangeDeclareOptions, QueueDeclareOptions},
    types::FieldTable,
    uri::AMQPScheme,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// One line of the doctor's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Nobody has to do anything about it.
    pub good: bool,
    /// What it is, and what to do about it when it is not good.
    pub text: String,
}

impl Finding {
    fn good(text: String) -> Finding {
        Finding { good: true, text }
    }

    fn bad(text: String) -> Finding {
        Finding { good: false, text }
    }
}

/// Checks that the broker can be reached, its version, and that every exchange and queue is there
/// with our arguments. Creates nothing. Lanes are looked at one by one: meant for some, not for
/// ten thousand.
pub async fn doctor(settings: &Settings, lanes: &[LaneKey]) -> Vec<Finding> {
    let broker = settings.broker();
    let connection = match connect(settings, "doctor").await {
        Ok(connection) => connection,
        Err(fault) => {
            return vec![Finding::bad(format!(
                "RabbitMQ at {broker} cannot be used: {fault}; check --amqp-url, the user's \
                 rights on the virtual host, and that the broker runs"
            ))];
        }
    };
    let mut findings = vec![Finding::good(match version(settings).await {
        Some(version) => format!("RabbitMQ {version} at {broker}"),
        None => format!("a broker at {broker}; its version is not known"),
    })];
    let checks = async { Ok::<_, Fault>(check_all(&connection, lanes).await) };
    match within(settings.answer_wait, "checking exchanges and queues", checks).await {
        Ok(more) => findings.extend(more),
        Err(fault) => findings.push(Finding::bad(fault.to_string())),
    }
    disconnect(&connection).await;
    findings
}

async fn check_all(connection: &Connection, lanes: &[LaneKey]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for exchange in exchanges() {
        let name = exchange.name;
        let look = async |channel: Channel| {
            let passive =
                ExchangeDeclareOptions { passive: true, ..ExchangeDeclareOptions::default() };
            let kind = exchange.kind.clone();
            channel.exchange_declare(name.into(), kind, passive, FieldTable::default()).await
        };
        let compare = async |channel: Channel| exchange.declare(&channel).await;
        findings.push(check(connection, &format!("exchange {name}"), look, compare).await);
    }
    for queue in QUEUES {
        let name = queue.name;
        let look = async |channel: Channel| look_for_queue(&channel, name).await;
        let compare = async |channel: Channel| queue.declare(&channel).await;
        findings.push(check(connection, &format!("queue {name}"), look, compare).await);
    }
    for lane in lanes {
        let name = lane_queue(lane);
        let look = async |channel: Channel| look_for_queue(&channel, &name).await;
        let compare = async |_| Ok(());
        findings.push(check(connection, &format!("queue {name}"), look, compare).await);
    }
    findings
}

async fn look_for_queue(channel: &Channel, name: &str) -> lapin::Result<()> {
    let passive = QueueDeclareOptions::durable().passive();
    channel.queue_declare(name.into(), passive, FieldTable::default()).await.map(drop)
}

/// Looks whether it is there, and only then declares it, which compares the arguments.
async fn check(
    connection: &Connection,
    what: &str,
    look: impl AsyncFnOnce(Channel) -> lapin::Result<()>,
    compare: impl AsyncFnOnce(Channel) -> lapin::Result<()>,
) -> Finding {
    let result = async {
        let channel = connection.create_channel().await?;
        look(channel.clone()).await?;
        compare(channel).await
    };
    match result.await.map_err(Fault::from) {
        Ok(()) => Finding::good(format!("{what} is there")),
        Err(Fault::Misfit(text)) => Finding::bad(format!(
            "{what} is there with other properties than ours ({text}); delete it while it is \
             empty, `gouxuan serve` makes it again"
        )),
        Err(Fault::Away(text)) => Finding::bad(format!(
            "{what} cannot be used ({text}); `gouxuan serve` makes what is missing"
        )),
    }
}

/// The broker's version, from its greeting: the client library does not pass it on. Not over TLS.
async fn version(settings: &Settings) -> Option<String> {
    if settings.uri.scheme == AMQPScheme::AMQPS {
        return None;
    }
    let authority = &settings.uri.authority;
    let greeting = async {
        let mut socket = TcpStream::connect((authority.host.as_str(), authority.port)).await?;
        socket.write_all(b"AMQP\x00\x00\x09\x01").await?;
        // A frame's head: type, channel, and the payload's length.
        let mut head = [0; 7];
        socket.read_exact(&mut head).await?;
        let length = u32::from_be_bytes([head[3], head[4], head[5], head[6]]).min(1 << 16);
        let mut payload = vec![0; length as usize];
        socket.read_exact(&mut payload).await?;
        Ok::<_, std::io::Error>(payload)
    };
    let payload = tokio::time::timeout(settings.connect_wait, greeting).await.ok()?.ok()?;
    property(&payload, "version")
}

/// A long string in the table of server properties: name with its length, `S`, length, text.
fn property(payload: &[u8], name: &str) -> Option<String> {
    let mut key = vec![u8::try_from(name.len()).ok()?];
    key.extend(name.as_bytes());
    key.push(b'S');
    let at = payload.windows(key.len()).position(|part| part == key)? + key.len();
    let length = u32::from_be_bytes(payload.get(at..at + 4)?.try_into().ok()?) as usize;
    let text = payload.get(at + 4..at + 4 + length)?;
    String::from_utf8(text.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::property;

    #[test]
    fn the_version_is_found_in_the_greeting() {
        let payload =
            b"\x00\x0a\x07productS\x00\x00\x00\x08RabbitMQ\x07versionS\x00\x00\x00\x063.10.8\x00";
        assert_eq!(property(payload, "version").as_deref(), Some("3.10.8"));
        assert_eq!(property(payload, "platform"), None);
        assert_eq!(property(b"\x07versionS\x00\x00\x00\xff", "version"), None);
    }
}
