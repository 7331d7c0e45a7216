//! Where requests of both channels come in: latency around one moment with the state.

use crate::{
    channels::{Ask, Caller, Said},
    clock::Clock,
    dice::Dice,
    referee::Entry,
    state::{Attended, Delivery, Later, Loss, State},
};
use domain::{Moment, tax_no::TaxNo};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::sleep;

/// The bureau with its doors open.
#[derive(Clone, Debug)]
pub(crate) struct Desk {
    state: Arc<Mutex<State>>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Desk {
    pub(crate) fn new(state: State, clock: Arc<dyn Clock>) -> Desk {
        Desk { state: Arc::new(Mutex::new(state)), clock }
    }

    /// Held for moments only; never over an await.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // Every change is whole before the next line of code can panic: go on with what is there.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One request: half of its latency before the bureau acts, half after. Goes on when the
    /// caller hangs up, as a bureau would.
    pub(crate) async fn attend(&self, caller: Caller, ask: Ask) -> Result<Said, Loss> {
        let desk = self.clone();
        let attending = tokio::spawn(async move { desk.attend_whole(caller, ask).await });
        // Only a panic ends the task early, and a bureau's crash is a cut connection.
        attending.await.unwrap_or(Err(Loss::Cut))
    }

    async fn attend_whole(self, caller: Caller, ask: Ask) -> Result<Said, Loss> {
        let at = self.clock.now();
        let (dice, latency) = {
            let mut state = self.state();
            let dice = state.dice(&caller.request, caller.op.name());
            (dice, Duration::from_millis(dice.between("latency", state.latency_ms)))
        };
        pause(latency / 2).await;
        let attended = self.state().attend(&caller, &ask, dice, self.clock.now());
        for later in &attended.later {
            self.start(later.clone(), &caller, &ask, dice);
        }
        pause(latency / 2).await;
        self.note(&caller, at, &attended);
        match attended.delivery {
            Delivery::Answer(said) => Ok(said),
            Delivery::Lost(loss) => Err(loss),
        }
    }

    fn note(&self, caller: &Caller, at: Moment, attended: &Attended) {
        let lost = match &attended.delivery {
            Delivery::Answer(_) => None,
            Delivery::Lost(loss) => Some(loss.word()),
        };
        let lane = caller.lane.as_ref();
        let entry = Entry {
            at,
            ended_at: self.clock.now(),
            op: caller.op.name(),
            task_id: caller.task.clone(),
            request_id: caller.request.clone(),
            kind: caller.kind.map(|kind| kind.name()),
            tax_no: caller.tax_no.clone(),
            bureau: lane.map(|lane| lane.bureau.to_string()),
            account: lane.map(|lane| lane.account.to_string()),
            fence: Some(caller.fence),
            answer: attended.word.clone(),
            fault: attended.fault.map(|fault| fault.name()),
            lost,
            traceparent: caller.traceparent.clone(),
        };
        let mut state = self.state();
        if let Some(mark) = &attended.mark {
            state.book.answered(mark);
        }
        state.book.note(entry);
    }

    fn start(&self, later: Later, caller: &Caller, ask: &Ask, dice: Dice) {
        let (desk, caller, ask) = (self.clone(), caller.clone(), ask.clone());
        tokio::spawn(async move {
            match later {
                Later::Finish { receipt, after } => {
                    sleep(after).await;
                    let now = desk.clock.now();
                    desk.state().finish(&receipt, caller.channel, now);
                }
                Later::Undo { receipt, after } => {
                    sleep(after).await;
                    desk.state().undo(&receipt);
                }
                Later::Arrive { held, after } => {
                    sleep(after).await;
                    desk.land(held, &caller, &ask, dice);
                }
            }
        });
    }

    /// What the network held back arrives. Nobody hears the answer.
    fn land(&self, held: u64, caller: &Caller, ask: &Ask, dice: Dice) {
        let now = self.clock.now();
        let Some(tax_no) = &caller.tax_no else { return };
        let mut attended = self.state().arrive(caller, ask, dice, now);
        for later in std::mem::take(&mut attended.later) {
            self.start(later, caller, ask, dice);
        }
        self.landed(held, tax_no, attended.mark.is_some());
        attended.delivery = Delivery::Lost(Loss::Cut);
        attended.fault = Some(domain::world::FaultName::LateArrival);
        self.note(caller, now, &attended);
    }

    fn landed(&self, held: u64, tax_no: &TaxNo, taken: bool) {
        self.state().book.landed(held, tax_no, taken);
    }
}

async fn pause(length: Duration) {
    if !length.is_zero() {
        sleep(length).await;
    }
}
