//! The stream reader.
use crate::{ElementRef, Error, Limits, RecvBuffer};

/// Reads XML streams: header, first-level elements, end. Holds no input.
#[derive(Debug)]
pub struct StreamReader { limits: Limits }
impl StreamReader {
    /// At the beginning of a stream.
    pub fn new(limits: Limits) -> Self { todo!() }
    /// From the next byte on, other limits hold.
    pub fn set_limits(&mut self, limits: Limits) { self.limits = limits; }
    /// The limits in force.
    pub fn limits(&self) -> &Limits { &self.limits }
    /// The next item, or `None` if more bytes are needed.
    ///
    /// # Errors
    /// If the input is not what RFC 6120 section 11 allows; sticky.
    pub fn poll<'b>(&mut self, rx: &'b mut RecvBuffer) -> Result<Option<Item<'b>>, Error> { todo!() }
    /// The next thing is a new stream header.
    pub fn restart(&mut self) { todo!() }
}

/// What a stream consists of.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Item<'b> {
    /// The stream header: a start tag.
    Header(ElementRef<'b>),
    /// A first-level element.
    Element(ElementRef<'b>),
    /// The end tag of the stream.
    Closed,
}
