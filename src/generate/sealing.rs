//! Clear texts of encrypted members: drawn with the body, broken like it, and put into the request for the exchange to
//! seal. The body holds a placeholder until then, so that no case, digest or report depends on a fresh key.

use serde_json::Value;

use super::case::{Seal, placeholder};
use super::draw::Draw;
use super::instance::Instances;
use crate::contract::{EnvelopeFlaw, InstancePath, Media, Sealed};
use crate::jose::compact_length;

/// A clear text before it is written out.
pub(super) struct PlainPart {
    /// JSON pointer of the member.
    pub pointer: String,
    /// Path of the member in the contract.
    pub path: InstancePath,
    /// The value.
    pub value: Value,
    /// Blanks behind the value: JSON allows them (RFC 8259 section 2), and they make an envelope too long.
    pub padding: usize,
    /// What is to be wrong with the envelope.
    pub flaw: Option<EnvelopeFlaw>,
}

impl Seal {
    /// What stands for the envelope where none is made: as long as it will be, and the same every time.
    pub fn stand_in(&self) -> String {
        let length = compact_length(self.plaintext.len(), KEY_ID);
        let head = "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSJ9..";
        format!("{head}{}", "e".repeat(length - head.len()))
    }
}

/// Characters of a `kid` in a proof: a thumbprint (RFC 7638). The real one is known on the way out only.
const KEY_ID: usize = 43;

/// Draws a clear text for every place where the body holds the placeholder. `forced` must be there in the clear text of
/// `at`.
pub(super) fn draw_plain_parts<'s>(
    media: &'s Media,
    body: &Value,
    forced: Option<(&InstancePath, &InstancePath)>,
    instances: impl Fn(&'s Sealed) -> Instances<'s>,
    draw: &mut Draw,
) -> Vec<PlainPart> {
    let mut parts = Vec::new();
    for sealed in &media.sealed {
        for pointer in sealed.path.pointers(body) {
            if body.pointer(&pointer).and_then(Value::as_str) != Some(placeholder::ENVELOPE) {
                continue;
            }
            let root = InstancePath::root();
            let inside = forced.filter(|(path, _)| **path == sealed.path).map_or(&root, |(_, inside)| inside);
            let value = instances(sealed).draw(inside, draw);
            parts.push(PlainPart { pointer, path: sealed.path.clone(), value, padding: 0, flaw: None });
        }
    }
    parts
}

/// The seals of the parts whose place still holds the placeholder.
pub(super) fn written(parts: &[PlainPart], body: &Value) -> Vec<Seal> {
    let open = |part: &&PlainPart| body.pointer(&part.pointer).and_then(Value::as_str) == Some(placeholder::ENVELOPE);
    let seal = |part: &PlainPart| Seal {
        pointer: part.pointer.clone(),
        plaintext: format!("{}{}", part.value, " ".repeat(part.padding)),
        flaw: part.flaw,
    };
    parts.iter().filter(open).map(seal).collect()
}
