//! Either end of a stream between servers, and both against each other, with a clock that
//! stands still until a test moves it.

use core::time::Duration;
use std::collections::VecDeque;
use std::sync::Arc;

use xmpp_core::config::DialbackPolicy;
use xmpp_core::dialback::{Pair, Verdict};
use xmpp_core::jid::Domainpart;
use xmpp_core::role::{PeerRole, ServerFromServer, ServerToServer};
use xmpp_core::sasl::Secret;
use xmpp_core::time::Instant;
use xmpp_core::tls::{TlsFacts, TlsVersion};
use xmpp_core::xml::{Element, Framing, RecvBuffer, SendBuffer};
use xmpp_core::{
    Connection, Direction, Error, Event, FederationConfig, PeerAnswer, PeerEvent, Purpose,
    Received, ResultQuery, SendError, VerifyQuery,
};

pub(crate) const T0: Instant = Instant::from_origin(Duration::ZERO);
pub(crate) const LOCAL: &str = "montague.example";
pub(crate) const REMOTE: &str = "capulet.example";
pub(crate) const SECRET: &str = "s3cr3tf0rd14lb4ck";

pub(crate) fn domain(text: &str) -> Domainpart {
    Domainpart::new(text).unwrap()
}

pub(crate) fn pair(local: &str, remote: &str) -> Pair {
    Pair::new(domain(local), domain(remote))
}

pub(crate) fn config() -> FederationConfig {
    FederationConfig::new(Secret::from(SECRET))
}

/// Dialback, also without TLS, and no EXTERNAL.
pub(crate) fn dialback_alone() -> FederationConfig {
    let mut config = config();
    config.dialback = DialbackPolicy::DangerousWithoutTls;
    config.external = false;
    config
}

pub(crate) fn facts() -> TlsFacts<'static> {
    TlsFacts::new()
        .with_version(TlsVersion::Tls13)
        .with_peer_certificate(b"certificate")
        .with_peer_proved(true)
}

pub(crate) fn element(text: &str) -> Element {
    Element::parse(text).unwrap()
}

pub(crate) fn message(from: &str, to: &str, id: &str) -> Element {
    element(&format!("<message xmlns='jabber:server' from='{from}' to='{to}' id='{id}'/>"))
}

pub(crate) struct End<R: PeerRole> {
    pub(crate) connection: Connection<R>,
    pub(crate) rx: RecvBuffer,
    pub(crate) tx: SendBuffer,
    pub(crate) now: Instant,
    pub(crate) log: Vec<String>,
    pub(crate) events: VecDeque<PeerEvent>,
    pub(crate) results: VecDeque<ResultQuery>,
    pub(crate) verifies: VecDeque<VerifyQuery>,
    pub(crate) stanzas: Vec<String>,
    /// Whether TLS has checked the peer's certificate.
    pub(crate) checked: bool,
    /// What is said of the peer's certificate.
    pub(crate) proved: bool,
    /// How claims are answered at once, if they are.
    pub(crate) verdict: Option<Verdict>,
    pub(crate) error: Option<Error>,
    pub(crate) established: bool,
    pub(crate) closed: bool,
}

pub(crate) fn outbound(config: FederationConfig) -> End<ServerToServer> {
    outbound_for(config, Purpose::Stanzas)
}

pub(crate) fn outbound_for(config: FederationConfig, purpose: Purpose) -> End<ServerToServer> {
    let mut tx = SendBuffer::new(Framing::Stream);
    let pair = pair(LOCAL, REMOTE);
    let connection =
        Connection::connect_server(Arc::new(config), pair, purpose, T0, [1; 32], &mut tx);
    End::new(connection, tx)
}

pub(crate) fn inbound(config: FederationConfig) -> End<ServerFromServer> {
    let connection = Connection::accept_server(Arc::new(config), T0, [2; 32]);
    End::new(connection, SendBuffer::new(Framing::Stream))
}

impl<R: PeerRole> End<R> {
    pub(crate) fn new(connection: Connection<R>, tx: SendBuffer) -> Self {
        Self {
            connection,
            rx: RecvBuffer::new(1 << 20),
            tx,
            now: T0,
            log: Vec::new(),
            events: VecDeque::new(),
            results: VecDeque::new(),
            verifies: VecDeque::new(),
            stanzas: Vec::new(),
            checked: true,
            proved: true,
            verdict: None,
            error: None,
            established: false,
            closed: false,
        }
    }

    pub(crate) fn receive(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let bytes = bytes.as_ref();
        assert_eq!(self.rx.push(bytes), bytes.len());
        self.poll();
        self
    }

    pub(crate) fn poll(&mut self) {
        loop {
            let event = match self.connection.poll_event(self.now, &mut self.rx, &mut self.tx) {
                Ok(Some(event)) => event,
                Ok(None) => return,
                Err(error) => {
                    self.error = Some(error);
                    return;
                }
            };
            self.log.push(describe(&event));
            match event {
                Event::StartTls => {
                    let (rx, tx) = (&mut self.rx, &mut self.tx);
                    self.connection
                        .tls_established(self.now, facts().with_peer_proved(self.checked), rx, tx)
                        .unwrap();
                }
                Event::Established { .. } => self.established = true,
                Event::Stanza(stanza) => {
                    self.stanzas.push(stanza.element().attr("id").unwrap_or_default().into());
                }
                Event::Closed { error } => {
                    self.closed = true;
                    self.error = error;
                }
                Event::Role(PeerEvent::PeerWanted(query)) => {
                    let answer = match self.proved && query.is_tls() {
                        true => PeerAnswer::Proved,
                        false => PeerAnswer::NotProved,
                    };
                    self.connection.accept_peer(query, answer, &mut self.tx).unwrap();
                }
                Event::Role(PeerEvent::ResultWanted(query)) => match self.verdict {
                    Some(verdict) => {
                        self.connection.answer_result(query, verdict, &mut self.tx).unwrap();
                    }
                    None => self.results.push_back(query),
                },
                Event::Role(PeerEvent::VerifyWanted(query)) => self.verifies.push_back(query),
                Event::Role(event) => self.events.push_back(event),
                _ => {}
            }
        }
    }

    pub(crate) fn sent(&mut self) -> String {
        let bytes = self.tx.unsent().to_vec();
        self.tx.sent(bytes.len());
        String::from_utf8(bytes).unwrap()
    }

    pub(crate) fn send(&mut self, stanza: &Element) -> Result<(), SendError> {
        self.connection.send(stanza, &mut self.tx)
    }

    /// Time goes on.
    pub(crate) fn after(&mut self, seconds: u64) {
        self.now = self.now.saturating_add(Duration::from_secs(seconds));
        self.poll();
    }

    pub(crate) fn sends(&self, local: &str, remote: &str) -> bool {
        self.connection.is_authorised(&pair(local, remote), Direction::Send)
    }

    pub(crate) fn receives(&self, local: &str, remote: &str) -> bool {
        self.connection.is_authorised(&pair(local, remote), Direction::Receive)
    }

    /// The stream error that was sent.
    pub(crate) fn condition(&self) -> Option<&'static str> {
        self.error.as_ref()?.stream_condition().map(|condition| condition.as_str())
    }
}

fn describe<R: PeerRole>(event: &Event<'_, R>) -> String {
    let source = |received: &Received<'_>| received.element().source().to_owned();
    match event {
        Event::HeaderReceived(_) => "header".into(),
        Event::Stanza(stanza) => format!("stanza {}", source(stanza)),
        other => format!("{other:?}"),
    }
}

/// Both ends. The initiating one is `montague.example`.
pub(crate) struct Ends {
    pub(crate) out: End<ServerToServer>,
    pub(crate) inn: End<ServerFromServer>,
}

impl Ends {
    pub(crate) fn new(out: FederationConfig, inn: FederationConfig) -> Self {
        Self { out: outbound(out), inn: inbound(inn) }
    }

    /// Carries bytes until neither side has anything to say.
    pub(crate) fn drive(&mut self) {
        self.out.poll();
        loop {
            let (to_in, to_out) = (self.out.sent(), self.inn.sent());
            if to_in.is_empty() && to_out.is_empty() {
                return;
            }
            if !self.inn.closed {
                self.inn.receive(to_in);
            }
            if !self.out.closed {
                self.out.receive(to_out);
            }
        }
    }

    pub(crate) fn driven(mut self) -> Self {
        self.drive();
        self
    }
}

/// A response header of a server with that version and what else is in it.
pub(crate) fn response(id: &str, rest: &str) -> String {
    format!(
        "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' \
         xmlns:db='jabber:server:dialback' from='{REMOTE}' to='{LOCAL}' id='{id}' {rest}>"
    )
}

/// An initial header from `montague.example` to `capulet.example`.
pub(crate) fn initial(rest: &str) -> String {
    format!(
        "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' \
         xmlns:db='jabber:server:dialback' from='{LOCAL}' to='{REMOTE}' {rest}>"
    )
}
