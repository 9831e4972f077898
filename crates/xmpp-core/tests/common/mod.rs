//! Both halves of the engine against each other, with a clock that stands still
//! until a test moves it.

#![allow(dead_code, reason = "each test file uses its part of this")]

pub(crate) mod factor;
#[cfg(feature = "tls")]
pub(crate) mod tls;
pub(crate) mod tokens;

use core::num::NonZeroU32;
use core::time::Duration;
use std::sync::Arc;

use xmpp_core::jid::{BareJid, Domainpart, FullJid};
use xmpp_core::role::{ClientToServer, Role, ServerFromClient};
use xmpp_core::sasl::crypto::{self, Hash};
use xmpp_core::sasl::server::{AccountKeys, Answer, Config as SaslConfig, FakeSalt, Query};
use xmpp_core::sasl::{ScramKeys, client::Credentials};
use xmpp_core::stanza::{StanzaCondition, StanzaError, StreamError};
use xmpp_core::stream_management::Resumption;
use xmpp_core::time::Instant;
use xmpp_core::tls::{TlsFacts, TlsVersion};
use xmpp_core::xml::{Framing, RecvBuffer, SendBuffer};
use xmpp_core::{
    ClientConfig, ClientEvent, Connection, Error, Event, HostConfig, Received, ServerConfig,
    ServerEvent,
};

pub(crate) const DOMAIN: &str = "example.com";
pub(crate) const T0: Instant = Instant::from_origin(Duration::ZERO);
const EXPORTER: [u8; 32] = [7; 32];

/// The keys that the account `juliet` has, made once: PBKDF2 is slow on purpose.
pub(crate) fn juliet_keys() -> &'static ScramKeys {
    static KEYS: std::sync::OnceLock<ScramKeys> = std::sync::OnceLock::new();
    KEYS.get_or_init(|| derived(Hash::Sha256))
}

fn derived(hash: Hash) -> ScramKeys {
    let iterations = NonZeroU32::new(4096).unwrap();
    ScramKeys::derive(crypto::provider(), hash, b"r0m30", b"0123456789abcdef", iterations)
}

pub(crate) fn client_config() -> ClientConfig {
    let account = BareJid::new("juliet@example.com").unwrap();
    let credentials = Credentials::new("juliet").with_scram_keys(juliet_keys().clone());
    let mut config = ClientConfig::new(account, credentials);
    // The profile of RFC 6120; `tests/sasl2` is about the other.
    config.sasl2.enabled = false;
    config.resource = Some(xmpp_core::jid::Resourcepart::new("balcony").unwrap());
    config
}

pub(crate) fn host_config() -> HostConfig {
    let rounds = NonZeroU32::new(4096).unwrap();
    let keys = AccountKeys::new(FakeSalt::new([1; 32]), Hash::Sha256, rounds);
    let sasl = SaslConfig::new().account_keys(keys);
    HostConfig::new(Domainpart::new(DOMAIN).unwrap(), sasl)
}

pub(crate) fn facts() -> TlsFacts<'static> {
    TlsFacts::new().with_version(TlsVersion::Tls13).with_exporter(&EXPORTER)
}

pub(crate) fn answer(query: &Query) -> Answer {
    match query {
        Query::ScramKeys { username, hash: hash @ Hash::Sha1, .. } if username == "juliet" => {
            Answer::keys(derived(*hash).to_stored())
        }
        Query::ScramKeys { username, .. } | Query::Password { username, .. }
            if username == "juliet" =>
        {
            Answer::keys(juliet_keys().to_stored())
        }
        _ => Answer::unknown_user(),
    }
}

/// A server's end on its own, for tests that speak for the client.
pub(crate) struct ServerEnd {
    pub(crate) connection: Connection<ServerFromClient>,
    pub(crate) rx: RecvBuffer,
    pub(crate) tx: SendBuffer,
    pub(crate) now: Instant,
    pub(crate) host: Arc<HostConfig>,
    pub(crate) tokens: tokens::Store,
    pub(crate) desk: factor::Desk,
    /// Whether the server has no resource to give.
    pub(crate) refuses: Option<StanzaCondition>,
    /// An earlier stream that can go on (XEP-0198).
    pub(crate) kept: Option<Resumption>,
    pub(crate) log: Vec<String>,
}

impl ServerEnd {
    pub(crate) fn new() -> Self {
        Self::with(ServerConfig::default())
    }

    pub(crate) fn with(config: ServerConfig) -> Self {
        Self::framed(config, Framing::Stream)
    }

    pub(crate) fn framed(config: ServerConfig, framing: Framing) -> Self {
        let limit = config.limits.authenticated.max_element_bytes as usize + 16_384;
        Self {
            connection: Connection::accept(Arc::new(config), framing, T0, [2; 32]),
            rx: RecvBuffer::new(limit),
            tx: SendBuffer::new(framing),
            now: T0,
            host: Arc::new(host_config()),
            tokens: tokens::Store::default(),
            desk: factor::Desk::default(),
            refuses: None,
            kept: None,
            log: Vec::new(),
        }
    }

    /// Takes bytes in as they fit, and answers what is asked.
    pub(crate) fn receive(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        loop {
            let n = self.rx.push(bytes);
            bytes = &bytes[n..];
            self.poll()?;
            if bytes.is_empty() {
                return Ok(());
            }
            assert!(n > 0, "a full buffer makes no progress");
        }
    }

    pub(crate) fn poll(&mut self) -> Result<(), Error> {
        while let Some(event) = self.connection.poll_event(self.now, &mut self.rx, &mut self.tx)? {
            self.log.push(describe(&event));
            match event {
                Event::Role(ServerEvent::HostWanted(query)) => {
                    if query.to().is_none_or(|to| to.as_str() == DOMAIN) {
                        let host = Arc::clone(&self.host);
                        self.connection.choose_host(query, host, &mut self.tx).unwrap();
                    } else {
                        let unknown = xmpp_core::stanza::StreamCondition::HostUnknown;
                        let error = StreamError::new(unknown);
                        self.connection.refuse_host(query, error, &mut self.tx).unwrap();
                    }
                }
                Event::Role(ServerEvent::CredentialsWanted(query)) => {
                    let answer = match query.query() {
                        Query::Tokens { .. } => self.tokens.answer(&query),
                        query => answer(query),
                    };
                    self.connection.provide_credentials(query, answer, &mut self.tx).unwrap();
                }
                Event::Role(ServerEvent::TasksWanted(query)) => {
                    let answer = self.desk.demand(&query);
                    self.connection.demand_tasks(query, answer, &mut self.tx).unwrap();
                }
                Event::Role(ServerEvent::TaskDataReceived(query)) => {
                    let answer = self.desk.answer(&query);
                    self.connection.answer_task(query, answer, &mut self.tx).unwrap();
                }
                Event::Role(ServerEvent::TokenWanted(query)) => {
                    let answer = self.tokens.settle(&query);
                    self.connection.provide_token(query, answer, &mut self.tx).unwrap();
                }
                Event::Role(ServerEvent::ResumeWanted(query)) => match self.kept.take() {
                    Some(kept) => {
                        self.connection.accept_resumption(query, kept, &mut self.tx).unwrap();
                    }
                    None => {
                        self.connection.refuse_resumption(query, Some(1), &mut self.tx).unwrap();
                    }
                },
                Event::Role(ServerEvent::BindWanted(query)) if self.refuses.is_some() => {
                    let error = StanzaError::new(self.refuses.unwrap());
                    self.connection.refuse_bind(query, error, &mut self.tx).unwrap();
                }
                Event::Role(ServerEvent::BindWanted(query)) => {
                    let asked = query.resource().map_or("made-up", |resource| resource.as_str());
                    let resource = query.tagged(asked).unwrap();
                    let jid = FullJid::new(&format!("{}/{resource}", query.account())).unwrap();
                    self.connection.bind(query, jid, &mut self.tx).unwrap();
                }
                Event::StartTls => {
                    let (rx, tx) = (&mut self.rx, &mut self.tx);
                    self.connection.tls_established(self.now, facts(), rx, tx).unwrap();
                }
                Event::Closed { error: Some(error) } => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    pub(crate) fn sent(&mut self) -> String {
        take_text(&mut self.tx)
    }

    pub(crate) fn close(&mut self, why: Option<StreamError>) {
        self.connection.close(self.now, why, &mut self.tx);
    }

    /// Time goes on to `now`.
    pub(crate) fn wait_until(&mut self, now: Instant) -> Result<(), Error> {
        self.now = now;
        self.connection.handle_timeout(now, &mut self.tx);
        self.poll()
    }

    /// The transport ends.
    pub(crate) fn eof(&mut self) -> Result<(), Error> {
        self.connection.handle_eof(self.now);
        self.poll()
    }
}

/// A client's end on its own, for tests that speak for the server.
pub(crate) struct ClientEnd {
    pub(crate) connection: Connection<ClientToServer>,
    pub(crate) rx: RecvBuffer,
    pub(crate) tx: SendBuffer,
    pub(crate) now: Instant,
    pub(crate) codes: factor::Codes,
    pub(crate) log: Vec<String>,
}

impl ClientEnd {
    pub(crate) fn new() -> Self {
        Self::with(client_config())
    }

    pub(crate) fn with(config: ClientConfig) -> Self {
        Self::framed(config, Framing::Stream)
    }

    pub(crate) fn framed(config: ClientConfig, framing: Framing) -> Self {
        let mut tx = SendBuffer::new(framing);
        let connection = Connection::connect(Arc::new(config), T0, [3; 32], &mut tx);
        let codes = factor::Codes::default();
        Self { connection, rx: RecvBuffer::new(1 << 20), tx, now: T0, codes, log: Vec::new() }
    }

    pub(crate) fn receive(&mut self, bytes: &[u8]) -> Result<(), Error> {
        assert_eq!(self.rx.push(bytes), bytes.len());
        self.poll()
    }

    pub(crate) fn poll(&mut self) -> Result<(), Error> {
        while let Some(event) = self.connection.poll_event(self.now, &mut self.rx, &mut self.tx)? {
            self.log.push(describe(&event));
            match event {
                Event::StartTls => {
                    let (rx, tx) = (&mut self.rx, &mut self.tx);
                    self.connection.tls_established(self.now, facts(), rx, tx).unwrap();
                }
                Event::Role(ClientEvent::TaskWanted(query)) => {
                    let choice = self.codes.choose(&query);
                    self.connection.begin_task(query, choice, &mut self.tx).unwrap();
                }
                Event::Role(ClientEvent::TaskDataReceived(query)) => {
                    let reply = self.codes.reply(&query);
                    self.connection.reply_in_task(query, reply, &mut self.tx).unwrap();
                }
                Event::Closed { error: Some(error) } => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    pub(crate) fn sent(&mut self) -> String {
        take_text(&mut self.tx)
    }

    pub(crate) fn close(&mut self, why: Option<StreamError>) {
        self.connection.close(self.now, why, &mut self.tx);
    }

    /// Time goes on to `now`.
    pub(crate) fn wait_until(&mut self, now: Instant) -> Result<(), Error> {
        self.now = now;
        self.connection.handle_timeout(now, &mut self.tx);
        self.poll()
    }

    /// The transport ends.
    pub(crate) fn eof(&mut self) -> Result<(), Error> {
        self.connection.handle_eof(self.now);
        self.poll()
    }
}

/// All that waits to be sent; it is sent.
pub(crate) fn take(tx: &mut SendBuffer) -> Vec<u8> {
    let bytes = tx.unsent().to_vec();
    tx.sent(bytes.len());
    bytes
}

fn take_text(tx: &mut SendBuffer) -> String {
    String::from_utf8(take(tx)).unwrap()
}

/// What a test compares of an event.
pub(crate) fn describe<R: Role>(event: &Event<'_, R>) -> String {
    let source = |received: &Received<'_>| received.element().source().to_owned();
    match event {
        Event::HeaderReceived(header) => format!("header {}", source(header)),
        Event::Stanza(stanza) => format!("stanza {}", source(stanza)),
        Event::Nonza(nonza) => format!("nonza {}", source(nonza)),
        other => format!("{other:?}"),
    }
}

/// How bytes are cut on their way.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    Whole,
    /// After this many bytes of all that one side sends.
    At(usize),
    EachByte,
}

impl Cut {
    /// The pieces of `bytes`, of which `before` went ahead.
    pub(crate) fn pieces(self, before: usize, bytes: &[u8]) -> Vec<&[u8]> {
        match self {
            Self::EachByte => bytes.chunks(1).collect(),
            Self::At(at) if at > before && at - before < bytes.len() => {
                let (first, second) = bytes.split_at(at - before);
                vec![first, second]
            }
            _ if bytes.is_empty() => Vec::new(),
            _ => vec![bytes],
        }
    }
}

/// Both ends, and how many bytes each has sent.
pub(crate) struct Pair {
    pub(crate) client: ClientEnd,
    pub(crate) server: ServerEnd,
    pub(crate) sent: [usize; 2],
    pub(crate) cut: [Cut; 2],
}

impl Pair {
    pub(crate) fn new() -> Self {
        Self::with(client_config(), ServerConfig::default())
    }

    pub(crate) fn with(client: ClientConfig, server: ServerConfig) -> Self {
        Self {
            client: ClientEnd::with(client),
            server: ServerEnd::with(server),
            sent: [0; 2],
            cut: [Cut::Whole; 2],
        }
    }

    /// Both have authenticated; what the client sends next is in its `tx`.
    pub(crate) fn authenticated() -> Self {
        let mut pair = Self::new();
        while !pair.client.log.iter().any(|event| event.contains("Authenticated")) {
            pair.server.receive(&take(&mut pair.client.tx)).unwrap();
            pair.client.receive(&take(&mut pair.server.tx)).unwrap();
        }
        pair
    }

    /// Carries bytes back and forth until neither side has anything to say.
    pub(crate) fn drive(&mut self) -> Result<(), Error> {
        loop {
            let to_server = take(&mut self.client.tx);
            let to_client = take(&mut self.server.tx);
            if to_server.is_empty() && to_client.is_empty() {
                return Ok(());
            }
            for piece in self.cut[0].pieces(self.sent[0], &to_server) {
                self.server.receive(piece)?;
            }
            self.sent[0] += to_server.len();
            for piece in self.cut[1].pieces(self.sent[1], &to_client) {
                self.client.receive(piece)?;
            }
            self.sent[1] += to_client.len();
        }
    }
}
