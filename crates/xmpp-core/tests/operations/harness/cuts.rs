//! However its bytes are cut, a tape gives the same events.

use core::any::type_name;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use xmpp_core::xml::{Framing, RecvBuffer, SendBuffer};
use xmpp_core::{Connection, Event};

use super::options::Options;
use super::part::{How, Part, SECRET, T0, Told, facts};
use super::peer::Peer;
use super::tape::Tape;

/// Bytes that the tape stands for, all at once and byte by byte, to a role that
/// speaks no TLS: where TLS begins is a matter of when bytes come.
pub(crate) fn same_however_cut<P: Part>(data: &[u8]) {
    let mut tape = Tape(data);
    let options = Options::from_byte(tape.byte() | 1);
    let options = Options { fresh: false, ..options };
    let elements = recording::<P>(options);
    let mut bytes = Vec::new();
    // The session as it was, up to some element.
    for element in &elements[..tape.index(elements.len() + 1)] {
        bytes.extend_from_slice(element.as_bytes());
    }
    while !tape.is_empty() && bytes.len() < 16 << 10 {
        match tape.byte() % 4 {
            0 => {
                let at = tape.index(elements.len());
                bytes.extend_from_slice(elements.get(at).map_or(&[][..], |e| e.as_bytes()));
            }
            1 => bytes.extend_from_slice(tape.bytes()),
            _ => bytes.extend_from_slice(P::WORDS[tape.index(P::WORDS.len())].as_bytes()),
        }
    }
    let whole = Alone::<P>::new(options).events(bytes.chunks(bytes.len().max(1)));
    let each = Alone::<P>::new(options).events(bytes.chunks(1));
    assert_eq!(each, whole, "{}", bytes.escape_ascii());
}

/// What the honest peer says in a whole session, element by element.
pub(crate) fn recording<P: Part>(options: Options) -> Arc<Vec<String>> {
    static RECORDINGS: Mutex<Recordings> = Mutex::new(BTreeMap::new());
    let key = (type_name::<P>(), options.recorded());
    let mut recordings = RECORDINGS.lock().unwrap();
    Arc::clone(recordings.entry(key).or_insert_with(|| Arc::new(record::<P>(key.1))))
}

type Recordings = BTreeMap<(&'static str, Options), Arc<Vec<String>>>;

fn record<P: Part>(options: Options) -> Vec<String> {
    let mut alone = Alone::<P>::new(options);
    let mut peer = Peer::<P::Peer>::new(options);
    let mut said = String::new();
    for _ in 0..16 {
        alone.poll();
        let bytes = alone.tx.unsent().to_vec();
        alone.tx.sent(bytes.len());
        let heard = peer.hear(&bytes);
        alone.rx.push(&heard);
        said.push_str(core::str::from_utf8(&heard).unwrap());
    }
    // First-level elements begin behind the end of another.
    let mut elements = Vec::new();
    let mut rest = &*said;
    while !rest.is_empty() {
        let marks = ["<?xml", "<stream:features", "<iq", "<handshake", "<db:", "<bidi "];
        let next = marks.iter().filter_map(|mark| rest[1..].find(mark)).min();
        let sasl = ["<challenge", "<success", "<response", "<auth ", "<proceed", "<starttls"];
        let other = sasl.iter().filter_map(|mark| rest[1..].find(mark)).min();
        let at = [next, other].into_iter().flatten().min().map_or(rest.len(), |at| at + 1);
        elements.push(rest[..at].to_owned());
        rest = &rest[at..];
    }
    elements
}

/// A role with a driver that does all at once.
struct Alone<P: Part> {
    options: Options,
    connection: Connection<P>,
    rx: RecvBuffer,
    tx: SendBuffer,
    log: Vec<String>,
}

impl<P: Part> Alone<P> {
    fn new(options: Options) -> Self {
        let mut tx = SendBuffer::new(Framing::Stream);
        let connection = P::begin(options, SECRET, [3; 32], &mut tx);
        Self { options, connection, rx: RecvBuffer::new(300 << 10), tx, log: Vec::new() }
    }

    fn events<'a>(mut self, pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<String>, Vec<u8>) {
        for piece in pieces {
            self.rx.push(piece);
            self.poll();
        }
        self.connection.handle_eof(T0);
        self.poll();
        (self.log, self.tx.unsent().to_vec())
    }

    fn poll(&mut self) {
        let Self { options, connection, rx, tx, log } = self;
        let mut tls = false;
        for _ in 0..16 + 4 * rx.unread() {
            if core::mem::take(&mut tls) {
                connection.tls_established(T0, facts(), rx, tx).unwrap();
            }
            let Ok(Some(event)) = connection.poll_event(T0, rx, tx) else { return };
            let described = match event {
                Event::StartTls => {
                    tls = true;
                    "StartTls".to_owned()
                }
                Event::HeaderReceived(header) => format!("header {}", header.element().source()),
                Event::Stanza(stanza) => format!("stanza {}", stanza.element().source()),
                Event::Nonza(nonza) => format!("nonza {}", nonza.element().source()),
                Event::Role(event) => match P::told(event) {
                    Told::Asked(asked) => {
                        P::answer(connection, asked, *options, How::Right, tx).unwrap();
                        "asked".to_owned()
                    }
                    Told::Authenticated => "authenticated".to_owned(),
                    Told::Else(text) => text,
                },
                other => format!("{other:?}"),
            };
            log.push(described);
        }
    }
}
