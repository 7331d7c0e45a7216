//! The rest of the store as one worker reaches it.

use crate::{life::Weight, store_port::StorePort};
use async_trait::async_trait;
use domain::{
    Moment,
    bureau::LaneKey,
    ids::{Fence, LaneId, TaskId, TaxId},
    invoice::{Invoice, InvoiceFile, InvoiceKey, Kept, PoolInvoice, ToldInvoice},
    period::TaxPeriod,
    rights::{User, UserName},
    schedule::{Hindrance, SwitchHistory},
    secret::SecretName,
    statistic::TableCard,
    tax_no::TaxNo,
    taxpayer::Taxpayer,
    world::World,
    writeback::Writeback,
};
use fleet::ports::{
    StoreError,
    archive::{After, Archive, Counts, Occupied, StoreHealth, TaskCard, TaskFilter, TaskRow},
    desk::{AskedNow, AuditLine, Cancelled, DeskLog, Note, Recorded, Retriable, Scope},
    outbox::{Outbox, OutboxEvent},
    people::{Known, NewRecord, People, Record, RecordEnd, RecordFilter, TokenHash, UserChanged},
    pool::{Cursor, InvoiceCard, InvoiceFilter, InvoicePool, NewFile},
    roster::{Imported, Lane, Roster, SessionNoted, SessionReport},
    secrets::{Sealed, Secrets},
    tables::StatisticTables,
    writeback::{Writebacks, WrittenBack},
};
use std::time::Duration;

#[async_trait]
impl Roster for StorePort {
    async fn import(&self, world: &World, leqi_width: u16) -> Result<Imported, StoreError> {
        let effect = self.store().import(world, leqi_width);
        self.pass("import", Weight::Loud, effect, |_| Some(String::new())).await
    }

    async fn taxpayers(&self, of: &[TaxNo]) -> Result<Vec<Option<Taxpayer>>, StoreError> {
        self.pass("taxpayers", Weight::Quiet, self.store().taxpayers(of), |_| None).await
    }

    async fn invoices(
        &self,
        of: &[(TaxId, InvoiceKey)],
    ) -> Result<Vec<Option<PoolInvoice>>, StoreError> {
        self.pass("invoices", Weight::Quiet, self.store().invoices(of), |_| None).await
    }

    async fn lanes_of(&self, keys: &[LaneKey]) -> Result<Vec<Option<LaneId>>, StoreError> {
        self.pass("lanes_of", Weight::Quiet, self.store().lanes_of(keys), |_| None).await
    }

    async fn lanes(&self, of: Option<&[LaneId]>) -> Result<Vec<Lane>, StoreError> {
        self.pass("lanes", Weight::Quiet, self.store().lanes(of), |_| None).await
    }

    async fn switches(&self, of: &[LaneId]) -> Result<Vec<SwitchHistory>, StoreError> {
        self.pass("switches", Weight::Quiet, self.store().switches(of), |_| None).await
    }

    async fn forget_current(&self, lane: LaneId, fence: Fence) -> Result<(), StoreError> {
        let effect = self.store().forget_current(lane, fence);
        self.pass("forget_current", Weight::Loud, effect, |()| Some(format!("l{lane} f{fence}")))
            .await
    }

    async fn session_changed(&self, report: &SessionReport) -> Result<SessionNoted, StoreError> {
        let effect = self.store().session_changed(report);
        self.pass("session_changed", Weight::Loud, effect, |noted| {
            Some(format!("{} online {} {noted:?}", report.lane, report.online))
        })
        .await
    }
}

#[async_trait]
impl People for StorePort {
    async fn whose(&self, token: Option<&TokenHash>) -> Result<Known, StoreError> {
        self.pass("whose", Weight::Quiet, self.store().whose(token), |_| None).await
    }

    async fn users(&self) -> Result<Vec<User>, StoreError> {
        self.pass("users", Weight::Quiet, self.store().users(), |_| None).await
    }

    async fn keep_user(
        &self,
        user: &User,
        token: Option<&TokenHash>,
    ) -> Result<UserChanged, StoreError> {
        let effect = self.store().keep_user(user, token);
        self.pass("keep_user", Weight::Loud, effect, |_| Some(String::new())).await
    }

    async fn remove_user(&self, name: &UserName) -> Result<UserChanged, StoreError> {
        let effect = self.store().remove_user(name);
        self.pass("remove_user", Weight::Loud, effect, |_| Some(String::new())).await
    }

    async fn begin_record(&self, record: &NewRecord) -> Result<i64, StoreError> {
        let effect = self.store().begin_record(record);
        self.pass("begin_record", Weight::Loud, effect, |_| Some(String::new())).await
    }

    async fn end_record(&self, id: i64, end: &RecordEnd) -> Result<(), StoreError> {
        let effect = self.store().end_record(id, end);
        self.pass("end_record", Weight::Loud, effect, |()| Some(String::new())).await
    }

    async fn records(
        &self,
        filter: &RecordFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let effect = self.store().records(filter, before, limit);
        self.pass("records", Weight::Quiet, effect, |_| None).await
    }
}

#[async_trait]
impl Secrets for StorePort {
    async fn keep_secrets(&self, secrets: &[(SecretName, Sealed)]) -> Result<(), StoreError> {
        let effect = self.store().keep_secrets(secrets);
        self.pass("keep_secrets", Weight::Loud, effect, |()| Some(String::new())).await
    }

    async fn remove_secrets(&self, names: &[SecretName]) -> Result<Vec<bool>, StoreError> {
        let effect = self.store().remove_secrets(names);
        self.pass("remove_secrets", Weight::Loud, effect, |_| Some(String::new())).await
    }

    async fn secrets(&self, names: &[SecretName]) -> Result<Vec<Option<Sealed>>, StoreError> {
        self.pass("secrets", Weight::Quiet, self.store().secrets(names), |_| None).await
    }

    async fn secret_names(&self) -> Result<Vec<SecretName>, StoreError> {
        self.pass("secret_names", Weight::Quiet, self.store().secret_names(), |_| None).await
    }
}

#[async_trait]
impl StatisticTables for StorePort {
    async fn tables(
        &self,
        of: &[(TaxNo, Option<TaxPeriod>)],
    ) -> Result<Vec<Option<Vec<TableCard>>>, StoreError> {
        self.pass("tables", Weight::Quiet, self.store().tables(of), |_| None).await
    }
}

#[async_trait]
impl DeskLog for StorePort {
    async fn cancel(&self, tasks: &[TaskId], note: &Note) -> Result<Vec<Cancelled>, StoreError> {
        let effect = self.store().cancel(tasks, note);
        self.pass("cancel", Weight::Loud, effect, |_| Some(String::new())).await
    }

    async fn ask_now(&self, tasks: &[TaskId]) -> Result<Vec<AskedNow>, StoreError> {
        self.pass("ask_now", Weight::Loud, self.store().ask_now(tasks), |_| Some(String::new()))
            .await
    }

    async fn record_absent(
        &self,
        tasks: &[TaskId],
        note: &Note,
    ) -> Result<Vec<Recorded>, StoreError> {
        let effect = self.store().record_absent(tasks, note);
        self.pass("record_absent", Weight::Loud, effect, |_| Some(String::new())).await
    }

    async fn pause(&self, scope: &Scope, note: &Note) -> Result<Vec<LaneId>, StoreError> {
        let effect = self.store().pause(scope, note);
        self.pass("pause", Weight::Loud, effect, |_| Some(String::new())).await
    }

    async fn resume(&self, scope: &Scope, note: &Note) -> Result<Vec<LaneId>, StoreError> {
        let effect = self.store().resume(scope, note);
        self.pass("resume", Weight::Loud, effect, |_| Some(String::new())).await
    }

    async fn retriable(
        &self,
        filter: &TaskFilter,
        limit: usize,
    ) -> Result<Vec<Retriable>, StoreError> {
        self.pass("retriable", Weight::Quiet, self.store().retriable(filter, limit), |_| None).await
    }

    async fn audited(&self, limit: usize) -> Result<Vec<AuditLine>, StoreError> {
        self.pass("audited", Weight::Quiet, self.store().audited(limit), |_| None).await
    }

    async fn lanes_for(&self, tax: TaxId) -> Result<Vec<LaneId>, StoreError> {
        self.pass("lanes_for", Weight::Quiet, self.store().lanes_for(tax), |_| None).await
    }
}

#[async_trait]
impl Outbox for StorePort {
    async fn events(&self, numbers: &[i64]) -> Result<Vec<OutboxEvent>, StoreError> {
        self.pass("events", Weight::Quiet, self.store().events(numbers), |_| None).await
    }

    async fn left_over(&self, age: Duration, limit: usize) -> Result<Vec<OutboxEvent>, StoreError> {
        self.pass("left_over", Weight::Quiet, self.store().left_over(age, limit), |_| None).await
    }

    async fn published(&self, numbers: &[i64]) -> Result<(), StoreError> {
        let effect = self.store().published(numbers);
        self.pass("published", Weight::Loud, effect, |()| Some(format!("{numbers:?}"))).await
    }
}

#[async_trait]
impl Archive for StorePort {
    async fn list(
        &self,
        filter: &TaskFilter,
        after: Option<After>,
        limit: usize,
    ) -> Result<Vec<TaskRow>, StoreError> {
        self.pass("list", Weight::Quiet, self.store().list(filter, after, limit), |_| None).await
    }

    async fn count(&self, filter: &TaskFilter) -> Result<Counts, StoreError> {
        self.pass("count", Weight::Quiet, self.store().count(filter), |_| None).await
    }

    async fn card(&self, task: TaskId) -> Result<Option<TaskCard>, StoreError> {
        self.pass("card", Weight::Quiet, self.store().card(task), |_| None).await
    }

    async fn why(&self, task: TaskId) -> Result<Option<Hindrance>, StoreError> {
        self.pass("why", Weight::Quiet, self.store().why(task), |_| None).await
    }

    async fn occupied(&self) -> Result<Vec<Occupied>, StoreError> {
        self.pass("occupied", Weight::Quiet, self.store().occupied(), |_| None).await
    }

    async fn health(&self, our_clock: Moment) -> Result<StoreHealth, StoreError> {
        self.pass("health", Weight::Quiet, self.store().health(our_clock), |_| None).await
    }

    async fn forget(&self, keep: Duration, limit: usize) -> Result<u64, StoreError> {
        self.pass("forget", Weight::Quiet, self.store().forget(keep, limit), |_| None).await
    }
}

#[async_trait]
impl InvoicePool for StorePort {
    async fn search(
        &self,
        filter: &InvoiceFilter,
        after: Option<&Cursor>,
        limit: usize,
    ) -> Result<Vec<Invoice>, StoreError> {
        let effect = self.store().search(filter, after, limit);
        self.pass("search", Weight::Quiet, effect, |_| None).await
    }

    async fn invoice(
        &self,
        buyer: &TaxNo,
        key: &InvoiceKey,
    ) -> Result<Option<InvoiceCard>, StoreError> {
        self.pass("invoice", Weight::Quiet, self.store().invoice(buyer, key), |_| None).await
    }

    async fn keep_told(
        &self,
        task: TaskId,
        fence: Fence,
        told: &[ToldInvoice],
    ) -> Result<Option<Vec<Kept>>, StoreError> {
        let effect = self.store().keep_told(task, fence, told);
        self.pass("keep_told", Weight::Loud, effect, |kept| {
            Some(format!("{task} f{fence} {:?}", kept.as_ref().map(Vec::len)))
        })
        .await
    }

    async fn note_files(&self, tax: TaxId, files: &[NewFile]) -> Result<Vec<Kept>, StoreError> {
        let effect = self.store().note_files(tax, files);
        self.pass("note_files", Weight::Loud, effect, |kept| Some(format!("{kept:?}"))).await
    }

    async fn files_of(
        &self,
        buyer: &TaxNo,
        key: &InvoiceKey,
    ) -> Result<Vec<InvoiceFile>, StoreError> {
        self.pass("files_of", Weight::Quiet, self.store().files_of(buyer, key), |_| None).await
    }
}

#[async_trait]
impl Writebacks for StorePort {
    async fn write_back(&self, told: &[Writeback]) -> Result<Vec<WrittenBack>, StoreError> {
        let effect = self.store().write_back(told);
        self.pass("write_back", Weight::Loud, effect, |_| Some(String::new())).await
    }
}
