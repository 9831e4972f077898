//! A client and a server over a wire that can be cut, and a host that keeps the
//! sessions of lost connections.

use core::time::Duration;
use std::sync::Arc;

use xmpp_core::config::TlsMode;
use xmpp_core::jid::FullJid;
use xmpp_core::role::{ClientToServer, Role, ServerFromClient};
use xmpp_core::stream_management::{Resumption, StreamManagement};
use xmpp_core::time::Instant;
use xmpp_core::xml::{Element, Framing, RecvBuffer, SendBuffer};
use xmpp_core::{
    ClientConfig, ClientEvent, Connection, Error, Event, HostConfig, SendError, ServerConfig,
    ServerEvent,
};

use crate::common::{T0, answer, client_config, host_config, take};

/// One end of the wire.
pub(crate) struct End<R: Role> {
    pub(crate) connection: Connection<R>,
    rx: RecvBuffer,
    pub(crate) tx: SendBuffer,
    /// The ids of the stanzas that came, in order.
    pub(crate) got: Vec<String>,
    /// What else was told.
    pub(crate) log: Vec<String>,
    pub(crate) closed: Option<Option<Error>>,
}

impl<R: Role> End<R> {
    fn new(connection: Connection<R>, tx: SendBuffer) -> Self {
        Self {
            connection,
            rx: RecvBuffer::new(1 << 20),
            tx,
            got: Vec::new(),
            log: Vec::new(),
            closed: None,
        }
    }

    /// Sends a message with that id.
    pub(crate) fn send(&mut self, id: &str) -> Result<(), SendError> {
        self.connection.send(&message(id), &mut self.tx)
    }

    pub(crate) fn sent(&mut self) -> String {
        String::from_utf8(take(&mut self.tx)).unwrap()
    }

    fn take_in(&mut self, bytes: &[u8]) {
        assert_eq!(self.rx.push(bytes), bytes.len());
        if self.tx.framing() == Framing::WebSocket && !bytes.is_empty() {
            self.rx.end_of_message();
        }
    }

    /// Takes events; gives what the host has to answer.
    fn poll(&mut self, now: Instant, mut answers: impl FnMut(&mut Self, R::Event<'static>)) {
        loop {
            let (rx, tx) = (&mut self.rx, &mut self.tx);
            let event = match self.connection.poll_event(now, rx, tx) {
                Ok(Some(event)) => event.into_shared(),
                Ok(None) | Err(_) => return,
            };
            match event {
                Event::Stanza(stanza) => {
                    let id = stanza.element().attr("id");
                    self.got.push(id.map_or_else(String::new, |id| id.into_owned()));
                }
                Event::Established { jid, resumed } => {
                    self.log.push(format!("established {jid} resumed={resumed}"));
                }
                Event::Closed { error } => self.closed = Some(error),
                Event::Role(event) => answers(self, event),
                _ => {}
            }
        }
    }
}

pub(crate) type ClientEnd = End<ClientToServer>;
pub(crate) type ServerEnd = End<ServerFromClient>;

pub(crate) fn message(id: &str) -> Element {
    Element::parse(format!("<message xmlns='jabber:client' id='{id}'/>")).unwrap()
}

/// What is to be sent next in one piece.
fn next(tx: &mut SendBuffer) -> Vec<u8> {
    let next = tx.frame().unwrap_or_default().to_vec();
    tx.frame_sent();
    next
}

/// What both sides are made from.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) client: ClientConfig,
    pub(crate) host: HostConfig,
    pub(crate) framing: Framing,
}

impl Setup {
    pub(crate) fn new() -> Self {
        let mut client = client_config();
        client.tls = TlsMode::DangerousPlaintext;
        let mut host = host_config();
        host.stream_management = Some(StreamManagement::of_server());
        Self { client, host, framing: Framing::Stream }
    }
}

/// Both ends of one connection, and what the host keeps.
pub(crate) struct Pair {
    pub(crate) client: ClientEnd,
    pub(crate) server: ServerEnd,
    pub(crate) now: Instant,
    host: Arc<HostConfig>,
    /// What the host has for who asks to resume.
    pub(crate) kept: Option<Resumption>,
    /// What the host tells if it has nothing.
    pub(crate) forgotten_h: Option<u32>,
}

impl Pair {
    /// A connection that resumes what there is to resume; `round` makes its random
    /// numbers its own.
    pub(crate) fn begin(setup: &Setup, from: Option<Resumption>, kept: Option<Resumption>) -> Self {
        Self::begin_at(setup, from, kept, T0, 0)
    }

    pub(crate) fn begin_at(
        setup: &Setup,
        from: Option<Resumption>,
        kept: Option<Resumption>,
        now: Instant,
        round: u8,
    ) -> Self {
        let mut tx = SendBuffer::new(setup.framing);
        let config = Arc::new(setup.client.clone());
        let seed = |side| [side, round, 0, 0].repeat(8).try_into().unwrap();
        let client = match from {
            Some(from) => Connection::resume(config, from, now, seed(1), &mut tx).unwrap(),
            None => Connection::connect(config, now, seed(1), &mut tx),
        };
        let client = End::new(client, tx);
        let mut config = ServerConfig::default();
        config.tls = TlsMode::DangerousPlaintext;
        let server = Connection::accept(Arc::new(config), setup.framing, now, seed(2));
        let server = End::new(server, SendBuffer::new(setup.framing));
        let host = Arc::new(setup.host.clone());
        Self { client, server, now, host, kept, forgotten_h: None }
    }

    /// A connection over which stanzas flow, with stream management.
    pub(crate) fn open(setup: &Setup) -> Self {
        let mut pair = Self::begin(setup, None, None);
        pair.settle();
        pair
    }

    /// What the client sent arrives.
    pub(crate) fn give_server(&mut self, bytes: &[u8]) {
        self.server.take_in(bytes);
        self.poll_server();
    }

    pub(crate) fn poll_server(&mut self) {
        let (host, kept, h) = (&self.host, &mut self.kept, self.forgotten_h);
        self.server.poll(self.now, |end, event| {
            let (connection, tx) = (&mut end.connection, &mut end.tx);
            match event {
                ServerEvent::HostWanted(query) => {
                    connection.choose_host(query, Arc::clone(host), tx).unwrap();
                }
                ServerEvent::CredentialsWanted(query) => {
                    let answer = answer(query.query());
                    connection.provide_credentials(query, answer, tx).unwrap();
                }
                ServerEvent::BindWanted(query) => {
                    let jid = FullJid::new("juliet@example.com/balcony").unwrap();
                    connection.bind(query, jid, tx).unwrap();
                }
                ServerEvent::ResumeWanted(query) => match kept.take() {
                    Some(kept) => {
                        let answered = connection.accept_resumption(query, kept, tx);
                        end.log.push(format!("accept_resumption {answered:?}"));
                    }
                    None => connection.refuse_resumption(query, h, tx).unwrap(),
                },
                ServerEvent::StreamManagementEnabled { resumable } => {
                    end.log.push(format!("enabled resumable={resumable}"));
                }
                _ => {}
            }
        });
    }

    /// What the server sent arrives.
    pub(crate) fn give_client(&mut self, bytes: &[u8]) {
        self.client.take_in(bytes);
        self.poll_client();
    }

    pub(crate) fn poll_client(&mut self) {
        self.client.poll(self.now, |end, event| match event {
            ClientEvent::StreamManagementEnabled { resumable } => {
                end.log.push(format!("enabled resumable={resumable}"));
            }
            ClientEvent::StreamManagementRefused { failed } => {
                end.log.push(format!("refused {failed}"));
            }
            ClientEvent::ResumptionFailed { failed } => {
                end.log.push(format!("not resumed {:?}", failed.map(|failed| failed.to_string())));
            }
            _ => {}
        });
    }

    /// Bytes go back and forth until neither side has anything to say.
    pub(crate) fn settle(&mut self) {
        loop {
            let (there, back) = (next(&mut self.client.tx), next(&mut self.server.tx));
            if there.is_empty() && back.is_empty() {
                return;
            }
            self.give_server(&there);
            self.give_client(&back);
        }
    }

    /// Time goes on, and what comes due takes effect.
    pub(crate) fn wait(&mut self, time: Duration) {
        self.now = self.now.saturating_add(time);
        self.poll_client();
        self.poll_server();
    }

    /// The wire is cut: both learn of it, whatever was under way is lost.
    pub(crate) fn cut(&mut self) {
        self.client.connection.handle_eof(self.now);
        self.server.connection.handle_eof(self.now);
        self.poll_client();
        self.poll_server();
    }

    /// The next connection, from what both have left of this one.
    pub(crate) fn again(mut self, setup: &Setup) -> Self {
        self.cut();
        let from = self.client.connection.take_resumption();
        let kept = self.server.connection.take_resumption().or(self.kept);
        let mut pair = Self::begin(setup, from, kept);
        pair.settle();
        pair
    }
}
