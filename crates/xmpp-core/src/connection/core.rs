//! What all roles share: the reader, the timers, the ways a stream ends.

use alloc::{boxed::Box, string::String, vec::Vec};

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use xmpp_stanza::stream_limits::StreamLimits as AnnouncedLimits;
use xmpp_stanza::{Payload, StreamError, StreamHeader, Version};
use xmpp_xml::{ElementRef, Framing, Limits, Ns, SendBuffer, StreamReader, WriteXml, Writer};

use super::Phase;
use super::iq::Iqs;
use super::timers::Timers;
use crate::config::{StreamLimits, Timeouts, UnansweredRequests};
use crate::error::{Error, PeerMisbehaved};
use crate::negotiation::sm::Management;
use crate::time::{Deadline, Instant, TimerReason};

#[cfg_attr(test, derive(Clone))]
pub(crate) struct Core {
    pub(crate) reader: StreamReader,
    pub(crate) timers: Timers,
    pub(super) phase: Phase,
    /// Whether stanzas have flowed: those that still come are given out while
    /// the stream closes.
    pub(super) was_established: bool,
    /// How it ended, once it has.
    pub(super) ending: Option<Box<Ending>>,
    /// What is wrong with the header of the response stream, until something
    /// other than a stream error follows it.
    pub(super) header_fault: Option<Box<PeerMisbehaved>>,
    /// How the transport ended, once it has: told after all that it brought.
    pub(super) transport_end: Option<TransportEnd>,
    /// Whether a header of ours stands on the current stream.
    pub(super) header_sent: bool,
    /// Whether our closing tag is out.
    pub(super) close_sent: bool,
    /// Whether the peer's closing tag, or its stream error, is in.
    pub(super) peer_closed: bool,
    /// Whether that tag is in: its transport may end without it.
    pub(super) peer_said_so: bool,
    /// Whether white space behind `<starttls/>` is dropped.
    pub(crate) drops_space: bool,
    /// Whether TLS is up below the stream.
    pub(super) is_tls: bool,
    /// Of how many bytes the timers know.
    pub(super) seen: u64,
    pub(super) nonzas: Vec<Ns<'static>>,
    pub(crate) management: Management,
    /// How many requests for stream management were refused.
    pub(crate) refused: u8,
    /// Whether the role has something to go on with before anything is read.
    pub(crate) has_more: bool,
    /// What the role waits for is over then.
    pub(crate) role_deadline: Option<Instant>,
    pub(super) iqs: Iqs,
    send_limit: usize,
    /// What the peer announces that it takes, in bytes.
    announced_limit: u32,
    /// Whether the peer's latest header has a version.
    pub(crate) peer_has_version: bool,
    authenticated_limits: Limits,
    random: ChaCha20Rng,
    serial: u32,
}

/// How a connection ended.
#[cfg_attr(test, derive(Clone))]
pub(super) struct Ending {
    pub(super) error: Option<Error>,
    /// Whether the event is out.
    pub(super) told: bool,
}

/// How a transport ended.
#[derive(Clone)]
pub(super) enum TransportEnd {
    /// In order.
    Eof,
    /// By an error below the stream.
    Failed(Box<Error>),
}

impl Core {
    pub(crate) fn new(
        limits: &StreamLimits,
        timeouts: Timeouts,
        framing: Framing,
        nonzas: Vec<Ns<'static>>,
        now: Instant,
        seed: [u8; 32],
    ) -> Self {
        Self {
            reader: StreamReader::with_framing(limits.unauthenticated, framing),
            timers: Timers::new(timeouts, now),
            phase: Phase::Negotiating,
            was_established: false,
            ending: None,
            header_fault: None,
            transport_end: None,
            header_sent: false,
            close_sent: false,
            peer_closed: false,
            peer_said_so: false,
            drops_space: false,
            is_tls: false,
            seen: 0,
            nonzas,
            role_deadline: None,
            iqs: Iqs::default(),
            send_limit: limits.send,
            management: Management::default(),
            refused: 0,
            has_more: false,
            announced_limit: u32::MAX,
            peer_has_version: true,
            authenticated_limits: limits.authenticated,
            random: ChaCha20Rng::from_seed(seed),
            serial: 0,
        }
    }

    /// The next thing on the wire is a new stream header, either way.
    pub(crate) fn restart(&mut self) {
        self.reader.restart();
        self.header_sent = false;
    }

    /// Authentication is through: the peer may send more from here on.
    pub(crate) fn authenticated(&mut self) {
        self.reader.set_limits(self.authenticated_limits);
    }

    /// What the peer announces counts in place of what it announced before
    /// (XEP-0478 section 3).
    pub(crate) fn obey(&mut self, announced: AnnouncedLimits) {
        self.announced_limit = announced.max_bytes.unwrap_or(u32::MAX);
        self.timers.limit_keepalive(announced.idle_seconds);
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase
    }

    /// The largest stanza that is sent.
    pub(super) fn send_limit(&self) -> usize {
        self.send_limit.min(self.announced_limit as usize)
    }

    /// What becomes of requests that nobody answers.
    pub(crate) fn set_unanswered(&mut self, policy: UnansweredRequests) {
        self.iqs.set_unanswered(policy);
    }

    /// The next deadline, and why.
    pub(super) fn next_deadline(&self) -> Option<Deadline> {
        let request = self.iqs.next_deadline().filter(|_| self.ending.is_none());
        let request = request.map(|at| Deadline { at, reason: TimerReason::Request });
        // Nothing of a role goes out behind our closing tag.
        let stands = matches!(self.phase, Phase::Negotiating | Phase::Established);
        let role = self.role_deadline.filter(|_| stands);
        let role = role.map(|at| Deadline { at, reason: TimerReason::Dialback });
        let all = [self.timers.next(), request, role];
        all.into_iter().flatten().min_by_key(|deadline| deadline.at)
    }

    /// Negotiation is through: stanzas flow.
    pub(crate) fn established(&mut self) {
        self.phase = Phase::Established;
        self.was_established = true;
        self.timers.established();
    }

    pub(crate) fn fill_random(&mut self, bytes: &mut [u8]) {
        self.random.fill_bytes(bytes);
    }

    /// 128 unpredictable bits as text: RFC 6120 section 4.7.3 wants that of
    /// stream ids, section 8.1.3 likes it of stanza ids.
    pub(crate) fn random_id(&mut self) -> String {
        const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        let mut bytes = [0; 26];
        self.random.fill_bytes(&mut bytes);
        bytes.iter().map(|byte| char::from(DIGITS[usize::from(byte % 32)])).collect()
    }

    pub(crate) fn next_serial(&mut self) -> u32 {
        self.serial = self.serial.wrapping_add(1);
        self.serial
    }

    /// Begins a stream of ours, in one piece.
    pub(crate) fn write_header(&mut self, header: &StreamHeader, tx: &mut SendBuffer) {
        let written = header.write(tx);
        debug_assert!(written.is_ok(), "{written:?}");
        self.header_sent = true;
        self.timers.sent();
    }

    /// Writes one element of ours.
    pub(crate) fn write(&mut self, element: &impl WriteXml, tx: &mut SendBuffer) {
        self.compose(tx, |w| {
            w.write(element);
        });
    }

    /// Writes one element of ours.
    pub(crate) fn compose(&mut self, tx: &mut SendBuffer, write: impl FnOnce(&mut Writer<'_>)) {
        // What goes in here is prepared addresses, fixed words, base64 and what
        // was read as XML before: it is XML.
        let written = tx.push_frame(write);
        debug_assert!(written.is_ok(), "{written:?}");
        self.timers.sent();
    }

    /// Writes our closing tag once, after a stream error if there is one.
    pub(super) fn write_end(&mut self, why: Option<&StreamError>, tx: &mut SendBuffer) {
        if core::mem::replace(&mut self.close_sent, true) {
            return;
        }
        if let Some(error) = why {
            // A caller's own text may be no XML; the condition always is.
            if tx.write(error).is_err() {
                self.write(&StreamError::new(error.condition), tx);
            }
        }
        tx.end();
        self.timers.sent();
    }

    /// Both streams are over. What is in `tx` is still to be sent.
    pub(super) fn end(&mut self, error: Option<Error>) {
        if self.ending.is_none() {
            self.ending = Some(Box::new(Ending { error, told: false }));
            self.phase = Phase::Closed;
            self.header_fault = None;
            self.timers.ending(TimerReason::Drain);
        }
    }
}

/// The declared content namespace of a header is the role's. None need be
/// declared (`6120-4.8.2-03`).
pub(crate) fn judge_content(header: &StreamHeader, content: Ns<'_>) -> Result<(), PeerMisbehaved> {
    if header.content.is_some() && !header.has_content(content) {
        return Err(PeerMisbehaved::WrongNamespace);
    }
    Ok(())
}

/// The version of a header is 1.0 or higher; a higher one than ours is answered
/// with ours (`6120-4.7.5-05`).
pub(crate) fn judge_version(header: &StreamHeader) -> Result<(), PeerMisbehaved> {
    if header.effective_version() < Version::V1_0 {
        return Err(PeerMisbehaved::UnsupportedVersion);
    }
    Ok(())
}

/// 6120-4.8.4-03: the stream is closed over an element that means nothing here.
pub(crate) fn unexpected(element: ElementRef<'_>, expected: &'static str) -> PeerMisbehaved {
    // A name that goes into an error is cut, so that the error stays small.
    let name = element.name().chars().take(64).collect();
    PeerMisbehaved::UnexpectedElement { name, expected }
}

/// Whether this is the element of that type.
pub(crate) fn is<'a, P: Payload<'a>>(element: ElementRef<'a>) -> bool {
    element.is(P::NS, P::NAME)
}
