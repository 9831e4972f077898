//! Pieces of work on connections: taking stanzas in, handing them on, sending,
//! coming to terms.

use std::fs;
use std::hint::black_box;

use xmpp_core::config::TlsMode;
use xmpp_core::role::ServerFromClient;
use xmpp_core::stanza::{Message, MessageType};
use xmpp_core::xml::{Item, Limits, RecvBuffer, StreamReader};
use xmpp_core::{Client, Endpoint, Event, Lent, Output, Server};

use super::ends::{Engine, Shared, T0};

/// What a router sets.
const ATTRS: &[(&str, Option<&str>)] = &[("from", Some("juliet@example.com/balcony"))];
/// How much is taken in at a time: what a read gives.
const CHUNK: usize = 4096;

/// The stanzas of the chat corpus, as they were sent.
pub(crate) struct Stanzas {
    pub(crate) count: usize,
    pub(crate) bytes: Vec<u8>,
    each: Vec<Vec<u8>>,
}

impl Stanzas {
    pub(crate) fn of_chat() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/corpora/chat.xml");
        let text = fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut rx = RecvBuffer::new(text.len() + 64);
        let mut reader = StreamReader::new(Limits::trusted());
        rx.push(&text);
        let mut stanzas = Self { count: 0, bytes: Vec::new(), each: Vec::new() };
        while let Some(item) = reader.poll(&mut rx).expect("XML") {
            if let Item::Element(element) = item
                && matches!(element.name(), "message" | "presence" | "iq")
            {
                stanzas.bytes.extend_from_slice(element.source().as_bytes());
                stanzas.each.push(element.source().as_bytes().to_vec());
                stanzas.count += 1;
            }
        }
        stanzas
    }
}

/// A piece of work, and how many stanzas it is about.
pub(crate) struct Work {
    pub(crate) name: &'static str,
    pub(crate) stanzas: usize,
    pub(crate) bytes: usize,
    pub(crate) run: Box<dyn FnMut() -> u64>,
}

/// What is done with a stanza that has come in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Nothing,
    HandOn,
}

pub(crate) fn all() -> Vec<Work> {
    let stanzas = Stanzas::of_chat();
    let (count, bytes) = (stanzas.count, stanzas.bytes.len());
    let work = |name, run| Work { name, stanzas: count, bytes, run };
    let plain = || Shared::new(TlsMode::DangerousPlaintext);
    vec![
        work("take in: engine, borrowed", engine(&plain(), &stanzas, Then::Nothing)),
        work("take in: endpoint, lent", endpoint(&plain(), &stanzas, Then::Nothing, true)),
        work("take in: endpoint, shared", endpoint(&plain(), &stanzas, Then::Nothing, false)),
        work("hand on: engine, borrowed", engine(&plain(), &stanzas, Then::HandOn)),
        work("hand on: endpoint, lent", endpoint(&plain(), &stanzas, Then::HandOn, true)),
        work("hand on: endpoint, shared", endpoint(&plain(), &stanzas, Then::HandOn, false)),
        work("take in: engine, managed", engine(&Shared::managed(), &stanzas, Then::Nothing)),
        work("hand on: engine, managed", engine(&Shared::managed(), &stanzas, Then::HandOn)),
        work("send as it is: engine", send_on(&plain(), &stanzas)),
        work("send as it is: engine, managed", send_on(&Shared::managed(), &stanzas)),
        work("hand on to a server: engine, borrowed", to_server(&plain(), &stanzas)),
        work("take in from a server: engine, borrowed", from_server(&plain(), &stanzas)),
        work("under TLS: send as it is, take in lent", under_tls(&stanzas)),
        Work { name: "send a message", ..send(&plain()) },
    ]
}

/// A whole negotiation of both ends.
pub(crate) struct Negotiation {
    pub(crate) name: &'static str,
    pub(crate) flights: u32,
    pub(crate) run: Box<dyn FnMut() -> u64>,
}

impl Negotiation {
    fn new(name: &'static str, flights: impl Fn() -> u32 + 'static) -> Self {
        Self { name, flights: flights(), run: Box::new(move || u64::from(flights())) }
    }
}

pub(crate) fn negotiations() -> Vec<Negotiation> {
    let plain = Shared::new(TlsMode::DangerousPlaintext);
    let constant = Shared::without_crypto();
    let component = Shared::without_crypto();
    let tls = Shared::new(TlsMode::StartTls);
    vec![
        Negotiation::new("engine, hashes for nothing", move || constant.engines().flights),
        Negotiation::new("engine, SCRAM with cached keys", move || plain.engines().flights),
        Negotiation::new("engine, component", move || component.component_engines().flights),
        Negotiation::new("engine, servers by EXTERNAL", {
            let peers = Shared::new(TlsMode::DangerousPlaintext);
            move || peers.peer_engines(true).flights
        }),
        Negotiation::new("engine, servers by dialback", {
            let peers = Shared::new(TlsMode::DangerousPlaintext);
            move || peers.peer_engines(false).flights
        }),
        Negotiation::new("endpoint, STARTTLS and SCRAM", move || tls.endpoints().flights),
    ]
}

fn engine(shared: &Shared, stanzas: &Stanzas, then: Then) -> Box<dyn FnMut() -> u64> {
    let mut from = shared.engines().receiving;
    let mut to = shared.engines().receiving;
    let (bytes, count) = (stanzas.bytes.clone(), stanzas.count);
    Box::new(move || {
        let mut seen = 0;
        for chunk in bytes.chunks(CHUNK) {
            from.rx.push(chunk);
            let Engine { connection, rx, tx } = &mut from;
            while let Some(event) = connection.poll_event(T0, rx, tx).unwrap() {
                let Event::Stanza(stanza) = event else { continue };
                if then == Then::HandOn {
                    to.connection.forward(stanza.element(), ATTRS, &mut to.tx).unwrap();
                }
                seen += 1;
                black_box(&stanza);
            }
            acknowledge(&mut to);
        }
        assert_eq!(seen, count);
        seen as u64
    })
}

/// What a server addresses to another one.
const TO_SERVER: &[(&str, Option<&str>)] =
    &[("from", Some("romeo@example.net/orchard")), ("to", Some("juliet@example.com/balcony"))];

/// From a client to another server, as the bytes that came.
fn to_server(shared: &Shared, stanzas: &Stanzas) -> Box<dyn FnMut() -> u64> {
    let mut from = shared.engines().receiving;
    let mut to = shared.peer_engines(true).initiating;
    let (bytes, count) = (stanzas.bytes.clone(), stanzas.count);
    Box::new(move || {
        let mut seen = 0;
        for chunk in bytes.chunks(CHUNK) {
            from.rx.push(chunk);
            let Engine { connection, rx, tx } = &mut from;
            while let Some(event) = connection.poll_event(T0, rx, tx).unwrap() {
                let Event::Stanza(stanza) = event else { continue };
                to.connection.forward(stanza.element(), TO_SERVER, &mut to.tx).unwrap();
                seen += 1;
            }
            to.tx.sent(usize::MAX);
        }
        assert_eq!(seen, count);
        seen as u64
    })
}

/// What another server has sent: both addresses are judged.
fn from_server(shared: &Shared, stanzas: &Stanzas) -> Box<dyn FnMut() -> u64> {
    let mut from = shared.engines().receiving;
    let pair = shared.peer_engines(true);
    let (mut to, mut end) = (pair.initiating, pair.receiving);
    let mut bytes = Vec::new();
    for chunk in stanzas.bytes.chunks(CHUNK) {
        from.rx.push(chunk);
        let Engine { connection, rx, tx } = &mut from;
        while let Some(event) = connection.poll_event(T0, rx, tx).unwrap() {
            let Event::Stanza(stanza) = event else { continue };
            to.connection.forward(stanza.element(), TO_SERVER, &mut to.tx).unwrap();
        }
        bytes.extend_from_slice(to.tx.unsent());
        to.tx.sent(usize::MAX);
    }
    let count = stanzas.count;
    Box::new(move || {
        let mut seen = 0;
        for chunk in bytes.chunks(CHUNK) {
            end.rx.push(chunk);
            let Engine { connection, rx, tx } = &mut end;
            while let Some(event) = connection.poll_event(T0, rx, tx).unwrap() {
                let Event::Stanza(stanza) = event else { continue };
                seen += 1;
                black_box(&stanza);
            }
        }
        assert_eq!(seen, count);
        seen as u64
    })
}

/// All is sent; under stream management the peer acknowledges it, in one element for what
/// a read brought.
fn acknowledge(to: &mut Engine<ServerFromClient>) {
    to.tx.sent(usize::MAX);
    let Some(counters) = to.connection.stream_management() else { return };
    let ack = format!("<a xmlns='urn:xmpp:sm:3' h='{}'/>", counters.sent());
    to.rx.push(ack.as_bytes());
    let event = to.connection.poll_event(T0, &mut to.rx, &mut to.tx).unwrap();
    assert!(event.is_none());
}

/// Stanzas that are serialised already, as a server delivers them.
fn send_on(shared: &Shared, stanzas: &Stanzas) -> Box<dyn FnMut() -> u64> {
    let mut to = shared.engines().receiving;
    let each = stanzas.each.clone();
    Box::new(move || {
        for chunk in each.chunks(100) {
            for stanza in chunk {
                to.connection.send_serialized(stanza, &mut to.tx).unwrap();
            }
            acknowledge(&mut to);
        }
        each.len() as u64
    })
}

fn endpoint(shared: &Shared, stanzas: &Stanzas, then: Then, lent: bool) -> Box<dyn FnMut() -> u64> {
    let mut from = shared.endpoints().receiving;
    let mut to = shared.endpoints().receiving;
    let (bytes, count) = (stanzas.bytes.clone(), stanzas.count);
    Box::new(move || {
        let mut seen = 0;
        for chunk in bytes.chunks(CHUNK) {
            let mut chunk = chunk;
            while !chunk.is_empty() {
                let room = from.recv_buf().expect("room");
                let n = room.len().min(chunk.len());
                room[..n].copy_from_slice(&chunk[..n]);
                from.handle_read(n);
                chunk = &chunk[n..];
                let to = (then == Then::HandOn).then_some(&mut to);
                seen += if lent { take_lent(&mut from, to) } else { take_shared(&mut from, to) };
            }
            to.transmitted(usize::MAX);
        }
        assert_eq!(seen, count);
        seen as u64
    })
}

fn take_lent(from: &mut Server, mut to: Option<&mut Server>) -> usize {
    let mut seen = 0;
    while let Output::Event(Lent { event, .. }) = from.poll_lent(T0).unwrap() {
        let Event::Stanza(stanza) = event else { continue };
        if let Some(to) = &mut to {
            to.forward(stanza.element(), ATTRS).unwrap();
        }
        seen += 1;
        black_box(&stanza);
    }
    seen
}

fn take_shared(from: &mut Server, mut to: Option<&mut Endpoint<ServerFromClient>>) -> usize {
    let mut seen = 0;
    while let Output::Event(event) = from.poll(T0).unwrap() {
        let Event::Stanza(stanza) = event else { continue };
        if let Some(to) = &mut to {
            to.forward(stanza.element(), ATTRS).unwrap();
        }
        seen += 1;
        black_box(&stanza);
    }
    seen
}

/// Both ends: encrypted by one, decrypted by the other.
fn under_tls(stanzas: &Stanzas) -> Box<dyn FnMut() -> u64> {
    let pair = Shared::new(TlsMode::StartTls).endpoints();
    let (mut client, mut server) = (pair.initiating, pair.receiving);
    let sources = stanzas.each.clone();
    let flush = |client: &mut Client, server: &mut Server| {
        let mut seen = 0;
        while let Output::Transmit(records) = client.poll(T0).unwrap() {
            let room = server.recv_buf().expect("room");
            let n = room.len().min(records.len());
            room[..n].copy_from_slice(&records[..n]);
            client.transmitted(n);
            server.handle_read(n);
            seen += take_lent(server, None);
        }
        seen
    };
    Box::new(move || {
        let mut seen = 0;
        for stanza in &sources {
            client.send_serialized(stanza).unwrap();
            if client.backlog() >= CHUNK {
                seen += flush(&mut client, &mut server);
            }
        }
        seen += flush(&mut client, &mut server);
        assert_eq!(seen, sources.len());
        seen as u64
    })
}

fn send(shared: &Shared) -> Work {
    let mut to = shared.engines().receiving;
    let message = Message::builder(MessageType::Chat)
        .with_to("juliet@example.com/balcony".parse::<xmpp_core::jid::Jid>().unwrap())
        .with_from("romeo@example.net/orchard".parse::<xmpp_core::jid::Jid>().unwrap())
        .with_id("ktx72v49")
        .with_body("Art thou not Romeo, and a Montague?");
    to.connection.send(&message, &mut to.tx).unwrap();
    let bytes = to.tx.len();
    let stanzas = 1000;
    let run = Box::new(move || {
        for _ in 0..stanzas {
            to.connection.send(&message, &mut to.tx).unwrap();
            if to.tx.len() > 1460 {
                to.tx.sent(1460);
            }
        }
        to.tx.len() as u64
    });
    Work { name: "", stanzas, bytes: bytes * stanzas, run }
}
