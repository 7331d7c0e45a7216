//! What people and other systems see: health, metrics, the HTTP API, and the operations page.
//!
//! [`router`] serves a [`Site`]; [`Client`] does the same actions from elsewhere, over HTTP or
//! on a site of its own process, so that a command behaves alike either way.

mod access;
pub mod answers;
mod api;
mod around_query;
mod audit_query;
mod automatic_query;
mod batch_query;
mod client;
mod filter;
pub mod gauges;
mod invoice_query;
mod ledger_query;
mod list_query;
mod load;
mod page;
mod probes;
mod problem;
mod registry_query;
mod router;
mod site;
mod submit;
mod version_query;
mod xlsx;

pub use access::{COMMAND_LINE, NEEDS, Need};
pub use api::{asked, file_name, openapi};
pub use around_query::{CalendarQuery, CheckQuery, MatrixQuery, RunPartQuery, RunQuery};
pub use audit_query::AuditQuery;
pub use automatic_query::RuleRunQuery;
pub use axum::body::Bytes;
pub use batch_query::{BatchLinesQuery, BatchQuery};
pub use client::{Client, ClientError, Tasks};
pub use filter::{MOST_ROWS, TaskQuery};
pub use invoice_query::InvoiceQuery;
pub use ledger_query::LedgerQuery;
pub use list_query::{ListQuery, RowsQuery, UploadQuery};
pub use problem::{Problem, Who};
pub use registry_query::{AccountQuery, TaxpayerQuery};
pub use router::{probes_only, router, serve};
pub use site::{Door, Health, Line, Metrics, Site};
pub use version_query::VersionQuery;
