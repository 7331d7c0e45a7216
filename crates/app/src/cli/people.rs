//! The arguments of `user` and `audit`.

use clap::{Args, Subcommand};
use console::AuditQuery;

#[derive(Debug, Subcommand)]
pub(crate) enum UserAction {
    /// Who there is, and their roles
    List,
    /// Who I am, and what I may do where
    Me,
    /// Keep a user with these roles, in place of earlier ones; a new one's token is told once
    Set {
        name: String,
        /// viewer, clerk, supervisor, operator or administrator; `clerk@0101` in one organisation;
        /// may be repeated
        #[arg(long, required = true)]
        role: Vec<String>,
        /// Give a known user another token; the earlier one is worth nothing then
        #[arg(long)]
        new_token: bool,
        #[arg(long)]
        reason: Option<String>,
    },
    /// Forget a user: the token is worth nothing from now on
    Remove { name: String },
}

#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    /// Who did it
    #[arg(long)]
    by: Option<String>,
    /// Such as "POST lanes/pause"
    #[arg(long)]
    action: Option<String>,
    /// A part of what it was done to
    #[arg(long)]
    subject: Option<String>,
    /// At this moment or later, RFC 3339
    #[arg(long)]
    from: Option<String>,
    /// Before this moment
    #[arg(long)]
    to: Option<String>,
    /// Rows at most
    #[arg(long, default_value_t = 50)]
    pub limit: usize,
}

impl AuditArgs {
    pub(crate) fn query(self) -> AuditQuery {
        let AuditArgs { by, action, subject, from, to, limit: _ } = self;
        AuditQuery { by, action, subject, from, to, ..AuditQuery::default() }
    }
}
