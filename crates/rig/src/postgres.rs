use std::path::PathBuf;
use std::process::Command;

use tokio::sync::OnceCell;

use crate::Error;
use crate::server::{Ending, Kind, Origin, Server, given, off_runtime, output_of, unique};

static SHARED: OnceCell<Postgres> = OnceCell::const_new();

/// A PostgreSQL server.
#[derive(Debug)]
pub struct Postgres {
    url: String,
    origin: Origin,
}

impl Postgres {
    /// The server that all tests share: the one of `GOUXUAN_TEST_POSTGRES_URL`, else one of this process.
    pub async fn shared() -> Result<&'static Postgres, Error> {
        SHARED
            .get_or_try_init(async || match given("GOUXUAN_TEST_POSTGRES_URL") {
                Some(url) => Ok(Postgres { url, origin: Origin::Given }),
                None => Postgres::private().await,
            })
            .await
    }

    /// A server for one test alone, gone when it is dropped.
    pub async fn private() -> Result<Postgres, Error> {
        let server = off_runtime(|| Server::start(Kind::Postgres)).await?;
        Ok(Postgres { url: server.addresses()[0].clone(), origin: Origin::Own(server) })
    }

    /// `postgres://user:password@host:port/postgres`, as a superuser. The same after a restart.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A new, empty database.
    pub async fn database(&self) -> Result<Database, Error> {
        self.copy_of("template0").await
    }

    /// A new database with what `prepare` made of an empty one: its schema, say.
    ///
    /// `prepare` is given the address of the empty database and runs once per server and `name`; every
    /// later database is a copy of its work. The name must change when its work does (carry a hash of the
    /// migrations in it) and keep to letters, digits and underscores. `prepare` must have closed its
    /// connections when it returns.
    pub async fn database_like<E: std::fmt::Display>(
        &self,
        name: &str,
        prepare: impl AsyncFnOnce(String) -> Result<(), E>,
    ) -> Result<Database, Error> {
        let template = format!("like_{name}");
        let known = format!("SELECT 1 FROM pg_database WHERE datname = '{template}'");
        if self.ask(known.clone()).await?.is_empty() {
            let draft = self.database().await?;
            prepare(draft.url.clone()).await.map_err(|e| {
                Error::new(format!("the database {name} could not be prepared: {e}"))
            })?;
            // Test processes prepare at the same time; the first to give its draft the name has made the
            // template, and the others' drafts are dropped with their guards.
            let renamed =
                self.ask(format!("ALTER DATABASE {} RENAME TO {template}", draft.name)).await;
            if let Err(e) = renamed
                && self.ask(known).await?.is_empty()
            {
                return Err(e);
            }
        }
        self.copy_of(&template).await
    }

    /// Ends every process of the server as if the power were cut. The data stays, for [`Postgres::restart`].
    pub async fn kill(&mut self) -> Result<(), Error> {
        self.origin.lend(|server| server.end(Ending::Kill)).await
    }

    /// Stops the server in good order ("fast": sessions are ended). The data stays, for [`Postgres::restart`].
    pub async fn stop(&mut self) -> Result<(), Error> {
        self.origin.lend(|server| server.end(Ending::Stop)).await
    }

    /// Starts the server again, after stopping it if it still runs; returns when it answers.
    pub async fn restart(&mut self) -> Result<(), Error> {
        self.origin.lend(Server::restart).await
    }

    async fn copy_of(&self, template: &str) -> Result<Database, Error> {
        let name = format!("test_{}", unique());
        // Copied as files: measured at 30 ms against 200 ms through the write-ahead log, which is the default
        // since PostgreSQL 15; before that it was the only way and had no name.
        self.ask(format!(
            "SELECT 'CREATE DATABASE {name} TEMPLATE {template}' || CASE WHEN \
             current_setting('server_version_num')::int >= 150000 THEN ' STRATEGY file_copy' ELSE '' END \\gexec"
        ))
        .await?;
        let (server, _) = self.url.rsplit_once('/').expect("an address has a path");
        Ok(Database { url: format!("{server}/{name}"), name, server: self.url.clone() })
    }

    async fn ask(&self, statement: String) -> Result<String, Error> {
        let url = self.url.clone();
        off_runtime(move || psql(&url, &statement)).await
    }
}

/// A database of one test's own, dropped with this guard.
#[derive(Debug)]
pub struct Database {
    name: String,
    url: String,
    server: String,
}

impl Database {
    /// `postgres://user:password@host:port/name`
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs statements on a connection of their own and returns the rows they give, every value as PostgreSQL
    /// prints it and NULL as the empty string.
    ///
    /// For tests that judge what is stored from outside; values with tabs or line ends do not come through whole.
    pub async fn rows(&self, statement: &str) -> Result<Vec<Vec<String>>, Error> {
        let (url, statement) = (self.url.clone(), statement.to_owned());
        let printed = off_runtime(move || psql(&url, &statement)).await?;
        Ok(printed.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // Fails when the test has stopped its server; then the database goes with the server's folder.
        psql(&self.server, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)).ok();
    }
}

/// Runs a script and returns what it printed: one row a line, tabs between values. Blocks.
fn psql(url: &str, script: &str) -> Result<String, Error> {
    let mut command = Command::new(psql_program());
    command
        .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator", "\t"])
        .args(["--set", "ON_ERROR_STOP=1", "--dbname", url])
        .env("PGCONNECT_TIMEOUT", "10");
    output_of(command, "psql", script)
}

/// The newest psql itself: Debian's wrapper before it costs four times as much as the whole rest of a call.
fn psql_program() -> PathBuf {
    let version = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.join("bin/psql").exists())
        .max_by_key(version)
        .map_or_else(|| PathBuf::from("psql"), |path| path.join("bin/psql"))
}
