//! What the codes of findings mean, for readers that show rules beside results.

use serde_json::{Value, json};

use crate::oracle::{Code, codes};
use crate::report::record::FindingRecord;

/// The rule behind the code of a finding, in the words of its check; a code of another version, or of a judge of clients,
/// has the name of its check.
pub(super) fn rule(finding: &FindingRecord) -> Value {
    let code = codes().into_iter().map(|(_, code)| code).find(|code| code.id == finding.code);
    let short = code.map_or_else(|| format!("{}.", finding.check), |code| sentence(code.means));
    let help = code.map_or_else(|| format!("d1c explain {} says more.", finding.code), help);
    json!({
        "id": finding.code,
        "name": finding.check,
        "shortDescription": { "text": short },
        "fullDescription": { "text": format!("{short} Code {} of the check {}.", finding.code, finding.check) },
        "help": { "text": help },
        "properties": { "tags": ["contract", "api"] },
    })
}

fn help(code: &Code) -> String {
    format!("Why: {} To do: {}", sentence(code.because), sentence(code.remedy))
}

/// A clause as a sentence.
fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::rule;
    use crate::report::sample::sample;

    #[test]
    fn a_rule_says_what_its_code_means_and_what_to_do() {
        let mut finding = sample().scenarios.into_iter().flat_map(|scenario| scenario.findings).next().unwrap();
        finding.code = "D1C-243".to_owned();
        let told = rule(&finding);
        assert!(told["shortDescription"]["text"].as_str().unwrap().starts_with("Calls that were sent at once"));
        assert!(told["help"]["text"].as_str().unwrap().contains("To do: Let the change of the state"));
        finding.code = "D1C-999".to_owned();
        assert_eq!(rule(&finding)["help"]["text"], "d1c explain D1C-999 says more.");
    }
}
