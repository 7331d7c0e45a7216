//! Writing what business documents tell into the invoice pool.

use super::StoreError;
use async_trait::async_trait;
use domain::writeback::{Newer, Refused, Writeback};
use std::fmt::Debug;

/// What became of one write-back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WrittenBack {
    /// The pool says it now.
    Written,
    /// The pool said it already, told by the same version.
    Repeated,
    /// Something newer was told already; nothing was done.
    Older(Newer),
    /// It may not be; nothing was done.
    Refused(Refused),
    /// The pool does not know the invoice, or nobody knows its buyer; nothing was done or kept.
    NoSuchInvoice,
}

#[async_trait]
pub trait Writebacks: Send + Sync + Debug {
    /// Writes what documents tell, one after the other in this order, each as
    /// [`domain::writeback::decide`] says of what then stands there; an outcome for each. An
    /// invoice that a task holds is written like any other: the hold is about its selection.
    async fn write_back(&self, told: &[Writeback]) -> Result<Vec<WrittenBack>, StoreError>;
}
