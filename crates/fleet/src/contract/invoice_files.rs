//! Which layout files are kept of an invoice.

use super::scene::{ALPHA, BETA, Scene, invoice_key, seconds, tax_no, well};
use crate::ports::pool::NewFile;
use domain::invoice::{FileFormat, FileHash, FileRef, InvoiceFile, Kept};

fn file(n: u8, format: FileFormat, content: &str) -> NewFile {
    let file = FileRef { invoice: invoice_key(n), format };
    let bytes = u64::try_from(content.len()).expect("a length");
    NewFile { file, bytes, sha256: FileHash::of(content.as_bytes()) }
}

async fn note(scene: &Scene, files: &[NewFile]) -> Vec<Kept> {
    let tax = scene.tax(ALPHA).await;
    well(scene.store.note_files(tax, files).await)
}

async fn files(scene: &Scene, payer: &str, n: u8) -> Vec<InvoiceFile> {
    well(scene.store.files_of(&tax_no(payer), &invoice_key(n)).await)
}

fn brief(files: &[InvoiceFile]) -> Vec<(FileFormat, u64, FileHash)> {
    files.iter().map(|file| (file.format, file.bytes, file.sha256)).collect()
}

pub async fn layout_files_are_noted_for_their_invoice(scene: &Scene) {
    use FileFormat::{Ofd, Pdf, Xml};
    let before = scene.now().await;
    let new = [file(1, Xml, "<a/>"), file(2, Pdf, "%PDF-"), file(1, Pdf, "%PDF-1")];
    assert_eq!(note(scene, &new).await, [Kept::New; 3]);
    let noted = files(scene, ALPHA, 1).await;
    let of = |content: &str| FileHash::of(content.as_bytes());
    assert_eq!(brief(&noted), [(Pdf, 6, of("%PDF-1")), (Xml, 4, of("<a/>"))], "PDF, OFD, XML");
    let now = scene.now().await;
    assert!(noted.iter().all(|file| before <= file.at && file.at <= now), "{noted:?}");
    assert_eq!(files(scene, ALPHA, 2).await.len(), 1);
    assert_eq!(files(scene, ALPHA, 3).await, []);
    assert_eq!(files(scene, BETA, 1).await, [], "each has their own");
    assert_eq!(files(scene, "91440300MA5GNOBODY", 1).await, []);
    let more = [file(77, Ofd, "PK")];
    assert_eq!(note(scene, &more).await, [Kept::New], "the pool need not know the invoice");
    assert_eq!(note(scene, &[]).await, []);
}

pub async fn a_newer_layout_file_takes_the_place_of_the_older(scene: &Scene) {
    use FileFormat::Pdf;
    note(scene, &[file(1, Pdf, "%PDF-1")]).await;
    scene.advance(seconds(5)).await;
    let first = files(scene, ALPHA, 1).await;
    assert_eq!(note(scene, &[file(1, Pdf, "%PDF-1")]).await, [Kept::Unchanged]);
    assert_eq!(files(scene, ALPHA, 1).await, first, "it was kept then");
    let twice = [file(1, Pdf, "%PDF-1"), file(1, Pdf, "%PDF-22")];
    assert_eq!(note(scene, &twice).await, [Kept::Changed; 2], "the last of one call counts");
    let now = files(scene, ALPHA, 1).await;
    assert_eq!(brief(&now), [(Pdf, 7, FileHash::of(b"%PDF-22"))]);
    assert!(now[0].at > first[0].at);
}
