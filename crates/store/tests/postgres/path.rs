//! The way of a task: logged, claimed, settled.

use crate::stage::{Stage, done, ended, fresh_id, new_task, stale};
use domain::{
    answer::Receipt,
    invoice::{InvoiceKey, Mark, PoolChange, Selection},
    ledger::{LedgerLine, LineOutcome},
    retry::Limits,
    schedule::Hindrance,
    task::{Act, StateName},
};
use fleet::ports::{
    archive::{Archive, TaskFilter},
    desk::{Cancelled, DeskLog, Note},
    log::{
        Appended, Claimed, Evidence, Fate, Pick, Proof, RescueLimits, RetryRefusal, Settled,
        TaskLog, Turn, Verdict,
    },
    outbox::{EventKind, Outbox},
    roster::Roster,
};
use std::time::Duration;

fn key(number: &str) -> InvoiceKey {
    InvoiceKey { code: String::new(), number: number.to_owned() }
}

#[tokio::test]
async fn a_selection_holds_its_invoices_until_its_outcome() {
    let stage = Stage::new().await;
    let task = stage.task("deduction_select", stage.first, stage.a, &["1001", "1002"]);
    let rival = stage.task("deduction_select", stage.first, stage.a, &["1002", "1003"]);
    let appended = stage.store.append(&[task.clone(), rival]).await.expect("both are logged");
    assert!(matches!(appended[0], Appended::Queued { due: true, .. }), "{appended:?}");
    let Appended::Final { state: StateName::Refused, reason, .. } = &appended[1] else {
        panic!("{appended:?}")
    };
    assert_eq!(reason, "发票勾选状态不是未勾选或预勾选，不能勾选，请先从税局下载更新");
    let asked = [(stage.a, key("1001")), (stage.a, key("1003"))];
    let pool = stage.store.invoices(&asked).await.expect("the store answers");
    assert_eq!(pool[0].as_ref().map(|invoice| invoice.selection), Some(Selection::Selecting));
    assert_eq!(pool[1], None);

    let pick = Pick {
        task: task.message.task_id,
        lane: stage.first,
        tax: stage.a,
        slot: domain::ids::Slot(0),
    };
    let work = stage.start(&pick).await;
    assert_eq!(work.message, task.message);
    let seen = work.pool[0].as_ref().map(|invoice| invoice.selection);
    assert_eq!(seen, Some(Selection::Unselected), "its own hold does not stand in its way");
    let line = |number: &str, outcome, reason: &str| LedgerLine {
        invoice: key(number),
        outcome,
        reason: reason.to_owned(),
    };
    let mark = Mark { selection: Selection::Selected, ..Mark::default() };
    let change = PoolChange::marked(key("1001"), mark);
    let verdict = Verdict::Final {
        state: StateName::Done,
        reason: String::new(),
        lines: vec![
            line("1001", LineOutcome::Succeeded, ""),
            line("1002", LineOutcome::Refused, "发票已红冲"),
        ],
        pool: vec![change],
        statistic: None,
        unknown: false,
    };
    let Settled::Written { state: StateName::Done, events } =
        stage.settle(&work, verdict.clone()).await
    else {
        panic!("it is settled")
    };
    assert!(matches!(
        stage.settle(&work, verdict.clone()).await,
        Settled::Before { state: StateName::Done }
    ));
    assert_eq!(stage.settle(&stale(&work), verdict).await, Settled::Stale);
    let pool = stage.store.invoices(&asked).await.expect("the store answers");
    assert_eq!(pool[0].as_ref().map(|invoice| invoice.selection), Some(Selection::Selected));
    assert_eq!(stage.count("SELECT count(*) FROM running").await, 0);
    assert_eq!(stage.count("SELECT count(*) FROM invoice_hold").await, 0);
    let told = stage.store.events(&events).await.expect("the store answers");
    assert_eq!(told[0].kind, EventKind::Succeeded);
    assert!(told[0].data.contains("发票已红冲"), "{}", told[0].data);
    stage.store.published(&events).await.expect("the store answers");
    assert!(stage.store.events(&events).await.expect("the store answers").is_empty());
    let card = stage.store.card(work.message.task_id).await.expect("the store answers");
    let card = card.expect("the task is known");
    assert_eq!((card.row.invoices_total, card.row.invoices_succeeded), (2, 1));
    assert_eq!((card.ledger.len(), card.why), (2, None));
}

#[tokio::test]
async fn a_claim_says_why_not() {
    let stage = Stage::new().await;
    let download = stage.queue("layout_download", stage.first, stage.a).await;
    let select = stage.queue("period_query", stage.second, stage.a).await;
    let later = stage.queue("period_query", stage.second, stage.a).await;
    let claimed = stage.claim(&[download.clone(), later.clone(), select.clone()]).await;
    let code = |claimed: &Claimed| match claimed {
        Claimed::Started(_) => "started",
        Claimed::Hindered(why) => why.code(),
    };
    let codes: Vec<_> = claimed.iter().map(code).collect();
    assert_eq!(codes, ["tax_busy", "tax_busy", "started"]);
    let again = stage.claim(std::slice::from_ref(&select)).await;
    assert_eq!(again, [Claimed::Hindered(Hindrance::Gone)], "it does not wait any more");
    let Claimed::Started(work) = &claimed[2] else { panic!("{claimed:?}") };
    stage.settle(work, Verdict::HandBack { reason: "停机".into() }).await;
    let claimed = stage.claim(std::slice::from_ref(&download)).await;
    assert!(
        matches!(&claimed[0], Claimed::Hindered(Hindrance::HigherClass { task, .. }) if *task == select.task),
        "{claimed:?}"
    );
    let claimed = stage.claim(&[later]).await;
    assert!(
        matches!(&claimed[0], Claimed::Hindered(Hindrance::EarlierPlace { task, .. }) if *task == select.task),
        "{claimed:?}"
    );
    let why = stage.store.why(download.task).await.expect("the store answers");
    assert_eq!(why.map(|why| why.code()), Some("higher_class"));
}

#[tokio::test]
async fn a_retry_is_made_once_and_only_of_what_failed() {
    let stage = Stage::new().await;
    let pick = stage.queue("invoice_issuing", stage.first, stage.a).await;
    let retry = |original: &Pick| {
        let id = fresh_id();
        let body = format!(
            r#"{{"task_id":"{id}","kind":"invoice_issuing","tax_no":"91440300MA5G9GK78Y","bureau":"440300","account":"13800000001","retry_of":"{}"}}"#,
            original.task
        );
        new_task(&body, Fate::Queue { lane: stage.first, tax: stage.a, run_at: None })
    };
    let early = stage.store.append(&[retry(&pick)]).await.expect("the store answers");
    let refused = |reason| vec![Appended::RetryRefused { reason }];
    assert_eq!(early, refused(RetryRefusal::NotFailed { state: StateName::Queued }));
    let work = stage.start(&pick).await;
    stage.settle(&work, ended(StateName::Failed, false)).await;
    let filter = TaskFilter::default();
    let retriable = stage.store.retriable(&filter, 10).await.expect("the store answers");
    assert_eq!(retriable.len(), 1);
    let (first, second) = (retry(&pick), retry(&pick));
    let id = first.message.task_id;
    let both = stage.store.append(&[first.clone(), second]).await.expect("the store answers");
    assert!(matches!(both[0], Appended::Queued { .. }), "{both:?}");
    assert_eq!(both[1..], refused(RetryRefusal::TriedAgain { retry: id }));
    let repeated = stage.store.append(&[first]).await.expect("the store answers");
    let waiting = Some((stage.first, stage.a));
    assert_eq!(repeated, [Appended::Duplicate { waiting }]);
    let filing = stage.queue("tax_filing", stage.second, stage.b).await;
    let work = stage.start(&filing).await;
    stage.settle(&work, ended(StateName::Failed, true)).await;
    let unknown = stage.store.append(&[retry(&filing)]).await.expect("the store answers");
    assert_eq!(unknown, refused(RetryRefusal::OutcomeUnknown));
}

#[tokio::test]
async fn evidence_outlives_its_holder() {
    let stage = Stage::new().await;
    let pick = stage.queue("tax_filing", stage.first, stage.a).await;
    let work = stage.start(&pick).await;
    let evidence = |what| Evidence { task: pick.task, act: Act::Submit, fence: work.fence, what };
    let noted = Turn { evidence: vec![evidence(Proof::Sending)], ..Turn::default() };
    assert_eq!(stage.turn(noted.clone()).await.evidence, [true]);
    sqlx::query("UPDATE running SET lease_until = now() - interval '1 second'")
        .execute(&stage.pool)
        .await
        .expect("the lease is over");
    let limits = RescueLimits { retry: Limits::default(), quiet: Duration::ZERO };
    let rescued = stage.store.rescue(stage.worker, limits).await.expect("the store answers");
    assert_eq!(rescued[0].state, StateName::Unclear, "an intent stands in the log");
    assert_eq!(stage.turn(noted).await.evidence, [false], "nobody holds it: nothing is sent");
    let works = stage.store.take_up(stage.worker, super::stage::LEASE, 9).await;
    let works = works.expect("the store answers");
    assert!(works[0].fence > work.fence && works[0].submissions.len() == 1);
    let late = Proof::Receipt(Receipt("late".into()));
    let noted = Turn { evidence: vec![evidence(late)], ..Turn::default() };
    assert_eq!(stage.turn(noted).await.evidence, [false], "the keys have passed on");
    assert_eq!(stage.settle(&work, done()).await, Settled::Stale);
    let card = stage.store.card(pick.task).await.expect("the store answers").expect("known");
    assert_eq!(card.submissions[0].receipt.as_deref(), Some("late"), "kept all the same");
    assert_eq!(
        stage.settle(&works[0], ended(StateName::Failed, true)).await,
        Settled::Written { state: StateName::Failed, events: vec![1] }
    );
}

#[tokio::test]
async fn without_an_intent_a_dead_workers_task_keeps_its_place() {
    let stage = Stage::new().await;
    let pick = stage.queue("tax_filing", stage.first, stage.a).await;
    let work = stage.start(&pick).await;
    sqlx::query("UPDATE running SET lease_until = now() - interval '1 second'")
        .execute(&stage.pool)
        .await
        .expect("the lease is over");
    let once = Limits { rescues: 1, ..Limits::default() };
    let limits = RescueLimits { retry: once, quiet: Duration::ZERO };
    let rescued = stage.store.rescue(stage.worker, limits).await.expect("the store answers");
    assert_eq!(rescued[0].state, StateName::Queued);
    let again = stage.start(&pick).await;
    assert_eq!((again.place, again.rescues), (work.place, 1));
    sqlx::query("UPDATE running SET lease_until = now() - interval '1 second'")
        .execute(&stage.pool)
        .await
        .expect("the lease is over");
    let rescued = stage.store.rescue(stage.worker, limits).await.expect("the store answers");
    assert_eq!(rescued[0].state, StateName::Failed, "the limit is one rescue");
}

#[tokio::test]
async fn what_has_sent_nothing_can_be_cancelled() {
    let stage = Stage::new().await;
    let waits = stage.queue("period_query", stage.first, stage.a).await;
    let runs = stage.queue("period_query", stage.second, stage.b).await;
    stage.start(&runs).await;
    let note = Note { by: "ops".into(), reason: "错误".into() };
    let unknown = domain::ids::TaskId(fresh_id());
    let cancelled = stage.store.cancel(&[waits.task, runs.task, unknown], &note).await;
    let too_late = Cancelled::TooLate { state: StateName::Running };
    assert_eq!(
        cancelled.expect("the store answers"),
        [Cancelled::Done, too_late, Cancelled::NoSuchTask]
    );
    assert_eq!(stage.claim(&[waits]).await, [Claimed::Hindered(Hindrance::Gone)]);
    assert_eq!(stage.count("SELECT count(*) FROM audit").await, 1);
}
