//! Codes and checks.

use super::Explanation;
use crate::contract::Evidence;
use crate::judge;
use crate::oracle::{BUSINESS_RULES_CHECK, Blame, Code, SNAPSHOT_CHECK, checks as of_answers, codes};
use crate::report::{DEVIATION_CODES, DEVIATIONS_CHECK};

/// Every code that a finding or an entry of a deviations file can have.
pub fn all() -> Vec<Explanation> {
    let of_runs = codes().into_iter().map(|(check, code)| of(check, code));
    let of_deviations = DEVIATION_CODES.iter().map(|code| of(DEVIATIONS_CHECK, code));
    let of_callers = judge::checks().iter().map(|check| Explanation {
        kind: "code",
        name: check.code.to_owned(),
        check: Some(check.name.to_owned()),
        means: format!("your client does not keep this: it {}", check.duty),
        because: Some(because(check.evidence).to_owned()),
        remedy: Some(check.remedy.to_owned()),
        who: Some("your client (d1c sandbox --judge)".to_owned()),
        ..Explanation::default()
    });
    of_runs.chain(of_deviations).chain(of_callers).collect()
}

/// The checks.
pub fn checks() -> Vec<Explanation> {
    let about = |name: &str| -> String {
        match name {
            BUSINESS_RULES_CHECK => "what no schema says is kept: sequences of calls show it".to_owned(),
            SNAPSHOT_CHECK => "the answer to a pinned case is the accepted one".to_owned(),
            DEVIATIONS_CHECK => "the deviations file is up to date".to_owned(),
            name => {
                let own = of_answers().iter().find(|check| check.name == name).map(|check| check.about);
                let callers = judge::checks().iter().find(|check| check.name == name);
                let callers = callers.map(|check| format!("a client {}", check.duty));
                own.map(str::to_owned).or(callers).unwrap_or_default()
            }
        }
    };
    let mut found: Vec<Explanation> = Vec::new();
    for code in all() {
        let name = code.check.clone().unwrap_or_default();
        let words = (code.name, code.means);
        if let Some(known) = found.iter_mut().find(|check| check.name == name) {
            known.codes.push(words);
        } else {
            let means = about(&name);
            found.push(Explanation { kind: "check", name, means, codes: vec![words], ..Explanation::default() });
        }
    }
    found
}

fn of(check: &str, code: &Code) -> Explanation {
    Explanation {
        kind: "code",
        name: code.id.to_owned(),
        check: Some(check.to_owned()),
        means: code.means.to_owned(),
        because: Some(code.because.to_owned()),
        remedy: Some(code.remedy.to_owned()),
        who: Some(who(code.who).to_owned()),
        ..Explanation::default()
    }
}

/// Who acts on a finding.
fn who(blame: Blame) -> &'static str {
    match blame {
        Blame::Config => "you: target file, deviations file, credentials",
        _ => "the side under test",
    }
}

fn because(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Documented => "a specification, an RFC or a public guide of the vendor says so",
        Evidence::Inferred => "no text of the vendor demands it: it is good practice, or assumed, and so no failure",
    }
}
