use alloc::string::ToString;
use alloc::vec::Vec;

use xmpp_stanza::LangText;
use xmpp_xml::{Element, WriteError, WriteXml, Writer, ns};

use super::{Document, Tuple};

impl Document {
    /// Appends the document with its XML declaration (`3863-4.1-01`).
    ///
    /// # Errors
    ///
    /// A character that XML does not have in an `id`, a note or another text;
    /// `out` is as it was then.
    pub fn write(&self, out: &mut Vec<u8>) -> Result<(), WriteError> {
        let start = out.len();
        out.extend_from_slice(b"<?xml version='1.0' encoding='UTF-8'?>");
        let mut writer = Writer::document(out);
        writer.write(self);
        let written = writer.finish();
        if written.is_err() {
            out.truncate(start);
        }
        written
    }

    /// The octets of the document, XML declaration included.
    ///
    /// # Errors
    ///
    /// Those of [`write`](Self::write).
    pub fn to_vec(&self) -> Result<Vec<u8>, WriteError> {
        let mut out = Vec::new();
        self.write(&mut out)?;
        Ok(out)
    }
}

/// Writes the root element without an XML declaration, as it can stand in a
/// stanza.
impl WriteXml for Document {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(ns::PIDF, "presence").attr("entity", &self.entity);
        for tuple in &self.tuples {
            w.write(tuple);
        }
        notes(&self.notes, w);
        extensions(&self.extensions, w);
        w.end();
    }
}

impl WriteXml for Tuple {
    fn write_xml(&self, w: &mut Writer<'_>) {
        w.start(ns::PIDF, "tuple").attr("id", &self.id);
        w.start(ns::PIDF, "status");
        if let Some(basic) = self.status.basic {
            w.leaf(ns::PIDF, "basic", basic.as_str());
        }
        extensions(&self.status.extensions, w);
        w.end();
        extensions(&self.extensions, w);
        if let Some(contact) = &self.contact {
            w.start(ns::PIDF, "contact");
            if let Some(priority) = contact.priority {
                w.attr("priority", &priority.to_string());
            }
            w.text(&contact.uri).end();
        }
        notes(&self.notes, w);
        if let Some(timestamp) = &self.timestamp {
            w.leaf(ns::PIDF, "timestamp", &timestamp.to_string());
        }
        w.end();
    }
}

fn notes(notes: &[LangText<'_>], w: &mut Writer<'_>) {
    for note in notes {
        w.start(ns::PIDF, "note");
        if let Some(tag) = &note.lang {
            w.lang(tag);
        }
        w.text(&note.text).end();
    }
}

fn extensions(extensions: &[Element], w: &mut Writer<'_>) {
    for extension in extensions {
        w.element(extension.as_ref());
    }
}
