//! Floor 1: keys, signed assertions and encrypted envelopes (JOSE). The one door for the JOSE crates; knows nothing of
//! HTTP or contracts.

mod agreement;
mod assertion;
mod careless;
mod content;
mod detached;
mod encryption_key;
mod envelope;
mod error;
mod forge;
mod jwk;
mod key;
mod opening;
mod p256_key;
mod pem;
mod recipe;

pub use assertion::{Assertion, Claims, LONGEST_LIFETIME};
pub use content::ContentEncryption;
pub use detached::{SignatureFault, sign_detached, signer, verify_detached};
pub use encryption_key::{DecryptionKey, EncryptionKey};
pub use envelope::{Envelope, compact_length};
pub use error::{AssertionFault, EnvelopeFault, JoseError, KeyFlaw};
pub use forge::{algorithm_of, hmac_holds, signed_with_hmac, unsigned, unverified_claims, with_signature};
pub use key::{AssertionKey, VerificationKey};
pub use opening::inspect;
pub use recipe::{Ephemeral, Recipe, seal};
