//! A batch that meets contention is split in halves and repeated, down to single items.

use super::fault::Fault;
use fleet::ports::StoreError;
use std::future::Future;

/// How often a single item is tried before the store counts as away.
const SINGLE_TRIES: u32 = 5;

/// Runs `work` over all items, in order, in as few pieces as contention allows, and strings the
/// outcomes together. `work` gives one outcome per item and commits or rolls back by itself.
pub(super) async fn in_pieces<'a, T, O, F, R>(
    items: &'a [T],
    mut work: F,
) -> Result<Vec<O>, StoreError>
where
    F: FnMut(&'a [T]) -> R,
    R: Future<Output = Result<Vec<O>, Fault>>,
{
    let mut outcomes = Vec::with_capacity(items.len());
    let mut pieces = vec![items];
    let mut tries = 0;
    while let Some(piece) = pieces.pop() {
        if piece.is_empty() {
            continue;
        }
        match work(piece).await {
            Ok(done) => {
                tries = 0;
                outcomes.extend(done);
            }
            Err(Fault::Contended(why)) => {
                tracing::debug!(items = piece.len(), why, "contention: splitting the batch");
                tries += 1;
                if piece.len() > 1 {
                    let (first, second) = piece.split_at(piece.len() / 2);
                    pieces.extend([second, first]);
                    tries = 0;
                } else if tries >= SINGLE_TRIES {
                    return Err(StoreError::Away(why));
                } else {
                    pieces.push(piece);
                }
            }
            Err(Fault::Store(error)) => return Err(error),
        }
    }
    Ok(outcomes)
}

/// Runs `work`, which cannot be split, until it meets no contention.
pub(super) async fn again<O, F, R>(mut work: F) -> Result<O, StoreError>
where
    F: FnMut() -> R,
    R: Future<Output = Result<O, Fault>>,
{
    let mut tries = 0;
    loop {
        match work().await {
            Ok(done) => return Ok(done),
            Err(Fault::Contended(why)) if tries < SINGLE_TRIES => {
                tracing::debug!(why, "contention: once more");
                tries += 1;
            }
            Err(fault) => return Err(fault.into()),
        }
    }
}
