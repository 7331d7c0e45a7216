//! Users, and the record of what they did.

use super::{SqliteStore, columns::micros, fault::Fault};
use crate::people_rows::{RecordRow, UserRow, WhoseRow, written};
use async_trait::async_trait;
use domain::rights::{User, UserName};
use fleet::ports::{
    StoreError,
    people::{
        Known, NewRecord, People, Record, RecordEnd, RecordFilter, TokenHash, UserChanged,
        user_change,
    },
};

impl SqliteStore {
    /// Decided with all users of now: the file has one writer at a time.
    async fn change_user(
        &self,
        name: &UserName,
        new: Option<(&User, Option<&TokenHash>)>,
    ) -> Result<UserChanged, Fault> {
        let mut tx = self.begin().await?;
        let rows: Vec<UserRow> = sqlx::query_as(sql!("people/users")).fetch_all(&mut *tx).await?;
        let users: Vec<User> = rows.into_iter().map(UserRow::user).collect::<Result<_, _>>()?;
        let known = users.iter().any(|user| user.name == *name);
        if new.is_some_and(|(_, token)| token.is_none()) && !known {
            return Ok(UserChanged::NoSuchUser);
        }
        let changed = user_change(&users, name, new.map(|(user, _)| user));
        if !matches!(changed, UserChanged::Done { .. }) {
            return Ok(changed);
        }
        let query = match new {
            Some((user, token)) => sqlx::query(sql!("people/keep"))
                .bind(name.as_str())
                .bind(written(&user.grants))
                .bind(token.map(|token| token.0.to_vec()))
                .bind(micros(self.now())),
            None => sqlx::query(sql!("people/remove")).bind(name.as_str()),
        };
        query.execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(changed)
    }

    async fn read_whose(&self, token: Option<&TokenHash>) -> Result<Known, Fault> {
        let row: WhoseRow = sqlx::query_as(sql!("people/whose"))
            .bind(token.map(|token| token.0.to_vec()))
            .fetch_one(&mut *self.read().await?)
            .await?;
        Ok(row.known()?)
    }

    async fn read_users(&self) -> Result<Vec<User>, Fault> {
        let rows: Vec<UserRow> =
            sqlx::query_as(sql!("people/users")).fetch_all(&mut *self.read().await?).await?;
        Ok(rows.into_iter().map(UserRow::user).collect::<Result<_, _>>()?)
    }

    async fn write_begin(&self, record: &NewRecord) -> Result<i64, Fault> {
        let mut tx = self.begin().await?;
        let id = sqlx::query_scalar(sql!("people/begin"))
            .bind(&record.by)
            .bind(&record.reason)
            .bind(&record.action)
            .bind(&record.subject)
            .bind(&record.source)
            .bind(&record.asked)
            .bind(micros(self.now()))
            .fetch_one(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(id)
    }

    async fn write_end(&self, id: i64, end: &RecordEnd) -> Result<(), Fault> {
        let mut tx = self.begin().await?;
        sqlx::query(sql!("people/end"))
            .bind(id)
            .bind(end.outcome.name())
            .bind(&end.before)
            .bind(&end.after)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    async fn read_records(
        &self,
        filter: &RecordFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Record>, Fault> {
        let rows: Vec<RecordRow> = sqlx::query_as(sql!("people/records"))
            .bind(before)
            .bind(&filter.by)
            .bind(&filter.action)
            .bind(&filter.subject)
            .bind(filter.from.map(micros))
            .bind(filter.to.map(micros))
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&mut *self.read().await?)
            .await?;
        Ok(rows.into_iter().map(RecordRow::record).collect::<Result<_, _>>()?)
    }
}

#[async_trait]
impl People for SqliteStore {
    async fn whose(&self, token: Option<&TokenHash>) -> Result<Known, StoreError> {
        Ok(self.read_whose(token).await?)
    }

    async fn users(&self) -> Result<Vec<User>, StoreError> {
        Ok(self.read_users().await?)
    }

    async fn keep_user(
        &self,
        user: &User,
        token: Option<&TokenHash>,
    ) -> Result<UserChanged, StoreError> {
        Ok(self.change_user(&user.name, Some((user, token))).await?)
    }

    async fn remove_user(&self, name: &UserName) -> Result<UserChanged, StoreError> {
        Ok(self.change_user(name, None).await?)
    }

    async fn begin_record(&self, record: &NewRecord) -> Result<i64, StoreError> {
        Ok(self.write_begin(record).await?)
    }

    async fn end_record(&self, id: i64, end: &RecordEnd) -> Result<(), StoreError> {
        Ok(self.write_end(id, end).await?)
    }

    async fn records(
        &self,
        filter: &RecordFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        Ok(self.read_records(filter, before, limit).await?)
    }
}
