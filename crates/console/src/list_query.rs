//! Which lists and rows, as query parameters, and what is uploaded.

use crate::{
    filter::{address, limit, one_of, packed, several, unpacked},
    problem::Problem,
};
use domain::{
    Moment,
    list::{ListImport, Purpose, RowOutcome},
    task::{body_hash, limits},
};
use fleet::ports::lists::AfterList;
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use utoipa::IntoParams;

/// What a file is uploaded as.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct UploadQuery {
    /// Yours, at most 128 characters: uploading again with it does nothing twice
    #[serde(default)]
    pub list_id: String,
    /// `deduct` or `non_deduct`: one for the whole list
    #[serde(default)]
    pub purpose: String,
    /// As people know the file
    #[serde(default)]
    pub file_name: String,
    /// Who uploads it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_by: Option<String>,
}

impl UploadQuery {
    pub(crate) fn list(self, file: &[u8], now: Moment) -> Result<ListImport, Problem> {
        let by = self.submitted_by.as_deref().unwrap_or_default();
        for (name, text) in
            [("list_id", &*self.list_id), ("file_name", &self.file_name), ("submitted_by", by)]
        {
            if text.chars().count() > limits::NAME_CHARS || text.contains('\0') {
                let most = limits::NAME_CHARS;
                return Err(Problem::malformed(format!("{name}: at most {most} characters")));
            }
        }
        if self.list_id.is_empty() {
            return Err(Problem::malformed("list_id: is missing; choose an id for the list"));
        }
        let purpose = match &*self.purpose {
            "deduct" => Purpose::Deduct,
            "non_deduct" => Purpose::NonDeduct,
            other => {
                let names = one_of(&["deduct", "non_deduct"]);
                return Err(Problem::malformed(format!("purpose: \"{other}\": {names}")));
            }
        };
        let asked = [self.purpose.as_bytes(), b"\n", file].concat();
        let mut hash = String::new();
        for byte in body_hash(&asked) {
            write!(hash, "{byte:02x}").expect("a string grows");
        }
        let (id, name) = (self.list_id, self.file_name);
        Ok(ListImport::new(id, purpose, name, self.submitted_by, hash, now))
    }

    pub(crate) fn to_query(&self) -> String {
        address(self)
    }
}

/// Which page of lists.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// Rows at most, from 1 to 1000; 50 when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// The `next` of the page before
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl ListQuery {
    pub(crate) fn page(&self) -> Result<(Option<AfterList>, usize), Problem> {
        let after = self.after.as_deref().map(unpacked).transpose()?;
        Ok((after, limit(self.limit)?))
    }

    pub(crate) fn to_query(&self) -> String {
        address(self)
    }
}

/// Which rows of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RowsQuery {
    /// `failed`, `task_fails`, `left_out`, `listed`; several with commas between
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// After this row's number; the `next` of the page before
    #[serde(default)]
    pub after: u32,
    /// Rows at most, from 1 to 1000; 50 when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
}

impl RowsQuery {
    pub(crate) fn page(&self) -> Result<(Vec<RowOutcome>, u32, usize), Problem> {
        let names = RowOutcome::ALL.map(RowOutcome::name);
        let read = |name: &str| {
            let found = RowOutcome::ALL.into_iter().find(|result| result.name() == name);
            found.ok_or_else(|| one_of(&names))
        };
        let results = several("result", self.result.as_deref(), read)?;
        Ok((results, self.after, limit(self.limit)?))
    }

    pub(crate) fn to_query(&self) -> String {
        address(self)
    }
}

/// Where the page after this one begins.
pub(crate) fn token(list: &ListImport) -> String {
    packed(&AfterList { created_at: list.created_at, list_id: list.list_id.clone() })
}
