//! What business documents tell the pool.

use super::{PostgresStore, fault::Fault, split};
use crate::writeback_rows::{BooksRow, Desk, StampRow, asked};
use async_trait::async_trait;
use domain::writeback::Writeback;
use fleet::ports::{
    StoreError,
    writeback::{Writebacks, WrittenBack},
};
use serde::Serialize;

fn json<T: Serialize>(rows: &[T]) -> String {
    serde_json::to_string(rows).expect("rows of texts and numbers are always JSON")
}

impl PostgresStore {
    async fn write_back_piece(&self, told: &[Writeback]) -> Result<Vec<WrittenBack>, Fault> {
        let asked = json(&asked(told));
        let mut tx = self.begin().await?;
        let books: Vec<BooksRow> =
            sqlx::query_as(sql!("writeback/books")).bind(&asked).fetch_all(&mut *tx).await?;
        // After the locks: a statement of its own sees what their last holders have committed.
        let stamps: Vec<StampRow> =
            sqlx::query_as(sql!("writeback/stamps")).bind(&asked).fetch_all(&mut *tx).await?;
        let mut desk = Desk::new(books, stamps)?;
        let outcomes = told.iter().map(|told| desk.write(told)).collect();
        let (books, stamps) = (desk.books(), desk.stamps());
        if !stamps.is_empty() {
            sqlx::query(sql!("writeback/write")).bind(json(&books)).execute(&mut *tx).await?;
            sqlx::query(sql!("writeback/stamp")).bind(json(&stamps)).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(outcomes)
    }
}

#[async_trait]
impl Writebacks for PostgresStore {
    async fn write_back(&self, told: &[Writeback]) -> Result<Vec<WrittenBack>, StoreError> {
        split::in_pieces(told, |piece| self.write_back_piece(piece)).await
    }
}
