//! Iq stanzas as far as the engine deals with them: the answers to our own
//! requests, the requests that nobody here answers, and pings.

use alloc::boxed::Box;
use alloc::string::String;
use core::mem;
use core::time::Duration;

use xmpp_jid::Jid;
use xmpp_stanza::ping::Ping;
use xmpp_stanza::{Address, Iq, StanzaCondition, StanzaError, StanzaRef};
use xmpp_xml::{ElementRef, SendBuffer, WriteXml, Writer};

use super::machine::{Lend, Outcome};
use super::sent::SentTag;
use super::{Connection, Phase};
use crate::config::UnansweredRequests;
use crate::error::SendError;
use crate::event::Event;
use crate::negotiation::sm;
use crate::requests::{RequestId, Requests};
use crate::role::Role;
use crate::time::Instant;

/// What a connection remembers of iq stanzas. Small, and nothing on the heap until
/// there are some.
#[derive(Default)]
#[cfg_attr(test, derive(Clone))]
pub(super) struct Iqs {
    /// Whether requests that nobody answers are answered here.
    refuses: bool,
    /// Whether `open` is of a request that is neither answered nor claimed.
    is_open: bool,
    seldom: Option<Box<Seldom>>,
}

#[derive(Default)]
#[cfg_attr(test, derive(Clone))]
struct Seldom {
    requests: Requests,
    open: Open,
    ping: Option<Probe>,
}

/// The request that was given out last: its bytes leave the receive buffer before it
/// is known whether it is answered.
#[derive(Default)]
#[cfg_attr(test, derive(Clone))]
struct Open {
    id: String,
    from: Option<String>,
    to: Option<String>,
}

/// A ping of ours.
#[cfg_attr(test, derive(Clone))]
struct Probe {
    id: String,
    to: Option<Jid>,
}

/// More memory than this is not kept for the next request.
const KEPT_BYTES: usize = 1024;

impl Iqs {
    pub(super) fn set_unanswered(&mut self, policy: UnansweredRequests) {
        self.refuses = policy == UnansweredRequests::Refuse;
    }

    /// When a request of ours has waited long enough.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.seldom.as_ref()?.requests.next_deadline()
    }

    /// The next request of ours that has.
    pub(super) fn due(&mut self, now: Instant) -> Option<RequestId> {
        self.seldom.as_mut()?.requests.due(now)
    }

    /// Whether that has just been written answers the request that is open.
    pub(super) fn is_answer(&self, tag: SentTag<'_>) -> bool {
        self.is_open && self.seldom.as_ref().is_some_and(|seldom| seldom.open.is_answered_by(tag))
    }

    /// The request that was open is answered, or will be.
    pub(super) const fn claim(&mut self) -> bool {
        mem::replace(&mut self.is_open, false)
    }

    fn open(&mut self, stanza: StanzaRef<'_>) {
        let open = &mut self.seldom.get_or_insert_default().open;
        open.id.clear();
        open.id.push_str(&stanza.id().unwrap_or_default());
        open.from = stanza.element().attr("from").map(Into::into);
        open.to = stanza.element().attr("to").map(Into::into);
        self.is_open = true;
    }
}

impl Open {
    fn is_answered_by(&self, tag: SentTag<'_>) -> bool {
        if !tag.is_iq_response() || !tag.has_value(b"id", &self.id) {
            return false;
        }
        match (&self.from, tag.value(b"to")) {
            (None, None) => true,
            // From one's own account, or the server (`6120-8.1.2.1-04`).
            (None, Some(_)) => true,
            (Some(from), Some(to)) => {
                *from == to || matches!((Jid::new(from), Jid::new(&to)), (Ok(a), Ok(b)) if a == b)
            }
            (Some(_), None) => false,
        }
    }
}

/// The answer to a request that the application leaves alone (`6120-8.4-12`).
impl WriteXml for Open {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(w.content(), "iq");
        w.attr_opt("from", self.to.as_deref());
        w.attr_opt("to", self.from.as_deref());
        w.attr("id", &self.id);
        w.attr("type", "error");
        w.write(&StanzaError::new(StanzaCondition::ServiceUnavailable));
        w.end();
    }
}

impl<R: Role> Connection<R> {
    /// Sends an iq request, with an `id` of the connection's making. It is answered by
    /// [`Event::Answered`](crate::Event::Answered), once, or after `timeout` by
    /// [`Event::Unanswered`](crate::Event::Unanswered);
    /// [`Event::Closed`](crate::Event::Closed) ends all that wait.
    ///
    /// An iq counts as the answer only if both its `id` and its `from` are right
    /// ([`Asker::accepts`](crate::requests::Asker::accepts)). On a server's end of a
    /// client's stream, the request is from the server to the client unless it says
    /// otherwise.
    ///
    /// # Errors
    ///
    /// [`SendError::NotARequest`] if it is a result or an error;
    /// [`SendError::TooManyRequests`] if
    /// [as many](crate::config::StreamLimits::requests) wait as may; else as
    /// [`send`](Self::send).
    pub fn request<P: WriteXml>(
        &mut self,
        now: Instant,
        mut iq: Iq<P>,
        timeout: Duration,
        tx: &mut SendBuffer,
    ) -> Result<RequestId, SendError> {
        self.core.timers.advance(now);
        self.sendable()?;
        if !iq.iq_type().is_request() {
            return Err(SendError::NotARequest);
        }
        R::address(&self.state, &mut iq.from, &mut iq.to);
        let to = match &iq.to {
            Address::Absent => None,
            Address::Jid(to) => Some(to.clone()),
            Address::Malformed(_) => return Err(SendError::Address),
        };
        let max = R::max_requests(&self.state);
        if self.core.iqs.seldom.as_ref().map_or(0, |seldom| seldom.requests.len()) >= max {
            return Err(SendError::TooManyRequests { max });
        }
        iq.id = self.core.random_id();
        self.send(&iq, tx)?;
        let deadline = self.core.timers.now().saturating_add(timeout);
        let requests = &mut self.core.iqs.seldom.get_or_insert_default().requests;
        requests.set_max(max);
        requests.sent(iq.id, to, deadline).map_err(|_| SendError::TooManyRequests { max })
    }

    /// Does not wait for the answer to a request any longer: what may still come is a
    /// stanza as others. Says whether it waited.
    pub fn give_up(&mut self, request: RequestId) -> bool {
        self.core.iqs.seldom.as_mut().is_some_and(|seldom| seldom.requests.give_up(request))
    }

    /// The request that was given out last will be answered by the application, later.
    /// Otherwise the connection answers it itself when it is polled again, if
    /// [`UnansweredRequests`] says so. Says whether there was one.
    pub const fn claim(&mut self) -> bool {
        self.core.iqs.claim()
    }

    /// The requests that wait for an answer. For a stream that is resumed on another
    /// connection, where the answers will come: [`adopt_requests`](Self::adopt_requests).
    pub fn take_requests(&mut self) -> Requests {
        self.core
            .iqs
            .seldom
            .as_mut()
            .map(|seldom| mem::take(&mut seldom.requests))
            .unwrap_or_default()
    }

    /// Waits for the answers to requests that another connection has sent on the stream
    /// which this one has resumed. Their deadlines count from the same origin of time.
    /// Requests that this one has sent before are forgotten.
    pub fn adopt_requests(&mut self, requests: Requests) {
        self.core.iqs.seldom.get_or_insert_default().requests = requests;
    }

    /// What becomes of a stanza: what the engine deals with itself is consumed.
    pub(super) fn take_stanza(
        &mut self,
        element: ElementRef<'_>,
        tx: &mut SendBuffer,
    ) -> Outcome<R> {
        const LENT: Lend = Lend::Stanza;
        if element.name() != "iq" {
            return Outcome::lend(LENT);
        }
        let Some(stanza) = StanzaRef::new(element) else { return Outcome::lend(LENT) };
        if stanza.is_response() {
            return self.take_answer(stanza);
        }
        if !self.core.iqs.refuses || self.core.phase != Phase::Established {
            return Outcome::lend(LENT);
        }
        // 6120-8.2.3-01 to -03, 6120-8.2.3-07
        let fits =
            stanza.is_request() && stanza.id().is_some() && element.children().take(2).count() == 1;
        if fits {
            self.core.iqs.open(stanza);
            return Outcome::lend(LENT);
        }
        if let Some(error) = stanza.error_reply(StanzaCondition::BadRequest) {
            // What cannot be sent cannot be told.
            let _ = self.send(&error, tx);
        }
        Outcome::CONSUMED
    }

    fn take_answer(&mut self, stanza: StanzaRef<'_>) -> Outcome<R> {
        let lent = Outcome::lend(Lend::Stanza);
        let Some(seldom) = &mut self.core.iqs.seldom else { return lent };
        let asker = R::asker(&self.state);
        let is_pong = |probe: &mut Probe| {
            stanza.id().as_deref() == Some(&*probe.id)
                && asker.accepts(probe.to.as_ref(), &stanza.from())
        };
        if seldom.ping.take_if(is_pong).is_some() {
            return Outcome::CONSUMED;
        }
        let answered = seldom.requests.answered(stanza, asker);
        answered.map_or(lent, |request| Outcome::lend(Lend::Answer(request)))
    }

    /// Answers the request that was given out last, if nobody has and nobody will
    /// (`6120-8.2.3-04`).
    pub(super) fn settle_request(&mut self, tx: &mut SendBuffer) {
        if !self.core.iqs.claim() {
            return;
        }
        let Some(seldom) = &mut self.core.iqs.seldom else { return };
        let mut open = mem::take(&mut seldom.open);
        if self.core.phase == Phase::Established {
            // What cannot be sent cannot be told.
            let _ = self.send(&open, tx);
        }
        open.id.clear();
        open.id.shrink_to(KEPT_BYTES);
        if let Some(seldom) = &mut self.core.iqs.seldom {
            seldom.open = Open { id: open.id, from: None, to: None };
        }
    }

    /// A request of ours has waited long enough. Says whether there is something to tell.
    pub(super) fn request_due(&mut self) -> bool {
        // What is told next goes first; the other waits for the next call.
        if self.queued.is_none()
            && let Some(request) = self.core.iqs.due(self.core.timers.now())
        {
            self.queued = Some(Box::new(Event::Unanswered { request }));
        }
        self.queued.is_some()
    }

    /// Asks the peer whether it is there (XEP-0198, or else XEP-0199), in a role that
    /// has whom to ask.
    pub(super) fn ping(&mut self, tx: &mut SendBuffer) {
        if sm::probe(&mut self.core, tx) {
            return self.core.timers.pinged(true);
        }
        let probe = R::probe(&self.state);
        self.core.timers.pinged(probe.is_some());
        let Some((from, to)) = probe else { return };
        let id = self.core.random_id();
        let ping = Iq::get(&*id, Ping).with_from(from).with_to(to);
        let to = ping.to.jid().cloned();
        if self.send(&ping, tx).is_ok() {
            self.core.iqs.seldom.get_or_insert_default().ping = Some(Probe { id, to });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_known_by_its_id_and_its_addressee() {
        let open = Open { id: "a&'1".into(), from: Some("Romeo@example.net/x".into()), to: None };
        for (written, answers) in [
            ("<iq to='romeo@example.net/x' id='a&amp;&apos;1' type='result'/>", true),
            ("<iq to='Romeo@example.net/x' id=\"a&#x26;'1\" type='error'>", true),
            ("<iq to='romeo@example.net' id='a&amp;&apos;1' type='result'/>", false),
            ("<iq id='a&amp;&apos;1' type='result'/>", false),
            ("<iq to='romeo@example.net/x' id='a' type='result'/>", false),
            ("<iq to='romeo@example.net/x' id='a&amp;&apos;1' type='get'/>", false),
            ("<message to='romeo@example.net/x' id='a&amp;&apos;1' type='error'/>", false),
        ] {
            assert_eq!(open.is_answered_by(SentTag::of(written.as_bytes())), answers, "{written}");
        }
        let own = Open { from: None, ..open };
        let written = b"<iq id='a&amp;&apos;1' type='result'/>";
        assert!(own.is_answered_by(SentTag::of(written)));
    }
}
