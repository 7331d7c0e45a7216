//! The client: the same over a socket as in the same process.

use crate::here::{Here, TAX_NO, query_task};
use axum::{Router, routing::get};
use console::{
    Client, ClientError, Problem, TaskQuery,
    answers::Fate,
    asked::{CancelAsked, GateAsked, RetryAsked},
};
use std::net::{Ipv4Addr, SocketAddr};
use tokio::{net::TcpListener, task::AbortHandle};
use uuid::Uuid;

/// Serves until it is dropped.
struct Served(SocketAddr, AbortHandle);

impl Drop for Served {
    fn drop(&mut self) {
        self.1.abort();
    }
}

async fn served(router: Router) -> Served {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    Served(address, serving.abort_handle())
}

#[tokio::test]
async fn actions_are_the_same_here_and_there() {
    for remote in [false, true] {
        let here = Here::new().await;
        let served = served(here.router()).await;
        let client =
            if remote { Client::at(served.0) } else { Client::here(here.site.clone(), "root") };
        assert!(client.answers().await.expect("an answer"));
        let tasks = [(7, query_task(1).to_string().into()), (9, "nonsense".to_owned().into())];
        let submission = client.publish(&tasks, None).await.expect("an answer");
        let outcomes: Vec<_> =
            submission.outcomes.iter().map(|one| (one.line, one.outcome)).collect();
        assert_eq!(outcomes, [(7, Fate::Waiting), (9, Fate::Rejected)]);
        let none = client.publish(&tasks[1..], None).await.expect("an answer all the same");
        assert_eq!((none.not_taken, none.outcomes[0].line), (1, 9));

        let query = TaskQuery { batch_id: Some("b<1>".into()), ..TaskQuery::default() };
        assert_eq!(client.list(&query).await.expect("a page").tasks.len(), 1);
        assert_eq!(client.counts(&query).await.expect("counts").total, 1);
        let task = Uuid::from_u128(1);
        assert_eq!(client.card(task).await.expect("a card").card.row.task_id.0, task);
        assert_eq!(client.why(task).await.expect("why").code, "no_owner");
        assert_eq!(client.lanes().await.expect("lanes").lanes.len(), 1);
        let gate = GateAsked {
            bureau: None,
            account: None,
            tax_no: Some(TAX_NO.into()),
            by: "x".into(),
            reason: "y".into(),
        };
        assert_eq!(client.pause(&gate).await.expect("paused").lanes, 1);
        assert_eq!(client.resume(&gate).await.expect("resumed").lanes, 1);
        let asked = CancelAsked { tasks: vec![task], by: "x".into(), reason: "y".into() };
        assert_eq!(client.cancel(&asked).await.expect("cancelled").not_cancelled, 0);
        let asked = RetryAsked { filter: Some(query), ..RetryAsked::default() };
        assert_eq!(client.retry(&asked).await.expect("nothing to retry").tasks, 0);
    }
}

#[tokio::test]
async fn a_problem_comes_as_it_was_said() {
    let here = Here::new().await;
    let served = served(here.router()).await;
    let error = Client::at(served.0).card(Uuid::from_u128(9)).await.expect_err("no such task");
    let ClientError::Problem(Problem { code, .. }) = &error else { panic!("{error:?}") };
    assert_eq!(code, "no_such_task");
}

#[tokio::test]
async fn a_missing_process_and_a_stranger_are_told_apart() {
    let nobody = {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        listener.local_addr().expect("an address")
    };
    let client = Client::at(nobody);
    assert!(!client.answers().await.expect("an answer"));
    let error = client.lanes().await.expect_err("nobody is there");
    let sentence = format!("no gouxuan is running at {nobody}; ");
    assert!(error.to_string().starts_with(&sentence), "{error}");

    let router = Router::new().route("/api/v1/lanes", get(|| async { "hello" }));
    let stranger = served(router).await;
    let error = Client::at(stranger.0).lanes().await.expect_err("not ours");
    assert!(matches!(error, ClientError::Stranger(..)), "{error:?}");
}
