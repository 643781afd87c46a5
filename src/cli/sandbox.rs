//! `d1c sandbox`: the reference servers, on their own.

use std::fmt::Write as _;
use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::args::Sandbox as Args;
use super::judge;
use super::output::out;
use crate::contract::{Contract, Direction};
use crate::sandbox::callers::{Practice, Provocation, Witness, provocation, provocations};
use crate::sandbox::{Class, Defect, KeyFolder, Role, Sandbox, SandboxError, SandboxOptions, defect, defects};
use crate::suite::{Library, closest};
use crate::tls::ClientCertificates;

pub(super) fn sandbox(args: &Args) -> anyhow::Result<u8> {
    if args.list_defects {
        return list_defects(args);
    }
    if args.list_provocations {
        return list_provocations();
    }
    let role: Role = args.role.as_deref().unwrap_or_default().parse()?;
    let chosen = args.defect.iter().map(|name| named(name, role)).collect::<anyhow::Result<Vec<_>>>()?;
    let provocations = args.provoke.iter().map(|name| provoked(name)).collect::<anyhow::Result<Vec<_>>>()?;
    let contracts = contracts(role)?;
    let judge = args.judge.then(|| judge::judge(args, role, &contracts)).transpose()?.map(Arc::new);
    let witness = judge.as_ref().map(|judge| Arc::clone(judge) as Arc<dyn Witness>);
    let practice =
        Practice { provocations, latency: args.latency, error_rate: args.error_rate, seed: args.seed, witness };
    let mut options =
        SandboxOptions { listen: args.listen, defects: chosen, practice, ..SandboxOptions::new(role, contracts) };
    if let Some(folder) = &args.tls {
        let keys = KeyFolder::at(folder);
        let wanted = if args.mtls { ClientCertificates::Demanded } else { ClientCertificates::NotAsked };
        options.tls = Some(keys.server(wanted)?);
        options.keys = keys.keys(role)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let ended = ending()?;
        let sandbox = start(options, args).await?;
        if let Some(judge) = &judge {
            judge.serves(sandbox.url());
        }
        out(&format!("listening on {}\n", sandbox.url()));
        tokio::select! {
            () = sandbox.wait() => {}
            () = ended => {}
        }
        judge.map_or(Ok(0), |judge| judge::conclude(&judge))
    })
}

/// Comes to its end with Ctrl-C; where there are signals, also when a supervisor asks for it. It listens from now on, not only
/// from when it is waited for: who reads that the sandbox is there may end it at once.
#[cfg(unix)]
fn ending() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupted, mut terminated) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}

/// Comes to its end with Ctrl-C. It listens from now on, not only from when it is waited for.
#[cfg(windows)]
fn ending() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupted = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        let _ = interrupted.recv().await;
    })
}

async fn start(options: SandboxOptions, args: &Args) -> anyhow::Result<Sandbox> {
    let started = Sandbox::start(options).await;
    match (&args.tls, started) {
        // Its texts name the part; the folder is what the user wrote.
        (Some(folder), Err(error @ SandboxError::Tls(_))) => {
            Err(error).with_context(|| format!("--tls {}", folder.display()))
        }
        (_, started) => Ok(started?),
    }
}

fn list_defects(args: &Args) -> anyhow::Result<u8> {
    let role: Option<Role> = args.role.as_deref().map(str::parse).transpose()?;
    let shown: Vec<&Defect> = defects().iter().filter(|defect| role.is_none_or(|role| defect.role == role)).collect();
    let mut text = String::new();
    for (class, name) in Class::ALL {
        let own: Vec<_> = shown.iter().filter(|defect| defect.class == class).collect();
        if own.is_empty() {
            continue;
        }
        writeln!(text, "{name} ({})", own.len())?;
        for Defect { name, role, text: does, breaks, .. } in own {
            writeln!(text, "  {name}  [{role}]\n      {does}\n      breaks {}", breaks.join(", "))?;
        }
    }
    out(&text);
    Ok(0)
}

fn list_provocations() -> anyhow::Result<u8> {
    let mut text = String::new();
    for one in provocations() {
        let (name, what, must) = (one.name, one.text, one.must);
        writeln!(
            text,
            "{name}\n    {what}\n    your client must {must}  [{}]\n    seen by {}",
            one.source, one.seen_by
        )?;
    }
    out(&text);
    Ok(0)
}

fn provoked(name: &str) -> anyhow::Result<&'static Provocation> {
    provocation(name).with_context(|| {
        let near = closest(name, provocations().iter().map(|one| one.name)).map_or_else(
            || "`d1c sandbox --list-provocations` shows all".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        format!("unknown provocation `{name}`\n  remedy: {near}")
    })
}

fn named(name: &str, role: Role) -> anyhow::Result<&'static Defect> {
    match defect(name) {
        Some(defect) if defect.role == role => Ok(defect),
        Some(defect) => {
            bail!("the defect `{name}` belongs to role {}\n  remedy: use --role {}", defect.role, defect.role)
        }
        None => {
            let near = closest(name, defects().iter().map(|defect| defect.name)).map_or_else(
                || "`d1c sandbox --list-defects` shows all".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            bail!("unknown defect `{name}`\n  remedy: {near}")
        }
    }
}

/// All specifications of a role, the extra ones too.
fn contracts(role: Role) -> anyhow::Result<Vec<Arc<Contract>>> {
    let direction = match role {
        Role::D1 => Direction::Inbound,
        Role::Issuer => Direction::Outbound,
    };
    let catalog = Library::find()?.catalog()?;
    let entries = catalog.entries.iter().filter(|entry| entry.direction == direction);
    Ok(entries.map(|entry| catalog.contract(entry).map(Arc::new)).collect::<Result<_, _>>()?)
}
