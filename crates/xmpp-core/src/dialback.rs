//! Server dialback (XEP-0220) as values: pairs of domains, keys, verdicts.
//!
//! A server lets another one speak for a domain once that domain's own server has said
//! so. Three parties take part:
//!
//! ```text
//!  initiating                receiving               authoritative
//!      | ---- db:result key ----> |                         |
//!      |                          | ---- db:verify key ---> |
//!      |                          | <-- db:verify valid --- |
//!      | <-- db:result valid ---- |                         |
//! ```
//!
//! The receiving server finds the authoritative one by DNS, as the server of the domain
//! that is claimed. What crosses the two streams is up to the driver: a
//! [`ResultQuery`](crate::ResultQuery) of one stream has a [`Claim`], which
//! [`Connection::verify`](crate::Connection::verify) of the other has judged, and its
//! [`Verdict`] is the answer to the query.
//!
//! [`key`] is a pure function (XEP-0185): the authoritative server needs nothing but the
//! secret that it shares with the initiating one.

use alloc::string::String;
use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use xmpp_jid::{Domainpart, DomainpartRef};
use xmpp_sasl::Secret;
use xmpp_stanza::StanzaCondition;

/// A domain here and a domain there, between which stanzas go.
///
/// A pair has no direction of its own: which of the two speaks is said beside it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a pair has two sides")]
pub struct Pair {
    /// The domain of this server.
    pub local: Domainpart,
    /// The domain of the other one.
    pub remote: Domainpart,
}

impl Pair {
    /// A domain here and a domain there.
    #[must_use]
    pub const fn new(local: Domainpart, remote: Domainpart) -> Self {
        Self { local, remote }
    }

    /// This pair as the other side names it: what is local here is remote there.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self { local: self.remote, remote: self.local }
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} and {}", self.local, self.remote)
    }
}

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "XEP-0220 has no more")]
pub enum Verdict {
    /// It is the right one: the domain is proved.
    Valid,
    /// It is not.
    Invalid,
    /// It was not judged (XEP-0220 section 2.4).
    Error(StanzaCondition),
}

impl Verdict {
    /// What a receiving server tells the initiating one after the authoritative server
    /// has said that. XEP-0220 section 2.4: an error there is `remote-server-not-found`
    /// here; that nothing came in time is `remote-server-timeout`.
    #[must_use]
    pub const fn relayed(self) -> Self {
        match self {
            Self::Error(StanzaCondition::RemoteServerTimeout) => self,
            Self::Error(_) => Self::Error(StanzaCondition::RemoteServerNotFound),
            _ => self,
        }
    }
}

/// What a server claims by a `<db:result/>`, to be judged by the authoritative server
/// of the remote domain. It holds the key, which `Debug` does not show.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claim {
    /// The domain here that it wants to speak to, and the one that it claims to be.
    pub pair: Pair,
    /// The identifier of the stream that the key came on.
    pub id: String,
    /// The key.
    pub key: String,
}

impl Claim {
    /// A claim, for whoever carries it from one program to another.
    #[must_use]
    pub fn new(pair: Pair, id: impl Into<String>, key: impl Into<String>) -> Self {
        Self { pair, id: id.into(), key: key.into() }
    }

    /// What the authoritative server of the remote domain makes of it, which knows the
    /// secret of that.
    #[must_use]
    pub fn judge(&self, secret: &Secret) -> Verdict {
        let right = key(secret, self.pair.local.as_ref(), self.pair.remote.as_ref(), &self.id);
        let is_right: bool = right.as_bytes().ct_eq(self.key.as_bytes()).into();
        if is_right { Verdict::Valid } else { Verdict::Invalid }
    }
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim")
            .field("pair", &self.pair)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The key that proves to `receiving` that a server speaks for `originating` on the
/// stream that `receiving` has called `stream_id` (XEP-0185 section 2): HMAC-SHA-256
/// over the three, under the SHA-256 of the secret, both in lowercase hexadecimal.
///
/// ```
/// use xmpp_core::dialback::key;
/// use xmpp_core::jid::Domainpart;
/// use xmpp_core::sasl::Secret;
///
/// let secret = Secret::from("s3cr3tf0rd14lb4ck");
/// let receiving = Domainpart::new("xmpp.example.com")?;
/// let originating = Domainpart::new("example.org")?;
/// assert_eq!(
///     key(&secret, receiving.as_ref(), originating.as_ref(), "D60000229F"),
///     "37c69b1cf07a3f67c04a5ef5902fa5114f2c76fe4a2686482ba5b89323075643"
/// );
/// # Ok::<(), xmpp_core::jid::Error>(())
/// ```
#[must_use]
pub fn key(
    secret: &Secret,
    receiving: DomainpartRef<'_>,
    originating: DomainpartRef<'_>,
    stream_id: &str,
) -> String {
    let hashed = hex(&Sha256::digest(secret.expose()));
    // Any length is a key to HMAC.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(hashed.expose()) else {
        return String::new();
    };
    for part in [receiving.as_str(), " ", originating.as_str(), " ", stream_id] {
        mac.update(part.as_bytes());
    }
    String::from_utf8_lossy(hex(&mac.finalize().into_bytes()).expose()).into_owned()
}

fn hex(bytes: &[u8]) -> Secret {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    Secret::new(digits.map(|digit| DIGITS[usize::from(digit)]).collect::<alloc::vec::Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(text: &str) -> Domainpart {
        Domainpart::new(text).unwrap()
    }

    /// XEP-0220, examples 1 and 5.
    #[test]
    fn keys_are_those_of_the_examples() {
        for (secret, receiving, originating, id, expected) in [
            (
                "s3cr3tf0rd14lb4ck",
                "montague.example",
                "capulet.example",
                "D60000229F",
                "b4835385f37fe2895af6c196b59097b16862406db80559900d96bf6fa7d23df3",
            ),
            (
                "d14lb4ck43v3r",
                "capulet.example",
                "montague.example",
                "417GAF25",
                "225cc5aa6a071133249d25fef42ae516fc7a86c523aa1c6980a7f73e784c972d",
            ),
        ] {
            let secret = Secret::from(secret);
            let (receiving, originating) = (domain(receiving), domain(originating));
            let key = key(&secret, receiving.as_ref(), originating.as_ref(), id);
            assert_eq!(key, expected);
            let pair = Pair::new(receiving, originating);
            assert_eq!(Claim::new(pair.clone(), id, &*key).judge(&secret), Verdict::Valid);
            // Another stream, another direction, a piece of it, nothing.
            for wrong in [
                Claim::new(pair.clone(), "other", &*key),
                Claim::new(pair.clone().reversed(), id, &*key),
                Claim::new(pair.clone(), id, &key[..63]),
                Claim::new(pair, id, ""),
            ] {
                assert_eq!(wrong.judge(&secret), Verdict::Invalid, "{wrong:?}");
            }
        }
    }

    #[test]
    fn what_authoritative_servers_cannot_say_is_told_as_the_xep_has_it() {
        use StanzaCondition::{ItemNotFound, RemoteServerNotFound, RemoteServerTimeout};
        assert_eq!(Verdict::Error(ItemNotFound).relayed(), Verdict::Error(RemoteServerNotFound));
        let timeout = Verdict::Error(RemoteServerTimeout);
        assert_eq!(timeout.relayed(), timeout);
        assert_eq!(Verdict::Invalid.relayed(), Verdict::Invalid);
    }
}
