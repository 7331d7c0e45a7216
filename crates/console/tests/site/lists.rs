//! Lists over HTTP.

use crate::here::{Here, NOW};
use console::{
    Client, ListQuery, RowsQuery, UploadQuery,
    asked::{ConfirmAsked, RowAsked},
};
use domain::{
    batch::BatchState,
    list::{Column, ListState, RowOutcome},
};
use serde_json::json;
use sheets::{Heading, Holds, Table, Value};

const INVOICE: &str = "23442000000164214335";

/// A list as a person fills it in: action, number, reason.
pub(crate) fn list(rows: &[[&str; 3]]) -> Vec<u8> {
    let heading =
        |column: Column| Heading { text: column.heading(), holds: Holds::Text, width: 20 };
    let headings = Column::ALL.map(heading);
    let made_at = NOW.parse().expect("a moment");
    let mut table = Table::new("清单", &headings, made_at).expect("a table");
    for [action, number, reason] in rows {
        let cells = [action, "", number, "", reason, ""];
        table.row(&cells.map(Value::Text)).expect("a row");
    }
    let mut file = Vec::new();
    table.finish(&mut file).expect("a file");
    file
}

fn query(id: &str) -> UploadQuery {
    UploadQuery {
        list_id: id.into(),
        purpose: "non_deduct".into(),
        file_name: "清单.xlsx".into(),
        submitted_by: Some("王".into()),
    }
}

#[tokio::test]
async fn a_list_is_uploaded_edited_and_confirmed() {
    let here = Here::new().await;
    let client = Client::here(here.site.clone(), "root");
    let file = list(&[["勾选", INVOICE, "3"], ["勾选", "404", "3"], ["勾选", "", ""]]);
    let read = client.upload_list(&query("十一月"), file.clone()).await.expect("read").list;
    assert_eq!((read.state, read.rows, read.done), (ListState::Ready, 3, 3));
    assert_eq!(read.results[&RowOutcome::Failed], 2);
    let again = client.upload_list(&query("十一月"), file).await.expect("the same").list;
    assert_eq!(again, read);
    let failed = RowsQuery { result: Some("failed".into()), ..RowsQuery::default() };
    let rows = client.list_rows("十一月", &failed).await.expect("a page").rows;
    let said: Vec<_> = rows.iter().map(|row| (row.row, row.sentence.as_str())).collect();
    assert_eq!(said[0], (3, "必填字段缺失：发票代码"));
    assert_eq!(said[1], (4, "必填字段缺失：发票号码或海关缴款书号码、不抵扣原因"));
    let reason = RowAsked { dropped: None, reason: Some("其他：报废".into()) };
    let changed = client.change_list_row("十一月", 2, &reason).await.expect("it passed");
    assert_eq!(changed.entry.expect("it passed").reason_text.as_deref(), Some("报废"));
    let batch = client.confirm_list("十一月", &ConfirmAsked::default()).await.expect("confirmed");
    assert_eq!(batch.view.batch.state, BatchState::Submitted);
    assert_eq!((batch.view.batch.batch_id.as_str(), batch.view.tasks), ("十一月", 1));
    let once_more = client.confirm_list("十一月", &ConfirmAsked::default()).await;
    assert_eq!(once_more.expect("the same").view.batch, batch.view.batch);
    let listed = client.lists(&ListQuery::default()).await.expect("a page").lists;
    assert_eq!(
        (listed[0].state, listed[0].batch_id.as_deref()),
        (ListState::Confirmed, Some("十一月"))
    );
    let results = client.list_results("十一月").await.expect("a file");
    assert!(results.starts_with(b"PK"), "a package");
}

#[tokio::test]
async fn an_edit_list_that_cannot_be_says_why() {
    let here = Here::new().await;
    let client = Client::here(here.site.clone(), "root");
    let file = list(&[["勾选", INVOICE, "3"], ["勾选", "404", "3"]]);
    client.upload_list(&query("l"), file).await.expect("read");
    let path = "/api/v1/lists/l";
    let drop = json!({"dropped": true});
    here.post(&format!("{path}/rows/3"), drop.clone()).await.refuses(
        409,
        "conflict",
        "row 3 did not",
    );
    here.post(&format!("{path}/rows/9"), drop.clone()).await.refuses(
        404,
        "no_such_list",
        "list l has",
    );
    here.post(&format!("{path}/rows/x"), drop.clone()).await.refuses(400, "malformed", "row: ");
    here.post(&format!("{path}/rows/2"), json!({})).await.refuses(400, "malformed", "body: say");
    let wrong = json!({"reason": "9"});
    here.post(&format!("{path}/rows/2"), wrong).await.refuses(400, "malformed", "reason: “9”");
    here.post(&format!("{path}/rows/2"), drop.clone()).await;
    here.post(&format!("{path}/confirm"), json!({})).await.refuses(409, "conflict", "no row of");
    here.get("/api/v1/lists/m").await.refuses(404, "no_such_list", "there is no list m");
    here.get(&format!("{path}/rows?result=x")).await.refuses(400, "malformed", "result: \"x\"");
    here.get("/api/v1/lists?after=x").await.refuses(400, "malformed", "after: ");
}

#[tokio::test]
async fn a_file_that_is_no_list_is_refused_with_its_sentence() {
    let here = Here::new().await;
    let client = Client::here(here.site.clone(), "root");
    let refused = client.upload_list(&query("l"), b"a,b".to_vec()).await.expect("kept").list;
    assert_eq!(refused.state, ListState::Refused);
    assert!(refused.refusal.starts_with("文件不是.xlsx格式"), "{}", refused.refusal);
    let other = client.upload_list(&query("l"), list(&[["勾选", INVOICE, "3"]])).await;
    let sentence = other.expect_err("another file").to_string();
    assert!(sentence.starts_with("list_id: was used for another list"), "{sentence}");
    let purpose = UploadQuery { purpose: "gift".into(), ..query("m") };
    let sentence = client.upload_list(&purpose, Vec::new()).await.expect_err("none").to_string();
    assert!(sentence.starts_with("purpose: \"gift\": write one of deduct"), "{sentence}");
    let nameless = client.upload_list(&query(""), Vec::new()).await.expect_err("none").to_string();
    assert!(nameless.starts_with("list_id: is missing"), "{nameless}");
}
