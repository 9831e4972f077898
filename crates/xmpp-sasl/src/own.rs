//! Mechanisms of the caller's own.

use core::fmt;

use crate::mechanism::{Mechanism, Strength};

/// A mechanism that this crate does not have: its name, and what a policy has
/// to know of it.
///
/// The two halves are a [`client::OwnMechanism`](crate::client::OwnMechanism),
/// which a client's policy is given, and a
/// [`server::OwnMechanism`](crate::server::OwnMechanism), which a server's
/// configuration is given.
///
/// ```
/// use xmpp_sasl::{Own, Strength};
///
/// const X_PIN: Own = Own::new("X-PIN", Strength::SecretRevealed).unwrap().without_password();
/// assert_eq!(X_PIN.name(), "X-PIN");
/// assert!(Own::new("PLAIN", Strength::Certificate).is_none()); // there is one
/// assert!(Own::new("x-pin", Strength::Certificate).is_none()); // RFC 4422 section 3.1
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Own {
    name: &'static str,
    strength: Strength,
    bound: bool,
    mutual: bool,
    password: bool,
}

impl Own {
    /// A mechanism of that name that is worth as much as `strength` says. Until
    /// told otherwise it is taken for one that uses the account's password, is
    /// not bound to the connection, and leaves the server unproved.
    ///
    /// `None` if the name is not one by RFC 4422 section 3.1 (1 to 20 upper-case
    /// letters, digits, hyphens and underscores), or is one of
    /// [`Mechanism::ALL`].
    pub const fn new(name: &'static str, strength: Strength) -> Option<Self> {
        if !is_name(name.as_bytes()) || is_taken(name.as_bytes()) {
            return None;
        }
        Some(Self { name, strength, bound: false, mutual: false, password: true })
    }

    /// Returns this description of a mechanism whose exchanges are bound to the TLS
    /// connection they run over.
    #[must_use]
    pub const fn bound(mut self) -> Self {
        self.bound = true;
        self
    }

    /// The server proves that it knows the secret, too.
    #[must_use]
    pub const fn mutual(mut self) -> Self {
        self.mutual = true;
        self
    }

    /// It does not use the account's password: when the password was refused,
    /// it can still be tried.
    #[must_use]
    pub const fn without_password(mut self) -> Self {
        self.password = false;
        self
    }

    /// Its name, as it goes over the wire.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// What it is worth, the channel binding aside.
    pub const fn strength(self) -> Strength {
        self.strength
    }

    /// Whether its exchanges are bound to the connection.
    pub const fn is_bound(self) -> bool {
        self.bound
    }

    /// Whether the server proves itself.
    pub const fn is_mutual(self) -> bool {
        self.mutual
    }

    /// Whether it uses the account's password.
    pub const fn uses_password(self) -> bool {
        self.password
    }
}

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Own").field(&self.name).finish()
    }
}

const fn is_name(name: &[u8]) -> bool {
    let mut at = 0;
    while at < name.len() {
        if !matches!(name[at], b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_') {
            return false;
        }
        at += 1;
    }
    matches!(name.len(), 1..=20)
}

const fn is_taken(name: &[u8]) -> bool {
    let mut each = 0;
    while each < Mechanism::ALL.len() {
        let other = Mechanism::ALL[each].name().as_bytes();
        let mut at = 0;
        while at < name.len() && at < other.len() && name[at] == other[at] {
            at += 1;
        }
        if at == name.len() && at == other.len() {
            return true;
        }
        each += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4422 section 3.1, and no name twice.
    #[test]
    fn names_are_checked() {
        let new = |name| Own::new(name, Strength::ScramSha1).is_some();
        for mechanism in Mechanism::ALL {
            assert!(!new(mechanism.name()), "{mechanism}");
        }
        for name in ["X", "X-OWN_2", "PLAIN2", "PLAI", "SCRAM-SHA3-512", "ABCDEFGHIJKLMNOPQRST"] {
            assert!(new(name), "{name}");
        }
        for name in ["", "x", "X OWN", "X\0", "\u{c4}", "ABCDEFGHIJKLMNOPQRSTU"] {
            assert!(!new(name), "{name}");
        }
    }

    #[test]
    fn it_is_what_it_was_said_to_be() {
        let own = Own::new("X-OWN", Strength::ScramSha256).unwrap();
        let is = |own: Own| (own.is_bound(), own.is_mutual(), own.uses_password());
        assert_eq!((own.name(), own.strength()), ("X-OWN", Strength::ScramSha256));
        assert_eq!(is(own), (false, false, true));
        assert_eq!(is(own.bound()), (true, false, true));
        assert_eq!(is(own.mutual()), (false, true, true));
        assert_eq!(is(own.without_password()), (false, false, false));
    }
}
