//! The schema that a store has, beside the one that this executable works with.

use sqlx::migrate::Migrator;

/// Numbers of the newest migrations; 0: there is no schema yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Schema {
    pub store: i64,
    pub ours: i64,
}

impl Schema {
    pub(crate) fn beside(store: i64, migrations: &Migrator) -> Schema {
        let ours = migrations.iter().map(|migration| migration.version).max().unwrap_or_default();
        Schema { store, ours }
    }

    /// The database is empty: nobody has used it yet.
    pub fn is_missing(self) -> bool {
        self.store == 0
    }

    /// Which of both is older, and what to do about it; None: they fit.
    pub fn misfit(self) -> Option<String> {
        let Schema { store, ours } = self;
        match store {
            0 => Some("it has no schema yet: run `gouxuan migrate`".to_owned()),
            _ if store < ours => Some(format!(
                "its schema {store} is older than this gouxuan's, {ours}: run `gouxuan migrate`"
            )),
            _ if store > ours => Some(format!(
                "this gouxuan is older, of schema {ours}, than the one that brought it to schema \
                 {store}: use that version"
            )),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Schema;

    #[test]
    fn a_misfit_says_which_is_older_and_what_to_do() {
        let said = |store, ours| Schema { store, ours }.misfit().unwrap_or_default();
        assert_eq!(said(4, 4), "");
        assert!(said(0, 4).contains("no schema yet: run `gouxuan migrate`"));
        assert!(said(3, 4).starts_with("its schema 3 is older than this gouxuan's, 4: run"));
        assert!(said(5, 4).starts_with("this gouxuan is older, of schema 4,"));
        assert!(!said(5, 4).contains("migrate"));
    }
}
