//! The limits of the two sides fit each other.

mod common;

use common::{Pair, ServerEnd, T0, client_config};
use xmpp_core::stanza::{Message, MessageType};
use xmpp_core::{Error, SendError, ServerConfig};

const RESPONSE: &str = "<?xml version='1.0'?><stream:stream from='example.com' id='x' version='1.0' \
    xml:lang='en' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

#[test]
fn what_a_server_takes_from_one_client_fits_another() {
    // Else anybody could end anybody's session with a stanza that is just within
    // the limit of the server, which adds to it before it passes it on.
    let limit = ServerConfig::default().limits.authenticated.max_element_bytes as usize;
    // Each prefix that a header may declare is used, once the header is full.
    let mut declared = String::new();
    let mut used = String::new();
    for i in 0..14 {
        let uri = format!("urn:{}", "x".repeat(if i < 3 { 1000 } else { 30 }));
        declared.push_str(&format!(" xmlns:p{i}='{uri}'"));
        used.push_str(&format!("<p{i}:x/>"));
    }
    let mut pair = Pair::new();
    pair.drive().unwrap();
    let mut server = authenticated_server(&declared);
    let empty = format!("<message to='juliet@example.com'>{used}<body></body></message>");
    let body = "x".repeat(limit - empty.len());
    let message = empty.replace("<body>", &format!("<body>{body}"));
    assert_eq!(message.len(), limit);
    server.rx.push(message.as_bytes());
    let event = server.connection.poll_event(T0, &mut server.rx, &mut server.tx).unwrap();
    let Some(xmpp_core::Event::Stanza(stanza)) = event else { panic!("{event:?}") };
    let from = format!("{0}@{0}.example.com/{1}", "x".repeat(60), "x".repeat(1023));
    let sender = &mut pair.server;
    sender.connection.forward(stanza.element(), &[("from", Some(&from))], &mut sender.tx).unwrap();
    pair.drive().unwrap();
    assert!(pair.client.log.last().unwrap().starts_with("stanza <message "));
    // One byte more is the server's to refuse.
    let error = server.receive(message.replace("<body>", "<body>x").as_bytes()).unwrap_err();
    assert!(matches!(error, Error::Xml(_)), "{error:?}");
}

/// A server whose client's last header has these declarations.
fn authenticated_server(declarations: &str) -> ServerEnd {
    let pair = Pair::authenticated();
    let mut server = pair.server;
    let header = RESPONSE.replace("from=", "to=").replace(" id='x'", declarations);
    server.receive(header.as_bytes()).unwrap();
    let bind = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
    server.receive(bind.as_bytes()).unwrap();
    server.sent();
    server
}

#[test]
fn limits_are_announced_and_kept() {
    // XEP-0478
    let mut config = ServerConfig::default();
    config.limits.authenticated.max_element_bytes = 10_000;
    let mut pair = Pair::with(client_config(), config);
    pair.drive().unwrap();
    let announced = pair.client.log.iter().filter(|event| event.starts_with("FeaturesReceived"));
    assert_eq!(announced.count(), 3);
    let client = &mut pair.client;
    let message = Message::builder(MessageType::Chat).with_body("x".repeat(10_000));
    let refused = client.connection.send(&message, &mut client.tx);
    assert_eq!(refused, Err(SendError::TooLarge { limit: 10_000 }));
}

#[test]
fn an_idle_connection_is_small() {
    // What is rare is boxed: a server holds many of these.
    fn bytes<R: xmpp_core::role::Role>() -> usize {
        size_of::<xmpp_core::Connection<R>>()
            + size_of::<xmpp_core::xml::RecvBuffer>()
            + size_of::<xmpp_core::xml::SendBuffer>()
    }
    assert!(bytes::<xmpp_core::role::ClientToServer>() <= 1664);
    assert!(bytes::<xmpp_core::role::ServerFromClient>() <= 1664);
    assert!(bytes::<xmpp_core::role::ComponentToServer>() <= 1664);
    assert!(bytes::<xmpp_core::role::ServerFromComponent>() <= 1664);
}
