//! The engine: one end of one connection, from the first byte to the last,
//! without a socket, a clock or TLS.

pub(crate) mod core;
mod due;
pub(crate) mod gate;
mod iq;
pub(crate) mod machine;
mod management;
mod see_other;
mod send;
pub(crate) mod sent;
pub(crate) mod timers;

use ::core::fmt;
use alloc::{boxed::Box, string::String};

use xmpp_jid::{DomainpartRef, FullJid};
use xmpp_stanza::{StreamCondition, StreamError};
use xmpp_xml::{Framing, RecvBuffer, SendBuffer};

pub use self::management::Counters;

use self::core::{Core, TransportEnd};
use self::machine::{Lend, Outcome};
use crate::error::{Error, Misuse, PeerMisbehaved, SendError};
use crate::event::{Event, Received};
use crate::negotiation::sm;
use crate::role::Role;
use crate::time::{Deadline, Instant, TimerReason};
use crate::tls::{TlsError, TlsFacts};

/// One end of an XMPP connection: the sans-IO engine.
///
/// The caller owns the buffers, the socket, the clock and TLS. Bytes received
/// go into a [`RecvBuffer`]; bytes to be sent are in a [`SendBuffer`] when a call
/// returns. The loop around it:
///
/// 1. [`poll_event`](Self::poll_event) until it says `None`;
/// 2. if `tx` is not empty, send from it and begin again;
/// 3. if [`phase`](Self::phase) is [`Phase::Closed`], close the transport;
/// 4. else read into `rx`, at most until [`poll_timeout`](Self::poll_timeout), and
///    begin again.
///
/// A driver that writes `?` behind each call loses nothing: an error is returned
/// only once everything that was received has been given out and everything that the
/// peer is owed has been taken from `tx`. [`Client`](crate::Client) and
/// [`Server`](crate::Server) are the tier that owns buffers and TLS.
pub struct Connection<R: Role> {
    pub(crate) core: Core,
    pub(crate) state: R::State,
    /// An event that goes out before anything else is read.
    pub(crate) queued: Option<Box<Event<'static, R>>>,
}

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Headers, TLS, authentication, binding.
    Negotiating,
    /// Stanzas flow.
    Established,
    /// Our closing tag is sent; the peer's is not here yet.
    Closing,
    /// Over. What is left in `tx` is still to be sent, then the transport closed;
    /// [`poll_timeout`](Connection::poll_timeout) says until when.
    Closed,
}

/// What [`Connection::advance`] has to tell.
pub(crate) enum Told<R: Role> {
    Event(Box<Event<'static, R>>),
    /// The item that the receive buffer gave out last.
    Lend(Lend),
}

impl<R: Role> Told<R> {
    /// The item was looked at with a borrow that has ended; now it is lent for as
    /// long as the caller likes.
    pub(crate) fn lend(self, rx: &RecvBuffer) -> Option<Event<'_, R>> {
        let lend = match self {
            Self::Event(event) => return Some(event.shorten()),
            Self::Lend(lend) => lend,
        };
        let received = Received::borrowed(rx.element()?);
        Some(match lend {
            Lend::Header => Event::HeaderReceived(received),
            Lend::Role => R::lend(received),
            Lend::Stanza => Event::Stanza(received),
            Lend::Answer(request) => Event::Answered { request, answer: received },
            Lend::Nonza => Event::Nonza(received),
        })
    }
}

impl<R: Role> Connection<R> {
    pub(crate) const fn new(core: Core, state: R::State) -> Self {
        Self { core, state, queued: None }
    }

    /// Reads on until there is something to tell. `None`: all of `rx` has been
    /// looked at; send what is in `tx`, then come back with bytes, a deadline or
    /// an answer.
    ///
    /// The event borrows from `rx` alone: while it lives, the connection and
    /// `tx` are free for answers. Its bytes leave `rx` at the next call. A
    /// deadline that has come takes effect here too. The work of a call is
    /// bounded by one item and what has come in since the last call.
    ///
    /// # Errors
    ///
    /// What ended the connection, after [`Event::Closed`] has told it and once
    /// `tx` is empty (or the time for that is over); the same again from then on.
    pub fn poll_event<'b>(
        &mut self,
        now: Instant,
        rx: &'b mut RecvBuffer,
        tx: &mut SendBuffer,
    ) -> Result<Option<Event<'b, R>>, Error> {
        match self.advance(now, rx, tx) {
            Some(told) => Ok(told.lend(rx)),
            None => {
                let settled = tx.is_empty() || self.is_over();
                self.error().filter(|_| settled).cloned().map_or(Ok(None), Err)
            }
        }
    }

    /// Reads on until there is something to tell.
    pub(crate) fn advance(
        &mut self,
        now: Instant,
        rx: &mut RecvBuffer,
        tx: &mut SendBuffer,
    ) -> Option<Told<R>> {
        self.core.timers.advance(now);
        if ::core::mem::replace(&mut self.core.seen, rx.received()) != rx.received() {
            self.core.timers.received();
        }
        self.settle_request(tx);
        loop {
            if let Some(event) = self.queued.take() {
                return Some(Told::Event(event));
            }
            if let Some(ending) = &mut self.core.ending {
                if !::core::mem::replace(&mut ending.told, true) {
                    let error = ending.error.clone();
                    return Some(Told::Event(Box::new(Event::Closed { error })));
                }
                self.take_due(tx);
                return None;
            }
            let stands = matches!(self.core.phase, Phase::Negotiating | Phase::Established);
            if ::core::mem::take(&mut self.core.has_more) && stands {
                match R::go_on(&mut self.core, &mut self.state, tx) {
                    Ok(Some(event)) => return Some(Told::Event(Box::new(event))),
                    Ok(None) => {}
                    Err(error) => {
                        self.fail(error, tx);
                        continue;
                    }
                }
            }
            if self.reads() {
                match self.step(rx, tx) {
                    Ok(Some(Outcome { lend, then })) => {
                        self.queued = then;
                        match lend {
                            Some(lend) => return Some(Told::Lend(lend)),
                            None => continue,
                        }
                    }
                    // Nothing is owed before stanzas flow, nor behind our closing tag.
                    Ok(None) => sm::answer(&mut self.core, tx),
                    Err(error) => {
                        self.fail(error, tx);
                        continue;
                    }
                }
            }
            // Nothing to read: either the transport has ended, or time goes on.
            if let Some(end) = self.core.transport_end.clone() {
                self.end_of_transport(end);
            } else if !self.take_due(tx) {
                return None;
            }
        }
    }

    /// What has come due by `now`: sends a keepalive, or ends the connection,
    /// which the next [`poll_event`](Self::poll_event) tells. Does nothing if
    /// nothing is due, so calling it too early or twice is harmless.
    pub fn handle_timeout(&mut self, now: Instant, tx: &mut SendBuffer) {
        self.core.timers.advance(now);
        self.take_due(tx);
    }

    /// The transport has ended: no byte will come any more. What it brought is
    /// still given out, then the end is told. It is an error
    /// ([`Error::UncleanEof`]) if the peer had not closed its stream and neither
    /// had we: what it meant to send after that is lost, perhaps by somebody's will.
    pub fn handle_eof(&mut self, now: Instant) {
        self.core.timers.advance(now);
        self.core.transport_end.get_or_insert(TransportEnd::Eof);
    }

    /// TLS below the stream has failed. What came before that is still given
    /// out, then the end is told. The peer hears of it by TLS's own alert.
    pub fn handle_tls_error(&mut self, now: Instant, error: TlsError) {
        self.core.timers.advance(now);
        let end = || TransportEnd::Failed(Box::new(Error::Tls(error)));
        self.core.transport_end.get_or_insert_with(end);
    }

    /// When to call [`handle_timeout`](Self::handle_timeout), and what for.
    /// Changes with every other call; ask after each. There always is a deadline
    /// while negotiating and from the closing tag until the end; between the two
    /// [`Timeouts`](crate::config::Timeouts) say.
    pub fn poll_timeout(&self) -> Option<Deadline> {
        self.core.next_deadline()
    }

    /// The TLS handshake that [`Event::StartTls`] asked for is through, or that
    /// of a transport which begins with TLS. `rx` has to be empty: bytes that are
    /// in it came in the clear, put there by somebody who wants them to be taken
    /// for protected ones; they end the connection.
    ///
    /// # Errors
    ///
    /// [`Misuse::TlsNotPending`] if no handshake was due.
    pub fn tls_established(
        &mut self,
        now: Instant,
        facts: TlsFacts<'_>,
        rx: &mut RecvBuffer,
        tx: &mut SendBuffer,
    ) -> Result<(), Misuse> {
        self.core.timers.advance(now);
        if !self.is_answerable().map_err(|_| Misuse::TlsNotPending)? {
            return Ok(());
        }
        if !R::wants_tls(&self.state) {
            return Err(Misuse::TlsNotPending);
        }
        // Below a WebSocket, TLS speaks of HTTP.
        let wrong_alpn =
            tx.framing() == Framing::Stream && facts.alpn.is_some() && facts.alpn != R::ALPN;
        let unread = self.unread(rx);
        // Nothing of what came in the clear counts under TLS, not even white space that
        // is tolerated.
        rx.clear();
        if unread > 0 {
            // Not told: it would be told to whoever put the bytes there.
            self.core.end(Some(PeerMisbehaved::DataAroundStartTls.into()));
            return Ok(());
        }
        self.core.is_tls = true;
        R::tls_established(&mut self.core, &mut self.state, facts, tx);
        if wrong_alpn {
            self.fail(PeerMisbehaved::WrongAlpn.into(), tx);
        }
        Ok(())
    }

    /// Closes our stream: writes the stream error, if there is one, and the
    /// closing tag. Without an error, what the peer has sent until it closes its
    /// own stream is still given out (RFC 6120 section 4.4). How it ends is told
    /// by [`Event::Closed`].
    pub fn close(&mut self, now: Instant, why: Option<StreamError>, tx: &mut SendBuffer) {
        self.core.timers.advance(now);
        if matches!(self.core.phase, Phase::Closing | Phase::Closed) {
            return;
        }
        self.settle_request(tx);
        // Nothing that was about to be told of the negotiation is of use now.
        if self.core.phase == Phase::Negotiating {
            self.queued = None;
        }
        if let Some(error) = why {
            self.fail(Error::Closed(error), tx);
        } else if !R::can_tell(&self.state) || !self.core.header_sent {
            // No stream of ours stands that could be closed.
            self.core.end(None);
        } else {
            sm::last_answer(&mut self.core, tx);
            self.core.write_end(None, tx);
            self.core.phase = Phase::Closing;
            self.core.timers.ending(TimerReason::CloseHandshake);
        }
    }

    /// Closes the stream with `reset` at that moment, if it lasts so long: for what has
    /// proved who the peer is and ends then, such as a certificate
    /// ([`Proved::valid_until`](crate::certificate::Proved::valid_until); RFC 6120 section
    /// 13.7.2.3). Of several moments the earliest counts.
    pub fn expire_at(&mut self, at: Instant) {
        self.core.timers.expire_at(at);
    }

    /// How far the connection is.
    pub fn phase(&self) -> Phase {
        self.core.phase
    }

    /// The client's address, once bound.
    pub fn bound(&self) -> Option<&FullJid> {
        R::bound(&self.state)
    }

    /// An id for a stanza, from the seed of this connection: 128 bits that
    /// nobody can guess.
    pub fn new_id(&mut self) -> String {
        self.core.random_id()
    }

    /// Gives memory back that nothing needs.
    pub(crate) fn release(&mut self) {
        self.core.management.release();
    }

    /// Whether the peer has nothing more to say: it has closed its stream, or
    /// its transport has ended.
    pub(crate) fn peer_is_done(&self) -> bool {
        self.core.peer_closed
    }

    /// Whether the peer's closing stream tag has come (RFC 6120 section 4.4). An
    /// entity that closed its stream first knows by it that the peer has taken all
    /// that was sent before; a transport that ends, or a wait that is over, says
    /// nothing of the kind.
    pub const fn peer_closed_stream(&self) -> bool {
        self.core.peer_said_so
    }

    /// Whether it has been told that its transport has ended.
    pub(crate) const fn has_transport_end(&self) -> bool {
        self.core.transport_end.is_some()
    }

    /// Who TLS is to be for, as far as it is known.
    pub(crate) fn tls_host(&self) -> Option<DomainpartRef<'_>> {
        R::tls_host(&self.state)
    }

    /// Whether the time for what is left to be sent is over, too.
    pub(crate) fn is_over(&self) -> bool {
        self.core.timers.is_over()
    }

    /// Why it ended, if not in order.
    pub(crate) fn error(&self) -> Option<&Error> {
        self.core.ending.as_ref().and_then(|ending| ending.error.as_ref())
    }

    /// Whether the next item may be read: a query or a handshake that is under
    /// way is of no account any more once our stream is closed.
    fn reads(&self) -> bool {
        match self.core.phase {
            Phase::Negotiating => R::wants_input(&self.state),
            Phase::Established | Phase::Closing => true,
            Phase::Closed => false,
        }
    }

    fn sendable(&self) -> Result<(), SendError> {
        match self.core.phase {
            Phase::Established => Ok(()),
            Phase::Negotiating => Err(SendError::NotEstablished),
            Phase::Closing | Phase::Closed => Err(SendError::Closed),
        }
    }

    /// Whether an answer counts. One that comes after the stream has been closed
    /// is nobody's mistake, and of no account.
    pub(crate) fn is_answerable(&self) -> Result<bool, Misuse> {
        match self.core.phase {
            Phase::Negotiating => Ok(true),
            Phase::Established => Err(Misuse::StaleQuery),
            Phase::Closing | Phase::Closed => Ok(false),
        }
    }

    /// Takes in what an answer led to.
    pub(crate) fn settle(&mut self, outcome: Result<Outcome<R>, Error>, tx: &mut SendBuffer) {
        match outcome {
            Ok(outcome) => self.queued = outcome.then,
            Err(error) => self.fail(error, tx),
        }
    }

    /// Ends the connection, and writes what the peer is owed.
    pub(crate) fn fail(&mut self, error: Error, tx: &mut SendBuffer) {
        // XEP-0198 section 7: a stream that was closed is not resumed. Whoever is gone may
        // come back, and the session with it.
        let may_go_on =
            matches!(error, Error::TimedOut(TimerReason::Idle | TimerReason::Acknowledgement))
                && self.core.management.is_resumable();
        if R::can_tell(&self.state) && !self.core.close_sent && !may_go_on {
            let owed = error.stream_error();
            if !self.core.header_sent && owed.is_some() {
                R::write_header(&mut self.core, &self.state, tx);
            }
            if self.core.header_sent {
                if matches!(&error, Error::Closed(error) if is_planned(error)) {
                    sm::last_answer(&mut self.core, tx);
                }
                self.core.write_end(owed.as_ref(), tx);
            }
        }
        self.core.end(Some(error));
    }
}

/// Whether a stream ends with that for reasons of our own, so that the peer learns what was
/// handled. An end that a stanza may have brought about acknowledges none: what was refused
/// is handed back to its sender.
const fn is_planned(error: &StreamError) -> bool {
    matches!(
        error.condition,
        StreamCondition::SystemShutdown | StreamCondition::Reset | StreamCondition::SeeOtherHost
    )
}

/// For models that go on from one state in several ways.
#[cfg(test)]
impl<R: Role> Clone for Connection<R>
where
    R::State: Clone,
{
    fn clone(&self) -> Self {
        assert!(self.queued.is_none(), "an event that is not told yet");
        Self { core: self.core.clone(), state: self.state.clone(), queued: None }
    }
}

impl<R: Role> fmt::Debug for Connection<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("phase", &self.core.phase)
            .field("error", &self.error())
            .finish_non_exhaustive()
    }
}
