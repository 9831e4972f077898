//! What counts depends on the phase, and on nothing else: while a stream closes,
//! nothing of a negotiation goes on; and nothing in the clear is taken for
//! protected.

mod common;

use common::{ClientEnd, Pair, ServerEnd, T0, client_config, facts};
use xmpp_core::sasl::Mechanism;
use xmpp_core::sasl::client::Credentials;
use xmpp_core::stanza::{StreamCondition, StreamError};
use xmpp_core::time::TimerReason;
use xmpp_core::xml::RecvBuffer;
use xmpp_core::{Error, Event, Misuse, PeerMisbehaved, Phase};

const RESPONSE: &str = "<?xml version='1.0'?><stream:stream from='example.com' id='x' version='1.0' \
    xml:lang='en' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
const STARTTLS: &str = "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'>\
    <required/></starttls></stream:features>";
const PROCEED: &str = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const PLAIN: &str = "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
    <mechanism>PLAIN</mechanism></mechanisms></stream:features>";

/// A client that would send its password, behind TLS, before the features.
fn plain_client() -> ClientEnd {
    let mut config = client_config();
    config.credentials = Credentials::new("juliet").with_password("r0m30");
    config.sasl = config.sasl.clone().allow(Mechanism::Plain);
    let mut client = ClientEnd::with(config);
    client.receive(format!("{RESPONSE}{STARTTLS}").as_bytes()).unwrap();
    client.receive(PROCEED.as_bytes()).unwrap();
    client.receive(RESPONSE.as_bytes()).unwrap();
    client.sent();
    client
}

#[test]
fn no_password_goes_out_behind_the_closing_tag() {
    // 6120-4.4-01: refrain from sending further data.
    let mut client = plain_client();
    client.receive(PLAIN.as_bytes()).unwrap();
    assert!(client.sent().contains("mechanism='PLAIN'"), "the test's features work");
    let mut client = plain_client();
    client.close(None);
    assert_eq!(client.sent(), "</stream:stream>");
    client.receive(PLAIN.as_bytes()).unwrap();
    assert_eq!(client.sent(), "");
    client.receive(b"</stream:stream>").unwrap();
    assert_eq!(client.log.last().unwrap(), "Closed { error: None }");
    assert_eq!(client.sent(), "", "our closing tag is out already");
}

#[test]
fn no_starttls_goes_out_behind_the_closing_tag() {
    let mut client = ClientEnd::new();
    client.receive(RESPONSE.as_bytes()).unwrap();
    client.close(None);
    client.sent();
    client.receive(STARTTLS.as_bytes()).unwrap();
    assert_eq!(client.sent(), "");
    assert!(!client.log.iter().any(|event| event.contains("StartTls")), "{:#?}", client.log);
}

#[test]
fn a_bind_result_does_not_open_a_closing_stream() {
    let mut pair = Pair::authenticated();
    pair.server.receive(&common::take(&mut pair.client.tx)).unwrap();
    pair.client.receive(&common::take(&mut pair.server.tx)).unwrap();
    let bind = common::take(&mut pair.client.tx);
    assert!(bind.starts_with(b"<iq "), "the bind request is out");
    pair.client.close(None);
    pair.server.receive(&bind).unwrap();
    pair.client.receive(&common::take(&mut pair.server.tx)).unwrap();
    assert_eq!(pair.client.connection.phase(), Phase::Closing);
    assert!(!pair.client.log.iter().any(|event| event.contains("Established")));
    pair.drive().unwrap();
    assert_eq!(pair.client.log.last().unwrap(), "Closed { error: None }");
}

#[test]
fn a_stream_error_still_counts_while_closing() {
    let mut client = plain_client();
    client.close(None);
    let error = client.receive(
        b"<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
    );
    assert_eq!(error, Err(Error::StreamError(StreamError::new(StreamCondition::Conflict))));
}

#[test]
fn an_answer_that_comes_after_the_close_is_of_no_account() {
    let mut server = ServerEnd::new();
    assert_eq!(server.rx.push(RESPONSE.replace("from=", "to=").as_bytes()), RESPONSE.len() - 2);
    let query = loop {
        match server.connection.poll_event(T0, &mut server.rx, &mut server.tx).unwrap() {
            Some(Event::Role(xmpp_core::ServerEvent::HostWanted(query))) => break query,
            Some(_) => {}
            None => panic!("no query"),
        }
    };
    server.close(None);
    let host = server.host.clone();
    assert_eq!(server.connection.choose_host(query, host, &mut server.tx), Ok(()));
    server.poll().unwrap();
    assert_eq!(server.log.last().unwrap(), "Closed { error: None }");
    assert_eq!(server.sent(), "", "no header of ours stood there");
}

#[test]
fn a_query_that_was_not_told_before_the_close_is_not_told() {
    let mut server = ServerEnd::new();
    server.rx.push(RESPONSE.replace("from=", "to=").as_bytes());
    let event = server.connection.poll_event(T0, &mut server.rx, &mut server.tx);
    assert!(matches!(event, Ok(Some(Event::HeaderReceived(_)))), "{event:?}");
    server.close(None);
    server.poll().unwrap();
    assert_eq!(server.log, ["Closed { error: None }"]);
}

#[test]
fn an_answer_to_another_query_is_a_misuse() {
    let ask = |server: &mut ServerEnd| {
        server.rx.push(RESPONSE.replace("from=", "to=").as_bytes());
        loop {
            match server.connection.poll_event(T0, &mut server.rx, &mut server.tx).unwrap() {
                Some(Event::Role(xmpp_core::ServerEvent::HostWanted(query))) => return query,
                Some(_) => {}
                None => panic!("no query"),
            }
        }
    };
    let mut server = ServerEnd::new();
    let first = ask(&mut server);
    let host = server.host.clone();
    server.connection.choose_host(first, host.clone(), &mut server.tx).unwrap();
    let mut other = ServerEnd::new();
    let foreign = ask(&mut other);
    let refused = server.connection.choose_host(foreign, host, &mut server.tx);
    assert_eq!(refused, Err(Misuse::StaleQuery));
}

#[test]
fn what_tls_agreed_on_is_what_is_spoken() {
    // XEP-0368, for TLS engines that do not check ALPN themselves.
    for (alpn, fits) in [(None, true), (Some(&b"xmpp-client"[..]), true), (Some(b"h2"), false)] {
        let mut config = client_config();
        config.tls = xmpp_core::config::TlsMode::Direct;
        let mut client = ClientEnd::with(config);
        let mut facts = facts();
        facts.alpn = alpn;
        let (rx, tx) = (&mut client.rx, &mut client.tx);
        client.connection.tls_established(T0, facts, rx, tx).unwrap();
        let told = client.poll();
        let expected = Err(Error::Peer(PeerMisbehaved::WrongAlpn));
        assert_eq!(told, if fits { Ok(()) } else { expected }, "{alpn:?}");
    }
}

#[test]
fn bytes_in_the_clear_before_the_handshake_is_through_are_refused() {
    // Put into the buffer between `StartTls` and `tls_established`.
    let mut client = ClientEnd::new();
    client.receive(format!("{RESPONSE}{STARTTLS}").as_bytes()).unwrap();
    client.sent();
    assert_eq!(client.rx.push(PROCEED.as_bytes()), PROCEED.len());
    let event = client.connection.poll_event(T0, &mut client.rx, &mut client.tx);
    assert!(matches!(event, Ok(Some(Event::StartTls))), "{event:?}");
    client.rx.push(RESPONSE.as_bytes());
    let (rx, tx) = (&mut client.rx, &mut client.tx);
    client.connection.tls_established(T0, facts(), rx, tx).unwrap();
    assert_eq!(client.poll(), Err(Error::Peer(PeerMisbehaved::DataAroundStartTls)));
    assert_eq!(client.sent(), "", "nothing for whoever put them there");
    assert_eq!(client.connection.phase(), Phase::Closed);
}

#[test]
fn there_is_a_deadline_from_the_closing_tag_to_the_end() {
    for with_error in [false, true] {
        let mut pair = Pair::new();
        pair.drive().unwrap();
        let server = &mut pair.server;
        server.close(with_error.then(|| StreamError::new(StreamCondition::Reset)));
        let reason = if with_error { TimerReason::Drain } else { TimerReason::CloseHandshake };
        let deadline = server.connection.poll_timeout().expect("a deadline");
        assert_eq!(deadline.reason, reason);
        let _ = server.wait_until(deadline.at);
        assert_eq!(server.connection.phase(), Phase::Closed);
        // What is unsent has a while to go out, then it is over.
        let deadline = server.connection.poll_timeout();
        if let Some(deadline) = deadline {
            assert_eq!(deadline.reason, TimerReason::Drain);
            let _ = server.wait_until(deadline.at);
        }
        assert_eq!(server.connection.poll_timeout(), None);
    }
}

#[test]
fn deadlines_come_due_in_any_poll() {
    let mut server = ServerEnd::new();
    server.now = server.connection.poll_timeout().unwrap().at;
    assert_eq!(server.poll(), Err(Error::TimedOut(TimerReason::Negotiation)));
    assert!(server.sent().contains("<connection-timeout "));
}

#[test]
fn the_final_error_waits_for_what_the_peer_is_owed() {
    // Whoever writes `?` behind each call loses nothing.
    let mut server = ServerEnd::new();
    server.rx.push(b"<no-stream/>");
    let (now, rx) = (server.now, &mut server.rx);
    let closed = server.connection.poll_event(now, rx, &mut server.tx);
    assert!(matches!(closed, Ok(Some(Event::Closed { error: Some(_) }))), "{closed:?}");
    assert!(!server.tx.is_empty());
    let waits = server.connection.poll_event(now, rx, &mut server.tx);
    assert!(matches!(waits, Ok(None)), "{waits:?}");
    server.tx.sent(1);
    let waits = server.connection.poll_event(now, rx, &mut server.tx);
    assert!(matches!(waits, Ok(None)), "{waits:?}");
    server.tx.sent(usize::MAX);
    for _ in 0..2 {
        let error = server.connection.poll_event(now, rx, &mut server.tx).unwrap_err();
        assert!(matches!(error, Error::Peer(PeerMisbehaved::Malformed(_))), "{error:?}");
    }
}

#[test]
fn the_real_reason_is_not_lost_behind_a_strange_header() {
    // A server's header with a strange `from`, or without a version, and then the
    // stream error that says why.
    let error = "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
        </stream:error></stream:stream>";
    for header in [
        RESPONSE.replace("from='example.com'", "from='other.example'"),
        RESPONSE.replace("from='example.com'", "from=''"),
        RESPONSE.replace(" version='1.0' ", " "),
        RESPONSE.replace("jabber:client", "jabber:server"),
    ] {
        let mut client = ClientEnd::new();
        client.sent();
        let told = client.receive(format!("{header}{error}").as_bytes());
        let unknown = StreamError::new(StreamCondition::HostUnknown);
        assert_eq!(told, Err(Error::StreamError(unknown)), "{header}");
        // Anything else, and the end of the transport, brings the fault to light.
        for other in [STARTTLS, "</stream:stream>", ""] {
            let mut client = ClientEnd::new();
            let told = client.receive(format!("{header}{other}").as_bytes());
            let told = told.and_then(|()| client.eof());
            assert!(matches!(told, Err(Error::Peer(_))), "{header}{other}: {told:?}");
        }
    }
}

#[test]
fn elements_with_a_prefix_for_the_content_namespace_go_no_further() {
    // 6120-4.8.5-04, on every level, whoever declares the prefix.
    for stanza in [
        "<message to='a@example.com'><c:body xmlns:c='jabber:client'>hi</c:body></message>",
        "<c:message xmlns:c='jabber:client' to='a@example.com'/>",
        "<presence xmlns:c='jabber:client'><c:show>away</c:show></presence>",
        "<message to='a@example.com'><f xmlns='urn:xmpp:forward:0'>\
         <c:message xmlns:c='jabber:client'/></f></message>",
    ] {
        let mut pair = Pair::new();
        pair.drive().unwrap();
        let error = pair.server.receive(stanza.as_bytes());
        assert_eq!(error, Err(Error::Peer(PeerMisbehaved::PrefixedStanza)), "{stanza}");
        assert!(pair.server.sent().contains("<bad-namespace-prefix "));
    }
    let mut pair = Pair::new();
    pair.drive().unwrap();
    let other = "<message to='a@example.com'><x:y xmlns:x='urn:x'/></message>";
    pair.server.receive(other.as_bytes()).unwrap();
}

#[test]
fn a_header_without_a_prefix_is_a_header() {
    // 6120-xml-namespace-streams-prefix, 6120-4.8.2-03
    // The second example of RFC 6120 section 4.8.2, on both sides.
    let header = "<stream xmlns='http://etherx.jabber.org/streams' to='example.com' version='1.0'>";
    let mut server = ServerEnd::new();
    server.receive(header.as_bytes()).unwrap();
    assert!(server.sent().contains("<starttls "));
    let mut client = ClientEnd::new();
    client.sent();
    let response = header.replace("to=", "from=");
    let features = "<features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></features>";
    client.receive(format!("{response}{features}").as_bytes()).unwrap();
    assert_eq!(client.sent(), "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
}

#[test]
fn what_is_read_is_told_before_the_end_of_the_transport() {
    let mut pair = Pair::new();
    pair.drive().unwrap();
    let server = &mut pair.server;
    server.rx.push(b"<message id='last'/></stream:stream>");
    server.connection.handle_eof(T0);
    server.poll().unwrap();
    let log = &server.log;
    assert!(log[log.len() - 2].contains("id='last'"), "{log:#?}");
    assert_eq!(log.last().unwrap(), "Closed { error: None }");
    // Without a closing tag it is an error, after what came.
    let mut pair = Pair::new();
    pair.drive().unwrap();
    let server = &mut pair.server;
    server.rx.push(b"<message id='last'/><mess");
    server.connection.handle_eof(T0);
    assert_eq!(server.poll(), Err(Error::UncleanEof));
    let log = &server.log;
    assert!(log[log.len() - 2].contains("id='last'"), "{log:#?}");
}

#[test]
fn a_buffer_that_is_full_while_a_query_waits_is_not_the_end() {
    let mut server = ServerEnd::new();
    server.rx = RecvBuffer::new(512);
    let header = RESPONSE.replace("from=", "to=");
    server.rx.push(header.as_bytes());
    let event = server.connection.poll_event(T0, &mut server.rx, &mut server.tx);
    assert!(matches!(event, Ok(Some(Event::HeaderReceived(_)))), "{event:?}");
    while server.rx.push(b" ") > 0 {}
    let event = server.connection.poll_event(T0, &mut server.rx, &mut server.tx).unwrap();
    let Some(Event::Role(xmpp_core::ServerEvent::HostWanted(query))) = event else {
        panic!("{event:?}")
    };
    assert!(matches!(server.connection.poll_event(T0, &mut server.rx, &mut server.tx), Ok(None)));
    let host = server.host.clone();
    server.connection.choose_host(query, host, &mut server.tx).unwrap();
    server.poll().unwrap();
    assert!(server.rx.push(b" ") > 0);
}

#[test]
fn the_host_is_told_who_the_client_says_it_is() {
    // 6120-4.7.1-01
    for (from, told) in
        [("from='Juliet@example.com/balcony' ", Some("juliet@example.com")), ("", None)]
    {
        let mut server = ServerEnd::new();
        let header = RESPONSE.replace("from='example.com'", &format!("{from}to='example.com'"));
        assert_eq!(server.rx.push(header.as_bytes()), header.len());
        let query = loop {
            match server.connection.poll_event(T0, &mut server.rx, &mut server.tx).unwrap() {
                Some(Event::Role(xmpp_core::ServerEvent::HostWanted(query))) => break query,
                Some(_) => {}
                None => panic!("no query"),
            }
        };
        assert_eq!(query.from().map(|from| from.as_str()), told);
        assert_eq!(query.to().map(|to| to.as_str()), Some("example.com"));
    }
}

#[test]
fn tls_goes_first_whatever_else_is_required() {
    // 6120-4.3.2-04: several may be mandatory. What is unknown may be gone under TLS.
    let mut client = ClientEnd::new();
    client.receive(RESPONSE.as_bytes()).unwrap();
    client.sent();
    let features = STARTTLS.replace(
        "</stream:features>",
        "<sealed xmlns='urn:example:sealed'><required/></sealed></stream:features>",
    );
    client.receive(features.as_bytes()).unwrap();
    assert_eq!(client.sent(), "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
}

#[test]
fn no_two_connections_draw_the_same_nonce() {
    // RFC 5802 section 5.1: `r`, "a sequence of random printable ASCII characters".
    let first_message = |seed: u8| {
        let mut client = ClientEnd::new();
        let config = std::sync::Arc::new(client_config());
        client.sent();
        client.connection = xmpp_core::Connection::connect(config, T0, [seed; 32], &mut client.tx);
        client.receive(format!("{RESPONSE}{STARTTLS}").as_bytes()).unwrap();
        client.receive(PROCEED.as_bytes()).unwrap();
        client.receive(RESPONSE.as_bytes()).unwrap();
        client.sent();
        client.receive(PLAIN.replace("PLAIN", "SCRAM-SHA-256").as_bytes()).unwrap();
        client.sent()
    };
    let [first, second] = [1, 2].map(first_message);
    assert!(first.contains("mechanism='SCRAM-SHA-256'"), "{first}");
    assert_ne!(first, second);
    assert_eq!(first_message(1), first, "all of it comes from the seed");
}
