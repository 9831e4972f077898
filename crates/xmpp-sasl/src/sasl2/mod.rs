//! The extensible SASL profile (XEP-0388): everything but the XML.

/// The namespace of the profile.
pub const NAMESPACE: &str = "urn:xmpp:sasl:2";
