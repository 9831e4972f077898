//! The receive buffer: how much goes in, what of it is told, what is forgotten.

use xmpp_xml::{DocumentReader, ErrorKind, Item, Limits, RecvBuffer, StreamReader, ns};

const HEADER: &[u8] = b"<s:s xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams'>";

fn opened(limit: usize) -> (RecvBuffer, StreamReader) {
    let (mut rx, mut reader) = (RecvBuffer::new(limit), StreamReader::new(Limits::default()));
    assert_eq!(rx.push(HEADER), HEADER.len());
    assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Header(_)))));
    (rx, reader)
}

#[test]
fn no_more_goes_in_than_the_limit() {
    let mut rx = RecvBuffer::new(10);
    assert_eq!((rx.limit(), rx.unfilled().len(), rx.is_full()), (10, 10, false));
    assert_eq!((rx.push(b"123456"), rx.unread(), rx.received()), (6, 6, 6));
    assert_eq!((rx.unfilled().len(), rx.is_full()), (4, false));
    assert_eq!((rx.push(b"78901"), rx.unread(), rx.received()), (4, 10, 10));
    assert_eq!((rx.unfilled().len(), rx.is_full(), rx.push(b"x")), (0, true, 0));
    // What has been read makes room.
    let (mut rx, mut reader) = opened(100);
    let room = 100 - "<a>".len();
    assert_eq!(rx.push(b"<presence/><a>"), 14);
    assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Element(_)))));
    assert_eq!((rx.unread(), rx.unfilled().len()), (3, room));
    assert_eq!((rx.push(&[b' '; 200]), rx.is_full()), (room, true));
    assert_eq!(rx.received(), (HEADER.len() + 11 + 100) as u64);
    // A full one takes no memory to read into.
    let mut full = RecvBuffer::new(0);
    assert_eq!((full.unfilled().len(), full.is_full(), full.held_bytes()), (0, true, 8));
    // A read is no larger than is good for one, and no more than it gave counts.
    let mut rx = RecvBuffer::new(1 << 20);
    assert_eq!(rx.unfilled().len(), 4096);
    rx.unfilled()[..4].copy_from_slice(b"<a/>");
    rx.advance(4);
    assert_eq!((rx.unread(), rx.received()), (4, 4));
    rx.unfilled();
    rx.advance(usize::MAX);
    assert_eq!(rx.unread(), 4100);
}

#[test]
fn cut_and_bad_characters_count_as_unread() {
    let (mut rx, mut reader) = opened(1000);
    for (bytes, unread, space) in [
        (&b""[..], 0, true),
        (b" ", 1, true),
        (b"\t\r\n ", 5, true),
        (b"\xc3", 6, false),
        (b"\xa9", 7, false),
        (b"\xe2\x82", 9, false),
        (b"\xff", 10, false),
        (b"  ", 12, false),
    ] {
        assert_eq!(rx.push(bytes), bytes.len());
        assert_eq!((rx.unread(), rx.unread_is_space()), (unread, space), "{bytes:x?}");
    }
    assert_eq!(rx.received(), HEADER.len() as u64 + 12);
    let error = reader.poll(&mut rx).unwrap_err();
    assert_eq!(
        (error.kind(), error.offset()),
        (ErrorKind::TextOutsideRoot, HEADER.len() as u64 + 5)
    );
    // A bad byte alone is no white space either.
    let (mut rx, _) = opened(1000);
    rx.push(b" \xff");
    assert!(!rx.unread_is_space());
    rx.clear();
    assert!(rx.unread_is_space());
}

#[test]
fn what_is_cleared_is_forgotten() {
    for text in
        [&b"<a><b"[..], b"<a b='&am", b"<a>\xc3", b"<a>\xff<b/>", b"<a/><b/>", b"<a><!", b""]
    {
        let (mut rx, mut reader) = opened(1000);
        rx.push(text);
        if text.starts_with(b"<a/>") {
            assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Element(_)))));
        } else if !text.contains(&0xff) {
            assert!(reader.poll(&mut rx).unwrap().is_none());
        }
        rx.clear();
        assert_eq!((rx.unread(), rx.element().is_none()), (0, true));
        assert_eq!(rx.received(), (HEADER.len() + text.len()) as u64);
        rx.push(b"<c>\xc3\xa9</c>");
        let Ok(Some(Item::Element(c))) = reader.poll(&mut rx) else { panic!("{text:x?}") };
        assert_eq!((c.source(), c.is(ns::CLIENT, "c")), ("<c>é</c>", true));
        assert_eq!(reader.item_offset(), (HEADER.len() + text.len()) as u64);
    }
}

#[test]
fn its_debug_tells_counts_alone() {
    let (mut rx, _) = opened(1000);
    rx.push(b"<auth>c2VjcmV0</auth>");
    assert_eq!(
        format!("{rx:?}"),
        format!("RecvBuffer {{ unread: 21, received: {}, limit: 1000, .. }}", HEADER.len() + 21)
    );
}

#[test]
fn characters_may_be_cut_anywhere() {
    let text = "<a b='é€😀'>é€😀<c/>😀€é</a>";
    for piece in 1..text.len() {
        for read in [false, true] {
            let (mut rx, mut reader) = opened(1000);
            for piece in text.as_bytes().chunks(piece) {
                rx.unfilled()[..piece.len()].copy_from_slice(piece);
                rx.advance(piece.len());
                if read && rx.received() < (HEADER.len() + text.len()) as u64 {
                    assert!(reader.poll(&mut rx).unwrap().is_none());
                }
            }
            let Ok(Some(Item::Element(a))) = reader.poll(&mut rx) else { panic!() };
            assert_eq!(a.source(), text);
        }
    }
}

#[test]
fn a_document_knows_where_its_root_is() {
    for (prolog, epilog) in [
        ("", ""),
        ("<?xml version='1.0'?>", "\n"),
        ("\u{feff}", " "),
        ("\u{feff}<?xml version='1.0'?> \n", " \t\r\n"),
        ("\n\n", ""),
    ] {
        let text = format!("{prolog}<a><b/></a>{epilog}");
        for piece in [1, 4, 100] {
            let mut rx = RecvBuffer::new(1000);
            let mut reader = DocumentReader::new(Limits::default());
            for piece in text.as_bytes().chunks(piece) {
                rx.push(piece);
                reader.read(&mut rx).unwrap();
            }
            let root = reader.finish(&mut rx).unwrap();
            assert_eq!((root.source(), root.offset()), ("<a><b/></a>", 0));
            assert_eq!(reader.root_offset(), prolog.len() as u64);
        }
    }
    // What is wrong stays wrong.
    let mut rx = RecvBuffer::new(1000);
    let mut reader = DocumentReader::new(Limits::default());
    rx.push(b"<a><1");
    let error = reader.read(&mut rx).unwrap_err();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::InvalidName, 3));
    rx.push(b">");
    assert_eq!((reader.read(&mut rx), reader.finish(&mut rx).err()), (Err(error), Some(error)));
}
