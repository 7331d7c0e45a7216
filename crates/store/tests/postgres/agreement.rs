//! Random states: the store's claim and `domain::schedule::admit` give the same answer, and the
//! same hindrance.

use crate::stage::Stage;
use domain::{
    Moment,
    bureau::LaneKey,
    ids::{LaneId, Place, Slot, TaskId, TaxId, WorkerId},
    kind::Kind,
    schedule::{Candidate, Hindrance, Holder, LaneFacts, PauseNote, Rival, TaxFacts, admit},
};
use fleet::ports::log::{Claimed, Pick, Verdict};
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Random states, and in each every waiting task is tried.
const STATES: u64 = 40;
const TASKS: u64 = 8;
const KINDS: [&str; 5] =
    ["tax_filing", "invoice_issuing", "period_query", "invoice_download", "layout_download"];

/// SplitMix64: the same seed, the same states.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        let last = choices.len() as u64;
        choices[usize::try_from(self.below(last)).expect("a few choices")]
    }

    /// Mostly the first.
    fn mostly<T: Copy>(&mut self, usual: T, others: &[T]) -> T {
        if self.below(9) > 0 { usual } else { self.of(others) }
    }
}

async fn run(stage: &Stage, statement: String) {
    sqlx::query(AssertSqlSafe(statement)).execute(&stage.pool).await.expect("it is written");
}

/// Gates at random; times lie an hour away, so that no answer depends on the moment of asking.
async fn shake(stage: &Stage, dice: &mut Dice) {
    let soon = ["now() + interval '1 hour'", "now() - interval '1 hour'"];
    run(stage, "DELETE FROM bureau_pause".to_owned()).await;
    if dice.below(20) == 0 {
        let pause = "INSERT INTO bureau_pause (bureau, by, reason) VALUES (440300, 'x', 'bureau')";
        run(stage, pause.to_owned()).await;
    }
    for lane in [stage.first.0, stage.second.0] {
        let pause = dice.mostly("NULL, NULL, NULL", &["'x', 'lane', now()"]);
        let owner = match dice.below(16) {
            0 => "NULL".to_owned(),
            1 => "99".to_owned(),
            _ => stage.worker.0.to_string(),
        };
        let throttle = dice.mostly("NULL", &soon);
        let free = dice.of(&["NULL", soon[0], soon[1]]);
        let on = dice.of(&[None, Some(stage.a), Some(stage.b)]);
        let on = on.map_or_else(|| "NULL".to_owned(), |tax| tax.to_string());
        run(
            stage,
            format!(
                "UPDATE lane SET (paused_by, paused_reason, paused_since) = ROW({pause}), \
                 owner = {owner}, throttled_until = {throttle}, switch_free_at = {free}, \
                 current_tax_id = {on} WHERE id = {lane}"
            ),
        )
        .await;
        let online = dice.mostly("true", &["false"]);
        let login = dice.of(&["auto", "manual"]);
        let person = dice.mostly("false", &["true"]);
        run(
            stage,
            format!(
                "UPDATE account SET online = {online}, login = '{login}', needs_person = {person} \
                 WHERE lane_id = {lane}"
            ),
        )
        .await;
    }
    for tax in [stage.a.0, stage.b.0] {
        let pause = dice.mostly("NULL, NULL, NULL", &["'x', 'tax', now()"]);
        let throttle = dice.mostly("NULL", &soon);
        run(
            stage,
            format!(
                "UPDATE taxpayer SET (paused_by, paused_reason, paused_since) = ROW({pause}), \
                 throttled_until = {throttle} WHERE id = {tax}"
            ),
        )
        .await;
    }
}

impl Dice {
    fn pick_of(&mut self, stage: &Stage) -> (&'static str, LaneId, TaxId) {
        let lane = self.of(&[stage.first, stage.second]);
        (self.of(&KINDS), lane, self.of(&[stage.a, stage.b]))
    }
}

/// Tax number, lane, slot, task, kind, tax number in words, since when.
type HeldRow = (i32, i32, Option<i16>, Uuid, String, String, Moment);
/// Tax number, who paused it, why, since when, throttled until.
type TaxRow = (i32, Option<String>, Option<String>, Option<Moment>, Option<Moment>);
/// Task, lane, tax number, place, when it is due, kind, tax number in words.
type WaitingRow = (Uuid, i32, i32, i64, Option<Moment>, String, String);

#[derive(sqlx::FromRow)]
struct LaneRow {
    id: i32,
    account: String,
    owner: Option<i32>,
    paused_by: Option<String>,
    paused_reason: Option<String>,
    paused_since: Option<Moment>,
    needs_person: bool,
    throttled_until: Option<Moment>,
    current_tax_id: Option<i32>,
    switch_free_at: Option<Moment>,
}

/// The rows as they stand, read table by table and put together without the store's statements.
struct Picture {
    now: Moment,
    lanes: BTreeMap<LaneId, LaneFacts>,
    taxes: BTreeMap<TaxId, TaxFacts>,
    slots: BTreeMap<LaneId, Holder>,
    waiting: Vec<(Rival, TaxId, domain::tax_no::TaxNo)>,
}

fn note(by: Option<String>, reason: Option<String>, since: Option<Moment>) -> Option<PauseNote> {
    Some(PauseNote { by: by?, reason: reason?, since: since? })
}

fn kind(name: &str) -> Kind {
    name.parse().expect("a kind")
}

impl Picture {
    async fn of(stage: &Stage) -> Picture {
        let pool = &stage.pool;
        let now = sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(pool).await;
        let pause: Option<(String, String, Moment)> =
            sqlx::query_as("SELECT by, reason, since FROM bureau_pause WHERE bureau = 440300")
                .fetch_optional(pool)
                .await
                .expect("read");
        let bureau_pause =
            pause.and_then(|(by, why, since)| note(Some(by), Some(why), Some(since)));
        let rows: Vec<LaneRow> = sqlx::query_as(
            "SELECT l.*, \
             coalesce(NOT a.online AND (a.needs_person OR a.login = 'manual'), false) AS needs_person \
             FROM lane l LEFT JOIN account a ON a.lane_id = l.id",
        )
        .fetch_all(pool)
        .await
        .expect("read");
        let lanes = rows.into_iter().map(|row| {
            let own = note(row.paused_by, row.paused_reason, row.paused_since);
            let facts = LaneFacts {
                id: LaneId(row.id),
                key: LaneKey {
                    bureau: "440300".parse().expect("a bureau"),
                    account: row.account.parse().expect("an account"),
                },
                owner: row.owner.map(WorkerId),
                paused: own.or(bureau_pause.clone()),
                needs_person: row.needs_person,
                throttled_until: row.throttled_until,
                current_tax: row.current_tax_id.map(TaxId),
                switch_free_at: row.switch_free_at,
                slot_holder: None,
            };
            (facts.id, facts)
        });
        let lanes: BTreeMap<LaneId, LaneFacts> = lanes.collect();
        let held: Vec<HeldRow> = sqlx::query_as(
            "SELECT r.tax_id, r.lane_id, r.n, r.task_id, t.kind, t.tax_no, r.since \
             FROM running r JOIN task_log t USING (task_id)",
        )
        .fetch_all(pool)
        .await
        .expect("read");
        let (mut holders, mut slots) = (BTreeMap::new(), BTreeMap::new());
        for (tax, lane, slot, task, name, tax_no, since) in held {
            let key = slot.map(|_| lanes[&LaneId(lane)].key.clone());
            let tax_no = tax_no.parse().expect("a tax number");
            let holder = Holder { task: TaskId(task), kind: kind(&name), tax_no, lane: key, since };
            holders.insert(TaxId(tax), holder.clone());
            if slot.is_some() {
                slots.insert(LaneId(lane), holder);
            }
        }
        let rows: Vec<TaxRow> = sqlx::query_as(
            "SELECT id, paused_by, paused_reason, paused_since, throttled_until FROM taxpayer",
        )
        .fetch_all(pool)
        .await
        .expect("read");
        let taxes = rows.into_iter().map(|(id, by, why, since, throttled_until)| {
            let holder = holders.get(&TaxId(id)).cloned();
            (TaxId(id), TaxFacts { paused: note(by, why, since), throttled_until, holder })
        });
        let rows: Vec<WaitingRow> = sqlx::query_as(
            "SELECT w.task_id, w.lane_id, w.tax_id, w.place, w.run_at, t.kind, t.tax_no \
             FROM waiting w JOIN task_log t USING (task_id) ORDER BY w.class, w.place",
        )
        .fetch_all(pool)
        .await
        .expect("read");
        let waiting = rows.into_iter().map(|(task, lane, tax, place, run_at, name, tax_no)| {
            let (task, lane, place) = (TaskId(task), LaneId(lane), Place(place));
            let rival = Rival { task, kind: kind(&name), place, lane, run_at };
            (rival, TaxId(tax), tax_no.parse().expect("a tax number"))
        });
        Picture {
            now: now.expect("read"),
            taxes: taxes.collect(),
            slots,
            waiting: waiting.collect(),
            lanes,
        }
    }

    fn expected(&self, index: usize, worker: WorkerId) -> Result<(), Hindrance> {
        let (own, tax, tax_no) = &self.waiting[index];
        let candidate = Candidate {
            task: own.task,
            kind: own.kind,
            place: own.place,
            tax: *tax,
            tax_no: tax_no.clone(),
            lane: own.lane,
            run_at: own.run_at,
        };
        let mut lane = self.lanes[&own.lane].clone();
        lane.slot_holder = self.slots.get(&own.lane).cloned();
        let rivals =
            self.waiting.iter().filter(|other| other.1 == *tax && other.0.task != own.task);
        let rivals = rivals.map(|other| (&other.0, &self.lanes[&other.0.lane]));
        admit(&candidate, worker, self.now, &lane, &self.taxes[tax], rivals)
    }
}

#[tokio::test]
async fn the_claim_and_the_schedule_agree() {
    let mut met: BTreeMap<&'static str, u32> = BTreeMap::new();
    let stage = Stage::new().await;
    for seed in 0..STATES {
        let mut dice = Dice(seed);
        run(&stage, "DELETE FROM waiting".to_owned()).await;
        run(&stage, "DELETE FROM running".to_owned()).await;
        run(&stage, format!("UPDATE lane SET owner = {}", stage.worker.0)).await;
        for _ in 0..TASKS {
            let (kind, lane, tax) = dice.pick_of(&stage);
            let pick = stage.queue(kind, lane, tax).await;
            let run_at = ["NULL", "now() - interval '1 hour'", "now() + interval '1 hour'"];
            let run_at = dice.mostly(run_at[0], &run_at[1..]);
            let task = pick.task;
            run(&stage, format!("UPDATE waiting SET run_at = {run_at} WHERE task_id = '{task}'"))
                .await;
        }
        shake(&stage, &mut dice).await;
        let keeps_one = dice.below(2) == 0;
        for index in 0..usize::try_from(TASKS).expect("a few") {
            let picture = Picture::of(&stage).await;
            let Some((own, tax, _)) = picture.waiting.get(index) else { break };
            let expected = picture.expected(index, stage.worker);
            let pick = Pick { task: own.task, lane: own.lane, tax: *tax, slot: Slot(0) };
            match (stage.claim(&[pick]).await.remove(0), expected) {
                (Claimed::Started(work), Ok(())) => {
                    *met.entry("started").or_default() += 1;
                    if !keeps_one {
                        let reason = String::new();
                        stage.settle(&work, Verdict::HandBack { reason }).await;
                    }
                }
                (Claimed::Hindered(found), Err(expected)) => {
                    assert_eq!(found, expected, "seed {seed}, task {index}");
                    *met.entry(expected.code()).or_default() += 1;
                }
                (found, expected) => panic!("seed {seed}, task {index}: {found:?}, {expected:?}"),
            }
        }
    }
    let all = [
        "started",
        "not_before",
        "lane_paused",
        "tax_paused",
        "offline",
        "lane_throttled",
        "tax_throttled",
        "no_owner",
        "switch_limit",
        "tax_busy",
        "higher_class",
        "earlier_place",
        "lane_busy",
    ];
    let missing: Vec<_> = all.iter().filter(|code| !met.contains_key(*code)).collect();
    assert!(missing.is_empty(), "never met: {missing:?}, met: {met:?}");
}
