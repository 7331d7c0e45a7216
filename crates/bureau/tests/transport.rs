//! What the clients make of connections that fail.

use bureau::client::{EtaxClient, EtaxSettings, LeqiClient, LeqiSettings, limits};
use domain::{
    Moment,
    answer::Answer,
    bureau::LaneKey,
    ids::{Fence, TaskId},
    kind::Kind,
    task::Act,
    taxpayer::LeqiMode,
};
use fleet::ports::{
    channel::{Call, Channel, Order},
    clock::Clock,
};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

#[derive(Debug)]
struct StillClock;

impl Clock for StillClock {
    fn now(&self) -> Moment {
        Moment::UNIX_EPOCH
    }
}

fn client(listener: &TcpListener, concurrency: usize) -> EtaxClient {
    drop(rustls::crypto::ring::default_provider().install_default());
    let address = listener.local_addr().expect("an address");
    let mut settings = EtaxSettings::at(format!("http://{address}"));
    settings.limits.concurrency = concurrency;
    settings.token = Some("secret".into());
    EtaxClient::new(settings, Arc::new(StillClock)).expect("a client")
}

fn call(time_limit: Duration) -> Call {
    Call {
        task: TaskId(Default::default()),
        act: Act::Submit,
        fence: Fence(9),
        tax_no: "91440300MA5G9GK78Y".parse().expect("a tax number"),
        lane: LaneKey {
            bureau: "440300".parse().expect("a bureau"),
            account: "13800000001".parse().expect("an account"),
        },
        traceparent: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
        time_limit,
    }
}

fn order() -> Order {
    Order {
        kind: Kind::TaxFiling,
        leqi_mode: LeqiMode::SelfUse,
        period: None,
        invoices: Vec::new(),
        parameters: serde_json::Map::new(),
        password: None,
    }
}

async fn loopback() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.expect("a loopback port")
}

const PLENTY: Duration = Duration::from_secs(20);
const BRIEF: Duration = Duration::from_millis(200);

/// Reads a request to the end of its JSON body.
async fn request(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut bytes = [0; 4096];
    while !text.ends_with('}') {
        let read = stream.read(&mut bytes).await.expect("a request");
        assert!(read > 0, "the request ended early: {text}");
        text.push_str(std::str::from_utf8(&bytes[..read]).expect("text"));
    }
    text
}

#[tokio::test]
async fn nothing_was_sent_over_a_connection_that_was_never_made() {
    let listener = loopback().await;
    let client = client(&listener, 1);
    drop(listener);
    let answer = client.submit(&call(PLENTY), &order()).await;
    assert!(matches!(answer, Answer::Faltered { .. }), "{answer:?}");
}

#[tokio::test]
async fn a_request_says_who_it_is_from_and_is_made_once() {
    let listener = loopback().await;
    let client = client(&listener, 1);
    let serving = async {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        request(&mut stream).await
    };
    let (task, order) = (call(PLENTY), order());
    let (answer, request) = tokio::join!(client.submit(&task, &order), serving);
    assert!(matches!(answer, Answer::Unclear { .. }), "{answer:?}");
    let head = request.to_lowercase();
    for line in [
        "post /robot/v1/submit http/1.1",
        "x-gouxuan-task: 00000000-0000-0000-0000-000000000000",
        "x-gouxuan-request: 00000000-0000-0000-0000-000000000000.submit",
        "x-gouxuan-fence: 9",
        "x-gouxuan-bureau: 440300",
        "x-gouxuan-account: 13800000001",
        "x-gouxuan-tax-no: 91440300ma5g9gk78y",
        "x-gouxuan-kind: tax_filing",
        "x-gouxuan-op: submit",
        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "authorization: bearer secret",
    ] {
        assert!(head.contains(line), "{line} is missing in {head}");
    }
    let again = tokio::time::timeout(BRIEF, listener.accept()).await;
    assert!(again.is_err(), "no second request");
}

#[tokio::test]
async fn a_call_ends_with_its_time_limit() {
    let listener = loopback().await;
    let client = client(&listener, 1);
    let answer = client.submit(&call(BRIEF), &order()).await;
    assert!(matches!(answer, Answer::Unclear { .. }), "{answer:?}");
    let answer = client.period(&call(BRIEF)).await;
    assert!(matches!(answer, Err(Answer::Faltered { .. })), "{answer:?}");
}

#[tokio::test]
async fn who_finds_no_place_among_the_requests_under_way_has_sent_nothing() {
    let listener = loopback().await;
    let client = Arc::new(client(&listener, 1));
    let (first, busy) = (call(PLENTY), client.clone());
    let holding = tokio::spawn(async move { busy.submit(&first, &order()).await });
    let (mut stream, _) = listener.accept().await.expect("the first request's connection");
    request(&mut stream).await;
    let answer = client.submit(&call(BRIEF), &order()).await;
    assert!(matches!(answer, Answer::Faltered { .. }), "{answer:?}");
    holding.abort();
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let listener = loopback().await;
    let client = client(&listener, 1);
    let serving = async {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        request(&mut stream).await;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", usize::MAX);
        stream.write_all(head.as_bytes()).await.expect("a head");
        let part = vec![b' '; 1 << 20];
        let mut sent = 0;
        while stream.write_all(&part).await.is_ok() {
            sent += part.len();
            assert!(sent < 16 * limits::ANSWER_BYTES, "it reads on and on");
        }
    };
    let (task, order) = (call(PLENTY), order());
    let (answer, ()) = tokio::join!(client.submit(&task, &order), serving);
    assert!(matches!(answer, Answer::Unclear { .. }), "{answer:?}");
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let listener = loopback().await;
    let client = client(&listener, 4);
    let (tell, mut told) = mpsc::channel(8);
    let serving = async {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        for _ in 0..3 {
            request(&mut stream).await;
            tell.send(()).await.expect("somebody counts");
            let body = r#"{"code":"running"}"#;
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(answer.as_bytes()).await.expect("an answer");
        }
    };
    let calling = async {
        for _ in 0..3 {
            let answer = client.submit(&call(PLENTY), &order()).await;
            assert_eq!(answer, Answer::Running);
            told.recv().await.expect("it came over the one connection");
        }
    };
    tokio::join!(serving, calling);
}

#[tokio::test]
async fn an_address_must_be_one() {
    drop(rustls::crypto::ring::default_provider().install_default());
    for wrong in ["", "localhost:8080", "ftp://host", "http://"] {
        let settings = LeqiSettings::at(wrong);
        assert!(LeqiClient::new(settings, Arc::new(StillClock)).is_err(), "{wrong}");
    }
}
