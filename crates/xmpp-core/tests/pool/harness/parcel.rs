//! Stanzas with numbers, and the names of things.

use xmpp_core::federation::{AddressPolicy, Parcel, PoolConfig};
use xmpp_core::jid::{BareJid, Domainpart};
use xmpp_core::session::QueueLimits;

/// A stanza, as far as the pool can see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Numbered {
    pub(crate) number: u64,
    pub(crate) size: usize,
    pub(crate) answerable: bool,
    pub(crate) sender: &'static str,
}

impl Parcel for Numbered {
    fn bytes(&self) -> usize {
        self.size
    }

    fn may_be_bounced(&self) -> bool {
        self.answerable
    }

    fn sender(&self) -> Option<BareJid> {
        Some(self.sender.parse().unwrap())
    }
}

pub(crate) fn domain(name: &str) -> Domainpart {
    Domainpart::new(name).unwrap()
}

pub(crate) fn config() -> PoolConfig {
    let mut config = PoolConfig::default();
    config.addresses = AddressPolicy::any().into();
    config
}

pub(crate) fn queue_limits(stanzas: usize, bytes: usize) -> QueueLimits {
    let mut limits = QueueLimits::default();
    (limits.stanzas, limits.bytes) = (stanzas, bytes);
    limits
}
