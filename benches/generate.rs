//! How fast cases are made: register-card requests a second, conforming and violating, each drawn and proved, beside a plain
//! proptest strategy for such a body that proves nothing; and how long it takes to load, compile and plan all bundled
//! specifications. All are measured in turns in one run on one thread, and the median counts: machines are noisy.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot be set up must fail, and it reports"
)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use d1_conformance::base::Seed;
use d1_conformance::contract::{Catalog, Contract, Direction, Obligation, Operation, Rule, obligations};
use d1_conformance::engine::{Filter, Plan, PlanOptions, Subject};
use d1_conformance::generate::{Bindings, Generator, Means};
use d1_conformance::harness::resting_target;
use d1_conformance::suite::Library;
use proptest::option;
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

const ROUNDS: usize = 7;
const LEAST: Duration = Duration::from_millis(400);
const CARD: &str = "D1-Public-IN-v2-Card";
const OPERATION: &str = "registerCard";

fn main() {
    let library = Library::find().unwrap();
    let catalog = library.catalog().unwrap();
    let card = Card::read(&catalog);
    let mut runner = TestRunner::deterministic();
    let (mut conforming, mut violating, mut plain, mut ratios, mut loading) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut next, mut turn) = (0, 0);
    println!("{CARD}::{OPERATION}, one thread");
    for round in 0..=ROUNDS {
        let kept = rate(|| card.conforming(&mut next));
        let broken = rate(|| card.violating(&mut turn));
        let bare = rate(|| bare(&mut runner));
        let planned = load(&library);
        // The first round warms up, and finds out the coverage.
        if round > 0 {
            println!(
                "  {kept:>8.0} conforming/s  {broken:>8.0} violating/s  {bare:>8.0} plain/s  ratio {:.2}  \
                 load, compile and plan {:.0} ms",
                kept / bare,
                planned * 1000.0
            );
            conforming.push(kept);
            violating.push(broken);
            plain.push(bare);
            ratios.push(kept / bare);
            loading.push(planned);
        }
    }
    println!(
        "median {:.0} conforming/s (at least 40000 are asked for), {:.0} violating/s (at least 20000), {:.0} plain/s, \
         ratio {:.2}, load, compile and plan {:.0} ms (at most 100)",
        median(&mut conforming),
        median(&mut violating),
        median(&mut plain),
        median(&mut ratios),
        median(&mut loading) * 1000.0
    );
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Calls a second.
fn rate(mut one: impl FnMut()) -> f64 {
    let begin = Instant::now();
    let mut count = 0.0;
    loop {
        // The clock is looked at now and then.
        for _ in 0..64 {
            one();
            count += 1.0;
        }
        let elapsed = begin.elapsed();
        if elapsed >= LEAST {
            return count / elapsed.as_secs_f64();
        }
    }
}

/// The operation with its duties.
struct Card {
    _contract: Contract,
    operation: Arc<Operation>,
    generator: Generator,
    whole: Arc<Obligation>,
    /// The duties that can be broken, with the number of cases of their coverage.
    broken: Vec<(Arc<Obligation>, u32)>,
}

impl Card {
    fn read(catalog: &Catalog) -> Self {
        let contract = catalog.contract(catalog.entry(CARD).unwrap()).unwrap();
        let operation = contract.operations.iter().find(|operation| operation.id.name() == OPERATION).unwrap().clone();
        let duties: Vec<_> = obligations(&contract, &operation).into_iter().map(Arc::new).collect();
        let generator = Generator::new(duties.clone(), vec![operation.method.clone()], Means::default());
        let whole = duties.iter().find(|duty| duty.rule == Rule::Conforming).unwrap().clone();
        let broken = duties
            .into_iter()
            .filter(|duty| !duty.rule.wants_acceptance() && Generator::exercisable(duty).is_ok())
            .map(|duty| (generator.cases(&operation, &duty, 0), duty))
            .filter(|(coverage, _)| *coverage > 0)
            .map(|(coverage, duty)| (duty, coverage))
            .collect();
        Self { _contract: contract, operation, generator, whole, broken }
    }

    /// A conforming case: the coverage first, then by chance.
    fn conforming(&self, next: &mut u32) {
        self.draw(&self.whole, *next);
        *next += 1;
    }

    /// A violating case: each duty in turn, first its coverage, then by chance where chance says more.
    fn violating(&self, turn: &mut usize) {
        let (duty, coverage) = &self.broken[*turn % self.broken.len()];
        let index = u32::try_from(*turn / self.broken.len()).unwrap();
        let gains = self.generator.cases(&self.operation, duty, 1) > *coverage;
        self.draw(duty, if gains { index } else { index % coverage });
        *turn += 1;
    }

    fn draw(&self, duty: &Obligation, index: u32) {
        let seed = Seed::new(1);
        let drawn = self.generator.case(&self.operation, duty, &Bindings::default(), seed, duty.id.as_str(), index);
        black_box(drawn.case);
    }
}

/// A request like those of the operation, written out: two identifiers in the path, a body with optional members and the
/// clear text of one. Nothing is proved.
fn bare(runner: &mut TestRunner) {
    let state = prop_oneof![Just("ACTIVE"), Just("INACTIVE")];
    let path = ("[A-Za-z0-9_-]{1,15}", "[A-Za-z0-9_-]{1,48}");
    let clear = ("4111[0-9]{12}", "(0[1-9]|1[0-2])[0-9]{2}");
    let name = "[a-zA-Z. -]{0,26}";
    let body = ("[A-Za-z0-9_-]{1,64}", "[A-Za-z0-9_-]{1,48}", option::of(state), option::of(name), option::of(name));
    let strategy = (path, body, option::of(clear)).prop_map(|((issuer, card), body, clear)| {
        let (consumer, product, state, name, second) = body;
        let mut members = json!({"consumerId": consumer, "cardProductId": product});
        let optional = [("state", state.map(str::to_owned)), ("name", name), ("secondName", second)];
        for (key, value) in optional.into_iter().filter_map(|(key, value)| Some((key, value?))) {
            members[key] = Value::from(value);
        }
        let clear = clear.map(|(pan, exp)| json!({"pan": pan, "exp": exp}).to_string());
        (format!("/v2/issuers/{issuer}/cards/{card}"), members.to_string(), clear)
    });
    black_box(strategy.new_tree(runner).unwrap().current());
}

/// Seconds that it takes to load, compile and plan both suites with all specifications of the catalogue.
fn load(library: &Library) -> f64 {
    let begin = Instant::now();
    let catalog = library.catalog().unwrap();
    let mut subjects = Vec::new();
    for (name, direction) in [("inbound", Direction::Inbound), ("outbound", Direction::Outbound)] {
        let (suite, contracts) = library.load(name, &catalog).unwrap();
        let target = Arc::new(resting_target(direction).unwrap());
        subjects.push(Subject::new(suite, target, contracts).unwrap());
    }
    let options = PlanOptions { filter: Filter::new(Vec::new()), cases: 5, snapshots: false };
    black_box(Plan::build(subjects, &options).unwrap());
    begin.elapsed().as_secs_f64()
}
