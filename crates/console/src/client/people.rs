//! Users, rights and the audit.

use super::{Client, ClientError, request, with_query};
use crate::{
    answers::{AuditPage, Me, UserKept, UserRemoved, Users},
    api::asked::UserAsked,
    audit_query::AuditQuery,
    filter::percent_encoded,
};
use axum::{body::Body, http::Method};

fn user_path(name: &str) -> String {
    format!("/api/v1/users/{}", percent_encoded(name))
}

impl Client {
    pub async fn me(&self) -> Result<Me, ClientError> {
        self.get("/api/v1/me").await
    }

    pub async fn users(&self) -> Result<Users, ClientError> {
        self.get("/api/v1/users").await
    }

    pub async fn keep_user(&self, name: &str, asked: &UserAsked) -> Result<UserKept, ClientError> {
        let body = serde_json::to_vec(asked).map_err(|error| self.broken(error))?;
        let json = "application/json";
        self.read(request(Method::PUT, &user_path(name), json, Body::from(body))).await
    }

    pub async fn remove_user(&self, name: &str) -> Result<UserRemoved, ClientError> {
        self.read(request(Method::DELETE, &user_path(name), "", Body::empty())).await
    }

    pub async fn audit(&self, query: &AuditQuery) -> Result<AuditPage, ClientError> {
        self.get(&with_query("/api/v1/audit", query.to_query())).await
    }
}
