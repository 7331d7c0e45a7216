use super::{
    AS_APPROVED, Accepted, Approved, AskedRun, PartEvent, PartState, Run, RunPart, Seen, person,
};
use crate::{
    Moment,
    money::Fen,
    statistic::{Figures, Sum, TypeFigures},
};

fn at() -> Moment {
    "2025-12-02T01:00:00Z".parse().expect("a moment")
}

fn figures(count: i64) -> Figures {
    let deducted = Sum { count, amount: Fen(count * 100), tax: Fen(count * 13) };
    let invoice_type = "27".parse().expect("a type");
    Figures::new([TypeFigures { invoice_type, deducted, not_deducted: Sum::default() }])
}

fn seen(bureau: i64, ours: i64) -> Seen {
    Seen { bureau: figures(bureau), ours: figures(ours), asked_at: at() }
}

/// `done 2/2`: the bureau's count and ours; `approve 2/2` and `accept 2/1` are about such figures.
fn event(text: &str) -> PartEvent {
    let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
    let both = rest.split_once('/').map(|(bureau, ours)| {
        seen(bureau.parse().expect("a count"), ours.parse().expect("a count"))
    });
    let figures = both.as_ref().map(Seen::fingerprint).unwrap_or_default();
    let at = at();
    match name {
        "done" => PartEvent::Done(both),
        "failed" => PartEvent::Failed("未到统计表确认日期".into()),
        "accept" => PartEvent::Accepted(Accepted {
            by: "王".into(),
            reason: "手工勾选".into(),
            at,
            figures,
        }),
        "approve" => PartEvent::Approved(Approved { by: "李".into(), at, figures }),
        "again" => PartEvent::Again,
        "drop" => PartEvent::Dropped,
        other => panic!("{other}"),
    }
}

/// What happens, one after the other | where it stands, or `no` when the last one may not happen.
const WAYS: &str = "
 | creating
done | reading
done 2/2 | ready
done 2/1 | differs
failed | stopped
done, done 2/2 | ready
done, done | stopped
done, failed | stopped
approve 2/2 | no
done 2/1, accept 2/1 | ready
done 2/1, accept 2/2 | no
done 2/1, approve 2/1 | no
done 2/2, accept 2/2 | no
done 2/1, again | reading
done 2/1, again, done 2/2 | ready
done 2/1, again, done 2/1 | differs
done 2/1, accept 2/1, again, done 2/1 | ready
done 2/1, accept 2/1, again, done 3/1 | differs
done 2/2, approve 2/2 | rereading
done 2/2, approve 3/3 | no
done 2/2, approve 2/2, approve 2/2 | no
done 2/2, approve 2/2, done 2/2 | confirming
done 2/2, approve 2/2, done 3/3 | ready
done 2/2, approve 2/2, done 3/2 | differs
done 2/2, approve 2/2, done | stopped
done 2/2, approve 2/2, failed | stopped
done 2/2, approve 2/2, drop | no
done 2/2, approve 2/2, again | no
done 2/1, accept 2/1, approve 2/1 | rereading
done 2/1, accept 2/1, approve 2/1, done 2/1 | confirming
done 2/1, accept 2/1, approve 2/1, done 3/1 | differs
done 2/1, accept 2/1, approve 2/1, done 2/2 | ready
done 2/2, approve 2/2, done 2/2, done | confirmed
done 2/2, approve 2/2, done 2/2, failed | stopped
done 2/2, approve 2/2, done 2/2, drop | no
done 2/2, approve 2/2, done 2/2, done, again | no
failed, again | creating
failed, drop | dropped
drop | dropped
drop, again | no
done 2/2, drop | dropped
done 2/2, done 2/2 | no
";

fn after(ways: &str) -> (RunPart, bool) {
    let mut part = RunPart::new("91440300MA5G9GK78Y".parse().expect("a tax number"));
    let events = ways.split(',').map(str::trim).filter(|one| !one.is_empty());
    let mut legal = true;
    for one in events {
        assert!(legal, "{ways}: only the last may be refused");
        match part.clone().on(event(one)) {
            Ok(next) => part = next,
            Err(_) => legal = false,
        }
    }
    (part, legal)
}

#[test]
fn every_way() {
    for line in WAYS.lines().filter(|line| !line.is_empty()) {
        let (ways, expected) = line.split_once('|').expect("two columns");
        let (part, legal) = after(ways);
        let found = if legal { part.state.name() } else { "no" };
        assert_eq!(found, expected.trim(), "{line}");
    }
}

#[test]
fn nothing_is_confirmed_but_what_was_approved_and_an_approval_that_is_void_says_so() {
    for line in WAYS.lines().filter(|line| !line.is_empty()) {
        let (ways, _) = line.split_once('|').expect("two columns");
        let (part, _) = after(ways);
        let approved = part.approved.as_ref().map(|approved| approved.figures.clone());
        let seen = part.seen.as_ref().map(Seen::fingerprint);
        match part.state {
            PartState::Confirming | PartState::Confirmed => assert_eq!(approved, seen, "{line}"),
            PartState::Rereading => assert!(approved.is_some(), "{line}"),
            _ => assert_eq!(approved, None, "{line}"),
        }
    }
    let (part, _) = after("done 2/2, approve 2/2, done 3/3");
    assert_eq!(part.sentence, "统计数据在李审批后发生变化，审批已失效，请重新核对并审批。");
    let (part, _) = after("failed");
    assert_eq!(part.sentence, "未到统计表确认日期");
}

#[test]
fn a_second_person_is_another_one_however_the_name_is_written() {
    for (asked, by, may) in [
        ("Wang", "Li", true),
        ("Wang", "wang", false),
        ("Wang", " WANG ", false),
        ("Wang", "Ｗａｎｇ", false),
        ("Li Wang", "liwang", false),
        ("王", "王 ", false),
        ("王", "李", true),
        ("王", " ", false),
    ] {
        let (run, _) = asked_for(asked).into_run(at());
        assert_eq!(run.may_be_approved_by(by), may, "{asked} {by}");
    }
    assert_eq!(person("\u{feff}Ａ b"), "ab");
}

fn asked_for(by: &str) -> AskedRun {
    let body = format!(
        r#"{{"run_id": "2025-11", "period": "202511", "asked_by": "{by}",
            "password_ref": "sign-{{tax_no}}", "tax_nos": ["91440300MA5G9GK78Y"]}}"#
    );
    AskedRun::parse(body.as_bytes(), None).expect("a run")
}

fn run() -> Run {
    asked_for("王").into_run(at()).0
}

#[test]
fn a_part_asks_for_the_same_task_every_time_and_for_another_with_each_step() {
    let run = run();
    let mut ids = std::collections::BTreeSet::new();
    // One way, at each of its tasks.
    let again = "done, failed, again, done 2/2, again";
    let approved = format!("{again}, done 2/2, approve 2/2");
    let ways = ["", "done", "done, failed, again", again, &approved];
    for ways in ways {
        let (part, _) = after(ways);
        let message = run.message(&part).expect("it waits for a task");
        assert_eq!(Some(&message), run.message(&part).as_ref());
        assert_eq!(Some(message.kind), part.state.task(), "{ways}");
        assert_eq!(message.tax_period, Some(run.period));
        assert!(message.parameters.is_empty(), "only a confirmation is signed");
        ids.insert(message.task_id);
    }
    assert_eq!(ids.len(), ways.len());
    let (part, _) = after("done 2/2, approve 2/2, done 2/2");
    let confirm = run.message(&part).expect("a confirmation");
    assert_eq!(confirm.parameters["password_ref"], "sign-91440300MA5G9GK78Y");
    assert_eq!(confirm.parameters[AS_APPROVED], seen(2, 2).fingerprint());
    assert_eq!(run.message(&after("done 2/1").0), None);
}

#[test]
fn a_wrong_request_names_the_place() {
    let good = serde_json::json!({"run_id": "r", "period": "202511", "asked_by": "王",
        "tax_nos": ["91440300MA5G9GK78Y"]});
    let two = serde_json::json!(["91440300MA5G9GK78Y", "91440300MA5G9GK78Y"]);
    for (field, value, said) in [
        ("run_id", serde_json::json!(" "), "run_id: must have 1 to 128 characters"),
        ("asked_by", serde_json::json!("\u{200b}"), "asked_by: is empty"),
        ("asked_by", serde_json::json!("a\nb"), "asked_by: must have"),
        ("period", serde_json::json!("2025"), "period: "),
        ("tax_nos", serde_json::json!([]), "tax_nos: has 0 entries: name 1 to 10000"),
        ("tax_nos", serde_json::json!(["1"]), "tax_nos[0]: "),
        ("tax_nos", two, "tax_nos[1]: 91440300MA5G9GK78Y stands there twice"),
        ("password_ref", serde_json::json!("a b"), "password_ref: \"a b\" is no name of a secret"),
        ("colour", serde_json::json!("red"), "colour: is not a known key"),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let wrong = AskedRun::parse(body.to_string().as_bytes(), None).expect_err(said);
        assert!(wrong.to_string().starts_with(said), "{wrong}");
    }
    let again = AskedRun::parse(good.to_string().as_bytes(), None).expect("a run");
    let other = AskedRun { asked_by: "李".into(), ..again.clone() };
    assert_eq!(again.hash(), other.hash(), "the same run, whoever repeats it");
}

#[test]
fn who_asks_is_the_user_whatever_the_request_says() {
    let mut body = serde_json::json!({"run_id": "r", "period": "202511", "asked_by": "王",
        "tax_nos": ["91440300MA5G9GK78Y"]});
    let by = |body: &serde_json::Value, user| {
        AskedRun::parse(body.to_string().as_bytes(), user).map(|asked| asked.asked_by)
    };
    assert_eq!(by(&body, Some("李")), Ok("李".into()));
    assert_eq!(by(&body, None), Ok("王".into()));
    body.as_object_mut().expect("an object").remove("asked_by");
    assert_eq!(by(&body, Some("李")), Ok("李".into()));
    let wrong = by(&body, None).expect_err("nobody asks");
    assert_eq!(wrong.to_string(), "asked_by: is empty: write who asks, for no token tells it");
}
