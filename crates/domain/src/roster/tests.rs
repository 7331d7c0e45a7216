use super::{
    AccountEdit, AccountFacts, NotChanged, Seen, Version, account_may_become, taxpayer_may_become,
};
use crate::{
    bureau::LaneKey,
    taxpayer::{Business, LoginMode, TaxpayerKind},
    world::{Served, WorldAccount, WorldTaxpayer},
};
use serde_json::json;

const TAX_NO: &str = "91440300MA5GALPHA1";

fn taxpayer() -> WorldTaxpayer {
    serde_json::from_value(json!({"tax_no": TAX_NO, "name": "甲", "bureau": "440300"}))
        .expect("a taxpayer")
}

fn account() -> WorldAccount {
    let serves = json!([{"tax_no": TAX_NO}]);
    let account = json!({"bureau": "440300", "account": "east", "serves": serves});
    serde_json::from_value(account).expect("an account")
}

fn lane() -> LaneKey {
    LaneKey { bureau: account().bureau, account: account().account }
}

fn served(may: &[Business]) -> Served {
    Served { tax_no: taxpayer().tax_no, may: may.to_vec(), default_business: Business::Receive }
}

type Change = fn(&mut WorldTaxpayer);

/// What becomes of changing one field, by what the writer saw, unfinished tasks and accounts.
#[test]
fn a_taxpayer_changes_while_no_task_depends_on_it() {
    let kind = |payer: &mut WorldTaxpayer| payer.kind = TaxpayerKind::SmallScale;
    let channel = |payer: &mut WorldTaxpayer| payer.channel = "leqi".into();
    let bureau = |payer: &mut WorldTaxpayer| payer.bureau = "440000".parse().expect("a bureau");
    let both = |payer: &mut WorldTaxpayer| {
        payer.channel = "leqi".into();
        payer.bureau = "440000".parse().expect("a bureau");
    };
    let rows: [(Change, u64, usize, &str); 8] = [
        (kind, 9, 2, ""),
        (channel, 0, 2, ""),
        (channel, 1, 0, "has 1 unfinished tasks, which are logged for its channel as it is"),
        (bureau, 0, 0, ""),
        (bureau, 3, 0, "has 3 unfinished tasks, which are logged for its bureau as it is"),
        (bureau, 0, 2, "is served by 2 accounts of bureau 440300"),
        (both, 2, 2, "has 2 unfinished tasks, which are logged for its channel and bureau"),
        (both, 0, 0, ""),
    ];
    let before = taxpayer();
    let seen = Seen::Version(Version::of_taxpayer(&before).to_string());
    for (n, (change, unfinished, served_by, sentence)) in rows.into_iter().enumerate() {
        let mut after = before.clone();
        change(&mut after);
        let said = taxpayer_may_become(Some(&before), &after, &seen, unfinished, served_by);
        let said = said.err().map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(said.is_empty(), sentence.is_empty(), "{n}: {said}");
        assert!(said.contains(sentence), "{n}: {said}");
    }
}

#[test]
fn a_change_is_made_of_what_the_writer_saw() {
    let now = taxpayer();
    let changed = WorldTaxpayer { name: "乙".into(), ..now.clone() };
    let version = |of: &WorldTaxpayer| Seen::Version(Version::of_taxpayer(of).to_string());
    let said = |before: Option<&WorldTaxpayer>, seen: &Seen| {
        taxpayer_may_become(before, &changed, seen, 0, 0)
    };
    assert_eq!(said(None, &Seen::Nothing), Ok(()));
    assert_eq!(said(Some(&now), &version(&now)), Ok(()));
    assert!(matches!(said(Some(&now), &Seen::Nothing), Err(NotChanged::Exists { .. })));
    assert!(matches!(said(Some(&now), &version(&changed)), Err(NotChanged::OutOfDate { .. })));
    assert!(matches!(said(None, &version(&now)), Err(NotChanged::Unknown { .. })));
    assert!(matches!(
        said(Some(&now), &Seen::Version("勾".into())),
        Err(NotChanged::OutOfDate { .. })
    ));
}

#[test]
fn a_version_is_of_the_settings_alone() {
    let one = account();
    let online = WorldAccount { online: true, ..one.clone() };
    assert_eq!(Version::of_account(&one), Version::of_account(&online));
    let manual = WorldAccount { login: LoginMode::Manual, ..one.clone() };
    assert_ne!(Version::of_account(&one), Version::of_account(&manual));
    assert_eq!(Version::of_account(&one).to_string().len(), 16);
}

#[test]
fn an_account_stops_receiving_only_for_whom_nothing_waits() {
    use Business::{Both, Issue, Receive};
    let tax_no = taxpayer().tax_no;
    let stranger = "91440300MA5GNOBODY".parse().expect("a tax number");
    let far = WorldTaxpayer { bureau: "440000".parse().expect("a bureau"), ..taxpayer() };
    for (edit, payer, waiting, sentence) in [
        (AccountEdit::Login(LoginMode::Manual), None, 5, ""),
        (AccountEdit::Serve(served(&[Both])), Some(taxpayer()), 5, ""),
        (AccountEdit::Serve(served(&[Receive])), Some(taxpayer()), 5, ""),
        (AccountEdit::Serve(served(&[Issue])), Some(taxpayer()), 0, ""),
        (AccountEdit::Serve(served(&[Issue])), Some(taxpayer()), 5, "5 unfinished tasks of"),
        (AccountEdit::Serve(served(&[Both])), None, 0, "tax_no: tax number 91440300MA5GALPHA1 is"),
        (AccountEdit::Serve(served(&[Both])), Some(far), 0, "belongs to bureau 440000"),
        (AccountEdit::Unserve(tax_no.clone()), Some(taxpayer()), 0, ""),
        (AccountEdit::Unserve(tax_no), Some(taxpayer()), 2, "2 unfinished tasks of"),
        (AccountEdit::Unserve(stranger), None, 0, "does not serve 91440300MA5GNOBODY"),
    ] {
        let before = account();
        let seen = Seen::Version(Version::of_account(&before).to_string());
        let facts =
            AccountFacts { before: Some(&before), taxpayer: payer.as_ref(), unfinished: waiting };
        match account_may_become(&lane(), &edit, &seen, facts) {
            Ok(after) => {
                assert_eq!(sentence, "", "{edit:?}");
                assert_ne!(after, before, "{edit:?}");
            }
            Err(error) => {
                let said = error.to_string();
                assert!(!sentence.is_empty() && said.contains(sentence), "{edit:?}: {said}");
            }
        }
    }
}

#[test]
fn an_account_begins_with_its_login_and_nothing_else() {
    let nobody = AccountFacts { before: None, taxpayer: None, unfinished: 0 };
    let login = AccountEdit::Login(LoginMode::Manual);
    let made = account_may_become(&lane(), &login, &Seen::Nothing, nobody).expect("made");
    assert_eq!((made.login, made.online, made.serves.len()), (LoginMode::Manual, false, 0));
    let serve = AccountEdit::Serve(served(&[Business::Both]));
    for seen in [Seen::Nothing, Seen::Version("0".into())] {
        let said = account_may_become(&lane(), &serve, &seen, nobody);
        assert!(matches!(said, Err(NotChanged::Unknown { .. })), "{said:?}");
    }
}
