//! Layout files in a folder, by the contract of every file store, and what is its own.

use domain::invoice::FileHash;
use fleet::{
    contract::files::FileBench,
    ports::files::{FileError, FileKept, FileStore},
};
use std::{fs, path::PathBuf, sync::Arc};
use store::folder::FolderFiles;
use tempfile::TempDir;

struct Bench {
    _folder: TempDir,
    files: Arc<FolderFiles>,
}

impl FileBench for Bench {
    fn files(&self) -> Arc<dyn FileStore> {
        self.files.clone()
    }
}

async fn folder() -> Bench {
    let (folder, files) = opened();
    Bench { _folder: folder, files: Arc::new(files) }
}

fleet::file_suite!(folder);

fn opened() -> (TempDir, FolderFiles) {
    let folder = TempDir::new().expect("a folder");
    let files = FolderFiles::open(&folder.path().join("files")).expect("it opens");
    (folder, files)
}

/// Every file below, without its folder's own name.
fn all_below(folder: &std::path::Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(all_below(&path)) } else { found.push(path) }
    }
    found
}

#[tokio::test]
async fn a_file_lasts_under_a_name_of_digits_and_nothing_is_left_beside_it() {
    let (folder, files) = opened();
    let bytes: Arc<[u8]> = b"%PDF-1.7".as_slice().into();
    files.keep(std::slice::from_ref(&bytes)).await.expect("kept");
    let hash = FileHash::of(&bytes).to_string();
    let root = folder.path().join("files");
    assert_eq!(all_below(&root), [root.join(&hash[..2]).join(&hash[2..])]);
    let again = FolderFiles::open(&root).expect("it opens again");
    assert_eq!(again.read(FileHash::of(&bytes)).await, Ok(Some(bytes.to_vec())));
}

#[tokio::test]
async fn a_damaged_file_is_told_and_mended_by_keeping_it_again() {
    let (folder, files) = opened();
    let bytes: Arc<[u8]> = b"%PDF-1.7".as_slice().into();
    let hash = FileHash::of(&bytes);
    files.keep(std::slice::from_ref(&bytes)).await.expect("kept");
    let path = all_below(&folder.path().join("files")).remove(0);
    fs::write(&path, b"%PDF-1.8").expect("damaged");
    assert_eq!(files.read(hash).await, Err(FileError::Damaged(hash)));
    assert_eq!(files.keep(std::slice::from_ref(&bytes)).await, Ok(vec![FileKept::As(hash)]));
    assert_eq!(files.read(hash).await, Ok(Some(bytes.to_vec())));
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_told() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, b"no folder").expect("written");
    let refused = FolderFiles::open(&file).expect_err("it is a file");
    assert!(refused.to_string().starts_with("the file store is away: "), "{refused}");
}
