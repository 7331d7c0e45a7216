//! Who exists.

use super::{
    scene::{
        ALPHA, BETA, DIRECT, EAST, LEQI, LEQI_WIDTH, Scene, WEST, invoice_key, lane_key,
        settlement, tax_no, well, world,
    },
    verdicts::{done, marked},
};
use crate::ports::{
    log::{Settlement, Turn, Verdict},
    roster::Lane,
};
use domain::{
    ids::Fence,
    invoice::{InvoiceStatus, Selection},
    kind::Kind,
    period::TaxPeriod,
    taxpayer::{ChannelKind, LoginMode, TaxpayerKind},
};

pub async fn an_import_says_how_much_it_wrote(scene: &Scene) {
    let file = world();
    let imported = well(scene.store.import(&file, LEQI_WIDTH).await);
    assert_eq!(imported.taxpayers, file.taxpayers.len());
    assert_eq!((imported.accounts, imported.invoices), (4, 4));
    assert_eq!(imported.statistics, 0);
}

pub async fn taxpayers_are_told_in_the_order_asked(scene: &Scene) {
    let asked = [tax_no(DIRECT), tax_no("91440300MA5GNOBODY"), tax_no(ALPHA)];
    let found = well(scene.store.taxpayers(&asked).await);
    assert_eq!(found[1], None);
    let (direct, alpha) = (found[0].as_ref(), found[2].as_ref());
    let (direct, alpha) = (direct.expect("known"), alpha.expect("known"));
    assert_eq!((&direct.tax_no, &alpha.tax_no), (&asked[0], &asked[2]));
    assert_eq!(direct.channel_kind(), Some(ChannelKind::Leqi));
    assert_eq!((alpha.kind, alpha.period), (TaxpayerKind::General, None));
    assert_eq!(alpha.accounts, [lane_key(EAST).account]);
    assert!(direct.accounts.is_empty());
}

pub async fn every_account_has_a_lane_and_leqi_one_for_each_bureau(scene: &Scene) {
    let keys = [lane_key(WEST), lane_key("nobody"), lane_key(LEQI)];
    let found = well(scene.store.lanes_of(&keys).await);
    assert_eq!(found, [Some(scene.lane(WEST)), None, Some(scene.lane(LEQI))]);
    assert_eq!(well(scene.store.lanes(None).await).len(), 5);
    let (west, leqi) = (scene.lane_now(WEST).await, scene.lane_now(LEQI).await);
    assert_eq!((west.channel, west.width), (ChannelKind::Etax, 1));
    assert!(west.session.is_some_and(|s| s.online && s.login == LoginMode::Auto));
    assert_eq!((leqi.channel, leqi.width, leqi.session), (ChannelKind::Leqi, LEQI_WIDTH, None));
}

pub async fn what_exists_is_updated_and_keeps_its_number(scene: &Scene) {
    let before = scene.tax(ALPHA).await;
    let mut file = world();
    file.taxpayers[0].name = "新名称有限公司".into();
    file.taxpayers[0].kind = TaxpayerKind::SmallScale;
    file.invoices[0].status = InvoiceStatus::Void;
    file.invoices[0].selection = Some(Selection::Certified);
    well(scene.store.import(&file, 3).await);
    let found = well(scene.store.taxpayers(&[tax_no(ALPHA)]).await);
    let alpha = found[0].as_ref().expect("known");
    assert_eq!((alpha.id, alpha.name.as_str()), (before, "新名称有限公司"));
    assert_eq!(alpha.kind, TaxpayerKind::SmallScale);
    let invoices = well(scene.store.invoices(&[(before, invoice_key(1))]).await);
    let told = invoices[0].as_ref().map(|invoice| (invoice.status, invoice.selection));
    assert_eq!(told, Some((InvoiceStatus::Void, Selection::Certified)));
    assert_eq!(well(scene.store.lanes(None).await).len(), 5);
    assert_eq!(scene.lane_now(LEQI).await.width, 3);
}

/// What tasks have selected, and for which period, is known here and not to whoever wrote the file.
pub async fn an_import_keeps_what_the_file_does_not_say(scene: &Scene) {
    let tax = scene.tax(ALPHA).await;
    let period = "202511".parse().ok();
    let work = scene.start(scene.queue(&scene.selection(Kind::DeductionSelect, &[1]).await).await);
    let mut verdict = super::verdicts::done();
    if let Verdict::Final { pool, .. } = &mut verdict {
        pool.push(marked(invoice_key(1), Selection::Selected, period));
    }
    scene.settled(&work.await, verdict).await;
    for (said, selection, period) in [
        (None, Selection::Selected, period),
        (Some(Selection::Selected), Selection::Selected, period),
        (Some(Selection::Certified), Selection::Certified, period),
        (None, Selection::Certified, period),
        (Some(Selection::PreSelected), Selection::PreSelected, None),
        (Some(Selection::Selecting), Selection::Unselected, None),
        (None, Selection::Unselected, None),
    ] {
        let mut file = world();
        file.invoices[0].selection = said;
        file.invoices[0].status = InvoiceStatus::PartlyReversed;
        well(scene.store.import(&file, LEQI_WIDTH).await);
        let found = well(scene.store.invoices(&[(tax, invoice_key(1))]).await).remove(0);
        let found = found.expect("it is known");
        assert_eq!((found.selection, found.period), (selection, period), "{said:?}");
        assert_eq!(found.status, InvoiceStatus::PartlyReversed);
    }
}

pub async fn nothing_is_removed(scene: &Scene) {
    let mut file = world();
    file.accounts.truncate(2);
    file.accounts.remove(0);
    file.accounts[0].serves[0].tax_no = tax_no(BETA);
    file.invoices.clear();
    well(scene.store.import(&file, LEQI_WIDTH).await);
    let found = well(scene.store.taxpayers(&[tax_no(BETA), tax_no(ALPHA)]).await);
    let accounts = |n: usize| {
        let mut accounts = found[n].as_ref().expect("known").accounts.clone();
        accounts.sort_unstable();
        accounts
    };
    assert_eq!(accounts(0), [lane_key(EAST).account, lane_key(WEST).account]);
    assert_eq!(accounts(1), [lane_key(EAST).account]);
    let alpha = scene.tax(ALPHA).await;
    assert!(well(scene.store.invoices(&[(alpha, invoice_key(1))]).await)[0].is_some());
    assert_eq!(well(scene.store.lanes(None).await).len(), 5);
}

pub async fn an_import_does_not_log_anybody_in_or_out(scene: &Scene) {
    let session = scene.lane_now(EAST).await.session;
    let mut file = world();
    file.accounts[0].online = false;
    well(scene.store.import(&file, LEQI_WIDTH).await);
    assert_eq!(scene.lane_now(EAST).await.session, session);
}

pub async fn the_bureaus_period_is_remembered(scene: &Scene) {
    let [period, late]: [TaxPeriod; 2] = ["202511", "202510"].map(|p| p.parse().expect("a period"));
    let work = scene.run(Kind::InvoiceDownload, ALPHA, EAST).await;
    for (fence, period) in
        [(Fence(work.fence.0 - 1), late), (work.fence, period), (work.fence, late)]
    {
        let told = Settlement { fence, period: Some(period), ..settlement(&work, done()) };
        scene.turn(Turn { settlements: vec![told], ..Turn::default() }).await;
    }
    well(scene.store.import(&world(), LEQI_WIDTH).await);
    let found = well(scene.store.taxpayers(&[tax_no(ALPHA), tax_no(BETA)]).await);
    let periods: Vec<_> = found.iter().flatten().map(|payer| payer.period).collect();
    assert_eq!(periods, [Some(period), None]);
}

pub async fn lanes_are_told_by_their_numbers(scene: &Scene) {
    let all = well(scene.store.lanes(None).await);
    let two = [scene.lane(WEST), scene.lane(EAST)];
    let told = well(scene.store.lanes(Some(&two)).await);
    let asked: Vec<&Lane> = all.iter().filter(|lane| two.contains(&lane.id)).collect();
    assert_eq!(told.iter().collect::<Vec<_>>(), asked);
    assert_eq!(well(scene.store.lanes(Some(&[])).await), []);
}
