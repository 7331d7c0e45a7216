//! Both channels speak to one bureau: what is asked and what is said, in neither's words.

pub(crate) mod etax;
pub(crate) mod leqi;

use crate::clock::Calendar;
use axum::http::HeaderMap;
use bureau::wire::{
    etax::PAGE_INVOICES,
    header::{self, Op},
};
use domain::{
    Moment,
    answer::PeriodFacts,
    bureau::{Account, LaneKey},
    invoice::{EntryState, FileRef, InvoiceKey, InvoiceStatus, Risk},
    kind::Kind,
    period::TaxPeriod,
    statistic::{Figures, StatisticState},
    task::{Act, Wanted},
    tax_no::TaxNo,
    taxpayer::ChannelKind,
    world::WorldInvoice,
};
use std::{str::FromStr, sync::Arc};

/// Who asks, by the identification headers.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) channel: ChannelKind,
    pub(crate) op: Op,
    pub(crate) task: String,
    pub(crate) request: String,
    pub(crate) fence: i64,
    pub(crate) tax_no: Option<TaxNo>,
    pub(crate) lane: Option<LaneKey>,
    pub(crate) kind: Option<Kind>,
    pub(crate) traceparent: Option<String>,
    /// The submission carries a password.
    pub(crate) signs: bool,
}

impl Caller {
    /// Headers that are missing or unreadable count as absent: a bureau does not depend on them.
    pub(crate) fn from_headers(headers: &HeaderMap, channel: ChannelKind, op: Op) -> Caller {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        fn parsed<T: FromStr>(text: Option<&str>) -> Option<T> {
            text.and_then(|text| text.parse().ok())
        }
        let bureau = parsed(text(header::BUREAU));
        let account: Option<Account> = parsed(text(header::ACCOUNT));
        Caller {
            channel,
            op: text(header::OP).and_then(Op::from_name).unwrap_or(op),
            task: text(header::TASK).unwrap_or_default().to_owned(),
            request: text(header::REQUEST).unwrap_or_default().to_owned(),
            fence: parsed(text(header::FENCE)).unwrap_or(0),
            tax_no: parsed(text(header::TAX_NO)),
            lane: bureau.zip(account).map(|(bureau, account)| LaneKey { bureau, account }),
            kind: parsed(text(header::KIND)),
            traceparent: text(header::TRACEPARENT).map(str::to_owned),
            signs: false,
        }
    }
}

/// What a submission asks for.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(crate) kind: Kind,
    pub(crate) act: Act,
    pub(crate) invoices: Vec<InvoiceKey>,
    /// The period that a change of period asks for.
    pub(crate) target: Option<TaxPeriod>,
    /// Which invoices a download is to bring.
    pub(crate) wanted: Wanted,
}

impl Work {
    pub(crate) fn acts(&self) -> bool {
        !self.act.is_the_tasks_own() || self.kind.acts_at_bureau()
    }
}

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) enum Ask {
    Login,
    CurrentTaxNumber,
    Switch,
    Period {
        /// With what its table counts.
        figures: bool,
    },
    Submit(Work),
    Result(String),
    ReadBack(Kind),
    Uses(Vec<InvoiceKey>),
    /// One page of a download, from 1.
    Page {
        receipt: String,
        page: u32,
    },
    /// One layout file of a download.
    File {
        receipt: String,
        file: FileRef,
    },
}

/// What an invoice is used for, at the bureau.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    Unused,
    Deduction,
    NonDeduction,
    Rebate,
}

/// What the bureau tells of one invoice.
#[derive(Clone, Debug)]
pub(crate) struct UseFact {
    pub(crate) key: InvoiceKey,
    pub(crate) purpose: Purpose,
    pub(crate) period: Option<TaxPeriod>,
    pub(crate) status: InvoiceStatus,
    pub(crate) risk: Risk,
    pub(crate) entry: EntryState,
}

/// What a submission came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Effect {
    /// The bureau's code for no, to the whole request.
    pub(crate) refused: Option<&'static str>,
    /// `cljg` per invoice.
    pub(crate) lines: Vec<(InvoiceKey, &'static str)>,
    pub(crate) statistic: Option<StatisticState>,
    pub(crate) figures: Option<Figures>,
    pub(crate) period: Option<TaxPeriod>,
    pub(crate) uses: Vec<UseFact>,
    /// What a download brings; None: it is none.
    pub(crate) brought: Option<Arc<[InvoiceKey]>>,
    /// Layout files that may be asked for.
    pub(crate) files: Arc<[FileRef]>,
}

impl Effect {
    /// Pages of a download; None: it is none.
    pub(crate) fn pages(&self) -> Option<usize> {
        self.brought.as_ref().map(|brought| brought.len().div_ceil(PAGE_INVOICES))
    }
}

/// What the bureau tells of an invoice on a download's page.
#[derive(Clone, Debug)]
pub(crate) struct FactsOf {
    pub(crate) used: UseFact,
    pub(crate) certified: bool,
    pub(crate) fact: WorldInvoice,
}

/// `cljg` for deselecting what is not selected: done as far as robots are concerned.
pub(crate) const NOT_SELECTED: &str = bureau::wire::etax::result::NOT_SELECTED;

impl Effect {
    /// Whether something is now as the submission wanted it, through it.
    pub(crate) fn changed(&self) -> bool {
        self.refused.is_none()
            && (self.lines.is_empty() || self.lines.iter().any(|(_, code)| *code == "01"))
    }

    /// Whether the bureau carried it out, if only to find everything as wanted.
    pub(crate) fn carried_out(&self) -> bool {
        let as_wanted = |code: &str| matches!(code, "01" | "06" | NOT_SELECTED);
        self.refused.is_none()
            && (self.lines.is_empty() || self.lines.iter().any(|(_, code)| as_wanted(code)))
    }
}

/// What a read-back finds.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    Absent,
    InProgress(String),
    TookEffect(Box<Effect>),
    CannotTell,
}

/// What the bureau says.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    LoggedIn {
        until: Moment,
    },
    Current(Option<TaxNo>),
    Switched,
    Period(PeriodFacts, Option<Figures>),
    Accepted(String),
    Running,
    Outcome(Box<Effect>),
    Uses(Vec<UseFact>),
    Page(Vec<FactsOf>),
    File(Vec<u8>),
    ReadBack(Found),
    LoggedOut,
    PersonNeeded,
    Throttled {
        whole_account: bool,
        until: Moment,
        sentence: &'static str,
    },
    /// Nothing was done; why, for an operator.
    NotDone(String),
    Stale,
    Refused {
        code: &'static str,
        sentence: &'static str,
    },
}

impl Said {
    /// With the bureau's dates told by the callers' clock.
    pub(crate) fn by_clock(self, calendar: Calendar) -> Said {
        match self {
            Said::LoggedIn { until } => Said::LoggedIn { until: calendar.clock(until) },
            Said::Throttled { whole_account, until, sentence } => {
                Said::Throttled { whole_account, until: calendar.clock(until), sentence }
            }
            other => other,
        }
    }

    /// The word in the referee's log.
    pub(crate) fn word(&self) -> String {
        match self {
            Said::LoggedIn { .. }
            | Said::Switched
            | Said::Uses(_)
            | Said::Page(_)
            | Said::File(_) => "ok".into(),
            Said::Current(tax_no) => tax_no.as_ref().map_or("none".into(), ToString::to_string),
            Said::Period(facts, _) => facts.statistic.name().into(),
            Said::Accepted(_) => "accepted".into(),
            Said::Running => "running".into(),
            Said::Outcome(effect) => outcome_word(effect),
            Said::ReadBack(Found::Absent) => "absent".into(),
            Said::ReadBack(Found::InProgress(_)) => "in_progress".into(),
            Said::ReadBack(Found::TookEffect(_)) => "found".into(),
            Said::ReadBack(Found::CannotTell) => "cannot_tell".into(),
            Said::LoggedOut => "logged_out".into(),
            Said::PersonNeeded => "person_needed".into(),
            Said::Throttled { whole_account: true, .. } => "switch_limit".into(),
            Said::Throttled { .. } => "throttled".into(),
            Said::NotDone(_) => "not_done".into(),
            Said::Stale => "stale_fence".into(),
            Said::Refused { code, .. } => format!("refused {code}"),
        }
    }
}

fn outcome_word(effect: &Effect) -> String {
    match (effect.refused, effect.changed(), effect.carried_out()) {
        (Some(code), _, _) => format!("refused {code}"),
        (None, true, _) => "succeeded".into(),
        (None, false, true) => "nothing_to_do".into(),
        (None, false, false) => {
            format!("refused {}", effect.lines.first().map_or("", |(_, code)| code))
        }
    }
}
