//! A stanza on its way from one address to another: all that one half tells the other.

use xmpp_im::delivery::To;
use xmpp_im::routing::Kind;
use xmpp_jid::{BareJidRef, Jid, JidRef, ResourcepartRef};
use xmpp_stanza::StanzaRef;
use xmpp_xml::{ElementRef, WriteXml, Writer};

use crate::outbox::{DomainPair, SessionId};
use crate::time::UnixTime;

/// A stanza with its addresses as they have to be, whatever the element says of them.
#[derive(Clone, Copy)]
pub(super) struct Passed<'a> {
    pub(super) now: UnixTime,
    /// The session of this host that it comes straight from, if it does: an answer finds the
    /// way back without looking for the address.
    pub(super) session: Option<SessionId>,
    pub(super) from: &'a Jid,
    pub(super) to: JidRef<'a>,
    pub(super) kind: Kind,
    pub(super) stanza: StanzaRef<'a>,
}

impl<'a> Passed<'a> {
    /// The account that it is for.
    pub(super) fn account(&self) -> BareJidRef<'a> {
        self.to.to_bare()
    }

    /// What of the account.
    pub(super) fn form(&self) -> To<'a> {
        self.to.resourcepart().map(ResourcepartRef::as_str).map_or(To::Bare, To::Full)
    }

    /// The domains that it goes between.
    pub(super) fn domains(&self) -> DomainPair<'a> {
        DomainPair { from: self.from.domainpart(), to: self.to.domainpart() }
    }
}

impl WriteXml for Passed<'_> {
    fn write_xml(&self, w: &mut Writer<'_>) {
        let stanza = self.stanza.element();
        Forward { stanza, from: self.from.as_str(), to: self.to.as_str() }.write_xml(w);
    }
}

/// A received stanza passed on: the bytes that came, with the addresses as they have to be.
#[derive(Clone, Copy)]
pub(super) struct Forward<'a> {
    pub(super) stanza: ElementRef<'a>,
    pub(super) from: &'a str,
    pub(super) to: &'a str,
}

impl WriteXml for Forward<'_> {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.forward(self.stanza, &[("from", Some(self.from)), ("to", Some(self.to))]);
    }
}
