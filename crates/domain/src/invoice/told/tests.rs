use super::{Kept, Tally, ToldInvoice, take_over};
use crate::{
    invoice::{
        InvoiceKey, InvoiceStatus, InvoiceUse, Mark, NonDeductionReason, Purpose, Risk, Selection,
        ToldUse,
    },
    money::Fen,
    tax_no::TaxNo,
};
use std::collections::HashMap;

fn buyer() -> TaxNo {
    "91440300MA5G9GK78Y".parse().expect("a tax number")
}

fn told(number: &str, used: Option<ToldUse>) -> ToldInvoice {
    ToldInvoice {
        buyer_tax_no: buyer(),
        key: InvoiceKey { code: String::new(), number: number.to_owned() },
        invoice_type: "27".parse().expect("a type"),
        date: "2025-11-03".parse().ok(),
        amount: Fen(10_000),
        tax: Fen(600),
        status: InvoiceStatus::Normal,
        risk: Risk::Normal,
        special_kind: String::new(),
        seller_name: "示例供货商".into(),
        seller_tax_no: String::new(),
        used,
    }
}

#[test]
fn what_the_bureau_uses_it_for_is_written_as_the_rule_of_marks_says() {
    let used = ToldUse {
        used_for: InvoiceUse::NonDeduction,
        period: "202510".parse().ok(),
        certified: Some(false),
    };
    let mut known = told("1", None).over(None);
    known.facts.selection = Selection::PreSelected;
    known.purpose = Some(Purpose::NonDeduction);
    known.non_deduction_reason = Some(NonDeductionReason::Other);
    known.non_deduction_text = "赠送".into();
    let after = told("1", Some(used)).over(Some(&known));
    let mut expected = known.clone();
    (expected.facts.selection, expected.facts.period) = (Selection::Selected, used.period);
    assert_eq!(after, expected);
    assert_eq!(after.mark(), known.mark().after(&used));
    assert_eq!(told("1", None).over(Some(&known)), known, "nothing was said of it");
    let new = told("1", Some(used)).over(None);
    assert_eq!(new.mark(), Mark::default().after(&used));
}

#[test]
fn what_the_bureau_does_not_say_stays() {
    let mut known = told("1", None).over(None);
    known.facts.special_kind = "农产品收购".into();
    known.seller_tax_no = "91440300MA5GSELLER".into();
    let mut said = told("1", None);
    (said.seller_name, said.date) = (String::new(), None);
    (said.status, said.amount) = (InvoiceStatus::Reversed, Fen(1));
    let after = said.over(Some(&known));
    let mut expected = known.clone();
    (expected.facts.status, expected.facts.amount) = (InvoiceStatus::Reversed, Fen(1));
    assert_eq!(after, expected);
}

#[test]
fn each_invoice_is_written_once_and_only_for_its_own_buyer() {
    let mut foreign = told("9", None);
    foreign.buyer_tax_no = "91440300MA5GOTHER2".parse().expect("a tax number");
    let mut again = told("2", None);
    again.status = InvoiceStatus::Void;
    let page = [told("3", None), told("2", None), foreign, again.clone(), again, told("1", None)];
    let known = told("1", None).over(None);
    let takings = take_over(&buyer(), &page, HashMap::from([(known.facts.key.clone(), known)]));
    use Kept::{Changed, New, NotTheirs, Unchanged};
    assert_eq!(takings.kept, [New, New, NotTheirs, Changed, Unchanged, Unchanged]);
    let written: Vec<_> = takings.write.iter().map(|face| face.facts.key.number.as_str()).collect();
    assert_eq!(written, ["2", "3"]);
    assert_eq!(takings.write[0].facts.status, InvoiceStatus::Void, "the later one counts");
    let tally = Tally::of(&takings.kept) + Tally { unreadable: 2, ..Tally::default() };
    assert_eq!(
        tally.sentence(),
        "下载发票5张：新增2张，更新1张，未变2张。另有1张的购买方不是本税号，未写入全票池。\
         另有2张的税局数据无法识别，未写入全票池。"
    );
}
