//! What all roles share: the reader, the timers, the ways a stream ends.

use alloc::{string::String, vec::Vec};

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use xmpp_stanza::{Payload, StreamCondition, StreamError, StreamHeader};
use xmpp_xml::{ElementRef, Framing, Limits, Ns, SendBuffer, StreamReader, WriteXml, Writer, ns};

use super::Phase;
use super::machine::{Lend, Outcome};
use super::timers::Timers;
use crate::config::{StreamLimits, Timeouts};
use crate::error::{Error, PeerMisbehaved};
use crate::event::Event;
use crate::time::Instant;

pub(crate) struct Core {
    pub(super) reader: StreamReader,
    pub(super) timers: Timers,
    pub(super) phase: Phase,
    /// Sticky.
    pub(super) failed: Option<Error>,
    /// An event that goes out before anything else is read.
    pub(super) queued: Option<Event<'static>>,
    /// Whether a header of ours stands on the current stream.
    pub(super) header_sent: bool,
    /// Whether our closing tag is out.
    pub(super) close_sent: bool,
    /// Of how many bytes the timers know.
    pub(super) seen: u64,
    authenticated_limits: Limits,
    nonzas: Vec<Ns<'static>>,
    send_limit: usize,
    random: ChaCha20Rng,
    serial: u32,
}

impl Core {
    pub(super) fn new(
        limits: &StreamLimits,
        timeouts: Timeouts,
        nonzas: Vec<Ns<'static>>,
        now: Instant,
        seed: [u8; 32],
    ) -> Self {
        Self {
            reader: StreamReader::new(limits.unauthenticated),
            timers: Timers::new(timeouts, now),
            phase: Phase::Negotiating,
            failed: None,
            queued: None,
            header_sent: false,
            close_sent: false,
            seen: 0,
            authenticated_limits: limits.authenticated,
            nonzas,
            send_limit: limits.send,
            random: ChaCha20Rng::from_seed(seed),
            serial: 0,
        }
    }

    /// The next thing on the wire is a new stream header, either way.
    pub(super) fn restart(&mut self) {
        self.reader.restart();
        self.header_sent = false;
    }

    /// Authentication is through: the peer may send more from here on.
    pub(super) fn authenticated(&mut self) {
        self.reader.set_limits(self.authenticated_limits);
    }

    pub(super) fn established(&mut self) {
        self.phase = Phase::Established;
        self.timers.established();
    }

    pub(super) fn send_limit(&self) -> usize {
        self.send_limit
    }

    pub(super) fn fill_random(&mut self, bytes: &mut [u8]) {
        self.random.fill_bytes(bytes);
    }

    /// 128 unpredictable bits as text: RFC 6120 section 4.7.3 wants that of
    /// stream ids, section 8.1.3 likes it of stanza ids.
    pub(super) fn random_id(&mut self) -> String {
        const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        let mut bytes = [0; 26];
        self.random.fill_bytes(&mut bytes);
        bytes.iter().map(|byte| char::from(DIGITS[usize::from(byte % 32)])).collect()
    }

    pub(super) fn next_serial(&mut self) -> u32 {
        self.serial = self.serial.wrapping_add(1);
        self.serial
    }

    /// Begins a stream of ours: XML declaration and header, in one piece.
    pub(super) fn write_header(&mut self, header: &StreamHeader, tx: &mut Vec<u8>) {
        let mut opening = SendBuffer::new(Framing::Stream);
        let written = header.write(&mut opening);
        debug_assert!(written.is_ok(), "{written:?}");
        tx.extend_from_slice(opening.unsent());
        self.header_sent = true;
        self.timers.sent();
    }

    /// Writes an element of ours.
    pub(super) fn write(&mut self, element: &impl WriteXml, tx: &mut Vec<u8>) {
        self.compose(tx, |w| {
            w.write(element);
        });
    }

    /// Writes elements of ours.
    pub(super) fn compose(&mut self, tx: &mut Vec<u8>, write: impl FnOnce(&mut Writer<'_>)) {
        let mut writer = Writer::in_stream(tx, ns::CLIENT);
        write(&mut writer);
        // What goes in here is prepared addresses, fixed words, base64 and what
        // was read as XML before: it is XML.
        let written = writer.finish();
        debug_assert!(written.is_ok(), "{written:?}");
        self.timers.sent();
    }

    /// Writes our closing tag once, after a stream error if there is one.
    pub(super) fn write_end(&mut self, why: Option<StreamCondition>, tx: &mut Vec<u8>) {
        if core::mem::replace(&mut self.close_sent, true) {
            return;
        }
        if let Some(condition) = why {
            self.write(&StreamError::new(condition), tx);
        }
        Writer::stream_end(tx);
    }

    /// What a first-level element is to an established stream.
    pub(super) fn classify(
        &self,
        element: ElementRef<'_>,
        content: Ns<'static>,
    ) -> Result<Outcome, PeerMisbehaved> {
        let is_stanza = matches!(element.name(), "message" | "presence" | "iq");
        if element.has_ns(content) && is_stanza {
            // 6120-4.8.5-04: no prefix for the content namespace.
            return if element.prefix().is_empty() {
                Ok(Outcome::Lend(Lend::Stanza))
            } else {
                Err(PeerMisbehaved::PrefixedStanza)
            };
        }
        if self.nonzas.iter().any(|namespace| element.has_ns(*namespace)) {
            return Ok(Outcome::Lend(Lend::Nonza));
        }
        // 6120-4.8.3-04: a stanza of another content namespace.
        if is_stanza {
            return Err(PeerMisbehaved::WrongNamespace);
        }
        Err(unexpected(element, "a stanza"))
    }
}

/// 6120-4.8.4-03: the stream is closed over an element that means nothing here.
pub(super) fn unexpected(element: ElementRef<'_>, expected: &'static str) -> PeerMisbehaved {
    // A name that goes into an error is cut, so that the error stays small.
    let name = element.name().chars().take(64).collect();
    PeerMisbehaved::UnexpectedElement { name, expected }
}

/// Whether this is the element of that type.
pub(super) fn is<P: Payload>(element: ElementRef<'_>) -> bool {
    element.is(P::NS, P::NAME)
}
