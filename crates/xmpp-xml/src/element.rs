//! Shared elements.
use crate::{Attrs, Builder, Children, ElementRef, Error, Limits, Nodes, Ns, WriteError};
use alloc::{borrow::Cow, sync::Arc};

/// A shared, immutable element.
#[derive(Clone)]
pub struct Element { text: Arc<str>, tape: Arc<[u32]>, at: u32 }

impl Element {
    /// Reads a whole document within the default limits.
    ///
    /// # Errors
    /// If it is not well-formed.
    pub fn parse(document: impl AsRef<[u8]>) -> Result<Self, Error> { todo!() }
    /// Reads a whole document within these limits.
    ///
    /// # Errors
    /// If it is not well-formed.
    pub fn parse_within(document: impl AsRef<[u8]>, limits: Limits) -> Result<Self, Error> { todo!() }
    /// Begins a new element.
    pub fn builder(ns: Ns<'_>, name: &str) -> Builder { todo!() }
    /// The borrowed view.
    pub fn as_ref(&self) -> ElementRef<'_> { todo!() }
    /// The local name.
    pub fn name(&self) -> &str { self.as_ref().name() }
    /// The namespace URI.
    pub fn ns(&self) -> &str { self.as_ref().ns() }
    /// The prefix.
    pub fn prefix(&self) -> &str { self.as_ref().prefix() }
    /// See [`ElementRef::is`].
    pub fn is(&self, ns: Ns<'_>, name: &str) -> bool { self.as_ref().is(ns, name) }
    /// See [`ElementRef::has_ns`].
    pub fn has_ns(&self, ns: Ns<'_>) -> bool { self.as_ref().has_ns(ns) }
    /// See [`ElementRef::attr`].
    pub fn attr(&self, name: &str) -> Option<Cow<'_, str>> { self.as_ref().attr(name) }
    /// See [`ElementRef::attr_ns`].
    pub fn attr_ns(&self, ns: Ns<'_>, name: &str) -> Option<Cow<'_, str>> { self.as_ref().attr_ns(ns, name) }
    /// See [`ElementRef::attrs`].
    pub fn attrs(&self) -> Attrs<'_> { self.as_ref().attrs() }
    /// See [`ElementRef::lang`].
    pub fn lang(&self) -> Option<Cow<'_, str>> { self.as_ref().lang() }
    /// See [`ElementRef::children`].
    pub fn children(&self) -> Children<'_> { self.as_ref().children() }
    /// See [`ElementRef::child`].
    pub fn child(&self, ns: Ns<'_>, name: &str) -> Option<ElementRef<'_>> { self.as_ref().child(ns, name) }
    /// See [`ElementRef::nodes`].
    pub fn nodes(&self) -> Nodes<'_> { self.as_ref().nodes() }
    /// See [`ElementRef::text`].
    pub fn text(&self) -> Cow<'_, str> { self.as_ref().text() }
    /// See [`ElementRef::source`].
    pub fn source(&self) -> &str { self.as_ref().source() }
    /// A copy with the attribute set, or removed.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn with_attr(&self, name: &str, value: Option<&str>) -> Result<Self, WriteError> { todo!() }
    /// A copy with one more child at the end.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn with_child(&self, child: ElementRef<'_>) -> Result<Self, WriteError> { todo!() }
    /// A copy without the child elements for which `keep` is false.
    pub fn retain(&self, keep: impl FnMut(ElementRef<'_>) -> bool) -> Self { todo!() }
}
impl PartialEq for Element { fn eq(&self, other: &Self) -> bool { self.as_ref() == other.as_ref() } }
impl Eq for Element {}
impl core::fmt::Debug for Element {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result { self.as_ref().fmt(f) }
}
