//! `gouxuan bench`: see [`crate::bench`].

use super::{Outcome, print};
use crate::{bench, cli::BenchArgs, config::Config};

pub(super) async fn run(config: Config, args: &BenchArgs, json: bool) -> Outcome {
    let report = bench::run(config, args).await?;
    if json { print(&report.json()?) } else { print(&report.text()) }
}
