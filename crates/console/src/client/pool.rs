//! The invoice pool and the ledger.

use super::{Client, ClientError, NDJSON, Tasks, ndjson, request, with_query};
use crate::{
    answers::{
        InvoiceFiles, InvoicePage, InvoiceView, LedgerPage, LoadView, Resync, Submission,
        Writebacks,
    },
    api::asked::{DownloadAsked, ResyncAsked},
    filter::percent_encoded,
    invoice_query::InvoiceQuery,
    ledger_query::LedgerQuery,
};
use axum::{
    body::{Body, Bytes},
    http::Method,
};
use domain::{Moment, invoice::FileFormat};

impl Client {
    /// Tells what business documents tell; an outcome for each, with its line.
    pub async fn write_back(&self, told: Tasks<'_>) -> Result<Writebacks, ClientError> {
        let body = Body::from(ndjson(told));
        let request = request(Method::POST, "/api/v1/writebacks", NDJSON, body);
        let (status, answer) = self.exchange(request).await?;
        let mut writebacks: Writebacks = match serde_json::from_slice(&answer) {
            Ok(writebacks) => writebacks,
            Err(_) => return Err(self.refusal(status, &answer)),
        };
        for outcome in &mut writebacks.outcomes {
            if let Some((line, _)) = told.get(outcome.line.wrapping_sub(1)) {
                outcome.line = *line;
            }
        }
        Ok(writebacks)
    }

    pub async fn resync(&self, asked: &ResyncAsked) -> Result<Resync, ClientError> {
        self.post("/api/v1/invoices/resync", asked).await
    }

    pub async fn invoices(&self, query: &InvoiceQuery) -> Result<InvoicePage, ClientError> {
        self.get(&with_query("/api/v1/invoices", query.to_query())).await
    }

    pub async fn invoice(
        &self,
        tax_no: &str,
        number: &str,
        code: &str,
    ) -> Result<InvoiceView, ClientError> {
        let [tax_no, number, code] = [tax_no, number, code].map(percent_encoded);
        self.get(&format!("/api/v1/invoices/{tax_no}/{number}?code={code}")).await
    }

    pub async fn ledger(&self, query: &LedgerQuery) -> Result<LedgerPage, ClientError> {
        self.get(&with_query("/api/v1/ledger", query.to_query())).await
    }

    /// An .xlsx file of the invoices that match.
    pub async fn export_invoices(&self, query: &InvoiceQuery) -> Result<Bytes, ClientError> {
        self.saved(&with_query("/api/v1/exports/invoices.xlsx", query.to_query())).await
    }

    /// An .xlsx file of the lines of the ledger that match.
    pub async fn export_ledger(&self, query: &LedgerQuery) -> Result<Bytes, ClientError> {
        self.saved(&with_query("/api/v1/exports/ledger.xlsx", query.to_query())).await
    }

    /// The layout files that are kept of an invoice.
    pub async fn files(
        &self,
        tax_no: &str,
        number: &str,
        code: &str,
    ) -> Result<InvoiceFiles, ClientError> {
        let [tax_no, number, code] = [tax_no, number, code].map(percent_encoded);
        self.get(&format!("/api/v1/invoices/{tax_no}/{number}/files?code={code}")).await
    }

    /// The bytes of one of them.
    pub async fn file(
        &self,
        tax_no: &str,
        number: &str,
        code: &str,
        format: FileFormat,
    ) -> Result<Bytes, ClientError> {
        let [tax_no, number, code] = [tax_no, number, code].map(percent_encoded);
        let format = format.name();
        let path = format!("/api/v1/invoices/{tax_no}/{number}/files/{format}?code={code}");
        self.bytes(request(Method::GET, &path, "", Body::empty())).await
    }

    /// The template of a bulk load, an .xlsx file.
    pub async fn load_template(&self) -> Result<Bytes, ClientError> {
        self.bytes(request(Method::GET, "/api/v1/invoices/template.xlsx", "", Body::empty())).await
    }

    /// Loads a table as it stands on disk.
    pub async fn load_invoices(&self, file: Vec<u8>) -> Result<LoadView, ClientError> {
        let bytes = "application/octet-stream";
        let request = request(Method::POST, "/api/v1/invoices/load", bytes, Body::from(file));
        self.read(request).await
    }

    /// Makes a task that downloads invoices.
    pub async fn download(&self, asked: &DownloadAsked) -> Result<Submission, ClientError> {
        let body = serde_json::to_vec(asked).map_err(|error| self.broken(error))?;
        let json = "application/json";
        let request = request(Method::POST, "/api/v1/invoices/download", json, Body::from(body));
        let (status, answer) = self.exchange(request).await?;
        // An answer that it was not taken still says why.
        serde_json::from_slice(&answer).map_err(|_| self.refusal(status, &answer))
    }

    /// The rejected rows as an .xlsx file, as the site itself writes it.
    pub fn rejected_as_xlsx(
        &self,
        loaded: &LoadView,
        made_at: Moment,
    ) -> Result<Vec<u8>, ClientError> {
        let mut file = Vec::new();
        sheets::write_rejected(&loaded.rejected, made_at, &mut file)
            .map_err(|error| self.broken(error))?;
        Ok(file)
    }
}
