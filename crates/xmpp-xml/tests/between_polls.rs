//! What a caller may do to the buffer between two items.

use xmpp_xml::{Item, Limits, RecvBuffer, StreamReader, ns};

const HEADER: &str = "<stream:stream xmlns='jabber:client' xmlns:p='urn:p' xml:lang='la' \
    xmlns:stream='http://etherx.jabber.org/streams'>";

#[test]
fn declarations_of_the_header_outlive_it_whatever_is_read_in_between() {
    for meddle in [
        (|rx| assert!(!rx.unfilled().is_empty())) as fn(&mut RecvBuffer),
        |rx| rx.release(),
        |rx| rx.advance(0),
        |rx| assert_eq!(rx.push(b" "), 1),
    ] {
        let (mut reader, mut rx) = (StreamReader::new(Limits::default()), RecvBuffer::new(1 << 16));
        rx.push(HEADER.as_bytes());
        assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Header(_)))));
        meddle(&mut rx);
        rx.push(b"<stream:features/><p:q/>");
        let Ok(Some(Item::Element(features))) = reader.poll(&mut rx) else { panic!() };
        assert!(features.is(ns::STREAM, "features"));
        assert_eq!(features.lang().as_deref(), Some("la"));
        meddle(&mut rx);
        let Ok(Some(Item::Element(other))) = reader.poll(&mut rx) else { panic!() };
        assert_eq!(other.ns(), "urn:p");
    }
}

#[test]
fn the_last_item_is_there_until_the_buffer_is_used() {
    let (mut reader, mut rx) = (StreamReader::new(Limits::default()), RecvBuffer::new(1 << 16));
    assert!(rx.element().is_none());
    rx.push(HEADER.as_bytes());
    rx.push(b"<a/></stream:stream>");
    reader.poll(&mut rx).unwrap();
    assert_eq!(rx.element().map(|header| header.name()), Some("stream"));
    reader.poll(&mut rx).unwrap();
    assert_eq!(rx.element().map(|element| element.source()), Some("<a/>"));
    assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Closed))));
    assert!(rx.element().is_none());
}

#[test]
fn a_character_that_goes_wrong_in_the_next_piece_is_noticed() {
    for bad in [&b"\xe2\x82<"[..], b"\xe2<", b"\xf0\x9f\x98 ", b"\xc3\xc3"] {
        let input = [HEADER.as_bytes(), b"<a>", bad].concat();
        let errors: Vec<_> = [1, 2, input.len()]
            .into_iter()
            .map(|size| {
                let mut reader = StreamReader::new(Limits::default());
                let mut rx = RecvBuffer::new(1 << 16);
                input.chunks(size).find_map(|piece| {
                    assert_eq!(rx.push(piece), piece.len());
                    loop {
                        match reader.poll(&mut rx) {
                            Ok(Some(_)) => {}
                            Ok(None) => return None,
                            Err(error) => return Some(error),
                        }
                    }
                })
            })
            .collect();
        assert!(errors[0].is_some(), "{bad:x?}");
        assert!(errors.iter().all(|error| *error == errors[0]), "{bad:x?}: {errors:?}");
    }
}
