//! The two models of service discovery, of this crate and of `xmpp-stanza`, agree on what both
//! can hold, in all that the XEPs print.

use xmpp_extensions::base::disco::{Info, Items};
use xmpp_stanza::xml::{Element, ElementRef, Ns, WriteXml, Writer, ns};
use xmpp_stanza::{Payload, disco};

const EXAMPLES: &str = include_str!("../../../conformance/vectors/payloads/examples.jsonl");

fn written(value: &impl WriteXml) -> String {
    let mut bytes = Vec::new();
    let mut writer = Writer::in_stream(&mut bytes, ns::CLIENT);
    writer.write(value);
    writer.finish().unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Without what one of the two models cannot hold: forms, pages, items to be published; and
/// without the dots by which an example leaves something out.
fn common(element: ElementRef<'_>) -> Element {
    let mut builder = Element::builder(Ns::new(element.ns()), element.name());
    for attr in element.attrs() {
        builder = builder.attr_ns(Ns::new(attr.ns()), attr.name(), &attr.value());
    }
    let own = element.children().filter(|child| {
        child.ns() == element.ns()
            && child.children().next().is_none()
            && child.attr("action").is_none()
    });
    builder.children(own).build().unwrap()
}

/// Both models can read it, or neither can, and both write the same bytes.
fn assert_alike<'a, A: Payload<'a>, B: Payload<'a>>(element: ElementRef<'a>) {
    match (A::parse(element), B::parse(element)) {
        (Ok(derived), Ok(by_hand)) => assert_eq!(written(&derived), written(&by_hand)),
        (Err(_), Err(_)) => {}
        _ => panic!("one of the two cannot read {}", element.source()),
    }
}

#[test]
fn what_the_xeps_print_is_written_alike() {
    let (mut infos, mut items) = (0, 0);
    for line in EXAMPLES.lines() {
        let example: serde_json::Value = serde_json::from_str(line).unwrap();
        let Ok(document) = Element::parse(example["xml"].as_str().unwrap()) else { continue };
        let mut open = vec![document.as_ref()];
        while let Some(element) = open.pop() {
            if Info::matches(element) {
                infos += 1;
                assert_alike::<Info<'_>, disco::Info>(common(element).as_ref());
            } else if Items::matches(element) {
                items += 1;
                assert_alike::<Items<'_>, disco::Items>(common(element).as_ref());
            }
            open.extend(element.children());
        }
    }
    assert!(infos > 100 && items > 50, "{infos} and {items}");
}
