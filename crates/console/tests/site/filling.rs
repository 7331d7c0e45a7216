//! Filling the pool: downloads, tables, layout files.

use crate::here::{Here, TAX_NO};
use domain::invoice::{FileFormat, FileHash, FileRef, InvoiceKey};
use fleet::ports::pool::{InvoiceFilter, NewFile};
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;

const HEADINGS: &str = "购买方税号,发票类型,发票号码,开票日期,金额,税额,发票状态,销售方名称";

async fn load(here: &Here, table: String) -> crate::here::Answer {
    here.send("/api/v1/invoices/load", "application/octet-stream", table).await
}

#[tokio::test]
async fn a_download_is_a_task_and_the_same_asked_twice_is_one() {
    let here = Here::new().await;
    let id = Uuid::from_u128(77);
    let asked = json!({"tax_no": TAX_NO, "from": "2025-11-01", "to": "2025-11-30", "task_id": id});
    let made = here.post("/api/v1/invoices/download", asked.clone()).await;
    assert_eq!(made.json["outcomes"][0]["outcome"], "waiting", "{made:?}");
    let again = here.post("/api/v1/invoices/download", asked).await;
    assert_eq!(again.json["outcomes"][0]["outcome"], "repeated", "{again:?}");
    let card = here.get(&format!("/api/v1/tasks/{id}")).await;
    assert_eq!(card.json["row"]["kind"], "invoice_download");
    let named = json!({"tax_no": TAX_NO, "invoices": [
        {"invoice_no": "23442000000164214335"},
        {"invoice_type": "4", "invoice_code": "4403201130", "invoice_no": "01234567"}]});
    let made = here.post("/api/v1/invoices/download", named).await;
    assert_eq!(made.status.as_u16(), 200, "{made:?}");
}

#[tokio::test]
async fn a_wrong_download_is_refused_with_the_field() {
    let here = Here::new().await;
    let path = "/api/v1/invoices/download";
    let dates = json!({"tax_no": TAX_NO, "from": "2024-01-01", "to": "2025-12-31"});
    here.post(path, dates).await.refuses(422, "rejected", "parameters.to: from 2024-01-01 to");
    let nobody = json!({"tax_no": "1"});
    here.post(path, nobody).await.refuses(422, "rejected", "tax_no: \"1\" is not a tax number");
    let unknown = json!({"tax_no": TAX_NO, "colour": "red"});
    here.post(path, unknown).await.refuses(400, "malformed", "body: ");
    let many: Vec<_> = (0..501).map(|n| json!({"invoice_no": n.to_string()})).collect();
    let many = json!({"tax_no": TAX_NO, "invoices": many});
    here.post(path, many).await.refuses(400, "malformed", "invoices: names 501");
}

#[tokio::test]
async fn good_rows_are_loaded_and_each_bad_one_has_a_line() {
    let here = Here::new().await;
    let table = format!(
        "{HEADINGS}\n\
         {TAX_NO},27,24440000000000009001,2025-10-09,100,13,部分红冲,甲\n\
         {TAX_NO},27,24440000000000009001,2025-10-09,100,13,,\n\
         91440300MA5GNOBODY,27,24440000000000009002,2025-10-09,100,13,,\n\
         {TAX_NO},27,24440000000000009003,2025-10-09,much,13,,\n\
         {TAX_NO},27,24440000000000009004,2025-10-09,-7.5,-0.98,,乙\n"
    );
    let loaded = load(&here, table.clone()).await;
    assert_eq!(
        loaded.json,
        json!({"rows": 5, "loaded": 2, "rejected": [
            {"row": 3, "column": "发票号码", "problem": "与第2行是同一张发票，请删除重复行"},
            {"row": 4, "column": "购买方税号",
             "problem": "“91440300MA5GNOBODY”不在企业信息中，请先维护该企业，或改正税号"},
            {"row": 5, "column": "金额", "problem": "“much”不是金额，请填写最多两位小数的元"},
        ]})
    );
    let first = here.get(&format!("/api/v1/invoices/{TAX_NO}/24440000000000009001")).await;
    assert_eq!(first.json["invoice"]["source"], "文件导入", "{first:?}");
    assert_eq!(first.json["invoice"]["status"], "partly_reversed");
    assert_eq!(load(&here, table).await.json, loaded.json, "the same file again");
    let again = here.get(&format!("/api/v1/invoices/{TAX_NO}/24440000000000009001")).await;
    assert_eq!(again.json, first.json);
    // What a later table leaves open stays.
    let table = format!("{HEADINGS}\n{TAX_NO},27,24440000000000009001,2025-10-09,200,26,,\n");
    assert_eq!(load(&here, table).await.json["loaded"], 1);
    let now = here.get(&format!("/api/v1/invoices/{TAX_NO}/24440000000000009001")).await;
    assert_eq!(now.json["invoice"]["amount"], "200.00");
    assert_eq!(now.json["invoice"]["status"], "partly_reversed");
    assert_eq!(now.json["invoice"]["seller_name"], "甲");
}

#[tokio::test]
async fn nothing_of_a_refused_table_is_loaded() {
    let here = Here::new().await;
    let good: String =
        (0..1500).map(|n| format!("{TAX_NO},27,2555{n:016},2025-10-09,100,13,,\n")).collect();
    let table = format!("{HEADINGS}\n{good}{TAX_NO},27,1,2025-10-09,1,0,,,beyond\n");
    load(&here, table).await.refuses(400, "malformed", "I1502有内容，但该列没有标题");
    load(&here, "no table".into()).await.refuses(
        400,
        "malformed",
        "A1的标题“no table”不在引入模板中",
    );
    let filter = InvoiceFilter { number: Some("2555".into()), ..InvoiceFilter::default() };
    let found = here.site.store.search(&filter, None, 10).await.expect("a store");
    assert_eq!(found, []);
    let wrong = here.send("/api/v1/invoices/load?answer=pdf", "text/csv", String::new()).await;
    wrong.refuses(400, "malformed", "answer: \"pdf\": write json or xlsx");
}

#[tokio::test]
async fn several_batches_are_loaded_in_one_table() {
    let here = Here::new().await;
    let rows: String =
        (0..2500).map(|n| format!("{TAX_NO},27,2666{n:016},2025-10-09,100,13,,\n")).collect();
    let loaded = load(&here, format!("{HEADINGS}\n{rows}")).await;
    assert_eq!(loaded.json, json!({"rows": 2500, "loaded": 2500, "rejected": []}));
    let filter = InvoiceFilter { number: Some("2666".into()), ..InvoiceFilter::default() };
    let found = here.site.store.search(&filter, None, 5000).await.expect("a store");
    assert_eq!(found.len(), 2500);
}

#[tokio::test]
async fn layout_files_are_listed_and_brought() {
    let here = Here::new().await;
    let path = format!("/api/v1/invoices/{TAX_NO}/9001/files");
    assert_eq!(here.get(&path).await.json, json!({"files": []}));
    let none = here.get(&format!("{path}/pdf")).await;
    none.refuses(404, "no_such_file", "no PDF of the invoice 9001");
    here.get(&format!("{path}/exe")).await.refuses(400, "malformed", "format: write pdf, ofd");
    let bytes: Arc<[u8]> = b"%PDF-1.4 kept".as_slice().into();
    let sha256 = FileHash::of(&bytes);
    let invoice = InvoiceKey { code: String::new(), number: "9001".into() };
    let file = FileRef { invoice, format: FileFormat::Pdf };
    let known = here.site.store.taxpayers(&[TAX_NO.parse().expect("a tax number")]).await;
    let tax = known.expect("a store")[0].as_ref().expect("it is known").id;
    let new = [NewFile { file, bytes: 13, sha256 }];
    here.site.store.note_files(tax, &new).await.expect("noted");
    let lost = here.get(&format!("{path}/pdf")).await;
    lost.refuses(404, "lost_file", "the PDF of the invoice 9001");
    here.site.files.keep(&[bytes]).await.expect("kept");
    let brought = here.get(&format!("{path}/pdf")).await;
    assert_eq!((brought.status.as_u16(), brought.text.as_str()), (200, "%PDF-1.4 kept"));
    let listed = here.get(&path).await;
    assert_eq!(listed.json["files"][0]["sha256"], sha256.to_string());
}
