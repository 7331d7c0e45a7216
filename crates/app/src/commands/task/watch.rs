//! `gouxuan task watch`: until every matching task has ended.

use super::super::{NotDone, Outcome, print};
use console::{Client, TaskQuery, answers::CountsView};
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// How often it looks.
const LOOK: Duration = Duration::from_secs(1);

pub(super) async fn run(client: &Client, query: &TaskQuery, json: bool) -> Outcome {
    let mut counts = client.counts(query).await?;
    if counts.total == 0 {
        return Err(NotDone("no task matches; see `gouxuan task list`".to_owned()).into());
    }
    let bar = if json { ProgressBar::hidden() } else { ProgressBar::new(counts.total) };
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len}  {msg}  {elapsed}") {
        bar.set_style(style);
    }
    let mut tick = tokio::time::interval(LOOK);
    let mut said = None;
    loop {
        bar.set_length(counts.total);
        bar.set_position(counts.ended);
        bar.set_message(in_words(&counts));
        if json && said.as_ref() != Some(&counts) {
            print(&serde_json::to_string(&counts)?)?;
            said = Some(counts.clone());
        }
        if counts.ended == counts.total {
            bar.finish();
            return if json { Ok(()) } else { print(&in_words(&counts)) };
        }
        tick.tick().await;
        counts = client.counts(query).await?;
    }
}

fn in_words(counts: &CountsView) -> String {
    let parts = counts.by_state.iter().map(|(state, count)| format!("{state} {count}"));
    parts.collect::<Vec<_>>().join(", ")
}
