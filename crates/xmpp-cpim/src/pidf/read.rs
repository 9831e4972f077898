use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec::Vec;

use xmpp_stanza::LangText;
use xmpp_xml::{Element, ElementRef, ns};

use super::{Basic, Contact, Document, PidfError, PidfErrorKind, Status, Tuple, markup};
use crate::{DateTime, Limits};

impl Document {
    /// Reads a document.
    ///
    /// The order of the children, which RFC 3863 fixes, is not asked for: what
    /// they mean does not depend on it. An XML declaration is not asked for
    /// either. A byte-order mark, comments and processing instructions are passed
    /// over; a document type declaration, which XMPP could not carry and which
    /// nobody needs, is refused.
    ///
    /// # Errors
    ///
    /// The first place where the octets differ from the format, or a limit that
    /// is exceeded.
    pub fn parse(octets: &[u8], limits: &Limits) -> Result<Self, PidfError> {
        let fail = |kind, at| Err(PidfError { kind, at });
        if octets.len() > limits.max_object_bytes {
            return fail(PidfErrorKind::TooLong, limits.max_object_bytes);
        }
        let plain = markup::plain(octets);
        let octets = &*plain.octets;
        let bytes = u32::try_from(limits.max_object_bytes).unwrap_or(u32::MAX);
        let xml_limits = xmpp_xml::Limits::default().max_element_bytes(bytes);
        let root = match Element::parse_within(octets, xml_limits) {
            Ok(root) => root,
            Err(error) => {
                let at = usize::try_from(error.offset()).unwrap_or(octets.len());
                return fail(PidfErrorKind::Xml(error.kind()), plain.position(at));
            }
        };
        // The root stands at the end of the document, but for white space.
        let before = octets.trim_ascii_end().len().saturating_sub(root.source().len());
        Self::from_element(root.as_ref(), limits)
            .map_err(|error| PidfError { at: plain.position(error.at + before), ..error })
    }

    /// [`parse`](Self::parse) of a document that is known to be in UTF-8,
    /// whatever its XML declaration says: the `charset` of its MIME type counts
    /// for more (RFC 3863 §4.1).
    ///
    /// # Errors
    ///
    /// Those of [`parse`](Self::parse).
    pub fn parse_utf8(octets: &[u8], limits: &Limits) -> Result<Self, PidfError> {
        let root = without_declaration(octets);
        let before = octets.len() - root.len();
        Self::parse(root, limits).map_err(|error| PidfError { at: error.at + before, ..error })
    }

    /// Reads a document that has been parsed already, such as one embedded in a
    /// stanza. Positions count from the start of the element.
    ///
    /// # Errors
    ///
    /// The first place where the element differs from the format, or a limit
    /// that is exceeded.
    pub fn from_element(root: ElementRef<'_>, limits: &Limits) -> Result<Self, PidfError> {
        Reader { start: root.source().as_ptr().addr(), limits }.document(root)
    }
}

/// The document from its root element on: what may be embedded in a stanza,
/// where an XML declaration may not be (RFC 6120 §11).
pub(crate) fn without_declaration(octets: &[u8]) -> &[u8] {
    let octets = octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(octets);
    if !octets.starts_with(b"<?xml") {
        return octets;
    }
    match memchr::memmem::find(octets, b"?>") {
        Some(end) => octets[end + 2..].trim_ascii_start(),
        None => octets,
    }
}

struct Reader<'l> {
    /// Where the source of the root element is, to count positions from.
    start: usize,
    limits: &'l Limits,
}

impl Reader<'_> {
    fn fail<T>(&self, kind: PidfErrorKind, element: ElementRef<'_>) -> Result<T, PidfError> {
        Err(PidfError { kind, at: element.source().as_ptr().addr().saturating_sub(self.start) })
    }

    fn document(&self, root: ElementRef<'_>) -> Result<Document, PidfError> {
        if !root.is(ns::PIDF, "presence") {
            return self.fail(PidfErrorKind::NotPresence, root);
        }
        self.namespaces(root)?;
        let Some(entity) = root.attr("entity") else {
            return self.fail(PidfErrorKind::MissingEntity, root);
        };
        let mut document = Document::new(entity.trim_ascii());
        for child in root.children() {
            if child.is(ns::PIDF, "tuple") {
                if document.tuples.len() == self.limits.max_tuples {
                    return self.fail(PidfErrorKind::TooManyTuples, child);
                }
                let tuple = self.tuple(child)?;
                if document.push(tuple).is_err() {
                    return self.fail(PidfErrorKind::RepeatedId, child);
                }
            } else if child.is(ns::PIDF, "note") {
                self.note(child, &mut document.notes)?;
            } else {
                self.extension(child, &mut document.extensions)?;
            }
        }
        Ok(document)
    }

    /// Every namespace that an element is in is an absolute URI without a fragment
    /// (`3863-4.2.2-01`, `-02`).
    fn namespaces(&self, root: ElementRef<'_>) -> Result<(), PidfError> {
        let mut open = alloc::vec![root.children()];
        while let Some(children) = open.last_mut() {
            let Some(child) = children.next() else {
                open.pop();
                continue;
            };
            // RFC 3863 does not forbid elements in no namespace.
            let known = child.has_ns(ns::PIDF) || child.has_ns(ns::NONE);
            if !known && !crate::message::is_absolute_uri(child.ns()) {
                return self.fail(PidfErrorKind::Namespace, child);
            }
            let mut children = child.children();
            if children.next().is_some() {
                open.push(child.children());
            }
        }
        Ok(())
    }

    fn tuple(&self, element: ElementRef<'_>) -> Result<Tuple, PidfError> {
        let id = element.attr("id").unwrap_or_default();
        if id.is_empty() {
            return self.fail(PidfErrorKind::MissingId, element);
        }
        let mut status = None;
        let mut contact = None;
        let mut timestamp = None;
        let mut notes = Vec::new();
        let mut extensions = Vec::new();
        for child in element.children() {
            match child.name() {
                _ if !child.has_ns(ns::PIDF) => self.extension(child, &mut extensions)?,
                "status" => self.once(&mut status, child, Self::status)?,
                "contact" => self.once(&mut contact, child, Self::contact)?,
                "timestamp" => self.once(&mut timestamp, child, Self::timestamp)?,
                "note" => self.note(child, &mut notes)?,
                _ => self.extension(child, &mut extensions)?,
            }
        }
        let Some(status) = status else {
            return self.fail(PidfErrorKind::MissingStatus, element);
        };
        Ok(Tuple { id: id.into_owned(), status, extensions, contact, notes, timestamp })
    }

    fn once<T>(
        &self,
        place: &mut Option<T>,
        element: ElementRef<'_>,
        read: impl FnOnce(&Self, ElementRef<'_>) -> Result<T, PidfError>,
    ) -> Result<(), PidfError> {
        if place.is_some() {
            return self.fail(PidfErrorKind::RepeatedElement, element);
        }
        *place = Some(read(self, element)?);
        Ok(())
    }

    fn status(&self, element: ElementRef<'_>) -> Result<Status, PidfError> {
        let mut basic = None;
        let mut extensions = Vec::new();
        for child in element.children() {
            if child.is(ns::PIDF, "basic") {
                self.once(&mut basic, child, Self::basic)?;
            } else {
                self.extension(child, &mut extensions)?;
            }
        }
        if basic.is_none() && extensions.is_empty() {
            return self.fail(PidfErrorKind::EmptyStatus, element);
        }
        Ok(Status { basic, extensions })
    }

    fn basic(&self, element: ElementRef<'_>) -> Result<Basic, PidfError> {
        match &*self.text(element)? {
            "open" => Ok(Basic::Open),
            "closed" => Ok(Basic::Closed),
            _ => self.fail(PidfErrorKind::Basic, element),
        }
    }

    fn contact(&self, element: ElementRef<'_>) -> Result<Contact, PidfError> {
        let uri = self.text(element)?.trim_ascii().to_string();
        // 3863-4.1.5-03
        let priority = element.attr("priority").and_then(|text| text.trim_ascii().parse().ok());
        Ok(Contact { uri, priority })
    }

    fn timestamp(&self, element: ElementRef<'_>) -> Result<DateTime, PidfError> {
        let text = self.text(element)?;
        let text = text.trim_ascii();
        // 3863-4.1.7-02
        match text.parse() {
            Ok(timestamp) if !text.contains(['t', 'z']) => Ok(timestamp),
            _ => self.fail(PidfErrorKind::Timestamp, element),
        }
    }

    fn note(
        &self,
        element: ElementRef<'_>,
        notes: &mut Vec<LangText<'static>>,
    ) -> Result<(), PidfError> {
        if notes.len() == self.limits.max_notes_or_extensions {
            return self.fail(PidfErrorKind::TooManyElements, element);
        }
        let text = self.text(element)?;
        let note = match element.lang() {
            Some(tag) if !tag.is_empty() => LangText::in_lang(tag, text),
            _ => LangText::new(text),
        };
        notes.push(note.into_owned());
        Ok(())
    }

    fn extension(
        &self,
        element: ElementRef<'_>,
        extensions: &mut Vec<Element>,
    ) -> Result<(), PidfError> {
        if extensions.len() == self.limits.max_notes_or_extensions {
            return self.fail(PidfErrorKind::TooManyElements, element);
        }
        extensions.push(element.to_owned());
        Ok(())
    }

    fn text<'a>(&self, element: ElementRef<'a>) -> Result<Cow<'a, str>, PidfError> {
        if element.children().next().is_some() {
            return self.fail(PidfErrorKind::NotText, element);
        }
        Ok(element.text())
    }
}
