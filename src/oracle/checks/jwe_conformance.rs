//! An encrypted member of an answer is a JWE as the contract wants it, and our key opens it (D1, JWE-1, JWE-7).

use super::{Check, Code};
use crate::contract::{Location, Rule};
use crate::jose::EnvelopeFault;
use crate::oracle::finding::Finding;
use crate::oracle::judge::Judging;
use crate::oracle::opened::{Opened, opened};

const NO_COMPACT_JWE: &str = "D1C-201";
const HEADER: &str = "D1C-202";
const KEY_ID: &str = "D1C-203";
const EPHEMERAL_KEY: &str = "D1C-204";
const NOT_OPENED: &str = "D1C-205";

pub(super) const CHECK: Check = Check {
    name: "jwe_conformance",
    about: "an encrypted member of an answer is a JWE as the contract wants it, and our key opens it",
    codes: CODES,
    judge,
};

const BECAUSE: &str = "card data travel in a compact JWE with ECDH-ES, A256GCM and P-256, for the key and the kid of the recipient \
                       (JWE-1, JWE-7; RFC 7516)";

const CODES: &[Code] = &[
    Code::of(
        NO_COMPACT_JWE,
        "an encrypted member of an answer is no compact JWE",
        BECAUSE,
        "write five base64url parts with dots between them (RFC 7516 section 7.1)",
        |duty| duty.rule == Rule::Jwe,
    ),
    Code::of(
        HEADER,
        "the header of a JWE names another algorithm, or cannot be read",
        BECAUSE,
        "set `alg` to ECDH-ES and `enc` to A256GCM",
        |duty| duty.rule == Rule::Jwe,
    ),
    Code::of(
        KEY_ID,
        "the `kid` of a JWE is missing, or not that of our key",
        BECAUSE,
        "set `kid` to that of the key that was handed over; `jwe.decrypt_with.kid` of the target file names it here",
        |duty| duty.rule == Rule::Jwe,
    ),
    Code::of(
        EPHEMERAL_KEY,
        "the ephemeral key of a JWE is missing, or no point of P-256",
        BECAUSE,
        "make a fresh key pair on P-256 for each JWE and put its public half into `epk` (RFC 7518 section 4.6.1)",
        |duty| duty.rule == Rule::Jwe,
    ),
    Code::of(
        NOT_OPENED,
        "our key does not open a JWE",
        BECAUSE,
        "encrypt for the public key that was handed over; compare its thumbprint on both sides",
        |duty| duty.rule == Rule::Jwe,
    ),
];

fn judge(judging: &Judging<'_>) -> Vec<Finding> {
    opened(judging).iter().filter_map(|one| finding(judging, one)).collect()
}

fn finding(judging: &Judging<'_>, one: &Opened<'_>) -> Option<Finding> {
    let Err(fault) = &one.outcome else { return None };
    let location = Location::ResponseJwe(one.response.status, one.sealed.path.clone());
    let duty = judging.duties.find(&location, Rule::Jwe)?;
    let code = match fault {
        EnvelopeFault::Parts => NO_COMPACT_JWE,
        EnvelopeFault::Header | EnvelopeFault::Algorithm | EnvelopeFault::Encryption => HEADER,
        EnvelopeFault::MissingKeyId | EnvelopeFault::UnknownKeyId => KEY_ID,
        EnvelopeFault::MissingEphemeralKey | EnvelopeFault::EphemeralKey => EPHEMERAL_KEY,
        EnvelopeFault::EncryptedKey | EnvelopeFault::Length | EnvelopeFault::Integrity => NOT_OPENED,
    };
    let expected =
        "a compact JWE: alg ECDH-ES, enc A256GCM, the kid of our key, an ephemeral key on P-256, a right tag";
    let found = Finding::of(CHECK.name, code, duty, expected, format!("{}: {fault}", one.pointer));
    Some(Finding { pointer: Some(one.pointer.clone()), ..found })
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::jose::{ContentEncryption, DecryptionKey, Ephemeral, Recipe, seal};
    use crate::oracle::sample::{Sample, json_answer};

    fn codes(text: &str, key: Option<&DecryptionKey>) -> Vec<&'static str> {
        let sample = Sample::of("readSecret", "operation::conforming");
        let answer = json_answer(200, &serde_json::json!({ "sealed": text }).to_string());
        let judging = crate::oracle::judge::Judging { key, ..sample.judging(&answer) };
        judge(&judging).iter().map(|found| found.code).collect()
    }

    #[test]
    fn each_way_to_be_wrong_has_its_code() {
        let key = DecryptionKey::generate();
        let public = key.public();
        let right = || Recipe::right(&public);
        let made = |recipe: &Recipe<'_>| recipe.seal(b"{}").unwrap().to_compact();
        assert!(codes(&seal(b"{}", &public).unwrap(), Some(&key)).is_empty());
        assert_eq!(codes("in clear", Some(&key)), ["D1C-201"]);
        assert_eq!(codes(&made(&Recipe { algorithm: "dir", ..right() }), Some(&key)), ["D1C-202"]);
        let short = Recipe { encryption: ContentEncryption::A128Gcm, ..right() };
        assert_eq!(codes(&made(&short), Some(&key)), ["D1C-202"]);
        assert_eq!(codes(&made(&Recipe { key_id: None, ..right() }), Some(&key)), ["D1C-203"]);
        let off = Recipe { ephemeral: Ephemeral::OffCurve, ..right() };
        assert_eq!(codes(&made(&off), Some(&key)), ["D1C-204"]);
        let other = DecryptionKey::generate();
        assert_eq!(codes(&seal(b"{}", &other.public()).unwrap(), Some(&key)), ["D1C-203"]);
        let mut damaged = right().seal(b"{}").unwrap();
        damaged.tag[0] ^= 1;
        assert_eq!(codes(&damaged.to_compact(), Some(&key)), ["D1C-205"]);
    }

    #[test]
    fn without_a_key_the_outside_is_judged() {
        let key = DecryptionKey::generate();
        assert!(codes(&seal(b"{}", &key.public()).unwrap(), None).is_empty());
        assert_eq!(codes("e30..AAAA.AAAA.AAAA", None), ["D1C-202"]);
        assert_eq!(codes("in clear", None), ["D1C-201"]);
    }
}
