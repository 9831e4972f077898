//! The sinks of a host, and its clock.

use core::time::Duration;
use std::time::SystemTime;

use xmpp_jid::DomainpartRef;
use xmpp_server::{
    ClientState, DomainPair, Outbox, Output, Queue, RouteError, SessionId, UnixTime,
};
use xmpp_stanza::{Presence, PresenceType, StreamCondition};
use xmpp_xml::{WriteXml, ns};

fn domains() -> DomainPair<'static> {
    DomainPair {
        from: DomainpartRef::new("example.com").unwrap(),
        to: DomainpartRef::new("example.net").unwrap(),
    }
}

/// A driver for one domain says nothing of routes, and has none.
#[test]
fn without_routes_there_are_no_other_domains() {
    struct Alone;
    impl Outbox for Alone {
        fn send(&mut self, _: SessionId, _: &dyn WriteXml) {}
        fn close(&mut self, _: SessionId, _: StreamCondition) {}
    }
    let presence = Presence::builder(PresenceType::Available);
    assert_eq!(Alone.route(domains(), &presence), Err(RouteError::NotFound));
}

/// What takes an outbox takes a borrowed one, and all of it arrives.
#[test]
fn a_borrowed_outbox_is_one() {
    fn use_it(mut outbox: impl Outbox) {
        let presence = Presence::builder(PresenceType::Available);
        outbox.send(SessionId(1), &presence);
        assert_eq!(outbox.route(domains(), &presence), Ok(()));
        outbox.close(SessionId(1), StreamCondition::Conflict);
    }
    let mut queue = Queue::new();
    queue.routes.insert(domains().to.into_owned(), ns::SERVER);
    use_it(&mut queue);
    let output: Vec<_> = queue.output.into_iter().collect();
    assert!(matches!(
        &*output,
        [
            Output::Stanza(SessionId(1), _),
            Output::Routed { .. },
            Output::Close(SessionId(1), StreamCondition::Conflict)
        ]
    ));
}

#[test]
fn the_clock_of_the_system() {
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_500_000_000_999);
    assert_eq!(UnixTime::from(at), UnixTime::from_secs(1_500_000_000));
    let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    assert_eq!(UnixTime::from(before), UnixTime::from_secs(0));
}

#[test]
fn what_waits_is_counted_and_not_shown() {
    let state = ClientState::<String>::default();
    assert_eq!(format!("{state:?}"), "ClientState { active: true, held: 0, .. }");
}
