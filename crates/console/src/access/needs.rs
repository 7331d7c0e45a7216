//! The one table of what each request needs.

use domain::rights::Right;

/// What whoever asks needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing: machines that watch ask it.
    Open,
    /// To be somebody.
    Known,
    /// The right in some organisation; the handler looks whether it is the right one.
    Here(Right),
    /// The right everywhere.
    Everywhere(Right),
}

use Need::{Everywhere, Here, Known, Open};
use Right::{Administer, Confirm, Retry, Select, View};

/// Method, path, need: every request that is served has its row (a test compares it with the
/// description of the API).
pub const NEEDS: &[(&str, &str, Need)] = &[
    ("GET", "/", Everywhere(View)),
    ("GET", "/openapi.json", Open),
    ("GET", "/healthz", Open),
    ("GET", "/readyz", Open),
    ("GET", "/metrics", Open),
    ("GET", "/api/v1/me", Known),
    ("GET", "/api/v1/users", Everywhere(Administer)),
    ("PUT", "/api/v1/users/{name}", Everywhere(Administer)),
    ("DELETE", "/api/v1/users/{name}", Everywhere(Administer)),
    ("GET", "/api/v1/audit", Everywhere(Administer)),
    ("GET", "/api/v1/tasks", Here(View)),
    ("GET", "/api/v1/counts", Here(View)),
    ("GET", "/api/v1/tasks/{id}", Here(View)),
    ("GET", "/api/v1/tasks/{id}/why", Here(View)),
    // What a message asks for decides which right it needs.
    ("POST", "/api/v1/tasks", Here(View)),
    ("POST", "/api/v1/tasks/retry", Here(Retry)),
    ("POST", "/api/v1/tasks/cancel", Here(Retry)),
    ("POST", "/api/v1/tasks/absent", Here(Retry)),
    ("POST", "/api/v1/tasks/ask", Here(Retry)),
    ("GET", "/api/v1/invoices", Here(View)),
    ("GET", "/api/v1/invoices/{tax_no}/{number}", Here(View)),
    ("GET", "/api/v1/invoices/{tax_no}/{number}/files", Here(View)),
    ("GET", "/api/v1/invoices/{tax_no}/{number}/files/{format}", Here(View)),
    ("GET", "/api/v1/invoices/template.xlsx", Known),
    ("POST", "/api/v1/invoices/load", Everywhere(Administer)),
    ("POST", "/api/v1/invoices/download", Here(Select)),
    ("POST", "/api/v1/invoices/resync", Here(Select)),
    ("POST", "/api/v1/writebacks", Everywhere(Select)),
    // Selecting or taking back: the handler looks which of the two, and where.
    ("POST", "/api/v1/batches", Here(View)),
    ("GET", "/api/v1/batches", Here(View)),
    ("GET", "/api/v1/batches/{id}", Here(View)),
    ("GET", "/api/v1/batches/{id}/invoices", Here(View)),
    ("POST", "/api/v1/batches/{id}/submit", Here(View)),
    ("POST", "/api/v1/batches/{id}/account", Here(View)),
    ("POST", "/api/v1/batches/{id}/drop", Here(View)),
    ("POST", "/api/v1/batches/{id}/login", Here(View)),
    ("POST", "/api/v1/batches/{id}/cancel", Here(View)),
    ("POST", "/api/v1/batches/{id}/again", Here(View)),
    ("GET", "/api/v1/lists/template.xlsx", Known),
    ("POST", "/api/v1/lists", Here(Select)),
    ("GET", "/api/v1/lists", Here(View)),
    ("GET", "/api/v1/lists/{id}", Here(View)),
    ("GET", "/api/v1/lists/{id}/rows", Here(View)),
    ("POST", "/api/v1/lists/{id}/rows/{row}", Here(Select)),
    ("POST", "/api/v1/lists/{id}/confirm", Here(Select)),
    ("GET", "/api/v1/lists/{id}/results.xlsx", Here(View)),
    // Which invoices a rule may choose decides whose it is.
    ("GET", "/api/v1/automatic/rules", Here(View)),
    ("GET", "/api/v1/automatic/rules/{id}", Here(View)),
    ("PUT", "/api/v1/automatic/rules/{id}", Here(Select)),
    ("POST", "/api/v1/automatic/rules/{id}/enable", Here(Select)),
    ("POST", "/api/v1/automatic/rules/{id}/disable", Here(Select)),
    ("POST", "/api/v1/automatic/rules/{id}/remove", Here(Select)),
    ("GET", "/api/v1/automatic/rules/{id}/dry-run", Here(View)),
    ("POST", "/api/v1/automatic/rules/{id}/run", Here(Select)),
    ("GET", "/api/v1/automatic/rules/{id}/runs", Here(View)),
    ("POST", "/api/v1/automatic/rules/{id}/reset", Here(Select)),
    ("GET", "/api/v1/ledger", Here(View)),
    ("GET", "/api/v1/exports/invoices.xlsx", Here(View)),
    ("GET", "/api/v1/exports/tasks.xlsx", Here(View)),
    ("GET", "/api/v1/exports/ledger.xlsx", Here(View)),
    ("GET", "/api/v1/statistics/{tax_no}", Here(View)),
    // Whose invoices stand in a file is looked at, too.
    ("GET", "/api/v1/statistics/{tax_no}/files", Here(View)),
    ("GET", "/api/v1/statistics/{tax_no}/files/{version}", Here(View)),
    // The operation decides.
    ("POST", "/api/v1/statistics/{tax_no}/{operation}", Here(View)),
    ("POST", "/api/v1/periods/{tax_no}/{operation}", Here(View)),
    ("GET", "/api/v1/checks", Here(View)),
    ("GET", "/api/v1/checks/{check}", Here(View)),
    ("GET", "/api/v1/exports/checks/{check}", Here(View)),
    ("POST", "/api/v1/checks/resync", Here(Select)),
    ("GET", "/api/v1/matrix", Here(View)),
    ("GET", "/api/v1/calendar", Here(View)),
    ("GET", "/api/v1/calendar/days", Here(View)),
    ("POST", "/api/v1/calendar/days", Everywhere(Administer)),
    ("DELETE", "/api/v1/calendar/days", Everywhere(Administer)),
    // A run has tax numbers of many organisations: whoever has the right for all of them has it.
    ("POST", "/api/v1/runs", Here(Confirm)),
    ("GET", "/api/v1/runs", Here(View)),
    ("GET", "/api/v1/runs/{id}", Here(View)),
    ("GET", "/api/v1/runs/{id}/parts", Here(View)),
    ("POST", "/api/v1/runs/{id}/accept", Here(Confirm)),
    ("POST", "/api/v1/runs/{id}/approve", Here(Confirm)),
    ("POST", "/api/v1/runs/{id}/again", Here(Confirm)),
    ("POST", "/api/v1/runs/{id}/drop", Here(Confirm)),
    ("POST", "/api/v1/runs/{id}/go-on", Here(Confirm)),
    ("GET", "/api/v1/secrets", Everywhere(Administer)),
    ("PUT", "/api/v1/secrets/{name}", Everywhere(Administer)),
    ("DELETE", "/api/v1/secrets/{name}", Everywhere(Administer)),
    ("GET", "/api/v1/taxpayers", Here(View)),
    ("GET", "/api/v1/taxpayers/{tax_no}", Here(View)),
    ("PUT", "/api/v1/taxpayers/{tax_no}", Everywhere(Administer)),
    ("GET", "/api/v1/accounts", Here(View)),
    // It tells tax numbers of any organisation.
    ("GET", "/api/v1/accounts/{bureau}/{account}", Everywhere(View)),
    ("PUT", "/api/v1/accounts/{bureau}/{account}", Everywhere(Administer)),
    ("POST", "/api/v1/accounts/{bureau}/{account}/serve", Everywhere(Administer)),
    ("POST", "/api/v1/accounts/{bureau}/{account}/unserve", Everywhere(Administer)),
    ("GET", "/api/v1/lanes", Here(View)),
    ("POST", "/api/v1/lanes/pause", Here(Retry)),
    ("POST", "/api/v1/lanes/resume", Here(Retry)),
    ("POST", "/api/v1/lanes/login", Everywhere(Retry)),
    ("POST", "/api/v1/lanes/logout", Everywhere(Retry)),
    ("POST", "/api/v1/world", Everywhere(Administer)),
];

/// The row of a request; None: nobody has said what it needs.
pub(crate) fn of(method: &str, path: &str) -> Option<Need> {
    // A HEAD is answered as a GET.
    let method = if method == "HEAD" { "GET" } else { method };
    NEEDS.iter().find(|row| row.0 == method && row.1 == path).map(|row| row.2)
}

#[cfg(test)]
mod tests {
    use super::NEEDS;
    use std::collections::BTreeSet;

    #[test]
    fn every_request_that_is_served_says_what_it_needs() {
        let described = serde_json::to_value(crate::openapi()).expect("JSON");
        let paths = described["paths"].as_object().expect("paths");
        let mut served: BTreeSet<(String, String)> = paths
            .iter()
            .flat_map(|(path, of)| {
                let methods = of.as_object().expect("methods").keys();
                methods.map(|method| (method.to_uppercase(), path.clone()))
            })
            .collect();
        for own in ["/", "/openapi.json"] {
            served.insert(("GET".into(), own.into()));
        }
        let needs: BTreeSet<(String, String)> =
            NEEDS.iter().map(|row| (row.0.to_owned(), row.1.to_owned())).collect();
        assert_eq!(needs.len(), NEEDS.len(), "no row stands twice");
        assert_eq!(served.difference(&needs).collect::<Vec<_>>(), Vec::<&_>::new(), "no need said");
        assert_eq!(needs.difference(&served).collect::<Vec<_>>(), Vec::<&_>::new(), "not served");
    }
}
