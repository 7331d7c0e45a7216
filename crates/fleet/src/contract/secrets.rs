//! Sealed secrets: kept, replaced and forgotten by name.

use super::scene::{Scene, well};
use crate::ports::secrets::Sealed;
use domain::secret::SecretName;

fn name(text: &str) -> SecretName {
    text.parse().expect("a name")
}

pub async fn a_secret_is_kept_byte_for_byte_and_replaced(scene: &Scene) {
    let (one, every) = (name("one"), Sealed((0..=255).collect()));
    let store = &scene.store;
    well(store.keep_secrets(&[(one.clone(), Sealed(vec![1])), (name("two"), every.clone())]).await);
    well(
        store.keep_secrets(&[(one.clone(), Sealed(vec![])), (one.clone(), Sealed(vec![2]))]).await,
    );
    let found = well(store.secrets(&[name("two"), name("none"), one]).await);
    assert_eq!(found, [Some(every), None, Some(Sealed(vec![2]))], "in the order asked");
}

pub async fn a_secret_that_is_removed_is_gone(scene: &Scene) {
    let store = &scene.store;
    let kept = ["b", "a", "c"].map(|text| (name(text), Sealed(vec![7])));
    well(store.keep_secrets(&kept).await);
    assert_eq!(well(store.secret_names().await), ["a", "b", "c"].map(name));
    let removed = well(store.remove_secrets(&[name("b"), name("none"), name("b")]).await);
    assert_eq!(removed, [true, false, false]);
    assert_eq!(well(store.secret_names().await), ["a", "c"].map(name));
    assert_eq!(well(store.secrets(&[name("b")]).await), [None]);
}
