//! Against quick-xml: whatever we accept it accepts too, and sees the same
//! names, attributes and characters in it.
//!
//! The other way round there is no comparing: it does not check what XML asks
//! for in many places (characters, names, `]]>`, `<` in values, uniqueness by
//! expanded name) and knows nothing of what XMPP forbids. Listed exceptions
//! where it refuses what is right:
//!
//! - An XML declaration is not compared: quick-xml does not look into it.
//! - Numeric references to U+0000 and such are refused by both; leading zeros
//!   without end are taken by us only up to the limit of the element.
#![no_main]

use libfuzzer_sys::fuzz_target;
use quick_xml::NsReader;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use xmpp_xml::{Element, ElementRef, Node};

#[derive(Debug, PartialEq)]
enum Seen {
    Start(String, String, Vec<(String, String, String)>),
    Text(String),
    End,
}

fn push_text(out: &mut Vec<Seen>, text: &str) {
    match out.last_mut() {
        _ if text.is_empty() => {}
        Some(Seen::Text(before)) => before.push_str(text),
        _ => out.push(Seen::Text(text.to_owned())),
    }
}

fn ours(root: ElementRef<'_>) -> Vec<Seen> {
    let start = |e: ElementRef<'_>| {
        let mut attrs: Vec<_> = e
            .attrs()
            .map(|a| (a.ns().to_owned(), a.name().to_owned(), a.value().into_owned()))
            .collect();
        attrs.sort();
        Seen::Start(e.ns().to_owned(), e.name().to_owned(), attrs)
    };
    let mut out = vec![start(root)];
    let mut open = vec![root.nodes()];
    while let Some(nodes) = open.last_mut() {
        match nodes.next() {
            Some(Node::Element(child)) => {
                out.push(start(child));
                open.push(child.nodes());
            }
            Some(Node::Text(text)) => push_text(&mut out, &text.value()),
            None => {
                out.push(Seen::End);
                open.pop();
            }
        }
    }
    out
}

fn uri(resolved: &ResolveResult<'_>) -> String {
    match resolved {
        ResolveResult::Bound(ns) => {
            let raw = ns.as_ref();
            normalised(raw)
        }
        _ => String::new(),
    }
}

/// quick-xml leaves values as they are sent: XML 1.0, sections 2.11, 3.3.3.
fn normalised(raw: &str) -> String {
    let spaced = raw.replace("\r\n", " ").replace(['\r', '\n', '\t'], " ");
    quick_xml::escape::unescape(&spaced).unwrap().into_owned()
}

fn theirs(text: &str) -> Vec<Seen> {
    let mut reader = NsReader::from_str(text);
    let mut out = Vec::new();
    loop {
        let (ns, event) = reader.read_resolved_event().expect("what we accept is XML");
        let ns = uri(&ns);
        match event {
            Event::Start(tag) | Event::Empty(tag) => {
                let mut attrs = Vec::new();
                for attr in tag.attributes() {
                    let attr = attr.expect("an attribute that we accept");
                    let key = attr.key.as_ref();
                    if key == "xmlns" || key.starts_with("xmlns:") {
                        continue;
                    }
                    let (ns, local) = reader.resolver().resolve_attribute(attr.key);
                    let raw = attr.value.as_ref();
                    let local = local.as_ref().to_owned();
                    attrs.push((uri(&ns), local, normalised(raw)));
                }
                attrs.sort();
                let local = tag.local_name().as_ref().to_owned();
                out.push(Seen::Start(ns, local, attrs));
            }
            Event::End(_) => out.push(Seen::End),
            Event::Text(text) => {
                let raw: &str = &text;
                push_text(&mut out, &raw.replace("\r\n", "\n").replace('\r', "\n"));
            }
            Event::CData(text) => {
                let raw: &str = &text;
                push_text(&mut out, &raw.replace("\r\n", "\n").replace('\r', "\n"));
            }
            Event::GeneralRef(name) => {
                let name: &str = &name;
                push_text(&mut out, &quick_xml::escape::unescape(&format!("&{name};")).unwrap());
            }
            Event::Decl(_) => {}
            Event::Eof => return out,
            other => panic!("we accepted {other:?}"),
        }
    }
}

fuzz_target!(|text: &str| {
    let Ok(root) = Element::parse(text) else { return };
    // White space around the root element is no event of ours.
    let text = text.trim_start_matches('\u{feff}').trim_matches([' ', '\t', '\r', '\n']);
    let text =
        match text.strip_prefix("<?xml").filter(|rest| rest.starts_with([' ', '\t', '\r', '\n'])) {
            Some(rest) => rest
                .split_once("?>")
                .map_or("", |(_, rest)| rest)
                .trim_start_matches([' ', '\t', '\r', '\n']),
            None => text,
        };
    // Line ends at the border of two of its events would be counted twice.
    if text.contains('\r') {
        return;
    }
    let mut theirs = theirs(text);
    // It gives an empty element no end.
    let mut ours = ours(root.as_ref());
    ours.retain(|seen| *seen != Seen::End);
    theirs.retain(|seen| *seen != Seen::End);
    assert_eq!(ours, theirs);
});
