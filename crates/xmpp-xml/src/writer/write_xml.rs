//! Values that can be written as XML.

use alloc::boxed::Box;

use super::Writer;
use crate::{Element, ElementRef};

/// What can be written as XML.
///
/// ```
/// use xmpp_xml::{WriteXml, Writer, ns};
///
/// struct Ping;
///
/// impl WriteXml for Ping {
///     fn write_xml(&self, w: &mut Writer<'_>) {
///         w.start(ns::PING, "ping").end();
///     }
/// }
///
/// let mut tx = Vec::new();
/// let mut w = Writer::in_stream(&mut tx, ns::CLIENT);
/// w.start(ns::CLIENT, "iq").attr("type", "get").attr("id", "1").write(&Ping).end();
/// w.finish()?;
/// assert_eq!(tx, b"<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>");
/// # Ok::<(), xmpp_xml::WriteError>(())
/// ```
pub trait WriteXml {
    /// Writes elements, each with its end, or character data. What is wrong
    /// with them is remembered by the writer.
    fn write_xml(&self, w: &mut Writer<'_>);
}

impl<T: WriteXml + ?Sized> WriteXml for &T {
    fn write_xml(&self, w: &mut Writer<'_>) {
        (**self).write_xml(w);
    }
}

impl<T: WriteXml + ?Sized> WriteXml for Box<T> {
    fn write_xml(&self, w: &mut Writer<'_>) {
        (**self).write_xml(w);
    }
}

impl<T: WriteXml> WriteXml for Option<T> {
    /// Writes nothing for `None`.
    fn write_xml(&self, w: &mut Writer<'_>) {
        if let Some(value) = self {
            value.write_xml(w);
        }
    }
}

impl<T: WriteXml> WriteXml for [T] {
    /// Writes one after the other.
    fn write_xml(&self, w: &mut Writer<'_>) {
        for value in self {
            value.write_xml(w);
        }
    }
}

impl WriteXml for ElementRef<'_> {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.element(*self);
    }
}

impl WriteXml for Element {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.element(self.as_ref());
    }
}
