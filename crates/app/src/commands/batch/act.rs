//! `gouxuan batch select|deselect`: every invoice that the flags match.

use super::{super::WrongUse, NotDone, Outcome, print, show, table};
use crate::cli::ActArgs;
use console::{Client, InvoiceQuery};
use domain::{invoice::Invoice, money::Fen};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::{self, IsTerminal, Read, Write},
};

/// Count and tax of what is asked for, by tax number.
type Sums = BTreeMap<String, (usize, i64, i64)>;

/// The whole file; - is stdin.
pub(super) fn read(file: &str) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let unreadable = |error: io::Error| WrongUse(format!("{file}: {error}"));
    let mut body = Vec::new();
    match file {
        "-" => io::stdin().read_to_end(&mut body).map_err(unreadable)?,
        name => {
            let mut opened = std::fs::File::open(name).map_err(unreadable)?;
            opened.read_to_end(&mut body).map_err(unreadable)?
        }
    };
    Ok(body)
}

pub(super) async fn run(client: &Client, action: &str, asked: ActArgs, json: bool) -> Outcome {
    let mut query = asked.filter.clone().query();
    if let Err(problem) = query.filter() {
        return Err(WrongUse(format!("--{}", problem.sentence.replacen('_', "-", 1))).into());
    }
    let (invoices, sums) = matching(client, &mut query).await?;
    if invoices.is_empty() {
        return Err(NotDone("no invoice matches; see `gouxuan invoice list`".to_owned()).into());
    }
    if !json {
        summary(&sums)?;
    }
    if !(asked.yes || asked.draft || agreed(invoices.len())?) {
        return Err(NotDone("nothing was done".to_owned()).into());
    }
    let body = json!({
        "batch_id": asked.id,
        "purpose": asked.wanted.name(),
        "action": action,
        "reason": asked.reason,
        "reason_text": asked.reason_text,
        "submitted_by": asked.by,
        "draft": asked.draft,
        "invoices": invoices,
    });
    show::batch(&client.ask_batch(body.to_string().into_bytes()).await?, json)
}

async fn matching(
    client: &Client,
    query: &mut InvoiceQuery,
) -> Result<(Vec<Value>, Sums), Box<dyn std::error::Error + Send + Sync>> {
    let (mut invoices, mut sums) = (Vec::new(), Sums::new());
    query.limit = Some(console::MOST_ROWS);
    loop {
        let page = client.invoices(query).await?;
        for invoice in &page.invoices {
            let sum = sums.entry(invoice.buyer_tax_no.to_string()).or_default();
            sum.0 += 1;
            sum.1 += invoice.facts.amount.0;
            sum.2 += invoice.facts.tax.0;
            invoices.push(named(invoice));
        }
        if invoices.len() > domain::batch::limits::INVOICES {
            let most = domain::batch::limits::INVOICES;
            let sentence = format!("more than {most} invoices match; narrow the filter");
            return Err(WrongUse(sentence).into());
        }
        query.after = page.next;
        if query.after.is_none() {
            return Ok((invoices, sums));
        }
    }
}

fn named(invoice: &Invoice) -> Value {
    let key = &invoice.facts.key;
    let book = invoice.facts.invoice_type.is_payment_book();
    let number = if book { "payment_book_no" } else { "invoice_no" };
    let mut named = json!({"tax_no": invoice.buyer_tax_no, number: key.number});
    if !key.code.is_empty() {
        named["invoice_code"] = key.code.clone().into();
    }
    named
}

fn summary(sums: &Sums) -> Outcome {
    let mut rows = table(&["税号", "发票", "金额", "税额"]);
    for (tax_no, (count, amount, tax)) in sums {
        let (amount, tax) = (Fen(*amount).to_string(), Fen(*tax).to_string());
        rows.add_row([tax_no.clone(), count.to_string(), amount, tax]);
    }
    print(&rows.to_string())
}

fn agreed(invoices: usize) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
    if !io::stdin().is_terminal() {
        let sentence = "nobody can be asked here; look with --draft, or say --yes";
        return Err(WrongUse(sentence.to_owned()).into());
    }
    let mut out = io::stderr();
    write!(out, "{invoices} invoices: go on? [y/N] ")?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
