//! Ways to be careless with tokens, envelopes and card data.

use crate::jose::EnvelopeFault;

/// How bearer tokens are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenCheck {
    /// Without a look at the clock.
    IgnoresExpiry,
    /// The first half of the token decides.
    ComparesHalf,
}

/// How envelopes in requests are checked. What can be read in spite of it is judged like any other clear text; of what
/// cannot, the business hears nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvelopeCheck {
    /// This fault is overlooked.
    Overlooks(EnvelopeFault),
    /// So many parts between dots are enough; what cannot be opened is taken unread.
    CountsParts(usize),
    /// JSON that is not encrypted at all is taken too.
    TakesClearText,
}

/// How envelopes in answers are sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealFlaw {
    /// For another key, under the name of the right one.
    ForeignKey,
    /// Under this key id.
    KeyId(&'static str),
    /// Without key id.
    NoKeyId,
    /// With this `alg` in the header.
    Algorithm(&'static str),
    /// With a key of 128 bits.
    A128Gcm,
    /// With a tag that fits nothing.
    DamagedTag,
    /// Without the empty second part.
    FourParts,
    /// Not at all: the text of the clear text stands there.
    NotSealed,
    /// Rightly, but the clear text is a form and no JSON.
    FormInside,
}

/// What must not be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confidential {
    /// The bearer token of the request.
    Token,
    /// The assertion in a token request.
    Assertion,
    /// The member of this name in the clear text of `encryptedData`.
    CardData(&'static str),
}

/// Where it is told nevertheless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leak {
    /// In a member of this name, in answers that are no errors.
    Member(&'static str),
    /// In the text of errors.
    ErrorText,
    /// In a header of this name.
    Header(&'static str),
}
