//! Stanzas as they stand in streams.

use xmpp_xml::{Element, ElementRef, Ns, ns};

pub(super) fn domain_of(stanza: ElementRef<'_>, attribute: &str) -> String {
    let jid = stanza.attr(attribute).expect("an address");
    xmpp_jid::Jid::new(&jid).unwrap().domainpart().as_str().to_owned()
}

/// The content of a stream with that content namespace.
pub(crate) fn in_stream_of(content: Ns<'_>, stanza: &str) -> Element {
    Element::parse(format!("<stream xmlns='{}'>{stanza}</stream>", content.uri()))
        .unwrap_or_else(|e| panic!("{e:?} in {stanza}"))
}

/// The content of a client's stream whose header says nothing else.
pub(super) fn in_stream(stanza: &str) -> Element {
    in_stream_of(ns::CLIENT, stanza)
}

pub(crate) fn without_whims(stanza: &Element) -> Element {
    let source = stanza.source();
    let push = stanza.attr("type").as_deref() == Some("set")
        && stanza.attr("id").is_some_and(|id| id.starts_with("push"));
    let mut text = strip(source, " ver=");
    if push {
        text = strip(&text, " id=");
    }
    element(&text)
}

/// Without the attributes that begin so.
fn strip(text: &str, attribute: &str) -> String {
    let mut text = text.to_owned();
    while let Some(at) = text.find(attribute) {
        let value = at + attribute.len();
        let quote = text[value..].chars().next().expect("a quote");
        let end = value + 1 + text[value + 1..].find(quote).expect("the other quote");
        text.replace_range(at..=end, "");
    }
    text
}

/// A stanza as it stands in a stream.
#[track_caller]
pub(crate) fn element(stanza: &str) -> Element {
    in_stream(stanza).children().next().expect("a stanza").into_shared()
}

/// An error stanza without its `<text/>`.
pub(crate) fn without_error_text(stanza: &Element) -> Element {
    let source = stanza.source();
    let Some(start) = source.find("<text") else { return element(source) };
    let end = source.find("</text>").expect("the end of <text/>") + "</text>".len();
    element(&format!("{}{}", &source[..start], &source[end..]))
}
