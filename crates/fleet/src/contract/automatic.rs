//! Rules of automatic work, their runs, and what they have tried.

use super::scene::{
    ALPHA, BETA, LEQI_WIDTH, NORTH, Scene, invoice_key, seconds, tax_no, well, world,
};
use crate::ports::{
    automatic::{AfterCandidate, Begun, HeldRun, KeptRule, Reset},
    desk::Note,
};
use domain::{
    Moment,
    automatic::{AutoRule, Candidate, Cause, Chosen, Run, RunOutcome, RunState},
    invoice::{Entry, EntryState, Purpose, Selection},
    kind::Kind,
    money::Fen,
    period::TaxPeriod,
    world::World,
};
use serde_json::{Value, json};
use std::time::Duration;

const LEASE: Duration = Duration::from_secs(60);

fn note() -> Note {
    Note { by: "王".into(), reason: "月末".into() }
}

fn rule(form: Value) -> AutoRule {
    AutoRule::read(form).expect("a rule")
}

fn deduct() -> AutoRule {
    rule(json!({"rule_id": "r", "work": "deduct", "schedule": "0 * * * *"}))
}

fn enter() -> AutoRule {
    rule(json!({"rule_id": "e", "work": "enter"}))
}

/// Times of schedules are no times of the store: any will do.
fn at(text: &str) -> Moment {
    format!("2025-11-20T{text}:00Z").parse().expect(text)
}

fn new(rule: AutoRule) -> KeptRule {
    KeptRule { rule, version: 0, ran_until: at("00:30") }
}

async fn put(scene: &Scene, rule: &KeptRule) -> Option<u32> {
    well(scene.store.put_rule(rule, &note()).await)
}

fn run_of(rule: &AutoRule, text: &str, cause: Cause) -> Run {
    Run::begun(rule.clone(), at(text), cause, at("00:00"))
}

async fn begin(scene: &Scene, rule: &AutoRule, text: &str, cause: Cause) -> Begun {
    let version = well(scene.store.rule(&rule.rule_id).await).map_or(0, |kept| kept.version);
    well(scene.store.begin_run(&run_of(rule, text, cause), version, LEASE).await)
}

fn person() -> Cause {
    Cause::Person { by: "王".into(), reason: "补跑".into() }
}

/// A run of a new rule that is held.
async fn held(scene: &Scene, rule: AutoRule) -> HeldRun {
    put(scene, &new(rule.clone())).await;
    match begin(scene, &rule, "01:00", Cause::Schedule).await {
        Begun::Held(held) => *held,
        other => panic!("not held: {other:?}"),
    }
}

async fn end(scene: &Scene, held: &HeldRun) -> bool {
    let run = held.run.clone().found_nothing(at("01:01"));
    well(scene.store.end_run(&HeldRun { run, fence: held.fence }).await)
}

async fn candidates(scene: &Scene, rule: &AutoRule) -> Vec<Candidate> {
    let look = rule.look(at("01:00"));
    well(scene.store.candidates(&look, None, 100).await)
}

fn found(candidates: &[Candidate]) -> Vec<String> {
    candidates.iter().map(|one| one.invoice.key.number[16..].to_owned()).collect()
}

fn chosen(candidates: &[Candidate]) -> Vec<Chosen> {
    candidates.iter().cloned().map(Chosen::from).collect()
}

pub async fn a_rule_is_written_only_over_the_version_that_was_read(scene: &Scene) {
    assert_eq!(well(scene.store.rule("r").await), None);
    let mut kept = new(deduct());
    assert_eq!(put(scene, &kept).await, Some(1));
    assert_eq!(put(scene, &kept).await, None, "it is there");
    kept.version = 1;
    kept.rule.enabled = false;
    kept.ran_until = at("00:10");
    assert_eq!(put(scene, &kept).await, Some(2));
    assert_eq!(put(scene, &kept).await, None, "somebody was first");
    let now = well(scene.store.rule("r").await).expect("it was kept");
    let expected = KeptRule { version: 2, ran_until: at("00:30"), rule: kept.rule.clone() };
    assert_eq!(now, expected, "what is done with stays so");
    put(scene, &new(enter())).await;
    let all = well(scene.store.rules().await);
    assert_eq!(all.iter().map(|kept| &*kept.rule.rule_id).collect::<Vec<_>>(), ["e", "r"]);
    assert!(!well(scene.store.remove_rule("r", 1, &note()).await));
    assert!(well(scene.store.remove_rule("r", 2, &note()).await));
    assert!(!well(scene.store.remove_rule("r", 2, &note()).await));
    kept.version = 3;
    assert_eq!(put(scene, &kept).await, None, "it is gone");
    let audit = well(scene.store.audited(2).await);
    assert_eq!(audit[0].action, "automatic_remove");
    assert_eq!((&*audit[1].action, &*audit[1].subject), ("automatic_put", "automatic rule e"));
    assert_eq!(audit[0].note, note());
}

pub async fn a_run_begins_once_and_one_of_a_rule_at_a_time(scene: &Scene) {
    let first = held(scene, deduct()).await;
    let rule = deduct();
    for (time, cause, expected) in [
        ("01:00", Cause::Schedule, Begun::Before),
        ("00:20", Cause::Schedule, Begun::Before),
        ("01:00", person(), Begun::Before),
        ("02:00", Cause::Schedule, Begun::Busy),
        ("02:00", person(), Begun::Busy),
    ] {
        assert_eq!(begin(scene, &rule, time, cause).await, expected, "{time}");
    }
    assert!(end(scene, &first).await);
    assert!(!end(scene, &first).await, "it has ended");
    let other = run_of(&rule, "02:00", Cause::Schedule);
    assert_eq!(well(scene.store.begin_run(&other, 7, LEASE).await), Begun::Changed);
    let ran = well(scene.store.rule("r").await).expect("the rule").ran_until;
    assert_eq!(ran, at("01:00"), "a run by hand makes no time of the schedule done");
    assert!(matches!(begin(scene, &rule, "02:00", Cause::Schedule).await, Begun::Held(_)));
    let runs = well(scene.store.rule_runs("r", None, 10).await);
    let told: Vec<_> = runs.iter().map(|run| (run.at, run.state)).collect();
    assert_eq!(told, [(at("02:00"), RunState::Choosing), (at("01:00"), RunState::Ended)]);
    assert_eq!(runs[1].outcome, Some(RunOutcome::Nothing));
    assert_eq!(well(scene.store.rule_runs("r", Some(at("02:00")), 10).await), runs[1..]);
    assert_eq!(well(scene.store.rule_runs("r", None, 1).await), runs[..1]);
    assert_eq!(well(scene.store.rule_runs("e", None, 1).await), []);
}

pub async fn of_several_that_begin_a_run_one_holds_it(scene: &Scene) {
    put(scene, &new(deduct())).await;
    let rule = deduct();
    let tries = (0..6).map(|_| begin(scene, &rule, "01:00", Cause::Schedule));
    let begun = futures::future::join_all(tries).await;
    let holders = begun.iter().filter(|begun| matches!(begun, Begun::Held(_))).count();
    assert_eq!(holders, 1, "{begun:?}");
    let rest = begun.iter().filter(|begun| **begun == Begun::Before).count();
    assert_eq!(rest, 5, "{begun:?}");
}

pub async fn a_run_that_was_left_is_taken_over_and_its_holder_is_stale(scene: &Scene) {
    let first = held(scene, deduct()).await;
    assert_eq!(well(scene.store.take_over_runs(LEASE, 10).await), []);
    scene.advance(seconds(40)).await;
    assert!(well(scene.store.renew_run(&first, LEASE).await));
    scene.advance(seconds(40)).await;
    assert_eq!(well(scene.store.take_over_runs(LEASE, 10).await), [], "it was renewed");
    scene.advance(seconds(40)).await;
    let mut taken = well(scene.store.take_over_runs(LEASE, 10).await);
    let second = taken.remove(0);
    assert_eq!((taken.len(), second.run.takeovers, second.run.at), (0, 1, at("01:00")));
    assert_eq!(well(scene.store.take_over_runs(LEASE, 10).await), [], "one does");
    let all = chosen(&candidates(scene, &deduct()).await);
    assert!(!well(scene.store.renew_run(&first, LEASE).await));
    assert!(!well(scene.store.note_choice(&first, &all).await));
    assert!(!end(scene, &first).await);
    assert_eq!(well(scene.store.chosen("r", at("01:00")).await), []);
    assert!(well(scene.store.note_choice(&second, &all).await));
    assert!(!well(scene.store.note_choice(&second, &all).await), "it has chosen");
    scene.advance(LEASE + seconds(1)).await;
    let third = well(scene.store.take_over_runs(LEASE, 10).await).remove(0);
    assert_eq!((third.run.state, third.run.takeovers), (RunState::Chosen, 2));
    assert!(end(scene, &third).await);
    scene.advance(LEASE + seconds(1)).await;
    assert_eq!(well(scene.store.take_over_runs(LEASE, 10).await), []);
}

/// The four of alpha and two of others, each with something of its own.
fn varied() -> World {
    let mut world = world();
    let template = world.invoices[0].clone();
    for (n, payer) in [(5, BETA), (6, NORTH)] {
        let (buyer_tax_no, invoice_no) = (tax_no(payer), invoice_key(n).number);
        world.invoices.push(domain::world::WorldInvoice {
            buyer_tax_no,
            invoice_no,
            ..template.clone()
        });
    }
    for payer in &mut world.taxpayers {
        payer.tax_org = if payer.tax_no == tax_no(NORTH) { "02" } else { "01" }.into();
    }
    let day = |text: &str| text.parse().ok();
    let all = &mut world.invoices;
    all[0].invoice_date = day("2025-11-05");
    all[1].invoice_date = None;
    all[2].invoice_date = day("2025-11-01");
    all[0].accounting_org = "0101".into();
    all[1].details.source = Some("税局下载".into());
    all[2].details.document_type = Some("费用报销单".into());
    all[3].details.deductible = Some(false);
    all[4].amount = Fen(5_000);
    all[5].invoice_type = "28".parse().expect("a type");
    all[5].details.entry_state = Some(EntryState::Entered);
    world
}

pub async fn candidates_match_all_that_a_rule_asks_for_oldest_first(scene: &Scene) {
    well(scene.store.import(&varied(), LEQI_WIDTH).await);
    let cases: [(Value, &[&str]); 18] = [
        (json!({}), &["0002", "0003", "0004", "0005", "0006", "0001"]),
        (json!({"tax_nos": [ALPHA]}), &["0002", "0003", "0004", "0001"]),
        (json!({"tax_nos": [BETA, NORTH]}), &["0005", "0006"]),
        (json!({"tax_nos": ["91440300MA5GNOBOD1"]}), &[]),
        (json!({"tax_nos": [NORTH, ALPHA], "tax_orgs": ["02"]}), &["0006"]),
        (json!({"tax_orgs": ["02", "03"]}), &["0006"]),
        (json!({"accounting_orgs": ["0101", "0102"]}), &["0001"]),
        (json!({"organisations": ["0101"]}), &["0001"]),
        (json!({"organisations": ["01"]}), &["0002", "0003", "0004", "0005"]),
        (json!({"organisations": ["01"], "tax_nos": [ALPHA]}), &["0002", "0003", "0004"]),
        (json!({"organisations": ["02", "0101", "nobody's"]}), &["0006", "0001"]),
        (json!({"sources": ["税局下载"]}), &["0002"]),
        (json!({"document_types": ["费用报销单"]}), &["0003"]),
        (json!({"types": ["28", "29"]}), &["0006"]),
        (json!({"date_from": "2025-11-02"}), &["0004", "0005", "0006", "0001"]),
        (
            json!({"date_from": "2025-11-01", "date_to": "2025-11-03"}),
            &["0003", "0004", "0005", "0006"],
        ),
        (json!({"amount_from": "50.00", "amount_to": "99.99"}), &["0005"]),
        (json!({"deductible": false}), &["0004"]),
    ];
    for (when, expected) in cases {
        let form = json!({"rule_id": "n", "work": "non_deduct", "reason": "1", "when": when});
        let rule = rule(form);
        assert_eq!(found(&candidates(scene, &rule).await), expected, "{when}");
    }
    assert_eq!(found(&candidates(scene, &enter()).await), ["0002", "0003", "0004", "0005", "0001"]);
    let look = enter().look(at("01:00"));
    let (mut after, mut pages) = (None, Vec::new());
    loop {
        let page = well(scene.store.candidates(&look, after.as_ref(), 2).await);
        pages.extend(found(&page));
        after = page.last().map(AfterCandidate::of);
        if page.len() < 2 {
            break;
        }
    }
    assert_eq!(pages, ["0002", "0003", "0004", "0005", "0001"], "each once");
}

pub async fn candidates_tell_how_they_stand(scene: &Scene) {
    let mut file = world();
    file.invoices[1].selection = Some(Selection::PreSelected);
    file.invoices[1].details.purpose = Some(Purpose::NonDeduction);
    file.invoices[2].selection = Some(Selection::Selected);
    file.invoices[3].details.collected_at = "2025-11-09T00:00:00Z".parse().ok();
    well(scene.store.import(&file, LEQI_WIDTH).await);
    scene.queue(&scene.selection(Kind::DeductionSelect, &[1]).await).await;
    let all = candidates(scene, &deduct()).await;
    assert_eq!(found(&all), ["0001", "0002", "0004"]);
    let stand: Vec<_> = all.iter().map(|one| (one.invoice.selection, one.purpose)).collect();
    let pre = (Selection::PreSelected, Some(Purpose::NonDeduction));
    assert_eq!(stand, [(Selection::Selecting, None), pre, (Selection::Unselected, None)]);
    assert!(all[2].collected_at.is_some() && all[0].collected_at.is_none());
    assert_eq!(all[2].invoice.tax, Fen(600));
    assert!(all.iter().all(|one| !one.tried && one.tax_no == tax_no(ALPHA)));
}

pub async fn what_a_run_takes_is_tried_until_a_person_resets_it(scene: &Scene) {
    let target = json!({"payable": "100.00", "target": "0.00", "period": "202511"});
    let of = json!({"rule_id": "r", "work": "deduct", "target": target, "schedule": "0 * * * *",
        "when": {"tax_nos": [ALPHA]}});
    let rule = rule(of);
    let first = held(scene, rule.clone()).await;
    let mut taken = chosen(&candidates(scene, &rule).await);
    taken.truncate(3);
    taken.reverse();
    assert!(well(scene.store.note_choice(&first, &taken).await));
    assert_eq!(well(scene.store.chosen("r", at("01:00")).await), taken, "in its order");
    let tried = async |rule: &AutoRule| {
        let all = candidates(scene, rule).await;
        all.iter().map(|one| one.tried).collect::<Vec<_>>()
    };
    assert_eq!(tried(&rule).await, [true, true, true, false]);
    assert_eq!(tried(&enter()).await, [false; 4], "every rule for itself");
    let november: TaxPeriod = "202511".parse().expect("a period");
    assert_eq!(well(scene.store.tax_tried("r", november).await), Fen(1_800));
    assert_eq!(well(scene.store.tax_tried("r", november.next()).await), Fen(0));
    let reset = async |which: &Reset| well(scene.store.reset_tries("r", which, &note()).await);
    assert_eq!(reset(&Reset::All).await, 0, "the run has not ended");
    assert!(end(scene, &first).await);
    let one = Reset::Invoice { tax_no: tax_no(ALPHA), key: invoice_key(2) };
    assert_eq!((reset(&one).await, reset(&one).await), (1, 0));
    assert_eq!(tried(&rule).await, [true, false, true, false]);
    assert_eq!(well(scene.store.tax_tried("r", november).await), Fen(1_200));
    assert_eq!(reset(&Reset::Run(at("02:00"))).await, 0);
    assert_eq!(reset(&Reset::Run(at("01:00"))).await, 2);
    assert_eq!(tried(&rule).await, [false; 4]);
    assert_eq!(well(scene.store.audited(1).await)[0].action, "automatic_reset");
}

pub async fn invoices_are_entered_with_the_end_of_their_run(scene: &Scene) {
    let hourly = json!({"rule_id": "e", "work": "enter", "schedule": "0 * * * *"});
    let run = held(scene, rule(hourly)).await;
    let mut all = chosen(&candidates(scene, &enter()).await);
    all.truncate(3);
    let mut file = world();
    file.invoices.truncate(1);
    file.invoices[0].details.entry_state = Some(EntryState::Withdrawn);
    well(scene.store.import(&file, LEQI_WIDTH).await);
    let entry =
        Entry { state: EntryState::Entered, period: "202511".parse().ok(), at: Some(at("01:02")) };
    let held = HeldRun { run: Run { chosen: 3, ..run.run.clone() }, fence: run.fence };
    let ended = well(scene.store.enter(&held, &all, entry).await).expect("it is held");
    assert_eq!(ended.outcome, Some(RunOutcome::Entered));
    assert_eq!(ended.sentence, "2 invoices were entered; 1 were changed meanwhile");
    assert_eq!(well(scene.store.rule_runs("e", None, 1).await), [ended]);
    assert_eq!(well(scene.store.enter(&held, &all, entry).await), None, "once");
    let state = async |n| {
        let card = well(scene.store.invoice(&tax_no(ALPHA), &invoice_key(n)).await);
        let details = card.expect("it is in the pool").invoice.details;
        (details.entry_state, details.entry_period, details.entered_at)
    };
    assert_eq!(state(1).await, (EntryState::Withdrawn, None, None));
    assert_eq!(state(2).await.0, EntryState::Entered);
    assert_eq!(state(2).await.1, entry.period);
    assert!(state(2).await.2.is_some());
    assert_eq!(state(4).await, (EntryState::NotEntered, None, None));
    let left = candidates(scene, &enter()).await;
    assert_eq!(found(&left), ["0004"]);
    assert_eq!(well(scene.store.chosen("e", at("01:00")).await).len(), 3);
}
