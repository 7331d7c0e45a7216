//! The matrix of tax numbers, and filing days.

use super::{
    scene::{
        ALPHA, BETA, CAPITAL, EAST, LEQI_WIDTH, LONELY, NORTH, Scene, reworded, tax_no, well, world,
    },
    verdicts::{done, failed},
};
use crate::ports::{
    desk::Note,
    log::Fate,
    matrix::{MatrixFilter, MatrixRow},
};
use domain::{
    calendar::FilingDay,
    kind::Kind,
    period::TaxPeriod,
    statistic::{Stage, StatisticState},
    tax_no::TaxNo,
    world::WorldStatistic,
};

fn period(text: &str) -> TaxPeriod {
    text.parse().expect("a period")
}

fn of() -> MatrixFilter {
    MatrixFilter::of(period("202511"))
}

async fn rows(scene: &Scene, filter: &MatrixFilter) -> Vec<MatrixRow> {
    well(scene.store.matrix(filter, None, 100).await)
}

async fn row(scene: &Scene, payer: &str) -> MatrixRow {
    let found = rows(scene, &MatrixFilter { tax_no: Some(tax_no(payer)), ..of() }).await;
    assert_eq!(found.len(), 1);
    found.into_iter().next().expect("the tax number is known")
}

async fn tables(scene: &Scene, of: &[(&str, StatisticState)]) {
    let mut file = world();
    let table = |(payer, state): &(&str, StatisticState)| WorldStatistic {
        tax_no: tax_no(payer),
        tax_period: Some(period("202511")),
        state: *state,
    };
    file.statistics = of.iter().map(table).collect();
    for payer in &mut file.taxpayers {
        payer.tax_org = if payer.tax_no == tax_no(NORTH) { "03".into() } else { "01".into() };
    }
    well(scene.store.import(&file, LEQI_WIDTH).await);
}

async fn file(scene: &Scene, payer: &str, of: &str, ends_well: bool) -> domain::ids::TaskId {
    let task = scene.draft(Kind::TaxFiling, payer, EAST).await;
    let task = reworded(task, |message| message.tax_period = of.parse().ok());
    let work = scene.start(scene.queue(&task).await).await;
    scene.settled(&work, if ends_well { done() } else { failed() }).await;
    work.message.task_id
}

pub async fn every_tax_number_stands_in_its_stage(scene: &Scene) {
    tables(
        scene,
        &[
            (ALPHA, StatisticState::Generated),
            (BETA, StatisticState::Confirmed),
            (NORTH, StatisticState::NotGenerated),
        ],
    )
    .await;
    let all = rows(scene, &of()).await;
    let known: Vec<TaxNo> = all.iter().map(|row| row.tax_no.clone()).collect();
    let mut sorted = known.clone();
    sorted.sort();
    assert_eq!((known.len(), &known), (10, &sorted), "every tax number, by its number");
    assert!(all.iter().all(|row| row.stage == Stage::of(row.table, row.filed.is_some())));
    let alpha = row(scene, ALPHA).await;
    assert_eq!((alpha.stage, alpha.table), (Stage::Statistics, Some(StatisticState::Generated)));
    assert!(alpha.seen_at.is_some());
    assert_eq!(row(scene, BETA).await.stage, Stage::Confirmed);
    let lonely = row(scene, LONELY).await;
    assert_eq!((lonely.stage, lonely.table, lonely.seen_at), (Stage::Selecting, None, None));
    let other = MatrixFilter { period: period("202510"), ..of() };
    let stages: Vec<Stage> = rows(scene, &other).await.iter().map(|row| row.stage).collect();
    assert_eq!(stages, [Stage::Selecting; 10], "another period's tables do not count");
}

pub async fn a_filing_of_the_period_that_succeeded_files_it(scene: &Scene) {
    file(scene, ALPHA, "202510", true).await;
    file(scene, ALPHA, "202511", false).await;
    assert_eq!(row(scene, ALPHA).await.filed, None);
    let first = file(scene, ALPHA, "202511", true).await;
    scene.advance(super::scene::seconds(60)).await;
    file(scene, ALPHA, "202511", true).await;
    let alpha = row(scene, ALPHA).await;
    assert_eq!((alpha.stage, alpha.filed), (Stage::Filed, Some(first)));
    assert_eq!(row(scene, BETA).await.filed, None);
}

pub async fn tasks_that_have_not_ended_are_counted(scene: &Scene) {
    let first = scene.log(Kind::PeriodQuery, ALPHA, EAST).await;
    scene.log(Kind::StatisticQuery, ALPHA, EAST).await;
    let later = scene.draft(Kind::StatisticQuery, ALPHA, EAST).await;
    let (lane, tax) = (scene.lane(EAST), scene.tax(ALPHA).await);
    let run_at = Some(scene.now().await + super::scene::seconds(600));
    let fate = Fate::Queue { lane, tax, run_at };
    scene.append_one(&crate::ports::log::NewTask { fate, ..later }).await;
    assert_eq!(row(scene, ALPHA).await.open_tasks, 3, "waiting, now and later");
    let work = scene.start(first).await;
    assert_eq!(row(scene, ALPHA).await.open_tasks, 3, "running is open");
    scene.settled(&work, done()).await;
    assert_eq!(row(scene, ALPHA).await.open_tasks, 2);
    let lonely = scene.draft(Kind::StatisticQuery, LONELY, EAST).await;
    let tax = scene.tax(LONELY).await;
    let fate = Fate::Hold { tax };
    scene.append_one(&crate::ports::log::NewTask { fate, ..lonely }).await;
    assert_eq!(row(scene, LONELY).await.open_tasks, 1, "held for want of an account");
    assert_eq!(row(scene, BETA).await.open_tasks, 0);
}

pub async fn the_matrix_is_of_a_bureau_an_organisation_or_a_stage(scene: &Scene) {
    tables(scene, &[(ALPHA, StatisticState::Generated), (NORTH, StatisticState::Confirmed)]).await;
    let found = async |filter: MatrixFilter| {
        let rows = rows(scene, &filter).await;
        rows.into_iter().map(|row| row.tax_no.to_string()).collect::<Vec<_>>()
    };
    let capital = super::scene::lane_key(CAPITAL).bureau;
    assert_eq!(found(MatrixFilter { bureau: Some(capital), ..of() }).await, [NORTH]);
    assert_eq!(found(MatrixFilter { tax_org: Some("03".into()), ..of() }).await, [NORTH]);
    assert_eq!(found(MatrixFilter { stage: Some(Stage::Statistics), ..of() }).await, [ALPHA]);
    let selecting = found(MatrixFilter { stage: Some(Stage::Selecting), ..of() }).await;
    assert_eq!(selecting.len(), 8);
    let none = MatrixFilter { tax_org: Some("03".into()), stage: Some(Stage::Filed), ..of() };
    assert_eq!(found(none).await, [""; 0]);
}

pub async fn the_matrix_is_read_page_by_page(scene: &Scene) {
    let all: Vec<TaxNo> = rows(scene, &of()).await.into_iter().map(|row| row.tax_no).collect();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = well(scene.store.matrix(&of(), after.as_ref(), 3).await);
        let Some(last) = page.last() else { break };
        after = Some(last.tax_no.clone());
        seen.extend(page.into_iter().map(|row| row.tax_no));
    }
    assert_eq!(seen, all);
}

pub async fn filing_days_are_set_replaced_and_taken_back(scene: &Scene) {
    let capital = super::scene::lane_key(CAPITAL).bureau;
    let (first, second) = (period("202510"), period("202511"));
    let day = |of, bureau, day: &str| FilingDay::read(of, bureau, day).expect("a day");
    let note = |reason: &str| Note { by: "王".into(), reason: reason.into() };
    let store = &scene.store;
    for (day, reason) in [
        (day(first, None, "2025-11-24"), "国庆"),
        (day(second, None, "2025-12-15"), "规定"),
        (day(second, Some(capital), "2025-12-17"), "通知"),
        (day(second, None, "2025-12-16"), "更正"),
    ] {
        well(store.set_filing_day(&day, &note(reason)).await);
    }
    let told = async |periods: Option<&[TaxPeriod]>| {
        let days = well(store.filing_days(periods).await);
        let told = |set: crate::ports::matrix::SetFilingDay| {
            (set.day.period, set.day.bureau, set.day.day.to_string(), set.note.reason)
        };
        days.into_iter().map(told).collect::<Vec<_>>()
    };
    let of_second = [
        (second, None, "2025-12-16".to_owned(), "更正".to_owned()),
        (second, Some(capital), "2025-12-17".to_owned(), "通知".to_owned()),
    ];
    let of_first = (first, None, "2025-11-24".to_owned(), "国庆".to_owned());
    assert_eq!(told(Some(&[second])).await, of_second);
    let [country, own] = of_second;
    assert_eq!(told(None).await, [country.clone(), own.clone(), of_first.clone()]);
    assert_eq!(told(Some(&[second, first])).await, [of_first, country, own]);
    assert!(well(store.remove_filing_day(second, None).await));
    assert!(!well(store.remove_filing_day(second, None).await), "it is gone");
    assert_eq!(told(Some(&[second])).await.len(), 1);
}
