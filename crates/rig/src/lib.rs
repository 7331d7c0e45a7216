//! What tests run against: real PostgreSQL, RabbitMQ and Redis servers, and a TCP proxy that breaks
//! connections on purpose.
//!
//! Every test gets something of its own on a server that many tests share:
//!
//! ```ignore
//! let database = rig::Postgres::shared().await?.database().await?;
//! let vhost = rig::RabbitMq::shared().await?.vhost().await?;
//! let numbered = rig::Redis::shared().await?.database().await?;
//! connect(database.url(), vhost.url(), numbered.url()).await;
//! // each is dropped on its server with its guard
//! ```
//!
//! A test that kills or restarts a server asks for one of its own, [`Postgres::private`] and so on; the
//! compiler keeps it from doing so to a shared one. The shared servers are those that the
//! `GOUXUAN_TEST_…` variables name (`deploy/test` starts them once and sets these), or, without the
//! variables, servers of this test process. No test is skipped for want of a server.
//!
//! The servers themselves are started by `deploy/services`, which ends them with the test process however
//! it dies. The work here is done on blocking threads, so it is indifferent to a paused tokio clock.

mod error;
mod postgres;
mod proxy;
mod rabbitmq;
mod redis;
mod server;

pub use error::Error;
pub use postgres::{Database, Postgres};
pub use proxy::Proxy;
pub use rabbitmq::{RabbitMq, Vhost};
pub use redis::{NumberedDatabase, Redis};
