//! Sealed secrets.

use super::{SqliteStore, columns::micros, fault::Fault};
use crate::codec;
use async_trait::async_trait;
use domain::secret::SecretName;
use fleet::ports::{
    StoreError,
    secrets::{Sealed, Secrets},
};

impl SqliteStore {
    async fn keep_all(&self, secrets: &[(SecretName, Sealed)]) -> Result<(), Fault> {
        let mut tx = self.begin().await?;
        for (name, sealed) in secrets {
            sqlx::query(sql!("secrets/keep"))
                .bind(name.as_str())
                .bind(&*sealed.0)
                .bind(micros(self.now()))
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }

    async fn remove_all(&self, names: &[SecretName]) -> Result<Vec<bool>, Fault> {
        let mut tx = self.begin().await?;
        let mut removed = Vec::with_capacity(names.len());
        for name in names {
            let done =
                sqlx::query(sql!("secrets/remove")).bind(name.as_str()).execute(&mut *tx).await?;
            removed.push(done.rows_affected() > 0);
        }
        tx.commit().await?;
        Ok(removed)
    }

    async fn find_secrets(&self, names: &[SecretName]) -> Result<Vec<Option<Sealed>>, Fault> {
        let mut tx = self.read().await?;
        let mut found = Vec::with_capacity(names.len());
        for name in names {
            let sealed: Option<Vec<u8>> = sqlx::query_scalar(sql!("secrets/find"))
                .bind(name.as_str())
                .fetch_optional(&mut *tx)
                .await?;
            found.push(sealed.map(Sealed));
        }
        Ok(found)
    }

    async fn all_secret_names(&self) -> Result<Vec<SecretName>, Fault> {
        let names: Vec<String> =
            sqlx::query_scalar(sql!("secrets/names")).fetch_all(&mut *self.read().await?).await?;
        names.iter().map(|name| Ok(codec::read(name)?)).collect()
    }
}

#[async_trait]
impl Secrets for SqliteStore {
    async fn keep_secrets(&self, secrets: &[(SecretName, Sealed)]) -> Result<(), StoreError> {
        Ok(self.keep_all(secrets).await?)
    }

    async fn remove_secrets(&self, names: &[SecretName]) -> Result<Vec<bool>, StoreError> {
        Ok(self.remove_all(names).await?)
    }

    async fn secrets(&self, names: &[SecretName]) -> Result<Vec<Option<Sealed>>, StoreError> {
        Ok(self.find_secrets(names).await?)
    }

    async fn secret_names(&self) -> Result<Vec<SecretName>, StoreError> {
        Ok(self.all_secret_names().await?)
    }
}
