//! Traffic of real programs, and the examples of the XEPs: all of it is read,
//! and is the same when it is written and read again.

use std::fs;
use std::path::{Path, PathBuf};

use xmpp_xml::{Element, Item, Limits, RecvBuffer, StreamReader, Token, Tokens, Writer, ns};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Reads the streams of a recording one after the other: their headers follow
/// one another without an end tag. Gives the number of first-level elements.
fn read_all(recording: &[u8], piece: usize, mut each: impl FnMut(&Element)) -> usize {
    let mut rx = RecvBuffer::new(1 << 20);
    let mut reader = StreamReader::new(Limits::default());
    let mut pieces = recording.chunks(piece);
    let mut count = 0;
    // Where the next stream begins: only whoever negotiates knows, so look.
    let restarts: Vec<u64> = find(recording, b"<stream:stream").map(|at| at as u64).collect();
    let declared = |at: u64| recording[at as usize..].starts_with(b"<?xml");
    let mut headers = 0;
    loop {
        let consumed = rx.received() - rx.unread() as u64;
        let rest = &recording[consumed as usize..];
        let blank = rest.iter().take_while(|b| b.is_ascii_whitespace()).count() as u64;
        let next = consumed + blank;
        if headers > 0 && headers < restarts.len() && (restarts[headers] == next || declared(next))
        {
            reader.restart();
        }
        match reader.poll(&mut rx) {
            Ok(Some(Item::Header(_))) => headers += 1,
            Ok(Some(Item::Element(element))) => {
                count += 1;
                each(&element.into_shared());
            }
            Ok(Some(_)) => {}
            Ok(None) => match pieces.next() {
                Some(piece) => assert_eq!(rx.push(piece), piece.len()),
                None => return count,
            },
            Err(error) => {
                panic!("{error}: {}", String::from_utf8_lossy(&rest[..rest.len().min(200)]))
            }
        }
    }
}

fn find<'a>(text: &'a [u8], what: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    text.windows(what.len()).enumerate().filter(move |(_, w)| *w == what).map(|(at, _)| at)
}

/// Writes the element into a stream, reads it from there.
fn round_trip(element: &Element) -> Element {
    let mut out = Vec::new();
    // Another content namespace than its own would become that of the stream.
    let content = [ns::CLIENT, ns::SERVER, ns::COMPONENT_ACCEPT];
    let content = content.into_iter().find(|&ns| element.has_ns(ns)).unwrap_or(ns::NONE);
    Writer::stream_header(&mut out, content, &[], &[]).unwrap();
    let mut w = Writer::in_stream(&mut out, content);
    w.element(element.as_ref());
    w.finish().unwrap();
    let mut rx = RecvBuffer::new(1 << 20);
    let mut reader = StreamReader::new(Limits::default());
    rx.push(&out);
    assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Header(_)))));
    let Ok(Some(Item::Element(again))) = reader.poll(&mut rx) else {
        panic!("{}", String::from_utf8_lossy(&out))
    };
    again.into_shared()
}

#[track_caller]
fn check(element: &Element) {
    let again = round_trip(element);
    assert_eq!(again.lang(), element.lang());
    // A language that was the stream's is the element's own now.
    let inherited = element.attr_ns(ns::XML, "lang").is_none() && element.lang().is_some();
    if !inherited {
        assert_eq!(again.canonical(), element.canonical());
        assert_eq!(again, *element);
    }
    assert_eq!(round_trip(&again), again);
}

#[test]
fn recordings_of_real_programs() {
    let mut files = 0;
    let mut elements = 0;
    for entry in fs::read_dir(repository().join("conformance/vectors/xml/real")).unwrap() {
        let recording = fs::read(entry.unwrap().path()).unwrap();
        files += 1;
        let whole = read_all(&recording, 1 << 19, |element| check(element));
        let piece = if recording.len() < 20_000 { 1 } else { 13 };
        assert_eq!(read_all(&recording, piece, |_| ()), whole);
        elements += whole;
    }
    assert!(files > 60 && elements > 1000, "{elements} elements in {files} files");
}

#[test]
fn examples_of_the_xeps() {
    let corpus = fs::read(repository().join("benches/corpora/xep-stanzas.xml")).unwrap();
    let mut count = 0;
    let elements = read_all(&corpus, 4096, |element| {
        count += 1;
        check(element);
        // Each child on its own as well, every tenth time.
        if count % 10 == 0 {
            for child in element.children() {
                let shared = child.into_shared();
                assert_eq!(shared, child);
                let again = Element::parse(shared.to_string()).unwrap();
                assert_eq!(again.lang(), child.lang());
                if child.lang().is_none() {
                    assert_eq!(again, child);
                }
            }
        }
    });
    assert_eq!(elements, 4507);
}

#[test]
fn tokens_of_a_corpus_are_those_of_its_elements() {
    let corpus = fs::read_to_string(repository().join("benches/corpora/xep-stanzas.xml")).unwrap();
    let mut tokens = Tokens::new(&corpus, Limits::trusted());
    let (mut starts, mut ends) = (0, 0);
    while let Some(token) = tokens.next().unwrap() {
        match token {
            Token::Start(_) => starts += 1,
            Token::End(_) => ends += 1,
            Token::Text(_) => {}
        }
    }
    assert_eq!((starts, ends), (23008, 23008));
}
