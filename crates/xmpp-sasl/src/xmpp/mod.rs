//! SASL as XMPP frames it (RFC 6120 section 6): everything but the XML.

mod attempts;
mod condition;
mod payload;

pub use self::attempts::{Attempts, Exhausted};
pub use self::condition::FailureCondition;
pub use self::payload::{PayloadError, decode_payload, encode_payload};

/// The namespace of RFC 6120's profile.
pub const NAMESPACE: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
