//! `gouxuan task publish`: a file of any length, a part of it at a time.

use super::super::{
    NotDone, Outcome,
    lines::{self, Line},
    print,
};
use console::{
    Client,
    answers::{Fate, Submitted},
};
use domain::task::limits::BODY_BYTES;
use std::collections::BTreeMap;

pub(super) async fn run(client: &Client, file: &str, json: bool) -> Outcome {
    let traceparent = std::env::var("TRACEPARENT").ok();
    let mut publishing = Publishing { client, traceparent, json, tally: BTreeMap::new() };
    lines::in_parts(file, BODY_BYTES, async |tasks| publishing.send(tasks).await).await?;
    publishing.finish()
}

struct Publishing<'a> {
    client: &'a Client,
    traceparent: Option<String>,
    json: bool,
    tally: BTreeMap<Fate, usize>,
}

impl Publishing<'_> {
    async fn send(&mut self, tasks: &[Line]) -> Outcome {
        let submission = self.client.publish(tasks, self.traceparent.as_deref()).await?;
        for outcome in &submission.outcomes {
            *self.tally.entry(outcome.outcome).or_default() += 1;
            print(&self.line(outcome)?)?;
        }
        Ok(())
    }

    fn line(&self, outcome: &Submitted) -> serde_json::Result<String> {
        if self.json {
            return serde_json::to_string(outcome);
        }
        let id = outcome.task_id.map_or_else(|| "-".to_owned(), |id| id.to_string());
        let state = outcome.state.as_deref().map(|state| format!(" {state}")).unwrap_or_default();
        let (line, fate, reason) = (outcome.line, outcome.outcome.name(), &outcome.reason);
        let colon = if reason.is_empty() { "" } else { ": " };
        Ok(format!("line {line} {id} {fate}{state}{colon}{reason}"))
    }

    fn finish(&self) -> Outcome {
        let all: usize = self.tally.values().sum();
        let not_taken: usize =
            self.tally.iter().filter(|(fate, _)| !fate.taken()).map(|(_, count)| count).sum();
        if !self.json {
            let parts = self.tally.iter().map(|(fate, count)| format!("{count} {}", fate.name()));
            print(&format!("{all} messages: {}", parts.collect::<Vec<_>>().join(", ")))?;
        }
        if all == 0 {
            return Err(NotDone("there was no message in it".to_owned()).into());
        }
        if not_taken > 0 {
            let sentence =
                format!("{not_taken} of {all} messages were not taken; their reasons say why");
            return Err(NotDone(sentence).into());
        }
        Ok(())
    }
}
