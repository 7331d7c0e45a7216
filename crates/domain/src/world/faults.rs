//! Faults that the simulated bureau makes on purpose: in the world file and while it runs.

use crate::{kind::Kind, tax_no::TaxNo};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

macro_rules! fault_names {
    ($($(#[$doc:meta])* $variant:ident $name:literal;)*) => {
        /// What can go wrong at the bureau.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        pub enum FaultName { $($(#[$doc])* #[serde(rename = $name)] $variant,)* }

        impl FaultName {
            pub const ALL: &'static [FaultName] = &[$(FaultName::$variant,)*];

            pub const fn name(self) -> &'static str {
                match self { $(FaultName::$variant => $name,)* }
            }
        }
    };
}

fault_names! {
    /// The effect happens, the answer is lost.
    LostAnswer "lost_answer";
    /// The answer is lost, the effect happens `seconds` later.
    LateEffect "late_effect";
    /// The request is lost on its way and arrives `seconds` later, as if it were sent then.
    LateArrival "late_arrival";
    /// HTTP 504, without effect.
    GatewayTimeout "gateway_timeout";
    /// The connection is cut before the effect.
    Reset "reset";
    /// The account is thrown out: someone logged in elsewhere.
    KickOut "kick_out";
    /// "Leave that tax number alone" for `seconds`.
    Throttle "throttle";
    /// A reported success is undone later.
    SilentUndo "silent_undo";
    /// Someone generates the statistic table behind our back.
    StatisticGeneratedBehind "statistic_generated_behind";
    /// Every invoice is answered with 06 (already selected).
    AlreadySelectedStorm "already_selected_storm";
    /// A page or a file of a download gets lost.
    LostPage "lost_page";
    /// A page of a download comes with the invoices of the page before.
    PageTwice "page_twice";
}

impl FaultName {
    /// Whether the fault says nothing without `seconds`.
    const fn needs_seconds(self) -> bool {
        matches!(self, FaultName::LateEffect | FaultName::LateArrival)
    }
}

/// How long a throttled tax number is left alone when `seconds` is not given.
const THROTTLE: Duration = Duration::from_secs(20 * 60);

/// The longest `seconds`: a day.
const MOST_SECONDS: f64 = 86_400.0;

/// Which of the matching requests are struck.
#[derive(Clone, PartialEq, Debug)]
pub enum Strike {
    /// Each with this probability, from 0 to 1.
    Probability(f64),
    /// The n-th ones, counted from 1.
    At(Vec<u64>),
}

/// One fault: which requests it strikes, and for how long.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Fault {
    pub strike: Strike,
    /// None: requests of every kind.
    pub kind: Option<Kind>,
    /// None: requests for every tax number.
    pub tax_no: Option<TaxNo>,
    pub lasting: Option<Duration>,
}

/// The form in files.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    probability: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<Vec<u64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<Kind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tax_no: Option<TaxNo>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
}

impl TryFrom<Written> for Fault {
    type Error = String;

    fn try_from(written: Written) -> Result<Fault, String> {
        let strike = match (written.probability, written.at) {
            (Some(p), None) if (0.0..=1.0).contains(&p) => Strike::Probability(p),
            (Some(p), None) => return Err(format!("probability {p} is not from 0 to 1")),
            (None, Some(at)) if at.contains(&0) => {
                return Err("\"at\" counts requests from 1".into());
            }
            (None, Some(at)) => Strike::At(at),
            _ => return Err("needs either \"probability\" or \"at\"".into()),
        };
        let lasting = match written.seconds {
            Some(s) if s > 0.0 && s <= MOST_SECONDS => Some(Duration::from_secs_f64(s)),
            Some(s) => return Err(format!("seconds {s} is not above 0 and at most 86400")),
            None => None,
        };
        Ok(Fault { strike, kind: written.kind, tax_no: written.tax_no, lasting })
    }
}

impl From<Fault> for Written {
    fn from(fault: Fault) -> Written {
        let (probability, at) = match fault.strike {
            Strike::Probability(p) => (Some(p), None),
            Strike::At(at) => (None, Some(at)),
        };
        let seconds = fault.lasting.map(|lasting| lasting.as_secs_f64());
        Written { probability, at, kind: fault.kind, tax_no: fault.tax_no, seconds }
    }
}

impl Fault {
    /// Whether a request of this kind for this tax number is one that the fault looks at.
    pub fn matches(&self, kind: Option<Kind>, tax_no: Option<&TaxNo>) -> bool {
        let kind_fits = self.kind.is_none() || self.kind == kind;
        kind_fits && (self.tax_no.is_none() || self.tax_no.as_ref() == tax_no)
    }

    /// Whether the `nth` matching request (from 1) is struck; `chance` is from [0, 1).
    pub fn strikes(&self, nth: u64, chance: f64) -> bool {
        match &self.strike {
            Strike::Probability(p) => chance < *p,
            Strike::At(at) => at.contains(&nth),
        }
    }
}

/// The faults that are switched on, by name.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, Fault>", into = "BTreeMap<String, Fault>")]
pub struct Faults(BTreeMap<FaultName, Fault>);

// Read with plain names as keys, so that an error inside a fault has the fault's name in its place.
impl TryFrom<BTreeMap<String, Fault>> for Faults {
    type Error = String;

    fn try_from(written: BTreeMap<String, Fault>) -> Result<Faults, String> {
        let mut faults = BTreeMap::new();
        for (name, mut fault) in written {
            let known = FaultName::ALL.iter().copied().find(|known| known.name() == name);
            let Some(name) = known else {
                let names: Vec<_> = FaultName::ALL.iter().map(|known| known.name()).collect();
                return Err(format!("\"{name}\" is not a fault: {}", names.join(", ")));
            };
            if name.needs_seconds() && fault.lasting.is_none() {
                return Err(format!("{} needs \"seconds\"", name.name()));
            }
            if name == FaultName::Throttle {
                fault.lasting.get_or_insert(THROTTLE);
            }
            faults.insert(name, fault);
        }
        Ok(Faults(faults))
    }
}

impl From<Faults> for BTreeMap<String, Fault> {
    fn from(faults: Faults) -> BTreeMap<String, Fault> {
        faults.0.into_iter().map(|(name, fault)| (name.name().to_owned(), fault)).collect()
    }
}

impl Faults {
    pub fn get(&self, name: FaultName) -> Option<&Fault> {
        self.0.get(&name)
    }

    pub fn iter(&self) -> impl Iterator<Item = (FaultName, &Fault)> {
        self.0.iter().map(|(name, fault)| (*name, fault))
    }
}
