use super::{FaultName, Faults, Strike, World};
use crate::{
    invoice::{EntryState, InvoiceStatus, Purpose, Risk},
    money::Fen,
    statistic::StatisticState,
    taxpayer::{Business, LeqiMode, LoginMode, TaxpayerKind},
};
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::time::Duration;

const EXAMPLE: &[u8] = include_bytes!("../../tests/data/world.json");

fn example() -> Value {
    serde_json::from_slice(EXAMPLE).expect("the example is JSON")
}

fn error_of(value: &Value) -> (String, String) {
    let error = World::parse(value.to_string().as_bytes()).expect_err("must not be read");
    (error.place, error.problem)
}

#[test]
fn reads_the_example() {
    let world = World::parse(EXAMPLE).expect("the example");
    let [first, second, small, leqi, _] = &world.taxpayers[..] else { panic!("five taxpayers") };
    assert_eq!((first.channel.as_str(), first.leqi_mode), ("etax", LeqiMode::SelfUse));
    assert_eq!((second.kind, second.channel.as_str()), (TaxpayerKind::General, "etax"));
    assert_eq!((small.kind, small.bureau.number()), (TaxpayerKind::SmallScale, 440_000));
    assert_eq!((leqi.channel.as_str(), leqi.leqi_mode), ("leqi", LeqiMode::Joint));
    let [account, manual, plain] = &world.accounts[..] else { panic!("three accounts") };
    assert_eq!((account.login, account.online), (LoginMode::Auto, true));
    assert_eq!((manual.login, manual.online), (LoginMode::Manual, false));
    assert_eq!(plain.serves[0].may, [Business::Receive, Business::Issue]);
    let second = &world.invoices[1];
    assert_eq!((second.status, second.risk), (InvoiceStatus::Normal, Risk::Normal));
    assert_eq!((second.selection, second.amount.0), (None, 100_000));
    assert!(second.details.is_silent());
    let details = &world.invoices[0].details;
    assert_eq!(
        (details.entry_state, details.entry_tax),
        (Some(EntryState::Entered), Some(Fen(236)))
    );
    assert_eq!(details.entry_period, "202309".parse().ok());
    assert_eq!((details.purpose, details.deductible), (Some(Purpose::NonDeduction), None));
    assert_eq!(world.invoices[4].key().number, "531020231016123456-L01");
    assert_eq!(world.bureau.switch.per_day, None);
    assert_eq!(world.statistics[1].state, StatisticState::Generated);
}

#[test]
fn everything_but_identity_has_a_default() {
    let world = World::parse(b"{}").expect("an empty world");
    assert_eq!(world, World::default());
    assert_eq!(world.bureau.latency_ms, [50, 400]);
    assert_eq!(world.bureau.switch.per_hour, Some(5));
}

#[test]
fn what_it_writes_it_reads_again() {
    let world = World::parse(EXAMPLE).expect("the example");
    let written = serde_json::to_vec(&world).expect("a world is JSON");
    assert_eq!(World::parse(&written), Ok(world));
}

#[test]
fn dates_that_were_left_out_are_todays() {
    let mut world = World::parse(EXAMPLE).expect("the example");
    let today = NaiveDate::from_ymd_opt(2025, 12, 31).expect("a date");
    world.fill_defaults(today);
    assert_eq!(world.invoices[0].invoice_date, NaiveDate::from_ymd_opt(2023, 8, 16));
    assert_eq!(world.invoices[1].pool_invoice().date, Some(today));
    let periods: Vec<_> = world.statistics.iter().filter_map(|table| table.tax_period).collect();
    assert_eq!(format!("{periods:?}"), "[202511, 202512]");
}

#[test]
fn the_default_account_for_receiving_comes_first() {
    let mut value = example();
    value["accounts"].as_array_mut().expect("accounts").swap(0, 1);
    let world = World::parse(value.to_string().as_bytes()).expect("readable");
    let accounts = world.accounts_of(&world.taxpayers[0].tax_no);
    assert_eq!(format!("{accounts:?}"), "[13800000001, 13800000002]");
    value["accounts"][1]["serves"][0]["may"] = json!(["issue"]);
    let world = World::parse(value.to_string().as_bytes()).expect("readable");
    let accounts = world.accounts_of(&world.taxpayers[0].tax_no);
    assert_eq!(format!("{accounts:?}"), "[13800000002]", "an issuing account does not receive");
}

#[test]
fn says_where_and_what_is_wrong() {
    let table = [
        ("/taxpayers/0/tax_no", json!("9"), "taxpayers[0].tax_no", "\"9\" is not a tax number"),
        ("/taxpayers/0/bureau", json!("1"), "taxpayers[0].bureau", "36 tax bureaus"),
        ("/taxpayers/0/kind", json!("big"), "taxpayers[0].kind", "`general` or `small_scale`"),
        ("/taxpayers/0/colour", json!(1), "taxpayers[0].colour", "is not a known key; expected"),
        ("/colour", json!(1), "colour", "is not a known key; expected"),
        ("/taxpayers/1/tax_no", json!("91440300MA5G9GK78Y"), "taxpayers[1].tax_no", "twice"),
        ("/accounts/2/account", json!("leqi"), "accounts[2].account", "乐企's own lanes"),
        ("/accounts/1/account", json!("13800000001"), "accounts[1].account", "twice"),
        ("/accounts/0/login", json!("sms"), "accounts[0].login", "`auto` or `manual`"),
        (
            "/accounts/2/serves/0/tax_no",
            json!("91440101MA59NOBODY"),
            "accounts[2].serves[0].tax_no",
            "91440101MA59NOBODY is not among the taxpayers",
        ),
        (
            "/accounts/2/serves/0/tax_no",
            json!("91440300MA5G9GK78Y"),
            "accounts[2].serves[0].tax_no",
            "belongs to bureau 440300, the account to 440000",
        ),
        (
            "/accounts/0/serves/1/tax_no",
            json!("91440300MA5G9GK78Y"),
            "accounts[0].serves[1].tax_no",
            "by this account twice",
        ),
        ("/accounts/2/serves/0/may", json!([]), "accounts[2].serves[0].may", "is empty"),
        ("/accounts/2/serves/0/may", json!(["x"]), "accounts[2].serves[0].may[0]", "`receive`"),
        (
            "/invoices/1/buyer_tax_no",
            json!("91440101MA59NOBODY"),
            "invoices[1].buyer_tax_no",
            "is not among the taxpayers",
        ),
        ("/invoices/1/amount", json!("1.234"), "invoices[1].amount", "is not an amount"),
        ("/invoices/1/invoice_type", json!("99"), "invoices[1].invoice_type", "\"99\""),
        ("/invoices/1/invoice_date", json!("today"), "invoices[1].invoice_date", "not a date"),
        (
            "/invoices/0/details/entry_tax",
            json!("a lot"),
            "invoices[0].details.entry_tax",
            "is not an amount",
        ),
        (
            "/invoices/0/details/entry_period",
            json!("2025"),
            "invoices[0].details.entry_period",
            "not a tax period",
        ),
        (
            "/invoices/0/details/colour",
            json!(1),
            "invoices[0].details.colour",
            "is not a known key; expected",
        ),
        ("/invoices/1/invoice_no", json!(""), "invoices[1].invoice_no", "is missing"),
        ("/invoices/1/payment_book_no", json!("5"), "invoices[1].payment_book_no", "type 21 only"),
        ("/invoices/4/payment_book_no", json!(""), "invoices[4].payment_book_no", "is missing"),
        ("/invoices/4/invoice_no", json!("1"), "invoices[4].payment_book_no", "instead of"),
        (
            "/invoices/3/invoice_no",
            json!("25442000000000000026"),
            "invoices[3]",
            "the same invoice as invoices[2]",
        ),
        (
            "/statistics/0/tax_no",
            json!("91440101MA59NOBODY"),
            "statistics[0].tax_no",
            "is not among the taxpayers",
        ),
        ("/statistics/0/tax_period", json!("2025"), "statistics[0].tax_period", "not a tax period"),
        ("/statistics/0/state", json!("x"), "statistics[0].state", "`not_generated`"),
        ("/bureau/latency_ms", json!([9, 1]), "bureau.latency_ms", "begins with the greater one"),
        ("/bureau/session_hours", json!(0), "bureau.session_hours", "above 0"),
        ("/bureau/faults/oops", json!({"at": [1]}), "bureau.faults", "\"oops\" is not a fault"),
        ("/bureau/faults/reset", json!({}), "bureau.faults.reset", "either \"probability\""),
        (
            "/bureau/faults/reset",
            json!({"probability": 1.5}),
            "bureau.faults.reset",
            "probability 1.5 is not from 0 to 1",
        ),
        ("/bureau/faults/reset", json!({"at": [0]}), "bureau.faults.reset", "from 1"),
        (
            "/bureau/faults/reset",
            json!({"at": [1], "seconds": -1}),
            "bureau.faults.reset",
            "seconds -1",
        ),
        (
            "/bureau/faults/late_arrival",
            json!({"at": [1]}),
            "bureau.faults",
            "late_arrival needs \"seconds\"",
        ),
    ];
    for (pointer, value, place, problem) in table {
        let mut world = example();
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        match world.pointer_mut(parent).expect(parent) {
            Value::Array(items) => items[name.parse::<usize>().expect("an index")] = value,
            Value::Object(fields) => {
                fields.insert(name.to_owned(), value);
            }
            other => panic!("{other}"),
        }
        let (found, said) = error_of(&world);
        assert_eq!(found, place, "{pointer}: {said}");
        assert!(said.contains(problem), "{pointer}: {said}");
    }
}

#[test]
fn every_bad_row_is_told_and_the_others_go_on() {
    let mut world = example();
    world["taxpayers"][1]["kind"] = json!("big");
    let lost = world["taxpayers"][1]["tax_no"].as_str().expect("a tax number").to_owned();
    world["accounts"][1]["serves"][0]["may"] = json!([]);
    world["invoices"][0]["amount"] = json!("1.234");
    world["invoices"][1]["buyer_tax_no"] = json!("91440101MA59NOBODY");
    world["statistics"][0]["state"] = json!("x");
    world["bureau"]["session_hours"] = json!(0);
    world["colour"] = json!(1);
    let all = World::parse(EXAMPLE).expect("the example");
    let read = World::read(world.to_string().as_bytes()).expect("its good rows");
    let told: Vec<String> = read.rejected.iter().map(ToString::to_string).collect();
    for (place, problem) in [
        ("colour", "is not a known key"),
        ("taxpayers[1].kind", "`general` or `small_scale`"),
        ("accounts[1].serves[0].may", "is empty"),
        ("invoices[0].amount", "is not an amount"),
        ("invoices[1].buyer_tax_no", "91440101MA59NOBODY is not among the taxpayers"),
        ("statistics[0].state", "`not_generated`"),
        ("bureau.session_hours", "above 0"),
    ] {
        let found = told.iter().any(|one| one.starts_with(place) && one.contains(problem));
        assert!(found, "{place}: {told:#?}");
    }
    // Whatever hangs on the lost taxpayer says so.
    let depends = |one: &&String| one.contains(&format!("{lost} is among the taxpayers, but its"));
    let invoices = all.invoices.iter().filter(|one| one.buyer_tax_no.as_str() == lost).count();
    let dependants = told.iter().filter(depends).count();
    assert!(dependants > invoices && dependants + 7 == told.len(), "{told:#?}");
    assert_eq!(read.world.taxpayers.len(), all.taxpayers.len() - 1);
    assert_eq!(read.taxpayer_rows.len(), read.world.taxpayers.len());
    assert_eq!(read.taxpayer_rows[0], 0);
    assert_eq!(read.world.accounts.len(), all.accounts.len(), "their bad servings went alone");
    let order: Vec<&str> =
        told.iter().filter_map(|one| one.split(['[', '.', ':']).next()).collect();
    let mut lists = order.clone();
    lists.dedup();
    assert_eq!(lists, ["colour", "taxpayers", "accounts", "invoices", "statistics", "bureau"]);
}

#[test]
fn a_file_that_is_no_object_of_lists_is_no_world() {
    for (file, problem) in [
        ("[]", "world file: cannot be read: invalid type: sequence"),
        ("{\"invoices\": {}}", "world file: cannot be read: invalid type: map, expected a list of"),
        ("{} {}", "world file: is not JSON: trailing characters"),
        ("{\"invoices\": [", "world file: is not JSON: EOF"),
    ] {
        let said = World::read(file.as_bytes()).expect_err(file).to_string();
        assert!(said.starts_with(problem), "{said}");
    }
    let read = World::read(b"{\"invoices\": [], \"invoices\": []}").expect("the first counts");
    assert_eq!(
        read.rejected[0].to_string(),
        "invoices: stands in the file twice; the first one counts"
    );
}

#[test]
fn identity_is_required() {
    for (list, name) in [
        ("taxpayers", "tax_no"),
        ("taxpayers", "bureau"),
        ("accounts", "account"),
        ("accounts", "bureau"),
        ("invoices", "buyer_tax_no"),
        ("invoices", "invoice_type"),
        ("statistics", "tax_no"),
    ] {
        let mut world = example();
        world[list][0].as_object_mut().expect(list).remove(name);
        assert_eq!(error_of(&world), (format!("{list}[0].{name}"), "is missing".to_owned()));
    }
    let broken = World::parse(b"{\"taxpayers\": [").expect_err("no JSON");
    assert!(broken.to_string().starts_with("world file: is not JSON"), "{broken}");
}

#[test]
fn faults_strike_what_they_name() {
    let world = World::parse(EXAMPLE).expect("the example");
    let faults = &world.bureau.faults;
    let kind = Some("deduction_select".parse().expect("a kind"));
    let late = faults.get(FaultName::LateEffect).expect("set");
    assert_eq!(late.lasting, Some(Duration::from_secs(45)));
    assert!(late.matches(kind, None) && !late.matches(None, None));
    assert_eq!([1, 3, 8, 9].map(|nth| late.strikes(nth, 0.0)), [false, true, true, false]);
    let lost = faults.get(FaultName::LostAnswer).expect("set");
    assert_eq!(lost.strike, Strike::Probability(0.01));
    assert!(lost.strikes(1, 0.009) && !lost.strikes(1, 0.01));
    let throttle = faults.get(FaultName::Throttle).expect("set");
    assert_eq!(throttle.lasting, Some(Duration::from_secs(1200)), "20 minutes when not told");
    assert!(throttle.matches(kind, Some(&world.taxpayers[1].tax_no)));
    assert!(!throttle.matches(kind, Some(&world.taxpayers[0].tax_no)));
    assert_eq!(faults.iter().count(), 3);
}

#[test]
fn every_fault_name_reads_as_it_is_written() {
    for name in FaultName::ALL {
        let json = json!({name.name(): {"probability": 1, "seconds": 0.5}});
        let faults: Faults = serde_json::from_value(json).expect("a known name");
        assert!(faults.get(*name).is_some());
    }
}
