//! Every business rule that is known stands in one place: shown by sequences, covered by duties, or untestable with its
//! reason.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use d1_conformance::suite::{Library, RuleFile};

/// Families of ids with the number of rules in each.
const FAMILIES: [(&str, usize); 14] = [
    ("CARD-REG", 13),
    ("CARD-LC", 16),
    ("CONSUMER", 8),
    ("V1", 4),
    ("C2P", 12),
    ("OPS", 2),
    ("ORDER", 2),
    ("TOKEN-IN", 4),
    ("TOKEN-OUT", 3),
    ("CRED", 4),
    ("VERIFY", 8),
    ("OTP", 2),
    ("3DS", 3),
    ("ACTIVATE", 2),
];

/// Families whose numbers carry a letter, or are few.
const OTHERS: [(&str, usize); 2] = [("NOTIF-R", 10), ("CTRL-", 4)];

fn files() -> Vec<RuleFile> {
    let library = Library::find().unwrap();
    let catalog = library.catalog().unwrap();
    let suites = ["inbound", "outbound", "outbound-extra"];
    suites.iter().flat_map(|name| library.load(name, &catalog).unwrap().0.rules.clone()).collect()
}

#[test]
fn every_known_rule_stands_in_one_place() {
    let known = FAMILIES
        .iter()
        .flat_map(|(family, count)| (1..=*count).map(move |number| format!("{family}-{number}")))
        .chain(OTHERS.iter().flat_map(|(family, count)| (1..=*count).map(move |number| format!("{family}{number}"))));
    let mut places: BTreeMap<String, usize> = known.map(|id| (id, 0)).collect();
    for id in files().iter().flat_map(|file| file.rules.keys()) {
        *places.get_mut(id).unwrap_or_else(|| panic!("{id} is no known rule")) += 1;
    }
    let wrong: Vec<_> = places.iter().filter(|(_, count)| **count != 1).collect();
    assert!(wrong.is_empty(), "not once: {wrong:?}");
}

#[test]
fn every_file_of_rules_is_used_by_a_suite() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("suites/rules");
    let used: Vec<_> = files().iter().map(|file| file.path.file_name().unwrap().to_owned()).collect();
    for file in fs::read_dir(folder).unwrap() {
        let name = file.unwrap().file_name();
        assert!(used.contains(&name), "{name:?}");
    }
}
