//! How much of the wire a checked exchange costs: checked exchanges a second (drawn, proved, sent, judged), as a ratio to a
//! bare reqwest loop on the same endpoint of the same sandbox with as many connections. The sandbox is a process of its
//! own. A ratio, because machines are noisy; both are measured in turns in one run, and the median counts.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot be set up must fail, and it reports"
)]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use d1_conformance::base::{Redactor, Seed};
use d1_conformance::contract::{Contract, Direction};
use d1_conformance::engine::{self, Filter, Plan, PlanOptions, RunEvent, RunOptions, Stop, Subject};
use d1_conformance::harness::resting_target;
use d1_conformance::oracle::{CheckSelection, SnapshotMode, Snapshots};
use d1_conformance::suite::{Library, Suite, Target};
use serde_json::Value;

const CONNECTIONS: usize = 16;
const ROUNDS: usize = 5;
const OPERATION: &str = "D1-Public-IN-v2-Consumer::registerConsumer";

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve() -> (Server, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_d1c"))
        .args(["sandbox", "--role", "d1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("listening on ").unwrap().to_owned();
    (Server(child), url)
}

fn main() {
    let (_server, url) = serve();
    let target = Arc::new(Target { base_url: Some(url.clone()), ..resting_target(Direction::Inbound).unwrap() });
    let library = Library::find().unwrap();
    let catalog = library.catalog().unwrap();
    let (suite, contracts) = library.load("inbound", &catalog).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let token = runtime.block_on(token(&url, &target));
    let mut ratios = Vec::new();
    println!("{OPERATION}, {CONNECTIONS} connections, sandbox in its own process");
    for round in 0..=ROUNDS {
        let (count, checked) = runtime.block_on(checked(&suite, &target, &contracts, round as u64));
        let bare = runtime.block_on(bare(&url, &token, count));
        let (checked, bare) = (rate(count, checked), rate(count, bare));
        // The first round warms both up.
        if round > 0 {
            ratios.push(checked / bare);
            println!("  {checked:>8.0} checked/s  {bare:>8.0} bare/s  ratio {:.2}", checked / bare);
        }
    }
    ratios.sort_by(f64::total_cmp);
    println!("median ratio {:.2} (at least 0.25 is asked for)", ratios[ratios.len() / 2]);
}

#[expect(clippy::cast_precision_loss, reason = "counts of a bench are small")]
fn rate(count: usize, elapsed: Duration) -> f64 {
    count as f64 / elapsed.as_secs_f64()
}

/// Exchanges and time of one engine run over the operation; planning is not counted.
async fn checked(
    suite: &Arc<Suite>,
    target: &Arc<Target>,
    contracts: &[Arc<Contract>],
    seed: u64,
) -> (usize, Duration) {
    let subject = Subject::new(Arc::clone(suite), Arc::clone(target), contracts.to_vec()).unwrap();
    let options = PlanOptions { filter: Filter::new(vec![OPERATION.to_owned()]), cases: 400, snapshots: false };
    let plan = Arc::new(Plan::build(vec![subject], &options).unwrap());
    let run = RunOptions {
        seed: Seed::new(seed),
        nonce: format!("bench-{seed}"),
        jobs: CONNECTIONS,
        max_failures: None,
        strict: true,
        checks: CheckSelection::all(),
        snapshots: Snapshots::new("", SnapshotMode::Off),
        redactor: Redactor::default(),
        stop: Stop::default(),
    };
    let begin = Instant::now();
    let mut exchanges = 0;
    engine::run(plan, run, |event| {
        if let RunEvent::Finished(outcome) = event {
            assert!(outcome.findings.is_empty(), "the sandbox is clean");
            exchanges += outcome.exchanges as usize;
        }
    })
    .await;
    (exchanges, begin.elapsed())
}

/// The same number of plain PUTs with a fixed body.
async fn bare(url: &str, token: &str, count: usize) -> Duration {
    let client = plain_client();
    let left = Arc::new(AtomicUsize::new(count));
    let begin = Instant::now();
    let workers: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (client, left) = (client.clone(), Arc::clone(&left));
            let url = format!("{url}/banking/v2/issuers/sandbox001/consumers/bench-consumer");
            let bearer = format!("Bearer {token}");
            tokio::spawn(async move {
                while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok() {
                    let request =
                        client.put(&url).header("authorization", &bearer).header("content-type", "application/json");
                    let answer = request.body(r#"{"personalInformation":{"language":"en-US"}}"#).send().await.unwrap();
                    assert_eq!(answer.status(), 204);
                    answer.bytes().await.unwrap();
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    begin.elapsed()
}

fn plain_client() -> reqwest::Client {
    let tls = d1_conformance::exchange::tls_config().unwrap();
    reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap()
}

async fn token(url: &str, target: &Target) -> String {
    use d1_conformance::jose::{Assertion, AssertionKey};
    use d1_conformance::suite::Grant;
    let Some(Grant::JwtBearer { issuer, subject, kid, private_key, .. }) = &target.grant else { unreachable!() };
    let key = AssertionKey::from_pem(kid, private_key).unwrap();
    let assertion = Assertion {
        issuer: issuer.clone(),
        subject: subject.clone(),
        audience: None,
        lifetime: Duration::from_secs(60),
        issued_at: true,
    };
    let assertion = key.sign(&assertion, std::time::SystemTime::now()).unwrap();
    let body = format!("grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion={}", assertion.expose());
    let request = plain_client()
        .post(format!("{url}/authz/v1/oauth2/token"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    let answer: Value = serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}
