//! Stanzas in typed form: from bytes to values and back, with how many
//! allocations, beside the peers.
//!
//! Reading is from the bytes of a stream to all that a program asks of a stanza:
//! kind, type, addresses, `id`, texts, and how many payloads there are. The peers
//! get each stanza as a document of its own, for which they need not look for its
//! end. Writing is of values that are ready, into one buffer.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::exit;
use std::time::Duration;

use quick_xml::events::Event;
use serde_json::{Map, Value, json};
use xmpp_parsers::stanza::Stanza as PeerStanza;
use xmpp_stanza::{Iq, IqBuilder, IqType, Message, Presence, Stanza, StanzaBuilder};
use xmpp_xml::{ElementRef, Item, Limits, RecvBuffer, StreamReader, Writer, ns};

use crate::{measure, report};

/// Reading and writing typed stanzas
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only corpora whose name contains this
    #[arg(long, default_value = "")]
    corpus: String,
    /// Milliseconds a corpus
    #[arg(long, default_value_t = 8000)]
    budget: u64,
    /// Run one subject of ours once, for callgrind: `read`, `keep`, `build`, `write`, `forward`,
    /// or `nothing` to learn what the rest costs
    #[arg(long, value_name = "WORK")]
    once: Option<String>,
    /// Where the corpora are
    #[arg(long, default_value_os_t = corpora())]
    corpora: PathBuf,
}

fn corpora() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora")
}

pub(crate) fn run(args: &Args, json: bool) {
    let mut rows = Vec::new();
    for name in ["chat", "xep-stanzas"] {
        if !name.contains(&args.corpus) {
            continue;
        }
        let path = args.corpora.join(name).with_extension("xml");
        let bytes = fs::read(&path).unwrap_or_else(|error| {
            eprintln!("{}: {error}", path.display());
            exit(2)
        });
        let corpus = Corpus::new(&bytes);
        match &args.once {
            Some(work) => println!("{}", once(work, &corpus)),
            None => rows.extend(measured(name, &corpus, args)),
        }
    }
    report::print(&rows, json);
}

/// The stanzas of a corpus that both sides take for stanzas.
struct Corpus {
    /// A stream of them.
    stream: Vec<u8>,
    /// Each as a document of its own.
    documents: Vec<Vec<u8>>,
    kept: Vec<Stanza<'static>>,
    built: Vec<StanzaBuilder>,
    peers: Vec<PeerStanza>,
    events: Vec<Event<'static>>,
}

impl Corpus {
    fn new(bytes: &[u8]) -> Self {
        let mut corpus = Self {
            stream: Vec::new(),
            documents: Vec::new(),
            kept: Vec::new(),
            built: Vec::new(),
            peers: Vec::new(),
            events: Vec::new(),
        };
        Writer::stream_header(&mut corpus.stream, ns::CLIENT, &[], &[]).expect("a header");
        let mut rx = RecvBuffer::new(bytes.len() + 64);
        let mut reader = StreamReader::new(Limits::trusted());
        rx.push(bytes);
        while let Some(item) = reader.poll(&mut rx).expect("XML") {
            if let Item::Element(element) = item {
                corpus.push(element);
            }
        }
        corpus
    }

    fn push(&mut self, element: ElementRef<'_>) {
        let Ok(stanza) = Stanza::parse(element) else { return };
        let mut document = Vec::new();
        let mut w = Writer::document(&mut document);
        w.element(element);
        w.finish().expect("what was read");
        let Ok(peer) = xso::from_bytes::<PeerStanza>(&document) else { return };
        let at = self.stream.len();
        let mut w = Writer::in_stream(&mut self.stream, ns::CLIENT);
        w.element(element);
        w.finish().expect("what was read");
        let alone = String::from_utf8(self.stream[at..].to_vec()).expect("UTF-8");
        let mut reader = quick_xml::Reader::from_str(&alone);
        loop {
            match reader.read_event().expect("XML") {
                Event::Eof => break,
                event => self.events.push(event.into_owned()),
            }
        }
        self.built.push(build(&stanza));
        self.kept.push(stanza.into_owned());
        self.documents.push(document);
        self.peers.push(peer);
    }
}

fn measured(name: &str, corpus: &Corpus, args: &Args) -> Vec<Map<String, Value>> {
    let mut stream = Stream::new(corpus.stream.len());
    let mut keeping = Stream::new(corpus.stream.len());
    let mut kept = Vec::with_capacity(corpus.kept.len());
    let (mut built, mut forwarded, mut peer, mut events) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut read = || stream.read(&corpus.stream, |stanza| look(&stanza));
    let mut keep = || {
        kept.clear();
        keeping.read(&corpus.stream, |stanza| {
            kept.push(stanza.into_owned());
            1
        })
    };
    let mut peer_read = || {
        let read = |document: &Vec<u8>| xso::from_bytes::<PeerStanza>(document).expect("a stanza");
        corpus.documents.iter().map(|document| look_at_peer(&read(document))).sum()
    };
    let mut tree_read = || {
        let read = |document: &Vec<u8>| -> u64 {
            let element: minidom::Element =
                str::from_utf8(document).expect("UTF-8").parse().expect("an element");
            element.children().count() as u64
        };
        corpus.documents.iter().map(read).sum()
    };
    let mut build_all = || corpus.kept.iter().map(|stanza| black_box(build(stanza))).count() as u64;
    let mut write_built = || write(&corpus.built, &mut built);
    let mut write_kept = || write(&corpus.kept, &mut forwarded);
    let mut write_peers = || {
        peer.clear();
        for stanza in &corpus.peers {
            peer.extend(xso::to_vec(stanza).expect("a stanza"));
        }
        peer.len() as u64
    };
    let mut write_events = || {
        events.clear();
        let mut writer = quick_xml::Writer::new(&mut events);
        for event in &corpus.events {
            writer.write_event(event.borrow()).expect("to memory");
        }
        events.len() as u64
    };
    let mut runs: [(&str, &str, &mut dyn FnMut() -> u64); 9] = [
        ("xmpp-stanza", "read: bytes to a view", &mut read),
        ("xmpp-stanza", "read: bytes to a view that is kept", &mut keep),
        ("xmpp-parsers", "read: bytes to a value", &mut peer_read),
        ("minidom", "read: bytes to a tree", &mut tree_read),
        ("xmpp-stanza", "build: values to a builder", &mut build_all),
        ("xmpp-stanza", "write: a builder", &mut write_built),
        ("xmpp-stanza", "write: a view", &mut write_kept),
        ("xmpp-parsers", "write: a value", &mut write_peers),
        ("quick-xml", "write: events", &mut write_events),
    ];
    let mut works: Vec<&mut dyn FnMut() -> u64> =
        runs.iter_mut().map(|(_, _, work)| &mut **work as &mut dyn FnMut() -> u64).collect();
    let costs = measure::compare(&mut works, Duration::from_millis(args.budget));
    let count = corpus.documents.len() as f64;
    let ours = |mode: &str| if mode.starts_with("read") { 0 } else { 5 };
    runs.iter()
        .zip(&costs)
        .map(|((subject, mode, _), cost)| {
            let mut row = Map::new();
            row.insert("corpus".into(), name.into());
            row.insert("subject".into(), (*subject).into());
            row.insert("mode".into(), (*mode).into());
            let nanoseconds = cost.time.as_secs_f64() * 1e9 / count;
            row.insert("ns_a_stanza".into(), json!(nanoseconds.round()));
            let allocations = cost.allocations as f64 / count;
            row.insert("allocations_a_stanza".into(), json!((allocations * 100.0).round() / 100.0));
            let ratio = cost.time.as_secs_f64() / costs[ours(mode)].time.as_secs_f64();
            row.insert("time_to_ours".into(), json!((ratio * 100.0).round() / 100.0));
            row
        })
        .collect()
}

/// One run of one of ours.
fn once(work: &str, corpus: &Corpus) -> u64 {
    let mut stream = Stream::new(corpus.stream.len());
    match work {
        "read" => stream.read(&corpus.stream, |stanza| look(&stanza)),
        "keep" => stream.read(&corpus.stream, |stanza| look(&black_box(stanza.into_owned()))),
        "build" => corpus.kept.iter().map(|stanza| black_box(build(stanza))).count() as u64,
        "write" => write(&corpus.built, &mut Vec::new()),
        "forward" => write(&corpus.kept, &mut Vec::new()),
        _ => corpus.documents.len() as u64,
    }
}

/// A reader and its buffer, which stay between runs as those of a connection
/// stay between stanzas.
struct Stream {
    rx: RecvBuffer,
    reader: StreamReader,
}

impl Stream {
    fn new(bytes: usize) -> Self {
        Self { rx: RecvBuffer::new(bytes + 64), reader: StreamReader::new(Limits::trusted()) }
    }

    fn read(&mut self, bytes: &[u8], mut each: impl FnMut(Stanza<'_>) -> u64) -> u64 {
        self.reader.restart();
        self.rx.push(bytes);
        let mut sum = 0;
        while let Some(item) = self.reader.poll(&mut self.rx).expect("XML") {
            if let Item::Element(element) = item {
                sum += each(Stanza::parse(element).expect("a stanza"));
            }
        }
        sum
    }
}

/// What a program asks of a stanza.
fn look(stanza: &Stanza<'_>) -> u64 {
    let (to, from) = (stanza.to(), stanza.from());
    let addresses = [to.as_str(), from.as_str()].into_iter().flatten().map(str::len).sum::<usize>();
    let inside = match stanza {
        Stanza::Message(message) => {
            message.id().map_or(0, |id| id.len())
                + message.bodies().map(|body| body.text.len()).sum::<usize>()
                + message.payloads().count()
                + message.message_type() as usize
        }
        Stanza::Presence(presence) => {
            presence.show().map_or(0, |show| show as usize)
                + presence.statuses().map(|status| status.text.len()).sum::<usize>()
                + presence.payloads().count()
                + usize::from(presence.priority().unsigned_abs())
        }
        Stanza::Iq(iq) => {
            iq.id().len() + iq.iq_type() as usize + usize::from(iq.payload_element().is_some())
        }
    };
    (addresses + inside) as u64
}

/// Its values are there.
fn look_at_peer(stanza: &PeerStanza) -> u64 {
    match stanza {
        PeerStanza::Message(message) => message.payloads.len() as u64,
        PeerStanza::Presence(presence) => presence.payloads.len() as u64,
        PeerStanza::Iq(iq) => iq.id().len() as u64,
    }
}

fn build(stanza: &Stanza<'_>) -> StanzaBuilder {
    let (to, from, lang) = (stanza.to(), stanza.from(), stanza.stanza().lang());
    let id = stanza.stanza().id().map(String::from);
    match stanza {
        Stanza::Message(message) => {
            let mut out = Message::builder(message.message_type()).with_to(to).with_from(from);
            (out.id, out.lang) = (id, lang.map(String::from));
            for body in message.bodies() {
                out = out.with_body(body);
            }
            for subject in message.subjects() {
                out = out.with_subject(subject);
            }
            for payload in message.payloads() {
                out.push(&payload);
            }
            if let Some(thread) = message.thread() {
                out = out.with_thread(thread);
            }
            if let Some(error) = message.error() {
                out = out.with_error(error);
            }
            out.into()
        }
        Stanza::Presence(presence) => {
            let mut out = Presence::builder(presence.presence_type()).with_to(to).with_from(from);
            (out.id, out.lang) = (id, lang.map(String::from));
            out.show = presence.show();
            out.priority = Some(presence.priority()).filter(|&priority| priority != 0);
            for status in presence.statuses() {
                out = out.with_status(status);
            }
            for payload in presence.payloads() {
                out.push(&payload);
            }
            if let Some(error) = presence.error() {
                out = out.with_error(error);
            }
            out.into()
        }
        Stanza::Iq(iq) => {
            let id = iq.id();
            let mut out = match (iq.iq_type(), iq.payload_element(), iq.error()) {
                (IqType::Get, Some(payload), _) => Iq::get(id, &payload),
                (IqType::Set, Some(payload), _) => Iq::set(id, &payload),
                (_, Some(payload), Some(error)) => IqBuilder::error(id, error).with(&payload),
                (_, None, Some(error)) => IqBuilder::error(id, error),
                (_, Some(payload), None) => Iq::result(id).with(&payload),
                (_, None, None) => Iq::result(id),
            };
            (out.to, out.from, out.lang) = (to.into(), from.into(), lang.map(String::from));
            out.into()
        }
    }
}

fn write<T: xmpp_xml::WriteXml>(stanzas: &[T], out: &mut Vec<u8>) -> u64 {
    out.clear();
    for stanza in stanzas {
        let mut w = Writer::in_stream(out, ns::CLIENT);
        w.write(stanza);
        w.finish().expect("a stanza");
    }
    out.len() as u64
}
