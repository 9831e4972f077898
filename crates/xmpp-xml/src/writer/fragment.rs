//! What goes into a stanza, written before it is known where the stanza goes.

use alloc::vec::Vec;
use core::fmt;

use super::scope::Frames;
use super::{State, WriteError, WriteXml, Writer};
use crate::{Framing, StreamContext, ns};

/// The content of a stanza as checked and escaped XML, that is copied into any
/// stream, any number of times, and never looked at again:
/// [`Writer::fragment`].
///
/// It is written as into a stanza of a client's stream. What has no namespace
/// declared within the fragment is in `jabber:client` where it is written, and in
/// the content namespace of the stream that it is copied into: as it is with an
/// element that is [passed on](Writer::element).
///
/// ```
/// use xmpp_xml::{Fragment, Writer, ns};
///
/// let mut content = Fragment::new();
/// content.push(|w| {
///     w.leaf(ns::CLIENT, "body", "fish & chips").start(ns::RECEIPTS, "request").end();
/// });
///
/// for stream in [ns::CLIENT, ns::SERVER] {
///     let mut tx = Vec::new();
///     let mut w = Writer::in_stream(&mut tx, stream);
///     w.start(stream, "message").fragment(&content).end();
///     w.finish()?;
///     assert_eq!(
///         tx,
///         b"<message><body>fish &amp; chips</body><request xmlns='urn:xmpp:receipts'/></message>",
///     );
/// }
/// # Ok::<(), xmpp_xml::WriteError>(())
/// ```
///
/// # Errors
///
/// The first error is remembered, and told by the [`Writer`] that the fragment is
/// copied by.
///
/// # Costs
///
/// An element that was received declares what it inherits from around it, each
/// time. To pass on many children of one stanza, pass on the stanza.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Fragment {
    bytes: Vec<u8>,
    error: Option<WriteError>,
}

impl Fragment {
    /// An empty one.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new(), error: None }
    }

    /// One that holds the one element that the value writes;
    /// [`WriteError::NotOneRoot`] if it writes none or several.
    #[must_use]
    pub fn element<T: WriteXml + ?Sized>(value: &T) -> Self {
        let mut fragment = Self::new();
        fragment.append(true, |w| {
            w.write(value);
        });
        fragment
    }

    /// Adds elements. Character data has no place between them.
    pub fn push(&mut self, write: impl FnOnce(&mut Writer<'_>)) -> &mut Self {
        self.append(false, write);
        self
    }

    /// Adds what the value writes.
    pub fn write<T: WriteXml + ?Sized>(&mut self, value: &T) -> &mut Self {
        self.push(|w| {
            w.write(value);
        })
    }

    /// Whether there is nothing in it, not even an error.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.error.is_none()
    }

    /// How many bytes it adds to a stanza.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// What was wrong with what was written first that could not be.
    #[must_use]
    pub const fn error(&self) -> Option<WriteError> {
        self.error
    }

    fn append(&mut self, single: bool, write: impl FnOnce(&mut Writer<'_>)) {
        if self.error.is_some() {
            return;
        }
        let base = self.bytes.len();
        let mut w = Writer { out: &mut self.bytes, state: State::fragment(base, single) };
        write(&mut w);
        self.error = w.finish().err();
    }
}

impl State {
    /// That of a writer within a stanza. Nothing but the default namespace is in
    /// scope in every stanza, wherever it is sent: over WebSocket the prefix
    /// `stream` is not.
    fn fragment(base: usize, single: bool) -> Self {
        let stream = StreamContext { content: ns::CLIENT, framing: Framing::WebSocket };
        let open = Frames::within(stream.content);
        Self { base, stream: Some(stream), single, floor: open.len(), open, ..Self::document() }
    }
}

impl Writer<'_> {
    /// Copies the content of a stanza into the stanza that has been begun: bytes
    /// that are not looked at again.
    pub fn fragment(&mut self, fragment: &Fragment) -> &mut Self {
        if self.state.error.is_some() || fragment.is_empty() {
            return self;
        }
        if let Some(error) = fragment.error {
            return self.fail(error);
        }
        if self.state.open.len() == 0 || !self.is_default(self.content()) {
            return self.fail(WriteError::FragmentOutOfPlace);
        }
        if self.is_outermost() && self.state.single {
            return self.fail(WriteError::NotOneRoot);
        }
        self.close_tag();
        self.out.extend_from_slice(&fragment.bytes);
        self
    }
}

impl WriteXml for Fragment {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.fragment(self);
    }
}

impl fmt::Debug for Fragment {
    /// The length only: content can be somebody's secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fragment")
            .field("len", &self.bytes.len())
            .field("error", &self.error)
            .finish()
    }
}
