//! Going offline and online by command; sending.

use core::time::Duration;

use xmpp_core::SendError;
use xmpp_core::session::{QueueLimits, Session, SessionConfig};
use xmpp_core::stanza::{Message, MessageBuilder, MessageType, StreamCondition, StreamError};

use crate::common::T0;
use crate::world::{Does, Host, Reached, World, client};

fn message(text: &str) -> MessageBuilder {
    let romeo = xmpp_core::jid::Jid::new("romeo@example.net").unwrap();
    Message::builder(MessageType::Chat).with_to(romeo).with_body(text)
}

#[test]
fn closing_is_in_order_and_final() {
    let mut world = World::of_one(Does::Serve);
    world.run_to("online");
    world.session.send(&message("last words")).unwrap();
    let now = world.now;
    world.session.close(now, None);
    world.session.close(now, None);
    world.run_to("stopped");
    assert!(world.session.peer_closed_stream());
    assert_eq!(world.received.len(), 1, "what was sent before went out");
    world.run_for(1e6);
    assert!(world.closed && world.session.is_stopped());
    assert_eq!((world.texts("connected").len(), world.texts("stopped").len()), (1, 1));
    assert_eq!(world.session.send(&message("too late")), Err(SendError::Closed));
    // And by command it goes on.
    world.session.reconnect_now(world.now);
    world.run_to("online");
}

/// In each phase.
#[test]
fn closing_gives_up_whatever_is_on_its_way() {
    for after in [0.0, 0.0005, 0.0015, 0.005, 0.012, 0.0135, 0.5] {
        for does in [Does::Serve, Does::Nothing] {
            let mut world = World::of_one(does);
            if let Some(host) = world.hosts.values_mut().next() {
                host.latency = Duration::from_millis(1);
            }
            world.run(crate::world::at(after), |_| false);
            let now = world.now;
            world.session.close(now, Some(StreamError::new(StreamCondition::Reset)));
            world.run_for(100.0);
            assert!(world.closed, "{after}: {:#?}", world.tail());
            assert_eq!(world.texts("stopped").len(), 1, "{after}: {:#?}", world.tail());
            assert_eq!(world.texts("stopped")[0], "stopped closed here, as asked");
        }
    }
    // While waiting for the next try.
    let mut world = World::of_one(Does::CutAt(Duration::from_secs(1)));
    world.run_to("offline");
    let now = world.now;
    world.session.close(now, None);
    world.run_for(1e6);
    assert_eq!((world.texts("connected").len(), world.texts("stopped").len()), (1, 1));
}

#[test]
fn reconnecting_now_does_not_wait() {
    // While waiting.
    let mut world = World::of_one(Does::CutAt(Duration::from_secs(1)));
    let offline = world.run_to("offline");
    world.session.reconnect_now(world.now);
    let online = world.run_to("online");
    assert!(online.saturating_since(offline) < Duration::from_secs(1));
    // While online: the transport may be dead, so it is not asked.
    world.put("192.0.2.1:5222", Host::new(Does::Serve));
    world.session.reconnect_now(world.now);
    world.run_to("offline");
    world.run_to("online");
    // While trying: names are looked up anew, since the network is another one.
    let mut world = World::of_one(Does::Serve);
    world.put("192.0.2.1:5222", Host::unreachable(Reached::Never));
    world.run_to("connect ");
    world.dns.host("example.com", &["192.0.2.7"]);
    world.put("192.0.2.7:5222", Host::new(Does::Serve));
    let now = world.now;
    world.session.reconnect_now(now);
    let online = world.run_to("online");
    assert!(online.saturating_since(now) < Duration::from_secs(1));
    assert_eq!(world.texts("give up").len(), 1);
}

#[test]
fn nothing_is_kept_while_offline_by_default() {
    let mut world = World::of_one(Does::Serve);
    assert_eq!(world.session.send(&message("early")), Err(SendError::NotEstablished));
    world.run_to("online");
    assert_eq!(world.session.send(&message("on time")), Ok(()));
}

fn with_queue(limits: QueueLimits) -> World {
    let mut config = SessionConfig::new(client());
    config.offline_queue = Some(limits);
    let mut world = World::of_one(Does::Serve);
    world.session = Session::new_dangerous_plaintext(config, T0, [1; 32]);
    world
}

#[test]
fn a_queue_keeps_what_fits_and_sends_it_in_order() {
    let mut world = with_queue(QueueLimits::default());
    for n in 0..100 {
        world.session.send(&message(&n.to_string())).unwrap();
    }
    assert!(matches!(world.session.send(&message("100")), Err(SendError::QueueFull { .. })));
    world.run_to("online");
    world.session.send(&message("behind")).unwrap();
    world.run_for(1.0);
    let bodies: Vec<&str> = world
        .received
        .iter()
        .map(|source| source.split_once("<body>").unwrap().1.split_once('<').unwrap().0)
        .collect();
    let expected: Vec<String> = (0..100).map(|n| n.to_string()).chain(["behind".into()]).collect();
    assert_eq!(bodies, expected);

    let mut limits = QueueLimits::default();
    limits.bytes = 1000;
    let mut world = with_queue(limits);
    world.session.send(&message(&"x".repeat(800))).unwrap();
    let more = world.session.send(&message(&"x".repeat(300)));
    assert!(matches!(more, Err(SendError::QueueFull { stanzas: 1, .. })));
    // What is no stanza is told at once.
    struct Two;
    impl xmpp_core::xml::WriteXml for Two {
        fn write_xml(&self, w: &mut xmpp_core::xml::Writer<'_>) {
            w.write(&message("1")).write(&message("2"));
        }
    }
    assert_eq!(world.session.send(&Two), Err(SendError::NotOneElement));
    let big = message(&"x".repeat(300_000));
    assert!(matches!(world.session.send(&big), Err(SendError::TooLarge { .. })));
}

#[test]
fn what_was_kept_is_handed_back_at_the_end() {
    let mut world = with_queue(QueueLimits::default());
    world.put("192.0.2.1:5222", Host::unreachable(Reached::Refuses(1)));
    world.session.send(&message("one")).unwrap();
    world.session.send(&message("two")).unwrap();
    world.run_to("offline");
    assert_eq!(world.returned, [""; 0], "there is a next time");
    let now = world.now;
    world.session.close(now, None);
    world.run_to("stopped");
    assert!(world.returned[0].contains("one") && world.returned[1].contains("two"));
    assert_eq!(world.returned.len(), 2);
}

/// Between the transport and the stream nothing is refused that can be kept.
#[test]
fn what_is_passed_on_while_a_stream_is_negotiated_is_kept() {
    let mut world = with_queue(QueueLimits::default());
    world.hosts.values_mut().next().unwrap().latency = Duration::from_millis(10);
    world.run_to("connected");
    assert!(world.session.transport().is_some() && !world.session.is_online());
    let stanza = |id: &str| {
        let text = format!("<message xmlns='jabber:client' id='{id}' to='a@example.net'/>");
        xmpp_core::xml::Element::parse(text).unwrap()
    };
    world.session.forward(stanza("1").as_ref(), &[]).unwrap();
    world.session.forward(stanza("2").as_ref(), &[]).unwrap();
    world.session.send(&stanza("3")).unwrap();
    world.run_to("online");
    world.session.forward(stanza("4").as_ref(), &[]).unwrap();
    world.run_for(1.0);
    let ids: Vec<&str> = world
        .received
        .iter()
        .map(|source| source.split_once("id='").unwrap().1.split_once('\'').unwrap().0)
        .collect();
    assert_eq!(ids, ["1", "2", "3", "4"]);
}

/// The stream takes less at once than was kept: the rest goes out as there is room.
#[test]
fn a_queue_is_sent_as_the_stream_takes_it() {
    let mut config = SessionConfig::new(client());
    config.offline_queue = Some(QueueLimits::default());
    config.client.stream_management.as_mut().unwrap().max_stanzas = 7;
    let mut world = World::of_one(Does::Serve);
    world.management = true;
    world.session = Session::new_dangerous_plaintext(config, T0, [1; 32]);
    for n in 0..60 {
        world.session.send(&message(&n.to_string())).unwrap();
    }
    world.run_to("online");
    world.run_for(60.0);
    let bodies: Vec<&str> = world
        .received
        .iter()
        .map(|source| source.split_once("<body>").unwrap().1.split_once('<').unwrap().0)
        .collect();
    let expected: Vec<String> = (0..60).map(|n| n.to_string()).collect();
    assert_eq!(bodies, expected);
    assert_eq!(world.returned, [""; 0]);
    // All of the place is there again.
    world.put("192.0.2.1:5222", Host::unreachable(Reached::Never));
    let id = world.session.transport().unwrap();
    world.session.handle_broken_transport(id, "pulled out");
    world.run_to("offline");
    for n in 0..100 {
        world.session.send(&message(&n.to_string())).unwrap();
    }
}
