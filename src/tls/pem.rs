//! Reads certificates and keys from PEM. What is wrong is named by the place where the user wrote it, never by its text.

use rustls::RootCertStore;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::error::TlsError;
use crate::base::Secret;

const CERTIFICATE_REMEDY: &str = "give it as PEM (BEGIN CERTIFICATE), or as ${file:PATH} of such a file";
const KEY_REMEDY: &str = "give an unencrypted private key as PEM (PKCS#8, SEC1 or PKCS#1), best as ${file:PATH}";

/// All certificates of a text; at least one.
pub(super) fn certificates(name: &str, text: &str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let wrong = |problem: String| TlsError::Certificate { name: name.to_owned(), problem, remedy: CERTIFICATE_REMEDY };
    let found = CertificateDer::pem_slice_iter(text.as_bytes())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong(problem_of(&error).to_owned()))?;
    if found.is_empty() {
        return Err(wrong("it holds no certificate".to_owned()));
    }
    Ok(found)
}

/// The certificates of authorities, each checked to be one that can be trusted.
pub(super) fn authorities(name: &str, text: &str) -> Result<(Vec<CertificateDer<'static>>, RootCertStore), TlsError> {
    let found = certificates(name, text)?;
    let mut roots = RootCertStore::empty();
    for certificate in &found {
        roots.add(certificate.clone()).map_err(|error| TlsError::Certificate {
            name: name.to_owned(),
            problem: format!("it holds a certificate that cannot be trusted ({error})"),
            remedy: "give the certificate of the authority (CA), in PEM",
        })?;
    }
    Ok((found, roots))
}

/// The first private key of a text.
pub(super) fn private_key(name: &str, text: &Secret) -> Result<PrivateKeyDer<'static>, TlsError> {
    let text = text.expose();
    let wrong =
        |problem: &str| TlsError::Key { name: name.to_owned(), problem: problem.to_owned(), remedy: KEY_REMEDY };
    if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(wrong("it is encrypted with a passphrase"));
    }
    PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|error| match error {
        pem::Error::NoItemsFound => wrong("it holds no private key"),
        other => wrong(problem_of(&other)),
    })
}

/// The crate's texts quote the input, which may be a key pasted into the wrong place.
fn problem_of(error: &pem::Error) -> &'static str {
    match error {
        pem::Error::MissingSectionEnd { .. } => "a part of it has a BEGIN line and no END line",
        pem::Error::IllegalSectionStart { .. } => "it has a BEGIN line that cannot be read",
        pem::Error::Base64Decode(_) => "what stands between BEGIN and END is no base64",
        _ => "it is no PEM",
    }
}

#[cfg(test)]
mod tests {
    use super::{authorities, certificates, private_key};
    use crate::base::Secret;
    use crate::tls::CertificateSet;

    #[test]
    fn what_is_wrong_is_named_and_never_quoted() {
        let set = CertificateSet::new(&[], 1).unwrap();
        let key = set.client.private_key.expose();
        let error = certificates("tls.ca", key).unwrap_err().to_string();
        assert!(error.contains("tls.ca") && error.contains("no certificate") && error.contains("remedy"), "{error}");
        let garbled = key.replace("\nM", "\n!M");
        let error = private_key("tls.client.private_key", &Secret::new(&garbled)).unwrap_err().to_string();
        assert!(error.contains("tls.client.private_key") && error.contains("base64"), "{error}");
        assert!(!key.lines().any(|line| error.contains(line)), "{error}");
        let cut = key.replace("-----END", "----");
        assert!(private_key("k", &Secret::new(cut)).unwrap_err().to_string().contains("END line"));
        let locked = key.replace("BEGIN PRIVATE", "BEGIN ENCRYPTED PRIVATE");
        assert!(private_key("k", &Secret::new(locked)).unwrap_err().to_string().contains("passphrase"));
        let none = private_key("k", &Secret::new(&set.ca.certificate)).unwrap_err().to_string();
        assert!(none.contains("no private key"), "{none}");
    }

    #[test]
    fn a_bundle_is_read_as_a_whole() {
        let (one, other) = (CertificateSet::new(&[], 1).unwrap(), CertificateSet::new(&[], 1).unwrap());
        let (found, roots) = authorities("tls.ca", &(one.ca.certificate + &other.ca.certificate)).unwrap();
        assert_eq!((found.len(), roots.len()), (2, 2));
        let rubbish = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(authorities("tls.ca", rubbish).unwrap_err().to_string().contains("cannot be trusted"));
    }
}
