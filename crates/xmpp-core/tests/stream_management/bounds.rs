//! What is kept at most, when an acknowledgement is asked for, and how long the parts of
//! what a stream is resumed from may be.

use core::time::Duration;

use xmpp_core::SendError;
use xmpp_core::stream_management::{Resumption, ResumptionErrorKind as Kind, StreamManagement};
use xmpp_core::xml::Framing;

use crate::harness::{Pair, Setup};

/// As long as each of the harness's messages.
const MESSAGE: usize = "<message id='1'/>".len();

fn client(change: impl FnOnce(&mut StreamManagement)) -> Pair {
    let mut management = StreamManagement::of_client();
    change(&mut management);
    let mut setup = Setup::new();
    setup.client.stream_management = Some(management);
    Pair::open(&setup)
}

#[test]
fn what_is_kept_may_be_as_long_as_the_limit() {
    for (max_bytes, fit) in [(3 * MESSAGE - 1, 2), (3 * MESSAGE, 3), (3 * MESSAGE + 1, 3)] {
        let mut pair = client(|management| management.max_bytes = max_bytes);
        for _ in 0..fit {
            pair.client.send("1").unwrap();
        }
        let full = SendError::QueueFull { stanzas: fit, bytes: fit * MESSAGE };
        assert_eq!(pair.client.send("1"), Err(full), "{max_bytes}");
    }
    // "A single stanza may be longer."
    let mut pair = client(|management| management.max_bytes = MESSAGE - 1);
    pair.client.send("1").unwrap();
    assert_eq!(pair.client.send("2"), Err(SendError::QueueFull { stanzas: 1, bytes: MESSAGE }));
}

/// "At the latest when half of what is kept has been used up."
#[test]
fn half_of_what_is_kept_is_asked_for() {
    for (change, silent) in [
        ((|it| it.max_stanzas = 6) as fn(&mut StreamManagement), 2),
        (|it| it.max_bytes = 6 * MESSAGE, 2),
        (|it| it.max_bytes = 6 * MESSAGE + 2, 3),
    ] {
        let mut pair = client(|management| {
            management.request_after = Duration::from_secs(1_000_000);
            management.request_after_stanzas = 1000;
            management.request_after_bytes = 1_000_000;
            change(management);
        });
        for _ in 0..silent {
            pair.client.send("1").unwrap();
        }
        assert!(!pair.client.sent().contains("<r "));
        pair.client.send("1").unwrap();
        let sent = pair.client.sent();
        assert!(sent.contains("<r xmlns='urn:xmpp:sm:3'/>"), "{sent}");
    }
}

fn resumption(framing: Framing) -> Resumption {
    let mut setup = Setup::new();
    setup.framing = framing;
    let place = "resume.example.com:5222";
    setup.host.stream_management.as_mut().unwrap().location = Some(place.into());
    let mut pair = Pair::open(&setup);
    pair.client.send("c1").unwrap();
    pair.cut();
    pair.client.connection.take_resumption().unwrap()
}

#[test]
fn what_is_resumed_over_a_websocket_can_be_kept_as_bytes() {
    for (framing, byte) in [(Framing::Stream, 0), (Framing::WebSocket, 1)] {
        let resumption = resumption(framing);
        let bytes = resumption.to_bytes();
        assert_eq!(bytes[7], byte);
        let read = Resumption::from_bytes(&bytes).unwrap();
        assert_eq!(read, resumption);
        assert_eq!(read.to_bytes(), bytes);
        let element = read.unacknowledged().elements().next().unwrap();
        assert_eq!(element.attr("id").as_deref(), Some("c1"));
    }
}

/// That form with another identifier and location.
fn with_texts(id: &str, location: &str) -> Vec<u8> {
    let mut bytes = b"XMPPSM\x01\x00".to_vec();
    bytes.extend([0; 12]);
    for text in ["juliet@example.com/balcony", id, location] {
        bytes.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes.extend([0; 4]);
    bytes
}

#[test]
fn an_identifier_has_4096_bytes_at_most() {
    let read = |id: usize, location: usize| {
        Resumption::from_bytes(&with_texts(&"i".repeat(id), &"l".repeat(location)))
    };
    for (id, location) in [(1, 0), (4095, 0), (4096, 0), (1, 1099), (1, 1100), (4096, 1100)] {
        let read = read(id, location).unwrap();
        assert_eq!(read.id().expose().len(), id);
        assert_eq!(read.location().map_or(0, str::len), location);
    }
    for (id, location, kind, at) in
        [(0, 0, Kind::Id, 48), (4097, 0, Kind::TooLong, 48), (1, 1101, Kind::TooLong, 51)]
    {
        let error = read(id, location).unwrap_err();
        assert_eq!((error.kind, error.offset), (kind, at), "{id}, {location}");
    }
}

#[test]
fn what_it_holds_is_all_of_its_parts() {
    let of = |id: &str, location: &str| {
        Resumption::from_bytes(&with_texts(id, location)).unwrap().held_bytes()
    };
    let jid = "juliet@example.com/balcony".len();
    assert_eq!(of("i", ""), jid + 1);
    assert_eq!(of("identifier", ""), jid + 10);
    assert_eq!(of("identifier", "a.example:5222"), jid + 10 + 14);
    let kept = resumption(Framing::Stream);
    let (queue, id) = (kept.unacknowledged().held_bytes(), kept.id().expose().len());
    assert!(queue >= MESSAGE);
    assert!(kept.held_bytes() >= queue + id + jid + kept.location().unwrap().len());
    let read = Resumption::from_bytes(&kept.to_bytes()).unwrap();
    let queue = read.unacknowledged().held_bytes();
    assert_eq!(read.held_bytes(), queue + id + jid + "resume.example.com:5222".len());
}

/// For logs: whose it is and how far, without what people wrote and what lets one in.
#[test]
fn what_is_shown_of_it() {
    let kept = resumption(Framing::Stream);
    assert_eq!(format!("{:?}", kept.id()), "[redacted]");
    let shown = format!("{kept:?}");
    for part in ["Resumption {", "juliet@example.com/balcony", "resume.example.com:5222", "300"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(shown.contains("stanzas: 1") && !shown.contains("c1"), "{shown}");
    assert!(!shown.contains(kept.id().expose()), "{shown}");
}
