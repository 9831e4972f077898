//! Every schedule of a few stanzas, over the real machines: a state of the model is two
//! connections, what is on the way between them, and what has come; a step is one that
//! the wire, an application or a clock can take.
//!
//! What is explored: up to four stanzas each way and three lost connections, each with all
//! that is on the way at that moment; delivery of one first-level element at a time, in
//! order, as a stream has it; acknowledgements that are requested by the machines' own policy
//! or when their timer says so, and, in a second run, that are sent without a request at any
//! moment; a host that has forgotten the session, with and without the count of what it had
//! handled.
//!
//! What is not told apart, since no side can:
//!
//! - Moments in time, but for which deadline is awaited.
//! - Which bytes of an element have come: a part of one changes nothing (`every_cut.rs`, and
//!   `tests/stream_management/schedules.rs`, cut at each).
//! - When what the client has sent arrives. Steps of the two sides commute, and what one
//!   side sends arrives in order: each schedule can be told in such an order that what the
//!   client sends arrives at once, up to the moment from which on nothing arrives any more
//!   ([`Step::Break`]). What the server sends arrives whenever it does.

use alloc::borrow::ToOwned;
use alloc::collections::VecDeque;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use alloc::{format, vec};
use core::fmt;
use core::hash::{Hash, Hasher};
use core::num::NonZeroU32;
use core::time::Duration;
use std::sync::{Mutex, MutexGuard, OnceLock};

use stateright::{Checker, Model, Property};
use xmpp_jid::{BareJid, Domainpart, FullJid};
use xmpp_sasl::ScramKeys;
use xmpp_sasl::client::Credentials;
use xmpp_sasl::crypto::{self, Hash as Digest};
use xmpp_sasl::server::{AccountKeys, Answer, Config as SaslConfig, FakeSalt};
use xmpp_xml::{Framing, RecvBuffer, SendBuffer};

use super::{Resumption, StreamManagement, Unacknowledged};
use crate::config::{ClientConfig, HostConfig, ServerConfig, TlsMode};
use crate::connection::{Connection, Phase};
use crate::event::{Event, ServerEvent};
use crate::negotiation::sm;
use crate::role::{ClientToServer, Role, ServerFromClient};
use crate::time::{Instant, TimerReason};

const T0: Instant = Instant::from_origin(Duration::ZERO);

/// One side.
struct End<R: Role> {
    connection: Connection<R>,
    rx: RecvBuffer,
    tx: SendBuffer,
    /// First-level elements on their way to the other side.
    outbound: VecDeque<String>,
    /// How many stanzas the application has sent.
    sent: u8,
    /// Those that have come.
    got: Vec<u8>,
    /// Of this side's stanzas, those that were handed back.
    handed_back: Option<Vec<u8>>,
}

impl<R: Role> Clone for End<R>
where
    R::State: Clone,
{
    fn clone(&self) -> Self {
        Self {
            connection: self.connection.clone(),
            rx: self.rx.clone(),
            tx: self.tx.clone(),
            outbound: self.outbound.clone(),
            sent: self.sent,
            got: self.got.clone(),
            handed_back: self.handed_back.clone(),
        }
    }
}

impl<R: Role> End<R> {
    fn new(connection: Connection<R>, tx: SendBuffer) -> Self {
        let rx = RecvBuffer::new(1 << 16);
        let (outbound, got) = (VecDeque::new(), Vec::new());
        Self { connection, rx, tx, outbound, sent: 0, got, handed_back: None }
    }

    /// What has been written is on its way.
    fn flush(&mut self) {
        let unsent = self.tx.unsent().to_vec();
        self.tx.sent(unsent.len());
        let text = String::from_utf8(unsent).unwrap();
        self.outbound.extend(text.split_inclusive("/>").map(ToOwned::to_owned));
    }

    fn poll(&mut self, mut role: impl FnMut(&mut Self, R::Event<'static>)) {
        loop {
            let event = match self.connection.poll_event(T0, &mut self.rx, &mut self.tx) {
                Ok(Some(event)) => event.into_shared(),
                Ok(None) | Err(_) => return,
            };
            match event {
                Event::Stanza(stanza) => {
                    self.got.push(stanza.element().attr("id").unwrap().parse().unwrap());
                }
                Event::Role(event) => role(self, event),
                _ => {}
            }
        }
    }

    fn send(&mut self) {
        self.sent += 1;
        let stanza = format!("<message id='{}'/>", self.sent);
        self.connection.send_serialized(stanza.as_bytes(), &mut self.tx).unwrap();
        self.flush();
    }

    fn is_open(&self) -> bool {
        self.connection.phase() == Phase::Established
    }

    /// Whether the clock has something to do.
    fn asks(&self) -> bool {
        self.connection
            .poll_timeout()
            .is_some_and(|due| due.reason == TimerReason::AcknowledgementRequest)
    }

    fn ask(&mut self) {
        let due = self.connection.poll_timeout().unwrap().at;
        self.connection.handle_timeout(due, &mut self.tx);
        self.connection.core.timers.rewind(T0);
        self.flush();
    }

    /// Whether it could tell something new.
    fn has_news(&self) -> bool {
        let ledger = &self.connection.core.management.ledger;
        self.is_open() && ledger.as_ref().is_some_and(|ledger| ledger.has_news())
    }

    fn tell(&mut self) {
        sm::last_answer(&mut self.connection.core, &mut self.tx);
        self.flush();
    }

    fn lose(&mut self) {
        self.outbound.clear();
        self.connection.handle_eof(T0);
        self.poll(|_, _| {});
    }

    fn hash(&self, state: &mut impl Hasher) {
        let management = &self.connection.core.management;
        management.ledger.as_ref().map(|ledger| ledger.fingerprint()).hash(state);
        management.former().map(counts).hash(state);
        (self.connection.phase() as u8, self.asks(), self.sent).hash(state);
        (&self.outbound, &self.got, &self.handed_back).hash(state);
    }
}

fn counts(resumption: &Resumption) -> [u32; 3] {
    let queue = resumption.unacknowledged().len() as u32;
    [resumption.handled().get(), resumption.acknowledged().get(), queue]
}

fn ids(stanzas: &Unacknowledged) -> Vec<u8> {
    stanzas.elements().map(|stanza| stanza.attr("id").unwrap().parse().unwrap()).collect()
}

#[derive(Clone)]
struct World {
    client: End<ClientToServer>,
    server: End<ServerFromClient>,
    /// What the host has, while the client has not asked for it.
    kept: Option<Resumption>,
    /// What the host tells of a session that it has forgotten.
    told: Option<u32>,
    cuts: u8,
    tells: bool,
    forgotten: bool,
    /// Nothing that the client sends arrives any more.
    broken: bool,
}

impl Hash for World {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.client.hash(state);
        self.server.hash(state);
        self.kept.as_ref().map(counts).hash(state);
        (self.told, self.cuts, self.forgotten, self.broken).hash(state);
    }
}

/// A state: a world that is looked at, and gone on with in a copy.
#[derive(Clone)]
struct State(Arc<Mutex<World>>);

impl State {
    fn new(world: World) -> Self {
        Self(Arc::new(Mutex::new(world)))
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }
}

impl Hash for State {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.world().hash(state);
    }
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        let of = |state: &Self| {
            let mut hasher = std::hash::DefaultHasher::new();
            state.hash(&mut hasher);
            hasher.finish()
        };
        of(self) == of(other)
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.world().fmt(f)
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("to server", &self.client.outbound)
            .field("to client", &self.server.outbound)
            .field("client got", &self.client.got)
            .field("server got", &self.server.got)
            .field("cuts", &self.cuts)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    ClientSends,
    ServerSends,
    ClientReceives,
    ClientAsks,
    ServerAsks,
    ClientTells,
    ServerTells,
    /// From here on nothing of the client arrives.
    Break,
    Cut,
    /// A cut after which the host has forgotten the session.
    Forget {
        tells: bool,
    },
}

impl World {
    fn client_receives(&mut self) {
        let Some(element) = self.server.outbound.pop_front() else { return };
        self.client.rx.push(element.as_bytes());
        self.client.poll(|_, _| {});
        if self.forgotten && self.client.handed_back.is_none() {
            let failed = self.client.connection.core.management.former().is_none();
            self.client.handed_back =
                failed.then(|| ids(&self.client.connection.take_unacknowledged()));
        }
    }

    /// What the client has sent arrives, or is lost.
    fn arrive(&mut self) {
        self.client.flush();
        let sent: String = self.client.outbound.drain(..).collect();
        if self.broken {
            return;
        }
        let (kept, told) = (&mut self.kept, self.told);
        self.server.rx.push(sent.as_bytes());
        self.server.poll(|end, event| {
            let ServerEvent::ResumeWanted(query) = event else { return };
            let (connection, tx) = (&mut end.connection, &mut end.tx);
            match kept.take() {
                Some(kept) => connection.accept_resumption(query, kept, tx).unwrap(),
                None => connection.refuse_resumption(query, told, tx).unwrap(),
            }
        });
        self.server.flush();
    }

    /// All that is on the way is lost, and the client connects again: its next word is
    /// the request for the resumption.
    fn cut(&mut self, forget: Option<bool>) {
        self.cuts += 1;
        self.client.lose();
        self.server.lose();
        let former = self.client.connection.take_resumption().expect("a client resumes");
        if let Some(kept) = self.server.connection.take_resumption() {
            self.kept = Some(kept);
        }
        if let Some(tells) = forget {
            let kept = self.kept.take().expect("a session is somewhere");
            self.told = tells.then_some(kept.handled().get());
            self.server.handed_back = Some(ids(kept.unacknowledged()));
            self.forgotten = true;
        }
        let (client, server, features) = authenticated(self.tells);
        (self.client.connection, self.client.rx) = (client.connection, client.rx);
        self.client.connection.resume_by(former, Framing::Stream);
        (self.server.connection, self.server.rx) = (server.connection, server.rx);
        self.client.rx.push(features.as_bytes());
        self.client.poll(|_, _| {});
        self.broken = false;
        self.arrive();
    }

    /// `from`'s stanzas have come to `to` in order, each once.
    fn in_order(sent: u8, got: &[u8]) -> bool {
        got.len() <= sent.into() && got.iter().zip(1..).all(|(id, n)| *id == n)
    }

    /// Of a session that is over: what has come and what is handed back is all.
    fn all(sent: u8, got: &[u8], handed_back: Option<&Vec<u8>>, exactly: bool) -> bool {
        let Some(handed_back) = handed_back else { return true };
        let first = sent - handed_back.len() as u8;
        let rest = handed_back.iter().copied().eq(first + 1..=sent);
        rest && if exactly {
            usize::from(first) == got.len()
        } else {
            usize::from(first) <= got.len()
        }
    }

    fn is_quiet(&self) -> bool {
        !self.broken
            && self.server.outbound.is_empty()
            && self.client.is_open()
            && self.server.is_open()
    }
}

/// What is explored.
struct Bounds {
    stanzas: u8,
    cuts: u8,
    /// Acknowledgements without requests, or with them.
    tells: bool,
}

impl Model for Bounds {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        let (mut client, mut server, features) = authenticated(self.tells);
        client.rx.push(features.as_bytes());
        client.poll(|_, _| {});
        let mut world = World {
            client,
            server: {
                server.outbound.clear();
                server
            },
            kept: None,
            told: None,
            cuts: 0,
            tells: self.tells,
            forgotten: false,
            broken: false,
        };
        // A resource is bound, and stream management is on.
        world.settle_at_once();
        assert!(world.is_quiet());
        assert!(world.client.connection.stream_management().unwrap().is_resumable());
        vec![State::new(world)]
    }

    fn actions(&self, state: &State, steps: &mut Vec<Step>) {
        let world = state.world();
        let (client, server) = (&world.client, &world.server);
        if !world.forgotten {
            let may = |is_open, sent| is_open && sent < self.stanzas;
            steps.extend(may(client.is_open(), client.sent).then_some(Step::ClientSends));
            steps.extend(may(server.is_open(), server.sent).then_some(Step::ServerSends));
            if world.cuts < self.cuts {
                steps.extend((!world.broken).then_some(Step::Break));
                steps.push(Step::Cut);
                if !self.tells {
                    steps.extend([Step::Forget { tells: false }, Step::Forget { tells: true }]);
                }
            }
        }
        steps.extend((!server.outbound.is_empty()).then_some(Step::ClientReceives));
        if self.tells {
            steps.extend(client.has_news().then_some(Step::ClientTells));
            steps.extend(server.has_news().then_some(Step::ServerTells));
        } else {
            steps.extend(client.asks().then_some(Step::ClientAsks));
            steps.extend(server.asks().then_some(Step::ServerAsks));
        }
    }

    fn next_state(&self, state: &State, step: Step) -> Option<State> {
        let world = state.world();
        // The host has forgotten it, and the client knows: what follows is another session.
        if world.client.handed_back.is_some() {
            return None;
        }
        let mut world = world.clone();
        match step {
            Step::ClientSends => world.client.send(),
            Step::ServerSends => world.server.send(),
            Step::ClientReceives => world.client_receives(),
            Step::ClientAsks => world.client.ask(),
            Step::ServerAsks => world.server.ask(),
            Step::ClientTells => world.client.tell(),
            Step::ServerTells => world.server.tell(),
            Step::Break => world.broken = true,
            Step::Cut => world.cut(None),
            Step::Forget { tells } => world.cut(Some(tells)),
        }
        world.arrive();
        Some(State::new(world))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("each once and in order", |_, state: &State| {
                let world = state.world();
                World::in_order(world.client.sent, &world.server.got)
                    && World::in_order(world.server.sent, &world.client.got)
            }),
            Property::always("nothing is lost", |_, state: &State| {
                let world = state.world();
                !world.is_quiet()
                    || (world.server.got.len() == usize::from(world.client.sent)
                        && world.client.got.len() == usize::from(world.server.sent))
            }),
            Property::always("or it is handed back", |_, state: &State| {
                let world = state.world();
                let (client, server) = (&world.client, &world.server);
                let told = world.told.is_some();
                World::all(client.sent, &server.got, client.handed_back.as_ref(), told)
                    && World::all(server.sent, &client.got, server.handed_back.as_ref(), false)
            }),
            Property::always("no connection ends by itself", |_, state: &State| {
                let world = state.world();
                world.client.connection.phase() != Phase::Closed
                    && world.server.connection.phase() != Phase::Closed
            }),
            Property::sometimes("all has come after every cut", |bounds: &Self, state: &State| {
                let world = state.world();
                world.cuts == bounds.cuts
                    && world.is_quiet()
                    && world.client.got.len() == usize::from(bounds.stanzas)
                    && world.server.got.len() == usize::from(bounds.stanzas)
            }),
            Property::sometimes("something is handed back", |bounds: &Self, state: &State| {
                let world = state.world();
                let ids = world.client.handed_back.as_ref();
                bounds.tells || ids.is_some_and(|ids| !ids.is_empty())
            }),
        ]
    }
}

/// Both sides right behind authentication, and the features that the client has not read.
type Authenticated = (End<ClientToServer>, End<ServerFromClient>, String);

fn authenticated(tells: bool) -> Authenticated {
    static ENDS: [OnceLock<Mutex<Authenticated>>; 2] = [OnceLock::new(), OnceLock::new()];
    let ends = &ENDS[usize::from(tells)];
    ends.get_or_init(|| Mutex::new(authenticate(tells))).lock().unwrap().clone()
}

fn authenticate(tells: bool) -> Authenticated {
    let rounds = NonZeroU32::new(4096).unwrap();
    let salt = b"0123456789abcdef";
    let keys = ScramKeys::derive(crypto::provider(), Digest::Sha256, b"r0m30", salt, rounds);
    let mut config = StreamManagement::of_client();
    config.request_after_stanzas = if tells { 1000 } else { 2 };
    config.answer_within = None;

    let account = BareJid::new("juliet@example.com").unwrap();
    let credentials = Credentials::new("juliet").with_scram_keys(keys.clone());
    let mut client = ClientConfig::new(account, credentials);
    client.tls = TlsMode::DangerousPlaintext;
    client.timeouts.keepalive = None;
    client.stream_management = Some(config.clone());
    // RFC 6120's own order, so that each end stands between two headers.
    client.sasl2.enabled = false;
    let mut tx = SendBuffer::new(Framing::Stream);
    let connection = Connection::connect(Arc::new(client), T0, [1; 32], &mut tx);
    let mut client = End::new(connection, tx);

    let sasl = SaslConfig::new().account_keys(AccountKeys::new(
        FakeSalt::new([1; 32]),
        Digest::Sha256,
        rounds,
    ));
    let mut host = HostConfig::new(Domainpart::new("example.com").unwrap(), sasl);
    host.stream_management = Some(config);
    let host = Arc::new(host);
    let mut server = ServerConfig { tls: TlsMode::DangerousPlaintext, ..ServerConfig::default() };
    server.timeouts.idle = None;
    let connection = Connection::accept(Arc::new(server), Framing::Stream, T0, [2; 32]);
    let mut server = End::new(connection, SendBuffer::new(Framing::Stream));

    // More than an exchange takes.
    for _ in 0..32 {
        let sent = server.tx.unsent().to_vec();
        server.tx.sent(sent.len());
        let sent = String::from_utf8(sent).unwrap();
        if let Some((header, _)) = sent.split_once("<stream:features><bind") {
            let features = sent[header.len()..].to_string();
            client.rx.push(header.as_bytes());
            client.poll(|_, _| {});
            return (client, server, features);
        }
        client.rx.push(sent.as_bytes());
        client.poll(|_, _| {});
        server.rx.push(client.tx.unsent());
        client.tx.sent(usize::MAX);
        server.poll(|end, event| {
            let (connection, tx) = (&mut end.connection, &mut end.tx);
            match event {
                ServerEvent::HostWanted(query) => {
                    connection.choose_host(query, Arc::clone(&host), tx).unwrap();
                }
                ServerEvent::CredentialsWanted(query) => {
                    let answer = Answer::keys(keys.to_stored());
                    connection.provide_credentials(query, answer, tx).unwrap();
                }
                _ => {}
            }
        });
    }
    unreachable!("they do not agree");
}

impl World {
    /// Binds, and turns stream management on.
    fn settle_at_once(&mut self) {
        for _ in 0..4 {
            self.server.rx.push(self.client.tx.unsent());
            self.client.tx.sent(usize::MAX);
            self.server.poll(|end, event| {
                let ServerEvent::BindWanted(query) = event else { return };
                let jid = FullJid::new("juliet@example.com/balcony").unwrap();
                end.connection.bind(query, jid, &mut end.tx).unwrap();
            });
            self.client.rx.push(self.server.tx.unsent());
            self.server.tx.sent(usize::MAX);
            self.client.poll(|_, _| {});
        }
    }
}

/// With other bounds: `STANZAS=2 CUTS=1`.
fn explore(tells: bool) {
    let bound = |name, or| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(or);
    let bounds = Bounds { stanzas: bound("STANZAS", 4), cuts: bound("CUTS", 3), tells };
    let checker = bounds.checker().threads(2).spawn_bfs().join();
    let (states, steps) = (checker.unique_state_count(), checker.state_count());
    std::eprintln!("{states} states, {steps} steps");
    checker.assert_properties();
}

#[test]
fn every_schedule_with_requests_for_acknowledgements() {
    explore(false);
}

#[test]
fn every_schedule_with_acknowledgements_at_any_moment() {
    explore(true);
}
