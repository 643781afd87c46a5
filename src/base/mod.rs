//! Floor 0: names, seeds, secrets and redaction. Knows nothing of HTTP, OpenAPI or D1.

mod card_number;
mod digest;
mod id;
mod members;
mod redact;
mod secret;
mod seed;
mod spelling;

pub use card_number::{PanRange, UnknownRange};
pub use digest::{Digest, sha256_base64, sha256_hex};
pub use id::{CaseId, ObligationId, OperationId, ScenarioId};
pub use members::{member_spans, named_values};
pub use redact::Redactor;
pub use secret::Secret;
pub use seed::Seed;
pub use spelling::percent_encoded;
