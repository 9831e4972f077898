//! What is promised about memory.

use allocation_counter::measure;
use xmpp_xml::{Framing, Item, Limits, RecvBuffer, SendBuffer, StreamReader, Token, Tokens, ns};

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
            let mut shared = None;
            let cost = measure(|| shared = Some(child.into_shared()));
            assert!(cost.count_max <= 5, "{cost:?}");
            assert_eq!(cost.count_current, 2);
        }
    }
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
