//! The file store: bytes by their content.

use crate::ports::files::{FileKept, FileStore, KEPT_BYTES};
use domain::invoice::FileHash;
use std::sync::Arc;

/// An empty file store under test.
pub trait FileBench: Send + Sync {
    fn files(&self) -> Arc<dyn FileStore>;
}

fn bytes(text: &str) -> Arc<[u8]> {
    text.as_bytes().into()
}

pub async fn what_is_kept_is_read_byte_for_byte(bench: &dyn FileBench) {
    let store = bench.files();
    let files = [bytes("%PDF-1.7 one"), bytes("PK\u{3}\u{4}two"), bytes("")];
    let kept = store.keep(&files).await.expect("kept");
    let expected: Vec<FileKept> =
        files.iter().map(|file| FileKept::As(FileHash::of(file))).collect();
    assert_eq!(kept, expected, "an outcome for each, in order");
    for file in &files {
        let read = store.read(FileHash::of(file)).await.expect("read");
        assert_eq!(read.as_deref(), Some(&**file));
    }
    let never = store.read(FileHash::of(b"never kept")).await.expect("read");
    assert_eq!(never, None);
    assert_eq!(store.keep(&[]).await, Ok(vec![]));
}

pub async fn the_same_again_does_nothing(bench: &dyn FileBench) {
    let store = bench.files();
    let file = bytes("the same");
    let kept = FileKept::As(FileHash::of(&file));
    let twice = [file.clone(), file.clone()];
    assert_eq!(store.keep(&twice).await, Ok(vec![kept, kept]));
    assert_eq!(store.keep(&twice).await, Ok(vec![kept, kept]));
    let read = store.read(FileHash::of(&file)).await.expect("read");
    assert_eq!(read.as_deref(), Some(&*file));
}

pub async fn what_is_too_large_is_not_kept(bench: &dyn FileBench) {
    let store = bench.files();
    let most: Arc<[u8]> = vec![b' '; KEPT_BYTES].into();
    let more: Arc<[u8]> = vec![b' '; KEPT_BYTES + 1].into();
    let kept = store.keep(&[more.clone(), most.clone()]).await;
    assert_eq!(kept, Ok(vec![FileKept::TooLarge, FileKept::As(FileHash::of(&most))]));
    assert_eq!(store.read(FileHash::of(&more)).await, Ok(None));
}

pub async fn many_keep_the_same_at_once(bench: &dyn FileBench) {
    let store = bench.files();
    let file: Arc<[u8]> = vec![b'x'; 300_000].into();
    let keepers = (0..8).map(|_| {
        let (store, file) = (store.clone(), file.clone());
        tokio::spawn(async move { store.keep(&[file]).await })
    });
    let keepers: Vec<_> = keepers.collect();
    for keeper in keepers {
        let kept = keeper.await.expect("no panic");
        assert_eq!(kept, Ok(vec![FileKept::As(FileHash::of(&file))]));
    }
    assert_eq!(store.read(FileHash::of(&file)).await, Ok(Some(file.to_vec())));
}
