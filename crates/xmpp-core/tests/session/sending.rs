//! What is sent through a session is what its stream sends, online and not.

use core::time::Duration;

use xmpp_core::jid::Jid;
use xmpp_core::session::{QueueLimits, Session, SessionConfig};
use xmpp_core::stanza::ping::Ping;
use xmpp_core::stanza::{Iq, IqBuilder, Presence, PresenceType};
use xmpp_core::xml::Element;
use xmpp_core::{Misuse, SendError};

use crate::common::T0;
use crate::world::{Does, World, client};

const TIMEOUT: Duration = Duration::from_secs(30);

fn ping() -> IqBuilder {
    Iq::get("", &Ping).with_to(Jid::new("romeo@example.net").unwrap())
}

fn stanza(text: &str) -> Element {
    Element::parse(format!("<message xmlns='jabber:client' id='{text}' to='a@example.net'/>"))
        .unwrap()
}

fn nonza() -> Element {
    Element::parse("<active xmlns='urn:xmpp:csi:0'/>").unwrap()
}

#[test]
fn online_it_goes_out_at_once() {
    let mut world = World::of_one(Does::Serve);
    world.run_to("online");
    assert!(world.session.is_online() && !world.session.is_stopped());
    assert_eq!(world.session.bound().unwrap().to_bare().as_str(), "juliet@example.com");
    world.session.send(&Presence::builder(PresenceType::Available)).unwrap();
    let to = [("to", Some("b@example.net"))];
    world.session.forward(stanza("1").as_ref(), &to).unwrap();
    world.session.send_nonza(&nonza()).unwrap();
    assert_eq!(world.session.send(&nonza()), Err(SendError::NotOneElement));
    assert_eq!(world.session.send_nonza(&stanza("2")), Err(SendError::NotOneElement));
    world.run_for(1.0);
    assert_eq!(world.received.len(), 2, "{:#?}", world.received);
    assert!(world.received[0].starts_with("<presence"));
    assert!(world.received[1].contains("id='1' to='b@example.net'"), "{}", world.received[1]);
    let ids: std::collections::BTreeSet<_> = (0..50).map(|_| world.session.new_id()).collect();
    assert_eq!(ids.len(), 50);
    assert!(ids.iter().all(|id| id.len() == 26), "{ids:?}");
    // Five bits each.
    let letters: std::collections::BTreeSet<_> = ids.iter().flat_map(|id| id.chars()).collect();
    assert_eq!(letters.len(), 32, "{letters:?}");
}

#[test]
fn offline_nothing_is_taken_that_cannot_be_kept() {
    let mut world = World::of_one(Does::Serve);
    let to = [("to", Some("b@example.net"))];
    for stopped in [false, true] {
        let expected = if stopped { SendError::Closed } else { SendError::NotEstablished };
        assert_eq!(world.session.send(&stanza("1")), Err(expected.clone()));
        assert_eq!(world.session.forward(stanza("1").as_ref(), &to), Err(expected.clone()));
        assert_eq!(world.session.request(T0, ping(), TIMEOUT), Err(expected));
        assert_eq!(world.session.send_nonza(&nonza()), Err(SendError::NotEstablished));
        assert!(!world.session.claim() && world.session.bound().is_none());
        assert!(world.session.tls_facts().is_none() && world.session.resumption().is_none());
        assert!(!world.session.is_online());
        assert_eq!(world.session.is_stopped(), stopped);
        world.session.close(T0, None);
        world.run_for(1.0);
        assert_eq!(world.texts("stopped").len(), 1);
    }
}

#[test]
fn what_is_passed_on_while_offline_is_kept_as_it_will_be() {
    let mut config = SessionConfig::new(client());
    config.offline_queue = Some(QueueLimits::default());
    let mut world = World::of_one(Does::Serve);
    world.session = Session::new_dangerous_plaintext(config, T0, [1; 32]);
    let to = [("to", Some("b@example.net"))];
    world.session.forward(stanza("1").as_ref(), &to).unwrap();
    world.session.send(&stanza("2")).unwrap();
    assert_eq!(world.session.send(&nonza()), Err(SendError::NotOneElement));
    world.run_to("online");
    world.run_for(1.0);
    assert_eq!(world.received.len(), 2);
    assert!(world.received[0].contains("id='1'"), "{:#?}", world.received);
    assert!(world.received[0].contains("to='b@example.net'"), "{:#?}", world.received);
    assert!(world.received[1].contains("id='2'"), "{:#?}", world.received);
}

#[test]
fn requests_are_those_of_the_stream() {
    let mut world = World::of_one(Does::Serve);
    world.run_to("online");
    let now = world.now;
    let given_up = world.session.request(now, ping(), TIMEOUT).unwrap();
    let other = world.session.request(now, ping(), TIMEOUT).unwrap();
    assert_ne!(given_up, other);
    assert!(world.session.give_up(given_up) && !world.session.give_up(given_up));
    world.run_for(60.0);
    let unanswered = world.texts("event Unanswered");
    let told = world.texts("event Answered");
    assert_eq!(unanswered.len() + told.len(), 1, "{:#?}", world.tail());
    assert!(!world.session.give_up(other), "it has been told");
}

/// Of a request that was given up nothing is told any more, also if nobody will answer it.
#[test]
fn a_request_is_given_up_that_nobody_will_answer() {
    let mut world = World::of_one(Does::Serve);
    world.run_to("online");
    let now = world.now;
    let given_up = world.session.request(now, ping(), TIMEOUT).unwrap();
    let other = world.session.request(now, ping(), TIMEOUT).unwrap();
    let transport = world.session.transport().unwrap();
    world.session.handle_broken_transport(transport, "cut");
    world.run_to("offline");
    let now = world.now;
    world.session.close(now, None);
    assert!(world.session.give_up(given_up) && !world.session.give_up(given_up));
    world.run_for(1.0);
    assert!(!world.session.give_up(other), "it has been told");
    assert_eq!(world.texts("event Unanswered").len(), 1, "{:#?}", world.tail());
}

#[test]
fn another_transport_is_not_this_sessions() {
    // An answer to an attempt that was given up must not touch the one that lives.
    let mut world = World::of_one(Does::Serve);
    world.run_to("online");
    let old = world.session.transport().unwrap();
    assert!(world.session.wants_read(old) && world.session.recv_buf(old).is_some());
    world.session.send(&stanza("1")).unwrap();
    let now = world.now;
    world.session.reconnect_now(now);
    world.run_to("online");
    let live = world.session.transport().unwrap();
    assert_ne!(old, live);
    assert!(!world.session.wants_read(old) && world.session.recv_buf(old).is_none());
    world.session.send(&stanza("2")).unwrap();
    assert!(world.session.transmit(old).is_empty());
    world.session.transmitted(old, 10_000);
    world.session.handle_read(old, 7);
    world.session.handle_broken_transport(old, "late");
    world.session.handle_eof(old);
    assert!(world.session.handle_message(old, b"<late/>"), "taken, and thrown away");
    world.session.handle_bad_message(old, xmpp_core::MessageFault::NotText);
    world.run_for(1.0);
    assert!(world.session.is_online(), "{:#?}", world.tail());
    assert!(world.received.iter().any(|source| source.contains("id='2'")));
}

#[test]
fn a_resumption_is_of_the_sessions_account() {
    let mut world = World::of_one(Does::Serve);
    world.management = true;
    world.run_to("online");
    world.run_for(1.0);
    let kept = world.session.resumption().unwrap();
    assert_eq!(Some(kept.jid()), world.session.bound());
    let session = |account: &str| {
        let mut config = client();
        config.account = account.parse().unwrap();
        Session::new_dangerous_plaintext(SessionConfig::new(config), T0, [5; 32])
    };
    let other = session("romeo@example.com").with_resumption(kept.clone());
    assert_eq!(other.err(), Some(Misuse::WrongResumption));
    let own = session("juliet@example.com").with_resumption(kept.clone()).ok().unwrap();
    assert_eq!(own.resumption(), Some(kept));
}
