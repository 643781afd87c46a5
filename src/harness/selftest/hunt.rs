//! What a run against a sandbox with one defect brought.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::error::SelftestError;
use super::ground::{Course, Grounds, Named};
use super::trials::SelftestSettings;
use crate::engine::Proof;
use crate::oracle::{Severity, Verdict};
use crate::sandbox::Defect;

/// How the search for one defect ended.
#[derive(Clone, Debug, Serialize)]
pub struct Hunt {
    /// Name of the defect.
    pub defect: &'static str,
    /// Name of its class.
    pub class: &'static str,
    /// The role of the sandbox that it was planted in.
    pub role: String,
    /// The operation at which it acts, or shows.
    pub operation: &'static str,
    /// What the sandbox did wrong.
    pub text: &'static str,
    /// The duties that it breaks.
    pub breaks: &'static [&'static str],
    /// It was looked for under `--strict`, because all its duties are only inferred.
    pub strict: bool,
    /// A finding names at least one of its duties.
    pub found: bool,
    /// Its duties that no finding names.
    pub not_named: Vec<&'static str>,
    /// Requests until the first finding that names one of its duties, this one included.
    pub exchanges_to_first: Option<u64>,
    /// The longest of the walks through life cycles that its findings show, each cut down as far as it goes.
    pub walk: Option<Vec<String>>,
    /// Requests of the whole run.
    pub exchanges: u64,
    /// Findings that name none of its duties. They may be consequences.
    pub collateral: Vec<Collateral>,
    /// Scenarios that could not be judged, with the reason.
    pub inconclusive: Vec<String>,
}

/// Findings beside the defect's own duties.
#[derive(Clone, Debug, Serialize)]
pub struct Collateral {
    /// The duty that they name.
    pub obligation: String,
    /// In how many scenarios.
    pub scenarios: usize,
}

impl Hunt {
    /// Plants a defect and runs the specification that it acts in.
    pub(super) async fn for_defect(
        grounds: &Grounds,
        defect: &'static Defect,
        settings: &SelftestSettings,
    ) -> Result<Self, SelftestError> {
        let rules = defect.breaks.iter().all(|id| id.starts_with("rules::"));
        let hunt = Self::within(grounds, defect, settings, grounds.inferred(defect)).await?;
        // A rule may be documented, and the fields that show it only assumed.
        let again = rules && !hunt.found && !hunt.strict;
        if again { Self::within(grounds, defect, settings, true).await } else { Ok(hunt) }
    }

    async fn within(
        grounds: &Grounds,
        defect: &'static Defect,
        settings: &SelftestSettings,
        strict: bool,
    ) -> Result<Self, SelftestError> {
        let rules = defect.breaks.iter().all(|id| id.starts_with("rules::"));
        let spec = [defect.effect.operation().split("::").next().unwrap_or_default()];
        let course = Course {
            planted: Some(defect),
            // Defects act at one operation, or on all of them alike: its specification is enough. Rules have scenarios of
            // their own.
            filter: if rules { &["::rules::", "::lifecycles::"] } else { &spec },
            seed: settings.seed,
            cases: settings.cases,
            strict,
            shortens: rules,
        };
        let outcomes = grounds.of(defect)?.run(&course).await?;
        Ok(Self::of(defect, strict, &outcomes, |id| grounds.noted(id)))
    }

    fn of(defect: &'static Defect, strict: bool, outcomes: &[Named], noted: impl Fn(&str) -> bool) -> Self {
        let counts =
            |proof: &&Proof| proof.finding.severity == Severity::Failure || noted(proof.finding.obligation.as_str());
        let own = |proof: &Proof| defect.breaks.contains(&proof.finding.obligation.as_str());
        let mut named = BTreeSet::new();
        let mut collateral: BTreeMap<String, usize> = BTreeMap::new();
        let (mut sent, mut repeated, mut first, mut walk) = (0, 0, None, None);
        for Named { outcome, .. } in outcomes {
            let (true_ones, others): (Vec<&Proof>, Vec<&Proof>) =
                outcome.findings.iter().filter(counts).partition(|proof| own(proof));
            if let (None, Some(least)) = (first, true_ones.iter().map(|proof| u64::from(proof.after)).min()) {
                first = Some(sent - repeated + least);
            }
            let walks = true_ones.iter().filter_map(|proof| proof.walk.as_ref()).map(|walk| &walk.steps);
            walk = walks.chain(&walk).max_by_key(|steps| steps.len()).cloned();
            named.extend(true_ones.iter().map(|proof| proof.finding.obligation.to_string()));
            for proof in others {
                *collateral.entry(proof.finding.obligation.to_string()).or_default() += 1;
            }
            sent += u64::from(outcome.exchanges);
            repeated += u64::from(outcome.repeated);
        }
        let open = |named: &Named| named.outcome.verdict == Verdict::Inconclusive;
        let reason = |named: &Named| {
            format!("{}: {}", named.scenario, named.outcome.reason.as_deref().unwrap_or("no reason given"))
        };
        Self {
            defect: defect.name,
            class: defect.class.name(),
            role: defect.role.to_string(),
            operation: defect.effect.operation(),
            text: defect.text,
            breaks: defect.breaks,
            strict,
            found: !named.is_empty(),
            not_named: defect.breaks.iter().filter(|id| !named.contains(**id)).copied().collect(),
            exchanges_to_first: first,
            walk,
            exchanges: sent,
            collateral: collateral
                .into_iter()
                .map(|(obligation, scenarios)| Collateral { obligation, scenarios })
                .collect(),
            inconclusive: outcomes.iter().filter(|named| open(named)).map(reason).collect(),
        }
    }
}
