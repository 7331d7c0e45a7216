//! Versions of statistic tables: kept with the task that told of them, and their files.

use super::{
    scene::{ALPHA, BETA, EAST, LEASE, LEQI_WIDTH, Scene, seconds, tax_no, well, world},
    verdicts::{done, marked},
};
use crate::ports::log::{Settled, Verdict, Work};
use domain::{
    Moment,
    ids::Fence,
    invoice::{FileHash, Mark, PoolChange, Purpose, Selection},
    kind::Kind,
    money::Fen,
    period::TaxPeriod,
    statistic::{
        Figures, KnownFigures, StatisticState, Sum, TableNote, TableVersion, TypeFigures,
        VersionFile, VersionId,
    },
    task::StateName,
};

const NOVEMBER: &str = "202511";

fn period(text: &str) -> TaxPeriod {
    text.parse().expect("a period")
}

fn figures(count: i64) -> Figures {
    let deducted = Sum { count, amount: Fen(count * 100), tax: Fen(count * 13) };
    let invoice_type = "27".parse().expect("a type");
    Figures::new([TypeFigures { invoice_type, deducted, not_deducted: Sum::default() }])
}

/// An end that says this of the table of November.
fn says(state: StatisticState, figures: Option<Figures>, at: Moment) -> Verdict {
    says_of(NOVEMBER, state, figures, at)
}

fn says_of(of: &str, state: StatisticState, figures: Option<Figures>, at: Moment) -> Verdict {
    let note = TableNote { period: Some(period(of)), state, figures, at };
    match done() {
        Verdict::Final { state, reason, lines, pool, unknown, .. } => {
            Verdict::Final { state, reason, lines, pool, unknown, statistic: Some(note) }
        }
        other => unreachable!("{other:?} ends no task"),
    }
}

/// A task that ends so.
async fn ended(scene: &Scene, kind: Kind, verdict: Verdict) -> Work {
    let work = scene.run(kind, ALPHA, EAST).await;
    scene.settled(&work, verdict).await;
    work
}

async fn versions(scene: &Scene) -> Vec<TableVersion> {
    well(scene.store.versions(&tax_no(ALPHA), None, None, 100).await)
}

/// State, what the bureau counted, and whether it was withdrawn, newest first.
async fn shown(scene: &Scene) -> Vec<(StatisticState, Option<Figures>, bool)> {
    let shown = |version: TableVersion| {
        let known = version.known.map(|known| known.figures);
        (version.state, known, version.withdrawn_at.is_some())
    };
    versions(scene).await.into_iter().map(shown).collect()
}

fn file(content: &str, read_at: Moment) -> VersionFile {
    VersionFile {
        sha256: FileHash::of(content.as_bytes()),
        bytes: 7,
        read_at,
        invoices: 3,
        accounting_orgs: vec!["0101".to_owned()],
        left_out: String::new(),
    }
}

pub async fn a_made_table_is_kept_with_its_task(scene: &Scene) {
    let file = world();
    let mine: Vec<_> =
        file.invoices.iter().filter(|one| one.buyer_tax_no == tax_no(ALPHA)).collect();
    let selects = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    let verdict = match done() {
        Verdict::Final { state, reason, lines, unknown, statistic, .. } => {
            let of = Some(period(NOVEMBER));
            let pool = vec![marked(mine[0].key(), Selection::Selected, of)];
            Verdict::Final { state, reason, lines, pool, unknown, statistic }
        }
        other => other,
    };
    scene.settled(&selects, verdict).await;
    let at = scene.now().await;
    let verdict = says(StatisticState::Generated, Some(figures(2)), at);
    let create = ended(scene, Kind::StatisticCreate, verdict).await;
    let sum = Sum::of_one(mine[0].amount, mine[0].tax);
    let expected = TableVersion {
        tax_no: tax_no(ALPHA),
        id: VersionId { period: period(NOVEMBER), order: create.fence },
        task: create.message.task_id,
        kind: Kind::StatisticCreate,
        state: StatisticState::Generated,
        known: Some(KnownFigures { figures: figures(2), asked_at: at, order: create.fence }),
        ours: Figures::of_pool([(mine[0].invoice_type, None, sum)]),
        at,
        withdrawn_at: None,
        file: None,
    };
    assert_eq!(versions(scene).await, std::slice::from_ref(&expected));
    let differences = expected.differences().expect("the bureau told its figures");
    assert_eq!(differences.rows()[0].deducted.count, 1);
    let found = well(scene.store.version(&tax_no(ALPHA), expected.id).await);
    assert_eq!(found, Some(expected.clone()));
    let other = VersionId { order: Fence(create.fence.0 + 1), ..expected.id };
    assert_eq!(well(scene.store.version(&tax_no(ALPHA), other).await), None);
    assert_eq!(well(scene.store.version(&tax_no(BETA), expected.id).await), None);
}

pub async fn what_is_kept_stays_as_it_was(scene: &Scene) {
    let at = scene.now().await;
    let generated = says(StatisticState::Generated, Some(figures(2)), at);
    let create = ended(scene, Kind::StatisticCreate, generated).await;
    // A confirmation tells no figures: the newest ones that are known stand with it.
    let later = at + seconds(60);
    let confirmed = says(StatisticState::Confirmed, None, later);
    let confirm = ended(scene, Kind::StatisticConfirm, confirmed).await;
    let all = versions(scene).await;
    let told: Vec<_> = all.iter().map(|one| (one.id.order, one.task, one.at)).collect();
    let (confirm_id, create_id) = (confirm.message.task_id, create.message.task_id);
    assert_eq!(told, [(confirm.fence, confirm_id, later), (create.fence, create_id, at)]);
    let known = KnownFigures { figures: figures(2), asked_at: at, order: create.fence };
    assert_eq!(all[0].known, Some(known));
    assert_eq!(
        (all[0].state, all[1].state),
        (StatisticState::Confirmed, StatisticState::Generated)
    );
    // The same end once more, as after a lost answer, and the pool filled anew.
    let again = says(StatisticState::Confirmed, None, later);
    let settled = scene.settle(&confirm, again).await;
    assert_eq!(settled, Settled::Before { state: StateName::Done });
    well(scene.store.import(&world(), LEQI_WIDTH).await);
    assert_eq!(versions(scene).await, all);
}

pub async fn a_query_keeps_only_what_is_news(scene: &Scene) {
    let at = scene.now().await;
    let (generated, confirmed) = (StatisticState::Generated, StatisticState::Confirmed);
    let (two, three) = (Some(figures(2)), Some(figures(3)));
    for (state, figures) in [
        (generated, two.clone()),
        (generated, two.clone()),
        (generated, three.clone()),
        (confirmed, three.clone()),
        (confirmed, three.clone()),
    ] {
        ended(scene, Kind::StatisticQuery, says(state, figures, at)).await;
    }
    let expected = [(confirmed, three.clone(), false), (generated, three, false)];
    assert_eq!(shown(scene).await, [&expected[..], &[(generated, two, false)]].concat());
    let selection = scene.selection(Kind::DeductionSelect, &[1]).await;
    let selection = scene.start(scene.queue(&selection).await).await;
    scene.settled(&selection, says(generated, None, at)).await;
    assert_eq!(shown(scene).await.len(), 3, "what refuses a selection is no operation on a table");
}

pub async fn a_withdrawal_stands_at_the_newest_version(scene: &Scene) {
    let at = scene.now().await;
    let generated = |count| says(StatisticState::Generated, Some(figures(count)), at);
    let gone = |after| says(StatisticState::NotGenerated, None, at + seconds(after));
    ended(scene, Kind::StatisticCreate, generated(1)).await;
    ended(scene, Kind::StatisticCreate, generated(2)).await;
    ended(scene, Kind::StatisticWithdraw, gone(60)).await;
    ended(scene, Kind::StatisticQuery, gone(120)).await;
    let withdrawn: Vec<_> =
        versions(scene).await.into_iter().map(|version| version.withdrawn_at).collect();
    assert_eq!(withdrawn, [Some(at + seconds(60)), None], "the first word of it counts");
    // The same table found again is another version.
    ended(scene, Kind::StatisticQuery, generated(2)).await;
    let state = StatisticState::Generated;
    let expected = [
        (state, Some(figures(2)), false),
        (state, Some(figures(2)), true),
        (state, Some(figures(1)), false),
    ];
    assert_eq!(shown(scene).await, expected);
}

pub async fn a_stale_end_keeps_no_version(scene: &Scene) {
    let stale = scene.run(Kind::StatisticQuery, ALPHA, EAST).await;
    scene.die().await;
    let told = says(StatisticState::Confirmed, Some(figures(9)), scene.now().await);
    assert_eq!(scene.settle(&stale, told).await, Settled::Stale);
    assert_eq!(versions(scene).await, []);
}

pub async fn versions_are_told_newest_first(scene: &Scene) {
    let at = scene.now().await;
    let mut ids = Vec::new();
    for of in ["202511", "202510", "202511", "202512"] {
        let verdict = says_of(of, StatisticState::Generated, None, at);
        let create = ended(scene, Kind::StatisticCreate, verdict).await;
        ids.push(VersionId { period: period(of), order: create.fence });
    }
    ids.sort_by_key(|id| std::cmp::Reverse(*id));
    let page = async |of: Option<&str>, after, limit| -> Vec<VersionId> {
        let of = of.map(period);
        let found = well(scene.store.versions(&tax_no(ALPHA), of, after, limit).await);
        found.into_iter().map(|version| version.id).collect()
    };
    assert_eq!(page(None, None, 100).await, ids);
    assert_eq!(page(None, None, 3).await, ids[..3]);
    assert_eq!(page(None, Some(ids[2]), 3).await, ids[3..]);
    assert_eq!(page(Some("202511"), None, 100).await, ids[1..3]);
    assert_eq!(page(Some("202511"), Some(ids[1]), 100).await, ids[2..3]);
    assert_eq!(page(Some("202509"), None, 100).await, []);
    assert_eq!(well(scene.store.versions(&tax_no(BETA), None, None, 100).await), []);
    let nobody = "919999999999999ZZZ".parse().expect("a tax number that nobody has");
    assert_eq!(well(scene.store.versions(&nobody, None, None, 100).await), []);
}

pub async fn a_version_without_a_file_is_due_to_one_at_a_time(scene: &Scene) {
    assert_eq!(well(scene.store.take_fileless(LEASE).await), None);
    let at = scene.now().await;
    let generated = || says(StatisticState::Generated, Some(figures(2)), at);
    ended(scene, Kind::StatisticCreate, generated()).await;
    scene.advance(seconds(1)).await;
    ended(scene, Kind::StatisticCreate, generated()).await;
    let all = versions(scene).await;
    let first = well(scene.store.take_fileless(LEASE).await);
    assert_eq!(first.as_ref(), Some(&all[1]), "the one that waits longest");
    let taken = async || well(scene.store.take_fileless(LEASE).await).map(|version| version.id);
    let (newer, older) = (Some(all[0].id), Some(all[1].id));
    assert_eq!(taken().await, newer);
    assert_eq!(taken().await, None, "whoever took them is at work");
    scene.advance(LEASE + seconds(1)).await;
    assert_eq!(taken().await, older, "or has died");
    let made = file("made", at);
    assert!(well(scene.store.note_version_file(&tax_no(ALPHA), all[1].id, &made).await));
    assert_eq!(taken().await, newer);
    scene.advance(LEASE + seconds(1)).await;
    assert_eq!(taken().await, newer, "what has a file is not due any more");
    assert_eq!(taken().await, None);
}

pub async fn of_two_files_the_first_stays(scene: &Scene) {
    let at = scene.now().await;
    let verdict = says(StatisticState::Confirmed, None, at);
    ended(scene, Kind::StatisticConfirm, verdict).await;
    let id = versions(scene).await[0].id;
    let (first, second) = (file("first", at), file("second", at + seconds(1)));
    let note =
        async |of: &str, id, file| well(scene.store.note_version_file(&tax_no(of), id, file).await);
    assert!(!note(BETA, id, &first).await, "nobody has such a version");
    let (one, other) = tokio::join!(note(ALPHA, id, &first), note(ALPHA, id, &second));
    assert_eq!(u8::from(one) + u8::from(other), 1);
    assert!(!note(ALPHA, id, &second).await);
    let kept = versions(scene).await.remove(0).file;
    assert_eq!(kept, Some(if one { first } else { second }));
}

pub async fn what_is_selected_for_a_period_is_read_page_by_page(scene: &Scene) {
    let mut file = world();
    let mine: Vec<usize> = (0..file.invoices.len())
        .filter(|n| file.invoices[*n].buyer_tax_no == tax_no(ALPHA))
        .collect();
    assert!(mine.len() >= 4, "the world has enough invoices of one buyer");
    file.invoices[mine[1]].accounting_org = "0102".to_owned();
    well(scene.store.import(&file, LEQI_WIDTH).await);
    let key = |n: usize| file.invoices[mine[n]].key();
    let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    let verdict = match done() {
        Verdict::Final { state, reason, lines, unknown, statistic, .. } => {
            let of = |text| Some(period(text));
            let rebate = Mark {
                selection: Selection::Certified,
                period: of(NOVEMBER),
                purpose: Some(Purpose::Rebate),
                ..Mark::default()
            };
            let pool = vec![
                marked(key(0), Selection::Selected, of(NOVEMBER)),
                PoolChange::marked(key(1), rebate),
                marked(key(2), Selection::Selected, of("202510")),
                marked(key(3), Selection::Selected, of(NOVEMBER)),
            ];
            Verdict::Final { state, reason, lines, pool, unknown, statistic }
        }
        other => other,
    };
    scene.settled(&work, verdict).await;
    // A task that takes one back holds it.
    scene.queue(&scene.selection(Kind::DeductionDeselect, &[1]).await).await;
    let page = async |after, limit| {
        well(scene.store.selected(&tax_no(ALPHA), period(NOVEMBER), after, limit).await)
    };
    let all = page(None, 100).await;
    let told: Vec<_> = all.iter().map(|one| (one.facts.key.clone(), one.facts.selection)).collect();
    let mut expected = [
        (key(0), Selection::Selected),
        (key(1), Selection::Certified),
        (key(3), Selection::Selected),
    ];
    expected.sort_by_key(|(key, _)| key.number.clone());
    assert_eq!(told, expected, "as the pool keeps them");
    let rebate = all.iter().find(|one| one.facts.key == key(1)).expect("it is selected");
    assert_eq!(rebate.details.purpose, Some(Purpose::Rebate));
    assert_eq!(rebate.accounting_org, "0102");
    assert_eq!(page(None, 2).await, all[..2]);
    assert_eq!(page(Some(&all[1].facts.key), 2).await, all[2..]);
    assert_eq!(well(scene.store.selected(&tax_no(BETA), period(NOVEMBER), None, 9).await), []);
}
