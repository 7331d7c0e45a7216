//! What a benchmark needs of PostgreSQL beside the ports: a database of its own, and the raw cost
//! of the rows.

use super::{PostgresStore, fault::Fault};
use fleet::ports::StoreError;
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use std::str::FromStr;
use uuid::Uuid;

/// A database that was made for a benchmark, beside the one that the URL names.
#[derive(Clone, Debug)]
pub struct ScratchDatabase {
    server: String,
    name: String,
}

impl ScratchDatabase {
    /// Makes the database `name`; `url` names the server, and a database there to connect to.
    ///
    /// # Errors
    /// `Broken` when the role may not make databases, or there is one of that name.
    pub async fn create(url: &str, name: &str) -> Result<ScratchDatabase, StoreError> {
        let scratch = ScratchDatabase { server: url.to_owned(), name: name.to_owned() };
        scratch.on_the_server(&format!("CREATE DATABASE \"{name}\"")).await?;
        Ok(scratch)
    }

    /// The URL of the database.
    ///
    /// # Errors
    /// `Broken` when the server's URL has no path to put the name into.
    pub fn url(&self) -> Result<String, StoreError> {
        let (before, query) = self.server.split_once('?').unwrap_or((&self.server, ""));
        let host = before.find("://").map_or(0, |at| at + 3);
        let end = before[host..].find('/').map_or(before.len(), |at| host + at);
        let query = if query.is_empty() { String::new() } else { format!("?{query}") };
        Ok(format!("{}/{}{query}", &before[..end], self.name))
    }

    /// Removes it, also from under connections that are still open.
    ///
    /// # Errors
    /// `Away` or `Broken`; the database is then left for a person to remove.
    pub async fn remove(self) -> Result<(), StoreError> {
        self.on_the_server(&format!("DROP DATABASE \"{}\" WITH (FORCE)", self.name)).await
    }

    /// Vacuums and analyses, as the server does by itself a while after a bulk load.
    ///
    /// # Errors
    /// `Away` or `Broken`.
    pub async fn vacuum(&self) -> Result<(), StoreError> {
        run(&self.url()?, "VACUUM (ANALYZE)").await
    }

    async fn on_the_server(&self, statement: &str) -> Result<(), StoreError> {
        run(&self.server, statement).await
    }
}

/// Runs a statement on a connection of its own, without the limits of time that the store's have.
async fn run(url: &str, statement: &str) -> Result<(), StoreError> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| StoreError::Broken(format!("the database URL: {error}")))?;
    let work = async {
        let mut connection = PgConnection::connect_with(&options).await?;
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await?;
        connection.close().await
    };
    work.await.map_err(|error| Fault::from(error).into())
}

/// One task's rows, as [`PostgresStore::write_raw`] writes them.
#[derive(Clone, Debug)]
pub struct RawTask {
    pub id: Uuid,
    pub body: String,
    pub invoices: i32,
    /// Stands for tax number and lane; any number that no other row of `running` has.
    pub number: i32,
}

impl PostgresStore {
    /// Writes the rows of these tasks in one transaction, without any logic of ours.
    ///
    /// # Errors
    /// `Away` or `Broken`; nothing was written then.
    pub async fn write_raw(&self, tasks: &[RawTask]) -> Result<(), StoreError> {
        let write = sqlx::query(sql!("raw/rows"))
            .bind(tasks.iter().map(|task| task.id).collect::<Vec<_>>())
            .bind(tasks.iter().map(|task| task.body.as_str()).collect::<Vec<_>>())
            .bind(tasks.iter().map(|task| task.invoices).collect::<Vec<_>>())
            .bind(tasks.iter().map(|task| task.number).collect::<Vec<_>>());
        write.execute(&self.pool).await.map_err(Fault::from)?;
        Ok(())
    }
}
