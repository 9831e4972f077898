//! What can be asked of stream management: by whom, for how long, and what waits.

use xmpp_core::stream_management::Count;

use crate::harness::{Pair, Setup};

#[test]
fn both_sides_know_the_stream_by_the_same_name() {
    // XEP-0198 section 3: `id`, `location` and `max` of <enabled/>.
    let mut setup = Setup::new();
    let place = "resume.example.com:5222";
    setup.host.stream_management.as_mut().unwrap().location = Some(place.into());
    let mut pair = Pair::open(&setup);
    let id = {
        let ours = pair.client.connection.stream_management().unwrap();
        let theirs = pair.server.connection.stream_management().unwrap();
        assert_eq!(ours.id(), theirs.id());
        assert_eq!((ours.location(), ours.max().unwrap().as_secs()), (Some(place), 300));
        ours.id().unwrap().clone()
    };
    assert!(!format!("{id:?}").contains(id.expose()), "it lets in whoever knows it");
    pair.cut();
    let kept = pair.client.connection.take_resumption().unwrap();
    assert_eq!((kept.id(), kept.location()), (&id, Some(place)));
    assert_eq!(kept.max().unwrap().as_secs(), 300);
    assert!(!format!("{kept:?}").contains(id.expose()));
    let texts = [id.expose(), kept.jid().as_str(), place].concat().len();
    let held = kept.held_bytes() - kept.unacknowledged().held_bytes();
    assert!((texts..2 * texts).contains(&held), "{held} for {texts}");
    assert_eq!(pair.server.connection.take_resumption().unwrap().id(), &id);
    // None said, none known; and no memory for it.
    let mut pair = Pair::open(&Setup::new());
    pair.cut();
    let without = pair.client.connection.take_resumption().unwrap();
    assert_eq!(without.location(), None);
    assert!(kept.held_bytes() >= without.held_bytes() + place.len());
}

#[test]
fn what_waits_is_what_was_sent_since() {
    let mut pair = Pair::open(&Setup::new());
    for id in ["1", "2", "3"] {
        pair.client.send(id).unwrap();
    }
    let sent = pair.client.sent();
    let counters = pair.client.connection.stream_management().unwrap();
    assert_eq!((counters.sent(), counters.acknowledged()), (Count::new(3), Count::new(0)));
    pair.give_client(b"<a xmlns='urn:xmpp:sm:3' h='1'/>");
    pair.give_client(b"<message id='4'/>");
    let counters = pair.client.connection.stream_management().unwrap();
    assert_eq!((counters.acknowledged().get(), counters.handled().get()), (1, 1));
    let waits = counters.unacknowledged();
    let texts: Vec<&[u8]> = waits.iter().collect();
    assert_eq!(texts, [&b"<message id='2'/>"[..], b"<message id='3'/>"]);
    assert_eq!((waits.len(), waits.iter().len(), waits.is_empty()), (2, 2, false));
    assert_eq!(waits.byte_len(), texts.concat().len());
    assert!(waits.held_bytes() >= waits.byte_len() && sent.contains("<message id='3'/>"));
    assert!(format!("{waits:?}").contains("stanzas: 2"), "{waits:?}");
    let elements: Vec<_> = waits.elements().collect();
    assert_eq!(elements[0].as_ref().attr("id").unwrap(), "2");
    assert!(
        elements.iter().all(|element| element.as_ref().is(xmpp_core::xml::ns::CLIENT, "message"))
    );
    pair.cut();
    let kept = pair.client.connection.take_resumption().unwrap();
    assert_eq!((kept.handled().get(), kept.acknowledged().get()), (1, 1));
    assert!(kept.held_bytes() >= kept.unacknowledged().byte_len() + kept.jid().as_str().len());
    assert_eq!(kept.into_unacknowledged().len(), 2);
}
