//! The peers written in Rust, and what no reader can beat.

use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use quick_xml::{NsReader, Reader, Writer};
use rxml::Parse as _;

use super::{Subject, ours};

pub(super) fn subjects(text: &str) -> Vec<Subject<'_>> {
    let bytes = text.as_bytes();
    let mut copy = vec![0; bytes.len()];
    let mut copied = vec![0; bytes.len()];
    let events = stanza_events(text);
    let mut out = Vec::new();
    vec![
        Subject::new("limit", "memcpy", move || {
            copy.copy_from_slice(bytes);
            u64::from(copy[copy.len() / 2])
        }),
        Subject::new("limit", "write memcpy", move || {
            copied.copy_from_slice(bytes);
            u64::from(copied[copied.len() / 2])
        }),
        Subject::new("limit", "simdutf8", || {
            simdutf8::basic::from_utf8(bytes).expect("UTF-8").len() as u64
        }),
        Subject::new("limit", "memchr over < > &", || {
            memchr::memchr3_iter(b'<', b'>', b'&', bytes).count() as u64
        }),
        Subject::new("quick-xml", "NsReader, all decoded", || quick_xml_full(bytes)),
        Subject::new("quick-xml", "bare events", || quick_xml_bare(text)),
        Subject::new("quick-xml", "write events", move || {
            out.clear();
            let mut writer = Writer::new(&mut out);
            for event in &events {
                writer.write_event(event.borrow()).expect("to memory");
            }
            out.len() as u64
        }),
        Subject::new("rxml", "events", || rxml(bytes, bytes.len())),
        Subject::new("rxml", "events in chunks of 1460", || rxml(bytes, 1460)),
        Subject::new("xmlparser", "tokens, no namespaces, nothing decoded", || xmlparser(text)),
        Subject::new("roxmltree", "tree", || {
            let options = roxmltree::ParsingOptions { nodes_limit: u32::MAX, ..Default::default() };
            let tree = roxmltree::Document::parse_with_options(text, options).expect("XML");
            tree.root_element().children().count() as u64
        }),
    ]
}

/// From bytes that nobody has checked, as ours.
fn quick_xml_full(bytes: &[u8]) -> u64 {
    let text = simdutf8::basic::from_utf8(bytes).expect("UTF-8");
    let mut reader = NsReader::from_str(text);
    let mut sum = 0;
    let len = |resolved: &ResolveResult<'_>| match resolved {
        ResolveResult::Bound(ns) => ns.as_ref().len(),
        ResolveResult::Unbound => 0,
        ResolveResult::Unknown(_) => panic!("an unbound prefix"),
    };
    loop {
        let (ns, event) = reader.read_resolved_event().expect("XML");
        sum += match event {
            Event::Start(tag) | Event::Empty(tag) => {
                let mut sum = len(&ns) + tag.local_name().as_ref().len();
                for attr in tag.attributes() {
                    let attr = attr.expect("an attribute");
                    if attr.key.as_namespace_binding().is_some() {
                        continue;
                    }
                    let (ns, local) = reader.resolver().resolve_attribute(attr.key);
                    let value = quick_xml::escape::unescape(&attr.value).expect("references");
                    sum += len(&ns) + local.as_ref().len() + value.len();
                }
                sum
            }
            Event::Text(text) => text.len(),
            Event::CData(text) => text.len(),
            // References in character data are events of their own.
            Event::GeneralRef(name) => {
                usize::from(name.resolve_char_ref().expect("a reference").is_some()) + 1
            }
            Event::End(_) => 1,
            Event::Eof => return sum as u64,
            _ => 0,
        };
    }
}

fn quick_xml_bare(text: &str) -> u64 {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut sum = 0;
    loop {
        sum += match reader.read_event().expect("XML") {
            Event::Start(tag) => tag.len(),
            Event::Eof => return sum as u64,
            _ => 1,
        };
    }
}

/// The events of the first-level elements, ready to be written.
fn stanza_events(text: &str) -> Vec<Event<'static>> {
    let mut events = Vec::new();
    for stanza in ours::stanzas(text.as_bytes()) {
        let mut reader = Reader::from_str(stanza.source());
        loop {
            match reader.read_event().expect("XML") {
                Event::Eof => break,
                event => events.push(event.into_owned()),
            }
        }
    }
    events
}

fn rxml(bytes: &[u8], piece: usize) -> u64 {
    let mut parser = rxml::Parser::new();
    let mut sum = 0;
    let mut rest = bytes;
    while !rest.is_empty() {
        let (mut now, later) = rest.split_at(piece.min(rest.len()));
        rest = later;
        loop {
            match parser.parse(&mut now, rest.is_empty()) {
                Ok(Some(rxml::Event::StartElement(_, (ns, name), attrs))) => {
                    let attrs: usize = attrs
                        .iter()
                        .map(|((ns, name), value)| ns.len() + name.len() + value.len())
                        .sum();
                    sum += ns.len() + name.len() + attrs;
                }
                Ok(Some(rxml::Event::Text(_, text))) => sum += text.len(),
                Ok(Some(_)) => sum += 1,
                Ok(None) => break,
                Err(rxml::error::EndOrError::NeedMoreData) => break,
                Err(error) => panic!("{error:?}"),
            }
        }
    }
    sum as u64
}

fn xmlparser(text: &str) -> u64 {
    xmlparser::Tokenizer::from(text).map(|token| token.expect("XML").span().len() as u64).sum()
}
