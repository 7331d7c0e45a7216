//! Stored secrets: tasks name them, and never hold them.

use serde::{Deserialize, Deserializer, Serialize};
use std::{fmt, str::FromStr};

/// Characters of a name at most.
const CHARS: usize = 64;

/// The name of a stored secret, such as `confirm-440300`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize)]
#[serde(transparent)]
pub struct SecretName(String);

/// The text cannot name a secret.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("is no name of a secret: 1 to 64 letters, digits, dots, dashes and underscores of ASCII")]
pub struct NotASecretName;

impl SecretName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SecretName {
    type Err = NotASecretName;

    fn from_str(text: &str) -> Result<SecretName, NotASecretName> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let fits = (1..=CHARS).contains(&text.len()) && text.bytes().all(allowed);
        if fits { Ok(SecretName(text.to_owned())) } else { Err(NotASecretName) }
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for SecretName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<SecretName, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::SecretName;

    #[test]
    fn names() {
        for good in ["a", "confirm-440300", "A.b_c-9", &"x".repeat(64)] {
            assert!(good.parse::<SecretName>().is_ok(), "{good}");
        }
        for wrong in ["", "a b", "口令", "a/b", &"x".repeat(65)] {
            assert!(wrong.parse::<SecretName>().is_err(), "{wrong}");
        }
    }
}
