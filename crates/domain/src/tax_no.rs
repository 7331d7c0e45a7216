//! Tax numbers (税号).

use serde::{Deserialize, Deserializer, Serialize};
use std::{fmt, str::FromStr, sync::Arc};

/// A taxpayer's number: 15 to 20 digits and capital letters.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct TaxNo(Arc<str>);

/// The text is no tax number.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("\"{0}\" is not a tax number: 15 to 20 digits and capital letters")]
pub struct NotATaxNo(pub String);

impl TaxNo {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TaxNo {
    type Err = NotATaxNo;

    fn from_str(text: &str) -> Result<TaxNo, NotATaxNo> {
        let well_formed = (15..=20).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        if well_formed { Ok(TaxNo(text.into())) } else { Err(NotATaxNo(text.to_owned())) }
    }
}

impl fmt::Display for TaxNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TaxNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for TaxNo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<TaxNo, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
