//! ES256 keys: the private half signs assertions, the public half verifies them.

use std::fmt;
use std::time::SystemTime;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use p256::SecretKey;
use p256::elliptic_curve::rand_core::OsRng;
use serde_json::{Map, Value};

use super::assertion::{Assertion, Claims};
use super::error::{AssertionFault, JoseError};
use super::jwk::Coordinates;
use super::p256_key;
use crate::base::Secret;

/// A private key on P-256 with the name under which its public half was handed over.
pub struct AssertionKey {
    kid: String,
    secret: SecretKey,
    signing: EncodingKey,
    public: VerificationKey,
}

/// The public half of an [`AssertionKey`].
#[derive(Clone)]
pub struct VerificationKey {
    kid: String,
    verifying: DecodingKey,
}

impl AssertionKey {
    /// Reads a key like [`AssertionKey::from_text`], under the name given here.
    pub fn from_pem(kid: &str, pem: &Secret) -> Result<Self, JoseError> {
        Self::from_text(Some(kid), pem)
    }

    /// Reads PKCS#8 PEM (RFC 7468 section 10), SEC1 PEM (RFC 5915 section 4) or a private JWK (RFC 7517). The kid given
    /// here wins over that of the JWK; without either, the thumbprint is the kid.
    pub fn from_text(kid: Option<&str>, text: &Secret) -> Result<Self, JoseError> {
        let named = p256_key::read_private(kid, "assertion", text.expose())?;
        Self::from_secret(named.kid, named.key)
    }

    /// Makes a new key from the randomness of the system.
    pub fn generate(kid: &str) -> Result<Self, JoseError> {
        Self::from_secret(kid.to_owned(), SecretKey::random(&mut OsRng))
    }

    /// Makes a new key whose kid is its thumbprint.
    pub fn generate_with_thumbprint() -> Result<Self, JoseError> {
        let secret = SecretKey::random(&mut OsRng);
        Self::from_secret(p256_key::thumbprint(&secret.public_key()), secret)
    }

    fn from_secret(kid: String, secret: SecretKey) -> Result<Self, JoseError> {
        let Coordinates { x, y } = Coordinates::of(&secret.public_key());
        let public = VerificationKey::from_coordinates(&kid, &x, &y)?;
        let signing = EncodingKey::from_ec_der(&p256_key::private_der(&secret));
        Ok(Self { kid, secret, signing, public })
    }

    /// Name of the key.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The half that may be shown.
    pub fn public(&self) -> VerificationKey {
        self.public.clone()
    }

    /// The private half as PKCS#8 PEM (RFC 7468 section 10).
    pub fn to_pem(&self) -> Secret {
        Secret::new(p256_key::private_pem(&self.secret))
    }

    /// The public half as SPKI PEM (RFC 7468 section 13).
    pub fn public_pem(&self) -> String {
        p256_key::public_pem(&self.secret.public_key())
    }

    /// The public half as a JWK (RFC 7517).
    pub fn public_jwk(&self) -> Value {
        Value::Object(p256_key::public_jwk(&self.kid, &self.secret.public_key(), "sig", "ES256"))
    }

    /// SHA-256 thumbprint in base64url (RFC 7638).
    pub fn thumbprint(&self) -> String {
        p256_key::thumbprint(&self.secret.public_key())
    }

    /// What the JOSE crate signs with.
    pub(super) fn signing(&self) -> &EncodingKey {
        &self.signing
    }

    /// Signs an assertion: a compact JWS with `alg` ES256 and the `kid` of this key.
    pub fn sign(&self, assertion: &Assertion, now: SystemTime) -> Result<Secret, JoseError> {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.kid.clone());
        encode(&header, &assertion.written(now)?, &self.signing)
            .map(Secret::new)
            .map_err(|source| JoseError::Signing { kid: self.kid.clone(), source })
    }
}

impl VerificationKey {
    /// Reads SPKI PEM (RFC 7468 section 13) or a public JWK (RFC 7517). The kid given here wins over that of the JWK;
    /// without either, the thumbprint is the kid.
    pub fn from_text(kid: Option<&str>, text: &str) -> Result<Self, JoseError> {
        let named = p256_key::read_public(kid, "signature", text)?;
        let Coordinates { x, y } = Coordinates::of(&named.key);
        Self::from_coordinates(&named.kid, &x, &y)
    }

    /// What the JOSE crate verifies with.
    pub(super) fn verifying(&self) -> &DecodingKey {
        &self.verifying
    }

    /// The key with these coordinates, each in base64url without padding (RFC 7518 section 6.2.1).
    pub fn from_coordinates(kid: &str, x: &str, y: &str) -> Result<Self, JoseError> {
        let verifying = DecodingKey::from_ec_components(x, y)
            .map_err(|source| JoseError::Signing { kid: kid.to_owned(), source })?;
        Ok(Self { kid: kid.to_owned(), verifying })
    }

    /// Name of the key.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Judges an assertion as D1's documentation says: ES256 and nothing else, a known `kid`, a right signature, `iss`
    /// and `exp`, and `exp` neither past nor more than 15 minutes ahead.
    pub fn verify(&self, token: &str, now: SystemTime) -> Result<Claims, AssertionFault> {
        let header = decode_header(token).map_err(|error| match error.kind() {
            // An algorithm that the crate does not even know fails as JSON.
            ErrorKind::Json(_) | ErrorKind::InvalidAlgorithmName => AssertionFault::Algorithm,
            _ => AssertionFault::Unreadable,
        })?;
        if header.alg != Algorithm::ES256 {
            return Err(AssertionFault::Algorithm);
        }
        if header.crit.is_some() {
            // RFC 7515 section 4.1.11: extensions that are not understood make the signature invalid.
            return Err(AssertionFault::Unreadable);
        }
        match &header.kid {
            None => return Err(AssertionFault::MissingKeyId),
            Some(kid) if *kid != self.kid => return Err(AssertionFault::UnknownKeyId),
            Some(_) => {}
        }
        Claims::judge(&self.signed_claims(token)?, now)
    }

    /// The claims of a token whose signature holds; the claims themselves are not judged, because the crate judges them
    /// by the clock of the system and with a leeway of its own.
    fn signed_claims(&self, token: &str) -> Result<Map<String, Value>, AssertionFault> {
        let mut validation = Validation::new(Algorithm::ES256);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        match decode::<Map<String, Value>>(token, &self.verifying, &validation) {
            Ok(data) => Ok(data.claims),
            Err(error) if matches!(error.kind(), ErrorKind::InvalidSignature) => Err(AssertionFault::Signature),
            Err(_) => Err(AssertionFault::Unreadable),
        }
    }
}

impl fmt::Debug for AssertionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AssertionKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl fmt::Debug for VerificationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerificationKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
    use serde_json::{Value, json};

    use super::{AssertionKey, VerificationKey};
    use crate::base::Secret;
    use crate::jose::{Assertion, AssertionFault};

    fn now() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_800_000_000)
    }

    fn assertion(minutes: u64) -> Assertion {
        Assertion {
            issuer: "issuer".into(),
            subject: "issuer".into(),
            audience: None,
            lifetime: Duration::from_secs(minutes * 60),
            issued_at: true,
        }
    }

    fn signed(key: &AssertionKey, header: &Header, claims: &Value) -> String {
        encode(header, claims, &key.signing).expect("token")
    }

    fn header(kid: Option<&str>) -> Header {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = kid.map(str::to_owned);
        header
    }

    #[test]
    fn a_signed_assertion_verifies_and_says_what_was_asked() {
        let key = AssertionKey::generate("k").expect("key");
        let token = key.sign(&assertion(15), now()).expect("token");
        let claims = key.public().verify(token.expose(), now()).expect("claims");
        assert_eq!((claims.issuer.as_str(), claims.subject.as_deref()), ("issuer", Some("issuer")));
        assert_eq!(claims.expires, 1_800_000_900);
    }

    #[test]
    fn the_bounds_of_exp_are_kept() {
        let key = AssertionKey::generate("k").expect("key");
        let token = key.sign(&assertion(16), now()).expect("token");
        assert_eq!(key.public().verify(token.expose(), now()), Err(AssertionFault::TooLong));
        let token = key.sign(&assertion(5), now()).expect("token");
        let later = now() + Duration::from_secs(300);
        assert_eq!(key.public().verify(token.expose(), later), Err(AssertionFault::Expired));
    }

    #[test]
    fn another_key_another_kid_and_no_kid_are_refused() {
        let (key, other) = (AssertionKey::generate("k").expect("key"), AssertionKey::generate("k").expect("key"));
        let verify = |token: &str| key.public().verify(token, now());
        let claims = json!({"iss": "a", "exp": 1_800_000_060});
        assert_eq!(verify(&signed(&other, &header(Some("k")), &claims)), Err(AssertionFault::Signature));
        assert_eq!(verify(&signed(&key, &header(Some("x")), &claims)), Err(AssertionFault::UnknownKeyId));
        assert_eq!(verify(&signed(&key, &header(None), &claims)), Err(AssertionFault::MissingKeyId));
        assert!(verify(&signed(&key, &header(Some("k")), &claims)).is_ok());
        assert_eq!(verify("a.b"), Err(AssertionFault::Unreadable));
    }

    #[test]
    fn iss_and_exp_are_demanded_and_only_es256_passes() {
        let key = AssertionKey::generate("k").expect("key");
        let verify = |token: &str| key.public().verify(token, now());
        let header = header(Some("k"));
        assert_eq!(verify(&signed(&key, &header, &json!({"exp": 1_800_000_060}))), Err(AssertionFault::Claim("iss")));
        assert_eq!(verify(&signed(&key, &header, &json!({"iss": "a"}))), Err(AssertionFault::Claim("exp")));
        let mut symmetric = Header::new(Algorithm::HS256);
        symmetric.kid = Some("k".into());
        let token = encode(&symmetric, &json!({"iss": "a"}), &EncodingKey::from_secret(b"k")).expect("token");
        assert_eq!(verify(&token), Err(AssertionFault::Algorithm));
        // {"alg":"none","kid":"k"}
        assert_eq!(verify("eyJhbGciOiJub25lIiwia2lkIjoiayJ9.e30."), Err(AssertionFault::Algorithm));
    }

    /// RFC 7515 appendix A.3: its key, its token.
    #[test]
    fn the_example_of_the_rfc_verifies() {
        let key = VerificationKey::from_coordinates(
            "rfc",
            "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        )
        .expect("key");
        let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvb\
                     S9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKT\
                     UJqPP3-Kg6NU1Q";
        let claims = key.signed_claims(token).expect("signature");
        assert_eq!(claims["iss"], "joe");
        assert_eq!(key.signed_claims(&token.replace("DtEh", "DtEi")), Err(AssertionFault::Signature));
        // The token carries no kid, so D1 would refuse it.
        assert_eq!(key.verify(token, now()), Err(AssertionFault::MissingKeyId));
    }

    #[test]
    fn keys_are_read_from_every_form_and_never_shown() {
        let error = AssertionKey::from_pem("k", &Secret::new("no key")).expect_err("no key");
        assert!(error.to_string().starts_with("the key `k` cannot be used: "), "{error}");
        assert!(error.to_string().contains("\n  remedy: "), "{error}");
        let key = AssertionKey::generate_with_thumbprint().expect("key");
        assert_eq!(key.kid(), key.thumbprint());
        let again = AssertionKey::from_pem("k", &key.to_pem()).expect("key");
        assert_eq!((again.kid(), again.public_pem()), ("k", key.public_pem()));
        let token = again.sign(&assertion(5), now()).expect("token");
        let jwk = again.public_jwk();
        let text = |name: &str| jwk[name].as_str().expect("text");
        assert_eq!((text("kid"), text("use"), text("alg")), ("k", "sig", "ES256"));
        let public = VerificationKey::from_coordinates("k", text("x"), text("y")).expect("key");
        assert!(public.verify(token.expose(), now()).is_ok());
        assert_eq!(format!("{again:?}"), "AssertionKey { kid: \"k\", .. }");
    }

    /// RFC 7515 appendix A.3: its private key signs what its public key verifies.
    #[test]
    fn a_private_jwk_signs() {
        let jwk = json!({
            "kty": "EC", "crv": "P-256", "kid": "a3",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
            "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
        });
        let key = AssertionKey::from_text(None, &Secret::new(jwk.to_string())).expect("key");
        assert_eq!(key.kid(), "a3");
        let token = key.sign(&assertion(5), now()).expect("token");
        assert!(key.public().verify(token.expose(), now()).is_ok());
    }
}
