//! Tax bureaus and the logins at them.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr, sync::Arc};

/// One of the 36 tax bureaus, by the six-digit region code of its province or separate city.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BureauCode(u32);

/// The code is none of a bureau's region.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("\"{0}\" is not a region code of one of the 36 tax bureaus (six digits, such as 440300)")]
pub struct UnknownBureau(pub String);

/// Code and name of every bureau: 31 provinces and five cities with a bureau of their own.
pub const BUREAUS: [(u32, &str); 36] = [
    (110000, "北京"),
    (120000, "天津"),
    (130000, "河北"),
    (140000, "山西"),
    (150000, "内蒙古"),
    (210000, "辽宁"),
    (210200, "大连"),
    (220000, "吉林"),
    (230000, "黑龙江"),
    (310000, "上海"),
    (320000, "江苏"),
    (330000, "浙江"),
    (330200, "宁波"),
    (340000, "安徽"),
    (350000, "福建"),
    (350200, "厦门"),
    (360000, "江西"),
    (370000, "山东"),
    (370200, "青岛"),
    (410000, "河南"),
    (420000, "湖北"),
    (430000, "湖南"),
    (440000, "广东"),
    (440300, "深圳"),
    (450000, "广西"),
    (460000, "海南"),
    (500000, "重庆"),
    (510000, "四川"),
    (520000, "贵州"),
    (530000, "云南"),
    (540000, "西藏"),
    (610000, "陕西"),
    (620000, "甘肃"),
    (630000, "青海"),
    (640000, "宁夏"),
    (650000, "新疆"),
];

impl BureauCode {
    /// The bureau that this city or county belongs to: 440100 → 440000, 440305 → 440300.
    pub fn of_region(code: u32) -> Option<BureauCode> {
        let candidates = [code, code / 100 * 100, code / 10_000 * 10_000];
        let known = |code: &u32| BUREAUS.iter().any(|(bureau, _)| bureau == code);
        candidates.into_iter().find(known).map(BureauCode)
    }

    pub fn name(self) -> &'static str {
        let of_this = |(code, _): &&(u32, &str)| *code == self.0;
        BUREAUS.iter().find(of_this).map_or("", |(_, name)| name)
    }

    pub fn number(self) -> u32 {
        self.0
    }
}

impl FromStr for BureauCode {
    type Err = UnknownBureau;

    fn from_str(text: &str) -> Result<BureauCode, UnknownBureau> {
        let six_digits = text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit());
        let code = if six_digits { text.parse().ok() } else { None };
        code.and_then(BureauCode::of_region).ok_or_else(|| UnknownBureau(text.to_owned()))
    }
}

impl fmt::Display for BureauCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

impl fmt::Debug for BureauCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for BureauCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BureauCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<BureauCode, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A login at a bureau (电子税局账号), or [`Account::LEQI`] for the channel that has no login.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Account(Arc<str>);

/// The text cannot stand in a routing key as an account.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("\"{0}\" is not an account: 1 to 64 letters, digits, \"-\", \"_\" or \"@\"")]
pub struct NotAnAccount(pub String);

impl Account {
    /// The name that stands for the account of a 乐企 lane.
    pub const LEQI: &'static str = "leqi";

    pub fn leqi() -> Account {
        Account(Account::LEQI.into())
    }

    pub fn is_leqi(&self) -> bool {
        &*self.0 == Account::LEQI
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Account {
    type Err = NotAnAccount;

    fn from_str(text: &str) -> Result<Account, NotAnAccount> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'@');
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Account(text.into()))
        } else {
            Err(NotAnAccount(text.to_owned()))
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Account {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Account, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What names a lane: one queue, one task at a time.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct LaneKey {
    pub bureau: BureauCode,
    pub account: Account,
}

impl LaneKey {
    /// `<bureau>.<account>`, the routing key of the lane's queue.
    pub fn routing_key(&self) -> String {
        format!("{}.{}", self.bureau, self.account)
    }
}

impl fmt::Display for LaneKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.bureau, self.account)
    }
}

#[cfg(test)]
mod tests {
    use super::BureauCode;

    #[test]
    fn a_city_belongs_to_one_bureau() {
        for (region, bureau) in [
            ("440300", "440300"),
            ("440305", "440300"),
            ("440100", "440000"),
            ("440106", "440000"),
            ("210200", "210200"),
            ("210100", "210000"),
        ] {
            let code: BureauCode = region.parse().expect(region);
            assert_eq!(code.to_string(), bureau);
        }
        for wrong in ["999999", "44030", "4403000", "44o300", ""] {
            assert!(wrong.parse::<BureauCode>().is_err(), "{wrong}");
        }
    }
}
