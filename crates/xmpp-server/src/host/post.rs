//! What one half has for the other, and the way out to other domains.
//!
//! The outbound half of one account and the inbound half of another meet here alone, and in
//! nothing but stanzas. What an account of this domain is to get waits in a queue until the
//! half that said it has done its own part, as it would on the stream to another server; so
//! the order is the same, and no half runs inside another one.
//!
//! Messages, requests, broadcasts and directed presence need not wait. For those who send
//! them they are the last that happens, and nothing comes back for them that would change an
//! account: the inbound half gets them at once, borrowed.
//!
//! The queue runs dry. A probe is answered with presence, a subscription stanza by at most
//! one other and presence, and none of these answers is answered.

use alloc::vec::Vec;

use xmpp_im::routing::Kind;
use xmpp_jid::{Jid, JidRef};
use xmpp_stanza::{PresenceType, StanzaError, StanzaRef};
use xmpp_xml::{Element, ElementRef, WriteXml, Writer, ns};

use super::Host;
use super::passed::{Forward, Passed};
use crate::outbox::{DomainPair, Outbox, RouteError};
use crate::time::UnixTime;

/// A stanza for an account of the host.
#[derive(Clone)]
pub(super) struct Posted {
    from: Jid,
    to: Jid,
    stanza: Element,
}

impl Host {
    /// Sends a stanza to an account, here or elsewhere. Here it waits for its turn.
    pub(super) fn post(
        &mut self,
        from: &Jid,
        to: &Jid,
        stanza: ElementRef<'_>,
        out: &mut dyn Outbox,
    ) -> Result<(), RouteError> {
        if self.is_local(to.as_ref()) {
            let stanza = stanza.into_shared();
            self.posted.push_back(Posted { from: from.clone(), to: to.clone(), stanza });
            return Ok(());
        }
        let domains = DomainPair { from: from.domainpart(), to: to.domainpart() };
        out.route(domains, &Forward { stanza, from: from.as_str(), to: to.as_str() })
    }

    /// Sends stanzas that nobody waits for an answer to; nobody is told if one is lost.
    pub(super) fn post_all(
        &mut self,
        stanzas: impl IntoIterator<Item = (Jid, Jid, Element)>,
        out: &mut dyn Outbox,
    ) {
        for (from, to, stanza) in stanzas {
            let _ = self.post(&from, &to, stanza.as_ref(), out);
        }
    }

    /// Hands everything that waits to the inbound halves, and what they answer with.
    pub(super) fn hand_over(&mut self, now: UnixTime, out: &mut dyn Outbox) {
        while let Some(Posted { from, to, stanza }) = self.posted.pop_front() {
            if let Some(stanza) = StanzaRef::new(stanza.as_ref()) {
                let (kind, to) = (Kind::of(stanza), to.as_ref());
                self.arrive(&Passed { now, session: None, from: &from, to, kind, stanza }, out);
            }
        }
    }

    /// Sends a stanza on to wherever it is for, at once. The sender is told if it cannot be.
    pub(super) fn pass(
        &mut self,
        passed: &Passed<'_>,
        out: &mut dyn Outbox,
    ) -> Result<(), RouteError> {
        if self.is_local(passed.to) {
            self.arrive(passed, out);
            return Ok(());
        }
        out.route(passed.domains(), passed)
    }

    /// Sends an answer back to where the stanza came from. What another domain cannot be told
    /// is lost, and so is what is for a session that has ended.
    pub(super) fn answer(
        &mut self,
        passed: &Passed<'_>,
        answer: &dyn WriteXml,
        out: &mut dyn Outbox,
    ) {
        let (from, to): (&Jid, JidRef<'_>) = (passed.from, passed.to);
        if let Some(session) = passed.session {
            out.send(session, answer);
        } else if !self.is_local(from.as_ref()) {
            let domains = DomainPair { from: to.domainpart(), to: from.domainpart() };
            let _ = out.route(domains, answer);
        } else if from.is_bare() {
            // To a subscription stanza, which changes what its sender's account holds.
            if let Some(stanza) = written(answer) {
                let (from, to) = (to.into_owned(), from.clone());
                self.posted.push_back(Posted { from, to, stanza });
            }
        } else if let Some(id) = self.session_at(from.as_ref()) {
            // §8.5.3: an error or a result for a resource that is there.
            out.send(id, answer);
        }
    }

    /// Answers with a stanza error, if an error may answer the stanza.
    pub(super) fn refuse(
        &mut self,
        passed: &Passed<'_>,
        error: impl Into<StanzaError>,
        out: &mut dyn Outbox,
    ) {
        let Some(reply) = passed.stanza.error_reply(error) else { return };
        let mut reply = reply.with_to(passed.from.clone());
        if passed.stanza.to().jid().is_some_and(|to| to != passed.to) {
            // It was for a resource, and counts for the account.
            reply = reply.with_from(passed.to.into_owned());
        }
        self.answer(passed, &reply, out);
    }
}

/// What was written, to be read again.
fn written(stanza: &dyn WriteXml) -> Option<Element> {
    let mut bytes = Vec::from(*b"<stream xmlns='jabber:client'>");
    let mut writer = Writer::in_stream(&mut bytes, ns::CLIENT);
    stanza.write_xml(&mut writer);
    writer.finish().ok()?;
    bytes.extend_from_slice(b"</stream>");
    let stream = Element::parse(&bytes).ok()?;
    stream.children().next().map(ElementRef::into_shared)
}

/// A presence that the host makes on behalf of an account. It is made of checked parts:
/// `None` does not happen.
pub(super) fn presence(
    kind: PresenceType,
    from: JidRef<'_>,
    to: JidRef<'_>,
    id: Option<&str>,
) -> Option<Element> {
    let kind = Some(kind.as_str()).filter(|_| kind != PresenceType::Available);
    Element::builder(ns::CLIENT, "presence")
        .attr("from", from.as_str())
        .attr("to", to.as_str())
        .attr_opt("id", id)
        .attr_opt("type", kind)
        .build()
        .ok()
}
