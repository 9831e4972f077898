//! Streams that come in messages (RFC 7395, section 3.3.3): one XML document
//! a message, which is one first-level element.

use alloc::collections::VecDeque;

use crate::chars::is_space;
use crate::lexer::Fault;
use crate::prolog::{self, Opening};
use crate::stream::{Found, Phase, check_mark, outside, visible, why_out_of_text};
use crate::utf8::Bad;
use crate::{ElementRef, ErrorKind, RecvBuffer, StreamReader, ns, tape};

/// No element has fewer bytes: `<a/>`.
const SHORTEST: u64 = 4;

/// Where the messages end that have been received and not yet consumed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Messages {
    /// Bytes since the beginning of the input.
    ends: VecDeque<u64>,
    /// Where the first message that is not consumed begins.
    begin: u64,
    /// Whether there is a message that no reader can get over, so that it does
    /// not matter where those behind it end.
    stuck: bool,
    place: Place,
}

/// Where in a message the reader is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// At its beginning.
    #[default]
    Start,
    /// Behind an XML declaration.
    Declared,
    /// In the element.
    Element,
    /// Behind the element.
    Behind,
}

impl Messages {
    /// A message ends at `at`; what stands before `consumed` is consumed.
    fn push(&mut self, at: u64, consumed: u64) {
        // Those who read no messages do not consume them either.
        while self.ends.front().is_some_and(|&end| end < consumed) {
            self.pop();
        }
        if self.stuck {
            return;
        }
        let begin = self.ends.back().copied().unwrap_or(self.begin);
        self.stuck = at.saturating_sub(begin) < SHORTEST;
        self.ends.push_back(at);
    }

    /// The first message is consumed.
    fn pop(&mut self) {
        if let Some(end) = self.ends.pop_front() {
            self.begin = end;
        }
    }

    /// All that has been received, up to `at`, is forgotten.
    pub(crate) fn clear(&mut self, at: u64) {
        *self = Self { begin: at, ..Self::default() };
    }

    pub(crate) fn release(&mut self) {
        self.ends.shrink_to_fit();
    }

    /// Bytes of memory that it holds on the heap.
    pub(crate) fn held_bytes(&self) -> usize {
        self.ends.capacity() * size_of::<u64>()
    }

    /// Whether the reader is between two messages, or behind an element.
    pub(crate) fn is_between(&self) -> bool {
        matches!(self.place, Place::Start | Place::Behind)
    }
}

impl RecvBuffer {
    /// A message of the transport ends behind the bytes that have been
    /// received: for a reader of
    /// [`Framing::WebSocket`](crate::Framing::WebSocket), to be called once a
    /// message, after its last byte. Other readers take no notice.
    pub fn end_of_message(&mut self) {
        if self.pending != 0 {
            // No other message completes the character.
            self.bad = Some(Bad { first: self.held[0], len: self.pending as u8 });
            self.dropped += core::mem::take(&mut self.pending);
        }
        if self.bad.is_none() {
            let consumed = self.offset();
            self.messages.push(self.received(), consumed);
        }
    }

    /// What has come in of the message at `start`, and whether that is all of
    /// it.
    fn message(&self) -> (&str, bool) {
        let text = self.text.get(self.start..).unwrap_or_default();
        let end = self.messages.ends.front().and_then(|end| {
            let len = usize::try_from(end.checked_sub(self.offset())?).ok()?;
            text.get(..len)
        });
        end.map_or((text, false), |text| (text, true))
    }

    fn consume(&mut self, bytes: usize) {
        self.start += bytes;
        self.end = self.start;
    }
}

impl StreamReader {
    /// The next item of a stream that comes in messages.
    pub(crate) fn advance_messages(&mut self, rx: &mut RecvBuffer) -> Result<Option<Found>, Fault> {
        rx.settle();
        if self.phase == Phase::Closed {
            return Ok(None);
        }
        loop {
            let (text, ended) = rx.message();
            match rx.messages.place {
                Place::Start => {
                    if text.is_empty() && ended {
                        return Err(Fault { kind: ErrorKind::EmptyMessage, at: 0, stopped: 0 });
                    }
                    check_mark(text, rx.bad)?;
                    let opening = prolog::opening(text)?;
                    rx.messages.place = match (opening, text.as_bytes().first()) {
                        (Opening::Declaration(len), _) => {
                            rx.consume(len);
                            Place::Declared
                        }
                        (Opening::Undecided, _) => return self.out_of_message(rx),
                        (Opening::Other, Some(b'<')) => Place::Element,
                        (Opening::Other, Some(b' ' | b'\t' | b'\r' | b'\n')) => {
                            let kind = ErrorKind::SpaceBeforeElement;
                            return Err(Fault { kind, at: 0, stopped: 0 });
                        }
                        (Opening::Other, _) => return Err(outside(text)),
                    };
                }
                Place::Declared => {
                    let blank = blank(text);
                    match text.as_bytes().get(blank) {
                        Some(b'<') => rx.messages.place = Place::Element,
                        Some(_) => return Err(outside(&text[blank..]).behind(blank)),
                        None => {}
                    }
                    rx.consume(blank);
                    if rx.messages.place == Place::Declared {
                        return self.out_of_message(rx);
                    }
                }
                Place::Element => return self.element_of_message(rx),
                Place::Behind => {
                    let blank = blank(text);
                    let rest = &text[blank..];
                    if rest.is_empty() && ended {
                        rx.consume(blank);
                        rx.messages.pop();
                        rx.messages.place = Place::Start;
                        continue;
                    }
                    let rest = match rest.as_bytes().first() {
                        None => Ok(()),
                        // Undecided what it is, if it is not a fault.
                        Some(b'<') => {
                            let start = rx.start + blank;
                            let most = rest.len();
                            rx.lexer.behind_root(visible(&rx.text, start, most))
                        }
                        Some(_) => Err(outside(rest)),
                    };
                    rest.map_err(|fault| fault.behind(blank))?;
                    rx.consume(blank);
                    return self.out_of_message(rx);
                }
            }
        }
    }

    /// Reads on in the element of a message.
    fn element_of_message(&mut self, rx: &mut RecvBuffer) -> Result<Option<Found>, Fault> {
        let most = self.most_bytes(rx);
        let len = rx.message().0.len().min(most);
        let text = visible(&rx.text, rx.start, len);
        let origin = rx.offset() as usize;
        let opening = self.phase != Phase::Content;
        if opening && rx.lexer.is_closed() {
            if !rx.lexer.start_tag(text, origin, &self.limits)? {
                return self.out_of_message(rx);
            }
            let tag = ElementRef::new(rx.lexer.view(text), tape::FIRST);
            // RFC 7395, sections 3.3.2 and 3.4.
            let kind = match tag.name() {
                _ if !tag.has_ns(ns::FRAMING) => Some(ErrorKind::HeaderNamespace),
                "open" | "close" => None,
                _ => Some(ErrorKind::HeaderExpected),
            };
            if let Some(kind) = kind {
                return Err(Fault { kind, at: 0, stopped: rx.lexer.at() });
            }
        }
        let len = if opening && rx.lexer.is_closed() {
            rx.lexer.at()
        } else {
            match rx.lexer.element(text, origin, &self.limits)? {
                Some(len) => len,
                None => return self.out_of_message(rx),
            }
        };
        let element = ElementRef::new(rx.lexer.view(text), tape::FIRST);
        let closes = element.is(ns::FRAMING, "close");
        if (opening || closes) && element.nodes().next().is_some() {
            // RFC 7395, appendix A.
            return Err(Fault { kind: ErrorKind::HeaderNotEmpty, at: 0, stopped: len });
        }
        rx.end = rx.start + len;
        rx.messages.place = Place::Behind;
        let (phase, found) = match (opening, closes) {
            (_, true) => (Phase::Closed, Found::Closed),
            (true, false) => (Phase::Content, Found::Header),
            (false, false) => (Phase::Content, Found::Element),
        };
        self.phase = phase;
        Ok(Some(found))
    }

    /// All that may be looked at of a message has been: is that for lack of
    /// bytes?
    fn out_of_message(&self, rx: &RecvBuffer) -> Result<Option<Found>, Fault> {
        let (text, ended) = rx.message();
        // The XML declaration has a limit of its own.
        let is_declaration = rx.messages.place == Place::Start;
        let most = if is_declaration { rx.most_text() } else { self.most_bytes(rx) };
        let len = text.len();
        if ended && len <= most {
            return Err(Fault { kind: ErrorKind::UnexpectedEnd, at: len, stopped: len });
        }
        why_out_of_text(len, most, rx.bad).map(|()| None)
    }
}

/// How much white space a text begins with.
fn blank(text: &str) -> usize {
    text.bytes().take_while(|&b| is_space(b)).count()
}
