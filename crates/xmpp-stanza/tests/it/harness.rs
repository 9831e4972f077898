//! One line a case.

use core::fmt::Debug;

use xmpp_jid::Jid;
use xmpp_stanza::{Invalid, MessageChild, Payload, PresenceChild, Rule, Stanza, StanzaBuilder};
use xmpp_xml::{Element, ElementRef, Ns, WriteXml, Writer, ns};

/// `xml` as an element in a client's stream: the default namespace and the
/// prefix `stream` are bound.
pub(crate) fn element(xml: &str) -> Element {
    element_in(ns::CLIENT, xml)
}

pub(crate) fn element_in(content: Ns<'_>, xml: &str) -> Element {
    let header = format!(
        "<stream:stream xmlns='{}' xmlns:stream='{}'>{xml}</stream:stream>",
        content.uri(),
        ns::STREAM.uri(),
    );
    let stream = Element::parse(header).unwrap_or_else(|error| panic!("{error}: {xml}"));
    let first = stream.children().next().expect("an element");
    first.into_shared()
}

pub(crate) fn written(value: &(impl WriteXml + ?Sized)) -> Element {
    element(&text(value))
}

/// What is written on a client's stream.
pub(crate) fn text(value: &(impl WriteXml + ?Sized)) -> String {
    let mut tx = Vec::new();
    let mut w = Writer::in_stream(&mut tx, ns::CLIENT);
    w.write(value);
    w.finish().expect("to be written");
    String::from_utf8(tx).expect("UTF-8")
}

/// The value is written as `xml`, and `xml` is read as the value.
#[track_caller]
pub(crate) fn both<T: WriteXml + PartialEq + Debug>(
    parse: impl Fn(ElementRef<'_>) -> Result<T, Invalid>,
    value: &T,
    xml: &str,
) {
    reads(&parse, value, xml);
    assert_eq!(written(value), element(xml), "as it is written: {}", text(value));
}

/// The builder is written as `xml`, `xml` is accepted, and what is accepted is written
/// as it is.
#[track_caller]
pub(crate) fn sends(value: &(impl Into<StanzaBuilder> + Clone), xml: &str) {
    let value = value.clone().into();
    let received = element(xml);
    assert_eq!(written(&value), received, "as it is written: {}", text(&value));
    let view = Stanza::parse(received.as_ref()).expect(xml);
    assert_eq!(value.build().as_ref(), Ok(&view));
    assert_eq!(written(&view), received, "as it is written again: {}", text(&view));
}

/// As [`both`], for a payload.
#[track_caller]
pub(crate) fn payload<T: for<'a> Payload<'a> + PartialEq + Debug>(value: &T, xml: &str) {
    both(|e| T::parse(e), value, xml);
}

/// `xml` is read as the value, which is written otherwise.
#[track_caller]
pub(crate) fn reads<T: PartialEq + Debug>(
    parse: impl Fn(ElementRef<'_>) -> Result<T, Invalid>,
    value: &T,
    xml: &str,
) {
    let read = parse(element(xml).as_ref());
    assert_eq!(read.as_ref(), Ok(value), "as it is read: {xml}");
}

/// `xml` breaks that rule, in that element and attribute, by that section.
#[track_caller]
pub(crate) fn refuses<T: Debug>(
    parse: impl Fn(ElementRef<'_>) -> Result<T, Invalid>,
    xml: &str,
    rule: Rule,
    (place, attribute): (&str, Option<&str>),
    section: &str,
) {
    let invalid = parse(element(xml).as_ref()).expect_err(xml);
    assert_eq!(invalid.rule(), rule, "{xml}");
    assert_eq!((invalid.element(), invalid.attribute()), (place, attribute), "{xml}");
    assert_eq!(invalid.section(), section, "{xml}");
}

pub(crate) fn jid(text: &str) -> Jid {
    Jid::new(text).expect(text)
}

/// All that a view tells, whatever the content namespace is.
pub(crate) fn told(stanza: &Stanza<'_>) -> String {
    let outside = (stanza.to(), stanza.from(), stanza.stanza().id(), stanza.stanza().lang());
    let payload = |child: ElementRef<'_>| child.canonical();
    let inside: Vec<String> = match stanza {
        Stanza::Message(message) => {
            let children = message.children().map(|child| match child {
                MessageChild::Payload(child) => payload(child),
                known => format!("{known:?}"),
            });
            let kind = format!("{:?} {:?}", message.message_type(), message.error());
            children.chain([kind]).collect()
        }
        Stanza::Presence(presence) => {
            let children = presence.children().map(|child| match child {
                PresenceChild::Payload(child) => payload(child),
                known => format!("{known:?}"),
            });
            let kind = format!("{:?} {:?}", presence.presence_type(), presence.error());
            children.chain([kind]).collect()
        }
        Stanza::Iq(iq) => {
            let kind = format!("{:?} {:?}", iq.iq_type(), iq.error());
            iq.payload_element().map(payload).into_iter().chain([kind]).collect()
        }
    };
    format!("{outside:?} {inside:#?}")
}
