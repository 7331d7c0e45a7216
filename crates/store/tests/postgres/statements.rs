//! Every statement is one that PostgreSQL understands, and the schema comes up.

use crate::stage::{connect, empty_database};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool, SqlSafeStr};
use std::{fs, path::Path};
use store::postgres::PoolSettings;

fn files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[tokio::test]
async fn every_statement_can_be_prepared() {
    let database = empty_database().await;
    connect(database.url()).await.migrate().await.expect("the migrations apply");
    let pool = PgPool::connect(database.url()).await.expect("the database answers");
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("sql/postgres"), &mut found);
    assert!(found.len() > 50, "only {} statements were found", found.len());
    let mut wrong = Vec::new();
    for path in found {
        let statement = fs::read_to_string(&path).expect("the file can be read");
        if let Err(error) = (&pool).prepare(AssertSqlSafe(statement).into_sql_str()).await {
            wrong.push(format!("{}: {error}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Statements that change a lane, but nothing that closes or opens it.
const NO_GATE: [&str; 1] = ["note_full.sql"];

#[test]
fn every_statement_that_changes_a_lane_makes_it_news() {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("sql/postgres"), &mut found);
    let mut changing = 0;
    for path in found {
        let statement = fs::read_to_string(&path).expect("the file can be read");
        let changes = statement.contains("UPDATE lane ") || statement.contains("INTO lane ");
        if changes && !NO_GATE.iter().any(|name| path.ends_with(name)) {
            changing += 1;
            assert!(statement.contains("pg_current_xact_id()"), "{}", path.display());
        }
    }
    assert!(changing > 9, "only {changing} statements were found");
}

/// The plan of a statement that is prepared on empty tables, and often kept: as the migrations leave
/// them, and as vacuum leaves what is empty at the end of a day.
async fn plans_on_empty_tables(statement: &str, arguments: &str) -> Vec<String> {
    let database = empty_database().await;
    connect(database.url()).await.migrate().await.expect("the migrations apply");
    let options = PoolSettings::default().options(database.url()).expect("the address is read");
    let options = options.options([("plan_cache_mode", "force_generic_plan")]);
    let mut plans = Vec::new();
    for before in ["SELECT 1", "VACUUM ANALYZE waiting, running"] {
        let mut connection = PgConnection::connect_with(&options).await.expect("it answers");
        let prepare = format!("PREPARE look AS {statement}");
        for statement in [before, &prepare] {
            let done =
                sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await;
            done.unwrap_or_else(|error| panic!("{statement}: {error}"));
        }
        let explain = AssertSqlSafe(format!("EXPLAIN EXECUTE look({arguments})"));
        let plan: Vec<String> =
            sqlx::query_scalar(explain).fetch_all(&mut connection).await.expect("it is explained");
        plans.push(plan.join("\n"));
    }
    plans
}

#[tokio::test]
async fn the_claims_look_is_planned_by_keys_even_on_empty_tables() {
    let look = include_str!("../../sql/postgres/claim/give_back.sql");
    for plan in plans_on_empty_tables(look, "'{}', '{}'").await {
        assert!(plan.contains("waiting_heads"), "{plan}");
        // Over all lanes, all that waits, or all taxpayers.
        for bad in ["Seq Scan", "hashed SubPlan", "Hash Join", "lane_owned"] {
            assert!(!plan.contains(bad), "{bad} in\n{plan}");
        }
    }
}

/// A worker may own 10,000 lanes: what is new goes to its lane, not through all of them.
#[tokio::test]
async fn looks_for_news_are_planned_by_keys_even_on_empty_tables() {
    let lane_by_lane = ["Index Cond: (id = ", "waiting_news"];
    let news = include_str!("../../sql/postgres/crew/news.sql");
    let asking = include_str!("../../sql/postgres/crew/asking.sql");
    let changed = include_str!("../../sql/postgres/crew/changed.sql");
    let owners = include_str!("../../sql/postgres/crew/owners.sql");
    for (statement, arguments, wanted) in [
        (news, "1, 1", &lane_by_lane[..]),
        (asking, "1", &lane_by_lane[..1]),
        (changed, "1, 1", &["changed >= "]),
        (owners, "1", &["lane_changed"]),
    ] {
        for plan in plans_on_empty_tables(statement, arguments).await {
            for good in wanted {
                assert!(plan.contains(good), "no {good} in\n{plan}");
            }
        }
    }
}

#[tokio::test]
async fn the_schema_comes_up_once() {
    let database = empty_database().await;
    let store = connect(database.url()).await;
    for _ in 0..2 {
        store.migrate().await.expect("the migrations apply, and do nothing the second time");
    }
    let months = database
        .rows("SELECT count(*) FROM pg_inherits WHERE inhparent = 'task_log'::regclass")
        .await
        .expect("it can be counted");
    assert_eq!(months, [["4"]], "three months and the partition for other ids");
}
