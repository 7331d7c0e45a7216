//! A TCP proxy on a loopback port that does to connections what networks do.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{mpsc, watch};

use crate::Error;

/// How many bytes travel at once: also what [`Proxy::delay`] lets pass per delay and direction.
const CHUNK: usize = 64 * 1024;
/// How many connections wait to be accepted.
const BACKLOG: u32 = 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Pass,
    Delay(Duration),
    HalfOpen,
    Refuse,
}

#[derive(Clone, Copy, Debug)]
struct Orders {
    mode: Mode,
    /// How often everything was cut: a connection that was made before the last cut is reset.
    cuts: u64,
}

/// A proxy in front of one address. It passes everything on until it is told otherwise.
///
/// Its modes hold for connections that exist as well as for new ones. When a method returns, it has happened.
/// Dropping the proxy resets its connections and frees its port.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    orders: watch::Sender<Orders>,
    listening: watch::Receiver<bool>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    target: String,
    /// Held by every connection since the last cut; a cut waits until the last of its clones is gone.
    alive: Mutex<Alive>,
    connections: AtomicU64,
    to_server: AtomicU64,
    to_client: AtomicU64,
}

#[derive(Debug)]
struct Alive {
    mark: mpsc::Sender<()>,
    ended: mpsc::Receiver<()>,
}

impl Alive {
    fn new() -> Alive {
        let (mark, ended) = mpsc::channel(1);
        Alive { mark, ended }
    }
}

impl Shared {
    fn alive(&self) -> MutexGuard<'_, Alive> {
        self.alive.lock().expect("nothing panics while it holds this lock")
    }
}

impl Proxy {
    /// Starts a proxy in front of `target`, which is `host:port` or an address with a scheme and a path.
    pub async fn in_front_of(target: &str) -> Result<Proxy, Error> {
        let target = host_and_port(target).1.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(broken)?;
        let address = listener.local_addr().map_err(broken)?;
        let (orders, follow) = watch::channel(Orders { mode: Mode::Pass, cuts: 0 });
        let (tell, listening) = watch::channel(true);
        let shared = Arc::new(Shared {
            target,
            alive: Mutex::new(Alive::new()),
            connections: AtomicU64::new(0),
            to_server: AtomicU64::new(0),
            to_client: AtomicU64::new(0),
        });
        tokio::spawn(listen(listener, address, follow, tell, Arc::clone(&shared)));
        Ok(Proxy { address, orders, listening, shared })
    }

    /// Where the proxy listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same URL with the proxy's host and port in it.
    pub fn url(&self, original: &str) -> String {
        let (before, _, after) = host_and_port(original);
        format!("{before}{}{after}", self.address)
    }

    /// Passes everything on. Connections that lost bytes to [`Proxy::half_open`] are reset.
    pub async fn pass(&self) -> Result<(), Error> {
        self.order(Mode::Pass).await
    }

    /// Passes everything on, each piece that long after it arrived: in both directions, so that a question
    /// and its answer take twice that.
    pub async fn delay(&self, duration: Duration) -> Result<(), Error> {
        self.order(Mode::Delay(duration)).await
    }

    /// Resets every connection, on both sides. New ones are treated as before.
    pub async fn cut(&self) {
        let mut before = {
            let mut alive = self.shared.alive();
            self.orders.send_modify(|orders| orders.cuts += 1);
            std::mem::replace(&mut *alive, Alive::new())
        };
        drop(before.mark);
        before.ended.recv().await;
    }

    /// Neither breaks nor passes on: what arrives is swallowed, both ways, and new connections are accepted
    /// but reach nobody. As when a peer's machine is gone without a word.
    pub async fn half_open(&self) -> Result<(), Error> {
        self.order(Mode::HalfOpen).await
    }

    /// Resets every connection and refuses new ones, as a host does whose server is down. The port stays taken.
    pub async fn refuse(&self) -> Result<(), Error> {
        self.order(Mode::Refuse).await?;
        self.cut().await;
        Ok(())
    }

    /// How many connections were accepted so far.
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// How many bytes came from clients so far, swallowed ones included.
    pub fn bytes_to_server(&self) -> u64 {
        self.shared.to_server.load(Ordering::SeqCst)
    }

    /// How many bytes came from the server so far, swallowed ones included.
    pub fn bytes_to_client(&self) -> u64 {
        self.shared.to_client.load(Ordering::SeqCst)
    }

    async fn order(&self, mode: Mode) -> Result<(), Error> {
        self.orders.send_modify(|orders| orders.mode = mode);
        let mut listening = self.listening.clone();
        listening
            .wait_for(|listening| *listening == (mode != Mode::Refuse))
            .await
            .map_err(|_ended| Error::new("the proxy's port could not be taken again"))?;
        Ok(())
    }
}

/// Accepts connections until the proxy is dropped.
async fn listen(
    listener: TcpListener,
    address: SocketAddr,
    mut orders: watch::Receiver<Orders>,
    listening: watch::Sender<bool>,
    shared: Arc<Shared>,
) {
    let mut listener = Some(listener);
    loop {
        if orders.borrow_and_update().mode == Mode::Refuse {
            drop(listener.take());
            // Bound but not listening: connections are refused, and nobody else can be given the port.
            let Ok(bound) = bound(address) else { return };
            listening.send_replace(false);
            if orders.wait_for(|orders| orders.mode != Mode::Refuse).await.is_err() {
                return;
            }
            let Ok(again) = bound.listen(BACKLOG) else { return };
            listener = Some(again);
            listening.send_replace(true);
        }
        let Some(open) = &listener else { return };
        tokio::select! {
            changed = orders.changed() => if changed.is_err() { return },
            accepted = open.accept() => if let Ok((client, _)) = accepted {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                // Both under the lock that a cut takes, or a cut between them would wait for a connection
                // that takes itself for a new one.
                let (mark, cuts) = {
                    let alive = shared.alive();
                    (alive.mark.clone(), orders.borrow().cuts)
                };
                let work = carry(client, orders.clone(), cuts, Arc::clone(&shared));
                tokio::spawn(async move {
                    work.await;
                    drop(mark);
                });
            },
        }
    }
}

fn bound(address: SocketAddr) -> std::io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Else the port's own ended connections keep it from being taken again.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// One connection, from its acceptance to its end.
async fn carry(
    mut client: TcpStream,
    orders: watch::Receiver<Orders>,
    cuts: u64,
    shared: Arc<Shared>,
) {
    let swallowed = AtomicBool::new(false);
    let mut server = None;
    let whole = {
        let work = async {
            if orders.borrow().mode == Mode::HalfOpen {
                let mut nowhere = [0; 4096];
                swallowed.store(true, Ordering::SeqCst);
                while let Ok(count @ 1..) = client.read(&mut nowhere).await {
                    shared.to_server.fetch_add(count as u64, Ordering::SeqCst);
                }
                return std::future::pending().await;
            }
            let Ok(stream) = TcpStream::connect(&shared.target).await else { return false };
            let server = server.insert(stream);
            let ready = client.set_nodelay(true).and(server.set_nodelay(true));
            let (from_client, to_client) = client.split();
            let (from_server, to_server) = server.split();
            let (there, back) = tokio::join!(
                pump(from_client, to_server, &orders, &swallowed, &shared.to_server),
                pump(from_server, to_client, &orders, &swallowed, &shared.to_client),
            );
            ready.is_ok() && there.is_ok() && back.is_ok()
        };
        tokio::select! {
            whole = work => whole,
            () = until_reset(orders.clone(), cuts, &swallowed) => false,
        }
    };
    if !whole {
        // A close with a zero linger time is a reset.
        for stream in [Some(&client), server.as_ref()].into_iter().flatten() {
            stream.set_zero_linger().ok();
        }
    }
}

/// Ready when this connection has to be reset.
async fn until_reset(mut orders: watch::Receiver<Orders>, cuts: u64, swallowed: &AtomicBool) {
    let reset = |orders: &Orders| {
        orders.cuts != cuts || (swallowed.load(Ordering::SeqCst) && orders.mode != Mode::HalfOpen)
    };
    // An error means that the proxy was dropped, and with it its connections.
    orders.wait_for(reset).await.ok();
}

/// Carries one direction until its end, and passes the end on.
async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    orders: &watch::Receiver<Orders>,
    swallowed: &AtomicBool,
    count: &AtomicU64,
) -> std::io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        let length = from.read(&mut chunk).await?;
        count.fetch_add(length as u64, Ordering::SeqCst);
        let mode = orders.borrow().mode;
        match mode {
            // The end is swallowed too.
            Mode::HalfOpen => swallowed.store(true, Ordering::SeqCst),
            Mode::Delay(duration) => tokio::time::sleep(duration).await,
            Mode::Pass | Mode::Refuse => {}
        }
        match (mode, length) {
            (Mode::HalfOpen, 0) => std::future::pending().await,
            (Mode::HalfOpen, _) => {}
            (_, 0) => return to.shutdown().await,
            _ => to.write_all(&chunk[..length]).await?,
        }
    }
}

/// An address in three: what stands before `host:port`, that, and what stands behind it.
fn host_and_port(address: &str) -> (&str, &str, &str) {
    let scheme_end = address.find("://").map_or(0, |at| at + 3);
    let authority_end =
        address[scheme_end..].find(['/', '?']).map_or(address.len(), |at| scheme_end + at);
    let host =
        address[scheme_end..authority_end].rfind('@').map_or(scheme_end, |at| scheme_end + at + 1);
    (&address[..host], &address[host..authority_end], &address[authority_end..])
}

fn broken(e: std::io::Error) -> Error {
    Error::new(format!("the proxy got no port: {e}"))
}

#[cfg(test)]
mod tests {
    use super::host_and_port;

    #[test]
    fn an_address_falls_into_three() {
        for (address, parts) in [
            ("127.0.0.1:5672", ("", "127.0.0.1:5672", "")),
            ("http://localhost:1", ("http://", "localhost:1", "")),
            ("amqp://u:p@h:5672/%2f", ("amqp://u:p@", "h:5672", "/%2f")),
            ("postgres://u:p@h:1?a=b/c", ("postgres://u:p@", "h:1", "?a=b/c")),
        ] {
            assert_eq!(host_and_port(address), parts);
        }
    }
}
