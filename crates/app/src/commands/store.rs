//! `gouxuan migrate` and `gouxuan world import`.

use super::{NotDone, Outcome, print, reach::by};
use crate::{
    chance::WallClock,
    cli::WorldAction,
    config::Config,
    wiring::{open_store, open_store_or_begin},
};
use console::COMMAND_LINE;
use domain::{
    period::date_in_shanghai,
    world::{World, WorldError},
};
use fleet::{
    import::{WorldImported, import},
    ports::{
        Store, StoreError,
        clock::Clock,
        people::{NewRecord, RecordEnd, RecordOutcome},
    },
};
use serde_json::{Value, json};
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
    let size = bytes.len();
    drop(bytes);
    read.world.fill_defaults(date_in_shanghai(WallClock.now()));
    let store = open_store_or_begin(config).await?;
    let asked = json!({"file": name, "bytes": size});
    let imported =
        recorded(&*store, &asked, async |by| import(&*store, read, config.leqi.width, by).await);
    let imported = imported.await?;
    tell(&imported, json)?;
    match imported.rejected.len() {
        0 => Ok(()),
        rows => Err(NotDone(format!(
            "{rows} rows of {name} were not imported; mend them and import the file again"
        ))
        .into()),
    }
}

/// Writes into the audit that a world is imported, before it is, and afterwards how it came out: as
/// the same over HTTP does. The argument of `import` is the machine's user.
async fn recorded(
    store: &dyn Store,
    asked: &Value,
    import: impl AsyncFnOnce(&str) -> Result<WorldImported, StoreError>,
) -> Result<WorldImported, StoreError> {
    let by = by(None);
    let record = NewRecord {
        by: by.clone(),
        reason: String::new(),
        action: "POST world".to_owned(),
        subject: "world".to_owned(),
        source: COMMAND_LINE.to_owned(),
        asked: Some(asked.to_string()),
    };
    let id = store.begin_record(&record).await?;
    let imported = import(&by).await;
    let outcome = if imported.is_ok() { RecordOutcome::Done } else { RecordOutcome::Failed };
    let after = imported.as_ref().ok().map(|imported| {
        let mut counts = counts(imported);
        counts["rejected"] = imported.rejected.len().into();
        counts.to_string()
    });
    // It is done: that its end is not written must not make it look undone.
    if let Err(error) = store.end_record(id, &RecordEnd { outcome, before: None, after }).await {
        tracing::error!(%error, record = id, "how an action ended is not in the audit");
    }
    imported
}

fn counts(WorldImported { written, .. }: &WorldImported) -> Value {
    json!({
        "taxpayers": written.taxpayers,
        "accounts": written.accounts,
        "invoices": written.invoices,
        "statistics": written.statistics,
    })
}

/// Counts, and a line for each rejected row.
fn tell(imported: &WorldImported, json: bool) -> Outcome {
    let WorldImported { written, rejected } = imported;
    if json {
        let row = |wrong: &WorldError| json!({"place": wrong.place, "problem": wrong.problem});
        let mut told = counts(imported);
        told["rejected"] = rejected.iter().map(row).collect();
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
