//! What is promised about memory.

use allocation_counter::measure;
use xmpp_xml::{
    Framing, Item, Limits, Ns, RecvBuffer, SendBuffer, Sharing, StreamReader, Token, Tokens,
    WriteError, Writer, ns,
};

const HEADER: &[u8] =
    b"<stream:stream xmlns='jabber:client' xml:lang='en' xmlns:x='urn:example:x' \
    xmlns:stream='http://etherx.jabber.org/streams'>";
const STANZA: &[u8] = b"<message to='a@example' from='b@example/c' type='chat' id='1'>\
    <body>1 &lt; 2</body><x:y x:z='1'><w/></x:y><active xmlns='http://jabber.org/protocol/chatstates'/></message>";

fn connection() -> (RecvBuffer, StreamReader) {
    let mut rx = RecvBuffer::new(1 << 16);
    let mut reader = StreamReader::new(Limits::default());
    rx.push(HEADER);
    assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Header(_)))));
    (rx, reader)
}

fn receive(rx: &mut RecvBuffer, reader: &mut StreamReader, piece: usize) {
    for piece in STANZA.chunks(piece) {
        rx.unfilled()[..piece.len()].copy_from_slice(piece);
        rx.advance(piece.len());
        if let Some(Item::Element(element)) = reader.poll(rx).unwrap() {
            assert_eq!(element.attrs().count(), 4);
            assert_eq!(element.children().count(), 3);
        }
    }
}

#[test]
fn elements_cost_no_allocation_in_the_steady_state() {
    let (mut rx, mut reader) = connection();
    for _ in 0..100 {
        receive(&mut rx, &mut reader, 50);
    }
    let cost = measure(|| {
        for _ in 0..1000 {
            receive(&mut rx, &mut reader, 50);
        }
    });
    assert_eq!(cost.count_total, 0);
}

#[test]
fn tokens_cost_no_allocation_in_the_steady_state() {
    let text = [HEADER, &STANZA.repeat(1000), b"</stream:stream>"].concat();
    let text = String::from_utf8(text).unwrap();
    let mut tokens = Tokens::new(&text, Limits::trusted());
    let mut decoded = String::with_capacity(100);
    let mut read = |most: u64| {
        let mut seen = 0;
        while seen < most
            && let Some(token) = tokens.next().unwrap()
        {
            if let Token::Text(text) = token {
                decoded.clear();
                text.append_to(&mut decoded);
            }
            seen += 1;
        }
        seen
    };
    read(100);
    let cost = measure(|| assert!(read(u64::MAX) > 10_000));
    assert_eq!(cost.count_total, 0);
}

#[test]
fn tokens_hold_little_however_much_there_is() {
    let many = "<c d='e'>f<g/></c>".repeat(20_000);
    for text in
        [format!("<a>{many}</a>"), format!("<a><b>{many}</b></a>"), format!("<a>{many}<b>{many}")]
    {
        let mut count = 0;
        let cost = measure(|| {
            let mut tokens = Tokens::new(&text, Limits::trusted());
            while let Ok(Some(_)) = tokens.next() {
                count += 1;
            }
        });
        assert!(count > 5 * 20_000, "{count}");
        assert!(cost.bytes_max < 128 * 1024, "{cost:?}");
        // What it looks at in one go is worth it.
        assert!(cost.count_total < 100, "{cost:?}");
    }
}

#[test]
fn a_shared_element_costs_two_allocations_whatever_its_size() {
    for children in [0, 1, 500] {
        let (mut rx, mut reader) = connection();
        rx.push(b"<iq>");
        rx.push(&b"<x:item jid='a@example'>text</x:item>".repeat(children));
        rx.push(b"</iq>");
        let Ok(Some(Item::Element(element))) = reader.poll(&mut rx) else { panic!() };
        let mut shared = None;
        let cost = measure(|| shared = Some(element.into_shared()));
        assert_eq!(cost.count_total, 2, "with {children} children");
        let mut clone = None;
        assert_eq!(measure(|| clone = shared.clone()).count_total, 0);
        // One within another: what it inherits comes along.
        if let Some(child) = element.children().next() {
            let mut copied = None;
            let cost = measure(|| copied = Some(child.into_shared()));
            assert!(cost.count_max <= 4, "{cost:?}");
            assert_eq!(cost.count_current, 2);
        }
    }
}

#[test]
fn elements_within_a_shared_one_cost_nothing() {
    let (mut rx, mut reader) = connection();
    rx.push(b"<iq xml:lang='de' xmlns:z='urn:z&amp;'><x:a><z:b c='d'>e</z:b></x:a></iq>");
    let Ok(Some(Item::Element(element))) = reader.poll(&mut rx) else { panic!() };
    let shared = element.into_shared();
    let mut inner = None;
    let cost = measure(|| {
        let a = shared.children().next().map(|a| a.into_shared());
        inner = a.and_then(|a| Some(a.children().next()?.into_shared()));
        let inner = inner.as_ref().unwrap();
        // No accessor copies or decodes either.
        assert_eq!((inner.ns(), inner.lang().as_deref()), ("urn:z&", Some("de")));
        assert_eq!((inner.attr("c").as_deref(), &*inner.text()), (Some("d"), "e"));
    });
    assert_eq!(cost.count_total, 0);
    let inner = inner.unwrap();
    // A small part keeps all: what limits count.
    assert_eq!(inner.held_bytes(), shared.held_bytes());
    drop((shared, rx));
    let mut alone = None;
    let cost = measure(|| alone = Some(inner.detach()));
    let alone = alone.unwrap();
    assert_eq!(alone, inner);
    assert_eq!((alone.ns(), alone.lang().as_deref()), ("urn:z&", Some("de")));
    assert_eq!(cost.bytes_current as usize, alone.held_bytes());
    assert!(alone.held_bytes() < inner.held_bytes());
}

#[test]
fn a_part_alone_holds_what_it_uses() {
    // Of what the header declares, nothing unless something is inherited.
    for (header, stanza, uses) in [
        ("", "<a><b/></a>", false),
        ("xmlns:p='urn:p'", "<a><b/></a>", false),
        ("xmlns:p='urn:p'", "<a><p:b/></a>", true),
        ("xml:lang='en'", "<a><b/></a>", true),
        ("xml:lang='en'", "<a><b xml:lang='de'/></a>", false),
    ] {
        let (mut rx, mut reader) = (RecvBuffer::new(1 << 16), StreamReader::new(Limits::default()));
        rx.push(format!("<s:s xmlns:s='urn:s' {header}>{stanza}").as_bytes());
        assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Header(_)))));
        let Ok(Some(Item::Element(a))) = reader.poll(&mut rx) else { panic!() };
        for alone in [
            a.into_shared().as_ref().children().next().unwrap().into_shared().detach(),
            a.children().next().unwrap().into_shared(),
        ] {
            let own = 8 * alone.source().len() + 80;
            assert_eq!(alone.held_bytes() > own, uses, "{stanza} {header} {}", alone.held_bytes());
        }
    }
}

#[test]
fn what_is_held_is_what_is_told() {
    // Markup as dense as it can be: the tape is several times the text.
    let dense = format!("<iq>{}</iq>", "<a/>".repeat(2000));
    for stanza in ["<presence/>", &dense, "<iq xmlns:p='u&amp;'><p:a/></iq>"] {
        let (mut rx, mut reader) = connection();
        rx.push(stanza.as_bytes());
        let Ok(Some(Item::Element(element))) = reader.poll(&mut rx) else { panic!() };
        let mut shared = None;
        let cost = measure(|| shared = Some(element.into_shared()));
        let told = shared.as_ref().unwrap().held_bytes();
        // Of the scope there is one: a clone of the count.
        let scope = told - cost.bytes_current as usize;
        assert!((100..1000).contains(&scope), "{told} of {cost:?}");
        let bytes = stanza.len() as i64 * 10 + 500;
        assert!(cost.bytes_current < bytes, "{cost:?}");
    }
}

#[test]
fn what_a_header_declares_is_held_once_a_stream() {
    // 660 small stanzas kept after a header as large as it may be: they used
    // to hold it once each.
    let uri = "u".repeat(900);
    let header = format!(
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
         xmlns:a='{uri}' xmlns:b='{uri}' xmlns:c='{uri}' xmlns:d='{uri}' xml:lang='en'>"
    );
    let mut rx = RecvBuffer::new(1 << 16);
    let mut reader = StreamReader::new(Limits::default());
    rx.push(header.as_bytes());
    assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Header(_)))));
    let mut kept = Vec::with_capacity(660);
    let cost = measure(|| {
        for _ in 0..660 {
            rx.push(b"<message to='juliet@example.com'><body>Hi</body></message>");
            let Ok(Some(Item::Element(message))) = reader.poll(&mut rx) else { panic!() };
            kept.push(message.into_shared());
        }
    });
    assert!(cost.bytes_current < 660 * 300, "{cost:?}");
    assert!(kept.iter().all(|message| message.lang().as_deref() == Some("en")));
}

#[test]
fn elements_that_are_kept_of_one_are_shared_once() {
    // Each of very many children inherits a prefix and a language.
    for root in ["iq xmlns:p='urn:p'", "iq xml:lang='de'", "iq"] {
        let text = format!(
            "<{root}>{}</iq>",
            "<a b='c'>d</a><p:e/>"
                .replace("p:", if root.contains("xmlns:p") { "p:" } else { "x:" },)
                .repeat(4950)
        );
        let (mut reader, mut rx) = (StreamReader::new(Limits::default()), RecvBuffer::new(1 << 20));
        rx.push(HEADER);
        assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Header(_)))));
        rx.push(text.as_bytes());
        let Ok(Some(Item::Element(iq))) = reader.poll(&mut rx) else { panic!() };
        let mut kept = Vec::with_capacity(9900);
        let cost = measure(|| {
            let mut sharing = Sharing::new(iq);
            kept.extend(iq.children().map(|child| sharing.share(child)));
        });
        assert_eq!((kept.len(), cost.count_total), (9900, 2));
        for (kept, child) in kept.iter().zip(iq.children()).step_by(100) {
            assert_eq!((kept.source(), kept.lang()), (child.source(), child.lang()));
            assert_eq!(*kept, child);
        }
        // The same of an element within, which is moved when it is copied.
        let inner = format!("<w xmlns:p='urn:p' xml:lang='de'>{text}<w/></w>");
        rx.push(inner.as_bytes());
        let Ok(Some(Item::Element(w))) = reader.poll(&mut rx) else { panic!() };
        let iq = w.children().next().unwrap();
        let mut sharing = Sharing::new(iq);
        let kept: Vec<_> = iq.children().map(|child| sharing.share(child)).collect();
        assert!(kept.iter().zip(iq.children()).step_by(100).all(|(kept, child)| *kept == child));
        // One that is not within is shared by itself.
        let outside = sharing.share(w.children().nth(1).unwrap());
        assert_eq!((outside.source(), outside.lang().as_deref()), ("<w/>", Some("de")));
    }
}

#[test]
fn memory_of_a_dense_stanza_comes_back() {
    // An element as large and as dense as it may be: most of what was needed
    // for it is the tape.
    let (mut rx, mut reader) = connection();
    let mut rx = {
        let mut large = RecvBuffer::new(1 << 20);
        reader.restart();
        large.push(HEADER);
        assert!(matches!(reader.poll(&mut large), Ok(Some(Item::Header(_)))));
        core::mem::swap(&mut rx, &mut large);
        rx
    };
    let before = rx.held_bytes();
    let dense = format!("<iq>{}</iq>", "<a><b/></a>".repeat(9_990));
    for piece in dense.as_bytes().chunks(4096) {
        rx.unfilled()[..piece.len()].copy_from_slice(piece);
        rx.advance(piece.len());
        let _ = reader.poll(&mut rx).unwrap();
    }
    assert!(rx.held_bytes() > 10 * dense.len(), "{}", rx.held_bytes());
    rx.release();
    assert!(rx.held_bytes() <= before.min(1024), "{}", rx.held_bytes());
    // To call it again is no work, and it does no harm in an element.
    let cost = measure(|| (0..100).for_each(|_| rx.release()));
    assert_eq!(cost.count_total, 0);
    rx.push(b"<iq><a b='");
    assert!(reader.poll(&mut rx).unwrap().is_none());
    rx.release();
    rx.push(b"'/></iq>");
    let Ok(Some(Item::Element(iq))) = reader.poll(&mut rx) else { panic!() };
    assert_eq!(iq.source(), "<iq><a b=''/></iq>");
}

#[test]
fn an_idle_reader_is_small_and_its_buffer_can_be_given_back() {
    let mut idle = None;
    let cost = measure(|| {
        let (mut rx, mut reader) = connection();
        receive(&mut rx, &mut reader, 1000);
        assert!(reader.poll(&mut rx).unwrap().is_none());
        rx.release();
        idle = Some((rx, reader));
    });
    let (mut rx, mut reader) = idle.unwrap();
    let heap = cost.bytes_current;
    let inline = size_of::<StreamReader>() + size_of::<RecvBuffer>();
    println!(
        "{} bytes of reader, {inline} inline with its buffer, {heap} on the heap",
        size_of::<StreamReader>()
    );
    // RFC 6120 streams are idle most of the time.
    assert!(size_of::<StreamReader>() < 512);
    assert!(heap < 512, "{heap} bytes");
    // The scope of the stream is still there.
    receive(&mut rx, &mut reader, 1000);
}

#[test]
fn where_messages_end_costs_no_more_than_they_do() {
    let limit = 64 * 1024;
    for message in [&b""[..], b"x", b"<a/>", b"<message/>"] {
        let cost = measure(|| {
            let mut rx = RecvBuffer::new(limit);
            while rx.push(message) == message.len() && rx.received() < limit as u64 {
                for _ in 0..if message.is_empty() { 100_000 } else { 1 } {
                    rx.end_of_message();
                }
                if message.is_empty() {
                    break;
                }
            }
        });
        assert!(cost.bytes_max <= 10 * limit as u64, "{message:?}: {cost:?}");
        if message.len() < 4 {
            assert!(cost.bytes_max <= 3 * limit as u64, "{message:?}: {cost:?}");
        }
    }
}

#[test]
fn readers_of_bytes_keep_nothing_of_messages() {
    let (mut rx, mut reader) = connection();
    let mut received = |times| {
        measure(|| {
            for _ in 0..times {
                receive(&mut rx, &mut reader, 1000);
                rx.end_of_message();
            }
        })
    };
    received(100);
    let cost = received(10_000);
    assert_eq!(cost.count_total, 0, "{cost:?}");
}

#[test]
fn sending_costs_no_allocation_in_the_steady_state() {
    for framing in [Framing::Stream, Framing::WebSocket] {
        let mut tx = SendBuffer::new(framing);
        let mut send = || {
            for _ in 0..10 {
                tx.push_frame(|w| {
                    let content = w.content();
                    w.start(content, "message").leaf(content, "body", "1 < 2").end();
                })
                .unwrap();
            }
            assert_ne!(tx.unsent().len(), 0);
            // A byte stays behind.
            tx.sent(tx.len() - 1);
            assert!(
                tx.push_frame(|w| {
                    w.start(ns::SM, "r");
                })
                .is_err()
            );
        };
        (0..1000).for_each(|_| send());
        let cost = measure(|| (0..1000).for_each(|_| send()));
        assert_eq!(cost.count_total, 0, "{framing:?}: {cost:?}");
    }
}

#[test]
fn what_a_buffer_holds_is_told() {
    let dense = format!("<iq>{}", "<a b='c'/>".repeat(500));
    let uri = "<iq xmlns:p='urn:p&amp;'><p:a xmlns:q='urn:q&amp;'";
    for (messages, text) in [(0, "<iq"), (0, &*dense), (0, uri), (1000, "")] {
        let mut kept = None;
        let cost = measure(|| {
            let (mut rx, mut reader) = connection();
            rx.unfilled()[..text.len().min(1000)]
                .copy_from_slice(&text.as_bytes()[..text.len().min(1000)]);
            rx.advance(text.len().min(1000));
            rx.push(&text.as_bytes()[text.len().min(1000)..]);
            assert!(reader.poll(&mut rx).unwrap().is_none());
            for _ in 0..messages {
                rx.push(b"<a/>");
                rx.end_of_message();
            }
            kept = Some(rx);
        });
        let told = kept.as_ref().unwrap().held_bytes() as u64;
        // Two counts are before what the header declares.
        let counts = 2 * size_of::<usize>() as u64;
        assert_eq!(told + counts, cost.bytes_current as u64, "{messages} {text:.10}");
    }
}

#[test]
fn what_messages_took_comes_back() {
    let mut rx = RecvBuffer::new(1 << 20);
    let mut reader = StreamReader::with_framing(Limits::default(), Framing::WebSocket);
    rx.push(b"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
    rx.end_of_message();
    for _ in 0..10_000 {
        rx.push(b"<a/>");
        rx.end_of_message();
    }
    let mut read = 0;
    while reader.poll(&mut rx).unwrap().is_some() {
        read += 1;
    }
    assert_eq!(read, 10_001);
    assert!(rx.held_bytes() > 100_000, "{}", rx.held_bytes());
    rx.release();
    assert!(rx.held_bytes() < 1024, "{}", rx.held_bytes());
}

#[test]
fn what_is_read_leaves_the_buffer_though_there_is_always_more() {
    // The end of each piece is the beginning of the next element.
    for stanza in [&b"<a/>"[..], STANZA, &[b"<iq>", &b"<a/>".repeat(1500)[..], b"</iq>"].concat()] {
        let (mut rx, mut reader) = connection();
        rx.push(b"<");
        let mut read = 0;
        let count = 400_000 / stanza.len();
        for _ in 0..count {
            rx.push(&stanza[1..]);
            rx.push(b"<");
            while reader.poll(&mut rx).unwrap().is_some() {
                read += 1;
            }
            assert_eq!(rx.unread(), 1);
        }
        assert_eq!(read, count);
        rx.push(b"a/>");
        let tape = 10 * stanza.len();
        assert!(rx.held_bytes() < 32 * 1024 + 4 * stanza.len() + 2 * tape, "{}", rx.held_bytes());
    }
}

#[test]
fn what_is_too_large_is_not_written_on() {
    let calls: [fn(&mut Writer<'_>); 3] = [
        |w| _ = w.start(ns::CLIENT, "b").end(),
        |w| _ = w.start(ns::CLIENT, "b").attr("c", "d").end(),
        |w| _ = w.start_prefixed("p", Ns::new("urn:p"), "b").end(),
    ];
    for call in calls {
        let mut out = Vec::new();
        let mut w = Writer::in_stream(&mut out, ns::CLIENT).at_most(100);
        w.start(ns::CLIENT, "a");
        (0..1000).for_each(|_| call(&mut w));
        w.end();
        assert_eq!(w.finish(), Err(WriteError::TooLarge));
        assert!(out.capacity() < 1000, "{}", out.capacity());
    }
}
