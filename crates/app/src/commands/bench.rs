//! `gouxuan bench`: see [`crate::bench`].

use super::{NotDone, Outcome, print};
use crate::{bench, cli::BenchArgs, config::Config};

pub(super) async fn run(config: Config, args: &BenchArgs, json: bool) -> Outcome {
    let report = bench::run(config, args).await?;
    print(&if json { report.json()? } else { report.text() })?;
    if report.failures.is_empty() {
        return Ok(());
    }
    Err(NotDone(format!("not measured: {}", report.failures.join("; "))).into())
}
