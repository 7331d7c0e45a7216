//! Changing who exists: whether a taxpayer or an account may become what somebody asks for.
//!
//! Tasks that are logged stand in lanes, and a lane belongs to a bureau and a channel. So what
//! decides a task's lane may change only while no task depends on it.

use crate::{
    bureau::LaneKey,
    task::body_hash,
    tax_no::TaxNo,
    taxpayer::{Business, LoginMode},
    world::{Served, WorldAccount, WorldTaxpayer},
};
use std::fmt;

/// Characters of a name or an organisation at most.
pub const TEXT_CHARS: usize = 200;

/// What stands, in sixteen hexadecimal digits: two that are equal stand for the same content.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Version(String);

impl Version {
    pub fn of_taxpayer(taxpayer: &WorldTaxpayer) -> Version {
        Version::of(taxpayer)
    }

    /// Of how it logs in and whom it serves; whether it is on line is no setting.
    pub fn of_account(account: &WorldAccount) -> Version {
        let mut serves: Vec<&Served> = account.serves.iter().collect();
        serves.sort_by(|one, other| one.tax_no.cmp(&other.tax_no));
        Version::of(&(account.bureau, &account.account, account.login, serves))
    }

    fn of(content: &impl serde::Serialize) -> Version {
        let content = serde_json::to_vec(content).expect("names, texts and lists are always JSON");
        let digits = body_hash(&content).into_iter().take(8).map(|byte| format!("{byte:02x}"));
        Version(digits.collect())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the writer saw before; a change is made of that only, so that nobody's change is lost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Seen {
    /// It is to be made.
    Nothing,
    /// The version as it was told; one that cannot be right is just another one.
    Version(String),
}

impl Seen {
    fn fits(&self, subject: &str, now: Option<&Version>) -> Result<(), NotChanged> {
        let subject = subject.to_owned();
        match (self, now) {
            (Seen::Nothing, None) => Ok(()),
            (Seen::Nothing, Some(now)) => Err(NotChanged::Exists { subject, now: now.clone() }),
            (Seen::Version(_), None) => Err(NotChanged::Unknown { subject }),
            (Seen::Version(seen), Some(now)) if *seen == now.0 => Ok(()),
            (Seen::Version(_), Some(now)) => {
                Err(NotChanged::OutOfDate { subject, now: now.clone() })
            }
        }
    }
}

/// How an account is to change.
#[derive(Clone, PartialEq, Debug)]
pub enum AccountEdit {
    /// How it logs in; also how an account begins.
    Login(LoginMode),
    /// A tax number that it serves from now on, or serves otherwise.
    Serve(Served),
    /// A tax number that it serves no longer.
    Unserve(TaxNo),
}

impl AccountEdit {
    /// How the audit calls it.
    pub const fn action(&self) -> &'static str {
        match self {
            AccountEdit::Login(_) => "set_account",
            AccountEdit::Serve(_) => "serve",
            AccountEdit::Unserve(_) => "unserve",
        }
    }

    /// How the audit names what it is about.
    pub fn subject(&self, lane: &LaneKey) -> String {
        match self.tax_no() {
            None => account_subject(lane),
            Some(tax_no) => format!("{}, {}", account_subject(lane), taxpayer_subject(tax_no)),
        }
    }

    /// Whose tasks it is about.
    pub const fn tax_no(&self) -> Option<&TaxNo> {
        match self {
            AccountEdit::Login(_) => None,
            AccountEdit::Serve(Served { tax_no, .. }) | AccountEdit::Unserve(tax_no) => {
                Some(tax_no)
            }
        }
    }
}

/// Why a change was not made: a sentence that says what to do.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotChanged {
    #[error(
        "{subject} is not known here; the list shows what is, and without a version it is made"
    )]
    Unknown { subject: String },
    #[error(
        "{subject} exists already; look at it, and send its version ({now}) with what to change"
    )]
    Exists { subject: String, now: Version },
    #[error(
        "{subject} was changed since you looked, its version is {now} now; look at it again, then \
         change it"
    )]
    OutOfDate { subject: String, now: Version },
    #[error(
        "tax number {tax_no} has {tasks} unfinished tasks, which are logged for its {what} as it \
         is; wait for their end or cancel them, then change it"
    )]
    Unfinished { tax_no: TaxNo, what: &'static str, tasks: u64 },
    #[error(
        "tax number {tax_no} is served by {accounts} accounts of bureau {bureau}; let them stop \
         serving it first, then change its bureau"
    )]
    ServedElsewhere { tax_no: TaxNo, bureau: crate::bureau::BureauCode, accounts: usize },
    #[error("tax_no: tax number {tax_no} is not known here; make the taxpayer first")]
    NoSuchTaxpayer { tax_no: TaxNo },
    #[error(
        "tax_no: {tax_no} belongs to bureau {theirs}, the account to {ours}: they must be the same"
    )]
    OtherBureau {
        tax_no: TaxNo,
        theirs: crate::bureau::BureauCode,
        ours: crate::bureau::BureauCode,
    },
    #[error("tax_no: account {lane} does not serve {tax_no}; the account shows whom it serves")]
    NotServed { lane: LaneKey, tax_no: TaxNo },
    #[error(
        "{tasks} unfinished tasks of tax number {tax_no} stand with account {lane}; wait for their \
         end or cancel them, then stop receiving for it"
    )]
    StillWaited { lane: LaneKey, tax_no: TaxNo, tasks: u64 },
}

/// How the audit and sentences name a taxpayer.
pub fn taxpayer_subject(tax_no: &TaxNo) -> String {
    format!("tax number {tax_no}")
}

/// How the audit and sentences name an account.
pub fn account_subject(lane: &LaneKey) -> String {
    format!("account {lane}")
}

/// May a taxpayer become `after`? `unfinished`: its tasks that have not ended; `served_by`: the
/// accounts that serve it, all of them of its present bureau.
pub fn taxpayer_may_become(
    before: Option<&WorldTaxpayer>,
    after: &WorldTaxpayer,
    seen: &Seen,
    unfinished: u64,
    served_by: usize,
) -> Result<(), NotChanged> {
    let now = before.map(Version::of_taxpayer);
    seen.fits(&taxpayer_subject(&after.tax_no), now.as_ref())?;
    before.map_or(Ok(()), |before| may_move(before, after, unfinished, served_by))
}

/// What decides lanes stays while tasks stand in them; the same for an import.
pub fn may_move(
    before: &WorldTaxpayer,
    after: &WorldTaxpayer,
    unfinished: u64,
    served_by: usize,
) -> Result<(), NotChanged> {
    let tax_no = || after.tax_no.clone();
    let what = match (before.channel != after.channel, before.bureau != after.bureau) {
        (false, false) => return Ok(()),
        (true, false) => "channel",
        (false, true) => "bureau",
        (true, true) => "channel and bureau",
    };
    if unfinished > 0 {
        return Err(NotChanged::Unfinished { tax_no: tax_no(), what, tasks: unfinished });
    }
    if before.bureau != after.bureau && served_by > 0 {
        let bureau = before.bureau;
        return Err(NotChanged::ServedElsewhere { tax_no: tax_no(), bureau, accounts: served_by });
    }
    Ok(())
}

/// What is known when an account is to change.
#[derive(Clone, Copy, Debug)]
pub struct AccountFacts<'a> {
    pub before: Option<&'a WorldAccount>,
    /// The taxpayer that the edit names.
    pub taxpayer: Option<&'a WorldTaxpayer>,
    /// Its unfinished tasks in this account's lane.
    pub unfinished: u64,
}

/// What the account becomes.
pub fn account_may_become(
    lane: &LaneKey,
    edit: &AccountEdit,
    seen: &Seen,
    facts: AccountFacts<'_>,
) -> Result<WorldAccount, NotChanged> {
    let now = facts.before.map(Version::of_account);
    let making = matches!(edit, AccountEdit::Login(_));
    match (now.as_ref(), making) {
        (None, false) => return Err(NotChanged::Unknown { subject: account_subject(lane) }),
        (now, _) => seen.fits(&account_subject(lane), now)?,
    }
    let mut after = facts.before.cloned().unwrap_or_else(|| WorldAccount {
        bureau: lane.bureau,
        account: lane.account.clone(),
        login: LoginMode::default(),
        online: false,
        serves: Vec::new(),
    });
    match edit {
        AccountEdit::Login(login) => after.login = *login,
        AccountEdit::Serve(served) => serve(&mut after, lane, served, facts)?,
        AccountEdit::Unserve(tax_no) => unserve(&mut after, lane, tax_no, facts)?,
    }
    Ok(after)
}

fn serve(
    account: &mut WorldAccount,
    lane: &LaneKey,
    served: &Served,
    facts: AccountFacts<'_>,
) -> Result<(), NotChanged> {
    let tax_no = || served.tax_no.clone();
    let taxpayer = facts.taxpayer.ok_or_else(|| NotChanged::NoSuchTaxpayer { tax_no: tax_no() })?;
    if taxpayer.bureau != lane.bureau {
        let (theirs, ours) = (taxpayer.bureau, lane.bureau);
        return Err(NotChanged::OtherBureau { tax_no: tax_no(), theirs, ours });
    }
    let known = account.serves.iter().position(|one| one.tax_no == served.tax_no);
    match known.map(|at| &mut account.serves[at]) {
        None => account.serves.push(served.clone()),
        Some(one) => {
            if one.receives() && !served.receives() {
                nothing_waits(lane, &served.tax_no, facts)?;
            }
            *one = served.clone();
        }
    }
    Ok(())
}

fn unserve(
    account: &mut WorldAccount,
    lane: &LaneKey,
    tax_no: &TaxNo,
    facts: AccountFacts<'_>,
) -> Result<(), NotChanged> {
    let before = account.serves.len();
    account.serves.retain(|one| one.tax_no != *tax_no);
    if account.serves.len() == before {
        return Err(NotChanged::NotServed { lane: lane.clone(), tax_no: tax_no.clone() });
    }
    nothing_waits(lane, tax_no, facts)
}

fn nothing_waits(
    lane: &LaneKey,
    tax_no: &TaxNo,
    facts: AccountFacts<'_>,
) -> Result<(), NotChanged> {
    match facts.unfinished {
        0 => Ok(()),
        tasks => {
            let (lane, tax_no) = (lane.clone(), tax_no.clone());
            Err(NotChanged::StillWaited { lane, tax_no, tasks })
        }
    }
}

impl Served {
    /// It may receive invoices: selections need that.
    pub fn receives(&self) -> bool {
        self.may.iter().any(|may| may.receives())
    }
}

impl Business {
    pub const fn receives(self) -> bool {
        matches!(self, Business::Receive | Business::Both)
    }
}

#[cfg(test)]
mod tests;
