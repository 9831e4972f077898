//! End-to-end signing and encryption for XMPP (RFC 3923).

mod asn1;
mod certificate;
pub mod cms;
mod crypto;
mod identity;
mod object;
mod open;
mod payload;
mod policy;
mod protect;
mod receiver;
mod sender;
mod smime;
mod store;
mod time;
mod trust;

pub use asn1::Malformed;
pub use certificate::{
    AddressForm, BuildError, Certificate, CertificateAddress, CertificateBuilder, PemError, to_pem,
};
pub use crypto::{
    ContentEncryption, Digest, KeyEncryption, KeyError, KeyKind, PrivateKey, SignatureAlgorithm,
};
pub use identity::{Identity, OtherKey};
pub use object::{Object, ObjectError};
pub use open::{Case, Layer, OpenError, Opened, Opener, Signature, Unverified};
pub use payload::{NotText, from_payload, is_payload, to_payload};
pub use policy::Policy;
pub use protect::{ProtectError, encrypt, sign};
pub use receiver::{Received, Receiver, Refused};
pub use sender::{Protection, SendError, Sender, WrapError, wrap};
pub use smime::{Limits, MimeError};
pub use store::{CertificateStore, Known, MemoryStore, REQUEST, certificate_request};
pub use time::{BadTimestamp, Freshness, Timestamp};
pub use trust::{CertificateError, Purpose, TrustStore};
