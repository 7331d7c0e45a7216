//! What a claim costs with few tasks waiting and with very many, in four shapes.

use super::{
    Progress,
    pit::{Pit, Shape},
    stage::Stage,
};
use crate::config::Config;
use domain::{
    ids::{LaneId, TaxId},
    task::StateName,
};
use fleet::ports::log::{
    Claimed, Head, LaneQueue, Pick, Settled, Settlement, Turn, TurnOutcome, Verdict, Work,
};
use serde::Serialize;
use std::{collections::BTreeMap, time::Duration};
use tokio::time::Instant;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Tasks waiting in the small case.
const FEW: usize = 1_000;
/// Keys are held for so long; far longer than a measurement.
const LEASE: Duration = Duration::from_secs(300);

/// The cost of a claim in one shape.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ClaimCost {
    pub(super) shape: &'static str,
    pub(super) few: usize,
    pub(super) many: usize,
    /// Claims in one round trip.
    pub(super) picks_per_turn: usize,
    /// Milliseconds of a round trip that claims, the median.
    pub(super) few_ms: f64,
    pub(super) many_ms: f64,
    pub(super) ratio: f64,
    /// To read the heads of the lanes at take-over, with many waiting.
    pub(super) many_take_over_ms: f64,
}

pub(super) async fn run(
    config: &Config,
    many: usize,
    progress: &Progress,
) -> Result<Vec<ClaimCost>, Failure> {
    let mut costs = Vec::new();
    for shape in Shape::ALL {
        let mut stage = Stage::open(config, "claim").await?;
        let cost = on(&mut stage, shape, many.max(FEW), progress).await;
        stage.strike().await?;
        costs.push(cost?);
    }
    Ok(costs)
}

async fn on(
    stage: &mut Stage,
    shape: Shape,
    many: usize,
    progress: &Progress,
) -> Result<ClaimCost, Failure> {
    progress.say(&format!("{}: importing", shape.name()));
    let mut pit = Pit::dig(stage, shape, many, LEASE).await?;
    pit.fill(FEW, progress).await?;
    stage.vacuum().await?;
    let few = measure(&pit).await?;
    pit.fill(many, progress).await?;
    stage.vacuum().await?;
    progress.say(&format!("{}: measuring", shape.name()));
    let more = measure(&pit).await?;
    Ok(ClaimCost {
        shape: shape.name(),
        few: FEW,
        many,
        picks_per_turn: shape.picks(),
        few_ms: few.turn_ms,
        many_ms: more.turn_ms,
        ratio: (more.turn_ms / few.turn_ms * 100.0).round() / 100.0,
        many_take_over_ms: more.take_over_ms,
    })
}

struct Measured {
    turn_ms: f64,
    take_over_ms: f64,
}

/// Claims and settles, turn by turn; only the claims are timed. Half of what waits in the small
/// case stays, so that both cases have a queue.
async fn measure(pit: &Pit) -> Result<Measured, Failure> {
    let began = Instant::now();
    let heads = pit.store.heads(&pit.measured_lanes()).await?;
    let take_over_ms = millis(began);
    let mut queues: BTreeMap<(LaneId, TaxId), Head> =
        heads.into_iter().map(|head| ((head.lane, head.tax), head)).collect();
    let picks = pit.shape.picks();
    let mut times = Vec::new();
    for _ in 0..pit.shape.turns() {
        let turn = Turn { picks: choose(&queues, picks), ..Turn::default() };
        let began = Instant::now();
        let outcome = pit.store.turn(pit.worker, LEASE, &turn).await?;
        times.push(millis(began));
        for pick in &turn.picks {
            queues.remove(&(pick.lane, pick.tax));
        }
        note(&mut queues, &outcome.queues);
        let settled = pit.store.turn(pit.worker, LEASE, &settle(outcome)?).await?;
        if !settled.settled.iter().all(|one| matches!(one, Settled::Written { .. })) {
            return Err("a settlement was not written".into());
        }
    }
    times.sort_by(f64::total_cmp);
    Ok(Measured { turn_ms: times[times.len() / 2], take_over_ms })
}

fn millis(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 1e6).round() / 1e3
}

/// Heads of different lanes and tax numbers; of one lane, with different slots.
fn choose(queues: &BTreeMap<(LaneId, TaxId), Head>, most: usize) -> Vec<Pick> {
    let mut picks: Vec<Pick> = Vec::new();
    let mut slots = BTreeMap::<LaneId, i16>::new();
    let wide = queues.keys().all(|(lane, _)| Some(lane) == queues.keys().next().map(|(l, _)| l));
    for head in queues.values() {
        let slot = slots.entry(head.lane).or_insert(-1);
        if picks.len() == most || (*slot >= 0 && !wide) {
            continue;
        }
        *slot += 1;
        let slot = domain::ids::Slot(*slot);
        picks.push(Pick { task: head.task, lane: head.lane, tax: head.tax, slot });
    }
    picks
}

fn note(queues: &mut BTreeMap<(LaneId, TaxId), Head>, news: &[LaneQueue]) {
    for queue in news {
        if let Some(head) = &queue.head {
            queues.insert((queue.lane, queue.tax), head.clone());
        }
    }
}

/// Ends what was claimed; a claim that was refused spoils the figure.
fn settle(outcome: TurnOutcome) -> Result<Turn, Failure> {
    let mut settlements = Vec::new();
    for claimed in outcome.claimed {
        match claimed {
            Claimed::Started(work) => settlements.push(done(&work)),
            Claimed::Hindered(why) => {
                return Err(format!("a claim was refused: {}", why.code()).into());
            }
        }
    }
    if settlements.is_empty() {
        return Err("nothing was left to claim".into());
    }
    Ok(Turn { settlements, ..Turn::default() })
}

fn done(work: &Work) -> Settlement {
    Settlement {
        child: None,
        task: work.message.task_id,
        lane: work.lane,
        tax: work.tax,
        fence: work.fence,
        period: None,
        verdict: Verdict::Final {
            state: StateName::Done,
            reason: String::new(),
            lines: Vec::new(),
            pool: Vec::new(),
            statistic: None,
            unknown: false,
        },
    }
}
