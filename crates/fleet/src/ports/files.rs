//! Where layout files and statistic tables are kept: bytes by what they are told by.

use async_trait::async_trait;
use domain::invoice::FileHash;
use std::{fmt::Debug, sync::Arc};

/// Bytes of one file at most. Layout files have a lower limit of their own.
pub const KEPT_BYTES: usize = 32 << 20;

/// A file store could not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// The folder cannot be written or read now; the operator must look. Repeating is safe.
    #[error("the file store is away: {0}")]
    Away(String),
    /// What was kept is no longer what it was; the file must be made or downloaded again.
    #[error("the file {0} is damaged")]
    Damaged(FileHash),
}

/// What became of bytes that were to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKept {
    /// Kept, now or before; it lasts.
    As(FileHash),
    /// More than [`KEPT_BYTES`]: not kept.
    TooLarge,
}

impl FileKept {
    /// What becomes of these bytes anywhere.
    pub fn of(bytes: &[u8]) -> FileKept {
        match bytes.len() {
            length if length > KEPT_BYTES => FileKept::TooLarge,
            _ => FileKept::As(FileHash::of(bytes)),
        }
    }
}

/// Files by their content. Names are made from it alone, never from what comes from outside; the same
/// content is kept once, whoever has it.
#[async_trait]
pub trait FileStore: Send + Sync + Debug {
    /// Keeps each; when this returns they last. The same again does nothing. Nothing is ever seen
    /// half written, whenever the process ends.
    async fn keep(&self, files: &[Arc<[u8]>]) -> Result<Vec<FileKept>, FileError>;

    /// The bytes; None: they were never kept, or somebody has removed them.
    async fn read(&self, hash: FileHash) -> Result<Option<Vec<u8>>, FileError>;
}
