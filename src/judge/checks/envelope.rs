//! The envelope of encrypted members (JWE-1 to JWE-7).

use crate::contract::{EnvelopeFlaw, Evidence, Location, Rule};
use crate::jose::{Envelope, EnvelopeFault};
use crate::judge::check::{Check, View};
use crate::oracle::Finding;
use crate::sandbox::callers::{EnvelopeReading, Unopened};

/// The envelope can be opened.
pub const CHECK: Check = Check {
    name: "envelope",
    code: "D1C-422",
    duty: "seals card data as a compact JWE (ECDH-ES, A256GCM, P-256) for the key and the kid of the recipient (JWE-1)",
    remedy: "seal for the public key of the recipient with its `kid`; `cargo run --example jose` shows how to \
             seal and open",
    evidence: Evidence::Documented,
    kind: (Rule::Jwe, "body.jwe"),
    judge,
};

fn judge(check: &Check, view: &View<'_>) -> Option<Vec<Finding>> {
    let envelopes = &view.call.reading.envelopes;
    let wrong = envelopes.iter().filter_map(|envelope| match envelope.clear {
        Err(Unopened::Fault(fault)) => Some(flawed(check, view, envelope, fault)),
        _ => None,
    });
    (!envelopes.is_empty()).then(|| wrong.collect())
}

fn flawed(check: &Check, view: &View<'_>, envelope: &EnvelopeReading, fault: EnvelopeFault) -> Finding {
    let says = |name: &str| {
        let header = Envelope::parse(&envelope.text).and_then(|parsed| parsed.header_json()).ok()?;
        header.get(name).and_then(|value| value.as_str()).map(str::to_owned)
    };
    let in_clear = envelope.text.trim_start().starts_with('{');
    let (algorithm, encryption) = (says("alg"), says("enc"));
    let flaw = match fault {
        EnvelopeFault::Parts if in_clear => Some(EnvelopeFlaw::JweNotEncrypted),
        EnvelopeFault::Parts if envelope.text.split('.').count() == 4 => Some(EnvelopeFlaw::JweFourParts),
        EnvelopeFault::Algorithm if algorithm.as_deref() == Some("RSA-OAEP-256") => {
            Some(EnvelopeFlaw::JweAlgRsaOaep256)
        }
        EnvelopeFault::Algorithm if algorithm.as_deref() == Some("dir") => Some(EnvelopeFlaw::JweAlgDir),
        EnvelopeFault::Encryption if encryption.as_deref() == Some("A128GCM") => Some(EnvelopeFlaw::JweEncA128gcm),
        EnvelopeFault::MissingKeyId => Some(EnvelopeFlaw::JweMissingKid),
        EnvelopeFault::UnknownKeyId => Some(EnvelopeFlaw::JweUnknownKid),
        EnvelopeFault::MissingEphemeralKey => Some(EnvelopeFlaw::JweMissingEpk),
        EnvelopeFault::EphemeralKey => Some(EnvelopeFlaw::JweOffCurvePoint),
        EnvelopeFault::Integrity => Some(EnvelopeFlaw::JweForeignKey),
        _ => None,
    };
    let duty = view.duties.find_or(
        Location::Jwe(envelope.path.clone()),
        flaw.map_or(Rule::Jwe, Rule::Envelope),
        "an encrypted member is a compact JWE (ECDH-ES, A256GCM, P-256) for the recipient's key",
    );
    let actual = match fault {
        EnvelopeFault::Parts if in_clear => "your client sent the clear text itself".to_owned(),
        EnvelopeFault::Algorithm => format!("your client's JWE has the alg `{}`", algorithm.unwrap_or_default()),
        EnvelopeFault::Encryption => format!("your client's JWE has the enc `{}`", encryption.unwrap_or_default()),
        fault => format!("your client's JWE cannot be opened: {fault}"),
    };
    let expected =
        "a compact JWE of five parts: alg ECDH-ES, enc A256GCM, epk on P-256, the recipient's kid, sealed for its key";
    Finding { pointer: Some(envelope.pointer.clone()), ..check.against(&duty, expected, actual) }
}

#[cfg(test)]
mod tests {
    use crate::jose::EnvelopeFault;
    use crate::judge::sample::Sample;
    use crate::sandbox::callers::Unopened;

    fn rule(text: &str, fault: EnvelopeFault) -> String {
        let mut sample = Sample::d1();
        let found = sample.register(text, Err(Unopened::Fault(fault))).findings();
        assert_eq!(found.checks(), ["envelope"]);
        found.obligation(0).rsplit("::").next().unwrap_or_default().to_owned()
    }

    #[test]
    fn faults_name_the_duty_that_they_break() {
        assert_eq!(rule(r#"{"pan":"4111111111111111"}"#, EnvelopeFault::Parts), "jwe_not_encrypted");
        assert_eq!(rule("a.b.c.d", EnvelopeFault::Parts), "jwe_four_parts");
        assert_eq!(rule("a.b.c", EnvelopeFault::Parts), "jwe");
        assert_eq!(rule("eyJhbGciOiJkaXIifQ....", EnvelopeFault::Algorithm), "jwe_alg_dir");
        assert_eq!(rule("eyJhbGciOiJ4In0....", EnvelopeFault::Algorithm), "jwe");
        assert_eq!(rule("a.b.c.d.e", EnvelopeFault::UnknownKeyId), "jwe_unknown_kid");
        assert_eq!(rule("a.b.c.d.e", EnvelopeFault::Integrity), "jwe_foreign_key");
    }
}
