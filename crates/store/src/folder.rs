//! Files in a folder: `ab/cdef…`, by the digits of their SHA-256.
//!
//! A file is written under a name of its own, made durable, and then renamed: whoever looks finds it
//! whole or not at all. What a process that died left half written lies in `unfinished` and is removed
//! when the folder is opened.

use async_trait::async_trait;
use domain::invoice::FileHash;
use fleet::ports::files::{FileError, FileKept, FileStore, KEPT_BYTES};
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// Where files are written before they are whole.
const UNFINISHED: &str = "unfinished";

/// A file store in a folder.
#[derive(Debug, Clone)]
pub struct FolderFiles(Arc<Folder>);

#[derive(Debug)]
struct Folder {
    root: PathBuf,
    written: AtomicU64,
}

impl FolderFiles {
    /// The files in this folder; it is made when something is first kept.
    pub fn at(root: &Path) -> FolderFiles {
        FolderFiles(Arc::new(Folder { root: root.to_owned(), written: AtomicU64::new(0) }))
    }

    /// As [`FolderFiles::at`], for a process that keeps files: the folder is made now, and what was
    /// left unfinished long ago is removed.
    ///
    /// # Errors
    /// `Away` when it cannot be made or written.
    pub fn open(root: &Path) -> Result<FolderFiles, FileError> {
        let unfinished = root.join(UNFINISHED);
        let opened = fs::create_dir_all(&unfinished).and_then(|()| sweep(&unfinished));
        opened.map_err(|error| away(root, &error))?;
        Ok(FolderFiles::at(root))
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Folder) -> Result<T, FileError> + Send + 'static,
    ) -> Result<T, FileError> {
        let folder = self.0.clone();
        let done = tokio::task::spawn_blocking(move || work(&folder)).await;
        done.unwrap_or_else(|error| Err(FileError::Away(error.to_string())))
    }
}

fn away(path: &Path, error: &io::Error) -> FileError {
    FileError::Away(format!("{}: {error}", path.display()))
}

/// Removes what is older than a day: another process may be writing the rest.
fn sweep(unfinished: &Path) -> io::Result<()> {
    for entry in fs::read_dir(unfinished)? {
        let entry = entry?;
        let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
        if age.as_secs() > 24 * 3600 {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

impl Folder {
    fn path(&self, hash: FileHash) -> PathBuf {
        let digits = hash.to_string();
        let (folder, name) = digits.split_at(2);
        self.root.join(folder).join(name)
    }

    fn keep(&self, bytes: &[u8]) -> Result<FileKept, FileError> {
        let kept = FileKept::of(bytes);
        let FileKept::As(hash) = kept else { return Ok(kept) };
        let path = self.path(hash);
        // What stands there under this name is this content, unless the disk has damaged it.
        if !matches!(self.read(hash), Ok(Some(_))) {
            self.write(&path, bytes).map_err(|error| away(&path, &error))?;
        }
        Ok(kept)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{number}", std::process::id());
        let unfinished = self.root.join(UNFINISHED);
        fs::create_dir_all(&unfinished)?;
        let unfinished = unfinished.join(name);
        let mut file = File::create(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        let Some(folder) = path.parent() else { return Ok(()) };
        fs::create_dir_all(folder)?;
        fs::rename(&unfinished, path)?;
        // The names are as durable as the content.
        File::open(folder)?.sync_all()?;
        File::open(&self.root)?.sync_all()
    }

    fn read(&self, hash: FileHash) -> Result<Option<Vec<u8>>, FileError> {
        let path = self.path(hash);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(away(&path, &error)),
        };
        let mut bytes = Vec::new();
        let most = u64::try_from(KEPT_BYTES + 1).unwrap_or(u64::MAX);
        file.take(most).read_to_end(&mut bytes).map_err(|error| away(&path, &error))?;
        if FileHash::of(&bytes) == hash { Ok(Some(bytes)) } else { Err(FileError::Damaged(hash)) }
    }
}

#[async_trait]
impl FileStore for FolderFiles {
    async fn keep(&self, files: &[Arc<[u8]>]) -> Result<Vec<FileKept>, FileError> {
        let files = files.to_vec();
        self.blocking(move |folder| files.iter().map(|bytes| folder.keep(bytes)).collect()).await
    }

    async fn read(&self, hash: FileHash) -> Result<Option<Vec<u8>>, FileError> {
        self.blocking(move |folder| folder.read(hash)).await
    }
}
