//! The texts beside the keys: target files that use them, and what each file is for.

use std::fmt::Write as _;

use crate::sandbox::{Demo, key_file};

/// Where the target files look for the sandboxes.
pub(super) const D1_PORT: u16 = 8443;
pub(super) const ISSUER_PORT: u16 = 8444;

const TLS: &str = "\
# Whom to trust besides the system's authorities, and as whom to appear. `expired_client` is shown once, to be refused.
tls:
  ca: ${file:ca.pem}
  client:
    certificate: ${file:client.pem}
    private_key: ${file:client-key.pem}
  expired_client:
    certificate: ${file:expired-client.pem}
    private_key: ${file:expired-client-key.pem}
";

/// D1 is the target, we are the issuer's backend.
pub(super) fn target_d1(demo: &Demo, kid: &str) -> String {
    format!(
        "\
# Inbound: the target is D1, we play the issuer's backend. As it stands it fits, started in this folder,
#   d1c sandbox --role d1 --listen 127.0.0.1:{D1_PORT} --tls . --mtls
# ${{file:PATH}} is the text of a file; PATH starts at the folder of this file.

# Name in reports.
name: sandbox-d1-tls

# Put before the base path of each specification. The certificate of the sandbox is for localhost.
base_url: https://localhost:{D1_PORT}

{TLS}
auth:
  # A JWT signed with ES256 is exchanged for a token (RFC 7523). D1 knows the key by its kid (RFC 7638 thumbprint); hand
  # over signing-public.pem, never signing-key.pem.
  grant: jwt_bearer
  issuer: {issuer}
  subject: {issuer}
  kid: {kid}
  private_key: ${{file:signing-key.pem}}

# A token of the target that has run out, and must be refused.
expired_token: {expired}

# Fields that hold a JWE: what we send is encrypted for D1, what D1 answers is encrypted for the issuer. Without a kid the
# thumbprint of the key is it.
jwe:
  encrypt_for:
    public_key: ${{file:d1-encryption-public.pem}}
  decrypt_with:
    private_key: ${{file:issuer-encryption-key.pem}}

# What only the target's owner knows.
values:
  issuerId: {issuer}
  cardProductId: {product}
  # A product whose cards are used for transactions (CARD-REG-3).
  transactionCardProductId: {transaction_product}
  consumerId: {consumer}
  cardId: {card}
",
        issuer = demo.issuer_id,
        expired = demo.expired_token.expose(),
        product = demo.card_product_id,
        transaction_product = demo.transaction_card_product_id,
        consumer = demo.consumer_id,
        card = demo.card_id,
    )
}

/// An issuer's backend is the target, we are D1.
pub(super) fn target_issuer(demo: &Demo) -> String {
    format!(
        "\
# Outbound: the target is an issuer's backend, we play D1. As it stands it fits, started in this folder,
#   d1c sandbox --role issuer --listen 127.0.0.1:{ISSUER_PORT} --tls . --mtls
# target-d1.yaml explains the keys that are not explained here.
name: sandbox-issuer-tls
base_url: https://localhost:{ISSUER_PORT}

{TLS}
auth:
  # Client id and secret, as HTTP Basic, are exchanged for a token (RFC 6749, section 4.4).
  grant: client_credentials
  client_id: {id}
  # Public, of the sandbox. A real one is a reference: ${{env:ISSUER_CLIENT_SECRET}} or ${{file:client-secret.txt}}.
  client_secret: {secret}
  scope: {scope}

expired_token: {expired}

# What we send is encrypted for the issuer, what the issuer answers is encrypted for D1.
jwe:
  encrypt_for:
    public_key: ${{file:issuer-encryption-public.pem}}
  decrypt_with:
    private_key: ${{file:d1-encryption-key.pem}}

# A consumer and a card that the backend knows: test data, never a real person's.
values:
  issuerId: {issuer}
  consumerId: {consumer}
  cardId: {card}
  # What is sealed in Verify Card.
  pan: '{pan}'
  exp: '{exp}'
  cvv: '{cvv}'
  # D1 asks about cards that it does not know (VERIFY-6).
  unknownCardsAreVerified: true
  notificationsPerCall: 10
",
        expired = demo.expired_token.expose(),
        pan = demo.pan.expose(),
        exp = demo.exp,
        cvv = demo.cvv.expose(),
        id = demo.client_id,
        secret = demo.client_secret.expose(),
        scope = demo.scope,
        issuer = demo.issuer_id,
        consumer = demo.consumer_id,
        card = demo.card_id,
    )
}

/// What each file is for.
pub(super) fn readme(days: u32) -> String {
    let mut text = format!(
        "Keys and certificates for tests, made by `d1c keys new`. The certificates are valid for {days} days.\n\
         They belong to nobody else; whoever has the private ones can appear as you. Keep them out of version control.\n\n"
    );
    for file in key_file::ALL {
        let mark = if file.private { "private" } else { "public" };
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{:<32}{mark:<9}{}", file.name, file.purpose);
    }
    text.push_str(
        "\ntarget-d1.yaml                           target file: D1 over mutual TLS (suite inbound)\n\
         target-issuer.yaml                       target file: an issuer over mutual TLS (suite outbound)\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::{readme, target_d1, target_issuer};
    use crate::sandbox::{demo, key_file};

    #[test]
    fn every_file_is_explained_and_every_reference_is_a_file() {
        let text = readme(30);
        assert!(key_file::ALL.iter().all(|file| text.contains(file.name)), "{text}");
        for target in [target_d1(&demo(), "kid-1"), target_issuer(&demo())] {
            for reference in target.lines().filter(|line| !line.trim_start().starts_with('#')) {
                let Some((_, rest)) = reference.split_once("${file:") else { continue };
                let name = rest.trim_end_matches('}');
                assert!(key_file::ALL.iter().any(|file| file.name == name), "{name}");
            }
        }
    }
}
