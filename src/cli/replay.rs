//! `d1c replay`: sends the cases of a run again, and says what became of each.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::Parser as _;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::args::{Args, Command, Run};
use super::certify::as_run;
use super::output::out;
use super::recorded::recorded;
use super::run::{checks, refuse_production, snapshots};
use super::selection::Choice;
use crate::base::Seed;
use crate::engine::{Kind, Plan, PlanOptions, RunOptions, Scenario, Stop, send_again, unusable};
use crate::oracle::{Severity, SnapshotMode, Snapshots, Verdict};
use crate::report::{
    FindingRecord, REPLAY_VERSION, ReplayRecord, ReplayResult, ReplayedRecord, Round, RunRecord, ScenarioRecord,
    TargetRecord, ToolRecord, other_shape, replay_summary, target_record, write_replay,
};
use crate::suite::closest_end;

pub(super) const EXAMPLES: &str = "Examples:
  d1c replay reports/ci/run.json                        all findings of failed scenarios, three times each
  d1c replay reports/ci/run.json --case 'inbound::...#4' one case, by the name that the report gives it
  d1c replay reports/ci/run.json --target staging.yaml  against another target file

Exit codes: 0 all fixed, 1 something still fails, 2 bad input (nothing was sent), 3 inconclusive.";

#[derive(Debug, clap::Args)]
pub(super) struct Replay {
    /// The run.json of a run.
    #[arg(value_name = "RUN.json")]
    pub run: PathBuf,
    /// Only this case, by its name in the report, or all cases of a scenario; may be repeated.
    #[arg(long, value_name = "ID", conflicts_with = "failed")]
    pub case: Vec<String>,
    /// The cases of all failed scenarios; this is what happens without --case.
    #[arg(long)]
    pub failed: bool,
    /// How often each case is sent: one that fails at times is flaky.
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub times: u32,
    /// Target file in place of that of the run.
    #[arg(long, value_name = "FILE")]
    pub target: Option<PathBuf>,
    /// Address in place of that of the run, where it had --spec and --base-url.
    #[arg(long, value_name = "URL", conflicts_with = "target")]
    pub base_url: Option<String>,
    /// Print the record as JSON in place of the table.
    #[arg(long)]
    pub json: bool,
    /// Folder for replay.json; by default that of RUN.json.
    #[arg(long, value_name = "DIR")]
    pub report_dir: Option<PathBuf>,
    /// Send to a production host all the same.
    #[arg(long)]
    pub allow_production: bool,
}

/// A finding of the run with where it stands.
type Chosen<'r> = (&'r ScenarioRecord, &'r FindingRecord);

pub(super) fn replay(args: &Replay) -> anyhow::Result<u8> {
    let (file, record) = recorded(&args.run)?;
    let chosen = chosen(args, &record)?;
    let run = the_run(args, &record)?;
    let choice = Choice::load(&run.selection, run.timeout).with_context(|| {
        format!("the run of {} cannot be planned again; --target names another target file", args.run.display())
    })?;
    refuse_production(&run, &choice)?;
    let folder = args.report_dir.clone().or_else(|| file.parent().map(Path::to_owned)).unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let replayed = runtime.block_on(conduct(args, &run, &choice, &record, &chosen))?;
    let file = folder.join("replay.json");
    write_replay(&file, &replayed)?;
    if args.json {
        out(&format!("{:#}\n", serde_json::to_value(&replayed)?));
    } else {
        let text = replay_summary(&replayed, std::io::stdout().is_terminal());
        out(&format!("{text}\nwrote {}\nexit {}\n", file.display(), meaning(replayed.exit_code)));
    }
    Ok(replayed.exit_code)
}

fn meaning(code: u8) -> &'static str {
    match code {
        0 => "0: everything is fixed",
        1 => "1: something still fails",
        _ => "3: inconclusive: not everything could be sent, judged or compared",
    }
}

/// The findings that are asked for.
fn chosen<'r>(args: &Replay, record: &'r RunRecord) -> anyhow::Result<Vec<Chosen<'r>>> {
    let all = || record.scenarios.iter().flat_map(|one| one.findings.iter().map(move |finding| (one, finding)));
    if args.case.is_empty() {
        let failed: Vec<Chosen<'_>> = all()
            .filter(|(one, finding)| one.verdict == Verdict::Failed && finding.severity > Severity::Observation)
            .filter(|(_, finding)| finding.deviation.is_none())
            .collect();
        if failed.is_empty() {
            bail!("no scenario of {} failed\n  remedy: name a case of another finding with --case", args.run.display());
        }
        return Ok(failed);
    }
    let mut found = Vec::new();
    for wanted in &args.case {
        let own: Vec<Chosen<'_>> =
            all().filter(|(one, finding)| finding.case_id.as_str() == wanted || one.id.as_str() == wanted).collect();
        if own.is_empty() {
            let known: Vec<&str> = all().map(|(_, finding)| finding.case_id.as_str()).collect();
            let near = match closest_end(wanted, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if known.is_empty() => {
                    "the run has no finding; `d1c run` with its seed sends all cases again".to_owned()
                }
                None => {
                    "write the name as the report does; a case without a finding is sent by `d1c run` and its scenario"
                        .to_owned()
                }
            };
            bail!("no finding of {} is of the case `{wanted}`\n  remedy: {near}", args.run.display());
        }
        found.extend(own);
    }
    Ok(found)
}

/// The run that the record is of, as its command line says, with what is to be another now.
fn the_run(args: &Replay, record: &RunRecord) -> anyhow::Result<Run> {
    let told = record.command.join(" ");
    let words = std::iter::once("d1c").chain(record.command.iter().map(String::as_str));
    let parsed = Args::try_parse_from(words).map_err(|_| {
        anyhow::anyhow!(
            "the command line of the run, `{told}`, is not understood\n  remedy: {} wrote it; use that version",
            record.tool.version
        )
    })?;
    let run = match parsed.command {
        None => Some(Run::default()),
        Some(Command::Run(run)) => Some(run),
        Some(Command::Certify(certify)) => as_run(&certify)?,
        Some(_) => None,
    };
    let Some(mut run) = run else {
        bail!(
            "{} is of `d1c {told}`, which sends no cases\n  remedy: name the run.json of `d1c run`",
            args.run.display()
        )
    };
    run.seed = record.seed;
    run.strict = record.strict;
    (run.accept_snapshots, run.accept_new) = (false, false);
    run.allow_production = args.allow_production;
    if let Some(target) = &args.target {
        run.selection.target = Some(target.clone());
        run.selection.base_url = None;
    }
    if args.base_url.is_some() {
        run.selection.base_url.clone_from(&args.base_url);
    }
    if run.selection.base_url.as_ref().is_some_and(|url| url.contains("***")) {
        bail!("the address of the run holds a secret, which no report keeps\n  remedy: name it with --base-url");
    }
    Ok(run)
}

async fn conduct(
    args: &Replay,
    run: &Run,
    choice: &Choice,
    record: &RunRecord,
    chosen: &[Chosen<'_>],
) -> anyhow::Result<ReplayRecord> {
    let (subjects, _sandboxes) = choice.subjects(run.timeout).await?;
    let pinned = snapshots(run, choice);
    let options = PlanOptions {
        filter: choice.filter(&run.selection.filter),
        cases: run.selection.cases,
        snapshots: pinned.is_some(),
    };
    let plan = Arc::new(Plan::build(subjects, &options)?);
    let started_at = OffsetDateTime::now_utc();
    let stop = Stop::default();
    let options = RunOptions {
        seed: Seed::new(run.seed),
        nonce: started_at.unix_timestamp_nanos().to_string(),
        jobs: 1,
        max_failures: None,
        strict: run.strict,
        checks: checks(run)?,
        snapshots: pinned.unwrap_or_else(|| Snapshots::new("", SnapshotMode::Off)),
        redactor: plan.redactor(),
        stop: stop.clone(),
    };
    let listener = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stop.stop();
        }
    });
    let mut work = Work { args, plan: &plan, options: &options, record, exchanges: 0, round: 0 };
    let cases = work.all(chosen).await;
    listener.abort();
    let target: Vec<TargetRecord> =
        plan.subjects.iter().map(|subject| target_record(subject, &options.redactor)).collect();
    let replayed = ReplayRecord {
        replay_version: REPLAY_VERSION.to_owned(),
        tool: ToolRecord { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        of_run: record.run_id.clone(),
        started_at: started_at.format(&Rfc3339)?,
        seed: run.seed,
        times: args.times,
        exchanges: work.exchanges,
        notes: notes(record, &target),
        target,
        exit_code: 3,
        cases,
    };
    Ok(replayed.settled())
}

/// What is another than in the run.
fn notes(record: &RunRecord, target: &[TargetRecord]) -> Vec<String> {
    let mut notes = Vec::new();
    let version = env!("CARGO_PKG_VERSION");
    if record.tool.version != version {
        notes.push(format!("the run was made by version {}, this is {version}", record.tool.version));
    }
    for own in target {
        let then = record.target.iter().find(|then| then.suite == own.suite);
        if let Some(then) = then.filter(|then| then.name != own.name) {
            notes.push(format!("the run of {} was against {}, this is against {}", own.suite, then.name, own.name));
        }
    }
    notes
}

struct Work<'w> {
    args: &'w Replay,
    plan: &'w Plan,
    options: &'w RunOptions,
    record: &'w RunRecord,
    exchanges: u64,
    /// No two sendings share a nonce, whatever their case.
    round: u32,
}

impl Work<'_> {
    async fn all(&mut self, chosen: &[Chosen<'_>]) -> Vec<ReplayedRecord> {
        let unusable = unusable(self.plan).await;
        let mut done: Vec<ReplayedRecord> = Vec::new();
        // The findings of one case are judged by the same sendings; for rules and pinned cases those of one scenario.
        let mut sent: Option<(String, Vec<Round>)> = None;
        for (scenario, finding) in chosen {
            let unsent =
                |result, reason| ReplayedRecord::unsent(&scenario.id, &scenario.operation_id, finding, result, reason);
            let place = match self.place(scenario) {
                Ok(place) => place,
                Err(reason) => {
                    done.push(unsent(ReplayResult::NotComparable, reason));
                    continue;
                }
            };
            let own = &self.plan.scenarios[place];
            if let Some(reason) = unusable.get(&own.subject) {
                done.push(unsent(ReplayResult::Inconclusive, reason.clone()));
                continue;
            }
            let drawn = matches!(own.kind, Kind::Drawn);
            let index = finding.case_id.as_str().rsplit('#').next().and_then(|index| index.parse().ok());
            let Some(index) = index.or((!drawn).then_some(0)) else {
                done.push(unsent(ReplayResult::NotComparable, "its name has no number".to_owned()));
                continue;
            };
            let key = if drawn { finding.case_id.to_string() } else { scenario.id.to_string() };
            if sent.as_ref().is_none_or(|(known, _)| *known != key) {
                sent = Some((key, self.rounds(place, index).await));
            }
            let Some((_, rounds)) = &sent else { continue };
            if let Some(reason) = self.other(own, scenario, finding, rounds).filter(|_| drawn) {
                done.push(unsent(
                    ReplayResult::NotComparable,
                    format!("the case is drawn in another way now: {reason}"),
                ));
                continue;
            }
            let secrets = self.plan.subjects[own.subject].client.secrets();
            let redactor = self.options.redactor.with(secrets);
            let (id, operation) = (&scenario.id, &scenario.operation_id);
            done.push(ReplayedRecord::of(id, operation, finding, rounds, scenario.rule, &redactor));
        }
        done
    }

    /// Where a scenario of the record stands in the plan; the error says why nothing can be compared.
    fn place(&self, scenario: &ScenarioRecord) -> Result<usize, String> {
        let place = self.plan.scenarios.iter().position(|own| own.id == scenario.id);
        let Some(place) = place else { return Err("the suites have no scenario of this name any more".to_owned()) };
        let now = &self.plan.scenarios[place].contract;
        let then = self.record.specs.iter().find(|spec| spec.name == now.name);
        match then {
            Some(then) if then.sha256 == now.document.sha256 => Ok(place),
            Some(then) => Err(format!(
                "the specification {} changed since the run (SHA-256 {}…, now {}…): run again",
                now.name,
                then.sha256.chars().take(8).collect::<String>(),
                now.document.sha256.chars().take(8).collect::<String>()
            )),
            None => Err(format!("the run does not say which specification {} it used", now.name)),
        }
    }

    async fn rounds(&mut self, place: usize, index: u32) -> Vec<Round> {
        let mut rounds = Vec::new();
        for _ in 0..self.args.times {
            self.round += 1;
            if self.options.stop.stopped() {
                let unclear = Some("the replay was ended before".to_owned());
                rounds.push(Round { findings: Vec::new(), unclear, exchange: None });
                continue;
            }
            let again = send_again(self.plan, place, index, self.round, self.options).await;
            self.exchanges += u64::from(again.sends);
            rounds.push(Round { findings: again.findings, unclear: again.unclear, exchange: again.exchange });
        }
        rounds
    }

    /// In what the request that was sent is another than the recorded one.
    fn other(
        &self,
        own: &Scenario,
        scenario: &ScenarioRecord,
        finding: &FindingRecord,
        rounds: &[Round],
    ) -> Option<String> {
        let sent = rounds.iter().find_map(|round| round.exchange.as_ref())?;
        let then = self.record.target.iter().find(|target| target.suite == scenario.suite);
        let then = then.and_then(|target| target.base_urls.get(&scenario.spec)).cloned().unwrap_or_default();
        let target = &self.plan.subjects[own.subject].target;
        let now = target.base_url_of(&own.contract.name, &own.contract.base_path).unwrap_or_default();
        other_shape(&finding.request, &sent.sent, (&then, &now))
    }
}
