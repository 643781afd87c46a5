//! Defects in the handling of client certificates. They act on the whole server, and show at every operation; each row names
//! the first one of the token specification.

use crate::sandbox::defect::{Class, Defect, Effect};
use crate::sandbox::role::Role;
use crate::tls::ClientCertificates;

const D1: &str = "D1-Public-IN-v1-Auth2::getToken";
const ISSUER: &str = "D1-Public-OUT-v1-Auth2::getToken";

const fn lets_in(operation: &'static str, certificates: ClientCertificates) -> Effect {
    Effect::LaxClientCertificate { operation, certificates }
}

/// One row per defect.
pub const ROWS: [Defect; 6] = [
    Defect {
        name: "d1-tls-optional-certificate",
        role: Role::D1,
        text: "serves clients without a certificate",
        class: Class::Certificates,
        breaks: &["D1-Public-IN-v1-Auth2::getToken::tls::missing_certificate"],
        effect: lets_in(D1, ClientCertificates::Optional),
    },
    Defect {
        name: "d1-tls-any-authority",
        role: Role::D1,
        text: "takes client certificates of any authority",
        class: Class::Certificates,
        breaks: &["D1-Public-IN-v1-Auth2::getToken::tls::foreign_certificate"],
        effect: lets_in(D1, ClientCertificates::AnyAuthority),
    },
    Defect {
        name: "d1-tls-expired-certificate",
        role: Role::D1,
        text: "takes client certificates that have run out",
        class: Class::Certificates,
        breaks: &["D1-Public-IN-v1-Auth2::getToken::tls::expired_certificate"],
        effect: lets_in(D1, ClientCertificates::ExpiredToo),
    },
    Defect {
        name: "issuer-tls-optional-certificate",
        role: Role::Issuer,
        text: "serves clients without a certificate",
        class: Class::Certificates,
        breaks: &["D1-Public-OUT-v1-Auth2::getToken::tls::missing_certificate"],
        effect: lets_in(ISSUER, ClientCertificates::Optional),
    },
    Defect {
        name: "issuer-tls-any-authority",
        role: Role::Issuer,
        text: "takes client certificates of any authority",
        class: Class::Certificates,
        breaks: &["D1-Public-OUT-v1-Auth2::getToken::tls::foreign_certificate"],
        effect: lets_in(ISSUER, ClientCertificates::AnyAuthority),
    },
    Defect {
        name: "issuer-tls-expired-certificate",
        role: Role::Issuer,
        text: "takes client certificates that have run out",
        class: Class::Certificates,
        breaks: &["D1-Public-OUT-v1-Auth2::getToken::tls::expired_certificate"],
        effect: lets_in(ISSUER, ClientCertificates::ExpiredToo),
    },
];
