//! What the machine is, and what processes used of it; from /proc.

use serde::Serialize;
use std::{collections::BTreeMap, fs};

/// Clock ticks of /proc a second, on every Linux that we build for.
const TICKS: f64 = 100.0;
/// Servers whose processor time is told, by the name of their processes.
const SERVERS: [(&str, &str); 3] =
    [("postgres", "postgresql"), ("beam.smp", "rabbitmq"), ("redis-server", "redis")];

/// The machine of a run.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Machine {
    pub(super) processor: String,
    pub(super) cores: usize,
    pub(super) memory_mb: u64,
    pub(super) kernel: String,
}

impl Machine {
    pub(super) fn this() -> Machine {
        let line = |path: &str, key: &str| {
            let text = fs::read_to_string(path).unwrap_or_default();
            let found = text.lines().find(|line| line.starts_with(key));
            found.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
        };
        let memory = line("/proc/meminfo", "MemTotal").unwrap_or_default();
        let kilobytes = memory.split(' ').next().and_then(|kb| kb.parse::<u64>().ok());
        Machine {
            processor: line("/proc/cpuinfo", "model name").unwrap_or_default(),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory_mb: kilobytes.unwrap_or_default() / 1024,
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")
                .unwrap_or_default()
                .trim()
                .to_owned(),
        }
    }
}

/// Processor seconds since the start, ours and those of the servers on this machine.
#[derive(Debug, Clone, Default)]
pub(super) struct CpuTimes(BTreeMap<&'static str, f64>);

impl CpuTimes {
    pub(super) fn now() -> CpuTimes {
        let mut times: BTreeMap<&'static str, f64> = BTreeMap::new();
        let us = std::process::id();
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
            let Some((name, seconds)) = stat(pid) else { continue };
            let server = SERVERS.iter().find(|(process, _)| *process == name);
            let who = if pid == us { Some("gouxuan") } else { server.map(|(_, who)| *who) };
            if let Some(who) = who {
                *times.entry(who).or_default() += seconds;
            }
        }
        CpuTimes(times)
    }

    /// Microseconds per task since then.
    pub(super) fn since(&self, then: &CpuTimes, tasks: usize) -> BTreeMap<&'static str, f64> {
        let used = |who: &str, seconds: f64| seconds - then.0.get(who).copied().unwrap_or_default();
        let each = self.0.iter().map(|(who, seconds)| {
            let micros = used(who, *seconds) * 1e6 / tasks.max(1) as f64;
            (*who, (micros * 10.0).round() / 10.0)
        });
        each.collect()
    }
}

/// Name and processor seconds of a process, with those of its children that have ended.
fn stat(pid: u32) -> Option<(String, f64)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (before, after) = text.rsplit_once(')')?;
    let name = before.split_once('(')?.1.to_owned();
    let fields: Vec<&str> = after.split_whitespace().collect();
    let ticks: f64 = fields.get(11..15)?.iter().filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    Some((name, ticks / TICKS))
}

/// Resident memory of a process in MB, while it lives.
pub(super) fn resident_mb(pid: u32) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmRSS"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some((kilobytes / 102.4).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::{Machine, resident_mb, stat};

    #[test]
    fn this_process_and_machine_can_be_read() {
        let us = std::process::id();
        assert!(stat(us).is_some_and(|(_, seconds)| seconds >= 0.0));
        assert!(resident_mb(us).is_some_and(|mb| mb > 1.0));
        let machine = Machine::this();
        assert!(machine.cores > 0 && machine.memory_mb > 0, "{machine:?}");
    }
}
