use std::collections::BTreeSet;

use xmpp_extensions::{find, models};
use xmpp_stanza::Findings;
use xmpp_stanza::xml::Writer;

use crate::element;

/// The models are found by name and namespace, and say which XEP is theirs.
#[test]
fn models_are_found() {
    for (xml, xep, name) in [
        ("<delay xmlns='urn:xmpp:delay' stamp='2002-09-10T23:08:25Z'/>", 203, "delay"),
        ("<encryption xmlns='urn:xmpp:eme:0' namespace='x'/>", 380, "encryption"),
        ("<headers xmlns='http://jabber.org/protocol/shim'/>", 131, "headers"),
        ("<query xmlns='jabber:iq:rpc'/>", 9, "query"),
    ] {
        let element = element(xml);
        let model = find(element.as_ref()).unwrap();
        assert_eq!((model.xep(), model.shape().name()), (xep, name));
        for owned in [false, true] {
            let mut out = Vec::new();
            let mut w = Writer::document(&mut out);
            let mut findings = Findings::collect(10);
            let done = match owned {
                false => model.rewrite(element.as_ref(), &mut findings, &mut w),
                true => model.rewrite_owned(element.as_ref(), &mut findings, &mut w),
            };
            assert_eq!(done, Ok(()));
            w.finish().unwrap();
            assert_eq!(crate::element(str::from_utf8(&out).unwrap()), element);
        }
    }
    assert!(find(element("<delay xmlns='urn:xmpp:delays'/>").as_ref()).is_none());
    assert!(find(element("<delays xmlns='urn:xmpp:delay'/>").as_ref()).is_none());
    // A required attribute is missing.
    let wrong = element("<delay xmlns='urn:xmpp:delay'/>");
    let model = find(wrong.as_ref()).unwrap();
    let (mut out, mut findings) = (Vec::new(), Findings::collect(10));
    let mut w = Writer::document(&mut out);
    assert!(model.rewrite(wrong.as_ref(), &mut findings, &mut w).is_err());
    assert!(model.rewrite_owned(wrong.as_ref(), &mut findings, &mut w).is_err());
}

#[test]
fn models_of_every_subject() {
    let xeps: BTreeSet<u16> = models().map(xmpp_extensions::Model::xep).collect();
    // One of each module of the crate.
    for xep in [4, 50, 313, 166, 384, 363, 444, 84, 60, 45, 9] {
        assert!(xeps.contains(&xep), "XEP-{xep:04}");
    }
    assert!(xeps.len() > 100, "{}", xeps.len());
}
