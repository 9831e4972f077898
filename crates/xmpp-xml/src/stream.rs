//! The stream reader.

use crate::chars::is_space;
use crate::lexer::Fault;
use crate::prolog::{self, Opening};
use crate::tape;
use crate::utf8::Bad;
use crate::{ElementRef, Error, ErrorKind, Framing, Limits, RecvBuffer};

/// Reads XML streams (RFC 6120, section 4): a header, first-level elements
/// with white space between them, the end tag; then, after a restart, the
/// next header. In [`Framing::WebSocket`] it reads streams that come in
/// messages (RFC 7395): see [`with_framing`](Self::with_framing).
///
/// It holds no input: that stays in the [`RecvBuffer`], which belongs to it
/// as long as the stream lasts.
///
/// ```
/// use xmpp_xml::{Item, Limits, RecvBuffer, StreamReader, ns};
///
/// let mut rx = RecvBuffer::new(64 * 1024);
/// let mut reader = StreamReader::new(Limits::default());
/// rx.push(b"<stream:stream xmlns='jabber:client' version='1.0'
///            xmlns:stream='http://etherx.jabber.org/streams'><presence/><mess");
/// let Some(Item::Header(header)) = reader.poll(&mut rx)? else { panic!() };
/// assert_eq!(header.attr("version").as_deref(), Some("1.0"));
/// let Some(Item::Element(presence)) = reader.poll(&mut rx)? else { panic!() };
/// assert!(presence.is(ns::CLIENT, "presence"));
/// assert!(reader.poll(&mut rx)?.is_none());
/// rx.push(b"age/>");
/// assert!(matches!(reader.poll(&mut rx)?, Some(Item::Element(_))));
/// # Ok::<(), xmpp_xml::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct StreamReader {
    pub(crate) limits: Limits,
    framing: Framing,
    pub(crate) phase: Phase,
    error: Option<Error>,
    item_offset: u64,
}

/// What the reader looks for next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// An XML declaration or a header; after a restart white space may stand
    /// before them, which belongs to the former stream.
    Opening { restarted: bool },
    /// A header; the XML declaration is behind.
    Header,
    /// A header has been given out; `empty` if it was the end tag as well.
    HeaderGiven { empty: bool },
    /// A first-level element or the end tag.
    Content,
    /// Nothing more.
    Closed,
}

/// What a stream consists of.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Item<'b> {
    /// The stream header: a start tag, or `<open/>`. Its attributes and
    /// declarations can be asked for; it has no content yet.
    Header(ElementRef<'b>),
    /// A first-level element.
    Element(ElementRef<'b>),
    /// The end tag of the stream, or `<close/>`, whose attributes
    /// [`RecvBuffer::element`] shows. What follows it is not looked at.
    Closed,
}

impl StreamReader {
    /// At the beginning of a stream.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self::with_framing(limits, Framing::Stream)
    }

    /// At the beginning of a stream with that framing.
    ///
    /// In [`Framing::WebSocket`] every message is one XML document of its own,
    /// which is one first-level element (RFC 7395, section 3.3.3). The buffer is
    /// to be told where each ends: [`RecvBuffer::end_of_message`]. The first one
    /// is `<open/>`, or `<close/>` from a server that sends the client elsewhere
    /// (section 3.6.1):
    ///
    /// ```
    /// use xmpp_xml::{Framing, Item, Limits, RecvBuffer, StreamReader};
    ///
    /// let mut rx = RecvBuffer::new(64 * 1024);
    /// let mut reader = StreamReader::with_framing(Limits::default(), Framing::WebSocket);
    /// rx.push(b"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='im.example.com'/>");
    /// rx.end_of_message();
    /// let Some(Item::Header(open)) = reader.poll(&mut rx)? else { panic!() };
    /// assert_eq!(open.attr("from").as_deref(), Some("im.example.com"));
    /// rx.push(b"<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' \
    ///            see-other-uri='wss://im2.example.com/xmpp'/>");
    /// rx.end_of_message();
    /// assert!(matches!(reader.poll(&mut rx)?, Some(Item::Closed)));
    /// let elsewhere = rx.element().and_then(|close| close.attr("see-other-uri"));
    /// assert_eq!(elsewhere.as_deref(), Some("wss://im2.example.com/xmpp"));
    /// # Ok::<(), xmpp_xml::Error>(())
    /// ```
    #[must_use]
    pub fn with_framing(limits: Limits, framing: Framing) -> Self {
        Self {
            limits: limits.clamped(),
            framing,
            phase: Phase::Opening { restarted: false },
            error: None,
            item_offset: 0,
        }
    }

    /// From the next call of [`poll`](Self::poll) on, these limits hold.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits.clamped();
    }

    /// How the stream is framed.
    #[must_use]
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// The limits that hold.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The next thing is a new stream header or `<open/>`, which an XML
    /// declaration may precede: what the former stream has declared is forgotten. Bytes in
    /// the buffer stay.
    pub fn restart(&mut self) {
        self.phase = Phase::Opening { restarted: true };
    }

    /// The next item, or `None` if more bytes are needed. Looks at each byte
    /// once, so that the work of a call is bounded by what has come in since
    /// the last one and by one item.
    ///
    /// # Errors
    ///
    /// What is wrong with the input, after all items before it have been
    /// given. The same again at every further call.
    pub fn poll<'b>(&mut self, rx: &'b mut RecvBuffer) -> Result<Option<Item<'b>>, Error> {
        if let Some(error) = self.error {
            return Err(error);
        }
        match self.advance(rx) {
            Ok(None) => Ok(None),
            Ok(Some(Found::Closed)) => Ok(Some(Item::Closed)),
            Ok(Some(found)) => {
                self.item_offset = rx.offset();
                let text = rx.text.get(rx.start..rx.end).unwrap_or_default();
                let element = ElementRef::new(rx.lexer.view(text), tape::FIRST);
                Ok(Some(if matches!(found, Found::Header) {
                    Item::Header(element)
                } else {
                    Item::Element(element)
                }))
            }
            Err(fault) => Err(*self.error.insert(fault.error(rx.offset()))),
        }
    }

    /// Where the header or element begins that was given last: bytes since
    /// the beginning of the input.
    #[must_use]
    pub fn item_offset(&self) -> u64 {
        self.item_offset
    }

    /// The input ends here, and [`poll`](Self::poll) has given `None`: says
    /// whether the stream has been closed. For those who look at streams that
    /// were recorded; a connection may end anywhere.
    ///
    /// # Errors
    ///
    /// If the input ends within a header or an element, or if more than white
    /// space follows the end of the stream.
    pub fn finish(&mut self, rx: &mut RecvBuffer) -> Result<bool, Error> {
        if let Some(error) = self.error {
            return Err(error);
        }
        rx.settle();
        let text = rx.text.get(rx.start..).unwrap_or_default();
        let at_end = |len: usize, held: usize| Fault {
            kind: if held == 0 { ErrorKind::UnexpectedEnd } else { ErrorKind::InvalidUtf8 },
            at: len,
            stopped: len + held,
        };
        let result = match self.phase {
            Phase::Closed => {
                let blank = text.bytes().take_while(|&b| is_space(b)).count();
                let rest = text.get(blank..).unwrap_or_default();
                let behind = match rest.as_bytes().first() {
                    None => why_out_of_text(0, 0, rx.bad).map(|()| true),
                    Some(b'<') => {
                        rx.lexer.behind_root(rest).and_then(|()| Err(at_end(rest.len(), 0)))
                    }
                    Some(_) => Err(outside(rest)),
                };
                behind.map_err(|fault| fault.behind(blank))
            }
            Phase::Content if text.is_empty() && rx.held() == 0 && rx.messages.is_between() => {
                Ok(false)
            }
            _ => Err(at_end(text.len(), rx.held())),
        };
        result.map_err(|fault| *self.error.insert(fault.error(rx.offset())))
    }

    fn advance(&mut self, rx: &mut RecvBuffer) -> Result<Option<Found>, Fault> {
        if self.framing == Framing::WebSocket {
            return self.advance_messages(rx);
        }
        rx.settle();
        if let Phase::HeaderGiven { empty } = self.phase {
            self.phase = Phase::Content;
            if empty {
                self.phase = Phase::Closed;
                return Ok(Some(Found::Closed));
            }
        }
        loop {
            match self.phase {
                Phase::Content => {
                    rx.skip_space();
                    let most = self.most_bytes(rx);
                    let text = visible(&rx.text, rx.start, most);
                    let origin = rx.offset() as usize;
                    let found = match text.as_bytes() {
                        [] | [b'<'] => None,
                        [b'<', b'/', ..] => rx
                            .lexer
                            .stream_end(text, origin, &self.limits)?
                            .map(|len| (Found::Closed, len)),
                        [b'<', ..] => rx
                            .lexer
                            .element(text, origin, &self.limits)?
                            .map(|len| (Found::Element, len)),
                        [..] => return Err(outside(text)),
                    };
                    return match found {
                        Some((found, len)) => {
                            rx.end = rx.start + len;
                            if matches!(found, Found::Closed) {
                                self.phase = Phase::Closed;
                            }
                            Ok(Some(found))
                        }
                        None => self.out_of_text(rx),
                    };
                }
                Phase::Opening { restarted } => {
                    rx.lexer.next_stream();
                    if restarted {
                        rx.skip_space();
                    }
                    let text = rx.text.get(rx.start..).unwrap_or_default();
                    check_mark(text, rx.bad)?;
                    match prolog::opening(text)? {
                        // The XML declaration has a limit of its own.
                        Opening::Undecided => {
                            let (len, most) = (rx.text.len() - rx.start, rx.most_text());
                            return why_out_of_text(len, most, rx.bad).map(|()| None);
                        }
                        Opening::Declaration(len) => {
                            rx.start += len;
                            rx.end = rx.start;
                        }
                        Opening::Other => {}
                    }
                    self.phase = Phase::Header;
                }
                Phase::Header => {
                    rx.skip_space();
                    let most = self.most_bytes(rx);
                    let text = visible(&rx.text, rx.start, most);
                    let origin = rx.offset() as usize;
                    let found = match text.as_bytes() {
                        [] => None,
                        [b'<', ..] => rx.lexer.header(text, origin, &self.limits)?,
                        [..] => return Err(outside(text)),
                    };
                    let Some((len, empty)) = found else { return self.out_of_text(rx) };
                    rx.end = rx.start + len;
                    rx.is_header = true;
                    self.phase = Phase::HeaderGiven { empty };
                    return Ok(Some(Found::Header));
                }
                Phase::HeaderGiven { .. } | Phase::Closed => return Ok(None),
            }
        }
    }

    pub(crate) fn most_bytes(&self, rx: &RecvBuffer) -> usize {
        let limit = match self.phase {
            Phase::Header | Phase::Opening { .. } => self.limits.max_header_bytes,
            _ => self.limits.max_element_bytes,
        };
        rx.most_text().min(limit as usize)
    }

    /// All text that may be looked at has been: is that for lack of bytes?
    fn out_of_text(&self, rx: &RecvBuffer) -> Result<Option<Found>, Fault> {
        let len = rx.text.len() - rx.start;
        why_out_of_text(len, self.most_bytes(rx), rx.bad).map(|()| None)
    }
}

/// Whether the `len` bytes of text have been looked at in full only because
/// no more have come in.
pub(crate) fn why_out_of_text(len: usize, most: usize, bad: Option<Bad>) -> Result<(), Fault> {
    if len > most {
        return Err(Fault { kind: ErrorKind::TooManyBytes, at: 0, stopped: most });
    }
    match bad {
        Some(bad) => Err(Fault {
            kind: ErrorKind::InvalidUtf8,
            at: len,
            stopped: len + usize::from(bad.len),
        }),
        None => Ok(()),
    }
}

/// Refuses the byte-order marks of UTF-16 and UTF-32.
pub(crate) fn check_mark(text: &str, bad: Option<Bad>) -> Result<(), Fault> {
    match bad {
        Some(bad) if text.is_empty() && bad.first >= 0xfe => {
            Err(Fault { kind: ErrorKind::Encoding, at: 0, stopped: 0 })
        }
        _ => Ok(()),
    }
}

pub(crate) enum Found {
    Header,
    Element,
    Closed,
}

/// What may be looked at of the item that begins at `start`.
pub(crate) fn visible(text: &str, start: usize, most: usize) -> &str {
    let text = text.get(start..).unwrap_or_default();
    if text.len() <= most {
        return text;
    }
    let cut = (0..=most).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    &text[..cut]
}

/// Neither white space nor markup where only these may stand.
pub(crate) fn outside(text: &str) -> Fault {
    let first = text.chars().next().unwrap_or(' ');
    let kind = if crate::chars::is_char(first) {
        ErrorKind::TextOutsideRoot
    } else {
        ErrorKind::InvalidCharacter
    };
    Fault { kind, at: 0, stopped: 0 }
}

impl RecvBuffer {
    /// Consumes white space at the beginning of an item that has not begun.
    fn skip_space(&mut self) {
        // An item that has begun does so with a `<`.
        let rest = self.text.as_bytes().get(self.start..).unwrap_or_default();
        self.start += rest.iter().take_while(|&&b| is_space(b)).count();
        self.end = self.start;
    }
}
