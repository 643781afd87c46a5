//! The sandboxes that a run without target starts itself, and the targets that describe them.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value;

use crate::contract::{Contract, Direction};
use crate::sandbox::{Defect, Role, Sandbox, SandboxError, SandboxOptions, demo};
use crate::suite::{Grant, Target};

/// A sandbox in this process with the target that describes it. It ends with this value.
pub struct Embedded {
    /// Keeps the server alive.
    _sandbox: Sandbox,
    /// How to reach it.
    pub target: Target,
}

/// Why no sandbox could be started.
pub type EmbeddedError = SandboxError;

impl Embedded {
    /// Starts the sandbox that a suite of this direction is run against, on a free loopback port.
    pub async fn start(
        direction: Direction,
        contracts: Vec<Arc<Contract>>,
        defects: Vec<&'static Defect>,
    ) -> Result<Self, EmbeddedError> {
        let role = role(direction);
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let sandbox = Sandbox::start(SandboxOptions { role, listen, defects, contracts }).await?;
        let target = Target { base_url: Some(sandbox.url()), ..resting_target(direction) };
        Ok(Self { _sandbox: sandbox, target })
    }
}

/// The target of an embedded sandbox that is not running: enough to plan and to list.
pub fn resting_target(direction: Direction) -> Target {
    let demo = demo();
    let text = |text: &str| Value::String(text.to_owned());
    let grant = match direction {
        Direction::Inbound => Grant::JwtBearer {
            token_url: None,
            issuer: demo.issuer_id.to_owned(),
            subject: demo.issuer_id.to_owned(),
            audience: None,
            lifetime: Duration::from_secs(300),
            kid: demo.assertion_kid.to_owned(),
            private_key: demo.assertion_key_pem.clone(),
        },
        Direction::Outbound => Grant::ClientCredentials {
            token_url: None,
            client_id: demo.client_id.to_owned(),
            client_secret: demo.client_secret.clone(),
            scope: None,
        },
    };
    Target {
        base_url: Some("http://127.0.0.1:0".to_owned()),
        grant: Some(grant),
        values: IndexMap::from([
            ("issuerId".to_owned(), text(demo.issuer_id)),
            ("cardProductId".to_owned(), text(demo.card_product_id)),
            ("cardId".to_owned(), text(demo.card_id)),
            ("consumerId".to_owned(), text(demo.consumer_id)),
        ]),
        ..Target::named(&format!("embedded sandbox ({})", role(direction)))
    }
}

fn role(direction: Direction) -> Role {
    match direction {
        Direction::Inbound => Role::D1,
        Direction::Outbound => Role::Issuer,
    }
}
