//! The packaged tier: a connection that owns its buffers and its TLS and shows
//! its driver nothing but the wire.

mod client;
mod component;
mod messages;
mod output;
mod peer;
mod requests;
mod server;
#[cfg(feature = "std")]
mod std_io;
mod wire;

use alloc::{boxed::Box, string::String, vec::Vec};
use core::fmt;
use core::time::Duration;

use xmpp_jid::FullJid;
use xmpp_stanza::StreamError;
use xmpp_xml::{ElementRef, RecvBuffer, SendBuffer, StreamContext, WriteXml};

use self::messages::Inlet;
pub use self::output::{Answer, Lent, Output};
use self::wire::Wire;
use crate::config::{StreamLimits, Timeouts};
use crate::connection::{Connection, Counters, Phase, Told};
use crate::error::{Error, SendError};
use crate::event::Event;
use crate::role::{
    ClientToServer, ComponentToServer, Role, ServerFromClient, ServerFromComponent,
    ServerFromServer, ServerToServer,
};
use crate::stream_management::{Resumption, Unacknowledged};
use crate::time::{Deadline, Instant, TimerReason};
use crate::tls::TlsFacts;

/// A client that owns its buffers and its TLS.
pub type Client = Endpoint<ClientToServer>;

/// A server's end of a client's connection that owns its buffers and its TLS.
pub type Server = Endpoint<ServerFromClient>;

/// A component (XEP-0114) that owns its buffers.
pub type Component = Endpoint<ComponentToServer>;

/// A server's end of a component's connection (XEP-0114) that owns its buffers.
pub type ComponentServer = Endpoint<ServerFromComponent>;

/// A server's end of a stream that it has opened to another server, with its buffers and
/// its TLS.
pub type OutboundPeer = Endpoint<ServerToServer>;

/// A server's end of a stream that another server has opened, with its buffers and its
/// TLS.
pub type InboundPeer = Endpoint<ServerFromServer>;

/// One end of a connection with its buffers and its TLS, seen from the wire.
///
/// [`poll`](Self::poll) says what to do next; the [crate's documentation](crate)
/// shows a whole driver. A driver that can wait for several things at once may
/// also read while [`Output::Transmit`] waits for room on the transport: whenever
/// [`recv_buf`](Self::recv_buf) has room.
pub struct Endpoint<R: Role> {
    connection: Connection<R>,
    rx: RecvBuffer,
    tx: SendBuffer,
    wire: Wire,
    inlet: Inlet,
    /// Reading stops while more than this waits to be sent, in bytes.
    backlog: usize,
    /// The transport has ended.
    eof: bool,
    /// Whether the driver has been told to end its own side.
    shut: bool,
    quiet: Quiet,
    tap: Option<Tap>,
}

/// When the buffers' memory is given back.
struct Quiet {
    after: Duration,
    /// Whether bytes have moved since the last poll.
    moved: bool,
    /// When they last did; `None` once the memory is given back.
    since: Option<Instant>,
}

type Look = Box<dyn FnMut(&[u8]) + Send>;

/// Looks at what is sent, as XML in the clear.
struct Tap {
    look: Look,
    /// How many of the unsent bytes it has seen.
    seen: usize,
}

impl<R: Role> Endpoint<R> {
    fn new(
        connection: Connection<R>,
        tx: SendBuffer,
        wire: Wire,
        limits: &StreamLimits,
        timeouts: Timeouts,
        now: Instant,
    ) -> Self {
        Self {
            connection,
            rx: RecvBuffer::new(limits.max_message_bytes()),
            tx,
            wire,
            inlet: Inlet::Bytes,
            backlog: limits.backlog,
            eof: false,
            shut: false,
            quiet: Quiet { after: timeouts.quiet, moved: false, since: Some(now) },
            tap: None,
        }
    }

    /// What to do next. Events come first, free of the receive buffer (two
    /// allocations a stanza); then what is to be sent; then the wait. Calls with
    /// nothing new to say are harmless. Deadlines that have come take effect here.
    ///
    /// # Errors
    ///
    /// What ended the connection, after [`Event::Closed`] has told it, and once
    /// the peer has been sent all that it is owed or the time for that is over;
    /// the same again from then on. Close the transport.
    pub fn poll(&mut self, now: Instant) -> Result<Output<'_, Event<'static, R>>, Error> {
        match self.advance(now) {
            Some(told) => Ok(told
                .lend(&self.rx)
                .map_or(Output::Wait(None), |event| Output::Event(event.into_shared()))),
            None => self.idle(now),
        }
    }

    /// Returns this value with events that borrow from the receive buffer: nothing is
    /// allocated for a stanza that is looked at or passed on. Each comes with the
    /// means to answer it meanwhile.
    ///
    /// # Errors
    ///
    /// As [`poll`](Self::poll).
    pub fn poll_lent(&mut self, now: Instant) -> Result<Output<'_, Lent<'_, R>>, Error> {
        match self.advance(now) {
            Some(told) => {
                let Some(event) = told.lend(&self.rx) else { return Ok(Output::Wait(None)) };
                let answer = Answer { connection: &mut self.connection, tx: &mut self.tx, now };
                Ok(Output::Event(Lent { event, answer }))
            }
            None => self.idle(now),
        }
    }

    /// The next thing to tell.
    fn advance(&mut self, now: Instant) -> Option<Told<R>> {
        if core::mem::take(&mut self.quiet.moved) {
            self.quiet.since = Some(now);
        }
        loop {
            let before = self.rx.received();
            self.wire.decrypt(&mut self.rx);
            if self.wire.handshake_done()
                && let Some(session) = self.wire.session()
            {
                let facts = session.facts();
                let done = self.connection.tls_established(now, facts, &mut self.rx, &mut self.tx);
                debug_assert!(done.is_ok(), "{done:?}");
                self.look_at_sent();
                return Some(Told::Event(Box::new(Event::TlsEstablished)));
            }
            let told = self.connection.advance(now, &mut self.rx, &mut self.tx);
            self.look_at_sent();
            if let Some(told) = told {
                if matches!(&told, Told::Event(event) if matches!(**event, Event::StartTls)) {
                    self.begin_tls();
                }
                return Some(told);
            }
            if self.connection.phase() == Phase::Closed {
                // What still comes is of no account, but for how it ends.
                self.rx.clear();
            }
            if self.rx.received() != before {
                continue;
            }
            // All that came has been told: is there an end to tell?
            if let Some(error) = self.wire.take_failure() {
                // Nothing can be told under a TLS that has failed but its alert.
                self.tx.sent(usize::MAX);
                self.wire.close();
                self.connection.handle_tls_error(now, error);
            } else if self.eof || self.wire.peer_has_closed() {
                if self.connection.has_transport_end() {
                    return None;
                }
                self.connection.handle_eof(now);
            } else {
                return None;
            }
        }
    }

    /// There is nothing to tell: send, wait, or end.
    fn idle<E>(&mut self, now: Instant) -> Result<Output<'_, E>, Error> {
        let over = self.connection.phase() == Phase::Closed;
        self.look_at_sent();
        self.wire.encrypt(&mut self.tx);
        self.forget_sent();
        if over && !self.connection.is_over() {
            if self.wire.transmit(&self.tx).is_empty() {
                // RFC 6120 section 4.4: behind all that is sent.
                self.wire.close();
            }
            let sends = !self.wire.transmit(&self.tx).is_empty();
            // The peer's closing tag, or failing that the end of its bytes: a socket
            // that is closed with bytes unread throws away what it has sent last.
            // Under TLS its close_notify as well (6120-4.4-02).
            let heard = self.eof
                || if self.wire.session().is_some() {
                    self.wire.peer_has_closed()
                } else {
                    self.connection.peer_is_done()
                };
            if !sends && heard {
                return self.connection.error().cloned().map_or(Ok(Output::Closed), Err);
            }
            if !sends && !core::mem::replace(&mut self.shut, true) {
                return Ok(Output::Shutdown);
            }
        } else if over {
            return self.connection.error().cloned().map_or(Ok(Output::Closed), Err);
        }
        if self.wire.transmit(&self.tx).is_empty() {
            if self.quiet_at().is_some_and(|at| at <= now) {
                self.quiet.since = None;
                self.rx.release();
                self.tx.release();
                self.connection.release();
                self.wire.release();
            }
            return Ok(Output::Wait(self.poll_timeout()));
        }
        Ok(Output::Transmit(self.wire.transmit(&self.tx)))
    }

    /// Room to read into from the wire. `None` while nothing more may be read:
    /// while an event waits for its answer and the buffer is full, while more than
    /// [`StreamLimits::backlog`] bytes wait to be sent, and after the end. Never an
    /// empty slice, since a read of zero bytes would look like the end.
    pub fn recv_buf(&mut self) -> Option<&mut [u8]> {
        if !self.wants_read() {
            return None;
        }
        let room = self.wire.unfilled(&mut self.rx);
        if room.is_empty() { None } else { Some(room) }
    }

    /// Whether [`recv_buf`](Self::recv_buf) has room: for drivers that wait until
    /// something can be read. No memory is taken for it.
    pub fn wants_read(&self) -> bool {
        let closed = self.connection.phase() == Phase::Closed;
        let backed_up = !closed && self.backlog() > self.backlog;
        !self.eof && !backed_up && self.wire.has_room(&self.rx) && self.inlet.is_open(&self.rx)
    }

    /// `n` bytes of [`recv_buf`](Self::recv_buf) are filled. They are looked at
    /// by the next [`poll`](Self::poll).
    pub fn handle_read(&mut self, n: usize) {
        self.quiet.moved = true;
        self.inlet.begun();
        self.wire.advance(n, &mut self.rx);
    }

    /// The transport has ended: no byte will come any more. What it brought is
    /// still given out; then the next polls tell the end.
    pub fn handle_eof(&mut self) {
        self.eof = true;
    }

    /// The transport is broken: nothing can be sent on it any more, and nothing
    /// will come. What it brought is still given out; then the next polls tell the
    /// end, and if the streams were over already, how they ended.
    pub fn handle_broken_transport(&mut self) {
        self.eof = true;
        self.tx.sent(usize::MAX);
        self.wire.discard();
    }

    /// `n` bytes of [`Output::Transmit`] have been sent. More than there were count
    /// as all of them; fewer than a message has, over a WebSocket, as none.
    pub fn transmitted(&mut self, n: usize) {
        self.quiet.moved = true;
        self.look_at_sent();
        self.wire.transmitted(n, &mut self.tx);
        self.forget_sent();
    }

    /// What is to be sent, as far as it is ready for the wire: the bytes of
    /// [`Output::Transmit`] once more. Empty until [`poll`](Self::poll) has made it
    /// ready.
    pub fn transmit(&self) -> &[u8] {
        self.wire.transmit(&self.tx)
    }

    /// How many bytes wait to be sent: for a driver that takes in no more for
    /// this peer while there are too many.
    pub fn backlog(&self) -> usize {
        self.tx.len() + self.wire.backlog()
    }

    /// When to poll at the latest, and what for: the deadline of [`Output::Wait`].
    pub fn poll_timeout(&self) -> Option<Deadline> {
        let quiet = self.quiet_at().map(|at| Deadline { at, reason: TimerReason::Quiet });
        let stream = self.connection.poll_timeout();
        [quiet, stream].into_iter().flatten().min_by_key(|deadline| deadline.at)
    }

    fn quiet_at(&self) -> Option<Instant> {
        // What waits to be sent needs its memory, however long the transport takes nothing.
        let is_quiet = self.wire.transmit(&self.tx).is_empty() && !self.connection.is_over();
        let since = self.quiet.since.filter(|_| is_quiet);
        since.map(|since| since.saturating_add(self.quiet.after))
    }

    /// Sends a stanza; see [`Connection::send`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn send<S: WriteXml + ?Sized>(&mut self, stanza: &S) -> Result<(), SendError> {
        self.connection.send(stanza, &mut self.tx)
    }

    /// Passes a received stanza on; see [`Connection::forward`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn forward(
        &mut self,
        stanza: ElementRef<'_>,
        attrs: &[(&str, Option<&str>)],
    ) -> Result<(), SendError> {
        self.connection.forward(stanza, attrs, &mut self.tx)
    }

    /// Sends another first-level element; see [`Connection::send_nonza`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn send_nonza<N: WriteXml + ?Sized>(&mut self, nonza: &N) -> Result<(), SendError> {
        self.connection.send_nonza(nonza, &mut self.tx)
    }

    /// What whoever writes for [`send_serialized`](Self::send_serialized) must know of
    /// the stream: over a WebSocket, nothing is inherited from its header.
    pub fn context(&self) -> StreamContext {
        self.tx.context()
    }

    /// Sends a stanza that is serialised already; see [`Connection::send_serialized`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn send_serialized(&mut self, stanza: &[u8]) -> Result<(), SendError> {
        self.connection.send_serialized(stanza, &mut self.tx)
    }

    /// How far stream management is; see [`Connection::stream_management`].
    pub fn stream_management(&self) -> Option<Counters<'_>> {
        self.connection.stream_management()
    }

    /// What the stream can be resumed from; see [`Connection::resumption`].
    pub fn resumption(&self) -> Option<Resumption> {
        self.connection.resumption()
    }

    /// Takes what the stream can be resumed from; see [`Connection::take_resumption`].
    pub fn take_resumption(&mut self) -> Option<Resumption> {
        self.connection.take_resumption()
    }

    /// What was sent, not acknowledged, and is not dealt with any more; see
    /// [`Connection::take_unacknowledged`].
    pub fn take_unacknowledged(&mut self) -> Unacknowledged {
        self.connection.take_unacknowledged()
    }

    /// Closes the stream; see [`Connection::close`]. Go on polling until it is over.
    pub fn close(&mut self, now: Instant, why: Option<StreamError>) {
        self.connection.close(now, why, &mut self.tx);
    }

    /// Closes the stream with `reset` at that moment; see [`Connection::expire_at`].
    pub fn expire_at(&mut self, at: Instant) {
        self.connection.expire_at(at);
    }

    /// The means to answer an event that was taken out of the loop.
    pub const fn answer(&mut self, now: Instant) -> Answer<'_, R> {
        Answer { connection: &mut self.connection, tx: &mut self.tx, now }
    }

    /// Whether the peer's closing stream tag has come; see
    /// [`Connection::peer_closed_stream`].
    pub const fn peer_closed_stream(&self) -> bool {
        self.connection.peer_closed_stream()
    }

    /// How far the connection is.
    pub fn phase(&self) -> Phase {
        self.connection.phase()
    }

    /// The client's address, once bound.
    pub fn bound(&self) -> Option<&FullJid> {
        self.connection.bound()
    }

    /// An id for a stanza; see [`Connection::new_id`].
    pub fn new_id(&mut self) -> String {
        self.connection.new_id()
    }

    /// What the TLS handshake proved; `None` while there is no TLS.
    pub fn tls_facts(&self) -> Option<TlsFacts<'_>> {
        self.wire.session().map(|session| session.facts())
    }

    /// The peer's certificates in DER, end entity first; none while there is no TLS, or
    /// if it has shown none. What they prove is for a
    /// [`Verifier`](crate::certificate) to tell.
    pub fn peer_certificates(&self) -> Vec<&[u8]> {
        self.wire.session().map(|session| session.peer_certificates()).unwrap_or_default()
    }

    /// Shows `tap` everything that is sent from now on, as XML before
    /// encryption, in the pieces in which it is made.
    ///
    /// # Security
    ///
    /// That includes authentication and what people write to each other.
    pub fn tap_sent(&mut self, tap: impl FnMut(&[u8]) + Send + 'static) {
        // A client's header is made before anybody can ask to see it.
        self.tap = Some(Tap { look: Box::new(tap), seen: 0 });
        self.look_at_sent();
    }

    /// Bytes of memory that the buffers hold at the moment, those of TLS apart.
    pub fn held_bytes(&self) -> usize {
        self.rx.held_bytes() + self.tx.held_bytes() + self.wire.held_bytes()
    }

    fn look_at_sent(&mut self) {
        if let Some(tap) = &mut self.tap {
            let new = self.tx.unsent().get(tap.seen..).unwrap_or_default();
            if !new.is_empty() {
                (tap.look)(new);
                tap.seen = self.tx.len();
            }
        }
    }

    /// Behind a look and what then took bytes from `tx`: all that is left was seen.
    fn forget_sent(&mut self) {
        if let Some(tap) = &mut self.tap {
            tap.seen = self.tx.len();
        }
    }

    fn begin_tls(&mut self) {
        self.look_at_sent();
        self.wire.start_tls(self.connection.tls_host(), &mut self.tx);
        self.forget_sent();
    }
}

impl<R: Role> fmt::Debug for Endpoint<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("connection", &self.connection)
            .field("backlog", &self.backlog())
            .finish_non_exhaustive()
    }
}
