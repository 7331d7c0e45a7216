//! Who exists at the beginning of every test.

use domain::{
    bureau::{Account, LaneKey},
    invoice::InvoiceKey,
    tax_no::TaxNo,
    world::World,
};

/// Served by [`EAST`] alone, with the invoices 1 to 4 in its pool.
pub const ALPHA: &str = "91440300MA5GALPHA1";
/// Served by [`EAST`] alone.
pub const BETA: &str = "91440300MA5GBETA02";
/// Served by [`EAST`] and [`WEST`].
pub const SHARED: &str = "91440300MA5GSHARE3";
/// Served by [`PHONE`], whose login needs a person.
pub const GUARDED: &str = "91440300MA5GGUARD4";
/// Served by [`PHONE`] too.
pub const GUARDED_TOO: &str = "91440300MA5GGUARD5";
/// Served by nobody.
pub const LONELY: &str = "91440300MA5GLONEL6";
/// At another bureau, served by [`CAPITAL`].
pub const NORTH: &str = "91110000MA5GNORTH7";
/// On 乐企, as are the next two.
pub const DIRECT: &str = "91310000MA5GDIREC8";
pub const DIRECT_TOO: &str = "91310000MA5GDIREC9";
pub const DIRECT_MORE: &str = "91310000MA5GDIRE10";

pub const EAST: &str = "east";
pub const WEST: &str = "west";
/// Logged in by a person; on line at first, as all are.
pub const PHONE: &str = "phone";
pub const CAPITAL: &str = "capital";
/// The 乐企 lane of Shanghai, of width 2.
pub const LEQI: &str = Account::LEQI;
pub const LEQI_WIDTH: u16 = 2;

pub fn tax_no(text: &str) -> TaxNo {
    text.parse().expect("a tax number")
}

pub fn lane_key(account: &str) -> LaneKey {
    let bureau = match account {
        CAPITAL => "110000",
        LEQI => "310000",
        _ => "440300",
    };
    LaneKey {
        bureau: bureau.parse().expect("a bureau"),
        account: account.parse().expect("an account"),
    }
}

pub fn invoice_key(n: u8) -> InvoiceKey {
    InvoiceKey { code: String::new(), number: format!("2344200000016421{n:04}") }
}

/// The world that every test begins with.
pub fn world() -> World {
    let payer = |tax_no: &str, bureau: &str, channel: &str| serde_json::json!({"tax_no": tax_no, "bureau": bureau, "channel": channel});
    let account = |name: &str, login: &str, serves: &[&str]| {
        let serves: Vec<_> =
            serves.iter().map(|tax_no| serde_json::json!({"tax_no": tax_no})).collect();
        let bureau = lane_key(name).bureau;
        serde_json::json!({
            "bureau": bureau, "account": name, "login": login, "online": true, "serves": serves,
        })
    };
    let invoice = |n: u8| {
        serde_json::json!({
            "buyer_tax_no": ALPHA, "invoice_type": "27", "invoice_no": invoice_key(n).number,
            "invoice_date": "2025-11-03", "amount": "100.00", "tax": "6.00",
        })
    };
    let shenzhen = [ALPHA, BETA, SHARED, GUARDED, GUARDED_TOO, LONELY];
    let shenzhen = shenzhen.map(|tax_no| payer(tax_no, "440300", "etax"));
    let shanghai = [DIRECT, DIRECT_TOO, DIRECT_MORE].map(|tax_no| payer(tax_no, "310000", "leqi"));
    let taxpayers: Vec<_> =
        shenzhen.into_iter().chain([payer(NORTH, "110000", "etax")]).chain(shanghai).collect();
    let file = serde_json::json!({
        "taxpayers": taxpayers,
        "accounts": [
            account(EAST, "auto", &[ALPHA, BETA, SHARED]),
            account(WEST, "auto", &[SHARED]),
            account(PHONE, "manual", &[GUARDED, GUARDED_TOO]),
            account(CAPITAL, "auto", &[NORTH]),
        ],
        "invoices": [invoice(1), invoice(2), invoice(3), invoice(4)],
    });
    World::parse(file.to_string().as_bytes()).expect("the world is sound")
}
