//! Typed names. Their text is stable: it appears in reports, filters and snapshot file names.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text of the name.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// `<spec>::<operationId>`: an operationId alone is unique inside its file only.
    OperationId
);
text_id!(
    /// `<spec>::<operationId>::<location>::<rule>`: one checkable duty.
    ObligationId
);
text_id!(
    /// `<suite>::<obligation id>`, or `<suite>::<operation id>::pinned::<name>`.
    ScenarioId
);
text_id!(
    /// `<scenario id>#<index>`: one concrete request of a scenario.
    CaseId
);

impl OperationId {
    /// Qualifies an operationId with the specification that it stands in.
    pub fn of(spec: &str, operation: &str) -> Self {
        Self(format!("{spec}::{operation}"))
    }

    /// Name of the specification.
    pub fn spec(&self) -> &str {
        self.0.split_once("::").map_or("", |(spec, _)| spec)
    }

    /// The operationId as it stands in the file.
    pub fn name(&self) -> &str {
        self.0.split_once("::").map_or(self.0.as_str(), |(_, name)| name)
    }
}
