//! Shared elements.

use alloc::borrow::Cow;
use alloc::sync::Arc;
use core::fmt;

use crate::tape::View;
use crate::{Attrs, Builder, Children, ElementRef, Error, Limits, Nodes, Ns};
use crate::{document, relocate};

/// A shared, immutable element: cheap to clone, `'static`, and can be sent to
/// other threads.
///
/// It is an [`ElementRef`] with a text and a tape of its own; both speak of
/// the same things in the same words. Comparing is namespace-aware, see
/// there.
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
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Element {
    text: Arc<str>,
    /// The tape, and behind its words the side text, packed into more of
    /// them: so that there are two allocations and not three.
    tape: Arc<[u32]>,
    words: u32,
    side_bytes: u32,
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

    /// The same within other limits.
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
        let (tape, side) = self.tape.split_at((self.words as usize).min(self.tape.len()));
        let side = match self.side_bytes as usize {
            0 => "",
            bytes => {
                let packed: &[u8] = bytemuck::cast_slice(side);
                packed.get(..bytes).and_then(|side| str::from_utf8(side).ok()).unwrap_or_default()
            }
        };
        ElementRef::new(View { text: &self.text, side, tape }, self.place as usize)
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

    pub(crate) fn copied(element: ElementRef<'_>) -> Self {
        relocate::shared(element)
    }

    /// `tape` is `words` of tape and then `side_bytes` packed.
    pub(crate) fn from_parts(
        text: Arc<str>,
        tape: Arc<[u32]>,
        words: usize,
        side_bytes: usize,
        place: usize,
    ) -> Self {
        Self { text, tape, words: words as u32, side_bytes: side_bytes as u32, place: place as u32 }
    }
}

impl<'a> From<ElementRef<'a>> for Element {
    fn from(element: ElementRef<'a>) -> Self {
        Self::copied(element)
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
