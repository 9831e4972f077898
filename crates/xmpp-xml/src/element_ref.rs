//! Borrowed elements.

use alloc::borrow::Cow;
use core::fmt;

use crate::nodes::{Attrs, Children, Declarations, Nodes, Texts};
use crate::tape::{self, ATTR_WORDS, ELEMENT, ELEMENT_WORDS, URI, View};
use crate::walk::{Visit, Walk};
use crate::{Element, Node, Ns, namespace, relocate};

/// A borrowed element: a place on a tape over a text.
///
/// It is `Copy` and borrows from the buffer or the [`Element`] that it comes
/// from; what it gives borrows from there too, so that it need not be kept.
///
/// Two elements are equal if they mean the same to an application that is
/// aware of namespaces: the same expanded names, attribute values and
/// character data. Prefixes, quotes, the order of attributes, references and
/// how character data is cut into pieces and CDATA sections do not matter.
#[derive(Clone, Copy)]
pub struct ElementRef<'a> {
    pub(crate) view: View<'a>,
    pub(crate) place: usize,
}

impl<'a> ElementRef<'a> {
    pub(crate) fn new(view: View<'a>, place: usize) -> Self {
        Self { view, place }
    }

    /// The local name.
    #[must_use]
    #[inline]
    pub fn name(self) -> &'a str {
        self.view.element_name(self.place)
    }

    /// The prefix, empty if there is none.
    #[must_use]
    pub fn prefix(self) -> &'a str {
        self.view.prefix(self.place)
    }

    /// The URI of the namespace, empty if it is in none.
    #[must_use]
    #[inline]
    pub fn ns(self) -> &'a str {
        self.view.uri(self.word(tape::NAMESPACE))
    }

    /// Whether it has that expanded name.
    #[must_use]
    #[inline]
    pub fn is(self, ns: Ns<'_>, name: &str) -> bool {
        self.has_ns(ns) && self.name() == name
    }

    /// Whether it is in that namespace.
    #[must_use]
    #[inline]
    pub fn has_ns(self, ns: Ns<'_>) -> bool {
        self.view.is_namespace(self.word(tape::NAMESPACE), ns)
    }

    /// The value of the attribute of that name in no namespace.
    #[must_use]
    #[inline]
    pub fn attr(self, name: &str) -> Option<Cow<'a, str>> {
        self.place_of_attr(name).map(|place| self.view.value(place))
    }

    /// Where the attribute of that name in no namespace stands on the tape.
    fn place_of_attr(self, name: &str) -> Option<usize> {
        let first = self.place + ELEMENT_WORDS;
        // Such an attribute has no prefix, and one without a prefix is in no namespace.
        let wanted = tape::meta(tape::ATTR, 0, name.len());
        if tape::local_len(wanted) != name.len() {
            return None;
        }
        let entries = self.view.tape.get(first..self.content())?.as_chunks::<ATTR_WORDS>().0;
        let number = entries.iter().position(|&[meta, at, ..]| {
            let at = at as usize;
            meta & tape::NAME_MASK == wanted
                && self.view.text.as_bytes().get(at..at + name.len()) == Some(name.as_bytes())
        });
        number.map(|number| first + number * ATTR_WORDS)
    }

    /// The value of the attribute of that name in that namespace.
    #[must_use]
    pub fn attr_ns(self, ns: Ns<'_>, name: &str) -> Option<Cow<'a, str>> {
        self.attrs().find(|attr| attr.is(ns, name)).map(|attr| attr.value())
    }

    /// Its attributes in the order of the start tag, without namespace
    /// declarations.
    #[must_use]
    #[inline]
    pub fn attrs(self) -> Attrs<'a> {
        Attrs::new(self)
    }

    /// The namespace declarations of its start tag.
    #[must_use]
    pub fn declarations(self) -> Declarations<'a> {
        Declarations::new(self)
    }

    /// The URI that its own start tag binds that prefix to, or the default
    /// namespace if the prefix is empty.
    #[must_use]
    pub fn declared(self, prefix: &str) -> Option<&'a str> {
        self.declarations().find(|decl| decl.prefix() == prefix).map(|decl| decl.uri())
    }

    /// The language in scope: its own `xml:lang`, or that of the nearest
    /// element around it, up to the stream header. `None` if there is none or
    /// it is empty (XML 1.0, section 2.12).
    #[must_use]
    pub fn lang(self) -> Option<Cow<'a, str>> {
        match self.word(tape::LANGUAGE) {
            0 => None,
            tape::LANG_OF_HEADER => self.view.scope()?.lang().map(Cow::Borrowed),
            place => Some(self.view.value(place as usize)).filter(|tag| !tag.is_empty()),
        }
    }

    /// The child elements.
    #[must_use]
    pub fn children(self) -> Children<'a> {
        Children::new(self)
    }

    /// The first child element of that expanded name.
    #[must_use]
    pub fn child(self, ns: Ns<'_>, name: &str) -> Option<Self> {
        self.children().find(|child| child.is(ns, name))
    }

    /// Child elements and character data in document order.
    #[must_use]
    pub fn nodes(self) -> Nodes<'a> {
        Nodes::new(self)
    }

    /// Its own character data, all pieces joined; that of its children is not
    /// part of it. Borrowed if it is one piece without references.
    #[must_use]
    pub fn text(self) -> Cow<'a, str> {
        let mut texts = self.texts();
        let Some(first) = texts.next() else { return Cow::Borrowed("") };
        let mut joined = first.value();
        for text in texts {
            joined.to_mut().push_str(&text.value());
        }
        joined
    }

    /// The pieces of its own character data, as they stand between child
    /// elements and at the borders of CDATA sections.
    #[must_use]
    pub fn texts(self) -> Texts<'a> {
        Texts::new(self)
    }

    /// The element as received, from `<` to `>`: only its own declarations,
    /// not those that it inherits. Of a stream header, the start tag.
    #[must_use]
    pub fn source(self) -> &'a str {
        let start = self.word(tape::START) as usize;
        let end = if self.is_open() { self.end_of_tag() } else { self.end_offset() };
        self.view.text.get(start..end).unwrap_or_default()
    }

    /// Where its `<` is: bytes from the beginning of the item or document
    /// element that it is part of.
    #[must_use]
    pub fn offset(self) -> usize {
        self.word(tape::START) as usize
    }

    /// Where its end tag ends: bytes from the beginning of the item or
    /// document element that it is part of.
    #[must_use]
    pub fn end_offset(self) -> usize {
        self.word(tape::END) as usize
    }

    /// Whether it, or an element in it, is in that namespace and has a prefix:
    /// what RFC 6120, section 4.8.5, forbids for the content namespace. Costs
    /// next to nothing if there are no prefixes at all.
    #[must_use]
    pub fn has_prefixed(self, ns: Ns<'_>) -> bool {
        self.word(0) & tape::NO_PREFIXES == 0
            && Walk::new(self).any(|visit| {
                matches!(visit, Visit::Start(element)
                    if !element.prefix().is_empty() && element.has_ns(ns))
            })
    }

    /// This element as a value that lives on its own, can be sent to other
    /// threads and is cheap to clone.
    ///
    /// If this one comes from an [`Element`], that is a matter of counts and
    /// nothing is copied. If it comes from a buffer it is a copy: two
    /// allocations for a first-level element, whatever its size. Several
    /// elements within one that comes from a buffer are shared with
    /// [`Sharing`](crate::Sharing), which copies once for all of them.
    #[must_use]
    pub fn into_shared(self) -> Element {
        relocate::shared(self)
    }

    /// Another name for [`into_shared`](Self::into_shared).
    #[must_use]
    pub fn to_owned(self) -> Element {
        relocate::shared(self)
    }

    #[inline]
    pub(crate) fn word(self, word: usize) -> u32 {
        self.view.word(self.place, word)
    }

    /// The place behind its content.
    pub(crate) fn next(self) -> usize {
        if self.is_open() { self.content() } else { self.word(tape::NEXT) as usize }
    }

    /// Whether its end is not known: that of a stream header, or of a start
    /// tag among tokens.
    #[inline]
    pub(crate) fn is_open(self) -> bool {
        self.word(tape::NEXT) as usize <= self.place
    }

    /// The offset behind its last attribute, or its name.
    pub(crate) fn end_of_attributes(self) -> usize {
        let mut behind = self.offset() + 1 + tape::name_len(self.word(0));
        for at in (self.place + ELEMENT_WORDS..self.content()).step_by(ATTR_WORDS) {
            if tape::kind(self.view.word(at, 0)) != URI {
                let value = self.view.word(at, tape::VALUE) as usize;
                behind = value + self.view.word(at, tape::LENGTH) as usize + 1;
            }
        }
        behind
    }

    /// The offset behind its start tag.
    pub(crate) fn end_of_tag(self) -> usize {
        let behind = self.end_of_attributes();
        let rest = self.view.text.get(behind..).unwrap_or_default();
        behind + rest.find('>').map_or(rest.len(), |at| at + 1)
    }

    /// The place behind its attributes.
    #[inline]
    pub(crate) fn content(self) -> usize {
        self.word(tape::CONTENT) as usize
    }
}

impl fmt::Debug for ElementRef<'_> {
    /// The expanded name only: content can be somebody's secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Element({{{}}}{})", self.ns(), self.name())
    }
}

impl<'a> View<'a> {
    #[inline]
    pub(crate) fn is_namespace(self, namespace: u32, ns: Ns<'_>) -> bool {
        if ns.id() != namespace::UNKNOWN || namespace < tape::FIRST_DECL {
            // Nothing from `FIRST_DECL` on becomes a number by this.
            return ns.id() == namespace & !tape::OUTER;
        }
        self.uri(namespace) == ns.uri()
    }

    /// The value of an attribute.
    #[inline]
    pub(crate) fn value(self, place: usize) -> Cow<'a, str> {
        let raw = self.raw_value(place);
        if self.word(place, 0) & tape::DIRTY == 0 {
            Cow::Borrowed(raw)
        } else {
            Cow::Owned(crate::decode::value(raw))
        }
    }

    /// The node at `place`, if it is one.
    #[inline]
    pub(crate) fn node(self, place: usize) -> Option<Node<'a>> {
        match tape::kind(self.word(place, 0)) {
            ELEMENT => Some(Node::Element(ElementRef::new(self, place))),
            tape::TEXT | tape::CDATA => Some(Node::Text(crate::nodes::Text::new(self, place))),
            _ => None,
        }
    }
}
