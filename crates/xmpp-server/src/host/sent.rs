//! A stanza that a client of the host sent, as far as the host reads it.

use xmpp_im::routing::{self, Kind};
use xmpp_jid::{BareJid, Jid, JidRef};
use xmpp_stanza::{AddressRef, StanzaCondition, StanzaError, StanzaRef};
use xmpp_xml::WriteXml;

use super::passed::Passed;
use crate::outbox::{Outbox, SessionId};
use crate::time::UnixTime;

/// A stanza from a session.
pub(super) struct Sent<'a> {
    pub(super) now: UnixTime,
    pub(super) session: SessionId,
    /// The sender as the host knows it; what the stanza says of it does not count.
    pub(super) from: Jid,
    pub(super) stanza: StanzaRef<'a>,
    pub(super) kind: Kind,
    pub(super) to: AddressRef<'a>,
}

impl<'a> Sent<'a> {
    pub(super) fn new(now: UnixTime, session: SessionId, from: Jid, stanza: StanzaRef<'a>) -> Self {
        Self { now, session, from, stanza, kind: Kind::of(stanza), to: stanza.to() }
    }

    /// This stanza on its way to `to`, from the full JID. Subscription stanzas, which are from
    /// the bare one (RFC 6120 §8.1.2.1), go another way.
    pub(super) fn pass<'s>(&'s self, to: JidRef<'s>) -> Passed<'s> {
        debug_assert_eq!(routing::stamp(self.kind, self.from.as_ref()), self.from.as_ref());
        let Self { now, kind, stanza, .. } = *self;
        Passed { now, session: Some(self.session), from: &self.from, to, kind, stanza }
    }

    /// Sends something back to the session.
    pub(super) fn reply(&self, stanza: &dyn WriteXml, out: &mut dyn Outbox) {
        out.send(self.session, stanza);
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
