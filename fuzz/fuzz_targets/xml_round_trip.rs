//! What has been read can be written and read again, in a document and within
//! a stream, and is the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xmpp_xml::{Element, Item, Limits, Ns, RecvBuffer, StreamReader, Writer, ns};

fn within_stream(element: &Element, content: Ns<'static>) -> Element {
    let mut out = Vec::new();
    Writer::stream_header(&mut out, content, &[("db", ns::DIALBACK)], &[]).unwrap();
    let mut w = Writer::in_stream(&mut out, content);
    w.element(element.as_ref());
    w.finish().expect("what has been read can be written");
    let mut rx = RecvBuffer::new(1 << 24);
    let mut reader = StreamReader::new(Limits::trusted());
    rx.push(&out);
    assert!(matches!(reader.poll(&mut rx), Ok(Some(Item::Header(_)))));
    let Ok(Some(Item::Element(again))) = reader.poll(&mut rx) else {
        panic!("{:?}", String::from_utf8_lossy(&out))
    };
    again.into_shared()
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(element) = Element::parse(bytes) else { return };
    let contents = [ns::CLIENT, ns::SERVER, ns::COMPONENT_ACCEPT, ns::COMPONENT_CONNECT];
    let own = contents.into_iter().find(|&content| element.has_ns(content));
    // Another content namespace than its own would become that of the stream.
    for content in [own.unwrap_or(ns::CLIENT), ns::NONE, ns::STREAM] {
        let again = within_stream(&element, content);
        assert!(again == element, "{element} became {again}");
    }
    for child in element.children() {
        let wrapped = Element::builder(Ns::new("urn:x"), "x").child(child).build().expect("writes");
        let again = wrapped.children().next().unwrap().into_shared();
        assert!(again.lang() == child.lang());
        assert!(again.with_content(|w, e| e.nodes().for_each(|n| w.node(n))).unwrap() == again);
        let lang = |e: &Element| e.as_ref().attr_ns(ns::XML, "lang").map(|l| l.into_owned());
        if lang(&again) == child.attr_ns(ns::XML, "lang").map(|l| l.into_owned()) {
            assert!(again == child);
        }
    }
    let text = element.to_string();
    assert!(Element::parse_within(&text, Limits::trusted()).unwrap() == element);
    Element::parse_within(format!("{element:#}"), Limits::trusted()).expect("pretty is XML");
});
