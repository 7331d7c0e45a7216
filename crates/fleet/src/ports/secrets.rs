//! Secrets that tasks name: kept sealed, opened for the one call that needs them.

use super::StoreError;
use async_trait::async_trait;
use domain::secret::SecretName;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use std::fmt;

/// A secret that nobody can read without the vault's key.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// An open secret: prints as `***`, and leaves only where it is spoken on purpose.
#[derive(Clone)]
pub struct Password(SecretString);

impl Password {
    pub fn new(text: impl Into<String>) -> Password {
        Password(SecretString::from(text.into()))
    }

    /// For whoever speaks it to the bureau, or seals it.
    pub fn spoken(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl PartialEq for Password {
    fn eq(&self, other: &Password) -> bool {
        self.spoken() == other.spoken()
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Password, D::Error> {
        Ok(Password(SecretString::deserialize(deserializer)?))
    }
}

/// What is kept of secrets. It never sees one open.
#[async_trait]
pub trait Secrets: Send + Sync + fmt::Debug {
    /// Keeps each under its name, in place of an earlier one; of several of one name the last.
    async fn keep_secrets(&self, secrets: &[(SecretName, Sealed)]) -> Result<(), StoreError>;

    /// Forgets them; in the order asked, whether it was known.
    async fn remove_secrets(&self, names: &[SecretName]) -> Result<Vec<bool>, StoreError>;

    /// In the order asked; None: unknown.
    async fn secrets(&self, names: &[SecretName]) -> Result<Vec<Option<Sealed>>, StoreError>;

    /// All names, in their order.
    async fn secret_names(&self) -> Result<Vec<SecretName>, StoreError>;
}

/// The machine gave no random numbers: nothing was sealed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the machine's random numbers are away; nothing was stored")]
pub struct NotSealed;

/// Whoever has the key.
pub trait Vault: Send + Sync + fmt::Debug {
    /// Seals it, bound to its name.
    fn seal(&self, name: &SecretName, secret: &Password) -> Result<Sealed, NotSealed>;

    /// None: sealed with another key, for another name, or damaged.
    fn open(&self, name: &SecretName, sealed: &Sealed) -> Option<Password>;
}
