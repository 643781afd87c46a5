//! The kinds of mistakes that defects stand for, so that a score tells what a tester is blind to.

use std::fmt;

/// Of which kind a defect is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A declared status that is the wrong one for what happened.
    WrongStatus,
    /// A status that the operation does not declare.
    UndeclaredStatus,
    /// The media type of an answer is wrong or missing.
    ContentType,
    /// A member of an answer, or all of its body, is missing.
    FieldMissing,
    /// An answer has more than is declared.
    FieldExtra,
    /// A member of an answer is null.
    FieldNull,
    /// A member of an answer has another JSON type.
    FieldType,
    /// A member of an answer has another form.
    FieldFormat,
    /// A value that is not in the list.
    EnumDrift,
    /// A bound is not kept, in a request or in an answer.
    Bounds,
    /// A request that breaks the contract in another way is performed.
    AcceptsInvalid,
    /// A request that keeps the contract is refused.
    RejectsValid,
    /// Wrong input breaks the server.
    ServerError,
    /// Who calls is not checked, or half.
    Authentication,
    /// What belongs to another party is shown or changed.
    CrossTenant,
    /// The outside of encrypted data.
    Envelope,
    /// The inside of encrypted data.
    ClearText,
    /// Client certificates.
    Certificates,
    /// The life of a card or a consumer.
    State,
    /// What is made of notifications.
    Notifications,
    /// Calls that come at once.
    Concurrency,
    /// Header fields.
    Headers,
    /// Something is told that must not be told.
    Disclosure,
    /// It shows only after some requests, or for a certain combination.
    Intermittent,
    /// Values that few think of: leap days, time zones, Unicode, big numbers.
    Values,
}

impl Class {
    /// All of them with their names, in the order in which they are shown.
    pub const ALL: [(Self, &'static str); 25] = [
        (Self::WrongStatus, "wrong-status"),
        (Self::UndeclaredStatus, "undeclared-status"),
        (Self::ContentType, "content-type"),
        (Self::FieldMissing, "field-missing"),
        (Self::FieldExtra, "field-extra"),
        (Self::FieldNull, "field-null"),
        (Self::FieldType, "field-type"),
        (Self::FieldFormat, "field-format"),
        (Self::EnumDrift, "enum-drift"),
        (Self::Bounds, "bounds"),
        (Self::AcceptsInvalid, "accepts-invalid"),
        (Self::RejectsValid, "rejects-valid"),
        (Self::ServerError, "server-error"),
        (Self::Authentication, "authentication"),
        (Self::CrossTenant, "cross-tenant"),
        (Self::Envelope, "envelope"),
        (Self::ClearText, "clear-text"),
        (Self::Certificates, "certificates"),
        (Self::State, "state"),
        (Self::Notifications, "notifications"),
        (Self::Concurrency, "concurrency"),
        (Self::Headers, "headers"),
        (Self::Disclosure, "disclosure"),
        (Self::Intermittent, "intermittent"),
        (Self::Values, "values"),
    ];

    /// The class of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, own)| *own == name).map(|(class, _)| *class)
    }

    /// The name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(class, _)| *class == self).map_or("", |(_, name)| name)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Class;

    #[test]
    fn every_class_has_one_name() {
        let names: HashSet<_> = Class::ALL.iter().map(|(_, name)| name).collect();
        assert_eq!(names.len(), Class::ALL.len());
        for (at, (class, name)) in Class::ALL.iter().enumerate() {
            assert_eq!((class.name(), Class::named(name)), (*name, Some(*class)));
            // The order of the list is the order of the type, so that no variant can be forgotten here.
            assert_eq!(*class as usize, at);
        }
        assert_eq!(Class::named("unknown"), None);
    }
}
