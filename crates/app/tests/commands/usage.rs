//! Commands that are used well and wrongly.

use crate::desk::{Desk, id};

#[test]
fn without_a_process_and_a_store_the_sentence_says_what_to_do() {
    let said = Desk::empty().run(&["task", "list"], "");
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    let begins = "gouxuan: no gouxuan is running at 127.0.0.1:1, and there is no store at ";
    assert!(said.err.starts_with(begins), "{said:?}");
    assert_eq!(said.err.lines().count(), 1, "{said:?}");
}

#[test]
fn wrong_use_is_told_apart_from_failure() {
    let desk = Desk::new();
    for (arguments, part) in [
        (&["task", "show", "x"][..], "invalid value 'x'"),
        (&["task", "cancel", &id(1)], "--reason"),
        (&["task", "absent", &id(1)], "--reason"),
        (&["task", "retry"], "--all is every failed task"),
        (&["task", "list", "--state", "flying"], "--state: \"flying\""),
        (&["task", "list", "--tax-no", "1"], "--tax-no: "),
        (&["invoice", "list", "--amount-from", "a lot"], "--amount-from: "),
        (&["invoice", "show", "7001"], "--tax-no"),
        (&["lane", "pause", "--reason", "x"], "--bureau"),
        (&["lane", "pause", "--reason", "x", "--account", "1", "--tax-no", "2"], "--tax-no"),
    ] {
        let said = desk.run(arguments, "");
        assert_eq!(said.code, 2, "{arguments:?} {said:?}");
        assert!(said.err.contains(part), "{arguments:?} {said:?}");
    }
    let said = desk.run(&["task", "show", &id(1)], "");
    assert_eq!(said.code, 1);
    assert!(said.err.starts_with(&format!("gouxuan: no task {}", id(1))), "{said:?}");
}

#[test]
fn the_doctor_says_one_line_about_each_and_fails_on_a_fault() {
    let desk = Desk::new();
    let said = desk.run(&["doctor", "--json", "--etax-url", "http://127.0.0.1:1"], "");
    assert_eq!(said.code, 1, "{said:?}");
    let lines = said.lines();
    let good = |name: &str| {
        let line = lines.iter().find(|line| line["name"] == name);
        line.unwrap_or_else(|| panic!("no line {name}: {said:?}"))["good"] == true
    };
    for name in ["configuration", "database", "clock", "broker", "redis", "process"] {
        assert!(good(name), "{name}: {said:?}");
    }
    assert!(!good("etax_url") && !good("leqi_url"), "{said:?}");
    assert_eq!(said.err, "gouxuan: 2 faults; their lines say what to do\n");
}

#[test]
fn lanes_are_listed_paused_and_resumed() {
    let desk = Desk::new();
    let list = desk.run(&["lane", "list", "--json"], "");
    assert_eq!(list.lines()[0]["account"], "13800000001", "{list:?}");
    let scope = ["--bureau", "440300", "--account", "13800000001", "--reason", "检修"];
    let paused = desk.run(&[&["lane", "pause"], &scope[..]].concat(), "");
    assert_eq!(paused.code, 0, "{paused:?}");
    let list = desk.run(&["lane", "list"], "");
    assert!(list.out.contains("检修"), "{list:?}");
    let resumed = desk.run(&[&["lane", "resume"], &scope[..]].concat(), "");
    assert_eq!(resumed.out, "resumed; 1 accounts are touched\n", "{resumed:?}");
    let unknown = ["lane", "login", "--bureau", "440300", "--account", "1", "--reason", "x"];
    let unknown = desk.run(&unknown, "");
    assert_eq!(unknown.code, 1);
    assert!(unknown.err.contains("account 1 at bureau 440300 is not known"), "{unknown:?}");
}
