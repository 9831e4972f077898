//! The same bytes, cut in another way: the same is told and sent.

use std::sync::Arc;

use xmpp_core::role::ClientToServer;
use xmpp_core::session::discovery::{Host, Place};
use xmpp_core::session::{
    Attempt, Destination, Session, SessionConfig, SessionEvent, SessionOutput,
};
use xmpp_core::{ClientEvent, config::TlsMode};

use super::honest::{Honest, Store};
use super::operations::part::{Part, T0};
use super::operations::tape::Tape;
use super::options::Options;
use super::tls::Clear;

/// A session with an honest server, and between what the server says what the bytes stand
/// for; all that there is at a time, and byte by byte. Without STARTTLS: where TLS begins is
/// a matter of when bytes come.
pub(crate) fn same_however_cut(bytes: &[u8]) {
    let mut tape = Tape(bytes);
    let options = Options::new(&mut tape);
    let options = Options { queue: false, web: false, reconnect: false, ..options };
    let whole = run(options, tape.0, usize::MAX);
    let each = run(options, tape.0, 1);
    assert_eq!(each, whole);
}

fn config(options: Options) -> SessionConfig {
    let mut config = options.session();
    let host = Host::Address([192, 0, 2, 7].into());
    config.destination = Destination::Place(Place::new(host, 5223, TlsMode::Direct));
    config
}

/// What was told, and what was sent.
fn run(options: Options, bytes: &[u8], piece: usize) -> (Vec<String>, Vec<u8>) {
    let session = if options.of_connection.plaintext {
        Session::new_dangerous_plaintext(config(options), T0, [3; 32])
    } else {
        Session::new(config(options), Arc::new(Clear), T0, [3; 32])
    };
    let mut alone = Alone { session, attempt: None, log: Vec::new(), sent: Vec::new() };
    alone.poll();
    let attempt = alone.attempt.clone().expect("an attempt at the place");
    alone.session.connected(T0, attempt.id);
    let (mut server, mut store) = (Honest::new(&attempt.target, options, T0, 1), Store::default());
    let (mut tape, mut heard) = (Tape(bytes), 0);
    for _ in 0..40 {
        alone.poll();
        let said = server.hear(T0, &alone.sent[heard..], &mut store);
        heard = alone.sent.len();
        let mut bytes: Vec<u8> = said.into_iter().flatten().collect();
        let words = <ClientToServer as Part>::WORDS;
        match tape.byte() % 16 {
            13 => bytes.extend_from_slice(words[tape.index(words.len())].as_bytes()),
            // Not what breaks the TLS: what was sent before is a matter of when it comes.
            14 => bytes.extend(tape.bytes().iter().map(|byte| (*byte).min(0xfb))),
            15 => drop(server.say(heard as u32)),
            _ => {}
        }
        for piece in bytes.chunks(piece) {
            alone.receive(&attempt, piece);
        }
    }
    alone.session.handle_eof(attempt.id);
    alone.poll();
    (alone.log, alone.sent)
}

struct Alone {
    session: Session,
    attempt: Option<Attempt>,
    log: Vec<String>,
    sent: Vec<u8>,
}

impl Alone {
    fn receive(&mut self, attempt: &Attempt, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let Some(room) = self.session.recv_buf(attempt.id) else { return };
            let n = room.len().min(bytes.len());
            room[..n].copy_from_slice(&bytes[..n]);
            self.session.handle_read(attempt.id, n);
            bytes = &bytes[n..];
            self.poll();
        }
    }

    fn poll(&mut self) {
        for _ in 0..10_000 {
            match self.session.poll(T0) {
                SessionOutput::Event(event) => self.take(event),
                SessionOutput::Connect(attempt) => self.attempt = Some(attempt),
                SessionOutput::Transmit(id, bytes) => {
                    self.sent.extend_from_slice(bytes);
                    let n = bytes.len();
                    self.session.transmitted(id, n);
                }
                SessionOutput::Wait(_) | SessionOutput::Closed => return,
                // When its side may end is a matter of when bytes come, too.
                SessionOutput::Shutdown(_) => {}
                other => self.log.push(format!("{other:?}")),
            }
        }
        panic!("the session does not come to rest");
    }

    fn take(&mut self, event: SessionEvent) {
        let told = match event {
            SessionEvent::Client(ClientEvent::KeysWanted(query)) => {
                let keys = query.derive();
                self.session.provide_keys(query, keys).unwrap();
                "keys".to_owned()
            }
            SessionEvent::Stanza(stanza) => format!("stanza {}", stanza.element().source()),
            SessionEvent::Nonza(nonza) => format!("nonza {}", nonza.element().source()),
            other => format!("{other:?}"),
        };
        self.log.push(told);
    }
}
