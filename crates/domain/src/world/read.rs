//! Reading a world file row by row: every bad row is told, the others go on. One row at a time is
//! in memory as JSON, so that a file with 100,000 invoices needs little more than its rows.

use super::{
    BureauBehaviour, FILE, World, WorldAccount, WorldError, WorldInvoice, WorldStatistic,
    WorldTaxpayer, check,
};
use crate::located::{self, Wrong};
use serde::{
    Deserializer,
    de::{DeserializeOwned, DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use std::{collections::BTreeSet, fmt, marker::PhantomData};

/// What can be used of a world file, and what cannot.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Read {
    pub world: World,
    /// In the order of the lists, inside a list in that of its rows.
    pub rejected: Vec<WorldError>,
    /// For each of the world's taxpayers its row in the file.
    pub taxpayer_rows: Vec<usize>,
    /// For each of the world's accounts its row in the file.
    pub account_rows: Vec<usize>,
}

/// Where a list stands among the rejected rows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum List {
    File,
    Taxpayers,
    Accounts,
    Invoices,
    Statistics,
    Bureau,
}

impl List {
    const NAMED: [List; 5] =
        [List::Taxpayers, List::Accounts, List::Invoices, List::Statistics, List::Bureau];

    pub(super) const fn name(self) -> &'static str {
        match self {
            List::File => FILE,
            List::Taxpayers => "taxpayers",
            List::Accounts => "accounts",
            List::Invoices => "invoices",
            List::Statistics => "statistics",
            List::Bureau => "bureau",
        }
    }

    fn named(key: &str) -> Option<List> {
        List::NAMED.into_iter().find(|list| list.name() == key)
    }
}

/// Everything that is wrong, with its place in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Rejections(Vec<(List, usize, Wrong)>);

impl Rejections {
    /// `field` is empty when it is the row itself.
    pub(super) fn row(&mut self, list: List, n: usize, field: &str, problem: impl Into<String>) {
        let place = inside(&format!("{}[{n}]", list.name()), field);
        self.0.push((list, n, Wrong::new(place, problem)));
    }

    pub(super) fn whole(&mut self, list: List, wrong: Wrong) {
        self.0.push((list, 0, wrong));
    }

    fn told(mut self) -> Vec<WorldError> {
        self.0.sort_by_key(|(list, n, _)| (*list, *n));
        self.0.into_iter().map(|(_, _, wrong)| wrong.into()).collect()
    }
}

fn inside(place: &str, field: &str) -> String {
    match field {
        "" => place.to_owned(),
        index if index.starts_with('[') => format!("{place}{index}"),
        field => format!("{place}.{field}"),
    }
}

/// A row that could be read, with its number in its list.
pub(super) type Row<T> = (usize, T);

/// A file whose rows were read, and not yet held against each other.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) taxpayers: Vec<Row<WorldTaxpayer>>,
    pub(super) accounts: Vec<Row<WorldAccount>>,
    pub(super) invoices: Vec<Row<WorldInvoice>>,
    pub(super) statistics: Vec<Row<WorldStatistic>>,
    pub(super) bureau: BureauBehaviour,
    pub(super) wrong: Rejections,
    /// Tax numbers that rows of taxpayers name which could not be read.
    pub(super) lost: BTreeSet<String>,
}

/// Reads a file; what follows from its being no JSON object of lists is an error of the whole.
pub(super) fn read(file: &[u8]) -> Result<Read, WorldError> {
    let mut deserializer = serde_json::Deserializer::from_slice(file);
    let draft = deserializer.deserialize_map(File);
    let draft = draft.and_then(|draft| deserializer.end().map(|()| draft));
    let mut draft = draft.map_err(|error| {
        let kind = if error.is_data() { "cannot be read" } else { "is not JSON" };
        WorldError::from(Wrong::new(FILE, format!("{kind}: {error}")))
    })?;
    check::check(&mut draft);
    Ok(draft.read())
}

impl Draft {
    fn read(self) -> Read {
        let (taxpayer_rows, taxpayers) = self.taxpayers.into_iter().unzip();
        let (account_rows, accounts) = self.accounts.into_iter().unzip();
        let world = World {
            taxpayers,
            accounts,
            invoices: self.invoices.into_iter().map(|(_, row)| row).collect(),
            statistics: self.statistics.into_iter().map(|(_, row)| row).collect(),
            bureau: self.bureau,
        };
        Read { world, rejected: self.wrong.told(), taxpayer_rows, account_rows }
    }
}

struct File;

impl<'de> Visitor<'de> for File {
    type Value = Draft;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with taxpayers, accounts, invoices, statistics and bureau")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Draft, A::Error> {
        let mut draft = Draft::default();
        let mut seen = BTreeSet::new();
        while let Some(key) = map.next_key::<String>()? {
            let list = List::named(&key).filter(|list| seen.insert(*list));
            let Some(list) = list else {
                map.next_value::<IgnoredAny>()?;
                draft.wrong.whole(List::File, not_taken(&key));
                continue;
            };
            match list {
                List::Taxpayers => draft.taxpayers = rows(&mut map, list, &mut draft)?,
                List::Accounts => draft.accounts = rows(&mut map, list, &mut draft)?,
                List::Invoices => draft.invoices = rows(&mut map, list, &mut draft)?,
                List::Statistics => draft.statistics = rows(&mut map, list, &mut draft)?,
                List::Bureau | List::File => {
                    let value: serde_json::Value = map.next_value()?;
                    match located::from_value(value, "") {
                        Ok(bureau) => draft.bureau = bureau,
                        Err(wrong) => {
                            let place = inside(list.name(), &wrong.field);
                            draft.wrong.whole(list, Wrong::new(place, wrong.problem));
                        }
                    }
                }
            }
        }
        Ok(draft)
    }
}

fn not_taken(key: &str) -> Wrong {
    match List::named(key) {
        Some(_) => Wrong::new(key, "stands in the file twice; the first one counts"),
        None => {
            let known = List::NAMED.map(List::name).join(", ");
            Wrong::new(key, format!("is not a known key; expected one of {known}"))
        }
    }
}

fn rows<'de, T: DeserializeOwned, A: MapAccess<'de>>(
    map: &mut A,
    list: List,
    draft: &mut Draft,
) -> Result<Vec<Row<T>>, A::Error> {
    let (wrong, lost) = (&mut draft.wrong, &mut draft.lost);
    map.next_value_seed(Rows { list, wrong, lost, row: PhantomData })
}

struct Rows<'a, T> {
    list: List,
    wrong: &'a mut Rejections,
    lost: &'a mut BTreeSet<String>,
    row: PhantomData<T>,
}

impl<'de, T: DeserializeOwned> DeserializeSeed<'de> for Rows<'_, T> {
    type Value = Vec<Row<T>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<Row<T>>, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: DeserializeOwned> Visitor<'de> for Rows<'_, T> {
    type Value = Vec<Row<T>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of {}", self.list.name())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<Row<T>>, A::Error> {
        let mut good = Vec::new();
        for n in 0.. {
            let Some(value) = seq.next_element::<serde_json::Value>()? else { break };
            let named = value.get("tax_no").and_then(|name| name.as_str()).map(str::to_owned);
            match located::from_value(value, "") {
                Ok(row) => good.push((n, row)),
                Err(wrong) => {
                    self.lost.extend(named.filter(|_| self.list == List::Taxpayers));
                    self.wrong.row(self.list, n, &wrong.field, wrong.problem);
                }
            }
            if n >= MOST_ROWS {
                return Err(A::Error::custom(format!(
                    "{} has more than {MOST_ROWS} rows; split the file",
                    self.list.name()
                )));
            }
        }
        Ok(good)
    }
}

/// Rows of one list at most.
const MOST_ROWS: usize = 1_000_000;
