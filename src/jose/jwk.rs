//! JSON Web Keys on P-256 (RFC 7517; RFC 7518 section 6.2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::elliptic_curve::sec1::{FromEncodedPoint as _, ToEncodedPoint as _};
use p256::{EncodedPoint, FieldBytes, PublicKey, SecretKey};
use serde_json::{Map, Value, json};

use super::error::KeyFlaw;

/// Bytes of a coordinate and of a private value; shorter and longer ones are wrong (RFC 7518 section 6.2.1.2).
pub(super) const FIELD_BYTES: usize = 32;

/// The coordinates of a key as a JWK writes them.
pub(super) struct Coordinates {
    /// `x`.
    pub x: String,
    /// `y`.
    pub y: String,
}

impl Coordinates {
    /// Writes a point in base64url.
    pub(super) fn of(public: &PublicKey) -> Self {
        let point = uncompressed(public);
        let (x, y) = point[1..].split_at(FIELD_BYTES);
        Self { x: URL_SAFE_NO_PAD.encode(x), y: URL_SAFE_NO_PAD.encode(y) }
    }
}

/// The point as 0x04, x and y (SEC 1 section 2.3.3).
pub(super) fn uncompressed(public: &PublicKey) -> Vec<u8> {
    public.to_encoded_point(false).as_bytes().to_vec()
}

/// The members that make the key: `kty`, `crv`, `x` and `y`.
pub(super) fn public_members(public: &PublicKey) -> Map<String, Value> {
    let Coordinates { x, y } = Coordinates::of(public);
    Map::from_iter([
        ("kty".to_owned(), json!("EC")),
        ("crv".to_owned(), json!("P-256")),
        ("x".to_owned(), json!(x)),
        ("y".to_owned(), json!(y)),
    ])
}

/// A `y` that makes no point of P-256 together with the `x` of this one. The curve has two points for an `x`, and their
/// `y` add up to the prime; a `y` with its last bit turned over is neither of them.
pub(super) fn y_off_curve(public: &PublicKey) -> String {
    let mut point = uncompressed(public);
    if let Some(last) = point.last_mut() {
        *last ^= 1;
    }
    URL_SAFE_NO_PAD.encode(&point[1 + FIELD_BYTES..])
}

/// The point that a JWK names. `None` where it is of another kind, on another curve, or on no curve at all.
pub(super) fn read_point(members: &Map<String, Value>) -> Option<PublicKey> {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    if text("kty") != Some("EC") || text("crv") != Some("P-256") {
        return None;
    }
    let (x, y) = (field(text("x")?)?, field(text("y")?)?);
    PublicKey::from_encoded_point(&EncodedPoint::from_affine_coordinates(&x, &y, false)).into_option()
}

/// The private key of a JWK, whose public half has to belong to it.
pub(super) fn read_private(members: &Map<String, Value>) -> Result<SecretKey, KeyFlaw> {
    let public = read_point(members).ok_or(KeyFlaw::Curve)?;
    let private = members.get("d").ok_or(KeyFlaw::Public)?;
    let scalar = private.as_str().and_then(field).ok_or(KeyFlaw::Curve)?;
    let key = SecretKey::from_bytes(&scalar).map_err(|_| KeyFlaw::Curve)?;
    if key.public_key() == public { Ok(key) } else { Err(KeyFlaw::Halves) }
}

/// `d` of a private JWK (RFC 7518 section 6.2.2.1).
pub(super) fn private_value(secret: &SecretKey) -> String {
    URL_SAFE_NO_PAD.encode(secret.to_bytes())
}

fn field(text: &str) -> Option<FieldBytes> {
    let bytes: [u8; FIELD_BYTES] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
    Some(bytes.into())
}
