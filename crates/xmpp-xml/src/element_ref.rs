//! Borrowed elements.

use alloc::borrow::Cow;
use core::fmt;

use crate::nodes::{Attrs, Children, Declarations, Nodes, Texts};
use crate::tape::{self, ELEMENT, View};
use crate::{Element, Node, Ns, namespace};

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
        self.attrs().find(|attr| attr.is_plain(name)).map(|attr| attr.value())
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
        let lang = self.word(tape::LANGUAGE) as usize;
        if lang == 0 {
            return None;
        }
        Some(self.view.value(lang)).filter(|tag| !tag.is_empty())
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
        let (start, end) = (self.word(tape::START), self.word(tape::END));
        self.view.text.get(start as usize..end as usize).unwrap_or_default()
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

    /// A copy that lives on its own, can be sent to other threads and is
    /// cheap to clone: two allocations, whatever the size.
    #[must_use]
    pub fn into_shared(self) -> Element {
        Element::copied(self)
    }

    /// The same as [`into_shared`](Self::into_shared).
    #[must_use]
    pub fn to_owned(self) -> Element {
        Element::copied(self)
    }

    #[inline]
    pub(crate) fn word(self, word: usize) -> u32 {
        self.view.word(self.place, word)
    }

    /// The place behind its content.
    pub(crate) fn next(self) -> usize {
        let next = self.word(tape::NEXT) as usize;
        if next > self.place { next } else { self.view.tape.len() }
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
        if ns.id() != namespace::UNKNOWN || namespace < tape::FIRST_PLACE {
            return ns.id() == namespace;
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
