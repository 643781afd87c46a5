//! Floor 1: keys and signed assertions (JOSE). The one door for the JOSE crates; knows nothing of HTTP or contracts.

mod assertion;
mod error;
mod key;

pub use assertion::{Assertion, Claims, LONGEST_LIFETIME};
pub use error::{AssertionFault, JoseError};
pub use key::{AssertionKey, VerificationKey};
