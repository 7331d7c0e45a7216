use super::{Entry, Mark, Standing};
use crate::{
    invoice::{
        EntryState, InvoiceKey, InvoiceStatus, InvoiceUse, NonDeductionReason, Purpose, Risk,
        Selection, TaskInvoice, ToldUse, UseReading,
    },
    kind::{Action, Kind},
    period::TaxPeriod,
};
use proptest::{
    option,
    prelude::{Strategy, prop_assert_eq},
    proptest,
    sample::select,
};

fn period(text: &str) -> Option<TaxPeriod> {
    text.parse().ok()
}

/// `selection purpose reason text period`, with `-` for nothing.
fn shown(mark: &Mark) -> String {
    let purpose = mark.purpose.map_or("-", Purpose::name);
    let reason = mark.non_deduction_reason.map_or("-", NonDeductionReason::number);
    let text = if mark.non_deduction_text.is_empty() { "-" } else { &mark.non_deduction_text };
    let period = mark.period.map_or("-".to_owned(), |period| period.to_string());
    format!("{} {purpose} {reason} {text} {period}", mark.selection.name())
}

fn mark(text: &str) -> Mark {
    let words: Vec<&str> = text.split_whitespace().collect();
    Mark {
        selection: Selection::from_name(words[0]).expect("a selection"),
        purpose: Purpose::from_name(words[1]),
        non_deduction_reason: words[2].parse().ok(),
        non_deduction_text: words[3].replace('-', ""),
        period: period(words[4]),
    }
}

#[test]
fn a_task_leaves_behind_what_was_decided() {
    let key = InvoiceKey { code: String::new(), number: "1".into() };
    let plain = TaskInvoice::new(key, "27".parse().expect("a type"));
    let given = TaskInvoice {
        non_deduction_reason: Some(NonDeductionReason::Other),
        non_deduction_text: Some("赠送".into()),
        ..plain.clone()
    };
    let table = [
        (Kind::DeductionSelect, &plain, "selected deduction - - 202511"),
        (Kind::DeductionSelect, &given, "selected deduction - - 202511"),
        (Kind::NonDeductionSelect, &given, "selected non_deduction 5 赠送 202511"),
        (Kind::NonDeductionSelect, &plain, "selected non_deduction - - 202511"),
        (Kind::RebateSelect, &plain, "selected rebate - - 202511"),
        (Kind::PreSelect, &plain, "pre_selected deduction - - -"),
        (Kind::PreSelect, &given, "pre_selected non_deduction 5 赠送 -"),
        (Kind::DeductionDeselect, &given, "unselected - - - -"),
        (Kind::NonDeductionDeselect, &given, "unselected - - - -"),
        (Kind::RebateDeselect, &plain, "unselected - - - -"),
        (Kind::PreDeselect, &plain, "unselected - - - -"),
    ];
    for (kind, invoice, expected) in table {
        let left = Mark::left_by(kind, invoice, period("202511")).expect("it marks");
        assert_eq!(shown(&left), expected, "{kind}");
    }
    for kind in Kind::ALL {
        let marks = Mark::left_by(*kind, &plain, None).is_some();
        assert_eq!(marks, kind.action().is_some(), "{kind}");
        let cleared = Mark::left_by(*kind, &given, period("202511")) == Some(Mark::default());
        assert_eq!(cleared, kind.action() == Some(Action::Deselect), "{kind}");
    }
}

/// selection purpose reason text period | use certified period | afterwards; `-` is nothing, and
/// for certified: it was not said.
const TOLD: &str = "
    unselected - - - -                  | unused        -   -      | unselected - - - -
    unselected - - - -                  | unused        no  -      | unselected - - - -
    unselected - - - -                  | unused        no  202510 | unselected - - - -
    unselected non_deduction 3 - -      | unused        -   -      | unselected non_deduction 3 - -
    unselected non_deduction 3 - -      | unused        no  -      | unselected non_deduction 3 - -
    pre_selected deduction - - -        | unused        no  -      | pre_selected deduction - - -
    pre_selected non_deduction 5 赠送 - | unused        -   -      | pre_selected non_deduction 5 赠送 -
    selected deduction - - 202511       | unused        -   -      | unselected - - - -
    selected non_deduction 5 赠送 202511 | unused       no  -      | unselected - - - -
    certified deduction - - 202510      | unused        no  -      | unselected - - - -
    scan_certified deduction - - 202510 | unused        no  -      | unselected - - - -
    unselected - - - -                  | deduction     -   202510 | selected deduction - - 202510
    unselected - - - -                  | deduction     yes 202510 | certified deduction - - 202510
    unselected deduction - - -          | non_deduction no  202510 | selected non_deduction - - 202510
    pre_selected non_deduction 3 - -    | deduction     no  202510 | selected deduction - - 202510
    pre_selected non_deduction 3 - -    | deduction     -   202510 | selected deduction - - 202510
    pre_selected non_deduction 5 赠送 - | non_deduction no  202510 | selected non_deduction 5 赠送 202510
    selected deduction - - 202511       | deduction     no  202510 | selected deduction - - 202510
    selected deduction - - 202511       | deduction     -   -      | selected deduction - - 202511
    selected deduction - - 202510       | deduction     yes 202510 | certified deduction - - 202510
    selected non_deduction 3 - 202511   | deduction     -   202511 | selected deduction - - 202511
    selected non_deduction 3 - 202511   | non_deduction no  202511 | selected non_deduction 3 - 202511
    selected deduction - - 202511       | non_deduction -   202511 | selected non_deduction - - 202511
    certified deduction - - 202510      | deduction     -   202510 | certified deduction - - 202510
    certified deduction - - 202510      | deduction     no  202510 | selected deduction - - 202510
    scan_certified - - - -              | rebate        -   202510 | scan_certified rebate - - 202510
    scan_certified - - - -              | rebate        yes 202510 | scan_certified rebate - - 202510
    scan_certified - - - 202510         | deduction     no  202510 | selected deduction - - 202510
    selected deduction - - 202511       | other         -   -      | selected - - - 202511
    pre_selected deduction - - -        | other         no  -      | selected - - - -
";

/// One rule for downloads, which say whether it is certified, and for readings, which do not.
#[test]
fn what_the_bureau_uses_it_for_wins_over_what_the_pool_knew() {
    let mut rows = 0;
    for row in TOLD.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let columns: Vec<&str> = row.split('|').map(str::trim).collect();
        let [known, said, expected] = columns[..] else { panic!("{row}") };
        let words: Vec<&str> = said.split_whitespace().collect();
        let used_for = InvoiceUse::from_name(words[0]).expect("a use");
        let certified = Some(words[1] == "yes").filter(|_| words[1] != "-");
        let told = ToldUse { used_for, period: period(words[2]), certified };
        assert_eq!(shown(&mark(known).after(&told)), expected, "{row}");
        if certified.is_none() {
            let known = Standing { mark: mark(known), ..Standing::default() };
            let read = UseReading::of(used_for, told.period);
            assert_eq!(shown(&known.after(&read).mark), expected, "read: {row}");
        }
        rows += 1;
    }
    assert_eq!(rows, 30);
}

/// 01, 02 and 03 over every state of the pool: state, and whether period and time stay.
#[test]
fn the_books_follow_what_self_use_says() {
    use EntryState::{Entered, NotEntered, Withdrawn};
    let table = [
        (NotEntered, NotEntered, NotEntered, false),
        (NotEntered, Entered, NotEntered, false),
        (NotEntered, Withdrawn, NotEntered, false),
        (Entered, NotEntered, Entered, true),
        (Entered, Withdrawn, Entered, true),
        (Entered, Entered, Entered, true),
        (Withdrawn, NotEntered, Withdrawn, false),
        (Withdrawn, Entered, Withdrawn, false),
        (Withdrawn, Withdrawn, Withdrawn, false),
    ];
    let at = "2025-11-20T00:00:00Z".parse().ok();
    for (read, known, state, stays) in table {
        let entry = Entry { state: known, period: period("202511"), at };
        let after = entry.after(read);
        let rest = if stays { (entry.period, entry.at) } else { (None, None) };
        assert_eq!((after.state, (after.period, after.at)), (state, rest), "{read:?} {known:?}");
    }
}

#[test]
fn what_a_reading_does_not_say_stays() {
    let known = Standing {
        mark: mark("selected deduction - - 202511"),
        status: InvoiceStatus::PartlyReversed,
        risk: Risk::Suspect,
        entry: Entry { state: EntryState::Entered, period: period("202511"), at: None },
    };
    let silent = UseReading::of(InvoiceUse::Deduction, None);
    assert_eq!(known.clone().after(&silent), known);
    let doubted = Standing { status: InvoiceStatus::OutOfControl, ..known.clone() };
    let normal = UseReading { status: Some(InvoiceStatus::Normal), ..silent };
    assert_eq!(doubted.clone().after(&normal), doubted, "正常 does not deny 失控");
    assert_eq!(known.clone().after(&normal).status, InvoiceStatus::Normal);
    let told = UseReading {
        status: Some(InvoiceStatus::Void),
        risk: Some(Risk::Normal),
        entry: Some(EntryState::Withdrawn),
        ..silent
    };
    let after = known.after(&told);
    assert_eq!((after.status, after.risk), (InvoiceStatus::Void, Risk::Normal));
    assert_eq!(after.entry, Entry { state: EntryState::Withdrawn, ..Entry::default() });
}

fn any_mark() -> impl Strategy<Value = Mark> {
    let stored: Vec<Selection> =
        Selection::ALL.iter().copied().filter(|one| *one != Selection::Selecting).collect();
    let reasons: Vec<_> = NonDeductionReason::ALL.iter().map(|row| row.0).collect();
    let told = option::of(select(vec!["202510", "202511"]));
    let purpose = option::of(select(Purpose::ALL));
    let mark = (select(stored), told, purpose, option::of(select(reasons)), "[赠送]{0,2}");
    mark.prop_map(|(selection, told, purpose, non_deduction_reason, non_deduction_text)| Mark {
        selection,
        period: told.and_then(period),
        purpose,
        non_deduction_reason,
        non_deduction_text,
    })
}

proptest! {
    /// Whatever tasks and crashes have left there: one reading makes the pool say what the bureau
    /// says, and a second one changes nothing.
    #[test]
    fn one_reading_makes_the_pool_say_what_the_bureau_says(
        mark in any_mark(),
        used_for in select(InvoiceUse::ALL),
        told in select(vec!["202510", "202512"]),
        status in option::of(select(InvoiceStatus::ALL)),
    ) {
        let used = used_for != InvoiceUse::Unused;
        let read = UseReading { status, ..UseReading::of(used_for, period(told).filter(|_| used)) };
        let known = Standing { mark, ..Standing::default() };
        let after = known.clone().after(&read);
        prop_assert_eq!(after.mark.selection.has_period(), used);
        prop_assert_eq!(after.clone().after(&read), after.clone());
        prop_assert_eq!(after.status, status.unwrap_or_default());
        if used {
            let purpose = Purpose::from_name(used_for.name());
            prop_assert_eq!((after.mark.purpose, after.mark.period), (purpose, period(told)));
        } else if known.mark.selection.has_period() {
            prop_assert_eq!(after.mark, Mark::default());
        } else {
            prop_assert_eq!(after.mark, known.mark);
        }
    }
}
