//! Stream negotiation after RFC 6120: what goes over the wire, and what each
//! side makes of a peer that plays false.

mod common;

use core::time::Duration;

use common::{ClientEnd, Pair, ServerEnd, T0, client_config};
use xmpp_core::jid::{BareJid, Jid, Resourcepart};
use xmpp_core::sasl::client::Credentials;
use xmpp_core::stanza::sasl::SaslCondition;
use xmpp_core::stanza::{Message, MessageType, StanzaCondition, StreamCondition, StreamError};
use xmpp_core::time::{Instant, TimerReason};
use xmpp_core::{Error, Misuse, PeerIncompatible, PeerMisbehaved, Phase, SendError, ServerConfig};

const RESPONSE: &str = "<?xml version='1.0'?><stream:stream from='example.com' id='x' version='1.0' \
    xml:lang='en' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
const STARTTLS: &str = "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'>\
    <required/></starttls></stream:features>";
const PROCEED: &str = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

fn established() -> Pair {
    let mut pair = Pair::new();
    pair.drive().unwrap();
    assert_eq!(pair.client.connection.phase(), Phase::Established);
    assert_eq!(pair.server.connection.phase(), Phase::Established);
    pair
}

#[test]
fn both_sides_agree_on_the_bound_address() {
    // 6120-6.2-01, 6120-7.1-01, 6120-7.1-02, 6120-7.2-01, 6120-7.4-03, 6120-13.5-01,
    // 7590-3.4-02; bound to the connection by SASL: 6120-13.8.1-03
    // 6120-4.3.6-01, 6120-4.3.6-02, 6120-4.3.6-04
    // 6120-bind-support, 6120-sasl-support
    // Not before: there is a name after SASL, and an address after binding.
    let before = Pair::new();
    assert_eq!(before.server.connection.account(), None);
    let authenticated = Pair::authenticated();
    assert!(authenticated.server.connection.account().is_some());
    assert_eq!(authenticated.client.connection.bound(), None);
    assert_eq!(authenticated.server.connection.bound(), None);
    let pair = established();
    let bound = pair.client.connection.bound().unwrap();
    assert_eq!(bound.as_str(), "juliet@example.com/balcony");
    assert_eq!(pair.server.connection.bound(), Some(bound));
    assert_eq!(pair.server.connection.account(), Some(&bound.to_bare()));
    for log in [&pair.client.log, &pair.server.log] {
        let bound = |event: &String| event.contains("binding: Some(TlsExporter)");
        assert!(log.iter().any(bound), "{log:#?}");
    }
}

#[test]
fn the_client_tells_who_it_is_only_under_tls() {
    // 6120-4.7.1-01
    let mut client = ClientEnd::new();
    let header = client.sent();
    assert!(header.starts_with("<?xml version='1.0'?><stream:stream "), "6120-11.5-01: {header}");
    assert!(header.contains("to='example.com'") && !header.contains("from="), "{header}");
    client.receive(format!("{RESPONSE}{STARTTLS}").as_bytes()).unwrap();
    assert_eq!(client.sent(), "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    client.receive(PROCEED.as_bytes()).unwrap();
    assert!(client.sent().contains("from='juliet@example.com'"));
}

#[test]
fn the_response_header_has_what_it_must_have() {
    // 6120-4.7.1-03, 6120-4.7.2-02, 6120-4.7.2-03, 6120-4.7.3-03, 6120-4.7.3-04, 6120-4.7.4-03
    let open = |attributes: &str| {
        let mut server = ServerEnd::new();
        let header = format!(
            "<stream:stream {attributes} version='1.0' xmlns='jabber:client' \
            xmlns:stream='http://etherx.jabber.org/streams'>"
        );
        server.receive(header.as_bytes()).unwrap();
        server.sent()
    };
    let sent = open("to='example.com' id='mine'");
    assert!(sent.contains("from='example.com'") && sent.contains("xml:lang='en'"), "{sent}");
    assert!(sent.contains(" id='") && !sent.contains("id='mine'"), "{sent}");
    assert!(!sent.contains(" to="), "{sent}");
    let sent = open("to='example.com' from='juliet@example.com'");
    assert!(sent.contains("to='juliet@example.com'"), "{sent}");
}

#[test]
fn stream_ids_are_not_reused() {
    // 6120-7.4-02
    // 6120-4.3.3-03
    let id = |text: &str| -> String {
        let start = text.find(" id='").unwrap() + 5;
        text[start..].split('\'').next().unwrap().to_owned()
    };
    let mut server = ServerEnd::new();
    let header = "<stream:stream to='example.com' version='1.0' xmlns='jabber:client' \
        xmlns:stream='http://etherx.jabber.org/streams'>";
    server.receive(header.as_bytes()).unwrap();
    let first = id(&server.sent());
    server.receive(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").unwrap();
    server.receive(header.as_bytes()).unwrap();
    let sent = server.sent();
    assert_ne!(first, id(&sent));
    assert!(first.len() >= 22, "128 bits take at least 22 characters: {first}");
    // 6120-5.4.3.3-06
    assert!(!sent.contains("<starttls"), "{sent}");
    assert!(!sent.contains("urn:ietf:params:xml:ns:xmpp-bind"), "before SASL: {sent}");
}

#[test]
fn only_starttls_is_offered_in_the_clear() {
    // 6120-5.3.1-01, 6120-5.3.4-01, 6120-13.8.1-02, 6120-13.8.2-02, 6120-13.8.3-04
    // 6120-tls-mtn
    // 6120-5.3.1-02, 6120-6.3.4-01, 6.5.4
    let mut server = ServerEnd::new();
    server.receive(RESPONSE.replace("from=", "to=").as_bytes()).unwrap();
    let sent = server.sent();
    assert!(sent.contains("<required/>") && !sent.contains("mechanism"), "{sent}");
    server
        .receive(
            b"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>",
        )
        .unwrap();
    assert!(server.sent().contains("<encryption-required/>"));
}

#[test]
fn a_server_without_tls_gets_nothing() {
    // 6120-tls-mtn
    // 6120-13.8.1-02, 6120-13.8.2-02, 6120-13.9.4-01: a stripped offer is no reason to go on
    // without. 7590-3.1-01, 7590-3.1-02: TLS is asked for all the same.
    let stripped = || {
        let mut client = ClientEnd::new();
        client.sent();
        let features = "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
            <mechanism>PLAIN</mechanism></mechanisms></stream:features>";
        client.receive(format!("{RESPONSE}{features}").as_bytes()).unwrap();
        assert_eq!(client.sent(), "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        client
    };
    let error = |condition| {
        format!(
            "<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
        )
    };
    for answer in [
        "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>".to_owned(),
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>".to_owned(),
        error("unsupported-stanza-type"),
        error("not-authorized"),
    ] {
        let mut client = stripped();
        let told = client.receive(answer.as_bytes());
        assert_eq!(told, Err(Error::Incompatible(PeerIncompatible::NoStartTls)), "{answer}");
        assert_eq!(client.sent(), "");
    }
    let mut client = stripped();
    let told = client.receive(error("system-shutdown").as_bytes());
    let shutdown = StreamError::new(StreamCondition::SystemShutdown);
    assert_eq!(told, Err(Error::StreamError(shutdown)));
    let mut client = stripped();
    client.receive(PROCEED.as_bytes()).unwrap();
    assert!(client.sent().contains("from='juliet@example.com'"), "under TLS");
}

#[test]
fn data_after_proceed_is_refused() {
    // 6120-5.4.2.3-03
    let mut client = ClientEnd::new();
    client.sent();
    client.receive(format!("{RESPONSE}{STARTTLS}").as_bytes()).unwrap();
    client.sent();
    let error = client.receive(format!("{PROCEED}<injected/>").as_bytes()).unwrap_err();
    assert_eq!(error, Error::Peer(PeerMisbehaved::DataAroundStartTls));
    assert_eq!(client.sent(), "", "nobody there would understand a stream error");
}

#[test]
fn only_proceed_is_a_proceed() {
    for (answer, expected) in [
        ("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", PeerMisbehaved::StartTlsRefused),
        (
            "<proceed xmlns='urn:other'/>",
            PeerMisbehaved::UnexpectedElement { name: "proceed".into(), expected: "<proceed/>" },
        ),
    ] {
        let mut client = ClientEnd::new();
        client.receive(format!("{RESPONSE}{STARTTLS}").as_bytes()).unwrap();
        assert_eq!(client.receive(answer.as_bytes()), Err(Error::Peer(expected)));
    }
}

#[test]
fn success_without_the_servers_signature_is_none() {
    // 6120-sasl-support
    // 5802-3: the client must know that the server knows its keys.
    let secured = || {
        let mut client = ClientEnd::new();
        client.receive(format!("{RESPONSE}{STARTTLS}").as_bytes()).unwrap();
        client.receive(PROCEED.as_bytes()).unwrap();
        let mechanisms = "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
            <mechanism>SCRAM-SHA-256</mechanism></mechanisms></stream:features>";
        client.receive(format!("{RESPONSE}{mechanisms}").as_bytes()).unwrap();
        client.sent();
        client
    };
    for success in [
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>=</success>",
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>dj1BQUFB</success>",
    ] {
        let mut client = secured();
        let error = client.receive(success.as_bytes()).unwrap_err();
        assert!(matches!(error, Error::ServerNotAuthenticated(_)), "{error:?}");
        assert_ne!(client.connection.phase(), Phase::Established);
    }
}

#[test]
fn a_wrong_password_is_told_as_such() {
    // 6120-sasl-errors
    let mut config = client_config();
    config.credentials = Credentials::new("juliet").with_password("wrong");
    let mut pair = Pair::with(config, ServerConfig::default());
    let error = pair.drive().unwrap_err();
    let Error::NotAuthenticated(failure) = error else { panic!("{error:?}") };
    assert_eq!(failure.condition, SaslCondition::NotAuthorized);
    assert!(pair.server.log.iter().any(|event| event.contains("AuthenticationFailed")));
}

#[test]
fn plain_is_never_chosen_by_itself() {
    // 6120-13.8.3-03
    let mut client = ClientEnd::with({
        let mut config = client_config();
        config.credentials = Credentials::new("juliet").with_password("r0m30");
        config
    });
    client.receive(format!("{RESPONSE}{STARTTLS}{}", "").as_bytes()).unwrap();
    client.receive(PROCEED.as_bytes()).unwrap();
    let mechanisms = "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
        <mechanism>PLAIN</mechanism></mechanisms></stream:features>";
    let error = client.receive(format!("{RESPONSE}{mechanisms}").as_bytes()).unwrap_err();
    assert!(matches!(error, Error::Incompatible(PeerIncompatible::NoMechanism(_))), "{error:?}");
    assert!(error.to_string().contains("PLAIN"), "{error}");
}

#[test]
fn a_header_from_another_domain_is_refused() {
    // 6120-tls-correlate
    // 6120-4.7.1-03, 4.9.3.9
    let mut client = ClientEnd::new();
    client.sent();
    // A stream error might still follow, which would tell more.
    client.receive(RESPONSE.replace("'example.com'", "'evil.example'").as_bytes()).unwrap();
    let error = client.receive(STARTTLS.as_bytes()).unwrap_err();
    assert_eq!(error, Error::Peer(PeerMisbehaved::WrongFrom));
    assert!(client.sent().contains("<invalid-from "));
}

#[test]
fn a_client_that_authenticates_as_another_than_it_said_is_refused() {
    // 6120-sasl-correlate
    // 6120-6.4.6-01
    let mut config = client_config();
    config.account = BareJid::new("romeo@example.com").unwrap();
    let mut pair = Pair::with(config, ServerConfig::default());
    let error = pair.drive().unwrap_err();
    assert_eq!(error, Error::Peer(PeerMisbehaved::WrongFrom));
    assert!(pair.server.sent().contains("<invalid-from "));
}

#[test]
fn a_new_auth_takes_the_place_of_the_old() {
    // 6120-6.4.2-03, 6120-6.4.4-01
    let mut server = secured_server();
    let auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>\
        biwsbj1qdWxpZXQscj1hYmM=</auth>";
    server.receive(auth.as_bytes()).unwrap();
    assert!(server.sent().starts_with("<challenge "));
    server.receive(auth.as_bytes()).unwrap();
    assert!(server.sent().starts_with("<challenge "));
    server.receive(b"<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>").unwrap();
    assert!(server.sent().contains("<aborted/>"));
    assert_eq!(
        server.log.last().unwrap(),
        "AuthenticationFailed { condition: Aborted, cause: None }"
    );
}

#[test]
fn sasl_failures_have_their_conditions() {
    // 6120-13.9.1-01: of a server; of a client below.
    // 6120-sasl-errors
    // 6.5.5, 6.5.7, 6.5.8
    for (element, condition) in [
        (
            "<auth mechanism='SCRAM-SHA-256' xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>*</auth>",
            "incorrect-encoding",
        ),
        (
            "<auth mechanism='NONSENSE' xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
            "invalid-mechanism",
        ),
        ("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "invalid-mechanism"),
        ("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "malformed-request"),
    ] {
        let mut server = secured_server();
        server.receive(element.as_bytes()).unwrap();
        let sent = server.sent();
        assert!(sent.contains(&format!("<{condition}/>")), "{element}: {sent}");
    }
}

#[test]
fn what_is_no_step_of_an_exchange_ends_it() {
    // RFC 6120 section 6.5.8: out of sequence, and nobody has aborted anything.
    let auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>\
        biwsbj1qdWxpZXQscj1hYmM=</auth>";
    for name in ["challenge", "success", "failure", "nonsense"] {
        let mut server = secured_server();
        server.receive(auth.as_bytes()).unwrap();
        assert!(server.sent().starts_with("<challenge "));
        let odd = format!("<{name} xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        server.receive(odd.as_bytes()).unwrap();
        let sent = server.sent();
        assert!(sent.contains("<malformed-request/>"), "{name}: {sent}");
    }
}

#[test]
fn a_client_checks_base64_as_well() {
    // 6120-13.9.1-01
    for data in ["*", "cj1h=", "cj1hYmM", " cj1h"] {
        let mut client = ClientEnd::new();
        client.receive(format!("{RESPONSE}{STARTTLS}{PROCEED}").as_bytes()).unwrap();
        client
            .receive(
                format!(
                    "{RESPONSE}<stream:features>\
                     <mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
                     <mechanism>SCRAM-SHA-256</mechanism></mechanisms></stream:features>"
                )
                .as_bytes(),
            )
            .unwrap();
        assert!(client.sent().contains("<auth "));
        let challenge =
            format!("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{data}</challenge>");
        client.receive(challenge.as_bytes()).unwrap_err();
        assert!(!client.sent().contains("<response "), "{data}");
    }
}

#[test]
fn nothing_goes_out_between_starttls_and_tls() {
    // 6120-5.4.3.1-02
    let mut client = ClientEnd::new();
    client.sent();
    client.receive(format!("{RESPONSE}{STARTTLS}").as_bytes()).unwrap();
    assert_eq!(client.sent(), "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    let message = Message::builder(MessageType::Chat);
    client.connection.send(&message, &mut client.tx).unwrap_err();
    let due = client.connection.poll_timeout().unwrap();
    assert_ne!(due.reason, TimerReason::Keepalive);
    client.close(None);
    assert_eq!(client.sent(), "", "not even the end of the stream");
}

fn secured_server() -> ServerEnd {
    let mut server = ServerEnd::new();
    let header = RESPONSE.replace("from=", "to=");
    server.receive(header.as_bytes()).unwrap();
    server.receive(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").unwrap();
    server.receive(header.as_bytes()).unwrap();
    server.sent();
    server
}

#[test]
fn bad_resources_are_refused_a_few_times() {
    // 6120-7.7.2.1-01, 6120-7.7.3-01, 6120-7.7.3-02
    let mut pair = Pair::authenticated();
    let mut server = pair.server;
    server.receive(&common::take(&mut pair.client.tx)).unwrap();
    server.sent();
    let bind = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
        <resource>\u{7F}</resource></bind></iq>";
    for _ in 0..5 {
        server.receive(bind.as_bytes()).unwrap();
        let sent = server.sent();
        assert!(sent.contains("type='error'") && sent.contains("<bad-request "), "{sent}");
    }
    let error = server.receive(bind.as_bytes()).unwrap_err();
    assert_eq!(error, Error::Peer(PeerMisbehaved::TooManyBindAttempts));
    assert!(server.sent().contains("<policy-violation "));
}

#[test]
fn who_may_not_bind_is_told_so() {
    // 6120-7.6.2.2-01
    let mut pair = Pair::authenticated();
    let mut server = pair.server;
    server.refuses = Some(StanzaCondition::NotAllowed);
    server.receive(&common::take(&mut pair.client.tx)).unwrap();
    server
        .receive(b"<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
        .unwrap();
    let sent = server.sent();
    let refusal = "type='error'><error type='cancel'><not-allowed \
                   xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>";
    assert!(sent.ends_with(refusal), "{sent}");
    assert_ne!(server.connection.phase(), Phase::Established);
}

#[test]
fn the_bind_result_must_answer_our_request() {
    let pair = Pair::authenticated();
    let mut client = pair.client;
    let features =
        "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>";
    client.receive(format!("{RESPONSE}{features}").as_bytes()).unwrap();
    let forged = "<iq type='result' id='guess'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
        <jid>mallory@example.com/x</jid></bind></iq>";
    let error = client.receive(forged.as_bytes()).unwrap_err();
    assert!(matches!(error, Error::Peer(PeerMisbehaved::UnexpectedElement { .. })), "{error:?}");
}

#[test]
fn closing_is_a_handshake() {
    // 6120-4.4-01
    let mut pair = established();
    let (client, server) = (&mut pair.client, &mut pair.server);
    client.connection.close(T0, None, &mut client.tx);
    assert_eq!(client.connection.phase(), Phase::Closing);
    let message = Message::builder(MessageType::Chat).with_body("late");
    let refused = client.connection.send(&message, &mut client.tx);
    assert_eq!(refused, Err(SendError::Closed), "nothing follows our closing tag");
    // The server was just saying something: it still arrives.
    server.connection.send(&message, &mut server.tx).unwrap();
    pair.drive().unwrap();
    let log = &pair.client.log;
    assert!(log[log.len() - 2].contains("late"), "{log:#?}");
    assert_eq!(log.last().unwrap(), "Closed { error: None }");
    assert_eq!(pair.client.connection.phase(), Phase::Closed);
    assert_eq!(pair.server.connection.phase(), Phase::Closed);
    // Some clients send one thing more; it harms nobody.
    pair.server.receive(b"<a xmlns='urn:xmpp:sm:3' h='1'/>").unwrap();
}

#[test]
fn a_peer_that_does_not_close_is_left() {
    let mut pair = established();
    let client = &mut pair.client;
    client.connection.close(T0, None, &mut client.tx);
    let deadline = client.connection.poll_timeout().unwrap();
    assert_eq!(deadline.reason, TimerReason::CloseHandshake);
    assert_eq!(client.wait_until(deadline.at), Ok(()));
    assert_eq!(client.connection.phase(), Phase::Closed);
}

#[test]
fn stream_errors_cross() {
    // 6120-4.9.1.1-02
    let mut pair = established();
    let server = &mut pair.server;
    let shutdown = StreamError::new(StreamCondition::SystemShutdown).with_text("see you");
    server.close(Some(shutdown.clone()));
    let error = pair.drive().unwrap_err();
    assert_eq!(error, Error::StreamError(shutdown.clone()));
    assert_eq!(pair.client.sent(), "</stream:stream>");
    for _ in 0..2 {
        let told = pair.server.poll();
        assert_eq!(told, Err(Error::Closed(shutdown.clone())), "one of our own making, too");
    }
}

#[test]
fn keepalives_go_out_when_nothing_else_does() {
    // RFC 6120 section 4.6.1, 6120-11.7-01
    let mut pair = established();
    let client = &mut pair.client;
    let deadline = client.connection.poll_timeout().unwrap();
    assert_eq!(deadline.reason, TimerReason::Keepalive);
    client.wait_until(deadline.at).unwrap();
    assert_eq!(client.tx.unsent(), b" ");
    let next = client.connection.poll_timeout().unwrap();
    assert!(next.at > deadline.at);
    pair.drive().unwrap();
    assert_eq!(pair.server.connection.phase(), Phase::Established);
}

#[test]
fn a_silent_peer_is_idle_and_a_space_is_not_silence() {
    // 6120-4.6.3-02
    let mut pair = established();
    let server = &mut pair.server;
    let deadline = server.connection.poll_timeout().unwrap();
    assert_eq!(deadline.reason, TimerReason::Idle);
    server.now = Instant::from_origin(Duration::from_secs(60));
    server.receive(b" ").unwrap();
    let later = server.connection.poll_timeout().unwrap();
    assert_eq!(later.at, deadline.at.saturating_add(Duration::from_secs(60)));
    let error = server.wait_until(later.at).unwrap_err();
    assert_eq!(error, Error::TimedOut(TimerReason::Idle));
    // 6120-4.9.3.4-01: it has not been asked anything that it leaves unanswered.
    assert!(server.sent().contains("<policy-violation "));
}

#[test]
fn an_unclean_end_is_an_error_and_a_clean_one_is_none() {
    let mut pair = established();
    assert_eq!(pair.client.eof(), Err(Error::UncleanEof));
    let server = &mut pair.server;
    server.close(None);
    assert_eq!(server.eof(), Ok(()));
    assert_eq!(server.connection.phase(), Phase::Closed);
}

#[test]
fn sending_is_all_or_nothing() {
    // 6120-4.3.5-02
    // 6120-bind-mtn
    let mut client = ClientEnd::new();
    client.sent();
    let message = Message::builder(MessageType::Chat).with_body("early");
    let early = client.connection.send(&message, &mut client.tx);
    assert_eq!(early, Err(SendError::NotEstablished));
    let mut pair = established();
    let client = &mut pair.client;
    let large = Message::builder(MessageType::Chat).with_body("x".repeat(2 << 20));
    let refused = client.connection.send(&large, &mut client.tx);
    assert!(matches!(refused, Err(SendError::TooLarge { .. })));
    // 6120-11.3-01
    let control = Message::builder(MessageType::Chat).with_body("\u{1}");
    assert!(matches!(client.connection.send(&control, &mut client.tx), Err(SendError::Xml(_))));
    assert_eq!(client.sent(), "");
}

#[test]
fn calls_at_the_wrong_time_do_no_harm() {
    let mut pair = established();
    let client = &mut pair.client;
    let misuse =
        client.connection.tls_established(T0, common::facts(), &mut client.rx, &mut client.tx);
    assert_eq!(misuse, Err(Misuse::TlsNotPending));
    assert_eq!(client.connection.phase(), Phase::Established);
    let to = Jid::new("romeo@example.com").unwrap();
    let message = Message::builder(MessageType::Chat).with_to(to);
    assert!(client.connection.send(&message, &mut client.tx).is_ok());
}

#[test]
fn tls_that_nobody_asked_for_harms_nothing_that_is_unread() {
    // A misuse leaves the connection as it was: no handshake is due, so what is
    // in the buffer is no injection.
    let mut pair = Pair::new();
    let header = pair.client.sent();
    let (first, rest) = header.split_at(60);
    let server = &mut pair.server;
    server.receive(first.as_bytes()).unwrap();
    assert!(server.rx.unread() > 0);
    let misuse =
        server.connection.tls_established(T0, common::facts(), &mut server.rx, &mut server.tx);
    assert_eq!(misuse, Err(Misuse::TlsNotPending));
    server.receive(rest.as_bytes()).unwrap();
    assert!(server.sent().contains("<starttls"));
}

#[test]
fn the_server_may_give_another_resource_than_asked_for() {
    // 6120-7.6-01
    let mut config = client_config();
    config.resource = None;
    let mut pair = Pair::with(config, ServerConfig::default());
    pair.drive().unwrap();
    let bound = pair.client.connection.bound().unwrap();
    assert_eq!(bound.resourcepart(), Resourcepart::new("made-up").unwrap().as_ref());
}

#[test]
fn debug_shows_no_secrets() {
    let pair = established();
    let config = format!("{:?}", client_config());
    assert!(!config.contains("r0m30"), "{config}");
    let text = format!("{:?} {:?}", pair.client.connection, pair.server.connection);
    assert!(text.len() < 200, "{text}");
}
