//! A town of two organisations, with users of every kind.

use crate::here::{Answer, Here, TAX_NO};
use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use domain::world::World;
use serde_json::{Value, json};

pub(crate) const OTHER: &str = "91440300MA5G9GK78Z";
pub(crate) const OWN: &str = "23442000000000000001";
pub(crate) const FOREIGN: &str = "23442000000000000002";
/// Bought by the one, booked by the other's accounting organisation.
pub(crate) const BOOKED: &str = "23442000000000000003";

/// Two taxpayers of two organisations, and users by name, each with a token.
pub(crate) struct Town {
    pub(crate) here: Here,
    pub(crate) tokens: Vec<(&'static str, String)>,
}

fn payers() -> Value {
    let payer =
        |tax_no: &str, org: &str| json!({"tax_no": tax_no, "bureau": "440300", "tax_org": org});
    json!([payer(TAX_NO, "T1"), payer(OTHER, "T2")])
}

fn world() -> World {
    let invoice = |buyer: &str, no: &str, org: &str| {
        json!({"buyer_tax_no": buyer, "invoice_type": "27", "invoice_no": no, "amount": "10.00",
            "invoice_date": "2025-11-03", "accounting_org": org})
    };
    let world = json!({
        "taxpayers": payers(),
        "accounts": [{"bureau": "440300", "account": "13800000001", "online": true,
            "serves": [{"tax_no": TAX_NO}, {"tax_no": OTHER}]}],
        "invoices": [invoice(TAX_NO, OWN, ""), invoice(OTHER, FOREIGN, ""), invoice(TAX_NO, BOOKED, "T2")]
    });
    World::parse(world.to_string().as_bytes()).expect("a world")
}

impl Town {
    pub(crate) async fn new() -> Town {
        let here = Here::new().await;
        here.site.store.import(&world(), 8).await.expect("imported");
        let mut town = Town { here, tokens: Vec::new() };
        for (name, roles) in [
            ("boss", &["administrator"][..]),
            ("clerk", &["clerk@T1"]),
            ("viewer", &["viewer@T1"]),
            ("chief", &["supervisor@T1"]),
            ("night", &["operator"]),
            ("other", &["supervisor@T2"]),
            ("nobody", &[]),
        ] {
            let by = if town.tokens.is_empty() { "" } else { "boss" };
            let path = format!("/api/v1/users/{name}");
            let kept = town.ask(by, "PUT", &path, json!({"roles": roles})).await;
            assert_eq!(kept.status, 200, "{kept:?}");
            let token = kept.json["token"].as_str().expect("a token").to_owned();
            town.tokens.push((name, token));
        }
        town
    }

    pub(crate) fn router(&self) -> Router {
        self.here.router()
    }

    pub(crate) async fn ask(&self, user: &str, method: &str, path: &str, body: Value) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some((_, token)) = self.tokens.iter().find(|(name, _)| *name == user) {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = if body.is_null() {
            Body::empty()
        } else {
            request = request.header(header::CONTENT_TYPE, "application/json");
            Body::from(body.to_string())
        };
        Answer::of(self.router(), request.body(body).expect("a request")).await
    }

    /// More invoices in the pool.
    pub(crate) async fn buy(&self, invoices: Value) {
        let world = json!({"taxpayers": payers(), "accounts": [], "invoices": invoices});
        let world = World::parse(world.to_string().as_bytes()).expect("a world");
        self.here.site.store.import(&world, 8).await.expect("imported");
    }

    /// A file.
    pub(crate) async fn upload(&self, user: &str, path: &str, file: Vec<u8>) -> Answer {
        let token = &self.tokens.iter().find(|(name, _)| *name == user).expect("a user").1;
        let request = Request::post(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        let request = request.header(header::CONTENT_TYPE, "application/octet-stream");
        Answer::of(self.router(), request.body(Body::from(file)).expect("a request")).await
    }

    pub(crate) async fn get(&self, user: &str, path: &str) -> Answer {
        self.ask(user, "GET", path, Value::Null).await
    }

    pub(crate) async fn audit(&self, query: &str) -> Vec<Value> {
        let page = self.get("boss", &format!("/api/v1/audit{query}")).await;
        page.json["lines"].as_array().expect("lines").clone()
    }
}
