//! Roster versions: RFC 6121 §2.6.

use alloc::vec::Vec;
use core::fmt;

use xmpp_jid::JidRef;

use super::{Item, Roster};

/// A version of a roster, the value of the 'ver' attribute; opaque to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ver {
    instance: u64,
    version: u64,
}

impl fmt::Display for Ver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{}", self.instance, self.version)
    }
}

/// The answer to a roster get that names a version (RFC 6121 §2.6.3).
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "RFC 6121 §2.6.3 has these two")]
pub enum Changes<'a> {
    /// Send the whole roster: the version is unknown, or too much changed since.
    Whole,
    /// Send an empty result, then one roster push for each of these, in this order.
    Since(Vec<(Ver, Change<'a>)>),
}

/// A roster modification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "RFC 6121 §2.1.6: created or updated, or deleted")]
pub enum Change<'a> {
    /// The item was added or updated.
    Item(&'a Item),
    /// The item of that address was removed.
    Removed(JidRef<'a>),
}

impl Roster {
    /// The current version.
    #[must_use]
    pub const fn ver(&self) -> Ver {
        Ver { instance: self.instance, version: self.version }
    }

    /// What changed since the version that a client has.
    #[must_use]
    pub fn changes_since(&self, ver: &str) -> Changes<'_> {
        let Some(since) = self.parse_ver(ver) else { return Changes::Whole };
        let at = |version| Ver { instance: self.instance, version };
        let mut changes: Vec<_> = self
            .entries
            .values()
            .filter(|e| e.listed && e.version > since)
            .map(|e| (e.version, Change::Item(&e.item)))
            .collect();
        changes.extend(
            self.removed
                .iter()
                .filter(|(version, jid)| *version > since && self.item(jid.as_str()).is_none())
                .map(|(version, jid)| (*version, Change::Removed(jid.as_ref()))),
        );
        // RFC 6121 §2.6.3: "unless returning the complete roster would use less bandwidth".
        if changes.len() > self.items {
            return Changes::Whole;
        }
        changes.sort_unstable_by_key(|(version, _)| *version);
        Changes::Since(changes.into_iter().map(|(version, c)| (at(version), c)).collect())
    }

    /// The number in a version that this roster gave and can still tell the changes since.
    fn parse_ver(&self, ver: &str) -> Option<u64> {
        let (instance, version) = ver.split_once('-')?;
        let known = Ver {
            instance: u64::from_str_radix(instance, 16).ok()?,
            version: version.parse().ok()?,
        };
        let Ver { instance, version } = known;
        let told =
            instance == self.instance && version <= self.version && version >= self.forgotten;
        told.then_some(version)
    }
}
