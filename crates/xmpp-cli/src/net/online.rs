//! A session on tokio: the names, the sockets and the waits that it asks for. What to do
//! about what comes of them is the session's.

use core::net::SocketAddr;
use core::time::Duration;
use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::task::{AbortHandle, JoinSet};
use xmpp_core::sasl::{Mechanism, ScramKeys, Secret};
use xmpp_core::session::discovery::{LookupFailed, Srv};
use xmpp_core::session::{
    AddressQuery, Attempt, AttemptId, Lookup, Session, SessionConfig, SessionEvent, SessionOutput,
    SrvQuery, Target,
};
use xmpp_core::time::{Clock, Deadline, Instant};
use xmpp_core::tls::rustls::{RustlsFacts, RustlsInitiator};
use xmpp_core::xml::Element;
use xmpp_core::{ClientEvent, KeysQuery, MessageFault, UpgradeQuery};

use super::names::Names;
use super::place::Place;
use super::transport::{Machine, Transport};
use super::websocket;
use crate::out;

/// After so many turns the other tasks of the runtime get theirs.
const TURNS: u32 = 16;

/// A session, and all that is under way for it.
pub(crate) struct Online {
    pub(crate) session: Session,
    clock: Clock,
    tls: Arc<RustlsInitiator>,
    names: Names,
    /// Where a WebSocket is, instead of what its URL says.
    instead: Option<Place>,
    max_message_bytes: usize,
    /// Questions and attempts on their way. Dropping them gives them up.
    tasks: JoinSet<News>,
    attempts: HashMap<AttemptId, AbortHandle>,
    socket: Option<(AttemptId, Transport)>,
    /// What the stream of the moment was authenticated with.
    pub(crate) mechanism: Option<Mechanism>,
    /// Which profile of SASL that was: `rfc6120` or `sasl2` (XEP-0388).
    pub(crate) profile: &'static str,
    /// The transport of the stream that was authenticated last.
    authenticated: Option<AttemptId>,
    /// The features that the server has sent last to a client that was authenticated. With
    /// SASL2 they come behind the end of the negotiation, so these may be of the stream before.
    pub(crate) features: Option<Element>,
    /// The version of TLS below a WebSocket.
    tls_below: Option<&'static str>,
    turns: u32,
}

/// What came of something that was under way.
enum News {
    Srv(SrvQuery, Result<Vec<Srv>, LookupFailed>),
    Addresses(AddressQuery, Result<Vec<core::net::IpAddr>, LookupFailed>),
    Tcp(AttemptId, io::Result<TcpStream>),
    WebSocket(AttemptId, io::Result<Box<(websocket::WebSocket, RustlsFacts)>>),
    Keys(Box<(KeysQuery, ScramKeys)>),
    Upgrade(UpgradeQuery, Secret),
}

impl Online {
    pub(crate) fn begin(
        config: SessionConfig,
        tls: Arc<RustlsInitiator>,
        names: Names,
        instead: Option<Place>,
    ) -> Self {
        let clock = Clock::start();
        let max_message_bytes = config.client.limits.max_message_bytes();
        let initiator = Arc::clone(&tls);
        let session = Session::new(config, initiator, clock.now(), super::seed());
        Self {
            session,
            clock,
            tls,
            names,
            instead,
            max_message_bytes,
            tasks: JoinSet::new(),
            attempts: HashMap::new(),
            socket: None,
            mechanism: None,
            profile: "rfc6120",
            authenticated: None,
            features: None,
            tls_below: None,
            turns: 0,
        }
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// The version of TLS that the stream of the moment has.
    pub(crate) fn tls_version(&self) -> &'static str {
        let version = self.session.tls_facts().and_then(|facts| facts.version);
        self.tls_below.or_else(|| version.map(|version| version.as_str())).unwrap_or("none")
    }

    /// The next event; `None` once the session has stopped. Safe to drop and call again:
    /// nothing is lost between two awaits.
    pub(crate) async fn next(&mut self) -> Option<SessionEvent> {
        loop {
            if self.turns >= TURNS {
                tokio::task::yield_now().await;
                self.turns = 0;
            }
            self.turns += 1;
            let deadline = match self.session.poll(self.clock.now()) {
                SessionOutput::Event(event) => match self.own(event) {
                    Some(event) => return Some(event),
                    None => continue,
                },
                SessionOutput::LookUp(lookup) => {
                    self.look_up(lookup);
                    continue;
                }
                SessionOutput::Connect(attempt) => {
                    self.connect(attempt);
                    continue;
                }
                SessionOutput::CloseTransport(id) => {
                    if let Some(attempt) = self.attempts.remove(&id) {
                        attempt.abort();
                    }
                    if let Some((_, mut socket)) = self.socket.take_if(|(open, _)| *open == id) {
                        socket.finish().await;
                    }
                    continue;
                }
                SessionOutput::Shutdown(_) => {
                    if let Some((_, socket)) = &mut self.socket {
                        socket.shutdown().await;
                    }
                    continue;
                }
                SessionOutput::Closed => return None,
                SessionOutput::Transmit(..) => self.session.poll_timeout(),
                SessionOutput::Wait(deadline) => deadline,
            };
            self.wait(deadline).await;
        }
    }

    /// Waits for whatever comes first.
    async fn wait(&mut self, deadline: Option<Deadline>) {
        let wait = deadline.map(|deadline| deadline.after(self.clock.now()));
        let wait = wait.unwrap_or(Duration::from_secs(86_400));
        let (session, socket) = (&mut self.session, &mut self.socket);
        let moved = async {
            let Some((id, socket)) = socket else { return core::future::pending().await };
            let mut on = On { session, id: *id };
            let sends = !on.transmit().is_empty();
            let reads = !sends || on.wants_read();
            if let Err(error) = socket.turn(&mut on, reads).await {
                on.session.handle_broken_transport(*id, &error);
            }
        };
        tokio::select! {
            () = moved => {}
            Some(news) = self.tasks.join_next() => {
                // What was aborted has nothing to say.
                if let Ok(news) = news {
                    self.take(news);
                }
            }
            () = tokio::time::sleep(wait) => {}
        }
    }

    fn take(&mut self, news: News) {
        match news {
            News::Srv(query, answer) => self.session.provide_srv(query, answer),
            News::Addresses(query, answer) => self.session.provide_addresses(query, answer),
            News::Tcp(id, Ok(socket)) => {
                if self.attempts.remove(&id).is_some() {
                    self.session.connected(self.clock.now(), id);
                    self.open(id, socket.into(), None);
                }
            }
            News::WebSocket(id, Ok(opened)) => {
                let (socket, facts) = *opened;
                if self.attempts.remove(&id).is_some() {
                    let facts = facts.as_facts();
                    let version = facts.version.map_or("none", |version| version.as_str());
                    self.session.websocket_connected(self.clock.now(), id, facts);
                    self.open(id, socket.into(), Some(version));
                }
            }
            News::Tcp(id, Err(error)) | News::WebSocket(id, Err(error)) => {
                self.attempts.remove(&id);
                self.session.connect_failed(id, &error);
            }
            // In vain if the stream has ended meanwhile.
            News::Keys(answer) => _ = self.session.provide_keys(answer.0, answer.1),
            News::Upgrade(query, salted) => {
                _ = self.session.provide_salted_password(query, salted);
            }
        }
    }

    fn open(&mut self, id: AttemptId, socket: Transport, tls_below: Option<&'static str>) {
        if self.session.transport() == Some(id) {
            self.socket = Some((id, socket));
            self.tls_below = tls_below;
        }
    }

    fn look_up(&mut self, lookup: Lookup) {
        let names = self.names.clone();
        match lookup {
            Lookup::Srv(query) => {
                _ = self.tasks.spawn(async move {
                    let answer = names.srv(query.name()).await;
                    News::Srv(query, answer)
                })
            }
            Lookup::Addresses(query) => {
                _ = self.tasks.spawn(async move {
                    let answer = names.addresses(query.name(), query.family()).await;
                    News::Addresses(query, answer)
                })
            }
            // Not asked for: the configuration has it off.
            Lookup::HostMeta(query) => {
                self.session.provide_host_meta(query, Err(LookupFailed::new("not supported")));
            }
        }
    }

    fn connect(&mut self, attempt: Attempt) {
        let Attempt { id, target, .. } = attempt;
        self.profile = "rfc6120";
        let task = match target {
            Target::Tcp { address, .. } => self.tasks.spawn(tcp(id, address)),
            Target::WebSocket { url } => {
                let (tls, instead) = (Arc::clone(&self.tls), self.instead.clone());
                let max_bytes = self.max_message_bytes;
                self.tasks.spawn(async move {
                    let opened = websocket(&url, instead, &tls, max_bytes).await;
                    News::WebSocket(id, opened.map(Box::new))
                })
            }
        };
        self.attempts.insert(id, task);
    }

    /// What a driver deals with; else gives it back.
    fn own(&mut self, event: SessionEvent) -> Option<SessionEvent> {
        match event {
            SessionEvent::Client(ClientEvent::KeysWanted(query)) => {
                // PBKDF2 takes long enough to be felt by all others on this thread.
                self.tasks.spawn(async move {
                    let derive = move || (query.derive(), query);
                    let mut derived = tokio::task::spawn_blocking(derive);
                    let patience = tokio::time::sleep(Duration::from_secs(1));
                    let derived = tokio::select! {
                        derived = &mut derived => derived,
                        () = patience => {
                            out::note("hashing the password, as often as the server asks for");
                            derived.await
                        }
                    };
                    let (keys, query) = derived.expect("hashing does not panic");
                    News::Keys(Box::new((query, keys)))
                });
                None
            }
            SessionEvent::Client(ClientEvent::UpgradeWanted(query)) => {
                self.tasks.spawn(async move {
                    let derived = tokio::task::spawn_blocking(move || (query.derive(), query));
                    let (salted, query) = derived.await.expect("hashing does not panic");
                    News::Upgrade(query, salted)
                });
                None
            }
            SessionEvent::Client(ClientEvent::Authenticated { account, proof, token }) => {
                self.mechanism = Some(proof.mechanism());
                self.authenticated = self.session.transport();
                let event = ClientEvent::Authenticated { account, proof, token };
                Some(SessionEvent::Client(event))
            }
            SessionEvent::Client(ClientEvent::SuccessReceived(success)) => {
                self.profile = "sasl2";
                Some(SessionEvent::Client(ClientEvent::SuccessReceived(success)))
            }
            SessionEvent::Client(ClientEvent::FeaturesReceived(features)) => {
                if self.authenticated == self.session.transport() {
                    self.features = Some(features.into_element());
                }
                None
            }
            event => Some(event),
        }
    }
}

async fn tcp(id: AttemptId, address: SocketAddr) -> News {
    News::Tcp(id, TcpStream::connect(address).await)
}

/// A WebSocket, from its URL to the end of its handshake.
async fn websocket(
    url: &str,
    instead: Option<Place>,
    tls: &RustlsInitiator,
    max_bytes: usize,
) -> io::Result<(websocket::WebSocket, RustlsFacts)> {
    let url: websocket::Url = url.parse().map_err(io::Error::other)?;
    let (host, port) = match &instead {
        Some(place) => place.or_port(url.port),
        None => (url.host(), url.port),
    };
    let socket = TcpStream::connect((host, port)).await?;
    websocket::connect(&url, socket, tls, max_bytes).await
}

/// The stream of a session, on the transport that it is on.
struct On<'a> {
    session: &'a mut Session,
    id: AttemptId,
}

impl Machine for On<'_> {
    fn transmit(&self) -> &[u8] {
        self.session.transmit(self.id)
    }

    fn transmitted(&mut self, n: usize) {
        self.session.transmitted(self.id, n);
    }

    fn wants_read(&self) -> bool {
        self.session.wants_read(self.id)
    }

    fn write_to(&mut self, transport: &mut impl Write) -> io::Result<()> {
        self.session.write_to(self.id, transport);
        Ok(())
    }

    fn read_from(&mut self, transport: &mut impl Read) -> io::Result<()> {
        self.session.read_from(self.id, transport);
        Ok(())
    }

    fn handle_message(&mut self, message: &[u8]) -> bool {
        self.session.handle_message(self.id, message)
    }

    fn handle_bad_message(&mut self, fault: MessageFault) {
        self.session.handle_bad_message(self.id, fault);
    }

    fn handle_eof(&mut self) {
        self.session.handle_eof(self.id);
    }
}
