//! Users, and the record of what they did.

use super::{MemoryStore, book::Book};
use crate::ports::{
    StoreError,
    people::{
        Known, NewRecord, People, Record, RecordEnd, RecordFilter, RecordOutcome, TokenHash,
        UserChanged, user_change,
    },
};
use async_trait::async_trait;
use domain::rights::{User, UserName};

impl Book {
    pub(super) fn write_record(&mut self, new: NewRecord, outcome: RecordOutcome) -> i64 {
        let id = self.audit.last().map_or(1, |last| last.id + 1);
        let end = RecordEnd { outcome, before: None, after: None };
        self.audit.push(Record { id, at: self.now(), new, end });
        id
    }

    fn users(&self) -> Vec<User> {
        self.people.values().map(|(user, _)| user.clone()).collect()
    }
}

/// Whether the line matches every field of the filter that is set.
fn matches(filter: &RecordFilter, record: &Record) -> bool {
    filter.by.as_ref().is_none_or(|by| *by == record.new.by)
        && filter.action.as_ref().is_none_or(|action| *action == record.new.action)
        && filter.subject.as_ref().is_none_or(|part| record.new.subject.contains(part))
        && filter.from.is_none_or(|from| record.at >= from)
        && filter.to.is_none_or(|to| record.at < to)
}

#[async_trait]
impl People for MemoryStore {
    async fn whose(&self, token: Option<&TokenHash>) -> Result<Known, StoreError> {
        let book = self.open();
        let found = book.people.values().find(|(_, own)| Some(own) == token);
        Ok(match found {
            Some((user, _)) => Known::User(user.clone()),
            None if book.people.is_empty() => Known::Nobody,
            None => Known::Stranger,
        })
    }

    async fn users(&self) -> Result<Vec<User>, StoreError> {
        Ok(self.open().users())
    }

    async fn keep_user(
        &self,
        user: &User,
        token: Option<&TokenHash>,
    ) -> Result<UserChanged, StoreError> {
        let mut book = self.open();
        let known = book.people.get(&user.name).map(|(_, own)| own.clone());
        let Some(token) = token.cloned().or(known) else { return Ok(UserChanged::NoSuchUser) };
        let changed = user_change(&book.users(), &user.name, Some(user));
        if matches!(changed, UserChanged::Done { .. }) {
            book.people.insert(user.name.clone(), (user.clone(), token));
        }
        Ok(changed)
    }

    async fn remove_user(&self, name: &UserName) -> Result<UserChanged, StoreError> {
        let mut book = self.open();
        let changed = user_change(&book.users(), name, None);
        if matches!(changed, UserChanged::Done { .. }) {
            book.people.remove(name);
        }
        Ok(changed)
    }

    async fn begin_record(&self, record: &NewRecord) -> Result<i64, StoreError> {
        Ok(self.open().write_record(record.clone(), RecordOutcome::Begun))
    }

    async fn end_record(&self, id: i64, end: &RecordEnd) -> Result<(), StoreError> {
        let mut book = self.open();
        if let Some(record) = book.audit.iter_mut().find(|record| record.id == id) {
            record.end = end.clone();
        }
        Ok(())
    }

    async fn records(
        &self,
        filter: &RecordFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let book = self.open();
        let newest = book.audit.iter().rev();
        let page = newest.filter(|record| before.is_none_or(|before| record.id < before));
        Ok(page.filter(|record| matches(filter, record)).take(limit).cloned().collect())
    }
}
