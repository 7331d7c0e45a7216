//! Write-backs as they come, over the queue or over HTTP: read, then written.

use crate::{
    meter::{Meter, label},
    patience::Patience,
    ports::{
        StoreError,
        writeback::{Writebacks, WrittenBack},
    },
};
use domain::{rules::Rule, task::Malformed, writeback::Writeback};

/// What became of one body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    Read(WrittenBack),
    /// It cannot be read; the reason names the field.
    Malformed(Malformed),
    /// The store will not have it, however often it is asked: a mistake of ours.
    Unstorable(String),
}

impl Heard {
    /// The pool says it, or something newer.
    pub const fn is_taken(&self) -> bool {
        use WrittenBack::{Older, Repeated, Written};
        matches!(self, Heard::Read(Written | Repeated | Older(_)))
    }

    /// In metric labels: what became of it, or why not.
    pub const fn outcome(&self) -> &'static str {
        match self {
            Heard::Read(WrittenBack::Written) => "written",
            Heard::Read(WrittenBack::Repeated) => "repeated",
            Heard::Read(WrittenBack::Older(_)) => "older",
            Heard::Read(WrittenBack::Refused(refused)) => refused.name(),
            Heard::Read(WrittenBack::NoSuchInvoice) => "no_such_invoice",
            Heard::Malformed(_) => "malformed",
            Heard::Unstorable(_) => "unstorable",
        }
    }

    fn count(&self, meter: &Meter) {
        meter.writebacks.add(1, &label("outcome", self.outcome()));
    }

    /// One sentence about what was not done; empty when it was.
    pub fn reason(&self) -> String {
        match self {
            Heard::Read(WrittenBack::Written | WrittenBack::Repeated) => String::new(),
            Heard::Read(WrittenBack::Older(newer)) => newer.sentence().to_owned(),
            Heard::Read(WrittenBack::Refused(refused)) => refused.sentence().to_owned(),
            Heard::Read(WrittenBack::NoSuchInvoice) => Rule::NotInPool.sentence().to_owned(),
            Heard::Malformed(malformed) => malformed.to_string(),
            Heard::Unstorable(reason) => format!("body: cannot be stored: {reason}"),
        }
    }
}

/// Takes bodies in their order, and counts what becomes of them; an outcome for each.
pub async fn take<B: AsRef<[u8]>>(
    store: &(impl Writebacks + ?Sized),
    meter: &Meter,
    bodies: &[B],
) -> Result<Vec<Heard>, StoreError> {
    let read = bodies.iter().map(|body| Writeback::parse(body.as_ref()));
    let read: Vec<Result<Writeback, Malformed>> = read.collect();
    let good: Vec<Writeback> = read.iter().filter_map(|one| one.clone().ok()).collect();
    let written = if good.is_empty() { Vec::new() } else { store.write_back(&good).await? };
    let mut written = written.into_iter();
    let heard = |one: Result<Writeback, Malformed>| match one {
        Ok(_) => Heard::Read(written.next().expect("the port has an outcome for each")),
        Err(malformed) => Heard::Malformed(malformed),
    };
    let heard: Vec<Heard> = read.into_iter().map(heard).collect();
    heard.iter().for_each(|one| one.count(meter));
    Ok(heard)
}

/// The same, however long the store is away; what it refuses for good does not hold up the others.
pub async fn take_for_certain<B: AsRef<[u8]>>(
    store: &(impl Writebacks + ?Sized),
    meter: &Meter,
    bodies: &[B],
) -> Vec<Heard> {
    match take_patiently(store, meter, bodies).await {
        Ok(heard) => heard,
        Err(_) => {
            let mut heard = Vec::with_capacity(bodies.len());
            for body in bodies {
                match take_patiently(store, meter, std::slice::from_ref(body)).await {
                    Ok(one) => heard.extend(one),
                    Err(reason) => {
                        let lost = Heard::Unstorable(reason);
                        lost.count(meter);
                        heard.push(lost);
                    }
                }
            }
            heard
        }
    }
}

/// Err: refused for good, with the reason.
async fn take_patiently<B: AsRef<[u8]>>(
    store: &(impl Writebacks + ?Sized),
    meter: &Meter,
    bodies: &[B],
) -> Result<Vec<Heard>, String> {
    let mut patience = Patience::new();
    loop {
        match take(store, meter, bodies).await {
            Ok(heard) => return Ok(heard),
            Err(StoreError::Broken(reason)) => return Err(reason),
            Err(error) => {
                tracing::warn!(%error, count = bodies.len(), "cannot write back; trying again");
                patience.pause().await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Heard, take_for_certain};
    use crate::{
        meter::Meter,
        ports::{
            StoreError,
            writeback::{Writebacks, WrittenBack},
        },
    };
    use async_trait::async_trait;
    use domain::writeback::Writeback;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Away twice; then it will not have document `B`.
    #[derive(Debug, Default)]
    struct Moody(AtomicUsize);

    #[async_trait]
    impl Writebacks for Moody {
        async fn write_back(&self, told: &[Writeback]) -> Result<Vec<WrittenBack>, StoreError> {
            if self.0.fetch_add(1, Ordering::Relaxed) < 2 {
                return Err(StoreError::Away("no".into()));
            }
            if told.iter().any(|told| told.stamp.document == "B") {
                return Err(StoreError::Broken("a mistake".into()));
            }
            Ok(vec![WrittenBack::Written; told.len()])
        }
    }

    fn body(document: &str) -> String {
        serde_json::json!({
            "document_id": document, "version": 1, "time": "2025-11-20T10:00:00+08:00",
            "what": "voucher_deleted", "tax_no": "91440300MA5G9GK78Y", "invoice_no": "1001",
        })
        .to_string()
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_lost_while_the_store_is_away_and_nothing_holds_up_the_rest() {
        let bodies = [body("A"), "no".into(), body("B"), body("C")];
        let heard = take_for_certain(&Moody::default(), &Meter::new(), &bodies).await;
        assert_eq!(heard[0], Heard::Read(WrittenBack::Written));
        assert!(matches!(&heard[1], Heard::Malformed(why) if why.field == "body"), "{heard:?}");
        assert_eq!(heard[2], Heard::Unstorable("a mistake".into()));
        assert_eq!(heard[3], Heard::Read(WrittenBack::Written));
        let taken: Vec<bool> = heard.iter().map(Heard::is_taken).collect();
        assert_eq!(taken, [true, false, false, true]);
        let outcomes: Vec<&str> = heard.iter().map(Heard::outcome).collect();
        assert_eq!(outcomes, ["written", "malformed", "unstorable", "written"]);
        assert_eq!(heard[2].reason(), "body: cannot be stored: a mistake");
    }
}
