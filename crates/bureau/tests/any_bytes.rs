//! No bytes make a reading panic, and none make a lost answer look like a safe one.

use bureau::reading::{Asked, Exchange, Nature, etax, leqi};
use domain::{
    Moment,
    answer::Answer,
    invoice::{InvoiceKey, TaskInvoice},
    kind::Kind,
    task::Act,
};
use proptest::prelude::{Strategy, any, prop_oneof, proptest};

fn invoice() -> TaskInvoice {
    let key = InvoiceKey { code: String::new(), number: "A1".to_owned() };
    TaskInvoice::new(key, "27".parse().expect("a type"))
}

/// Bytes, and golden bodies with a few bytes changed: nearly right is where readers stumble.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    const NEARLY: [&str; 5] = [
        r#"{"code":"ok","data":{"accepted":"partly","results":[{"invoice_no":"A1","result":"06"}]}}"#,
        r#"{"code":"throttled","until":"2025-11-20T01:25:00Z","message":"云安全平台检测到"}"#,
        r#"{"code":"ok","data":{"state":"found","receipt":null,"outcome":{"accepted":"all"}}}"#,
        r#"{"Response":{"Data":{"returncode":"00","fpmx":[{"fphm":"A1","cljg":"05"}]}}}"#,
        r#"{"Response":{"Data":"{\"returncode\":\"00\",\"skssq\":\"202511\",\"tjzt\":\"02\"}"}}"#,
    ];
    let changed = (0..NEARLY.len(), any::<usize>(), any::<u8>()).prop_map(|(n, at, byte)| {
        let mut body = NEARLY[n].as_bytes().to_vec();
        let place = at % body.len();
        body[place] = byte;
        body
    });
    prop_oneof![any::<Vec<u8>>(), changed]
}

proptest! {
    #[test]
    fn every_reading_ends(body in bodies(), status in any::<u16>(), kind in 0..Kind::ALL.len()) {
        let exchange = Exchange::Answered { status, body };
        let invoices = [invoice()];
        let keys = [invoices[0].key.clone()];
        let (kind, now, codes) = (Kind::ALL[kind], Moment::UNIX_EPOCH, leqi::Codes::default());
        for act in Act::ALL {
            let asked = Asked { kind, act, period: None, invoices: &invoices, now };
            for nature in [Nature::Acts, Nature::Reads] {
                drop(etax::outcome(&exchange, nature, &asked));
                drop(leqi::submission(&exchange, nature, &codes, &asked));
            }
            drop(etax::read_back(&exchange, &asked));
            drop(leqi::result(&exchange, &codes, &asked));
        }
        drop(etax::session(&exchange, now));
        drop(etax::current_tax_number(&exchange, now));
        drop(etax::period(&exchange, now));
        drop(etax::uses(&exchange, kind, &keys, now));
        drop(leqi::period(&exchange, &codes, now));
        drop(leqi::invoice_use(&exchange, &codes, now));
    }

    #[test]
    fn what_is_no_json_leaves_a_submission_unclear(text in "[^{]{0,200}", status in any::<u16>()) {
        let exchange = Exchange::Answered { status, body: text.into_bytes() };
        let (kind, now) = (Kind::DeductionSelect, Moment::UNIX_EPOCH);
        let asked = Asked { kind, act: Act::Submit, period: None, invoices: &[], now };
        let codes = leqi::Codes::default();
        for answer in [
            etax::outcome(&exchange, Nature::Acts, &asked),
            leqi::submission(&exchange, Nature::Acts, &codes, &asked),
        ] {
            assert!(matches!(answer, Answer::Unclear { .. }), "{answer:?}");
        }
    }
}
