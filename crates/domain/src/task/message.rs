//! The task message: what upstream systems publish.

use crate::{
    Moment,
    bureau::{Account, BureauCode},
    ids::TaskId,
    invoice::TaskInvoice,
    kind::Kind,
    period::TaxPeriod,
    tax_no::TaxNo,
};

/// One task message, read and checked for form. Substance is for the rules.
#[derive(Clone, PartialEq, Debug)]
pub struct TaskMessage {
    pub task_id: TaskId,
    pub kind: Kind,
    pub tax_no: TaxNo,
    /// Defaults to the tax number's own.
    pub bureau: Option<BureauCode>,
    /// Defaults to the tax number's default account.
    pub account: Option<Account>,
    /// Defaults to the bureau's current period when the task runs.
    pub tax_period: Option<TaxPeriod>,
    pub batch_id: Option<String>,
    pub submitted_by: Option<String>,
    /// Not to be started before this moment.
    pub not_before: Option<Moment>,
    pub invoices: Vec<TaskInvoice>,
    /// What the kind needs beside the invoices; a JSON object.
    pub parameters: serde_json::Map<String, serde_json::Value>,
    /// The failed task that this one tries again.
    pub retry_of: Option<TaskId>,
}
