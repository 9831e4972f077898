//! Writing.
use crate::{Element, ElementRef, Ns};
use alloc::vec::Vec;

/// What can be written as XML.
pub trait WriteXml {
    /// Writes itself: balanced elements or character data.
    fn write_xml(&self, w: &mut Writer<'_>);
}
impl<T: WriteXml + ?Sized> WriteXml for &T {
    fn write_xml(&self, w: &mut Writer<'_>) { (**self).write_xml(w) }
}
impl WriteXml for ElementRef<'_> { fn write_xml(&self, w: &mut Writer<'_>) { w.element(*self); } }
impl WriteXml for Element { fn write_xml(&self, w: &mut Writer<'_>) { w.element(self.as_ref()); } }

/// Appends XML to a buffer.
pub struct Writer<'o> { out: &'o mut Vec<u8> }
impl<'o> Writer<'o> {
    /// Nothing in scope.
    pub fn document(out: &'o mut Vec<u8>) -> Self { todo!() }
    /// Inside an open stream: its content namespace is the default one.
    pub fn in_stream(out: &'o mut Vec<u8>, content: Ns<'o>) -> Self { todo!() }
    /// Writes the header of a stream: XML declaration and start tag with the
    /// content namespace as default and the prefix `stream` bound. Attribute
    /// names may have the prefix `xml:`.
    ///
    /// # Errors
    /// If an attribute is not XML.
    pub fn stream_header(out: &'o mut Vec<u8>, content: Ns<'_>, declarations: &[(&str, Ns<'_>)], attrs: &[(&str, Option<&str>)]) -> Result<(), WriteError> { todo!() }
    /// Writes `</stream:stream>`.
    pub fn stream_end(out: &mut Vec<u8>) { out.extend_from_slice(b"</stream:stream>"); }
    /// Begins an element.
    pub fn start(&mut self, ns: Ns<'_>, name: &str) -> &mut Self { todo!() }
    /// Ends the element begun last.
    pub fn end(&mut self) -> &mut Self { todo!() }
    /// Adds an attribute to the start tag just begun.
    pub fn attr(&mut self, name: &str, value: &str) -> &mut Self { todo!() }
    /// Adds an attribute in a namespace.
    pub fn attr_ns(&mut self, ns: Ns<'_>, name: &str, value: &str) -> &mut Self { todo!() }
    /// Adds an attribute if there is a value.
    pub fn attr_opt(&mut self, name: &str, value: Option<&str>) -> &mut Self { todo!() }
    /// Sets `xml:lang`.
    pub fn lang(&mut self, tag: &str) -> &mut Self { todo!() }
    /// Writes character data, escaped.
    pub fn text(&mut self, text: &str) -> &mut Self { todo!() }
    /// Writes an element that holds character data only.
    pub fn leaf(&mut self, ns: Ns<'_>, name: &str, text: &str) -> &mut Self { todo!() }
    /// Writes an element.
    pub fn element(&mut self, element: ElementRef<'_>) -> &mut Self { todo!() }
    /// Writes a value.
    pub fn write<T: WriteXml + ?Sized>(&mut self, value: &T) -> &mut Self { value.write_xml(self); self }
    /// Writes a received element with attributes (of no namespace) replaced,
    /// added or (`None`) removed.
    pub fn forward(&mut self, element: ElementRef<'_>, attrs: &[(&str, Option<&str>)]) -> &mut Self { todo!() }
    /// Remembers an error of the value that is being written.
    pub fn fail(&mut self, error: WriteError) -> &mut Self { todo!() }
    /// Tells whether all went well.
    ///
    /// # Errors
    /// The first error; nothing has been written then.
    pub fn finish(self) -> Result<(), WriteError> { todo!() }
}

/// Why something cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WriteError {
    /// A name that is not an XML name without a colon.
    InvalidName,
    /// A character that XML does not allow.
    InvalidCharacter,
    /// A namespace that cannot be declared so.
    InvalidNamespace,
    /// An attribute after the start tag was complete, or outside an element.
    AttributeOutOfPlace,
    /// The same attribute twice.
    DuplicateAttribute,
    /// Character data outside an element of a document.
    TextOutOfPlace,
    /// An end without a start, or a start without an end.
    Unbalanced,
    /// A second root element in a document, or none.
    NotOneRoot,
}
impl core::fmt::Display for WriteError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result { todo!() }
}
impl core::error::Error for WriteError {}
