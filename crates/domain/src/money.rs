//! Money in integer fen.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// An amount of yuan in fen (0.01 yuan).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Fen(pub i64);

/// The text is no amount: yuan with at most two decimals, such as `235.64`.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("\"{0}\" is not an amount in yuan with at most two decimals")]
pub struct NotMoney(pub String);

impl FromStr for Fen {
    type Err = NotMoney;

    fn from_str(text: &str) -> Result<Fen, NotMoney> {
        let wrong = || NotMoney(text.to_owned());
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text),
        };
        let (yuan, decimals) = digits.split_once('.').unwrap_or((digits, "00"));
        let all_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !all_digits(yuan) || !all_digits(decimals) || decimals.len() > 2 || yuan.len() > 15 {
            return Err(wrong());
        }
        let yuan: i64 = yuan.parse().map_err(|_| wrong())?;
        let fen: i64 = format!("{decimals:0<2}").parse().map_err(|_| wrong())?;
        Ok(Fen(sign * (yuan * 100 + fen)))
    }
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", fen / 100, fen % 100)
    }
}

impl Serialize for Fen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fen, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Fen;

    #[test]
    fn reads_and_writes_yuan() {
        for (text, fen, shown) in [
            ("235.64", 23_564, "235.64"),
            ("2.3", 230, "2.30"),
            ("-0.05", -5, "-0.05"),
            ("7", 700, "7.00"),
        ] {
            let read: Fen = text.parse().expect(text);
            assert_eq!((read.0, read.to_string().as_str()), (fen, shown));
        }
        for wrong in ["", "1.234", "1,000.00", "１.00", "1.", ".5", "--1", "99999999999999999"] {
            assert!(wrong.parse::<Fen>().is_err(), "{wrong}");
        }
    }
}
