//! What message, presence and iq have in common: RFC 6120, section 8.1.

use alloc::borrow::Cow;

use xmpp_xml::{ElementRef, Ns, Writer, ns};

use crate::Invalid;
use crate::LangText;
use crate::invalid::Rule;

/// The namespaces that stanzas can be in: those of clients, of servers
/// (RFC 6120, section 4.8.3) and of components (XEP-0114).
pub(crate) const CONTENT: [Ns<'static>; 4] =
    [ns::CLIENT, ns::SERVER, ns::COMPONENT_ACCEPT, ns::COMPONENT_CONNECT];

/// The content namespace that the element is in, if it is in one.
pub(crate) fn content_namespace(element: ElementRef<'_>) -> Option<Ns<'static>> {
    CONTENT.into_iter().find(|&content| element.has_ns(content))
}

/// The content namespace of a stanza of kind `kind`.
pub(crate) fn content(element: ElementRef<'_>, kind: &'static str) -> Result<Ns<'static>, Invalid> {
    const SECTION: &str = "RFC 6120, 8";
    let Some(content) = content_namespace(element) else {
        return Err(Invalid::new(kind, Rule::WrongNamespace, SECTION).found(element.ns()));
    };
    if element.name() != kind {
        return Err(Invalid::new(kind, Rule::WrongElement, SECTION).found(element.name()));
    }
    Ok(content)
}

/// The character data of an element that may have nothing else.
pub(crate) fn text<'a>(
    element: ElementRef<'a>,
    name: &'static str,
    section: &'static str,
) -> Result<Cow<'a, str>, Invalid> {
    only_text(element, name, section)?;
    Ok(element.text())
}

/// That an element has nothing but character data in it.
pub(crate) fn only_text(
    element: ElementRef<'_>,
    name: &'static str,
    section: &'static str,
) -> Result<(), Invalid> {
    match element.children().next() {
        None => Ok(()),
        Some(child) => Err(Invalid::new(name, Rule::MixedContent, section).found(child.name())),
    }
}

/// The element's own `xml:lang`.
pub(crate) fn own_lang(element: ElementRef<'_>) -> Option<Cow<'_, str>> {
    element.attr_ns(ns::XML, "lang")
}

pub(crate) fn write_lang_text(w: &mut Writer<'_>, ns: Ns<'_>, name: &str, text: &LangText<'_>) {
    w.start(ns, name);
    if let Some(lang) = &text.lang {
        w.lang(lang);
    }
    w.text(&text.text).end();
}

/// A word without the white space of XML around it, as schemas of type
/// `NMTOKEN` and `byte` have it.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n'])
}

/// A value of XML Schema's `boolean`.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match trimmed(text) {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}
