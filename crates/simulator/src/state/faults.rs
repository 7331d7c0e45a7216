//! Whether a fault strikes a request.

use super::State;
use crate::{
    channels::{Ask, Caller},
    dice::Dice,
};
use domain::{taxpayer::ChannelKind, world::FaultName};
use std::time::Duration;

/// A fault that struck.
#[derive(Clone, Copy, Debug)]
pub(super) struct Struck {
    pub(super) lasting: Option<Duration>,
}

impl State {
    /// Throws the dice for one fault. Counts the requests that it looks at, so that "the n-th"
    /// is the n-th of those.
    pub(super) fn strikes(
        &mut self,
        name: FaultName,
        caller: &Caller,
        ask: &Ask,
        dice: Dice,
    ) -> Option<Struck> {
        let fault = self.faults.get(name)?;
        let looked_at = concerns(name, caller.channel, ask);
        if !looked_at || !fault.matches(caller.kind, caller.tax_no.as_ref()) {
            return None;
        }
        let nth = self.struck.entry(name).or_default();
        *nth += 1;
        let struck = fault.strikes(*nth, dice.unit(name.name()));
        struck.then_some(Struck { lasting: fault.lasting })
    }

    /// New faults count from their own beginning.
    pub(crate) fn set_faults(&mut self, faults: domain::world::Faults) {
        self.faults = faults;
        self.struck.clear();
    }
}

/// Which requests a fault looks at: what goes wrong with a submission cannot go wrong elsewhere.
fn concerns(name: FaultName, channel: ChannelKind, ask: &Ask) -> bool {
    let acts = matches!(ask, Ask::Submit(work) if work.acts());
    match name {
        FaultName::LostAnswer | FaultName::LateEffect | FaultName::LateArrival => acts,
        FaultName::SilentUndo | FaultName::AlreadySelectedStorm => {
            matches!(ask, Ask::Submit(work) if work.kind.action().is_some())
        }
        FaultName::GatewayTimeout | FaultName::Reset => true,
        FaultName::KickOut => channel == ChannelKind::Etax && !matches!(ask, Ask::Login),
        FaultName::Throttle => {
            !matches!(ask, Ask::Login | Ask::CurrentTaxNumber | Ask::Switch | Ask::ReadBack(_))
        }
        FaultName::LostPage => matches!(ask, Ask::Page { .. } | Ask::File { .. }),
        FaultName::PageTwice => matches!(ask, Ask::Page { .. }),
        FaultName::StatisticGeneratedBehind => matches!(ask, Ask::Submit(_)),
    }
}
