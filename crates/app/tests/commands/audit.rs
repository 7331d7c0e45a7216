//! What commands write into the audit.

use crate::desk::{Desk, WORLD, task};
use serde_json::{Value, json};

#[test]
fn what_commands_do_on_the_store_itself_stands_in_the_audit() {
    let desk = Desk::new();
    let lines = |desk: &Desk| desk.run(&["--json", "audit"], "").lines();
    let imported = lines(&desk).remove(0);
    let told = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        (told(&imported, "action"), told(&imported, "subject")),
        pair("POST world", "world")
    );
    let source = "this machine's command line";
    assert_eq!((told(&imported, "source"), told(&imported, "outcome")), pair(source, "done"));
    assert_eq!(imported["asked"]["bytes"], WORLD.len(), "{imported}");
    assert!(told(&imported["asked"], "file").ends_with("world.json"), "{imported}");
    let counts =
        json!({"taxpayers": 1, "accounts": 1, "invoices": 1, "statistics": 0, "rejected": 0});
    assert_eq!(imported["after"], counts);
    let by = told(&imported, "by");
    assert!(!by.is_empty(), "the machine's user: {imported}");

    let bad = desk.path().join("bad.json");
    std::fs::write(&bad, WORLD.replace("23442000000164214335", "")).expect("written");
    let said = desk.run(&["world", "import", &bad.to_string_lossy()], "");
    assert_eq!(said.code, 1, "{said:?}");
    assert_eq!(lines(&desk)[0]["after"]["rejected"], 1);
    let none = desk.path().join("none.json");
    std::fs::write(&none, "no world").expect("written");
    assert_eq!(desk.run(&["world", "import", &none.to_string_lossy()], "").code, 1);
    assert_eq!(lines(&desk).len(), 2, "of a file that is none nothing is done");

    // Neither says who asks.
    for (arguments, action) in [
        (&["user", "set", "陈", "--role", "administrator"][..], "PUT users/{name}"),
        (&["calendar", "set", "202511", "2025-12-17", "--reason", "x"], "POST calendar/days"),
        (&["calendar", "remove", "202511"], "DELETE calendar/days"),
        (&["task", "publish", "-"], "POST tasks"),
    ] {
        let said = desk.run(arguments, &task(1));
        assert_eq!(said.code, 0, "{arguments:?} {said:?}");
        let line = lines(&desk).remove(0);
        assert_eq!((told(&line, "action"), told(&line, "by")), pair(action, &by), "{line}");
        assert_eq!(told(&line, "source"), source, "{line}");
    }
}

fn pair(one: &str, other: &str) -> (String, String) {
    (one.to_owned(), other.to_owned())
}
