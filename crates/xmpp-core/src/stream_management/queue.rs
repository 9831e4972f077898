//! What was sent and not acknowledged.

use alloc::collections::{VecDeque, vec_deque};
use alloc::vec::Vec;
use core::fmt;

use xmpp_xml::{Element, Framing, Limits, StreamContext, Writer, ns};

/// Acknowledged bytes are moved out of the way once there are so many of them
/// that the move is paid for.
const COMPACT_BYTES: usize = 4096;
/// Memory up to this is kept for what comes next, until it is released.
const KEEP_BYTES: usize = 16 * 1024;

/// Stanzas that were sent and not acknowledged, in the order in which they were
/// sent, each as the bytes that were written.
///
/// They may have been received all the same: what got lost may have been the
/// acknowledgement. XEP-0198 section 4 says what to do with them: a client sends
/// them again over its next stream, with a delay stamp (XEP-0203), or tells its
/// user; a server treats them as stanzas to a resource that is gone.
#[derive(Clone)]
pub struct Unacknowledged {
    bytes: Vec<u8>,
    /// Where the first stanza begins.
    start: usize,
    lengths: VecDeque<u32>,
    context: StreamContext,
}

impl Unacknowledged {
    pub(super) const fn new(context: StreamContext) -> Self {
        Self { bytes: Vec::new(), start: 0, lengths: VecDeque::new(), context }
    }

    /// How many stanzas there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lengths.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    /// How many bytes the stanzas are.
    #[must_use]
    pub fn byte_len(&self) -> usize {
        self.bytes.len() - self.start
    }

    /// Bytes of memory that it holds, beyond itself.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.bytes.capacity() + self.lengths.capacity() * size_of::<u32>()
    }

    /// Each stanza as it was written to its stream: with that stream's content
    /// namespace as the default, which need not be declared.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        Slices {
            rest: self.bytes.get(self.start..).unwrap_or_default(),
            lengths: self.lengths.iter(),
        }
    }

    /// Each stanza as an element that stands on its own.
    pub fn elements(&self) -> impl Iterator<Item = Element> {
        self.iter().filter_map(|stanza| element(stanza, self.context))
    }

    /// What whoever wrote the stanzas knew of the stream.
    pub(super) const fn context(&self) -> StreamContext {
        self.context
    }

    /// One more.
    pub(super) fn push(&mut self, stanza: &[u8]) {
        // Nobody sends 4 GiB; a length and its bytes are to agree all the same.
        let Ok(length) = u32::try_from(stanza.len()) else { return };
        self.bytes.extend_from_slice(stanza);
        self.lengths.push_back(length);
    }

    /// Those of `other` come after these.
    pub(crate) fn append(&mut self, other: &Self) {
        for stanza in other.iter() {
            match element(stanza, other.context).filter(|_| other.context != self.context) {
                Some(element) => self.push(&written(&element, self.context)),
                None => self.push(stanza),
            }
        }
    }

    /// The first `count` are acknowledged. More than there are count as all.
    pub(super) fn drop_first(&mut self, count: u32) {
        let count = self.lengths.len().min(count as usize);
        let bytes = self.lengths.drain(..count).map(|length| length as usize).sum::<usize>();
        self.start += bytes;
        let left = self.byte_len();
        if left == 0 {
            self.bytes.clear();
        } else if self.start >= COMPACT_BYTES && self.start >= left {
            self.bytes.drain(..self.start);
        } else {
            return;
        }
        self.start = 0;
        if self.bytes.capacity() > KEEP_BYTES.max(4 * left) {
            self.bytes.shrink_to(KEEP_BYTES.max(2 * left));
        }
        let stanzas = self.lengths.len();
        let keep = KEEP_BYTES / size_of::<u32>();
        if self.lengths.capacity() > keep.max(4 * stanzas) {
            self.lengths.shrink_to(keep.max(2 * stanzas));
        }
    }

    /// Gives memory back that no stanza needs.
    pub(super) fn release(&mut self) {
        self.bytes.drain(..self.start);
        self.start = 0;
        self.bytes.shrink_to_fit();
        self.lengths.shrink_to_fit();
    }

    /// As the stanzas have to be written on a stream that is framed otherwise
    /// (RFC 7395 section 3.3.3): over WebSocket each declares its namespace.
    pub(super) fn framed(self, framing: Framing) -> Self {
        if self.context.framing == framing {
            return self;
        }
        let context = StreamContext { framing, ..self.context };
        let mut framed = Self::new(context);
        for stanza in self.elements() {
            framed.push(&written(&stanza, context));
        }
        framed
    }
}

/// The slices of the stanzas.
struct Slices<'a> {
    rest: &'a [u8],
    lengths: vec_deque::Iter<'a, u32>,
}

impl<'a> Iterator for Slices<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let length = *self.lengths.next()? as usize;
        let (stanza, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(stanza)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.lengths.size_hint()
    }
}

impl ExactSizeIterator for Slices<'_> {}

impl PartialEq for Unacknowledged {
    fn eq(&self, other: &Self) -> bool {
        self.context == other.context && self.iter().eq(other.iter())
    }
}

impl Default for Unacknowledged {
    /// No stanzas.
    fn default() -> Self {
        Self::new(StreamContext { content: ns::CLIENT, framing: Framing::Stream })
    }
}

impl fmt::Debug for Unacknowledged {
    /// Tells how much there is, not what: people write that to each other.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unacknowledged")
            .field("stanzas", &self.len())
            .field("bytes", &self.byte_len())
            .finish_non_exhaustive()
    }
}

/// What `stanza` means in a stream of that context; `None` if it is not exactly
/// one stanza there.
pub(super) fn element(stanza: &[u8], context: StreamContext) -> Option<Element> {
    let (content, stream) = (context.content.uri(), ns::STREAM.uri());
    let mut document = Vec::with_capacity(stanza.len() + 128);
    for part in ["<stream:stream xmlns='", content, "' xmlns:stream='", stream, "'>"] {
        document.extend_from_slice(part.as_bytes());
    }
    let begin = document.len();
    document.extend_from_slice(stanza);
    let end = document.len();
    document.extend_from_slice(b"</stream:stream>");
    let parsed = Element::parse_within(&document, Limits::trusted()).ok()?;
    let first = parsed.children().next()?;
    // Nothing before it, nothing behind it.
    let whole = first.source().as_bytes() == document.get(begin..end)?;
    let is_stanza = matches!(first.name(), "message" | "presence" | "iq")
        && first.has_ns(context.content)
        && first.prefix().is_empty();
    (whole && is_stanza).then(|| first.into_shared())
}

/// The bytes of a stanza in a stream of that context.
fn written(stanza: &Element, context: StreamContext) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut w = Writer::in_stream(&mut bytes, context);
    w.write(stanza);
    // It was read as XML: it is XML.
    let written = w.finish();
    debug_assert!(written.is_ok(), "{written:?}");
    bytes
}

#[cfg(test)]
mod tests {
    use alloc::{format, vec};

    use super::*;

    const STREAM: StreamContext = StreamContext { content: ns::CLIENT, framing: Framing::Stream };

    fn queue(stanzas: &[&str]) -> Unacknowledged {
        let mut queue = Unacknowledged::new(STREAM);
        for stanza in stanzas {
            queue.push(stanza.as_bytes());
        }
        queue
    }

    #[test]
    fn what_is_acknowledged_leaves_from_the_front() {
        let mut queue = queue(&["<iq/>", "<presence/>", "<message/>"]);
        assert_eq!((queue.len(), queue.byte_len()), (3, 26));
        queue.drop_first(2);
        assert_eq!(queue.iter().collect::<Vec<_>>(), [b"<message/>"]);
        queue.drop_first(7);
        assert!(queue.is_empty());
        assert_eq!(queue.byte_len(), 0);
    }

    #[test]
    fn memory_is_in_proportion_to_what_is_unacknowledged() {
        let mut queue = Unacknowledged::new(STREAM);
        for round in 0..200_000_u32 {
            queue.push(b"<message><body>........................</body></message>");
            if round % 10 == 9 {
                queue.drop_first(10);
            }
            assert!(queue.held_bytes() < 64 << 10, "{}", queue.held_bytes());
        }
        for _ in 0..100_000 {
            queue.push(b"<message/>");
        }
        queue.drop_first(100_000);
        assert!(queue.held_bytes() <= 2 * KEEP_BYTES);
        queue.release();
        assert_eq!(queue.held_bytes(), 0);
    }

    /// What a usual queue takes is not given back and taken again each time it is empty.
    #[test]
    fn a_little_memory_is_kept() {
        let mut queue = queue(&[&*"x".repeat(15_000)]);
        queue.drop_first(1);
        assert!(queue.held_bytes() >= 15_000, "{}", queue.held_bytes());
    }

    /// What is told is all that is held: the stanzas, and how long each of them is.
    #[test]
    fn what_is_held_counts() {
        let short = queue(&["<iq/>"; 1000]);
        assert!(short.held_bytes() >= 1000 * ("<iq/>".len() + 4), "{}", short.held_bytes());
    }

    /// A queue that has shrunk has room for as much again, so that one that goes up and down
    /// does not take and give memory each time.
    #[test]
    fn a_queue_that_has_shrunk_has_room_for_as_much_again() {
        let stanza = format!("<iq id='{}'/>", "x".repeat(900));
        for (stanza, left) in [(&*stanza, 20), (&*stanza, 40), ("<iq/>", 4000), ("<iq/>", 8000)] {
            let mut queue = queue(&vec![stanza; 10 * left]);
            let full = queue.held_bytes();
            queue.drop_first(u32::try_from(9 * left).unwrap());
            assert_eq!(queue.len(), left);
            let held = queue.held_bytes();
            assert!(held * 2 < full, "{held} of {full}");
            for _ in 0..left {
                queue.push(stanza.as_bytes());
            }
            assert_eq!(queue.held_bytes(), held, "{left} of {}", stanza.len());
        }
    }

    #[test]
    fn over_websocket_each_stanza_declares_its_namespace() {
        let there = queue(&["<iq id='1'/>"]).framed(Framing::WebSocket);
        let stanza = there.iter().next().unwrap();
        assert_eq!(stanza, b"<iq xmlns='jabber:client' id='1'/>");
        let back = there.framed(Framing::Stream);
        assert_eq!(back.elements().next().unwrap().attr("id").as_deref(), Some("1"));
    }

    #[test]
    fn what_is_not_one_stanza_is_no_element() {
        for wrong in ["", " <iq/>", "<iq/><iq/>", "<iq/> ", "<r xmlns='urn:xmpp:sm:3'/>", "<iq>"] {
            assert!(element(wrong.as_bytes(), STREAM).is_none(), "{wrong}");
        }
        assert!(element(b"<iq/></stream:stream><x>", STREAM).is_none());
    }

    #[test]
    fn memory_is_bounded_though_something_is_always_unacknowledged() {
        const STANZA: &[u8] = b"<message><body>........................</body></message>";
        let mut queue = Unacknowledged::new(STREAM);
        // All but one of these are acknowledged at once.
        for _ in 0..200 {
            queue.push(STANZA);
        }
        queue.drop_first(199);
        for _ in 0..10_000 {
            queue.push(STANZA);
            queue.drop_first(1);
            assert_eq!(queue.iter().collect::<Vec<_>>(), [STANZA]);
        }
        assert!(queue.held_bytes() <= 2 * KEEP_BYTES, "{}", queue.held_bytes());
    }

    /// Whoever acknowledges a long queue piece by piece does not make it move each time.
    #[test]
    fn no_more_is_moved_than_was_acknowledged() {
        let mut queue = Unacknowledged::new(STREAM);
        for _ in 0..40 {
            queue.push(&[b'x'; 1000]);
        }
        let (mut acknowledged, mut moved) = (0, 0);
        while !queue.is_empty() {
            let begin = queue.start;
            queue.drop_first(1);
            acknowledged += 1000;
            assert!(begin == 0 || queue.start == 0 || queue.start == begin + 1000);
            if queue.start == 0 {
                moved += queue.byte_len();
            }
            assert!(moved <= acknowledged, "{moved} of {acknowledged}");
        }
        assert!(moved > 0);
    }

    #[test]
    fn what_is_appended_comes_after_and_means_the_same() {
        // RFC 7395 section 3.3.3: over WebSocket each declares its namespace.
        let web = "<iq xmlns='jabber:client' id='2'/>";
        let mut there =
            Unacknowledged::new(StreamContext { framing: Framing::WebSocket, ..STREAM });
        there.push(web.as_bytes());
        let mut all = queue(&["<iq id='1'/>"]);
        all.append(&queue(&["<presence/>", "<iq id='1'/>"]));
        assert_eq!(all, queue(&["<iq id='1'/>", "<presence/>", "<iq id='1'/>"]));
        all.append(&there);
        let ids = |queue: &Unacknowledged| -> Vec<_> {
            queue.elements().map(|element| element.attr("id").map(|id| id.into_owned())).collect()
        };
        let [one, two] = [Some("1".into()), Some("2".into())];
        assert_eq!(ids(&all), [one.clone(), None, one.clone(), two.clone()]);
        there.append(&queue(&["<iq id='1'/>"]));
        assert_eq!(ids(&there), [two, one]);
        let written: Vec<_> = there.iter().collect();
        assert_eq!(written, [web.as_bytes(), b"<iq xmlns='jabber:client' id='1'/>"]);
    }

    #[test]
    fn queues_are_alike_if_their_stanzas_and_streams_are() {
        let one = || queue(&["<iq id='1'/>"]);
        assert_eq!(one(), one());
        assert_ne!(one(), queue(&["<iq id='2'/>"]));
        assert_ne!(one(), queue(&[]));
        let mut there =
            Unacknowledged::new(StreamContext { framing: Framing::WebSocket, ..STREAM });
        assert_ne!(there, queue(&[]));
        there.push(b"<iq id='1'/>");
        assert_ne!(there, one());
    }
}
