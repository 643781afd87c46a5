//! One suite bound to one target.

use std::collections::HashMap;
use std::sync::Arc;

use super::bind::listed;
use super::plan::PlanError;
use crate::contract::{Contract, Operation};
use crate::exchange::{Client, Gate};
use crate::generate::{Binding, Means, Slot};
use crate::jose::DecryptionKey;
use crate::oracle::Duties;
use crate::suite::{Suite, Target};

/// A suite, its contracts and the target that it is run against.
pub struct Subject {
    /// What to test.
    pub suite: Arc<Suite>,
    /// Whom to test.
    pub target: Arc<Target>,
    /// The contracts of the suite, in its order.
    pub contracts: Vec<Arc<Contract>>,
    /// The way out.
    pub client: Client,
    /// Opens the encrypted members of answers.
    pub(super) key: Option<DecryptionKey>,
    /// What the target's dictionary has for the places of each operation.
    pub(super) listed: HashMap<String, Vec<(Slot, Binding)>>,
    /// Response duties by operation.
    pub(super) duties: HashMap<String, Arc<Duties>>,
}

impl Subject {
    /// Binds a suite to a target; a specification without base URL is an error, because its operations could silently
    /// not be tested.
    pub fn new(suite: Arc<Suite>, target: Arc<Target>, contracts: Vec<Arc<Contract>>) -> Result<Self, PlanError> {
        Self::behind(Arc::new(Gate::new(&target.limits)), suite, target, contracts)
    }

    /// The same behind a gate that other subjects with this target share: its hard limits are those of the whole run.
    pub fn behind(
        gate: Arc<Gate>,
        suite: Arc<Suite>,
        target: Arc<Target>,
        contracts: Vec<Arc<Contract>>,
    ) -> Result<Self, PlanError> {
        let mut bases = HashMap::new();
        for contract in &contracts {
            let base = target
                .base_url_of(&contract.name, &contract.base_path)
                .ok_or_else(|| PlanError::NoBaseUrl { target: target.name.clone(), spec: contract.name.clone() })?;
            bases.insert(contract.name.clone(), base);
        }
        let duties = contracts
            .iter()
            .flat_map(|contract| contract.operations.iter().map(move |operation| (contract, operation)))
            .map(|(contract, operation)| (operation.id.to_string(), Arc::new(Duties::of(contract, operation))))
            .collect();
        let client = Client::behind(gate, &target, bases)?;
        let own = target.jwe.decrypt_with.as_ref();
        let key = own.map(|own| DecryptionKey::from_text(own.kid.as_deref(), &own.private_key)).transpose()?;
        let listed = listed(&target.dictionary, &contracts);
        Ok(Self { suite, target, contracts, client, key, listed, duties })
    }

    /// An operation by its qualified name, with its contract.
    pub(super) fn operation(&self, name: &str) -> Option<(&Contract, &Operation)> {
        self.contracts.iter().find_map(|contract| {
            let operation = contract.operations.iter().find(|operation| operation.id.as_str() == name)?;
            Some((contract.as_ref(), operation.as_ref()))
        })
    }

    /// What the target makes possible for the generator.
    pub(super) fn means(&self) -> Means {
        Means { seals: self.target.jwe.encrypt_for.is_some(), test_pans: self.target.test_pans.clone() }
    }
}
