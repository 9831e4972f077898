//! A network, a DNS and servers that exist in a test alone, under virtual time.

mod network;
mod servers;

use core::net::SocketAddr;
use core::time::Duration;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use xmpp_core::config::ClientConfig;
use xmpp_core::session::discovery::{Family, LookupFailed};
use xmpp_core::session::{
    AddressQuery, AttemptId, HostMetaQuery, Lookup, Session, SessionConfig, SessionEvent,
    SessionOutput, SrvQuery, Target,
};
use xmpp_core::stream_management::Resumption;
use xmpp_core::time::Instant;
use xmpp_core::tls::rustls::RustlsReceiver;
use xmpp_core::{ClientEvent, HostConfig};

use crate::common::tokens::Store;
use crate::common::{self, T0};
pub(crate) use network::{Dns, Does, Host, Reached};
use servers::Pipe;

pub(crate) fn at(seconds: f64) -> Instant {
    Instant::from_origin(Duration::from_secs_f64(seconds))
}

pub(crate) const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

enum Due {
    Srv(SrvQuery),
    Addresses(AddressQuery),
    HostMeta(HostMetaQuery),
    Connected(AttemptId),
    Refused(AttemptId),
    ToServer(AttemptId, Vec<u8>),
    ToClient(AttemptId, Vec<u8>),
    Eof(AttemptId),
}

pub(crate) struct World {
    pub(crate) session: Session,
    pub(crate) now: Instant,
    pub(crate) dns: Dns,
    pub(crate) hosts: HashMap<SocketAddr, Host>,
    pub(crate) receiver: Option<Arc<RustlsReceiver>>,
    pub(crate) log: Vec<(Instant, String)>,
    /// Stanzas that servers have received.
    pub(crate) received: Vec<String>,
    /// What was handed back.
    pub(crate) returned: Vec<String>,
    pub(crate) seed: u64,
    /// The tokens of servers that issue any.
    pub(crate) tokens: Option<Store>,
    /// What servers change of their configuration.
    pub(crate) tune: fn(&mut HostConfig),
    /// Whether servers offer stream management.
    pub(crate) management: bool,
    /// Where they would like to be connected to for a resumption.
    pub(crate) location: Option<String>,
    /// What they can resume.
    pub(crate) sessions: HashMap<String, Resumption>,
    /// What they are to send once there is a stream.
    pub(crate) outbox: VecDeque<String>,
    agenda: BTreeMap<(Instant, u64), Due>,
    number: u64,
    opening: HashMap<AttemptId, SocketAddr>,
    pipes: HashMap<AttemptId, Pipe>,
    /// The transport that the session's stream is on.
    live: Option<AttemptId>,
    pub(crate) closed: bool,
    /// How much of the log has been waited for.
    seen: usize,
}

pub(crate) fn client() -> ClientConfig {
    common::client_config()
}

impl World {
    /// Without TLS, so that it is fast.
    pub(crate) fn new(config: SessionConfig, seed: u64) -> Self {
        let session = Session::new_dangerous_plaintext(config, T0, seed_bytes(seed));
        Self::with(session, seed)
    }

    pub(crate) fn with(session: Session, seed: u64) -> Self {
        Self {
            session,
            now: T0,
            dns: Dns::default(),
            hosts: HashMap::new(),
            receiver: None,
            log: Vec::new(),
            received: Vec::new(),
            returned: Vec::new(),
            seed,
            tokens: None,
            tune: |_| {},
            management: false,
            location: None,
            sessions: HashMap::new(),
            outbox: VecDeque::new(),
            agenda: BTreeMap::new(),
            number: 0,
            opening: HashMap::new(),
            pipes: HashMap::new(),
            live: None,
            closed: false,
            seen: 0,
        }
    }

    /// One host, known by the domain's own name, on port 5222.
    pub(crate) fn of_one(does: Does) -> Self {
        let mut world = Self::new(SessionConfig::new(client()), 1);
        world.dns.host("example.com", &["192.0.2.1"]);
        world.put("192.0.2.1:5222", Host::new(does));
        world
    }

    pub(crate) fn put(&mut self, address: &str, host: Host) {
        self.hosts.insert(address.parse().unwrap(), host);
    }

    fn note(&mut self, what: impl Into<String>) {
        self.log.push((self.now, what.into()));
    }

    fn schedule(&mut self, after: Duration, due: Due) {
        self.number += 1;
        self.agenda.insert((self.now.saturating_add(after), self.number), due);
    }

    /// Goes on until `done` or until `until`.
    pub(crate) fn run(&mut self, until: Instant, done: impl FnMut(&Self) -> bool) {
        self.go_on(until, done);
        self.seen = self.log.len();
    }

    fn go_on(&mut self, until: Instant, mut done: impl FnMut(&Self) -> bool) {
        let mut steps = 0;
        loop {
            steps += 1;
            assert!(steps < 200_000, "seed {}: no end: {:#?}", self.seed, self.tail());
            let deadline = self.settle();
            if done(self) {
                return;
            }
            let next = self.agenda.first_key_value().map(|((at, _), _)| *at);
            let servers = self
                .pipes
                .values()
                .filter(|pipe| !pipe.over && !pipe.cut && !matches!(pipe.does, Does::Nothing));
            let servers = servers.filter_map(|pipe| pipe.server.poll_timeout());
            let servers = servers.map(|deadline| deadline.at).min();
            let Some(next) = [next, deadline, servers].into_iter().flatten().min() else {
                // Nothing is going to happen.
                self.now = self.now.max(until);
                return;
            };
            if next > until {
                self.now = self.now.max(until);
                self.settle();
                return;
            }
            self.now = self.now.max(next);
            while let Some(entry) = self.agenda.first_entry()
                && entry.key().0 <= self.now
            {
                let due = entry.remove();
                self.happens(due);
            }
        }
    }

    pub(crate) fn run_for(&mut self, seconds: f64) {
        let until = self.now.saturating_add(Duration::from_secs_f64(seconds));
        self.run(until, |_| false);
    }

    /// Until something of that beginning is told, behind what was waited for before.
    #[track_caller]
    pub(crate) fn run_to(&mut self, what: &str) -> Instant {
        let from = self.seen;
        let find = |world: &Self| {
            let found = world.log[from..].iter().position(|(_, told)| told.starts_with(what));
            found.map(|at| from + at)
        };
        let until = self.now.saturating_add(Duration::from_secs(100_000));
        self.go_on(until, |world| find(world).is_some());
        let at = find(self).unwrap_or_else(|| panic!("no `{what}`: {:#?}", self.tail()));
        self.seen = at + 1;
        self.log[at].0
    }

    pub(crate) fn tail(&self) -> &[(Instant, String)] {
        &self.log[self.log.len().saturating_sub(60)..]
    }

    /// What was told that begins so, and when.
    pub(crate) fn told(&self, what: &str) -> Vec<(Instant, &str)> {
        let told = self.log.iter().filter(|(_, told)| told.starts_with(what));
        told.map(|(at, told)| (*at, told.as_str())).collect()
    }

    pub(crate) fn texts(&self, what: &str) -> Vec<&str> {
        self.told(what).into_iter().map(|(_, text)| text).collect()
    }

    /// Lets everybody do what can be done now. The session's deadline.
    fn settle(&mut self) -> Option<Instant> {
        loop {
            let deadline = self.turn_session();
            let mut moved = false;
            let ids: Vec<AttemptId> = self.pipes.keys().copied().collect();
            for id in ids {
                moved |= self.turn_server(id);
            }
            let due_now = self.agenda.first_key_value().is_some_and(|((at, _), _)| *at <= self.now);
            if !moved && !due_now {
                return deadline;
            }
            while let Some(entry) = self.agenda.first_entry()
                && entry.key().0 <= self.now
            {
                let due = entry.remove();
                self.happens(due);
            }
        }
    }

    fn turn_session(&mut self) -> Option<Instant> {
        for _ in 0..10_000 {
            match self.session.poll(self.now) {
                SessionOutput::Event(event) => self.take_event(event),
                SessionOutput::LookUp(lookup) => self.look_up(lookup),
                SessionOutput::Connect(attempt) => {
                    let Target::Tcp { address, .. } = attempt.target else {
                        let id = attempt.id;
                        self.note(format!("connect {}", attempt.target));
                        self.session.connect_failed(id, "no WebSockets here");
                        continue;
                    };
                    self.note(format!("connect {address}"));
                    self.opening.insert(attempt.id, address);
                    match self.hosts.get(&address).map(|host| host.reached) {
                        Some(Reached::After(after)) => {
                            self.schedule(ms(after), Due::Connected(attempt.id));
                        }
                        Some(Reached::Refuses(after)) => {
                            self.schedule(ms(after), Due::Refused(attempt.id));
                        }
                        Some(Reached::Never) => {}
                        None => self.schedule(Duration::ZERO, Due::Refused(attempt.id)),
                    }
                }
                SessionOutput::Transmit(id, bytes) => {
                    assert_eq!(Some(id), self.live, "seed {}: a second stream", self.seed);
                    let bytes = bytes.to_vec();
                    self.session.transmitted(id, bytes.len());
                    let latency = self.pipes[&id].latency;
                    self.schedule(latency, Due::ToServer(id, bytes));
                }
                SessionOutput::Shutdown(id) => {
                    if let Some(pipe) = self.pipes.get_mut(&id) {
                        pipe.server.handle_eof();
                    }
                }
                SessionOutput::CloseTransport(id) => {
                    if self.live == Some(id) {
                        self.live = None;
                    }
                    if self.opening.remove(&id).is_some() {
                        self.note("give up");
                    }
                    if let Some(pipe) = self.pipes.remove(&id) {
                        self.retire(pipe);
                        self.note("close");
                    }
                }
                SessionOutput::Wait(deadline) => {
                    self.closed = false;
                    return deadline.map(|deadline| deadline.at);
                }
                SessionOutput::Closed => {
                    self.closed = true;
                    assert!(self.opening.is_empty() && self.pipes.is_empty(), "left behind");
                    return None;
                }
            }
        }
        panic!("seed {}: the session never waits: {:#?}", self.seed, self.tail());
    }

    fn look_up(&mut self, lookup: Lookup) {
        let (key, due) = match lookup {
            Lookup::Srv(query) => (query.name().to_owned(), Due::Srv(query)),
            Lookup::Addresses(query) => {
                let family = if query.family() == Family::Ipv6 { "AAAA" } else { "A" };
                (format!("{family} {}", query.name()), Due::Addresses(query))
            }
            Lookup::HostMeta(query) => (query.url().to_owned(), Due::HostMeta(query)),
        };
        self.note(format!("look up {key}"));
        if !self.dns.silent.contains(&key) {
            let delay = self.dns.delays.get(&key).copied().unwrap_or(ms(1));
            self.schedule(delay, due);
        }
    }

    fn take_event(&mut self, event: SessionEvent) {
        let told = match event {
            SessionEvent::Online { jid, resumed } => {
                format!("online {jid}{}", if resumed { " resumed" } else { "" })
            }
            SessionEvent::Offline { why, retry_at } => {
                format!("offline {:.3} {why}", (retry_at.saturating_since(self.now)).as_secs_f64())
            }
            SessionEvent::Stopped { why } => format!("stopped {why}"),
            SessionEvent::AttemptFailed { target, why } => format!("failed {target}: {why}"),
            SessionEvent::Client(ClientEvent::KeysWanted(query)) => {
                let keys = query.derive();
                self.session.provide_keys(query, keys).unwrap();
                "keys wanted".to_owned()
            }
            SessionEvent::Client(ClientEvent::Authenticated { proof, .. }) => {
                format!("authenticated {}", proof.mechanism().name())
            }
            SessionEvent::Client(ClientEvent::AuthenticationFailed { mechanism, .. }) => {
                format!("refused {}", mechanism.name())
            }
            SessionEvent::Stanza(stanza) => format!("stanza {}", stanza.element().source()),
            SessionEvent::HandedBack(stanzas) => {
                let sources = stanzas.iter().map(|stanza| stanza.source().to_owned());
                self.returned.extend(sources);
                "handed back".to_owned()
            }
            other => format!("event {other:?}"),
        };
        self.note(told);
    }

    fn happens(&mut self, due: Due) {
        match due {
            Due::Srv(query) => {
                let answer = if self.dns.broken.iter().any(|name| name == query.name()) {
                    Err(LookupFailed::new("SERVFAIL"))
                } else {
                    Ok(self.dns.srv.get(query.name()).cloned().unwrap_or_default())
                };
                self.session.provide_srv(query, answer);
            }
            Due::Addresses(query) => {
                let found = self.dns.addresses.get(query.name()).cloned().unwrap_or_default();
                let found = found.into_iter().filter(|ip| Family::of(*ip) == query.family());
                let answer = if self.dns.broken.iter().any(|name| name == query.name()) {
                    Err(LookupFailed::new("SERVFAIL"))
                } else {
                    Ok(found.collect())
                };
                self.session.provide_addresses(query, answer);
            }
            Due::HostMeta(query) => {
                let file = self.dns.files.get(query.url()).cloned();
                let answer = file.as_deref().map(str::as_bytes);
                let answer = answer.ok_or_else(|| LookupFailed::new("404"));
                self.session.provide_host_meta(query, answer);
            }
            Due::Refused(id) => {
                if self.opening.remove(&id).is_some() {
                    self.session.connect_failed(id, "refused");
                }
            }
            Due::Connected(id) => self.connect(id),
            Due::ToServer(id, bytes) => self.carry(id, bytes, true),
            Due::ToClient(id, bytes) => self.carry(id, bytes, false),
            Due::Eof(id) => {
                if let Some(pipe) = self.pipes.get_mut(&id) {
                    pipe.cut = true;
                }
                self.session.handle_eof(id);
            }
        }
    }

    /// Bytes arrive, as far as the transport lives.
    fn carry(&mut self, id: AttemptId, mut bytes: Vec<u8>, to_server: bool) {
        let Some(pipe) = self.pipes.get_mut(&id).filter(|pipe| !pipe.cut) else { return };
        let room_left = match pipe.does {
            Does::CutAfter(most) => most.saturating_sub(pipe.bytes),
            _ => usize::MAX,
        };
        let ends = bytes.len() >= room_left;
        bytes.truncate(room_left);
        let mut taken = 0;
        while taken < bytes.len() {
            let rest = &bytes[taken..];
            let Some(pipe) = self.pipes.get_mut(&id) else { return };
            let room = if to_server { pipe.server.recv_buf() } else { self.session.recv_buf(id) };
            let Some(room) = room else { break };
            let n = room.len().min(rest.len());
            room[..n].copy_from_slice(&rest[..n]);
            if to_server {
                pipe.server.handle_read(n);
                self.turn_server(id);
            } else {
                self.session.handle_read(id, n);
            }
            taken += n;
        }
        let Some(pipe) = self.pipes.get_mut(&id) else { return };
        pipe.bytes += taken;
        if taken < bytes.len() {
            // Who does not read now reads later, unless it is over.
            let later = bytes.split_off(taken);
            let due = if to_server { Due::ToServer(id, later) } else { Due::ToClient(id, later) };
            if to_server && pipe.over {
                return;
            }
            self.schedule(ms(1), due);
        } else if ends {
            pipe.cut = true;
            self.session.handle_eof(id);
        }
    }
}

pub(crate) fn seed_bytes(seed: u64) -> [u8; 32] {
    let mut bytes = [0x5a; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes
}
