//! Sealed secrets.

use super::{PostgresStore, fault::Fault};
use crate::codec;
use async_trait::async_trait;
use domain::secret::SecretName;
use fleet::ports::{
    StoreError,
    secrets::{Sealed, Secrets},
};
use std::collections::{BTreeMap, BTreeSet};

fn texts(names: &[SecretName]) -> Vec<&str> {
    names.iter().map(SecretName::as_str).collect()
}

#[async_trait]
impl Secrets for PostgresStore {
    async fn keep_secrets(&self, secrets: &[(SecretName, Sealed)]) -> Result<(), StoreError> {
        // Of several of one name the last: a row is written once in one statement.
        let last: BTreeMap<&str, &[u8]> =
            secrets.iter().map(|(name, sealed)| (name.as_str(), &*sealed.0)).collect();
        sqlx::query(sql!("secrets/keep"))
            .bind(last.keys().copied().collect::<Vec<_>>())
            .bind(last.values().copied().collect::<Vec<_>>())
            .execute(&self.pool)
            .await
            .map_err(Fault::from)?;
        Ok(())
    }

    async fn remove_secrets(&self, names: &[SecretName]) -> Result<Vec<bool>, StoreError> {
        let removed: Vec<String> = sqlx::query_scalar(sql!("secrets/remove"))
            .bind(texts(names))
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        let mut removed: BTreeSet<String> = removed.into_iter().collect();
        Ok(names.iter().map(|name| removed.remove(name.as_str())).collect())
    }

    async fn secrets(&self, names: &[SecretName]) -> Result<Vec<Option<Sealed>>, StoreError> {
        let found: Vec<(String, Vec<u8>)> = sqlx::query_as(sql!("secrets/find"))
            .bind(texts(names))
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        let found: BTreeMap<String, Vec<u8>> = found.into_iter().collect();
        Ok(names.iter().map(|name| found.get(name.as_str()).cloned().map(Sealed)).collect())
    }

    async fn secret_names(&self) -> Result<Vec<SecretName>, StoreError> {
        let names: Vec<String> = sqlx::query_scalar(sql!("secrets/names"))
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        names.iter().map(|name| codec::read(name)).collect()
    }
}
