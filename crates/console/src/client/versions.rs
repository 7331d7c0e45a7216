//! Versions of statistic tables.

use super::{Client, ClientError, with_query};
use crate::{answers::VersionPage, filter::percent_encoded, version_query::VersionQuery};
use axum::body::Bytes;

impl Client {
    pub async fn versions(
        &self,
        tax_no: &str,
        query: &VersionQuery,
    ) -> Result<VersionPage, ClientError> {
        let path = format!("/api/v1/statistics/{}/files", percent_encoded(tax_no));
        self.get(&with_query(&path, query.to_query())).await
    }

    /// The .xlsx file of a version.
    pub async fn version_file(&self, tax_no: &str, version: &str) -> Result<Bytes, ClientError> {
        let [tax_no, version] = [tax_no, version].map(percent_encoded);
        self.saved(&format!("/api/v1/statistics/{tax_no}/files/{version}")).await
    }
}
