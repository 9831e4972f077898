//! The packaged tier: a connection that owns its buffers and its TLS and shows
//! its driver nothing but the wire.

use alloc::{boxed::Box, string::String, sync::Arc, vec::Vec};
use core::fmt;
use core::mem;

use xmpp_jid::{Domainpart, FullJid};
use xmpp_sasl::server::Answer;
use xmpp_stanza::{StanzaError, StreamCondition};
use xmpp_xml::{RecvBuffer, WriteXml};

use crate::config::{ClientConfig, HostConfig, ServerConfig, TlsMode};
use crate::connection::{Connection, Phase};
use crate::error::{Error, SendError};
use crate::event::{BindQuery, CredentialsQuery, Event, HostQuery};
use crate::role::{ClientToServer, Role, ServerFromClient};
use crate::time::{Deadline, Instant};
use crate::tls::{TlsError, TlsFacts, TlsInitiator, TlsReceiver, TlsSession};

/// A client that owns its buffers and its TLS.
pub type Client = Endpoint<ClientToServer>;

/// A server's end of a client's connection that owns its buffers and its TLS.
pub type Server = Endpoint<ServerFromClient>;

/// One end of a connection with its buffers and its TLS, seen from the wire.
///
/// A driver does four things, in any order, as often as it likes: it sends what
/// [`transmit`](Self::transmit) shows and says how much that was; reads into
/// [`recv_buf`](Self::recv_buf) and says how much that was; asks
/// [`poll_event`](Self::poll_event) until it says `None`; and calls
/// [`handle_timeout`](Self::handle_timeout) when
/// [`poll_timeout`](Self::poll_timeout) says so. The
/// [crate's documentation](crate) shows a whole driver.
pub struct Endpoint<R: Role> {
    connection: Connection<R>,
    tls: Tls,
    rx: RecvBuffer,
    tx: Vec<u8>,
    /// Records received and not yet decrypted: `wire[taken..filled]`.
    wire: Vec<u8>,
    taken: usize,
    filled: usize,
    out: Vec<u8>,
    sent: usize,
    tap: Option<Tap>,
}

/// Looks at what is sent, as XML in the clear.
type Tap = Box<dyn FnMut(&[u8]) + Send>;

/// How many bytes of ciphertext are read at once: a whole record and its header.
const WIRE_BYTES: usize = (16 << 10) + 512;

enum Tls {
    /// None yet, and where it would come from.
    Before(Source),
    Handshaking(Box<dyn TlsSession>),
    Up(Box<dyn TlsSession>),
    /// `close_notify` is out, or there was an error.
    Over,
}

enum Source {
    Initiator(Arc<dyn TlsInitiator>, Domainpart),
    Receiver(Arc<dyn TlsReceiver>),
}

impl Source {
    fn begin(&self) -> Result<Box<dyn TlsSession>, TlsError> {
        match self {
            Self::Initiator(initiator, domain) => initiator.initiate(domain.as_ref()),
            Self::Receiver(receiver) => receiver.receive(),
        }
    }
}

impl Endpoint<ClientToServer> {
    /// Begins a connection: the first bytes are in [`transmit`](Self::transmit).
    /// `seed` is 32 bytes from the system's random generator, never used twice.
    ///
    /// # Errors
    ///
    /// If TLS is to come first and cannot be begun.
    pub fn connect(
        config: Arc<ClientConfig>,
        tls: Arc<dyn TlsInitiator>,
        now: Instant,
        seed: [u8; 32],
    ) -> Result<Self, Error> {
        let mut tx = Vec::new();
        let direct = config.tls == TlsMode::Direct;
        let domain = config.account.domainpart().into_owned();
        let rx = RecvBuffer::new(buffer_bytes(config.limits.authenticated.max_element_bytes));
        let connection = Connection::connect(config, now, seed, &mut tx);
        Self::new(connection, Source::Initiator(tls, domain), direct, rx, tx)
    }
}

impl Endpoint<ServerFromClient> {
    /// Waits for a client. `seed` is 32 bytes from the system's random
    /// generator, never used twice.
    ///
    /// # Errors
    ///
    /// If TLS is to come first and cannot be begun.
    pub fn accept(
        config: Arc<ServerConfig>,
        tls: Arc<dyn TlsReceiver>,
        now: Instant,
        seed: [u8; 32],
    ) -> Result<Self, Error> {
        let direct = config.direct_tls;
        let rx = RecvBuffer::new(buffer_bytes(config.limits.authenticated.max_element_bytes));
        let connection = Connection::accept(config, now, seed);
        Self::new(connection, Source::Receiver(tls), direct, rx, Vec::new())
    }

    /// Answers [`Event::HostWanted`]; see [`Connection::choose_host`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn choose_host(&mut self, query: HostQuery, host: Arc<HostConfig>) -> Result<(), Error> {
        let done = self.connection.choose_host(query, host, &mut self.tx);
        self.and_flush(done)
    }

    /// Answers [`Event::HostWanted`]; see [`Connection::refuse_host`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn refuse_host(
        &mut self,
        query: HostQuery,
        condition: StreamCondition,
    ) -> Result<(), Error> {
        let done = self.connection.refuse_host(query, condition, &mut self.tx);
        self.and_flush(done)
    }

    /// Answers [`Event::CredentialsWanted`]; see [`Connection::provide_credentials`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn provide_credentials(
        &mut self,
        query: CredentialsQuery,
        answer: Answer,
    ) -> Result<(), Error> {
        let done = self.connection.provide_credentials(query, answer, &mut self.tx);
        self.and_flush(done)
    }

    /// Answers [`Event::BindWanted`]; see [`Connection::bind`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn bind(&mut self, query: BindQuery, jid: FullJid) -> Result<(), Error> {
        let done = self.connection.bind(query, jid, &mut self.tx);
        self.and_flush(done)
    }

    /// Answers [`Event::BindWanted`]; see [`Connection::refuse_bind`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn refuse_bind(&mut self, query: BindQuery, error: StanzaError) -> Result<(), Error> {
        let done = self.connection.refuse_bind(query, error, &mut self.tx);
        self.and_flush(done)
    }
}

impl<R: Role> Endpoint<R> {
    fn new(
        connection: Connection<R>,
        source: Source,
        direct: bool,
        rx: RecvBuffer,
        tx: Vec<u8>,
    ) -> Result<Self, Error> {
        let tls = if direct { Tls::Handshaking(source.begin()?) } else { Tls::Before(source) };
        let mut this = Self {
            connection,
            tls,
            rx,
            tx,
            wire: Vec::new(),
            taken: 0,
            filled: 0,
            out: Vec::new(),
            sent: 0,
            tap: None,
        };
        this.flush()?;
        Ok(this)
    }

    /// Goes on until there is something to tell. `None`: nothing more without
    /// bytes, a deadline or an answer.
    ///
    /// # Errors
    ///
    /// What ends the connection; every later call returns the same. The peer may
    /// be owed a stream error: send what [`transmit`](Self::transmit) shows
    /// before closing the transport.
    pub fn poll_event(&mut self, now: Instant) -> Result<Option<Event<'static>>, Error> {
        loop {
            let before = self.rx.received();
            if let Err(error) = self.decrypt() {
                return Err(self.tls_failed(now, error));
            }
            if self.handshake_done()
                && let Tls::Up(session) = &self.tls
            {
                let facts = session.facts();
                let done = self.connection.tls_established(now, facts, &mut self.tx);
                self.and_flush(done)?;
                return Ok(Some(Event::TlsEstablished));
            }
            let polled = self
                .connection
                .poll_event(now, &mut self.rx, &mut self.tx)
                .map(|event| event.map(Event::into_shared));
            let flushed = self.flush();
            match polled? {
                Some(Event::StartTls) => {
                    flushed?;
                    self.start_tls(now)?;
                    return Ok(Some(Event::StartTls));
                }
                Some(event) => return Ok(Some(event)),
                None => {}
            }
            flushed?;
            if self.rx.received() == before {
                if matches!(&self.tls, Tls::Up(session) if session.peer_has_closed()) {
                    // close_notify is the end of the stream's bytes.
                    self.connection.handle_eof(now)?;
                }
                return Ok(None);
            }
        }
    }

    /// Room to read into from the wire. `None` while the connection cannot take
    /// more: answer its events first. Never an empty slice, since a read of zero
    /// bytes would look like the end.
    pub fn recv_buf(&mut self) -> Option<&mut [u8]> {
        let room = match self.tls {
            Tls::Before(_) => self.rx.unfilled(),
            Tls::Handshaking(_) | Tls::Up(_) => {
                if self.taken < self.filled {
                    return None;
                }
                self.taken = 0;
                self.filled = 0;
                self.wire.resize(WIRE_BYTES, 0);
                &mut self.wire[..]
            }
            Tls::Over => return None,
        };
        if room.is_empty() { None } else { Some(room) }
    }

    /// `n` bytes of [`recv_buf`](Self::recv_buf) are filled. They are looked at
    /// by the next [`poll_event`](Self::poll_event).
    pub fn handle_read(&mut self, n: usize) {
        match self.tls {
            Tls::Before(_) => self.rx.advance(n),
            _ => self.filled = n.min(self.wire.len()),
        }
    }

    /// The transport has ended; see [`Connection::handle_eof`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn handle_eof(&mut self, now: Instant) -> Result<(), Error> {
        self.connection.handle_eof(now)
    }

    /// What has come due; see [`Connection::handle_timeout`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn handle_timeout(&mut self, now: Instant) -> Result<(), Error> {
        // A keepalive between handshake messages would be no TLS.
        let done = self.connection.handle_timeout(now, &mut self.tx);
        self.and_flush(done)
    }

    /// When to call [`handle_timeout`](Self::handle_timeout), and what for.
    pub fn poll_timeout(&self) -> Option<Deadline> {
        self.connection.poll_timeout()
    }

    /// What is to be sent on the wire.
    pub fn transmit(&self) -> &[u8] {
        &self.out[self.sent..]
    }

    /// `n` bytes of [`transmit`](Self::transmit) have been sent.
    pub fn transmitted(&mut self, n: usize) {
        self.sent = self.out.len().min(self.sent + n);
        if self.sent == self.out.len() {
            self.out.clear();
            self.sent = 0;
        }
    }

    /// Sends a stanza; see [`Connection::send`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn send<S: WriteXml + ?Sized>(&mut self, stanza: &S) -> Result<(), SendError> {
        self.connection.send(stanza, &mut self.tx)?;
        self.flush().map_err(|_| SendError::Closed)
    }

    /// Sends a stanza that is serialised already; see [`Connection::send_serialized`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn send_serialized(&mut self, stanza: &[u8]) -> Result<(), SendError> {
        self.connection.send_serialized(stanza, &mut self.tx)?;
        self.flush().map_err(|_| SendError::Closed)
    }

    /// Closes the stream; see [`Connection::close`]. Go on as before until
    /// [`is_closed`](Self::is_closed).
    pub fn close(&mut self, now: Instant, why: Option<StreamCondition>) {
        self.connection.close(now, why, &mut self.tx);
        // What goes wrong here can only be TLS, and the connection is over anyway.
        let _ = self.flush();
    }

    /// Whether the connection is over and all is sent: close the transport.
    pub fn is_closed(&self) -> bool {
        self.connection.phase() == Phase::Closed && self.transmit().is_empty()
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
        match &self.tls {
            Tls::Up(session) => Some(session.facts()),
            _ => None,
        }
    }

    /// Shows `tap` everything that is sent from now on, as XML before
    /// encryption, in the pieces in which it is made.
    ///
    /// # Security
    ///
    /// That includes authentication and what people write to each other.
    pub fn tap_sent(&mut self, tap: impl FnMut(&[u8]) + Send + 'static) {
        let mut tap: Tap = Box::new(tap);
        // A client's header is made before anybody can ask to see it.
        if matches!(self.tls, Tls::Before(_)) && !self.transmit().is_empty() {
            tap(self.transmit());
        }
        self.tap = Some(tap);
    }

    /// Gives the buffers' memory back while nothing is in them: for connections
    /// that are idle for long.
    pub fn release(&mut self) {
        self.rx.release();
        if self.taken == self.filled {
            self.wire = Vec::new();
            self.taken = 0;
            self.filled = 0;
        }
        if self.transmit().is_empty() {
            self.out = Vec::new();
            self.sent = 0;
        }
        self.tx.shrink_to_fit();
    }

    fn decrypt(&mut self) -> Result<(), TlsError> {
        let (Tls::Handshaking(session) | Tls::Up(session)) = &mut self.tls else { return Ok(()) };
        let mut rest = &self.wire[self.taken..self.filled];
        let done = session.decrypt(&mut rest, &mut self.rx);
        self.taken = self.filled - rest.len();
        done
    }

    /// True once: when the handshake has just ended.
    fn handshake_done(&mut self) -> bool {
        if !matches!(&self.tls, Tls::Handshaking(session) if !session.is_handshaking()) {
            return false;
        }
        if let Tls::Handshaking(session) = mem::replace(&mut self.tls, Tls::Over) {
            self.tls = Tls::Up(session);
        }
        true
    }

    fn start_tls(&mut self, now: Instant) -> Result<(), Error> {
        if let Tls::Before(source) = &self.tls {
            match source.begin() {
                Ok(session) => self.tls = Tls::Handshaking(session),
                Err(error) => return Err(self.tls_failed(now, error)),
            }
        }
        self.flush()
    }

    fn tls_failed(&mut self, now: Instant, error: TlsError) -> Error {
        // The alert that tells the peer.
        if let Tls::Handshaking(session) | Tls::Up(session) = &mut self.tls {
            self.tx.clear();
            let _ = session.encrypt(&mut self.tx, &mut self.out);
        }
        self.tls = Tls::Over;
        self.connection.transport_failed(now, Error::Tls(error))
    }

    fn and_flush(&mut self, done: Result<(), Error>) -> Result<(), Error> {
        let flushed = self.flush();
        done.and(flushed)
    }

    /// Moves what the connection wrote to the wire.
    fn flush(&mut self) -> Result<(), Error> {
        if let (Some(tap), false) = (&mut self.tap, self.tx.is_empty()) {
            tap(&self.tx);
        }
        let over = self.connection.phase() == Phase::Closed;
        match &mut self.tls {
            Tls::Before(_) => self.out.append(&mut self.tx),
            Tls::Handshaking(session) | Tls::Up(session) => {
                session.encrypt(&mut self.tx, &mut self.out)?;
                if over {
                    session.close();
                    session.encrypt(&mut self.tx, &mut self.out)?;
                    self.tls = Tls::Over;
                }
            }
            Tls::Over => self.tx.clear(),
        }
        Ok(())
    }
}

/// Room for the largest element, and for the beginning of the next.
fn buffer_bytes(max_element_bytes: u32) -> usize {
    usize::try_from(max_element_bytes).map_or(usize::MAX, |bytes| bytes.saturating_add(16 << 10))
}

impl<R: Role> fmt::Debug for Endpoint<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("connection", &self.connection)
            .field("to_transmit", &self.transmit().len())
            .finish_non_exhaustive()
    }
}
