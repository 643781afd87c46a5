//! The folder that `d1c keys new` writes: which file holds what, and how a sandbox reads it back.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::keys::Keys;
use super::role::Role;
use crate::base::Secret;
use crate::jose::{DecryptionKey, EncryptionKey, JoseError, VerificationKey};
use crate::tls::{ClientCertificates, ServerSettings, Versions};

/// One file of the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyFile {
    /// Its name.
    pub name: &'static str,
    /// Nobody else may read it.
    pub private: bool,
    /// What it is for, in words.
    pub purpose: &'static str,
}

macro_rules! key_files {
    ($($constant:ident = $name:literal, $private:literal, $purpose:literal;)*) => {
        $(
            #[doc = $purpose]
            pub const $constant: KeyFile = KeyFile { name: $name, private: $private, purpose: $purpose };
        )*

        /// All files, in the order of the table.
        pub const ALL: &[KeyFile] = &[$($constant),*];
    };
}

/// The files by what they hold.
pub mod key_file {
    use super::KeyFile;

    key_files! {
        CA = "ca.pem", false, "the authority (CA) that signed the certificates; both sides trust it";
        CA_KEY = "ca-key.pem", true, "its key; needed only to sign more certificates";
        SERVER = "server.pem", false, "the certificate of the sandbox";
        SERVER_KEY = "server-key.pem", true, "its key";
        CLIENT = "client.pem", false, "the client certificate of d1c";
        CLIENT_KEY = "client-key.pem", true, "its key";
        EXPIRED_CLIENT = "expired-client.pem", false, "a client certificate that has run out, to be refused";
        EXPIRED_CLIENT_KEY = "expired-client-key.pem", true, "its key";
        SIGNING_KEY = "signing-key.pem", true, "signs the issuer's assertions (ES256)";
        SIGNING_PUBLIC = "signing-public.pem", false, "verifies them; this is what is handed over to D1";
        SIGNING_PUBLIC_JWK = "signing-public.jwk", false, "the same as a JWK, with its kid";
        D1_ENCRYPTION_KEY = "d1-encryption-key.pem", true, "D1 opens with it what an issuer sends (JWE)";
        D1_ENCRYPTION_KEY_JWK = "d1-encryption-key.jwk", true, "the same as a JWK";
        D1_ENCRYPTION_PUBLIC = "d1-encryption-public.pem", false, "the issuer encrypts for D1 with it";
        D1_ENCRYPTION_PUBLIC_JWK = "d1-encryption-public.jwk", false, "the same as a JWK, with its kid";
        ISSUER_ENCRYPTION_KEY = "issuer-encryption-key.pem", true, "the issuer opens with it what D1 sends (JWE)";
        ISSUER_ENCRYPTION_KEY_JWK = "issuer-encryption-key.jwk", true, "the same as a JWK";
        ISSUER_ENCRYPTION_PUBLIC = "issuer-encryption-public.pem", false, "D1 encrypts for the issuer with it";
        ISSUER_ENCRYPTION_PUBLIC_JWK = "issuer-encryption-public.jwk", false, "the same as a JWK, with its kid";
    }
}

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFolderError {
    /// A file is missing or cannot be read.
    #[error("cannot read {}: {source}\n  remedy: make a set with `d1c keys new DIR` and name that folder", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A key cannot be used.
    #[error("{}: {source}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why.
        source: JoseError,
    },
    /// A file is no JWK with a `kid`.
    #[error(
        "{} is no JWK of a P-256 key with kid, x and y\n  remedy: make a new set with `d1c keys new DIR`", path.display()
    )]
    Jwk {
        /// The file.
        path: PathBuf,
    },
}

/// A folder with certificates and keys.
#[derive(Clone, Debug)]
pub struct KeyFolder {
    path: PathBuf,
}

impl KeyFolder {
    /// The folder at this path; nothing is read yet.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Where a file lies.
    pub fn path_of(&self, file: KeyFile) -> PathBuf {
        self.path.join(file.name)
    }

    /// The server's end of TLS. Unless it asks for none, clients need a certificate of the folder's authority.
    pub fn server(&self, client_certificates: ClientCertificates) -> Result<ServerSettings, KeyFolderError> {
        let client_ca = match client_certificates {
            ClientCertificates::NotAsked => None,
            _ => Some(self.text(key_file::CA)?),
        };
        Ok(ServerSettings {
            certificate: self.text(key_file::SERVER)?,
            private_key: self.secret(key_file::SERVER_KEY)?,
            client_ca,
            client_certificates,
            versions: Versions::Both,
        })
    }

    /// What a party verifies, opens and seals with; `None` where the folder has certificates alone.
    pub fn keys(&self, role: Role) -> Result<Option<Keys>, KeyFolderError> {
        let (own, theirs) = match role {
            Role::D1 => (key_file::D1_ENCRYPTION_KEY, key_file::ISSUER_ENCRYPTION_PUBLIC),
            Role::Issuer => (key_file::ISSUER_ENCRYPTION_KEY, key_file::D1_ENCRYPTION_PUBLIC),
        };
        let Some(jwk) = self.optional(key_file::SIGNING_PUBLIC_JWK)? else { return Ok(None) };
        let unusable = |file| move |source| KeyFolderError::Key { path: self.path_of(file), source };
        Ok(Some(Keys {
            assertion: self.verification_key(&jwk)?,
            assertion_pem: self.text(key_file::SIGNING_PUBLIC)?,
            own: DecryptionKey::from_text(None, &self.secret(own)?).map_err(unusable(own))?,
            other: EncryptionKey::from_text(None, &self.text(theirs)?).map_err(unusable(theirs))?,
        }))
    }

    fn verification_key(&self, text: &str) -> Result<VerificationKey, KeyFolderError> {
        let path = || self.path_of(key_file::SIGNING_PUBLIC_JWK);
        let jwk: Value = serde_json::from_str(text).map_err(|_| KeyFolderError::Jwk { path: path() })?;
        let (Some(kid), Some(x), Some(y)) = (jwk["kid"].as_str(), jwk["x"].as_str(), jwk["y"].as_str()) else {
            return Err(KeyFolderError::Jwk { path: path() });
        };
        VerificationKey::from_coordinates(kid, x, y).map_err(|source| KeyFolderError::Key { path: path(), source })
    }

    fn text(&self, file: KeyFile) -> Result<String, KeyFolderError> {
        let path = self.path_of(file);
        std::fs::read_to_string(&path).map_err(|source| KeyFolderError::Read { path, source })
    }

    fn secret(&self, file: KeyFile) -> Result<Secret, KeyFolderError> {
        self.text(file).map(Secret::new)
    }

    fn optional(&self, file: KeyFile) -> Result<Option<String>, KeyFolderError> {
        match self.text(file) {
            Ok(text) => Ok(Some(text)),
            Err(KeyFolderError::Read { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{KeyFolder, key_file};
    use crate::jose::{AssertionKey, DecryptionKey};
    use crate::sandbox::Role;
    use crate::tls::{CertificateSet, ClientCertificates};

    #[test]
    fn names_are_unique_and_private_keys_are_marked() {
        for (index, file) in key_file::ALL.iter().enumerate() {
            assert!(key_file::ALL[index + 1..].iter().all(|other| other.name != file.name), "{}", file.name);
            assert_eq!(file.private, file.name.contains("-key."), "{}", file.name);
        }
    }

    #[test]
    fn certificates_alone_are_enough_for_tls() {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyFolder::at(folder.path());
        let missing = keys.server(ClientCertificates::NotAsked).unwrap_err().to_string();
        assert!(missing.contains("server.pem") && missing.contains("d1c keys new"), "{missing}");
        let set = CertificateSet::new(&[], 1).unwrap();
        fs::write(keys.path_of(key_file::SERVER), &set.server.certificate).unwrap();
        fs::write(keys.path_of(key_file::SERVER_KEY), set.server.private_key.expose()).unwrap();
        let settings = keys.server(ClientCertificates::NotAsked).unwrap();
        assert!(settings.client_ca.is_none());
        assert!(keys.server(ClientCertificates::Demanded).unwrap_err().to_string().contains("ca.pem"));
        assert!(keys.keys(Role::D1).unwrap().is_none());
    }

    #[test]
    fn each_party_gets_its_own_private_key_and_the_other_public_one() {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyFolder::at(folder.path());
        let (d1, issuer) = (DecryptionKey::generate(), DecryptionKey::generate());
        let signing = AssertionKey::generate_with_thumbprint().unwrap();
        fs::write(keys.path_of(key_file::SIGNING_PUBLIC_JWK), signing.public_jwk().to_string()).unwrap();
        fs::write(keys.path_of(key_file::SIGNING_PUBLIC), signing.public_pem()).unwrap();
        for (key, private, public) in [
            (&d1, key_file::D1_ENCRYPTION_KEY, key_file::D1_ENCRYPTION_PUBLIC),
            (&issuer, key_file::ISSUER_ENCRYPTION_KEY, key_file::ISSUER_ENCRYPTION_PUBLIC),
        ] {
            fs::write(keys.path_of(private), key.to_pem().expose()).unwrap();
            fs::write(keys.path_of(public), key.public().to_pem()).unwrap();
        }
        let kids = |role| {
            let keys = keys.keys(role).unwrap().unwrap();
            assert_eq!(keys.assertion.kid(), signing.kid());
            (keys.own.kid().to_owned(), keys.other.kid().to_owned())
        };
        assert_eq!(kids(Role::D1), (d1.kid().to_owned(), issuer.kid().to_owned()));
        assert_eq!(kids(Role::Issuer), (issuer.kid().to_owned(), d1.kid().to_owned()));
        fs::write(keys.path_of(key_file::D1_ENCRYPTION_KEY), "x").unwrap();
        assert!(keys.keys(Role::D1).unwrap_err().to_string().contains("d1-encryption-key.pem"));
        fs::write(keys.path_of(key_file::SIGNING_PUBLIC_JWK), "{}").unwrap();
        assert!(keys.keys(Role::D1).unwrap_err().to_string().contains("signing-public.jwk"));
    }
}
