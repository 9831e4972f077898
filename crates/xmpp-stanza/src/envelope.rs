//! What message, presence and iq have in common: RFC 6120, section 8.1.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use xmpp_xml::{ElementRef, Ns, Writer, ns};

use crate::invalid::Rule;
use crate::{Address, Invalid, LangText};

/// An attribute that RFC 6120 does not define, kept as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attribute {
    /// The URI of its namespace, empty if there is none.
    pub ns: String,
    /// The local name.
    pub name: String,
    /// The value.
    pub value: String,
}

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

/// The common attributes of a stanza, as read.
#[derive(Default)]
pub(crate) struct Envelope<'a> {
    pub(crate) to: Address,
    pub(crate) from: Address,
    pub(crate) id: Option<String>,
    pub(crate) lang: Option<String>,
    pub(crate) stanza_type: Option<Cow<'a, str>>,
    pub(crate) attributes: Vec<Attribute>,
}

impl<'a> Envelope<'a> {
    pub(crate) fn parse(element: ElementRef<'a>) -> Self {
        let mut envelope = Self { lang: element.lang().map(Cow::into_owned), ..Self::default() };
        for attribute in element.attrs() {
            let value = attribute.value();
            match (attribute.ns(), attribute.name()) {
                ("", "to") => envelope.to = Address::from_attribute(Some(&value)),
                ("", "from") => envelope.from = Address::from_attribute(Some(&value)),
                ("", "id") => envelope.id = Some(value.into_owned()),
                ("", "type") => envelope.stanza_type = Some(value),
                (uri, "lang") if Ns::new(uri) == ns::XML => {}
                (uri, name) => envelope.attributes.push(Attribute {
                    ns: uri.into(),
                    name: name.into(),
                    value: value.into_owned(),
                }),
            }
        }
        envelope
    }
}

/// The common attributes of a stanza, to be written.
pub(crate) struct EnvelopeRef<'a> {
    pub(crate) to: &'a Address,
    pub(crate) from: &'a Address,
    pub(crate) id: Option<&'a str>,
    pub(crate) lang: Option<&'a str>,
    pub(crate) attributes: &'a [Attribute],
}

/// Begins a stanza and returns the content namespace that it is in.
pub(crate) fn start(
    w: &mut Writer<'_>,
    kind: &str,
    stanza_type: Option<&str>,
    envelope: EnvelopeRef<'_>,
) -> Ns<'static> {
    let content = w.content();
    w.start(content, kind);
    w.attr_opt("from", envelope.from.as_str());
    w.attr_opt("to", envelope.to.as_str());
    w.attr_opt("id", envelope.id);
    w.attr_opt("type", stanza_type);
    if let Some(lang) = envelope.lang {
        w.lang(lang);
    }
    for attribute in envelope.attributes {
        if attribute.ns.is_empty() {
            w.attr(&attribute.name, &attribute.value);
        } else {
            w.attr_ns(Ns::new(&attribute.ns), &attribute.name, &attribute.value);
        }
    }
    content
}

/// The character data of an element that may have nothing else.
pub(crate) fn text<'a>(
    element: ElementRef<'a>,
    name: &'static str,
    section: &'static str,
) -> Result<Cow<'a, str>, Invalid> {
    match element.children().next() {
        None => Ok(element.text()),
        Some(child) => Err(Invalid::new(name, Rule::MixedContent, section).found(child.name())),
    }
}

/// Character data for people, with the element's own language.
pub(crate) fn lang_text(
    element: ElementRef<'_>,
    name: &'static str,
    section: &'static str,
) -> Result<LangText, Invalid> {
    let text = text(element, name, section)?.into_owned();
    Ok(LangText { lang: own_lang(element), text })
}

/// The element's own `xml:lang`.
pub(crate) fn own_lang(element: ElementRef<'_>) -> Option<String> {
    element.attr_ns(ns::XML, "lang").map(Cow::into_owned)
}

pub(crate) fn write_lang_text(w: &mut Writer<'_>, ns: Ns<'_>, name: &str, text: &LangText) {
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
