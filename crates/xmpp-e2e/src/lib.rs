//! End-to-end signing and encryption for XMPP (RFC 3923).

mod asn1;
mod certificate;
pub mod cms;
mod crypto;
mod time;
mod trust;

pub use asn1::Malformed;
pub use certificate::{AddressForm, Certificate, CertificateAddress, PemError};
pub use crypto::{
    ContentEncryption, Digest, KeyEncryption, KeyError, KeyKind, PrivateKey, SignatureAlgorithm,
};
pub use time::Timestamp;
pub use trust::{CertificateError, Purpose, TrustStore};
