//! `d1c certify`: runs a product's profile and writes the evidence; checks a bundle; starts the plan of one again.

use std::path::Path;

use anyhow::{Context as _, bail};

use super::args::{Certify, Run, Selection};
use super::output::out;
use super::run::{Ended, carry_out};
use super::selection::is_product;
use crate::base::Secret;
use crate::evidence::{Arguments, Checked, Contents, DEVIATIONS_MEMBER, Manifest, verify, write_bundle};
use crate::jose::{AssertionKey, VerificationKey};
use crate::report::{DeviationRecord, Readiness};
use crate::suite::published;

/// Name of the bundle where none is given.
const BUNDLE: &str = "evidence.zip";

pub(super) fn certify(args: &Certify) -> anyhow::Result<u8> {
    match (&args.verify, &args.rerun) {
        (Some(file), _) => check(file, args.key.as_deref()),
        (None, Some(file)) => again(args, file),
        (None, None) => bundle(args),
    }
}

/// Runs the profile, and writes the bundle when the target is ready, or for a rehearsal.
fn bundle(args: &Certify) -> anyhow::Result<u8> {
    let Some(suite) = &args.suite else {
        bail!("no product is named\n  remedy: add --suite and the name of a profile, such as pin-management")
    };
    if !is_product(suite)? {
        bail!("`{suite}` is a suite, and evidence is for a product\n  remedy: name a profile, such as pin-management")
    }
    args.out.as_deref().map(writable).transpose()?;
    let key = args.sign.as_deref().map(signing_key).transpose()?;
    let arguments = Arguments { suite: suite.clone(), seed: args.seed, cases: args.cases, strict: args.strict };
    let ended = run(args, &arguments)?;
    let Some(profile) = &ended.record.profile else { bail!("the run of `{suite}` has no verdict on a product") };
    let outdated = ended.record.deviations.iter().any(DeviationRecord::fails);
    let ready = matches!(profile.verdict, Readiness::Ready | Readiness::ReadyWithDeviations) && !outdated;
    if !ready && !args.rehearsal {
        out(&format!(
            "no evidence was written: {} is {}{}\n  remedy: settle the lines above and run again; --rehearsal writes the bundle all the same\n",
            profile.product,
            profile.verdict.name(),
            if outdated { ", and the deviations file is out of date" } else { "" }
        ));
        return Ok(ended.record.exit_code);
    }
    let file = args.out.clone().unwrap_or_else(|| ended.folder.join(BUNDLE));
    let files = files(&ended)?;
    let contents = Contents { record: &ended.record, arguments, rehearsal: args.rehearsal, files };
    let manifest = write_bundle(&file, contents, key.as_ref())?;
    let signed = key.map_or(String::new(), |key| format!(", signed with the key {}", key.kid()));
    out(&format!("wrote {}: {} files{signed}\n{}", file.display(), manifest.members.len(), words(&manifest)));
    Ok(ended.record.exit_code)
}

/// The run behind a command line; `None` for one that only checks a bundle.
pub(super) fn as_run(args: &Certify) -> anyhow::Result<Option<Run>> {
    let arguments = match (&args.suite, &args.rerun) {
        (_, Some(file)) => verify(file, None)?.manifest.arguments,
        (Some(suite), None) => {
            Arguments { suite: suite.clone(), seed: args.seed, cases: args.cases, strict: args.strict }
        }
        (None, None) => return Ok(None),
    };
    Ok(Some(the_run(args, &arguments)))
}

fn run(args: &Certify, arguments: &Arguments) -> anyhow::Result<Ended> {
    carry_out(&the_run(args, arguments))
}

fn the_run(args: &Certify, arguments: &Arguments) -> Run {
    Run {
        selection: Selection {
            suite: vec![arguments.suite.clone()],
            target: args.target.clone(),
            cases: arguments.cases,
            ..Selection::default()
        },
        seed: arguments.seed,
        strict: arguments.strict,
        jobs: args.jobs,
        report_dir: args.report_dir.clone(),
        deviations: args.deviations.clone(),
        allow_production: args.allow_production,
        quiet: args.quiet,
        ..Run::default()
    }
}

/// Reports, specifications, suites and target, as they were used.
fn files(ended: &Ended) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    let mut add = |name: String, path: &Path| -> anyhow::Result<()> {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        if files.iter().all(|(known, _)| *known != name) {
            files.push((name, bytes));
        }
        Ok(())
    };
    for name in ["run.json", "junit.xml", "index.html"] {
        add(name.to_owned(), &ended.folder.join(name))?;
    }
    let name =
        |folder: &str, path: &Path| format!("{folder}/{}", path.file_name().unwrap_or_default().to_string_lossy());
    for chosen in &ended.choice.chosen {
        for contract in &chosen.contracts {
            add(name("specs", &contract.document.path), &contract.document.path)?;
        }
        add(name("suites", &chosen.suite.file), &chosen.suite.file)?;
        for rules in &chosen.suite.rules {
            add(name("suites/rules", &rules.path), &rules.path)?;
        }
        for cycle in &chosen.suite.lifecycles {
            add(name("suites/lifecycles", &cycle.path), &cycle.path)?;
        }
    }
    if let Some(scope) = &ended.choice.profile {
        add(name("suites/profiles", &scope.profile.file), &scope.profile.file)?;
    }
    if let Some(path) = &ended.deviations {
        add(DEVIATIONS_MEMBER.to_owned(), path)?;
    }
    if let Some((target, path)) = ended.choice.target.as_ref().and_then(|target| Some((target, target.file.as_ref()?)))
    {
        files.push(("target.yaml".to_owned(), published(path, &target.redactor())?.into_bytes()));
    }
    Ok(files)
}

/// A place that cannot be written must be known before the first request, not after the last.
fn writable(path: &Path) -> anyhow::Result<()> {
    let beside = path.with_extension("tmp");
    std::fs::write(&beside, b"")
        .and_then(|()| std::fs::remove_file(&beside))
        .with_context(|| format!("cannot write {}\n  remedy: name another place with --out", path.display()))
}

/// Checks a bundle.
fn check(file: &Path, key: Option<&Path>) -> anyhow::Result<u8> {
    let key = key.map(verifying_key).transpose()?;
    let Checked { manifest, signer, verified } = match verify(file, key.as_ref()) {
        Ok(checked) => checked,
        Err(error) => {
            out(&format!("NOT VALID  {}\n{error}\n", file.display()));
            return Ok(1);
        }
    };
    let signature = match (signer, verified) {
        (Some(kid), true) => format!("signed with the key {kid}, and the signature is right"),
        (Some(kid), false) => format!("signed with the key {kid}; add --key FILE to check the signature"),
        (None, _) => "not signed".to_owned(),
    };
    out(&format!(
        "VALID  {}: {} files as they were written, {signature}\n{}",
        file.display(),
        manifest.members.len(),
        words(&manifest)
    ));
    Ok(0)
}

fn words(manifest: &Manifest) -> String {
    let rehearsal = if manifest.rehearsal { "  A REHEARSAL: it certifies nothing.\n" } else { "" };
    format!(
        "  {} is {}, run {} of {}, {} {}\n  seed {}, case digest {}\n{rehearsal}",
        manifest.product,
        manifest.readiness.name(),
        manifest.run_id,
        manifest.started_at,
        manifest.tool.name,
        manifest.tool.version,
        manifest.arguments.seed,
        manifest.case_digest.chars().take(16).collect::<String>()
    )
}

/// Starts the plan of a bundle again, and says whether the cases are the same.
fn again(args: &Certify, file: &Path) -> anyhow::Result<u8> {
    let old = verify(file, None)?.manifest;
    let ended = run(args, &old.arguments)?;
    let same = ended.record.case_digest.as_ref() == Some(&old.case_digest);
    let told = if same {
        "the cases are those of the bundle".to_owned()
    } else {
        format!(
            "the cases are not those of the bundle ({}): {} {}, its specifications, suites or target were others",
            old.case_digest.chars().take(16).collect::<String>(),
            old.tool.name,
            old.tool.version
        )
    };
    let now = ended.record.profile.as_ref().map_or("without a verdict", |profile| profile.verdict.name());
    out(&format!("{told}\n{} was {}, and is {now}\n", old.product, old.readiness.name()));
    Ok(ended.record.exit_code)
}

fn signing_key(path: &Path) -> anyhow::Result<AssertionKey> {
    AssertionKey::from_text(None, &Secret::new(text(path)?)).with_context(|| format!("--sign {}", path.display()))
}

fn verifying_key(path: &Path) -> anyhow::Result<VerificationKey> {
    VerificationKey::from_text(None, &text(path)?).with_context(|| format!("--key {}", path.display()))
}

fn text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
