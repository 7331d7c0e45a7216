//! `gouxuan migrate` and `gouxuan world import`.

use super::{NotDone, Outcome, print};
use crate::{
    chance::WallClock,
    cli::WorldAction,
    config::Config,
    wiring::{open_store, open_store_or_begin},
};
use domain::{
    period::date_in_shanghai,
    world::{World, WorldError},
};
use fleet::{
    import::{WorldImported, import},
    ports::clock::Clock,
};
use serde_json::json;
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
    let name = file.display().to_string();
    let bytes = std::fs::read(file).map_err(|error| WorldFile::Read(name.clone(), error))?;
    let mut read = World::read(&bytes).map_err(|error| WorldFile::Wrong(name.clone(), error))?;
    drop(bytes);
    read.world.fill_defaults(date_in_shanghai(WallClock.now()));
    let store = open_store_or_begin(config).await?;
    let imported = import(&*store, read, config.leqi.width).await?;
    tell(&imported, json)?;
    match imported.rejected.len() {
        0 => Ok(()),
        rows => Err(NotDone(format!(
            "{rows} rows of {name} were not imported; mend them and import the file again"
        ))
        .into()),
    }
}

/// Counts, and a line for each rejected row.
fn tell(imported: &WorldImported, json: bool) -> Outcome {
    let WorldImported { written, rejected } = imported;
    if json {
        let row = |wrong: &WorldError| json!({"place": wrong.place, "problem": wrong.problem});
        let told = json!({
            "taxpayers": written.taxpayers,
            "accounts": written.accounts,
            "invoices": written.invoices,
            "statistics": written.statistics,
            "rejected": rejected.iter().map(row).collect::<Vec<_>>(),
        });
        return print(&told.to_string());
    }
    for wrong in rejected {
        print(&wrong.to_string())?;
    }
    print(&format!(
        "imported {} taxpayers, {} accounts, {} invoices and {} statistic tables",
        written.taxpayers, written.accounts, written.invoices, written.statistics
    ))
}
