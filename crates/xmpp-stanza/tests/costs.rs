//! What it costs to read a stanza is proportional to the stanza, whatever its
//! children inherit: RFC 6120, section 13.12.

use allocation_counter::{AllocationInfo, measure};
use xmpp_stanza::disco::Info;
use xmpp_stanza::roster::Query;
use xmpp_stanza::{Iq, Message, Payload, Presence, StanzaError, StreamError};
use xmpp_xml::{ElementRef, Item, Limits, RecvBuffer, StreamReader, WriteXml, Writer, ns};

/// What reading costs, of a root that is ended by `end` with 9,900 children.
fn cost(root: &str, end: &str, child: &str, parse: impl Fn(ElementRef<'_>)) -> AllocationInfo {
    let (mut rx, mut reader) = (RecvBuffer::new(1 << 20), StreamReader::new(Limits::default()));
    rx.push(
        b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
          xmlns:h='urn:h' xml:lang='la'>",
    );
    assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Header(_)))));
    let child = child.replace('~', &"x".repeat(24 - child.len()));
    rx.push(format!("{root}{}{end}", child.repeat(9_900)).as_bytes());
    match reader.poll(&mut rx) {
        Ok(Some(Item::Element(element))) => measure(|| parse(element)),
        other => panic!("{other:?}"),
    }
}

/// What declares something that the children inherit, as long as it may be.
fn inherited() -> [String; 4] {
    let long = "u".repeat(1000);
    [
        String::new(),
        format!(" xmlns:p='{long}'"),
        format!(" xmlns:p='&amp;{long}'"),
        format!(" xml:lang='{}'", &long[..120]),
    ]
}

#[track_caller]
fn is_linear(name: &str, cost: AllocationInfo) {
    // 240 kB of stanza: its text and tape once, and a place a child.
    assert!(cost.bytes_max < 4 << 20, "{name}: {cost:?}");
    assert!(cost.bytes_total < 8 << 20, "{name}: {cost:?}");
}

/// How long it is when it is written again.
fn written(value: &impl WriteXml) -> usize {
    let mut out = Vec::new();
    let mut w = Writer::in_stream(&mut out, ns::SERVER);
    w.write(value);
    w.finish().unwrap();
    out.len()
}

#[test]
fn what_a_typed_stanza_inherits_is_written_once() {
    for declares in inherited() {
        let child = if declares.contains("xmlns:p") { "<p:a/>" } else { "<h:a/>" };
        let message = format!("<message{declares}>");
        cost(&message, "</message>", child, |element| {
            let len = written(&Message::parse(element).unwrap());
            assert!(len <= element.source().len() + 1000, "{len}");
        });
        let presence = format!("<presence{declares} type='error'><error>");
        cost(&presence, "</error></presence>", child, |element| {
            let len = written(&Presence::parse(element).unwrap());
            assert!(len <= element.source().len() + 1000, "{len}");
        });
    }
}

#[test]
fn children_that_are_kept_are_shared_once_a_stanza() {
    for declares in inherited() {
        for child in ["<h:a>~</h:a>", "<p:a>~</p:a>", "<a>~</a>"] {
            if child.contains("p:") && !declares.contains("xmlns:p") {
                continue;
            }
            let root = |name: &str| format!("<{name}{declares} id='1'>");
            is_linear(
                "message",
                cost(&root("message"), "</message>", child, |element| {
                    assert_eq!(Message::parse(element).unwrap().payloads().count(), 9_900);
                }),
            );
            is_linear(
                "presence",
                cost(&root("presence"), "</presence>", child, |element| {
                    assert_eq!(Presence::parse(element).unwrap().payloads().count(), 9_900);
                }),
            );
            let error = root("message type='error'") + "<error>";
            is_linear(
                "error",
                cost(&error, "</error></message>", child, |element| {
                    let message = Message::parse(element).unwrap();
                    assert_eq!(message.error().unwrap().extensions.len(), 9_900);
                    StanzaError::parse(element.children().next().unwrap()).unwrap();
                }),
            );
            let iq =
                root("iq type='get'") + "<query xmlns='http://jabber.org/protocol/disco#info'>";
            is_linear(
                "disco",
                cost(&iq, "</query></iq>", child, |element| {
                    let info = Info::parse(element.children().next().unwrap()).unwrap();
                    assert_eq!(info.extensions.len(), 9_900);
                    assert!(Iq::parse(element).unwrap().payload::<Info>().unwrap().is_some());
                }),
            );
            is_linear(
                "stream error",
                cost(&root("stream:error"), "</stream:error>", child, |element| {
                    assert_eq!(StreamError::parse(element).unwrap().extensions.len(), 9_900);
                }),
            );
        }
        let iq = format!("<iq type='result' id='1'{declares}><query xmlns='jabber:iq:roster'>");
        is_linear(
            "roster",
            cost(&iq, "</query></iq>", "<item jid='@~'/>", |element| {
                let query = Query::parse(element.children().next().unwrap()).unwrap();
                assert_eq!(query.malformed.len(), 9_900);
            }),
        );
    }
}
