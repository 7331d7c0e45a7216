use super::{Extent, Grant, Place, Right, Role, User, UserName};
use crate::{
    automatic::Conditions,
    kind::{Action, Kind},
};

fn user(grants: &str) -> User {
    let grants = grants.split_whitespace().map(|text| text.parse().expect("a grant"));
    User { name: "王".parse().expect("a name"), grants: grants.collect() }
}

/// grants | right | 核算组织 | 税务组织 | what comes of it
const TABLE: &str = "
    clerk@0101              | select     | 0101 | 0200 | ok
    clerk@0101              | select     | 0200 | 0101 | elsewhere
    clerk@0101              | select     |      | 0101 | ok
    clerk@0101              | select     |      | 0200 | elsewhere
    clerk@0101              | select     |      |      | none
    clerk@0101              | confirm    | 0101 |      | nowhere
    clerk                   | select     |      |      | ok
    clerk                   | withdraw   | 0300 |      | ok
    clerk                   | administer |      |      | nowhere
    viewer clerk@0101       | view       | 0300 |      | ok
    viewer clerk@0101       | select     | 0300 |      | elsewhere
    viewer@1 supervisor@2   | confirm    | 1    |      | elsewhere
    viewer@1 supervisor@2   | confirm    | 2    |      | ok
    operator                | retry      |      |      | ok
    operator                | select     |      |      | nowhere
    administrator@0101      | administer | 0101 |      | ok
    administrator@0101      | administer |      |      | none
                            | view       | 0101 |      | nowhere
";

#[test]
fn the_accounting_organisation_decides_before_the_tax_organisation() {
    for line in TABLE.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [grants, right, accounting_org, tax_org, expected] = cells[..] else {
            panic!("five columns: {line}")
        };
        let right = Right::ALL.into_iter().find(|one| one.name() == right).expect("a right");
        let said = match user(grants).may(right, Place { accounting_org, tax_org }) {
            Ok(()) => "ok",
            Err(super::Denied::Nowhere { .. }) => "nowhere",
            Err(super::Denied::Elsewhere { .. }) => "elsewhere",
            Err(super::Denied::NoOrganisation { .. }) => "none",
            Err(super::Denied::NotEverywhere { .. }) => "not everywhere",
            Err(super::Denied::WiderRule { .. }) => "wider",
        };
        assert_eq!(said, expected, "{line}");
    }
}

#[test]
fn some_actions_need_a_right_everywhere() {
    assert!(user("administrator").may_everywhere(Right::Administer).is_ok());
    let denied = user("administrator@0101").may_everywhere(Right::Administer);
    assert!(denied.expect_err("in one only").to_string().contains("everywhere"));
    assert_eq!(user("clerk@1 viewer").extent(Right::View), Some(Extent::Everywhere));
}

#[test]
fn a_rule_is_everybodys_who_has_the_right_wherever_it_may_choose() {
    let when = |organisations: &[&str]| Conditions {
        organisations: organisations.iter().map(|org| (*org).to_owned()).collect(),
        ..Conditions::default()
    };
    for (grants, right, organisations, may) in [
        ("clerk", Right::Select, &[][..], true),
        ("clerk@1", Right::Select, &[], false),
        ("clerk@1", Right::Select, &["1"], true),
        ("clerk@1", Right::Select, &["1", "2"], false),
        ("clerk@1 clerk@2", Right::Select, &["1", "2"], true),
        ("clerk@1 viewer@2", Right::Select, &["1", "2"], false),
        ("clerk@1 viewer@2", Right::View, &["1", "2"], true),
        ("viewer@1", Right::Select, &["1"], false),
        ("", Right::View, &["1"], false),
    ] {
        let said = user(grants).may_rule(right, &when(organisations));
        assert_eq!(said.is_ok(), may, "{grants} {organisations:?}");
    }
}

#[test]
fn every_role_may_look_and_the_administrator_may_all() {
    for role in Role::ALL {
        assert!(role.rights().contains(&Right::View), "{role:?}");
        assert_eq!(role.name().parse(), Ok(role));
    }
    assert_eq!(Role::Administrator.rights(), Right::ALL);
}

#[test]
fn a_kind_needs_the_right_of_its_action() {
    for kind in Kind::ALL {
        match kind.action() {
            Some(Action::Select) => assert_eq!(Right::of(*kind), Right::Select, "{kind}"),
            Some(Action::Deselect) => assert_eq!(Right::of(*kind), Right::Withdraw, "{kind}"),
            None => assert_ne!(Right::of(*kind), Right::View, "{kind}"),
        }
    }
    assert_eq!(Right::of(Kind::StatisticConfirm), Right::Confirm);
}

#[test]
fn grants_and_names_are_read_as_they_are_written() {
    for text in ["clerk", "supervisor@0101", "viewer@财务部"] {
        assert_eq!(text.parse::<Grant>().expect("a grant").to_string(), text);
    }
    for wrong in ["", "boss", "clerk@", "clerk@  "] {
        assert!(wrong.parse::<Grant>().is_err(), "{wrong}");
    }
    assert_eq!(" 李 四 ".parse::<UserName>().expect("a name").as_str(), "李 四");
    for wrong in ["", "  ", "a/b", "a:b", "a\nb", &"x".repeat(65)] {
        assert!(wrong.parse::<UserName>().is_err(), "{wrong:?}");
    }
}
