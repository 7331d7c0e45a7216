//! One tax number of a run: where it stands, and what may happen to it.

use crate::{
    Moment,
    kind::Kind,
    statistic::{Figures, TableCard, differences},
    tax_no::TaxNo,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Where a part stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartState {
    /// Its table is being made.
    Creating,
    /// The bureau is asked what the table counts.
    Reading,
    /// The bureau counts otherwise than our ledger: a person must accept that, or put it right and
    /// have it read again.
    Differs,
    /// Its figures agree, or were accepted: a second person may approve them.
    Ready,
    /// Approved; the bureau is asked once more before anything is confirmed.
    Rereading,
    /// Its confirmation is being signed.
    Confirming,
    Confirmed,
    /// A task of it failed, was refused, or was called off; the sentence says why.
    Stopped,
    /// A person took it out of the run.
    Dropped,
}

impl PartState {
    pub const ALL: [PartState; 9] = [
        PartState::Creating,
        PartState::Reading,
        PartState::Differs,
        PartState::Ready,
        PartState::Rereading,
        PartState::Confirming,
        PartState::Confirmed,
        PartState::Stopped,
        PartState::Dropped,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            PartState::Creating => "creating",
            PartState::Reading => "reading",
            PartState::Differs => "differs",
            PartState::Ready => "ready",
            PartState::Rereading => "rereading",
            PartState::Confirming => "confirming",
            PartState::Confirmed => "confirmed",
            PartState::Stopped => "stopped",
            PartState::Dropped => "dropped",
        }
    }

    pub fn from_name(name: &str) -> Option<PartState> {
        PartState::ALL.into_iter().find(|state| state.name() == name)
    }

    /// The kind of the task that it waits for; None: it waits for a person, or has ended.
    pub const fn task(self) -> Option<Kind> {
        match self {
            PartState::Creating => Some(Kind::StatisticCreate),
            PartState::Reading | PartState::Rereading => Some(Kind::StatisticQuery),
            PartState::Confirming => Some(Kind::StatisticConfirm),
            _ => None,
        }
    }
}

/// The figures of a table, as somebody looked at them: the bureau's and our ledger's.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Seen {
    pub bureau: Figures,
    pub ours: Figures,
    /// When the bureau was asked.
    pub asked_at: Moment,
}

impl Seen {
    /// None: the newest operation on the table told no figures.
    pub fn of(card: &TableCard) -> Option<Seen> {
        let known = card.known.as_ref().filter(|known| known.order == card.order)?;
        Some(Seen {
            bureau: known.figures.clone(),
            ours: card.ours.clone(),
            asked_at: known.asked_at,
        })
    }

    pub fn differences(&self) -> Figures {
        differences(&self.bureau, &self.ours)
    }

    pub fn agrees(&self) -> bool {
        self.bureau == self.ours
    }

    /// SHA-256 of both sides in hexadecimal: what an approval is for.
    pub fn fingerprint(&self) -> String {
        let both = serde_json::to_vec(&(&self.bureau, &self.ours));
        let hash: [u8; 32] = Sha256::digest(both.expect("numbers are always JSON")).into();
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A person accepted that these figures differ.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Accepted {
    pub by: String,
    pub reason: String,
    pub at: Moment,
    pub figures: String,
}

/// A second person approved these figures.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Approved {
    pub by: String,
    pub at: Moment,
    pub figures: String,
}

/// One tax number of a run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RunPart {
    pub tax_no: TaxNo,
    pub state: PartState,
    /// Rises with every task that it needs: tells their ids apart.
    pub step: u32,
    /// None: the bureau has not told its figures yet.
    pub seen: Option<Seen>,
    pub accepted: Option<Accepted>,
    pub approved: Option<Approved>,
    /// Why it goes no further, or went back; empty: nothing stands in its way.
    pub sentence: String,
    /// Rises with every change.
    pub version: u32,
}

/// What happens to a part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PartEvent {
    /// The task that it waited for succeeded; with the figures as they are known then.
    Done(Option<Seen>),
    /// That task ended otherwise, with this sentence.
    Failed(String),
    /// A person accepts the difference of these figures.
    Accepted(Accepted),
    /// A second person approves these figures.
    Approved(Approved),
    /// A person has it read again, or tried again from the beginning.
    Again,
    /// A person takes it out.
    Dropped,
}

/// Why something does not happen to a part.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IllegalPart {
    #[error("{tax_no} is {}, and not {wanted}", .state.name())]
    NotNow { tax_no: TaxNo, state: PartState, wanted: &'static str },
    #[error(
        "{0}: its figures have changed since they were shown; look at them again, and decide then"
    )]
    OtherFigures(TaxNo),
}

const NO_FIGURES: &str = "税局未返回统计数据，无法核对。";

impl RunPart {
    /// Nothing was done for it yet: its table is made first.
    pub fn new(tax_no: TaxNo) -> RunPart {
        RunPart {
            tax_no,
            state: PartState::Creating,
            step: 0,
            seen: None,
            accepted: None,
            approved: None,
            sentence: String::new(),
            version: 0,
        }
    }

    /// The only place where a part changes its state.
    ///
    /// # Errors
    /// It cannot happen where the part stands, or is about other figures than it has.
    pub fn on(self, event: PartEvent) -> Result<RunPart, IllegalPart> {
        use PartState as S;
        match (self.state, event) {
            (S::Creating, PartEvent::Done(None)) => Ok(self.waits(S::Reading)),
            (S::Creating | S::Reading, PartEvent::Done(Some(seen))) => Ok(self.look(seen)),
            (S::Reading | S::Rereading, PartEvent::Done(None)) => {
                Ok(self.stop(NO_FIGURES.to_owned()))
            }
            (S::Rereading, PartEvent::Done(Some(seen))) => Ok(self.look_once_more(seen)),
            (S::Confirming, PartEvent::Done(_)) => {
                Ok(RunPart { state: S::Confirmed, sentence: String::new(), ..self })
            }
            (S::Creating | S::Reading | S::Rereading | S::Confirming, PartEvent::Failed(why)) => {
                Ok(self.stop(why))
            }
            (S::Differs, PartEvent::Accepted(accepted)) => {
                self.must_have(&accepted.figures)?;
                Ok(RunPart {
                    state: S::Ready,
                    accepted: Some(accepted),
                    sentence: String::new(),
                    ..self
                })
            }
            (S::Ready, PartEvent::Approved(approved)) => {
                self.must_have(&approved.figures)?;
                Ok(RunPart { approved: Some(approved), ..self }.waits(S::Rereading))
            }
            (S::Stopped, PartEvent::Again) => Ok(self.waits(S::Creating)),
            (S::Differs | S::Ready, PartEvent::Again) => Ok(self.waits(S::Reading)),
            (S::Creating | S::Reading | S::Differs | S::Ready | S::Stopped, PartEvent::Dropped) => {
                Ok(RunPart { state: S::Dropped, ..self })
            }
            (_, event) => Err(self.not_now(&event)),
        }
    }

    fn waits(self, state: PartState) -> RunPart {
        RunPart { state, step: self.step + 1, sentence: String::new(), ..self }
    }

    fn stop(self, sentence: String) -> RunPart {
        RunPart { state: PartState::Stopped, approved: None, sentence, ..self }
    }

    /// What was accepted before stays accepted while the figures are the same.
    fn look(self, seen: Seen) -> RunPart {
        let figures = seen.fingerprint();
        let accepted = self.accepted.filter(|accepted| accepted.figures == figures);
        let (state, sentence) = match &accepted {
            _ if seen.agrees() => (PartState::Ready, String::new()),
            Some(_) => (PartState::Ready, String::new()),
            None => (PartState::Differs, "税局统计数据与台账不一致，请核对。".to_owned()),
        };
        RunPart { state, seen: Some(seen), accepted, approved: None, sentence, ..self }
    }

    /// Only what was approved is confirmed.
    fn look_once_more(self, seen: Seen) -> RunPart {
        let figures = seen.fingerprint();
        match &self.approved {
            Some(approved) if approved.figures == figures => {
                RunPart { seen: Some(seen), ..self }.waits(PartState::Confirming)
            }
            approved => {
                let by = approved.as_ref().map(|one| one.by.clone()).unwrap_or_default();
                let void = format!("统计数据在{by}审批后发生变化，审批已失效，请重新核对并审批。");
                RunPart { sentence: void, ..self.look(seen) }
            }
        }
    }

    fn must_have(&self, figures: &str) -> Result<(), IllegalPart> {
        match &self.seen {
            Some(seen) if seen.fingerprint() == figures => Ok(()),
            _ => Err(IllegalPart::OtherFigures(self.tax_no.clone())),
        }
    }

    fn not_now(self, event: &PartEvent) -> IllegalPart {
        let wanted = match event {
            PartEvent::Done(_) | PartEvent::Failed(_) => "waiting for a task",
            PartEvent::Accepted(_) => "differs: only a difference is accepted",
            PartEvent::Approved(_) => "ready: only what agrees, or was accepted, is approved",
            PartEvent::Again => "stopped, differs or ready: nothing can be done again",
            PartEvent::Dropped => "before its approval: it cannot be dropped any more",
        };
        IllegalPart::NotNow { tax_no: self.tax_no, state: self.state, wanted }
    }
}
