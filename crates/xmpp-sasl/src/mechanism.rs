//! The mechanisms by name, and how they rank.
//!
//! To add a mechanism: a variant and its row in [`Mechanism::ALL`] and
//! [`Mechanism::name`] here, a file with its messages and both halves, and an
//! arm where `client/plan.rs` starts a client and `server/exchange.rs` a
//! server. Everything else goes by what this file says about it. A mechanism
//! that is nobody else's is an [`Own`] and needs none of this.

use core::fmt;

use crate::channel_binding::ChannelBindingType;
use crate::crypto::Hash;
use crate::own::Own;

/// A SASL mechanism: one that this crate can speak, on both sides, or one that
/// the caller brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mechanism {
    /// ANONYMOUS (RFC 4505): no identity at all, a trace string at best.
    Anonymous,
    /// PLAIN (RFC 4616): the password itself.
    Plain,
    /// OAUTHBEARER (RFC 7628): a bearer token itself.
    OauthBearer,
    /// EXTERNAL (RFC 4422, Appendix A): whoever the TLS certificate names.
    External,
    /// HT-SHA-256-… (XEP-0484): proof of holding a token that the server
    /// issued, and the server's proof in return.
    HashedToken(TokenBinding),
    /// SCRAM-… and SCRAM-…-PLUS (RFC 5802, RFC 7677): proof of knowing the
    /// password, and the server's proof in return.
    Scram {
        /// The hash function in the mechanism's name.
        hash: Hash,
        /// Whether the exchange is bound to the TLS connection (`-PLUS`).
        plus: bool,
    },
    /// One of the caller's own.
    Own(Own),
}

/// What the last part of an `HT-` mechanism's name binds to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the mechanism family is registered as a whole")]
pub enum TokenBinding {
    /// `NONE`: not bound to the connection.
    None,
    /// `ENDP`: tls-server-end-point.
    ServerEndPoint,
    /// `UNIQ`: tls-unique.
    Unique,
    /// `EXPR`: tls-exporter.
    Exporter,
}

impl TokenBinding {
    /// The channel binding type, if it binds at all.
    pub const fn channel_binding(self) -> Option<ChannelBindingType> {
        match self {
            Self::None => None,
            Self::ServerEndPoint => Some(ChannelBindingType::TlsServerEndPoint),
            Self::Unique => Some(ChannelBindingType::TlsUnique),
            Self::Exporter => Some(ChannelBindingType::TlsExporter),
        }
    }
}

const fn scram(hash: Hash, plus: bool) -> Mechanism {
    Mechanism::Scram { hash, plus }
}

impl Mechanism {
    /// All that this crate can speak, the one to prefer last.
    ///
    /// The order is the client's order of preference: what reveals the secret
    /// first, then what proves it to anybody in the middle, then what is bound
    /// to the connection; EXTERNAL last, because RFC 6120 section 6.3.4 asks
    /// that it be tried first. One of the caller's [own](Self::Own) comes right
    /// after those of its strength that are bound or not as it is.
    pub const ALL: [Self; 14] = [
        Self::Anonymous,
        Self::Plain,
        Self::OauthBearer,
        scram(Hash::Sha1, false),
        scram(Hash::Sha256, false),
        scram(Hash::Sha512, false),
        scram(Hash::Sha1, true),
        scram(Hash::Sha256, true),
        scram(Hash::Sha512, true),
        Self::HashedToken(TokenBinding::None),
        Self::HashedToken(TokenBinding::ServerEndPoint),
        Self::HashedToken(TokenBinding::Unique),
        Self::HashedToken(TokenBinding::Exporter),
        Self::External,
    ];

    /// The registered name, as it goes over the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "ANONYMOUS",
            Self::Plain => "PLAIN",
            Self::OauthBearer => "OAUTHBEARER",
            Self::External => "EXTERNAL",
            Self::Own(own) => own.name(),
            Self::HashedToken(TokenBinding::None) => "HT-SHA-256-NONE",
            Self::HashedToken(TokenBinding::ServerEndPoint) => "HT-SHA-256-ENDP",
            Self::HashedToken(TokenBinding::Unique) => "HT-SHA-256-UNIQ",
            Self::HashedToken(TokenBinding::Exporter) => "HT-SHA-256-EXPR",
            Self::Scram { hash: Hash::Sha1, plus: false } => "SCRAM-SHA-1",
            Self::Scram { hash: Hash::Sha1, plus: true } => "SCRAM-SHA-1-PLUS",
            Self::Scram { hash: Hash::Sha256, plus: false } => "SCRAM-SHA-256",
            Self::Scram { hash: Hash::Sha256, plus: true } => "SCRAM-SHA-256-PLUS",
            Self::Scram { hash: Hash::Sha512, plus: false } => "SCRAM-SHA-512",
            Self::Scram { hash: Hash::Sha512, plus: true } => "SCRAM-SHA-512-PLUS",
        }
    }

    /// The mechanism of that name, of those that this crate can speak. Names are compared as they are: RFC 4422
    /// section 3.1 spells them in upper case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mechanism| mechanism.name() == name)
    }

    /// Whether it proves the holding of a secret without giving it away, and
    /// makes the server prove the same.
    pub const fn is_mutual(self) -> bool {
        match self {
            Self::Scram { .. } | Self::HashedToken(_) => true,
            Self::Own(own) => own.is_mutual(),
            Self::Anonymous | Self::Plain | Self::OauthBearer | Self::External => false,
        }
    }

    /// Whether it hands the secret to the other end, or proves nothing: such a
    /// mechanism is never used without TLS (ANONYMOUS, which has no secret,
    /// apart), and no [pin](crate::client::Pin) lets it follow another.
    pub const fn is_revealing(self) -> bool {
        matches!(self.strength(), Strength::NoIdentity | Strength::SecretRevealed)
    }

    /// Whether it works with the account's password.
    pub const fn uses_password(self) -> bool {
        match self {
            Self::Plain | Self::Scram { .. } => true,
            Self::Own(own) => own.uses_password(),
            Self::Anonymous | Self::OauthBearer | Self::External | Self::HashedToken(_) => false,
        }
    }

    /// Whether an exchange is bound to the TLS connection it runs over.
    pub const fn is_bound(self) -> bool {
        match self {
            Self::Scram { plus, .. } => plus,
            Self::HashedToken(binding) => binding.channel_binding().is_some(),
            Self::Own(own) => own.is_bound(),
            Self::Anonymous | Self::Plain | Self::OauthBearer | Self::External => false,
        }
    }

    /// How much an attacker in the middle or at the other end learns.
    pub const fn strength(self) -> Strength {
        match self {
            Self::Anonymous => Strength::NoIdentity,
            Self::Plain | Self::OauthBearer => Strength::SecretRevealed,
            Self::Scram { hash: Hash::Sha1, .. } => Strength::ScramSha1,
            Self::Scram { hash: Hash::Sha256, .. } => Strength::ScramSha256,
            Self::Scram { hash: Hash::Sha512, .. } => Strength::ScramSha512,
            Self::HashedToken(_) => Strength::Token,
            Self::External => Strength::Certificate,
            Self::Own(own) => own.strength(),
        }
    }

    /// Whether it may go over a connection without TLS if a policy allows that
    /// at all.
    pub(crate) const fn bears_no_tls(self) -> bool {
        match self {
            Self::Scram { .. } | Self::Anonymous => true,
            Self::Own(own) => !matches!(own.strength(), Strength::SecretRevealed),
            Self::Plain | Self::OauthBearer | Self::External | Self::HashedToken(_) => false,
        }
    }

    /// The greater, the better.
    pub(crate) fn rank(self) -> impl Ord {
        let strength = self.strength();
        let class = match strength {
            Strength::NoIdentity => 0,
            Strength::SecretRevealed => 1,
            Strength::ScramSha1 | Strength::ScramSha256 | Strength::ScramSha512 => {
                2 + u8::from(self.is_bound())
            }
            Strength::Token => 4,
            Strength::Certificate => 5,
        };
        (class, strength, matches!(self, Self::Own(_)), self.index())
    }

    /// Where it stands in [`Self::ALL`].
    fn index(self) -> Option<usize> {
        Self::ALL.iter().position(|&each| each == self)
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A scale for a floor: what a mechanism is worth, the channel binding aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Strength {
    /// Proves no identity.
    NoIdentity,
    /// Hands the secret to whoever is at the other end.
    SecretRevealed,
    /// SCRAM with SHA-1.
    ScramSha1,
    /// SCRAM with SHA-256.
    ScramSha256,
    /// SCRAM with SHA-512.
    ScramSha512,
    /// A random token, proved by its HMAC.
    Token,
    /// A private key, proved in the TLS handshake.
    Certificate,
}

/// A set of this crate's mechanisms, as a policy holds it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct MechanismSet(u32);

impl MechanismSet {
    pub(crate) const EMPTY: Self = Self(0);

    pub(crate) fn of(wanted: impl Fn(Mechanism) -> bool) -> Self {
        let mut set = Self::EMPTY;
        for mechanism in Mechanism::ALL.into_iter().filter(|&each| wanted(each)) {
            set.insert(mechanism);
        }
        set
    }

    pub(crate) fn insert(&mut self, mechanism: Mechanism) {
        self.0 |= Self::bit(mechanism);
    }

    pub(crate) fn remove(&mut self, mechanism: Mechanism) {
        self.0 &= !Self::bit(mechanism);
    }

    pub(crate) fn contains(self, mechanism: Mechanism) -> bool {
        self.0 & Self::bit(mechanism) != 0
    }

    fn bit(mechanism: Mechanism) -> u32 {
        mechanism.index().map_or(0, |index| 1 << index)
    }
}

impl fmt::Debug for MechanismSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(Mechanism::ALL.iter().filter(|&&each| self.contains(each)).map(|m| m.name()))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_mechanism() {
        for mechanism in Mechanism::ALL {
            assert_eq!(Mechanism::from_name(mechanism.name()), Some(mechanism));
            // RFC 4422 section 3.1: 1*20, upper case, digits, hyphen, underscore.
            assert!(mechanism.name().len() <= 20);
        }
        assert_eq!(Mechanism::from_name("scram-sha-1"), None);
        assert_eq!(Mechanism::from_name("DIGEST-MD5"), None);
    }

    #[test]
    fn bound_is_preferred_to_unbound_and_scram_to_plain() {
        let better = |a, b| {
            let of = |name| Mechanism::from_name(name).expect("a name of ours").rank();
            of(a) > of(b)
        };
        assert!(better("SCRAM-SHA-1-PLUS", "SCRAM-SHA-512"));
        assert!(better("SCRAM-SHA-1", "PLAIN"));
        assert!(better("EXTERNAL", "SCRAM-SHA-512-PLUS"));
        assert!(Mechanism::ALL.is_sorted_by(|a, b| a.rank() < b.rank()));
    }

    #[test]
    fn an_own_mechanism_ranks_by_its_strength_and_binding() {
        let own = Own::new("X-OWN", Strength::ScramSha256).expect("nobody has it");
        let (unbound, bound) = (Mechanism::Own(own), Mechanism::Own(own.bound()));
        assert!(unbound.rank() > scram(Hash::Sha256, false).rank());
        assert!(unbound.rank() < scram(Hash::Sha512, false).rank());
        assert!(bound.rank() > scram(Hash::Sha256, true).rank());
        assert!(bound.rank() < scram(Hash::Sha512, true).rank());
        assert!(!MechanismSet::of(|_| true).contains(bound));
    }
}
