//! `gouxuan invoice files` and `save`.

use super::super::{NotDone, Outcome, WrongUse, print, table};
use crate::cli::OneInvoice;
use console::{Client, file_name};
use domain::{
    invoice::{FileFormat, InvoiceFile, InvoiceKey},
    period::shanghai,
};
use std::path::Path;

pub(super) async fn list(client: &Client, invoice: &OneInvoice, json: bool) -> Outcome {
    let files = kept(client, invoice).await?;
    if json {
        return print(&serde_json::to_string(&serde_json::json!({ "files": files }))?);
    }
    let mut rows = table(&["版式", "字节", "SHA-256", "保存时间"]);
    for file in &files {
        rows.add_row([
            file.format.label().to_owned(),
            file.bytes.to_string(),
            file.sha256.to_string(),
            file.at.with_timezone(&shanghai()).format("%Y-%m-%d %H:%M:%S").to_string(),
        ]);
    }
    print(&rows.to_string())
}

async fn kept(
    client: &Client,
    invoice: &OneInvoice,
) -> Result<Vec<InvoiceFile>, console::ClientError> {
    let OneInvoice { number, tax_no, code } = invoice;
    Ok(client.files(tax_no, number, code).await?.files)
}

/// The named one, or all that are kept; each is told with where it stands now.
pub(super) async fn save(
    client: &Client,
    invoice: &OneInvoice,
    format: Option<&str>,
    to: &Path,
    json: bool,
) -> Outcome {
    let formats = match format.map(|name| (name, FileFormat::from_name(name))) {
        Some((_, Some(format))) => vec![format],
        Some((name, None)) => {
            return Err(WrongUse(format!("--format: \"{name}\": write pdf, ofd or xml")).into());
        }
        None => kept(client, invoice).await?.iter().map(|file| file.format).collect(),
    };
    if formats.is_empty() {
        let sentence = "no layout file of this invoice is kept; publish a layout_download task";
        return Err(NotDone(sentence.to_owned()).into());
    }
    let OneInvoice { number, tax_no, code } = invoice;
    for format in formats {
        let bytes = client.file(tax_no, number, code, format).await?;
        let key = InvoiceKey { code: code.clone(), number: number.clone() };
        let path = to.join(file_name(&key, format));
        let shown = path.display();
        std::fs::write(&path, &bytes)
            .map_err(|error| NotDone(format!("{shown} cannot be written: {error}")))?;
        match json {
            true => print(&serde_json::json!({"file": path, "bytes": bytes.len()}).to_string())?,
            false => print(&format!("{shown}: {} bytes", bytes.len()))?,
        }
    }
    Ok(())
}
