use super::{Face, Kept, Tally, ToldInvoice, ToldSelection, take_over};
use crate::{
    invoice::{InvoiceKey, InvoiceStatus, Purpose, Risk, Selection},
    money::Fen,
    tax_no::TaxNo,
};
use std::collections::HashMap;

fn buyer() -> TaxNo {
    "91440300MA5G9GK78Y".parse().expect("a tax number")
}

fn told(number: &str, selection: Option<ToldSelection>) -> ToldInvoice {
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
        selection,
    }
}

/// `selected 202510 deduction`: selection, period and purpose; `-` is none.
fn selection(text: &str) -> Option<ToldSelection> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [selection, period, purpose] = words[..] else { return None };
    Some(ToldSelection {
        selection: Selection::from_name(selection).expect("a selection"),
        period: period.parse().ok(),
        purpose: Purpose::from_name(purpose),
    })
}

fn shown(face: &Face) -> String {
    let period = face.facts.period.map_or("-".into(), |period| period.to_string());
    let purpose = face.purpose.map_or("-", Purpose::name);
    format!("{} {period} {purpose}", face.facts.selection.name())
}

/// known | told | held | afterwards
const SELECTIONS: &str = "
-                             | -                             | free | unselected - -
-                             | selected 202510 deduction     | free | selected 202510 deduction
-                             | unselected 202510 deduction   | free | unselected - -
unselected - -                | selected 202510 non_deduction | free | selected 202510 non_deduction
unselected - -                | selected 202510 non_deduction | held | unselected - -
unselected - deduction        | selected 202510 non_deduction | free | selected 202510 deduction
selected 202510 deduction     | unselected - -                | free | unselected - deduction
selected 202510 deduction     | unselected - -                | held | selected 202510 deduction
selected 202510 deduction     | selected - deduction          | free | selected 202510 deduction
selected 202510 deduction     | selected 202511 deduction     | free | selected 202511 deduction
selected 202510 deduction     | certified 202510 deduction    | free | certified 202510 deduction
selected 202510 deduction     | -                             | free | selected 202510 deduction
pre_selected - non_deduction  | unselected - -                | free | pre_selected - non_deduction
pre_selected - non_deduction  | selected 202510 deduction     | free | selected 202510 non_deduction
pre_selected - -              | selected 202510 deduction     | held | pre_selected - -
";

#[test]
fn what_the_bureau_has_selected_is_taken_over_and_our_marks_stay() {
    let mut rows = 0;
    for row in SELECTIONS.lines().filter(|row| !row.is_empty()) {
        let columns: Vec<&str> = row.split('|').map(str::trim).collect();
        let [known, said, held, expected] = columns[..] else { panic!("{row}") };
        let known = selection(known).map(|known| {
            let mut face = told("1", None).over(None, false);
            (face.facts.selection, face.facts.period) = (known.selection, known.period);
            face.purpose = known.purpose;
            face
        });
        let after = told("1", selection(said)).over(known.as_ref(), held == "held");
        assert_eq!(shown(&after), expected, "{row}");
        rows += 1;
    }
    assert_eq!(rows, 15);
}

#[test]
fn what_the_bureau_does_not_say_stays() {
    let mut known = told("1", None).over(None, false);
    known.facts.special_kind = "农产品收购".into();
    known.seller_tax_no = "91440300MA5GSELLER".into();
    let mut said = told("1", None);
    (said.seller_name, said.date) = (String::new(), None);
    (said.status, said.amount) = (InvoiceStatus::Reversed, Fen(1));
    let after = said.over(Some(&known), false);
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
    let known = told("1", None).over(None, false);
    let takings =
        take_over(&buyer(), &page, HashMap::from([(known.facts.key.clone(), (known, false))]));
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
