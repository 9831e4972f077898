//! Dialback between three honest servers and somebody who may say anything to any of them,
//! over the real machines, every schedule of a few steps.
//!
//! `a.example` has opened a stream to `b.example`, which has one to the authority of
//! `a.example`. `e.example` is the attacker's. It has opened streams to `b.example` and to
//! the authority, and both `a.example` and `b.example` have opened streams to it, on which
//! stanzas go both ways. What makes it stronger than it is:
//!
//! - it knows the key that `a.example` has sent to `b.example`, as if it had read along;
//! - it has `a.example` make a key for any stream identifier, since that is its to choose
//!   where it is connected to: the one that `b.example` has given to its own stream;
//! - it is heard at once, and its elements overtake those of others.
//!
//! A step is: an element of one of the honest streams arrives; a verdict is waited for no
//! longer; the attacker says something: any of its words on any of its streams.

use alloc::collections::VecDeque;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use alloc::{format, vec};
use core::fmt;
use core::hash::{Hash, Hasher};
use core::time::Duration;
use std::sync::{Mutex, MutexGuard};

use stateright::{Checker, Model, Property};
use xmpp_jid::Domainpart;
use xmpp_sasl::Secret;
use xmpp_stanza::StanzaCondition;
use xmpp_xml::{Framing, RecvBuffer, SendBuffer};

use crate::config::{DialbackPolicy, FederationConfig, TlsMode};
use crate::connection::{Connection, Phase};
use crate::dialback::{Pair, Verdict};
use crate::event::{Direction, Event, PeerEvent, VerificationId};
use crate::query::{PeerAnswer, ResultQuery};
use crate::role::{PeerRole, Purpose, ServerFromServer, ServerToServer};
use crate::time::{Instant, TimerReason};

const T0: Instant = Instant::from_origin(Duration::ZERO);
const A: &str = "a.example";
const B: &str = "b.example";
const E: &str = "e.example";

fn domain(text: &str) -> Domainpart {
    Domainpart::new(text).unwrap()
}

fn secret(of: &str) -> Secret {
    Secret::from(&*format!("the secret of {of}"))
}

fn config(of: &str, authority: bool) -> Arc<FederationConfig> {
    let mut config = FederationConfig::new(secret(of));
    config.tls = TlsMode::DangerousPlaintext;
    config.dialback = DialbackPolicy::OverTls;
    config.external = false;
    config.stream_management = None;
    if authority {
        config.authoritative_for = vec![domain(of)];
    }
    Arc::new(config)
}

/// One end of a stream.
struct End<R: PeerRole> {
    connection: Connection<R>,
    rx: RecvBuffer,
    tx: SendBuffer,
    /// First-level elements on their way to the other side.
    outbound: VecDeque<String>,
}

impl<R: PeerRole> Clone for End<R>
where
    R::State: Clone,
{
    fn clone(&self) -> Self {
        Self {
            connection: self.connection.clone(),
            rx: self.rx.clone(),
            tx: self.tx.clone(),
            outbound: self.outbound.clone(),
        }
    }
}

impl<R: PeerRole> End<R> {
    fn new(connection: Connection<R>, tx: SendBuffer) -> Self {
        Self { connection, rx: RecvBuffer::new(1 << 14), tx, outbound: VecDeque::new() }
    }

    fn hears(&mut self, text: &str) {
        assert_eq!(self.rx.push(text.as_bytes()), text.len());
    }

    /// What has been written is on its way.
    fn flush(&mut self) {
        let unsent = self.tx.unsent().to_vec();
        self.tx.sent(unsent.len());
        let text = String::from_utf8(unsent).unwrap();
        let mut rest = &*text;
        while !rest.is_empty() {
            let next = rest[1..].find("<db:").map_or(rest.len(), |at| at + 1);
            self.outbound.push_back(rest[..next].to_string());
            rest = &rest[next..];
        }
    }

    /// What the driver has to know.
    fn poll(&mut self) -> Vec<PeerEvent> {
        let mut told = Vec::new();
        while let Ok(Some(event)) = self.connection.poll_event(T0, &mut self.rx, &mut self.tx) {
            match event {
                Event::Role(PeerEvent::PeerWanted(query)) => {
                    let answer = PeerAnswer::NotProved;
                    self.connection.accept_peer(query, answer, &mut self.tx).unwrap();
                }
                Event::Role(event) => told.push(event),
                _ => {}
            }
        }
        told
    }

    fn is_open(&self) -> bool {
        matches!(self.connection.phase(), Phase::Negotiating | Phase::Established)
    }

    fn waits(&self) -> bool {
        let due = self.connection.poll_timeout();
        self.is_open() && due.is_some_and(|due| due.reason == TimerReason::Dialback)
    }

    fn gives_up(&mut self) {
        let due = self.connection.core.role_deadline.unwrap();
        self.connection.handle_timeout(due, &mut self.tx);
    }

    fn pairs(&self) -> Vec<(Pair, Direction)> {
        self.connection.pairs().map(|(pair, direction)| (pair.clone(), direction)).collect()
    }

    fn fingerprint(&self) -> String {
        let dialback = R::federation(&self.connection.state).dialback.fingerprint();
        format!("{:?} {dialback} {:?}", self.connection.phase(), self.outbound)
    }
}

fn header(from: &str, to: &str, id: &str) -> String {
    format!(
        "<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' \
         xmlns:db='jabber:server:dialback' from='{from}' to='{to}' id='{id}' version='1.0'>"
    )
}

const FEATURES: &str = "<stream:features><bidi xmlns='urn:xmpp:features:bidi'/>\
    <dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback></stream:features>";

fn opens(from: &str, to: &str, purpose: Purpose, seed: u8) -> End<ServerToServer> {
    let pair = Pair::new(domain(from), domain(to));
    let mut tx = SendBuffer::new(Framing::Stream);
    let config = config(from, false);
    let connection = Connection::connect_server(config, pair, purpose, T0, [seed; 32], &mut tx);
    End::new(connection, tx)
}

/// The answer to that stream, and what the one that has opened it says behind it.
fn is_answered(end: &mut End<ServerToServer>, from: &str, to: &str, id: &str) {
    end.tx.sent(usize::MAX);
    end.hears(&header(from, to, id));
    end.hears(FEATURES);
    assert!(end.poll().is_empty());
    end.flush();
}

fn accepts(of: &str, from: &str, authority: bool, seed: u8) -> End<ServerFromServer> {
    let config = config(of, authority);
    let connection = Connection::accept_server(config, T0, [seed; 32]);
    let mut end = End::new(connection, SendBuffer::new(Framing::Stream));
    end.hears(&header(from, of, ""));
    assert!(end.poll().is_empty());
    end.tx.sent(usize::MAX);
    end
}

/// Where the attacker speaks, and where a claim has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Ear {
    /// `b.example`, on the stream from `a.example`. Not the attacker's.
    Honest,
    /// `b.example`, on the attacker's stream.
    Receiving,
    /// `b.example`, on its own stream to the attacker.
    ReceivingOut,
    /// `a.example`, on its own stream to the attacker.
    Initiating,
    /// The authority.
    Authority,
}

const EARS: [Ear; 4] = [Ear::Receiving, Ear::ReceivingOut, Ear::Initiating, Ear::Authority];

#[derive(Clone)]
struct World {
    /// The two ends of the honest stream.
    ab: End<ServerToServer>,
    ba: End<ServerFromServer>,
    /// Those of the stream to the authority.
    bc: End<ServerToServer>,
    cb: End<ServerFromServer>,
    /// The other ends of the attacker's streams.
    b_from_e: End<ServerFromServer>,
    b_to_e: End<ServerToServer>,
    a_to_e: End<ServerToServer>,
    c_from_e: End<ServerFromServer>,
    /// What `b.example` waits for from the authority.
    asked: Vec<(VerificationId, Ear, ResultQuery)>,
    said: u8,
    words: Arc<[String]>,
}

impl World {
    fn new() -> Self {
        let ba = accepts(B, A, false, 1);
        let b_from_e = accepts(B, E, false, 2);
        let (honest, own) =
            (ba.connection.stream_id().to_string(), b_from_e.connection.stream_id().to_string());
        let mut ab = opens(A, B, Purpose::Stanzas, 3);
        is_answered(&mut ab, B, A, &honest);
        let cb = accepts(A, B, true, 4);
        let mut bc = opens(B, A, Purpose::Verification, 5);
        is_answered(&mut bc, A, B, cb.connection.stream_id());
        let mut b_to_e = opens(B, E, Purpose::Stanzas, 6);
        is_answered(&mut b_to_e, E, B, &honest);
        let mut a_to_e = opens(A, E, Purpose::Stanzas, 7);
        is_answered(&mut a_to_e, E, A, &own);
        let c_from_e = accepts(A, E, true, 8);
        // The honest stream is open both ways, too.
        let bidi = ab.outbound.pop_front().unwrap();
        let (bidi, key) = match bidi.split_once("/><") {
            Some((bidi, key)) => (format!("{bidi}/>"), format!("<{key}")),
            None => (bidi, String::new()),
        };
        if !key.is_empty() {
            ab.outbound.push_front(key);
        }
        let mut ba = ba;
        ba.hears(&bidi);
        assert!(ba.poll().is_empty() && ba.connection.is_bidirectional());
        let key_of = |outbound: &VecDeque<String>| {
            let said = outbound.iter().find(|it| it.contains("</db:result>")).unwrap();
            let (_, rest) = said.rsplit_once("'>").unwrap();
            rest.split_once('<').unwrap().0.to_string()
        };
        let keys = [key_of(&a_to_e.outbound), key_of(&ab.outbound)];
        let words = words(&keys, &[own, honest]);
        for end in [&mut b_to_e, &mut a_to_e] {
            end.outbound.clear();
        }
        Self {
            ab,
            ba,
            bc,
            cb,
            b_from_e,
            b_to_e,
            a_to_e,
            c_from_e,
            asked: Vec::new(),
            said: 0,
            words,
        }
    }

    fn answer(&mut self, ear: Ear, query: ResultQuery, verdict: Verdict) {
        match ear {
            Ear::Honest => self.ba.connection.answer_result(query, verdict, &mut self.ba.tx),
            Ear::Receiving => {
                let end = &mut self.b_from_e;
                end.connection.answer_result(query, verdict, &mut end.tx)
            }
            Ear::ReceivingOut => {
                let end = &mut self.b_to_e;
                end.connection.answer_result(query, verdict, &mut end.tx)
            }
            Ear::Initiating => {
                let end = &mut self.a_to_e;
                end.connection.answer_result(query, verdict, &mut end.tx)
            }
            Ear::Authority => {
                let end = &mut self.c_from_e;
                end.connection.answer_result(query, verdict, &mut end.tx)
            }
        }
        .unwrap();
    }

    /// A server is claimed something: the driver of that server.
    fn claimed(&mut self, ear: Ear, query: ResultQuery) {
        let remote = query.pair().remote.as_str().to_string();
        let at_b = matches!(ear, Ear::Honest | Ear::Receiving | Ear::ReceivingOut);
        let verdict = match &*remote {
            // DNS leads to the attacker, who says yes.
            E => Verdict::Valid,
            A if at_b => {
                let end = &mut self.bc;
                match end.connection.verify(T0, query.claim(), &mut end.tx) {
                    Ok(verification) => {
                        self.asked.push((verification, ear, query));
                        return;
                    }
                    Err(_) => Verdict::Error(StanzaCondition::RemoteServerTimeout),
                }
            }
            // Of the others the authority is asked without detours.
            remote => query.claim().judge(&secret(remote)),
        };
        self.answer(ear, query, verdict);
    }

    /// Everybody does what follows at once.
    fn settle(&mut self) {
        loop {
            let mut told = Vec::new();
            told.extend(self.ab.poll().into_iter().map(|event| (None, event)));
            told.extend(self.cb.poll().into_iter().map(|event| (None, event)));
            told.extend(self.bc.poll().into_iter().map(|event| (None, event)));
            told.extend(self.ba.poll().into_iter().map(|event| (Some(Ear::Honest), event)));
            let ear = Some(Ear::Receiving);
            told.extend(self.b_from_e.poll().into_iter().map(|event| (ear, event)));
            let ear = Some(Ear::ReceivingOut);
            told.extend(self.b_to_e.poll().into_iter().map(|event| (ear, event)));
            let ear = Some(Ear::Initiating);
            told.extend(self.a_to_e.poll().into_iter().map(|event| (ear, event)));
            let ear = Some(Ear::Authority);
            told.extend(self.c_from_e.poll().into_iter().map(|event| (ear, event)));
            if told.is_empty() {
                break;
            }
            for (ear, event) in told {
                match (ear, event) {
                    (Some(ear), PeerEvent::ResultWanted(query)) => self.claimed(ear, query),
                    // Only the stream to the authority was asked anything.
                    (None, PeerEvent::Verified { verification, verdict }) => {
                        let asked = self.asked.iter().position(|it| it.0 == verification);
                        if let Some(at) = asked {
                            let (_, ear, query) = self.asked.remove(at);
                            self.answer(ear, query, verdict.relayed());
                        }
                    }
                    (Some(ear), PeerEvent::Verified { .. }) => {
                        panic!("nobody asked on {ear:?}")
                    }
                    _ => {}
                }
            }
        }
        self.ab.flush();
        self.ba.flush();
        self.bc.flush();
        self.cb.flush();
        // The attacker has heard it.
        self.b_from_e.tx.sent(usize::MAX);
        self.b_to_e.tx.sent(usize::MAX);
        self.a_to_e.tx.sent(usize::MAX);
        self.c_from_e.tx.sent(usize::MAX);
    }

    fn says(&mut self, ear: Ear, word: usize) {
        self.said += 1;
        let word = Arc::clone(&self.words)[word].clone();
        match ear {
            Ear::Receiving => self.b_from_e.hears(&word),
            Ear::ReceivingOut => self.b_to_e.hears(&word),
            Ear::Initiating => self.a_to_e.hears(&word),
            Ear::Authority => self.c_from_e.hears(&word),
            Ear::Honest => unreachable!("not the attacker's"),
        }
    }

    fn hears(&self, ear: Ear) -> bool {
        match ear {
            Ear::Receiving => self.b_from_e.is_open(),
            Ear::ReceivingOut => self.b_to_e.is_open(),
            Ear::Initiating => self.a_to_e.is_open(),
            Ear::Authority => self.c_from_e.is_open(),
            Ear::Honest => false,
        }
    }

    /// Whether what the attacker's streams are good for is `e.example` alone.
    fn is_safe(&self) -> bool {
        let streams = [
            self.b_from_e.pairs(),
            self.b_to_e.pairs(),
            self.a_to_e.pairs(),
            self.c_from_e.pairs(),
        ];
        streams.iter().flatten().all(|(pair, _)| pair.remote.as_str() == E)
    }

    fn fingerprint(&self) -> String {
        let asked: Vec<_> = self.asked.iter().map(|it| (it.1, it.2.claim())).collect();
        format!(
            "{} {} {} {} {} {} {} {} {asked:?} {}",
            self.ab.fingerprint(),
            self.ba.fingerprint(),
            self.bc.fingerprint(),
            self.cb.fingerprint(),
            self.b_from_e.fingerprint(),
            self.b_to_e.fingerprint(),
            self.a_to_e.fingerprint(),
            self.c_from_e.fingerprint(),
            self.said,
        )
    }
}

/// All that the attacker says: each element of dialback between any two of the domains,
/// with each key that it knows and as each answer, for both streams.
fn words(keys: &[String], ids: &[String]) -> Arc<[String]> {
    let mut words = Vec::new();
    for (from, to) in [(A, B), (B, A), (E, B), (E, A), (A, E)] {
        for key in keys {
            words.push(format!("<db:result from='{from}' to='{to}'>{key}</db:result>"));
            for id in ids {
                words.push(format!(
                    "<db:verify from='{from}' to='{to}' id='{id}'>{key}</db:verify>"
                ));
            }
        }
        words.push(format!("<db:result from='{from}' to='{to}' type='valid'/>"));
        for id in ids {
            words.push(format!("<db:verify from='{from}' to='{to}' id='{id}' type='valid'/>"));
        }
    }
    words.push(format!("<message from='{A}' to='{B}'/>"));
    words.into()
}

#[derive(Clone)]
struct State(Arc<Mutex<World>>, Arc<str>);

impl State {
    fn new(mut world: World) -> Self {
        world.settle();
        let fingerprint = world.fingerprint().into();
        Self(Arc::new(Mutex::new(world)), fingerprint)
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }
}

impl Hash for State {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.1.hash(state);
    }
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.1 == other.1
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.1)
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    /// The next element of an honest stream arrives.
    AtB,
    AtA,
    AtAuthority,
    FromAuthority,
    /// What is waited for does not come.
    AuthorityIsSilent,
    ReceivingIsSilent,
    Says(Ear, usize),
}

struct Attacker {
    /// How many elements it says.
    words: u8,
}

impl Model for Attacker {
    type State = State;
    type Action = Step;

    fn init_states(&self) -> Vec<State> {
        vec![State::new(World::new())]
    }

    fn actions(&self, state: &State, steps: &mut Vec<Step>) {
        let world = state.world();
        steps.extend((!world.ab.outbound.is_empty()).then_some(Step::AtB));
        steps.extend((!world.ba.outbound.is_empty()).then_some(Step::AtA));
        steps.extend((!world.bc.outbound.is_empty()).then_some(Step::AtAuthority));
        steps.extend((!world.cb.outbound.is_empty()).then_some(Step::FromAuthority));
        steps.extend(world.bc.waits().then_some(Step::AuthorityIsSilent));
        steps.extend(world.ab.waits().then_some(Step::ReceivingIsSilent));
        if world.said < self.words {
            for ear in EARS.into_iter().filter(|ear| world.hears(*ear)) {
                steps.extend((0..world.words.len()).map(|word| Step::Says(ear, word)));
            }
        }
    }

    fn next_state(&self, state: &State, step: Step) -> Option<State> {
        let mut world = state.world().clone();
        match step {
            Step::AtB => {
                let element = world.ab.outbound.pop_front()?;
                world.ba.hears(&element);
            }
            Step::AtA => {
                let element = world.ba.outbound.pop_front()?;
                world.ab.hears(&element);
            }
            Step::AtAuthority => {
                let element = world.bc.outbound.pop_front()?;
                world.cb.hears(&element);
            }
            Step::FromAuthority => {
                let element = world.cb.outbound.pop_front()?;
                world.bc.hears(&element);
            }
            Step::AuthorityIsSilent => world.bc.gives_up(),
            Step::ReceivingIsSilent => world.ab.gives_up(),
            Step::Says(ear, word) => world.says(ear, word),
        }
        Some(State::new(world))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("nobody is let in as another", |_, state: &State| {
                state.world().is_safe()
            }),
            Property::always("who may send is let in", |_, state: &State| {
                let world = state.world();
                let (there, here) =
                    (Pair::new(domain(A), domain(B)), Pair::new(domain(B), domain(A)));
                !world.ab.connection.is_authorised(&there, Direction::Send)
                    || world.ba.connection.is_authorised(&here, Direction::Receive)
            }),
            Property::always("the honest stream stays", |_, state: &State| {
                let world = state.world();
                world.ab.is_open() && world.ba.is_open() && world.bc.is_open()
            }),
            Property::sometimes("the honest pair is let in", |_, state: &State| {
                let here = Pair::new(domain(B), domain(A));
                state.world().ba.connection.is_authorised(&here, Direction::Receive)
            }),
            Property::sometimes("the attacker is let in as himself", |_, state: &State| {
                let here = Pair::new(domain(B), domain(E));
                state.world().b_from_e.connection.is_authorised(&here, Direction::Receive)
            }),
            Property::sometimes("a wrong key is found out", |_, state: &State| {
                !state.world().b_from_e.is_open()
            }),
        ]
    }
}

#[test]
fn an_attacker_who_says_anything_to_anybody() {
    let words = std::env::var("WORDS").ok().and_then(|n| n.parse().ok()).unwrap_or(2);
    let checker = Attacker { words }.checker().threads(2).spawn_bfs().join();
    let (states, steps) = (checker.unique_state_count(), checker.state_count());
    std::eprintln!("{states} states, {steps} steps");
    checker.assert_properties();
    assert!(states > 1000, "{states}");
}
