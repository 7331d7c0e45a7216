//! The executable as operators use it, on an embedded store that no process serves.

use serde_json::{Value, json};
use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;

const TAX_NO: &str = "91440300MA5G9GK78Y";
const WORLD: &str = r#"{
  "taxpayers": [{"tax_no": "91440300MA5G9GK78Y", "bureau": "440300"}],
  "accounts": [{"bureau": "440300", "account": "13800000001", "online": true,
                "serves": [{"tax_no": "91440300MA5G9GK78Y"}]}],
  "invoices": [{"buyer_tax_no": "91440300MA5G9GK78Y", "invoice_type": "27",
                "invoice_no": "23442000000164214335"}]
}"#;

/// A folder with a store in it.
struct Desk(TempDir);

impl Desk {
    fn empty() -> Desk {
        Desk(TempDir::new().expect("a folder"))
    }

    fn new() -> Desk {
        let desk = Desk::empty();
        let world = desk.path().join("world.json");
        std::fs::write(&world, WORLD).expect("written");
        let imported = desk.run(&["world", "import", &world.to_string_lossy()], "");
        assert_eq!(imported.code, 0, "{imported:?}");
        desk
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, arguments: &[&str], input: &str) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gouxuan"));
        command.args(arguments).env("GOUXUAN_DATA_DIR", self.path().join("data"));
        // Nobody listens there.
        command.env("GOUXUAN_LISTEN", "127.0.0.1:1").env_remove("TRACEPARENT");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("started");
        let mut stdin = child.stdin.take().expect("a pipe");
        // A command that does not read its input may end before it was all written.
        let written = stdin.write_all(input.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().expect("ended");
        assert!(written.is_ok() || !output.status.success());
        Said::of(&output)
    }
}

#[derive(Debug)]
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    fn of(output: &Output) -> Said {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let code = output.status.code().unwrap_or(-1);
        Said { code, out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// One object a line.
    fn lines(&self) -> Vec<Value> {
        let read = |line: &str| serde_json::from_str(line).expect("JSON");
        self.out.lines().map(read).collect()
    }
}

fn id(number: u32) -> String {
    format!("0193f3a2-7c1e-7b7a-9d53-{number:012}")
}

fn task(number: u32) -> String {
    json!({"task_id": id(number), "kind": "invoice_download", "tax_no": TAX_NO}).to_string()
}

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
fn each_line_is_answered_and_one_rejected_makes_it_fail() {
    let desk = Desk::new();
    let lines = format!("{}\n\n{{\"task_id\"\n{}\n", task(1), task(2));
    let said = desk.run(&["task", "publish", "--json"], &lines);
    assert_eq!(said.code, 1, "{said:?}");
    let outcomes: Vec<(u64, String)> = said
        .lines()
        .iter()
        .map(|one| {
            let text = one["outcome"].as_str().unwrap_or_default();
            (one["line"].as_u64().unwrap_or_default(), text.to_owned())
        })
        .collect();
    let expected = [(1, "waiting"), (3, "rejected"), (4, "waiting")];
    assert_eq!(outcomes, expected.map(|(line, outcome)| (line, outcome.to_owned())));
    assert_eq!(said.err, "gouxuan: 1 of 3 messages were not taken; their reasons say why\n");
    let again = desk.run(&["task", "publish"], &lines.replace("{\"task_id\"\n", ""));
    assert_eq!(again.code, 0, "{again:?}");
    assert!(again.out.ends_with("2 messages: 2 repeated\n"), "{again:?}");
}

#[test]
fn one_message_may_stand_on_several_lines() {
    let desk = Desk::new();
    let pretty: Value = serde_json::from_str(&task(1)).expect("JSON");
    let file = desk.path().join("task.json");
    let text = serde_json::to_string_pretty(&pretty).expect("JSON");
    std::fs::write(&file, text).expect("written");
    let said = desk.run(&["task", "publish", &file.to_string_lossy()], "");
    assert_eq!((said.code, said.out.lines().count()), (0, 2), "{said:?}");
    let missing = desk.run(&["task", "publish", "/nowhere/tasks.ndjson"], "");
    assert_eq!(missing.code, 1);
    assert!(
        missing.err.starts_with("gouxuan: /nowhere/tasks.ndjson cannot be read"),
        "{missing:?}"
    );
    let empty = desk.run(&["task", "publish"], "\n\n");
    assert_eq!((empty.code, empty.err.as_str()), (1, "gouxuan: there was no message in it\n"));
}

#[test]
fn a_line_that_is_too_long_is_rejected_and_the_rest_goes_on() {
    let desk = Desk::new();
    let long = format!("{{\"task_id\": \"{}\"}}", "x".repeat(2 << 20));
    let said =
        desk.run(&["task", "publish", "--json"], &format!("{}\n{long}\n{}", task(1), task(2)));
    let outcomes: Vec<Value> = said.lines().iter().map(|one| one["outcome"].clone()).collect();
    assert_eq!(outcomes, ["waiting", "rejected", "waiting"], "{}", said.err);
}

#[test]
fn tasks_are_looked_at_cancelled_and_not_retried() {
    let desk = Desk::new();
    let published = desk.run(&["task", "publish"], &format!("{}\n{}", task(1), task(2)));
    assert_eq!(published.code, 0, "{published:?}");
    let list = desk.run(&["task", "list", "--json", "--tax-no", TAX_NO], "");
    assert_eq!(list.lines().len(), 2, "{list:?}");
    let table = desk.run(&["task", "list", "--limit", "1"], "");
    assert!(table.out.contains("处理中") && table.out.contains("there are more"), "{table:?}");
    let why = desk.run(&["task", "why", &id(1), "--json"], "");
    assert_eq!(why.lines()[0]["code"], "no_owner", "{why:?}");
    let why = desk.run(&["task", "why", &id(1)], "");
    assert!(why.out.contains("暂无工作进程"), "{why:?}");

    let cancelled = desk.run(&["task", "cancel", &id(1), "--reason", "误发", "--by", "李"], "");
    assert_eq!(cancelled.code, 0, "{cancelled:?}");
    let again = desk.run(&["task", "cancel", &id(1), "--reason", "误发"], "");
    assert_eq!(again.code, 1, "{again:?}");
    let shown = desk.run(&["task", "show", &id(1)], "");
    assert!(shown.out.contains("李") && shown.out.contains("cancelled"), "{shown:?}");
    let retry = desk.run(&["task", "retry", &id(1), "--yes", "--json"], "");
    assert_eq!(retry.code, 1, "{retry:?}");
    assert_eq!(retry.lines()[0]["retried"][0]["retry"], Value::Null);
    let none = desk.run(&["task", "retry", "--all", "--dry-run"], "");
    assert_eq!((none.code, none.out.as_str()), (0, "0 tasks may be tried again\n"));
}

#[test]
fn a_refused_task_is_retried_after_it_was_counted() {
    let desk = Desk::new();
    let refused = json!({"task_id": id(1), "kind": "deduction_select", "tax_no": TAX_NO,
        "invoices": [{"invoice_type": "01", "invoice_code": "4403", "invoice_no": "404"}]});
    let published = desk.run(&["task", "publish"], &refused.to_string());
    assert_eq!(published.code, 0, "{published:?}");
    let nobody = desk.run(&["task", "retry", "--all"], "");
    assert_eq!(nobody.code, 2, "{nobody:?}");
    assert!(nobody.err.contains("--yes"), "{nobody:?}");
    let retried = desk.run(&["task", "retry", "--state", "refused", "--yes"], "");
    assert_eq!(retried.code, 0, "{retried:?}");
    assert!(retried.out.contains("1 tasks may be tried again"), "{retried:?}");
    assert!(retried.out.contains(&format!("{} is tried again as ", id(1))), "{retried:?}");
    let watched = desk.run(&["task", "watch", "--json"], "");
    assert_eq!(watched.code, 0, "{watched:?}");
    assert_eq!(watched.lines().last().map(|counts| counts["ended"].clone()), Some(json!(2)));
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
fn invoices_are_listed_and_shown() {
    let desk = Desk::new();
    let list = desk.run(&["invoice", "list", "--json", "--tax-no", TAX_NO, "--limit", "1"], "");
    assert_eq!((list.code, list.lines().len()), (0, 1), "{list:?}");
    let number = list.lines()[0]["key"]["number"].as_str().expect("a number").to_owned();
    let table = desk.run(&["invoice", "list", "--number", &number], "");
    assert!(table.out.contains(&number) && table.out.contains("未勾选"), "{table:?}");
    let shown = desk.run(&["invoice", "show", &number, "--tax-no", TAX_NO], "");
    assert!(shown.out.contains("票面税额"), "{shown:?}");
    assert!(shown.out.contains("未查到该发票在星空的税局用票台账"), "{shown:?}");
    let nobody = desk.run(&["invoice", "show", "404", "--tax-no", TAX_NO], "");
    assert_eq!(nobody.code, 1, "{nobody:?}");
    assert!(nobody.err.starts_with("gouxuan: no invoice 404 of "), "{nobody:?}");
}

/// Without a broker the same comes in by a file, and over HTTP.
#[test]
fn write_backs_of_a_file_are_told_line_by_line() {
    let desk = Desk::new();
    let told = |version: u64, voucher: &str| {
        json!({
            "document_id": "FB-1", "version": version, "what": "voucher_made",
            "time": format!("2025-11-20T10:{version:02}:00+08:00"), "tax_no": TAX_NO,
            "invoice_no": "23442000000164214335", "entered_at": "2025-11-20T10:30:00+08:00",
            "voucher_no": voucher,
        })
    };
    let mut stranger = told(1, "记-1");
    stranger["invoice_no"] = "1".into();
    let lines =
        [told(2, "记-1"), told(1, "记-0"), told(2, "记-1"), told(2, "记-7"), stranger, json!({})];
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    let said = desk.run(&["invoice", "writeback", "-"], &lines.join("\n\n"));
    assert_eq!(said.code, 1, "{said:?}");
    let expected = [
        "line 1 written",
        "line 3 older: 该单据已有更新的版本回写，未作更改。",
        "line 5 repeated",
        "line 7 refused: 该单据版本已回写过其他内容，请提高单据版本后重新回写。",
        "line 9 no_such_invoice: 发票不存在，请先从税局下载或是上传",
        "line 11 rejected: document_id: is missing",
        "6 write-backs: 1 written, 1 repeated, 1 older, 1 refused, 1 no_such_invoice, 1 rejected",
    ];
    assert_eq!(said.out.lines().collect::<Vec<_>>(), expected);
    assert!(said.err.contains("3 of 6 write-backs were not taken"), "{said:?}");
    let shown = desk.run(&["invoice", "show", "23442000000164214335", "--tax-no", TAX_NO], "");
    assert!(shown.out.contains("记-1") && shown.out.contains("已入账"), "{shown:?}");
    let one = desk.run(&["invoice", "writeback", "-", "--json"], &told(3, "记-3").to_string());
    assert_eq!(one.code, 0, "{one:?}");
    let one: Value = serde_json::from_str(&one.out).expect("one object per line");
    assert_eq!(one, json!({"line": 1, "outcome": "written"}));
    let none = desk.run(&["invoice", "writeback", "/nowhere"], "");
    assert_eq!(none.code, 1, "{none:?}");
}

/// What the flags match becomes a draft without a question, and tasks only after one.
#[test]
fn a_batch_of_what_the_flags_match_is_asked_about() {
    let desk = Desk::new();
    let select = |id: &str, more: &[&str]| {
        let flags = ["--for", "deduction", "--tax-no", TAX_NO, "--purpose", "none"];
        desk.run(&[&["batch", "select", "--id", id], &flags[..], more].concat(), "")
    };
    let draft = select("nov", &["--draft", "--json"]);
    assert_eq!(draft.code, 0, "{draft:?}");
    let draft = draft.lines().remove(0);
    assert_eq!((&draft["state"], &draft["purpose"]), (&json!("draft"), &json!("deduction")));
    assert_eq!(draft["parts"][0]["invoices"], json!(1), "{draft}");
    assert!(desk.run(&["task", "list", "--json"], "").lines().is_empty(), "a draft has no task");
    let unasked = select("dec", &[]);
    assert_eq!(unasked.code, 2, "{unasked:?}");
    assert!(unasked.err.contains("look with --draft, or say --yes"), "{unasked:?}");
    let other = select("dec", &["--seller", "nobody", "--yes"]);
    assert_eq!(other.code, 1, "{other:?}");
    assert!(other.err.contains("no invoice matches"), "{other:?}");
    let submitted = desk.run(&["batch", "submit", "nov", "--json"], "");
    assert_eq!(submitted.code, 0, "{submitted:?}");
    assert_eq!(submitted.lines()[0]["tasks"], json!(1), "{submitted:?}");
    assert_eq!(desk.run(&["task", "list", "--json"], "").lines().len(), 1);
}

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
