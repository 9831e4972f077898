//! Writing XML.

mod copy;
mod error;
mod escape;
mod fragment;
mod header;
mod name;
mod needs;
mod scope;
mod write_xml;

use alloc::vec::Vec;
use core::fmt;

use crate::chars::is_space;
use crate::{Framing, Ns, StreamContext, chars, namespace, ns};
pub use error::WriteError;
pub use fragment::Fragment;
pub use name::AttrName;
use scope::{Frames, Scope, mark};
pub use write_xml::WriteXml;

/// Appends XML to a buffer: a document, or something within an open stream.
///
/// Errors are remembered, and [`finish`](Self::finish) tells the first one:
/// then nothing of what this writer wrote stays in the buffer.
///
/// Namespaces are declared where they are needed and nowhere else: an element
/// in another namespace than the one around it gets a default declaration. It
/// escapes what must be and refuses what XML cannot hold.
pub struct Writer<'o> {
    out: &'o mut Vec<u8>,
    state: State,
}

/// All of a [`Writer`] but the buffer.
#[derive(Debug)]
pub(crate) struct State {
    /// Where it began to write.
    base: usize,
    /// How many bytes it may write.
    limit: usize,
    /// The stream that it writes into; none if it writes a document.
    stream: Option<StreamContext>,
    /// Whether there may be but one outermost element.
    single: bool,
    /// How many elements were open before it began: those that what it writes
    /// will be put into.
    floor: usize,
    /// Whether the start tag of the innermost element lacks its `>`.
    in_tag: bool,
    root_written: bool,
    open: Frames,
    scope: Scope,
    error: Option<WriteError>,
}

impl State {
    pub(crate) fn document() -> Self {
        Self {
            base: 0,
            limit: MOST_BYTES,
            stream: None,
            single: true,
            floor: 0,
            in_tag: false,
            root_written: false,
            open: Frames::new(),
            scope: Scope::new(),
            error: None,
        }
    }

    /// The default namespace outside everything.
    fn outer_default(&self) -> Ns<'static> {
        self.stream.map_or(ns::NONE, StreamContext::default_namespace)
    }

    /// Whether the prefix `stream` is bound outside everything.
    fn binds_stream(&self) -> bool {
        self.stream.is_some_and(|context| context.framing == Framing::Stream)
    }
}

impl<'o> Writer<'o> {
    /// Writes a document: one element, outside of which nothing is declared.
    #[must_use]
    pub fn document(out: &'o mut Vec<u8>) -> Self {
        let base = out.len();
        Self { out, state: State { base, ..State::document() } }
    }

    /// Writes into an open stream. In [`Framing::Stream`] the content
    /// namespace is the default namespace there, and the prefix `stream` is
    /// bound as RFC 6120, section 4.8.5, has it; any number of first-level
    /// elements may be written. In [`Framing::WebSocket`] nothing is declared
    /// outside, and there is one first-level element (RFC 7395, section
    /// 3.3.3).
    ///
    /// ```
    /// use xmpp_xml::{Framing, StreamContext, Writer, ns};
    ///
    /// let mut message = Vec::new();
    /// let context = StreamContext { content: ns::CLIENT, framing: Framing::WebSocket };
    /// let mut w = Writer::in_stream(&mut message, context);
    /// w.start(ns::CLIENT, "presence").end();
    /// w.finish()?;
    /// assert_eq!(message, b"<presence xmlns='jabber:client'/>");
    /// # Ok::<(), xmpp_xml::WriteError>(())
    /// ```
    #[must_use]
    pub fn in_stream(out: &'o mut Vec<u8>, context: impl Into<StreamContext>) -> Self {
        let context = context.into();
        Self::into_stream(out, context, context.framing == Framing::WebSocket)
    }

    /// Returns this writer with a limit on the bytes that it writes: no more than a
    /// peer takes, say. The limit is a gibibyte by default, and never more.
    #[must_use]
    pub fn at_most(mut self, bytes: usize) -> Self {
        self.state.limit = bytes.min(MOST_BYTES);
        self
    }

    /// Writes exactly one first-level element into an open stream.
    pub(crate) fn frame(out: &'o mut Vec<u8>, context: StreamContext) -> Self {
        Self::into_stream(out, context, true)
    }

    fn into_stream(out: &'o mut Vec<u8>, context: StreamContext, single: bool) -> Self {
        let base = out.len();
        Self { out, state: State { base, stream: Some(context), single, ..State::document() } }
    }

    pub(crate) fn resume(out: &'o mut Vec<u8>, state: State) -> Self {
        Self { out, state }
    }

    pub(crate) fn suspend(self) -> State {
        self.state
    }

    /// The namespace that stanzas are to be in, and what RFC 6120 and RFC 6121
    /// define within them: the content namespace of the stream, in a document
    /// `jabber:client`.
    #[must_use]
    pub fn content(&self) -> Ns<'static> {
        self.state.stream.map_or(ns::CLIENT, |context| context.content)
    }

    /// Begins an element of that expanded name.
    pub fn start(&mut self, ns: Ns<'_>, name: &str) -> &mut Self {
        if !self.may_start() {
            return self;
        }
        if !is_name(name) {
            return self.fail(WriteError::InvalidName);
        }
        match ns.id() {
            namespace::XMLNS_ID => return self.fail(WriteError::InvalidNamespace),
            namespace::XML_ID => {
                self.open_tag("xml", name);
                return self;
            }
            _ => {}
        }
        if ns == ns::STREAM && self.state.stream.is_some() {
            if self.is_bound("stream", ns) {
                self.open_tag("stream", name);
                return self;
            }
            // RFC 7395, section 3.3.3: the prefix must be declared.
            if self.state.open.len() == 0 {
                self.open_tag("stream", name);
                self.declare_prefix("stream", ns);
                return self;
            }
        }
        let same = self.is_default(ns);
        self.open_tag("", name);
        if !same {
            self.declare_default(ns);
        }
        self
    }

    /// Begins an element of that expanded name with a prefix, which it declares if it
    /// is not bound to that namespace here. For names whose prefix somebody looks at:
    /// servers of old know the elements of dialback (XEP-0220) by `db:` alone.
    ///
    /// ```
    /// use xmpp_xml::{Writer, ns};
    ///
    /// let mut tx = Vec::new();
    /// let mut w = Writer::in_stream(&mut tx, ns::SERVER);
    /// w.start_prefixed("db", ns::DIALBACK, "result").attr("type", "valid").end();
    /// w.finish()?;
    /// assert_eq!(tx, b"<db:result xmlns:db='jabber:server:dialback' type='valid'/>");
    /// # Ok::<(), xmpp_xml::WriteError>(())
    /// ```
    pub fn start_prefixed(&mut self, prefix: &str, ns: Ns<'_>, name: &str) -> &mut Self {
        if !self.may_start() {
            return self;
        }
        if !is_name(prefix) || ["xml", "xmlns"].contains(&prefix) || !is_name(name) {
            return self.fail(WriteError::InvalidName);
        }
        if [ns::NONE, ns::XML, ns::XMLNS].contains(&ns) {
            return self.fail(WriteError::InvalidNamespace);
        }
        let bound = self.is_bound(prefix, ns);
        self.open_tag(prefix, name);
        if !bound {
            self.declare_prefix(prefix, ns);
        }
        self
    }

    /// Ends the element that was begun last.
    pub fn end(&mut self) -> &mut Self {
        if self.state.error.is_some() {
            return self;
        }
        if self.is_outermost() {
            return self.fail(WriteError::Unbalanced);
        }
        let Some(frame) = self.state.open.pop() else { return self };
        if self.state.in_tag {
            self.out.extend_from_slice(b"/>");
            self.state.in_tag = false;
        } else {
            self.out.extend_from_slice(b"</");
            let name = self.state.base + frame.name as usize;
            self.out.extend_from_within(name..name + frame.name_len as usize);
            self.out.push(b'>');
        }
        self.state.scope.leave(self.state.open.len());
        self
    }

    /// Adds an attribute in no namespace to the element just begun.
    pub fn attr(&mut self, name: &str, value: &str) -> &mut Self {
        if !is_name(name) || name == "xmlns" {
            return self.fail(WriteError::InvalidName);
        }
        self.attribute("", name, value)
    }

    /// Adds it if there is a value.
    pub fn attr_opt(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.attr(name, value),
            None => self,
        }
    }

    /// Adds an attribute in a namespace to the element just begun, with a
    /// prefix in scope for it or a new one.
    pub fn attr_ns(&mut self, ns: Ns<'_>, name: &str, value: &str) -> &mut Self {
        if !is_name(name) {
            return self.fail(WriteError::InvalidName);
        }
        match ns.id() {
            namespace::NONE_ID => self.attr(name, value),
            namespace::XMLNS_ID => self.fail(WriteError::InvalidNamespace),
            namespace::XML_ID => self.attribute("xml", name, value),
            _ => {
                if self.state.error.is_some() {
                    return self;
                }
                if !self.state.in_tag {
                    return self.fail(WriteError::AttributeOutOfPlace);
                }
                let prefix = self.prefix_for(ns);
                self.attribute(prefix.as_str(), name, value)
            }
        }
    }

    /// Sets `xml:lang` of the element just begun (RFC 6120, section 8.1.5).
    pub fn lang(&mut self, tag: &str) -> &mut Self {
        self.attribute("xml", "lang", tag)
    }

    /// Writes character data.
    pub fn text(&mut self, text: &str) -> &mut Self {
        if self.state.error.is_some() {
            return self;
        }
        if self.is_outermost() {
            // Between first-level elements white space may stand (RFC 6120,
            // section 11.7), in a document around the root; not before the
            // element of a message (RFC 7395, section 3.3.3).
            let spaced = self.state.stream.is_none() || !self.state.single;
            if !(text.is_empty() || spaced && text.bytes().all(is_space)) {
                return self.fail(WriteError::TextOutOfPlace);
            }
        } else if !text.is_empty() {
            self.close_tag();
        }
        if escape::text(self.out, text).is_err() {
            return self.fail(WriteError::InvalidCharacter);
        }
        self
    }

    /// Writes an element that holds character data and nothing else.
    pub fn leaf(&mut self, ns: Ns<'_>, name: &str, text: &str) -> &mut Self {
        self.start(ns, name).text(text).end()
    }

    /// Writes what the value says.
    pub fn write<T: WriteXml + ?Sized>(&mut self, value: &T) -> &mut Self {
        if self.state.error.is_none() {
            value.write_xml(self);
        }
        self
    }

    /// Remembers an error, for values that find out while they are written
    /// that they cannot be.
    #[cold]
    pub fn fail(&mut self, error: WriteError) -> &mut Self {
        self.state.error.get_or_insert(error);
        self
    }

    /// Tells whether all went well.
    ///
    /// # Errors
    ///
    /// The first error. Then the buffer is as it was before.
    // A call would be given a copy of the writer, which is some 500 bytes.
    #[inline]
    pub fn finish(mut self) -> Result<(), WriteError> {
        self.end_of_writing()
    }

    fn end_of_writing(&mut self) -> Result<(), WriteError> {
        let State { base, limit, single, floor, root_written, open, error, .. } = &self.state;
        let error = match error {
            Some(error) => *error,
            None if self.out.len() - base > *limit => WriteError::TooLarge,
            None if open.len() != *floor => WriteError::Unbalanced,
            None if *single && !root_written => WriteError::NotOneRoot,
            None => return Ok(()),
        };
        self.out.truncate(*base);
        Err(error)
    }

    /// Whether it has written too much. Asked before a place in the output is
    /// noted: that has 32 bits.
    fn is_too_large(&mut self) -> bool {
        let is = self.out.len() - self.state.base > self.state.limit;
        if is {
            self.fail(WriteError::TooLarge);
        }
        is
    }

    /// Whether nothing is open that it has begun itself.
    fn is_outermost(&self) -> bool {
        self.state.open.len() == self.state.floor
    }

    /// Whether an element may begin here; ends the start tag around it.
    fn may_start(&mut self) -> bool {
        if self.state.error.is_some() || self.is_too_large() {
            return false;
        }
        if self.is_outermost() && self.state.single {
            if self.state.root_written {
                self.fail(WriteError::NotOneRoot);
                return false;
            }
            self.state.root_written = true;
        }
        self.close_tag();
        true
    }

    fn close_tag(&mut self) {
        if self.state.in_tag {
            self.out.push(b'>');
            self.state.in_tag = false;
        }
    }

    /// Writes `<` and the name.
    fn open_tag(&mut self, prefix: &str, name: &str) {
        self.out.push(b'<');
        let at = self.out.len() - self.state.base;
        self.qualified(prefix, name);
        let default = self.default_in_scope();
        self.state.open.push(at, self.out.len() - self.state.base - at, default);
        self.state.in_tag = true;
        self.state.scope.tag_begins();
    }

    fn qualified(&mut self, prefix: &str, name: &str) {
        if !prefix.is_empty() {
            self.out.extend_from_slice(prefix.as_bytes());
            self.out.push(b':');
        }
        self.out.extend_from_slice(name.as_bytes());
    }

    /// Notes the name that has been written from `at` on, and says whether the tag has
    /// none like it.
    fn attribute_is_new(&mut self, at: usize) -> bool {
        let mark = mark(self.out.get(at..).unwrap_or_default());
        let place = (at, self.out.len());
        self.state.scope.attribute_is_new(self.out, self.state.base, place, mark)
    }

    fn attribute(&mut self, prefix: &str, name: &str, value: &str) -> &mut Self {
        if self.state.error.is_some() {
            return self;
        }
        if !self.state.in_tag {
            return self.fail(WriteError::AttributeOutOfPlace);
        }
        if self.is_too_large() {
            return self;
        }
        self.out.push(b' ');
        let at = self.out.len();
        self.qualified(prefix, name);
        if !self.attribute_is_new(at) {
            return self.fail(WriteError::DuplicateAttribute);
        }
        self.out.extend_from_slice(b"='");
        let from = self.out.len();
        if escape::attribute(self.out, value).is_err() {
            return self.fail(WriteError::InvalidCharacter);
        }
        if prefix == "xml" && name == "lang" {
            self.note_lang(from);
        }
        self.out.push(b'\'');
        self
    }
}

impl fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("depth", &self.state.open.len())
            .field("error", &self.state.error)
            .finish_non_exhaustive()
    }
}

/// The most that one writer writes: as much as an [`Element`] holds. Places in
/// the output have 32 bits.
const MOST_BYTES: usize = 1 << 30;

/// Whether `name` is an NCName.
fn is_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let starts = bytes.first().is_some_and(|&first| chars::is_ascii_name_start(first));
    (starts && bytes.iter().all(|&b| NAME_BYTES[usize::from(b)])) || chars::is_ncname(name)
}

/// The bytes of names in ASCII, without the colon.
static NAME_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        let b = byte as u8;
        table[byte] = b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        byte += 1;
    }
    table
};
