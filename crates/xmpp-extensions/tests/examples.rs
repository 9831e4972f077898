//! Every well-formed example of the XEPs, as data: read, written again, the
//! same; and no finding that is not in `explained/`.

use std::collections::{BTreeMap, BTreeSet};

use xmpp_extensions::find;
use xmpp_stanza::Findings;
use xmpp_stanza::xml::{Element, ElementRef, Node, Writer};

const EXAMPLES: &str = include_str!("../../../conformance/vectors/payloads/examples.jsonl");
/// XEP, example (or `*`), finding (what it begins with), why.
const EXPLAINED: &[&str] = &[
    include_str!("explained/base.tsv"),
    include_str!("explained/accounts.tsv"),
    include_str!("explained/archive.tsv"),
    include_str!("explained/calls.tsv"),
    include_str!("explained/encryption.tsv"),
    include_str!("explained/files.tsv"),
    include_str!("explained/messaging.tsv"),
    include_str!("explained/profiles.tsv"),
    include_str!("explained/pubsub.tsv"),
    include_str!("explained/rooms.tsv"),
    include_str!("explained/things.tsv"),
];

/// Calls `see` for the elements that there is a model for.
fn each_modelled<'a>(element: ElementRef<'a>, see: &mut impl FnMut(ElementRef<'a>)) {
    for child in element.children() {
        if find(child).is_some() {
            see(child);
        }
        each_modelled(child, see);
    }
}

/// Whether a text is how the example looks, and nothing that it says.
fn is_for_people(text: &str, mixed: bool) -> bool {
    match text.trim() {
        "" => mixed || text.contains('\n'),
        "..." | "…" | "[...]" | "[…]" | ". . ." => mixed,
        _ => false,
    }
}

/// The element without white space between elements, and what is written: the
/// examples are indented for people, and have dots where something is left out.
fn packed(element: ElementRef<'_>) -> Element {
    fn copy(element: ElementRef<'_>, w: &mut Writer<'_>) {
        w.start(element.ns().into(), element.name());
        for attr in element.attrs() {
            w.attr_ns(attr.ns().into(), attr.name(), &attr.value());
        }
        let mixed = element.children().next().is_some();
        for node in element.nodes() {
            match node {
                Node::Element(child) => copy(child, w),
                Node::Text(text) if is_for_people(&text.value(), mixed) => {}
                Node::Text(text) => _ = w.text(&text.value()),
            }
        }
        w.end();
    }
    let mut xml = Vec::new();
    let mut w = Writer::document(&mut xml);
    copy(element, &mut w);
    w.finish().unwrap();
    Element::parse(xml).unwrap()
}

#[test]
fn the_examples_of_the_xeps() {
    let explained: Vec<Vec<&str>> = EXPLAINED
        .iter()
        .flat_map(|rows| rows.lines())
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.splitn(4, '\t').collect())
        .collect();
    let mut used = BTreeSet::new();
    let mut totals: BTreeMap<u64, (u32, u32)> = BTreeMap::new();
    let mut faults = Vec::new();
    for line in EXAMPLES.lines() {
        let example: serde_json::Value = serde_json::from_str(line).unwrap();
        let (xep, number) =
            (example["xep"].as_u64().unwrap(), example["example"].as_u64().unwrap());
        let document = Element::parse(example["xml"].as_str().unwrap()).unwrap();
        let document = packed(document.as_ref());
        let (mut read, mut fell) = (0, 0);
        each_modelled(document.as_ref(), &mut |element| {
            read += 1;
            let model = find(element).unwrap();
            // By itself: its language is not that of the stanza around it.
            let element = packed(element);
            let element = element.as_ref();
            let mut findings = Findings::collect(100);
            let mut xml = Vec::new();
            let mut w = Writer::document(&mut xml);
            let mut told: Vec<String> = Vec::new();
            match model.rewrite(element, &mut findings, &mut w) {
                Err(invalid) => told.push(invalid.to_string()),
                Ok(()) => {
                    w.finish().unwrap();
                    let again = Element::parse(&xml).unwrap();
                    if packed(again.as_ref()) != packed(element) {
                        let text = String::from_utf8(xml).unwrap();
                        told.push(format!("written differently: {text}\nfor {}", element.source()));
                    }
                }
            }
            told.extend(findings.iter().map(ToString::to_string));
            for finding in told {
                let why = explained.iter().position(|row| {
                    row[0].parse() == Ok(xep)
                        && (row[1] == "*" || row[1].parse() == Ok(number))
                        && finding.starts_with(row[2])
                });
                match why {
                    Some(row) => _ = used.insert(row),
                    None => {
                        fell += 1;
                        faults.push(format!("XEP-{xep:04}\t{number}\t{finding}"));
                    }
                }
            }
        });
        let total = totals.entry(xep).or_default();
        total.0 += read;
        total.1 += fell;
    }
    for (xep, (read, fell)) in totals.iter().filter(|(_, (read, _))| *read > 0) {
        println!("XEP-{xep:04}\t{read} read\t{fell} unexplained");
    }
    assert!(faults.is_empty(), "{} findings:\n{}", faults.len(), faults.join("\n"));
    let unused: Vec<_> = explained
        .iter()
        .enumerate()
        .filter(|(row, _)| !used.contains(row))
        .map(|(_, row)| row)
        .collect();
    assert!(unused.is_empty(), "explained, but not found: {unused:?}");
}
