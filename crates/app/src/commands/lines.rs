//! A file of any length with a message a line, a part of it at a time.

use super::Outcome;
use std::io;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, BufReader};

/// Messages of one part; the answer comes after all of them are taken.
const MESSAGES: usize = 500;
/// Bytes of one part.
const BYTES: usize = 4 << 20;

/// The file cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{0} cannot be read: {1}")]
pub(super) struct Unreadable(String, io::Error);

type Source = Box<dyn AsyncBufRead + Send + Unpin>;
/// A message, with its line in the file.
pub(super) type Line = (usize, console::Bytes);

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

/// Sends the messages of a file, or of the standard input (`-`). Of a message that is longer than
/// `room` bytes so much and one more is kept: enough for the site to say that it is too long.
pub(super) async fn in_parts(
    file: &str,
    room: usize,
    mut send: impl AsyncFnMut(&[Line]) -> Outcome,
) -> Outcome {
    let unreadable = |error| Unreadable(file.to_owned(), error);
    let mut source: Source = match file {
        "-" => Box::new(BufReader::new(tokio::io::stdin())),
        name => Box::new(BufReader::new(tokio::fs::File::open(name).await.map_err(unreadable)?)),
    };
    let kept = room + 1;
    let (mut number, mut bytes) = (0, 0);
    let mut part = Vec::new();
    while let Some(mut line) = next_line(&mut source, kept).await.map_err(unreadable)? {
        number += 1;
        if number == 1 && begins_only(&line, kept) {
            // Not a message a line but one message over several lines.
            let rest = u64::try_from(kept).unwrap_or(u64::MAX);
            (&mut source).take(rest).read_to_end(&mut line).await.map_err(unreadable)?;
        }
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        bytes += text.len();
        part.push((number, text.to_vec().into()));
        if part.len() == MESSAGES || bytes >= BYTES {
            send(&part).await?;
            part.clear();
            bytes = 0;
        }
    }
    if part.is_empty() { Ok(()) } else { send(&part).await }
}

/// One line without its end, at most `kept` bytes of it; None at the end of the file.
async fn next_line(source: &mut Source, kept: usize) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    loop {
        let buffered = source.fill_buf().await?;
        if buffered.is_empty() {
            return Ok(Some(line).filter(|line| !line.is_empty()));
        }
        let end = buffered.iter().position(|byte| *byte == b'\n');
        let part = &buffered[..end.unwrap_or(buffered.len())];
        let room = kept.saturating_sub(line.len());
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
fn begins_only(line: &[u8], kept: usize) -> bool {
    let read = serde_json::from_slice::<serde::de::IgnoredAny>(line);
    line.len() < kept && read.is_err_and(|error| error.is_eof()) && !line.trim_ascii().is_empty()
}
