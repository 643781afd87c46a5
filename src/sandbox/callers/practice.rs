//! Practice for callers: provocations, delays and errors, and somebody who watches how they are taken.

use std::collections::HashSet;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::provocation::{Provocation, ProvocationKind, refusal};
use super::witness::Witness;
use crate::base::{Seed, sha256_hex};
use crate::contract::Operation;
use crate::sandbox::answer::Answer;

/// What a sandbox does for practice; by default nothing.
#[derive(Clone, Debug, Default)]
pub struct Practice {
    /// Unusual answers, in the order in which they act.
    pub provocations: Vec<&'static Provocation>,
    /// Every answer waits.
    pub latency: Option<Latency>,
    /// Some calls are answered with 500 and not performed.
    pub error_rate: Option<ErrorRate>,
    /// Root of the draws for the two above.
    pub seed: u64,
    /// Who is told of every call.
    pub witness: Option<Arc<dyn Witness>>,
}

/// How long answers wait: drawn evenly between two bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    from: Duration,
    to: Duration,
}

/// How many of a million calls are answered with 500.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorRate(u32);

/// A text that is no setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {what}\n  remedy: write {example}")]
pub struct UnknownSetting {
    text: String,
    what: &'static str,
    example: &'static str,
}

/// Longest time that an answer may wait.
const LONGEST: Duration = Duration::from_secs(600);

const MILLION: u32 = 1_000_000;

impl FromStr for Latency {
    type Err = UnknownSetting;

    fn from_str(text: &str) -> Result<Self, UnknownSetting> {
        let example = "`100ms`, or a range such as `50ms..300ms` or `1s..2s`, at most 600s";
        let wrong = || UnknownSetting { text: text.to_owned(), what: "latency", example };
        let (from, to) = text.split_once("..").unwrap_or((text, text));
        let (from, to) = (duration(from).ok_or_else(wrong)?, duration(to).ok_or_else(wrong)?);
        if from > to || to > LONGEST { Err(wrong()) } else { Ok(Self { from, to }) }
    }
}

impl FromStr for ErrorRate {
    type Err = UnknownSetting;

    fn from_str(text: &str) -> Result<Self, UnknownSetting> {
        let number = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
        let percent = number.filter(|percent| (0.0..=100.0).contains(percent));
        let example = "a percentage from 0% to 100%, such as `5%` or `0.5%`";
        let percent = percent.ok_or(UnknownSetting { text: text.to_owned(), what: "error rate", example })?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and a million")]
        Ok(Self((percent * 10_000.0).round() as u32))
    }
}

/// `50ms` or `2s`; fractions are not needed.
fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    match text.strip_suffix("ms") {
        Some(number) => number.parse().ok().map(Duration::from_millis),
        None => text.strip_suffix('s')?.parse().ok().map(Duration::from_secs),
    }
}

/// Practice under way: it knows what has been done already.
#[derive(Debug, Default)]
pub struct Exercise {
    practice: Practice,
    progress: Mutex<Progress>,
}

#[derive(Debug, Default)]
struct Progress {
    calls: u64,
    /// Provocation and operation, where the provocation comes once.
    spent: HashSet<(&'static str, String)>,
    /// Digest of the token that is refused.
    refused: Option<String>,
}

impl Exercise {
    /// Begins.
    pub fn new(practice: Practice) -> Self {
        Self { practice, progress: Mutex::default() }
    }

    /// Who is told.
    pub fn witness(&self) -> Option<&Arc<dyn Witness>> {
        self.practice.witness.as_ref()
    }

    /// An answer in place of performing the call, with the name of what it comes from. `token` is a good bearer token.
    pub fn interrupt(&self, operation: &Operation, token: Option<&str>) -> Option<(&'static str, Answer)> {
        if !self.is_on() {
            return None;
        }
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.calls += 1;
        for provocation in &self.practice.provocations {
            let answer = match provocation.kind {
                ProvocationKind::RefuseFirstToken => token.and_then(|token| {
                    let digest = sha256_hex(token.as_bytes());
                    let first = progress.refused.get_or_insert_with(|| digest.clone());
                    (*first == digest).then(|| refusal(operation, 401, None))
                }),
                ProvocationKind::RefuseFirstCall { status, retry_after } => {
                    progress.first(provocation.name, operation).then(|| refusal(operation, status, retry_after))
                }
                _ => None,
            };
            if let Some(answer) = answer {
                return Some((provocation.name, answer));
            }
        }
        let rate = self.practice.error_rate?;
        let drawn = self.draw("error-rate", progress.calls) % u64::from(MILLION);
        (drawn < u64::from(rate.0)).then(|| ("error-rate", refusal(operation, 500, None)))
    }

    /// Changes an answer; the names of what did.
    pub fn change(&self, operation: &Operation, answer: &mut Answer) -> Vec<&'static str> {
        let mut names = Vec::new();
        for provocation in &self.practice.provocations {
            let changed = match provocation.kind {
                ProvocationKind::Change(novelty) => novelty.change(operation, answer),
                ProvocationKind::LoseFirstAnswer if answer.status / 100 == 2 && operation.method != "GET" => {
                    let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
                    let first = progress.first(provocation.name, operation);
                    if first {
                        *answer = refusal(operation, 500, None);
                    }
                    first
                }
                _ => false,
            };
            if changed {
                names.push(provocation.name);
            }
        }
        names
    }

    /// How long the answer to this call waits, and why.
    pub fn pause(&self, operation: &Operation) -> (Duration, Vec<&'static str>) {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut pause, mut names) = (Duration::ZERO, Vec::new());
        if let Some(latency) = self.practice.latency {
            let span = u64::try_from(latency.to.saturating_sub(latency.from).as_micros()).unwrap_or(u64::MAX - 1);
            pause += latency.from + Duration::from_micros(self.draw("latency", progress.calls) % (span + 1));
            names.push("latency");
        }
        for provocation in &self.practice.provocations {
            if let ProvocationKind::Delay(seconds) = provocation.kind
                && progress.first(provocation.name, operation)
            {
                pause += Duration::from_secs(seconds);
                names.push(provocation.name);
            }
        }
        (pause, names)
    }

    fn is_on(&self) -> bool {
        !self.practice.provocations.is_empty() || self.practice.latency.is_some() || self.practice.error_rate.is_some()
    }

    fn draw(&self, name: &str, index: u64) -> u64 {
        let bytes = Seed::new(self.practice.seed).derive(name, index);
        bytes[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

impl Progress {
    /// True for the first time that this provocation meets this operation.
    fn first(&mut self, name: &'static str, operation: &Operation) -> bool {
        self.spent.insert((name, operation.id.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    use super::{ErrorRate, Exercise, Latency, Practice};
    use crate::contract::{Contract, Document, Operation};
    use crate::sandbox::answer::Answer;
    use crate::sandbox::callers::provocation::provocation;

    fn operation() -> Arc<Operation> {
        let yaml = "openapi: 3.0.0\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    post: {operationId: a, responses: {'204': {description: d}}}\n";
        let contract = Contract::read("t", Document::parse(Path::new("t.yaml"), yaml).unwrap()).unwrap();
        Arc::clone(&contract.operations[0])
    }

    fn with(names: &[&str]) -> Exercise {
        let provocations = names.iter().map(|name| provocation(name).unwrap()).collect();
        Exercise::new(Practice { provocations, ..Practice::default() })
    }

    #[test]
    fn settings_are_read_and_others_are_refused() {
        let read = |text: &str| text.parse::<Latency>().ok().map(|latency| (latency.from, latency.to));
        let ms = Duration::from_millis;
        assert_eq!(read("50ms..300ms"), Some((ms(50), ms(300))));
        assert_eq!(read("2s"), Some((ms(2000), ms(2000))));
        assert_eq!(read("0ms .. 1s"), Some((ms(0), ms(1000))));
        for wrong in ["", "50", "300ms..50ms", "1m", "-1s", "601s", "50ms..", "50ms...300ms"] {
            let error = wrong.parse::<Latency>().unwrap_err().to_string();
            assert!(error.contains("remedy: write `100ms`"), "{error}");
        }
        assert_eq!("5%".parse(), Ok(ErrorRate(50_000)));
        assert_eq!("0.5%".parse(), Ok(ErrorRate(5_000)));
        for wrong in ["5", "101%", "-1%", "%", "NaN%", "inf%"] {
            assert!(wrong.parse::<ErrorRate>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_first_token_is_refused_for_good_and_the_second_is_not() {
        let (exercise, operation) = (with(&["401-once"]), operation());
        let status = |token| exercise.interrupt(&operation, token).map(|(_, answer)| answer.status);
        assert_eq!(status(None), None, "the token call itself is no use of a token");
        assert_eq!([status(Some("a")), status(Some("b")), status(Some("a"))], [Some(401), None, Some(401)]);
    }

    #[test]
    fn once_is_once_for_each_operation() {
        let (exercise, operation) = (with(&["429-once", "500-once"]), operation());
        let next = || exercise.interrupt(&operation, None).map(|(name, answer)| (name, answer.headers));
        assert_eq!(next(), Some(("429-once", vec![("retry-after", "2".to_owned())])));
        assert_eq!(next(), Some(("500-once", Vec::new())));
        assert_eq!(next(), None);
        let exercise = with(&["lost-answer", "slow"]);
        let lost = || {
            let mut answer = Answer { status: 204, content_type: None, body: None, headers: Vec::new() };
            (exercise.change(&operation, &mut answer), answer.status)
        };
        assert_eq!([lost(), lost()], [(vec!["lost-answer"], 500), (vec![], 204)]);
        assert_eq!([exercise.pause(&operation).0, exercise.pause(&operation).0].map(|p| p.as_secs()), [5, 0]);
    }

    #[test]
    fn chance_follows_the_seed() {
        let operation = operation();
        let errors = |seed| {
            let practice = Practice { error_rate: Some("20%".parse().unwrap()), seed, ..Practice::default() };
            let exercise = Exercise::new(practice);
            (0..500).map(|_| exercise.interrupt(&operation, None).is_some()).collect::<Vec<bool>>()
        };
        assert_eq!(errors(1), errors(1));
        assert_ne!(errors(1), errors(2));
        let hits = errors(1).iter().filter(|hit| **hit).count();
        assert!((60..=140).contains(&hits), "{hits} of 500");
        let latency = Some("50ms..60ms".parse().unwrap());
        let exercise = Exercise::new(Practice { latency, ..Practice::default() });
        let pause = exercise.pause(&operation).0;
        assert!((50..=60).contains(&pause.as_millis()), "{pause:?}");
    }
}
