//! What every store must do, on PostgreSQL.

use crate::stage::{connect, database};
use async_trait::async_trait;
use domain::Moment;
use fleet::{contract::Bench, ports::Store};
use rig::Database;
use sqlx::{PgPool, postgres::PgPoolOptions};
use std::{sync::Arc, time::Duration};
use store::postgres::PostgresStore;

struct PostgresBench {
    store: Arc<PostgresStore>,
    /// A second way in, for the clock.
    clock: PgPool,
    _database: Database,
}

#[async_trait]
impl Bench for PostgresBench {
    fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    async fn now(&self) -> Moment {
        let now = sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(&self.clock).await;
        now.expect("the database knows the time")
    }

    async fn advance(&self, by: Duration) {
        sqlx::query("SELECT pass(make_interval(secs => $1))")
            .bind(by.as_secs_f64())
            .execute(&self.clock)
            .await
            .expect("the database can be set back");
    }

    async fn end(self: Box<Self>) {
        self.store.close().await;
        self.clock.close().await;
    }
}

async fn postgres() -> PostgresBench {
    let database = database().await;
    let clock = PgPoolOptions::new().max_connections(1).connect_lazy(database.url());
    PostgresBench {
        store: Arc::new(connect(database.url()).await),
        clock: clock.expect("the address is well formed"),
        _database: database,
    }
}

fleet::contract_suite!(postgres);
