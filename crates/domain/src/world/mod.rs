//! The world file: who exists. The store imports it, the simulator has it as its truth.

mod check;
mod faults;
mod read;

pub use faults::{Fault, FaultName, Faults, Strike};
pub use read::Read;

use crate::{
    bureau::{Account, BureauCode},
    invoice::{InvoiceKey, InvoiceStatus, InvoiceType, PoolInvoice, Risk, SaidDetails, Selection},
    located::{self, Wrong},
    money::Fen,
    period::TaxPeriod,
    statistic::StatisticState,
    tax_no::TaxNo,
    taxpayer::{Business, LeqiMode, LoginMode, TaxpayerKind},
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Who exists. Unknown keys are errors; every name that is referred to exists.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct World {
    pub taxpayers: Vec<WorldTaxpayer>,
    pub accounts: Vec<WorldAccount>,
    pub invoices: Vec<WorldInvoice>,
    pub statistics: Vec<WorldStatistic>,
    /// How the simulated bureau behaves; for the simulator alone.
    pub bureau: BureauBehaviour,
}

/// A taxpayer (企业).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorldTaxpayer {
    pub tax_no: TaxNo,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub kind: TaxpayerKind,
    /// `etax` or `leqi`; any other text is a channel that rule 1 refuses, empty is none.
    #[serde(default = "etax")]
    pub channel: String,
    #[serde(default)]
    pub leqi_mode: LeqiMode,
    pub bureau: BureauCode,
    #[serde(default)]
    pub tax_org: String,
}

/// A login at a bureau.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorldAccount {
    pub bureau: BureauCode,
    pub account: Account,
    #[serde(default)]
    pub login: LoginMode,
    #[serde(default)]
    pub online: bool,
    #[serde(default)]
    pub serves: Vec<Served>,
}

/// A tax number that an account serves.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Served {
    pub tax_no: TaxNo,
    #[serde(default = "everything")]
    pub may: Vec<Business>,
    #[serde(default = "receive")]
    pub default_business: Business,
}

/// An invoice, in the pool and at the bureau.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorldInvoice {
    pub buyer_tax_no: TaxNo,
    pub invoice_type: InvoiceType,
    #[serde(default)]
    pub invoice_code: String,
    #[serde(default)]
    pub invoice_no: String,
    /// Instead of code and number, for type 21.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_book_no: Option<String>,
    /// Today when left out; see [`World::fill_defaults`].
    #[serde(default, deserialize_with = "optional_day")]
    pub invoice_date: Option<NaiveDate>,
    #[serde(default)]
    pub amount: Fen,
    #[serde(default)]
    pub tax: Fen,
    #[serde(default)]
    pub status: InvoiceStatus,
    #[serde(default)]
    pub risk: Risk,
    /// Left out: an invoice that the pool knows stays as it is, a new one is unselected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<Selection>,
    #[serde(default)]
    pub special_kind: String,
    /// Empty or left out: an invoice that the pool knows keeps the one it has.
    #[serde(default)]
    pub accounting_org: String,
    /// Empty or left out: as with the organisation, and so the next.
    #[serde(default)]
    pub seller_name: String,
    #[serde(default)]
    pub seller_tax_no: String,
    /// Of these, too, an invoice that the pool knows keeps what is left out.
    #[serde(default, skip_serializing_if = "SaidDetails::is_silent")]
    pub details: SaidDetails,
}

/// A statistic table.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorldStatistic {
    pub tax_no: TaxNo,
    /// Today's month when left out; see [`World::fill_defaults`].
    #[serde(default, deserialize_with = "located::optional")]
    pub tax_period: Option<TaxPeriod>,
    #[serde(default = "not_generated")]
    pub state: StatisticState,
}

/// How the simulated bureau behaves. The same seed gives the same behaviour.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BureauBehaviour {
    /// Least and most milliseconds until a request is answered.
    pub latency_ms: [u64; 2],
    /// Least and most milliseconds from a submission to its outcome.
    pub outcome_ms: [u64; 2],
    pub seed: u64,
    pub switch: SwitchLimits,
    /// Hours until a session ends by itself.
    pub session_hours: f64,
    pub faults: Faults,
}

/// Switches of one account to another tax number; beyond them it is thrown out. Null: no limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SwitchLimits {
    /// In a rolling hour.
    pub per_hour: Option<u32>,
    /// In a rolling day.
    pub per_day: Option<u32>,
}

impl Default for BureauBehaviour {
    fn default() -> BureauBehaviour {
        BureauBehaviour {
            latency_ms: [50, 400],
            outcome_ms: [200, 2000],
            seed: 1,
            switch: SwitchLimits::default(),
            session_hours: 12.0,
            faults: Faults::default(),
        }
    }
}

impl Default for SwitchLimits {
    fn default() -> SwitchLimits {
        SwitchLimits { per_hour: Some(5), per_day: Some(50) }
    }
}

/// The file cannot be used: where, and what is wrong there.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct WorldError {
    /// Such as `accounts[2].serves[0].tax_no`; `world file` when it is the whole.
    pub place: String,
    pub problem: String,
}

impl From<Wrong> for WorldError {
    fn from(wrong: Wrong) -> WorldError {
        WorldError { place: wrong.field, problem: wrong.problem }
    }
}

/// How the whole is called in [`WorldError::place`].
const FILE: &str = "world file";

impl World {
    /// Reads and checks a world file of which every row is good. Dates that were left out stay open
    /// until [`World::fill_defaults`].
    pub fn parse(file: &[u8]) -> Result<World, WorldError> {
        let Read { world, rejected, .. } = World::read(file)?;
        rejected.into_iter().next().map_or(Ok(world), Err)
    }

    /// As [`World::parse`], of the good rows; every bad one is told.
    ///
    /// # Errors
    /// The whole is no JSON object of lists.
    pub fn read(file: &[u8]) -> Result<Read, WorldError> {
        read::read(file)
    }

    /// Gives every date that was left out its default: today, and today's month.
    pub fn fill_defaults(&mut self, today: NaiveDate) {
        for invoice in &mut self.invoices {
            invoice.invoice_date.get_or_insert(today);
        }
        for statistic in &mut self.statistics {
            statistic.tax_period.get_or_insert(TaxPeriod::of_date(today));
        }
    }

    /// The accounts that serve this tax number and may receive invoices, those whose default
    /// business is receiving first, then in the file's order.
    pub fn accounts_of(&self, tax_no: &TaxNo) -> Vec<Account> {
        let serving = self.accounts.iter().filter_map(|account| {
            let served = account.serves.iter().find(|served| served.tax_no == *tax_no)?;
            let default = served.default_business.receives();
            served.receives().then_some((!default, &account.account))
        });
        let mut ordered: Vec<_> = serving.collect();
        ordered.sort_by_key(|(other_default, _)| *other_default);
        ordered.into_iter().map(|(_, account)| account.clone()).collect()
    }
}

impl WorldInvoice {
    pub fn key(&self) -> InvoiceKey {
        let book = self.payment_book_no.as_ref().filter(|_| self.invoice_type.is_payment_book());
        let number = book.unwrap_or(&self.invoice_no).clone();
        InvoiceKey { code: self.invoice_code.clone(), number }
    }

    /// What the file says of its selection. 勾选中 is derived from our tasks; what a file calls so
    /// has none here.
    pub fn marked(&self) -> Option<Selection> {
        self.selection
            .map(|said| if said == Selection::Selecting { Selection::Unselected } else { said })
    }

    /// The invoice as the pool knows it at first.
    pub fn pool_invoice(&self) -> PoolInvoice {
        PoolInvoice {
            key: self.key(),
            invoice_type: self.invoice_type,
            date: self.invoice_date,
            amount: self.amount,
            tax: self.tax,
            status: self.status,
            risk: self.risk,
            selection: self.marked().unwrap_or_default(),
            period: None,
            special_kind: self.special_kind.clone(),
        }
    }
}

fn etax() -> String {
    "etax".into()
}

fn everything() -> Vec<Business> {
    vec![Business::Receive, Business::Issue]
}

fn receive() -> Business {
    Business::Receive
}

fn not_generated() -> StatisticState {
    StatisticState::NotGenerated
}

fn optional_day<'de, D>(deserializer: D) -> Result<Option<NaiveDate>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    located::optional::<D, located::Day>(deserializer).map(|day| day.map(|day| day.0))
}

#[cfg(test)]
mod tests;
