//! The honest other end.

use xmpp_core::xml::{Framing, RecvBuffer, SendBuffer};
use xmpp_core::{Connection, Event};

use super::options::Options;
use super::part::{How, OTHER_SECRET, Part, SECRET, T0, Told, facts};

pub(crate) struct Peer<P: Part> {
    connection: Connection<P>,
    rx: RecvBuffer,
    tx: SendBuffer,
    options: Options,
    /// Whether it has authenticated us, or says that all is well.
    pub(crate) is_sure: bool,
}

impl<P: Part> Peer<P> {
    pub(crate) fn new(options: Options) -> Self {
        let mut tx = SendBuffer::new(Framing::Stream);
        let secret = if options.wrong_secret { OTHER_SECRET } else { SECRET };
        let connection = P::begin(options, secret, [8; 32], &mut tx);
        Self { connection, rx: RecvBuffer::new(1 << 20), tx, options, is_sure: false }
    }

    /// What it says to these bytes.
    pub(crate) fn hear(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.rx.push(bytes);
        let Self { connection, rx, tx, options, is_sure } = self;
        let mut tls = false;
        // It has no more to tell than it was sent.
        for _ in 0..16 + 4 * rx.unread() {
            if core::mem::take(&mut tls) {
                let _ = connection.tls_established(T0, facts(), rx, tx);
            }
            let asked = match connection.poll_event(T0, rx, tx) {
                Ok(Some(Event::StartTls)) => {
                    tls = true;
                    continue;
                }
                Ok(Some(Event::Established { .. })) => {
                    *is_sure = true;
                    continue;
                }
                Ok(Some(Event::Role(event))) => match P::told(event) {
                    Told::Asked(asked) => asked,
                    Told::Authenticated => {
                        *is_sure = true;
                        continue;
                    }
                    Told::Else(_) => continue,
                },
                Ok(Some(_)) => continue,
                Ok(None) | Err(_) => break,
            };
            // Its own store has what it should have, or not.
            let how = if options.wrong_secret { How::Wrong } else { How::Right };
            P::answer(connection, asked, *options, how, tx).unwrap();
        }
        let sent = tx.unsent().to_vec();
        tx.sent(sent.len());
        sent
    }
}
