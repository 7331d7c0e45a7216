use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use tokio::sync::OnceCell;

use crate::Error;
use crate::server::{Ending, Kind, Origin, Server, given, off_runtime, unique};

/// A vhost of a busy broker takes up to about a second to create.
const MANAGEMENT_TIMEOUT: Duration = Duration::from_secs(30);

static SHARED: OnceCell<RabbitMq> = OnceCell::const_new();

/// A RabbitMQ server, with its management plugin.
#[derive(Debug)]
pub struct RabbitMq {
    url: String,
    management: Management,
    origin: Origin,
}

impl RabbitMq {
    /// The server that all tests share: the one of `GOUXUAN_TEST_AMQP_URL` and
    /// `GOUXUAN_TEST_AMQP_MANAGEMENT_URL`, else one of this process.
    pub async fn shared() -> Result<&'static RabbitMq, Error> {
        SHARED
            .get_or_try_init(async || {
                let Some(url) = given("GOUXUAN_TEST_AMQP_URL") else { return RabbitMq::private().await };
                let management = given("GOUXUAN_TEST_AMQP_MANAGEMENT_URL").ok_or_else(|| {
                    Error::new(
                        "GOUXUAN_TEST_AMQP_URL is set without GOUXUAN_TEST_AMQP_MANAGEMENT_URL, which makes the \
                         vhosts: set both, or neither",
                    )
                })?;
                Ok(RabbitMq { url, management: Management::parse(&management)?, origin: Origin::Given })
            })
            .await
    }

    /// A server for one test alone, gone when it is dropped. Takes seconds to start.
    pub async fn private() -> Result<RabbitMq, Error> {
        let server = off_runtime(|| Server::start(Kind::RabbitMq)).await?;
        let [url, management] = server.addresses() else {
            return Err(Error::new("deploy/services did not print RabbitMQ's two addresses"));
        };
        let (url, management) = (url.clone(), Management::parse(management)?);
        Ok(RabbitMq { url, management, origin: Origin::Own(server) })
    }

    /// `amqp://user:password@host:port/%2f`, as an administrator. The same after a restart.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A new, empty vhost.
    pub async fn vhost(&self) -> Result<Vhost, Error> {
        let name = format!("test-{}", unique());
        let path = format!("/api/vhosts/{name}");
        let management = self.management.clone();
        off_runtime(move || management.request("PUT", &path)).await?;
        let (server, _) = self.url.rsplit_once('/').expect("an address has a path");
        Ok(Vhost { url: format!("{server}/{name}"), name, management: self.management.clone() })
    }

    /// Runs `rabbitmqctl` with these arguments and returns what it printed. Only for a private server.
    pub async fn rabbitmqctl(&mut self, arguments: &[&str]) -> Result<String, Error> {
        let arguments: Vec<String> =
            arguments.iter().map(|&argument| argument.to_owned()).collect();
        self.origin.lend(move |server| server.rabbitmqctl(&arguments)).await
    }

    /// Ends every process of the server as if the power were cut. The data stays, for [`RabbitMq::restart`].
    pub async fn kill(&mut self) -> Result<(), Error> {
        self.origin.lend(|server| server.end(Ending::Kill)).await
    }

    /// Stops the server in good order. The data stays, for [`RabbitMq::restart`].
    pub async fn stop(&mut self) -> Result<(), Error> {
        self.origin.lend(|server| server.end(Ending::Stop)).await
    }

    /// Starts the server again, after stopping it if it still runs; returns when it answers.
    pub async fn restart(&mut self) -> Result<(), Error> {
        self.origin.lend(Server::restart).await
    }
}

/// A vhost of one test's own, deleted with this guard.
#[derive(Debug)]
pub struct Vhost {
    name: String,
    url: String,
    management: Management,
}

impl Vhost {
    /// `amqp://user:password@host:port/name`
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The vhost's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// One request to the management plugin about something in this vhost, as an operator's tool makes it, and
    /// its answer: `manage("POST", "queues", "failed/get", "{…}")` asks `/api/queues/<vhost>/failed/get`.
    pub async fn manage(
        &self,
        method: &'static str,
        resource: &str,
        rest: &str,
        body: &str,
    ) -> Result<String, Error> {
        let path = format!("/api/{resource}/{}/{rest}", self.name);
        let (management, body) = (self.management.clone(), body.to_owned());
        off_runtime(move || management.ask(method, &path, &body)).await
    }
}

impl Drop for Vhost {
    fn drop(&mut self) {
        // Fails when the test has stopped its server; then the vhost goes with the server's folder.
        self.management.request("DELETE", &format!("/api/vhosts/{}", self.name)).ok();
    }
}

/// The management plugin's HTTP interface, as far as vhosts need it. `rabbitmqctl` does the same but starts
/// an Erlang machine for every call, which costs a second of processor time.
#[derive(Clone, Debug)]
struct Management {
    credentials: String,
    address: String,
}

impl Management {
    /// From `http://user:password@host:port`.
    fn parse(url: &str) -> Result<Management, Error> {
        url.trim_end_matches('/')
            .strip_prefix("http://")
            .and_then(|rest| rest.rsplit_once('@'))
            .map(|(credentials, address)| Management {
                credentials: base64(credentials.as_bytes()),
                address: address.to_owned(),
            })
            .ok_or_else(|| {
                Error::new("the management address must be http://user:password@host:port")
            })
    }

    /// One request without a body. Blocks.
    fn request(&self, method: &str, path: &str) -> Result<(), Error> {
        self.ask(method, path, "").map(|_answer| ())
    }

    /// One request; the answer's body. In HTTP 1.0, where an answer comes in one piece. Blocks.
    fn ask(&self, method: &str, path: &str, body: &str) -> Result<String, Error> {
        let Management { credentials, address } = self;
        let answer = || -> std::io::Result<String> {
            let mut connection = TcpStream::connect(address)?;
            connection.set_read_timeout(Some(MANAGEMENT_TIMEOUT))?;
            write!(
                connection,
                "{method} {path} HTTP/1.0\r\nHost: {address}\r\nAuthorization: Basic {credentials}\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )?;
            let mut answer = String::new();
            connection.read_to_string(&mut answer)?;
            Ok(answer)
        };
        let answer = answer().map_err(|e| {
            Error::new(format!("{method} {path}: RabbitMQ's management did not answer: {e}"))
        })?;
        match answer.split_whitespace().nth(1) {
            Some(status) if status.starts_with('2') => {
                Ok(answer.split_once("\r\n\r\n").map_or("", |(_head, body)| body).to_owned())
            }
            _ => {
                Err(Error::new(format!("{method} {path}: RabbitMQ's management answered {answer}")))
            }
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits =
            (0..3).fold(0u32, |bits, i| bits << 8 | u32::from(chunk.get(i).copied().unwrap_or(0)));
        for place in 0..4 {
            let digit = (bits >> (18 - 6 * place)) & 63;
            text.push(if place <= chunk.len() {
                char::from(ALPHABET[digit as usize])
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
