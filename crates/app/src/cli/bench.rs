//! The arguments of `bench`.

use clap::{Args, ValueEnum};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BenchPart {
    /// A day's work that was published before: round-robin and in a row
    Drain,
    /// The same while it is published
    Publishing,
    /// The same bytes and rows without any of our logic
    Raw,
    /// From the publisher's confirm to the channel's first call, in an idle fleet
    Latency,
    /// Claims with few tasks waiting and with many
    Claim,
    /// Pages of the invoice pool, by filters that match much, little and nothing
    Pool,
    /// Resident memory of a worker process, idle and with 10,000 lanes
    Memory,
}

impl BenchPart {
    pub(crate) const ALL: [BenchPart; 7] = [
        BenchPart::Drain,
        BenchPart::Publishing,
        BenchPart::Raw,
        BenchPart::Latency,
        BenchPart::Claim,
        BenchPart::Pool,
        BenchPart::Memory,
    ];
}

#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// Only these parts
    #[arg(long, value_enum, value_delimiter = ',')]
    pub part: Vec<BenchPart>,
    /// Tasks of a day's work
    #[arg(long, default_value_t = 100_000)]
    pub tasks: usize,
    /// Accounts
    #[arg(long, default_value_t = 1_000)]
    pub lanes: usize,
    /// Tax numbers; one in ten is served by two accounts
    #[arg(long, default_value_t = 5_000)]
    pub tax_numbers: usize,
    /// Tasks waiting in the large case of `claim`
    #[arg(long, default_value_t = 1_000_000)]
    pub waiting: usize,
    /// Invoices in the pool of `pool`
    #[arg(long, default_value_t = 1_000_000)]
    pub invoices: usize,
}
