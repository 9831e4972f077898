//! End-to-end signing and encryption for XMPP (RFC 3923).

mod asn1;
mod certificate;
pub mod cms;
mod crypto;
mod identity;
mod open;
mod policy;
mod protect;
mod smime;
mod time;
mod trust;

pub use asn1::Malformed;
pub use certificate::{
    AddressForm, BuildError, Certificate, CertificateAddress, CertificateBuilder, PemError,
};
pub use crypto::{
    ContentEncryption, Digest, KeyEncryption, KeyError, KeyKind, PrivateKey, SignatureAlgorithm,
};
pub use identity::{Identity, OtherKey};
pub use open::{Case, Layer, OpenError, Opened, Opener, Signature, Unverified};
pub use policy::Policy;
pub use protect::{ProtectError, encrypt, sign};
pub use smime::{Limits, MimeError};
pub use time::Timestamp;
pub use trust::{CertificateError, Purpose, TrustStore};
