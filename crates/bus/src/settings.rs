//! How to reach the broker, and the limits of everything that waits for it.

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use lapin::uri::AMQPUri;
use std::{fmt, time::Duration};

/// What the bus needs to know. Every wait has a limit here.
#[derive(Clone)]
pub struct Settings {
    pub(crate) uri: AMQPUri,
    /// Shown by RabbitMQ's own tools beside each connection: `<name>/publishing`, `<name>/consuming`.
    pub name: String,
    /// Interval of heartbeats, in whole seconds, unless the URL names one; a dead peer is noticed
    /// after two.
    pub heartbeat: Duration,
    /// For a connection to be made and its topology declared.
    pub connect_wait: Duration,
    /// For the broker's confirm of a message, the wait for a connection included.
    pub confirm_wait: Duration,
    /// For the broker's answer to a declare, consume, cancel or acknowledgement.
    pub answer_wait: Duration,
    /// Delay before the first attempt to connect again; it doubles up to `retry_most`.
    pub retry_least: Duration,
    /// Longest delay between attempts to connect.
    pub retry_most: Duration,
    /// Delay after the broker holds something under our name that we cannot work with.
    pub misfit_wait: Duration,
    /// Unacknowledged messages per lane's consumer.
    pub prefetch: u16,
    /// Unacknowledged messages of all lanes together, roughly: with very many lanes each gets a
    /// smaller prefetch, but never less than 2.
    pub unacknowledged: usize,
    /// Deliveries that wait here for [`fleet::ports::bus::Inbox::receive`].
    pub buffer: usize,
    /// Messages published before their confirms are collected.
    pub window: usize,
    /// How often it is checked that connections and consumers are alive.
    pub check_every: Duration,
}

/// The text is no address of a broker.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the AMQP URL is not usable: {0}; expected amqp://user:password@host:5672/vhost")]
pub struct BadUrl(String);

impl Settings {
    /// Defaults for the broker at this URL (`amqp://` or `amqps://`). An empty virtual host is
    /// taken as `/`.
    pub fn new(url: &str) -> Result<Settings, BadUrl> {
        let mut uri: AMQPUri = url.parse().map_err(BadUrl)?;
        if uri.vhost.is_empty() {
            uri.vhost = "/".to_owned();
        }
        Ok(Settings {
            uri,
            name: "gouxuan".to_owned(),
            heartbeat: Duration::from_secs(5),
            connect_wait: Duration::from_secs(10),
            confirm_wait: Duration::from_secs(10),
            answer_wait: Duration::from_secs(30),
            retry_least: Duration::from_millis(100),
            retry_most: Duration::from_secs(5),
            misfit_wait: Duration::from_secs(30),
            prefetch: 16,
            unacknowledged: 32_768,
            buffer: 4_096,
            window: 1_000,
            check_every: Duration::from_secs(1),
        })
    }

    /// `host:port/vhost`, without the password.
    pub fn broker(&self) -> String {
        let authority = &self.uri.authority;
        format!("{}:{} vhost {}", authority.host, authority.port, self.uri.vhost)
    }

    /// Delays between attempts to connect, without end.
    pub(crate) fn retry_delays(&self) -> ExponentialBackoff {
        ExponentialBuilder::default()
            .with_min_delay(self.retry_least)
            .with_max_delay(self.retry_most)
            .with_jitter()
            .without_max_times()
            .build()
    }

    /// The prefetch of each consumer when there are this many.
    pub(crate) fn prefetch_for(&self, consumers: usize) -> u16 {
        let share = self.unacknowledged / consumers.max(1);
        u16::try_from(share).unwrap_or(u16::MAX).max(2).min(self.prefetch.max(1))
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("broker", &self.broker())
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn a_wrong_url_is_told_and_a_password_is_not() {
        let wrong = Settings::new("http://somewhere").expect_err("not AMQP").to_string();
        assert!(wrong.contains("amqp://user"), "{wrong}");
        let settings = Settings::new("amqp://me:hidden@mq:5673/").expect("a URL");
        assert_eq!(settings.broker(), "mq:5673 vhost /");
        assert!(!format!("{settings:?}").contains("hidden"));
    }

    #[test]
    fn many_lanes_share_the_unacknowledged_messages() {
        let settings = Settings::new("amqp://mq").expect("a URL");
        assert_eq!(settings.prefetch_for(1), 16);
        assert_eq!(settings.prefetch_for(2_000), 16);
        assert_eq!(settings.prefetch_for(10_000), 3);
        assert_eq!(settings.prefetch_for(1_000_000), 2);
    }
}
