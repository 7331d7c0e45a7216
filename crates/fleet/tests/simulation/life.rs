//! One worker process, from its start to its crash or end, as its ports see it.

use crate::sim::Sim;
use domain::ids::WorkerId;
use std::{
    future::{Future, pending},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// One life of a worker.
#[derive(Debug)]
pub(crate) struct Life {
    /// Such as `w2.5`: the second slot's fifth process.
    pub(crate) name: String,
    dead: AtomicBool,
    /// Kills the process: its future is dropped.
    pub(crate) kill: CancellationToken,
    /// SIGTERM.
    pub(crate) stop: CancellationToken,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    stalled_until: Option<Instant>,
    worker: Option<WorkerId>,
    /// When a fault last touched it.
    troubled_at: Instant,
}

/// What happens to one call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    Normal,
    CrashBefore,
    CrashAfter,
    LostRequest,
    LostAnswer,
}

/// What a call is, for whoever decides its fate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Weight {
    /// Writes, or most probably does.
    Loud,
    /// A look that mostly finds nothing.
    Quiet,
}

impl Life {
    pub(crate) fn new(name: String) -> Life {
        let state = State { stalled_until: None, worker: None, troubled_at: Instant::now() };
        Life {
            name,
            dead: AtomicBool::new(false),
            kill: CancellationToken::new(),
            stop: CancellationToken::new(),
            state: Mutex::new(state),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    pub(crate) fn crash(&self) {
        self.dead.store(true, Ordering::Relaxed);
        self.kill.cancel();
    }

    /// It ended by itself.
    pub(crate) fn ended(&self) {
        self.dead.store(true, Ordering::Relaxed);
    }

    pub(crate) fn stall(&self, time: Duration) {
        let until = Instant::now() + time;
        let mut state = self.state();
        state.stalled_until = Some(until);
        state.troubled_at = until;
    }

    pub(crate) fn trouble(&self) {
        let mut state = self.state();
        state.troubled_at = state.troubled_at.max(Instant::now());
    }

    /// Since when nothing has gone wrong for it; in the future while it stands still.
    pub(crate) fn well_since(&self) -> Instant {
        self.state().troubled_at
    }

    pub(crate) fn enlisted(&self, worker: WorkerId) {
        self.state().worker = Some(worker);
    }

    pub(crate) fn worker(&self) -> Option<WorkerId> {
        self.state().worker
    }

    /// Dead processes go no further; stalled ones not before their time.
    pub(crate) async fn gate(&self) {
        loop {
            if self.is_dead() {
                pending::<()>().await;
            }
            let until = self.state().stalled_until.filter(|until| *until > Instant::now());
            let Some(until) = until else { return };
            tokio::time::sleep_until(until).await;
        }
    }

    /// Dies here and now.
    pub(crate) async fn die(&self, sim: &Sim, how: &'static str, op: &str) {
        sim.strike(how, format_args!("{} in {op}", self.name));
        self.crash();
        pending::<()>().await;
    }

    fn fate(&self, sim: &Sim, weight: Weight) -> Fate {
        let rates = sim.rates();
        let times = if weight == Weight::Quiet { rates.quiet_factor } else { 1 };
        let strikes = |rate: u32| sim.dice.once_in(rate.saturating_mul(times));
        if strikes(rates.crash_before) {
            Fate::CrashBefore
        } else if strikes(rates.crash_after) {
            Fate::CrashAfter
        } else if strikes(rates.lost_request) {
            Fate::LostRequest
        } else if strikes(rates.lost_answer) {
            Fate::LostAnswer
        } else {
            Fate::Normal
        }
    }

    /// May begin to stand still, and waits for as long as the way takes.
    pub(crate) async fn travel(&self, sim: &Sim, weight: Weight, op: &str) {
        let rates = sim.rates();
        let times = if weight == Weight::Quiet { rates.quiet_factor } else { 1 };
        if sim.dice.once_in(rates.stall.saturating_mul(times)) {
            let time = sim.dice.millis(3_000..35_000);
            sim.strike("stall", format_args!("{} in {op} for {time:?}", self.name));
            self.stall(time);
        }
        self.gate().await;
        if sim.dice.once_in(rates.slow.saturating_mul(times)) {
            sim.history().count("slow");
            self.trouble();
            tokio::time::sleep(sim.dice.millis(20..900)).await;
        } else if weight == Weight::Loud || sim.dice.once_in(4) {
            tokio::time::sleep(sim.dice.millis(1..4)).await;
        }
        self.gate().await;
    }

    /// One call of a port: `effect` is instantaneous, everything around it is not. None: no
    /// answer came, and nobody knows whether it happened. `tell` is what the history says; None
    /// when nothing happened.
    pub(crate) async fn pass<T: Send>(
        &self,
        sim: &Arc<Sim>,
        op: &'static str,
        weight: Weight,
        effect: impl Future<Output = T> + Send,
        tell: impl FnOnce(&T) -> Option<String> + Send,
    ) -> Option<T> {
        self.travel(sim, weight, op).await;
        let fate = self.fate(sim, weight);
        match fate {
            Fate::CrashBefore => self.die(sim, "crash_before", op).await,
            Fate::LostRequest => {
                sim.strike("lost_request", format_args!("{} {op}", self.name));
                self.trouble();
                return None;
            }
            _ => {}
        }
        let happened = effect.await;
        if let Some(line) = tell(&happened) {
            sim.step(format_args!("{} {op} {line}", self.name));
        }
        match fate {
            Fate::CrashAfter => self.die(sim, "crash_after", op).await,
            Fate::LostAnswer => {
                sim.strike("lost_answer", format_args!("{} {op}", self.name));
                self.trouble();
                self.gate().await;
                return None;
            }
            _ => {}
        }
        self.gate().await;
        Some(happened)
    }
}
