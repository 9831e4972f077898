//! Stanzas on their way to other servers.

use xmpp_core::federation;
use xmpp_core::jid::BareJid;
use xmpp_core::stanza::StanzaRef;
use xmpp_core::xml::{Element, WriteXml, ns};

use super::super::ways::{read, write};

/// A stanza as it goes out on any stream between servers.
#[derive(Debug)]
pub(in crate::serve) struct Parcel(Vec<u8>);

impl Parcel {
    /// `None` does not happen: what the host routes has been checked.
    pub(super) fn new(stanza: &dyn WriteXml) -> Option<Self> {
        write(stanza, ns::SERVER).map(Self)
    }

    /// One that was sent, and not acknowledged.
    pub(super) fn of_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// To be looked at again.
    pub(in crate::serve) fn to_element(&self) -> Option<Element> {
        read(&self.0, ns::SERVER)
    }
}

impl federation::Parcel for Parcel {
    /// The memory that it takes.
    fn bytes(&self) -> usize {
        self.0.capacity()
    }

    fn may_be_bounced(&self) -> bool {
        let element = self.to_element();
        element.is_some_and(|element| {
            StanzaRef::new(element.as_ref()).is_some_and(StanzaRef::may_be_answered_with_error)
        })
    }

    fn sender(&self) -> Option<BareJid> {
        federation::Parcel::sender(&self.to_element()?)
    }
}
