//! `gouxuan demo`: the whole thing with nothing installed.

use crate::process::succeed;
use serde_json::Value;
use std::collections::BTreeMap;

/// Tasks of the sample batch.
const TASKS: usize = 28;

#[tokio::test]
async fn the_demo_ends_with_a_table_that_a_person_understands() {
    let table = succeed(&["demo"]).await;
    for word in ["税号", "状态", "说明", "处理成功", "处理失败", "91440300MA5G9GK78Y"]
    {
        assert!(table.contains(word), "{word} stands in the table:\n{table}");
    }
    let last = table.lines().last().expect("a last line");
    assert!(last.starts_with(&format!("{TASKS} 个任务")), "{last}");
}

#[tokio::test]
async fn every_task_of_the_demo_ends_as_it_must() {
    let printed = succeed(&["demo", "--json"]).await;
    let rows: Vec<Value> = printed
        .lines()
        .map(|line| serde_json::from_str(line).expect("one object per line"))
        .collect();
    assert_eq!(rows.len(), TASKS);
    for row in &rows {
        let state = row["state"].as_str().expect("a state");
        let shown = if state == "done" { "处理成功" } else { "处理失败" };
        assert_eq!(row["shown_state"], shown, "{row}");
        assert!(["done", "refused"].contains(&state), "nothing is lost in the demo: {row}");
        let explained = !row["reason"].as_str().expect("a reason").is_empty();
        assert!(explained || state == "done", "what failed says why: {row}");
    }
    let mut refused = BTreeMap::<&str, usize>::new();
    for row in rows.iter().filter(|row| row["state"] == "refused") {
        *refused.entry(row["reason"].as_str().expect("a reason")).or_default() += 1;
    }
    for sentence in [
        "税局收票通道类型为“tax_disk”，只支持乐企和电子税局。",
        "小规模纳税人不支持抵扣类勾选，可根据企业在税局的信息，在星空发票服务企业基础资料修改。",
        "包含不可勾选的发票类型。",
        "开票金额必须大于0，请下载更新发票。",
        "只允许勾选发票状态为“正常”和“部分红冲”的发票，请下载更新发票。",
        "只允许勾选发票状态为“正常”的发票，请下载更新发票。",
        "当前税款所属期统计表已生成，请撤销统计再勾选，或使用【当期抵扣勾选统计】查询更新统计。",
        "发票不存在，请先从税局下载或是上传",
    ] {
        assert!(refused.contains_key(sentence), "{sentence} is among {refused:?}");
    }
}
