//! What the buffers hold, what waits in them, and when they take no more.

use std::sync::Arc;

use xmpp_core::config::TlsMode;
use xmpp_core::jid::Domainpart;
use xmpp_core::sasl::Secret;
use xmpp_core::tls::TlsFacts;
use xmpp_core::xml::{Framing, ns};
use xmpp_core::{Client, Component, ComponentConfig, Event, Output, Server, ServerConfig};

use crate::common::{T0, client_config};
use crate::engine::{Engine, Input};
use crate::plain::Ends;

const HELLO: &[u8] = b"a hello of TLS";

fn under_tls(takes: bool) -> Client {
    let mut config = client_config();
    config.tls = TlsMode::Direct;
    let input = if takes { Input::Taken } else { Input::Kept };
    let engine = Arc::new(Engine { says: HELLO, input });
    Client::connect(Arc::new(config), engine, T0, [1; 32]).unwrap()
}

#[test]
fn what_waits_is_counted_with_and_without_tls() {
    for mut client in [
        under_tls(true),
        Client::connect_dangerous_plaintext(Arc::new(client_config()), T0, [1; 32]),
    ] {
        let Ok(Output::Transmit(bytes)) = client.poll(T0) else { panic!("nothing to say") };
        let total = bytes.len();
        assert!(total >= HELLO.len());
        assert_eq!(client.backlog(), total);
        for (sent, left) in [(3, total - 3), (total - 4, 1), (1, 0)] {
            client.transmitted(sent);
            assert_eq!(client.backlog(), left);
            assert_eq!(client.transmit().len(), left);
        }
    }
}

#[test]
fn what_the_buffers_hold_is_the_sum_of_them() {
    // What was sent, and nothing received yet.
    let client = Client::connect_dangerous_plaintext(Arc::new(client_config()), T0, [1; 32]);
    let sent = client.held_bytes();
    assert!(sent >= client.backlog() && client.backlog() > 0, "{sent}");
    // Room for what comes is memory, in the clear and for records.
    for mut client in [client, under_tls(true)] {
        let before = client.held_bytes();
        let room = client.recv_buf().unwrap().len();
        let with_room = client.held_bytes();
        assert!(with_room >= before + room, "{before} and {room} are not {with_room}");
        let backlog = client.backlog();
        let Ok(Output::Transmit(_)) = client.poll(T0) else { panic!("nothing to say") };
        let made = client.backlog() - backlog;
        assert!(client.held_bytes() >= with_room + made, "{with_room} and {made}");
    }
}

/// "Never an empty slice", and no room while what came was not taken.
#[test]
fn there_is_room_for_records_once_those_before_are_taken() {
    for takes in [true, false] {
        let mut client = under_tls(takes);
        assert!(client.wants_read());
        client.recv_buf().unwrap()[..3].copy_from_slice(b"abc");
        client.handle_read(3);
        assert!(!client.wants_read() && client.recv_buf().is_none());
        while !matches!(client.poll(T0), Ok(Output::Transmit(_) | Output::Wait(_))) {}
        assert_eq!(client.wants_read(), takes);
        assert_eq!(client.recv_buf().is_some(), takes);
    }
}

/// Without TLS, too, before and whether or not there will be any.
#[test]
fn a_full_buffer_wants_nothing() {
    let plain = Server::accept_dangerous_plaintext(Arc::default(), T0, [2; 32]);
    let receiver = Arc::new(Engine { says: HELLO, input: Input::Taken });
    let before_tls =
        Server::accept(Arc::new(ServerConfig::default()), receiver, T0, [2; 32]).unwrap();
    for mut server in [plain, before_tls] {
        let mut taken = 0;
        while let Some(room) = server.recv_buf() {
            let n = room.len();
            room.fill(b' ');
            server.handle_read(n);
            taken += n;
            assert!(taken < 1 << 24, "without bounds");
        }
        assert!(taken > 0 && !server.wants_read());
    }
}

/// "While more than `backlog` bytes wait to be sent", nothing is read.
#[test]
fn reading_stops_above_the_backlog() {
    let waits = Ends::new().client.backlog();
    for (backlog, reads) in [(waits - 1, false), (waits, true), (waits + 1, true)] {
        let mut config = client_config();
        config.limits.backlog = backlog;
        let mut client = Client::connect_dangerous_plaintext(Arc::new(config), T0, [1; 32]);
        assert_eq!(client.backlog(), waits);
        assert_eq!(client.wants_read(), reads, "{backlog}");
        assert_eq!(client.recv_buf().is_some(), reads, "{backlog}");
        client.transmitted(1);
        assert!(client.wants_read());
    }
}

#[test]
fn the_context_is_that_of_the_stream() {
    let client = Ends::new().client;
    assert_eq!((client.context().content, client.context().framing), (ns::CLIENT, Framing::Stream));
    let config = Arc::new(client_config());
    let client = Client::connect_websocket(config, TlsFacts::new(), T0, [1; 32]);
    assert_eq!(client.context().framing, Framing::WebSocket);
    let domain = Domainpart::new("echo.example.com").unwrap();
    let config = Arc::new(ComponentConfig::new(domain, Secret::from("secret")));
    let component = Component::connect_component(config, T0, [1; 32]);
    assert_eq!(component.context().content, ns::COMPONENT_ACCEPT);
    assert_eq!(component.context().framing, Framing::Stream);
}

/// RFC 7395 section 3.6.1, while one looks at an event.
#[test]
fn who_looks_may_send_a_client_elsewhere() {
    let config = Arc::new(client_config());
    let mut client = Client::connect_websocket_dangerous_plaintext(config, T0, [1; 32]);
    let mut server = Server::accept_websocket_dangerous_plaintext(Arc::default(), T0, [2; 32]);
    let (mut told, mut asked) = (Vec::new(), false);
    for _ in 0..20 {
        match client.poll(T0).unwrap() {
            Output::Transmit(message) => {
                let n = message.len();
                assert!(server.handle_message(message));
                client.transmitted(n);
            }
            Output::Event(Event::SeeOtherUri { uri }) => told.push(uri),
            _ => {}
        }
        match server.poll_lent(T0).unwrap() {
            Output::Event(mut lent) if !core::mem::replace(&mut asked, true) => {
                let shown = format!("{:?}", lent.answer);
                assert!(shown.starts_with("Answer { connection: Connection"), "{shown}");
                lent.answer.close_see_other_uri("wss://other.example/ws").unwrap();
            }
            Output::Transmit(message) => {
                let n = message.len();
                assert!(client.handle_message(message));
                server.transmitted(n);
            }
            _ => {}
        }
    }
    assert_eq!(told, ["wss://other.example/ws"]);
}
