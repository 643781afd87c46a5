//! `d1c sandbox`: the reference servers, on their own.

use std::fmt::Write as _;
use std::sync::Arc;

use anyhow::bail;

use super::args::Sandbox as Args;
use super::output::out;
use crate::contract::{Contract, Direction};
use crate::sandbox::{Defect, Role, Sandbox, SandboxOptions, defect, defects};
use crate::suite::{Library, closest};

pub(super) fn sandbox(args: &Args) -> anyhow::Result<u8> {
    if args.list_defects {
        return list_defects(args);
    }
    let role: Role = args.role.as_deref().unwrap_or_default().parse()?;
    let chosen = args.defect.iter().map(|name| named(name, role)).collect::<anyhow::Result<Vec<_>>>()?;
    let contracts = contracts(role)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let options = SandboxOptions { role, listen: args.listen, defects: chosen, contracts };
        let sandbox = Sandbox::start(options).await?;
        out(&format!("listening on {}\n", sandbox.url()));
        tokio::select! {
            () = sandbox.wait() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        Ok(0)
    })
}

fn list_defects(args: &Args) -> anyhow::Result<u8> {
    let role: Option<Role> = args.role.as_deref().map(str::parse).transpose()?;
    let mut text = String::new();
    for defect in defects().iter().filter(|defect| role.is_none_or(|role| defect.role == role)) {
        writeln!(
            text,
            "{}  [{}]\n    {}\n    breaks {}",
            defect.name,
            defect.role,
            defect.text,
            defect.breaks.join(", ")
        )?;
    }
    out(&text);
    Ok(0)
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
