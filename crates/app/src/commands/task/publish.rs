//! `gouxuan task publish`: a file of any length, a part of it at a time.

use super::super::{NotDone, Outcome, print};
use console::{
    Client,
    answers::{Fate, Submitted},
};
use domain::task::limits::BODY_BYTES;
use std::{collections::BTreeMap, io};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, BufReader};

/// Messages of one request; the answer comes after all of them are logged.
const MESSAGES: usize = 500;
/// Bytes of one request.
const BYTES: usize = 4 << 20;
/// Bytes of a line that are kept: enough for the site to say that it is too long.
const LINE: usize = BODY_BYTES + 1;

/// The file cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{0} cannot be read: {1}")]
pub(super) struct Unreadable(String, io::Error);

type Source = Box<dyn AsyncBufRead + Send + Unpin>;
type Task = (usize, console::Bytes);

/// Before anything is opened or asked.
pub(super) fn readable(file: &str) -> Result<(), Unreadable> {
    if file == "-" {
        return Ok(());
    }
    let opened = std::fs::File::open(file).and_then(|opened| opened.metadata());
    match opened {
        Ok(facts) if facts.is_dir() => {
            let folder = io::Error::new(io::ErrorKind::IsADirectory, "it is a folder");
            Err(Unreadable(file.to_owned(), folder))
        }
        Ok(_) => Ok(()),
        Err(error) => Err(Unreadable(file.to_owned(), error)),
    }
}

pub(super) async fn run(client: &Client, file: &str, json: bool) -> Outcome {
    let unreadable = |error| Unreadable(file.to_owned(), error);
    let mut source: Source = match file {
        "-" => Box::new(BufReader::new(tokio::io::stdin())),
        name => Box::new(BufReader::new(tokio::fs::File::open(name).await.map_err(unreadable)?)),
    };
    let traceparent = std::env::var("TRACEPARENT").ok();
    let mut publishing = Publishing { client, traceparent, json, tally: BTreeMap::new() };
    let mut number = 0;
    let (mut tasks, mut bytes) = (Vec::new(), 0);
    while let Some(line) = next_line(&mut source).await.map_err(unreadable)? {
        number += 1;
        let mut line = line;
        if number == 1 && begins_only(&line) {
            // Not a message a line but one message over several lines.
            let room = u64::try_from(LINE).unwrap_or(u64::MAX);
            (&mut source).take(room).read_to_end(&mut line).await.map_err(unreadable)?;
        }
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        bytes += text.len();
        tasks.push((number, text.to_vec().into()));
        if tasks.len() == MESSAGES || bytes >= BYTES {
            publishing.send(&tasks).await?;
            tasks.clear();
            bytes = 0;
        }
    }
    publishing.send(&tasks).await?;
    publishing.finish()
}

/// One line without its end, at most [`LINE`] bytes of it; None at the end of the file.
async fn next_line(source: &mut Source) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    loop {
        let buffered = source.fill_buf().await?;
        if buffered.is_empty() {
            return Ok(Some(line).filter(|line| !line.is_empty()));
        }
        let end = buffered.iter().position(|byte| *byte == b'\n');
        let part = &buffered[..end.unwrap_or(buffered.len())];
        let room = LINE.saturating_sub(line.len());
        line.extend_from_slice(&part[..part.len().min(room)]);
        let used = part.len() + usize::from(end.is_some());
        source.consume(used);
        if end.is_some() {
            // An empty line counts as one.
            line.push(b'\n');
            return Ok(Some(line));
        }
    }
}

/// The line is the beginning of something longer.
fn begins_only(line: &[u8]) -> bool {
    let read = serde_json::from_slice::<serde::de::IgnoredAny>(line);
    line.len() < LINE && read.is_err_and(|error| error.is_eof()) && !line.trim_ascii().is_empty()
}

struct Publishing<'a> {
    client: &'a Client,
    traceparent: Option<String>,
    json: bool,
    tally: BTreeMap<Fate, usize>,
}

impl Publishing<'_> {
    async fn send(&mut self, tasks: &[Task]) -> Outcome {
        if tasks.is_empty() {
            return Ok(());
        }
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
