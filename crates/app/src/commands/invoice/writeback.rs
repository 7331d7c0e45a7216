//! `gouxuan invoice writeback`: what business documents tell the pool.

use super::super::{
    NotDone, Outcome,
    lines::{self, Line},
    print,
};
use console::{
    Client,
    answers::{WritebackOutcome, WritebackView},
};
use domain::writeback::limits::BODY_BYTES;
use std::collections::BTreeMap;

pub(super) async fn run(client: &Client, file: &str, json: bool) -> Outcome {
    let mut telling = Telling { client, json, tally: BTreeMap::new() };
    lines::in_parts(file, BODY_BYTES, async |told| telling.send(told).await).await?;
    telling.finish()
}

struct Telling<'a> {
    client: &'a Client,
    json: bool,
    tally: BTreeMap<WritebackOutcome, usize>,
}

impl Telling<'_> {
    async fn send(&mut self, told: &[Line]) -> Outcome {
        let answer = self.client.write_back(told).await?;
        for one in &answer.outcomes {
            *self.tally.entry(one.outcome).or_default() += 1;
            print(&self.line(one)?)?;
        }
        Ok(())
    }

    fn line(&self, one: &WritebackView) -> serde_json::Result<String> {
        if self.json {
            return serde_json::to_string(one);
        }
        let (line, outcome, reason) = (one.line, one.outcome.name(), &one.reason);
        let colon = if reason.is_empty() { "" } else { ": " };
        Ok(format!("line {line} {outcome}{colon}{reason}"))
    }

    fn finish(&self) -> Outcome {
        let all: usize = self.tally.values().sum();
        let not_taken: usize =
            self.tally.iter().filter(|(one, _)| !one.taken()).map(|(_, count)| count).sum();
        if !self.json {
            let parts = self.tally.iter().map(|(one, count)| format!("{count} {}", one.name()));
            print(&format!("{all} write-backs: {}", parts.collect::<Vec<_>>().join(", ")))?;
        }
        if all == 0 {
            return Err(NotDone("there was no write-back in it".to_owned()).into());
        }
        if not_taken > 0 {
            let sentence =
                format!("{not_taken} of {all} write-backs were not taken; their reasons say why");
            return Err(NotDone(sentence).into());
        }
        Ok(())
    }
}
