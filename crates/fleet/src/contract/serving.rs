//! What comes, and stops, with the accounts that serve a tax number, beside tasks that are logged.

use super::{
    registry::{account, edit, served, taxpayer},
    scene::{ALPHA, EAST, LEQI_WIDTH, LONELY, Scene, WEST, reworded, well, world},
};
use crate::{
    import::import,
    ports::{
        StoreError,
        log::{Appended, Fate},
    },
};
use domain::{
    ids::TaskId,
    kind::Kind,
    roster::AccountEdit,
    task::StateName,
    taxpayer::Business,
    world::{Read, World, WorldAccount},
};
use uuid::Uuid;

/// The rest of the file goes in, and so does the serving of nobody's tasks.
pub async fn an_import_stops_no_receiving_while_tasks_wait(scene: &Scene) {
    let waits = scene.log(Kind::InvoiceDownload, ALPHA, EAST).await;
    let mut file = world();
    for served in &mut file.accounts[0].serves {
        (served.may, served.default_business) = (vec![Business::Issue], Business::Issue);
    }
    file.taxpayers[0].name = "新名称有限公司".into();
    let read = || Read {
        taxpayer_rows: (0..file.taxpayers.len()).collect(),
        account_rows: (7..7 + file.accounts.len()).collect(),
        world: file.clone(),
        rejected: Vec::new(),
    };
    let may = async || {
        let serves = account(scene, EAST).await.serves;
        serves.into_iter().map(|one| (one.tax_no, one.may)).collect::<Vec<_>>()
    };
    let issue = vec![Business::Issue];
    let before = may().await;
    let imported = well(import(&*scene.store, read(), LEQI_WIDTH, "test").await);
    let [refused] = &imported.rejected[..] else { panic!("{:?}", imported.rejected) };
    assert_eq!(refused.place, "accounts[7]");
    assert!(refused.problem.contains(&format!("1 unfinished tasks of tax number {ALPHA}")));
    assert!(before.iter().all(|(_, may)| *may != issue));
    let expected = before.iter().map(|(tax_no, may)| match tax_no.as_str() {
        ALPHA => (tax_no.clone(), may.clone()),
        _ => (tax_no.clone(), issue.clone()),
    });
    assert_eq!(may().await, expected.collect::<Vec<_>>());
    assert_eq!(taxpayer(scene, ALPHA).await.name, "新名称有限公司");

    let work = scene.start(waits).await;
    scene.settled(&work, super::verdicts::done()).await;
    let imported = well(import(&*scene.store, read(), LEQI_WIDTH, "test").await);
    assert_eq!(imported.rejected, []);
    assert!(may().await.iter().all(|(_, may)| *may == issue));
}

/// Judged while nobody served the tax number, logged when somebody did.
pub async fn what_would_be_held_is_judged_anew_once_an_account_has_come(scene: &Scene) {
    let mut held = scene.draft(Kind::InvoiceDownload, LONELY, WEST).await;
    (held.lane, held.fate) = (None, Fate::Hold { tax: scene.tax(LONELY).await });
    let issuing = served(LONELY, &[Business::Issue]);
    well(edit(scene, WEST, AccountEdit::Serve(issuing)).await);
    assert_eq!(scene.append_one(&held).await, Appended::Held, "it does not receive");
    well(edit(scene, WEST, AccountEdit::Serve(served(LONELY, &[Business::Both]))).await);
    let late = reworded(held, |message| message.task_id = TaskId(Uuid::from_u128(9)));
    let said = scene.store.append(std::slice::from_ref(&late)).await;
    assert!(matches!(said, Err(StoreError::Away(_))), "{said:?}");
    assert!(well(scene.store.card(late.message.task_id).await).is_none());
}

pub async fn what_is_held_while_an_account_comes_is_not_left_behind(scene: &Scene) {
    let tax = scene.tax(LONELY).await;
    let mut file = World::default();
    let west = account(scene, WEST).await;
    let serves = vec![served(LONELY, &[Business::Both])];
    file.accounts = vec![WorldAccount { serves, ..west }];
    let mut held = scene.draft(Kind::InvoiceDownload, LONELY, WEST).await;
    (held.lane, held.fate) = (None, Fate::Hold { tax });
    let tasks = std::slice::from_ref(&held);
    let (logged, imported) =
        tokio::join!(scene.store.append(tasks), scene.store.import(&file, LEQI_WIDTH));
    well(imported);
    match logged {
        Ok(_) => assert_eq!(scene.state(held.message.task_id).await, StateName::Queued),
        Err(error) => assert!(matches!(error, StoreError::Away(_)), "{error}"),
    }
}
