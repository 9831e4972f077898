//! The send buffer: what goes in comes out, whole elements only, in bounded
//! memory.

use std::collections::VecDeque;

use proptest::prelude::*;
use xmpp_xml::{Element, Framing, Ns, SendBuffer, StreamContext, WriteError, Writer, ns};

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap()
}

/// The messages that wait in it.
fn messages(tx: &mut SendBuffer) -> Vec<String> {
    let mut messages = Vec::new();
    while let Some(frame) = tx.frame() {
        messages.push(text(frame).to_owned());
        tx.frame_sent();
    }
    assert!(tx.is_empty());
    messages
}

fn write_element(w: &mut Writer<'_>, ns: Ns<'_>, name: &str) {
    w.start(ns, name).end();
}

#[test]
fn a_stream_of_bytes_is_one_document() {
    // RFC 6120, section 4.
    let mut tx = SendBuffer::new(Framing::Stream);
    assert_eq!(tx.context(), StreamContext::from(ns::CLIENT));
    assert_eq!((tx.frame(), tx.is_empty()), (None, true));
    tx.open(ns::SERVER, &[("db", ns::DIALBACK)], &[("to", Some("a.example")), ("id", None)])
        .unwrap();
    assert_eq!(tx.context().content, ns::SERVER);
    tx.push_frame(|w| write_element(w, ns::STREAM, "features")).unwrap();
    tx.push_frame(|w| write_element(w, w.content(), "presence")).unwrap();
    assert!(tx.keepalive());
    tx.push_bytes(b"<presence to='b.example'/>");
    tx.end();
    let expected = "<?xml version='1.0'?><stream:stream xmlns='jabber:server' \
        xmlns:stream='http://etherx.jabber.org/streams' xmlns:db='jabber:server:dialback' \
        to='a.example'><stream:features/><presence/> <presence to='b.example'/></stream:stream>";
    assert_eq!(text(tx.unsent()), expected);
    assert_eq!(tx.frame(), Some(expected.as_bytes()));
    tx.sent(10);
    assert_eq!(text(tx.unsent()), &expected[10..]);
    assert_eq!(tx.len(), expected.len() - 10);
    tx.frame_sent();
    assert!(tx.is_empty());
    assert!(Element::parse(expected).is_ok());
}

#[test]
fn messages_are_documents_of_their_own() {
    // RFC 7395, sections 3.3.3, 3.4, 3.6 and 3.8.
    let mut tx = SendBuffer::new(Framing::WebSocket);
    tx.open(ns::CLIENT, &[], &[("to", Some("example.com")), ("xml:lang", Some("en"))]).unwrap();
    tx.push_frame(|w| {
        w.start(ns::STREAM, "features");
        w.start(ns::BIND, "bind").end();
        w.start(ns::STREAM, "inner").end().end();
    })
    .unwrap();
    tx.push_frame(|w| {
        let content = w.content();
        w.start(content, "message").leaf(content, "body", "1 < 2").end();
    })
    .unwrap();
    tx.push_frame(|w| {
        w.start(ns::SM, "r").attr_ns(ns::STREAM, "a", "1").end();
    })
    .unwrap();
    assert!(!tx.keepalive(), "no white space keepalives");
    tx.push_bytes(b"");
    tx.push_bytes(b"<a xmlns='urn:a'/>");
    tx.end();
    let messages = messages(&mut tx);
    assert_eq!(
        messages,
        [
            "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.com' xml:lang='en'/>",
            "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>\
             <bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><stream:inner/></stream:features>",
            "<message xmlns='jabber:client'><body>1 &lt; 2</body></message>",
            "<r xmlns='urn:xmpp:sm:3' xmlns:ns0='http://etherx.jabber.org/streams' ns0:a='1'/>",
            "<a xmlns='urn:a'/>",
            "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>",
        ]
    );
    for message in messages {
        assert!(Element::parse(&message).is_ok(), "{message}");
    }
}

#[test]
fn what_was_received_elsewhere_stands_alone_in_a_message() {
    let mut tx = SendBuffer::new(Framing::WebSocket);
    let stanza = Element::parse(
        "<s:s xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:client' xml:lang='de'>\
         <message to='a'><body>x</body><s:y/></message><s:error/></s:s>",
    )
    .unwrap();
    for child in stanza.children() {
        tx.write(&child).unwrap();
    }
    let messages = messages(&mut tx);
    // All that they inherited is declared, and the language said.
    assert_eq!(
        messages[0],
        "<message xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams' to='a' \
         xml:lang='de'><body>x</body><s:y/></message>"
    );
    assert_eq!(messages[1], "<s:error xmlns:s='http://etherx.jabber.org/streams' xml:lang='de'/>");
}

#[test]
fn the_end_can_send_elsewhere() {
    // RFC 7395, section 3.6.1.
    let mut tx = SendBuffer::new(Framing::WebSocket);
    tx.end_see_other_uri("wss://otherendpoint.example/xmpp-bind?a&b").unwrap();
    assert_eq!(
        messages(&mut tx),
        ["<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' \
          see-other-uri='wss://otherendpoint.example/xmpp-bind?a&amp;b'/>"]
    );
    assert_eq!(tx.end_see_other_uri("\0"), Err(WriteError::InvalidCharacter));
    assert!(tx.is_empty());
    let mut tx = SendBuffer::new(Framing::Stream);
    tx.end_see_other_uri("wss://otherendpoint.example/").unwrap();
    assert_eq!(text(tx.unsent()), "</stream:stream>");
}

#[test]
fn nothing_but_one_whole_element_is_appended() {
    for framing in [Framing::Stream, Framing::WebSocket] {
        let mut tx = SendBuffer::new(framing);
        tx.push_frame(|w| write_element(w, ns::SM, "r")).unwrap();
        let before = tx.unsent().to_vec();
        let mut refused = |expected, write: fn(&mut Writer<'_>)| {
            assert_eq!(tx.push_frame(write), Err(expected), "{framing:?}");
            assert_eq!(tx.unsent(), before, "{framing:?}");
        };
        refused(WriteError::NotOneRoot, |_| {});
        refused(WriteError::NotOneRoot, |w| {
            w.start(ns::SM, "r").end().start(ns::SM, "r").end();
        });
        refused(WriteError::NotOneRoot, |w| {
            w.write(&[Element::parse("<a/>").unwrap(), Element::parse("<b/>").unwrap()][..]);
        });
        refused(WriteError::TextOutOfPlace, |w| {
            w.start(ns::SM, "r").end().text(" ");
        });
        refused(WriteError::TextOutOfPlace, |w| {
            w.text("\n").start(ns::SM, "r").end();
        });
        refused(WriteError::Unbalanced, |w| {
            w.start(ns::SM, "r");
        });
        refused(WriteError::Unbalanced, |w| {
            w.start(ns::SM, "r").end().end();
        });
        refused(WriteError::InvalidCharacter, |w| {
            w.leaf(ns::SM, "r", "\u{1}");
        });
        assert_eq!(
            tx.open(ns::SERVER, &[], &[("to", Some("\0"))]),
            Err(WriteError::InvalidCharacter)
        );
        assert_eq!((tx.unsent(), tx.context().content), (&before[..], ns::CLIENT));
        // Empty character data is nothing.
        tx.push_frame(|w| {
            w.text("").start(ns::SM, "r").end().text("");
        })
        .unwrap();
    }
}

#[test]
fn elements_can_be_bounded() {
    for framing in [Framing::Stream, Framing::WebSocket] {
        let mut tx = SendBuffer::new(framing);
        let element = Element::parse("<a xmlns='urn:a'>text</a>").unwrap();
        let len = element.source().len();
        assert_eq!(tx.write_within(&element, len - 1), Err(WriteError::TooLarge));
        assert!(tx.is_empty() && tx.frame().is_none());
        tx.write_within(&element, len).unwrap();
        assert_eq!(tx.len(), len);
    }
}

#[test]
fn a_stream_writer_writes_one_element_a_message_and_many_a_stream() {
    let context = |framing| StreamContext { content: ns::CLIENT, framing };
    let mut out = Vec::new();
    let mut w = Writer::in_stream(&mut out, context(Framing::Stream));
    w.start(ns::CLIENT, "iq").end().text("\n").start(ns::CLIENT, "iq").end();
    w.finish().unwrap();
    Writer::in_stream(&mut out, ns::CLIENT).finish().unwrap();
    assert_eq!(text(&out), "<iq/>\n<iq/>");
    let mut w = Writer::in_stream(&mut out, context(Framing::WebSocket));
    w.start(ns::CLIENT, "iq").end().start(ns::CLIENT, "iq").end();
    assert_eq!(w.finish(), Err(WriteError::NotOneRoot));
    let w = Writer::in_stream(&mut out, context(Framing::WebSocket));
    assert_eq!(w.finish(), Err(WriteError::NotOneRoot));
    assert_eq!(text(&out), "<iq/>\n<iq/>");
    // Stanzas are typed by where they are written to.
    assert_eq!(Writer::in_stream(&mut out, ns::SERVER).content(), ns::SERVER);
    assert_eq!(Writer::document(&mut out).content(), ns::CLIENT);
}

#[test]
fn one_byte_in_flight_keeps_nothing_that_is_sent() {
    // A slow peer: something is always unsent.
    for framing in [Framing::Stream, Framing::WebSocket] {
        let mut tx = SendBuffer::new(framing);
        let element = format!("<a>{}</a>", "x".repeat(1000));
        for _ in 0..300_000 {
            tx.push_bytes(element.as_bytes());
            tx.sent(tx.len() - 1);
            assert_eq!(tx.len(), 1);
        }
        assert!(tx.held_bytes() <= 64 * 1024, "{} bytes", tx.held_bytes());
        tx.sent(usize::MAX);
        assert!(tx.is_empty() && tx.frame().is_none());
        tx.release();
        assert_eq!(tx.held_bytes(), 0);
    }
}

#[test]
fn what_it_holds_is_told() {
    let mut tx = SendBuffer::new(Framing::WebSocket);
    assert_eq!((tx.held_bytes(), tx.framing()), (0, Framing::WebSocket));
    for _ in 0..1000 {
        tx.push_bytes(b"<a/>");
    }
    // Where each message ends is kept as well.
    let least = 4 * 1000 + size_of::<usize>() * 1000;
    assert!((least..3 * least).contains(&tx.held_bytes()), "{tx:?}");
    let mut tx = SendBuffer::new(Framing::Stream);
    (0..1000).for_each(|_| tx.push_bytes(b"<a/>"));
    assert_eq!(tx.framing(), Framing::Stream);
    assert!((4000..3 * 4000).contains(&tx.held_bytes()), "{tx:?}");
    // Of very many messages nothing is kept once they are sent.
    for framing in [Framing::Stream, Framing::WebSocket] {
        let mut tx = SendBuffer::new(framing);
        (0..50_000).for_each(|_| tx.push_bytes(b"<a/>"));
        tx.sent(tx.len() - 1);
        assert_eq!(tx.unsent(), b">");
        assert!(tx.held_bytes() <= 40 * 1024, "{tx:?}");
    }
    // No bytes are no message.
    let mut tx = SendBuffer::new(Framing::WebSocket);
    tx.push_bytes(b"");
    tx.push_bytes(b"<a/>");
    assert_eq!(tx.frame(), Some(&b"<a/>"[..]));
    tx.frame_sent();
    assert_eq!(tx.frame(), None);
}

#[test]
fn no_more_is_sent_than_there_is() {
    for framing in [Framing::Stream, Framing::WebSocket] {
        let mut tx = SendBuffer::new(framing);
        tx.sent(usize::MAX);
        tx.frame_sent();
        tx.push_bytes(b"<a/>");
        tx.push_bytes(b"<b/>");
        tx.sent(3);
        tx.sent(usize::MAX);
        assert!(tx.is_empty() && tx.frame().is_none());
        tx.push_bytes(b"<c/>");
        assert_eq!(tx.frame(), Some(&b"<c/>"[..]));
    }
}

#[test]
fn its_debug_tells_counts_alone() {
    let mut tx = SendBuffer::new(Framing::WebSocket);
    tx.push_bytes(b"<auth>c2VjcmV0</auth>");
    let shown = format!("{tx:?}");
    assert!(shown.contains("unsent: 21") && !shown.contains("c2V"), "{shown}");
}

/// What can be done with a send buffer.
#[derive(Clone, Debug)]
enum Step {
    Push(usize),
    Refused(usize),
    Sent(usize),
    FrameSent,
    Keepalive,
    Release,
}

fn step() -> impl Strategy<Value = Step> {
    let bytes = prop_oneof![4usize..40, 4usize..9000];
    prop_oneof![
        6 => bytes.clone().prop_map(Step::Push),
        1 => bytes.clone().prop_map(Step::Refused),
        4 => prop_oneof![bytes, Just(usize::MAX)].prop_map(Step::Sent),
        3 => Just(Step::FrameSent),
        1 => Just(Step::Keepalive),
        1 => Just(Step::Release),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Any order of calls gives what a queue of messages gives, in memory in
    /// proportion to what is unsent.
    #[test]
    fn it_is_a_queue(steps in prop::collection::vec(step(), 0..80), websocket: bool) {
        let framing = if websocket { Framing::WebSocket } else { Framing::Stream };
        let mut tx = SendBuffer::new(framing);
        let mut model: VecDeque<VecDeque<u8>> = VecDeque::new();
        let mut number = 0u8;
        for step in steps {
            match step {
                Step::Push(len) => {
                    number = number.wrapping_add(1);
                    let body = char::from(b'a' + number % 26).to_string().repeat(len - 4);
                    let element = if body.is_empty() { "<a/>".to_owned() } else {
                        format!("<a>{body}</a>")
                    };
                    tx.push_frame(|w| { w.leaf(ns::NONE, "skip", ""); w.fail(WriteError::InvalidName); })
                        .unwrap_err();
                    tx.push_bytes(element.as_bytes());
                    model.push_back(element.bytes().collect());
                }
                Step::Refused(len) => {
                    let body = "y".repeat(len);
                    let refused = tx.push_frame_within(len, |w| { w.leaf(ns::NONE, "a", &body); });
                    prop_assert_eq!(refused, Err(WriteError::TooLarge));
                }
                Step::Sent(n) => {
                    tx.sent(n);
                    let mut n = n;
                    while n > 0 && let Some(first) = model.front_mut() {
                        let taken = n.min(first.len());
                        first.drain(..taken);
                        n -= taken;
                        if first.is_empty() {
                            model.pop_front();
                        }
                    }
                }
                Step::FrameSent => {
                    tx.frame_sent();
                    if websocket { model.pop_front(); } else { model.clear(); }
                }
                Step::Keepalive => {
                    prop_assert_eq!(tx.keepalive(), !websocket);
                    if !websocket { model.push_back([b' '].into()); }
                }
                Step::Release => tx.release(),
            }
            let all: Vec<u8> = model.iter().flatten().copied().collect();
            prop_assert_eq!(tx.unsent(), &all[..]);
            prop_assert_eq!((tx.len(), tx.is_empty()), (all.len(), all.is_empty()));
            let next = if websocket {
                model.front().map(|first| first.iter().copied().collect::<Vec<u8>>())
            } else {
                (!all.is_empty()).then_some(all)
            };
            prop_assert_eq!(tx.frame(), next.as_deref());
            prop_assert!(tx.held_bytes() <= 24 * tx.len() + 32 * 1024, "{:?}", tx);
        }
        tx.sent(usize::MAX);
        tx.release();
        prop_assert_eq!(tx.held_bytes(), 0);
    }
}
