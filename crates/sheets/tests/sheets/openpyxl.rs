//! The other reader: openpyxl, in a process of its own.

use serde_json::Value as Json;
use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
    sync::OnceLock,
};

/// The Python that has openpyxl: the one on the path, else the distribution's.
fn python() -> &'static str {
    static FOUND: OnceLock<&str> = OnceLock::new();
    FOUND.get_or_init(|| {
        let has = |python: &&str| {
            let asked = Command::new(python).args(["-c", "import openpyxl"]).output();
            asked.is_ok_and(|output| output.status.success())
        };
        ["python3", "/usr/bin/python3"]
            .into_iter()
            .find(has)
            .expect("no python3 with openpyxl: deploy/prepare installs it (python3-openpyxl)")
    })
}

fn run(arguments: &[&Path], command: &str, stdin: &Json) -> Vec<u8> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sheets/openpyxl_io.py");
    let mut child = Command::new(python())
        .arg(script)
        .arg(command)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    pipe.write_all(stdin.to_string().as_bytes()).expect("python3 reads");
    drop(pipe);
    let output = child.wait_with_output().expect("python3 ends");
    assert!(output.status.success(), "openpyxl could not {command}");
    output.stdout
}

/// What openpyxl reads in a file: its sheets, each cell as `[type, value]`.
pub(crate) fn read(file: &[u8]) -> Json {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("read.xlsx");
    fs::write(&path, file).expect("written");
    serde_json::from_slice(&run(&[&path], "read", &Json::Null)).expect("JSON")
}

/// A file that openpyxl writes.
pub(crate) fn write(sheets: &Json) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("written.xlsx");
    run(&[&path], "write", sheets);
    fs::read(&path).expect("the file")
}

/// The file, its first sheet filled with rows and saved by openpyxl.
pub(crate) fn fill(file: &[u8], rows: &Json) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) = (folder.path().join("from.xlsx"), folder.path().join("to.xlsx"));
    fs::write(&from, file).expect("written");
    run(&[&from, &to], "fill", rows);
    fs::read(&to).expect("the file")
}
