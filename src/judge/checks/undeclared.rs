//! Calls that no contract declares. They reach no operation, so the book judges them itself.

use crate::contract::{Evidence, Rule};
use crate::judge::check::Check;

/// A path of no contract.
pub const PATH: Check = Check {
    name: "undeclared_path",
    code: "D1C-401",
    duty: "calls paths that a specification declares",
    remedy: "look at base URL and path of the call: `base_url` and the path of the specification belong together",
    evidence: Evidence::Documented,
    kind: (Rule::UnsupportedMethod, "method"),
    judge: |_, _| None,
};

/// A path with another method.
pub const METHOD: Check = Check {
    name: "undeclared_method",
    code: "D1C-402",
    duty: "calls a path with a method that it declares",
    remedy: "use the method that the specification declares for this path",
    evidence: Evidence::Documented,
    kind: (Rule::UnsupportedMethod, "method"),
    judge: |_, _| None,
};
