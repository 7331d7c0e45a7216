//! Versions of statistic tables over HTTP: their list, and their files.

use crate::here::{Answer, Here, NOW, TAX_NO, WORLD};
use axum::{
    body::{Body, to_bytes},
    http::{Request, header},
};
use domain::{
    Moment,
    ids::{Fence, TaskId},
    kind::Kind,
    money::Fen,
    statistic::{
        Figures, KnownFigures, StatisticState, Sum, TableVersion, TypeFigures, VersionFile,
        VersionId,
    },
    tax_no::TaxNo,
    world::World,
};
use fleet::{
    memory::{KeptVersion, MemoryStore},
    ports::{clock::Clock, files::FileKept, roster::Roster, versions::TableVersions},
};
use serde_json::{Value, json};
use std::sync::Arc;
use tower::ServiceExt;
use uuid::Uuid;

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Moment {
        NOW.parse().expect("a time")
    }
}

/// A site whose store has versions of tables.
struct Shelf {
    here: Here,
    store: Arc<MemoryStore>,
}

fn tax_no() -> TaxNo {
    TAX_NO.parse().expect("a tax number")
}

fn id(text: &str) -> VersionId {
    text.parse().expect("a version")
}

fn figures(count: i64) -> Figures {
    let deducted = Sum { count, amount: Fen(count * 100), tax: Fen(count * 13) };
    let invoice_type = "27".parse().expect("a type");
    Figures::new([TypeFigures { invoice_type, deducted, not_deducted: Sum::default() }])
}

impl Shelf {
    async fn new() -> Shelf {
        let mut here = Here::new().await;
        let store = Arc::new(MemoryStore::new(Arc::new(Still)));
        let mut world: Value = serde_json::from_str(WORLD).expect("JSON");
        world["taxpayers"][0]["tax_org"] = json!("T1");
        let world = World::parse(world.to_string().as_bytes()).expect("a world");
        store.import(&world, 8).await.expect("imported");
        here.site.store = store.clone();
        Shelf { here, store }
    }

    fn keep(&self, version: &str, state: StatisticState) {
        let (at, order) = (Still.now(), Fence(1));
        let version = TableVersion {
            tax_no: tax_no(),
            id: id(version),
            task: TaskId(Uuid::from_u128(7)),
            kind: Kind::StatisticCreate,
            state,
            known: Some(KnownFigures { figures: figures(1), asked_at: at, order }),
            ours: figures(2),
            at,
            withdrawn_at: None,
            file: None,
        };
        self.store.alter(|book| {
            let tax = book.tax_ids[&tax_no()];
            book.versions.insert((tax, version.id), KeptVersion { version, due: at });
        });
    }

    /// As a worker makes it, of invoices of these organisations.
    async fn make(&self, version: &str, content: &[u8], orgs: &[&str]) {
        let kept = self.here.site.files.keep(&[content.into()]).await.expect("kept");
        let [FileKept::As(sha256)] = kept[..] else { panic!("not kept: {kept:?}") };
        let file = VersionFile {
            sha256,
            bytes: u64::try_from(content.len()).expect("a length"),
            read_at: Still.now(),
            invoices: 2,
            accounting_orgs: orgs.iter().map(|&org| org.to_owned()).collect(),
            left_out: String::new(),
        };
        assert!(self.store.note_version_file(&tax_no(), id(version), &file).await.expect("noted"));
    }

    async fn get(&self, rest: &str) -> Answer {
        self.here.get(&format!("/api/v1/statistics/{TAX_NO}/files{rest}")).await
    }

    async fn listed(&self, query: &str) -> (Vec<String>, Value) {
        let page = self.get(query).await.json;
        let versions = page["versions"].as_array().expect("versions").iter();
        let named = versions.map(|one| one["version"].as_str().expect("a version").to_owned());
        (named.collect(), page["next"].clone())
    }
}

#[tokio::test]
async fn versions_are_listed_newest_first_with_what_is_known_of_their_files() {
    let shelf = Shelf::new().await;
    for version in ["202510-3", "202511-5", "202511-12"] {
        shelf.keep(version, StatisticState::Generated);
    }
    shelf.make("202511-12", b"PK twelve", &[]).await;
    let (named, next) = shelf.listed("").await;
    assert_eq!(named, ["202511-12", "202511-5", "202510-3"]);
    assert_eq!(next, Value::Null);
    let (named, next) = shelf.listed("?limit=2").await;
    assert_eq!(named, ["202511-12", "202511-5"]);
    let next = next.as_str().expect("there is more").to_owned();
    let (named, next) = shelf.listed(&format!("?limit=2&after={next}")).await;
    assert_eq!((named, next), (vec!["202510-3".to_owned()], Value::Null));
    assert_eq!(shelf.listed("?period=202510").await.0, ["202510-3"]);
    assert_eq!(shelf.listed("?period=202509").await.0, [] as [&str; 0]);

    let first = shelf.get("?limit=1").await.json["versions"][0].clone();
    assert_eq!(
        (&first["state"], &first["kind"]),
        (&json!("generated"), &json!("statistic_create"))
    );
    assert_eq!(first["differences"][0]["deducted"]["count"], -1, "{first}");
    let file = &first["file"];
    let name = format!("统计表_{TAX_NO}_202511_generated_12.xlsx");
    assert_eq!((&file["name"], &file["bytes"]), (&json!(name), &json!(9)));
    assert_eq!((&file["invoices"], &first["remark"]), (&json!(2), &json!("")));
    let second = shelf.get("?limit=2").await.json["versions"][1].clone();
    assert_eq!((&second["file"], &second["remark"]), (&Value::Null, &json!("文件尚未生成。")));
}

#[tokio::test]
async fn a_file_is_served_under_its_own_name_once_it_is_made() {
    let shelf = Shelf::new().await;
    shelf.keep("202511-5", StatisticState::Confirmed);
    let early = shelf.get("/202511-5").await;
    early.refuses(
        409,
        "conflict",
        "the file of version 202511-5 of 91440300MA5G9GK78Y is not made",
    );
    shelf.make("202511-5", b"PK\x03\x04 five", &[]).await;
    let path = format!("/api/v1/statistics/{TAX_NO}/files/202511-5");
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let response = shelf.here.router().oneshot(request).await.expect("infallible");
    let named = response.headers()[header::CONTENT_DISPOSITION].to_str().expect("plain").to_owned();
    let plain = format!("attachment; filename=\"{TAX_NO}_202511_confirmed_5.xlsx\"; ");
    let own =
        format!("filename*=UTF-8''%E7%BB%9F%E8%AE%A1%E8%A1%A8_{TAX_NO}_202511_confirmed_5.xlsx");
    assert_eq!(named, plain + &own);
    let bytes = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    assert_eq!(&bytes[..], b"PK\x03\x04 five");
}

#[tokio::test]
async fn what_is_not_there_says_so() {
    let shelf = Shelf::new().await;
    shelf.get("/202511-5").await.refuses(404, "no_such_file", "no version 202511-5 of the");
    shelf.get("/202511").await.refuses(400, "malformed", "version: \"202511\" is not a version");
    shelf.get("?period=2025-11").await.refuses(400, "malformed", "period: ");
    shelf.get("?after=xx").await.refuses(400, "malformed", "after: ");
    let nobody = shelf.here.get("/api/v1/statistics/919999999999999ZZZ/files").await;
    nobody.refuses(422, "rejected", "税号919999999999999ZZZ不存在");
    let wrong = shelf.here.get("/api/v1/statistics/x/files/202511-5").await;
    wrong.refuses(400, "malformed", "tax_no: ");
    // Noted, and not in the file store.
    let mut shelf = shelf;
    shelf.keep("202511-5", StatisticState::Generated);
    shelf.make("202511-5", b"PK gone", &[]).await;
    shelf.here.site.files = Arc::new(fleet::memory::MemoryFiles::default());
    shelf.get("/202511-5").await.refuses(404, "lost_file", "the file of version 202511-5 of");
}

#[tokio::test]
async fn a_file_needs_the_right_in_every_organisation_whose_invoices_stand_in_it() {
    let shelf = Shelf::new().await;
    for (version, orgs) in
        [("202511-1", &["T1"][..]), ("202511-2", &["T1", "T2"]), ("202511-3", &[])]
    {
        shelf.keep(version, StatisticState::Generated);
        shelf.make(version, version.as_bytes(), orgs).await;
    }
    let mut tokens = Vec::new();
    for (name, roles) in [
        ("boss", json!(["administrator"])),
        ("own", json!(["viewer@T1"])),
        ("other", json!(["viewer@T2"])),
    ] {
        let mut request = Request::put(format!("/api/v1/users/{name}"))
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(boss) = tokens.first() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {boss}"));
        }
        let body = Body::from(json!({"roles": roles, "by": "root"}).to_string());
        let kept = Answer::of(shelf.here.router(), request.body(body).expect("a request")).await;
        tokens.push(kept.json["token"].as_str().expect("a token").to_owned());
    }
    let [boss, own, other] = &tokens[..] else { panic!("three users") };
    let status = async |token: &str, rest: &str| {
        let path = format!("/api/v1/statistics/{TAX_NO}/files{rest}");
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        let request = request.body(Body::empty()).expect("a request");
        Answer::of(shelf.here.router(), request).await.status.as_u16()
    };
    for (rest, expected) in [
        ("", [200, 200, 403]),
        ("/202511-1", [200, 200, 403]),
        ("/202511-2", [200, 403, 403]),
        ("/202511-3", [200, 200, 403]),
    ] {
        let found = [status(boss, rest).await, status(own, rest).await, status(other, rest).await];
        assert_eq!(found, expected, "{rest}");
    }
}
