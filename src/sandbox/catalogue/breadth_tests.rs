//! The catalogue reaches every kind of constraint at every kind of place.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::defects;
use crate::contract::{Catalog, Location, Obligation, obligations, response_obligations};

#[test]
fn every_kind_of_constraint_has_a_row_at_every_kind_of_place() {
    let broken: BTreeSet<&str> = defects().iter().flat_map(|defect| defect.breaks).copied().collect();
    let mut pairs: BTreeMap<String, Vec<Obligation>> = BTreeMap::new();
    for duty in duties().into_iter().filter(|duty| duty.open.is_none()) {
        pairs.entry(format!("{} {}", kind(&duty.location), duty.rule)).or_default().push(duty);
    }
    let without: Vec<String> = pairs
        .iter()
        .filter(|(_, duties)| !duties.iter().any(|duty| broken.contains(duty.id.as_str())))
        .map(|(pair, duties)| {
            let first = duties.iter().min_by_key(|duty| duty.evidence);
            format!("{pair}: such as {}", first.map(|duty| duty.id.as_str()).unwrap_or_default())
        })
        .collect();
    assert!(without.is_empty(), "no row for\n{}", without.join("\n"));
}

fn duties() -> Vec<Obligation> {
    let specs = Catalog::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("specs")).expect("catalogue");
    let mut all = Vec::new();
    for entry in &specs.entries {
        let contract = specs.contract(entry).expect("contract");
        for operation in &contract.operations {
            all.extend(obligations(&contract, operation));
            all.extend(response_obligations(&contract, operation));
        }
    }
    all
}

fn kind(location: &Location) -> &'static str {
    match location {
        Location::Operation => "operation",
        Location::Path(_) => "path",
        Location::Query(_) => "query",
        Location::Header(_) => "header",
        Location::Body(_) => "body",
        Location::Form(_) => "form",
        Location::Jwe(_) => "envelope",
        Location::Plaintext(..) => "clear text",
        Location::Method => "method",
        Location::Auth => "credentials",
        Location::Assertion => "assertion",
        Location::Tls => "certificate",
        Location::ResponseHeader(..) => "header of an answer",
        Location::ResponseBody(..) => "body of an answer",
        Location::ResponseJwe(..) => "envelope of an answer",
        Location::ResponsePlaintext(..) => "clear text of an answer",
        _ => "answer",
    }
}
