//! `gouxuan doctor`: is everything there that gouxuan needs?

use super::{NotDone, Outcome, print};
use crate::{
    chance::WallClock,
    config::Config,
    key,
    wiring::{self, WiringError},
};
use console::{Client, Line};
use domain::{bureau::LaneKey, period::TaxPeriod};
use fleet::ports::{Store, StoreError, clock::Clock, statistics::StatisticCache};
use std::{sync::Arc, time::Duration};
use store::{postgres::PostgresStore, redis_cache::RedisStatistics, sqlite::SqliteStore};
use tokio::net::TcpStream;

/// How long a channel's address may take to answer.
const CONNECT: Duration = Duration::from_secs(3);
/// Skew between our clock and the database's that somebody should know of, in seconds.
const SKEW: f64 = 2.0;
/// Queues of accounts that are looked at one by one.
const LANES: usize = 50;

pub(super) async fn run(config: &Config, json: bool) -> Outcome {
    let mut lines = vec![Line::good("configuration", "read and in range")];
    let store = match look(config).await {
        Ok(store) => Some(store),
        Err(line) => {
            lines.push(line);
            None
        }
    };
    if let Some(store) = &store {
        lines.extend(store_lines(store).await);
        lines.push(people(config, store).await);
    }
    lines.extend(broker(config, store.as_ref()).await);
    lines.push(cache(config).await);
    lines.push(secrets(config));
    lines.push(channel("etax_url", &config.etax_url).await);
    lines.push(channel("leqi_url", &config.leqi_url).await);
    lines.push(process(config).await);
    report(&lines, json)
}

fn report(lines: &[Line], json: bool) -> Outcome {
    for line in lines {
        if json {
            print(&serde_json::to_string(line)?)?;
        } else {
            let mark = if line.good { "ok   " } else { "FAULT" };
            print(&format!("{mark} {}: {}", line.name, line.text))?;
        }
    }
    match lines.iter().filter(|line| !line.good).count() {
        0 => Ok(()),
        1 => Err(NotDone("1 fault; its line says what to do".to_owned()).into()),
        faults => Err(NotDone(format!("{faults} faults; their lines say what to do")).into()),
    }
}

/// The store as it is: nothing is made and nothing is changed.
async fn look(config: &Config) -> Result<Arc<dyn Store>, Line> {
    const NAME: &str = "database";
    let wrong = |error: &dyn std::fmt::Display| Line::bad(NAME, error.to_string());
    if let Some(file) = wiring::embedded_file(config) {
        if !file.exists() {
            let text = format!("{}: not there yet; `gouxuan serve` makes it", file.display());
            return Err(Line::good(NAME, text));
        }
        let store = SqliteStore::look(&file.to_string_lossy(), Arc::new(WallClock)).await;
        return store.map(|store| Arc::new(store) as Arc<dyn Store>).map_err(|e| wrong(&e));
    }
    let url = Config::url(&config.database_url).unwrap_or_default();
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        let problem = "must begin with postgres:// or sqlite:";
        return Err(wrong(&WiringError::Setting("database_url", problem.to_owned())));
    }
    let looked = async {
        let store = PostgresStore::connect(url, wiring::pool_settings(config)).await?;
        let schema = store.schema().await?;
        Ok::<_, StoreError>((store, schema))
    };
    match looked.await {
        Ok((store, schema)) => match schema.misfit() {
            Some(misfit) => Err(Line::bad(NAME, format!("reachable, but {misfit}"))),
            None => Ok(Arc::new(store)),
        },
        Err(error) => {
            let advice = "check --database-url, the user's rights, and that the server runs";
            Err(Line::bad(NAME, format!("{error}; {advice}")))
        }
    }
}

async fn store_lines(store: &Arc<dyn Store>) -> Vec<Line> {
    match store.health(WallClock.now()).await {
        Ok(health) => {
            let skew = health.clock_skew_seconds;
            let text = format!("the database's is {skew:+.3} s from ours");
            let clock = if skew.abs() > SKEW {
                Line::bad("clock", format!("{text}; set both by NTP"))
            } else {
                Line::good("clock", text)
            };
            let schema = format!("reachable, schema {}", health.schema_version);
            vec![Line::good("database", schema), clock]
        }
        Err(error) => {
            vec![Line::bad("database", error.to_string())]
        }
    }
}

/// Whether whoever reaches the address must say who they are.
async fn people(config: &Config, store: &Arc<dyn Store>) -> Line {
    const NAME: &str = "users";
    let listen = config.listen;
    match store.users().await {
        Err(error) => Line::bad(NAME, error.to_string()),
        Ok(users) if !users.is_empty() => Line::good(NAME, format!("{} users", users.len())),
        Ok(_) if listen.ip().is_loopback() => Line::good(
            NAME,
            format!("none: everybody on this machine may do everything at {listen}"),
        ),
        Ok(_) => Line::bad(
            NAME,
            format!(
                "none, and {listen} is reached from elsewhere: everybody there may do everything; \
                 begin with `gouxuan user set NAME --role administrator`"
            ),
        ),
    }
}

/// Whether secrets can be sealed and opened; no key is made for the look.
fn secrets(config: &Config) -> Line {
    const NAME: &str = "secrets";
    let embedded = wiring::embedded_file(config).is_some();
    let set = Config::url(&config.secrets.key).is_some()
        || !config.secrets.key_file.as_os_str().is_empty();
    match (set, embedded) {
        (true, _) => match key::vault(config) {
            Ok(_) => Line::good(NAME, "the key is set"),
            Err(error) => Line::bad(NAME, error.to_string()),
        },
        (false, true) => Line::good(NAME, "the embedded store has a key of its own"),
        (false, false) => Line::good(
            NAME,
            "no key is set: no secret can be stored, and a confirmation uses what the robot holds; \
             set secrets.key_file to store some",
        ),
    }
}

async fn broker(config: &Config, store: Option<&Arc<dyn Store>>) -> Vec<Line> {
    let Some(url) = Config::url(&config.amqp_url) else {
        return vec![Line::good("broker", "none set: the bus is in the process")];
    };
    let settings = match bus::Settings::new(url) {
        Ok(settings) => settings,
        Err(error) => return vec![Line::bad("broker", format!("amqp_url: {error}"))],
    };
    let lanes: Vec<LaneKey> = match store {
        Some(store) => store.lanes(None).await.map_or_else(
            |_| Vec::new(),
            |lanes| lanes.into_iter().take(LANES).map(|lane| lane.key).collect(),
        ),
        None => Vec::new(),
    };
    let findings = bus::doctor(&settings, &lanes).await;
    let line = |finding: bus::Finding| Line {
        name: "broker".to_owned(),
        good: finding.good,
        text: finding.text,
    };
    findings.into_iter().map(line).collect()
}

/// Asks the cache for something that is not there.
async fn cache(config: &Config) -> Line {
    const NAME: &str = "redis";
    let Some(url) = Config::url(&config.redis_url) else {
        return Line::good(NAME, "none set: statistic states are kept in the process");
    };
    let asked = match RedisStatistics::new(url) {
        Ok(cache) => {
            let nobody = "000000000000000".parse().expect("fifteen digits are a tax number");
            cache.get(&nobody, TaxPeriod::containing(WallClock.now())).await.map(drop)
        }
        Err(error) => Err(error),
    };
    match asked {
        Ok(()) => Line::good(NAME, "reachable"),
        Err(error) => {
            let advice = "check --redis-url and that the server runs; without it every \
                          statistic state is asked of the bureau";
            Line::bad(NAME, format!("{error}; {advice}"))
        }
    }
}

async fn channel(name: &'static str, url: &str) -> Line {
    if url.is_empty() {
        let text = "not set: a worker does not start without it; give the channel's address";
        return Line::bad(name, text);
    }
    let Some((host, port)) = host_and_port(url) else {
        let text = format!("\"{url}\" is not an address such as http://host:port");
        return Line::bad(name, text);
    };
    match tokio::time::timeout(CONNECT, TcpStream::connect((host.as_str(), port))).await {
        Ok(Ok(_)) => Line::good(name, format!("{host}:{port} accepts connections")),
        Ok(Err(error)) => {
            Line::bad(name, format!("{host}:{port}: {error}; see whether the channel runs there"))
        }
        Err(_) => {
            let text = format!("{host}:{port} does not answer; see whether a firewall is between");
            Line::bad(name, text)
        }
    }
}

fn host_and_port(url: &str) -> Option<(String, u16)> {
    let (rest, default) = match (url.strip_prefix("http://"), url.strip_prefix("https://")) {
        (Some(rest), _) => (rest, 80),
        (_, Some(rest)) => (rest, 443),
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
        _ => (authority, default),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    (!host.is_empty()).then(|| (host.to_owned(), port))
}

async fn process(config: &Config) -> Line {
    const NAME: &str = "process";
    match Client::at(config.listen).answers().await {
        Ok(true) => Line::good(NAME, format!("a gouxuan answers at {}", config.listen)),
        Ok(false) => Line::good(NAME, format!("no gouxuan answers at {}", config.listen)),
        Err(error) => Line::bad(NAME, error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::host_and_port;

    #[test]
    fn addresses_are_taken_apart() {
        for (url, expected) in [
            ("http://127.0.0.1:8090", Some(("127.0.0.1", 8090))),
            ("https://robots.example/base?x", Some(("robots.example", 443))),
            ("http://user:secret@robots:1/x", Some(("robots", 1))),
            ("http://[::1]:8090/", Some(("::1", 8090))),
            ("http://[::1]", Some(("::1", 80))),
            ("ftp://robots", None),
            ("http://", None),
            ("http://robots:many", None),
        ] {
            let expected = expected.map(|(host, port)| (host.to_owned(), port));
            assert_eq!(host_and_port(url), expected, "{url}");
        }
    }
}
