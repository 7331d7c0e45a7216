//! Uploaded lists, and what the pool has of the invoices that their rows name.

use super::scene::{ALPHA, BETA, LEQI_WIDTH, Scene, invoice_key, seconds, tax_no, well, world};
use crate::ports::{
    batches::Kept,
    lists::{AfterList, Bought},
};
use domain::{
    invoice::Selection,
    kind::Kind,
    list::{ListImport, ListRow, ListState, Purpose, RowOutcome},
    rules::Rule,
    taxpayer::TaxpayerKind,
};

async fn list(scene: &Scene, id: &str) -> ListImport {
    let now = scene.now().await;
    let by = Some("王".to_owned());
    ListImport::new(id.into(), Purpose::NonDeduct, "清单.xlsx".into(), by, "hash".into(), now)
}

fn row(number: u32, result: RowOutcome) -> ListRow {
    ListRow {
        row: number,
        cells: ["勾选", "", "23442000000164210001", "", "3", ""].map(str::to_owned),
        result,
        rule: (result == RowOutcome::Failed).then_some(Rule::NotInPool),
        sentence: String::new(),
        entry: None,
    }
}

async fn kept(scene: &Scene, id: &str) -> ListImport {
    well(scene.store.list_import(id).await).expect("it was kept")
}

pub async fn a_list_is_kept_once(scene: &Scene) {
    let mut new = list(scene, "l").await;
    assert_eq!(well(scene.store.list_import("l").await), None);
    assert_eq!(well(scene.store.keep_list(&new).await), Kept::New);
    assert_eq!(kept(scene, "l").await, new);
    assert_eq!(well(scene.store.keep_list(&new).await), Kept::Before);
    new.asked = "another".into();
    let created_at = new.created_at;
    assert_eq!(well(scene.store.keep_list(&new).await), Kept::Other { created_at });
}

pub async fn rows_are_written_with_the_list_that_counts_them(scene: &Scene) {
    let mut new = list(scene, "l").await;
    well(scene.store.keep_list(&new).await);
    let rows = [
        row(2, RowOutcome::Failed),
        row(3, RowOutcome::Listed),
        row(5, RowOutcome::Failed),
        row(9, RowOutcome::LeftOut),
    ];
    new.begin(4);
    new.judged(&rows);
    assert!(well(scene.store.change_list(&new, &rows).await));
    let now = kept(scene, "l").await;
    assert_eq!((now.state, now.done, now.version), (ListState::Ready, 4, 1));
    let read = async |results: &[RowOutcome], after, limit| {
        let found = well(scene.store.list_rows("l", results, after, limit).await);
        found.into_iter().map(|row| row.row).collect::<Vec<_>>()
    };
    assert_eq!(well(scene.store.list_rows("l", &[], 0, 10).await), rows);
    assert_eq!(read(&[RowOutcome::Failed], 0, 10).await, [2, 5]);
    assert_eq!(read(&[RowOutcome::Failed, RowOutcome::LeftOut], 2, 10).await, [5, 9]);
    assert_eq!(read(&[], 2, 2).await, [3, 5]);
    assert_eq!(well(scene.store.list_rows("m", &[], 0, 10).await), []);
    assert!(!well(scene.store.change_list(&new, &[row(7, RowOutcome::Failed)]).await));
    assert_eq!(read(&[], 5, 10).await, [9], "of a change that came late nothing is written");
    let again = row(3, RowOutcome::Failed);
    assert!(well(scene.store.change_list(&now, std::slice::from_ref(&again)).await));
    assert_eq!(well(scene.store.list_rows("l", &[], 2, 1).await), [again]);
}

pub async fn lists_are_told_newest_first(scene: &Scene) {
    for id in ["a", "b", "c"] {
        well(scene.store.keep_list(&list(scene, id).await).await);
        scene.advance(seconds(60)).await;
    }
    let ids = async |after: Option<AfterList>, limit| {
        let found = well(scene.store.list_imports(after.as_ref(), limit).await);
        found.into_iter().map(|list| list.list_id).collect::<Vec<_>>()
    };
    assert_eq!(ids(None, 10).await, ["c", "b", "a"]);
    assert_eq!(ids(None, 1).await, ["c"]);
}

pub async fn invoices_are_found_by_their_number_whoever_bought_them(scene: &Scene) {
    let mut file = world();
    let mut of_beta = file.invoices[1].clone();
    of_beta.buyer_tax_no = tax_no(BETA);
    file.invoices[1].accounting_org = "0102".into();
    file.invoices.push(of_beta);
    well(scene.store.import(&file, LEQI_WIDTH).await);
    let task = scene.selection(Kind::DeductionSelect, &[1]).await;
    scene.queue(&task).await;
    let keys = [invoice_key(2), invoice_key(77), invoice_key(1)];
    let found = well(scene.store.bought(&keys).await);
    let told = |bought: &[Bought]| {
        let told = |one: &Bought| (one.buyer.to_string(), one.accounting_org.clone());
        bought.iter().map(told).collect::<Vec<_>>()
    };
    let (alpha, beta) = ((ALPHA.to_owned(), "0102".to_owned()), (BETA.to_owned(), String::new()));
    assert_eq!(told(&found[0]), [alpha, beta]);
    assert_eq!(found[1], []);
    assert_eq!(found[2][0].invoice.selection, Selection::Selecting);
    assert_eq!(found[2][0].invoice.key, invoice_key(1));
    assert_eq!(well(scene.store.bought(&[]).await), [] as [Vec<Bought>; 0]);
}

pub async fn an_organisation_is_as_its_taxpayers_are(scene: &Scene) {
    let mut file = world();
    for (payer, org, kind) in [
        (0, "0101", TaxpayerKind::General),
        (1, "0102", TaxpayerKind::General),
        (2, "0102", TaxpayerKind::SmallScale),
    ] {
        file.taxpayers[payer].tax_org = org.into();
        file.taxpayers[payer].kind = kind;
    }
    well(scene.store.import(&file, LEQI_WIDTH).await);
    let orgs = ["0102", "nobody's", "0101"].map(str::to_owned);
    let kinds = well(scene.store.kinds_of_orgs(&orgs).await);
    assert_eq!(kinds, [Some(TaxpayerKind::SmallScale), None, Some(TaxpayerKind::General)]);
}
