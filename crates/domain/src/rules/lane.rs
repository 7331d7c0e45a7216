//! Which lane a task is for: the message decides, the taxpayer's own settings fill in.

use super::{Refusal, Rule, channel_of, known};
use crate::{
    bureau::{Account, BureauCode, LaneKey},
    task::TaskMessage,
    taxpayer::{ChannelKind, Taxpayer},
};

/// Where a task belongs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LaneChoice {
    Lane(LaneKey),
    /// No account serves the tax number yet: the task is held until one does.
    NoAccount,
    /// A mark in our own pool: it needs no lane.
    NotNeeded,
}

/// The lane of a task, or why it cannot have one. `account_known`: whether the account that the
/// message names exists at the tax number's bureau.
///
/// On 乐企, which has no login, an account in the message says nothing: the lane is the bureau's.
pub fn lane(
    message: &TaskMessage,
    taxpayer: Option<&Taxpayer>,
    account_known: bool,
) -> Result<LaneChoice, Refusal> {
    let taxpayer = known(taxpayer, &message.tax_no)?;
    if !message.kind.traits().needs_lane {
        return Ok(LaneChoice::NotNeeded);
    }
    let channel = channel_of(message.kind, taxpayer)?;
    let bureau = taxpayer.bureau;
    if let Some(named) = message.bureau.filter(|named| *named != bureau) {
        let detail = format!("任务为{}，税号为{}", words(named), words(bureau));
        return Err(Rule::BureauMismatch.refuses(&detail));
    }
    let account = match channel {
        ChannelKind::Leqi => Some(Account::leqi()),
        ChannelKind::Etax => login(message.account.as_ref(), taxpayer, account_known)?,
    };
    let lane = account.map(|account| LaneChoice::Lane(LaneKey { bureau, account }));
    Ok(lane.unwrap_or(LaneChoice::NoAccount))
}

fn login(
    named: Option<&Account>,
    taxpayer: &Taxpayer,
    account_known: bool,
) -> Result<Option<Account>, Refusal> {
    match named {
        None => Ok(taxpayer.accounts.first().cloned()),
        Some(account) if taxpayer.accounts.contains(account) => Ok(Some(account.clone())),
        Some(account) if account_known && !account.is_leqi() => {
            Err(Rule::AccountDoesNotServe.refuses(account.as_str()))
        }
        Some(account) => Err(Rule::UnknownAccount.refuses(account.as_str())),
    }
}

fn words(bureau: BureauCode) -> String {
    format!("{}（{bureau}）", bureau.name())
}
