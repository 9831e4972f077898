//! The packaged tier as a driver sees it: events that are lent, answers while one
//! looks, TLS by host, components.

#![cfg(feature = "tls")]

mod answers;
mod buffers;
#[path = "../common/mod.rs"]
mod common;
mod engine;
mod held_up;
mod peers;
mod plain;
mod sasl2;
mod sending;
mod std_io;
mod taps;

use std::sync::{Arc, Mutex};

use common::tls::{Authority, State};
use common::{DOMAIN, T0, client_config, describe, host_config};
use xmpp_core::config::TlsMode;
use xmpp_core::jid::{Domainpart, DomainpartRef, FullJid, Jid};
use xmpp_core::role::{ClientToServer, Role, ServerFromClient};
use xmpp_core::sasl::Secret;
use xmpp_core::stanza::ping::Ping;
use xmpp_core::stanza::{Iq, Message, MessageType, Presence, PresenceType};
use xmpp_core::tls::rustls::RustlsReceiver;
use xmpp_core::tls::{TlsError, TlsReceiver, TlsSession};
use xmpp_core::{
    Client, Component, ComponentConfig, ComponentServer, ComponentServerConfig,
    ComponentServerEvent, Endpoint, Error, Event, Lent, Output, SendError, Server, ServerConfig,
    ServerEvent,
};

/// Does what the endpoint says, and hands what it sends to the other.
fn turn<R: Role, O: Role>(
    endpoint: &mut Endpoint<R>,
    other: &mut Endpoint<O>,
    mut look: impl FnMut(Lent<'_, R>),
) -> (bool, State) {
    let mut moved = false;
    loop {
        let bytes = match endpoint.poll_lent(T0) {
            Ok(Output::Event(lent)) => {
                look(lent);
                moved = true;
                continue;
            }
            Ok(Output::Transmit(bytes)) => bytes,
            Ok(Output::Shutdown) => continue,
            Ok(Output::Wait(_)) => return (moved, State::Waits),
            Ok(Output::Closed) => {
                other.handle_eof();
                return (moved, State::Closed);
            }
            Err(error) => {
                other.handle_eof();
                return (moved, State::Failed(error));
            }
        };
        let Some(room) = other.recv_buf() else { return (moved, State::Waits) };
        let n = room.len().min(bytes.len());
        room[..n].copy_from_slice(&bytes[..n]);
        other.handle_read(n);
        endpoint.transmitted(n);
        return (true, State::Waits);
    }
}

fn serve(lent: Lent<'_, ServerFromClient>) {
    let Lent { event, mut answer } = lent;
    match event {
        Event::Role(ServerEvent::HostWanted(query)) => {
            answer.choose_host(query, Arc::new(host_config())).unwrap();
        }
        Event::Role(ServerEvent::CredentialsWanted(query)) => {
            let found = common::answer(query.query());
            answer.provide_credentials(query, found).unwrap();
        }
        Event::Role(ServerEvent::BindWanted(query)) => {
            let jid = FullJid::new(&format!("{}/x", query.account())).unwrap();
            answer.bind(query, jid).unwrap();
        }
        // Passed back while one looks at it: it is neither parsed nor copied.
        Event::Stanza(stanza) => {
            let echo = [("from", Some("echo@example.com")), ("to", None)];
            answer.forward(stanza.element(), &echo).unwrap();
        }
        _ => {}
    }
}

#[test]
fn a_stanza_is_passed_on_while_it_is_looked_at() {
    let mut client = Client::connect_dangerous_plaintext(Arc::new(client_config()), T0, [1; 32]);
    let config = Arc::new(ServerConfig::default());
    let mut server = Server::accept_dangerous_plaintext(config, T0, [2; 32]);
    let mut echoed = Vec::new();
    loop {
        let look = |lent: Lent<'_, ClientToServer>| {
            let Lent { event, mut answer } = lent;
            match event {
                Event::Established { .. } => {
                    answer.send(&Presence::builder(PresenceType::Available)).unwrap();
                    let message = Message::builder(MessageType::Chat).with_body("a & b");
                    answer.send(&message).unwrap();
                    let two = [message.clone(), message];
                    assert_eq!(answer.send(&two[..]), Err(SendError::NotOneElement));
                    let nonza = answer.send_nonza(&Presence::builder(PresenceType::Available));
                    assert_eq!(nonza, Err(SendError::NotOneElement));
                }
                Event::Stanza(stanza) => {
                    echoed.push(stanza.element().source().to_owned());
                    if echoed.len() == 2 {
                        answer.close(None);
                    }
                }
                _ => {}
            }
        };
        let (first, client_state) = turn(&mut client, &mut server, look);
        let (second, server_state) = turn(&mut server, &mut client, serve);
        if !first && !second && client_state != State::Waits {
            assert_eq!([client_state, server_state], [State::Closed, State::Closed]);
            break;
        }
    }
    let [presence, message] = &echoed[..] else { panic!("{echoed:#?}") };
    assert_eq!(presence, "<presence from='echo@example.com'/>");
    assert!(message.starts_with("<message type='chat' from='echo@example.com'"), "{message}");
    assert!(message.contains("<body>a &amp; b</body>"), "{message}");
}

/// A host, and the protocol that TLS is to negotiate.
type Asked = (Option<String>, Option<&'static [u8]>);

/// Picks by the host that it is told, and remembers.
struct ByHost {
    receiver: Arc<RustlsReceiver>,
    asked: Mutex<Vec<Asked>>,
}

impl TlsReceiver for ByHost {
    fn receive(
        &self,
        host: Option<DomainpartRef<'_>>,
        alpn: Option<&'static [u8]>,
    ) -> Result<Box<dyn TlsSession>, TlsError> {
        let name = host.as_ref().map(|host| host.as_str().to_owned());
        self.asked.lock().unwrap().push((name, alpn));
        self.receiver.receive(host, alpn)
    }
}

#[test]
fn tls_is_chosen_once_the_host_is_known() {
    for direct in [false, true] {
        let authority = Authority::new();
        let tls =
            Arc::new(ByHost { receiver: authority.receiver_for(DOMAIN), asked: Mutex::default() });
        let (mut client, mut server) = (client_config(), ServerConfig::default());
        if direct {
            client.tls = TlsMode::Direct;
            server.tls = TlsMode::Direct;
        }
        let initiator = authority.initiator();
        let mut client = Client::connect(Arc::new(client), initiator, T0, [1; 32]).unwrap();
        let mut server = Server::accept(Arc::new(server), tls.clone(), T0, [2; 32]).unwrap();
        while turn(&mut client, &mut server, |_| {}).0 | turn(&mut server, &mut client, serve).0 {}
        assert!(client.bound().is_some());
        let (host, alpn) = tls.asked.lock().unwrap().pop().unwrap();
        if direct {
            // XEP-0368: the handshake itself says the host, and the protocol.
            assert_eq!((host, alpn), (None, Some(&b"xmpp-client"[..])));
            assert_eq!(server.tls_facts().unwrap().alpn, Some(&b"xmpp-client"[..]));
        } else {
            assert_eq!((host.as_deref(), alpn), (Some(DOMAIN), None));
        }
    }
}

#[test]
fn a_component_has_the_same_loop() {
    let domain = Domainpart::new("echo.example.com").unwrap();
    let config = ComponentConfig::new(domain, Secret::from("secret"));
    let mut component = Component::connect_component(Arc::new(config), T0, [1; 32]);
    let config = Arc::new(ComponentServerConfig::default());
    let mut server = ComponentServer::accept_component(config, T0, [2; 32]);
    let mut log = Vec::new();
    loop {
        let (first, _) = turn(&mut component, &mut server, |Lent { event, mut answer }| {
            if let Event::Stanza(stanza) = &event {
                let back = [
                    ("from", Some("a@echo.example.com")),
                    ("to", Some("juliet@example.com/balcony")),
                ];
                answer.forward(stanza.element(), &back).unwrap();
            }
        });
        let (second, _) = turn(&mut server, &mut component, |Lent { event, mut answer }| {
            log.push(describe(&event));
            match event {
                Event::Role(ComponentServerEvent::ComponentWanted(query)) => {
                    answer.provide_secret(query, Secret::from("secret")).unwrap();
                }
                Event::Established { .. } => {
                    let message = Message::builder(MessageType::Chat)
                        .with_from(Jid::new("juliet@example.com/balcony").unwrap())
                        .with_to(Jid::new("a@echo.example.com").unwrap())
                        .with_body("hello");
                    answer.send(&message).unwrap();
                }
                _ => {}
            }
        });
        if !first && !second {
            break;
        }
    }
    assert_eq!(server.component().unwrap().as_str(), "echo.example.com");
    let last = log.last().unwrap();
    assert!(last.starts_with("stanza <message from='a@echo.example.com'"), "{last}");
}

#[test]
fn a_broken_transport_is_told_and_does_not_hide_the_reason() {
    let config = Arc::new(ServerConfig::default());
    let mut server = Server::accept_dangerous_plaintext(config, T0, [2; 32]);
    let room = server.recv_buf().unwrap();
    room[..9].copy_from_slice(b"no stream");
    server.handle_read(9);
    assert!(matches!(server.poll(T0), Ok(Output::Event(Event::Closed { error: Some(_) }))));
    assert!(matches!(server.poll(T0), Ok(Output::Transmit(_))));
    server.handle_broken_transport();
    for _ in 0..2 {
        let error = server.poll(T0).unwrap_err();
        assert!(matches!(error, Error::Xml(_)), "{error:?}");
    }
}

#[test]
fn the_end_point_is_the_servers_certificate_even_if_clients_show_theirs() {
    // RFC 5929 section 4.1: "the hash of the TLS server's certificate".
    use rcgen::{CertificateParams, KeyPair};
    use rustls::pki_types::PrivateKeyDer;
    use rustls::server::WebPkiClientVerifier;
    use xmpp_core::tls::rustls::RustlsInitiator;

    let authority = Authority::new();
    let provider = || Arc::new(rustls::crypto::ring::default_provider());
    let identity = |name: &str| {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &authority.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        (vec![certificate.der().clone()], key)
    };
    let roots = Arc::new(authority.roots());
    let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider()).build().unwrap();
    let (chain, key) = identity(DOMAIN);
    let config = rustls::ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .unwrap();
    let receiver = Arc::new(RustlsReceiver::new(Arc::new(config)));
    let (chain, key) = identity("juliet.example");
    let config = rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(authority.roots())
        .with_client_auth_cert(chain, key)
        .unwrap();
    let initiator = Arc::new(RustlsInitiator::new(Arc::new(config)));
    let config = Arc::new(client_config());
    let mut client = Client::connect(config, initiator, T0, [1; 32]).unwrap();
    let config = Arc::new(ServerConfig::default());
    let mut server = Server::accept(config, receiver, T0, [2; 32]).unwrap();
    while turn(&mut client, &mut server, |_| {}).0 | turn(&mut server, &mut client, serve).0 {}
    assert!(client.bound().is_some());
    let facts = server.tls_facts().unwrap();
    assert!(facts.peer_certificate.is_some(), "the client's");
    // Which of its certificates the server showed, rustls does not tell it.
    assert_eq!(facts.server_end_point, None);
    assert!(client.tls_facts().unwrap().server_end_point.is_some());
}

/// The server sends what it gets back to its sender, in another's name: so a client that
/// asks is asked the same.
#[test]
fn who_looks_may_ask_and_claim() {
    for claims in [false, true] {
        let config = Arc::new(client_config());
        let mut client = Client::connect_dangerous_plaintext(config, T0, [1; 32]);
        let config = Arc::new(ServerConfig::default());
        let mut server = Server::accept_dangerous_plaintext(config, T0, [2; 32]);
        let (mut asked, mut told) = (None, Vec::new());
        for _ in 0..60 {
            let look = |lent: Lent<'_, ClientToServer>| {
                let Lent { event, mut answer } = lent;
                match event {
                    Event::Established { .. } => {
                        let to = Jid::new("echo@example.com").unwrap();
                        let timeout = core::time::Duration::from_secs(9);
                        let sent = answer.request(Iq::get("", &Ping).with_to(to), timeout);
                        asked = Some(sent.unwrap());
                    }
                    Event::Stanza(stanza) if stanza.stanza().unwrap().is_request() => {
                        told.push("asked");
                        assert!(!claims || answer.claim());
                    }
                    // The refusal of what it was asked comes back in the same way.
                    Event::Answered { request, answer } => {
                        assert_eq!(Some(request), asked);
                        assert!(answer.stanza().unwrap().is_error());
                        told.push("answered");
                    }
                    _ => {}
                }
            };
            turn(&mut client, &mut server, look);
            turn(&mut server, &mut client, serve);
        }
        let expected: &[&str] = if claims { &["asked"] } else { &["asked", "answered"] };
        assert_eq!(told, expected);
    }
}

#[test]
fn what_stream_management_held_is_given_back_when_it_is_quiet() {
    use xmpp_core::stream_management::StreamManagement;
    use xmpp_core::time::TimerReason;

    let mut client = Client::connect_dangerous_plaintext(Arc::new(client_config()), T0, [1; 32]);
    let config = Arc::new(ServerConfig::default());
    let mut server = Server::accept_dangerous_plaintext(config, T0, [2; 32]);
    let mut drive = |client: &mut Client| {
        let managed = |Lent { event, mut answer }: Lent<'_, ServerFromClient>| match event {
            Event::Role(ServerEvent::HostWanted(query)) => {
                let mut host = host_config();
                host.stream_management = Some(StreamManagement::of_server());
                answer.choose_host(query, Arc::new(host)).unwrap();
            }
            Event::Stanza(_) => {}
            event => serve(Lent { event, answer }),
        };
        while turn(client, &mut server, |_| {}).0 | turn(&mut server, client, managed).0 {}
    };
    drive(&mut client);
    // An acknowledgement is requested after ten.
    for _ in 0..10 {
        client.send(&Message::builder(MessageType::Chat).with_body("x".repeat(100))).unwrap();
    }
    drive(&mut client);
    let held = |client: &Client| {
        let waits = client.stream_management().expect("it is on").unacknowledged();
        assert!(waits.is_empty());
        waits.held_bytes()
    };
    assert!(held(&client) > 0, "for what comes next");
    let quiet = client.poll_timeout().unwrap();
    assert_eq!(quiet.reason, TimerReason::Quiet);
    assert!(matches!(client.poll(quiet.at), Ok(Output::Wait(_))));
    assert_eq!(held(&client), 0);
}
