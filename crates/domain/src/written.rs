//! Documents that are written from the code.

use std::{env, fs, path::Path};

/// Compares a document with what the code says now; writes it when `UPDATE_DOCS=1`.
pub(crate) fn keep(name: &str, now: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    if env::var_os("UPDATE_DOCS").is_some_and(|value| value == "1") {
        fs::write(&path, now).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == now,
        "docs/{name} is stale: run UPDATE_DOCS=1 cargo nextest run -p gouxuan-domain"
    );
}
