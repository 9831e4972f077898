//! The engine: one end of one connection, from the first byte to the last,
//! without a socket, a clock or TLS.

pub(crate) mod client;
mod core;
pub(crate) mod machine;
pub(crate) mod server;
mod timers;

use ::core::fmt;
use alloc::{string::String, vec::Vec};

use xmpp_jid::FullJid;
use xmpp_stanza::{StreamCondition, StreamError, StreamHeader, Version};
use xmpp_xml::{ElementRef, Item, RecvBuffer, WriteXml, Writer, ns};

use self::core::Core;
use self::machine::{Lend, Outcome};
use crate::error::{Error, Misuse, PeerMisbehaved, SendError};
use crate::event::{Event, Received};
use crate::role::Role;
use crate::time::{Deadline, Instant, TimerReason};
use crate::tls::TlsFacts;

/// One end of an XMPP connection: the sans-IO engine.
///
/// The caller owns the buffers, the socket, the clock and TLS. Bytes received
/// go into a [`RecvBuffer`]; bytes to be sent are in `tx` when a call returns,
/// for the caller to send and clear. See the [crate's documentation](crate) for
/// the loop around it, and [`Client`](crate::Client) and
/// [`Server`](crate::Server) for the tier that owns buffers and TLS.
pub struct Connection<R: Role> {
    core: Core,
    state: R::State,
}

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Headers, TLS, SASL, binding.
    Negotiating,
    /// Stanzas flow.
    Established,
    /// Our closing tag is sent; the peer's is not here yet.
    Closing,
    /// Over. What is left in `tx` is still to be sent.
    Closed,
}

impl<R: Role> Connection<R> {
    /// Reads on until there is something to tell. `None`: all of `rx` has been
    /// looked at; come back with bytes, a deadline or an answer.
    ///
    /// The event borrows from `rx` alone: while it lives, the connection and
    /// `tx` are free for answers. Its bytes leave `rx` at the next call.
    ///
    /// # Errors
    ///
    /// What ends the connection; from then on every call returns it. The stream
    /// error that tells the peer is in `tx`.
    pub fn poll_event<'b>(
        &mut self,
        now: Instant,
        rx: &'b mut RecvBuffer,
        tx: &mut Vec<u8>,
    ) -> Result<Option<Event<'b>>, Error> {
        self.core.timers.advance(now);
        if ::core::mem::replace(&mut self.core.seen, rx.received()) != rx.received() {
            self.core.timers.received();
        }
        let lend = loop {
            if let Some(error) = &self.core.failed {
                return Err(error.clone());
            }
            if let Some(event) = self.core.queued.take() {
                return Ok(Some(event));
            }
            if self.core.phase == Phase::Closed || !R::wants_input(&self.state) {
                return Ok(None);
            }
            match self.step(rx, tx) {
                Ok(Some(Outcome::Consumed)) => {}
                Ok(Some(Outcome::Event(event))) => return Ok(Some(event)),
                Ok(Some(Outcome::Lend(lend))) => break lend,
                Ok(None) => return Ok(None),
                Err(error) => return Err(self.fail(error, tx)),
            }
        };
        // The item was looked at above with a borrow that ended there; now it is
        // lent for as long as the caller likes.
        let rx: &'b RecvBuffer = rx;
        let Some(element) = rx.element() else { return Ok(None) };
        let received = Received::borrowed(element);
        Ok(Some(match lend {
            Lend::Header => Event::HeaderReceived(received),
            Lend::Features => Event::FeaturesReceived(received),
            Lend::Stanza => Event::Stanza(received),
            Lend::Nonza => Event::Nonza(received),
        }))
    }

    fn step(&mut self, rx: &mut RecvBuffer, tx: &mut Vec<u8>) -> Result<Option<Outcome>, Error> {
        // What was read is given out by a borrow that has to end here, since the
        // caller's is to outlive this call; `rx` keeps it.
        let Some(item) = self.core.reader.poll(rx)? else { return Ok(None) };
        let header = matches!(item, Item::Header(_));
        let unread = rx.unread();
        let Some(element) = rx.element() else {
            self.core.write_end(None, tx);
            self.core.phase = Phase::Closed;
            self.core.timers.stop();
            return Ok(Some(Outcome::Event(Event::PeerClosed)));
        };
        let outcome = if header {
            let header = parse_header::<R>(element)?;
            R::handle_header(&mut self.core, &mut self.state, header, tx)?
        } else if element.is(ns::STREAM, "error") {
            return Err(match StreamError::parse(element) {
                Ok(error) => Error::StreamError(error),
                Err(invalid) => Error::Peer(PeerMisbehaved::Malformed(invalid)),
            });
        } else {
            R::handle_element(&mut self.core, &mut self.state, element, unread, tx)?
        };
        Ok(Some(outcome))
    }

    /// What has come due by `now`: sends a keepalive, or ends the connection. Does
    /// nothing if nothing is due, so calling it too early or twice is harmless.
    ///
    /// # Errors
    ///
    /// [`Error::TimedOut`] if the peer let a deadline pass. A peer that does not
    /// answer our closing tag is no error: the connection is then closed.
    pub fn handle_timeout(&mut self, now: Instant, tx: &mut Vec<u8>) -> Result<(), Error> {
        self.core.timers.advance(now);
        if let Some(error) = &self.core.failed {
            return Err(error.clone());
        }
        match self.core.timers.due() {
            None => Ok(()),
            Some(TimerReason::Keepalive) => {
                // RFC 6120 section 4.6.1: white space between first-level elements.
                tx.push(b' ');
                self.core.timers.sent();
                Ok(())
            }
            Some(TimerReason::CloseHandshake) => {
                self.core.phase = Phase::Closed;
                self.core.timers.stop();
                Ok(())
            }
            Some(reason) => Err(self.fail(Error::TimedOut(reason), tx)),
        }
    }

    /// The transport has ended: no byte will come any more.
    ///
    /// # Errors
    ///
    /// [`Error::UncleanEof`] if the peer had not closed its stream and neither
    /// had we: what it meant to send after that is lost, perhaps by somebody's will.
    pub fn handle_eof(&mut self, now: Instant) -> Result<(), Error> {
        self.core.timers.advance(now);
        if let Some(error) = &self.core.failed {
            return Err(error.clone());
        }
        let open = matches!(self.core.phase, Phase::Negotiating | Phase::Established);
        self.core.phase = Phase::Closed;
        self.core.timers.stop();
        if open {
            self.core.failed = Some(Error::UncleanEof);
            return Err(Error::UncleanEof);
        }
        Ok(())
    }

    /// When to call [`handle_timeout`](Self::handle_timeout), and what for.
    /// Changes with every other call; ask after each.
    pub fn poll_timeout(&self) -> Option<Deadline> {
        self.core.timers.next()
    }

    /// The TLS handshake that [`Event::StartTls`] asked for is through.
    ///
    /// # Errors
    ///
    /// [`Misuse::TlsNotPending`] if no such event came.
    pub fn tls_established(
        &mut self,
        now: Instant,
        facts: TlsFacts<'_>,
        tx: &mut Vec<u8>,
    ) -> Result<(), Error> {
        self.core.timers.advance(now);
        self.answerable()?;
        R::tls_established(&mut self.core, &mut self.state, facts, tx)
    }

    /// Appends a stanza (or a nonza) to `tx`.
    ///
    /// # Errors
    ///
    /// If it cannot be sent now, is no XML or is too large. `tx` is then as it was.
    pub fn send<S: WriteXml + ?Sized>(
        &mut self,
        stanza: &S,
        tx: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        self.sendable()?;
        let start = tx.len();
        let mut writer = Writer::in_stream(tx, R::CONTENT);
        writer.write(stanza);
        writer.finish().map_err(SendError::Xml)?;
        let limit = self.core.send_limit();
        if tx.len() - start > limit {
            tx.truncate(start);
            return Err(SendError::TooLarge { limit });
        }
        self.core.timers.sent();
        Ok(())
    }

    /// Appends a stanza that is serialised already, as a router has it: what a
    /// [`Writer::in_stream`] with this role's content namespace made.
    ///
    /// # Errors
    ///
    /// If it cannot be sent now or is too large. `tx` is then as it was.
    pub fn send_serialized(&mut self, stanza: &[u8], tx: &mut Vec<u8>) -> Result<(), SendError> {
        self.sendable()?;
        let limit = self.core.send_limit();
        if stanza.len() > limit {
            return Err(SendError::TooLarge { limit });
        }
        tx.extend_from_slice(stanza);
        self.core.timers.sent();
        Ok(())
    }

    /// Closes our stream: writes the stream error, if there is one, and the
    /// closing tag. What the peer has sent until it closes its own stream is
    /// still given out (RFC 6120 section 4.4), unless there was an error.
    pub fn close(&mut self, now: Instant, why: Option<StreamCondition>, tx: &mut Vec<u8>) {
        self.core.timers.advance(now);
        if matches!(self.core.phase, Phase::Closing | Phase::Closed) || self.core.failed.is_some() {
            return;
        }
        if let Some(condition) = why {
            let _ = self.fail(Error::Closed(condition), tx);
            return;
        }
        if !R::can_tell(&self.state) || !self.core.header_sent {
            // No stream of ours stands that could be closed.
            self.core.phase = Phase::Closed;
            self.core.timers.stop();
            return;
        }
        self.core.write_end(None, tx);
        self.core.phase = Phase::Closing;
        self.core.timers.closing();
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

    /// Something below the stream ended it; the peer cannot be told.
    pub(crate) fn transport_failed(&mut self, now: Instant, error: Error) -> Error {
        self.core.timers.advance(now);
        self.core.phase = Phase::Closed;
        self.core.timers.stop();
        self.core.failed.get_or_insert(error).clone()
    }

    fn sendable(&self) -> Result<(), SendError> {
        match self.core.phase {
            Phase::Established if self.core.failed.is_none() => Ok(()),
            Phase::Negotiating if self.core.failed.is_none() => Err(SendError::NotEstablished),
            _ => Err(SendError::Closed),
        }
    }

    /// Whether answers and TLS may still come.
    fn answerable(&self) -> Result<(), Error> {
        match &self.core.failed {
            Some(error) => Err(error.clone()),
            None if matches!(self.core.phase, Phase::Closing | Phase::Closed) => {
                Err(Misuse::StaleQuery.into())
            }
            None => Ok(()),
        }
    }

    /// Errors are sticky, and what the peer is owed is in `tx`.
    fn fail(&mut self, error: Error, tx: &mut Vec<u8>) -> Error {
        if R::can_tell(&self.state) && !self.core.close_sent {
            let condition = error.stream_condition();
            if !self.core.header_sent && condition.is_some() {
                R::write_header(&mut self.core, &self.state, tx);
            }
            if self.core.header_sent {
                self.core.write_end(condition, tx);
            }
        }
        self.core.phase = Phase::Closed;
        self.core.timers.stop();
        self.core.queued = None;
        self.core.failed = Some(error.clone());
        error
    }
}

/// RFC 6120 sections 4.7.5 and 4.8.
fn parse_header<R: Role>(element: ElementRef<'_>) -> Result<StreamHeader, PeerMisbehaved> {
    let header = StreamHeader::parse(element).map_err(PeerMisbehaved::Malformed)?;
    // 6120-4.8.2-03: no content namespace need be declared.
    if header.content.is_some() && !header.has_content(R::CONTENT) {
        return Err(PeerMisbehaved::WrongNamespace);
    }
    // A higher version than ours is answered with ours (6120-4.7.5-05).
    if header.effective_version() < Version::V1_0 {
        return Err(PeerMisbehaved::UnsupportedVersion);
    }
    Ok(header)
}

impl<R: Role> fmt::Debug for Connection<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("phase", &self.core.phase)
            .field("failed", &self.core.failed)
            .finish_non_exhaustive()
    }
}
