//! Looking at who exists, and changing it.

use super::scene::{
    ALPHA, BETA, CAPITAL, DIRECT, EAST, GUARDED, LONELY, NORTH, PHONE, SHARED, Scene, WEST,
    lane_key, reworded, tax_no, well,
};
use crate::ports::{
    StoreError,
    desk::{Note, Scope},
    log::{Appended, Fate},
    registry::{AccountChange, AccountFilter, Edited, TaxpayerChange, TaxpayerFilter, TaxpayerRow},
};
use domain::{
    bureau::LaneKey,
    kind::Kind,
    roster::{AccountEdit, NotChanged, Seen, Version},
    task::StateName,
    taxpayer::{Business, ChannelKind, LoginMode, TaxpayerKind},
    world::{Served, WorldAccount, WorldTaxpayer},
};

fn note() -> Note {
    Note { by: "李".into(), reason: "核对".into() }
}

pub(super) async fn taxpayer(scene: &Scene, payer: &str) -> WorldTaxpayer {
    let card = well(scene.store.taxpayer_card(&tax_no(payer)).await);
    card.expect("the world has this tax number").row.settings
}

pub(super) async fn account(scene: &Scene, name: &str) -> WorldAccount {
    let card = well(scene.store.account_card(&lane_key(name)).await);
    card.expect("the world has this account").settings
}

/// Changes it as who saw it just now.
async fn change(
    scene: &Scene,
    payer: &str,
    change: impl FnOnce(&mut WorldTaxpayer),
) -> Edited<WorldTaxpayer> {
    let mut after = taxpayer(scene, payer).await;
    let seen = Seen::Version(Version::of_taxpayer(&after).to_string());
    change(&mut after);
    let change = TaxpayerChange { after, seen, leqi_width: 2 };
    well(scene.store.set_taxpayer(&change, &note()).await)
}

pub(super) async fn edit(scene: &Scene, name: &str, edit: AccountEdit) -> Edited<WorldAccount> {
    let now = account(scene, name).await;
    let seen = Seen::Version(Version::of_account(&now).to_string());
    let change = AccountChange { lane: lane_key(name), edit, seen };
    well(scene.store.set_account(&change, &note()).await)
}

pub(super) fn served(payer: &str, may: &[Business]) -> Served {
    Served { tax_no: tax_no(payer), may: may.to_vec(), default_business: Business::Receive }
}

fn names(rows: &[TaxpayerRow]) -> Vec<String> {
    rows.iter().map(|row| row.settings.tax_no.to_string()).collect()
}

pub async fn taxpayers_are_told_page_by_page_as_a_filter_says(scene: &Scene) {
    well(change(scene, BETA, |payer| payer.name = "贝塔_100%有限公司".into()).await);
    well(change(scene, ALPHA, |payer| payer.kind = TaxpayerKind::SmallScale).await);
    well(change(scene, NORTH, |payer| payer.tax_org = "北方".into()).await);
    well(scene.store.pause(&Scope::TaxNumber(tax_no(SHARED)), &note()).await);
    let filter = TaxpayerFilter::default;
    let text = |text: &str| Some(text.to_owned());
    let bureau = lane_key(CAPITAL).bureau;
    for (filter, expected) in [
        (TaxpayerFilter { tax_no: text("91440300MA5GGUARD"), ..filter() }, 2),
        (TaxpayerFilter { name: text("_100%"), ..filter() }, 1),
        (TaxpayerFilter { kind: Some(TaxpayerKind::SmallScale), ..filter() }, 1),
        (TaxpayerFilter { channel: text("leqi"), ..filter() }, 3),
        (TaxpayerFilter { bureau: Some(bureau), ..filter() }, 1),
        (TaxpayerFilter { tax_org: text("北方"), ..filter() }, 1),
        (TaxpayerFilter { paused: Some(true), ..filter() }, 1),
        (TaxpayerFilter { paused: Some(false), channel: text("leqi"), ..filter() }, 3),
        (TaxpayerFilter { tax_no: text("%"), ..filter() }, 0),
        (TaxpayerFilter { within: Some(vec!["北方".into()]), ..filter() }, 1),
        (TaxpayerFilter { within: Some(Vec::new()), ..filter() }, 0),
        (filter(), 10),
    ] {
        let found = well(scene.store.taxpayer_rows(&filter, None, 20).await);
        assert_eq!(found.len(), expected, "{filter:?}: {found:?}");
    }
    let all = well(scene.store.taxpayer_rows(&filter(), None, 20).await);
    let mut paged: Vec<TaxpayerRow> = Vec::new();
    loop {
        let after = paged.last().map(|row| row.settings.tax_no.clone());
        let page = well(scene.store.taxpayer_rows(&filter(), after.as_ref(), 3).await);
        assert!(page.len() <= 3);
        if page.is_empty() {
            break;
        }
        paged.extend(page);
    }
    assert_eq!(paged, all);
    assert!(names(&all).is_sorted());
}

pub async fn a_taxpayer_is_told_with_the_accounts_that_serve_it(scene: &Scene) {
    let issuing = Served { default_business: Business::Issue, ..served(SHARED, &[Business::Both]) };
    well(edit(scene, EAST, AccountEdit::Serve(issuing)).await);
    let card = well(scene.store.taxpayer_card(&tax_no(SHARED)).await).expect("known");
    let accounts: Vec<&LaneKey> = card.accounts.iter().map(|one| &one.lane).collect();
    assert_eq!(accounts, [&lane_key(WEST), &lane_key(EAST)], "the default for receiving is first");
    assert_eq!(card.accounts[1].may, [Business::Both]);
    let receiving = card.receiving().expect("west");
    assert_eq!((&receiving.lane, receiving.online), (&lane_key(WEST), true));
    let known = well(scene.store.taxpayers(&[tax_no(SHARED)]).await).remove(0).expect("known");
    assert_eq!(known.accounts.first(), Some(&lane_key(WEST).account), "intake takes the same one");
    for (payer, accounts) in [(LONELY, 0), (DIRECT, 0), (GUARDED, 1)] {
        let card = well(scene.store.taxpayer_card(&tax_no(payer)).await).expect("known");
        assert_eq!(card.accounts.len(), accounts, "{payer}");
        assert_eq!(card.receiving().is_some(), accounts > 0, "{payer}");
    }
    let nobody = tax_no("91440300MA5GNOBODY");
    assert_eq!(well(scene.store.taxpayer_card(&nobody).await), None);
}

pub async fn accounts_are_told_page_by_page_as_a_filter_says(scene: &Scene) {
    let filter = AccountFilter::default;
    let bureau = lane_key(EAST).bureau;
    for (filter, expected) in [
        (AccountFilter { bureau: Some(bureau), ..filter() }, 3),
        (AccountFilter { account: Some("ea".into()), ..filter() }, 1),
        (AccountFilter { account: Some("_".into()), ..filter() }, 0),
        (AccountFilter { login: Some(LoginMode::Manual), ..filter() }, 1),
        (AccountFilter { online: Some(true), ..filter() }, 4),
        (AccountFilter { needs_person: Some(true), ..filter() }, 0),
        (filter(), 4),
    ] {
        let found = well(scene.store.account_rows(&filter, None, 20).await);
        assert_eq!(found.len(), expected, "{filter:?}: {found:?}");
    }
    let all = well(scene.store.account_rows(&filter(), None, 20).await);
    let told: Vec<(LaneKey, u64)> = all.iter().map(|row| (row.lane.clone(), row.serves)).collect();
    let expected = [(CAPITAL, 1), (EAST, 3), (PHONE, 2), (WEST, 1)];
    assert_eq!(told, expected.map(|(name, serves)| (lane_key(name), serves)));
    let rest = well(scene.store.account_rows(&filter(), Some(&all[1].lane), 1).await);
    assert_eq!(rest, all[2..3]);
    let east = account(scene, EAST).await;
    assert!(east.serves.is_sorted_by_key(|one| one.tax_no.clone()));
    assert_eq!(well(scene.store.account_card(&lane_key("nobody")).await), None);
    let leqi = LaneKey { bureau: "310000".parse().expect("a bureau"), ..lane_key("leqi") };
    assert_eq!(well(scene.store.account_card(&leqi).await), None, "乐企 has no account");
}

pub async fn a_taxpayer_is_made_and_changed_by_who_saw_it_last(scene: &Scene) {
    let fresh = WorldTaxpayer {
        tax_no: tax_no("91440300MA5GFRESH1"),
        name: "新".into(),
        ..taxpayer(scene, ALPHA).await
    };
    let asked = TaxpayerChange { after: fresh.clone(), seen: Seen::Nothing, leqi_width: 2 };
    let made = well(well(scene.store.set_taxpayer(&asked, &note()).await));
    assert_eq!((made.before, &made.after), (None, &fresh));
    let again = well(scene.store.set_taxpayer(&asked, &note()).await);
    assert!(matches!(again, Err(NotChanged::Exists { .. })), "{again:?}");

    let seen = Seen::Version(Version::of_taxpayer(&fresh).to_string());
    let small = WorldTaxpayer { kind: TaxpayerKind::SmallScale, ..fresh.clone() };
    let asked = TaxpayerChange { after: small.clone(), seen: seen.clone(), leqi_width: 2 };
    let changed = well(well(scene.store.set_taxpayer(&asked, &note()).await));
    assert_eq!((changed.before.as_ref(), &changed.after), (Some(&fresh), &small));
    let known = well(scene.store.taxpayers(std::slice::from_ref(&fresh.tax_no)).await).remove(0);
    assert_eq!(known.expect("it was made").kind, TaxpayerKind::SmallScale);

    let late = WorldTaxpayer { name: "旧".into(), ..fresh.clone() };
    let asked = TaxpayerChange { after: late, seen, leqi_width: 2 };
    let late = well(scene.store.set_taxpayer(&asked, &note()).await);
    assert!(matches!(late, Err(NotChanged::OutOfDate { .. })), "{late:?}");
    let stands = well(scene.store.taxpayer_card(&fresh.tax_no).await).expect("known");
    assert_eq!(stands.row.settings, small);
    let audited = well(scene.store.audited(10).await);
    let told: Vec<_> = audited.iter().map(|line| (&*line.action, &*line.subject)).collect();
    assert_eq!(told, [("set_taxpayer", "tax number 91440300MA5GFRESH1"); 2]);
}

pub async fn of_two_changes_at_once_one_is_made(scene: &Scene) {
    let before = taxpayer(scene, ALPHA).await;
    let seen = Seen::Version(Version::of_taxpayer(&before).to_string());
    let named = |name: &str| TaxpayerChange {
        after: WorldTaxpayer { name: name.into(), ..before.clone() },
        seen: seen.clone(),
        leqi_width: 2,
    };
    let (one, other, note) = (named("甲"), named("乙"), note());
    let (one, other) = tokio::join!(
        scene.store.set_taxpayer(&one, &note),
        scene.store.set_taxpayer(&other, &note)
    );
    let made = [well(one).is_ok(), well(other).is_ok()];
    assert_eq!(made.iter().filter(|made| **made).count(), 1, "{made:?}");

    let fresh = |name: &str| TaxpayerChange {
        after: WorldTaxpayer {
            tax_no: tax_no("91440300MA5GFRESH1"),
            name: name.into(),
            ..before.clone()
        },
        seen: Seen::Nothing,
        leqi_width: 2,
    };
    let (one, other) = (fresh("甲"), fresh("乙"));
    let (one, other) = tokio::join!(
        scene.store.set_taxpayer(&one, &note),
        scene.store.set_taxpayer(&other, &note)
    );
    let made = [well(one).is_ok(), well(other).is_ok()];
    assert_eq!(made.iter().filter(|made| **made).count(), 1, "{made:?}");
}

/// Tasks that wait, run, are put off or held for want of an account: each counts.
pub async fn what_decides_lanes_stays_while_tasks_are_unfinished(scene: &Scene) {
    let leqi = |payer: &mut WorldTaxpayer| payer.channel = "leqi".into();
    let bureau = |payer: &mut WorldTaxpayer| payer.bureau = lane_key(CAPITAL).bureau;
    let refused = async |expected: u64| match change(scene, ALPHA, leqi).await {
        Err(NotChanged::Unfinished { tasks, .. }) => assert_eq!(tasks, expected),
        other => panic!("{other:?}"),
    };
    let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    refused(1).await;
    let waiting = scene.log(Kind::InvoiceDownload, ALPHA, EAST).await;
    let later = scene.now().await + super::scene::seconds(3600);
    let draft = scene.draft(Kind::InvoiceDownload, ALPHA, EAST).await;
    let mut dated = reworded(draft, |message| message.not_before = Some(later));
    if let Fate::Queue { run_at, .. } = &mut dated.fate {
        *run_at = Some(later);
    }
    scene.append_one(&dated).await;
    refused(3).await;
    well(change(scene, ALPHA, |payer| payer.kind = TaxpayerKind::SmallScale).await);
    scene.settled(&work, super::verdicts::done()).await;
    well(scene.store.cancel(&[waiting.id, dated.message.task_id], &note()).await);
    let elsewhere = change(scene, ALPHA, bureau).await;
    assert!(matches!(elsewhere, Err(NotChanged::ServedElsewhere { accounts: 1, .. })));
    well(edit(scene, EAST, AccountEdit::Unserve(tax_no(ALPHA))).await);
    well(change(scene, ALPHA, bureau).await);

    let mut held = scene.draft(Kind::InvoiceDownload, LONELY, EAST).await;
    (held.lane, held.fate) = (None, Fate::Hold { tax: scene.tax(LONELY).await });
    assert_eq!(scene.append_one(&held).await, Appended::Held);
    let said = change(scene, LONELY, leqi).await;
    assert!(matches!(said, Err(NotChanged::Unfinished { tasks: 1, .. })), "{said:?}");
}

pub async fn a_taxpayer_that_goes_to_leqi_has_its_lane(scene: &Scene) {
    let changed = change(scene, LONELY, |payer| payer.channel = "leqi".into()).await;
    assert_eq!(well(changed).after.channel, "leqi");
    let key = LaneKey { bureau: lane_key(EAST).bureau, ..lane_key("leqi") };
    let lane = well(scene.store.lanes_of(&[key]).await)[0].expect("it was made");
    let told = well(scene.store.lanes(Some(&[lane])).await).remove(0);
    assert_eq!((told.channel, told.width, told.session), (ChannelKind::Leqi, 2, None));
    assert!(well(scene.store.lanes_for(scene.tax(LONELY).await).await).contains(&lane));
}

pub async fn an_account_is_made_and_its_login_changed(scene: &Scene) {
    let fresh = |login| AccountChange {
        lane: lane_key("fresh"),
        edit: AccountEdit::Login(login),
        seen: Seen::Nothing,
    };
    let made = well(well(scene.store.set_account(&fresh(LoginMode::Auto), &note()).await));
    assert_eq!((made.before, made.after.online), (None, false));
    assert!(well(scene.store.lanes_of(&[lane_key("fresh")]).await)[0].is_some());
    let again = well(scene.store.set_account(&fresh(LoginMode::Manual), &note()).await);
    assert!(matches!(again, Err(NotChanged::Exists { .. })), "{again:?}");
    let version = scene.lane_now("fresh").await.version;
    let changed = well(edit(scene, "fresh", AccountEdit::Login(LoginMode::Manual)).await);
    assert_eq!(changed.after.login, LoginMode::Manual);
    let lane = scene.lane_now("fresh").await;
    assert!(lane.needs_person, "it is off line, and only a person can log it in now");
    assert_ne!(lane.version, version, "its gate has changed");
    let east = well(edit(scene, EAST, AccountEdit::Login(LoginMode::Manual)).await);
    assert_eq!((east.after.online, east.after.serves.len()), (true, 3), "nobody is logged out");
    let audited = well(scene.store.audited(1).await);
    assert_eq!(audited[0].subject, "account 440300.east");
}

pub async fn an_account_that_begins_to_serve_gets_what_was_held(scene: &Scene) {
    let mut held = scene.draft(Kind::InvoiceDownload, LONELY, WEST).await;
    (held.lane, held.fate) = (None, Fate::Hold { tax: scene.tax(LONELY).await });
    assert_eq!(scene.append_one(&held).await, Appended::Held);
    let issuing = served(LONELY, &[Business::Issue]);
    well(edit(scene, WEST, AccountEdit::Serve(issuing)).await);
    assert_eq!(scene.state(held.message.task_id).await, StateName::Held);
    well(edit(scene, WEST, AccountEdit::Serve(served(LONELY, &[Business::Both]))).await);
    let row = scene.row(held.message.task_id).await;
    assert_eq!((row.state, row.account), (StateName::Queued, Some(lane_key(WEST).account)));
    let waits = scene.log(Kind::InvoiceDownload, LONELY, WEST).await;
    assert_eq!(scene.head(waits).await, Some(held.message.task_id), "at its place");
    let far = edit(scene, CAPITAL, AccountEdit::Serve(served(LONELY, &[Business::Both]))).await;
    assert!(matches!(far, Err(NotChanged::OtherBureau { .. })), "{far:?}");
}

pub async fn an_account_stops_serving_once_nothing_waits_there(scene: &Scene) {
    let stop = || AccountEdit::Unserve(tax_no(SHARED));
    let waits = scene.log(Kind::InvoiceDownload, SHARED, WEST).await;
    let said = edit(scene, WEST, stop()).await;
    assert!(matches!(said, Err(NotChanged::StillWaited { tasks: 1, .. })), "{said:?}");
    let issuing = AccountEdit::Serve(served(SHARED, &[Business::Issue]));
    let said = edit(scene, WEST, issuing).await;
    assert!(matches!(said, Err(NotChanged::StillWaited { tasks: 1, .. })), "{said:?}");
    let other = well(edit(scene, EAST, stop()).await);
    assert_eq!(other.after.serves.len(), 2, "what waits with another account does not matter");
    let work = scene.start(waits).await;
    let said = edit(scene, WEST, stop()).await;
    assert!(matches!(said, Err(NotChanged::StillWaited { tasks: 1, .. })), "{said:?}");
    scene.settled(&work, super::verdicts::done()).await;
    let stopped = well(edit(scene, WEST, stop()).await);
    assert_eq!(stopped.after.serves, []);
    assert_eq!(account(scene, WEST).await.serves, []);
    let known = well(scene.store.taxpayers(&[tax_no(SHARED)]).await).remove(0).expect("known");
    assert_eq!(known.accounts, []);
    let card = well(scene.store.taxpayer_card(&tax_no(SHARED)).await).expect("known");
    assert_eq!((card.accounts.len(), card.receiving().is_none()), (0, true));
    let again = edit(scene, WEST, stop()).await;
    assert!(matches!(again, Err(NotChanged::NotServed { .. })), "{again:?}");
    well(edit(scene, WEST, AccountEdit::Serve(served(SHARED, &[Business::Both]))).await);
    assert_eq!(account(scene, WEST).await.serves.len(), 1);
}

pub async fn what_was_judged_before_a_change_is_not_logged_where_it_was(scene: &Scene) {
    let alpha = scene.draft(Kind::InvoiceDownload, ALPHA, EAST).await;
    let lonely = scene.draft(Kind::InvoiceDownload, LONELY, WEST).await;
    let beta = scene.draft(Kind::InvoiceDownload, BETA, EAST).await;
    well(edit(scene, EAST, AccountEdit::Unserve(tax_no(ALPHA))).await);
    well(change(scene, LONELY, |payer| payer.channel = "leqi".into()).await);
    for late in [alpha, lonely] {
        let said = scene.store.append(std::slice::from_ref(&late)).await;
        assert!(matches!(said, Err(StoreError::Away(_))), "{said:?}");
        assert!(well(scene.store.card(late.message.task_id).await).is_none());
    }
    scene.queue(&beta).await;
}
