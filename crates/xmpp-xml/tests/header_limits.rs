//! A stream header has limits of its own, before and after authentication,
//! and what is inherited has a limit of length everywhere (RFC 6120, section
//! 13.12): what a peer declares once may be used very often.

use xmpp_xml::{
    Condition, Element, Error, ErrorKind, Framing, Item, Limits, RecvBuffer, StreamReader, Tokens,
};

/// How many items a stream gives, and its error, in pieces of that length.
fn read(input: &str, limits: Limits, piece: usize) -> (usize, Option<Error>) {
    let mut rx = RecvBuffer::new(1 << 20);
    let mut reader = StreamReader::new(limits);
    let mut items = 0;
    for piece in input.as_bytes().chunks(piece) {
        assert_eq!(rx.push(piece), piece.len());
        loop {
            match reader.poll(&mut rx) {
                Ok(Some(_)) => items += 1,
                Ok(None) => break,
                Err(error) => return (items, Some(error)),
            }
        }
    }
    (items, None)
}

#[track_caller]
fn over(input: &str, limits: Limits, kind: ErrorKind, at: usize, stopped: usize) {
    let (items, error) = read(input, limits, input.len());
    let error = error.expect("over a limit");
    assert_eq!((error.kind(), error.condition()), (kind, Condition::PolicyViolation));
    assert_eq!((error.offset(), error.stopped_at()), (at as u64, stopped as u64), "{error}");
    for piece in [1, 2, 7, 100] {
        assert_eq!(read(input, limits, piece), (items, Some(error)), "pieces of {piece}");
    }
}

#[track_caller]
fn within(input: &str, limits: Limits, items: usize) {
    for piece in [input.len(), 1, 7] {
        assert_eq!(read(input, limits, piece), (items, None), "pieces of {piece}");
    }
}

const BOTH: [fn() -> Limits; 2] = [Limits::unauthenticated, Limits::default];
const STREAM: &str = "<stream:stream xmlns:stream='http://etherx.jabber.org/streams'";

#[test]
fn a_header_is_over_the_limit_of_its_bytes() {
    for limits in BOTH {
        let attribute = |bytes: usize| format!("{STREAM} x='{}'>", "y".repeat(bytes));
        let rest = attribute(0).len();
        within(&attribute(4096 - rest), limits(), 1);
        within(&format!("<?xml version='1.0'?>{}", attribute(4096 - rest)), limits(), 1);
        over(&attribute(4097 - rest), limits(), ErrorKind::TooManyBytes, 0, 4096);
        over(&attribute(250_000), limits(), ErrorKind::TooManyBytes, 0, 4096);
        let declared = format!("<?xml version='1.0'?>{}", attribute(250_000));
        over(&declared, limits(), ErrorKind::TooManyBytes, 21, 21 + 4096);
    }
    // It is not the limit of elements, nor the other way round.
    let long = format!("{STREAM}><a>{}</a>", "x".repeat(5000));
    within(&long, Limits::default(), 2);
    within(&long, Limits::default().max_header_bytes(STREAM.len() as u32 + 1), 2);
    let limits = Limits::default().max_element_bytes(10);
    within(&format!("{STREAM}><a/>"), limits, 2);
}

#[test]
fn a_header_has_a_limit_of_its_declarations() {
    let header = |declarations: usize| {
        let declarations: String =
            (1..declarations).map(|i| format!(" xmlns:p{i}='urn:{i}'")).collect();
        format!("{STREAM}{declarations}>")
    };
    for limits in BOTH {
        within(&header(16), limits(), 1);
        let at = header(16).len();
        over(
            &header(17),
            limits(),
            ErrorKind::TooManyNamespaces,
            at,
            at + " xmlns:p16='urn:16".len() - 1,
        );
    }
    // Those of the header are in scope within elements and count there.
    let limits = Limits::default().max_namespaces(17);
    within(&format!("{}<a xmlns='b'/>", header(16)), limits, 2);
    let at = header(16).len() + "<a xmlns='b'><c ".len();
    let input = format!("{}<a xmlns='b'><c xmlns='d'/></a>", header(16));
    over(&input, limits, ErrorKind::TooManyNamespaces, at, at + "xmlns='d".len());
}

#[test]
fn a_uri_has_a_limit_wherever_it_is_declared() {
    for limits in BOTH {
        for (before, after) in [
            (format!("{STREAM} xmlns='"), "'>"),
            (format!("{STREAM} xmlns:p='"), "'>"),
            (format!("{STREAM}><a xmlns='"), "'/>"),
            (format!("{STREAM}><a><b xmlns='"), "'/></a>"),
            (format!("{STREAM}><a b='' c:d='' xmlns:c='"), "'/>"),
            (format!("{STREAM}><a xmlns:c=\""), "\"><c:b/></a>"),
        ] {
            let with = |uri: &str| format!("{before}{uri}{after}");
            let items = read(&with("u"), limits(), 1000).0;
            within(&with(&"u".repeat(1024)), limits(), items);
            let (at, value) = (before.rfind("xmlns").unwrap(), before.len());
            over(&with(&"u".repeat(1025)), limits(), ErrorKind::UriTooLong, at, value + 1024);
            // As sent, references and all.
            let references = "&amp;".repeat(205);
            over(&with(&references), limits(), ErrorKind::UriTooLong, at, value + 1024);
        }
    }
    // The same limit in documents and for tokens.
    let document = format!("<a xmlns='{}'/>", "u".repeat(1025));
    let error = Element::parse(&document).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UriTooLong);
    assert_eq!(Tokens::new(&document, Limits::default()).next().map(drop), Err(error));
    assert!(Element::parse_within(&document, Limits::trusted()).is_ok());
    // A well-known one too, whatever the limit.
    let input = format!("{STREAM}><a xmlns='jabber:client'/>");
    let at = STREAM.len() + "><a ".len();
    let value = at + "xmlns='".len();
    let limits = Limits::default().max_uri_bytes(12);
    let header = "<s xmlns='urn:s'>";
    over(
        &input.replace(&input[..STREAM.len() + 1], header),
        limits,
        ErrorKind::UriTooLong,
        header.len() + 3,
        header.len() + 3 + (value - at) + 12,
    );
}

#[test]
fn a_language_tag_has_a_limit() {
    for before in [format!("{STREAM} xml:lang='"), format!("{STREAM}><a b='' xml:lang='")] {
        let with = |len: usize| format!("{before}{}'/>", "e".repeat(len));
        let items = read(&with(1), Limits::default(), 1000).0;
        within(&with(128), Limits::default(), items);
        let (at, value) = (before.rfind("xml:lang").unwrap(), before.len());
        over(&with(129), Limits::default(), ErrorKind::LanguageTooLong, at, value + 128);
        within(&with(129), Limits::trusted(), items);
    }
}

#[test]
fn a_header_within_trusted_limits_may_be_large() {
    let declarations: String =
        (0..500).map(|i| format!(" xmlns:p{i}='urn:{}'", "u".repeat(2000 + i))).collect();
    let input = format!("{STREAM}{declarations}><p499:a/>");
    let mut rx = RecvBuffer::new(4 << 20);
    let mut reader = StreamReader::new(Limits::trusted());
    assert_eq!(rx.push(input.as_bytes()), input.len());
    assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Header(_)))));
    let Ok(Some(Item::Element(element))) = reader.poll(&mut rx) else { panic!() };
    assert_eq!(element.ns().len(), "urn:".len() + 2499);
}

#[test]
fn each_framing_has_that_limit_for_its_header() {
    const HEADERS: [(Framing, &str); 2] = [
        (Framing::Stream, "<s:s xmlns:s='http://etherx.jabber.org/streams'>"),
        (Framing::WebSocket, "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"),
    ];
    for (framing, header) in HEADERS {
        // However long the declaration before it, and the elements behind.
        let input = format!("<?xml version='1.0' encoding='utf-8' standalone='yes'  ?>{header}");
        let most = header.len() as u32;
        for (limits, fits) in [
            (Limits::default().max_header_bytes(most), true),
            (Limits::default().max_header_bytes(most - 1), false),
            (Limits::default().max_element_bytes(10), true),
        ] {
            for piece in [1, 5, 1000] {
                let mut rx = RecvBuffer::new(1 << 16);
                let mut reader = StreamReader::with_framing(limits, framing);
                let mut found = Ok(None);
                for piece in input.as_bytes().chunks(piece) {
                    assert_eq!(found, Ok(None));
                    rx.push(piece);
                    found = match reader.poll(&mut rx) {
                        Ok(Some(Item::Header(header))) => Ok(Some(header.source().to_owned())),
                        Ok(item) => Ok(item.map(|_| String::new())),
                        Err(error) => Err((error.kind(), error.stopped_at() - error.offset())),
                    };
                    if found.is_err() {
                        break;
                    }
                }
                assert_eq!(
                    found,
                    match fits {
                        true => Ok(Some(header.to_owned())),
                        false => Err((ErrorKind::TooManyBytes, u64::from(most) - 1)),
                    }
                );
            }
        }
    }
}

#[test]
fn each_limit_is_what_it_is_set_to() {
    let default = Limits::default();
    type Set = fn(Limits, u32) -> Limits;
    type Field = fn(&mut Limits) -> &mut u32;
    let set: [(Set, Field); 10] = [
        (Limits::max_element_bytes, |limits| &mut limits.max_element_bytes),
        (Limits::max_depth, |limits| &mut limits.max_depth),
        (Limits::max_attributes, |limits| &mut limits.max_attributes),
        (Limits::max_namespaces, |limits| &mut limits.max_namespaces),
        (Limits::max_name_bytes, |limits| &mut limits.max_name_bytes),
        (Limits::max_children, |limits| &mut limits.max_children),
        (Limits::max_uri_bytes, |limits| &mut limits.max_uri_bytes),
        (Limits::max_lang_bytes, |limits| &mut limits.max_lang_bytes),
        (Limits::max_header_bytes, |limits| &mut limits.max_header_bytes),
        (Limits::max_header_namespaces, |limits| &mut limits.max_header_namespaces),
    ];
    for (with, field) in set {
        let mut limits = with(default, 7);
        assert_ne!(limits, default);
        // That one, and no other.
        let own = core::mem::replace(field(&mut limits), *field(&mut default.clone()));
        assert_eq!((own, limits), (7, default));
        // Before one is authenticated, and from oneself: less, and more.
        let (mut less, mut more) = (Limits::unauthenticated(), Limits::trusted());
        assert!(*field(&mut less) <= *field(&mut default.clone()));
        assert!(*field(&mut more) > *field(&mut default.clone()));
    }
    // RFC 6120, section 13.12 (6120-13.12-09).
    assert!(Limits::unauthenticated().max_element_bytes >= 10_000);
    let [less, more] = [Limits::unauthenticated(), default].map(|limits| {
        let sizes = [limits.max_element_bytes, limits.max_name_bytes, limits.max_depth];
        [sizes, [limits.max_attributes, limits.max_namespaces, limits.max_children]].concat()
    });
    assert!(less.iter().zip(&more).all(|(less, more)| less < more));
    let mut reader = StreamReader::new(default);
    assert_eq!((*reader.limits(), reader.framing()), (default, Framing::Stream));
    reader.set_limits(Limits::unauthenticated());
    assert_eq!(*reader.limits(), Limits::unauthenticated());
    // Beyond what offsets and names can be, no limit is.
    reader.set_limits(Limits::default().max_element_bytes(u32::MAX).max_name_bytes(u32::MAX));
    assert_eq!(reader.limits().max_element_bytes, Limits::trusted().max_element_bytes);
    assert_eq!(reader.limits().max_name_bytes, Limits::trusted().max_name_bytes);
    reader.set_limits(Limits::default().max_header_bytes(u32::MAX).max_header_namespaces(u32::MAX));
    assert_eq!(reader.limits().max_header_bytes, Limits::trusted().max_header_bytes);
    assert_eq!(reader.limits().max_header_namespaces, Limits::trusted().max_header_namespaces);
    let reader = StreamReader::with_framing(default, Framing::WebSocket);
    assert_eq!((*reader.limits(), reader.framing()), (default, Framing::WebSocket));
}
