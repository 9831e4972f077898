//! Shared elements.

use alloc::borrow::Cow;
use alloc::sync::Arc;
use core::fmt;

use crate::scope::Scope;
use crate::tape::{Owner, View};
use crate::{Attrs, Builder, Children, ElementRef, Error, Limits, Nodes, Ns};
use crate::{document, relocate};

/// A shared, immutable element: cheap to clone, `'static`, and can be sent to
/// other threads.
///
/// It is an [`ElementRef`] that holds the text and the tape that it is of;
/// both speak of the same things in the same words. Comparing is
/// namespace-aware, see there.
///
/// The elements within it are shared without a copy: they hold the same text
/// and tape. So a small part keeps the whole in memory; [`Element::detach`]
/// makes a copy of the part, and [`Element::held_bytes`] tells how much memory
/// an element keeps.
///
/// ```
/// use xmpp_xml::{Element, ns};
///
/// let parsed = Element::parse("<message xmlns='jabber:client' to='a@example'><body>Hi</body></message>")?;
/// let built = Element::builder(ns::CLIENT, "message")
///     .attr("to", "a@example")
///     .leaf(ns::CLIENT, "body", "Hi")
///     .build()?;
/// assert_eq!(parsed, built);
/// // No copy: two counts go up.
/// let body = parsed.child(ns::CLIENT, "body").unwrap().into_shared();
/// assert_eq!(body.held_bytes(), parsed.held_bytes());
/// assert!(body.detach().held_bytes() < parsed.held_bytes());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Element {
    /// As received; behind that what stands nowhere in it.
    text: Arc<str>,
    tape: Arc<[u32]>,
    /// What the stream header has declared.
    scope: Option<Arc<Scope>>,
    place: u32,
}

impl Element {
    /// Reads a whole document, which may have an XML declaration, within the
    /// default [`Limits`].
    ///
    /// # Errors
    ///
    /// What is wrong with it. RFC 6120, section 11.1, applies here as well:
    /// no comments, processing instructions, DTDs.
    pub fn parse(document: impl AsRef<[u8]>) -> Result<Self, Error> {
        Self::parse_within(document, Limits::default())
    }

    /// Parses a document within other limits than the default ones.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub fn parse_within(document: impl AsRef<[u8]>, limits: Limits) -> Result<Self, Error> {
        document::parse(document.as_ref(), limits)
    }

    /// Begins a new element. Children are in the namespaces that they say;
    /// see [`Builder`].
    pub fn builder(ns: Ns<'_>, name: &str) -> Builder {
        Builder::new(ns, name)
    }

    /// The borrowed view, which offers more.
    #[must_use]
    pub fn as_ref(&self) -> ElementRef<'_> {
        let owner = Owner { lexer: None, element: Some(self) };
        let view = View { text: &self.text, tape: &self.tape, owner };
        ElementRef::new(view, self.place as usize)
    }

    /// Bytes of memory that stay in use as long as this element does: the text
    /// and tape of the first-level element or document that it is of, and what
    /// its stream header has declared. Elements within one another, and
    /// elements of one stream, share these: each tells all of it. This is what
    /// a limit on stored or queued elements is to count; the tape can be
    /// several times as large as the text.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        // Each allocation has two counts before it, and is as aligned as those.
        const COUNT: usize = size_of::<usize>();
        let shared = |bytes: usize| (2 * COUNT + bytes).next_multiple_of(COUNT);
        shared(self.text.len())
            + shared(size_of_val(&*self.tape))
            + self.scope.as_deref().map_or(0, |scope| shared(scope.held_bytes()))
    }

    /// A copy of this element with a text and tape of its own that hold nothing
    /// else, for one that is kept when those around it are not. If there is
    /// nothing around it, nothing is copied.
    #[must_use]
    pub fn detach(&self) -> Self {
        relocate::detached(self)
    }

    /// The local name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.as_ref().name()
    }

    /// The URI of the namespace, empty if it is in none.
    #[must_use]
    pub fn ns(&self) -> &str {
        self.as_ref().ns()
    }

    /// The prefix, empty if there is none.
    #[must_use]
    pub fn prefix(&self) -> &str {
        self.as_ref().prefix()
    }

    /// Whether it has that expanded name.
    #[must_use]
    pub fn is(&self, ns: Ns<'_>, name: &str) -> bool {
        self.as_ref().is(ns, name)
    }

    /// Whether it is in that namespace.
    #[must_use]
    pub fn has_ns(&self, ns: Ns<'_>) -> bool {
        self.as_ref().has_ns(ns)
    }

    /// See [`ElementRef::attr`].
    #[must_use]
    pub fn attr(&self, name: &str) -> Option<Cow<'_, str>> {
        self.as_ref().attr(name)
    }

    /// See [`ElementRef::attr_ns`].
    #[must_use]
    pub fn attr_ns(&self, ns: Ns<'_>, name: &str) -> Option<Cow<'_, str>> {
        self.as_ref().attr_ns(ns, name)
    }

    /// See [`ElementRef::attrs`].
    #[must_use]
    pub fn attrs(&self) -> Attrs<'_> {
        self.as_ref().attrs()
    }

    /// See [`ElementRef::lang`].
    #[must_use]
    pub fn lang(&self) -> Option<Cow<'_, str>> {
        self.as_ref().lang()
    }

    /// See [`ElementRef::children`].
    #[must_use]
    pub fn children(&self) -> Children<'_> {
        self.as_ref().children()
    }

    /// See [`ElementRef::child`].
    #[must_use]
    pub fn child(&self, ns: Ns<'_>, name: &str) -> Option<ElementRef<'_>> {
        self.as_ref().child(ns, name)
    }

    /// See [`ElementRef::nodes`].
    #[must_use]
    pub fn nodes(&self) -> Nodes<'_> {
        self.as_ref().nodes()
    }

    /// See [`ElementRef::text`].
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        self.as_ref().text()
    }

    /// See [`ElementRef::source`].
    #[must_use]
    pub fn source(&self) -> &str {
        self.as_ref().source()
    }

    pub(crate) fn from_parts(
        text: Arc<str>,
        tape: Arc<[u32]>,
        scope: Option<Arc<Scope>>,
        place: usize,
    ) -> Self {
        Self { text, tape, scope, place: place as u32 }
    }

    /// The element at `place` on the same tape.
    pub(crate) fn at(&self, place: usize) -> Self {
        Self { place: place as u32, ..self.clone() }
    }

    pub(crate) fn scope(&self) -> Option<&Scope> {
        self.scope.as_deref()
    }

    pub(crate) fn shared_scope(&self) -> Option<&Arc<Scope>> {
        self.scope.as_ref()
    }
}

impl<'a> From<ElementRef<'a>> for Element {
    fn from(element: ElementRef<'a>) -> Self {
        element.into_shared()
    }
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        self.as_ref() == other.as_ref()
    }
}

impl Eq for Element {}

impl PartialEq<ElementRef<'_>> for Element {
    fn eq(&self, other: &ElementRef<'_>) -> bool {
        self.as_ref() == *other
    }
}

impl PartialEq<Element> for ElementRef<'_> {
    fn eq(&self, other: &Element) -> bool {
        *self == other.as_ref()
    }
}

impl fmt::Debug for Element {
    /// The expanded name only: content can be somebody's secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().fmt(f)
    }
}
