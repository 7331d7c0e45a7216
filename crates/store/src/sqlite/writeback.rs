//! What business documents tell the pool.

use super::{SqliteStore, columns, docket::send, fault::Fault};
use crate::writeback_rows::{BooksRow, Desk, StampRow, asked};
use async_trait::async_trait;
use domain::writeback::Writeback;
use fleet::ports::{
    StoreError,
    writeback::{Writebacks, WrittenBack},
};

impl SqliteStore {
    async fn write_back_all(&self, told: &[Writeback]) -> Result<Vec<WrittenBack>, Fault> {
        let asked = columns::rows(&asked(told));
        let mut tx = self.begin().await?;
        let books: Vec<BooksRow> =
            sqlx::query_as(sql!("writeback/books")).bind(&asked).fetch_all(&mut *tx).await?;
        let stamps: Vec<StampRow> =
            sqlx::query_as(sql!("writeback/stamps")).bind(&asked).fetch_all(&mut *tx).await?;
        let mut desk = Desk::new(books, stamps)?;
        let outcomes = told.iter().map(|told| desk.write(told)).collect();
        send(&mut tx, sql!("writeback/write"), &desk.books()).await?;
        send(&mut tx, sql!("writeback/stamp"), &desk.stamps()).await?;
        tx.commit().await?;
        Ok(outcomes)
    }
}

#[async_trait]
impl Writebacks for SqliteStore {
    async fn write_back(&self, told: &[Writeback]) -> Result<Vec<WrittenBack>, StoreError> {
        Ok(self.write_back_all(told).await?)
    }
}
