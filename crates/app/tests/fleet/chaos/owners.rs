//! When lanes had no owner: tasks that wait there hold back nobody meanwhile, by design.

use rig::Database;
use std::collections::HashMap;

/// From the note of a change until everybody sees it: it is noted before it is committed.
const COMMIT: i64 = 1_000_000;

/// Notes every change of a lane's owner from now on.
const WATCH: &str = "
CREATE TABLE owner_change (lane_id int, owned boolean, at timestamptz DEFAULT clock_timestamp());
CREATE FUNCTION note_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO owner_change (lane_id, owned) VALUES (NEW.id, NEW.owner IS NOT NULL);
    RETURN NULL;
END
$$;
CREATE TRIGGER note_owner AFTER UPDATE OF owner ON lane FOR EACH ROW
    WHEN (OLD.owner IS DISTINCT FROM NEW.owner) EXECUTE FUNCTION note_owner()";

const CHANGES: &str = "
SELECT l.account, (extract(epoch FROM c.at) * 1000000)::bigint, c.owned
  FROM owner_change c
  JOIN lane l ON l.id = c.lane_id
 ORDER BY c.at";

/// Begins to note; the lanes are there and nobody owns one.
pub(super) async fn watch(database: &Database) {
    database.rows(WATCH).await.expect("changes of owners can be watched");
}

/// Of each account's lane, when it got an owner (true) or lost it; moments in microseconds since 1970.
#[derive(Debug, Default)]
pub(super) struct Owners(HashMap<String, Vec<(i64, bool)>>);

impl Owners {
    pub(super) async fn read(database: &Database) -> Owners {
        let mut owners = Owners::default();
        for row in database.rows(CHANGES).await.expect("the changes can be read") {
            let at = row[1].parse().expect("a moment");
            owners.0.entry(row[0].clone()).or_default().push((at, row[2] == "t"));
        }
        owners
    }

    /// Whether a look just after this moment may have found the lane without an owner.
    pub(super) fn none(&self, account: &str, at: i64) -> bool {
        let mut without_since = Some(i64::MIN);
        for (changed, owned) in self.0.get(account).into_iter().flatten() {
            match (without_since, owned) {
                (Some(since), true) => {
                    if since <= at + COMMIT && at <= changed + COMMIT {
                        return true;
                    }
                    without_since = None;
                }
                (None, false) => without_since = Some(*changed),
                _ => {}
            }
        }
        without_since.is_some_and(|since| since <= at + COMMIT)
    }
}
