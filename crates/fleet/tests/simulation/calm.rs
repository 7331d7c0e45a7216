//! One worker in a world without faults but the one that a test makes, in virtual time.

use crate::{
    bureau::Bureau,
    chance::Dice,
    crew,
    life::Life,
    outside::Outside,
    rates::Rates,
    run::{self, Plan},
    sim::Sim,
};
use async_trait::async_trait;
use domain::{
    Moment,
    bureau::{BureauCode, LaneKey},
    calendar::FilingDay,
    taxpayer::LoginMode,
};
use fleet::{
    memory::{Book, Row},
    meter::Meter,
    ports::{
        StoreError,
        bus::{BusAway, Parcel, Post},
        clock::Clock,
        desk::Note,
        matrix::Matrix,
        outbox::EventKind,
    },
    settings::Settings,
    worker::{Ended, Left, Ports, Worker},
};
use std::{sync::Arc, time::Duration};
use tokio::{task::JoinHandle, time::Instant};
use tokio_util::sync::CancellationToken;

/// Ends a test that hangs; virtual, as all time here.
const HANGS: Duration = Duration::from_secs(24 * 3600);

/// A broker that takes nothing for so long.
#[derive(Debug)]
struct NoPost {
    until: Instant,
    then: Arc<dyn Post>,
}

impl NoPost {
    fn before(ports: Ports, away: Duration) -> Ports {
        let until = Instant::now() + away;
        Ports { post: Arc::new(NoPost { until, then: ports.post.clone() }), ..ports }
    }
}

#[async_trait]
impl Post for NoPost {
    async fn send(&self, parcels: Vec<Parcel>) -> Vec<Result<(), BusAway>> {
        if Instant::now() >= self.until {
            return self.then.send(parcels).await;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        parcels.iter().map(|_| Err(BusAway("no connection".into()))).collect()
    }
}

struct Calm {
    sim: Arc<Sim>,
    outside: Outside,
    life: Arc<Life>,
    process: Worker,
    worker: JoinHandle<Result<Ended, StoreError>>,
    stop: CancellationToken,
}

impl Calm {
    async fn begin(settings: Settings) -> Calm {
        Calm::with(settings, |ports| ports).await
    }

    async fn with(settings: Settings, change: impl FnOnce(Ports) -> Ports) -> Calm {
        let plan = Plan::default();
        let dice = Arc::new(Dice::new(plan.seed));
        let period = "202511".parse().expect("a period");
        let bureau = Bureau::new(dice.clone(), run::habits(plan).calm(), period);
        let sim = Arc::new(Sim::new(dice, bureau, Rates::NONE, None, false));
        let outside = run::set_up(&sim, plan).await;
        let life = Arc::new(Life::new("w".into()));
        let stop = life.stop.clone();
        let ports = change(crew::ports(&sim, &life));
        sim.lives().push(life.clone());
        let process = Worker { ports, settings: Arc::new(settings), meter: Arc::new(Meter::new()) };
        let worker = tokio::spawn(process.clone().run(stop.clone()));
        Calm { sim, outside, life, process, worker, stop }
    }

    /// Waits until its number is lost, and lets it join anew, as the executable does.
    async fn join_anew(&mut self) {
        let ended = tokio::time::timeout(HANGS, &mut self.worker).await.expect("it is told so");
        assert_eq!(ended.expect("no panic"), Ok(Ended::NumberLost));
        self.worker = tokio::spawn(self.process.clone().run(self.stop.clone()));
    }

    /// SIGTERM; how it ends, and how long that takes.
    async fn end(self) -> (Ended, Duration) {
        let asked = Instant::now();
        self.stop.cancel();
        let ended = tokio::time::timeout(HANGS, self.worker).await.expect("it ends by itself");
        (ended.expect("no panic").expect("no error"), asked.elapsed())
    }

    /// Tasks wait and run, and nothing can be written from now on, for so long.
    async fn lose_the_store(&mut self, away: Duration) {
        for _ in 0..200 {
            self.outside.publisher.publish();
        }
        let runs = |book: &Book| book.running.values().any(|key| key.worker.is_some());
        self.until("something runs", |sim| sim.store.inspect(runs)).await;
        self.sim.outage().store = Some(Instant::now() + away);
    }

    /// An operator sets the last day of the month in which the test runs.
    async fn set_filing_day(&self, bureau: Option<BureauCode>, day: &str) {
        let period = "202512".parse().expect("a period");
        let day = FilingDay::read(period, bureau, day).expect("a day of its calendar");
        let note = Note { by: "王".into(), reason: "公告".into() };
        self.sim.store.set_filing_day(&day, &note).await.expect("set");
    }

    /// The bureau has thrown every account out that only a person can log in; those that we still
    /// take to be on line.
    fn throw_out(&self) -> Vec<LaneKey> {
        let places = &self.outside.places;
        for lane in &places.manual {
            self.sim.bureau().set_online(lane, false);
        }
        let manual = places.world.accounts.iter().filter(|one| one.login == LoginMode::Manual);
        let online = manual.filter(|one| one.online);
        online.map(|one| LaneKey { bureau: one.bureau, account: one.account.clone() }).collect()
    }

    /// Looks every virtual second until it is so.
    async fn until(&self, what: &str, is_so: impl Fn(&Sim) -> bool) {
        let looking = async {
            while !is_so(&self.sim) {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        if tokio::time::timeout(HANGS, looking).await.is_err() {
            panic!("hangs: {what}");
        }
    }
}

/// What is left in the outbox would be found much later.
#[tokio::test(start_paused = true)]
async fn what_ends_as_it_is_logged_is_told_at_once() {
    let never = Duration::from_secs(365 * 24 * 3600);
    let mut calm = Calm::begin(Settings { outbox_age: never, ..Settings::default() }).await;
    calm.outside.publisher.unknown_number();
    calm.until("its event leaves", |sim| !sim.bus.events().is_empty()).await;
    let events = calm.sim.bus.events();
    assert_eq!(events.iter().map(|event| event.kind).collect::<Vec<_>>()[0], EventKind::Failed);
    calm.until("the outbox is empty", |sim| sim.store.inspect(|book| book.outbox.is_empty())).await;
    assert_eq!(calm.end().await.0, Ended::Drained);
}

#[tokio::test(start_paused = true)]
async fn who_is_told_to_end_without_a_store_ends_and_says_what_it_left() {
    let settings = Settings::default();
    let patience = settings.patience();
    let mut calm = Calm::begin(settings).await;
    calm.lose_the_store(HANGS).await;
    let (ended, took) = calm.end().await;
    let Ended::GaveUp(left) = ended else { panic!("{ended:?}") };
    assert!(left.tasks > 0 && left.number, "{left:?}");
    assert!(left.to_string().contains(&format!("{} tasks under its keys", left.tasks)), "{left}");
    assert!(took >= patience, "{took:?}");
    assert!(took < patience * 3, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_comes_back_in_time_is_waited_for() {
    let settings = Settings::default();
    let away = settings.patience() - Duration::from_secs(3);
    let mut calm = Calm::begin(settings).await;
    calm.lose_the_store(away).await;
    let sim = calm.sim.clone();
    let (ended, took) = calm.end().await;
    assert_eq!(ended, Ended::Drained);
    assert!(took >= away, "{took:?}");
    // What was dropped because it could not be renewed is rescued, as after a crash.
    let now = sim.clock.now();
    let held = |book: &Book| {
        book.running.values().any(|key| key.worker.is_some() && key.lease_until > now)
    };
    assert!(!sim.store.inspect(held), "everything else was settled or handed on");
}

/// What cannot be read stays with the broker, which has it rejected by the next worker.
#[tokio::test(start_paused = true)]
async fn who_is_told_to_end_without_a_bus_ends_too() {
    let settings = Settings::default();
    let patience = settings.patience();
    let mut calm = Calm::with(settings, |ports| NoPost::before(ports, HANGS)).await;
    calm.outside.publisher.garble();
    calm.until("it is delivered", |sim| sim.bus.depth() == 0).await;
    let sim = calm.sim.clone();
    let (ended, took) = calm.end().await;
    assert_eq!(ended, Ended::GaveUp(Left { deliveries: true, ..Left::default() }));
    assert!(took < patience * 3, "{took:?}");
    assert_eq!(sim.bus.depth(), 1, "it lies in its queue again");
}

/// What is taken and not rejected yet would be acknowledged with whatever is logged later.
#[tokio::test(start_paused = true)]
async fn who_loses_its_number_is_back_before_the_bus_is_and_finishes_what_was_delivered() {
    let minute = Duration::from_secs(60);
    let mut calm = Calm::with(Settings::default(), |ports| NoPost::before(ports, 2 * minute)).await;
    calm.outside.publisher.garble();
    calm.until("it is delivered", |sim| sim.bus.depth() == 0).await;
    calm.life.stall(minute / 2);
    calm.join_anew().await;
    let joined = |book: &Book| book.workers.values().any(|row| row.lease_until > book.now());
    calm.until("it has joined", |sim| sim.store.inspect(joined)).await;
    assert_eq!(calm.sim.bus.rejected().len(), 0, "the bus is still away");
    calm.outside.publisher.unknown_number();
    calm.until("the next one is logged", |sim| !sim.bus.events().is_empty()).await;
    assert_eq!(calm.sim.violation(), None);
    assert_eq!(calm.sim.bus.rejected().len(), 1);
    assert_eq!(calm.end().await.0, Ended::Drained);
}

/// The rule's day of the month is 2026-01-15.
#[tokio::test(start_paused = true)]
async fn a_login_is_waited_for_until_the_filing_day_that_was_set() {
    let mut calm = Calm::begin(Settings { switches: None, ..Settings::default() }).await;
    let lanes = calm.throw_out();
    let bureau = lanes.last().expect("an account that a person logs in").bureau;
    calm.set_filing_day(None, "2026-01-19").await;
    calm.set_filing_day(Some(bureau), "2026-01-22").await;
    for number in calm.outside.places.numbers.clone() {
        calm.outside.publisher.resync(&number);
    }
    let parked = |sim: &Sim| -> Vec<(BureauCode, Option<Moment>)> {
        sim.store.inspect(|book| {
            let rows = book.parked.iter().map(|task| &book.tasks[task]);
            let of = |row: &Row| row.lane_key.as_ref().map(|lane| (lane.bureau, row.parked_until));
            rows.filter_map(of).collect()
        })
    };
    let both = |sim: &Sim| {
        let (here, elsewhere): (Vec<_>, Vec<_>) =
            parked(sim).into_iter().partition(|(of, _)| *of == bureau);
        !here.is_empty() && !elsewhere.is_empty()
    };
    calm.until("tasks park at this bureau and at another", both).await;
    let found = parked(&calm.sim);
    for (of, until) in found {
        let expected = if of == bureau { "2026-01-22T16:00:00Z" } else { "2026-01-19T16:00:00Z" };
        assert_eq!(until, expected.parse().ok(), "{of}");
    }
}
