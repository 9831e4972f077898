//! Stanzas are in the content namespace of the stream that they are written
//! to, in either framing (RFC 6120, section 4.8.3; RFC 7395, section 3.3.3).

use proptest::prelude::*;
use xmpp_stanza::disco::Info;
use xmpp_stanza::ping::Ping;
use xmpp_stanza::{
    Iq, IqBuilder, Message, MessageType, Presence, PresenceType, Stanza, StanzaCondition,
    StanzaError, StanzaRef, StreamHeader, Thread,
};
use xmpp_xml::{
    Element, Framing, Item, Limits, Ns, RecvBuffer, SendBuffer, StreamReader, WriteXml, ns,
};

use crate::arbitrary::stanza;
use crate::harness::{element_in, jid, told};

const CONTENT: [Ns<'static>; 4] =
    [ns::CLIENT, ns::SERVER, ns::COMPONENT_ACCEPT, ns::COMPONENT_CONNECT];

/// What is written on a stream with that content namespace, and how it is
/// read there.
fn over(content: Ns<'static>, framing: Framing, value: &impl WriteXml) -> (String, Element) {
    let mut tx = SendBuffer::new(framing);
    StreamHeader::new(content).write(&mut tx).unwrap();
    let opening = tx.len();
    tx.write(value).unwrap();
    let text = str::from_utf8(&tx.unsent()[opening..]).unwrap().to_owned();
    let mut rx = RecvBuffer::new(1 << 20);
    let mut reader = StreamReader::with_framing(Limits::default(), framing);
    while let Some(frame) = tx.frame() {
        assert_eq!(rx.push(frame), frame.len());
        rx.end_of_message();
        tx.frame_sent();
    }
    assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Header(_)))));
    let Ok(Some(Item::Element(element))) = reader.poll(&mut rx) else { panic!("{text}") };
    let element = element.into_shared();
    assert!(matches!(reader.poll(&mut rx), Ok(None)));
    (text, element)
}

#[track_caller]
fn is_written(value: &impl WriteXml, content: Ns<'static>, xml: &str) {
    let (text, element) = over(content, Framing::Stream, value);
    assert_eq!(text, xml);
    let (first, rest) = xml.split_once([' ', '/', '>']).unwrap();
    let between = &xml[first.len()..xml.len() - rest.len()];
    let (text, alone) = over(content, Framing::WebSocket, value);
    let declared = format!("{first} xmlns='{}'{between}{rest}", content.uri());
    assert_eq!(text, declared);
    assert_eq!(alone, element);
}

#[test]
fn typed_stanzas_are_in_the_content_namespace() {
    let error = || StanzaError::new(StanzaCondition::Gone).with_text("away");
    let message = Message::builder(MessageType::Error)
        .with_to(jid("a@a.example"))
        .with_subject("s")
        .with_body("b")
        .with_thread(Thread::new("t"))
        .with(&Ping)
        .with_error(error());
    let presence = Presence::builder(PresenceType::Available).with_status("s").with_priority(1);
    let request = Element::parse("<ping xmlns='urn:xmpp:ping'/>").unwrap();
    let iq = IqBuilder::error("1", error()).with(&request);
    let wire = |ns: Ns<'static>| element_in(ns, "<iq from='a.example' type='get' id='2'/>");
    for content in CONTENT {
        is_written(
            &message,
            content,
            "<message to='a@a.example' type='error'><subject>s</subject><body>b</body>\
             <ping xmlns='urn:xmpp:ping'/><thread>t</thread><error type='cancel'>\
             <gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
             <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>away</text></error></message>",
        );
        is_written(
            &presence,
            content,
            "<presence><status>s</status><priority>1</priority></presence>",
        );
        is_written(
            &iq,
            content,
            "<iq id='1' type='error'><ping xmlns='urn:xmpp:ping'/><error type='cancel'>\
             <gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
             <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>away</text></error></iq>",
        );
        // An answer goes to another stream than the request came from.
        for from in CONTENT {
            let request = wire(from);
            let request = StanzaRef::new(request.as_ref()).unwrap();
            is_written(
                &request.empty_result().unwrap(),
                content,
                "<iq to='a.example' id='2' type='result'/>",
            );
            let reply = request.error_reply(StanzaCondition::ItemNotFound).unwrap();
            is_written(
                &reply,
                content,
                "<iq to='a.example' id='2' type='error'><error type='cancel'>\
                 <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
            );
        }
    }
}

#[test]
fn payloads_keep_their_namespaces() {
    // A stanza within another one is in the namespace that it says.
    let forwarded = Element::parse(
        "<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'><body>x</body>\
         </message></forwarded>",
    )
    .unwrap();
    let message = Message::builder(MessageType::Normal).with(&forwarded);
    let (text, read) = over(ns::SERVER, Framing::Stream, &message);
    assert_eq!(text, format!("<message>{}</message>", forwarded.source()));
    assert_eq!(read.child(ns::FORWARD, "forwarded").unwrap(), forwarded);
    let iq = Iq::get("1", &Info::new());
    let (text, _) = over(ns::SERVER, Framing::Stream, &iq);
    assert_eq!(
        text,
        "<iq id='1' type='get'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_stanza_is_the_same_on_any_stream(
        value in stanza(),
        content in proptest::sample::select(&CONTENT[..]),
        websocket: bool,
    ) {
        let framing = if websocket { Framing::WebSocket } else { Framing::Stream };
        let (text, element) = over(content, framing, &value);
        prop_assert!(element.has_ns(content), "{}", text);
        let read = Stanza::parse(element.as_ref()).unwrap();
        let (again, _) = over(content, framing, &read);
        prop_assert_eq!(again, text);
        prop_assert_eq!(told(&read), told(&value.build().unwrap()));
    }
}
