//! Transports that have messages instead of bytes: WebSocket (RFC 7395).
//!
//! The machine is the same; a message goes in and comes out whole.

use alloc::sync::Arc;

use xmpp_xml::{Framing, RecvBuffer, SendBuffer, WriteError};

use super::Endpoint;
use super::output::Answer;
use super::wire::Wire;
use crate::config::{ClientConfig, ServerConfig, TlsMode};
use crate::connection::{Connection, Phase};
use crate::error::{MessageFault, PeerMisbehaved};
use crate::role::{ClientToServer, Role, ServerFromClient};
use crate::time::Instant;
use crate::tls::TlsFacts;

/// What a transport gives.
pub(super) enum Inlet {
    Bytes,
    Messages {
        /// Whether a part of a message has come, and not its end.
        begun: bool,
    },
}

impl Inlet {
    const MESSAGES: Self = Self::Messages { begun: false };

    /// Whether something may come in: a message only when those before it have been
    /// looked at, so that any that is within the limits fits.
    pub(super) fn is_open(&self, rx: &RecvBuffer) -> bool {
        match self {
            Self::Bytes | Self::Messages { begun: true } => true,
            Self::Messages { begun: false } => rx.unread() == 0,
        }
    }

    /// Bytes have come.
    pub(super) const fn begun(&mut self) {
        if let Self::Messages { begun } = self {
            *begun = true;
        }
    }
}

impl<R: Role> Endpoint<R> {
    /// Takes in a message that the WebSocket has received, and says whether it did: not
    /// while [`wants_read`](Self::wants_read) says no. Keep the message then, and hand
    /// it over again after the next polls. It is looked at by the next
    /// [`poll`](Self::poll).
    #[must_use = "a message that was not taken has to be handed over again"]
    pub fn handle_message(&mut self, message: &[u8]) -> bool {
        if !self.wants_read() {
            return false;
        }
        if message.len() > self.rx.limit() {
            self.handle_bad_message(MessageFault::TooLarge);
            return true;
        }
        self.quiet.moved = true;
        self.rx.push(message);
        self.end_of_message();
        true
    }

    /// The message whose parts were read into [`recv_buf`](Self::recv_buf) is whole:
    /// for codecs that give messages in parts.
    pub fn handle_end_of_message(&mut self) {
        self.quiet.moved = true;
        self.end_of_message();
    }

    /// The WebSocket has received a message that cannot be one of XMPP: it is binary,
    /// or the codec does not take as large a one. The peer is told by a stream error.
    pub fn handle_bad_message(&mut self, fault: MessageFault) {
        if self.connection.phase() != Phase::Closed {
            self.connection.fail(PeerMisbehaved::Message(fault).into(), &mut self.tx);
        }
    }

    fn end_of_message(&mut self) {
        if let Inlet::Messages { begun } = &mut self.inlet {
            *begun = false;
            self.rx.end_of_message();
        }
    }
}

impl Endpoint<ClientToServer> {
    /// Begins a stream over a WebSocket (RFC 7395) whose handshake is through, with
    /// the subprotocol `xmpp`. `seed` is 32 bytes from the system's random generator,
    /// never used twice.
    ///
    /// The loop is that of any endpoint, with messages in place of bytes:
    ///
    /// - [`Output::Transmit`](crate::Output::Transmit) is one whole message of text to
    ///   send; then call [`transmitted`](Self::transmitted) with its length.
    /// - A message that has come goes to [`handle_message`](Self::handle_message).
    /// - At [`Output::Shutdown`](crate::Output::Shutdown) and
    ///   [`Output::Closed`](crate::Output::Closed) begin the WebSocket's closing
    ///   handshake (RFC 7395 section 3.6). When the peer has begun it, or the
    ///   connection is gone, call [`handle_eof`](Self::handle_eof).
    ///
    /// TLS is below the WebSocket (RFC 7395 section 3.9), and is the driver's: `facts`
    /// says what it proved. [`TlsFacts::new`] says no more than that it is there, as
    /// in a browser; no channel binding is used then. The certificate has been checked
    /// against the host of the WebSocket's URL. That this host speaks for the domain of
    /// the account is for the caller to know: from the user, or from a host-meta
    /// document that came over HTTPS (XEP-0156).
    ///
    /// ```no_run
    /// use std::sync::Arc;
    ///
    /// use xmpp_core::stanza::{Presence, PresenceType};
    /// use xmpp_core::time::{Clock, Deadline};
    /// use xmpp_core::tls::TlsFacts;
    /// use xmpp_core::{Client, ClientConfig, Event, MessageFault, Output};
    ///
    /// # type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;
    /// /// What your WebSocket library gives.
    /// enum Received {
    ///     Text(String),
    ///     Binary,
    ///     End,
    ///     TimedOut,
    /// }
    /// # struct WebSocket;
    /// # impl WebSocket {
    /// #     fn send_text(&mut self, _: &str) -> Result<()> { Ok(()) }
    /// #     fn receive(&mut self, _: Option<Deadline>) -> Result<Received> { Ok(Received::End) }
    /// #     fn close(&mut self) -> Result<()> { Ok(()) }
    /// # }
    ///
    /// # fn example(mut socket: WebSocket, config: ClientConfig, seed: [u8; 32]) -> Result<()> {
    /// let clock = Clock::start();
    /// let config = Arc::new(config);
    /// let mut client = Client::connect_websocket(config, TlsFacts::new(), clock.now(), seed);
    /// loop {
    ///     match client.poll(clock.now())? {
    ///         Output::Event(Event::Established { .. }) => {
    ///             client.send(&Presence::builder(PresenceType::Available))?;
    ///         }
    ///         Output::Event(Event::SeeOtherUri { uri }) => println!("go to {uri}"),
    ///         Output::Event(_) => {}
    ///         Output::Transmit(message) => {
    ///             let sent = message.len();
    ///             socket.send_text(core::str::from_utf8(message)?)?;
    ///             client.transmitted(sent);
    ///         }
    ///         Output::Wait(deadline) => match socket.receive(deadline)? {
    ///             // Taken, as all before it has been looked at.
    ///             Received::Text(message) => _ = client.handle_message(message.as_bytes()),
    ///             Received::Binary => client.handle_bad_message(MessageFault::NotText),
    ///             Received::End => client.handle_eof(),
    ///             Received::TimedOut => {}
    ///         },
    ///         Output::Shutdown => socket.close()?,
    ///         Output::Closed => break,
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn connect_websocket(
        config: Arc<ClientConfig>,
        facts: TlsFacts<'_>,
        now: Instant,
        seed: [u8; 32],
    ) -> Self {
        let mut client = Self::connect_messages(config, TlsMode::Direct, now, seed);
        client.tls_is_below(facts, now);
        client
    }

    /// Connects over a WebSocket without TLS (`ws:`), whatever the configuration says:
    /// for tests, and for transports that are protected otherwise. The other end is
    /// made by
    /// [`Server::accept_websocket_dangerous_plaintext`](crate::Server::accept_websocket_dangerous_plaintext).
    pub fn connect_websocket_dangerous_plaintext(
        config: Arc<ClientConfig>,
        now: Instant,
        seed: [u8; 32],
    ) -> Self {
        Self::connect_messages(config, TlsMode::DangerousPlaintext, now, seed)
    }

    fn connect_messages(
        config: Arc<ClientConfig>,
        tls: TlsMode,
        now: Instant,
        seed: [u8; 32],
    ) -> Self {
        let mut tx = SendBuffer::new(Framing::WebSocket);
        let connection = Connection::connect_by(Arc::clone(&config), tls, now, seed, &mut tx);
        let (limits, timeouts) = (&config.limits, config.timeouts);
        let endpoint = Self::new(connection, tx, Wire::plaintext(), limits, timeouts, now);
        Self { inlet: Inlet::MESSAGES, ..endpoint }
    }
}

impl Endpoint<ServerFromClient> {
    /// Waits for a client over a WebSocket (RFC 7395) whose handshake is through, with
    /// the subprotocol `xmpp`. `facts` says what TLS below it proved, as in
    /// [`Client::connect_websocket`](crate::Client::connect_websocket), where the loop
    /// is; behind a proxy that terminates TLS, [`TlsFacts::new`].
    pub fn accept_websocket(
        config: Arc<ServerConfig>,
        facts: TlsFacts<'_>,
        now: Instant,
        seed: [u8; 32],
    ) -> Self {
        let mut server = Self::accept_messages(config, TlsMode::Direct, now, seed);
        server.tls_is_below(facts, now);
        server
    }

    /// Accepts a client over a WebSocket without TLS (`ws:`), whatever the configuration
    /// says: for tests, and for transports that are protected otherwise.
    pub fn accept_websocket_dangerous_plaintext(
        config: Arc<ServerConfig>,
        now: Instant,
        seed: [u8; 32],
    ) -> Self {
        Self::accept_messages(config, TlsMode::DangerousPlaintext, now, seed)
    }

    fn accept_messages(
        config: Arc<ServerConfig>,
        tls: TlsMode,
        now: Instant,
        seed: [u8; 32],
    ) -> Self {
        let (framing, config_too) = (Framing::WebSocket, Arc::clone(&config));
        let connection = Connection::accept_by(config_too, tls, framing, now, seed);
        let (limits, timeouts) = (&config.limits, config.timeouts);
        let (tx, wire) = (SendBuffer::new(framing), Wire::plaintext());
        let endpoint = Self::new(connection, tx, wire, limits, timeouts, now);
        Self { inlet: Inlet::MESSAGES, ..endpoint }
    }

    /// Closes the stream and tells the client where to connect instead; see
    /// [`Connection::close_see_other_uri`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn close_see_other_uri(&mut self, now: Instant, uri: &str) -> Result<(), WriteError> {
        self.connection.close_see_other_uri(now, uri, &mut self.tx)
    }
}

impl Answer<'_, ServerFromClient> {
    /// Closes the stream and tells the client where to connect instead; see
    /// [`Connection::close_see_other_uri`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn close_see_other_uri(&mut self, uri: &str) -> Result<(), WriteError> {
        self.connection.close_see_other_uri(self.now, uri, self.tx)
    }
}

impl<R: Role> Endpoint<R> {
    fn tls_is_below(&mut self, facts: TlsFacts<'_>, now: Instant) {
        let done = self.connection.tls_established(now, facts, &mut self.rx, &mut self.tx);
        debug_assert!(done.is_ok(), "{done:?}");
    }
}
