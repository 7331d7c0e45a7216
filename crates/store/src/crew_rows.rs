//! Workers and the owners of lanes as both databases return them.

use crate::codec;
use domain::ids::{LaneId, WorkerId};
use fleet::ports::{
    StoreError,
    crew::{Colleague, Owned},
};

#[derive(Debug, sqlx::FromRow)]
pub(crate) struct ColleagueRow {
    id: i32,
    name: String,
    version: String,
    alive: bool,
    leaving: bool,
}

impl From<ColleagueRow> for Colleague {
    fn from(row: ColleagueRow) -> Colleague {
        Colleague {
            id: WorkerId(row.id),
            name: row.name,
            version: row.version,
            alive: row.alive,
            leaving: row.leaving,
        }
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(crate) struct OwnedRow {
    id: i32,
    bureau: i32,
    account: String,
    owner: Option<i32>,
}

impl OwnedRow {
    pub(crate) fn owned(self) -> Result<Owned, StoreError> {
        Ok(Owned {
            id: LaneId(self.id),
            key: codec::lane_key(self.bureau, &self.account)?,
            owner: self.owner.map(WorkerId),
        })
    }
}
