//! What happens around the fleet: operators, people who log in, bureaus that throw out, hosts
//! and servers that fail.

use crate::{publisher::Publisher, sim::Sim, world::Places};
use domain::{
    bureau::LaneKey,
    ids::TaskId,
    invoice::{InvoiceKey, InvoiceUse},
    statistic::StatisticState,
    tax_no::TaxNo,
};
use fleet::{
    desk::Desk,
    ports::{
        clock::Clock,
        desk::{Note, Scope},
        roster::Roster,
    },
};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// One outside event, and its share.
#[derive(Clone, Copy, Debug)]
enum Happening {
    Publish,
    Repeat,
    ReuseId,
    Garble,
    UnknownNumber,
    Retry,
    MoveFailed,
    Cancel,
    Pause,
    Resume,
    Logout,
    Login,
    Statistic,
    Crash,
    Stall,
    Drain,
    StoreAway,
    CacheAway,
    LoseHints,
    NewAccount,
    AtTheBureau,
    RecordAbsent,
}

const SHARES: [(u32, Happening); 22] = [
    (660, Happening::Publish),
    (50, Happening::Repeat),
    (15, Happening::ReuseId),
    (8, Happening::Garble),
    (8, Happening::UnknownNumber),
    (60, Happening::Retry),
    (20, Happening::MoveFailed),
    (45, Happening::Cancel),
    (30, Happening::Pause),
    (40, Happening::Resume),
    (35, Happening::Logout),
    (40, Happening::Login),
    (10, Happening::Statistic),
    (8, Happening::Crash),
    (6, Happening::Stall),
    (8, Happening::Drain),
    (4, Happening::StoreAway),
    (8, Happening::CacheAway),
    (6, Happening::LoseHints),
    (6, Happening::NewAccount),
    (40, Happening::AtTheBureau),
    (10, Happening::RecordAbsent),
];

/// See the module.
#[derive(Debug)]
pub(crate) struct Outside {
    sim: Arc<Sim>,
    pub(crate) places: Places,
    pub(crate) publisher: Publisher,
    desk: Desk,
    paused: Vec<Scope>,
}

fn note(reason: &str) -> Note {
    Note { by: "值班".into(), reason: reason.into() }
}

impl Outside {
    pub(crate) fn new(sim: Arc<Sim>, places: Places) -> Outside {
        let end = Arc::new(sim.bus.another());
        let desk = Desk {
            store: sim.store.clone(),
            post: end.clone(),
            bell: end,
            clock: sim.clock.clone(),
            chance: sim.dice.clone(),
        };
        let publisher = Publisher::new(sim.clone(), places.numbers.clone());
        Outside { sim, places, publisher, desk, paused: Vec::new() }
    }

    /// Lets one thing happen.
    pub(crate) async fn happen(&mut self) {
        match self.sim.dice.weighted(&SHARES) {
            Happening::Publish => self.publisher.publish(),
            Happening::Repeat => self.publisher.repeat(),
            Happening::ReuseId => self.publisher.reuse_id(),
            Happening::Garble => self.publisher.garble(),
            Happening::UnknownNumber => self.publisher.unknown_number(),
            Happening::Retry => self.publisher.retry(),
            Happening::MoveFailed => self.publisher.move_failed(),
            Happening::Cancel => self.cancel().await,
            Happening::Pause => self.pause().await,
            Happening::Resume => self.resume().await,
            Happening::Logout => self.log_out().await,
            Happening::Login => self.log_in().await,
            Happening::Statistic => self.change_statistic(),
            Happening::Crash => self.crash(),
            Happening::Stall => self.stall(),
            Happening::Drain => self.drain(),
            Happening::StoreAway => {
                let until = self.soon("store_away", 200..12_000);
                self.sim.outage().store = Some(until);
            }
            Happening::CacheAway => {
                let until = self.soon("cache_gone", 500..15_000);
                self.sim.outage().cache = Some(until);
            }
            Happening::LoseHints => self.lose_hints(),
            Happening::NewAccount => self.new_accounts().await,
            Happening::AtTheBureau => self.change_at_the_bureau(),
            Happening::RecordAbsent => self.record_absent().await,
        }
    }

    fn soon(&self, fault: &'static str, range: std::ops::Range<u64>) -> Instant {
        let time = self.sim.dice.millis(range);
        self.sim.strike(fault, format_args!("for {time:?}"));
        Instant::now() + time
    }

    async fn cancel(&self) {
        let tasks: Vec<TaskId> = self.sim.store.inspect(|book| {
            let open = book.tasks.iter().filter(|(_, row)| !row.state.name().is_final());
            open.map(|(task, _)| *task).collect()
        });
        let Some(task) = self.sim.dice.one_of(&tasks) else { return };
        let said = self.desk.cancel(&[*task], &note("不需要了")).await;
        self.sim.history().count("cancel");
        self.sim.step(format_args!("cancel {task} {said:?}"));
    }

    async fn pause(&mut self) {
        let Some(lane) = self.sim.dice.one_of(&self.places.lanes).cloned() else { return };
        let number = self.sim.dice.one_of(&self.places.numbers).map(|n| n.tax_no.clone());
        let scope = match (self.sim.dice.below(8), number) {
            (0, _) => Scope::Bureau(lane.bureau),
            (1..4, Some(number)) => Scope::TaxNumber(number),
            _ => Scope::Lane { bureau: lane.bureau, account: lane.account },
        };
        let said = self.desk.pause(&scope, &note("维护")).await;
        self.sim.history().count("pause");
        self.sim.step(format_args!("pause {scope:?} {said:?}"));
        self.paused.push(scope);
    }

    async fn resume(&mut self) {
        if self.paused.is_empty() {
            return;
        }
        let n = self.sim.dice.below(self.paused.len());
        let scope = self.paused.swap_remove(n);
        let said = self.desk.resume(&scope, &note("恢复")).await;
        self.sim.history().count("resume");
        self.sim.step(format_args!("resume {scope:?} {said:?}"));
    }

    pub(crate) async fn resume_all(&mut self) {
        while !self.paused.is_empty() {
            self.resume().await;
        }
    }

    fn an_account(&self) -> LaneKey {
        let manual = self.sim.dice.once_in(2);
        let of = if manual { &self.places.manual } else { &self.places.lanes };
        let of = if of.is_empty() { &self.places.lanes } else { of };
        of[self.sim.dice.below(of.len())].clone()
    }

    /// The bureau ends a session; perhaps somebody tells.
    async fn log_out(&self) {
        let lane = self.an_account();
        self.sim.bureau().set_online(&lane, false);
        self.sim.history().count("logout");
        self.sim.step(format_args!("{lane} is logged out"));
        if self.sim.dice.once_in(3) {
            self.sim.history().count("logout_told");
            self.tell(&lane, false).await;
        }
    }

    async fn tell(&self, lane: &LaneKey, online: bool) {
        let now = self.sim.clock.now();
        let said = self.desk.session(lane, online, now, None, &note("登录")).await;
        self.sim.step(format_args!("told: {lane} online {online} {said:?}"));
    }

    /// Somebody logs an account in; word of it comes, or comes early, late, twice, or never.
    async fn log_in(&self) {
        let lane = self.an_account();
        match self.sim.dice.below(5) {
            0 => {
                self.sim.history().count("login_told_early");
                self.tell(&lane, true).await;
                tokio::time::sleep(self.sim.dice.millis(50..500)).await;
                self.sim.bureau().set_online(&lane, true);
                self.sim.step(format_args!("{lane} is logged in"));
            }
            1 => {
                self.sim.history().count("login_lost");
                self.sim.bureau().set_online(&lane, true);
                self.sim.step(format_args!("{lane} is logged in, nobody tells"));
            }
            2 => {
                self.sim.history().count("login_told_twice");
                self.sim.bureau().set_online(&lane, true);
                self.tell(&lane, true).await;
                self.tell(&lane, true).await;
            }
            3 => self.log_in_told_late(lane),
            _ => {
                self.sim.history().count("login_told");
                self.sim.bureau().set_online(&lane, true);
                self.tell(&lane, true).await;
            }
        }
    }

    fn log_in_told_late(&self, lane: LaneKey) {
        self.sim.history().count("login_told_late");
        self.sim.bureau().set_online(&lane, true);
        self.sim.step(format_args!("{lane} is logged in"));
        let (sim, desk, seen_at) = (self.sim.clone(), self.desk.clone(), self.sim.clock.now());
        tokio::spawn(async move {
            tokio::time::sleep(sim.dice.millis(500..20_000)).await;
            let said = desk.session(&lane, true, seen_at, None, &note("登录")).await;
            sim.step(format_args!("told late: {lane} online {said:?}"));
        });
    }

    /// Everybody whose account needs a person logs in, and says so.
    pub(crate) async fn log_everybody_in(&self) {
        for lane in &self.places.lanes {
            self.sim.bureau().set_online(lane, true);
            self.tell(lane, true).await;
        }
    }

    fn change_statistic(&self) {
        let Some(number) = self.sim.dice.one_of(&self.places.numbers) else { return };
        let dice = &self.sim.dice;
        let state = match (dice.once_in(3), dice.once_in(2)) {
            (true, true) => StatisticState::Confirmed,
            (true, false) => StatisticState::Generated,
            (false, _) => StatisticState::NotGenerated,
        };
        self.sim.bureau().set_statistic(&number.tax_no, state);
        self.sim.history().count("statistic_changed");
        self.sim.step(format_args!("statistic table of {} is {}", number.tax_no, state.name()));
    }

    /// Somebody selects an invoice at the bureau itself, or a selection is undone there without a word;
    /// not while a task of ours is under way, which would be told of it.
    fn change_at_the_bureau(&self) {
        let Some((tax_no, key)) = self.an_invoice() else { return };
        let free = self.sim.store.inspect(|book| {
            let tax = book.tax_ids.get(&tax_no);
            tax.is_some_and(|tax| book.running.values().all(|key| key.tax != *tax))
        });
        if !free {
            return;
        }
        let other = match self.sim.dice.once_in(3) {
            true => InvoiceUse::NonDeduction,
            false => InvoiceUse::Deduction,
        };
        let now = {
            let mut bureau = self.sim.bureau();
            let period = bureau.period;
            bureau.books.change(&tax_no, &key, other, period)
        };
        let undone = now == Some(InvoiceUse::Unused);
        self.sim.history().count(if undone { "silent_undo" } else { "selected_elsewhere" });
        self.sim.step(format_args!("{key} of {tax_no} is {now:?} at the bureau"));
    }

    /// Of a tax number that has a selection in the log; its tasks are where things go wrong.
    fn an_invoice(&self) -> Option<(TaxNo, InvoiceKey)> {
        let named: Vec<(TaxNo, InvoiceKey)> = self.sim.store.inspect(|book| {
            let selections = book.tasks.values().filter(|row| row.message.kind.action().is_some());
            let named = selections.flat_map(|row| {
                let tax_no = &row.message.tax_no;
                row.message.invoices.iter().map(|one| (tax_no.clone(), one.key.clone()))
            });
            named.collect()
        });
        self.sim.dice.one_of(&named).cloned()
    }

    /// A person looks at the bureau, which has nothing of a task whose outcome nobody knew.
    async fn record_absent(&self) {
        let unknown: Vec<TaskId> = self.sim.store.inspect(|book| {
            let unknown = book.tasks.iter().filter(|(_, row)| row.unknown);
            unknown.map(|(task, _)| *task).collect()
        });
        let unknown: Vec<TaskId> = {
            let bureau = self.sim.bureau();
            let absent = |task: &TaskId| bureau.referee.own_effects(*task) == 0;
            unknown.into_iter().filter(absent).collect()
        };
        let Some(task) = self.sim.dice.one_of(&unknown) else { return };
        let said = self.desk.record_absent(&[*task], &note("税局没有该任务")).await;
        self.sim.history().count("recorded_absent");
        self.sim.step(format_args!("record absent {task} {said:?}"));
    }

    fn one_alive(&self) -> Option<Arc<crate::life::Life>> {
        let alive: Vec<_> = self.sim.lives().iter().filter(|l| !l.is_dead()).cloned().collect();
        self.sim.dice.one_of(&alive).cloned()
    }

    fn crash(&self) {
        if let Some(life) = self.one_alive() {
            self.sim.strike("crash_anywhere", &life.name);
            life.crash();
        }
    }

    fn stall(&self) {
        if let Some(life) = self.one_alive() {
            let time = self.sim.dice.millis(2_000..35_000);
            self.sim.strike("stall", format_args!("{} for {time:?}", life.name));
            life.stall(time);
        }
    }

    fn drain(&self) {
        if let Some(life) = self.one_alive() {
            self.sim.strike("drain", &life.name);
            life.stop.cancel();
        }
    }

    fn lose_hints(&self) {
        let time = self.sim.dice.millis(1_000..30_000);
        self.sim.strike("hints_off", format_args!("for {time:?}"));
        self.sim.bus.lose_hints(true);
        let sim = self.sim.clone();
        tokio::spawn(async move {
            tokio::time::sleep(time).await;
            sim.bus.lose_hints(false);
        });
    }

    /// Accounts come for those who have none.
    pub(crate) async fn new_accounts(&self) {
        let said = self.sim.store.import(&self.places.homeless, 8).await;
        for account in &self.places.homeless.accounts {
            let lane = LaneKey { bureau: account.bureau, account: account.account.clone() };
            self.sim.bureau().open_account(&lane, false, false);
        }
        self.sim.history().count("new_accounts");
        self.sim.step(format_args!("new accounts {said:?}"));
    }

    /// Between two happenings.
    pub(crate) fn a_while(&self) -> Duration {
        if self.sim.dice.once_in(30) {
            self.sim.dice.millis(1_000..5_000)
        } else {
            self.sim.dice.millis(5..500)
        }
    }
}
