//! Stream headers and the end of a stream (RFC 6120, sections 4.2 and 4.4).

use alloc::vec::Vec;

use super::{WriteError, Writer, is_name};
use crate::{Ns, ns};

impl Writer<'_> {
    /// Writes an XML declaration and a stream header: the start tag with
    /// `content` as default namespace, the prefix `stream` bound, the other
    /// prefixes of `declarations`, and those of `attrs` that have a value.
    /// The name of an attribute may have the prefix `xml:`.
    ///
    /// ```
    /// use xmpp_xml::{Writer, ns};
    ///
    /// let mut tx = Vec::new();
    /// Writer::stream_header(&mut tx, ns::SERVER, &[("db", ns::DIALBACK)], &[
    ///     ("from", Some("im.example.com")),
    ///     ("to", None),
    ///     ("version", Some("1.0")),
    ///     ("xml:lang", Some("en")),
    /// ])?;
    /// # Ok::<(), xmpp_xml::WriteError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If something of it is not XML. Then the buffer is as it was before.
    pub fn stream_header(
        out: &mut Vec<u8>,
        content: Ns<'_>,
        declarations: &[(&str, Ns<'_>)],
        attrs: &[(&str, Option<&str>)],
    ) -> Result<(), WriteError> {
        let base = out.len();
        out.extend_from_slice(b"<?xml version='1.0'?>");
        let mut w = Writer::document(out);
        w.open_tag("stream", "stream");
        if content != ns::NONE {
            w.declare_default(content);
        }
        w.declare_prefix("stream", ns::STREAM);
        for &(prefix, ns) in declarations {
            if !is_name(prefix) || prefix == "xml" || prefix == "xmlns" || w.declares(prefix) {
                w.fail(WriteError::InvalidName);
            } else if [ns::NONE, ns::XML, ns::XMLNS].contains(&ns) {
                w.fail(WriteError::InvalidNamespace);
            } else {
                w.declare_prefix(prefix, ns);
            }
        }
        w.header_attributes(attrs);
        w.close_tag();
        let error = w.state.error;
        match error {
            None => Ok(()),
            Some(error) => {
                out.truncate(base);
                Err(error)
            }
        }
    }

    /// Adds those attributes that have a value to the start tag at hand; the
    /// name may have the prefix `xml:`.
    pub(crate) fn header_attributes(&mut self, attrs: &[(&str, Option<&str>)]) -> &mut Self {
        for &(name, value) in attrs {
            let Some(value) = value else { continue };
            match name.strip_prefix("xml:") {
                Some(local) => self.attr_ns(ns::XML, local, value),
                None => self.attr(name, value),
            };
        }
        self
    }

    /// Writes the end tag of a stream whose header
    /// [`stream_header`](Self::stream_header) wrote.
    pub fn stream_end(out: &mut Vec<u8>) {
        out.extend_from_slice(b"</stream:stream>");
    }
}
