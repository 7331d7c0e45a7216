//! The executable as a process of its own.

use crate::stage::{HANGS, look_until};
use std::{
    path::{Path, PathBuf},
    process::{ExitStatus, Output, Stdio},
};
use tokio::process::{Child, Command};

/// Where everything is that a worker needs.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    pub(crate) database: String,
    pub(crate) amqp: String,
    pub(crate) redis: String,
    pub(crate) bureau: String,
}

/// The executable with these arguments, without settings from the test's own environment.
pub(crate) fn gouxuan(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gouxuan"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("GOUXUAN_")) {
        command.env_remove(name);
    }
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Runs it to its end.
pub(crate) async fn run(arguments: &[&str]) -> Output {
    gouxuan(arguments).output().await.expect("the executable runs")
}

/// Standard output of a run that must succeed.
pub(crate) async fn succeed(arguments: &[&str]) -> String {
    let output = run(arguments).await;
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {complaint}");
    String::from_utf8(output.stdout).expect("text")
}

/// What a serving process does.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Role {
    Worker,
    WorkerAndConsole,
}

/// `gouxuan serve`. Killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Worker {
    child: Child,
    log: PathBuf,
}

impl Worker {
    /// Starts it; what it logs goes to a new file in `folder`.
    pub(crate) fn start(at: &Addresses, settings: &[String], folder: &Path, number: u32) -> Worker {
        Worker::serve(Role::Worker, at, settings, folder, number)
    }

    /// The same in this role.
    pub(crate) fn serve(
        role: Role,
        at: &Addresses,
        settings: &[String],
        folder: &Path,
        number: u32,
    ) -> Worker {
        let role = match role {
            Role::Worker => "--role=worker",
            Role::WorkerAndConsole => "--role=worker,console",
        };
        let log = folder.join(format!("worker-{number}.log"));
        let file = std::fs::File::create(&log).expect("the log can be made");
        let arguments = [
            "serve",
            role,
            "--listen=127.0.0.1:0",
            "--database-url",
            &at.database,
            "--amqp-url",
            &at.amqp,
            "--redis-url",
            &at.redis,
            "--etax-url",
            &at.bureau,
            "--leqi-url",
            &at.bureau,
        ];
        let mut command = gouxuan(&arguments);
        // Its data folder, and what it keeps there, is the test's.
        command.current_dir(folder);
        for setting in settings {
            command.args(["--set", setting]);
        }
        let child = command.stdout(Stdio::null()).stderr(file).spawn().expect("a worker starts");
        Worker { child, log }
    }

    /// Sends a signal: `TERM`, `STOP`, `CONT`.
    pub(crate) async fn signal(&self, name: &str) {
        let id = self.child.id().expect("the worker runs").to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status().await;
        assert!(sent.expect("kill runs").success(), "SIG{name} to {id}");
    }

    /// SIGKILL; returns when the process is gone.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.expect("killed");
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let ended = tokio::time::timeout(HANGS, self.child.wait()).await;
        let ended = ended.unwrap_or_else(|_| panic!("hangs: a worker ends; {}", self.log()));
        ended.expect("the worker's end is told")
    }

    /// Waits until it has logged this.
    pub(crate) async fn until_logged(&self, text: &str) {
        look_until(&format!("a worker logs \"{text}\""), async || self.log().contains(text)).await;
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}
