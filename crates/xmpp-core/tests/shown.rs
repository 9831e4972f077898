//! What is shown of values in a log: enough to tell them apart, and nothing secret or
//! private.

mod common;

use std::sync::Arc;

use common::{Pair, T0, client_config, host_config};
use xmpp_core::dialback::{Claim, Pair as Domains};
use xmpp_core::jid::Domainpart;
use xmpp_core::requests::Requests;
use xmpp_core::stream_management::StreamManagement;
use xmpp_core::{Event, PeerIncompatible, ServerConfig};

#[test]
fn a_claim_without_its_key() {
    let domain = |text| Domainpart::new(text).unwrap();
    let pair = Domains::new(domain("montague.example"), domain("capulet.example"));
    let shown = format!("{:?}", Claim::new(pair, "D60000229F", "b4835385f37fe289"));
    for there in ["montague.example", "capulet.example", "D60000229F"] {
        assert!(shown.contains(there), "{shown}");
    }
    assert!(!shown.contains("b4835385"), "{shown}");
}

#[test]
fn a_stanza_without_what_is_in_it() {
    let mut pair = Pair::new();
    pair.drive().unwrap();
    let client = &mut pair.client;
    client.rx.push(b"<message from='romeo@example.net'><body>But soft</body></message>");
    let event = client.connection.poll_event(T0, &mut client.rx, &mut client.tx).unwrap();
    let Some(Event::Stanza(stanza)) = event else { panic!() };
    let shown = format!("{stanza:?}");
    assert!(shown.contains("message") && shown.contains("jabber:client"), "{shown}");
    assert!(!shown.contains("soft") && !shown.contains("romeo"), "{shown}");
}

#[test]
fn the_counters_of_a_stream() {
    let mut config = client_config();
    config.stream_management = Some(StreamManagement::of_client());
    let mut pair = Pair::with(config, ServerConfig::default());
    let mut host = host_config();
    host.stream_management = Some(StreamManagement::of_server());
    pair.server.host = Arc::new(host);
    pair.drive().unwrap();
    let counters = pair.client.connection.stream_management().unwrap();
    let shown = format!("{counters:?}");
    for there in ["resumable: true", "handled: ", "sent: ", "acknowledged: "] {
        assert!(shown.contains(there), "{shown}");
    }
    // Who has the identifier can take the session over.
    assert!(!shown.contains(counters.id().unwrap().expose()), "{shown}");
}

#[test]
fn limits_and_what_was_not_named() {
    let mut full = Requests::new(3);
    for id in ["a", "b", "c"] {
        full.sent(id, None, T0).unwrap();
    }
    assert_eq!(format!("{full:?}"), "Requests { waiting: 3, .. }");
    let refused = full.sent("d", None, T0).unwrap_err();
    assert_eq!(refused.max, 3);
    assert!(refused.to_string().contains('3'), "{refused}");
    let none = PeerIncompatible::UnknownTasks(Vec::new()).to_string();
    assert!(none.ends_with("names none"), "{none}");
    let one = PeerIncompatible::UnknownTasks(vec!["TOTP".into()]).to_string();
    assert!(one.ends_with(": TOTP"), "{one}");
}
