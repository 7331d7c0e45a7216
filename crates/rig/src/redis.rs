use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use tokio::sync::OnceCell;

use crate::Error;
use crate::server::{Ending, Kind, Origin, Server, given, off_runtime, unique};

const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// A mark that a killed test left is free again after this, in seconds.
const MARK_TTL_S: u32 = 3600;

static SHARED: OnceCell<Redis> = OnceCell::const_new();

/// A Redis server. It writes every change to its log file before it answers, so its data survive a kill.
#[derive(Debug)]
pub struct Redis {
    url: String,
    origin: Origin,
}

impl Redis {
    /// The server that all tests share: the one of `GOUXUAN_TEST_REDIS_URL`, else one of this process.
    pub async fn shared() -> Result<&'static Redis, Error> {
        SHARED
            .get_or_try_init(async || match given("GOUXUAN_TEST_REDIS_URL") {
                Some(url) => Ok(Redis { url, origin: Origin::Given }),
                None => Redis::private().await,
            })
            .await
    }

    /// A server for one test alone, gone when it is dropped.
    pub async fn private() -> Result<Redis, Error> {
        let server = off_runtime(|| Server::start(Kind::Redis)).await?;
        Ok(Redis { url: server.addresses()[0].clone(), origin: Origin::Own(server) })
    }

    /// `redis://user:password@host:port/0`. The same after a restart. Database 0 keeps the marks of [`Redis::database`].
    pub fn url(&self) -> &str {
        &self.url
    }

    /// An empty numbered database that no other test uses meanwhile.
    pub async fn database(&self) -> Result<NumberedDatabase, Error> {
        let server = self.url.clone();
        off_runtime(move || NumberedDatabase::take(server)).await
    }

    /// Ends the server as if the power were cut. The data stay, for [`Redis::restart`].
    pub async fn kill(&mut self) -> Result<(), Error> {
        self.origin.lend(|server| server.end(Ending::Kill)).await
    }

    /// Stops the server in good order. The data stay, for [`Redis::restart`].
    pub async fn stop(&mut self) -> Result<(), Error> {
        self.origin.lend(|server| server.end(Ending::Stop)).await
    }

    /// Starts the server again, after stopping it if it still runs; returns when it answers.
    pub async fn restart(&mut self) -> Result<(), Error> {
        self.origin.lend(Server::restart).await
    }
}

/// A numbered database of one test's own, emptied and given back with this guard.
#[derive(Debug)]
pub struct NumberedDatabase {
    number: u64,
    url: String,
    server: String,
}

impl NumberedDatabase {
    /// `redis://user:password@host:port/number`
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sends one command and returns the values of its answer, for tests that judge what is stored from outside.
    pub async fn ask(&self, command: &str) -> Result<Vec<String>, Error> {
        let (server, number, command) = (self.server.clone(), self.number, command.to_owned());
        off_runtime(move || {
            let mut session = Session::open(&server)?;
            session.ask(&format!("SELECT {number}"))?;
            session.ask(&command)
        })
        .await
    }

    fn take(server: String) -> Result<NumberedDatabase, Error> {
        let mut session = Session::open(&server)?;
        let databases: u64 = session
            .ask("CONFIG GET databases")?
            .last()
            .and_then(|count| count.parse().ok())
            .ok_or_else(|| Error::new("Redis did not say how many databases it has"))?;
        // Redis itself counts on, so that tests that start together look at different numbers first.
        let turn: u64 = session
            .ask("INCR rig:turn")?
            .last()
            .and_then(|turn| turn.parse().ok())
            .ok_or_else(|| Error::new("Redis did not count"))?;
        let owner = unique();
        for step in 0..databases - 1 {
            let number = 1 + (turn + step) % (databases - 1);
            let taken =
                session.ask(&format!("SET rig:database:{number} {owner} NX EX {MARK_TTL_S}"))?;
            if taken == ["OK"] {
                session.ask(&format!("SELECT {number}"))?;
                session.ask("FLUSHDB")?;
                let (address, _) = server.rsplit_once('/').expect("an address has a path");
                return Ok(NumberedDatabase { number, url: format!("{address}/{number}"), server });
            }
        }
        Err(Error::new(format!(
            "all {databases} databases of the Redis server are in use by tests"
        )))
    }

    fn give_back(&self) -> Result<(), Error> {
        let mut session = Session::open(&self.server)?;
        session.ask(&format!("SELECT {}", self.number))?;
        session.ask("FLUSHDB")?;
        session.ask("SELECT 0")?;
        session.ask(&format!("DEL rig:database:{}", self.number))?;
        Ok(())
    }
}

impl Drop for NumberedDatabase {
    fn drop(&mut self) {
        // Fails when the test has stopped its server; then the data go with the server's folder.
        self.give_back().ok();
    }
}

/// A connection that speaks Redis's inline commands. Blocks.
struct Session {
    reader: BufReader<TcpStream>,
}

impl Session {
    /// To the server of `redis://[user:password@]host:port/…`, database 0.
    fn open(url: &str) -> Result<Session, Error> {
        let rest = url.strip_prefix("redis://").ok_or_else(|| {
            Error::new("a Redis address must be redis://user:password@host:port/0")
        })?;
        let rest = rest.split_once('/').map_or(rest, |(server, _)| server);
        let (credentials, address) = rest.rsplit_once('@').unwrap_or(("", rest));
        let connect = || {
            let connection = TcpStream::connect(address)?;
            connection.set_read_timeout(Some(ANSWER_TIMEOUT))?;
            connection.set_nodelay(true)?;
            Ok(connection)
        };
        let connection = connect().map_err(|e: std::io::Error| {
            Error::new(format!("Redis at {address} is not reached: {e}"))
        })?;
        let mut session = Session { reader: BufReader::new(connection) };
        if let Some((user, password)) = credentials.split_once(':') {
            session.ask(&format!("AUTH {user} {password}"))?;
        }
        Ok(session)
    }

    /// Sends one command and returns the values of its answer.
    fn ask(&mut self, command: &str) -> Result<Vec<String>, Error> {
        let word = command.split(' ').next().unwrap_or(command);
        let mut asked = || -> std::io::Result<Vec<String>> {
            self.reader.get_mut().write_all(format!("{command}\r\n").as_bytes())?;
            let head = self.line()?;
            match head.split_at_checked(1) {
                Some(("+" | ":", value)) => Ok(vec![value.to_owned()]),
                Some(("$", "-1")) => Ok(Vec::new()),
                Some(("$", _)) => Ok(vec![self.line()?]),
                Some(("*", count)) => {
                    let count: usize = count.parse().map_err(std::io::Error::other)?;
                    (0..count).map(|_| self.line().and_then(|_length| self.line())).collect()
                }
                _ => Err(std::io::Error::other(head)),
            }
        };
        asked().map_err(|e| Error::new(format!("Redis, asked {word}: {e}")))
    }

    fn line(&mut self) -> std::io::Result<String> {
        let mut line = String::new();
        if self.reader.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}
