//! Files of versions, on memory ports.

use super::{INVOICES, LEASE, NotMade, VersionFiles};
use crate::{
    contract::scene::{ALPHA, LEQI_WIDTH, invoice_key, tax_no, world},
    memory::{KeptVersion, MemoryFiles, MemoryStore, MemoryTableFiles},
    meter::Meter,
    ports::{
        clock::Clock,
        files::{FileError, FileKept, FileStore, KEPT_BYTES},
        roster::Roster,
        table_files::{NotWritten, OpenTable, TableFiles},
        versions::TableVersions,
    },
};
use async_trait::async_trait;
use domain::{
    Moment,
    ids::{Fence, TaskId},
    invoice::{FileHash, Invoice, Selection},
    kind::Kind,
    period::TaxPeriod,
    statistic::{Figures, StatisticState, TableVersion, VersionFile, VersionId},
};
use futures::FutureExt;
use std::{
    future::pending,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use uuid::Uuid;

#[derive(Debug)]
struct HandClock(Mutex<Moment>);

impl HandClock {
    fn advance(&self, by: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Clock for HandClock {
    fn now(&self) -> Moment {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file store that may be away, or answer nobody once it has kept.
#[derive(Debug, Default)]
struct Shelf {
    away: AtomicBool,
    mute: AtomicBool,
    files: MemoryFiles,
}

#[async_trait]
impl FileStore for Shelf {
    async fn keep(&self, files: &[Arc<[u8]>]) -> Result<Vec<FileKept>, FileError> {
        if self.away.load(Ordering::Relaxed) {
            return Err(FileError::Away("the folder is gone".to_owned()));
        }
        let kept = self.files.keep(files).await;
        if self.mute.load(Ordering::Relaxed) {
            pending::<()>().await;
        }
        kept
    }

    async fn read(&self, hash: FileHash) -> Result<Option<Vec<u8>>, FileError> {
        self.files.read(hash).await
    }
}

struct Office {
    clock: Arc<HandClock>,
    store: Arc<MemoryStore>,
    shelf: Arc<Shelf>,
    desk: VersionFiles,
}

fn november() -> TaxPeriod {
    "202511".parse().expect("a period")
}

impl Office {
    /// Invoices 1 to 3 are selected for November, one of them of another organisation.
    async fn open() -> Office {
        let start = "2025-12-02T01:00:00Z".parse().expect("a time");
        let clock = Arc::new(HandClock(Mutex::new(start)));
        let store = Arc::new(MemoryStore::new(clock.clone()));
        let mut world = world();
        world.invoices[1].accounting_org = "0102".to_owned();
        store.import(&world, LEQI_WIDTH).await.expect("imported");
        store.alter(|book| {
            let tax = book.tax_ids[&tax_no(ALPHA)];
            for n in 1..=3 {
                let facts = book.pool.get_mut(&(tax, invoice_key(n))).expect("in the pool");
                (facts.selection, facts.period) = (Selection::Selected, Some(november()));
            }
        });
        let shelf = Arc::new(Shelf::default());
        let desk = VersionFiles {
            store: store.clone(),
            files: shelf.clone(),
            writer: Arc::new(MemoryTableFiles),
            clock: clock.clone(),
            meter: Arc::new(Meter::new()),
            most: INVOICES,
        };
        Office { clock, store, shelf, desk }
    }

    fn keep(&self, order: i64) -> VersionId {
        let id = VersionId { period: november(), order: Fence(order) };
        let at = self.clock.now();
        let version = TableVersion {
            tax_no: tax_no(ALPHA),
            id,
            task: TaskId(Uuid::from_u128(7)),
            kind: Kind::StatisticCreate,
            state: StatisticState::Generated,
            known: None,
            ours: Figures::default(),
            at,
            withdrawn_at: None,
            file: None,
        };
        self.store.alter(|book| {
            let tax = book.tax_ids[&tax_no(ALPHA)];
            book.versions.insert((tax, id), KeptVersion { version, due: at });
        });
        id
    }

    async fn make(&self) -> Result<usize, NotMade> {
        self.desk.make_due(|| false).await
    }

    async fn noted(&self, id: VersionId) -> Option<VersionFile> {
        let found = self.store.version(&tax_no(ALPHA), id).await.expect("the store answers");
        found.expect("it was kept").file
    }

    async fn text(&self, file: &VersionFile) -> String {
        let bytes = self.shelf.read(file.sha256).await.expect("readable").expect("kept");
        assert_eq!(u64::try_from(bytes.len()).expect("a length"), file.bytes);
        String::from_utf8(bytes).expect("text")
    }
}

#[tokio::test]
async fn every_version_gets_its_file_once() {
    let office = Office::open().await;
    let (one, other) = (office.keep(1), office.keep(2));
    office.clock.advance(Duration::from_secs(9));
    assert_eq!(office.make().await, Ok(2));
    let file = office.noted(one).await.expect("made");
    assert_eq!((file.read_at, file.invoices), (office.clock.now(), 3));
    assert_eq!((file.accounting_orgs.as_slice(), &*file.left_out), (&["0102".to_owned()][..], ""));
    let text = office.text(&file).await;
    assert!(text.starts_with(&format!("{ALPHA} 202511-1 generated 2025-12-02 01:00:09")), "{text}");
    for n in 1..=3 {
        assert!(text.contains(&invoice_key(n).number), "{text}");
    }
    assert!(!text.contains(&invoice_key(4).number), "it is not selected: {text}");
    assert_ne!(office.noted(other).await.map(|file| file.sha256), Some(file.sha256));
    office.clock.advance(LEASE * 2);
    assert_eq!(office.make().await, Ok(0), "nothing is due any more");
}

#[tokio::test]
async fn whoever_is_killed_between_keeping_and_noting_is_followed_by_another() {
    let office = Office::open().await;
    let id = office.keep(1);
    office.shelf.mute.store(true, Ordering::Relaxed);
    assert_eq!(office.make().now_or_never(), None, "it dies when its file is kept");
    office.shelf.mute.store(false, Ordering::Relaxed);
    assert_eq!(office.noted(id).await, None);
    assert_eq!(office.make().await, Ok(0), "it may be at work still");
    office.clock.advance(LEASE);
    assert_eq!(office.make().await, Ok(1));
    let file = office.noted(id).await.expect("made");
    assert!(office.text(&file).await.contains(&invoice_key(3).number));
}

#[tokio::test]
async fn a_file_store_that_is_away_loses_nothing() {
    let office = Office::open().await;
    let (one, other) = (office.keep(1), office.keep(2));
    office.shelf.away.store(true, Ordering::Relaxed);
    let away = Err(NotMade::Files(FileError::Away("the folder is gone".to_owned())));
    assert_eq!(office.make().await, away);
    assert_eq!((office.noted(one).await, office.noted(other).await), (None, None));
    office.clock.advance(LEASE * 3);
    assert_eq!(office.make().await, away, "tried again");
    office.shelf.away.store(false, Ordering::Relaxed);
    office.clock.advance(LEASE);
    assert_eq!(office.make().await, Ok(2));
    assert!(office.noted(one).await.is_some() && office.noted(other).await.is_some());
}

#[tokio::test]
async fn two_at_once_do_no_harm() {
    let office = Office::open().await;
    let ids: Vec<VersionId> = (1..=9).map(|order| office.keep(order)).collect();
    let (one, other) = tokio::join!(office.make(), office.make());
    assert_eq!(one.expect("made") + other.expect("made"), 9, "each is made by one of them");
    // One that was so slow that another took its place: the first note stays.
    let id = office.keep(10);
    let slow = office.store.take_fileless(LEASE).await.expect("it answers").expect("it is due");
    office.clock.advance(LEASE);
    assert_eq!(office.make().await, Ok(1));
    let first = office.noted(id).await;
    office.desk.make(&slow).await.expect("made in vain");
    assert_eq!(office.noted(id).await, first);
    for id in ids {
        assert!(office.noted(id).await.is_some(), "{id}");
    }
}

#[tokio::test]
async fn too_many_invoices_are_left_out_with_a_sentence() {
    let mut office = Office::open().await;
    let id = office.keep(1);
    office.desk.most = 2;
    assert_eq!(office.make().await, Ok(1));
    let file = office.noted(id).await.expect("made");
    let sentence = "已勾选发票超过2张，本文件不含发票明细，请分批导出。";
    assert_eq!((file.invoices, &*file.left_out), (0, sentence));
    let text = office.text(&file).await;
    assert!(text.contains(sentence) && !text.contains(&invoice_key(1).number), "{text}");
}

/// Its files are as large as it is told, while they have invoices; or cannot be written.
#[derive(Debug)]
struct Heavy {
    with_invoices: usize,
    broken: Option<VersionId>,
}

struct Weight(usize);

impl TableFiles for Heavy {
    fn begin(
        &self,
        version: &TableVersion,
        _: Moment,
        left_out: &str,
    ) -> Result<Box<dyn OpenTable>, NotWritten> {
        match self.broken == Some(version.id) {
            true => Err(NotWritten("no".to_owned())),
            false if left_out.is_empty() => Ok(Box::new(Weight(self.with_invoices))),
            false => Ok(Box::new(Weight(left_out.len()))),
        }
    }
}

#[async_trait]
impl OpenTable for Weight {
    fn add(&mut self, _: &[Invoice]) -> Result<(), NotWritten> {
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<Vec<u8>, NotWritten> {
        Ok(vec![b' '; self.0])
    }
}

#[tokio::test]
async fn a_file_that_is_too_large_is_kept_without_its_invoices() {
    let mut office = Office::open().await;
    let id = office.keep(1);
    office.desk.writer = Arc::new(Heavy { with_invoices: KEPT_BYTES + 1, broken: None });
    assert_eq!(office.make().await, Ok(1));
    let file = office.noted(id).await.expect("made");
    let sentence = "含发票明细的文件超过33554432字节，本文件不含发票明细，请分批导出。";
    assert_eq!((file.invoices, &*file.left_out), (0, sentence));
    assert_eq!(file.bytes, u64::try_from(sentence.len()).expect("a length"));
}

#[tokio::test]
async fn one_that_cannot_be_written_keeps_nothing_else_waiting() {
    let mut office = Office::open().await;
    let (broken, sound) = (office.keep(1), office.keep(2));
    office.desk.writer = Arc::new(Heavy { with_invoices: 9, broken: Some(broken) });
    assert_eq!(office.make().await, Ok(1));
    assert_eq!(office.noted(broken).await, None);
    assert!(office.noted(sound).await.is_some());
    office.clock.advance(LEASE);
    office.desk.writer = Arc::new(MemoryTableFiles);
    assert_eq!(office.make().await, Ok(1), "it is tried again");
    assert!(office.noted(broken).await.is_some());
}
