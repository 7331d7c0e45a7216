//! Statistic tables: their state, the bureau's figures, and our own sums.

use super::{
    scene::{ALPHA, BETA, EAST, LEQI_WIDTH, Scene, tax_no, well, world},
    verdicts::done,
};
use crate::ports::log::{Settled, Verdict};
use domain::{
    Moment,
    ids::Fence,
    invoice::{Mark, PoolChange, Purpose, Selection},
    kind::Kind,
    money::Fen,
    period::TaxPeriod,
    statistic::{Figures, KnownFigures, StatisticState, Sum, TableCard, TableNote, TypeFigures},
    world::WorldStatistic,
};

fn period(text: &str) -> TaxPeriod {
    text.parse().expect("a period")
}

fn figures(count: i64) -> Figures {
    let deducted = Sum { count, amount: Fen(count * 100), tax: Fen(count * 13) };
    let invoice_type = "27".parse().expect("a type");
    Figures::new([TypeFigures { invoice_type, deducted, not_deducted: Sum::default() }])
}

fn ended(statistic: TableNote) -> Verdict {
    match done() {
        Verdict::Final { state, reason, lines, pool, unknown, .. } => {
            let statistic = Some(statistic);
            Verdict::Final { state, reason, lines, pool, unknown, statistic }
        }
        other => unreachable!("{other:?} ends no task"),
    }
}

fn note(state: StatisticState, figures: Option<Figures>, at: Moment) -> TableNote {
    TableNote { period: Some(period("202511")), state, figures, at }
}

async fn cards(scene: &Scene, of: &str) -> Vec<TableCard> {
    let found = well(scene.store.tables(&[(tax_no(of), None)]).await).remove(0);
    found.expect("the tax number is known")
}

pub async fn they_are_imported_with_their_period(scene: &Scene) {
    let mut file = world();
    let told = |payer: &str, of: Option<&str>, state| WorldStatistic {
        tax_no: tax_no(payer),
        tax_period: of.map(period),
        state,
    };
    file.statistics = vec![
        told(ALPHA, Some("202511"), StatisticState::Generated),
        told(ALPHA, Some("202510"), StatisticState::Confirmed),
        told(BETA, Some("202511"), StatisticState::NotGenerated),
        told(BETA, None, StatisticState::Generated),
    ];
    let imported = well(scene.store.import(&file, LEQI_WIDTH).await);
    assert_eq!(imported.statistics, 3, "what names no period cannot be kept");
    let table = |of: &str, state| TableCard {
        period: period(of),
        state: Some(state),
        order: Fence(0),
        known: None,
        ours: Figures::default(),
    };
    let (confirmed, generated) = (StatisticState::Confirmed, StatisticState::Generated);
    let alpha = [table("202510", confirmed), table("202511", generated)];
    assert_eq!(cards(scene, ALPHA).await, alpha);
    assert_eq!(cards(scene, BETA).await, [table("202511", StatisticState::NotGenerated)]);
    file.statistics[0].state = StatisticState::NotGenerated;
    well(scene.store.import(&file, LEQI_WIDTH).await);
    assert_eq!(cards(scene, ALPHA).await[1], table("202511", StatisticState::NotGenerated));
    let found = well(scene.store.taxpayers(&[tax_no(ALPHA)]).await);
    let order = found[0].as_ref().map(|payer| payer.statistic_order);
    assert_eq!(order, Some(Fence(0)), "no cached reading is outdated by an import");
}

pub async fn a_settlement_writes_the_table_of_the_period_that_it_is_about(scene: &Scene) {
    let create = scene.run(Kind::StatisticCreate, ALPHA, EAST).await;
    let at = scene.now().await;
    scene.settled(&create, ended(note(StatisticState::Generated, None, at))).await;
    let table = |state| TableCard {
        period: period("202511"),
        state: Some(state),
        order: create.fence,
        known: None,
        ours: Figures::default(),
    };
    assert_eq!(cards(scene, ALPHA).await, [table(StatisticState::Generated)]);
    let mut file = world();
    let (tax_period, state) = (Some(period("202511")), StatisticState::Confirmed);
    file.statistics = vec![WorldStatistic { tax_no: tax_no(ALPHA), tax_period, state }];
    well(scene.store.import(&file, LEQI_WIDTH).await);
    assert_eq!(cards(scene, ALPHA).await, [table(state)], "an import updates the state alone");
}

pub async fn the_newest_figures_stay_with_their_moment_and_fence(scene: &Scene) {
    let query = scene.run(Kind::StatisticQuery, ALPHA, EAST).await;
    let asked_at = scene.now().await;
    let told = note(StatisticState::NotGenerated, Some(figures(2)), asked_at);
    scene.settled(&query, ended(told)).await;
    let known = |of: &Figures, order| Some(KnownFigures { figures: of.clone(), asked_at, order });
    assert_eq!(cards(scene, ALPHA).await[0].known, known(&figures(2), query.fence));
    // An operation that tells none leaves them as they were.
    let create = scene.run(Kind::StatisticCreate, ALPHA, EAST).await;
    let later = asked_at + super::scene::seconds(60);
    scene.settled(&create, ended(note(StatisticState::Generated, None, later))).await;
    let card = cards(scene, ALPHA).await.remove(0);
    assert_eq!((card.state, card.order), (Some(StatisticState::Generated), create.fence));
    assert_eq!(card.known, known(&figures(2), query.fence));
    let again = scene.run(Kind::StatisticQuery, ALPHA, EAST).await;
    let told = note(StatisticState::Generated, Some(Figures::default()), asked_at);
    scene.settled(&again, ended(told)).await;
    let card = cards(scene, ALPHA).await.remove(0);
    assert_eq!(card.known, known(&Figures::default(), again.fence), "a table may count nothing");
    assert_eq!(card.differences(), Some(Figures::default()));
}

pub async fn an_older_fence_changes_nothing(scene: &Scene) {
    let stale = scene.run(Kind::StatisticQuery, ALPHA, EAST).await;
    scene.die().await;
    let at = scene.now().await;
    let told = ended(note(StatisticState::Confirmed, Some(figures(9)), at));
    assert_eq!(scene.settle(&stale, told).await, Settled::Stale);
    assert_eq!(cards(scene, ALPHA).await, [], "nothing of a stale settlement is written");
}

pub async fn our_own_sums_are_by_type_and_purpose(scene: &Scene) {
    let mut file = world();
    let mine: Vec<usize> = (0..file.invoices.len())
        .filter(|n| file.invoices[*n].buyer_tax_no == tax_no(ALPHA))
        .collect();
    assert!(mine.len() >= 4, "the world has enough invoices of one buyer");
    file.invoices[mine[1]].details.purpose = Some(Purpose::NonDeduction);
    file.invoices[mine[2]].details.purpose = Some(Purpose::Rebate);
    well(scene.store.import(&file, LEQI_WIDTH).await);
    let work = scene.run(Kind::PeriodQuery, ALPHA, EAST).await;
    let change = |n: &usize| {
        let mark = Mark {
            selection: Selection::Selected,
            period: Some(period("202511")),
            purpose: file.invoices[*n].details.purpose,
            ..Mark::default()
        };
        PoolChange::marked(file.invoices[*n].key(), mark)
    };
    let verdict = match done() {
        Verdict::Final { state, reason, lines, unknown, statistic, .. } => {
            let pool = mine[..3].iter().map(change).collect();
            Verdict::Final { state, reason, lines, pool, unknown, statistic }
        }
        other => other,
    };
    scene.settled(&work, verdict).await;
    let (one, other) = (&file.invoices[mine[0]], &file.invoices[mine[1]]);
    let expected = Figures::of_pool([
        (one.invoice_type, None, Sum::of_one(one.amount, one.tax)),
        (other.invoice_type, Some(Purpose::NonDeduction), Sum::of_one(other.amount, other.tax)),
    ]);
    let card = cards(scene, ALPHA).await.remove(0);
    assert_eq!((card.period, card.state, &card.ours), (period("202511"), None, &expected));
    assert_eq!(card.differences(), None, "the bureau has told nothing yet");
    assert!(cards(scene, BETA).await.is_empty(), "each buyer's own");
}

pub async fn a_batch_is_answered_in_its_order(scene: &Scene) {
    let create = scene.run(Kind::StatisticCreate, ALPHA, EAST).await;
    let at = scene.now().await;
    let told = note(StatisticState::Generated, Some(figures(1)), at);
    scene.settled(&create, ended(told)).await;
    let nobody = "919999999999999ZZZ".parse().expect("a tax number that nobody has");
    let of = [
        (nobody, None),
        (tax_no(ALPHA), Some(period("202510"))),
        (tax_no(BETA), None),
        (tax_no(ALPHA), Some(period("202511"))),
    ];
    let found = well(scene.store.tables(&of).await);
    let told: Vec<Option<Vec<_>>> = found
        .iter()
        .map(|cards| Some(cards.as_ref()?.iter().map(|card| (card.period, card.state)).collect()))
        .collect();
    let generated = Some(StatisticState::Generated);
    assert_eq!(
        told,
        [
            None,
            Some(vec![(period("202510"), None)]),
            Some(vec![]),
            Some(vec![(period("202511"), generated)]),
        ]
    );
}
