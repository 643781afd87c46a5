//! A defect is data: which duty a sandbox breaks when it is switched on, and at which station of the pipeline.

use super::class::Class;
use super::input::{Malformed, Trait};
use super::lapse::Lapse;
use super::message::{Oddity, Spelling};
use super::security::{Confidential, EnvelopeCheck, Leak, SealFlaw, TokenCheck};
use crate::contract::AssertionFlaw;
use crate::sandbox::role::Role;
use crate::tls::ClientCertificates;

/// One planted defect.
#[derive(Clone, Copy, Debug)]
pub struct Defect {
    /// Stable name; begins with the role.
    pub name: &'static str,
    /// In which sandbox it can be planted.
    pub role: Role,
    /// What the sandbox does wrong, in one sentence.
    pub text: &'static str,
    /// Of which kind of mistake it is.
    pub class: Class,
    /// Ids of the obligations that it breaks, all of them documented or all of them inferred.
    pub breaks: &'static [&'static str],
    /// What it does.
    pub effect: Effect,
}

/// What a defect does. `operation` is a qualified operation name; `location` and rules are spelled as in obligation ids
/// (`path.cardId`, `body/operations/*/status`; `max_length`).
#[derive(Clone, Copy, Debug)]
pub enum Effect {
    /// Breaches of these rules at this place pass.
    IgnoreRules {
        /// At which operation.
        operation: &'static str,
        /// At which place.
        location: &'static str,
        /// Which rules. A value that breaks another one as well is still refused.
        rules: &'static [&'static str],
    },
    /// Breaches of these rules at this place pass for values with this trait only.
    IgnoreRulesWhen {
        /// At which operation.
        operation: &'static str,
        /// At which place.
        location: &'static str,
        /// Which rules.
        rules: &'static [&'static str],
        /// For which values.
        when: Trait,
    },
    /// Breaches of these rules at this place break the server: 500.
    BreakOn {
        /// At which operation.
        operation: &'static str,
        /// At which place.
        location: &'static str,
        /// Which rules.
        rules: &'static [&'static str],
    },
    /// A valid value with this trait breaks the server: 500.
    BreakWhen {
        /// At which operation.
        operation: &'static str,
        /// At which place.
        location: &'static str,
        /// Which values.
        when: Trait,
    },
    /// Two optional values are refused with 400 when they are sent together.
    RefuseTogether {
        /// At which operation.
        operation: &'static str,
        /// At which places.
        locations: [&'static str; 2],
    },
    /// An identifier in the path is not looked at: every issuer, card or consumer counts as that of the demo data.
    AnyIdentifier {
        /// At which operation.
        operation: &'static str,
        /// At which place.
        location: &'static str,
    },
    /// Nothing is wrong until the operation was called so often; then this is.
    After {
        /// Calls that are handled rightly.
        requests: u32,
        /// Is all well again after as many wrong calls, and so on in turns?
        fades: bool,
        /// What happens from then on.
        then: &'static Effect,
    },
    /// A valid value with this trait is refused with 400.
    RefuseValid {
        /// At which operation.
        operation: &'static str,
        /// At which place.
        location: &'static str,
        /// Which values.
        when: Trait,
    },
    /// A status is replaced.
    Status {
        /// At which operation.
        operation: &'static str,
        /// The right one.
        from: u16,
        /// The wrong one.
        to: u16,
    },
    /// The media type of an answer is replaced.
    ContentType {
        /// At which operation.
        operation: &'static str,
        /// In answers of this status.
        status: u16,
        /// The wrong media type.
        value: &'static str,
    },
    /// The media type of an answer is not told.
    NoContentType {
        /// At which operation.
        operation: &'static str,
        /// In answers of this status.
        status: u16,
    },
    /// A value in the body of an answer is replaced or added.
    SetValue {
        /// At which operation.
        operation: &'static str,
        /// In answers of this status.
        status: u16,
        /// JSON pointer; the parent must be there.
        pointer: &'static str,
        /// The wrong value, as JSON.
        value: &'static str,
    },
    /// A member is missing in the body of an answer.
    RemoveMember {
        /// At which operation.
        operation: &'static str,
        /// In answers of this status.
        status: u16,
        /// JSON pointer of the member.
        pointer: &'static str,
    },
    /// The body of an answer is left out; its media type stays.
    EmptyBody {
        /// At which operation.
        operation: &'static str,
        /// In answers of this status.
        status: u16,
    },
    /// Credentials are not checked.
    IgnoreAuth {
        /// At which operation.
        operation: &'static str,
        /// None at all pass.
        missing: bool,
        /// Wrong ones pass.
        wrong: bool,
    },
    /// A body that is no JSON is not refused.
    MalformedJson {
        /// At which operation.
        operation: &'static str,
        /// What happens instead.
        then: Malformed,
    },
    /// An unusual message breaks the server: 500.
    BreakOnMessage {
        /// At which operation.
        operation: &'static str,
        /// Which messages.
        oddity: Oddity,
    },
    /// A message that is right is refused with 400 for how it is spelled.
    RefuseSpelling {
        /// At which operation.
        operation: &'static str,
        /// Which spelling.
        spelling: Spelling,
    },
    /// A `Content-Type` that names no media type stands for JSON.
    GuessMediaType {
        /// At which operation.
        operation: &'static str,
    },
    /// A body of any media type is read.
    AnyMediaType {
        /// At which operation.
        operation: &'static str,
    },
    /// A method that the path does not declare performs this operation.
    AnyMethod {
        /// The operation that is performed.
        operation: &'static str,
    },
    /// HTTP Basic is read as base64, and not as base64url (AUTH-OUT-2).
    PlainBase64Only {
        /// At which operation.
        operation: &'static str,
    },
    /// Assertions with this flaw and no other are swapped for a token.
    AcceptAssertion {
        /// At which operation.
        operation: &'static str,
        /// Which flaw.
        flaw: AssertionFlaw,
    },
    /// Bearer tokens are not checked as they should be.
    LaxToken {
        /// At which operation.
        operation: &'static str,
        /// How they are checked instead.
        check: TokenCheck,
    },
    /// Envelopes in requests are not checked as they should be.
    LaxEnvelope {
        /// At which operation.
        operation: &'static str,
        /// How they are checked instead.
        check: EnvelopeCheck,
    },
    /// The envelope in an answer is sealed wrongly.
    SealWrongly {
        /// At which operation.
        operation: &'static str,
        /// In which way.
        flaw: SealFlaw,
    },
    /// A value inside the envelope of an answer is replaced, added or left out.
    SetSealed {
        /// At which operation.
        operation: &'static str,
        /// Name of the member.
        member: &'static str,
        /// The wrong value, as JSON; none leaves the member out.
        value: Option<&'static str>,
    },
    /// Wrong client certificates are let in; the whole server does it, and needs mutual TLS for it.
    LaxClientCertificate {
        /// The operation that stands for the server.
        operation: &'static str,
        /// Which ones.
        certificates: ClientCertificates,
    },
    /// A business rule is forgotten.
    Forget {
        /// At which operation, or at that where it shows.
        operation: &'static str,
        /// Which rule, and how.
        lapse: Lapse,
    },
    /// An answer repeats what must not be told.
    Disclose {
        /// At which operation.
        operation: &'static str,
        /// What is told.
        what: Confidential,
        /// Where.
        place: Leak,
    },
}

impl Effect {
    /// The operation at which it acts.
    pub fn operation(&self) -> &'static str {
        match self {
            Self::After { then, .. } => then.operation(),
            Self::IgnoreRules { operation, .. }
            | Self::IgnoreRulesWhen { operation, .. }
            | Self::BreakOn { operation, .. }
            | Self::BreakWhen { operation, .. }
            | Self::RefuseTogether { operation, .. }
            | Self::AnyIdentifier { operation, .. }
            | Self::NoContentType { operation, .. }
            | Self::RefuseValid { operation, .. }
            | Self::Status { operation, .. }
            | Self::ContentType { operation, .. }
            | Self::SetValue { operation, .. }
            | Self::RemoveMember { operation, .. }
            | Self::EmptyBody { operation, .. }
            | Self::IgnoreAuth { operation, .. }
            | Self::MalformedJson { operation, .. }
            | Self::BreakOnMessage { operation, .. }
            | Self::RefuseSpelling { operation, .. }
            | Self::GuessMediaType { operation }
            | Self::AnyMediaType { operation }
            | Self::AnyMethod { operation }
            | Self::PlainBase64Only { operation }
            | Self::AcceptAssertion { operation, .. }
            | Self::LaxToken { operation, .. }
            | Self::LaxEnvelope { operation, .. }
            | Self::SealWrongly { operation, .. }
            | Self::SetSealed { operation, .. }
            | Self::LaxClientCertificate { operation, .. }
            | Self::Forget { operation, .. }
            | Self::Disclose { operation, .. } => operation,
        }
    }
}
