//! `gouxuan migrate` and `gouxuan world import`.

use super::{Outcome, print};
use crate::{
    chance::WallClock,
    cli::WorldAction,
    config::Config,
    wiring::{open_store, open_store_or_begin},
};
use domain::{period::date_in_shanghai, world::World};
use fleet::ports::clock::Clock;
use std::path::Path;

/// The world file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorldFile {
    #[error("the world file {0} cannot be read: {1}")]
    Read(String, std::io::Error),
    #[error("the world file {0}: {1}")]
    Wrong(String, domain::world::WorldError),
}

/// Reads and checks a world file; nothing is written when any of it is wrong.
pub(crate) fn read_world(path: &Path) -> Result<World, WorldFile> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| WorldFile::Read(name.clone(), error))?;
    let mut world = World::parse(&bytes).map_err(|error| WorldFile::Wrong(name, error))?;
    world.fill_defaults(date_in_shanghai(WallClock.now()));
    Ok(world)
}

pub(super) async fn migrate(config: &Config) -> Outcome {
    open_store(config).await?;
    print("the schema is up to date")
}

pub(super) async fn world(config: &Config, action: &WorldAction, json: bool) -> Outcome {
    let WorldAction::Import { file } = action;
    let world = read_world(file)?;
    let store = open_store_or_begin(config).await?;
    let imported = store.import(&world, config.leqi.width).await?;
    if json {
        return print(
            &serde_json::json!({
                "taxpayers": imported.taxpayers,
                "accounts": imported.accounts,
                "invoices": imported.invoices,
                "statistics": imported.statistics,
            })
            .to_string(),
        );
    }
    print(&format!(
        "imported {} taxpayers, {} accounts, {} invoices and {} statistic tables",
        imported.taxpayers, imported.accounts, imported.invoices, imported.statistics
    ))
}
