//! When lanes had no owner: tasks that wait there hold back nobody meanwhile, by design.
//!
//! No clock tells what a claim saw: a change is noted before it is committed, and a start before the claim
//! looks. So PostgreSQL's own numbers are noted: which transaction changed an owner, and which transactions
//! could be seen when the claim looked.

use rig::Database;
use std::collections::HashMap;

/// Notes from now on every change of a lane's owner, and what each task's claim could see: when its keys were
/// taken, and right after the snapshot of the look that may give them back (claim/give_back).
const WATCH: &str = "
CREATE TABLE owner_change (n bigserial, lane_id int, owned boolean, by xid8 DEFAULT pg_current_xact_id());
CREATE TABLE look (task_id uuid PRIMARY KEY, keys text, seen text);
CREATE FUNCTION note_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO owner_change (lane_id, owned) VALUES (NEW.id, NEW.owner IS NOT NULL);
    RETURN NULL;
END
$$;
CREATE FUNCTION note_snapshot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config(TG_ARGV[0], pg_current_snapshot()::text, true);
    RETURN NULL;
END
$$;
CREATE FUNCTION note_start() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO look VALUES (NEW.task_id, current_setting('storm.keys'), current_setting('storm.seen'));
    RETURN NULL;
END
$$;
CREATE TRIGGER note_owner AFTER UPDATE OF owner ON lane FOR EACH ROW
    WHEN (OLD.owner IS DISTINCT FROM NEW.owner) EXECUTE FUNCTION note_owner();
CREATE TRIGGER note_keys AFTER INSERT ON running EXECUTE FUNCTION note_snapshot('storm.keys');
CREATE TRIGGER note_look BEFORE DELETE ON running EXECUTE FUNCTION note_snapshot('storm.seen');
CREATE TRIGGER note_start AFTER UPDATE OF started_at ON task_log FOR EACH ROW
    WHEN (OLD.started_at IS NULL AND NEW.started_at IS NOT NULL) EXECUTE FUNCTION note_start()";

/// A lane's changes wait for each other at its row, so they are numbered as they were committed.
const CHANGES: &str = "
SELECT l.account, c.by, c.owned FROM owner_change c JOIN lane l ON l.id = c.lane_id ORDER BY c.n";

const LOOKS: &str = "SELECT task_id, keys, seen FROM look";

/// Begins to note; the lanes are there and nobody owns one.
pub(super) async fn watch(database: &Database) {
    database.rows(WATCH).await.expect("changes of owners can be watched");
}

/// Who served a lane when a claim looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Served {
    Yes,
    /// A lane that is handed over is closed.
    No,
    /// It changed hands between the claim's keys and its look: nobody can say.
    Changing,
}

/// PostgreSQL's text of a snapshot: `xmin:xmax:` and those in between that were under way.
#[derive(Debug)]
struct Snapshot {
    oldest: u64,
    next: u64,
    under_way: Vec<u64>,
}

impl Snapshot {
    fn parse(text: &str) -> Snapshot {
        let mut parts = text.split(':');
        let mut part = || parts.next().expect("three parts");
        let number = |text: &str| text.parse().expect("a transaction's number");
        let (oldest, next) = (number(part()), number(part()));
        let under_way = part().split(',').filter(|one| !one.is_empty()).map(number).collect();
        Snapshot { oldest, next, under_way }
    }

    fn shows(&self, transaction: u64) -> bool {
        transaction < self.oldest
            || (transaction < self.next && !self.under_way.contains(&transaction))
    }
}

/// Of each account's lane, the transactions that gave it an owner (true) or took it; of each task, what its
/// claim saw.
#[derive(Debug, Default)]
pub(super) struct Owners {
    changes: HashMap<String, Vec<(u64, bool)>>,
    looks: HashMap<String, [Snapshot; 2]>,
}

impl Owners {
    pub(super) async fn read(database: &Database) -> Owners {
        let mut owners = Owners::default();
        for row in database.rows(CHANGES).await.expect("the changes can be read") {
            let by = row[1].parse().expect("a transaction's number");
            owners.changes.entry(row[0].clone()).or_default().push((by, row[2] == "t"));
        }
        for row in database.rows(LOOKS).await.expect("the looks can be read") {
            let looks = [Snapshot::parse(&row[1]), Snapshot::parse(&row[2])];
            owners.looks.insert(row[0].clone(), looks);
        }
        owners
    }

    /// Whether changes were noted, and what the claims of all these tasks saw.
    pub(super) fn know<'a>(&self, mut tasks: impl Iterator<Item = &'a str>) -> bool {
        !self.changes.is_empty() && tasks.all(|task| self.looks.contains_key(task))
    }

    /// Whether the account's lane had an owner when this task's first claim looked.
    pub(super) fn served(&self, account: &str, task: &str) -> Served {
        let [keys, seen] = &self.looks[task];
        let changes = self.changes.get(account).map_or(&[][..], Vec::as_slice);
        let visible =
            |snapshot: &Snapshot| changes.iter().take_while(|c| snapshot.shows(c.0)).count();
        let (before, after) = (visible(keys), visible(seen));
        let owned = after.checked_sub(1).is_some_and(|last| changes[last].1);
        match (before == after, owned) {
            (false, _) => Served::Changing,
            (true, true) => Served::Yes,
            (true, false) => Served::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Owners, Served, Snapshot};

    #[test]
    fn what_a_claim_saw_of_owners() {
        let changes = vec![(5, true), (9, false), (7, true)];
        for (keys, seen, served) in [
            ("4:4:", "5:5:", Served::No),
            ("5:5:", "6:6:", Served::Changing),
            ("6:8:7", "6:9:7", Served::Yes),
            ("7:10:7", "7:12:7,10", Served::No),
            ("6:9:7", "7:10:7", Served::Changing),
            ("10:10:", "12:12:", Served::Yes),
            ("7:10:7", "10:10:", Served::Changing),
        ] {
            let owners = Owners {
                changes: [("a".to_owned(), changes.clone())].into(),
                looks: [("t".to_owned(), [keys, seen].map(Snapshot::parse))].into(),
            };
            assert_eq!(owners.served("a", "t"), served, "{keys} {seen}");
            assert_eq!(owners.served("nobody", "t"), Served::No);
        }
    }
}
