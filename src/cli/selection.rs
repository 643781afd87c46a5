//! From the words of the command line to suites, contracts and targets.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use indexmap::IndexMap;

use super::args::Selection;
use crate::contract::{Catalog, Contract, Direction, Document};
use crate::engine::{Filter, Subject};
use crate::exchange::Gate;
use crate::harness::{Embedded, resting_target};
use crate::report::ProfileScope;
use crate::suite::{Grant, Library, ProfileRow, Suite, Target};

/// A suite with its contracts, checked, before it meets a target.
pub(super) struct Chosen {
    pub suite: Arc<Suite>,
    pub contracts: Vec<Arc<Contract>>,
}

/// What the command line selects.
pub(super) struct Choice {
    pub library: Library,
    pub catalog: Catalog,
    pub chosen: Vec<Chosen>,
    /// `None`: the embedded sandboxes.
    pub target: Option<Target>,
    /// The product that the run is for.
    pub profile: Option<ProfileScope>,
}

impl Choice {
    /// Loads everything that is named; whatever is wrong with it is an error here, before any traffic.
    pub fn load(selection: &Selection, timeout: Option<u64>) -> anyhow::Result<Self> {
        let library = Library::find()?;
        let catalog = library.catalog()?;
        let mut target = selection.target.as_deref().map(Target::load).transpose()?;
        let mut chosen = match &selection.spec {
            Some(file) => {
                let contract = Arc::new(contract_of(&catalog, file)?);
                if let Some(url) = &selection.base_url {
                    target = Some(Target::at(&contract.name, url)?);
                }
                vec![Chosen { suite: Arc::new(Suite::generic(&contract)), contracts: vec![contract] }]
            }
            None => Vec::new(),
        };
        let mut profile = None;
        if selection.spec.is_none() {
            profile = scope(&library, &catalog, selection, target.as_ref())?;
            let names = match &profile {
                Some(scope) => suites_of(&library, scope)?,
                None => named(selection, target.as_ref())?,
            };
            chosen = suites(&library, &catalog, &names, target.as_ref())?;
        }
        if let (Some(target), Some(seconds)) = (target.as_mut(), timeout) {
            target.limits.timeout = Duration::from_secs(seconds);
        }
        if let Some(target) = &target {
            target.check_dictionary(chosen.iter().flat_map(|chosen| &chosen.contracts))?;
        }
        Ok(Self { library, catalog, chosen, target, profile })
    }

    /// Which scenarios are kept: by the words of the command line, and for a product those of its operations.
    pub fn filter(&self, words: &[String]) -> Filter {
        let filter = Filter::new(words.to_vec());
        let Some(scope) = &self.profile else { return filter };
        let rows = scope.directions.iter().flat_map(|direction| scope.profile.rows(*direction));
        filter.among(rows.flat_map(ProfileRow::names).map(str::to_owned).collect())
    }

    /// Subjects for a plan that will not run: the embedded sandboxes need not be up.
    pub fn resting_subjects(self) -> anyhow::Result<Vec<Subject>> {
        let Self { chosen, target, .. } = self;
        chosen
            .into_iter()
            .map(|Chosen { suite, contracts }| {
                let target = target.clone().map_or_else(|| resting_target(suite.direction), Ok)?;
                Ok(Subject::new(suite, Arc::new(target), contracts)?)
            })
            .collect()
    }

    /// Subjects for a run, with the embedded sandboxes that must live as long.
    pub async fn subjects(&self, timeout: Option<u64>) -> anyhow::Result<(Vec<Subject>, Vec<Embedded>)> {
        if self.target.is_none() && self.chosen.iter().any(|chosen| chosen.suite.is_generic()) {
            bail!("--spec needs a place to send requests to\n  remedy: add --base-url URL or --target FILE");
        }
        let (mut subjects, mut running) = (Vec::new(), Vec::new());
        // One target, one gate: two suites against it share its limits.
        let shared = self.target.as_ref().map(|target| Arc::new(Gate::new(&target.limits)));
        for Chosen { suite, contracts } in &self.chosen {
            let mut target = if let Some(target) = &self.target {
                target.clone()
            } else {
                let embedded = Embedded::start(suite.direction, contracts.clone(), Vec::new()).await?;
                let target = embedded.target.clone();
                running.push(embedded);
                target
            };
            if let Some(seconds) = timeout {
                target.limits.timeout = Duration::from_secs(seconds);
            }
            let gate = shared.clone().unwrap_or_else(|| Arc::new(Gate::new(&target.limits)));
            subjects.push(Subject::behind(gate, Arc::clone(suite), Arc::new(target), contracts.clone())?);
        }
        Ok((subjects, running))
    }
}

/// The suites that the command line names, or that fit the target.
fn named(selection: &Selection, target: Option<&Target>) -> anyhow::Result<Vec<String>> {
    Ok(match (selection.suite.as_slice(), target.map(|target| &target.grant)) {
        ([], None) => vec!["inbound".to_owned(), "outbound".to_owned()],
        ([], Some(Some(Grant::JwtBearer { .. }))) => vec!["inbound".to_owned()],
        ([], Some(Some(Grant::ClientCredentials { .. }))) => vec!["outbound".to_owned()],
        ([], Some(_)) => {
            bail!("the target does not tell which suite fits\n  remedy: add --suite inbound or --suite outbound")
        }
        (named, _) => named.to_vec(),
    })
}

/// The product that the run is for, where `--suite` names a profile.
fn scope(
    library: &Library,
    catalog: &Catalog,
    selection: &Selection,
    target: Option<&Target>,
) -> anyhow::Result<Option<ProfileScope>> {
    let mut profile = None;
    for name in &selection.suite {
        let (name, side) = side_of(name);
        profile = library.profile(name, catalog)?.map(|profile| (profile, side)).or(profile);
    }
    let Some((profile, side)) = profile else { return Ok(None) };
    if selection.suite.len() > 1 {
        bail!("`--suite {}` is a product, and its verdict is one\n  remedy: leave the other --suite out", profile.name);
    }
    let tested = profile.directions();
    let directions = match (side, target.map(|target| &target.grant)) {
        (Some(side), _) => vec![side],
        (None, None) => tested.clone(),
        (None, Some(Some(Grant::JwtBearer { .. }))) => vec![Direction::Inbound],
        (None, Some(Some(Grant::ClientCredentials { .. }))) => vec![Direction::Outbound],
        (None, Some(_)) => bail!(
            "the target does not tell which side of the product it is\n  remedy: write --suite {0}:inbound or --suite {0}:outbound",
            profile.name
        ),
    };
    if let Some(side) = directions.iter().find(|side| !tested.contains(side)) {
        let side = format!("{side:?}").to_lowercase();
        bail!(
            "{} has no {side} operation that can be tested\n  remedy: name a target of the other side",
            profile.product
        );
    }
    let mut answers = IndexMap::new();
    for name in profile.conditions.keys() {
        let answer = match target.map(|target| target.values.get(name)) {
            // The embedded sandboxes do all that has a path.
            None => Some(!profile.needs_untestable(name)),
            Some(None) => None,
            Some(Some(value)) => Some(value.as_bool().with_context(|| {
                format!("values.{name} of the target is no answer\n  remedy: write `{name}: true` or `{name}: false`")
            })?),
        };
        answers.insert(name.clone(), answer);
    }
    let words = selection.filter.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let narrowed = (!selection.filter.is_empty()).then(|| format!("only scenarios named {words} were run"));
    Ok(Some(ProfileScope { profile: Arc::new(profile), answers, directions, narrowed }))
}

/// The name of a profile, and the side of it that is asked for.
fn side_of(name: &str) -> (&str, Option<Direction>) {
    match name.rsplit_once(':') {
        Some((name, "inbound")) => (name, Some(Direction::Inbound)),
        Some((name, "outbound")) => (name, Some(Direction::Outbound)),
        _ => (name, None),
    }
}

/// True for the name of a profile; the error says why there is neither a profile nor a suite of this name.
pub(super) fn is_product(name: &str) -> anyhow::Result<bool> {
    let library = Library::find()?;
    let product = library.profile(side_of(name).0, &library.catalog()?)?.is_some();
    if !product {
        library.suite(name)?;
    }
    Ok(product)
}

/// The suites that hold the operations of a product.
fn suites_of(library: &Library, scope: &ProfileScope) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for direction in &scope.directions {
        let rows = scope.profile.rows(*direction).iter();
        let specs: Vec<&str> =
            rows.flat_map(ProfileRow::names).filter_map(|name| Some(name.split_once("::")?.0)).collect();
        names.extend(library.suites_for(*direction, &specs)?);
    }
    Ok(names)
}

fn suites(
    library: &Library,
    catalog: &Catalog,
    names: &[String],
    target: Option<&Target>,
) -> anyhow::Result<Vec<Chosen>> {
    names
        .iter()
        .map(|name| {
            let (suite, contracts) = library.load(name, catalog)?;
            check_direction(&suite, target)?;
            Ok(Chosen { suite, contracts })
        })
        .collect()
}

/// A suite and the credentials of a target must look the same way: anything else is thousands of requests for nothing.
fn check_direction(suite: &Suite, target: Option<&Target>) -> anyhow::Result<()> {
    let (grant, right) = match target.and_then(|target| target.grant.as_ref()) {
        Some(Grant::JwtBearer { .. }) => ("jwt_bearer", Direction::Inbound),
        Some(Grant::ClientCredentials { .. }) => ("client_credentials", Direction::Outbound),
        _ => return Ok(()),
    };
    if suite.direction == right {
        return Ok(());
    }
    bail!(
        "the suite `{}` and the target do not fit: `grant: {grant}` is for the other direction\n  remedy: name another --suite, \
         or a target with the right `auth`",
        suite.name
    )
}

/// The contract in a file, named as in the catalogue where it stands there, else after the file.
pub(super) fn contract_of(catalog: &Catalog, file: &Path) -> anyhow::Result<Contract> {
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let document = Document::load(file)?;
    let contract = match catalog.entry(&name) {
        Some(entry) => catalog.read(entry, document),
        None => Contract::read(&name, document),
    };
    contract.with_context(|| format!("{} cannot be used", file.display()))
}
