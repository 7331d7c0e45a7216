//! Numbers that only rise: SQLite has no sequences.

use super::{Tx, fault::Fault};

/// Which number.
#[derive(Clone, Copy, Debug)]
pub(super) enum Counter {
    Place,
    Fence,
    GateVersion,
}

impl Counter {
    const fn name(self) -> &'static str {
        match self {
            Counter::Place => "place",
            Counter::Fence => "fence",
            Counter::GateVersion => "gate_version",
        }
    }

    /// Takes so many numbers; they follow the one returned.
    pub(super) async fn take(self, tx: &mut Tx, count: usize) -> Result<i64, Fault> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let last: i64 = sqlx::query_scalar(sql!("counter/take"))
            .bind(self.name())
            .bind(count)
            .fetch_one(&mut **tx)
            .await?;
        Ok(last - count)
    }

    /// The number taken last.
    pub(super) async fn last(self, tx: &mut Tx) -> Result<i64, Fault> {
        let statement = sqlx::query_scalar(sql!("counter/last")).bind(self.name());
        Ok(statement.fetch_one(&mut **tx).await?)
    }
}
