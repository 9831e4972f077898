//! Streams that come in messages (RFC 7395): what is read, what is refused and
//! where, in every cut of every message; and two sides that talk.

use proptest::prelude::*;
use xmpp_xml::{
    Condition, Element, Error,
    ErrorKind::{self, *},
    Framing, Item, Limits, RecvBuffer, SendBuffer, StreamReader, ns,
};

/// What a stream gives, one line an item, and how it ends.
type Events = (Vec<String>, Result<bool, Error>);

/// Reads messages, each cut at `cuts` (places in all bytes together); looks
/// after each piece, and between the last one and the end of the message if
/// `eager`.
fn read(messages: &[&[u8]], cuts: &[usize], eager: bool, limits: Limits) -> Events {
    let mut rx = RecvBuffer::new(1 << 20);
    let mut reader = StreamReader::with_framing(limits, Framing::WebSocket);
    let mut events = Vec::new();
    let mut look = |reader: &mut StreamReader, rx: &mut RecvBuffer| loop {
        match reader.poll(rx) {
            Ok(Some(Item::Header(open))) => events.push(format!("header {}", open.source())),
            Ok(Some(Item::Element(element))) => {
                let tree = element.canonical();
                events.push(format!("{tree} {:?} {}", element.lang(), element.source()));
            }
            Ok(Some(Item::Closed)) => {
                events.push(format!("closed {}", rx.element().unwrap().source()));
            }
            Ok(Some(_)) => unreachable!(),
            Ok(None) => return Ok(()),
            Err(error) => {
                assert_eq!(reader.poll(rx).unwrap_err(), error, "errors stay");
                return Err(error);
            }
        }
    };
    let mut at = 0;
    let mut ended = Ok(());
    for message in messages {
        let mut rest = *message;
        while !rest.is_empty() {
            let cut = cuts.iter().find(|&&cut| cut > at).map_or(rest.len(), |cut| cut - at);
            let n = rx.push(&rest[..cut.min(rest.len())]);
            (at, rest) = (at + n, &rest[n..]);
            if eager || !rest.is_empty() {
                ended = ended.and_then(|()| look(&mut reader, &mut rx));
            }
        }
        rx.end_of_message();
        if eager {
            ended = ended.and_then(|()| look(&mut reader, &mut rx));
        }
    }
    let ended = ended.and_then(|()| look(&mut reader, &mut rx));
    let ended = ended.and_then(|()| reader.finish(&mut rx));
    (events, ended)
}

/// Reads the messages whole, cut once at each byte, and byte by byte: each gives the same.
#[track_caller]
fn every_cut(messages: &[&[u8]], limits: Limits) -> Events {
    let whole = read(messages, &[], false, limits);
    let len: usize = messages.iter().map(|message| message.len()).sum();
    let bytes: Vec<usize> = (1..=len).collect();
    for eager in [false, true] {
        for cut in 0..=len {
            assert_eq!(read(messages, &[cut], eager, limits), whole, "cut at {cut}, {eager}");
        }
        assert_eq!(read(messages, &bytes, eager, limits), whole, "byte by byte, {eager}");
    }
    whole
}

const OPEN: &str =
    "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='a.example' version='1.0'/>";
const CLOSE: &str = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>";

fn bytes<'m>(messages: &[&'m str]) -> Vec<&'m [u8]> {
    messages.iter().map(|message| message.as_bytes()).collect()
}

#[test]
fn messages_are_items() {
    // RFC 7395, the examples of sections 3.3.3, 3.4 and 3.6, in this order.
    let messages = [
        "<open xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\"\n to=\"example.com\" version=\"1.0\" />",
        "<stream:features xmlns:stream=\"http://etherx.jabber.org/streams\">\n\
         <bind xmlns=\"urn:ietf:params:xml:ns:xmpp-bind\"/></stream:features>",
        "<message xmlns=\"jabber:client\" xml:lang=\"en\">\n<body>Every WebSocket message is \
         parsable by itself.</body>\n</message>",
        "<error xmlns=\"http://etherx.jabber.org/streams\">\n\
         <host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>",
        "<close xmlns=\"urn:ietf:params:xml:ns:xmpp-framing\" />",
    ];
    let (events, ended) = every_cut(&bytes(&messages), Limits::default());
    assert_eq!(ended, Ok(true));
    assert_eq!(events[0], format!("header {}", messages[0]));
    for (event, message) in events[1..4].iter().zip(&messages[1..]) {
        assert!(event.ends_with(message), "{event}");
    }
    assert!(events[2].contains("Some(\"en\")"));
    assert_eq!(events[4], format!("closed {}", messages[4]));
}

#[test]
fn each_message_stands_alone() {
    // Neither namespaces nor language come from `<open/>` or from what was before.
    let open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' xmlns:p='urn:p' xml:lang='en'/>";
    let (events, ended) = every_cut(&bytes(&[open, "<a/>"]), Limits::default());
    assert_eq!(ended, Ok(false));
    assert!(events[1].contains(" None "), "{}", events[1]);
    assert!(events[1].starts_with(&Element::parse("<a/>").unwrap().as_ref().canonical()));
    let (_, ended) = every_cut(&bytes(&[open, "<p:a/>"]), Limits::default());
    assert_eq!(ended.unwrap_err().condition(), Condition::BadNamespacePrefix);
    let (_, ended) = every_cut(&bytes(&[OPEN, "<stream:features/>"]), Limits::default());
    assert_eq!(ended.unwrap_err().condition(), Condition::BadNamespacePrefix);
}

#[test]
fn a_message_may_have_an_xml_declaration_and_white_space_at_its_end() {
    // RFC 7395, section 3.3.3: an XML document that begins with `<`; a
    // declaration is not recommended.
    let open = format!("<?xml version='1.0' encoding='utf-8'?>\n{OPEN}\n");
    let messages = [&open, "<?xml version='1.0'?><a/>", "<b/> \t\r\n", CLOSE];
    let (events, ended) = every_cut(&bytes(&messages), Limits::default());
    assert_eq!((events.len(), ended), (4, Ok(true)));
}

#[track_caller]
fn refused_all(messages: &[&[u8]], given: usize, kind: ErrorKind, offset: usize, stopped: usize) {
    let (events, ended) = every_cut(messages, Limits::default());
    let error = ended.expect_err("it is wrong");
    assert_eq!(events.len(), given, "what came before is given: {error}");
    assert_eq!(
        (error.kind(), error.offset() as usize, error.stopped_at() as usize),
        (kind, offset, stopped)
    );
}

/// `message` is refused behind `<open/>`, whether something follows or not.
#[track_caller]
fn refused(
    message: impl AsRef<[u8]>,
    given: usize,
    kind: ErrorKind,
    offset: usize,
    stopped: usize,
) {
    let (at, n) = (OPEN.len(), given + 1);
    let message = message.as_ref();
    refused_all(&[OPEN.as_bytes(), message], n, kind, at + offset, at + stopped);
    for behind in [&b"<b/>"[..], b"", b"\xff", b"/>", b"</a>", b"x"] {
        let messages = [OPEN.as_bytes(), message, behind];
        refused_all(&messages, n, kind, at + offset, at + stopped);
    }
}

#[test]
fn a_message_is_exactly_one_element() {
    // RFC 7395, section 3.3.3.
    refused("", 0, EmptyMessage, 0, 0);
    refused(" ", 0, SpaceBeforeElement, 0, 0);
    refused("\n<a/>", 0, SpaceBeforeElement, 0, 0);
    refused("x<a/>", 0, TextOutsideRoot, 0, 0);
    refused("\u{feff}<a/>", 0, TextOutsideRoot, 0, 0);
    refused("<a/>x", 1, TextOutsideRoot, 4, 4);
    refused("<a/> x", 1, TextOutsideRoot, 5, 5);
    refused("<a/><b/>", 1, ContentAfterRoot, 4, 5);
    refused("<a/>\n<b/>", 1, ContentAfterRoot, 5, 6);
    refused("<a/></a>", 1, MismatchedEndTag, 4, 5);
    refused("<a/><!-- -->", 1, Comment, 4, 7);
    refused("<a/><![CDATA[]]>", 1, TextOutsideRoot, 4, 4);
    refused("<a/><", 1, UnexpectedEnd, 5, 5);
    refused("<a/> <!-", 1, UnexpectedEnd, 8, 8);
    refused("<a/>\0", 1, InvalidCharacter, 4, 4);
    refused("</a>", 0, MismatchedEndTag, 0, 3);
    refused("<!DOCTYPE a><a/>", 0, DocumentTypeDeclaration, 0, 8);
    refused("<?x?><a/>", 0, ProcessingInstruction, 0, 2);
    refused("<?xml version='1.0'?>", 0, UnexpectedEnd, 21, 21);
    refused("<?xml version='1.0'?> ", 0, UnexpectedEnd, 22, 22);
    refused("<?xml version='1.0'?>x", 0, TextOutsideRoot, 21, 21);
    refused("<?xml version='1.0'?><?xml version='1.0'?><a/>", 0, InvalidXmlDeclaration, 21, 23);
    refused("<?xml version='1.0' encoding='latin1'?><a/>", 0, Encoding, 30, 36);
}

#[test]
fn no_element_goes_over_the_end_of_a_message() {
    let element = "<a b='1' xmlns='urn:a'><c>t&lt;<![CDATA[x]]></c></a>";
    for end in 1..element.len() {
        refused(&element[..end], 0, UnexpectedEnd, end, end);
    }
    // Nor does a character.
    refused(b"<a>\xf0\x9f\x98", 0, InvalidUtf8, 3, 6);
    let (at, halves) = (OPEN.len(), [&b"<a>\xf0\x9f"[..], b"\x98\x80</a>"]);
    refused_all(&[OPEN.as_bytes(), halves[0], halves[1]], 1, InvalidUtf8, at + 3, at + 5);
    refused(b"\xff", 0, Encoding, 0, 0);
    refused(b"<a/>\xff", 1, InvalidUtf8, 4, 5);
    refused(b"<a/> \xe2\x82", 1, InvalidUtf8, 5, 7);
}

#[test]
fn a_stream_begins_with_open_or_close() {
    // 7395-3.3.2-02
    let header = |message: &str, kind, stopped| {
        refused_all(&[message.as_bytes()], 0, kind, 0, stopped);
        refused_all(&[message.as_bytes(), OPEN.as_bytes()], 0, kind, 0, stopped);
    };
    // RFC 7395, section 3.3.2.
    header("<open/>", HeaderNamespace, 7);
    header("<message xmlns='jabber:client'>", HeaderNamespace, 31);
    // The framing of RFC 6120, found out before its end tag comes.
    let stream = "<stream:stream xmlns:stream='http://etherx.jabber.org/streams'>";
    header(stream, HeaderNamespace, stream.len());
    let declared = format!("<?xml version='1.0'?>{stream}");
    refused_all(&[declared.as_bytes()], 0, HeaderNamespace, 21, declared.len());
    let other = "<reopen xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>";
    header(other, HeaderExpected, other.len());
    for content in ["x", " ", "<a/>", "&#32;"] {
        for name in ["open", "close"] {
            let message =
                format!("<{name} xmlns='urn:ietf:params:xml:ns:xmpp-framing'>{content}</{name}>");
            header(&message, HeaderNotEmpty, message.len());
        }
    }
    assert_eq!(HeaderNamespace.condition().as_str(), "invalid-namespace");
    assert_eq!(HeaderExpected.condition().as_str(), "bad-format");
    // Two tags around nothing are empty; so is a prefix of its own.
    let open = "<f:open xmlns:f='urn:ietf:params:xml:ns:xmpp-framing'></f:open>";
    assert_eq!(every_cut(&[open.as_bytes()], Limits::default()).1, Ok(false));
    // Section 3.4: the answer to `<open/>` can be `<close/>`; 3.6.1: with a URI.
    let close =
        "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri='wss://b.example/'/>";
    let (events, ended) = every_cut(&[close.as_bytes()], Limits::default());
    assert_eq!((&events[..], ended), (&[format!("closed {close}")][..], Ok(true)));
    // A full one is refused later as well.
    let full = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'>x</close>";
    refused(full, 0, HeaderNotEmpty, 0, full.len());
}

#[test]
fn other_elements_called_close_are_elements() {
    let (events, ended) = every_cut(&bytes(&[OPEN, "<close xmlns='urn:x'/>"]), Limits::default());
    assert_eq!((events.len(), ended), (2, Ok(false)));
    assert!(!events[1].starts_with("closed"));
}

#[test]
fn limits_hold_in_messages() {
    let limits = Limits::default().max_element_bytes(OPEN.len() as u32);
    let whole = format!("<a>{}</a>", "x".repeat(OPEN.len() - 7));
    assert_eq!(every_cut(&bytes(&[OPEN, &whole, &whole]), limits).1, Ok(false));
    let over = format!("<a>{}</a>", "x".repeat(OPEN.len() - 6));
    for messages in [&[OPEN, &over, &whole][..], &[OPEN, &over]] {
        let error = every_cut(&bytes(messages), limits).1.unwrap_err();
        let at = (OPEN.len() as u64, 2 * OPEN.len() as u64);
        assert_eq!((error.kind(), error.offset(), error.stopped_at()), (TooManyBytes, at.0, at.1));
    }
    // A message that ends at the limit, unlike one that goes on.
    let cut = &over[..OPEN.len()];
    let error = every_cut(&bytes(&[OPEN, cut]), limits).1.unwrap_err();
    assert_eq!(error.kind(), UnexpectedEnd);
}

#[test]
fn a_restart_expects_another_open() {
    // RFC 7395, section 3.7.
    let again = |message: &str| {
        let mut rx = RecvBuffer::new(1 << 16);
        let mut reader = StreamReader::with_framing(Limits::default(), Framing::WebSocket);
        for message in [OPEN, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"] {
            rx.push(message.as_bytes());
            rx.end_of_message();
            assert!(reader.poll(&mut rx).unwrap().is_some());
        }
        reader.restart();
        rx.push(message.as_bytes());
        rx.end_of_message();
        let items = core::iter::from_fn(|| match reader.poll(&mut rx) {
            Ok(None) => None,
            Ok(Some(item)) => Some(Ok(matches!(item, Item::Header(_)))),
            Err(error) => Some(Err(error.kind())),
        });
        items.take(2).collect::<Vec<_>>()
    };
    assert_eq!(again(OPEN), [Ok(true)]);
    assert_eq!(again("<presence xmlns='jabber:client'/>"), [Err(HeaderNamespace); 2]);
    // The rest of the former message still is no message of its own.
    let mut rx = RecvBuffer::new(1 << 16);
    let mut reader = StreamReader::with_framing(Limits::default(), Framing::WebSocket);
    rx.push(OPEN.as_bytes());
    assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Header(_)))));
    reader.restart();
    rx.push(OPEN.as_bytes());
    assert_eq!(reader.poll(&mut rx).unwrap_err().kind(), ContentAfterRoot);
}

#[test]
fn readers_of_bytes_take_no_notice_of_messages() {
    let mut rx = RecvBuffer::new(1 << 10);
    let mut reader = StreamReader::new(Limits::default());
    rx.push(b"<s:s xmlns:s='http://etherx.jabber.org/streams'>");
    for _ in 0..100_000 {
        assert_eq!(rx.push(b"<a>b</a"), 7);
        rx.end_of_message();
        while reader.poll(&mut rx).unwrap().is_some() {}
        assert_eq!(rx.push(b">"), 1);
        rx.end_of_message();
    }
    while reader.poll(&mut rx).unwrap().is_some() {}
    assert_eq!(rx.unread(), 0);
}

#[test]
fn a_forgotten_message_leaves_nothing_behind() {
    let mut rx = RecvBuffer::new(1 << 10);
    let mut reader = StreamReader::with_framing(Limits::default(), Framing::WebSocket);
    rx.push(OPEN.as_bytes());
    rx.end_of_message();
    assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Header(_)))));
    rx.push(b"<a/>");
    rx.end_of_message();
    rx.end_of_message();
    rx.push(b"<unfinished");
    rx.clear();
    rx.push(b"<b/>");
    rx.end_of_message();
    let Ok(Some(Item::Element(b))) = reader.poll(&mut rx) else { panic!() };
    assert_eq!(b.name(), "b");
    assert_eq!(reader.poll(&mut rx).map(|item| item.is_some()), Ok(false));
}

/// One side of a stream over WebSocket.
struct Side {
    rx: RecvBuffer,
    tx: SendBuffer,
    reader: StreamReader,
    got: Vec<String>,
}

impl Side {
    fn new() -> Self {
        Self {
            rx: RecvBuffer::new(1 << 16),
            tx: SendBuffer::new(Framing::WebSocket),
            reader: StreamReader::with_framing(Limits::default(), Framing::WebSocket),
            got: Vec::new(),
        }
    }

    /// Reads what has come in; `server` answers: `<open/>` and `<close/>` with
    /// their like, elements with themselves.
    fn look(&mut self, server: bool) {
        loop {
            let (closed, element) = match self.reader.poll(&mut self.rx).unwrap() {
                None => return,
                Some(Item::Header(open)) => {
                    self.got.push(open.name().into());
                    if server {
                        let attrs = [("from", open.attr("to")), ("id", Some("1".into()))];
                        let attrs = attrs.each_ref().map(|(name, value)| (*name, value.as_deref()));
                        self.tx.open(ns::CLIENT, &[], &attrs).unwrap();
                    }
                    continue;
                }
                Some(Item::Element(element)) => (false, element),
                _ => (true, self.rx.element().unwrap()),
            };
            self.got.push(element.source().into());
            match (server, closed) {
                (true, false) => self.tx.write(&element).unwrap(),
                (true, true) => self.tx.end(),
                (false, _) => {}
            }
        }
    }

    /// Hands its messages over in pieces of `piece` bytes.
    fn hand_over(&mut self, to: &mut Self, server: bool, piece: usize) {
        while let Some(message) = self.tx.frame() {
            for piece in message.chunks(piece) {
                assert_eq!(to.rx.push(piece), piece.len());
                to.look(server);
            }
            to.rx.end_of_message();
            to.look(server);
            self.tx.frame_sent();
        }
    }
}

#[test]
fn two_sides_talk() {
    for piece in 1..200 {
        let (mut client, mut server) = (Side::new(), Side::new());
        client
            .tx
            .open(ns::CLIENT, &[], &[("to", Some("a.example")), ("version", Some("1.0"))])
            .unwrap();
        client
            .tx
            .push_frame(|w| {
                let content = w.content();
                w.start(content, "message").attr("to", "b");
                w.leaf(content, "body", "<é & ]]>").end();
            })
            .unwrap();
        client.hand_over(&mut server, true, piece);
        server.hand_over(&mut client, false, piece);
        server
            .tx
            .push_frame(|w| {
                w.start(ns::STREAM, "error").leaf(ns::STREAMS_ERR, "reset", "").end();
            })
            .unwrap();
        client.tx.end();
        client.hand_over(&mut server, true, piece);
        server.hand_over(&mut client, false, piece);
        let message =
            "<message xmlns='jabber:client' to='b'><body>&lt;é &amp; ]]&gt;</body></message>";
        assert_eq!(server.got, ["open", message, CLOSE], "in pieces of {piece}");
        let error = "<stream:error xmlns:stream='http://etherx.jabber.org/streams'>\
            <reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>";
        assert_eq!(client.got, ["open", message, error, CLOSE], "in pieces of {piece}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever the messages are, and however they are cut: the same answer.
    #[test]
    fn any_messages_in_any_cut(
        messages in prop::collection::vec(
            prop_oneof![
                4 => Just(&b"<a x='1'>t</a>"[..]),
                2 => Just(&b"<a/>"[..]),
                1 => prop::sample::select(vec![
                    &b""[..], b" ", b"<a/> ", b"<a/><b/>", b"<?xml version='1.0'?><a/>", b"<a>\xc3",
                    b"\xa9</a>", b"<", b"/>", b"\xff\xfe", b"<a>&amp", b";</a>", b"<a/>x",
                    b"<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>",
                ]),
            ],
            0..8,
        ),
        cuts in prop::collection::btree_set(0usize..160, 0..20),
        eager: bool,
    ) {
        let messages: Vec<&[u8]> = [OPEN.as_bytes()].into_iter().chain(messages).collect();
        let cuts: Vec<usize> = cuts.into_iter().collect();
        let whole = read(&messages, &[], false, Limits::default());
        prop_assert_eq!(read(&messages, &cuts, eager, Limits::default()), whole);
    }

    /// Nor do messages of no kind in particular.
    #[test]
    fn any_bytes_in_any_cut(
        messages in prop::collection::vec(
            prop::collection::vec(
                prop_oneof![
                    4 => prop::sample::select(&b"<<<>>/aab='x &;#!?[]-\r\n"[..]).prop_map(|b| vec![b]),
                    1 => prop::sample::select(vec![
                        &b"<![CDATA["[..], b"]]>", b"<a b='1'>", b"</a>", b"<a/>", b"&lt;", b"\xc3\xa9",
                        b"\xc3", b"\xf0\x9f", b"\xef\xbf\xbf", b"xmlns", b"<?xml version='1.0'?>",
                    ]).prop_map(<[u8]>::to_vec),
                ],
                0..10,
            ),
            0..4,
        ),
        cuts in prop::collection::btree_set(0usize..160, 0..20),
        eager: bool,
        limit in prop_oneof![Just(1000u32), 80u32..100],
    ) {
        let limits = Limits::default().max_element_bytes(limit);
        let behind: Vec<Vec<u8>> = messages.into_iter().map(|parts| parts.concat()).collect();
        let behind = behind.iter().map(Vec::as_slice);
        let messages: Vec<&[u8]> = [OPEN.as_bytes()].into_iter().chain(behind).collect();
        let cuts: Vec<usize> = cuts.into_iter().collect();
        let whole = read(&messages, &[], false, limits);
        prop_assert_eq!(read(&messages, &cuts, eager, limits), whole);
    }
}

#[test]
fn the_shortest_messages_are_messages() {
    for element in ["<a/>", "<ab/>"] {
        let mut rx = RecvBuffer::new(1 << 10);
        let mut reader = StreamReader::with_framing(Limits::default(), Framing::WebSocket);
        rx.push(OPEN.as_bytes());
        rx.end_of_message();
        for _ in 0..5 {
            rx.push(element.as_bytes());
            rx.end_of_message();
        }
        assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Header(_)))));
        for _ in 0..5 {
            let Ok(Some(Item::Element(read))) = reader.poll(&mut rx) else { panic!() };
            assert_eq!(read.source(), element);
        }
        assert!(reader.poll(&mut rx).unwrap().is_none());
        assert_eq!(reader.finish(&mut rx), Ok(false));
    }
}

#[test]
fn a_stream_ends_between_messages() {
    let mut begun = Vec::new();
    for rest in ["", "<?xml version='1.0'?>", "<?xml version='1.0'?> ", "<a", "<a>", "<?xm"] {
        let mut rx = RecvBuffer::new(1 << 10);
        let mut reader = StreamReader::with_framing(Limits::default(), Framing::WebSocket);
        rx.push(OPEN.as_bytes());
        rx.end_of_message();
        assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Header(_)))));
        rx.push(rest.as_bytes());
        assert!(reader.poll(&mut rx).unwrap().is_none());
        begun.push(reader.finish(&mut rx).map_err(|error| error.kind()));
    }
    assert_eq!(begun[0], Ok(false));
    assert_eq!(begun[1..], [Err(UnexpectedEnd); 5]);
}
