//! A folder with a store that no process serves, and the executable in it.

use serde_json::{Value, json};
use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;

pub(crate) const TAX_NO: &str = "91440300MA5G9GK78Y";
pub(crate) const WORLD: &str = r#"{
  "taxpayers": [{"tax_no": "91440300MA5G9GK78Y", "bureau": "440300"}],
  "accounts": [{"bureau": "440300", "account": "13800000001", "online": true,
                "serves": [{"tax_no": "91440300MA5G9GK78Y"}]}],
  "invoices": [{"buyer_tax_no": "91440300MA5G9GK78Y", "invoice_type": "27",
                "invoice_no": "23442000000164214335"}]
}"#;

/// A folder with a store in it.
pub(crate) struct Desk(TempDir);

impl Desk {
    pub(crate) fn empty() -> Desk {
        Desk(TempDir::new().expect("a folder"))
    }

    pub(crate) fn new() -> Desk {
        let desk = Desk::empty();
        let world = desk.path().join("world.json");
        std::fs::write(&world, WORLD).expect("written");
        let imported = desk.run(&["world", "import", &world.to_string_lossy()], "");
        assert_eq!(imported.code, 0, "{imported:?}");
        desk
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gouxuan"));
        command.args(arguments).env("GOUXUAN_DATA_DIR", self.path().join("data"));
        // Nobody listens there.
        command.env("GOUXUAN_LISTEN", "127.0.0.1:1").env_remove("TRACEPARENT");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("started");
        let mut stdin = child.stdin.take().expect("a pipe");
        // A command that does not read its input may end before it was all written.
        let written = stdin.write_all(input.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().expect("ended");
        assert!(written.is_ok() || !output.status.success());
        Said::of(&output)
    }
}

#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    fn of(output: &Output) -> Said {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let code = output.status.code().unwrap_or(-1);
        Said { code, out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// One object a line.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let read = |line: &str| serde_json::from_str(line).expect("JSON");
        self.out.lines().map(read).collect()
    }
}

pub(crate) fn id(number: u32) -> String {
    format!("0193f3a2-7c1e-7b7a-9d53-{number:012}")
}

pub(crate) fn task(number: u32) -> String {
    json!({"task_id": id(number), "kind": "invoice_download", "tax_no": TAX_NO}).to_string()
}
