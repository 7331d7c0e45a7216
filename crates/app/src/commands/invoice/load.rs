//! `gouxuan invoice template` and `load`.

use super::super::{NotDone, Outcome, print};
use crate::chance::WallClock;
use console::{Client, answers::LoadView};
use fleet::ports::clock::Clock;
use std::path::Path;

/// Rejected rows that are printed; a file has them all.
const SHOWN: usize = 100;

pub(super) async fn template(client: &Client, to: &Path) -> Outcome {
    let file = client.load_template().await?;
    write(to, &file)?;
    print(&format!("{}: {} bytes", to.display(), file.len()))
}

fn write(to: &Path, bytes: &[u8]) -> Result<(), NotDone> {
    let shown = to.display();
    std::fs::write(to, bytes)
        .map_err(|error| NotDone(format!("{shown} cannot be written: {error}")))
}

/// Good rows are loaded whatever the others are; 1 when one was rejected.
pub(super) async fn load(
    client: &Client,
    file: &Path,
    rejected: Option<&Path>,
    json: bool,
) -> Outcome {
    let shown = file.display();
    let bytes =
        std::fs::read(file).map_err(|error| NotDone(format!("{shown} cannot be read: {error}")))?;
    let loaded = client.load_invoices(bytes).await?;
    if let Some(to) = rejected {
        write(to, &client.rejected_as_xlsx(&loaded, WallClock.now())?)?;
    }
    if json {
        print(&serde_json::to_string(&loaded)?)?;
    } else {
        show(&loaded)?;
    }
    match loaded.rejected.len() {
        0 => Ok(()),
        count => Err(NotDone(format!(
            "{count} of {} rows were not loaded; correct them and load the file again",
            loaded.rows
        ))
        .into()),
    }
}

fn show(loaded: &LoadView) -> Outcome {
    for row in loaded.rejected.iter().take(SHOWN) {
        let column = if row.column.is_empty() { "" } else { &row.column };
        print(&format!("第{}行“{column}”列：{}", row.row, row.problem))?;
    }
    if loaded.rejected.len() > SHOWN {
        let more = loaded.rejected.len() - SHOWN;
        print(&format!("and {more} more; write them all to a file with --rejected"))?;
    }
    let LoadView { rows, loaded, rejected } = loaded;
    print(&format!("{rows} rows: {loaded} loaded, {} rejected", rejected.len()))
}
