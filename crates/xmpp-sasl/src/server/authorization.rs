//! Who may act as whom (RFC 4422 section 2).

use alloc::string::String;
use core::fmt;

/// Decides whether an authenticated entity may act as another. It is asked
/// only after the entity has proved who it is, and only if it named an
/// authorization identity.
pub trait AuthorizationRule: fmt::Debug + Send + Sync {
    /// Whether `authcid`, as prepared, may act as `authzid`, as received.
    fn permits(&self, authcid: &str, authzid: &str) -> bool;
}

/// An authorization identity must equal the authentication identity to the
/// byte. The default.
#[derive(Clone, Copy, Debug, Default)]
pub struct OnlyOneself;

impl AuthorizationRule for OnlyOneself {
    fn permits(&self, authcid: &str, authzid: &str) -> bool {
        authcid == authzid
    }
}

/// An authorization identity must be `authcid@domain`: what a client may ask
/// for where accounts are addresses (in XMPP the bare JID, RFC 6120 section
/// 6.3.8; elsewhere a mailbox) and nobody acts for another.
///
/// The comparison is by byte, the domain's ASCII letters apart. A server
/// that prepares addresses compares prepared ones in a rule of its own.
#[derive(Clone, Debug)]
pub struct AuthcidAt {
    domain: String,
}

impl AuthcidAt {
    /// The rule for accounts of this domain.
    pub fn new(domain: impl Into<String>) -> Self {
        Self { domain: domain.into() }
    }
}

impl AuthorizationRule for AuthcidAt {
    fn permits(&self, authcid: &str, authzid: &str) -> bool {
        authzid.rsplit_once('@').is_some_and(|(name, domain)| {
            name == authcid && domain.eq_ignore_ascii_case(&self.domain)
        })
    }
}
