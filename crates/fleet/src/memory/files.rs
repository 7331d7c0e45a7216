//! Files in memory: for one process that need not remember.

use crate::ports::files::{FileError, FileKept, FileStore};
use async_trait::async_trait;
use domain::invoice::FileHash;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// A file store in memory.
#[derive(Debug, Default)]
pub struct MemoryFiles {
    files: Mutex<HashMap<FileHash, Arc<[u8]>>>,
}

#[async_trait]
impl FileStore for MemoryFiles {
    async fn keep(&self, files: &[Arc<[u8]>]) -> Result<Vec<FileKept>, FileError> {
        let mut kept = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let keep = |bytes: &Arc<[u8]>| {
            let outcome = FileKept::of(bytes);
            if let FileKept::As(hash) = outcome {
                kept.insert(hash, bytes.clone());
            }
            outcome
        };
        Ok(files.iter().map(keep).collect())
    }

    async fn read(&self, hash: FileHash) -> Result<Option<Vec<u8>>, FileError> {
        let kept = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(kept.get(&hash).map(|bytes| bytes.to_vec()))
    }
}
