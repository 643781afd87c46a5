//! What a message as a whole may look like, where a server trips over it.

/// What is unusual about a message, and still no reason to break (RFC 9110 section 15.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// The body is nested deeper than a stack.
    DeepNesting,
    /// The body begins with a byte order mark.
    ByteOrderMark,
    /// A member stands in an object twice.
    RepeatedMember,
    /// A text in the body has half of a surrogate pair.
    HalfSurrogate,
    /// A body comes without `Content-Type`.
    NoMediaType,
    /// `charset` names another encoding than UTF-8, and the body is in UTF-8 all the same.
    OtherCharset,
    /// `Accept` cannot be read.
    UnreadableAccept,
    /// `Accept` takes no JSON.
    UnmetAccept,
    /// A query parameter that is not declared.
    UnknownQuery,
    /// A field `X-…` that is not declared.
    UnknownHeader,
    /// A header field stands there twice.
    RepeatedHeader,
    /// This query parameter stands there twice.
    RepeatedQuery(&'static str),
    /// There is a body.
    Body,
}

/// What is right, and spelled otherwise than in the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// A media type with capital letters.
    MediaTypeCase,
    /// A media type with `charset`.
    Charset,
    /// `Accept: */*`.
    AcceptAnything,
}
