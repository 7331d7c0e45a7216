//! Sealed secrets.

use super::MemoryStore;
use crate::ports::{
    StoreError,
    secrets::{Sealed, Secrets},
};
use async_trait::async_trait;
use domain::secret::SecretName;

#[async_trait]
impl Secrets for MemoryStore {
    async fn keep_secrets(&self, secrets: &[(SecretName, Sealed)]) -> Result<(), StoreError> {
        self.open().secrets.extend(secrets.iter().cloned());
        Ok(())
    }

    async fn remove_secrets(&self, names: &[SecretName]) -> Result<Vec<bool>, StoreError> {
        let mut book = self.open();
        Ok(names.iter().map(|name| book.secrets.remove(name).is_some()).collect())
    }

    async fn secrets(&self, names: &[SecretName]) -> Result<Vec<Option<Sealed>>, StoreError> {
        let book = self.open();
        Ok(names.iter().map(|name| book.secrets.get(name).cloned()).collect())
    }

    async fn secret_names(&self) -> Result<Vec<SecretName>, StoreError> {
        Ok(self.open().secrets.keys().cloned().collect())
    }
}
