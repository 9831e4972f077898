//! The limits of the two sides fit each other.

mod common;

use core::time::Duration;

use common::{Pair, ServerEnd, T0, client_config};
use xmpp_core::config::{StreamLimits, Timeouts};
use xmpp_core::stanza::{Message, MessageType};
use xmpp_core::stream_management::StreamManagement;
use xmpp_core::xml::Limits;
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
    // XEP-0478, 6120-13.12-08 and -10
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
    let empty = "<message><body></body></message>".len();
    for (length, fits) in [(10_000, true), (10_001, false)] {
        let mut config = ServerConfig::default();
        config.limits.authenticated.max_element_bytes = 10_000;
        let mut pair = Pair::with(client_config(), config);
        pair.drive().unwrap();
        let message = format!("<message><body>{}</body></message>", "x".repeat(length - empty));
        assert_eq!(pair.server.receive(message.as_bytes()).is_ok(), fits, "{length}");
    }
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

#[test]
fn the_defaults_are_those_that_are_documented() {
    let (client, server) = (StreamLimits::of_client(), StreamLimits::default());
    assert_eq!(server.unauthenticated, Limits::unauthenticated());
    assert!(server.unauthenticated.max_element_bytes < server.authenticated.max_element_bytes);
    // What a server takes it also sends, and what it adds fits the client.
    assert_eq!(server.authenticated.max_element_bytes, 256 << 10);
    assert_eq!((server.send, client.send), ((256 + 16) << 10, 256 << 10));
    assert_eq!(client.authenticated.max_element_bytes as usize, server.send);
    assert_eq!(client.unauthenticated, server.unauthenticated);
    for limits in [&client, &server] {
        assert_eq!((limits.requests, limits.backlog), (256, 256 << 10));
        // Room for the largest element, and for the beginning of the next.
        let largest = limits.authenticated.max_element_bytes as usize;
        assert_eq!(limits.max_message_bytes(), largest + (16 << 10));
    }
    let (client, server) = (Timeouts::of_client(), Timeouts::of_server());
    let seconds = Duration::from_secs;
    // 6120-4.6.4-01: no check more often than every five minutes, and rather by clients.
    assert_eq!((client.keepalive, client.ping), (Some(seconds(300)), Some(seconds(600))));
    assert_eq!((server.keepalive, server.ping), (None, None));
    assert_eq!((client.idle, server.idle), (None, Some(seconds(1800))));
    for timeouts in [client, server] {
        assert_eq!((timeouts.negotiation, timeouts.pong), (seconds(60), seconds(60)));
        assert_eq!((timeouts.close, timeouts.quiet), (seconds(5), seconds(10)));
    }
    let (client, server) = (StreamManagement::of_client(), StreamManagement::of_server());
    assert_eq!((client.max_stanzas, client.max_bytes, client.max), (4096, 4 << 20, None));
    assert_eq!((server.max_stanzas, server.max_bytes), (2048, 1 << 20));
    assert_eq!(server.max, Some(seconds(300)));
    for management in [client, server] {
        assert!(management.resume && !management.clone().without_resumption().resume);
        let after = (management.request_after_stanzas, management.request_after_bytes);
        assert_eq!(after, (10, 32 << 10));
        assert_eq!(management.request_after, seconds(1));
        assert_eq!(management.answer_within, Some(seconds(60)));
    }
}
