//! Borrowed elements.
use crate::{Element, Ns};
use alloc::borrow::Cow;

/// A borrowed element: a position on a tape over a text.
#[derive(Clone, Copy)]
pub struct ElementRef<'a> {
    text: &'a str,
    side: &'a str,
    tape: &'a [u32],
    at: u32,
}

impl<'a> ElementRef<'a> {
    /// The local name.
    pub fn name(self) -> &'a str { todo!() }
    /// The prefix, empty if there is none.
    pub fn prefix(self) -> &'a str { todo!() }
    /// The URI of the namespace, empty if there is none.
    pub fn ns(self) -> &'a str { todo!() }
    /// Whether it has that expanded name.
    pub fn is(self, ns: Ns<'_>, name: &str) -> bool { todo!() }
    /// Whether it is in that namespace.
    pub fn has_ns(self, ns: Ns<'_>) -> bool { todo!() }
    /// The value of the attribute of that name and no namespace.
    pub fn attr(self, name: &str) -> Option<Cow<'a, str>> { todo!() }
    /// The value of the attribute of that name in that namespace.
    pub fn attr_ns(self, ns: Ns<'_>, name: &str) -> Option<Cow<'a, str>> { todo!() }
    /// Its attributes, without namespace declarations.
    pub fn attrs(self) -> Attrs<'a> { todo!() }
    /// The namespace declarations of its start tag.
    pub fn declarations(self) -> Declarations<'a> { todo!() }
    /// The URI that its start tag declares for that prefix (the default
    /// namespace if empty).
    pub fn declared(self, prefix: &str) -> Option<&'a str> { todo!() }
    /// The language in scope (`xml:lang`), also that of the stream header.
    pub fn lang(self) -> Option<Cow<'a, str>> { todo!() }
    /// The child elements.
    pub fn children(self) -> Children<'a> { todo!() }
    /// The first child element of that expanded name.
    pub fn child(self, ns: Ns<'_>, name: &str) -> Option<Self> { todo!() }
    /// Child elements and character data in document order.
    pub fn nodes(self) -> Nodes<'a> { todo!() }
    /// Its own character data, all pieces joined.
    pub fn text(self) -> Cow<'a, str> { todo!() }
    /// The pieces of its own character data.
    pub fn texts(self) -> Texts<'a> { todo!() }
    /// The bytes as received.
    pub fn source(self) -> &'a str { todo!() }
    /// A copy that lives on its own: two allocations, whatever the size.
    pub fn into_shared(self) -> Element { todo!() }
    /// Same as [`into_shared`](Self::into_shared).
    pub fn to_owned(self) -> Element { todo!() }
}

impl PartialEq<ElementRef<'_>> for ElementRef<'_> {
    fn eq(&self, other: &ElementRef<'_>) -> bool { todo!() }
}
impl Eq for ElementRef<'_> {}
impl core::fmt::Debug for ElementRef<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result { todo!() }
}

/// An attribute.
#[derive(Clone, Copy, Debug)]
pub struct Attr<'a> { element: &'a str }
impl<'a> Attr<'a> {
    /// The local name.
    pub fn name(self) -> &'a str { todo!() }
    /// The prefix.
    pub fn prefix(self) -> &'a str { todo!() }
    /// The namespace URI, empty if there is none.
    pub fn ns(self) -> &'a str { todo!() }
    /// Whether it has that expanded name.
    pub fn is(self, ns: Ns<'_>, name: &str) -> bool { todo!() }
    /// The value, normalised and with references resolved.
    pub fn value(self) -> Cow<'a, str> { todo!() }
    /// The value as sent, without quotes.
    pub fn raw_value(self) -> &'a str { todo!() }
}

/// A namespace declaration.
#[derive(Clone, Copy, Debug)]
pub struct Declaration<'a> { prefix: &'a str, uri: &'a str }
impl<'a> Declaration<'a> {
    /// The prefix, empty for the default namespace.
    pub fn prefix(self) -> &'a str { self.prefix }
    /// The URI.
    pub fn uri(self) -> &'a str { self.uri }
}

/// A piece of character data.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> { raw: &'a str }
impl<'a> Text<'a> {
    /// The characters.
    pub fn value(self) -> Cow<'a, str> { todo!() }
    /// As sent.
    pub fn raw(self) -> &'a str { self.raw }
    /// Whether it is a CDATA section.
    pub fn is_cdata(self) -> bool { todo!() }
}

/// A child node.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "comments and processing instructions are forbidden")]
pub enum Node<'a> {
    /// A child element.
    Element(ElementRef<'a>),
    /// Character data.
    Text(Text<'a>),
}

macro_rules! iterators { ($($(#[$d:meta])* $n:ident => $i:ty;)+) => {$(
    $(#[$d])* #[derive(Clone, Debug)] pub struct $n<'a> { parent: ElementRef<'a> }
    impl<'a> Iterator for $n<'a> { type Item = $i; fn next(&mut self) -> Option<$i> { todo!() } }
)+}}
iterators! {
    /// Iterator over attributes.
    Attrs => Attr<'a>;
    /// Iterator over declarations.
    Declarations => Declaration<'a>;
    /// Iterator over child elements.
    Children => ElementRef<'a>;
    /// Iterator over child nodes.
    Nodes => Node<'a>;
    /// Iterator over pieces of text.
    Texts => Text<'a>;
}
