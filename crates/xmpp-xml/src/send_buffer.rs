//! The send buffer.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::fmt;

use crate::{Framing, Ns, StreamContext, WriteError, WriteXml, Writer, ns};

/// Sent bytes are moved out of the way once there are so many of them that the
/// move is paid for.
const COMPACT_BYTES: usize = 4096;
/// Memory up to this is kept for what comes next, until
/// [`SendBuffer::release`].
const KEEP_BYTES: usize = 16 * 1024;

/// Bytes that are to be sent, the twin of [`RecvBuffer`](crate::RecvBuffer),
/// with what whoever writes must know of the stream: its content namespace and
/// its [`Framing`].
///
/// What goes in is the opening of a stream, first-level elements, each whole,
/// and the end. What comes out depends on the transport:
///
/// - of bytes: [`unsent`](Self::unsent), then [`sent`](Self::sent) with as many
///   as the transport took;
/// - of messages: [`frame`](Self::frame), one whole message, then
///   [`frame_sent`](Self::frame_sent).
///
/// ```
/// use xmpp_xml::{Framing, SendBuffer, ns};
///
/// let mut tx = SendBuffer::new(Framing::Stream);
/// tx.open(ns::CLIENT, &[], &[("to", Some("im.example.com")), ("version", Some("1.0"))])?;
/// tx.push_frame(|w| {
///     w.start(w.content(), "presence").end();
/// })?;
/// while !tx.is_empty() {
///     // The transport takes what it can.
///     let n = tx.unsent().len().min(50);
///     tx.sent(n);
/// }
/// # Ok::<(), xmpp_xml::WriteError>(())
/// ```
///
/// # Memory
///
/// It is in proportion to what is unsent, however long something is: at most
/// eight times as much and 32 KiB, over WebSocket up to 24 times as much if all
/// messages are tiny. How much may wait is for the owner to decide, by
/// [`len`](Self::len).
#[derive(Clone)]
pub struct SendBuffer {
    bytes: Vec<u8>,
    /// Where the unsent begin.
    start: usize,
    /// The lengths of the messages that are unsent; the first is that of what
    /// is left of it. Empty in [`Framing::Stream`].
    frames: VecDeque<usize>,
    context: StreamContext,
}

impl SendBuffer {
    /// An empty one for the streams of a connection with that framing. The
    /// content namespace is `jabber:client` until [`open`](Self::open) or
    /// [`set_content`](Self::set_content) says another.
    #[must_use]
    pub fn new(framing: Framing) -> Self {
        let context = StreamContext { content: ns::CLIENT, framing };
        Self { bytes: Vec::new(), start: 0, frames: VecDeque::new(), context }
    }

    /// What whoever writes must know of the stream.
    #[must_use]
    pub fn context(&self) -> StreamContext {
        self.context
    }

    /// How the stream is framed.
    #[must_use]
    pub fn framing(&self) -> Framing {
        self.context.framing
    }

    /// Sets the content namespace that the stream has or will have.
    pub fn set_content(&mut self, content: Ns<'static>) {
        self.context.content = content;
    }

    /// All bytes that are unsent.
    #[must_use]
    pub fn unsent(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    /// How many bytes are unsent.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len() - self.start
    }

    /// Whether all is sent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first `n` unsent bytes have been sent. More than there are count as
    /// all of them. What is left of a message of which a part has been sent is
    /// the next [`frame`](Self::frame).
    pub fn sent(&mut self, n: usize) {
        let n = n.min(self.len());
        self.start += n;
        let mut left = n;
        while let Some(first) = self.frames.front_mut() {
            if *first > left {
                *first -= left;
                break;
            }
            left -= *first;
            self.frames.pop_front();
        }
        self.compact();
    }

    /// What is to be sent next in one piece: in [`Framing::WebSocket`] a
    /// message, in [`Framing::Stream`] all bytes that are unsent. `None` if
    /// there are none.
    #[must_use]
    pub fn frame(&self) -> Option<&[u8]> {
        let len = match self.context.framing {
            Framing::Stream => self.len(),
            Framing::WebSocket => self.frames.front().copied().unwrap_or(0),
        };
        self.unsent().get(..len).filter(|frame| !frame.is_empty())
    }

    /// What [`frame`](Self::frame) gives has been sent.
    pub fn frame_sent(&mut self) {
        let len = self.frame().map_or(0, <[u8]>::len);
        self.sent(len);
    }

    /// Appends exactly one first-level element.
    ///
    /// ```
    /// use xmpp_xml::{Framing, SendBuffer, WriteError, ns};
    ///
    /// let mut tx = SendBuffer::new(Framing::WebSocket);
    /// tx.push_frame(|w| {
    ///     w.start(ns::STREAM, "features").end();
    /// })?;
    /// assert_eq!(
    ///     tx.frame(),
    ///     Some(&b"<stream:features xmlns:stream='http://etherx.jabber.org/streams'/>"[..])
    /// );
    /// let two = tx.push_frame(|w| {
    ///     w.start(ns::SM, "r").end().start(ns::SM, "r").end();
    /// });
    /// assert_eq!(two, Err(WriteError::NotOneRoot));
    /// # Ok::<(), WriteError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`WriteError::NotOneRoot`] if it is none or several, and all else that a
    /// [`Writer`] finds. Nothing is appended then.
    pub fn push_frame(&mut self, write: impl FnOnce(&mut Writer<'_>)) -> Result<(), WriteError> {
        self.push_frame_within(usize::MAX, write)
    }

    /// Appends what `write` writes, one first-level element of at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// [`WriteError::TooLarge`] if it is longer; else as
    /// [`push_frame`](Self::push_frame). Nothing is appended then.
    pub fn push_frame_within(
        &mut self,
        limit: usize,
        write: impl FnOnce(&mut Writer<'_>),
    ) -> Result<(), WriteError> {
        self.push_frame_if(limit, write, |_| true).map(|_| ())
    }

    /// Appends what `write` writes, one first-level element of at most `limit` bytes, if
    /// `accept` says so when it sees the bytes. Returns whether it did.
    ///
    /// # Errors
    ///
    /// As [`push_frame_within`](Self::push_frame_within). Nothing is appended
    /// then, nor if it was not accepted.
    pub fn push_frame_if(
        &mut self,
        limit: usize,
        write: impl FnOnce(&mut Writer<'_>),
        accept: impl FnOnce(&[u8]) -> bool,
    ) -> Result<bool, WriteError> {
        let base = self.bytes.len();
        let mut w = Writer::frame(&mut self.bytes, self.context);
        write(&mut w);
        w.finish()?;
        let written = self.bytes.get(base..).unwrap_or_default();
        let fits = written.len() <= limit;
        let accepted = fits && accept(written);
        if accepted {
            self.frame_ends(base);
        } else {
            self.bytes.truncate(base);
        }
        if fits { Ok(accepted) } else { Err(WriteError::TooLarge) }
    }

    /// Appends a value that is exactly one first-level element.
    ///
    /// # Errors
    ///
    /// As [`push_frame`](Self::push_frame).
    pub fn write<T: WriteXml + ?Sized>(&mut self, value: &T) -> Result<(), WriteError> {
        self.write_within(value, usize::MAX)
    }

    /// Appends a value that is exactly one first-level element, of at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// As [`push_frame_within`](Self::push_frame_within).
    pub fn write_within<T: WriteXml + ?Sized>(
        &mut self,
        value: &T,
        limit: usize,
    ) -> Result<(), WriteError> {
        self.push_frame_within(limit, |w| value.write_xml(w))
    }

    /// Appends one first-level element as bytes: for what has been written
    /// once for several streams, or is kept to be sent again. Nothing is
    /// appended if there are none.
    ///
    /// They are not looked at. They must be one whole element that a [`Writer`]
    /// has written in exactly this [`context`](Self::context): in another one
    /// the same bytes mean something else.
    pub fn push_bytes(&mut self, element: &[u8]) {
        let base = self.bytes.len();
        self.bytes.extend_from_slice(element);
        self.frame_ends(base);
    }

    /// Appends the opening of a stream whose content namespace is `content`,
    /// which is that of this buffer from here on, with those of `attrs` that
    /// have a value.
    ///
    /// In [`Framing::Stream`] that is an XML declaration and a stream header,
    /// as [`Writer::stream_header`] writes them. In [`Framing::WebSocket`] it is
    /// `<open/>` (RFC 7395, section 3.4), and `declarations` is of no use.
    ///
    /// # Errors
    ///
    /// If something of it is not XML. Nothing is appended then.
    pub fn open(
        &mut self,
        content: Ns<'static>,
        declarations: &[(&str, Ns<'_>)],
        attrs: &[(&str, Option<&str>)],
    ) -> Result<(), WriteError> {
        match self.context.framing {
            Framing::Stream => {
                Writer::stream_header(&mut self.bytes, content, declarations, attrs)?;
            }
            Framing::WebSocket => self.push_frame(|w| {
                w.start(ns::FRAMING, "open").header_attributes(attrs).end();
            })?,
        }
        self.context.content = content;
        Ok(())
    }

    /// Appends the end of the stream: `</stream:stream>`, or `<close/>` as a
    /// message (RFC 7395, section 3.6).
    pub fn end(&mut self) {
        let base = self.bytes.len();
        match self.context.framing {
            Framing::Stream => Writer::stream_end(&mut self.bytes),
            Framing::WebSocket => {
                let mut w = Writer::frame(&mut self.bytes, self.context);
                w.start(ns::FRAMING, "close").end();
            }
        }
        self.frame_ends(base);
    }

    /// Appends the end of the stream, which tells where to connect instead (RFC
    /// 7395, section 3.6.1). In [`Framing::Stream`] the end cannot tell that,
    /// and is as [`end`](Self::end) has it.
    ///
    /// # Errors
    ///
    /// If the URI has characters that XML does not allow. Nothing is appended
    /// then.
    pub fn end_see_other_uri(&mut self, uri: &str) -> Result<(), WriteError> {
        if self.context.framing == Framing::Stream {
            self.end();
            return Ok(());
        }
        self.push_frame(|w| {
            w.start(ns::FRAMING, "close").attr("see-other-uri", uri).end();
        })
    }

    /// Appends a white space keepalive (RFC 6120, section 4.6.1), and says
    /// whether it did: in [`Framing::WebSocket`] there are none (RFC 7395,
    /// section 3.8).
    pub fn keepalive(&mut self) -> bool {
        let allowed = self.context.framing == Framing::Stream;
        if allowed {
            self.bytes.push(b' ');
        }
        allowed
    }

    /// Gives memory back that no unsent byte needs: for connections that are
    /// silent for a while.
    pub fn release(&mut self) {
        self.bytes.drain(..self.start);
        self.start = 0;
        self.bytes.shrink_to_fit();
        self.frames.shrink_to_fit();
    }

    /// Bytes of memory that it holds, beyond itself.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.bytes.capacity() + self.frames.capacity() * size_of::<usize>()
    }

    /// A message that began at `base` is complete.
    fn frame_ends(&mut self, base: usize) {
        let len = self.bytes.len() - base;
        if len != 0 && self.context.framing == Framing::WebSocket {
            self.frames.push_back(len);
        }
    }

    /// Moves what is unsent to the front if as much has been sent, so that a
    /// byte is moved once for each byte that is sent; and gives memory back
    /// that much more was needed for once than is now.
    fn compact(&mut self) {
        let len = self.len();
        if len == 0 {
            self.bytes.clear();
        } else if self.start >= COMPACT_BYTES && self.start >= len {
            self.bytes.drain(..self.start);
        } else {
            return;
        }
        self.start = 0;
        if self.bytes.capacity() > KEEP_BYTES.max(4 * len) {
            self.bytes.shrink_to(KEEP_BYTES.max(2 * len));
        }
        let frames = self.frames.len();
        let keep = KEEP_BYTES / size_of::<usize>();
        if self.frames.capacity() > keep.max(4 * frames) {
            self.frames.shrink_to(keep.max(2 * frames));
        }
    }
}

impl fmt::Debug for SendBuffer {
    /// Tells how much it holds, not what: that can be somebody's secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendBuffer")
            .field("unsent", &self.len())
            .field("frames", &self.frames.len())
            .field("held", &self.held_bytes())
            .field("context", &self.context)
            .finish_non_exhaustive()
    }
}
