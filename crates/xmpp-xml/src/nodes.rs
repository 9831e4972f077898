//! What an element holds: attributes, declarations, children, character data.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

use crate::decode::{self, Pieces, Raw};
use crate::tape::{self, ATTR, ATTR_WORDS, CDATA, DECL, DIRTY, ELEMENT_WORDS, View};
use crate::{ElementRef, Ns};

/// An attribute.
#[derive(Clone, Copy)]
pub struct Attr<'a> {
    view: View<'a>,
    words: [u32; ATTR_WORDS],
}

impl<'a> Attr<'a> {
    /// The local name.
    #[must_use]
    #[inline]
    pub fn name(self) -> &'a str {
        let [meta, name, ..] = self.words;
        self.view.text_at(name + tape::local_from(meta), tape::local_len(meta))
    }

    /// The prefix, empty if there is none.
    #[must_use]
    pub fn prefix(self) -> &'a str {
        let [meta, name, ..] = self.words;
        self.view.text_at(name, tape::prefix_len(meta))
    }

    /// The URI of the namespace, empty if it is in none, as attributes
    /// without a prefix are.
    #[must_use]
    #[inline]
    pub fn ns(self) -> &'a str {
        match self.namespace() {
            0 => "",
            namespace => self.view.uri(namespace),
        }
    }

    /// Whether it has that expanded name.
    #[must_use]
    #[inline]
    pub fn is(self, ns: Ns<'_>, name: &str) -> bool {
        self.view.is_namespace(self.namespace(), ns) && self.name() == name
    }

    /// The value, normalised (XML 1.0, section 3.3.3) and with references
    /// resolved; borrowed if it stands so in the input.
    #[must_use]
    #[inline]
    pub fn value(self) -> Cow<'a, str> {
        let raw = self.raw_value();
        if self.words[0] & DIRTY == 0 { Cow::Borrowed(raw) } else { Cow::Owned(decode::value(raw)) }
    }

    /// The value, if it stands so in the input.
    #[must_use]
    #[inline]
    pub fn as_str(self) -> Option<&'a str> {
        if self.words[0] & DIRTY == 0 { Some(self.raw_value()) } else { None }
    }

    /// Appends the value to `out`: no allocation if it has room.
    #[inline]
    pub fn append_to(self, out: &mut String) {
        if self.words[0] & DIRTY == 0 {
            out.push_str(self.raw_value());
        } else {
            decode::append(out, self.raw_value(), Raw::Value);
        }
    }

    /// The value in pieces, without copying any; see [`Text::pieces`].
    #[must_use]
    #[inline]
    pub fn pieces(self) -> Pieces<'a> {
        let dirty = self.words[0] & DIRTY != 0;
        Pieces::new(self.raw_value(), if dirty { Raw::Value } else { Raw::Plain })
    }

    /// The value as sent, without its quotes.
    #[must_use]
    #[inline]
    pub fn raw_value(self) -> &'a str {
        let [.., value, len] = self.words;
        self.view.text_at(value, len as usize)
    }

    /// Whether it is in no namespace and has that name.
    #[inline]
    pub(crate) fn is_plain(self, name: &str) -> bool {
        self.namespace() == 0 && tape::local_len(self.words[0]) == name.len() && self.name() == name
    }

    #[inline]
    pub(crate) fn namespace(self) -> u32 {
        self.words[tape::NAMESPACE]
    }

    /// Where its name is: bytes from the beginning of the item or document
    /// element that it is part of.
    #[must_use]
    pub fn offset(self) -> usize {
        self.words[tape::NAME] as usize
    }
}

impl fmt::Debug for Attr<'_> {
    /// The expanded name only: the value can be somebody's secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attr({{{}}}{})", self.ns(), self.name())
    }
}

/// A namespace declaration.
#[derive(Clone, Copy, Debug)]
pub struct Declaration<'a> {
    prefix: &'a str,
    uri: &'a str,
}

impl<'a> Declaration<'a> {
    /// The prefix that it binds, empty for the default namespace.
    #[must_use]
    pub fn prefix(self) -> &'a str {
        self.prefix
    }

    /// The URI; empty if it says that there is no default namespace.
    #[must_use]
    pub fn uri(self) -> &'a str {
        self.uri
    }
}

/// A piece of character data.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    view: View<'a>,
    words: [u32; tape::TEXT_WORDS],
}

impl<'a> Text<'a> {
    #[inline]
    pub(crate) fn new(view: View<'a>, place: usize) -> Self {
        let place = place as u32 as usize;
        let words = view.tape.get(place..place + tape::TEXT_WORDS);
        let words = words.and_then(|words| words.first_chunk());
        Self { view, words: words.copied().unwrap_or_default() }
    }

    /// The characters, with line ends normalised (XML 1.0, section 2.11) and
    /// references resolved; borrowed if they stand so in the input.
    #[must_use]
    #[inline]
    pub fn value(self) -> Cow<'a, str> {
        match self.as_str() {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(decode::decode(self.raw(), self.written())),
        }
    }

    /// The characters, if they stand so in the input.
    #[must_use]
    #[inline]
    pub fn as_str(self) -> Option<&'a str> {
        if self.is_dirty() { None } else { Some(self.raw()) }
    }

    /// Appends the characters to `out`: no allocation if it has room.
    #[inline]
    pub fn append_to(self, out: &mut String) {
        match self.as_str() {
            Some(text) => out.push_str(text),
            None => decode::append(out, self.raw(), self.written()),
        }
    }

    /// The characters in pieces, without copying any: what stands so in the
    /// input, and between that what references (XML 1.0, section 4.1) and line
    /// ends (section 2.11) stand for.
    ///
    /// ```
    /// use xmpp_xml::{Element, Piece};
    ///
    /// let body = Element::parse("<body>fish &amp; chips</body>")?;
    /// let text = body.as_ref().texts().next().unwrap();
    /// let pieces: Vec<Piece<'_>> = text.pieces().collect();
    /// assert_eq!(pieces, [Piece::Str("fish "), Piece::Char('&'), Piece::Str(" chips")]);
    /// # Ok::<(), xmpp_xml::Error>(())
    /// ```
    #[must_use]
    #[inline]
    pub fn pieces(self) -> Pieces<'a> {
        Pieces::new(self.raw(), if self.is_dirty() { self.written() } else { Raw::Plain })
    }

    /// How it is written what it stands for, if it is not as it is.
    fn written(self) -> Raw {
        if self.is_cdata() { Raw::Cdata } else { Raw::Text }
    }

    /// As sent; of a CDATA section, what stands between its delimiters.
    #[must_use]
    #[inline]
    pub fn raw(self) -> &'a str {
        self.view.text_at(self.words[1], self.words[2] as usize)
    }

    /// Where it is: bytes from the beginning of the item or document element
    /// that it is part of.
    #[must_use]
    pub fn offset(self) -> usize {
        self.words[1] as usize
    }

    /// Whether it is a CDATA section.
    #[must_use]
    #[inline]
    pub fn is_cdata(self) -> bool {
        tape::kind(self.words[0]) == CDATA
    }

    #[inline]
    pub(crate) fn is_dirty(self) -> bool {
        self.words[0] & DIRTY != 0
    }
}

impl fmt::Debug for Text<'_> {
    /// The length only: the characters can be somebody's secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.raw().len())
    }
}

/// A child of an element.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "RFC 6120, section 11.1, forbids the other kinds of nodes that there are"
)]
pub enum Node<'a> {
    /// A child element.
    Element(ElementRef<'a>),
    /// A piece of character data.
    Text(Text<'a>),
}

/// The attributes of an element; see [`ElementRef::attrs`].
#[derive(Clone, Debug)]
pub struct Attrs<'a>(Entries<'a>);

/// The namespace declarations of an element; see [`ElementRef::declarations`].
#[derive(Clone, Debug)]
pub struct Declarations<'a>(Entries<'a>);

/// The child elements of an element; see [`ElementRef::children`].
#[derive(Clone, Debug)]
pub struct Children<'a>(Nodes<'a>);

/// The children of an element; see [`ElementRef::nodes`].
#[derive(Clone)]
pub struct Nodes<'a> {
    view: View<'a>,
    at: usize,
    end: usize,
}

/// The pieces of character data of an element; see [`ElementRef::texts`].
#[derive(Clone, Debug)]
pub struct Texts<'a>(Nodes<'a>);

/// Attributes and declarations of an element as they stand on the tape.
#[derive(Clone)]
struct Entries<'a> {
    view: View<'a>,
    at: u32,
    end: u32,
}

impl Entries<'_> {
    #[inline]
    fn new(element: ElementRef<'_>) -> Entries<'_> {
        Entries {
            view: element.view,
            at: (element.place + ELEMENT_WORDS) as u32,
            end: element.content() as u32,
        }
    }

    /// The next entry of that kind.
    #[inline]
    fn next_of(&mut self, kind: u32) -> Option<[u32; ATTR_WORDS]> {
        while self.at < self.end {
            let at = self.at as usize;
            let words = *self.view.tape.get(at..at + ATTR_WORDS)?.first_chunk()?;
            self.at += ATTR_WORDS as u32;
            if tape::kind(words[0]) == kind {
                return Some(words);
            }
        }
        None
    }
}

impl fmt::Debug for Entries<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entries").finish_non_exhaustive()
    }
}

impl<'a> Attrs<'a> {
    pub(crate) fn new(element: ElementRef<'a>) -> Self {
        Self(Entries::new(element))
    }
}

impl<'a> Iterator for Attrs<'a> {
    type Item = Attr<'a>;

    #[inline]
    fn next(&mut self) -> Option<Attr<'a>> {
        let words = self.0.next_of(ATTR)?;
        Some(Attr { view: self.0.view, words })
    }
}

impl<'a> Declarations<'a> {
    pub(crate) fn new(element: ElementRef<'a>) -> Self {
        Self(Entries::new(element))
    }
}

impl<'a> Iterator for Declarations<'a> {
    type Item = Declaration<'a>;

    fn next(&mut self) -> Option<Declaration<'a>> {
        let words = self.0.next_of(DECL)?;
        let decl = Attr { view: self.0.view, words };
        let prefix = if tape::prefix_len(words[0]) == 0 { "" } else { decl.name() };
        Some(Declaration { prefix, uri: decl.view.uri(decl.namespace()) })
    }
}

impl<'a> Nodes<'a> {
    pub(crate) fn new(element: ElementRef<'a>) -> Self {
        Self { view: element.view, at: element.content(), end: element.next() }
    }
}

impl fmt::Debug for Nodes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nodes").finish_non_exhaustive()
    }
}

impl<'a> Iterator for Nodes<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        if self.at >= self.end {
            return None;
        }
        let node = self.view.node(self.at)?;
        self.at = self.view.skip(self.at);
        Some(node)
    }
}

impl<'a> Children<'a> {
    pub(crate) fn new(element: ElementRef<'a>) -> Self {
        Self(Nodes::new(element))
    }
}

impl<'a> Iterator for Children<'a> {
    type Item = ElementRef<'a>;

    #[inline]
    fn next(&mut self) -> Option<ElementRef<'a>> {
        let Nodes { view, at, end } = &mut self.0;
        while *at < *end {
            let place = *at;
            *at = view.skip(place);
            if tape::kind(view.word(place, 0)) == tape::ELEMENT {
                return Some(ElementRef::new(*view, place));
            }
        }
        None
    }
}

impl<'a> Texts<'a> {
    pub(crate) fn new(element: ElementRef<'a>) -> Self {
        Self(Nodes::new(element))
    }
}

impl<'a> Iterator for Texts<'a> {
    type Item = Text<'a>;

    fn next(&mut self) -> Option<Text<'a>> {
        self.0.find_map(|node| match node {
            Node::Text(text) => Some(text),
            Node::Element(_) => None,
        })
    }
}
