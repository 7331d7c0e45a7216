//! What every list command does: page after page, so that any number of rows needs the memory of
//! one.

use super::{Outcome, print, table};
use console::ClientError;
use serde::Serialize;

/// Prints at most so many rows, one JSON object a line or as a table. `page` is asked for so many
/// rows, and tells whether there are more behind them.
pub(super) async fn show<T: Serialize, const N: usize>(
    limit: usize,
    json: bool,
    head: [&str; N],
    row: impl Fn(&T) -> [String; N],
    mut page: impl AsyncFnMut(usize) -> Result<(Vec<T>, bool), ClientError>,
) -> Outcome {
    let mut left = limit;
    let mut rows = table(&head);
    let mut more = true;
    while left > 0 && more {
        let found;
        (found, more) = page(left.min(console::MOST_ROWS)).await?;
        left = left.saturating_sub(found.len());
        for one in &found {
            if json {
                print(&serde_json::to_string(one)?)?;
            } else {
                rows.add_row(row(one));
            }
        }
    }
    if json {
        return Ok(());
    }
    print(&rows.to_string())?;
    if more {
        print("there are more; see them with a higher --limit, or narrow the filter")?;
    }
    Ok(())
}
