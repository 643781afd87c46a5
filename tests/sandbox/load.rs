//! Ten thousand requests to each reference server from 64 clients at once: nothing is lost, nobody gets another's answer,
//! and in the end the state is what the accepted answers say.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use d1_conformance::sandbox::Role;
use serde_json::{Value, json};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::client::{Peer, Reply};

/// Each client is a task that waits for one answer before it sends the next request, so that it holds one connection.
const CLIENTS: usize = 64;

/// Rounds of one client: 64 times 13 times 12 requests are 9,984, and 64 that open are more than ten thousand.
const ROUNDS: usize = 13;

/// Cards that all clients work on. Eight clients meet at each of them in every round.
const SHARED: usize = 8;

/// Sends requests and writes down what was accepted.
struct Worker {
    peer: Arc<Peer>,
    sent: usize,
    /// Ids of accepted operations by card, in the order of the answers.
    operations: BTreeMap<String, Vec<String>>,
    /// Registrations that were accepted, by card. Their answer has no id.
    registered: BTreeMap<String, usize>,
    /// Cards that D1 gave an id.
    created: Vec<String>,
}

impl Worker {
    fn new(peer: &Arc<Peer>) -> Self {
        let peer = Arc::clone(peer);
        Self { peer, sent: 0, operations: BTreeMap::new(), registered: BTreeMap::new(), created: Vec::new() }
    }

    async fn register(&mut self, card: &str, consumer: &str) -> u16 {
        self.sent += 1;
        let body = json!({"consumerId": consumer, "cardProductId": "p"});
        let status = self.peer.put_card(card, body).await.status;
        if status == 204 {
            *self.registered.entry(card.to_owned()).or_default() += 1;
        }
        status
    }

    async fn create(&mut self, consumer: &str) {
        self.sent += 1;
        let body = json!({"consumerId": consumer, "cardProductId": "p"});
        let reply = self.peer.send("POST", "/banking/v2/issuers/{i}/cards").json(body).await;
        assert_eq!(reply.status, 201);
        self.created.push(text(&reply, "cardId"));
    }

    async fn change(&mut self, card: &str, verb: &str) -> u16 {
        self.sent += 1;
        let path = format!("/banking/v2/issuers/{{i}}/cards/{card}/operations:{verb}");
        let reply = self.peer.send("POST", &path).json(json!({})).await;
        if reply.status == 200 {
            self.operations.entry(card.to_owned()).or_default().push(text(&reply, "operationId"));
        }
        reply.status
    }

    /// The state of a card, or the status of the answer when there is none.
    async fn look(&mut self, card: &str) -> String {
        self.sent += 1;
        let reply = self.peer.send("GET", &format!("/banking/v1/issuers/{{i}}/cards/{card}")).go().await;
        match reply.status {
            200 => {
                assert_eq!(text(&reply, "cardId"), card, "the answer is another's");
                text(&reply, "state")
            }
            status => status.to_string(),
        }
    }

    /// One card of this client alone: every answer is known beforehand. Six requests.
    async fn alone(&mut self, card: &str, consumer: &str) {
        assert_eq!(self.register(card, consumer).await, 204);
        assert_eq!(self.change(card, "suspend").await, 200);
        assert_eq!(self.look(card).await, "INACTIVE");
        assert_eq!(self.change(card, "resume").await, 200);
        assert_eq!(self.look(card).await, "ACTIVE");
        assert_eq!(self.change(card, "delete").await, 200);
    }

    /// A card that others change at the same time: every answer is one that the card's life allows. Five requests.
    async fn together(&mut self, card: &str, client: usize) {
        let status = self.register(card, "shared-consumer").await;
        assert!([204, 403].contains(&status), "{status}");
        for verb in ["suspend", "resume"] {
            let status = self.change(card, verb).await;
            assert!([200, 403].contains(&status), "{verb}: {status}");
        }
        let state = self.look(card).await;
        assert!(["ACTIVE", "INACTIVE", "404"].contains(&state.as_str()), "{state}");
        // Most leave the card suspended, some delete it.
        let verb = if client.is_multiple_of(4) { "delete" } else { "suspend" };
        let status = self.change(card, verb).await;
        assert!([200, 403].contains(&status), "{verb}: {status}");
    }
}

fn text(reply: &Reply, member: &str) -> String {
    let body = reply.body.as_ref().expect("body");
    body[member].as_str().unwrap_or_else(|| panic!("no {member} in {body}")).to_owned()
}

fn shared(number: usize) -> String {
    format!("shared-{}", number % SHARED)
}

/// Lets all clients loose at once, and waits for them. A panic of one is a failure here.
async fn crowd<T, F, R>(work: F) -> Vec<T>
where
    T: Send + 'static,
    F: Fn(usize, Arc<Barrier>) -> R,
    R: Future<Output = T> + Send + 'static,
{
    let gate = Arc::new(Barrier::new(CLIENTS));
    let mut clients: JoinSet<T> = (0..CLIENTS).map(|client| work(client, Arc::clone(&gate))).collect();
    let mut results = Vec::new();
    while let Some(result) = clients.join_next().await {
        results.push(result.expect("a client that comes to its end"));
    }
    results
}

async fn shown(peer: &Peer) -> Value {
    let reply = peer.send("GET", "/__sandbox/state").go().await;
    assert_eq!(reply.status, 200);
    reply.body.expect("body")["state"].clone()
}

/// All operations of a card, oldest first: id and name.
async fn history(peer: &Peer, card: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    loop {
        let path = format!("/banking/v1/issuers/{{i}}/cards/{card}/operations?limit=50&offset={}", all.len());
        let reply = peer.send("GET", &path).go().await;
        let page = reply.body.expect("body")["operations"].as_array().expect("list").clone();
        if page.is_empty() {
            all.reverse();
            return all;
        }
        let own = |one: &Value, member: &str| one[member].as_str().expect("text").to_owned();
        all.extend(page.iter().map(|one| (own(one, "operationId"), own(one, "operation"))));
    }
}

/// What a card has become after its operations, which must be allowed one after another.
fn lived(history: &[(String, String)]) -> &'static str {
    history.iter().fold("NONE", |state, (id, operation)| match (state, operation.as_str()) {
        ("NONE" | "DELETED", "REGISTER") | ("SUSPENDED", "RESUME") => "ACTIVE",
        ("ACTIVE" | "SUSPENDED", "SUSPEND") => "SUSPENDED",
        ("ACTIVE" | "SUSPENDED", "DELETE") => "DELETED",
        _ => panic!("{id}: {operation} was accepted for a card that was {state}: {history:?}"),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn d1_loses_no_update_under_load() {
    let peer = Arc::new(Peer::start(Role::D1, &[]).await);
    let workers = crowd(|client, gate| {
        let mut worker = Worker::new(&peer);
        async move {
            let consumer = format!("consumer-{client}");
            gate.wait().await;
            worker.look("demo-card").await;
            for round in 0..ROUNDS {
                worker.alone(&format!("own-{client}-{round}"), &consumer).await;
                worker.together(&shared(client + round), client).await;
                worker.create(&consumer).await;
            }
            worker
        }
    })
    .await;
    let sent: usize = workers.iter().map(|worker| worker.sent).sum();
    assert!(sent >= 10_000, "{sent}");

    let state = shown(&peer).await;
    let mut accepted = 0;
    for worker in &workers {
        accepted += worker.registered.values().sum::<usize>() + worker.operations.values().map(Vec::len).sum::<usize>();
        // An operation that was answered before another began is the older one.
        for ids in worker.operations.values() {
            assert!(ids.is_sorted(), "{ids:?}");
        }
    }
    assert_eq!(state["operations"], accepted, "operations that were accepted, and those that D1 remembers");

    // Every card is there, and none but these.
    let created: Vec<&String> = workers.iter().flat_map(|worker| &worker.created).collect();
    let distinct: BTreeSet<_> = created.iter().map(|id| id.as_str()).collect();
    assert_eq!(distinct.len(), created.len(), "a cardId was given out twice");
    let own = workers.iter().flat_map(|worker| worker.registered.keys().cloned());
    let expected: BTreeSet<String> = own.chain(created.into_iter().cloned()).chain(["demo-card".to_owned()]).collect();
    let cards = state["cards"].as_object().expect("cards");
    assert_eq!(cards.keys().cloned().collect::<BTreeSet<_>>(), expected);
    for (id, card) in cards {
        let is = card["state"].as_str().expect("state");
        if id.starts_with("shared-") {
            let told = history(&peer, id).await;
            assert_eq!(is, lived(&told), "{id}");
            let of = |worker: &Worker| worker.operations.get(id).cloned().unwrap_or_default();
            let mut answered: Vec<String> = workers.iter().flat_map(of).collect();
            answered.sort();
            let (registered, changed): (Vec<_>, Vec<_>) = told.into_iter().partition(|(_, name)| name == "REGISTER");
            assert_eq!(answered, changed.into_iter().map(|(id, _)| id).collect::<Vec<_>>(), "{id}");
            let times: usize = workers.iter().filter_map(|worker| worker.registered.get(id)).sum();
            assert_eq!(times, registered.len(), "{id}");
        } else {
            assert_eq!(is, if id.starts_with("own-") { "DELETED" } else { "ACTIVE" }, "{id}");
        }
    }
    // Each client's consumer, the one of the shared cards, and the demo consumer.
    assert_eq!(state["consumers"].as_object().expect("consumers").len(), CLIENTS + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_issuer_counts_every_call_under_load() {
    const NOTICES: &str = "/notifications/d1/v2/issuers/{i}/cards";
    const CREDENTIALS: &str = "/cms/api/v1/issuers/{i}/cards/demo-card/credentials";
    const UNKNOWN: &str = "/cms/api/v1/issuers/{i}/cards/nobody/credentials";
    const ROUNDS: usize = 40;

    let peer = Arc::new(Peer::start(Role::Issuer, &[]).await);
    let accepted = crowd(|client, gate| {
        let peer = Arc::clone(&peer);
        async move {
            // A right card and a wrong one, so that a result that belongs to another client would show.
            let known = client.is_multiple_of(2);
            let pan = if known { peer.demo.pan.expose() } else { "4000000000000002" };
            let sealed = peer.sealed(&json!({"pan": pan, "exp": peer.demo.exp}));
            gate.wait().await;
            for round in 0..ROUNDS {
                let notice = json!({"operations": [{
                    "operationId": format!("{client}-{round}"), "operation": "CREATE", "status": "SUCCESSFUL",
                    "startTime": "2025-01-17T06:28:02.492Z", "cardId": "any",
                }]});
                assert_eq!(peer.send("POST", NOTICES).json(notice).await.status, 204);
                let reply = peer.send("GET", CREDENTIALS).go().await;
                assert_eq!((reply.status, text(&reply, "encryptedData").split('.').count()), (200, 5));
                let reply = peer.verify(sealed.as_str()).await;
                assert_eq!(reply.status, 200);
                let body = reply.body.expect("body");
                assert_eq!(body["verificationResults"]["card"]["invalid"], !known, "{body}");
                assert_eq!(body.get("consumerId").is_some(), known, "{body}");
                assert_eq!(peer.send("GET", UNKNOWN).go().await.status, 404);
            }
            ROUNDS
        }
    })
    .await;
    let rounds: usize = accepted.into_iter().sum();
    assert!(rounds * 4 >= 10_000, "{rounds}");

    let state = shown(&peer).await;
    let calls = |operation: &str| state["calls"][format!("D1-Public-OUT-v2-Card::{operation}")].as_u64();
    let rounds = u64::try_from(rounds).ok();
    assert_eq!(calls("notifyCardOperations"), rounds);
    assert_eq!(calls("verifyCard"), rounds);
    // The known card and the unknown one.
    assert_eq!(calls("getCardCredentials"), rounds.map(|rounds| rounds * 2));
}
