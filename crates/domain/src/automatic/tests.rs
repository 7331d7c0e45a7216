//! Rules as people write them, and what they choose.

use super::{
    AutoRule, Candidate, Cause, Choice, Choosing, Chosen, Known, Run, RunOutcome, RunState, Work,
    limits,
};
use crate::{
    Moment,
    bureau::BureauCode,
    ids::{Fence, TaxId},
    invoice::{InvoiceKey, InvoiceStatus, PoolInvoice, Purpose, Risk, Selection},
    money::Fen,
    rules::Settings,
    statistic::StatisticState,
    taxpayer::{LeqiMode, Taxpayer, TaxpayerKind},
};
use chrono::NaiveDate;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const TAX_NO: &str = "91440300MA5G9GK78Y";

fn rule(form: Value) -> AutoRule {
    AutoRule::read(form).expect("a rule")
}

fn deduct() -> Value {
    json!({"rule_id": "r", "work": "deduct"})
}

fn with(mut form: Value, field: &str, value: Value) -> Value {
    form[field] = value;
    form
}

fn target(payable: &str, target: &str) -> Value {
    let form = with(deduct(), "when", json!({"tax_nos": [TAX_NO]}));
    let of = json!({"payable": payable, "target": target, "period": "202511"});
    with(form, "target", of)
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect(text)
}

fn candidate(n: u32, date: &str, tax: i64) -> Candidate {
    let key = InvoiceKey { code: String::new(), number: format!("2344200000016421{n:04}") };
    Candidate {
        tax_no: TAX_NO.parse().expect("a tax number"),
        invoice: PoolInvoice {
            key,
            invoice_type: "27".parse().expect("a type"),
            date: Some(day(date)),
            amount: Fen(10_000),
            tax: Fen(tax),
            status: InvoiceStatus::Normal,
            risk: Risk::Normal,
            selection: Selection::Unselected,
            period: None,
            special_kind: String::new(),
        },
        collected_at: None,
        purpose: None,
        tried: false,
    }
}

fn payer() -> Taxpayer {
    Taxpayer {
        id: TaxId(1),
        tax_no: TAX_NO.parse().expect("a tax number"),
        name: String::new(),
        kind: TaxpayerKind::General,
        channel: "etax".into(),
        leqi_mode: LeqiMode::SelfUse,
        bureau: BureauCode::of_region(440_300).expect("a bureau"),
        tax_org: String::new(),
        period: None,
        statistic_order: Fence(0),
        accounts: Vec::new(),
    }
}

fn chosen_by(form: Value, candidates: Vec<Candidate>, known: &Known<'_>, before: i64) -> Choice {
    let rule = rule(form);
    let mut choosing = Choosing::new(&rule, Settings::default(), day("2025-11-20"));
    for candidate in candidates {
        assert!(choosing.look(candidate, known));
    }
    choosing.choose(Fen(before))
}

fn choice(form: Value, candidates: Vec<Candidate>) -> Choice {
    let payer = payer();
    chosen_by(form, candidates, &Known { taxpayer: Some(&payer), statistic: None }, 0)
}

/// The last digits of the numbers.
fn numbers(choice: &Choice) -> Vec<u32> {
    let last = |one: &Candidate| one.invoice.key.number[16..].parse().expect("digits");
    choice.chosen.iter().map(last).collect()
}

#[test]
fn a_rule_is_written_as_it_is_read() {
    for form in [
        json!({"rule_id": "r-1", "name": "每天", "enabled": false, "work": "non_deduct",
            "reason": "5", "reason_text": "赠送客户", "order": "collected", "most": 7,
            "schedule": "30 2 * * *", "when": {"tax_nos": [TAX_NO], "organisations": ["0102"], "accounting_orgs": ["0101"],
            "tax_orgs": ["01"], "sources": ["税局下载"], "document_types": ["费用报销单"],
            "types": ["27"], "last_days": 30, "amount_from": "0.01", "amount_to": "100.00",
            "deductible": false}}),
        json!({"rule_id": "e", "name": "", "enabled": true, "work": "enter",
            "order": "invoice_date", "most": 1000,
            "when": {"date_from": "2025-11-01", "date_to": "2025-11-30"}}),
    ] {
        let written = serde_json::to_value(rule(form.clone())).expect("JSON");
        assert_eq!(written, form);
    }
    let whole = serde_json::to_value(rule(target("100.00", "20.00"))).expect("JSON");
    assert_eq!(rule(whole.clone()), rule(target("100.00", "20.00")), "{whole}");
}

#[test]
fn a_rule_lies_within_organisations_by_its_own_conditions() {
    let held = BTreeSet::from(["01".to_owned(), "02".to_owned()]);
    for (when, expected) in [
        (json!({}), false),
        (json!({"organisations": ["01"]}), true),
        (json!({"organisations": ["02", "01"]}), true),
        (json!({"organisations": ["01", "03"]}), false),
        (json!({"accounting_orgs": ["02"]}), true),
        (json!({"accounting_orgs": ["02", "03"]}), false),
        // An empty one stands for those that have none, which are their buyers'.
        (json!({"accounting_orgs": ["", "02"]}), false),
        (json!({"tax_orgs": ["01"]}), false),
        (json!({"tax_nos": [TAX_NO]}), false),
        (json!({"organisations": ["03"], "accounting_orgs": ["01"]}), true),
        (json!({"organisations": ["01"], "accounting_orgs": ["03"], "tax_orgs": ["03"]}), true),
    ] {
        let rule = rule(with(deduct(), "when", when.clone()));
        assert_eq!(rule.when.lie_within(&held), expected, "{when}");
        assert!(!rule.when.lie_within(&BTreeSet::new()), "{when}");
    }
}

#[test]
fn what_is_wrong_with_a_rule_is_named() {
    let when = |when: Value| with(deduct(), "when", when);
    for (form, sentence) in [
        (json!([]), "rule: "),
        (json!({"work": "deduct"}), "rule_id: is missing"),
        (with(deduct(), "rule_id", "a b".into()), "rule_id: write from 1 to 64"),
        (with(deduct(), "nmae", "x".into()), "nmae: is not a known key"),
        (with(deduct(), "name", "a\nb".into()), "name: write at most"),
        (with(deduct(), "work", "select".into()), "work: \"select\": write one of deduct"),
        (with(deduct(), "reason", "1".into()), "reason: belongs to non_deduct alone"),
        (json!({"rule_id": "r", "work": "non_deduct"}), "reason: "),
        (json!({"rule_id": "r", "work": "non_deduct", "reason": "5"}), "reason_text: "),
        (with(deduct(), "most", 0.into()), "most: must be from 1 to 10000"),
        (with(deduct(), "schedule", "daily".into()), "schedule: has 1 fields"),
        (with(deduct(), "order", "newest".into()), "order: "),
        (when(json!({"tax_nos": ["1"]})), "when.tax_nos[0]: "),
        (when(json!({"organisations": ["01", ""]})), "when.organisations[1]: is empty"),
        (when(json!({"types": ["99"]})), "when.types[0]: "),
        (when(json!({"date_from": "2025-11-31"})), "when.date_from: "),
        (when(json!({"date_from": "2025-11-02", "date_to": "2025-11-01"})), "when.date_to: "),
        (when(json!({"last_days": 0})), "when.last_days: must be from"),
        (when(json!({"last_days": 3, "date_to": "2025-11-01"})), "when.last_days: stands"),
        (when(json!({"amount_from": "2.00", "amount_to": "1.00"})), "when.amount_to: "),
        (when(json!({"deductible": false})), "when.deductible: is false"),
        (when(json!({"sources": ["a\0"]})), "when.sources[0]: "),
        (with(target("1", "0"), "when", json!({})), "target: what is payable is one"),
        (target("1.00", "1.00"), "target.target: is not below payable"),
        (target("1.00", "-1.00"), "target.target: is below 0"),
        (with(target("1", "0"), "work", "enter".into()), "target: belongs to deduct alone"),
    ] {
        let wrong = AutoRule::read(form.clone()).expect_err(sentence).to_string();
        assert!(wrong.starts_with(sentence), "{form}: {wrong}");
    }
}

#[test]
fn the_pool_is_asked_for_what_the_work_needs() {
    let now: Moment = "2025-11-19T16:30:00Z".parse().expect("a moment");
    let looked = rule(with(deduct(), "when", json!({"last_days": 20}))).look(now);
    let days = (looked.from, looked.to);
    assert_eq!(days, (Some(day("2025-11-01")), Some(day("2025-11-20"))), "days of Shanghai");
    assert_eq!(looked.selections, [Selection::Unselected, Selection::PreSelected]);
    assert_eq!(looked.when.deductible, Some(true));
    assert!(looked.when.types.iter().all(|of| of.number() != 5), "5 can never be selected");
    let looked = rule(json!({"rule_id": "r", "work": "enter"})).look(now);
    assert_eq!((looked.when.types.len(), looked.when.deductible), (0, None));
    assert!(looked.entry.is_some() && looked.selections.is_empty());
}

#[test]
fn every_candidate_that_is_passed_over_has_its_reason() {
    type Spoil = fn(&mut Candidate);
    let spoilt: [(Spoil, &str, Value); 11] = [
        (|one| one.tried = true, "tried", deduct()),
        (|one| one.invoice.selection = Selection::Selecting, "held", deduct()),
        (
            |one| {
                one.invoice.selection = Selection::PreSelected;
                one.purpose = Some(Purpose::NonDeduction);
            },
            "other_purpose",
            deduct(),
        ),
        (|one| one.invoice.invoice_type = "26".parse().expect("a type"), "type", deduct()),
        (|one| one.invoice.amount = Fen(0), "amount", deduct()),
        (|one| one.invoice.status = InvoiceStatus::Reversed, "status", deduct()),
        (|one| one.invoice.risk = Risk::Suspect, "risk", deduct()),
        (|one| one.invoice.date = None, "pool_incomplete", deduct()),
        (|one| one.invoice.date = Some(day("2025-11-21")), "future_dated", deduct()),
        (|one| one.invoice.tax = Fen(0), "no_tax", target("1.00", "0.00")),
        (
            |one| one.invoice.status = InvoiceStatus::Void,
            "not_bookable",
            json!({"rule_id": "r", "work": "enter"}),
        ),
    ];
    for (spoil, code, form) in spoilt {
        let mut bad = candidate(1, "2025-11-03", 1);
        spoil(&mut bad);
        let choice = choice(form, vec![bad, candidate(2, "2025-11-04", 1)]);
        assert_eq!(numbers(&choice), [2], "{code}");
        assert_eq!(choice.skipped, [(code.to_owned(), 1)].into(), "{code}");
        assert!(!choice.skips[0].sentence.is_empty());
    }
}

#[test]
fn what_the_taxpayer_cannot_do_is_not_chosen() {
    let small = Taxpayer { kind: TaxpayerKind::SmallScale, ..payer() };
    let strange = Taxpayer { channel: "fax".into(), ..payer() };
    let early = Taxpayer { period: "202510".parse().ok(), ..payer() };
    let enter = json!({"rule_id": "e", "work": "enter"});
    let locked = Some(StatisticState::Generated);
    assert!(locked.is_some_and(StatisticState::locks_selection));
    let payer = payer();
    for (taxpayer, statistic, code) in [
        (None, None, "unknown_tax_number"),
        (Some(&small), None, "small_scale"),
        (Some(&strange), None, "channel"),
        (Some(&early), None, "future_dated"),
        (Some(&payer), locked, "statistic_generated"),
    ] {
        let known = Known { taxpayer, statistic };
        let candidates = vec![candidate(1, "2025-11-03", 1)];
        let choice = chosen_by(deduct(), candidates.clone(), &known, 0);
        assert_eq!(choice.skipped, [(code.to_owned(), 1)].into());
        let choice = chosen_by(enter.clone(), candidates, &known, 0);
        assert_eq!(choice.chosen.len(), 1, "books are our own: {code}");
    }
}

#[test]
fn the_oldest_come_first_and_no_more_than_asked() {
    let mut late = candidate(1, "2025-11-01", 1);
    late.collected_at = "2025-11-09T00:00:00Z".parse().ok();
    let mut soon = candidate(2, "2025-11-02", 1);
    soon.collected_at = "2025-11-08T00:00:00Z".parse().ok();
    let all = vec![candidate(4, "2025-11-03", 1), candidate(3, "2025-11-03", 1), late, soon];
    for (order, most, expected) in [
        ("invoice_date", 10, vec![1, 2, 3, 4]),
        ("invoice_date", 2, vec![1, 2]),
        ("collected", 10, vec![3, 4, 2, 1]),
    ] {
        let form = with(with(deduct(), "order", order.into()), "most", most.into());
        let choice = choice(form, all.clone());
        assert_eq!(numbers(&choice), expected, "{order}");
        let over = choice.skipped.get("over_most").copied().unwrap_or_default();
        assert_eq!(over, all.len() - expected.len());
    }
}

#[test]
fn a_target_is_come_near_and_never_passed() {
    let payer = payer();
    let known = Known { taxpayer: Some(&payer), statistic: None };
    for (taxes, before, expected, left) in [
        // Room for 80.00.
        (vec![3_000, 4_000, 2_000, 500], 0, vec![0, 1, 3], 500),
        (vec![8_000, 1], 0, vec![0], 0),
        (vec![8_001, 7_999], 0, vec![1], 1),
        (vec![3_000, 4_000], 5_000, vec![0], 0),
        (vec![3_000], 9_000, vec![], 0),
    ] {
        let candidates = taxes.iter().enumerate();
        let candidates = candidates.map(|(n, tax)| {
            let n = u32::try_from(n).expect("few");
            candidate(n, &format!("2025-11-{:02}", n + 1), *tax)
        });
        let choice = chosen_by(target("100.00", "20.00"), candidates.collect(), &known, before);
        assert_eq!(numbers(&choice), expected, "{taxes:?} after {before}");
        assert_eq!(choice.left, Some(Fen(left)), "{taxes:?} after {before}");
    }
}

proptest! {
    /// Never beyond the target; oldest first; and none that was passed over would still fit.
    #[test]
    fn a_target_is_reached_as_far_as_the_oldest_allow(
        taxes in prop::collection::vec((1_i64..5_000, 1_u32..28), 0..40),
        room in 1_i64..40_000,
        before in 0_i64..20_000,
    ) {
        let payer = payer();
        let known = Known { taxpayer: Some(&payer), statistic: None };
        let of = taxes.iter().enumerate().map(|(n, (tax, day))| {
            candidate(u32::try_from(n).expect("few"), &format!("2025-10-{day:02}"), *tax)
        });
        let mut all: Vec<Candidate> = of.collect();
        let form = target(&Fen(room).to_string(), "0.00");
        let choice = chosen_by(form, all.clone(), &known, before);
        let at_most = (room - before).max(0);
        prop_assert!(choice.tax().0 <= at_most);
        prop_assert_eq!(choice.left, Some(Fen(at_most - choice.tax().0)));
        all.sort_by(|one, other| {
            let place = |of: &Candidate| (of.invoice.date, of.invoice.key.number.clone());
            place(one).cmp(&place(other))
        });
        let (mut left, mut at) = (at_most, 0);
        for one in &all {
            let taken = choice.chosen.get(at).is_some_and(|chosen| chosen == one);
            prop_assert_eq!(taken, one.invoice.tax.0 <= left, "oldest first");
            if taken {
                left -= one.invoice.tax.0;
                at += 1;
            }
        }
        prop_assert_eq!(at, choice.chosen.len());
        let fits = |one: &&Candidate| {
            !choice.chosen.contains(one) && one.invoice.tax <= choice.left.unwrap_or_default()
        };
        prop_assert_eq!(all.iter().find(fits), None);
    }
}

#[test]
fn passed_over_invoices_are_all_counted_and_some_are_named() {
    let form = with(deduct(), "most", 1.into());
    let count = u32::try_from(limits::SKIPS).expect("few") + 50;
    let choice = choice(form, (0..count).map(|n| candidate(n, "2025-11-03", 1)).collect());
    assert_eq!(choice.skips.len(), limits::SKIPS);
    assert_eq!(choice.skipped["over_most"], limits::SKIPS + 49);
}

#[test]
fn a_run_makes_the_same_batch_every_time() {
    let at: Moment = "2025-11-19T18:30:00.7Z".parse().expect("a moment");
    let rule = rule(json!({"rule_id": "r", "work": "non_deduct", "reason": "3"}));
    let mut run = Run::begun(rule, at, Cause::Schedule, at);
    let choice = choice(deduct(), vec![candidate(1, "2025-11-03", 600)]);
    run.chose(&choice);
    let chosen: Vec<Chosen> = choice.chosen.into_iter().map(Chosen::from).collect();
    let batch = run.batch(&chosen).expect("a batch");
    assert_eq!(batch.batch_id, "automatic-r-20251120T023000");
    assert_eq!(batch.check(), Ok(()));
    let kept: Run = serde_json::from_str(&serde_json::to_string(&run).expect("JSON")).expect("it");
    assert_eq!(kept, run);
    assert_eq!(kept.batch(&chosen).map(|batch| batch.hash()), Some(batch.hash()));
    let ended = run.made(batch.batch_id, at);
    assert_eq!((ended.state, ended.outcome), (RunState::Ended, Some(RunOutcome::Batch)));
    assert_eq!(ended.sentence, "1 invoices went into batch automatic-r-20251120T023000");
}

#[test]
fn a_rule_that_begins_anew_makes_up_for_nothing() {
    let at = |text: &str| text.parse::<Moment>().expect(text);
    let daily = rule(with(deduct(), "schedule", "0 8 * * *".into()));
    let due = daily.due(at("2025-11-18T00:00:00Z"), at("2025-11-20T01:00:00Z"));
    assert_eq!(due, Some(at("2025-11-20T00:00:00Z")));
    let off = AutoRule { enabled: false, ..daily.clone() };
    assert_eq!(off.due(at("2025-11-18T00:00:00Z"), at("2025-11-20T01:00:00Z")), None);
    assert_eq!(off.next_after(at("2025-11-18T00:00:00Z")), None);
    let other = AutoRule { work: Work::PreSelect, ..daily.clone() };
    assert!(daily.begins_anew(&off) && !off.begins_anew(&daily) && !other.begins_anew(&daily));
}
