//! One server under the care of `deploy/services run`, which is told what to do over its standard input.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};

use uuid::Uuid;

use crate::Error;

const SERVICES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/services");

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Postgres,
    RabbitMq,
    Redis,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Kind::Postgres => "postgres",
            Kind::RabbitMq => "rabbitmq",
            Kind::Redis => "redis",
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Ending {
    /// In good order.
    Stop,
    /// As if the power were cut.
    Kill,
}

/// A server and its data folder. Both are gone when this is dropped, or when the process ends.
#[derive(Debug)]
pub(crate) struct Server {
    kind: Kind,
    folder: PathBuf,
    addresses: Vec<String>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    keeper: Child,
    leash: ChildStdin,
}

impl Server {
    /// Starts a server with an empty data folder and waits until it answers. Blocks.
    pub(crate) fn start(kind: Kind) -> Result<Server, Error> {
        let folder = std::env::temp_dir().join(format!("gouxuan-{}-{}", kind.word(), unique()));
        let mut server = Server { kind, folder, addresses: Vec::new(), running: None };
        server.run()?;
        Ok(server)
    }

    /// Where it answers, the main address first. The same after a restart.
    pub(crate) fn addresses(&self) -> &[String] {
        &self.addresses
    }

    /// Ends it and keeps its data; nothing when it does not run. Blocks until its processes are gone.
    pub(crate) fn end(&mut self, ending: Ending) -> Result<(), Error> {
        let Some(mut running) = self.running.take() else { return Ok(()) };
        let word: &[u8] = match ending {
            Ending::Stop => b"stop\n",
            Ending::Kill => b"kill\n",
        };
        let told = running.leash.write_all(word);
        let ended = running.keeper.wait();
        told.and(ended)
            .map_err(|e| Error::new(format!("{} could not be ended: {e}", self.kind.word())))?;
        Ok(())
    }

    /// Starts it again, with its data and at its address, after ending it in good order if it still runs. Blocks.
    pub(crate) fn restart(&mut self) -> Result<(), Error> {
        self.end(Ending::Stop)?;
        self.run()
    }

    /// Runs `rabbitmqctl` against it and returns what it printed. Blocks.
    pub(crate) fn rabbitmqctl(&self, arguments: &[String]) -> Result<String, Error> {
        let mut command = Command::new(SERVICES);
        command.arg("ctl").arg(&self.folder).args(arguments);
        output_of(command, "rabbitmqctl", "")
    }

    fn run(&mut self) -> Result<(), Error> {
        let mut keeper = Command::new(SERVICES)
            .args(["run", self.kind.word()])
            .arg(&self.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A signal for the test's process group (Ctrl-C, a test runner's time limit) must not reach it
            // half way: it ends when the leash does.
            .process_group(0)
            .spawn()
            .map_err(|e| Error::new(format!("{SERVICES} could not be run: {e}")))?;
        let leash = keeper.stdin.take().expect("standard input was piped above");
        let stdout = keeper.stdout.take().expect("standard output was piped above");
        let mut line = String::new();
        let heard = BufReader::new(stdout).read_line(&mut line);
        let mut words = line.split_whitespace();
        if heard.is_ok() && words.next() == Some("ready") {
            self.addresses = words.map(str::to_owned).collect();
            self.running = Some(Running { keeper, leash });
            return Ok(());
        }
        drop(leash);
        let mut complaint = String::new();
        if let Some(mut stderr) = keeper.stderr.take() {
            stderr.read_to_string(&mut complaint).map_err(|e| {
                Error::new(format!(
                    "{} did not start, and why could not be read: {e}",
                    self.kind.word()
                ))
            })?;
        }
        keeper
            .wait()
            .map_err(|e| Error::new(format!("{} did not start: {e}", self.kind.word())))?;
        Err(Error::new(complaint))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        match self.running.take() {
            Some(Running { mut keeper, leash }) => {
                drop(leash);
                // Waiting for the keeper is all that is left to do; there is nobody to tell when it fails.
                keeper.wait().ok();
            }
            // The keeper removes the folder when the leash ends; without a keeper it is for us to do.
            None => drop(std::fs::remove_dir_all(&self.folder)),
        }
    }
}

/// The way to a server: one that the environment names, or one of this process.
#[derive(Debug)]
pub(crate) enum Origin {
    Given,
    Own(Server),
    /// While its server is being worked on, or after that work panicked.
    Lent,
}

impl Origin {
    /// Lends the server to a blocking thread for `work`.
    pub(crate) async fn lend<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Server) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        match std::mem::replace(self, Origin::Lent) {
            Origin::Own(mut server) => {
                let (server, outcome) = off_runtime(move || {
                    let outcome = work(&mut server);
                    Ok((server, outcome))
                })
                .await?;
                *self = Origin::Own(server);
                outcome
            }
            Origin::Given => {
                *self = Origin::Given;
                Err(Error::new(
                    "the server that the environment names is not ours to touch: ask for a private one",
                ))
            }
            Origin::Lent => {
                Err(Error::new("the server was lost when earlier work on it was given up"))
            }
        }
    }
}

/// Does blocking work away from the runtime's threads.
pub(crate) async fn off_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(e) => Err(Error::new(format!("work on a server was given up: {e}"))),
    }
}

/// Runs a program to its end with `input` (which must fit into a pipe, 64 KiB) as its standard input. Its
/// standard output, or an error with what it complained about. Blocks.
pub(crate) fn output_of(mut command: Command, name: &str, input: &str) -> Result<String, Error> {
    let failed = |e| {
        Error::new(format!("{name} could not be run: {e}; deploy/prepare installs what is missing"))
    };
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut stdin = child.stdin.take().expect("standard input was piped above");
    // A program that ended before it read all says why itself.
    stdin.write_all(input.as_bytes()).ok();
    drop(stdin);
    let output = child.wait_with_output().map_err(failed)?;
    if !output.status.success() {
        return Err(Error::new(format!(
            "{name}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The address that an environment variable names.
pub(crate) fn given(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|value| !value.is_empty())
}

/// A name that no other test uses.
#[expect(
    clippy::disallowed_methods,
    reason = "names on shared servers must differ between test processes"
)]
pub(crate) fn unique() -> String {
    Uuid::new_v4().simple().to_string()
}
