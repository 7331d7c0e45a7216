//! How large a storm is: small by default, so that CI ends; the environment makes it larger.

/// The size of one storm.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figures {
    pub(super) tasks: usize,
    pub(super) lanes: usize,
    pub(super) tax_numbers: usize,
    /// Rounds: in each a part of the tasks is published and a worker is killed.
    pub(super) kills: usize,
    /// `lease_s` of the workers.
    pub(super) lease: u64,
    /// For all of it to end, in seconds; beyond it the test hangs.
    pub(super) most_seconds: u64,
}

impl Figures {
    /// From `GOUXUAN_CHAOS_TASKS`, `…_LANES`, `…_TAX_NUMBERS`, `…_KILLS`, `…_LEASE_S`, `…_MOST_S`.
    pub(super) fn from_environment() -> Figures {
        Figures {
            tasks: figure("TASKS", 1_200),
            lanes: figure("LANES", 50),
            tax_numbers: figure("TAX_NUMBERS", 300),
            kills: figure("KILLS", 12),
            lease: figure("LEASE_S", 4) as u64,
            most_seconds: figure("MOST_S", 480) as u64,
        }
    }
}

fn figure(name: &str, default: usize) -> usize {
    let name = format!("GOUXUAN_CHAOS_{name}");
    match std::env::var(&name) {
        Ok(value) => value.parse().unwrap_or_else(|_| panic!("{name}={value} is not a number")),
        Err(_) => default,
    }
}
