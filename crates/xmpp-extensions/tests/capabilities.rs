//! Entity capabilities against the hashes that XEP-0390 prints.
#![cfg(feature = "hashes")]

use xmpp_extensions::base::caps2::{self, Caps2, NotHashable};
use xmpp_extensions::base::disco::Info;
use xmpp_extensions::base::hashes::{Algorithm, Hash};
use xmpp_stanza::Payload;
use xmpp_stanza::xml::Element;

const EXAMPLES: &str = include_str!("../../../conformance/vectors/payloads/examples.jsonl");

/// An example of XEP-0390, as the first element in it.
fn example(number: u64) -> Element {
    let examples =
        EXAMPLES.lines().map(|line| -> serde_json::Value { serde_json::from_str(line).unwrap() });
    let example = examples.into_iter().find(|e| e["xep"] == 390 && e["example"] == number).unwrap();
    let document = Element::parse(example["xml"].as_str().unwrap()).unwrap();
    document.children().next().unwrap().into_shared()
}

fn base64(hash: &Hash<'_>) -> String {
    caps2::hash_node(hash).rsplit_once('.').unwrap().1.to_owned()
}

#[test]
fn the_printed_hashes() {
    for (number, sha256, sha3) in [
        (
            1,
            "kzBZbkqJ3ADrj7v08reD1qcWUwNGHaidNUgD7nHpiw8=",
            "79mdYAfU9rEdTOcWDO7UEAt6E56SUzk/g6TnqUeuD9Q=",
        ),
        (
            2,
            "u79ZroNJbdSWhdSp311mddz44oHHPsEBntQ5b1jqBSY=",
            "XpUJzLAc93258sMECZ3FJpebkzuyNXDzRNwQog8eycg=",
        ),
    ] {
        let element = example(number);
        let info = Info::parse(element.as_ref()).unwrap();
        let caps = Caps2::of(&info, &[Algorithm::Sha256, Algorithm::Sha3_256]).unwrap();
        assert_eq!(caps.hashes.iter().map(base64).collect::<Vec<_>>(), [sha256, sha3]);
        assert_eq!(caps.verify(&info), Ok(Some(true)));
        for hash in &caps.hashes {
            assert_eq!(caps2::of_hash_node(&caps2::hash_node(hash)).as_ref(), Some(hash));
        }
    }
}

#[test]
fn the_hash_of_an_example_is_verified() {
    // Example 6: the hashes of example 2.
    let presence = example(6);
    let caps = Caps2::parse(presence.children().next().unwrap()).unwrap();
    let element = example(2);
    let info = Info::parse(element.as_ref()).unwrap();
    assert_eq!(caps.verify(&info), Ok(Some(true)));
    let element = example(1);
    assert_eq!(caps.verify(&Info::parse(element.as_ref()).unwrap()), Ok(Some(false)));
    // Without a known and safe function there is nothing to say.
    let sha1 = Algorithm::Sha1.hash(&caps2::hash_input(&info).unwrap()).unwrap();
    assert_eq!(Caps2::new().with_hashes([sha1]).verify(&info), Ok(None));
    assert_eq!(Caps2::new().verify(&info), Ok(None));
}

#[test]
fn what_is_not_hashed_is_refused() {
    let input = |xml: &str| {
        let xml = format!("<query xmlns='http://jabber.org/protocol/disco#info'>{xml}</query>");
        let element = Element::parse(xml).unwrap();
        caps2::hash_input(&Info::parse(element.as_ref()).unwrap())
    };
    assert_eq!(input("<other/>"), Err(NotHashable::UnknownElement));
    assert_eq!(input("<x xmlns='jabber:x:data' type='result'/>"), Err(NotHashable::NoFormType));
    let table = "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'>\
                 <value>x</value></field><reported/></x>";
    assert_eq!(input(table), Err(NotHashable::TableForm));
    // XEP-0390, 4.1: fields, values and forms are sorted by octets.
    let form = "<x xmlns='jabber:x:data' type='result'><field var='b'><value>2</value><value>1</value></field>\
                <field var='FORM_TYPE' type='hidden'><value>x</value></field></x>";
    let expected = "\x1c\x1cFORM_TYPE\x1fx\x1f\x1eb\x1f1\x1f2\x1f\x1e\x1d\x1c".as_bytes();
    assert_eq!(input(form).as_deref(), Ok(expected));
}
