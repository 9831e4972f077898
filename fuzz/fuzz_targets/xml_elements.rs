//! Elements of any bytes: no accessor panics, copies are equal, and so is
//! what the canonical form says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use xmpp_xml::{Element, Item, Limits, Node, RecvBuffer, StreamReader};

fuzz_target!(|bytes: &[u8]| {
    let mut rx = RecvBuffer::new(1 << 16);
    let mut reader = StreamReader::new(Limits::default());
    rx.push(bytes);
    while let Ok(Some(item)) = reader.poll(&mut rx) {
        let (Item::Header(element) | Item::Element(element)) = item else { continue };
        let mut open = vec![element];
        while let Some(element) = open.pop() {
            let _ =
                (element.name(), element.prefix(), element.ns(), element.text(), element.lang());
            for attr in element.attrs() {
                assert!(
                    element
                        .attrs()
                        .filter(|a| (a.ns(), a.name()) == (attr.ns(), attr.name()))
                        .count()
                        == 1
                );
            }
            if !matches!(item, Item::Header(_)) {
                let shared = element.into_shared();
                assert!(shared == element && shared.lang() == element.lang());
                assert_eq!(shared.source(), element.source());
            }
            open.extend(element.nodes().filter_map(|node| match node {
                Node::Element(child) => Some(child),
                Node::Text(text) => {
                    let _ = text.value();
                    None
                }
            }));
        }
        if let Item::Element(element) = item {
            let canonical = element.canonical();
            let again =
                Element::parse_within(&canonical, Limits::trusted()).expect("canonical XML is XML");
            assert!(again == element);
            assert_eq!(again.canonical(), canonical);
        }
    }
});
