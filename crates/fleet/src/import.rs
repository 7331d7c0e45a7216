//! A world file into the store: the good rows go in, every other one is told.

use crate::ports::{
    Store, StoreError,
    desk::Note,
    registry::{AccountChange, TaxpayerChange},
    roster::Imported,
};
use domain::{
    bureau::{BureauCode, LaneKey},
    roster::{AccountEdit, Seen, Version},
    tax_no::TaxNo,
    taxpayer::Taxpayer,
    world::{Read, Served, World, WorldError, WorldInvoice, WorldTaxpayer},
};
use std::collections::{BTreeMap, BTreeSet};

/// Invoices in one transaction: neither it nor its memory grows with the file.
const INVOICES_AT_ONCE: usize = 2_000;
/// Tax numbers that are looked up at once.
const TAX_NUMBERS_AT_ONCE: usize = 1_000;

/// What an import wrote, and what it did not.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct WorldImported {
    pub written: Imported,
    pub rejected: Vec<WorldError>,
}

/// Writes what was read. Taxpayers, accounts and statistic tables go in together, invoices after
/// them a part at a time; whoever is cut off in the middle imports the file again, which changes
/// nothing of what is there.
///
/// A taxpayer whose channel or bureau would change, and an account that would stop receiving for a
/// tax number, are changed as anybody would change them: while tasks depend on it, the row, or that
/// serving of it, is rejected. `by`: who imports it, for the audit of
/// such changes.
///
/// # Errors
/// The store's.
pub async fn import(
    store: &dyn Store,
    read: Read,
    leqi_width: u16,
    by: &str,
) -> Result<WorldImported, StoreError> {
    let mut read = read;
    let kept = move_taxpayers(store, &mut read, leqi_width, by).await?;
    leave_out(&mut read, &kept);
    stop_receiving(store, &mut read, &note(by)).await?;
    let Read { mut world, rejected, .. } = read;
    let mut invoices = std::mem::take(&mut world.invoices).into_iter();
    let mut written = store.import(&world, leqi_width).await?;
    loop {
        let invoices: Vec<WorldInvoice> = invoices.by_ref().take(INVOICES_AT_ONCE).collect();
        if invoices.is_empty() {
            return Ok(WorldImported { written, rejected });
        }
        let part = World { invoices, ..World::default() };
        written.invoices += store.import(&part, leqi_width).await?.invoices;
    }
}

/// Moves those whose lane would be another one. Who may not move, and the bureau that it keeps.
async fn move_taxpayers(
    store: &dyn Store,
    read: &mut Read,
    leqi_width: u16,
    by: &str,
) -> Result<BTreeMap<TaxNo, BureauCode>, StoreError> {
    let note = note(by);
    let mut kept = BTreeMap::new();
    let rows = read.taxpayer_rows.iter().zip(&read.world.taxpayers).collect::<Vec<_>>();
    for some in rows.chunks(TAX_NUMBERS_AT_ONCE) {
        let of: Vec<TaxNo> = some.iter().map(|(_, payer)| payer.tax_no.clone()).collect();
        let known = store.taxpayers(&of).await?;
        for ((row, after), known) in some.iter().zip(known) {
            let Some(before) = known.map(settings) else { continue };
            if before.channel == after.channel && before.bureau == after.bureau {
                continue;
            }
            let seen = Seen::Version(Version::of_taxpayer(&before).to_string());
            let change = TaxpayerChange { after: (*after).clone(), seen, leqi_width };
            if let Err(refusal) = store.set_taxpayer(&change, &note).await? {
                let place = format!("taxpayers[{row}]");
                read.rejected.push(WorldError { place, problem: refusal.to_string() });
                kept.insert(after.tax_no.clone(), before.bureau);
            }
        }
    }
    Ok(kept)
}

/// Lets accounts stop receiving for tax numbers. A serving that may not change is taken out.
async fn stop_receiving(store: &dyn Store, read: &mut Read, note: &Note) -> Result<(), StoreError> {
    let Read { world, rejected, account_rows, .. } = read;
    for (row, account) in account_rows.iter().zip(&mut world.accounts) {
        let lane = LaneKey { bureau: account.bureau, account: account.account.clone() };
        let stopping = stopping(store, &lane, &account.serves).await?;
        for served in stopping {
            // Each change makes another version of the account.
            let Some(card) = store.account_card(&lane).await? else { break };
            let change = AccountChange {
                lane: lane.clone(),
                seen: Seen::Version(Version::of_account(&card.settings).to_string()),
                edit: AccountEdit::Serve(served.clone()),
            };
            if let Err(refusal) = store.set_account(&change, note).await? {
                let place = format!("accounts[{row}]");
                rejected.push(WorldError { place, problem: refusal.to_string() });
                account.serves.retain(|one| one.tax_no != served.tax_no);
            }
        }
    }
    Ok(())
}

/// Servings that receive now, and would not after the import.
async fn stopping(
    store: &dyn Store,
    lane: &LaneKey,
    after: &[Served],
) -> Result<Vec<Served>, StoreError> {
    if after.iter().all(Served::receives) {
        return Ok(Vec::new());
    }
    let Some(card) = store.account_card(lane).await? else { return Ok(Vec::new()) };
    let receiving: BTreeSet<&TaxNo> = card
        .settings
        .serves
        .iter()
        .filter(|served| served.receives())
        .map(|served| &served.tax_no)
        .collect();
    let stops = |served: &&Served| !served.receives() && receiving.contains(&served.tax_no);
    Ok(after.iter().filter(stops).cloned().collect())
}

fn note(by: &str) -> Note {
    Note { by: by.to_owned(), reason: "world import".to_owned() }
}

fn settings(payer: Taxpayer) -> WorldTaxpayer {
    WorldTaxpayer {
        tax_no: payer.tax_no,
        name: payer.name,
        kind: payer.kind,
        channel: payer.channel,
        leqi_mode: payer.leqi_mode,
        bureau: payer.bureau,
        tax_org: payer.tax_org,
    }
}

/// Takes out who may not move, and the servings at a bureau that is not theirs.
fn leave_out(read: &mut Read, kept: &BTreeMap<TaxNo, BureauCode>) {
    let Read { world, rejected, account_rows, .. } = read;
    world.taxpayers.retain(|payer| !kept.contains_key(&payer.tax_no));
    for (row, account) in account_rows.iter().zip(&mut world.accounts) {
        let (ours, name) = (account.bureau, format!("accounts[{row}]"));
        account.serves.retain(|served| {
            let stays = kept.get(&served.tax_no).is_none_or(|bureau| *bureau == ours);
            if !stays {
                let problem = format!(
                    "{} is not served here: its row among the taxpayers was rejected",
                    served.tax_no
                );
                rejected.push(WorldError { place: name.clone(), problem });
            }
            stays
        });
    }
}
