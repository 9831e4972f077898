//! The same bytes whole and in pieces: the same items, the same error at the
//! same place.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xmpp_xml::{DocumentReader, Element, Error, Item, Limits, RecvBuffer, StreamReader};

fn stream(pieces: &[&[u8]]) -> (Vec<String>, Option<Error>) {
    let mut rx = RecvBuffer::new(1 << 16);
    let mut reader = StreamReader::new(Limits::unauthenticated());
    let mut items = Vec::new();
    for piece in pieces {
        rx.push(piece);
        loop {
            match reader.poll(&mut rx) {
                Ok(None) => break,
                Ok(Some(Item::Header(e))) => items.push(format!("{} {:?}", e.source(), e.lang())),
                Ok(Some(Item::Element(e))) => {
                    items.push(format!("{} {:?}", e.canonical(), e.lang()))
                }
                Ok(Some(_)) => items.push("closed".into()),
                Err(error) => return (items, Some(error)),
            }
        }
    }
    let end = reader.finish(&mut rx);
    (items, end.err())
}

fn document(pieces: &[&[u8]]) -> Result<Element, Error> {
    let mut rx = RecvBuffer::new(1 << 16);
    let mut reader = DocumentReader::new(Limits::unauthenticated());
    for piece in pieces {
        rx.push(piece);
        reader.read(&mut rx)?;
    }
    reader.finish(&mut rx).map(|root| root.into_shared())
}

// The first byte says how long the pieces are.
fuzz_target!(|bytes: &[u8]| {
    let Some((&len, bytes)) = bytes.split_first() else { return };
    if bytes.len() > 30_000 {
        return;
    }
    let pieces: Vec<&[u8]> = bytes.chunks(usize::from(len) % 70 + 1).collect();
    assert_eq!(stream(&pieces), stream(&[bytes]));
    let whole = document(&[bytes]);
    assert_eq!(document(&pieces), whole);
    assert_eq!(Element::parse_within(bytes, Limits::unauthenticated()), whole);
});
