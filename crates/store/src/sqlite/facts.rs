//! What [`domain::schedule::admit`] wants to know of waiting tasks: claim, scheduler and people
//! hear the same reason.

use super::{Tx, case::Case, case::Spot, columns, columns::micros, columns::moment, fault::Fault};
use crate::codec;
use domain::{
    Moment,
    ids::{LaneId, Place, Slot, TaskId, TaxId, WorkerId},
    schedule::{Candidate, Hindrance, Holder, LaneFacts, Rival, TaxFacts, admit},
};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// The facts about some tax numbers and all their lanes, at one moment.
#[derive(Debug, Default)]
pub(super) struct Board {
    now: Moment,
    taxes: HashMap<TaxId, TaxFacts>,
    lanes: HashMap<LaneId, Gate>,
    slots: HashMap<(LaneId, Slot), Holder>,
    rivals: HashMap<TaxId, Vec<Rival>>,
}

#[derive(Debug)]
struct Gate {
    facts: LaneFacts,
    width: i16,
}

#[derive(Debug, sqlx::FromRow)]
struct TaxRow {
    id: i32,
    paused_by: Option<String>,
    paused_reason: Option<String>,
    paused_since: Option<i64>,
    throttled_until: Option<i64>,
    #[sqlx(flatten)]
    holder: HolderColumns,
    bureau: Option<i32>,
    account: Option<String>,
}

/// Who holds a key; all NULL when nobody does.
#[derive(Debug, sqlx::FromRow)]
struct HolderColumns {
    task_id: Option<Uuid>,
    kind: Option<String>,
    tax_no: Option<String>,
    since: Option<i64>,
}

#[derive(Debug, sqlx::FromRow)]
struct GateRow {
    id: i32,
    bureau: i32,
    account: String,
    width: i16,
    owner: Option<i32>,
    paused_by: Option<String>,
    paused_reason: Option<String>,
    paused_since: Option<i64>,
    needs_person: bool,
    throttled_until: Option<i64>,
    current_tax_id: Option<i32>,
    switch_free_at: Option<i64>,
}

#[derive(Debug, sqlx::FromRow)]
struct SlotRow {
    lane_id: i32,
    n: i16,
    #[sqlx(flatten)]
    holder: HolderColumns,
}

#[derive(Debug, sqlx::FromRow)]
struct RivalRow {
    tax_id: i32,
    task_id: Uuid,
    kind: String,
    place: i64,
    lane_id: i32,
    run_at: Option<i64>,
}

impl HolderColumns {
    fn holder(self) -> Result<Option<Holder>, Fault> {
        let (Some(task), Some(kind), Some(tax_no), Some(since)) =
            (self.task_id, self.kind, self.tax_no, self.since)
        else {
            return Ok(None);
        };
        let (kind, tax_no) = (codec::read(&kind)?, codec::read(&tax_no)?);
        Ok(Some(Holder {
            task: columns::task(task),
            kind,
            tax_no,
            lane: None,
            since: moment(since),
        }))
    }
}

fn lane_facts(row: GateRow) -> Result<Gate, Fault> {
    let since = row.paused_since.map(moment);
    let facts = LaneFacts {
        id: LaneId(row.id),
        key: codec::lane_key(row.bureau, &row.account)?,
        owner: row.owner.map(WorkerId),
        paused: codec::pause_note(row.paused_by, row.paused_reason, since),
        needs_person: row.needs_person,
        throttled_until: row.throttled_until.map(moment),
        current_tax: row.current_tax_id.map(TaxId),
        switch_free_at: row.switch_free_at.map(moment),
        slot_holder: None,
    };
    Ok(Gate { facts, width: row.width })
}

impl Board {
    /// Reads what matters to these waiting tasks, in four statements.
    pub(super) async fn read(
        tx: &mut Tx,
        now: Moment,
        cases: impl Iterator<Item = &Case>,
    ) -> Result<Board, Fault> {
        let mut board = Board { now, ..Board::default() };
        let (mut taxes, mut lanes) = (BTreeSet::new(), BTreeSet::new());
        for case in cases {
            taxes.extend(case.tax);
            lanes.extend(case.lane);
        }
        if taxes.is_empty() {
            return Ok(board);
        }
        let ids = columns::rows(&taxes.iter().map(|tax| tax.0).collect::<Vec<_>>());
        board.read_taxes(tx, &ids).await?;
        board.read_rivals(tx, &ids).await?;
        lanes.extend(board.rivals.values().flatten().map(|rival| rival.lane));
        let ids = columns::rows(&lanes.iter().map(|lane| lane.0).collect::<Vec<_>>());
        board.read_gates(tx, &ids).await?;
        board.read_slots(tx, &ids).await?;
        Ok(board)
    }

    async fn read_taxes(&mut self, tx: &mut Tx, ids: &str) -> Result<(), Fault> {
        let rows: Vec<TaxRow> =
            sqlx::query_as(sql!("claim/taxes")).bind(ids).fetch_all(&mut **tx).await?;
        for row in rows {
            let lane = match (row.bureau, row.account.as_deref()) {
                (Some(bureau), Some(account)) => Some(codec::lane_key(bureau, account)?),
                _ => None,
            };
            let since = row.paused_since.map(moment);
            let facts = TaxFacts {
                paused: codec::pause_note(row.paused_by, row.paused_reason, since),
                throttled_until: row.throttled_until.map(moment),
                holder: row.holder.holder()?.map(|holder| Holder { lane, ..holder }),
            };
            self.taxes.insert(TaxId(row.id), facts);
        }
        Ok(())
    }

    async fn read_rivals(&mut self, tx: &mut Tx, ids: &str) -> Result<(), Fault> {
        let rows: Vec<RivalRow> = sqlx::query_as(sql!("claim/rivals"))
            .bind(ids)
            .bind(micros(self.now))
            .fetch_all(&mut **tx)
            .await?;
        for row in rows {
            let rival = Rival {
                task: TaskId(row.task_id),
                kind: codec::read(&row.kind)?,
                place: Place(row.place),
                lane: LaneId(row.lane_id),
                run_at: row.run_at.map(moment),
            };
            self.rivals.entry(TaxId(row.tax_id)).or_default().push(rival);
        }
        Ok(())
    }

    async fn read_gates(&mut self, tx: &mut Tx, ids: &str) -> Result<(), Fault> {
        let rows: Vec<GateRow> =
            sqlx::query_as(sql!("claim/gates")).bind(ids).fetch_all(&mut **tx).await?;
        for row in rows {
            self.lanes.insert(LaneId(row.id), lane_facts(row)?);
        }
        Ok(())
    }

    async fn read_slots(&mut self, tx: &mut Tx, ids: &str) -> Result<(), Fault> {
        let rows: Vec<SlotRow> =
            sqlx::query_as(sql!("claim/slots")).bind(ids).fetch_all(&mut **tx).await?;
        for row in rows {
            let lane = LaneId(row.lane_id);
            let key = self.lanes.get(&lane).map(|gate| gate.facts.key.clone());
            if let Some(holder) = row.holder.holder()? {
                self.slots.insert((lane, Slot(row.n)), Holder { lane: key, ..holder });
            }
        }
        Ok(())
    }

    /// The lowest free slot of the lane, or its first one.
    fn free_slot(&self, lane: LaneId, width: i16) -> Slot {
        let mut slots = (0..width).map(Slot);
        slots.find(|slot| !self.slots.contains_key(&(lane, *slot))).unwrap_or(Slot(0))
    }

    /// Why this task may not start; None: it may. Without a claimant any owner and slot will do.
    pub(super) fn hindrance(
        &self,
        case: &Case,
        claimant: Option<(WorkerId, Slot)>,
    ) -> Result<Option<Hindrance>, Fault> {
        let (Spot::Waiting { run_at }, Some(lane), Some(tax)) = (&case.spot, case.lane, case.tax)
        else {
            return Ok(Some(Hindrance::Gone));
        };
        let (Some(gate), Some(tax_facts)) = (self.lanes.get(&lane), self.taxes.get(&tax)) else {
            return Ok(Some(Hindrance::Gone));
        };
        let slot = claimant.map_or_else(|| self.free_slot(lane, gate.width), |(_, slot)| slot);
        let facts =
            LaneFacts { slot_holder: self.slots.get(&(lane, slot)).cloned(), ..gate.facts.clone() };
        let candidate = Candidate {
            task: case.task,
            kind: case.kind,
            place: case.place,
            tax,
            tax_no: codec::read(&case.subject.tax_no)?,
            lane,
            run_at: *run_at,
        };
        let worker = claimant.map(|(worker, _)| worker).or(facts.owner).unwrap_or(WorkerId(0));
        let rivals = self.rivals.get(&tax).map_or(&[][..], Vec::as_slice).iter();
        let rivals = rivals.filter_map(|rival| Some((rival, &self.lanes.get(&rival.lane)?.facts)));
        let refused = admit(&candidate, worker, self.now, &facts, tax_facts, rivals).err();
        // A slot beyond the lane's width cannot be held: whoever wants it has old news.
        Ok(refused.or((slot.0 >= gate.width).then_some(Hindrance::AboutToStart)))
    }

    /// Why what was sent, and is asked about again at this moment, is not asked about now.
    pub(super) fn unasked(&self, lane: LaneId, ask_at: Option<Moment>) -> Option<Hindrance> {
        let facts = &self.lanes.get(&lane)?.facts;
        let lane = facts.key.clone();
        Some(match ask_at {
            _ if facts.needs_person => Hindrance::Offline { lane },
            Some(until) if until > self.now => Hindrance::NotBefore { until },
            _ if facts.owner.is_none() => Hindrance::NoOwner { lane },
            _ => Hindrance::AboutToStart,
        })
    }

    /// The task has taken its keys: those after it in the batch see that.
    pub(super) fn taken(&mut self, case: &Case, slot: Slot) -> Result<(), Fault> {
        let (Some(lane), Some(tax)) = (case.lane, case.tax) else { return Ok(()) };
        let holder = Holder {
            task: case.task,
            kind: case.kind,
            tax_no: codec::read(&case.subject.tax_no)?,
            lane: self.lanes.get(&lane).map(|gate| gate.facts.key.clone()),
            since: self.now,
        };
        self.slots.insert((lane, slot), holder.clone());
        if let Some(facts) = self.taxes.get_mut(&tax) {
            facts.holder = Some(holder);
        }
        Ok(())
    }
}
