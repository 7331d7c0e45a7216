//! The command line.

mod around;
mod automatic;
mod batches;
mod bench;
mod invoices;
mod ledger;
mod lists;
mod people;
mod registry;
mod secrets;
mod statistics;
mod tasks;

pub(crate) use around::{CalendarAction, CheckAction, MatrixArgs, RunAction, RunPartsArgs};
pub(crate) use automatic::AutomaticAction;
pub(crate) use batches::{ActArgs, BatchAction};
pub(crate) use bench::{BenchArgs, BenchPart};
pub(crate) use invoices::{InvoiceAction, InvoiceFilterArgs, OneInvoice, ResyncArgs};
pub(crate) use ledger::{LedgerAction, LedgerArgs};
pub(crate) use lists::ListAction;
pub(crate) use people::{AuditArgs, UserAction};
pub(crate) use registry::{AccountAction, ChangeArgs, OneAccount, TaxpayerAction, TaxpayerSetArgs};
pub(crate) use secrets::SecretAction;
pub(crate) use statistics::{OperationArgs, PeriodAction, StatisticAction};
pub(crate) use tasks::{FilterArgs, GateArgs, LaneAction, NoteArgs, SessionArgs, TaskAction};

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::{net::SocketAddr, path::PathBuf};

/// gouxuan (勾选): runs tax tasks against the Chinese tax bureaus, one at a time per account and
/// per tax number.
#[derive(Debug, Parser)]
#[command(name = "gouxuan", version, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// A TOML file with settings that differ from the defaults (`gouxuan config` prints them)
    #[arg(long, global = true, env = "GOUXUAN_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// One setting, such as switch.per_hour=3; may be repeated
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Print JSON: one object, or one per line
    #[arg(long, global = true)]
    pub json: bool,
    /// postgres://… or sqlite:…; default an SQLite file under --data-dir
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// amqp://…; default the bus in this process
    #[arg(long, global = true, value_name = "URL")]
    pub amqp_url: Option<String>,
    /// redis://…; default the statistic cache in this process
    #[arg(long, global = true, value_name = "URL")]
    pub redis_url: Option<String>,
    /// The robots' gateway of 电子税局
    #[arg(long, global = true, value_name = "URL")]
    pub etax_url: Option<String>,
    /// The 乐企 interface
    #[arg(long, global = true, value_name = "URL")]
    pub leqi_url: Option<String>,
    /// Console, API and metrics; also where a running process is looked for. For `simulate`:
    /// where the simulated bureau listens, 127.0.0.1:8090 when left out
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Where the embedded store lives
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
}

impl Global {
    /// The settings that have a flag of their own.
    pub(crate) fn overrides(&self) -> Vec<(&'static str, String)> {
        let text = |value: &Option<String>| value.clone();
        let given = [
            ("database_url", text(&self.database_url)),
            ("amqp_url", text(&self.amqp_url)),
            ("redis_url", text(&self.redis_url)),
            ("etax_url", text(&self.etax_url)),
            ("leqi_url", text(&self.leqi_url)),
            ("listen", self.listen.map(|address| address.to_string())),
            ("data_dir", self.data_dir.as_ref().map(|path| path.display().to_string())),
        ];
        given.into_iter().filter_map(|(key, value)| value.map(|value| (key, value))).collect()
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The whole thing on this machine: embedded, a simulated bureau, a sample batch
    Demo {
        /// Keep running afterwards, with the console
        #[arg(long)]
        keep: bool,
    },
    /// Run a worker, the console, or both
    Serve {
        #[arg(long, value_enum, value_delimiter = ',', default_value = "worker,console")]
        role: Vec<Role>,
    },
    /// The bureau, both channels, simulated
    Simulate {
        /// Who exists there
        #[arg(long, value_name = "FILE")]
        world: PathBuf,
        /// Instead of the world's own
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Bring the store's schema up
    Migrate,
    /// Check configuration, database, clock, broker, cache and channels: one line each
    Doctor,
    /// Publish tasks, look at them, retry, cancel
    Task {
        #[command(subcommand)]
        action: TaskAction,
    },
    /// The invoice pool: look at it, fill it
    Invoice {
        #[command(subcommand)]
        action: InvoiceAction,
    },
    /// Select or deselect many invoices at once, and follow them
    Batch {
        #[command(subcommand)]
        action: BatchAction,
    },
    /// Select by .xlsx lists that people fill in
    List {
        #[command(subcommand)]
        action: ListAction,
    },
    /// Rules that select and enter invoices by themselves
    Automatic {
        #[command(subcommand)]
        action: AutomaticAction,
    },
    /// What became of each invoice of each task
    Ledger {
        #[command(subcommand)]
        action: LedgerAction,
    },
    /// Statistic tables: look at them, query, create, withdraw, confirm
    Statistic {
        #[command(subcommand)]
        action: StatisticAction,
    },
    /// The bureau's current period: query, change
    Period {
        #[command(subcommand)]
        action: PeriodAction,
    },
    /// Before a period is confirmed: what is selected and abnormal, booked and not selected, …
    Check {
        #[command(subcommand)]
        action: CheckAction,
    },
    /// Where every tax number stands with a period: selected, statistics, confirmed, filed
    Matrix(MatrixArgs),
    /// Until when periods are filed, bureau by bureau
    Calendar {
        #[command(subcommand)]
        action: CalendarAction,
    },
    /// Confirm many tax numbers at once, approved by a second person
    Run {
        #[command(subcommand)]
        action: RunAction,
    },
    /// What tasks are signed with: set, list, remove
    Secret {
        #[command(subcommand)]
        action: SecretAction,
    },
    /// Who may do what: users and their roles
    User {
        #[command(subcommand)]
        action: UserAction,
    },
    /// Who did what, when, from where, before and after
    Audit(AuditArgs),
    /// Taxpayers (企业信息): list, show, change
    Taxpayer {
        #[command(subcommand)]
        action: TaxpayerAction,
    },
    /// Accounts at bureaus (数电账号): list, show, change, whom they serve
    Account {
        #[command(subcommand)]
        action: AccountAction,
    },
    /// Accounts at bureaus: who serves them, pause, resume, login
    Lane {
        #[command(subcommand)]
        action: LaneAction,
    },
    /// Print the commented default settings
    Config,
    /// Measure this machine with the configured servers: throughput, latency, claim cost, memory
    Bench(BenchArgs),
    /// Taxpayers, accounts and invoices
    World {
        #[command(subcommand)]
        action: WorldAction,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum WorldAction {
    /// Write the good rows of a world file into the store, and tell every other one
    Import { file: PathBuf },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    Worker,
    Console,
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory;

    /// Two arguments of one name are found only when a command is used.
    #[test]
    fn every_command_can_be_parsed() {
        Cli::command().debug_assert();
    }
}
