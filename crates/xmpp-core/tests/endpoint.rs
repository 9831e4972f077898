//! The packaged tier under real TLS, without a socket: the same events however
//! the records are cut, and the certificate checked as it must be.

#![cfg(feature = "tls")]

mod common;

use core::time::Duration;
use std::sync::Arc;

use common::tls::{Authority, Ends, State, feed};
use common::{Cut, DOMAIN, T0, client_config};
use rcgen::CertificateParams;
use xmpp_core::config::TlsMode;
use xmpp_core::jid::DomainpartRef;
use xmpp_core::stanza::{Message, MessageType, StreamCondition, StreamError};
use xmpp_core::time::TimerReason;
use xmpp_core::tls::rustls::{RustlsInitiator, RustlsReceiver};
use xmpp_core::tls::{TlsError, TlsErrorKind, TlsInitiator, TlsReceiver, TlsSession, TlsVersion};
use xmpp_core::xml::RecvBuffer;
use xmpp_core::{Error, Event, Output, Server, ServerConfig};

/// A whole session under TLS.
fn session(authority: &Authority, receiver: &Arc<RustlsReceiver>, cut: [Cut; 2]) -> Ends {
    let initiator = authority.initiator();
    let mut ends =
        Ends::new(client_config(), ServerConfig::default(), initiator, Arc::clone(receiver));
    ends.cut = cut;
    assert_eq!(ends.drive(), [State::Waits, State::Waits]);
    let message = Message::builder(MessageType::Chat).with_body("But soft! \u{1F319}");
    ends.client.send(&message).unwrap();
    ends.server.send(&message).unwrap();
    assert_eq!(ends.drive(), [State::Waits, State::Waits]);
    ends.client.close(T0, None);
    assert_eq!(ends.drive(), [State::Closed, State::Closed]);
    ends
}

#[test]
fn a_session_is_the_same_however_its_records_are_cut() {
    // 6120-5.2-01, 6120-13.4-01
    // 6120-tls-support, 6120-security-mti-confidentiality
    let authority = Authority::new();
    let receiver = authority.receiver_for(DOMAIN);
    let whole = session(&authority, &receiver, [Cut::Whole; 2]);
    let [client, server] = &whole.logs;
    assert!(client.iter().any(|event| event == "TlsEstablished"), "{client:#?}");
    assert!(client.iter().any(|event| event.contains("SCRAM-SHA-256-PLUS")), "{client:#?}");
    assert_eq!(client.last().unwrap(), "Closed { error: None }");
    assert_eq!(server.last().unwrap(), "Closed { error: None }");
    // Handshakes differ in length by a byte or two (signatures in DER), so the
    // cuts go a little further than this run.
    let bytes = whole.sent[0].max(whole.sent[1]) + 8;
    for cut in (1..bytes).map(Cut::At).chain([Cut::EachByte]) {
        let ends = session(&authority, &receiver, [cut; 2]);
        assert_eq!(ends.logs, whole.logs, "{cut:?}");
    }
}

/// 6120-5.4.3.1-05: the certificate is the one for the `to` of the header, whatever the
/// handshake asks for.
#[test]
fn the_certificate_is_that_of_whom_the_header_is_to() {
    struct ByHost(Arc<RustlsReceiver>);
    impl TlsReceiver for ByHost {
        fn receive(
            &self,
            host: Option<DomainpartRef<'_>>,
            alpn: Option<&'static [u8]>,
        ) -> Result<Box<dyn TlsSession>, TlsError> {
            assert_eq!(host.map(|host| host.as_str()), Some(DOMAIN));
            self.0.receive(host, alpn)
        }
    }
    let authority = Authority::new();
    let receiver = authority.receiver_for(DOMAIN);
    let (client, server) = (client_config(), Arc::new(ServerConfig::default()));
    let mut ends =
        Ends::new(client, ServerConfig::default(), authority.initiator(), receiver.clone());
    ends.server = Server::accept(server, Arc::new(ByHost(receiver)), T0, [2; 32]).unwrap();
    assert_eq!(ends.drive(), [State::Waits, State::Waits]);
    assert!(ends.client.tls_facts().is_some());
}

#[test]
fn tls_first_works_as_well() {
    // XEP-0368
    let authority = Authority::new();
    let mut client = client_config();
    client.tls = TlsMode::Direct;
    let mut server = ServerConfig::default();
    server.tls = TlsMode::Direct;
    let receiver = authority.receiver_for(DOMAIN);
    let mut ends = Ends::new(client, server, authority.initiator(), receiver);
    assert_eq!(ends.drive(), [State::Waits, State::Waits]);
    assert_eq!(ends.client.bound(), ends.server.bound());
    assert!(ends.client.bound().is_some());
    let facts = ends.client.tls_facts().unwrap();
    assert_eq!(facts.version, Some(TlsVersion::Tls13));
    let theirs = ends.server.tls_facts().unwrap();
    assert_eq!(facts.exporter, theirs.exporter, "RFC 9266");
    assert!(facts.exporter.is_some());
    assert_eq!(facts.server_end_point, theirs.server_end_point, "RFC 5929 section 4");
    assert!(facts.server_end_point.is_some());
    assert!(facts.peer_certificate.is_some());
}

#[test]
fn what_is_bound_to_is_this_connection_and_no_other() {
    // RFC 9266 section 2: `tls-exporter` is other on each connection, and the same
    // on both sides of one.
    let authority = Authority::new();
    let exporters: Vec<[u8; 32]> = (0..2)
        .map(|_| {
            let ends = Ends::established(&authority);
            let [ours, theirs] =
                [ends.client.tls_facts(), ends.server.tls_facts()].map(|it| it.unwrap().exporter);
            assert_eq!(ours, theirs);
            <[u8; 32]>::try_from(ours.unwrap()).unwrap()
        })
        .collect();
    assert_ne!(exporters[0], exporters[1]);
}

fn refused(authority: &Authority, receiver: Arc<RustlsReceiver>) -> TlsErrorKind {
    let initiator = authority.initiator();
    let mut ends = Ends::new(client_config(), ServerConfig::default(), initiator, receiver);
    let [State::Failed(Error::Tls(error)), State::Failed(Error::Tls(told))] = ends.drive() else {
        panic!("{:#?}", ends.logs)
    };
    // 6120-5.4.3.2-02: no closing tag, in the clear or under what TLS there is.
    let clear = String::from_utf8_lossy(&ends.said);
    assert!(clear.contains("<proceed ") && !clear.contains("</stream:stream>"), "{clear}");
    let State::Failed(_) = ends.turn_server().1 else { panic!() };
    assert!(!ends.logs[0].iter().any(|event| event == "TlsEstablished"));
    assert_eq!(told.kind(), TlsErrorKind::Alert);
    error.kind()
}

#[test]
fn certificates_are_checked_against_the_domainpart() {
    // 6120-4.7.1-04, 6120-4.7.2-05, 6120-5.4.3.2-01, 6120-13.7.1.2.1-02,
    // 6120-13.7.2-01, 6120-13.7.2-03, 6120-13.9.5-02, 7590-3.4-01; 6120-13.6-03: by the one
    // authority that was configured
    // 6120-tls-certs
    // 6120-5.4.3.1-06, section 13.7.2
    let authority = Authority::new();
    let wrong_name = authority.receiver_for("example.net");
    assert_eq!(refused(&authority, wrong_name), TlsErrorKind::CertificateName);
    let right_name = Authority::new().receiver_for(DOMAIN);
    assert_eq!(refused(&authority, right_name), TlsErrorKind::CertificateIssuer);
    let mut params = CertificateParams::new(vec![DOMAIN.to_owned()]).unwrap();
    params.not_after = rcgen::date_time_ymd(2001, 1, 1);
    assert_eq!(refused(&authority, authority.receiver(params)), TlsErrorKind::CertificateTime);
}

#[test]
fn a_large_stanza_crosses_buffers_that_hold_less() {
    let mut ends = Ends::established(&Authority::new());
    for length in [1, 4095, 16_384, 200_000] {
        let message = Message::builder(MessageType::Chat).with_body("\u{20AC}".repeat(length / 3));
        ends.client.send(&message).unwrap();
        let (bytes, _) = ends.turn_client();
        // As a socket would give them: in pieces, and only while there is room.
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let room = ends.server.recv_buf().expect("room once events are polled");
            let n = room.len().min(rest.len()).min(1460);
            room[..n].copy_from_slice(&rest[..n]);
            ends.server.handle_read(n);
            rest = &rest[n..];
            ends.turn_server();
        }
        let stanza = ends.logs[1].last().unwrap();
        assert!(stanza.starts_with("stanza ") && stanza.len() >= length / 3 * 3, "{length}");
    }
}

#[test]
fn the_peer_hears_why() {
    let mut ends = Ends::established(&Authority::new());
    let reset = StreamError::new(StreamCondition::Reset);
    ends.server.close(T0, Some(reset.clone()));
    let states = ends.drive();
    let told = State::Failed(Error::StreamError(reset.clone()));
    assert_eq!(states, [told, State::Failed(Error::Closed(reset))]);
}

#[test]
fn no_keepalive_disturbs_a_handshake() {
    let authority = Authority::new();
    let mut config = client_config();
    config.timeouts.keepalive = Some(Duration::from_millis(1));
    let receiver = authority.receiver_for(DOMAIN);
    let mut ends = Ends::new(config, ServerConfig::default(), authority.initiator(), receiver);
    ends.now = T0.saturating_add(Duration::from_secs(1));
    ends.drive();
    assert!(ends.client.bound().is_some());
}

#[test]
fn good_records_before_a_bad_one_are_given_out() {
    // What was received is told before how it ended.
    let mut ends = Ends::established(&Authority::new());
    ends.client.send(&Message::builder(MessageType::Chat).with_body("good")).unwrap();
    let (mut bytes, _) = ends.turn_client();
    ends.client.send(&Message::builder(MessageType::Chat).with_body("bad")).unwrap();
    let (mut more, _) = ends.turn_client();
    *more.last_mut().unwrap() ^= 1;
    bytes.append(&mut more);
    feed(&mut ends.server, &mut &bytes[..]);
    ends.server.handle_eof();
    let (sent, state) = ends.turn_server();
    assert!(matches!(state, State::Failed(Error::Tls(_))), "{state:?}");
    assert!(!sent.is_empty(), "the alert");
    let log = &ends.logs[1];
    assert!(log[log.len() - 2].contains("good"), "{log:#?}");
    assert!(log.last().unwrap().starts_with("Closed"), "{log:#?}");
}

#[test]
fn a_tls_session_gives_good_records_before_it_tells_of_a_bad_one() {
    // The contract of `TlsSession::decrypt`. The packaged tier, which asks again, would
    // get what was kept back; whoever drives the engine has no reason to.
    let authority = Authority::new();
    let domain = DomainpartRef::new(DOMAIN).unwrap();
    let mut client = authority.initiator().initiate(domain, None).unwrap();
    let mut server = authority.receiver_for(DOMAIN).receive(Some(domain), None).unwrap();
    let mut received = RecvBuffer::new(1 << 16);
    while client.is_handshaking() || server.is_handshaking() {
        let mut wire = Vec::new();
        client.encrypt(&[], &mut wire);
        server.decrypt(&mut &wire[..], &mut received).unwrap();
        wire.clear();
        server.encrypt(&[], &mut wire);
        client.decrypt(&mut &wire[..], &mut received).unwrap();
    }
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    assert_eq!(client.encrypt(b"<good/>", &mut good), 7);
    assert_eq!(client.encrypt(b"<bad/>", &mut bad), 6);
    *bad.last_mut().unwrap() ^= 1;
    good.append(&mut bad);
    assert!(server.decrypt(&mut &good[..], &mut received).is_err());
    assert_eq!(received.unread(), 7);
}

#[test]
fn bytes_and_the_end_read_at_once_are_told_in_order() {
    for each_byte in [false, true] {
        let mut ends = Ends::established(&Authority::new());
        ends.client.send(&Message::builder(MessageType::Chat).with_body("last words")).unwrap();
        ends.client.close(T0, None);
        let (bytes, _) = ends.turn_client();
        if each_byte {
            for byte in &bytes {
                ends.feed_server(&[*byte]);
            }
        } else {
            feed(&mut ends.server, &mut &bytes[..]);
        }
        ends.server.handle_eof();
        let (_, state) = ends.turn_server();
        assert_eq!(state, State::Closed);
        let log = &ends.logs[1];
        assert!(log[log.len() - 2].contains("last words"), "{log:#?}");
        assert_eq!(log.last().unwrap(), "Closed { error: None }");
    }
}

#[test]
fn tcp_is_not_ended_before_the_peers_close_notify() {
    // 6120-4.4-02
    let mut ends = Ends::established(&Authority::new());
    ends.client.close(T0, None);
    let (bytes, _) = ends.turn_client();
    feed(&mut ends.server, &mut &bytes[..]);
    let (bytes, state) = ends.turn_server();
    assert_eq!(state, State::Waits, "the server waits for the client's close_notify");
    feed(&mut ends.client, &mut &bytes[..]);
    let (bytes, state) = ends.turn_client();
    assert_eq!(state, State::Closed);
    feed(&mut ends.server, &mut &bytes[..]);
    assert_eq!(ends.turn_server().1, State::Closed);
}

#[test]
fn a_closed_stream_has_a_deadline_until_its_transport_is_closed() {
    // A client that does not read, with megabytes waiting, and then closes.
    let mut ends = Ends::established(&Authority::new());
    ends.client.close(T0, None);
    let (bytes, _) = ends.turn_client();
    let large = Message::builder(MessageType::Chat).with_body("x".repeat(1 << 18));
    for _ in 0..24 {
        ends.server.send(&large).unwrap();
    }
    feed_despite_backlog(&mut ends.server, &bytes);
    let mut closed = false;
    let by = loop {
        match ends.server.poll(T0).unwrap() {
            Output::Event(Event::Closed { error: None }) => closed = true,
            Output::Event(event) => panic!("{event:?}"),
            Output::Transmit(_) => {
                break ends.server.poll_timeout().expect("a deadline").at;
            }
            output => panic!("{output:?}"),
        }
    };
    assert!(closed, "the session is over for the host at once");
    assert!(matches!(ends.server.poll(by), Ok(Output::Closed)), "bytes or not");
    assert_eq!(ends.server.poll_timeout().map(|deadline| deadline.reason), None);
}

/// Reading had begun before so much was waiting to be sent.
fn feed_despite_backlog(server: &mut Server, bytes: &[u8]) {
    assert!(server.recv_buf().is_none(), "reading stops while too much waits");
    let backlog = server.backlog();
    assert!(backlog > 6 << 20, "{backlog}");
    // All is sent but the reading's worth, then it waits again.
    while server.recv_buf().is_none() {
        let Ok(Output::Transmit(sent)) = server.poll(T0) else { panic!() };
        let n = sent.len();
        server.transmitted(n);
    }
    feed(server, &mut &*bytes);
}

#[test]
fn reading_stops_while_too_much_waits_to_be_sent() {
    let mut ends = Ends::established(&Authority::new());
    let message = Message::builder(MessageType::Chat).with_body("x".repeat(1000));
    while ends.server.recv_buf().is_some() {
        ends.server.send(&message).unwrap();
        assert!(ends.server.backlog() < (256 << 10) + 2000, "the default of StreamLimits::backlog");
    }
    let (_, state) = ends.turn_server();
    assert_eq!(state, State::Waits);
    assert!(ends.server.recv_buf().is_some(), "it goes on once that is sent");
}

#[test]
fn counts_of_bytes_are_clamped() {
    let mut ends = Ends::established(&Authority::new());
    ends.client.send(&Message::builder(MessageType::Chat).with_body("x")).unwrap();
    assert!(matches!(ends.client.poll(T0), Ok(Output::Transmit(_))));
    ends.client.transmitted(usize::MAX);
    assert!(matches!(ends.client.poll(T0), Ok(Output::Wait(_))));
    ends.client.recv_buf().unwrap();
    ends.client.handle_read(usize::MAX);
    assert!(matches!(ends.client.poll(T0), Ok(Output::Event(Event::Closed { error: Some(_) }))));
}

#[test]
fn the_wrong_application_protocol_ends_the_connection() {
    // XEP-0368: what ALPN agreed on is what is spoken.
    let authority = Authority::new();
    let mut client = client_config();
    client.tls = TlsMode::Direct;
    let mut server = ServerConfig::default();
    server.tls = TlsMode::Direct;
    let roots = authority.roots();
    let mut config = rustls::ClientConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_root_certificates(roots)
    .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let initiator = Arc::new(RustlsInitiator::new(Arc::new(config)));
    let receiver = authority.receiver_for(DOMAIN);
    let mut ends = Ends::new(client, server, initiator, receiver);
    let [client, server] = ends.drive();
    assert!(matches!(client, State::Failed(Error::Tls(_))), "{client:?}");
    assert!(matches!(server, State::Failed(Error::Tls(_))), "{server:?}");
}

#[test]
fn memory_comes_back_when_it_is_quiet() {
    let mut ends = Ends::established(&Authority::new());
    let large = Message::builder(MessageType::Chat).with_body("x".repeat(200_000));
    for _ in 0..5 {
        ends.client.send(&large).unwrap();
        ends.server.send(&large).unwrap();
        ends.drive();
    }
    let quiet = ends.client.poll_timeout().unwrap();
    assert_eq!(quiet.reason, TimerReason::Quiet);
    ends.now = quiet.at;
    ends.drive();
    for held in [ends.client.held_bytes(), ends.server.held_bytes()] {
        assert!(held < 1024, "{held} bytes");
    }
    assert_ne!(ends.client.poll_timeout().unwrap().reason, TimerReason::Quiet, "once");
}

#[test]
fn what_is_read_into_is_held() {
    let mut ends = Ends::established(&Authority::new());
    ends.now = ends.client.poll_timeout().unwrap().at;
    ends.turn_client();
    assert!(ends.client.held_bytes() < 1024);
    // Room for a whole record (RFC 8446 section 5.2), and nothing else.
    let room = ends.client.recv_buf().unwrap().len();
    let held = ends.client.held_bytes();
    assert!(room > 1 << 14 && (room..room + 1024).contains(&held), "{held} for {room}");
}

fn chat(body: &str) -> xmpp_core::stanza::MessageBuilder {
    Message::builder(MessageType::Chat).with_body(body)
}

#[test]
fn what_waits_is_what_is_ready_and_what_is_not() {
    let mut ends = Ends::established(&Authority::new());
    assert_eq!(ends.client.backlog(), 0);
    ends.client.send(&chat("ready")).unwrap();
    assert!(matches!(ends.client.poll(T0), Ok(Output::Transmit(_))));
    let ready = ends.client.transmit().len();
    assert_eq!(ends.client.backlog(), ready);
    let body = "x".repeat(5000);
    ends.client.send(&chat(&body)).unwrap();
    assert_eq!(ends.client.transmit().len(), ready);
    let backlog = ends.client.backlog();
    assert!((ready + 5000..ready + 5100).contains(&backlog), "{backlog}");
    ends.client.transmitted(1);
    assert_eq!(ends.client.backlog(), backlog - 1);
}

#[test]
fn nothing_is_sent_on_a_broken_transport() {
    let mut ends = Ends::established(&Authority::new());
    ends.client.send(&chat("lost")).unwrap();
    assert!(matches!(ends.client.poll(T0), Ok(Output::Transmit(_))));
    ends.client.handle_broken_transport();
    assert_eq!((ends.client.transmit(), ends.client.backlog()), (&b""[..], 0));
    assert!(matches!(ends.client.poll(T0), Ok(Output::Event(Event::Closed { .. }))));
    assert!(!matches!(ends.client.poll(T0), Ok(Output::Transmit(_))));
}

/// A socket that is closed with bytes unread throws away what it has sent last. So whoever
/// sends an alert waits for the peer's end, and whoever gets one does not.
#[test]
fn the_end_of_a_peer_that_has_sent_an_alert_is_not_waited_for() {
    let mut ends = Ends::established(&Authority::new());
    ends.client.send(&chat("bad")).unwrap();
    let (mut bad, _) = ends.turn_client();
    *bad.last_mut().unwrap() ^= 1;
    feed(&mut ends.server, &mut &bad[..]);
    let (mut alert, mut shuts) = (Vec::new(), 0);
    loop {
        match ends.server.poll(T0) {
            Ok(Output::Transmit(bytes)) => {
                alert.extend_from_slice(bytes);
                let n = bytes.len();
                ends.server.transmitted(n);
            }
            Ok(Output::Shutdown) => shuts += 1,
            Ok(Output::Event(event)) => assert!(matches!(event, Event::Closed { .. })),
            Ok(Output::Wait(_)) => break,
            other => panic!("{other:?}"),
        }
    }
    assert!(!alert.is_empty() && shuts == 1);
    feed(&mut ends.client, &mut &alert[..]);
    let told = ends.client.poll(T0);
    assert!(matches!(told, Ok(Output::Event(Event::Closed { error: Some(_) }))), "{told:?}");
    let ended = loop {
        match ends.client.poll(T0) {
            Ok(Output::Transmit(bytes)) => {
                let n = bytes.len();
                ends.client.transmitted(n);
            }
            Err(error) => break error,
            other => panic!("{other:?}"),
        }
    };
    assert!(matches!(&ended, Error::Tls(error) if error.kind() == TlsErrorKind::Alert), "{ended}");
}

/// A driver that reads whenever there is room, and looks at one event at a time: what does
/// not fit waits in its records.
#[test]
fn nothing_is_lost_while_the_stream_has_no_room() {
    let mut ends = Ends::established(&Authority::new());
    let body = "x".repeat(2000);
    for _ in 0..400 {
        ends.client.send(&chat(&body)).unwrap();
    }
    let (bytes, _) = ends.turn_client();
    let (mut rest, mut stanzas, mut waited) = (&bytes[..], 0, false);
    loop {
        match ends.server.poll(T0) {
            Ok(Output::Event(Event::Stanza(_))) => stanzas += 1,
            Ok(Output::Event(event)) => panic!("{event:?}"),
            Ok(Output::Transmit(bytes)) => {
                let n = bytes.len();
                ends.server.transmitted(n);
            }
            Ok(Output::Wait(_)) if rest.is_empty() => break,
            Ok(_) => {}
            Err(error) => panic!("{error}"),
        }
        if ends.server.wants_read() {
            feed(&mut ends.server, &mut rest);
        } else {
            waited = true;
        }
    }
    assert_eq!(stanzas, 400);
    assert!(waited, "the test fills the buffer");
}
