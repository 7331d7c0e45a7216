//! Whatever is sent to whichever request: the answer is one that its description names.

use crate::here::Here;
use axum::{
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use console::Problem;
use serde_json::Value;
use tower::ServiceExt;

/// Texts in the place of a path's parameters.
const NAMES: [&str; 4] = ["x", "91440300MA5G9GK78Y", "%20", "%00%ff"];
/// Content types and bodies.
const BODIES: [(&str, &str); 8] = [
    ("", ""),
    ("text/plain", "{}"),
    ("application/json", ""),
    ("application/json", "{}"),
    ("application/json", "[0]"),
    ("application/json", r#"{"id": 1, "tax_no": "0", "tax_nos": ["0"], "period": "209913"}"#),
    ("application/json", r#"{"#),
    ("application/x-ndjson", "{}\n\u{0}\n"),
];
const QUERIES: [&str; 4] = ["", "limit=0", "nonsense=1", "after=x&tax_no=0&period=1&from=-1"];

fn filled(path: &str, name: &str) -> String {
    let mut filled = String::new();
    for part in path.split('/').skip(1) {
        filled.push('/');
        filled.push_str(if part.starts_with('{') { name } else { part });
    }
    filled
}

fn requests(method: &str, path: &str) -> Vec<Request<Body>> {
    let mut requests = Vec::new();
    let names = if path.contains('{') { &NAMES[..] } else { &NAMES[..1] };
    let bodies = if method == "GET" { &BODIES[..1] } else { &BODIES[..] };
    for name in names {
        for query in QUERIES {
            for (content_type, body) in bodies {
                let uri = format!("{}?{query}", filled(path, name));
                let mut request = Request::builder().uri(uri);
                request = request.method(Method::try_from(method).expect("a method"));
                if !content_type.is_empty() {
                    request = request.header(header::CONTENT_TYPE, *content_type);
                }
                requests.push(request.body(Body::from(*body)).expect("a request"));
            }
        }
    }
    requests
}

#[tokio::test]
async fn nonsense_is_answered_as_described() {
    let here = Here::new().await;
    let router = here.router();
    let described = serde_json::to_value(console::openapi()).expect("JSON");
    let (mut asked, mut wrong) = (0, Vec::new());
    for (path, item) in described["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            for request in requests(&method.to_uppercase(), path) {
                let what = format!("{method} {} {:?}", request.uri(), request.body());
                let response = router.clone().oneshot(request).await.expect("an answer");
                let status = response.status();
                let body = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
                asked += 1;
                let named = operation["responses"].get(status.as_str()).is_some();
                let told = status == StatusCode::OK
                    || serde_json::from_slice::<Problem>(&body)
                        .is_ok_and(|problem| !problem.sentence.is_empty());
                if !named || !told || status.is_server_error() {
                    wrong.push(format!("{what}: {status} {}", String::from_utf8_lossy(&body)));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "of {asked}");
    assert!(asked > 1000, "{asked}");
}

#[tokio::test]
async fn what_needs_a_user_says_so() {
    let described = serde_json::to_value(console::openapi()).expect("JSON");
    let of = |path: &str, method: &str| described["paths"][path][method].clone();
    let open = of("/healthz", "get");
    assert_eq!((open.get("security"), open["responses"].get("401")), (None, None));
    let tasks = of("/api/v1/tasks", "post");
    assert_eq!(tasks["security"][1]["token"], Value::Array(Vec::new()));
    for status in ["400", "401", "403", "413", "415", "503", "504"] {
        let schema = &tasks["responses"][status]["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{status}: {}", tasks["responses"]);
    }
    assert_eq!(described["components"]["securitySchemes"]["token"]["scheme"], "bearer");
}
