//! The serialised form of a resumption: as documented, strict, and without secrets in
//! `Debug`.

use xmpp_core::stream_management::{Resumption, ResumptionErrorKind as Kind};

use crate::harness::{Pair, Setup};

fn resumption() -> Resumption {
    let mut pair = Pair::open(&Setup::new());
    pair.server.send("s1").unwrap();
    pair.settle();
    pair.client.send("c1").unwrap();
    pair.client.send("c2").unwrap();
    pair.cut();
    pair.client.connection.take_resumption().unwrap()
}

#[test]
fn the_form_is_the_documented_one() {
    let resumption = resumption();
    let id = resumption.id().expose();
    let mut expected = b"XMPPSM\x01\x00".to_vec();
    expected.extend([0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 44]);
    expected.extend([0, 26]);
    expected.extend(b"juliet@example.com/balcony");
    expected.extend([0, 26]);
    expected.extend(id.as_bytes());
    expected.extend([0, 0, 0, 0, 0, 2]);
    for stanza in [b"<message id='c1'/>", b"<message id='c2'/>"] {
        expected.extend([0, 0, 0, 18]);
        expected.extend(stanza);
    }
    assert_eq!(resumption.to_bytes(), expected);
    let read = Resumption::from_bytes(&expected).unwrap();
    assert_eq!(read, resumption);
    assert_eq!(read.handled().get(), 1);
    assert_eq!(read.max().unwrap().as_secs(), 300);
    assert_eq!(read.jid().as_str(), "juliet@example.com/balcony");
    let shown = format!("{resumption:?} {:?}", resumption.id());
    assert!(!shown.contains(id) && !shown.contains("c1"), "{shown}");
}

#[test]
fn nothing_but_the_whole_form_is_read() {
    let bytes = resumption().to_bytes();
    let kind = |bytes: &[u8]| Resumption::from_bytes(bytes).unwrap_err().kind;
    for length in 0..bytes.len() {
        assert_eq!(kind(&bytes[..length]), Kind::Truncated, "{length}");
    }
    assert_eq!(kind(&[&bytes[..], b" "].concat()), Kind::Trailing);
    let with = |at: usize, with: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = with;
        kind(&bytes)
    };
    let told = Resumption::from_bytes(&bytes[..10]).unwrap_err().to_string();
    assert_eq!(told, "it ends too early (at byte 10)");
    assert_eq!(with(0, b'Y'), Kind::NotAResumption);
    assert_eq!(with(6, 2), Kind::UnknownVersion(2));
    assert_eq!(with(7, 2), Kind::Framing);
    assert_eq!(with(22, b'J'), Kind::Jid, "not canonical");
    assert_eq!(with(22, 0xff), Kind::NotUtf8);
    assert_eq!(with(50, 0), Kind::Id, "no XML");
    assert_eq!(with(48, 255), Kind::TooLong);
    let last = bytes.len() - 1;
    assert_eq!(with(last, b' '), Kind::Stanza);
    // A count beyond what is there takes no memory.
    assert_eq!(with(78, 255), Kind::Truncated);
}

/// What is wrong is told or makes no difference, whatever is changed; nothing panics.
#[test]
fn any_byte_may_be_wrong() {
    let bytes = resumption().to_bytes();
    for at in 0..bytes.len() {
        for with in [0, 1, b'<', b'>', b'/', 0x7f, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] = with;
            match Resumption::from_bytes(&bytes) {
                Ok(read) => assert_eq!(read.to_bytes(), bytes),
                Err(error) => assert!(error.offset <= bytes.len()),
            }
        }
    }
}

/// XEP-0198 section 4: "the value of 'h' SHALL be reset from 2^32-1 back to zero".
#[test]
fn counts_wrap() {
    let setup = Setup::new();
    let mut pair = Pair::open(&setup);
    pair.cut();
    let from = pair.client.connection.take_resumption().unwrap();
    let kept = pair.server.connection.take_resumption().unwrap();
    // As if nearly 2^32 stanzas had gone each way.
    let late = |resumption: &Resumption| {
        let mut bytes = resumption.to_bytes();
        bytes[8..16].copy_from_slice(&[255, 255, 255, 254, 255, 255, 255, 254]);
        Resumption::from_bytes(&bytes).unwrap()
    };
    let mut pair = Pair::begin(&setup, Some(late(&from)), Some(late(&kept)));
    pair.settle();
    for n in 0..6 {
        pair.client.send(&format!("c{n}")).unwrap();
        pair.server.send(&format!("s{n}")).unwrap();
        if n == 3 {
            pair = pair.again(&setup);
            assert_eq!((pair.server.got.len(), pair.client.got.len()), (4, 4));
        }
    }
    pair.wait(core::time::Duration::from_secs(1));
    pair.settle();
    for counters in [
        pair.client.connection.stream_management().unwrap(),
        pair.server.connection.stream_management().unwrap(),
    ] {
        assert_eq!((counters.sent().get(), counters.handled().get()), (4, 4));
        assert_eq!(counters.acknowledged().get(), 4);
        assert!(counters.unacknowledged().is_empty());
    }
    // One more than was sent, beyond the wrap.
    pair.give_client(b"<a xmlns='urn:xmpp:sm:3' h='5'/>");
    assert!(pair.client.closed.is_some());
}

/// A server that has said nothing of `max` is one that has said nothing of it.
#[test]
fn no_time_is_none() {
    let mut bytes = resumption().to_bytes();
    bytes[16..20].fill(0);
    let read = Resumption::from_bytes(&bytes).unwrap();
    assert_eq!(read.max(), None);
    assert_eq!(read.to_bytes(), bytes);
    bytes[19] = 1;
    assert_eq!(Resumption::from_bytes(&bytes).unwrap().max().unwrap().as_secs(), 1);
}

/// A host finds its sessions by it.
#[test]
fn identifiers_are_hashed_by_what_they_are() {
    use core::hash::{BuildHasher as _, BuildHasherDefault};
    use std::hash::DefaultHasher;
    let hash = |resumption: &Resumption| {
        BuildHasherDefault::<DefaultHasher>::default().hash_one(resumption.id())
    };
    let first = resumption();
    let mut bytes = first.to_bytes();
    bytes[50] = if bytes[50] == b'a' { b'b' } else { b'a' };
    let other = Resumption::from_bytes(&bytes).unwrap();
    assert_ne!(first.id(), other.id());
    assert_ne!(hash(&first), hash(&other));
    assert_eq!(hash(&first), hash(&first.clone()));
}
