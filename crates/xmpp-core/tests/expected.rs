//! What each end waits for, and what it makes of something else (RFC 6120 sections
//! 4.9.3.12 and 4.9.3.24).

mod common;

use std::collections::BTreeSet;
use std::sync::Arc;

use common::{ClientEnd, Pair, ServerEnd, T0, facts};
use xmpp_core::config::TlsMode;
use xmpp_core::stanza::{Message, MessageType, StreamCondition, StreamError};
use xmpp_core::stream_management::StreamManagement;
use xmpp_core::time::TimerReason;
use xmpp_core::xml::Framing;
use xmpp_core::{
    Connection, Error, Event, PeerIncompatible, PeerMisbehaved, Phase, SendError, ServerConfig,
    ServerEvent,
};

const HEADER: &str = "<stream:stream from='example.com' id='x' version='1.0' \
    xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
const INITIAL: &str = "<stream:stream to='example.com' version='1.0' xmlns='jabber:client' \
    xmlns:stream='http://etherx.jabber.org/streams'>";
const STARTTLS: &str = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const PROCEED: &str = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

fn unexpected(name: &str, expected: &'static str) -> Result<(), Error> {
    let name = name.into();
    Err(PeerMisbehaved::UnexpectedElement { name, expected }.into())
}

/// A client behind its second header, over TLS.
fn secured() -> ClientEnd {
    let mut client = ClientEnd::new();
    client.receive(HEADER.as_bytes()).unwrap();
    let features = format!("<stream:features>{STARTTLS}</stream:features>");
    client.receive(features.as_bytes()).unwrap();
    client.receive(PROCEED.as_bytes()).unwrap();
    client.receive(HEADER.as_bytes()).unwrap();
    client
}

/// A client that has sent its first word of SASL.
fn authenticating() -> ClientEnd {
    let mut client = secured();
    client
        .receive(
            b"<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
              <mechanism>SCRAM-SHA-256</mechanism></mechanisms></stream:features>",
        )
        .unwrap();
    assert!(client.sent().contains("<auth "));
    client
}

/// A client that has asked for a resource.
fn binding() -> ClientEnd {
    let mut pair = Pair::authenticated();
    pair.client
        .receive(
            format!(
                "{HEADER}<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>\
                 </stream:features>"
            )
            .as_bytes(),
        )
        .unwrap();
    pair.client
}

#[test]
fn a_client_says_what_it_waited_for() {
    let sasl = "a SASL challenge, success or failure";
    let (stream, sasl_ns) =
        ("http://etherx.jabber.org/streams", "urn:ietf:params:xml:ns:xmpp-sasl");
    let features = || {
        let mut client = ClientEnd::new();
        client.receive(HEADER.as_bytes()).unwrap();
        client
    };
    let proceed = || {
        let mut client = features();
        let offer = format!("<stream:features>{STARTTLS}</stream:features>");
        client.receive(offer.as_bytes()).unwrap();
        client
    };
    let cases: [(&dyn Fn() -> ClientEnd, &str, &str, &'static str); 9] = [
        (&features, "other", stream, "<features/>"),
        (&features, "features", "urn:x", "<features/>"),
        (&features, "message", "jabber:client", "<features/>"),
        (&secured, "success", sasl_ns, "<features/>"),
        (&proceed, "other", "urn:ietf:params:xml:ns:xmpp-tls", "<proceed/>"),
        (&authenticating, "other", sasl_ns, sasl),
        (&authenticating, "success", "urn:x", sasl),
        (&authenticating, "message", "jabber:client", sasl),
        (&binding, "other", "urn:x", "the result of resource binding"),
    ];
    for (client, name, ns, expected) in cases {
        let mut client = client();
        let told = client.receive(format!("<{name} xmlns='{ns}'/>").as_bytes());
        assert_eq!(told, unexpected(name, expected), "{name} {ns}");
    }
}

/// 6120-4.9.3.12: stanzas before their time are told apart from what is none.
#[test]
fn a_server_says_what_it_waited_for() {
    type Begin<'a> = &'a dyn Fn() -> ServerEnd;
    let header = || {
        let mut server = ServerEnd::new();
        server.receive(INITIAL.as_bytes()).unwrap();
        server
    };
    let bind = || {
        let mut server = Pair::authenticated().server;
        server.receive(INITIAL.as_bytes()).unwrap();
        server
    };
    let early = || Err(PeerMisbehaved::NotAuthorized.into());
    let cases: [(Begin<'_>, &str, &str, Result<(), Error>); 6] = [
        (&header, "other", "jabber:client", unexpected("other", "<starttls/> or <auth/>")),
        (&header, "other", "urn:x", unexpected("other", "<starttls/> or <auth/>")),
        (&header, "message", "jabber:client", early()),
        (&bind, "other", "jabber:client", unexpected("other", "an iq with <bind/>")),
        (&bind, "other", "urn:x", unexpected("other", "an iq with <bind/>")),
        (&bind, "presence", "jabber:client", early()),
    ];
    for (server, name, ns, expected) in cases {
        let told = server().receive(format!("<{name} xmlns='{ns}'/>").as_bytes());
        assert_eq!(told, expected, "{name} {ns}");
    }
}

/// In the middle of a TLS handshake nothing can be said in XML.
#[test]
fn nothing_is_said_while_tls_is_awaited() {
    for starttls in [false, true] {
        let mut config = ServerConfig::default();
        config.tls = if starttls { TlsMode::StartTls } else { TlsMode::Direct };
        let mut server = ServerEnd::with(config);
        if starttls {
            server.receive(INITIAL.as_bytes()).unwrap();
            server.rx.push(STARTTLS.as_bytes());
            let (rx, tx) = (&mut server.rx, &mut server.tx);
            let event = server.connection.poll_event(T0, rx, tx).unwrap();
            assert!(matches!(event, Some(Event::StartTls)));
            server.sent();
        }
        server.close(Some(StreamError::new(StreamCondition::SystemShutdown)));
        assert_eq!(server.sent(), "", "{starttls}");
        assert_eq!(server.connection.phase(), Phase::Closed);
    }
}

/// 6120-5.3.3-01: what white space was dropped behind STARTTLS does not come before the
/// first word under TLS, where an XML declaration may stand.
#[test]
fn white_space_in_the_clear_is_forgotten_under_tls() {
    let mut config = ServerConfig::default();
    config.space_behind_starttls = true;
    let mut server = ServerEnd::with(config);
    server.receive(INITIAL.as_bytes()).unwrap();
    server.receive(format!("{STARTTLS}\n ").as_bytes()).unwrap();
    assert_eq!(server.rx.unread(), 0);
    server.receive(format!("<?xml version='1.0'?>{INITIAL}").as_bytes()).unwrap();
    assert!(server.sent().contains("<mechanisms "));
}

/// 7395-3.4-02: a client that is sent elsewhere is asked nothing about any more.
#[test]
fn a_query_that_was_not_told_before_the_move_is_not_told() {
    let mut server = ServerEnd::framed(ServerConfig::default(), Framing::WebSocket);
    let (rx, tx) = (&mut server.rx, &mut server.tx);
    server.connection.tls_established(T0, facts(), rx, tx).unwrap();
    rx.push(b"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.com' version='1.0'/>");
    rx.end_of_message();
    let event = server.connection.poll_event(T0, rx, tx).unwrap();
    assert!(matches!(event, Some(Event::HeaderReceived(_))), "{event:?}");
    server.connection.close_see_other_uri(T0, "wss://other.example/", tx).unwrap();
    let event = server.connection.poll_event(T0, rx, tx).unwrap();
    assert!(!matches!(event, Some(Event::Role(ServerEvent::HostWanted(_)))), "{event:?}");
}

/// RFC 6120 section 4.7.3: an identifier is of all that its alphabet has.
#[test]
fn stream_ids_use_their_alphabet() {
    let (mut letters, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for seed in 0..64 {
        let config = Arc::new(ServerConfig::default());
        let mut connection = Connection::accept(config, Framing::Stream, T0, [seed; 32]);
        let id = connection.new_id();
        // Five bits each: 130 of them.
        assert_eq!(id.len(), 26, "{id}");
        letters.extend(id.chars());
        ids.insert(id);
    }
    assert_eq!((ids.len(), letters.len()), (64, 32));
}

/// What is sent is as large as the limit says, and no larger, however it is given.
#[test]
fn what_is_serialised_already_has_the_same_limit() {
    let mut pair = Pair::new();
    pair.drive().unwrap();
    let client = &mut pair.client;
    let huge = Message::builder(MessageType::Chat).with_body("x".repeat(2 << 20));
    let refused = client.connection.send(&huge, &mut client.tx);
    let Err(SendError::TooLarge { limit }) = refused else { panic!("{refused:?}") };
    let empty = "<message><body></body></message>".len();
    for (size, fits) in [(limit - 1, true), (limit, true), (limit + 1, false), (2 * limit, false)] {
        let body = "x".repeat(size - empty);
        let stanza = format!("<message><body>{body}</body></message>");
        let sent = client.connection.send_serialized(stanza.as_bytes(), &mut client.tx);
        let expected = if fits { Ok(()) } else { Err(SendError::TooLarge { limit }) };
        assert_eq!(sent, expected, "{size}");
        let bytes = common::take(&mut client.tx).len();
        assert_eq!(bytes >= size, fits, "{size}");
    }
}

/// XEP-0199: a pong has the id of the ping and comes from who was asked. What has one of
/// both is somebody else's.
#[test]
fn what_is_no_pong_is_given_out() {
    let mut config = common::client_config();
    config.timeouts.ping = Some(core::time::Duration::from_secs(20));
    let mut pair = Pair::with(config, ServerConfig::default());
    pair.drive().unwrap();
    let client = &mut pair.client;
    let deadline = client.connection.poll_timeout().unwrap();
    client.wait_until(deadline.at).unwrap();
    let ping = client.sent();
    let id = ping.split_once(" id='").unwrap().1.split('\'').next().unwrap();
    for (from, id, pong) in [
        ("mallory@example.net", id, false),
        ("example.com", "other", false),
        ("example.com", id, true),
    ] {
        client.log.clear();
        client.receive(format!("<iq from='{from}' id='{id}' type='result'/>").as_bytes()).unwrap();
        assert_eq!(client.log.is_empty(), pong, "{from} {id}: {:?}", client.log);
    }
}

/// A pair with stream management, and a client that asks after 20 seconds of silence.
fn managed() -> Pair {
    let mut config = common::client_config();
    config.stream_management = Some(StreamManagement::of_client());
    config.timeouts.ping = Some(core::time::Duration::from_secs(20));
    let mut pair = Pair::with(config, ServerConfig::default());
    let mut host = common::host_config();
    host.stream_management = Some(StreamManagement::of_server());
    pair.server.host = Arc::new(host);
    pair.drive().unwrap();
    assert!(pair.client.connection.stream_management().is_some());
    pair
}

/// XEP-0198 section 3: `<failed/>` is an answer to `<enable/>`, and there is one.
#[test]
fn stream_management_is_not_refused_once_it_is_enabled() {
    let told = managed().client.receive(b"<failed xmlns='urn:xmpp:sm:3'/>");
    assert_eq!(told, unexpected("failed", "a stanza"));
}

/// XEP-0198 section 4: `<r/>` asks whether the peer is there, and needs no ping.
#[test]
fn a_managed_stream_asks_by_r() {
    let mut client = managed().client;
    for _ in 0..4 {
        let deadline = client.connection.poll_timeout().unwrap();
        client.wait_until(deadline.at).unwrap();
        if deadline.reason == TimerReason::Ping {
            assert_eq!(client.sent(), "<r xmlns='urn:xmpp:sm:3'/>");
            return;
        }
    }
    panic!("nobody was asked");
}

/// RFC 6120 section 4.9.3.23: a feature that has to be negotiated and is not known, where
/// there is nothing that is due.
#[test]
fn a_feature_that_is_demanded_and_not_known() {
    let features = "<stream:features><sealed xmlns='urn:x'><required/></sealed></stream:features>";
    for sasl2 in [false, true] {
        let mut config = common::client_config();
        config.sasl2.enabled = sasl2;
        config.tls = TlsMode::DangerousPlaintext;
        let mut client = ClientEnd::with(config);
        client.receive(HEADER.as_bytes()).unwrap();
        let told = client.receive(features.as_bytes());
        let fault =
            PeerIncompatible::UnsupportedFeature { name: "sealed".into(), ns: "urn:x".into() };
        assert_eq!(told, Err(fault.into()), "{sasl2}");
    }
}
