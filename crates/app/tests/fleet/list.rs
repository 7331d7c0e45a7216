//! A list (引入清单勾选) on real servers: template, upload, edit list, batch, results.

use crate::{process::succeed, stage::Stage, town::Town};
use domain::list::Column;
use serde_json::{Value, json};
use sheets::{Heading, Holds, Table};

/// A list as a person fills it in: action and number.
fn filled_in(rows: &[(&str, &Value)]) -> Vec<u8> {
    let heading =
        |column: Column| Heading { text: column.heading(), holds: Holds::Text, width: 20 };
    let headings = Column::ALL.map(heading);
    let made_at = "2025-11-22T00:00:00Z".parse().expect("a moment");
    let mut table = Table::new("清单", &headings, made_at).expect("a table");
    for (action, number) in rows {
        let number = number.as_str().expect("a number");
        let cells = [action, "", number, "", "", ""];
        table.row(&cells.map(sheets::Value::Text)).expect("a row");
    }
    let mut file = Vec::new();
    table.finish(&mut file).expect("a file");
    file
}

#[tokio::test]
async fn what_passes_of_a_list_is_selected_and_the_rest_has_its_sentence() {
    let mut town = Town::new();
    let (tax_no, small) = (town.taxpayer("etax"), town.taxpayer("etax"));
    town.account(&[&tax_no, &small]);
    town.shrink(&small);
    let invoices: Vec<Value> =
        (0..6).map(|_| town.invoice(&tax_no)["invoice_no"].clone()).collect();
    let smalls = town.invoice(&small)["invoice_no"].clone();
    town.spoil(&invoices[5]);
    let stage = Stage::open(&town).await;
    let (_worker, address) = stage.console(&[]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_str().expect("a path").to_owned();
    let run = async |arguments: &[&str]| {
        succeed(&[arguments, &["--json", "--listen", &address]].concat()).await
    };
    let asked = async |arguments: &[&str]| -> Vec<Value> {
        let said = run(arguments).await;
        said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    run(&["list", "template", &at("template.xlsx")]).await;
    let template = std::fs::read(at("template.xlsx")).expect("it was saved");
    assert_eq!(template, sheets::template().expect("a template"));

    let unknown = json!("23442000000000000404");
    let mut rows: Vec<(&str, &Value)> = invoices.iter().map(|number| ("勾选", number)).collect();
    rows.extend([("勾选", &smalls), ("勾选", &unknown), ("撤销勾选", &unknown)]);
    std::fs::write(at("list.xlsx"), filled_in(&rows)).expect("written");
    let import = ["list", "import", &at("list.xlsx"), "--for", "deduction", "--id", "nov"];
    let list = asked(&import).await.remove(0);
    assert_eq!(list["results"], json!({"failed": 3, "task_fails": 1, "listed": 5}), "{list}");
    let said = asked(&["list", "rows", "nov", "--result", "failed,task_fails"]).await;
    let said: Vec<&str> =
        said.iter().map(|row| row["sentence"].as_str().expect("a sentence")).collect();
    assert!(said[0].starts_with("发票状态异常：只允许勾选"), "{said:?}");
    assert!(said[1].starts_with("小规模纳税人不支持抵扣类勾选"), "{said:?}");
    assert_eq!(said[2..], ["存在重复行，请检查并删除重复行"; 2]);
    run(&["list", "drop", "nov", "6"]).await;
    run(&["list", "confirm", "nov"]).await;
    stage.until_all_ended(2).await;
    let lines = asked(&["batch", "invoices", "nov"]).await;
    let outcomes: Vec<&str> =
        lines.iter().map(|line| line["outcome"].as_str().expect("an outcome")).collect();
    assert_eq!(outcomes, ["succeeded", "succeeded", "succeeded", "succeeded", "refused"]);
    let selected = "SELECT count(*) FROM invoice WHERE selection = 'selected'";
    assert_eq!(stage.value(selected).await, "4", "one was dropped");
    let ledger = asked(&["ledger", "list", "--outcome", "succeeded", "--batch-id", "nov"]).await;
    assert_eq!(ledger.len(), 4, "{ledger:?}");
    for what in ["invoice", "task", "ledger"] {
        let path = at(&format!("{what}.xlsx"));
        run(&[what, "export", &path]).await;
        assert!(std::fs::read(path).expect("it was saved").starts_with(b"PK"), "{what}");
    }
    run(&["list", "results", "nov", &at("results.xlsx")]).await;
    assert!(std::fs::read(at("results.xlsx")).expect("it was saved").starts_with(b"PK"));
    assert_eq!(stage.bureau.referee().duplicate_submissions, 0);
}
