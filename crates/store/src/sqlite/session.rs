//! Sessions of accounts: lost in an attempt, or changed by what somebody saw.

use super::{
    SqliteStore, Tx,
    case::Spot,
    columns::{self, micros, moment},
    docket::Docket,
    fault::Fault,
    settle::unpark,
};
use crate::codec;
use domain::{
    ids::{Epoch, LaneId, TaskId},
    taxpayer::LoginMode,
};
use fleet::ports::{
    outbox::EventKind,
    roster::{SessionNoted, SessionReport},
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Accounts by lane, as one transaction reads and changes them.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    accounts: BTreeMap<LaneId, Account>,
}

#[derive(Clone, Copy, Debug)]
struct Account {
    login: LoginMode,
    online: bool,
    needs_person: bool,
    epoch: Epoch,
    seen_at: Option<i64>,
    until: Option<i64>,
    went_off: bool,
    changed: bool,
}

#[derive(Debug, sqlx::FromRow)]
struct AccountRow {
    lane_id: i32,
    login: String,
    online: bool,
    needs_person: bool,
    epoch: i64,
    seen_at: Option<i64>,
    until: Option<i64>,
}

impl Sessions {
    pub(super) async fn read(
        tx: &mut Tx,
        lanes: impl IntoIterator<Item = LaneId>,
    ) -> Result<Sessions, Fault> {
        let lanes: BTreeSet<i32> = lanes.into_iter().map(|lane| lane.0).collect();
        let mut sessions = Sessions::default();
        if lanes.is_empty() {
            return Ok(sessions);
        }
        let lanes: Vec<i32> = lanes.into_iter().collect();
        let rows: Vec<AccountRow> = sqlx::query_as(sql!("roster/accounts"))
            .bind(columns::rows(&lanes))
            .fetch_all(&mut **tx)
            .await?;
        for row in rows {
            let account = Account {
                login: codec::read(&row.login)?,
                online: row.online,
                needs_person: row.needs_person,
                epoch: Epoch(row.epoch),
                seen_at: row.seen_at,
                until: row.until,
                went_off: false,
                changed: false,
            };
            sessions.accounts.insert(LaneId(row.lane_id), account);
        }
        Ok(sessions)
    }

    /// An attempt that used this epoch found the session lost. True: only a person can bring the
    /// account back, so whoever was thrown out waits for that.
    pub(super) fn lost(&mut self, lane: LaneId, epoch: Epoch, needs_person: bool) -> bool {
        let Some(account) = self.accounts.get_mut(&lane) else { return false };
        if account.online && account.epoch > epoch {
            return false;
        }
        if account.online && account.epoch == epoch {
            account.online = false;
            account.epoch.0 += 1;
            account.went_off = true;
        }
        account.needs_person |= needs_person || account.login == LoginMode::Manual;
        account.changed = true;
        account.needs_person
    }

    /// Writes what has changed; the lanes that it changed.
    pub(super) async fn write(&self, tx: &mut Tx) -> Result<BTreeSet<LaneId>, Fault> {
        let mut touched = BTreeSet::new();
        for (lane, account) in self.accounts.iter().filter(|(_, account)| account.changed) {
            sqlx::query(sql!("roster/set_session"))
                .bind(lane.0)
                .bind(account.online)
                .bind(account.needs_person)
                .bind(account.epoch.0)
                .bind(account.seen_at)
                .bind(account.until)
                .execute(&mut **tx)
                .await?;
            if account.went_off {
                let query = sqlx::query(sql!("roster/forget_current")).bind(lane.0);
                query.execute(&mut **tx).await?;
            }
            touched.insert(*lane);
        }
        Ok(touched)
    }
}

impl SqliteStore {
    pub(super) async fn note_session(&self, report: &SessionReport) -> Result<SessionNoted, Fault> {
        let unknown = SessionNoted { counted: false, epoch: Epoch(0), resumed: 0 };
        let mut tx = self.begin().await?;
        let lane = super::roster::lane_named(&mut tx, &report.lane).await?;
        let Some(lane) = lane else { return Ok(unknown) };
        let mut sessions = Sessions::read(&mut tx, [lane]).await?;
        let Some(account) = sessions.accounts.get_mut(&lane) else { return Ok(unknown) };
        let late = account.seen_at.is_some_and(|seen| report.seen_at < moment(seen))
            || report.epoch.is_some_and(|epoch| epoch != account.epoch);
        if late {
            return Ok(SessionNoted { counted: false, epoch: account.epoch, resumed: 0 });
        }
        account.seen_at = Some(micros(report.seen_at));
        account.until = report.until.map(micros);
        account.epoch.0 += 1;
        account.online = report.online;
        account.needs_person =
            !report.online && (account.needs_person || account.login == LoginMode::Manual);
        account.went_off = true;
        account.changed = true;
        let epoch = account.epoch;
        let touched = sessions.write(&mut tx).await?;
        super::roster::bump(&mut tx, touched).await?;
        if let Some(note) = &report.note {
            let subject = format!("lane {}", report.lane);
            self.audit(&mut tx, report.action(), &subject, note).await?;
        }
        let resumed =
            if report.online { self.resume_parked(&mut tx, lane, epoch).await? } else { 0 };
        tx.commit().await?;
        Ok(SessionNoted { counted: true, epoch, resumed })
    }

    /// Brings back what was parked under an older epoch: with nothing sent to its place, else it
    /// is asked about at once.
    async fn resume_parked(&self, tx: &mut Tx, lane: LaneId, epoch: Epoch) -> Result<u64, Fault> {
        let now = self.now();
        let parked: Vec<Uuid> = sqlx::query_scalar(sql!("roster/parked"))
            .bind(lane.0)
            .bind(epoch.0)
            .fetch_all(&mut **tx)
            .await?;
        let mut docket = Docket::read(tx, now, parked.into_iter().map(TaskId)).await?;
        for case in docket.cases.values_mut() {
            match case.spot.clone() {
                Spot::Parked { epoch: used, .. } => {
                    unpark(case, used).map_err(|illegal| Fault::broken(illegal.to_string()))?;
                }
                Spot::Keys(_) => {
                    if let Some(keys) = case.keys_mut() {
                        keys.ask_at = Some(now);
                    }
                }
                _ => continue,
            }
            docket.aftermath.tell(case, EventKind::Resumed);
        }
        docket.write(tx).await?;
        Ok(docket.cases.len() as u64)
    }
}
