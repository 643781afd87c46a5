//! Calls for the tests of checks: made by hand, read by the sandbox's own reader, judged by all checks.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::book::{Judge, JudgeSettings};
use crate::contract::{Catalog, Contract, InstancePath};
use crate::oracle::Severity;
use crate::report::FindingRecord;
use crate::sandbox::Role;
use crate::sandbox::callers::{
    Answered, BodyReading, EnvelopeReading, Unopened, Witness as _, WitnessSample, WitnessedCall,
};

type Found = Arc<Mutex<Vec<FindingRecord>>>;

/// A judge, a clock, and the token of the last token call.
pub struct Sample {
    judge: Judge,
    found: Found,
    now: Instant,
    token: String,
    tokens: u32,
    contracts: Vec<Arc<Contract>>,
    reader: WitnessSample,
    folder: tempfile::TempDir,
}

type Change = Box<dyn FnOnce(&mut WitnessedCall)>;

/// One call under construction.
pub struct SampleCall<'s> {
    sample: &'s mut Sample,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    status: Option<u16>,
    answer_headers: Vec<(String, String)>,
    answer_body: Option<Value>,
    provoked: Vec<&'static str>,
    changes: Vec<Change>,
}

/// What a call showed.
pub struct Shown(Vec<FindingRecord>);

impl Shown {
    /// Names of the checks.
    pub fn checks(&self) -> Vec<&'static str> {
        let known = super::checks();
        self.0.iter().map(|one| known.iter().find(|check| check.name == one.check).expect("check").name).collect()
    }

    /// The duty of one.
    pub fn obligation(&self, at: usize) -> &str {
        self.0[at].obligation.as_str()
    }

    /// Is one of them a failure?
    pub fn fails(&self) -> bool {
        self.0.iter().any(|one| one.severity == Severity::Failure)
    }

    /// Everything that a report would hold.
    pub fn shown(&self) -> String {
        format!("{:?}", self.0)
    }
}

impl Sample {
    pub fn d1() -> Self {
        Self::of(Role::D1)
    }

    pub fn issuer() -> Self {
        Self::of(Role::Issuer)
    }

    fn of(role: Role) -> Self {
        let catalog = Catalog::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("specs")).expect("catalogue");
        let contracts = catalog.entries.iter().map(|entry| Arc::new(catalog.contract(entry).expect("contract")));
        let contracts: Vec<_> = contracts.filter(|contract| role.serves(contract.direction)).collect();
        let found = Found::default();
        let told = Arc::clone(&found);
        let folder = tempfile::tempdir().expect("folder");
        let judge = Judge::new(JudgeSettings {
            run_id: "sample".into(),
            started_at: OffsetDateTime::UNIX_EPOCH,
            command: Vec::new(),
            seed: 1,
            role,
            contracts: contracts.clone(),
            bundled: BTreeMap::new(),
            folder: folder.path().to_owned(),
            on_finding: Box::new(move |_, finding| told.lock().expect("lock").push(finding.clone())),
        });
        let reader = WitnessSample::new(role, &contracts);
        let token = "the-token-from-before".into();
        Self { judge, found, now: Instant::now(), token, tokens: 0, contracts, reader, folder }
    }

    /// Lets seconds go by.
    pub fn pass(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }

    /// A call with a correlation id, answered with 200.
    pub fn call(&mut self, method: &str, target: &str) -> SampleCall<'_> {
        SampleCall {
            sample: self,
            method: method.into(),
            target: target.into(),
            headers: vec![("x-correlation-id".into(), "c-1".into())],
            body: Vec::new(),
            status: Some(200),
            answer_headers: Vec::new(),
            answer_body: None,
            provoked: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// A token call of the role.
    pub fn token_call(&mut self) -> SampleCall<'_> {
        let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=a.b.c";
        let call = self.call("POST", "/authz/v1/oauth2/token").body("application/x-www-form-urlencoded", grant);
        // The assertion itself is judged in other tests.
        call.with(|call| call.reading.assertion = Some(crate::sandbox::callers::AssertionReading::Flaws(Vec::new())))
    }

    /// A token call that succeeds; later calls use the token.
    pub fn fetch_token(&mut self) -> Shown {
        self.tokens += 1;
        let token = format!("token-number-{}", self.tokens);
        self.token.clone_from(&token);
        let mut call = self.token_call();
        call.answer_body = Some(json!({"access_token": token, "expires_in": 900}));
        call.findings()
    }

    /// Registers a card with an envelope that was opened to this.
    pub fn register(&mut self, text: &str, clear: Result<Value, Unopened>) -> SampleCall<'_> {
        let body = json!({"consumerId": "c1", "cardProductId": "p1", "encryptedData": text});
        let path = InstancePath::root().key("encryptedData");
        let (text, body) = (text.to_owned(), body.to_string());
        let number = self.tokens;
        let call = self.call("PUT", &format!("/banking/v2/issuers/sandbox001/cards/card-{number}")).token().json(&body);
        let contract = call.sample.contracts.iter().find(|own| own.name == "D1-Public-IN-v2-Card").expect("spec");
        let operation = Arc::clone(contract.operation("registerCard").expect("operation"));
        call.with(move |call| {
            let sealed = operation.body.iter().flat_map(|body| &body.media).flat_map(|media| &media.sealed).next();
            let schema = &sealed.expect("envelope").plaintext;
            let station = crate::sandbox::callers::Station::ClearText(path.clone());
            if let Ok(value) = &clear {
                let noticed = schema.judge(value).into_iter().map(|breach| crate::sandbox::callers::Noticed {
                    station: station.clone(),
                    breach,
                    value: value.clone(),
                });
                call.reading.breaches.extend(noticed);
            }
            let pointer = "/encryptedData".to_owned();
            call.reading.envelopes = vec![EnvelopeReading { path, pointer, text, clear }];
            assert!(matches!(call.reading.body, BodyReading::Read(_)));
        })
    }

    /// Names of the checks that speak at the end only.
    pub fn at_the_end(&mut self) -> Vec<String> {
        let record = self.judge.conclude().expect("reports");
        assert!(self.folder.path().join("index.html").exists());
        let findings = record.scenarios.iter().flat_map(|scenario| &scenario.findings);
        findings.map(|finding| finding.check.clone()).collect()
    }
}

impl SampleCall<'_> {
    /// With the token of the last token call.
    pub fn token(mut self) -> Self {
        let value = format!("Bearer {}", self.sample.token);
        self.headers.push(("authorization".into(), value));
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.headers.push((name.into(), value.into()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(own, _)| own != name);
        self
    }

    pub fn body(self, media_type: &str, body: &str) -> Self {
        let mut call = self.header("content-type", media_type);
        call.body = body.as_bytes().to_vec();
        call
    }

    pub fn json(self, body: &str) -> Self {
        self.body("application/json", body)
    }

    pub fn answered(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    pub fn refused(mut self, status: u16, code: &str) -> Self {
        self.answer_body = Some(json!({"errorCode": code, "error": "field"}));
        self.answered(status)
    }

    pub fn answer_header(mut self, name: &str, value: &str) -> Self {
        self.answer_headers.push((name.into(), value.into()));
        self
    }

    pub fn provoked(mut self, name: &'static str) -> Self {
        self.provoked.push(name);
        self
    }

    pub fn with(mut self, change: impl FnOnce(&mut WitnessedCall) + 'static) -> Self {
        self.changes.push(Box::new(change));
        self
    }

    /// Lets the judge see it; new findings only.
    pub fn findings(self) -> Shown {
        let received = self.sample.now;
        let answered = received + Duration::from_millis(5);
        self.sample.now = answered + Duration::from_millis(5);
        let mut call = self.sample.reader.call(&self.method, &self.target, &self.headers, &self.body);
        call.received = received;
        // A token that the sample gave out is right, and so is the one from before.
        let own =
            call.bearer().is_some_and(|token| token.starts_with("token-number") || token.starts_with("the-token"));
        if own {
            call.standing = crate::sandbox::callers::Standing::Right;
        }
        call.answered = answered;
        call.answer = self.status.map(|status| Answered {
            status,
            headers: self.answer_headers.clone(),
            body: self.answer_body.clone(),
        });
        call.provoked = self.provoked;
        for change in self.changes {
            change(&mut call);
        }
        self.sample.found.lock().expect("lock").clear();
        self.sample.judge.saw(call);
        Shown(self.sample.found.lock().expect("lock").clone())
    }
}
