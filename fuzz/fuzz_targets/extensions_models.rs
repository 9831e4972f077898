//! Elements by the tables of all models: the first byte picks the model, the
//! rest makes the element. What is read is written as it was, borrowed or owned,
//! but for white space between children, which says nothing; and an element of that
//! name with anything in it is read or refused.
#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use xmpp_extensions::{Model, arbitrary as elements, find, models};
use xmpp_stanza::Findings;
use xmpp_xml::{Element, ElementRef, Node, Writer};

fuzz_target!(|data: &[u8]| {
    if let Ok(element) = Element::parse(data)
        && let Some(model) = find(element.as_ref())
    {
        check(model, &element);
    }
    let Some((pick, rest)) = data.split_first() else { return };
    let Some(model) = models().cycle().nth(usize::from(*pick) + usize::from(rest.len() as u8))
    else {
        return;
    };
    let Ok(xml) = elements::element(model.shape(), &mut Unstructured::new(rest)) else { return };
    let element = Element::parse(xml).expect("what is written is well-formed");
    check(model, &element);
});

fn check(model: &Model, element: &Element) {
    let mut findings = Findings::collect(1000);
    let mut xml = Vec::new();
    let mut w = Writer::document(&mut xml);
    let read = model.rewrite(element.as_ref(), &mut findings, &mut w);
    let written = w.finish();
    let mut owned_xml = Vec::new();
    let mut w = Writer::document(&mut owned_xml);
    let owned = model.rewrite_owned(element.as_ref(), &mut Findings::ignore(), &mut w);
    assert_eq!(read.is_ok(), owned.is_ok());
    if read.is_err() {
        return;
    }
    written.expect("what was read can be written");
    w.finish().expect("what was read can be written");
    let again = Element::parse(xml).expect("what is written is well-formed");
    assert_eq!(Element::parse(owned_xml).expect("what is written is well-formed"), again);
    if findings.is_empty() || elements::keeps_all(model.shape()) {
        assert_eq!(packed(again.as_ref()), packed(element.as_ref()));
    }
}

/// The element without white space between its children.
fn packed(element: ElementRef<'_>) -> Element {
    fn copy(element: ElementRef<'_>, w: &mut Writer<'_>) {
        w.start(element.ns().into(), element.name());
        for attr in element.attrs() {
            w.attr_ns(attr.ns().into(), attr.name(), &attr.value());
        }
        let parent = element.children().next().is_some();
        let space = |text: &str| parent && text.bytes().all(|b| b" \t\r\n".contains(&b));
        for node in element.nodes() {
            match node {
                Node::Element(child) => copy(child, w),
                Node::Text(text) if space(&text.value()) => {}
                Node::Text(text) => _ = w.text(&text.value()),
            }
        }
        w.end();
    }
    let mut xml = Vec::new();
    let mut w = Writer::document(&mut xml);
    copy(element, &mut w);
    w.finish().expect("what was read can be written");
    Element::parse(xml).expect("what is written is well-formed")
}
