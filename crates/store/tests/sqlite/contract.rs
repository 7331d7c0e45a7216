//! What every store must do, on a file and in memory.

use super::hand_clock::HandClock;
use async_trait::async_trait;
use domain::Moment;
use fleet::{
    contract::Bench,
    ports::{Store, clock::Clock},
};
use std::{sync::Arc, time::Duration};
use store::sqlite::SqliteStore;
use tempfile::TempDir;

struct SqliteBench {
    clock: Arc<HandClock>,
    store: Arc<SqliteStore>,
    /// Of the file; none in memory.
    _folder: Option<TempDir>,
}

#[async_trait]
impl Bench for SqliteBench {
    fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    async fn now(&self) -> Moment {
        self.clock.now()
    }

    async fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    async fn end(self: Box<Self>) {
        self.store.close().await;
    }
}

async fn at(path: &str, folder: Option<TempDir>) -> SqliteBench {
    let clock = HandClock::new();
    let store = SqliteStore::open(path, clock.clone()).await.expect("a new file can be opened");
    SqliteBench { clock, store: Arc::new(store), _folder: folder }
}

async fn in_memory() -> SqliteBench {
    at(":memory:", None).await
}

async fn on_file() -> SqliteBench {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("gouxuan.db");
    at(path.to_str().expect("a path in UTF-8"), Some(folder)).await
}

mod memory {
    fleet::contract_suite!(super::in_memory);
}

mod file {
    fleet::contract_suite!(super::on_file);
}
