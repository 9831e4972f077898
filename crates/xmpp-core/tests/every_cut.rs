//! The whole exchange gives the same events however its bytes are cut.

mod common;

use common::{Cut, Pair, T0};
use xmpp_core::jid::Jid;
use xmpp_core::stanza::{Message, MessageType, Presence, PresenceType};

/// A whole session: negotiation, stanzas both ways, close. Everything is
/// deterministic, so two runs differ only by the cut.
fn session(cut: [Cut; 2]) -> (Pair, Vec<String>, Vec<String>) {
    let mut pair = Pair::new();
    pair.cut = cut;
    pair.drive().unwrap();
    let message = Message::builder(MessageType::Chat)
        .with_to(Jid::new("romeo@example.com").unwrap())
        .with_body("Art thou not Romeo, & a Montague? \u{1F339}");
    let (client, server) = (&mut pair.client, &mut pair.server);
    client.connection.send(&Presence::builder(PresenceType::Available), &mut client.tx).unwrap();
    client.connection.send(&message, &mut client.tx).unwrap();
    server.connection.send(&message, &mut server.tx).unwrap();
    pair.drive().unwrap();
    pair.client.connection.close(T0, None, &mut pair.client.tx);
    pair.drive().unwrap();
    let (client, server) = (pair.client.log.clone(), pair.server.log.clone());
    (pair, client, server)
}

#[test]
fn every_split_gives_the_same_events() {
    let (pair, client, server) = session([Cut::Whole; 2]);
    assert!(client.iter().any(|event| event.contains("Established")), "{client:#?}");
    assert!(server.iter().filter(|event| event.starts_with("stanza")).count() == 2);
    assert_eq!(client.last().unwrap(), "Closed { error: None }");
    assert_eq!(server.last().unwrap(), "Closed { error: None }");
    for at in 1..pair.sent[0].max(pair.sent[1]) {
        let (_, cut_client, cut_server) = session([Cut::At(at); 2]);
        assert_eq!(cut_client, client, "cut at byte {at}");
        assert_eq!(cut_server, server, "cut at byte {at}");
    }
}

#[test]
fn byte_by_byte_gives_the_same_events() {
    // 6120-8-02
    let (_, client, server) = session([Cut::Whole; 2]);
    let (_, cut_client, cut_server) = session([Cut::EachByte; 2]);
    assert_eq!(cut_client, client);
    assert_eq!(cut_server, server);
}
