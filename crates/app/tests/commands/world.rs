//! Who exists: world files, taxpayers, accounts.

use crate::desk::{Desk, TAX_NO, WORLD, id, task};
use serde_json::{Value, json};

#[test]
fn taxpayers_and_accounts_are_shown_and_changed() {
    let desk = Desk::new();
    let account = ["--bureau", "440300", "--account", "13800000001"];
    let said = desk.run(&["taxpayer", "show", TAX_NO], "");
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("13800000001 已登录"), "{said:?}");
    let kind = ["--kind", "small_scale", "--by", "李", "--reason", "核对"];
    let set = [&["--json", "taxpayer", "set", TAX_NO][..], &kind].concat();
    let done = desk.run(&set, "").lines().remove(0);
    assert_eq!(
        (&done["before"]["kind"], &done["after"]["kind"]),
        (&json!("general"), &json!("small_scale"))
    );
    let seen = done["before"]["version"].as_str().expect("a version").to_owned();
    let late = desk.run(&[&set[..], &["--seen", &seen]].concat(), "");
    assert_eq!(late.code, 1, "{late:?}");
    assert!(late.err.contains("was changed since you looked"), "{late:?}");
    let found = desk.run(&["--json", "taxpayer", "list", "--kind", "small_scale"], "").lines();
    assert_eq!(found[0]["tax_no"], TAX_NO);

    let published = desk.run(&["task", "publish", "-"], &task(1));
    assert_eq!(published.code, 0, "{published:?}");
    let change = ["--tax-no", TAX_NO, "--reason", "换人"];
    let stop = [&["account", "unserve"][..], &account, &change].concat();
    let said = desk.run(&stop, "");
    assert!(said.code == 1 && said.err.contains("1 unfinished tasks of"), "{said:?}");
    let cancelled = desk.run(&["task", "cancel", &id(1), "--reason", "误发"], "");
    assert_eq!(cancelled.code, 0, "{cancelled:?}");
    assert_eq!(desk.run(&stop, "").code, 0);
    let serve = [&["account", "serve"][..], &account, &change, &["--may", "both"]].concat();
    assert_eq!(desk.run(&serve, "").code, 0);
    let new = ["--bureau", "440300", "--account", "second", "--login", "manual", "--new"];
    let said = desk.run(&[&["account", "set"][..], &new, &["--reason", "新账号"]].concat(), "");
    assert_eq!(said.code, 0, "{said:?}");
    let shown = desk.run(&[&["--json", "account", "show"][..], &account].concat(), "").lines();
    assert_eq!(shown[0]["serves"][0]["may"], json!(["both"]));
    let listed = desk.run(&["--json", "account", "list", "--login", "manual"], "").lines();
    assert_eq!((listed.len(), &listed[0]["account"]), (1, &json!("second")));
    let wrong = desk.run(&["taxpayer", "list", "--kind", "big"], "");
    assert!(wrong.code == 2 && wrong.err.contains("--kind: "), "{wrong:?}");
}

#[test]
fn the_good_rows_of_a_world_file_go_in_and_each_other_gets_a_line() {
    let desk = Desk::new();
    let mut world: Value = serde_json::from_str(WORLD).expect("JSON");
    let invoice = |number: u32| {
        json!({"buyer_tax_no": TAX_NO, "invoice_type": "27", "invoice_no": number.to_string(),
            "amount": if number % 100 == 7 { "1.234" } else { "10.00" }})
    };
    world["invoices"] = (1000..6000).map(invoice).collect();
    let small = json!({"tax_no": "91440300MA5G9GK79X", "bureau": "440300", "kind": "big"});
    world["taxpayers"].as_array_mut().expect("a list").push(small);
    world["accounts"][0]["serves"]
        .as_array_mut()
        .expect("a list")
        .push(json!({"tax_no": "91440300MA5G9GK79X"}));
    let file = desk.path().join("again.json");
    std::fs::write(&file, world.to_string()).expect("written");
    let import = ["world", "import", &file.to_string_lossy()].map(str::to_owned);
    let import: Vec<&str> = import.iter().map(String::as_str).collect();
    for _ in 0..2 {
        let said = desk.run(&import, "");
        assert_eq!(said.code, 1, "{said:?}");
        let lines: Vec<&str> = said.out.lines().collect();
        assert_eq!(lines.len(), 1 + 1 + 50 + 1, "{said:?}");
        assert!(lines[0].starts_with("taxpayers[1].kind: "), "{said:?}");
        assert!(lines[1].starts_with("accounts[0].serves[1].tax_no: 91440300MA5G9GK79X is among"));
        assert!(lines[2].starts_with("invoices[7].amount: "), "{said:?}");
        assert!(lines[52].starts_with("imported 1 taxpayers, 1 accounts, 4950 invoices"));
        assert!(said.err.contains("52 rows of"), "{said:?}");
    }
    let found = desk.run(&["--json", "invoice", "list", "--limit", "6000"], "").lines();
    assert_eq!(found.len(), 4951, "with the one that was there before");
}

#[test]
fn a_world_file_moves_no_taxpayer_from_under_its_tasks() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["task", "publish", "-"], &task(1)).code, 0);
    let mut world: Value = serde_json::from_str(WORLD).expect("JSON");
    world["taxpayers"][0]["channel"] = json!("leqi");
    world["taxpayers"][0]["name"] = json!("甲");
    let file = desk.path().join("moved.json");
    std::fs::write(&file, world.to_string()).expect("written");
    let file = file.to_string_lossy().into_owned();
    let said = desk.run(&["world", "import", &file], "");
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.out.starts_with("taxpayers[0]: tax number 91440300MA5G9GK78Y has 1 unfinished"));
    assert_eq!(desk.run(&["task", "cancel", &id(1), "--reason", "误发"], "").code, 0);
    assert_eq!(desk.run(&["world", "import", &file], "").code, 0);
    let shown = desk.run(&["--json", "taxpayer", "show", TAX_NO], "").lines();
    assert_eq!((&shown[0]["channel"], &shown[0]["name"]), (&json!("leqi"), &json!("甲")));
}
