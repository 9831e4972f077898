//! The generator of streams against the readers of this workspace: what it calls
//! good is read however it is cut, and each fault is refused by its condition in
//! its place, the more specific one (6120-4.9.3.1-01, 6120-11.1-03, 6120-11.3-02, 6120-11.3-04, 6120-11.6-03, 6120-4.8.1-02,
//! 6120-4.8.4-03).

use proptest::prelude::*;
use xmpp_stanza::arbitrary::{Arbitrary as _, Fault, Level, Stream, Unstructured};

mod check;
mod planted;
mod variety;

use check::check;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn streams_are_what_they_say(bytes in proptest::collection::vec(any::<u8>(), 0..1500)) {
        check(&Stream::arbitrary(&mut Unstructured::new(&bytes)).unwrap());
    }
}

/// Bytes that are the same everywhere.
fn decisions(mut seed: u64, len: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(len);
    for _ in 0..len {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.push((seed >> 56) as u8);
    }
    bytes
}

#[test]
fn every_fault_is_planted_and_refused_in_its_place() {
    for fault in Fault::ALL {
        for seed in 0..40 {
            let bytes = decisions(seed, if seed == 0 { 0 } else { 600 });
            let stream = Stream::faulty(*fault, &mut Unstructured::new(&bytes)).unwrap();
            assert_eq!(stream.fault.as_ref().map(|(planted, _)| planted), Some(fault));
            check(&stream);
        }
    }
}

#[test]
fn faults_stand_in_many_places() {
    for fault in Fault::ALL {
        let places: std::collections::BTreeSet<usize> = (1..60)
            .map(|seed| {
                let bytes = decisions(seed, 600);
                Stream::faulty(*fault, &mut Unstructured::new(&bytes)).unwrap().elements
            })
            .collect();
        let in_header = matches!(
            fault,
            Fault::DocumentType
                | Fault::Encoding
                | Fault::HeaderNamespace
                | Fault::ContentNamespace
        );
        assert_eq!(places.len() == 1, in_header, "{fault}: behind {places:?} elements");
    }
}

#[test]
fn no_input_is_the_smallest_stream() {
    let stream = Stream::good(&mut Unstructured::new(&[])).unwrap();
    assert_eq!(stream.elements, 0);
    assert!(stream.usual_prefix);
    assert!(stream.bytes.ends_with(b"</stream:stream>"));
    check(&stream);
}

#[test]
fn good_streams_have_everything() {
    let mut seen = String::new();
    for seed in 0..300 {
        let bytes = decisions(seed, 1500);
        let stream = Stream::good(&mut Unstructured::new(&bytes)).unwrap();
        assert_eq!(stream.fault, None);
        assert!(stream.bytes.len() < 200 * bytes.len());
        check(&stream);
        seen += str::from_utf8(&stream.bytes).unwrap();
    }
    for part in [
        "<?xml",
        "jabber:client",
        "jabber:server",
        "jabber:component:accept",
        "xml:lang=",
        "version=",
        "<message",
        "<presence",
        "<iq",
        "<body",
        "<show",
        "<priority",
        "<error",
        "features",
        "mechanisms",
        "<auth",
        "<challenge",
        "<response",
        "<success",
        "<failure",
        "<abort",
        "starttls",
        "<proceed",
        "urn:xmpp:sm:3",
        "previd",
        "<![CDATA[",
        "&lt;",
        "&#x",
        "xmlns:p=",
        "urn:xmpp:csi:0",
        "jabber:server:dialback",
        "handshake",
        "stream:error",
        "see-other-host",
        "item-not-found",
        "\"",
        "'",
        "</message ",
        "/>",
        "\n<",
    ] {
        assert!(seen.contains(part), "{part}");
    }
}

#[test]
fn faults_have_names_sections_and_conditions() {
    for fault in Fault::ALL {
        assert!(!fault.conditions().is_empty() && fault.conditions().contains(&"bad-format"));
        assert!(fault.section().contains(", "));
        let same = Fault::ALL.iter().filter(|other| other.as_str() == fault.as_str());
        assert_eq!(same.count(), 1, "{fault}");
        assert!(
            fault.level() == Level::Stream || fault.conditions()[0] != "bad-format",
            "{fault}: RFC 6120 recommends the more specific ones (section 4.9.3.1)"
        );
    }
}
