//! From settings to ports: embedded, or on PostgreSQL, RabbitMQ and Redis.

use crate::{
    chance::{RealChance, WallClock},
    config::Config,
    key,
    table_files::Spreadsheets,
};
use bureau::client::{EtaxClient, EtaxSettings, LeqiClient, LeqiSettings};
use fleet::{
    memory::{LocalBus, MemoryStatistics},
    ports::{
        Store,
        bus::{Bell, Inbox, Post},
        clock::{Chance, Clock},
        secrets::Vault,
        statistics::StatisticCache,
    },
    worker::Ports,
};
use std::{path::PathBuf, sync::Arc};
use store::{
    folder::FolderFiles,
    postgres::{PoolSettings, PostgresStore},
    redis_cache::RedisStatistics,
    sqlite::SqliteStore,
};
use tokio::net::TcpListener;

/// Something that gouxuan needs cannot be reached or is set wrongly; the sentence says which.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WiringError {
    #[error("{0} is not set: give the address of the bureau's channel, or run `gouxuan simulate`")]
    NoChannel(&'static str),
    #[error("{0}: {1}")]
    Setting(&'static str, String),
    #[error("the database cannot be opened: {0}")]
    Store(#[from] fleet::ports::StoreError),
    #[error("the database is not as this gouxuan needs it: {0}")]
    Schema(String),
    #[error("{0}; name another folder with files.dir")]
    Files(#[from] fleet::ports::files::FileError),
    #[error("the folder {0} cannot be made: {1}")]
    Folder(PathBuf, std::io::Error),
}

/// The bus of this process.
#[derive(Debug, Clone)]
pub(crate) enum BusEnd {
    Local(Arc<LocalBus>),
    Rabbit(Arc<bus::Bus>),
}

/// What every process that does something opens.
#[derive(Debug, Clone)]
pub(crate) struct Opened {
    pub store: Arc<dyn Store>,
    pub statistics: Arc<dyn StatisticCache>,
    pub bus: BusEnd,
    pub files: Arc<FolderFiles>,
    pub vault: Option<Arc<dyn Vault>>,
}

/// What a worker has opened.
#[derive(Debug, Clone)]
pub(crate) struct Wired {
    pub ports: Ports,
    pub opened: Opened,
}

/// The file of the embedded store, when that is the one that is set.
pub(crate) fn embedded_file(config: &Config) -> Option<PathBuf> {
    match Config::url(&config.database_url) {
        None => Some(config.data_dir.join("gouxuan.db")),
        Some(url) => {
            let path = url.strip_prefix("sqlite:")?.trim_start_matches("//");
            Some(path.into()).filter(|_| path != ":memory:")
        }
    }
}

/// Opens store, cache and bus; brings the store's schema up.
pub(crate) async fn open(config: &Config) -> Result<Opened, WiringError> {
    let statistics = open_statistics(config)?;
    let store = open_store(config).await?;
    let files = Arc::new(FolderFiles::at(&config.files_dir()));
    let vault = key::vault(config)?;
    Ok(Opened { store, statistics, bus: open_bus(config)?, files, vault })
}

/// As [`open`], for a command that changes no database's schema beside what it was asked for.
pub(crate) async fn open_as_it_is(config: &Config) -> Result<Opened, WiringError> {
    let statistics = open_statistics(config)?;
    let store = open_store_as_it_is(config).await?;
    let files = Arc::new(FolderFiles::at(&config.files_dir()));
    let vault = key::vault(config)?;
    Ok(Opened { store, statistics, bus: open_bus(config)?, files, vault })
}

pub(crate) fn pool_settings(config: &Config) -> PoolSettings {
    PoolSettings { connections: config.database.connections, ..PoolSettings::default() }
}

/// As [`open_store`], but a database of another schema is refused. The embedded store is this
/// process's alone, and is brought up all the same.
pub(crate) async fn open_store_as_it_is(config: &Config) -> Result<Arc<dyn Store>, WiringError> {
    open_store_of(config, false).await
}

/// As [`open_store_as_it_is`], but an empty database, which nobody uses yet, gets its schema.
pub(crate) async fn open_store_or_begin(config: &Config) -> Result<Arc<dyn Store>, WiringError> {
    open_store_of(config, true).await
}

async fn open_store_of(config: &Config, may_begin: bool) -> Result<Arc<dyn Store>, WiringError> {
    let Some(url) = postgres_url(config) else { return open_store(config).await };
    let store = PostgresStore::connect(url, pool_settings(config)).await?;
    let schema = store.schema().await?;
    match schema.misfit() {
        Some(_) if may_begin && schema.is_missing() => store.migrate().await?,
        Some(misfit) => return Err(WiringError::Schema(misfit)),
        None => {}
    }
    Ok(Arc::new(store))
}

/// The database's URL when it is one of PostgreSQL.
fn postgres_url(config: &Config) -> Option<&str> {
    let is_postgres =
        |url: &&str| url.starts_with("postgres://") || url.starts_with("postgresql://");
    Config::url(&config.database_url).filter(is_postgres)
}

/// Opens the store, PostgreSQL or the embedded one, which one process has at a time, and brings
/// its schema up.
pub(crate) async fn open_store(config: &Config) -> Result<Arc<dyn Store>, WiringError> {
    if let Some(url) = postgres_url(config) {
        let store = PostgresStore::connect(url, pool_settings(config)).await?;
        store.migrate().await?;
        return Ok(Arc::new(store));
    }
    match Config::url(&config.database_url) {
        Some(url) => match url.strip_prefix("sqlite:") {
            Some(path) => open_sqlite(path.trim_start_matches("//")).await,
            None => Err(WiringError::Setting(
                "database_url",
                "must begin with postgres:// or sqlite:".into(),
            )),
        },
        None => {
            std::fs::create_dir_all(&config.data_dir)
                .map_err(|error| WiringError::Folder(config.data_dir.clone(), error))?;
            open_sqlite(&config.data_dir.join("gouxuan.db").to_string_lossy()).await
        }
    }
}

async fn open_sqlite(path: &str) -> Result<Arc<dyn Store>, WiringError> {
    Ok(Arc::new(SqliteStore::open(path, Arc::new(WallClock)).await?))
}

/// The statistic cache: Redis, or in process.
fn open_statistics(config: &Config) -> Result<Arc<dyn StatisticCache>, WiringError> {
    match Config::url(&config.redis_url) {
        None => Ok(Arc::new(MemoryStatistics::new(Arc::new(WallClock)))),
        Some(url) => {
            let cache = RedisStatistics::new(url)
                .map_err(|error| WiringError::Setting("redis_url", error.to_string()))?;
            Ok(Arc::new(cache))
        }
    }
}

fn open_bus(config: &Config) -> Result<BusEnd, WiringError> {
    let Some(url) = Config::url(&config.amqp_url) else {
        return Ok(BusEnd::Local(Arc::new(LocalBus::new())));
    };
    let settings = bus::Settings::new(url)
        .map_err(|error| WiringError::Setting("amqp_url", error.to_string()))?;
    let instance = RealChance.id(WallClock.now());
    Ok(BusEnd::Rabbit(Arc::new(bus::Bus::start(settings, instance))))
}

impl BusEnd {
    pub(crate) fn inbox(&self) -> Arc<dyn Inbox> {
        match self {
            BusEnd::Local(bus) => bus.clone(),
            BusEnd::Rabbit(bus) => bus.clone(),
        }
    }

    pub(crate) fn post(&self) -> Arc<dyn Post> {
        match self {
            BusEnd::Local(bus) => bus.clone(),
            BusEnd::Rabbit(bus) => bus.clone(),
        }
    }

    pub(crate) fn bell(&self) -> Arc<dyn Bell> {
        match self {
            BusEnd::Local(bus) => bus.clone(),
            BusEnd::Rabbit(bus) => bus.clone(),
        }
    }

    pub(crate) async fn close(&self) {
        if let BusEnd::Rabbit(bus) = self {
            bus.close().await;
        }
    }
}

/// Opens everything that a serving process needs; nothing is listened on before it is there.
pub(crate) async fn wire(config: &Config) -> Result<Wired, WiringError> {
    let address = |name: &'static str, value: &str| {
        if value.is_empty() { Err(WiringError::NoChannel(name)) } else { Ok(value.to_owned()) }
    };
    let etax_url = address("etax_url", &config.etax_url)?;
    let leqi_url = address("leqi_url", &config.leqi_url)?;
    let clock: Arc<dyn Clock> = Arc::new(WallClock);
    let etax = EtaxClient::new(EtaxSettings::at(&etax_url), clock.clone())
        .map_err(|error| WiringError::Setting("etax_url", error.to_string()))?;
    let leqi = LeqiClient::new(LeqiSettings::at(&leqi_url), clock.clone())
        .map_err(|error| WiringError::Setting("leqi_url", error.to_string()))?;
    if !config.files.dir.as_os_str().is_empty() {
        // Before anything is taken up whose files could not be kept.
        FolderFiles::open(&config.files.dir)?;
    }
    let opened = open(config).await?;
    let (store, statistics, bus) =
        (opened.store.clone(), opened.statistics.clone(), opened.bus.clone());
    let ports = Ports {
        store,
        statistics,
        inbox: bus.inbox(),
        post: bus.post(),
        bell: bus.bell(),
        etax: Arc::new(etax),
        leqi: Arc::new(leqi),
        files: opened.files.clone(),
        table_files: Arc::new(Spreadsheets),
        clock,
        chance: Arc::new(RealChance),
        vault: opened.vault.clone(),
    };
    Ok(Wired { ports, opened })
}

/// A listener on this address, or the sentence that says why not.
pub(crate) async fn listen(address: std::net::SocketAddr) -> Result<TcpListener, WiringError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| WiringError::Setting("listen", format!("{address}: {error}")))
}
