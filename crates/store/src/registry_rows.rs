//! Taxpayers and accounts as both databases return them, for people.

use crate::codec;
use domain::{
    Moment,
    bureau::LaneKey,
    tax_no::TaxNo,
    taxpayer::Business,
    world::{Served, World, WorldAccount, WorldTaxpayer},
};
use fleet::ports::{
    StoreError,
    registry::{AccountCard, AccountRow, ServedBy, TaxpayerRow},
};

/// A taxpayer; `T` is how the database keeps moments.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct PayerColumns<T> {
    tax_no: String,
    name: String,
    kind: String,
    channel: String,
    leqi_mode: String,
    bureau: i32,
    tax_org: String,
    period: Option<i32>,
    paused_by: Option<String>,
    paused_reason: Option<String>,
    paused_since: Option<T>,
}

impl<T> PayerColumns<T> {
    pub(crate) fn told(self, moment: impl Fn(T) -> Moment) -> Result<TaxpayerRow, StoreError> {
        let since = self.paused_since.map(moment);
        Ok(TaxpayerRow {
            settings: WorldTaxpayer {
                tax_no: codec::read(&self.tax_no)?,
                name: self.name,
                kind: codec::read(&self.kind)?,
                channel: self.channel,
                leqi_mode: codec::read(&self.leqi_mode)?,
                bureau: codec::bureau(self.bureau)?,
                tax_org: self.tax_org,
            },
            period: self.period.map(codec::period).transpose()?,
            paused: codec::pause_note(self.paused_by, self.paused_reason, since),
        })
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(crate) struct ServedByColumns {
    bureau: i32,
    account: String,
    /// A JSON array.
    may: String,
    default_business: Option<String>,
    login: String,
    online: bool,
    needs_person: bool,
}

impl ServedByColumns {
    pub(crate) fn told(self) -> Result<ServedBy, StoreError> {
        Ok(ServedBy {
            lane: codec::lane_key(self.bureau, &self.account)?,
            may: businesses(&self.may)?,
            default_business: default_business(self.default_business.as_deref())?,
            login: codec::read(&self.login)?,
            online: self.online,
            needs_person: self.needs_person,
        })
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(crate) struct AccountRowColumns {
    bureau: i32,
    account: String,
    login: String,
    online: bool,
    needs_person: bool,
    serves: i64,
}

impl AccountRowColumns {
    pub(crate) fn told(self) -> Result<AccountRow, StoreError> {
        Ok(AccountRow {
            lane: codec::lane_key(self.bureau, &self.account)?,
            login: codec::read(&self.login)?,
            online: self.online,
            needs_person: self.needs_person,
            serves: codec::count(self.serves),
        })
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(crate) struct AccountColumns {
    pub(crate) lane_id: i32,
    login: String,
    online: bool,
    needs_person: bool,
}

impl AccountColumns {
    pub(crate) fn card(
        self,
        lane: &LaneKey,
        serves: Vec<ServesColumns>,
    ) -> Result<AccountCard, StoreError> {
        let serves: Result<Vec<Served>, StoreError> =
            serves.into_iter().map(ServesColumns::told).collect();
        let settings = WorldAccount {
            bureau: lane.bureau,
            account: lane.account.clone(),
            login: codec::read(&self.login)?,
            online: self.online,
            serves: serves?,
        };
        Ok(AccountCard { settings, needs_person: self.needs_person })
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(crate) struct ServesColumns {
    tax_no: String,
    /// A JSON array.
    may: String,
    default_business: Option<String>,
}

impl ServesColumns {
    fn told(self) -> Result<Served, StoreError> {
        Ok(Served {
            tax_no: codec::read(&self.tax_no)?,
            may: businesses(&self.may)?,
            default_business: default_business(self.default_business.as_deref())?,
        })
    }
}

fn businesses(text: &str) -> Result<Vec<Business>, StoreError> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::Broken(format!("a stored list cannot be read: {error}")))
}

/// What the world file means when it says nothing.
fn default_business(text: Option<&str>) -> Result<Business, StoreError> {
    Ok(codec::read_optional(text)?.unwrap_or(Business::Receive))
}

/// One taxpayer as an import writes it.
pub(crate) fn world_of_taxpayer(taxpayer: &WorldTaxpayer) -> World {
    World { taxpayers: vec![taxpayer.clone()], ..World::default() }
}

/// One account, with what is to be written of whom it serves, as an import writes it.
pub(crate) fn world_of_account(account: &WorldAccount, serves: Option<&TaxNo>) -> World {
    let mut account = account.clone();
    account.serves.retain(|one| Some(&one.tax_no) == serves);
    World { accounts: vec![account], ..World::default() }
}
