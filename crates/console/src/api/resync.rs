//! Reading anew how the bureau uses invoices of the pool.

use super::asked::{InvoiceNamed, ResyncAsked};
use crate::{
    access::Asker,
    answers::{Resync, Submitted},
    problem::Problem,
    site::Site,
    submit::{Item, submit},
};
use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
};
use domain::{
    ids::TaskId,
    invoice::{InvoiceKey, PoolInvoice, Selection, TaskInvoice},
    kind::Kind,
    period::TaxPeriod,
    rights::Right,
    task::TaskMessage,
    tax_no::TaxNo,
};
use fleet::ports::{
    checks::NewResync,
    pool::{Cursor, InvoiceFilter},
};

/// Invoices of one query: 乐企 is asked for one at a time, and the tax number is held meanwhile.
const PORTION: usize = 100;
/// Invoices of one request at most.
const MOST: usize = 10_000;
/// Invoices that are looked at together.
const PAGE: usize = 1_000;

/// Read anew how the bureau uses invoices: named ones, or those of a tax period
///
/// Makes tasks that query the use; the pool says afterwards what the bureau says. Marks of our own
/// stay. At most 10000 invoices.
#[utoipa::path(post, path = "/api/v1/invoices/resync", tag = "invoices", request_body = ResyncAsked,
    responses(
        (status = 200, description = "The tasks that were made", body = Resync),
        (status = 400, description = "Something of it cannot be read", body = Problem),
        (status = 404, description = "An invoice is not in the pool", body = Problem),
        (status = 503, description = "The store or the bus is away; send it again", body = Problem)))]
pub(crate) async fn resync(
    State(site): State<Site>,
    asker: Asker,
    asked: Result<Json<ResyncAsked>, JsonRejection>,
) -> Result<Json<Resync>, Problem> {
    let Json(mut asked) = asked?;
    let tax_no: TaxNo =
        asked.tax_no.parse().map_err(|error| Problem::malformed(format!("tax_no: {error}")))?;
    asked.by = asker.name(Some(&asked.by)).unwrap_or_default();
    asker.tax_nos(&site, Right::Select, std::slice::from_ref(&tax_no)).await?;
    let found = match (&asked.invoices[..], &asked.period) {
        ([], Some(period)) => {
            let period: TaxPeriod =
                period.parse().map_err(|error| Problem::malformed(format!("period: {error}")))?;
            return Ok(Json(of_whole_period(&site, &tax_no, period, &asked.by).await?));
        }
        ([], None) => {
            let sentence = "invoices: name some, or a tax period in their place";
            return Err(Problem::malformed(sentence));
        }
        (named, None) => of_names(&site, &tax_no, named).await?,
        (_, Some(_)) => {
            let sentence = "period: stands in the place of invoices; leave one of them out";
            return Err(Problem::malformed(sentence));
        }
    };
    let tasks = send(&site, &queries(&site, &tax_no, &found, &asked.by)).await?;
    Ok(Json(Resync { invoices: found.len(), tasks }))
}

/// What is selected for a period is read anew. That it was asked for is noted first: if the process
/// ends before all of its tasks are sent, they count as not ended, and it is asked for again.
pub(super) async fn of_whole_period(
    site: &Site,
    tax_no: &TaxNo,
    period: TaxPeriod,
    by: &str,
) -> Result<Resync, Problem> {
    let Some(payer) = site.store.taxpayers(std::slice::from_ref(tax_no)).await?.pop().flatten()
    else {
        return Err(Problem::malformed(format!("tax_no: {tax_no} is no taxpayer here")));
    };
    let found = of_period(site, tax_no, period).await?;
    let messages = queries(site, tax_no, &found, by);
    let tasks = messages.iter().map(|message| message.task_id).collect();
    let noted = NewResync { tax: payer.id, period, by: by.to_owned(), tasks };
    site.store.note_resync(&noted).await?;
    Ok(Resync { invoices: found.len(), tasks: send(site, &messages).await? })
}

fn queries(site: &Site, tax_no: &TaxNo, found: &[PoolInvoice], by: &str) -> Vec<TaskMessage> {
    found.chunks(PORTION).map(|portion| query(site, tax_no, portion, by)).collect()
}

async fn send(site: &Site, messages: &[TaskMessage]) -> Result<Vec<Submitted>, Problem> {
    let items: Vec<Item> = messages
        .iter()
        .enumerate()
        .map(|(at, message)| Item { line: at + 1, body: message.to_json().into_bytes().into() })
        .collect();
    if items.is_empty() { Ok(Vec::new()) } else { submit(site, &items, None).await }
}

fn query(site: &Site, tax_no: &TaxNo, portion: &[PoolInvoice], by: &str) -> TaskMessage {
    let id = TaskId(site.desk.chance.id(site.desk.clock.now()));
    let mut message = TaskMessage::new(id, Kind::InvoiceUseQuery, tax_no.clone());
    let invoice = |known: &PoolInvoice| TaskInvoice {
        date: known.date,
        ..TaskInvoice::new(known.key.clone(), known.invoice_type)
    };
    message.invoices = portion.iter().map(invoice).collect();
    message.submitted_by = Some(by.to_owned()).filter(|by| !by.is_empty());
    message
}

/// All of them are in the pool, or nothing is done.
async fn of_names(
    site: &Site,
    tax_no: &TaxNo,
    named: &[InvoiceNamed],
) -> Result<Vec<PoolInvoice>, Problem> {
    let count = named.len();
    if count > MOST {
        let sentence = format!("invoices: are {count}; name at most {MOST} at a time");
        return Err(Problem::malformed(sentence));
    }
    let key = |one: &InvoiceNamed| InvoiceKey {
        code: one.invoice_code.clone(),
        number: one.invoice_no.clone(),
    };
    let mut keys: Vec<InvoiceKey> = named.iter().map(key).collect();
    keys.sort();
    keys.dedup();
    let Some(payer) = site.store.taxpayers(std::slice::from_ref(tax_no)).await?.pop().flatten()
    else {
        return Err(Problem::malformed(format!("tax_no: {tax_no} is no taxpayer here")));
    };
    let mut found = Vec::with_capacity(keys.len());
    for some in keys.chunks(PAGE) {
        let of: Vec<_> = some.iter().map(|key| (payer.id, key.clone())).collect();
        let known = site.store.invoices(&of).await?;
        for (key, known) in some.iter().zip(known) {
            found.push(known.ok_or_else(|| Problem::no_such_invoice(tax_no, key))?);
        }
    }
    Ok(found)
}

/// What the pool has as selected for this period. What a task holds now is read by that task.
async fn of_period(
    site: &Site,
    tax_no: &TaxNo,
    period: TaxPeriod,
) -> Result<Vec<PoolInvoice>, Problem> {
    let filter = InvoiceFilter {
        buyer: Some(tax_no.clone()),
        selections: vec![Selection::Selected, Selection::Certified, Selection::ScanCertified],
        ..InvoiceFilter::default()
    };
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = site.store.search(&filter, after.as_ref(), PAGE).await?;
        after = page.last().map(Cursor::after);
        let whole = page.len() == PAGE;
        let of_it = page.into_iter().map(|invoice| invoice.facts);
        found.extend(of_it.filter(|facts| facts.period == Some(period)));
        if found.len() > MOST {
            let sentence = format!(
                "period: {tax_no} has more than {MOST} invoices selected in {period}; name them \
                 in several requests"
            );
            return Err(Problem::malformed(sentence));
        }
        if !whole {
            return Ok(found);
        }
    }
}
