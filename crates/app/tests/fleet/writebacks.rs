//! What business documents tell the pool over the queue.

use crate::{
    stage::{Message, Stage, look_until},
    town::Town,
};
use serde_json::{Value, json};

fn told(tax_no: &str, invoice: &Value, stamp: (&str, u64, u64), fields: Value) -> Value {
    let (document, version, minute) = stamp;
    let mut body = json!({
        "document_id": document, "version": version,
        "time": format!("2025-11-20T10:{minute:02}:00+08:00"),
        "tax_no": tax_no, "invoice_no": invoice["invoice_no"],
    });
    let Value::Object(fields) = fields else { panic!("fields are an object") };
    body.as_object_mut().expect("it is one").extend(fields);
    body
}

fn submitted(entry_tax: &str) -> Value {
    json!({
        "what": "submitted", "entry_tax": entry_tax, "transfer_reason": "集体福利",
        "accounting_org": "0102", "document_type": "费用报销单",
    })
}

fn made(number: &str) -> Value {
    json!({"what": "voucher_made", "entered_at": "2025-11-20T10:30:00+08:00", "voucher_no": number})
}

/// `entry_tax accounting_org entry_state voucher_no`.
async fn books(stage: &Stage, invoice: &Value) -> String {
    let number = invoice["invoice_no"].as_str().expect("a number");
    let row = format!(
        "SELECT concat_ws(' ', coalesce(entry_tax, 0), accounting_org, entry_state, voucher_no)
           FROM invoice WHERE number = '{number}'"
    );
    stage.value(&row).await
}

#[tokio::test]
async fn write_backs_come_in_wrong_order_and_twice_and_the_newest_stands() {
    let mut town = Town::new();
    let tax_no = town.taxpayer("etax");
    town.account(&[&tax_no]);
    let invoices = [town.invoice(&tax_no), town.invoice(&tax_no)];
    let stage = Stage::open(&town).await;
    let of = |n: usize, stamp, fields| told(&tax_no, &invoices[n], stamp, fields);
    let in_order = [
        of(0, ("FB-1", 1, 1), submitted("12.00")),
        of(0, ("FB-1", 2, 2), submitted("11.00")),
        of(0, ("FB-1", 3, 3), made("记-1")),
        of(1, ("FB-2", 1, 4), submitted("13.00")),
        of(1, ("FB-2", 2, 5), made("记-2")),
        of(1, ("FB-2", 3, 6), json!({"what": "voucher_deleted"})),
    ];
    // They stand in the queue before anybody takes them.
    for at in [2, 5, 1, 0, 4, 3, 1, 2, 5, 0] {
        let message = Message::text(in_order[at].to_string());
        stage.send("gouxuan.writeback", "", &message).await;
    }
    let stranger = json!({"invoice_no": "99999999999999999999"});
    let wrong = [
        (told(&tax_no, &stranger, ("FB-9", 1, 1), made("记-9")).to_string(), "发票不存在"),
        (of(0, ("FB-1", 9, 9), json!({"what": "submitted", "entry_tax": "1.00", "accounting_org": "01", "document_type": "应付单"})).to_string(), "转出原因必填"),
        ("not a write-back".to_owned(), "body"),
        (of(0, ("FB-1", 9, 9), json!({"what": "gone"})).to_string(), "what"),
    ];
    for (body, _) in &wrong {
        stage.send("gouxuan.writeback", "", &Message::text(body)).await;
    }
    let _worker = stage.worker(&[]);
    look_until("every write-back is taken", async || {
        books(&stage, &invoices[0]).await == "1100 0102 entered 记-1"
            && books(&stage, &invoices[1]).await == "1300 0102 not_entered "
    })
    .await;
    let rejected = stage.take("gouxuan.rejected", wrong.len()).await;
    for (body, part) in &wrong {
        let found = rejected.iter().find(|one| one.body == *body);
        let found = found.unwrap_or_else(|| panic!("{body} is among the rejected"));
        let reason = found.reason();
        assert!(reason.starts_with("gouxuan.writeback: ") && reason.contains(part), "{reason}");
    }
    assert_eq!(books(&stage, &invoices[0]).await, "1100 0102 entered 记-1");
    assert_eq!(books(&stage, &invoices[1]).await, "1300 0102 not_entered ");
}
