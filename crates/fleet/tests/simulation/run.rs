//! A whole run: a storm of tasks and faults, then calm, until everything has ended or waits for
//! something that has a name.

use crate::{
    bureau::{Bureau, Habits},
    chance::Dice,
    checks, crew,
    life::Life,
    oracle::Oracle,
    outside::Outside,
    panics, pool,
    rates::Rates,
    sim::{Sim, Violation},
    twins::Twin,
    world,
};
use chrono::TimeDelta;
use domain::{
    bureau::LaneKey,
    schedule::{PlannerSettings, SwitchLimits},
    task::StateName,
    tax_no::TaxNo,
};
use fleet::{memory::Book, ports::roster::Roster, settings::Settings};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

/// Outside events of one storm.
const HAPPENINGS: usize = 420;
/// After the storm everything must have ended within this time.
const ENDS_WITHIN: Duration = Duration::from_secs(3 * 3600);

/// Tax numbers that are read at the end although nothing differs.
const OTHERS_READ: usize = 4;

/// A run that has not ended after so many steps turns in circles.
const STEPS_AT_MOST: u64 = 40_000;

/// What a run was.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) seed: u64,
    pub(crate) steps: u64,
    pub(crate) hash: u64,
    pub(crate) tally: BTreeMap<String, u64>,
    pub(crate) tasks: usize,
    pub(crate) lasted: Duration,
    pub(crate) violation: Option<Violation>,
    pub(crate) lines: Vec<String>,
}

/// How a run is made.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) twin: Option<Twin>,
    /// Keep the whole history, not only its tail.
    pub(crate) everything: bool,
}

/// Runs it on a runtime of its own, in virtual time.
pub(crate) fn run(plan: Plan) -> Report {
    panics::watch();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without input and output can always be built");
    let report = runtime.block_on(play(plan));
    drop(runtime);
    panics::unwatch();
    report
}

fn switch_limits(seed: u64) -> Option<SwitchLimits> {
    match seed % 4 {
        0 => None,
        1 => Some(SwitchLimits { per_hour: 15, per_day: 50 }),
        _ => Some(SwitchLimits { per_hour: 40, per_day: 200 }),
    }
}

fn settings(plan: Plan) -> Settings {
    let quick = PlannerSettings {
        busy_reserve: SwitchLimits { per_hour: 1, per_day: 1 },
        quiet_reserve: SwitchLimits { per_hour: 0, per_day: 1 },
        ample: SwitchLimits { per_hour: 1, per_day: 2 },
        quiet_after: TimeDelta::seconds(20),
        patience: TimeDelta::minutes(20),
        yield_to_urgent_after: TimeDelta::seconds(20),
        yield_after: TimeDelta::seconds(60),
    };
    let limits = domain::retry::Limits {
        outcome_deadline: Duration::from_secs(400),
        ..domain::retry::Limits::default()
    };
    let twin = plan.twin == Some(Twin::AbsentBelieved);
    Settings {
        switches: switch_limits(plan.seed),
        planner: quick,
        limits,
        leqi_quiet: if twin { Duration::ZERO } else { Duration::from_secs(120) },
        outbox_age: Duration::from_secs(10),
        ..Settings::default()
    }
}

pub(crate) fn habits(plan: Plan) -> Habits {
    Habits {
        kick_out: 120,
        throttle: 60,
        refuse: 60,
        falter: 30,
        refuse_later: 25,
        mismatch: 2,
        never_tell: 80,
        forget: 5,
        doubt: 10,
        partial: 12,
        switches_per_hour: switch_limits(plan.seed)
            .map_or(usize::MAX, |limits| usize::try_from(limits.per_hour).unwrap_or(usize::MAX)),
        fences: plan.twin != Some(Twin::AbsentBelieved),
    }
}

async fn play(plan: Plan) -> Report {
    let dice = Arc::new(Dice::new(plan.seed));
    let period = "202511".parse().expect("a period");
    let bureau = Bureau::new(dice.clone(), habits(plan), period);
    let sim = Arc::new(Sim::new(dice, bureau, Rates::STORMY, plan.twin, plan.everything));
    let outside = set_up(&sim, plan).await;
    let mut processes = tokio::task::JoinSet::new();
    let workers = 3 + sim.dice.below(3);
    let nobody = Arc::new(Life::new("nobody".into()));
    nobody.ended();
    sim.lives().resize(workers, nobody);
    let settings = Arc::new(settings(plan));
    for n in 0..workers {
        processes.spawn(crew::slot(sim.clone(), n, settings.clone()));
    }
    let over = sim.over.clone();
    tokio::select! {
        biased;
        () = over.cancelled() => {}
        () = story(&sim, outside) => {}
    }
    over.cancel();
    drop(processes);
    report(&sim, plan.seed)
}

pub(crate) async fn set_up(sim: &Arc<Sim>, plan: Plan) -> Outside {
    let places = world::places(&sim.dice);
    sim.store.import(&places.world, 8).await.expect("the memory store takes any world");
    for account in &places.world.accounts {
        let lane = LaneKey { bureau: account.bureau, account: account.account.clone() };
        let manual = account.login == domain::taxpayer::LoginMode::Manual;
        sim.bureau().open_account(&lane, manual, account.online);
    }
    for invoice in &places.world.invoices {
        sim.bureau().books.open(world::told(invoice));
    }
    {
        let settings = settings(plan);
        let mut watch = sim.watch();
        watch.limits = settings.switches;
        watch.planner = settings.planner;
    }
    Outside::new(sim.clone(), places)
}

/// The storm, the calm, and the end.
async fn story(sim: &Arc<Sim>, mut outside: Outside) {
    for _ in 0..HAPPENINGS {
        outside.happen().await;
        tokio::time::sleep(outside.a_while()).await;
    }
    sim.set_rates(Rates::NONE);
    {
        let mut bureau = sim.bureau();
        bureau.habits = bureau.habits.calm();
        *sim.outage() = crate::sim::Outage::default();
    }
    sim.step("the storm is over");
    outside.resume_all().await;
    if !sim.dice.once_in(4) {
        outside.log_everybody_in().await;
    }
    if let Err(unfinished) = ends(sim, &mut outside).await {
        sim.violated(Violation { checker: "I5", what: unfinished });
        return;
    }
    sim.step("everything has ended or waits visibly");
    if let Err(unfinished) = resync(sim, &mut outside).await {
        sim.violated(Violation { checker: "I5", what: unfinished });
        return;
    }
    if let Some(violation) = at_the_end(sim) {
        sim.violated(violation);
    }
}

/// Waits until everything has ended, or waits for something that has a name.
async fn ends(sim: &Sim, outside: &mut Outside) -> Result<(), String> {
    let since = sim.clock.elapsed();
    while let Some(unfinished) = outside.publisher.unconfirmed().or_else(|| unfinished(sim)) {
        if sim.clock.elapsed() > since + ENDS_WITHIN || sim.history().steps > STEPS_AT_MOST {
            return Err(unfinished);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(())
}

/// The uses of those tax numbers are read whose invoices differ, and of some more, as a person asks
/// for it once everything is over.
async fn resync(sim: &Arc<Sim>, outside: &mut Outside) -> Result<(), String> {
    let differing = {
        let bureau = sim.bureau();
        sim.store.inspect(|book| pool::differing(book, &bureau))
    };
    let mut numbers: BTreeSet<TaxNo> = differing.into_iter().map(|(tax_no, _)| tax_no).collect();
    for _ in 0..OTHERS_READ {
        let other = sim.dice.one_of(&outside.places.numbers);
        numbers.extend(other.map(|number| number.tax_no.clone()));
    }
    for number in &outside.places.numbers {
        if numbers.contains(&number.tax_no) {
            outside.publisher.resync(number);
        }
    }
    ends(sim, outside).await
}

/// Something that has not ended, and waits for nothing that has a name.
fn unfinished(sim: &Sim) -> Option<String> {
    let depth = sim.bus.depth();
    if depth > 0 {
        return Some(format!("{depth} messages lie in their queues"));
    }
    sim.store.inspect(|book| {
        if let Some(event) = book.outbox.values().next() {
            return Some(format!("event {} of {} has not left", event.number, event.task));
        }
        let oracle = Oracle::new(book);
        let open = book.tasks.iter().filter(|(_, row)| !row.state.name().is_final());
        open.map(|(task, row)| (task, row, oracle.why(*task)))
            .find(|(_, row, why)| {
                let named = ["offline", "lane_paused", "tax_paused"].contains(why);
                let homeless = row.state.name() == StateName::Held && row.lane.is_none();
                let parked = row.state.name() == StateName::Parked;
                !(named || homeless || parked)
            })
            .map(|(task, row, why)| {
                format!("{task} is {:?}, waits for {why}, {:?}", row.state, book.running.get(task))
            })
    })
}

fn at_the_end(sim: &Sim) -> Option<Violation> {
    let hits = sim.bureau().referee.switch_limit_hits;
    if hits > 0 {
        let what = format!("{hits} switches beyond the bureau's limit");
        return Some(Violation { checker: "switch limit", what });
    }
    let parked_online = |book: &Book| {
        let mut parked = book.tasks.iter().filter(|(_, row)| {
            row.state.name() == StateName::Parked
                && row.lane.is_some_and(|lane| {
                    let lane = &book.lanes[&lane];
                    !lane.needs_person
                })
        });
        parked.next().map(|(task, _)| format!("{task} is parked for ever: its account is on line"))
    };
    if let Some(what) = sim.store.inspect(parked_online) {
        return Some(Violation { checker: "I5", what });
    }
    let events = sim.bus.events();
    let told = |task: &domain::ids::TaskId| events.iter().any(|event| event.task == *task);
    let untold = sim.store.inspect(|book| {
        let mut ended = book.tasks.iter().filter(|(_, row)| row.state.name().is_final());
        ended.find(|(task, _)| !told(task)).map(|(task, _)| format!("nobody heard of {task}"))
    });
    if let Some(what) = untold {
        return Some(Violation { checker: "I5", what });
    }
    let bureau = sim.bureau();
    sim.store
        .inspect(|book| checks::agreement(book, &bureau).or_else(|| pool::is_true(book, &bureau)))
}

fn report(sim: &Sim, seed: u64) -> Report {
    let history = sim.history();
    let mut tally = history.tally.clone();
    for (mood, count) in &sim.bureau().moods {
        tally.insert((*mood).to_owned(), *count);
    }
    let wrong = sim.bureau().referee.wrong_number;
    tally.insert("wrong_number".into(), wrong);
    sim.store.inspect(|book| {
        for row in book.tasks.values() {
            for (state, event) in &row.events {
                *tally.entry(format!("{state} × {event}")).or_default() += 1;
            }
        }
    });
    Report {
        seed,
        steps: history.steps,
        hash: history.hash,
        tally,
        tasks: sim.store.inspect(|book| book.tasks.len()),
        lasted: sim.clock.elapsed(),
        violation: sim.violation(),
        lines: history.lines().cloned().collect(),
    }
}
