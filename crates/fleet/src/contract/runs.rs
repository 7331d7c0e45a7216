//! Confirmation runs: kept once, changed by who read last, never approved by who asked.

use super::{
    scene::{ALPHA, BETA, EAST, LEQI_WIDTH, NORTH, Scene, reworded, seconds, tax_no, well, world},
    verdicts::failed,
};
use crate::ports::{
    batches::Kept,
    log::NewTask,
    runs::{AfterRun, MovingPart, PartsChanged},
};
use domain::{
    Moment,
    kind::Kind,
    run::{Approved, AskedRun, PartEvent, PartState, Run, RunPart, Seen},
    statistic::Figures,
    task::StateName,
};

fn asked(id: &str, tax_nos: &[&str]) -> AskedRun {
    AskedRun {
        run_id: id.into(),
        period: "202511".parse().expect("a period"),
        asked_by: "Wang".into(),
        password_ref: None,
        tax_nos: tax_nos.iter().map(|of| tax_no(of)).collect(),
    }
}

async fn keep(scene: &Scene, id: &str) -> (Run, Vec<RunPart>) {
    let (run, parts) = asked(id, &[BETA, ALPHA]).into_run(scene.now().await);
    assert_eq!(well(scene.store.keep_run(&run, &parts).await), Kept::New);
    (run, parts)
}

async fn part(scene: &Scene, id: &str, of: &str) -> RunPart {
    let found = well(scene.store.parts_of(id, &[tax_no(of)]).await).remove(0);
    found.expect("it is a part of it")
}

async fn changed(scene: &Scene, id: &str, part: RunPart) -> PartsChanged {
    well(scene.store.change_parts(id, &[part]).await)
}

fn nothing_counted(at: Moment) -> Seen {
    Seen { bureau: Figures::default(), ours: Figures::default(), asked_at: at }
}

pub async fn a_run_is_kept_once_with_its_parts(scene: &Scene) {
    let (run, parts) = keep(scene, "r").await;
    assert_eq!(well(scene.store.run("r").await), Some(run.clone()));
    assert_eq!(well(scene.store.run("s").await), None);
    assert_eq!(well(scene.store.keep_run(&run, &parts).await), Kept::Before);
    let (other, few) = asked("r", &[ALPHA]).into_run(scene.now().await);
    let created_at = run.created_at;
    assert_eq!(well(scene.store.keep_run(&other, &few).await), Kept::Other { created_at });
    let found = well(scene.store.run_parts("r", &[], None, 10).await);
    let (alpha, beta) = (parts[1].clone(), parts[0].clone());
    assert_eq!(found, [alpha.clone(), beta.clone()], "by tax number");
    let first = tax_no(ALPHA);
    let after = well(scene.store.run_parts("r", &[], Some(&first), 10).await);
    assert_eq!(after, std::slice::from_ref(&beta));
    assert_eq!(well(scene.store.run_parts("r", &[PartState::Ready], None, 10).await), []);
    let of = [tax_no(BETA), tax_no(NORTH), tax_no(ALPHA)];
    assert_eq!(well(scene.store.parts_of("r", &of).await), [Some(beta), None, Some(alpha)]);
    assert_eq!(well(scene.store.run_counts("r").await), [(PartState::Creating, 2)]);
}

pub async fn of_two_that_keep_a_run_at_once_one_is_new(scene: &Scene) {
    let (run, parts) = asked("r", &[BETA, ALPHA]).into_run(scene.now().await);
    let store = &scene.store;
    let (one, other) = tokio::join!(store.keep_run(&run, &parts), store.keep_run(&run, &parts));
    let mut kept = [well(one), well(other)];
    kept.sort_by_key(|kept| *kept != Kept::New);
    assert_eq!(kept, [Kept::New, Kept::Before]);
}

pub async fn runs_are_told_newest_first(scene: &Scene) {
    let now = scene.now().await;
    let mut kept = Vec::new();
    for (n, id) in ["a", "b", "c"].into_iter().enumerate() {
        let (run, parts) = asked(id, &[ALPHA]).into_run(now + seconds(n as u64));
        well(scene.store.keep_run(&run, &parts).await);
        kept.push(run);
    }
    let second = kept.remove(1);
    let ids = async |after: Option<AfterRun>, limit| {
        let found = well(scene.store.runs(None, after.as_ref(), limit).await);
        found.into_iter().map(|run| run.run_id).collect::<Vec<_>>()
    };
    assert_eq!(ids(None, 2).await, ["c", "b"]);
    let after = AfterRun { created_at: second.created_at, run_id: second.run_id };
    assert_eq!(ids(Some(after), 2).await, ["a"]);
}

pub async fn runs_are_held_to_organisations_by_all_their_tax_numbers(scene: &Scene) {
    let mut file = world();
    for payer in &mut file.taxpayers {
        payer.tax_org = match payer.tax_no.as_str() {
            ALPHA => "01".into(),
            BETA => "02".into(),
            _ => String::new(),
        };
    }
    well(scene.store.import(&file, LEQI_WIDTH).await);
    let now = scene.now().await;
    let nobodys = "91440300MA5GNOBOD1";
    for (n, (id, of)) in [
        ("a", &[ALPHA][..]),
        ("b", &[BETA]),
        ("c", &[BETA, ALPHA]),
        ("d", &[ALPHA, NORTH]),
        ("e", &[ALPHA, nobodys]),
        ("f", &[ALPHA]),
    ]
    .into_iter()
    .enumerate()
    {
        let (run, parts) = asked(id, of).into_run(now + seconds(n as u64));
        well(scene.store.keep_run(&run, &parts).await);
    }
    for (within, expected) in [
        (None, &["f", "e", "d", "c", "b", "a"][..]),
        (Some(&["01"][..]), &["f", "a"]),
        (Some(&["02"]), &["b"]),
        (Some(&["02", "01"]), &["f", "c", "b", "a"]),
        // NORTH has no organisation: an empty one does not stand for that.
        (Some(&["01", ""]), &["f", "a"]),
        (Some(&["03"]), &[]),
        (Some(&[]), &[]),
    ] {
        let within: Option<Vec<String>> =
            within.map(|orgs| orgs.iter().map(|org| (*org).to_owned()).collect());
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = well(scene.store.runs(within.as_deref(), after.as_ref(), 1).await);
            let Some(run) = page.into_iter().next() else { break };
            after = Some(AfterRun { created_at: run.created_at, run_id: run.run_id.clone() });
            seen.push(run.run_id);
        }
        assert_eq!(seen, expected, "{within:?}");
    }
}

pub async fn a_part_is_changed_by_who_read_it_last(scene: &Scene) {
    keep(scene, "r").await;
    let mine = part(scene, "r", ALPHA).await;
    let others = mine.clone();
    let stopped = mine.on(PartEvent::Failed("未提交".into())).expect("it was creating");
    let written = PartsChanged::Written(vec![true]);
    assert_eq!(changed(scene, "r", stopped.clone()).await, written);
    let now = part(scene, "r", ALPHA).await;
    assert_eq!(now, RunPart { version: stopped.version + 1, ..stopped });
    let dropped = others.on(PartEvent::Dropped).expect("it was creating");
    assert_eq!(changed(scene, "r", dropped).await, PartsChanged::Written(vec![false]));
    assert_eq!(part(scene, "r", ALPHA).await, now);
    let nobodys = RunPart::new(tax_no(NORTH));
    assert_eq!(changed(scene, "r", nobodys.clone()).await, PartsChanged::Written(vec![false]));
    assert_eq!(changed(scene, "s", nobodys).await, PartsChanged::NoSuchRun);
    let counts = [(PartState::Creating, 1), (PartState::Stopped, 1)];
    assert_eq!(well(scene.store.run_counts("r").await), counts);
}

pub async fn who_asked_for_a_run_never_approves_it(scene: &Scene) {
    keep(scene, "r").await;
    let at = scene.now().await;
    let seen = nothing_counted(at);
    let figures = seen.fingerprint();
    for of in [ALPHA, BETA] {
        let ready = part(scene, "r", of).await.on(PartEvent::Done(Some(seen.clone())));
        changed(scene, "r", ready.expect("it was creating")).await;
    }
    let approve = |part: RunPart, by: &str| {
        let approved = Approved { by: by.into(), at, figures: figures.clone() };
        part.on(PartEvent::Approved(approved)).expect("it was ready")
    };
    let (alpha, beta) = (part(scene, "r", ALPHA).await, part(scene, "r", BETA).await);
    for same in ["Wang", " wANG ", "Ｗａｎｇ", " "] {
        let both = [approve(alpha.clone(), "Li"), approve(beta.clone(), same)];
        let refused = well(scene.store.change_parts("r", &both).await);
        assert_eq!(refused, PartsChanged::SamePerson, "{same}");
    }
    assert_eq!(part(scene, "r", ALPHA).await, alpha, "nothing of it was written");
    let both = [approve(beta, "Li"), approve(alpha, "Li")];
    let written = well(scene.store.change_parts("r", &both).await);
    assert_eq!(written, PartsChanged::Written(vec![true, true]));
    assert_eq!(part(scene, "r", ALPHA).await.state, PartState::Rereading);
}

async fn moving(scene: &Scene) -> Vec<MovingPart> {
    well(scene.store.moving_parts(None, 10).await)
}

pub async fn parts_whose_task_is_missing_or_has_ended_can_be_gone_on_with(scene: &Scene) {
    let (run, _) = keep(scene, "r").await;
    let found = moving(scene).await;
    assert_eq!(found.len(), 2, "no task is in the log yet");
    assert!(found.iter().all(|moving| moving.ended.is_none() && moving.run == run));
    let alpha = part(scene, "r", ALPHA).await;
    let message = run.message(&alpha).expect("it waits for a task");
    let draft: NewTask = scene.draft(Kind::StatisticCreate, ALPHA, EAST).await;
    let task = reworded(draft, |draft| *draft = message.clone());
    let logged = scene.queue(&task).await;
    let found = moving(scene).await;
    assert_eq!(found.len(), 1, "one has its task");
    assert_eq!(found[0].part.tax_no, tax_no(BETA));
    let work = scene.start(logged).await;
    scene.settled(&work, failed()).await;
    let found = well(scene.store.moving_parts(Some("r"), 10).await);
    let ended = found.iter().find(|moving| moving.part.tax_no == tax_no(ALPHA));
    let ended = ended.expect("its task has ended");
    assert_eq!(ended.task, message.task_id);
    assert_eq!(ended.ended.as_ref().map(|(state, _)| *state), Some(StateName::Failed));
    let stopped = alpha.on(PartEvent::Failed("失败".into())).expect("it was creating");
    changed(scene, "r", stopped).await;
    assert_eq!(moving(scene).await.len(), 1, "it waits for a person");
    assert_eq!(well(scene.store.moving_parts(Some("s"), 10).await), []);
}
