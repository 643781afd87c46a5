//! The forms of keys, as other tools write them.

use p256::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};
use serde_json::json;

use super::{private_der, private_of, private_pem, public_of, public_pem, thumbprint};
use crate::jose::KeyFlaw;
use crate::jose::pem::write_block;

/// Bob's key of RFC 7518 appendix C, as OpenSSL writes it.
const PKCS8: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgVEmDZpDXXK8p8N0C
ndsxs924q6nS1RXFASRl6BfUqdyhRANCAATB40nLYexwJIzoAQNMODThuI6+EWHL
Ja84dB94X8/ExHvJZwjvgJUrU/jSVV/nK4Qe0EWIYosdN4pZSTlQDsnJ
-----END PRIVATE KEY-----
";
const SEC1: &str = "-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIFRJg2aQ11yvKfDdAp3bMbPduKup0tUVxQEkZegX1KncoAoGCCqGSM49
AwEHoUQDQgAEweNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF/PxMR7yWcI74CV
K1P40lVf5yuEHtBFiGKLHTeKWUk5UA7JyQ==
-----END EC PRIVATE KEY-----
";
const SPKI: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEweNJy2HscCSM6AEDTDg04biOvhFh
yyWvOHQfeF/PxMR7yWcI74CVK1P40lVf5yuEHtBFiGKLHTeKWUk5UA7JyQ==
-----END PUBLIC KEY-----
";
const JWK: &str = r#"{"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
    "y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw","use":"enc"}"#;
const PUBLIC_JWK: &str = r#"{"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
    "y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","key_ops":[]}"#;

/// Keys on secp256k1, a curve of the same size.
const OTHER_PKCS8: &str = "-----BEGIN PRIVATE KEY-----
MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQgAAAAAAAAAAAAAAAAAAAA
AAAAAAAAAAAAq1SpjOsfCtKhRANCAASZwSbaIDl1WPI2WHZMOnxYPbf/cG6TmBzB
cOJ8qDNiATdRAH8CjwIbSh/0KsbSkWbGvOEPXMsupTcPf1ultyls
-----END PRIVATE KEY-----
";
const OTHER_SPKI: &str = "-----BEGIN PUBLIC KEY-----
MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEmcEm2iA5dVjyNlh2TDp8WD23/3Buk5gc
wXDifKgzYgE3UQB/Ao8CG0of9CrG0pFmxrzhD1zLLqU3D39bpbcpbA==
-----END PUBLIC KEY-----
";

/// An `ECPrivateKey` without the public half, under the given parameters.
fn sec1_without_point(parameters: &[u8]) -> String {
    let length = u8::try_from(37 + parameters.len()).expect("a short key");
    let head: &[u8] = &[0x30, length, 2, 1, 1, 4, 32];
    write_block("EC PRIVATE KEY", &[head, &[1; 32], parameters].concat())
}

#[test]
fn every_private_form_gives_the_same_key() {
    let preamble = format!("Decryption key of the issuer, staging\nKey-Id: bob\n\n{PKCS8}");
    let parameters =
        format!("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n{SEC1}trailing text\n");
    let one_line = PKCS8.replacen('\n', "|", 1).replace('\n', "").replace('|', "\n").replace("-----END", "\n-----END");
    let texts = [PKCS8, SEC1, JWK, &preamble, &parameters, &one_line, &PKCS8.replace('\n', "\r\n")];
    for text in texts {
        let (key, kid) = private_of(text).expect(text);
        assert_eq!(private_pem(&key), PKCS8);
        assert_eq!(kid, None);
    }
}

#[test]
fn every_public_form_gives_the_same_key() {
    for text in [SPKI, PUBLIC_JWK, &format!("preamble\n{SPKI}"), &format!("\n{PUBLIC_JWK}\n")] {
        let (key, _) = public_of(text).expect(text);
        assert_eq!(public_pem(&key), SPKI);
    }
}

/// The bytes written here are those of the crate.
#[test]
fn the_crate_writes_the_same() {
    let (key, _) = private_of(SEC1).expect("key");
    assert_eq!(private_der(&key), key.to_pkcs8_der().expect("der").as_bytes());
    assert_eq!(private_pem(&key), *key.to_pkcs8_pem(LineEnding::LF).expect("pem"));
    assert_eq!(public_pem(&key.public_key()), key.public_key().to_public_key_pem(LineEnding::LF).expect("pem"));
}

/// RFC 7638 gives no example on P-256; these digests were taken with Python's `hashlib`, of the keys of RFC 7518
/// appendix C and RFC 7515 appendix A.3.
#[test]
fn thumbprints_are_those_of_another_implementation() {
    assert_eq!(thumbprint(&public_of(SPKI).expect("key").0), "Vy57XrArUrW0NbpI12tEzDHABxMwrTh6HHXRenSpnCo");
    let jwk = json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    });
    let (key, _) = public_of(&jwk.to_string()).expect("key");
    assert_eq!(thumbprint(&key), "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
}

#[test]
fn another_curve_is_refused() {
    assert_eq!(private_of(OTHER_PKCS8).err(), Some(KeyFlaw::Curve));
    assert_eq!(public_of(OTHER_SPKI).err(), Some(KeyFlaw::Curve));
    assert_eq!(public_of(&PUBLIC_JWK.replace("P-256", "secp256k1")).err(), Some(KeyFlaw::Curve));
    assert_eq!(private_of(r#"{"kty":"RSA","n":"AQ","e":"AQAB","d":"AQ"}"#).err(), Some(KeyFlaw::Curve));
    let secp256k1 = [0xa0, 0x07, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a];
    assert_eq!(private_of(&sec1_without_point(&secp256k1)).err(), Some(KeyFlaw::Curve));
    assert!(private_of(&sec1_without_point(&super::NAMED_CURVE)).is_ok());
}

#[test]
fn a_damaged_key_is_refused() {
    // A changed coordinate, a short one, a private value of another key, and one that is none.
    assert_eq!(public_of(&PUBLIC_JWK.replace("weNJ", "weNK")).err(), Some(KeyFlaw::Curve));
    assert_eq!(public_of(&PUBLIC_JWK.replace("weNJ", "")).err(), Some(KeyFlaw::Curve));
    assert_eq!(private_of(&JWK.replace("VEmD", "VEmE")).err(), Some(KeyFlaw::Halves));
    assert_eq!(private_of(&JWK.replace("VEmD", "*")).err(), Some(KeyFlaw::Curve));
    assert_eq!(private_of(&PKCS8.replace("MIGH", "MIGG")).err(), Some(KeyFlaw::Curve));
    assert_eq!(private_of(&SEC1.replace("K1P4", "K1P5")).err(), Some(KeyFlaw::Curve));
    for text in ["", "key", "[]", "{}", r#"{"keys":[]}"#, &PKCS8.replace("PRIVATE KEY", "CERTIFICATE")] {
        assert_eq!(private_of(text).err(), Some(KeyFlaw::Unreadable), "{text}");
        assert_eq!(public_of(text).err(), Some(KeyFlaw::Unreadable), "{text}");
    }
}
