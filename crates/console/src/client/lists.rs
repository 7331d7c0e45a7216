//! List imports.

use super::{Client, ClientError, request, with_query};
use crate::{
    answers::{BatchShown, ListPage, ListRows, ListShown},
    api::asked::{ConfirmAsked, RowAsked},
    filter::percent_encoded,
    list_query::{ListQuery, RowsQuery, UploadQuery},
};
use axum::{
    body::{Body, Bytes},
    http::Method,
};
use domain::list::ListRow;

fn list_path(id: &str, rest: &str) -> String {
    format!("/api/v1/lists/{}{rest}", percent_encoded(id))
}

impl Client {
    /// The empty list that people fill in, an .xlsx file.
    pub async fn list_template(&self) -> Result<Bytes, ClientError> {
        self.saved("/api/v1/lists/template.xlsx").await
    }

    /// An .xlsx file as it stands on disk.
    pub async fn upload_list(
        &self,
        query: &UploadQuery,
        file: Vec<u8>,
    ) -> Result<ListShown, ClientError> {
        let path = with_query("/api/v1/lists", query.to_query());
        let octets = "application/octet-stream";
        self.read(request(Method::POST, &path, octets, Body::from(file))).await
    }

    pub async fn lists(&self, query: &ListQuery) -> Result<ListPage, ClientError> {
        self.get(&with_query("/api/v1/lists", query.to_query())).await
    }

    pub async fn list_import(&self, id: &str) -> Result<ListShown, ClientError> {
        self.get(&list_path(id, "")).await
    }

    pub async fn list_rows(&self, id: &str, query: &RowsQuery) -> Result<ListRows, ClientError> {
        self.get(&with_query(&list_path(id, "/rows"), query.to_query())).await
    }

    pub async fn change_list_row(
        &self,
        id: &str,
        row: u32,
        asked: &RowAsked,
    ) -> Result<ListRow, ClientError> {
        self.post(&list_path(id, &format!("/rows/{row}")), asked).await
    }

    pub async fn confirm_list(
        &self,
        id: &str,
        asked: &ConfirmAsked,
    ) -> Result<BatchShown, ClientError> {
        self.post(&list_path(id, "/confirm"), asked).await
    }

    /// The uploaded rows with their results, an .xlsx file.
    pub async fn list_results(&self, id: &str) -> Result<Bytes, ClientError> {
        self.saved(&list_path(id, "/results.xlsx")).await
    }
}
