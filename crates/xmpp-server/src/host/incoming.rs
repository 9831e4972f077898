//! A stanza that came in, as far as the host reads it.

use xmpp_im::routing::{self, Kind, Origin};
use xmpp_jid::{BareJid, Jid, JidRef};
use xmpp_stanza::{AddressRef, StanzaCondition, StanzaError, StanzaRef};
use xmpp_xml::WriteXml;

use super::forward::Forward;
use crate::outbox::{Outbox, SessionId};
use crate::time::UnixTime;

/// A stanza from a client of the host, or from another domain.
pub(super) struct Incoming<'a> {
    pub(super) now: UnixTime,
    /// The session that it came from; `None` if it came from another domain.
    pub(super) session: Option<SessionId>,
    /// The sender. Of a client, as the host knows it; what the stanza says of it does
    /// not count.
    pub(super) from: Jid,
    pub(super) stanza: StanzaRef<'a>,
    pub(super) kind: Kind,
    pub(super) to: AddressRef<'a>,
}

impl<'a> Incoming<'a> {
    pub(super) fn new(
        now: UnixTime,
        session: Option<SessionId>,
        from: Jid,
        stanza: StanzaRef<'a>,
    ) -> Self {
        Self { now, session, from, stanza, kind: Kind::of(stanza), to: stanza.to() }
    }

    /// Where it came from, for the router.
    pub(super) fn origin(&self) -> Origin<'_> {
        match self.session {
            Some(_) => Origin::Client(self.from.as_ref()),
            None => Origin::Component,
        }
    }

    /// The 'from' with which it goes on: what a client says of itself does not count.
    pub(super) fn stamp(&self) -> JidRef<'_> {
        match self.session {
            Some(_) => routing::stamp(self.kind, self.from.as_ref()),
            None => self.from.as_ref(),
        }
    }

    /// Sends something back to where the stanza came from. What another domain cannot be
    /// told is lost, as the answer to a stanza on a stream that has ended.
    pub(super) fn reply(&self, stanza: &dyn WriteXml, out: &mut dyn Outbox) {
        match self.session {
            Some(session) => out.send(session, stanza),
            None => drop(out.route(self.from.domainpart(), stanza)),
        }
    }

    /// Passes it on to the entity of another domain that it is for (RFC 6120 §10.4).
    pub(super) fn pass_on(&self, out: &mut dyn Outbox) {
        let Some(to) = self.to.jid() else { return };
        let stanza = self.stanza.element();
        let forward = Forward { stanza, from: self.stamp().as_str(), to: to.as_str() };
        if let Err(error) = out.route(to.domainpart(), &forward) {
            self.refuse(error.condition(), out);
        }
    }

    /// Answers with a stanza error, if an error may answer the stanza.
    pub(super) fn refuse(&self, error: impl Into<StanzaError>, out: &mut dyn Outbox) {
        let Some(reply) = self.stanza.error_reply(error) else { return };
        self.reply(&reply.with_to(self.from.clone()), out);
    }

    /// Answers a stanza for a malformed address with the error for that. RFC 6120 §8.3.1:
    /// 'from' and 'to' are swapped, unless that "would force the sender of the error stanza to
    /// include a malformed JID"; the answer is then from the host's domain.
    pub(super) fn refuse_malformed(&self, domain: BareJid, out: &mut dyn Outbox) {
        let Some(reply) = self.stanza.error_reply(StanzaCondition::JidMalformed) else { return };
        self.reply(&reply.with_to(self.from.clone()).with_from(domain), out);
    }

    /// Answers an iq request with a result.
    pub(super) fn result(&self, payload: impl WriteXml, out: &mut dyn Outbox) {
        if let Some(reply) = self.stanza.result(payload) {
            self.reply(&reply.with_to(self.from.clone()), out);
        }
    }

    /// Answers an iq request with a result that says no more.
    pub(super) fn empty_result(&self, out: &mut dyn Outbox) {
        if let Some(reply) = self.stanza.empty_result() {
            self.reply(&reply.with_to(self.from.clone()), out);
        }
    }
}
