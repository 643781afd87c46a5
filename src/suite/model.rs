//! A suite: which operations to test, what they need first, and which values they take.

use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use super::lifecycle::Lifecycle;
use super::rule::RuleFile;
use super::snapshot_plan::SnapshotPlan;
use crate::contract::{Direction, Rule};

/// What to test of some specifications. One YAML file; see `suites/inbound.yaml` for every key in use.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// Name on the command line and in reports.
    pub name: String,
    /// Who calls whom.
    pub direction: Direction,
    /// One sentence for people.
    #[serde(default)]
    pub description: String,
    /// Names of catalogue entries.
    pub specs: Vec<String>,
    /// Values for every operation, by slot.
    #[serde(default, deserialize_with = "serde_yaml::with::singleton_map_recursive::deserialize")]
    pub values: IndexMap<String, ValueSource>,
    /// Values that every step of a fixture or of a sequence sends, where its operation has such a parameter.
    #[serde(default, deserialize_with = "serde_yaml::with::singleton_map_recursive::deserialize")]
    pub step_values: IndexMap<String, ValueSource>,
    /// Resources that must exist first, by name.
    #[serde(default)]
    pub fixtures: IndexMap<String, Fixture>,
    /// What is special about single operations, by qualified name.
    #[serde(default)]
    pub operations: IndexMap<String, OperationPlan>,
    /// Duties whose breach the receiver must bear, so that they are not tested as violations.
    #[serde(default)]
    pub tolerate: Vec<Tolerance>,
    /// Names of members whose values differ from run to run; snapshots replace them.
    #[serde(default)]
    pub volatile: Vec<String>,
    /// How the answers of pinned cases are compared.
    #[serde(default)]
    pub snapshots: SnapshotPlan,
    /// Files of business rules, relative to this one.
    #[serde(default, rename = "rules")]
    pub rule_paths: Vec<PathBuf>,
    /// What stands in those files.
    #[serde(skip)]
    pub rules: Vec<RuleFile>,
    /// Files of life cycles, relative to this one.
    #[serde(default, rename = "lifecycles")]
    pub lifecycle_paths: Vec<PathBuf>,
    /// What stands in those files.
    #[serde(skip)]
    pub lifecycles: Vec<Arc<Lifecycle>>,
    /// The file it was read from.
    #[serde(skip)]
    pub file: PathBuf,
}

impl Suite {
    /// These fixtures with what they need themselves, each once, and none before what it needs.
    pub fn fixtures_for<'s>(&'s self, needs: &'s [String]) -> Vec<(&'s str, &'s Fixture)> {
        let mut list = Vec::new();
        self.collect(needs, &mut Vec::new(), &mut list);
        list
    }

    fn collect<'s>(&'s self, needs: &'s [String], met: &mut Vec<&'s str>, list: &mut Vec<(&'s str, &'s Fixture)>) {
        for need in needs {
            if met.contains(&need.as_str()) {
                continue;
            }
            met.push(need);
            if let Some(fixture) = self.fixtures.get(need) {
                self.collect(&fixture.needs, met, list);
                list.push((need, fixture));
            }
        }
    }
}

/// Where the value of a slot comes from.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ValueSource {
    /// A value of this name in the target file.
    Target(String),
    /// A value of this name that a fixture provided.
    Fixture(String),
    /// A new identifier with this prefix.
    Fresh(String),
    /// A test card number that the target has never seen (CARD-REG-4).
    FreshPan(bool),
    /// Always this value.
    Value(Value),
    /// One of these values.
    OneOf(Vec<Value>),
    /// Never sent.
    Omit(bool),
    /// A credential of the target, put in on the way out: `client_assertion`.
    Credential(String),
    /// A list with this entry as often as the target file says.
    Repeat(Repeated),
    /// The value that this run of a sequence is for.
    Each(bool),
}

/// An entry of a list, again and again.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Repeated {
    /// Name of the number under `values:` in the target file.
    pub times: String,
    /// The entry; `{n}` in its texts is its number, from 1.
    pub value: Value,
}

impl Repeated {
    /// The list.
    pub fn list(&self, times: u64) -> Value {
        (1..=times).map(|number| numbered(&self.value, number)).collect()
    }
}

fn numbered(value: &Value, number: u64) -> Value {
    match value {
        Value::String(text) => text.replace("{n}", &number.to_string()).into(),
        Value::Array(items) => items.iter().map(|item| numbered(item, number)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, member)| (name.clone(), numbered(member, number))).collect()
        }
        other => other.clone(),
    }
}

/// A resource that cases need: steps that each must be accepted.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// Fixtures that come first; their values are at hand.
    #[serde(default)]
    pub needs: Vec<String>,
    /// The calls, in order.
    pub steps: Vec<FixtureStep>,
}

/// One call of a fixture.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FixtureStep {
    /// Qualified name of the operation.
    pub operation: String,
    /// Values by slot, on top of the suite's.
    #[serde(default, deserialize_with = "serde_yaml::with::singleton_map_recursive::deserialize")]
    pub values: IndexMap<String, ValueSource>,
    /// Values that later steps and cases may use, by name.
    #[serde(default, deserialize_with = "serde_yaml::with::singleton_map_recursive::deserialize")]
    pub provides: IndexMap<String, Provided>,
}

/// Where a provided value is found.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Provided {
    /// In the request, at a slot.
    Request(String),
    /// In the answer's JSON body, at a pointer.
    Response(String),
}

/// What is special about one operation.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OperationPlan {
    /// Fixtures that must stand before a case is sent.
    #[serde(default)]
    pub needs: Vec<String>,
    /// True when a conforming case uses its fixture up, so that each case gets one of its own.
    #[serde(default)]
    pub consumes: bool,
    /// Values by slot, on top of the suite's.
    #[serde(default, deserialize_with = "serde_yaml::with::singleton_map_recursive::deserialize")]
    pub values: IndexMap<String, ValueSource>,
    /// Cases whose answer is compared with an accepted snapshot.
    #[serde(default)]
    pub pinned: Vec<PinnedCase>,
    /// Why the operation is not tested at all.
    #[serde(default)]
    pub skip: Option<String>,
    /// True when the resources that a request names may be unknown to the target, so that 403, 404 and 409 are fair
    /// answers to a conforming request.
    #[serde(default)]
    pub ungrounded: bool,
}

/// A case that is the same in every run: drawn from the pinned seed, whatever `--seed` says.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PinnedCase {
    /// Name of the snapshot.
    pub name: String,
    /// Index of the conforming case: 0 has required parts only, 1 has all.
    #[serde(default)]
    pub index: u32,
    /// Values by slot, on top of the operation's.
    #[serde(default, deserialize_with = "serde_yaml::with::singleton_map_recursive::deserialize")]
    pub values: IndexMap<String, ValueSource>,
    /// True when the operation's fixtures are left out: the answer to an unknown resource is pinned then.
    #[serde(default)]
    pub without_fixture: bool,
}

/// Duties that are no violations for this kind of target.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Tolerance {
    /// Kind of duty.
    #[cfg_attr(test, schemars(with = "String"))]
    pub rule: Rule,
    /// Only this operation; all when absent.
    #[serde(default)]
    pub operation: Option<String>,
    /// Why, with the id of the rule or guide fact.
    pub reason: String,
}
