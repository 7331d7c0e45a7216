//! Users, and the record of what they did.

use super::{PostgresStore, Tx, fault::Fault, split};
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

impl PostgresStore {
    /// Decided with all users of now: nobody else changes one meanwhile.
    async fn change_user(
        &self,
        name: &UserName,
        new: Option<(&User, Option<&TokenHash>)>,
    ) -> Result<UserChanged, StoreError> {
        split::again(|| async move {
            let mut tx = self.begin().await?;
            sqlx::query(sql!("people/lock")).execute(&mut *tx).await?;
            let rows: Vec<UserRow> =
                sqlx::query_as(sql!("people/users")).fetch_all(&mut *tx).await?;
            let users: Vec<User> = rows.into_iter().map(UserRow::user).collect::<Result<_, _>>()?;
            let known = users.iter().any(|user| user.name == *name);
            if new.is_some_and(|(_, token)| token.is_none()) && !known {
                return Ok(UserChanged::NoSuchUser);
            }
            let changed = user_change(&users, name, new.map(|(user, _)| user));
            if matches!(changed, UserChanged::Done { .. }) {
                write_user(&mut tx, name, new).await?;
                tx.commit().await?;
            }
            Ok(changed)
        })
        .await
    }
}

async fn write_user(
    tx: &mut Tx,
    name: &UserName,
    new: Option<(&User, Option<&TokenHash>)>,
) -> Result<(), Fault> {
    let query = match new {
        Some((user, token)) => sqlx::query(sql!("people/keep"))
            .bind(name.as_str().to_owned())
            .bind(written(&user.grants))
            .bind(token.map(|token| token.0.to_vec())),
        None => sqlx::query(sql!("people/remove")).bind(name.as_str().to_owned()),
    };
    query.execute(&mut **tx).await?;
    Ok(())
}

#[async_trait]
impl People for PostgresStore {
    async fn whose(&self, token: Option<&TokenHash>) -> Result<Known, StoreError> {
        let row: WhoseRow = sqlx::query_as(sql!("people/whose"))
            .bind(token.map(|token| token.0.to_vec()))
            .fetch_one(&self.pool)
            .await
            .map_err(Fault::from)?;
        row.known()
    }

    async fn users(&self) -> Result<Vec<User>, StoreError> {
        let rows: Vec<UserRow> = sqlx::query_as(sql!("people/users"))
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        rows.into_iter().map(UserRow::user).collect()
    }

    async fn keep_user(
        &self,
        user: &User,
        token: Option<&TokenHash>,
    ) -> Result<UserChanged, StoreError> {
        self.change_user(&user.name, Some((user, token))).await
    }

    async fn remove_user(&self, name: &UserName) -> Result<UserChanged, StoreError> {
        self.change_user(name, None).await
    }

    async fn begin_record(&self, record: &NewRecord) -> Result<i64, StoreError> {
        let id = sqlx::query_scalar(sql!("people/begin"))
            .bind(&record.by)
            .bind(&record.reason)
            .bind(&record.action)
            .bind(&record.subject)
            .bind(&record.source)
            .bind(&record.asked)
            .fetch_one(&self.pool)
            .await
            .map_err(Fault::from)?;
        Ok(id)
    }

    async fn end_record(&self, id: i64, end: &RecordEnd) -> Result<(), StoreError> {
        sqlx::query(sql!("people/end"))
            .bind(id)
            .bind(end.outcome.name())
            .bind(&end.before)
            .bind(&end.after)
            .execute(&self.pool)
            .await
            .map_err(Fault::from)?;
        Ok(())
    }

    async fn records(
        &self,
        filter: &RecordFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let rows: Vec<RecordRow> = sqlx::query_as(sql!("people/records"))
            .bind(before)
            .bind(&filter.by)
            .bind(&filter.action)
            .bind(&filter.subject)
            .bind(filter.from)
            .bind(filter.to)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await
            .map_err(Fault::from)?;
        rows.into_iter().map(RecordRow::record).collect()
    }
}
