//! Users and roles, and the audit of what was asked.

use super::{
    claim::{note, scope_of},
    scene::{ALPHA, BETA, EAST, LEQI_WIDTH, Scene, reworded, seconds, tax_no, well, world},
};
use crate::ports::{
    archive::TaskFilter,
    ledger::LedgerFilter,
    people::{
        Known, NewRecord, RecordEnd, RecordFilter, RecordOutcome, TokenHash, UserChanged, Within,
    },
    pool::InvoiceFilter,
};
use domain::{kind::Kind, rights::User};

fn user(name: &str, grants: &str) -> User {
    let grants = grants.split_whitespace().map(|text| text.parse().expect("a grant"));
    User { name: name.parse().expect("a name"), grants: grants.collect() }
}

fn token(n: u8) -> TokenHash {
    TokenHash([n; 32])
}

const NEW: UserChanged = UserChanged::Done { before: None };

pub async fn nobody_has_to_say_who_they_are_before_there_are_users(scene: &Scene) {
    let store = &scene.store;
    assert_eq!(well(store.whose(None).await), Known::Nobody);
    assert_eq!(well(store.whose(Some(&token(1))).await), Known::Nobody);
    assert_eq!(well(store.users().await), []);
    let boss = user("boss", "administrator");
    assert_eq!(well(store.keep_user(&boss, Some(&token(1))).await), NEW);
    assert_eq!(well(store.whose(None).await), Known::Stranger);
    assert_eq!(well(store.whose(Some(&token(2))).await), Known::Stranger);
    assert_eq!(well(store.whose(Some(&token(1))).await), Known::User(boss));
}

pub async fn a_token_tells_whose_it_is_until_it_is_replaced(scene: &Scene) {
    let store = &scene.store;
    well(store.keep_user(&user("boss", "administrator"), Some(&token(1))).await);
    let before = user("王", "clerk@0101 viewer");
    assert_eq!(well(store.keep_user(&before, None).await), UserChanged::NoSuchUser);
    assert_eq!(well(store.keep_user(&before, Some(&token(2))).await), NEW);
    let after = user("王", "supervisor@0102");
    let changed = UserChanged::Done { before: Some(before.clone()) };
    assert_eq!(well(store.keep_user(&after, None).await), changed, "the token stays");
    assert_eq!(well(store.whose(Some(&token(2))).await), Known::User(after.clone()));
    well(store.keep_user(&after, Some(&token(3))).await);
    assert_eq!(well(store.whose(Some(&token(2))).await), Known::Stranger);
    assert_eq!(well(store.whose(Some(&token(3))).await), Known::User(after.clone()));
    assert_eq!(well(store.users().await), [user("boss", "administrator"), after.clone()]);
    let gone = UserChanged::Done { before: Some(after.clone()) };
    assert_eq!(well(store.remove_user(&after.name).await), gone);
    assert_eq!(well(store.remove_user(&after.name).await), UserChanged::NoSuchUser);
    assert_eq!(well(store.whose(Some(&token(3))).await), Known::Stranger);
}

pub async fn one_user_may_always_administer_everywhere(scene: &Scene) {
    let store = &scene.store;
    let none = UserChanged::NoAdministrator;
    for grants in ["clerk", "administrator@0101", ""] {
        assert_eq!(well(store.keep_user(&user("a", grants), Some(&token(1))).await), none);
    }
    assert_eq!(well(store.users().await), []);
    well(store.keep_user(&user("a", "administrator"), Some(&token(1))).await);
    well(store.keep_user(&user("b", "viewer"), Some(&token(2))).await);
    assert_eq!(well(store.keep_user(&user("a", "clerk"), None).await), none);
    assert_eq!(well(store.remove_user(&user("a", "").name).await), none);
    well(store.keep_user(&user("b", "viewer administrator"), None).await);
    let left = UserChanged::Done { before: Some(user("a", "administrator")) };
    assert_eq!(well(store.remove_user(&user("a", "").name).await), left);
    assert_eq!(well(store.remove_user(&user("b", "").name).await), none, "nor is all opened again");
}

fn asked(by: &str, action: &str, subject: &str) -> NewRecord {
    NewRecord {
        by: by.into(),
        reason: "月末".into(),
        action: action.into(),
        subject: subject.into(),
        source: "127.0.0.1".into(),
        asked: Some("{\"n\":1}".into()),
    }
}

pub async fn an_action_is_recorded_before_and_after(scene: &Scene) {
    let store = &scene.store;
    let new = asked("王", "POST batches", "b1");
    let id = well(store.begin_record(&new).await);
    let any = RecordFilter::default();
    let [begun] = &well(store.records(&any, None, 9).await)[..] else { panic!("one line") };
    let none = RecordEnd { outcome: RecordOutcome::Begun, before: None, after: None };
    assert_eq!((begun.id, &begun.new, &begun.end), (id, &new, &none));
    let end = RecordEnd {
        outcome: RecordOutcome::Done,
        before: Some("null".into()),
        after: Some("{}".into()),
    };
    well(store.end_record(id, &end).await);
    assert_eq!(well(store.records(&any, None, 9).await)[0].end, end);
    // What is written with its change stands beside it, done.
    well(store.pause(&scope_of(EAST), &note()).await);
    let lines = well(store.records(&any, None, 9).await);
    assert_eq!(lines.len(), 2);
    assert_eq!((lines[0].new.action.as_str(), lines[0].new.source.as_str()), ("pause", ""));
    assert_eq!(lines[0].end.outcome, RecordOutcome::Done);
}

pub async fn the_audit_is_searched_and_read_page_by_page(scene: &Scene) {
    let store = &scene.store;
    for (by, action, subject) in [("a", "x", "one"), ("b", "x", "two"), ("a", "y", "three")] {
        well(store.begin_record(&asked(by, action, subject)).await);
        scene.advance(seconds(10)).await;
    }
    let any = RecordFilter::default;
    let read = async |filter: RecordFilter| -> Vec<String> {
        let found = well(store.records(&filter, None, 9).await);
        found.into_iter().map(|record| record.new.subject).collect()
    };
    assert_eq!(read(any()).await, ["three", "two", "one"]);
    assert_eq!(read(RecordFilter { by: Some("a".into()), ..any() }).await, ["three", "one"]);
    assert_eq!(read(RecordFilter { action: Some("x".into()), ..any() }).await, ["two", "one"]);
    assert_eq!(read(RecordFilter { subject: Some("w".into()), ..any() }).await, ["two"]);
    let at = well(store.records(&any(), None, 9).await)[1].at;
    assert_eq!(read(RecordFilter { from: Some(at), ..any() }).await, ["three", "two"]);
    assert_eq!(read(RecordFilter { to: Some(at), ..any() }).await, ["one"]);
    let first = well(store.records(&any(), None, 2).await);
    let rest = well(store.records(&any(), Some(first[1].id), 2).await);
    assert_eq!((first.len(), rest.len(), rest[0].new.subject.as_str()), (2, 1, "one"));
}

pub async fn who_sees_some_organisations_sees_no_others(scene: &Scene) {
    let mut file = world();
    for payer in &mut file.taxpayers {
        payer.tax_org = if payer.tax_no == tax_no(ALPHA) { "T1" } else { "T2" }.into();
    }
    for (n, invoice) in file.invoices.iter_mut().enumerate() {
        invoice.accounting_org = if n == 0 { "A" } else { "" }.into();
    }
    let buyers: Vec<_> = file.invoices.iter().map(|one| one.buyer_tax_no.clone()).collect();
    well(scene.store.import(&file, LEQI_WIDTH).await);
    let sees = async |organisations: &[&str]| -> usize {
        let within = Some(organisations.iter().map(|org| (*org).to_owned()).collect());
        let filter = InvoiceFilter { within, ..InvoiceFilter::default() };
        well(scene.store.search(&filter, None, 100).await).len()
    };
    let of_alpha = buyers.iter().skip(1).filter(|buyer| **buyer == tax_no(ALPHA)).count();
    assert_eq!(sees(&["A"]).await, 1, "by its accounting organisation alone");
    assert_eq!(sees(&["T1"]).await, of_alpha, "by the buyer's where it has none");
    assert_eq!(sees(&["A", "T1", "T2"]).await, buyers.len());
    assert_eq!(sees(&[]).await, 0);

    let first = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    let own = scene.draft(Kind::PeriodQuery, BETA, EAST).await;
    let own = reworded(own, |message| message.submitted_by = Some("王".to_owned()));
    let second = scene.queue(&own).await;
    let within = |organisations: &[&str], user: &str| {
        let organisations = organisations.iter().map(|org| (*org).to_owned()).collect();
        Some(Within { organisations, user: user.to_owned() })
    };
    for (organisations, user, expected) in [
        (&["T1"][..], "李", vec![first.id]),
        (&["T2"], "李", vec![second.id]),
        (&[], "王", vec![second.id]),
        (&["T1"], "王", vec![second.id, first.id]),
        (&[], "李", vec![]),
    ] {
        let filter = TaskFilter { within: within(organisations, user), ..TaskFilter::default() };
        let rows = well(scene.store.list(&filter, None, 9).await);
        let mut found: Vec<_> = rows.into_iter().map(|row| row.task_id).collect();
        let mut expected = expected;
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{organisations:?} {user}");
        let counts = well(scene.store.count(&filter).await);
        let counted: u64 = counts.by_state.iter().map(|(_, n)| n).sum();
        assert_eq!(counted, expected.len() as u64);
        let ledger =
            LedgerFilter { within: within(organisations, user), ..LedgerFilter::default() };
        assert_eq!(well(scene.store.ledger(&ledger, None, 9).await), [], "nothing has ended");
    }
}
