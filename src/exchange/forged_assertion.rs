//! Assertions that break one promise each. Everything else in them is right, so that only that can be the reason of a
//! refusal.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::assertion::Known;
use crate::base::{Secret, sha256_hex};
use crate::contract::AssertionFlaw;
use crate::jose::{AssertionKey, JoseError, LONGEST_LIFETIME, signed_with_hmac, unsigned, with_signature};

/// A key id that nobody handed over.
const UNKNOWN_KEY_ID: &str = "d1c-unknown-key";

/// An issuer that the target does not know; ten characters, as an issuerId has.
const OTHER_ISSUER: &str = "d1c-nobody";

/// An assertion of `known` with one flaw, made at `now`.
pub(super) fn forged(known: &Known, flaw: AssertionFlaw, now: SystemTime) -> Result<Secret, JoseError> {
    let now = now.duration_since(UNIX_EPOCH).map_err(|_| JoseError::Clock)?.as_secs();
    let mut header = json!({"typ": "JWT", "alg": "ES256", "kid": known.key.kid()});
    let mut claims = json!({
        "iss": known.issuer,
        "sub": known.subject,
        "exp": now + known.lifetime.as_secs(),
    });
    if known.issued_at {
        claims["iat"] = json!(now);
    }
    if let Some(audience) = &known.audience {
        claims["aud"] = json!(audience);
    }
    match flaw {
        AssertionFlaw::JwtAlgNone => {
            header["alg"] = json!("none");
            return Ok(unsigned(&header, &claims));
        }
        AssertionFlaw::JwtAlgHs256 => {
            header["alg"] = json!("HS256");
            return signed_with_hmac(&header, &claims, known.key.public_pem().as_bytes());
        }
        AssertionFlaw::JwtAlgRs256 => {
            header["alg"] = json!("RS256");
            return Ok(with_signature(&header, &claims, &rsa_like(&claims)));
        }
        AssertionFlaw::JwtUnknownKid => header["kid"] = json!(UNKNOWN_KEY_ID),
        AssertionFlaw::JwtMissingKid => without(&mut header, "kid"),
        AssertionFlaw::JwtWrongSignature => return AssertionKey::generate(known.key.kid())?.sign_raw(&header, &claims),
        // Further back than any clock is wrong.
        AssertionFlaw::JwtExpired => {
            if known.issued_at {
                claims["iat"] = json!(now - 7200);
            }
            claims["exp"] = json!(now - 3600);
        }
        AssertionFlaw::JwtLongLived => claims["exp"] = json!(now + 2 * LONGEST_LIFETIME.as_secs()),
        AssertionFlaw::JwtMissingIss => without(&mut claims, "iss"),
        AssertionFlaw::JwtMissingSub => without(&mut claims, "sub"),
        AssertionFlaw::JwtMissingExp => without(&mut claims, "exp"),
        AssertionFlaw::JwtWrongIss => {
            claims["iss"] = json!(OTHER_ISSUER);
            claims["sub"] = json!(OTHER_ISSUER);
        }
    }
    known.key.sign_raw(&header, &claims)
}

fn without(object: &mut Value, name: &str) {
    if let Some(members) = object.as_object_mut() {
        members.shift_remove(name);
    }
}

/// As long as a signature of RSA with 2048 bits. No key could make a right one: the target knows none of ours.
fn rsa_like(claims: &Value) -> Vec<u8> {
    (0..4).flat_map(|part| sha256_hex(format!("{part}{claims}").as_bytes()).into_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::forged;
    use crate::contract::AssertionFlaw;
    use crate::exchange::assertion::Known;
    use crate::jose::{AssertionFault, AssertionKey};

    #[test]
    fn each_flaw_makes_its_own_fault() {
        use AssertionFault as Fault;
        use AssertionFlaw as Flaw;

        let key = AssertionKey::generate("k1").unwrap();
        let public = key.public();
        let known = Known {
            key,
            issuer: "issuer0001".into(),
            subject: "issuer0001".into(),
            audience: Some("a".into()),
            lifetime: Duration::from_secs(300),
            issued_at: true,
        };
        let now = SystemTime::now();
        for (flaw, fault) in [
            (Flaw::JwtAlgNone, Some(Fault::Algorithm)),
            (Flaw::JwtAlgHs256, Some(Fault::Algorithm)),
            (Flaw::JwtAlgRs256, Some(Fault::Algorithm)),
            (Flaw::JwtUnknownKid, Some(Fault::UnknownKeyId)),
            (Flaw::JwtMissingKid, Some(Fault::MissingKeyId)),
            (Flaw::JwtWrongSignature, Some(Fault::Signature)),
            (Flaw::JwtExpired, Some(Fault::Expired)),
            (Flaw::JwtLongLived, Some(Fault::TooLong)),
            (Flaw::JwtMissingIss, Some(Fault::Claim("iss"))),
            (Flaw::JwtMissingExp, Some(Fault::Claim("exp"))),
            // What these say is right as far as a signature can tell.
            (Flaw::JwtMissingSub, None),
            (Flaw::JwtWrongIss, None),
        ] {
            let token = forged(&known, flaw, now).unwrap();
            assert_eq!(public.verify(token.expose(), now).err(), fault, "{flaw:?}");
        }
    }
}
