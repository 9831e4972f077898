//! What has to become of a stream of `xmpp_stanza::arbitrary`, by the readers of this
//! workspace. The fuzz target `streams` has this file too.

use xmpp_stanza::arbitrary::{Fault, Level, Stream};
use xmpp_stanza::{StanzaRef, StreamHeader};
use xmpp_xml::{Element, ElementRef, Item, Limits, RecvBuffer, StreamReader, ns};

#[derive(Debug, PartialEq)]
struct Read {
    elements: Vec<Element>,
    closed: bool,
    /// The condition; and the offset at which reading stopped, if it is no XML.
    refused: Option<(&'static str, Option<u64>)>,
}

/// Reads pieces of that many bytes, and looks at what comes as a connection would.
fn read(bytes: &[u8], len: usize) -> Read {
    let mut rx = RecvBuffer::new(1 << 20);
    let mut reader = StreamReader::new(Limits::default());
    let mut read = Read { elements: Vec::new(), closed: false, refused: None };
    for piece in bytes.chunks(len) {
        rx.push(piece);
        loop {
            let refused = match reader.poll(&mut rx) {
                Ok(None) => break,
                Ok(Some(Item::Closed)) => {
                    read.closed = true;
                    continue;
                }
                Ok(Some(Item::Header(header))) => header_refused(header),
                Ok(Some(Item::Element(element))) if is_unknown(element) => {
                    Some("unsupported-stanza-type")
                }
                Ok(Some(Item::Element(element))) => {
                    read.elements.push(element.into_shared());
                    None
                }
                Ok(Some(item)) => panic!("{item:?}"),
                Err(error) => {
                    read.refused = Some((error.condition().as_str(), Some(error.stopped_at())));
                    return read;
                }
            };
            if let Some(condition) = refused {
                read.refused = Some((condition, None));
                return read;
            }
        }
    }
    if read.closed {
        assert_eq!(reader.finish(&mut rx), Ok(true));
    }
    read
}

fn header_refused(header: ElementRef<'_>) -> Option<&'static str> {
    match StreamHeader::parse(header) {
        Err(invalid) => Some(invalid.stream_condition().as_str()),
        Ok(header) if header.content.is_none() => None,
        Ok(header) => {
            let known = [ns::CLIENT, ns::SERVER, ns::COMPONENT_ACCEPT, ns::COMPONENT_CONNECT];
            (!known.into_iter().any(|content| header.has_content(content)))
                .then_some("invalid-namespace")
        }
    }
}

/// In a content namespace, and no stanza.
fn is_unknown(element: ElementRef<'_>) -> bool {
    let content = [ns::CLIENT, ns::SERVER, ns::COMPONENT_ACCEPT, ns::COMPONENT_CONNECT];
    content.into_iter().any(|content| element.has_ns(content))
        && StanzaRef::new(element).is_none()
        && element.name() != "handshake"
}

/// # Panics
///
/// If the readers do otherwise than the stream says.
pub(crate) fn check(stream: &Stream) {
    let bytes = &stream.bytes;
    let shown = || String::from_utf8_lossy(bytes);
    let whole = read(bytes, bytes.len());
    for len in [1, 5, 64] {
        assert_eq!(read(bytes, len), whole, "in pieces of {len}: {}", shown());
    }
    let Some((fault, place)) = &stream.fault else {
        assert_eq!(whole.refused, None, "{}", shown());
        assert!(whole.closed, "{}", shown());
        assert_eq!(whole.elements.len(), stream.elements, "{}", shown());
        return;
    };
    let before = read(&bytes[..place.start], place.start.max(1));
    assert_eq!(before.refused, None, "{fault} at {place:?}: too early: {}", shown());
    assert_eq!(before.elements.len(), stream.elements, "{fault} at {place:?}: {}", shown());
    assert!(!before.closed, "{fault} at {place:?}: {}", shown());
    if *fault == Fault::SecondHeader {
        // Elements are looked at when they are whole, and this one never is.
        assert!(!whole.closed, "{}", shown());
        return;
    }
    let after = read(&bytes[..place.end], place.end);
    assert_eq!(after.elements.len(), stream.elements, "{fault} at {place:?}: {}", shown());
    let Some((condition, at)) = after.refused else {
        panic!("{fault} at {place:?}: too late: {}", shown());
    };
    // Of text between elements the reader says that it is no XML.
    let wanted = fault.conditions().iter().position(|wanted| *wanted == condition);
    assert!(
        wanted == Some(0) || wanted.is_some() && *fault == Fault::TextBetweenElements,
        "{fault} at {place:?}: {condition}: {}",
        shown()
    );
    if fault.level() == Level::Xml {
        let at = at.expect("the reader tells") as usize;
        assert!((place.start..=place.end).contains(&at), "{fault} at {place:?}: {at}: {}", shown());
    }
    // What is behind the fault is not looked at.
    assert_eq!(whole.refused, after.refused, "{fault} at {place:?}: {}", shown());
}
