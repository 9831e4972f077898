//! minidom, quick-xml with serde, and quick-xml's writer.

use std::borrow::Cow;

use minidom::Element;
use quick_xml::Writer;
use serde::Deserialize;

use super::corpus::{Corpus, Seen};
use crate::subject::Subject;

const NS: &str = "jabber:client";

/// A tree for each stanza; addresses stay text, whatever is in them.
pub(super) fn minidom(corpus: &Corpus) -> Subject<'_> {
    Subject::new("minidom", "documents to trees, addresses unchecked", || {
        corpus.documents.iter().map(|document| look_at_tree(document).sum()).sum()
    })
}

pub(super) fn look_at_tree(document: &str) -> Seen {
    let stanza: Element = document.parse().expect("an element");
    let mut seen = Seen::default();
    let stanza_type = match (stanza.name(), stanza.attr("type")) {
        ("message", None) => Some("normal"),
        (_, given) => given,
    };
    seen.text(stanza.attr("to")).text(stanza.attr("from"));
    seen.text(stanza.attr("id")).text(stanza_type);
    for child in stanza.children() {
        match child.name() {
            _ if !child.has_ns(NS) => {
                seen.payload(child.name());
            }
            "body" | "subject" | "show" | "status" => {
                seen.text(Some(&child.text()));
            }
            "thread" => {
                seen.text(Some(&child.text())).text(child.attr("parent"));
            }
            "priority" => {
                seen.number(child.text().trim().parse().unwrap_or(0));
            }
            "error" => {
                seen.error(true);
            }
            name => {
                seen.payload(name);
            }
        }
    }
    seen
}

/// Serde sees no namespaces: elements are told apart by their local names.
pub(super) fn serde(corpus: &Corpus) -> Subject<'_> {
    let mode = "documents to values; no namespaces, payloads counted, addresses unchecked";
    Subject::new("quick-xml with serde", mode, || {
        let look = |document: &String| look_with_serde(document).expect("a stanza").sum();
        corpus.documents.iter().map(look).sum()
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Stanza<'a> {
    #[serde(borrow)]
    Message(Content<'a>),
    Presence(Content<'a>),
    Iq(Content<'a>),
}

/// Borrows where it can.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(borrow, rename = "@to")]
    to: Option<Text<'a>>,
    #[serde(borrow, rename = "@from")]
    from: Option<Text<'a>>,
    #[serde(borrow, rename = "@id")]
    id: Option<Text<'a>>,
    #[serde(borrow, rename = "@type")]
    stanza_type: Option<Text<'a>>,
    #[serde(borrow, default, rename = "$value")]
    children: Vec<Child<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Child<'a> {
    #[serde(borrow)]
    Body(Leaf<'a>),
    Subject(Leaf<'a>),
    Thread(Leaf<'a>),
    Show(Leaf<'a>),
    Status(Leaf<'a>),
    Priority(Leaf<'a>),
    Error,
    #[serde(rename = "$text")]
    Text(Text<'a>),
    #[serde(other)]
    Payload,
}

#[derive(Deserialize)]
struct Leaf<'a> {
    #[serde(borrow, rename = "@parent")]
    parent: Option<Text<'a>>,
    #[serde(borrow, default, rename = "$text")]
    text: Option<Text<'a>>,
}

pub(super) fn look_with_serde(document: &str) -> Option<Seen> {
    let stanza: Stanza<'_> = quick_xml::de::from_str(document).ok()?;
    let mut seen = Seen::default();
    let (Stanza::Message(content) | Stanza::Presence(content) | Stanza::Iq(content)) = &stanza;
    let text = |text: &Option<Text<'_>>| text.as_ref().map_or(0, |text| text.0.len() as u64 + 1);
    seen.said += text(&content.to) + text(&content.from) + text(&content.id);
    seen.said += match (&stanza, &content.stanza_type) {
        (Stanza::Message(_), None) => "normal".len() as u64 + 1,
        (_, given) => text(given),
    };
    for child in &content.children {
        match child {
            Child::Body(leaf) | Child::Subject(leaf) | Child::Show(leaf) | Child::Status(leaf) => {
                seen.text(Some(leaf.text.as_ref().map_or("", |text| &text.0)));
            }
            Child::Thread(leaf) => {
                seen.text(Some(leaf.text.as_ref().map_or("", |text| &text.0)));
                seen.said += text(&leaf.parent);
            }
            Child::Priority(leaf) => {
                let number = leaf.text.as_ref().map_or("", |text| &text.0);
                seen.number(number.trim().parse().unwrap_or(0));
            }
            Child::Error => {
                seen.error(true);
            }
            Child::Text(space) => seen.said += space.0.trim().len() as u64,
            Child::Payload => {
                seen.payload("");
            }
        }
    }
    Some(seen)
}

/// Its writer checks nothing of an event, and has no names to look up.
pub(super) fn write_events(corpus: &Corpus) -> Subject<'_> {
    let mut out = Vec::new();
    Subject::new("quick-xml", "events that are ready", move || {
        out.clear();
        let mut writer = Writer::new(&mut out);
        for event in &corpus.events {
            writer.write_event(event.borrow()).expect("to memory");
        }
        out.len() as u64
    })
}
