//! What it costs to read a stanza is proportional to the stanza, whatever its
//! children inherit: RFC 6120, section 13.12. Where it was received it costs no
//! allocation, and two to keep it.

use allocation_counter::{AllocationInfo, measure};
use xmpp_stanza::disco::Info;
use xmpp_stanza::ping::Ping;
use xmpp_stanza::roster::Query;
use xmpp_stanza::{
    Iq, Message, MessageType, Payload, Presence, PresenceType, Stanza, StanzaCondition,
    StanzaError, StanzaRef, StreamError,
};
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
        if declares.contains("xmlns:p") {
            cost(&message, "</message>", child, |element| {
                let reply =
                    StanzaRef::new(element).unwrap().error_reply(StanzaCondition::Forbidden);
                let len = written(&reply.unwrap().with_payload_of_request());
                assert!(len <= element.source().len() + 1000, "{len}");
            });
        }
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

const ORDINARY: [&str; 4] = [
    "<message from='juliet@example.com/balcony' to='romeo@example.net' type='chat' id='m1' \
     xml:lang='en'><body>Wherefore art thou?</body><body xml:lang='cs'>Pro\u{10d}e\u{17e}?</body>\
     <subject>Imploring</subject><thread parent='e0'>e1</thread>\
     <active xmlns='http://jabber.org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'/>\
     <origin-id xmlns='urn:xmpp:sid:0' id='m1'/></message>",
    "<presence from='juliet@example.com/balcony'><show>away</show><status>on the balcony</status>\
     <priority>5</priority><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' \
     ver='v'/></presence>",
    "<iq type='get' id='p1' from='example.com' to='juliet@example.com/balcony'>\
     <ping xmlns='urn:xmpp:ping'/></iq>",
    "<iq type='result' id='p1' from='juliet@example.com/balcony' to='example.com'/>",
];

/// Looks at all that there is.
fn look(stanza: &Stanza<'_>) -> usize {
    let addresses = [stanza.to(), stanza.from()];
    let outside =
        addresses.iter().filter_map(|address| address.as_str()).map(str::len).sum::<usize>();
    outside
        + match stanza {
            Stanza::Message(message) => {
                message.id().map_or(0, |id| id.len())
                    + message.body().map_or(0, |body| body.len())
                    + message.body_for("cs-CZ").map_or(0, |body| body.text.len())
                    + message.subject().map_or(0, |subject| subject.len())
                    + message.thread().map_or(0, |thread| thread.id.len())
                    + message.children().count()
                    + message.payloads().count()
                    + message.attributes().count()
            }
            Stanza::Presence(presence) => {
                presence.show().map_or(0, |show| show.as_str().len())
                    + presence.status().map_or(0, |status| status.len())
                    + usize::from(presence.priority().unsigned_abs())
                    + presence.children().count()
            }
            Stanza::Iq(iq) => iq.id().len() + usize::from(iq.payload::<Ping>().unwrap().is_some()),
        }
}

/// Reads each stanza of a stream and gives the allocations that the reading took.
fn allocations(bytes: &[u8], mut read: impl FnMut(ElementRef<'_>)) -> Vec<u64> {
    let (mut rx, mut reader) = (RecvBuffer::new(1 << 20), StreamReader::new(Limits::default()));
    let mut at = 0;
    let mut counts = Vec::new();
    loop {
        match reader.poll(&mut rx).unwrap() {
            Some(Item::Element(element)) => counts.push(measure(|| read(element)).count_total),
            Some(_) => {}
            None if at == bytes.len() => return counts,
            None => at += rx.push(&bytes[at..]),
        }
    }
}

#[test]
fn an_ordinary_stanza_is_read_without_an_allocation_and_kept_with_two() {
    let header = "<stream:stream xmlns='jabber:client' \
        xmlns:stream='http://etherx.jabber.org/streams'>";
    let stream = format!("{header}{}", ORDINARY.concat());
    let read = allocations(stream.as_bytes(), |element| {
        assert_ne!(look(&Stanza::parse(element).unwrap()), 0);
    });
    assert_eq!(read, [0; 4]);
    let kept = allocations(stream.as_bytes(), |element| {
        assert_ne!(look(&Stanza::parse(element).unwrap().into_owned()), 0);
    });
    assert_eq!(kept, [2; 4]);
}

#[test]
fn no_stanza_of_real_programs_takes_more() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../../benches/corpora/chat.xml");
    let bytes = std::fs::read(corpus).unwrap();
    let mut seen = 0;
    let read = allocations(&bytes, |element| seen += usize::from(Stanza::parse(element).is_ok()));
    assert!(read.len() > 1000 && seen > read.len() * 9 / 10, "{seen} of {}", read.len());
    assert!(read.iter().all(|&count| count == 0));
    let kept = allocations(&bytes, |element| {
        let _ = Stanza::parse(element).map(Stanza::into_owned);
    });
    assert!(kept.iter().all(|&count| count <= 2));
}

#[test]
fn a_builder_is_written_without_an_allocation() {
    let jid: xmpp_jid::Jid = "romeo@example.net".parse().unwrap();
    let message = Message::builder(MessageType::Chat)
        .with_to(jid.clone())
        .with_id("m1")
        .with_body("fish & chips")
        .with(&Ping);
    let presence = Presence::builder(PresenceType::Available).with_priority(-5).with_status("on");
    let iq = Iq::get("p1", &Ping).with_to(jid);
    let mut out = Vec::with_capacity(1000);
    let cost = measure(|| {
        let mut w = Writer::in_stream(&mut out, ns::CLIENT);
        w.write(&message).write(&presence).write(&iq);
        w.finish().unwrap();
    });
    assert_eq!(cost.count_total, 0);
}
