//! Taxpayers and accounts.

use super::{Client, ClientError, request, with_query};
use crate::{
    answers::{
        AccountChanged, AccountPage, AccountShown, TaxpayerChanged, TaxpayerPage, TaxpayerShown,
    },
    api::asked::{AccountAsked, ServeAsked, TaxpayerAsked, UnserveAsked},
    filter::percent_encoded,
    registry_query::{AccountQuery, TaxpayerQuery},
};
use axum::{body::Body, http::Method};
use serde::{Serialize, de::DeserializeOwned};

impl Client {
    pub async fn taxpayers(&self, query: &TaxpayerQuery) -> Result<TaxpayerPage, ClientError> {
        self.get(&with_query("/api/v1/taxpayers", query.to_query())).await
    }

    pub async fn taxpayer(&self, tax_no: &str) -> Result<TaxpayerShown, ClientError> {
        self.get(&taxpayer_path(tax_no)).await
    }

    pub async fn set_taxpayer(
        &self,
        tax_no: &str,
        asked: &TaxpayerAsked,
    ) -> Result<TaxpayerChanged, ClientError> {
        self.put(&taxpayer_path(tax_no), asked).await
    }

    pub async fn accounts(&self, query: &AccountQuery) -> Result<AccountPage, ClientError> {
        self.get(&with_query("/api/v1/accounts", query.to_query())).await
    }

    pub async fn account(&self, bureau: &str, account: &str) -> Result<AccountShown, ClientError> {
        self.get(&account_path(bureau, account, "")).await
    }

    pub async fn set_account(
        &self,
        bureau: &str,
        account: &str,
        asked: &AccountAsked,
    ) -> Result<AccountChanged, ClientError> {
        self.put(&account_path(bureau, account, ""), asked).await
    }

    pub async fn serve(
        &self,
        bureau: &str,
        account: &str,
        asked: &ServeAsked,
    ) -> Result<AccountChanged, ClientError> {
        self.post(&account_path(bureau, account, "/serve"), asked).await
    }

    pub async fn unserve(
        &self,
        bureau: &str,
        account: &str,
        asked: &UnserveAsked,
    ) -> Result<AccountChanged, ClientError> {
        self.post(&account_path(bureau, account, "/unserve"), asked).await
    }

    async fn put<T: DeserializeOwned>(
        &self,
        path: &str,
        asked: &impl Serialize,
    ) -> Result<T, ClientError> {
        let body = serde_json::to_vec(asked).map_err(|error| self.broken(error))?;
        self.read(request(Method::PUT, path, "application/json", Body::from(body))).await
    }
}

fn taxpayer_path(tax_no: &str) -> String {
    format!("/api/v1/taxpayers/{}", percent_encoded(tax_no))
}

fn account_path(bureau: &str, account: &str, rest: &str) -> String {
    let [bureau, account] = [bureau, account].map(percent_encoded);
    format!("/api/v1/accounts/{bureau}/{account}{rest}")
}
