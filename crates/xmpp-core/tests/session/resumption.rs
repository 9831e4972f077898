//! Resume, else bind; and what was not acknowledged (XEP-0198).

use core::time::Duration;

use xmpp_core::session::{Session, SessionConfig, Undelivered};
use xmpp_core::stanza::{
    Message, MessageBuilder, MessageType, Presence, PresenceType, StreamCondition, StreamError,
};
use xmpp_core::stream_management::Resumption;

use crate::common::T0;
use crate::world::{Does, Host, World, client};

pub(crate) fn message(text: &str) -> MessageBuilder {
    let romeo = xmpp_core::jid::Jid::new("romeo@example.net").unwrap();
    Message::builder(MessageType::Chat).with_to(romeo).with_body(text)
}

pub(crate) fn body(source: &str) -> Option<&str> {
    Some(source.split_once("<body>")?.1.split_once('<')?.0)
}

fn managed(config: SessionConfig) -> World {
    let mut world = World::of_one(Does::Serve);
    world.management = true;
    world.session = Session::new_dangerous_plaintext(config, T0, [1; 32]);
    world
}

/// Loses the transport, with what is on its way.
fn cut(world: &mut World) {
    let id = world.session.transport().unwrap();
    world.session.handle_broken_transport(id, "pulled out");
    world.run_to("offline");
}

fn bodies(stanzas: &[String]) -> Vec<&str> {
    stanzas.iter().filter_map(|source| body(source)).collect()
}

#[test]
fn a_lost_stream_goes_on() {
    let mut world = managed(SessionConfig::new(client()));
    world.run_to("online");
    world.run_for(1.0);
    world.session.send(&message("one")).unwrap();
    world.run_for(0.1);
    // The second leaves, and gets nowhere.
    world.session.send(&message("two")).unwrap();
    cut(&mut world);
    assert_eq!(
        world.texts("offline")[0].split_once(' ').unwrap().1.split_once(' ').unwrap().1,
        "the connection broke: pulled out"
    );
    world.run_to("online");
    world.run_for(1.0);
    assert_eq!(world.texts("online")[1], "online juliet@example.com/balcony resumed");
    assert_eq!(bodies(&world.received), ["one", "two"]);
    assert!(world.returned.is_empty());
}

/// The default: who sent it decides.
#[test]
fn what_a_lost_session_did_not_deliver_is_handed_back() {
    let mut world = managed(SessionConfig::new(client()));
    world.run_to("online");
    world.run_for(1.0);
    world.session.send(&message("lost")).unwrap();
    world.session.send(&Presence::builder(PresenceType::Available)).unwrap();
    cut(&mut world);
    world.sessions.clear();
    world.run_to("online");
    world.run_for(1.0);
    assert_eq!(world.texts("online")[1], "online juliet@example.com/balcony");
    assert_eq!(bodies(&world.returned), ["lost"]);
    assert!(world.returned[1].starts_with("<presence"));
    assert_eq!(bodies(&world.received), [""; 0]);
}

#[test]
fn messages_are_sent_again_if_that_is_wanted() {
    let mut config = SessionConfig::new(client());
    config.undelivered = Undelivered::ResendMessages;
    let mut world = managed(config);
    world.run_to("online");
    world.run_for(1.0);
    world.session.send(&message("again")).unwrap();
    world.session.send(&Presence::builder(PresenceType::Available)).unwrap();
    cut(&mut world);
    world.sessions.clear();
    world.run_to("online");
    world.session.send(&message("behind")).unwrap();
    world.run_for(1.0);
    assert_eq!(bodies(&world.received), ["again", "behind"]);
    assert!(world.returned.len() == 1 && world.returned[0].starts_with("<presence"));
}

/// A stanza that the server ends the stream over is not sent to it again and again.
#[test]
fn a_poisonous_stanza_is_handed_back() {
    for condition in [StreamCondition::NotWellFormed, StreamCondition::PolicyViolation] {
        let mut config = SessionConfig::new(client());
        config.undelivered = Undelivered::ResendMessages;
        let mut world = managed(config);
        world.put("192.0.2.1:5222", Host::new(Does::FailAtStanza(StreamError::new(condition))));
        world.run_to("online");
        world.run_for(1.0);
        world.session.send(&message("poison")).unwrap();
        world.run_to("offline");
        assert_eq!(bodies(&world.returned), ["poison"]);
        world.run_to("online");
        world.run_for(10.0);
        assert!(world.session.is_online(), "{:#?}", world.tail());
    }
}

#[test]
fn a_session_that_stops_hands_back_all() {
    // Closed in order while the server has not acknowledged.
    let mut world = managed(SessionConfig::new(client()));
    world.run_to("online");
    world.run_for(1.0);
    world.session.send(&message("lost")).unwrap();
    cut(&mut world);
    let now = world.now;
    world.session.close(now, None);
    world.run_to("stopped");
    assert_eq!(bodies(&world.returned), ["lost"]);
    // Stopped by the server.
    let mut world = managed(SessionConfig::new(client()));
    let conflict = StreamError::new(StreamCondition::Conflict);
    world.put("192.0.2.1:5222", Host::new(Does::FailAtStanza(conflict)));
    world.run_to("online");
    world.run_for(1.0);
    world.session.send(&message("lost")).unwrap();
    world.run_to("stopped");
    assert_eq!(bodies(&world.returned), ["lost"]);
}

#[test]
fn another_network_resumes_at_once() {
    let mut world = managed(SessionConfig::new(client()));
    world.run_to("online");
    world.run_for(1.0);
    world.outbox.push_back("<message from='romeo@example.net'><body>hi</body></message>".into());
    world.session.send(&message("one")).unwrap();
    let now = world.now;
    world.session.reconnect_now(now);
    let online = world.run_to("online");
    world.run_for(1.0);
    assert!(online.saturating_since(now) < Duration::from_secs(1));
    assert_eq!(world.texts("online")[1], "online juliet@example.com/balcony resumed");
    assert_eq!(bodies(&world.received), ["one"]);
    assert_eq!(world.texts("stanza").len(), 1);
}

/// The stream survives a loss while it is being resumed, and one while the server
/// cannot be reached.
#[test]
fn a_resumption_that_is_cut_short_is_tried_again() {
    for bytes in (0..3000).step_by(37) {
        let mut world = managed(SessionConfig::new(client()));
        world.run_to("online");
        world.run_for(1.0);
        world.session.send(&message("kept")).unwrap();
        world.put("192.0.2.1:5222", Host::new(Does::CutAfter(bytes)));
        cut(&mut world);
        let until = world.now.saturating_add(Duration::from_secs(90));
        world.run(until, |_| false);
        world.put("192.0.2.1:5222", Host::new(Does::Serve));
        if world.session.is_online() {
            cut(&mut world);
        }
        world.run_to("online");
        world.run_for(1.0);
        assert!(
            world.texts("online").last().unwrap().ends_with("resumed"),
            "{bytes}: {:#?}",
            world.tail()
        );
        assert_eq!(bodies(&world.received), ["kept"], "{bytes}");
        assert!(world.returned.is_empty(), "{bytes}");
    }
}

/// From the serialised state, in another process.
#[test]
fn another_process_goes_on() {
    let mut world = managed(SessionConfig::new(client()));
    world.run_to("online");
    world.run_for(1.0);
    world.session.send(&message("one")).unwrap();
    let kept = world.session.resumption().unwrap().to_bytes();
    cut(&mut world);
    let kept = Resumption::from_bytes(&kept).unwrap();
    let config = SessionConfig::new(client());
    let session = Session::new_dangerous_plaintext(config.clone(), T0, [2; 32]);
    world.session = session.with_resumption(kept.clone()).unwrap();
    world.run_to("online");
    world.run_for(1.0);
    assert!(world.texts("online")[1].ends_with("resumed"));
    assert_eq!(bodies(&world.received), ["one"]);
    // Of another account.
    let mut config = config;
    config.client.account = xmpp_core::jid::BareJid::new("nurse@example.com").unwrap();
    let session = Session::new_dangerous_plaintext(config, T0, [3; 32]);
    assert!(session.with_resumption(kept).is_err());
}

/// XEP-0198 section 3: "the preferred location for reconnecting".
#[test]
fn the_place_that_the_server_prefers_is_tried_first() {
    let mut world = managed(SessionConfig::new(client()));
    world.location = Some("192.0.2.77:5300".into());
    world.run_to("online");
    world.run_for(1.0);
    world.put("192.0.2.77:5300", Host::new(Does::Serve));
    cut(&mut world);
    world.run_to("online");
    assert_eq!(world.texts("connect ").last(), Some(&"connect 192.0.2.77:5300"));
    assert!(world.texts("online")[1].ends_with("resumed"));
    // "If reconnecting to that location fails … as ever".
    world.run_for(1.0);
    world.hosts.remove(&"192.0.2.77:5300".parse().unwrap());
    cut(&mut world);
    world.run_to("online");
    assert_eq!(
        world.texts("connect ")[2..],
        ["connect 192.0.2.77:5300", "connect 192.0.2.1:5222"],
        "in the same round"
    );
}

/// The answer comes on the connection after the one that the request went out on; where
/// the stream is gone for good, none comes, and that is told.
#[test]
fn requests_outlive_a_connection_and_not_a_stream() {
    use xmpp_core::stanza::{Iq, ping::Ping};
    for resumes in [true, false] {
        let mut world = managed(SessionConfig::new(client()));
        world.run_to("online");
        world.run_for(1.0);
        let now = world.now;
        let first = world.session.request(now, Iq::get("", &Ping), Duration::from_secs(600));
        let first = first.unwrap();
        cut(&mut world);
        let offline = world.session.request(now, Iq::get("", &Ping), Duration::from_secs(600));
        assert!(offline.is_err());
        if !resumes {
            world.sessions.clear();
        }
        world.run_to("online");
        world.run_for(1.0);
        let told = |what: &str| world.texts(&format!("event {what}")).len();
        assert_eq!((told("Answered"), told("Unanswered")), (resumes.into(), (!resumes).into()));
        // Numbers are not used twice.
        let now = world.now;
        let next = world.session.request(now, Iq::get("", &Ping), Duration::from_secs(600));
        assert_ne!(next.unwrap(), first);
    }
}
