//! The arguments of `secret`.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum SecretAction {
    /// Keep what stands on standard input under this name, in place of an earlier one
    Set { name: String },
    /// The names of the stored secrets
    List,
    /// Forget a secret
    Remove { name: String },
}
