//! Building elements.
use crate::{Element, Ns, WriteError, WriteXml};
use alloc::vec::Vec;

/// Builds an element by writing it.
pub struct Builder { out: Vec<u8> }
impl Builder {
    /// Adds an attribute.
    #[must_use]
    pub fn attr(self, name: &str, value: &str) -> Self { todo!() }
    /// Adds an attribute in a namespace.
    #[must_use]
    pub fn attr_ns(self, ns: Ns<'_>, name: &str, value: &str) -> Self { todo!() }
    /// Adds an attribute if there is a value.
    #[must_use]
    pub fn attr_opt(self, name: &str, value: Option<&str>) -> Self { todo!() }
    /// Sets `xml:lang`.
    #[must_use]
    pub fn lang(self, tag: &str) -> Self { todo!() }
    /// Adds character data.
    #[must_use]
    pub fn text(self, text: &str) -> Self { todo!() }
    /// Adds what the value writes.
    #[must_use]
    pub fn child(self, child: impl WriteXml) -> Self { todo!() }
    /// Adds a child element with character data only.
    #[must_use]
    pub fn leaf(self, ns: Ns<'_>, name: &str, text: &str) -> Self { todo!() }
    /// Opens a child element; what follows goes into it.
    #[must_use]
    pub fn open(self, ns: Ns<'_>, name: &str) -> Self { todo!() }
    /// Closes the child element opened last.
    #[must_use]
    pub fn close(self) -> Self { todo!() }
    /// Closes what is open and makes the element.
    ///
    /// # Errors
    /// The first thing that is not XML.
    pub fn build(self) -> Result<Element, WriteError> { todo!() }
}
